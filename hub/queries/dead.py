"""What was set aside and waits for a person: refused and parked deliveries, dead captures, rejected records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.retry import UNTOLD
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, moment
from hub.store.restricting import shown_title
from hub.store.scoping import within
from hub.store.unit import Store

#: Deliveries that are freed at once at most.
MOST: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadDelivery:
    """A delivery that will not be tried again by itself."""

    id: int
    content_id: str
    title: str  #: empty where only the duty officer may see it
    destination: str
    state: str
    code: str
    sentence: str
    since: datetime | None

    @property
    def is_untold(self) -> bool:
        """Whether it may be there: nobody could tell, and sending it again could show it twice."""
        return self.code == UNTOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCapture:
    """A capture that could not be read, or that the guard holds."""

    id: int
    source: str
    state: str
    sentence: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRecord:
    """A record that could not become an item."""

    id: int
    capture: int
    source: str
    pointer: str
    code: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Everything set aside, newest first."""

    deliveries: Sequence[DeadDelivery]
    captures: Sequence[DeadCapture]
    records: Sequence[RejectedRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which of it; an empty value leaves nothing out."""

    destination: str = ""
    source: str = ""
    code: str = ""
    state: str = ""
    untold: bool = True  #: False leaves out deliveries of which nobody knows whether they are there
    before: int | None = None  #: id; what comes after it in the list


_ALL: Final = Chosen()
#: A source that is out of the settings cannot be read again: nothing of it waits for anybody.
_OF_SOURCES: Final = "JOIN source s ON s.name = c.source AND s.state <> 'removed'"
#: So it is with a destination: nothing is sent there again.
_TO_DESTINATIONS: Final = (
    "JOIN item i ON i.content_id = d.content_id JOIN destination p ON p.name = d.destination AND p.state <> 'removed'"
)


async def dead(store: Store, *, scope: Scope = EVERYWHERE, limit: int = 100) -> Dead:
    """Up to `limit` of each."""
    return Dead(
        deliveries=await dead_deliveries(store, scope=scope, limit=limit),
        captures=await dead_captures(store, scope=scope, limit=limit),
        records=await rejected_records(store, scope=scope, limit=limit),
    )


async def dead_deliveries(
    store: Store, *, scope: Scope = EVERYWHERE, chosen: Chosen = _ALL, limit: int = 100
) -> list[DeadDelivery]:  # fmt: skip
    """Refused and parked deliveries, newest first."""
    where, values = _deliveries(scope, chosen)
    rows = await store.fetch(
        f"SELECT d.id, d.content_id, {shown_title} AS title, d.destination, d.state, d.error_code, d.error_sentence,"
        f" d.failed_since FROM delivery d {_TO_DESTINATIONS} WHERE {where}"
        " ORDER BY d.id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [
        DeadDelivery(
            id=row["id"], content_id=row["content_id"], title=row["title"], destination=row["destination"],
            state=row["state"], code=row["error_code"], sentence=row["error_sentence"],
            since=maybe_moment(row["failed_since"]),
        )
        for row in rows
    ]  # fmt: skip


async def freeable(
    store: Store, *, scope: Scope, chosen: Chosen = _ALL, ids: Sequence[int] | None = None
) -> list[int]:  # fmt: skip
    """Which of these may be sent again, MOST at once. Of all, those are left out that may be there already: of them
    only who has looked, and names them, can say that they are not."""
    where, values = _deliveries(scope, replace(chosen, untold=ids is not None))
    if ids is not None:
        where, values = f"{where} AND d.id IN ({marks(len(ids))})", [*values, *ids]
    rows = await store.fetch(
        f"SELECT d.id FROM delivery d {_TO_DESTINATIONS} WHERE {where} ORDER BY d.id LIMIT ?",
        *values, MOST,
    )  # fmt: skip
    return [row["id"] for row in rows]


def _deliveries(scope: Scope, chosen: Chosen) -> tuple[str, list[str | int]]:
    where, members = within(scope, "i.member")
    where, values = f"d.state IN ('refused', 'parked') AND {where}", list[str | int](members)
    for column, value in (("destination", chosen.destination), ("error_code", chosen.code), ("state", chosen.state)):
        if value:
            where, values = f"{where} AND d.{column} = ?", [*values, value]
    if not chosen.untold:
        where, values = f"{where} AND d.error_code <> ?", [*values, UNTOLD]
    if chosen.before is not None:
        where, values = f"{where} AND d.id < ?", [*values, chosen.before]
    return where, values


async def dead_captures(
    store: Store, *, scope: Scope = EVERYWHERE, chosen: Chosen = _ALL, limit: int = 100
) -> list[DeadCapture]:  # fmt: skip
    """Captures that are held, dead or no answer of their source, newest first."""
    where, members = within(scope, "s.member")
    values = list[str | int](members)
    where += " AND c.state = ?" if chosen.state else " AND c.state IN ('held', 'dead', 'rejected')"
    values += [chosen.state] if chosen.state else []
    if chosen.source:
        where, values = f"{where} AND c.source = ?", [*values, chosen.source]
    if chosen.before is not None:
        where, values = f"{where} AND c.id < ?", [*values, chosen.before]
    rows = await store.fetch(
        f"SELECT c.id, c.source, c.state, c.note, c.fetched_at FROM capture c {_OF_SOURCES} WHERE {where}"
        " ORDER BY c.id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [
        DeadCapture(
            id=row["id"], source=row["source"], state=row["state"], sentence=row["note"],
            fetched_at=moment(row["fetched_at"]),
        )
        for row in rows
    ]  # fmt: skip


async def rejected_records(
    store: Store, *, scope: Scope = EVERYWHERE, chosen: Chosen = _ALL, limit: int = 100
) -> list[RejectedRecord]:  # fmt: skip
    """Records that could not become items, newest first."""
    where, members = within(scope, "s.member")
    values = list[str | int](members)
    for column, value in (("source", chosen.source), ("code", chosen.code)):
        if value:
            where, values = f"{where} AND c.{column} = ?", [*values, value]
    if chosen.before is not None:
        where, values = f"{where} AND c.id < ?", [*values, chosen.before]
    rows: list[Row] = await store.fetch(
        "SELECT c.id, c.capture, c.source, c.pointer, c.code, c.detail, c.at FROM rejection c"
        f" {_OF_SOURCES} WHERE {where} ORDER BY c.id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [RejectedRecord(**{**row, "at": moment(row["at"])}) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """How much was set aside, by what it is."""

    deliveries: int
    runs: int  #: captures that the guard holds
    captures: int  #: dead, or no answer of their source
    records: int
    by_destination: dict[tuple[str, str], int]  #: destination and error code
    by_source: dict[tuple[str, str], int]  #: source and code of the rejection


async def aside(store: Store, *, scope: Scope = EVERYWHERE) -> Aside:
    """The numbers of the lists above."""
    where, values = _deliveries(scope, _ALL)
    deliveries = await store.fetch(
        "SELECT d.destination AS name, d.error_code AS code, count(*) AS n FROM delivery d"
        f" {_TO_DESTINATIONS} WHERE {where} GROUP BY 1, 2 ORDER BY n DESC, 1, 2",
        *values,
    )
    where, members = within(scope, "s.member")
    records = await store.fetch(
        f"SELECT c.source AS name, c.code, count(*) AS n FROM rejection c {_OF_SOURCES} WHERE {where}"
        " GROUP BY 1, 2 ORDER BY n DESC, 1, 2",
        *members,
    )
    [captures] = await store.fetch(
        "SELECT count(*) AS n, coalesce(sum(CASE WHEN c.state = 'held' THEN 1 ELSE 0 END), 0) AS runs FROM capture c"
        f" {_OF_SOURCES} WHERE c.state IN ('held', 'dead', 'rejected') AND {where}",
        *members,
    )
    return Aside(
        deliveries=sum(row["n"] for row in deliveries), runs=int(captures["runs"]),
        captures=captures["n"] - int(captures["runs"]),
        records=sum(row["n"] for row in records),
        by_destination={(row["name"], row["code"]): row["n"] for row in deliveries},
        by_source={(row["name"], row["code"]): row["n"] for row in records},
    )  # fmt: skip
