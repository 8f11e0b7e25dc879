"""All numbers of a report over a period, and the items that they count, as things stand now.

    items of the period, one by one ─┬─> hub/reports/adding.py ─┬─> Snapshot, and a line for each item
    sums of the period before ───────┘   duties, visits, places ┘

The lines are kept with the report: each of its numbers opens the list of its length from them for ever. Whoever wants
numbers that are true calls `hub.counting.up_to_date` before.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import orjson

from hub.engine import Engine
from hub.queries import duties, given
from hub.queries.codes import calendar
from hub.queries.counted import Counted, line_of
from hub.queries.filters import Filter
from hub.queries.given import One
from hub.queries.places import places
from hub.queries.tallies import each, summed
from hub.queries.visits import readers
from hub.reports.adding import Adding, Book, Cells, Listed
from hub.reports.remarks import Known, remarks
from hub.reports.snapshot import Head, Period, Snapshot
from hub.rules import duties as rule
from hub.rules.access import EVERYWHERE
from hub.rules.calendar import WorkingCalendar
from hub.rules.coverage import Group
from hub.rules.duties import Member
from hub.rules.periods import Span
from hub.rules.tallies import day_number
from hub.store import tallying
from hub.store.instants import moment
from hub.store.states import TallyState
from hub.store.unit import Store

#: What a report keeps of an item: content id, and JSON of what it counted as.
Line = tuple[str, str]


async def snapshot(engine: Engine, span: Span) -> tuple[Snapshot, list[Line]]:
    """The numbers of a period, and the lines of all items that came for it."""
    store, settings = engine.store, engine.register.settings
    now = store.now().astimezone(engine.zone)
    days = await calendar(store)
    roster = await given.roster(store, EVERYWHERE)
    book, lines = await _items(engine, span, _judge(engine, roster, days))
    earlier = await _earlier(engine, span.before)
    adding = Adding(span=span, book=book, earlier=earlier, categories=engine.categories,
                    states_before=await _states(store, span.before))  # fmt: skip
    begin = datetime.combine(span.first, time(), engine.zone)
    end = datetime.combine(span.last + timedelta(days=1), time(), engine.zone)
    listed = await _listed(engine, span, roster, book.cells.members | set(book.copies)
                           | (earlier.members if earlier else set()))  # fmt: skip
    known = Known(
        span=span, now=now, is_over=now >= end, calendar=days, duties=engine.duties, before=earlier is not None,
        pending=await tallying.behind(store), uncompared=await _uncompared(store, span),
    )  # fmt: skip
    reports = settings.reports
    found = Snapshot(
        period=_period(span), before=_period(span.before), made_at=now,
        head=Head(
            agency=reports.agency or settings.hub.name, above=reports.above, place=reports.place,
            suffix=reports.suffix, signer_title=reports.signer_title, recipients=reports.recipients,
        ),
        totals=adding.totals(), photos=adding.photos(), files=adding.files(), items=adding.items(),
        copies=book.copies.total(), undated=book.undated, senders=adding.senders(listed),
        missing=tuple(await duties.missing(engine, span.first, span.last)),
        covered=tuple(await duties.covered(engine, span.first, span.last)),
        timeliness=tuple(await duties.timeliness(engine, span.first, span.last)),
        contributors=adding.contributors(reports.points, {one.member.code: one.name for one in roster}),
        places=tuple(await places(store, begin, end)),
        readers=tuple(await readers(store, span.first, span.last, zone=engine.zone)),
        decisions=adding.decisions(await _approval_hours(store, span)), months=adding.months(),
        remarks=tuple(remarks(known)), kinds=dict(sorted(book.kinds.items())),
    )  # fmt: skip
    return found, lines


async def _items(
    engine: Engine, span: Span, in_time: Callable[[Counted], bool | None]
) -> tuple[Book, list[Line]]:  # fmt: skip
    """Everything that came for these days, whatever became of it."""
    book, lines, taken = Book(), list[Line](), set[str]()
    for state in TallyState:
        chosen = Filter(first=span.first, last=span.last, state=state, once=None)
        async for one in each(engine.store, chosen, categories=engine.categories):
            if one.content_id in taken:  # approved, or dated anew, while it was read: it counts as it was met first
                continue
            taken.add(one.content_id)
            book.take(one, in_time=in_time(one))
            lines.append((one.content_id, orjson.dumps(line_of(one)).decode()))
    return book, lines


async def _earlier(engine: Engine, before: Span) -> Cells | None:
    """What there was in the period before; None where the hub did not work then and nothing is dated so."""
    cells = Cells()
    for month in before.months():  # a statement each: grouped by days they would be thirty times as many rows
        chosen = Filter(first=month.first, last=month.last)
        for one in await summed(engine.store, chosen, ("member", "category"), categories=engine.categories):
            member, category = one.key
            cells.add(member, category, month.first.isoformat()[:7], (one.items, one.photos, one.files))
    return cells if cells.members or await _began(engine) <= before.first else None


async def _began(engine: Engine) -> date:
    """The day of the first event."""
    rows = await engine.store.fetch("SELECT at FROM event ORDER BY id LIMIT 1")
    return (moment(rows[0]["at"]) if rows else engine.store.now()).astimezone(engine.zone).date()


def _judge(engine: Engine, roster: Sequence[One], days: WorkingCalendar) -> Callable[[Counted], bool | None]:
    """Whether an item was public in time by the strictest limit that is set for it; None: there is none."""
    limits = [duty for duty in engine.duties if duty.within is not None]
    codes = {duty.name: engine.categories.counted(duty.category) for duty in limits}
    members = {one.member.code: one.member for one in roster}
    known: dict[tuple[int, date, date], bool] = {}

    def in_time(one: Counted) -> bool | None:
        member = members.get(one.member)
        if member is None or one.first_public is None or one.state is not TallyState.PUBLIC:
            return None
        within = [
            duty.within or 0 for duty in limits if one.category in codes[duty.name] and _asks(duty, member, one.day)
        ]
        if not within:
            return None
        key = min(within), one.issued or one.day, one.first_public.astimezone(engine.zone).date()
        if key not in known:
            known[key] = rule.timely(*key, days).in_time
        return known[key]

    return in_time


def _asks(duty: rule.Duty, member: Member, day: date) -> bool:
    return duty.binds(member) and (duty.since or day) <= day <= (duty.until or day)


async def _listed(engine: Engine, span: Span, roster: Sequence[One], counted: set[str]) -> list[Listed]:
    """Members in force on any day of the period, and those that something is counted of, in the order of the roster."""
    names = {one.member.code: one.name for one in roster}
    rows = await engine.store.fetch("SELECT code, successors FROM member WHERE successors <> '[]'")
    follow = {row["code"]: orjson.loads(row["successors"]) for row in rows}
    settled = {member.code for member in engine.register.settings.members}
    found = [
        Listed(
            code=one.member.code, name=one.name, group=one.group,
            until=one.member.until if one.member.until and one.member.until <= span.last else None,
            successors=tuple(names.get(code, code) for code in follow.get(one.member.code, ())),
        )
        for one in roster
        if one.member.code in counted or (one.member.code in settled and _in_force(one.member, span))
    ]  # fmt: skip
    return found + [Listed(code=code, name=code, group=Group.OTHER) for code in sorted(counted - names.keys())]


def _in_force(member: Member, span: Span) -> bool:
    return (member.since or span.last) <= span.last and (member.until or span.first) >= span.first


async def _states(store: Store, span: Span) -> dict[TallyState, int]:
    rows = await store.fetch(
        "SELECT state, count(*) AS n FROM tally WHERE day >= ? AND day <= ? GROUP BY state", *_days(span)
    )
    return {TallyState(row["state"]): row["n"] for row in rows}


async def _approval_hours(store: Store, span: Span) -> float | None:
    """The median of the hours between the first sight of an item and its approval."""
    which = "state = 'public' AND day >= ? AND day <= ? AND approved_at IS NOT NULL"
    [row] = await store.fetch(f"SELECT count(*) AS n FROM tally WHERE {which}", *_days(span))
    if not row["n"]:
        return None
    middle = await store.fetch(
        f"SELECT approved_at - first_seen AS took FROM tally WHERE {which} ORDER BY took LIMIT ? OFFSET ?",
        *_days(span), 2 - row["n"] % 2, (row["n"] - 1) // 2,
    )  # fmt: skip
    took: int = sum(one["took"] for one in middle)
    return round(max(0.0, took / len(middle) / 3_600_000_000), 1)


async def _uncompared(store: Store, span: Span) -> int:
    [row] = await store.fetch(
        "SELECT count(*) AS n FROM tally WHERE story = '' AND day >= ? AND day <= ?", *_days(span)
    )
    return int(row["n"])


def _days(span: Span) -> tuple[int, int]:
    return day_number(span.first), day_number(span.last)


def _period(span: Span) -> Period:
    return Period(first=span.first, last=span.last, name=span.name)
