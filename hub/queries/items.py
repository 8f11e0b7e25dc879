"""Which items are there? By member, kind, state, source and day, the last changed first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from connectors.parse.text import fold
from hub.rules.access import EVERYWHERE, NOWHERE, Scope
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros, moment
from hub.store.scoping import within
from hub.store.unit import Store

ItemsState = Literal["", "public", "waiting", "withdrawn", "unpublished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsChoice:
    """A part of all items; an empty field chooses everything."""

    member: str = ""
    kind: str = ""
    source: str = ""
    state: ItemsState = ""
    begin: date | None = None  #: changed on this day or later
    end: date | None = None  #: changed on this day or before


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list ended; the next begins behind it."""

    changed_at: int  #: microseconds
    content_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """One item in a list."""

    content_id: str
    title: str  #: of its newest edition; empty where only the duty officer may see it
    kind: str
    member: str
    member_name: str
    source: str
    state: ItemsState
    corrected: bool  #: public, and a newer edition waits
    changed_at: datetime
    published: datetime | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """What the list can be narrowed to."""

    members: Sequence[tuple[str, str]]  #: code and name, by name
    sources: Sequence[str]


_WAITS = (
    "EXISTS (SELECT 1 FROM edition e WHERE e.content_id = i.content_id AND e.revision = i.revision"
    " AND e.state = 'held')"
)
#: By what a state asks of an item and its newest edition.
STATES: Final = {
    "public": "i.state = 'live' AND i.approved_revision > 0",
    "waiting": f"i.revision > i.approved_revision AND {_WAITS}",
    "withdrawn": "i.state = 'withdrawn'",
    "unpublished": f"i.state = 'live' AND i.approved_revision = 0 AND NOT {_WAITS}",
}


async def items(
    store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE, screen: Scope = NOWHERE,
    choice: ItemsChoice | None = None, after: Place | None = None, limit: int = 50,
) -> list[ListedItem]:  # fmt: skip
    """Up to `limit` items behind a place; `screen` is where the viewer may see what the screens hold."""
    where, values = _chosen(zone, scope, choice or ItemsChoice())
    if after is not None:
        where += " AND i.changed_at <= ? AND (i.changed_at < ? OR i.content_id > ?)"
        values += [after.changed_at, after.changed_at, after.content_id]
    rows = await store.fetch(
        f"SELECT i.*, coalesce(m.name, i.member) AS member_name, CASE WHEN {_WAITS} THEN 1 ELSE 0 END AS waits"
        f" FROM item i LEFT JOIN member m ON m.code = i.member WHERE {where}"
        " ORDER BY i.changed_at DESC, i.content_id LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [_listed(row, screen) for row in rows]


async def shelves(store: Store, *, scope: Scope = EVERYWHERE) -> Shelves:
    """Members and sources of the roster, within the scope."""
    where, members = within(scope, "code")
    named = await store.fetch(f"SELECT code, name FROM member WHERE {where}", *members)
    where, members = within(scope, "member")
    sources = await store.fetch(f"SELECT name FROM source WHERE {where} ORDER BY name", *members)
    return Shelves(
        members=sorted(((row["code"], row["name"]) for row in named), key=lambda one: (fold(one[1]), one[0])),
        sources=[row["name"] for row in sources],
    )


def state_of(word: str) -> ItemsState:
    """The state that a word names; every state for any other word."""
    return cast("ItemsState", word) if word in STATES else ""


def _chosen(zone: ZoneInfo, scope: Scope, choice: ItemsChoice) -> tuple[str, list[Any]]:
    condition, members = within(scope, "i.member")
    where, values = [condition], list[Any](members)
    for column, value in (("i.member", choice.member), ("i.kind", choice.kind), ("i.source", choice.source)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if choice.state:
        where.append(STATES[choice.state])
    if begin := midnight(choice.begin, zone):
        where.append("i.changed_at >= ?")
        values.append(micros(begin))
    if choice.end and choice.end < date.max and (end := midnight(choice.end + timedelta(days=1), zone)):
        where.append("i.changed_at < ?")
        values.append(micros(end))
    return " AND ".join(where), values


def midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """When a day begins in a zone; of days beyond all records the nearest that can be written."""
    if day is None:
        return None
    year = min(max(day.year, 1971), 9_000)
    return datetime(year, day.month, day.day if year == day.year else 1, tzinfo=zone)


def _listed(row: Row, screen: Scope) -> ListedItem:
    public = row["state"] == "live" and row["approved_revision"] > 0
    waits = bool(row["waits"]) and row["revision"] > row["approved_revision"]
    state: ItemsState = (
        "withdrawn" if row["state"] == "withdrawn" and not waits
        else "public" if public else "waiting" if waits else "unpublished"
    )  # fmt: skip
    return ListedItem(
        content_id=row["content_id"],
        title=row["title"] if not row["restricted"] or row["member"] in screen else "",
        kind=row["kind"], member=row["member"], member_name=row["member_name"], source=row["source"], state=state,
        corrected=public and waits, changed_at=moment(row["changed_at"]), published=maybe_moment(row["published"]),
        place=Place(changed_at=row["changed_at"], content_id=row["content_id"]),
    )  # fmt: skip
