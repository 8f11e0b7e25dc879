"""Reminders of what members owe: prepared, sent, stopped or settled. One for each member, duty, step and stretch.

prepared ─(a person sends it)─> sent ─(it came)─> settled
    │  ▲                          └─(the fault is ours, and the mail has not gone out)─> stopped
    ├──┼─(it came)─> settled
    └──┴─(the fault is ours: it may be prepared anew; or a person)─> stopped
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.silences import Silence
from hub.rules.urging import Gap, Step, Turn, Urged
from hub.store import mailing
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, moment
from hub.store.scoping import within
from hub.store.states import MailState, ReminderState
from hub.store.unit import ENGINE, Store, Unit

#: Of a turn: the state that it ends in.
_ENDS = {Turn.STOPS: ReminderState.STOPPED, Turn.SETTLED: ReminderState.SETTLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """A reminder with its gap as it was when it was written."""

    id: int
    member: str
    duty: str
    step: Step
    until: date  #: last day of the stretch
    state: ReminderState
    gap: Gap
    ended_why: str  #: why it was stopped or settled
    mail: int | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None  #: when it was sent, stopped or settled
    ended_by: str


async def prepare(unit: Unit, gap: Gap, step: Step, *, who: str) -> int | None:
    """Write a reminder; None when there is one. What the hub itself stopped may be written anew."""
    rows = await unit.tx.fetch(
        "INSERT INTO reminder (member, duty, step, until_day, state, why, made_at, made_by)"
        " VALUES (?, ?, ?, ?, 'prepared', ?, ?, ?) ON CONFLICT (member, duty, step, until_day) DO UPDATE"
        " SET state = 'prepared', why = excluded.why, made_at = excluded.made_at, made_by = excluded.made_by,"
        f" ended_at = NULL, ended_by = '' WHERE reminder.state = 'stopped' AND reminder.ended_by = '{ENGINE}'"
        " AND reminder.mail IS NULL RETURNING id",
        gap.member, gap.duty, step, gap.until.isoformat(), _why(gap), unit.at, who,
    )  # fmt: skip
    if not rows:
        return None
    unit.tell("reminder_prepared", who=who, why=_about(rows[0]["id"], gap.member, gap.duty, step))
    return int(rows[0]["id"])


async def sent(unit: Unit, reminder: ReminderRow, *, who: str) -> bool:
    """It goes out, by a mail or on paper; False when somebody else decided about it meanwhile."""
    changed = await unit.tx.execute(
        "UPDATE reminder SET state = 'sent', ended_at = ?, ended_by = ? WHERE id = ? AND state = 'prepared'",
        unit.at, who, reminder.id,
    )  # fmt: skip
    if changed:
        _tell(unit, "reminder_sent", reminder, who=who)
    return bool(changed)


async def mailed(unit: Unit, some: Sequence[ReminderRow], mail: int) -> None:
    """They go out in this mail."""
    await unit.tx.execute(
        f"UPDATE reminder SET mail = ? WHERE id IN ({marks(len(some))})", mail, *(one.id for one in some)
    )


async def end(unit: Unit, reminder: ReminderRow, turn: Turn, *, why: str, who: str, states: Sequence[str]) -> bool:
    """It is stopped or settled, if it is in one of these states still. A mail that did not go out is let go of."""
    state = _ENDS[turn]
    changed = await unit.tx.execute(
        "UPDATE reminder SET state = ?, why = ?, ended_at = ?, ended_by = ?, mail = CASE WHEN CAST(? AS INTEGER) = 1"
        f" THEN NULL ELSE mail END WHERE id = ? AND state IN ({marks(len(states))})",
        state, _why(reminder.gap, why), unit.at, who, int(state is ReminderState.STOPPED), reminder.id, *states,
    )  # fmt: skip
    if changed:
        _tell(unit, f"reminder_{state}", reminder, who=who)
    return bool(changed)


async def reminders(
    store: Store, *, states: Sequence[str] = (), ids: Sequence[int] | None = None, run: int | None = None,
    members: Sequence[str] | None = None, scope: Scope = EVERYWHERE, limit: int = 10_000,
) -> list[ReminderRow]:  # fmt: skip
    """Reminders, newest first; `run` is the letter in which they went out."""
    where, values = within(scope, "r.member")
    conditions, args = [where], list[Any](values)
    for column, some in (("r.state", states or None), ("r.id", ids), ("r.member", members)):
        if some is not None:
            conditions.append(f"{column} IN ({marks(len(some))})")
            args += some
    if run is not None:
        conditions.append("r.mail IN (SELECT id FROM mail WHERE run = ?)")
        args.append(run)
    rows = await store.fetch(
        f"SELECT r.* FROM reminder r WHERE {' AND '.join(conditions)} ORDER BY r.id DESC LIMIT ?", *args, limit
    )
    return [_reminder(row) for row in rows]


async def history(store: Store, zone: ZoneInfo) -> dict[tuple[str, str], list[Urged]]:
    """The steps that were taken and not stopped, by member and duty.

    One that a mail brings was taken when the mail server took it: who never got it was not reminded.
    """
    found: dict[tuple[str, str], list[Urged]] = {}
    for row in await store.fetch(
        "SELECT r.member, r.duty, r.step, r.until_day, r.state, r.ended_at, m.state AS mail, m.settled_at"
        " FROM reminder r LEFT JOIN mail m ON m.id = r.mail WHERE r.state <> 'stopped'"
        f" OR r.ended_by <> '{ENGINE}'"
    ):
        sent = row["state"] == ReminderState.SENT and row["mail"] in (None, MailState.DONE)
        at = row["ended_at"] if row["mail"] is None else row["settled_at"]
        found.setdefault((row["member"], row["duty"]), []).append(
            Urged(
                step=Step(row["step"]), until=date.fromisoformat(row["until_day"]),
                sent=moment(at).astimezone(zone).date() if sent else None,
            )
        )  # fmt: skip
    return found


async def undelivered(store: Store) -> list[ReminderRow]:
    """Reminders that were sent in a mail which the mail server would not have, or which grew too old."""
    rows = await store.fetch(
        "SELECT r.* FROM reminder r JOIN mail m ON m.id = r.mail WHERE r.state = 'sent'"
        " AND m.state IN ('refused', 'parked') ORDER BY r.id"
    )
    return [_reminder(row) for row in rows]


async def taken_back(unit: Unit, reminder: ReminderRow) -> bool:
    """Whether a reminder that was sent waits in a mail that cannot have gone out, and now does not without being judged
    anew: who asks before the end of this unit need not fear that it goes out meanwhile.
    """
    return reminder.mail is not None and await mailing.recalled(unit, reminder.mail)


def _tell(unit: Unit, what: str, reminder: ReminderRow, *, who: str) -> None:
    unit.tell(what, who=who, why=_about(reminder.id, reminder.member, reminder.duty, reminder.step))


def _about(reminder: int, member: str, duty: str, step: str) -> dict[str, Any]:
    return {"reminder": reminder, "member": member, "duty": duty, "step": step}


def _why(gap: Gap, ended: str = "") -> str:
    return orjson.dumps({"gap": asdict(gap), "ended": ended}).decode()


def _reminder(row: Row) -> ReminderRow:
    why = orjson.loads(row["why"])
    return ReminderRow(
        id=row["id"], member=row["member"], duty=row["duty"], step=Step(row["step"]),
        until=date.fromisoformat(row["until_day"]), state=ReminderState(row["state"]), gap=_gap(why["gap"]),
        ended_why=why["ended"], mail=row["mail"], made_at=moment(row["made_at"]), made_by=row["made_by"],
        ended_at=maybe_moment(row["ended_at"]), ended_by=row["ended_by"],
    )  # fmt: skip


def _gap(told: Mapping[str, Any]) -> Gap:
    days = {key: date.fromisoformat(told[key]) for key in ("first", "until")}
    last_item = date.fromisoformat(told["last_item"]) if told["last_item"] else None
    return Gap(**{
        **told, **days, "last_item": last_item, "silence": Silence(told["silence"]),
        "evidence": tuple(told["evidence"]),
    })  # fmt: skip
