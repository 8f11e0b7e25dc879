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
from hub.rules.duties import Duty, Every, Given, Member
from hub.rules.tallies import day as day_of_number
from hub.rules.tallies import day_number, day_of
from hub.store.database import Row, marks
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store

#: Months of each stretch that is made of them.
_MONTHS: Final = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}
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
    begins: date  #: the first day that the hub knows of
    counted: Mapping[str, frozenset[str]]  #: categories that count for each duty, by its name
    months: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)  #: public items by member, category
    weeks: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)
    hidden: dict[tuple[str, str], int] = field(default_factory=dict)  #: items that are not public
    latest: dict[tuple[str, str], date] = field(default_factory=dict)  #: day of the last public item

    def given(self, one: One, duty: Duty) -> Given:
        """What a member gave of what a duty asks for."""
        if duty.every is None:
            return Given(counts={})
        sums, size = (self.weeks, 1) if duty.every is Every.WEEK else (self.months, _MONTHS[duty.every])
        counts: dict[int, int] = {}
        hidden = 0
        for code in self.counted[duty.name]:
            key = one.member.code, code
            hidden += self.hidden.get(key, 0)
            for number, count in sums.get(key, {}).items():
                counts[number // size] = counts.get(number // size, 0) + count
        return Given(counts=counts, hidden=hidden)

    def last(self, one: One, duty: Duty) -> date | None:
        """The day of the last public item that counts for a duty."""
        return last_of(self.latest, one.member.code, self.counted[duty.name])


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


async def read(engine: Engine, scope: Scope, duties: Sequence[Duty], *, until: date) -> Books:
    """The roster with everything that came until a day."""
    store = engine.store
    counted = {duty.name: engine.categories.counted(duty.category) for duty in duties}
    books = Books(
        roster=await roster(store, scope), calendar=await calendar(store), begins=until, counted=counted,
    )  # fmt: skip
    seen = [store.now()]
    for row in await _sums(store, scope, _codes(duties, counted), until, _by_month):
        key = row["member"], row["category"]
        seen.append(moment(row["seen"]))
        if row["state"] == "public":
            books.months.setdefault(key, {})[row["number"]] = row["n"]
            day = day_of_number(row["latest"])
            books.latest[key] = max(day, books.latest.get(key, day))
        else:
            books.hidden[key] = books.hidden.get(key, 0) + row["n"]
    weekly = [duty for duty in duties if duty.every is Every.WEEK]
    for row in await _sums(store, scope, _codes(weekly, counted), until, _by_week):
        if row["state"] == "public":
            books.weeks.setdefault((row["member"], row["category"]), {})[row["number"]] = row["n"]
    seen += [moment(row["at"]) for row in await store.fetch("SELECT at FROM event ORDER BY id LIMIT 1")]
    books.begins = min(until, day_of_number(day_of(min(seen), engine.zone)))
    return books


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
    store: Store, scope: Scope, codes: Sequence[str], until: date, numbered: Callable[[str], str]
) -> list[Row]:  # fmt: skip
    """Items by member, category and number of their stretch."""
    if not codes:
        return []
    where, members = within(scope, "member")
    chosen = (
        f"SELECT member, category, CASE WHEN state = 'public' THEN 'public' ELSE '' END AS state, day, first_seen"
        f" FROM tally WHERE category IN ({marks(len(codes))}) AND day <= ? AND {where}"
    )
    return await store.fetch(
        "SELECT member, category, state, number, count(*) AS n, max(day) AS latest, min(first_seen) AS seen"
        f" FROM ({numbered(chosen)}) numbered GROUP BY member, category, state, number",
        *codes, day_number(until), *members,
    )  # fmt: skip


def _by_week(rows: str) -> str:
    return f"SELECT member, category, state, day, first_seen, {_WEEK} AS number FROM ({rows}) chosen"


def _by_month(rows: str) -> str:
    """Years begin in March here, so that the odd day of a leap year is the last one."""
    kept = "member, category, state, day, first_seen"
    eras = f"SELECT {kept}, (day + 719468) / 146097 AS era, (day + 719468) % 146097 AS doe FROM ({rows}) chosen"
    years = f"SELECT {kept}, era, doe, (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe FROM ({eras}) eras"
    return (
        f"SELECT {kept}, (era * 400 + yoe) * 12 + (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153 + 2"
        f" AS number FROM ({years}) years"
    )


def _codes(duties: Sequence[Duty], counted: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted({code for duty in duties for code in counted[duty.name]})


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
