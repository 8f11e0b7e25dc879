"""How are the destinations? Queues by state, errors with their sentence, until when they wait, their last calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.queries.status import LATE
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.retry import UNTOLD
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros, moment
from hub.store.restricting import shown_title
from hub.store.scoping import within
from hub.store.unit import Store

#: Calls that are looked through for those of the last day: a destination at 20 a second makes them in three hours.
LOOKED_AT: Final = 200_000
#: What a queue is counted by, in the order in which somebody should look at it.
DEPTHS: Final = ("unknown", "refused", "parked", "late", "held", "asked", "waiting", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationLine:
    """One destination as a list shows it."""

    name: str
    connector: str
    state: str  #: active, paused, blocked
    fault_code: str
    sentence: str
    since: datetime | None
    failures: int  #: calls in a row that came to nothing
    open_until: datetime | None  #: nothing is sent before: it told us to wait, or too many calls failed
    token_ends: datetime | None  #: access that a person has to renew
    depths: Mapping[str, int]  #: deliveries by DEPTHS; `late` are among `waiting`

    @property
    def needs_somebody(self) -> bool:
        """Whether it is anything but well."""
        return self.state == "blocked" or bool(self.fault_code) or any(self.depths[d] for d in DEPTHS[:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDelivery:
    """One item that a destination does not show yet."""

    id: int
    content_id: str
    title: str  #: empty where only the duty officer may see it
    state: str
    since: datetime
    due_at: datetime
    attempts: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Deliveries that one error keeps back."""

    code: str
    sentence: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Hour:
    """Calls of one hour, by outcome: done, refused, later, unknown, open."""

    begins: datetime
    outcomes: Mapping[str, int]


async def destinations(store: Store, *, scope: Scope = EVERYWHERE, name: str = "") -> list[DestinationLine]:
    """Destinations in use, those that need somebody first; their queues hold what the scope may see."""
    chosen, values = (" AND name = ?", (name,)) if name else ("", ())
    rows = await store.fetch(f"SELECT * FROM destination WHERE state <> 'removed'{chosen} ORDER BY name", *values)
    depths = await _depths(store, scope, name)
    ends = {
        row["destination"]: datetime.fromisoformat(row["value"])
        for row in await store.fetch(
            "SELECT destination, value FROM memory WHERE key = 'token_ends' AND secret = 0 AND value IS NOT NULL"
        )
    }
    now = store.now()
    found = [_line(row, depths.get(row["name"], {}), ends.get(row["name"]), now) for row in rows]
    return sorted(found, key=lambda line: (not line.needs_somebody, line.name))


async def _depths(store: Store, scope: Scope, name: str) -> dict[str, dict[str, int]]:
    where, values = within(scope, "i.member")
    join = " JOIN item i ON i.content_id = d.content_id" if scope.members is not None else ""
    if name:
        where, values = f"{where} AND d.destination = ?", (*values, name)
    rows = await store.fetch(
        "SELECT d.destination, d.state, count(*) AS n, sum(CASE WHEN d.wanted_at < ? THEN 1 ELSE 0 END) AS late,"
        f" sum(CASE WHEN d.error_code = ? THEN 1 ELSE 0 END) AS untold FROM delivery d{join} WHERE {where}"
        " GROUP BY d.destination, d.state",
        micros(store.now() - LATE), UNTOLD, *values,
    )  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        counts, state, many = found.setdefault(row["destination"], dict.fromkeys(DEPTHS, 0)), row["state"], row["n"]
        if state in ("ready", "sending"):
            counts["waiting"] += many
            counts["late"] += int(row["late"])
        elif state == "parked":
            counts["unknown"] += int(row["untold"])
            counts["parked"] += many - int(row["untold"])
        else:
            counts[state] += many
    return found


def _line(row: Row, depths: Mapping[str, int], token_ends: datetime | None, now: datetime) -> DestinationLine:
    until = maybe_moment(row["open_until"])
    return DestinationLine(
        name=row["name"], connector=row["connector"], state=row["state"], fault_code=row["fault_code"],
        sentence=row["fault_sentence"], since=maybe_moment(row["fault_since"]), failures=row["failures"],
        open_until=until if until and until > now else None, token_ends=token_ends,
        depths=dict.fromkeys(DEPTHS, 0) | dict(depths),
    )  # fmt: skip


async def waiting(
    store: Store, destination: str, *, scope: Scope = EVERYWHERE, limit: int = 20
) -> list[WaitingDelivery]:  # fmt: skip
    """What waits to be sent, longest first."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        f"SELECT d.id, d.content_id, {shown_title} AS title, d.state, d.wanted_at, d.due_at, d.attempts,"
        " d.error_code, d.error_sentence FROM delivery d JOIN item i ON i.content_id = d.content_id"
        f" WHERE d.destination = ? AND d.state IN ('ready', 'sending') AND {where} ORDER BY d.wanted_at, d.id LIMIT ?",
        destination, *members, limit,
    )  # fmt: skip
    return [
        WaitingDelivery(
            id=row["id"], content_id=row["content_id"], title=row["title"], state=row["state"],
            since=moment(row["wanted_at"]), due_at=moment(row["due_at"]), attempts=row["attempts"],
            code=row["error_code"], sentence=row["error_sentence"],
        )
        for row in rows
    ]  # fmt: skip


async def failing(store: Store, destination: str, *, scope: Scope = EVERYWHERE) -> list[Failing]:
    """What keeps deliveries back, by error, the most frequent first."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        "SELECT d.error_code AS code, max(d.error_sentence) AS sentence, count(*) AS n, min(d.failed_since) AS oldest"
        " FROM delivery d JOIN item i ON i.content_id = d.content_id WHERE d.destination = ? AND d.state <> 'done'"
        f" AND d.error_code <> '' AND {where} GROUP BY d.error_code ORDER BY count(*) DESC, d.error_code",
        destination, *members,
    )  # fmt: skip
    return [
        Failing(code=row["code"], sentence=row["sentence"], count=row["n"], oldest=maybe_moment(row["oldest"]))
        for row in rows
    ]


async def calls(
    store: Store, destination: str, *, scope: Scope = EVERYWHERE, hours: int = 24
) -> Sequence[Hour]:  # fmt: skip
    """Calls of the last hours by outcome, the oldest hour first; of the last LOOKED_AT calls of all destinations."""
    now = store.now()
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        "SELECT (a.started_at - ?) / 3600000000 AS hour, a.outcome, count(*) AS n FROM attempt a"
        " JOIN delivery d ON d.id = a.delivery JOIN item i ON i.content_id = d.content_id"
        " WHERE a.id > (SELECT coalesce(max(id), 0) FROM attempt) - ? AND a.started_at >= ? AND d.destination = ?"
        f" AND {where} GROUP BY 1, 2",
        micros(first), LOOKED_AT, micros(first), destination, *members,
    )  # fmt: skip
    found: list[dict[str, int]] = [{} for _ in range(hours)]
    for row in rows:
        if 0 <= row["hour"] < hours:
            found[row["hour"]][row["outcome"]] = row["n"]
    return [Hour(first + timedelta(hours=place), outcomes) for place, outcomes in enumerate(found)]
