"""Records of approvals for a later hour: one row an item, fenced by the revision that was looked at.

Whatever is decided about the edition meanwhile ends the plan in the same transaction: an approval carries it out, a
newer edition, a rejection or a withdrawal makes it void. So a plan that is waiting always speaks of the newest word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.store.instants import micros, moment
from hub.store.states import PlanState
from hub.store.unit import Store, Unit

_OVERTAKEN = "Có phiên bản mới hơn nên lịch đăng không còn hiệu lực. Xem phiên bản mới rồi hẹn giờ lại hoặc duyệt."
_DECIDED = "Phiên bản đã hẹn giờ vừa bị trả lại hoặc từ chối nên lịch đăng không còn hiệu lực."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An approval whose hour has come."""

    content_id: UUID
    revision: int
    at: datetime
    who: str
    why: str


async def plan(
    unit: Unit, content_id: UUID, revision: int, *, at: datetime, who: str, why: str
) -> None:  # fmt: skip
    """Approve this edition then; a plan of the item that was there before is replaced."""
    await unit.tx.execute(
        "INSERT INTO planned (content_id, revision, at, who, why, state, note, sentence, made_at)"
        " VALUES (?, ?, ?, ?, ?, 'waiting', '', '', ?)"
        " ON CONFLICT (content_id) DO UPDATE SET revision = excluded.revision, at = excluded.at, who = excluded.who,"
        " why = excluded.why, state = 'waiting', note = '', sentence = '', made_at = excluded.made_at, ended_at = NULL",
        str(content_id), revision, micros(at), who, why, unit.at,
    )  # fmt: skip
    unit.tell("planned", who=who, content_id=content_id, revision=revision, why={"at": at.isoformat(), "why": why})


async def due(store: Store) -> Sequence[Plan]:
    """Plans whose hour has come, the earliest first."""
    # The second condition says the words of the partial index again (planned_open).
    rows = await store.fetch(
        "SELECT * FROM planned WHERE state = 'waiting' AND state IN ('waiting', 'void') AND at <= ? ORDER BY at",
        micros(store.now()),
    )
    return [
        Plan(
            content_id=UUID(row["content_id"]), revision=row["revision"], at=moment(row["at"]), who=row["who"],
            why=row["why"],
        )
        for row in rows
    ]  # fmt: skip


async def carried_out(unit: Unit, content_id: UUID, revision: int) -> None:
    """This edition is approved, by the plan or before it."""
    if await _end(unit, content_id, PlanState.DONE, "revision = ?", revision):
        unit.tell("plan_carried_out", content_id=content_id, revision=revision)


async def overtaken(unit: Unit, content_id: UUID, revision: int) -> None:
    """There is a newer edition, with this revision."""
    ended = await _end(unit, content_id, PlanState.VOID, "revision < ?", revision, "newer_edition", _OVERTAKEN)
    if ended:
        unit.tell("plan_void", content_id=content_id, revision=revision, why={"code": "newer_edition"})


async def refused(unit: Unit, content_id: UUID, revision: int) -> None:
    """This edition was rejected or returned."""
    ended = await _end(unit, content_id, PlanState.VOID, "revision = ?", revision, "edition_refused", _DECIDED)
    if ended:
        unit.tell("plan_void", content_id=content_id, revision=revision, why={"code": "edition_refused"})


async def failed(unit: Unit, plan: Plan, code: str, sentence: str) -> None:
    """Its hour came, and it cannot be carried out."""
    ended = await _end(unit, plan.content_id, PlanState.VOID, "revision = ?", plan.revision, code[:64], sentence)
    if ended:
        unit.tell("plan_void", content_id=plan.content_id, revision=plan.revision, why={"code": code})


async def cancelled(unit: Unit, content_id: UUID, *, who: str, why: str) -> int | None:
    """Somebody takes the plan away, also one that is void. Returns its revision; None when there is none."""
    rows = await unit.tx.fetch(
        "UPDATE planned SET state = 'cancelled', ended_at = ? WHERE content_id = ? AND state IN ('waiting', 'void')"
        " RETURNING revision",
        unit.at, str(content_id),
    )  # fmt: skip
    for row in rows:
        unit.tell("plan_cancelled", who=who, content_id=content_id, revision=row["revision"], why={"why": why})
    return rows[0]["revision"] if rows else None


async def _end(
    unit: Unit, content_id: UUID, state: PlanState, which: str, revision: int, note: str = "", sentence: str = ""
) -> int:  # fmt: skip
    return await unit.tx.execute(
        "UPDATE planned SET state = ?, note = ?, sentence = ?, ended_at = ?"
        f" WHERE content_id = ? AND state = 'waiting' AND {which}",
        state, note, sentence, unit.at, str(content_id), revision,
    )  # fmt: skip
