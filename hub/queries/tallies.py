"""How many items are there of this and that, and which are they? Numbers and their lists, of today and of reports.

A number, the list that it opens and the sums that make it up come from one `Filter` and one condition, so they agree.
What a report counted is frozen: a filter with `report` reads the lines that were kept when it was made, by the same
meaning of each field, whatever became of the items since.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from typing import Any, Final, Literal

import orjson

from hub.queries.counted import Counted, of_line
from hub.queries.filters import NO_CATEGORY, BadFilterError, Filter
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.categories import Categories
from hub.rules.coverage import Group
from hub.rules.tallies import day, day_number
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, moment
from hub.store.restricting import shown_title
from hub.store.scoping import within
from hub.store.states import TallyState
from hub.store.unit import Store

#: By what sums are grouped; `top` is the category that a part belongs to, `month` is 2026-01.
Key = Literal["category", "top", "member", "group", "kind", "author", "source", "state", "day", "month"]
#: Rows that are read at once where all are.
BATCH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of a list."""

    counted: Counted
    title: str  #: as it is now; empty where only the duty officer may see it, or nothing is kept
    url: str  #: of its page at the source


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, the latest day first."""

    items: Sequence[Listed]
    after: str  #: where the next part begins; empty: this is the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The items that have these keys in common."""

    key: tuple[str, ...]  #: in the order in which they were asked for
    items: int
    photos: int
    files: int


# ---------------------------------------------------------------------------------------------------------- asking


async def counted(
    store: Store, filter: Filter, *, categories: Categories, scope: Scope = EVERYWHERE
) -> int:  # fmt: skip
    """How many items there are: the length of the list."""
    if filter.report is not None:
        return sum([len(found) async for found in _frozen(store, filter, scope)])
    where, values = _where(filter, categories, scope)
    [row] = await store.fetch(f"SELECT count(*) AS n FROM tally t WHERE {where}", *values)
    return int(row["n"])


async def listed(
    store: Store, filter: Filter, *, categories: Categories, scope: Scope = EVERYWHERE, limit: int = 50,
    after: str = "",
) -> Page:  # fmt: skip
    """A part of the list behind `after`. Raises BadFilterError for a place that is none."""
    if filter.report is None:
        found = await _rows(store, filter, categories, scope, limit=limit + 1, after=_place(after))
    else:
        place, found = _place(after), []
        async for some in _frozen(store, filter, scope):
            behind = (one for one in some if place is None or _after(one) > place)
            found = nsmallest(limit + 1, chain(found, behind), key=_after)
    shown = found[:limit]
    titles = await _titles(store, [one.content_id for one in shown])
    more = f"{day_number(shown[-1].day)}.{shown[-1].content_id}" if len(found) > limit else ""
    return Page(
        items=[
            Listed(counted=one, title=title, url=url)
            for one in shown
            for title, url in [titles.get(one.content_id, ("", ""))]
        ],
        after=more,
    )


async def each(
    store: Store, filter: Filter, *, categories: Categories, scope: Scope = EVERYWHERE
) -> AsyncIterator[Counted]:
    """All items of the list, as reports keep them."""
    place: tuple[int, str] | None = None
    while True:
        found = await _rows(store, filter, categories, scope, limit=BATCH, after=place)
        for one in found:
            yield one
        if len(found) < BATCH:
            return
        place = _after(found[-1])


async def summed(
    store: Store, filter: Filter, by: Sequence[Key], *, categories: Categories, scope: Scope = EVERYWHERE
) -> list[Sum]:
    """Sums of items, photos and files for each combination that there is, in the order of their keys."""
    if filter.report is not None:
        sums = list[Sum]()
        async for some in _frozen(store, filter, scope):
            lines = [Sum(key=_of_item(one, by), items=1, photos=one.photos, files=one.files) for one in some]
            sums = _added((each.key, each.items, each.photos, each.files) for each in (*sums, *lines))
        return sums
    where, values = _where(filter, categories, scope)
    columns = list(dict.fromkeys(_BASE[key] for key in by))
    grouped = f" GROUP BY {', '.join(columns)}" if columns else ""
    named = "".join(f"{column} AS {_name(column)}, " for column in columns)
    rows = await store.fetch(
        f"SELECT {named}count(*) AS items, coalesce(sum(t.photos), 0) AS photos, coalesce(sum(t.files), 0) AS files"
        f" FROM tally t LEFT JOIN member m ON m.code = t.member WHERE {where}{grouped}",
        *values,
    )
    return _added(
        (_of_row(row, by, categories), row["items"], int(row["photos"]), int(row["files"])) for row in rows
    )  # fmt: skip


# ----------------------------------------------------------------------------------------- one meaning of each field


def _where(filter: Filter, categories: Categories, scope: Scope) -> tuple[str, list[Any]]:
    condition, members = within(scope, "t.member")
    where = [condition, "t.day >= ?", "t.day <= ?", "t.state = ?"]
    values = [*members, day_number(filter.first), day_number(filter.last), str(filter.state)]
    for column, value in (
        ("t.member", filter.member), ("t.kind", filter.kind), ("t.author", filter.author), ("t.source", filter.source)
    ):  # fmt: skip
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if filter.category:
        codes = sorted(_codes(filter, categories))
        where.append(f"t.category IN ({marks(len(codes))})")
        values += codes
    if filter.group:
        named = sorted(set(Group) - {Group.OTHER}) if filter.group == Group.OTHER else [filter.group]
        among = f"(SELECT code FROM member WHERE kind IN ({marks(len(named))}))"
        where.append(f"t.member {'NOT IN' if filter.group == Group.OTHER else 'IN'} {among}")
        values += map(str, named)
    if filter.once is not None:
        where.append("t.story IN ('', t.content_id)" if filter.once else "t.story NOT IN ('', t.content_id)")
    if filter.undated:
        where.append("t.dated = 0")
    if filter.photos:
        where.append("t.photos > 0")
    return " AND ".join(where), values


def _fits(one: Counted, filter: Filter, scope: Scope) -> bool:
    """The same condition for a line that a report keeps; categories are those of its time."""
    return (
        (scope.members is None or one.member in scope.members)
        and filter.first <= one.day <= filter.last
        and one.state is filter.state
        and filter.member in ("", one.member)
        and filter.kind in ("", one.kind)
        and filter.author in ("", one.author)
        and filter.source in ("", one.source)
        and filter.group in ("", one.group)
        and (not filter.category or filter.category in (one.within or (NO_CATEGORY,)))
        and filter.once in (None, one.is_origin)
        and not (filter.undated and one.dated)
        and not (filter.photos and not one.photos)
    )


def _codes(filter: Filter, categories: Categories) -> frozenset[str]:
    return frozenset({""}) if filter.category == NO_CATEGORY else categories.counted(filter.category)


def _within(category: str, categories: Categories) -> tuple[str, ...]:
    known = categories.by_code.get(category)
    return tuple(code for code in (category, known.group if known else "") if code)


def _group(kind: str | None) -> Group:
    return Group(kind) if kind in set(Group) else Group.OTHER


# ----------------------------------------------------------------------------------------------------------- lists


async def _rows(
    store: Store, filter: Filter, categories: Categories, scope: Scope, *, limit: int, after: tuple[int, str] | None
) -> list[Counted]:
    where, values = _where(filter, categories, scope)
    if after is not None:
        latest = -after[0]
        where += " AND t.day <= ? AND (t.day < ? OR t.content_id > ?)"
        values += [latest, latest, after[1]]
    rows = await store.fetch(
        "SELECT t.*, coalesce(m.name, t.member) AS member_name, m.kind AS member_kind FROM tally t"
        f" LEFT JOIN member m ON m.code = t.member WHERE {where} ORDER BY t.day DESC, t.content_id LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [_counted(row, categories) for row in rows]


def _counted(row: Row, categories: Categories) -> Counted:
    return Counted(
        content_id=row["content_id"], source=row["source"], member=row["member"], member_name=row["member_name"],
        group=_group(row["member_kind"]), category=row["category"], within=_within(row["category"], categories),
        kind=row["kind"], state=TallyState(row["state"]), day=day(row["day"]), dated=bool(row["dated"]),
        author=row["author"], photos=row["photos"], files=row["files"], story=row["story"] or row["content_id"],
        published=maybe_moment(row["published"]), issued=None if row["issued"] is None else day(row["issued"]),
        first_seen=moment(row["first_seen"]), first_public=maybe_moment(row["first_public"]),
    )  # fmt: skip


async def _frozen(store: Store, filter: Filter, scope: Scope) -> AsyncIterator[list[Counted]]:
    """The lines of a report that fit, BATCH of all at a time, in no order."""
    last = ""
    while rows := await store.fetch(
        "SELECT content_id, line FROM report_item WHERE report = ? AND content_id > ? ORDER BY content_id LIMIT ?",
        filter.report, last, BATCH,
    ):  # fmt: skip
        found = (of_line(row["content_id"], orjson.loads(row["line"])) for row in rows)
        yield [one for one in found if _fits(one, filter, scope)]
        last = rows[-1]["content_id"]


def _after(one: Counted) -> tuple[int, str]:
    """Its place in a list: the latest day first."""
    return -day_number(one.day), one.content_id


def _place(written: str) -> tuple[int, str] | None:
    number, _, content_id = written.partition(".")
    if not written:
        return None
    try:
        return -day_number(day(int(number))), content_id
    except (ValueError, OverflowError) as error:
        raise BadFilterError(written[:100]) from error


async def _titles(store: Store, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = await store.fetch(
        f"SELECT i.content_id, {shown_title} AS title, i.url FROM item i WHERE i.content_id IN ({marks(len(ids))})",
        *ids,
    )
    return {row["content_id"]: (row["title"], row["url"]) for row in rows}


# ------------------------------------------------------------------------------------------------------------ sums

#: The column that each key is read from.
_BASE: Final[Mapping[Key, str]] = {
    "category": "t.category", "top": "t.category", "member": "t.member", "group": "m.kind", "kind": "t.kind",
    "author": "t.author", "source": "t.source", "state": "t.state", "day": "t.day", "month": "t.day",
}  # fmt: skip


def _name(column: str) -> str:
    return column.replace("m.", "member_").replace("t.", "")


def _of_row(row: Row, by: Sequence[Key], categories: Categories) -> tuple[str, ...]:
    read: Mapping[str, Callable[[Any], str]] = {
        "top": lambda code: (_within(code, categories) or ("",))[-1], "group": _group,
        "day": lambda number: day(number).isoformat(), "month": lambda number: day(number).isoformat()[:7],
    }  # fmt: skip
    return tuple(str(read.get(key, str)(row[_name(_BASE[key])])) for key in by)


def _of_item(one: Counted, by: Sequence[Key]) -> tuple[str, ...]:
    read: Mapping[str, Callable[[Counted], str]] = {
        "top": lambda one: (one.within or ("",))[-1], "day": lambda one: one.day.isoformat(),
        "month": lambda one: one.day.isoformat()[:7],
    }  # fmt: skip
    return tuple(read[key](one) if key in read else str(getattr(one, key)) for key in by)


def _added(parts: Iterable[tuple[tuple[str, ...], int, int, int]]) -> list[Sum]:
    found: dict[tuple[str, ...], tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for key, items, photos, files in parts:
        had = found[key]
        found[key] = had[0] + items, had[1] + photos, had[2] + files
    return [
        Sum(key=key, items=items, photos=photos, files=files)
        for key, (items, photos, files) in sorted(found.items())
        if items
    ]
