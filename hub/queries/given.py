"""What has come from whom: the roster, and sums of items by member, category and stretch, added up by the database.

Months are numbered by arithmetic on the number of a day (Howard Hinnant, chrono-compatible low-level date algorithms,
days_from_civil turned round), which both databases do alike; quarters, half-years and years are sums of months.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hub.engine import Engine
from hub.queries.codes import calendar
from hub.rules.access import Scope
from hub.rules.calendar import WorkingCalendar
from hub.rules.coverage import Group
from hub.rules.duties import MONTHS, Duty, Every, Given, Member, number, stretch
from hub.rules.tallies import day as day_of_number
from hub.rules.tallies import day_number
from hub.store.database import Row, marks
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store

#: The number of a week, as hub.rules.duties counts them; days are those since 1970-01-01, which is day 719163.
_WEEK: Final = "(day + 719162) / 7"
#: One day in microseconds.
DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class One:
    """A member of the roster."""

    member: Member
    name: str
    group: Group


@dataclass(slots=True)
class Books:
    """The roster with what came of each category, up to one day."""

    roster: Sequence[One]
    calendar: WorkingCalendar
    counted: Mapping[str, frozenset[str]]  #: categories that count for each duty, by its name
    #: public items by member and category, then by the number of their stretch
    months: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)
    weeks: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)

    def given(self, one: One, duty: Duty) -> Given:
        """What a member gave of what a duty asks for."""
        if duty.every is None:
            return Given(counts={})
        sums, size = (self.weeks, 1) if duty.every is Every.WEEK else (self.months, MONTHS[duty.every])
        counts: dict[int, int] = {}
        for code in self.counted[duty.name]:
            for month, count in sums.get((one.member.code, code), {}).items():
                counts[month // size] = counts.get(month // size, 0) + count
        return Given(counts=counts)


@dataclass(frozen=True, slots=True)
class Last:
    """What is known of one member and category on a day, without adding up its history."""

    latest: date | None  #: day of the last public item
    hidden: int  #: items that are not public
    running: Mapping[Every, int]  #: public items in the stretches that run on that day


@dataclass(frozen=True, slots=True)
class Shown:
    """Public items of one member and category that took the same way: same days of beginning and of the public."""

    member: str
    category: str
    day: int  #: on which they count; this and the next two as days since 1970-01-01
    start: int  #: of signature, or else `day`
    public: int  #: on which the public could first read them
    items: int
    content_id: str  #: of one of them


async def roster(store: Store, scope: Scope) -> list[One]:
    """Members in scope, those that ended too: departments, districts, communes, others, each by code."""
    where, members = within(scope, "code")
    rows = await store.fetch(f"SELECT code, name, kind, valid_from, valid_until FROM member WHERE {where}", *members)
    return sorted((_one(row) for row in rows), key=_place)


async def read(engine: Engine, scope: Scope, duties: Sequence[Duty], first: date, last: date) -> Books:
    """The roster with everything that came in the stretches which share a day with these days, up to the last day."""
    store = engine.store
    counted = {duty.name: engine.categories.counted(duty.category) for duty in duties}
    books = Books(roster=await roster(store, scope), calendar=await calendar(store), counted=counted)
    for every in Every:
        codes = sorted({code for duty in duties if duty.every is every for code in counted[duty.name]})
        sums, numbered = (books.weeks, _by_week) if every is Every.WEEK else (books.months, _by_month)
        begins = stretch(every, number(every, first)).first
        for row in await _sums(store, scope, codes, begins, last, numbered):
            sums.setdefault((row["member"], row["category"]), {})[row["number"]] = row["n"]
    return books


async def lasts(store: Store, scope: Scope, on: date) -> dict[tuple[str, str], Last]:
    """What is known of each member and category on a day."""
    where, members = within(scope, "member")
    names = {every: every.name.lower() for every in Every}
    sums = "".join(
        f", sum(CASE WHEN state = 'public' AND day >= {day_number(stretch(every, number(every, on)).first)}"
        f" THEN 1 ELSE 0 END) AS in_{name}"
        for every, name in names.items()
    )
    rows = await store.fetch(
        "SELECT member, category, max(CASE WHEN state = 'public' THEN day END) AS latest,"
        f" sum(CASE WHEN state = 'public' THEN 0 ELSE 1 END) AS hidden{sums} FROM tally WHERE day <= ? AND {where}"
        " GROUP BY member, category",
        day_number(on), *members,
    )  # fmt: skip
    return {
        (row["member"], row["category"]): Last(
            None if row["latest"] is None else day_of_number(row["latest"]), row["hidden"],
            {every: row[f"in_{name}"] for every, name in names.items()},
        )
        for row in rows
    }  # fmt: skip


async def first_day(engine: Engine) -> date:
    """The first day that the hub knows of: that of its first event, or today."""
    rows = await engine.store.fetch("SELECT at FROM event ORDER BY id LIMIT 1")
    at = moment(rows[0]["at"]) if rows else engine.store.now()
    return at.astimezone(engine.zone).date()


async def came(store: Store, scope: Scope, first: date, last: date) -> dict[tuple[str, str], int]:
    """Public items of some days, by member and category."""
    where, members = within(scope, "member")
    rows = await store.fetch(
        "SELECT member, category, count(*) AS n FROM tally WHERE state = 'public' AND day >= ? AND day <= ?"
        f" AND {where} GROUP BY member, category",
        day_number(first), day_number(last), *members,
    )  # fmt: skip
    return {(row["member"], row["category"]): row["n"] for row in rows}


async def latest(store: Store, scope: Scope, until: date) -> dict[tuple[str, str], date]:
    """The day of the last public item, by member and category."""
    where, members = within(scope, "member")
    rows = await store.fetch(
        f"SELECT member, category, max(day) AS day FROM tally WHERE state = 'public' AND day <= ? AND {where}"
        " GROUP BY member, category",
        day_number(until), *members,
    )  # fmt: skip
    return {(row["member"], row["category"]): day_of_number(row["day"]) for row in rows}


def last_of(days: Mapping[tuple[str, str], date], member: str, codes: frozenset[str]) -> date | None:
    """The latest of several categories of one member."""
    return max((days[member, code] for code in codes if (member, code) in days), default=None)


async def shown(engine: Engine, scope: Scope, first: date, last: date) -> list[Shown]:
    """How long public items of some days took until the public could read them."""
    where, members = within(scope, "member")
    rows = await engine.store.fetch(
        f"""
        SELECT member, category, day, coalesce(issued, day) AS start,
               (first_public + CAST(? AS BIGINT)) / {DAY} AS seen, count(*) AS n, min(content_id) AS content_id
          FROM tally
         WHERE state = 'public' AND day >= ? AND day <= ? AND first_public IS NOT NULL AND {where}
         GROUP BY member, category, day, coalesce(issued, day), seen
         ORDER BY min(content_id)
        """,
        offset(engine.zone, last), day_number(first), day_number(last), *members,
    )  # fmt: skip
    return [
        Shown(row["member"], row["category"], row["day"], row["start"], row["seen"], row["n"], row["content_id"])
        for row in rows
    ]


def offset(zone: ZoneInfo, day: date) -> int:
    """Microseconds by which the local day begins before that of UTC; Vietnam has no daylight saving."""
    return (datetime.combine(day, time(12), zone).utcoffset() or timedelta()) // timedelta(microseconds=1)


# ------------------------------------------------------------------------------------------------------------- sums


async def _sums(
    store: Store, scope: Scope, codes: Sequence[str], first: date, last: date, numbered: Callable[[str], str]
) -> list[Row]:
    """Public items by member, category and number of their stretch."""
    if not codes:
        return []
    where, members = within(scope, "member")
    chosen = (
        f"SELECT member, category, day FROM tally WHERE state = 'public' AND category IN ({marks(len(codes))})"
        f" AND day >= ? AND day <= ? AND {where}"
    )
    return await store.fetch(
        "SELECT member, category, number, count(*) AS n"
        f" FROM ({numbered(chosen)}) numbered GROUP BY member, category, number",
        *codes, day_number(first), day_number(last), *members,
    )  # fmt: skip


def _by_week(rows: str) -> str:
    return f"SELECT member, category, {_WEEK} AS number FROM ({rows}) chosen"


def _by_month(rows: str) -> str:
    """Years begin in March here, so that the odd day of a leap year is the last one."""
    kept = "member, category"
    eras = f"SELECT {kept}, (day + 719468) / 146097 AS era, (day + 719468) % 146097 AS doe FROM ({rows}) chosen"
    years = f"SELECT {kept}, era, doe, (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe FROM ({eras}) eras"
    return (
        f"SELECT {kept}, (era * 400 + yoe) * 12 + (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153 + 2"
        f" AS number FROM ({years}) years"
    )


def _one(row: Row) -> One:
    member = Member(
        code=row["code"], kind=row["kind"], since=_date(row["valid_from"]), until=_date(row["valid_until"])
    )  # fmt: skip
    return One(member, row["name"], Group(row["kind"]) if row["kind"] in set(Group) else Group.OTHER)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


_GROUPS: Final = list(Group)


def _place(one: One) -> tuple[int, list[tuple[int, str]]]:
    """H52.9 stands before H52.10."""
    parts = [(int(part), "") if part.isdecimal() else (0, part) for part in one.member.code.split(".")]
    return _GROUPS.index(one.group), parts
