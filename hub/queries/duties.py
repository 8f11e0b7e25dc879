"""Who owes what, how does it stand, what is missing of a period, and how soon did things become public?

Items are added up by the database, by member, category and stretch; hub/rules/duties.py judges the sums, and what is
known of the sources (hub/queries/gaps.py) is asked only for those of whom something is missing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from hub.engine import Engine
from hub.queries import given
from hub.queries.codes import calendar
from hub.queries.gaps import Facts, facts
from hub.queries.given import Books, Last, One
from hub.reports.snapshot import Covered, Missing, Timeliness
from hub.rules import arrears
from hub.rules import duties as rule
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.coverage import Group
from hub.rules.duties import GAPS, Duty, Every, Given, Judgement, Member, State, Stretch, Timely
from hub.rules.gaps import Side
from hub.rules.silences import Silence, Verdict
from hub.rules.tallies import day as day_of_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one member stands with one duty."""

    member: str
    name: str
    group: Group
    duty: str
    category: str
    category_name: str
    rule: str
    rule_url: str
    confirmed: bool
    every: Every
    at_least: int
    state: State
    stretch: Stretch  #: the one that runs
    came: int  #: public items in it
    unmet: int = 0  #: stretches that ended without enough, since the last one that was met
    first_unmet: Stretch | None = None
    late_days: int | None = None  #: working days; of a LATE one
    sure: bool = True  #: the holidays on the way are known and confirmed
    last_item: date | None = None  #: that is public
    silence: Silence | None = None  #: where something is missing
    side: Side | None = None  #: whose turn it is then
    sentence: str = ""  #: for a clerk: the gap, its rule, and the silence
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One stretch in which too little came."""

    member: str
    duty: str
    stretch: Stretch
    verdict: Verdict


async def standing(engine: Engine, *, day: date | None = None, scope: Scope = EVERYWHERE) -> list[Standing]:
    """Every member with every duty that has a rhythm, as it stands on a day; today if left out.

    By group, member and the order of the duties. What is public, held or withdrawn counts as it is now.
    """
    at, on = _moment(engine, day)
    lasts = await given.lasts(engine.store, scope, on)
    # Of a duty that one item fulfils, the last one tells it all; only of others the history is added up.
    books = await given.read(engine, scope, [duty for duty in engine.duties if duty.at_least > 1], date.min, on)
    begins = await given.first_day(engine)
    judged = list(_judged(engine, books, lasts, on, begins))
    lacking = [(one, judgement) for one, _, judgement, _ in judged if judgement.state in GAPS]
    first = min((_begin(judgement) for _, judgement in lacking), default=on)
    known = await facts(engine, {one.member.code for one, _ in lacking}, first, on, at=at)
    found = []
    for one, duty, judgement, last_item in judged:
        verdict = None
        if judgement.state in GAPS and duty.every is not None:
            unmet = rule.stretches(duty.every, _begin(judgement), on)
            verdict = known.verdict(one.member.code, duty.category, unmet, at, recent=True)
        found.append(_standing(engine, one, duty, judgement, last_item, verdict))
    return found


async def gaps(
    engine: Engine, first: date, last: date, *, on: date | None = None, scope: Scope = EVERYWHERE
) -> list[Gap]:
    """Every stretch in which too little came, whose last day lies in these days and is over on the day `on`."""
    at, today = _moment(engine, on)
    books = await given.read(engine, scope, engine.duties, first, last)
    lacks = list(_lacks(engine, books, first, last, today))
    known = await _known(engine, lacks, at)
    return [
        Gap(
            member=lack.one.member.code, duty=lack.duty.name, stretch=each,
            verdict=known.verdict(lack.one.member.code, lack.duty.category, [each], at),
        )
        for lack in lacks
        for each in lack.unmet
    ]  # fmt: skip


async def missing(
    engine: Engine, first: date, last: date, *, on: date | None = None, scope: Scope = EVERYWHERE
) -> list[Missing]:
    """Who has not given what it owed in a period, as things stand on the day `on`; today if left out.

    A stretch that still runs on that day is not missing yet. Each duty is judged apart and names its rule.
    """
    at, today = _moment(engine, on)
    books = await given.read(engine, scope, engine.duties, first, last)
    lacks = list(_lacks(engine, books, first, last, today))
    known = await _known(engine, lacks, at)
    came = await given.came(engine.store, scope, first, last)
    latest = await given.latest(engine.store, scope, max(today, last))
    found = []
    for lack in lacks:
        one, duty, name = lack.one, lack.duty, engine.categories.named(lack.duty.category)
        verdict = known.verdict(one.member.code, duty.category, lack.unmet, at)
        brought = sum(came.get((one.member.code, code), 0) for code in books.counted[duty.name])
        last_item = given.last_of(latest, one.member.code, books.counted[duty.name])
        said = arrears.of_period(
            duty, name, owed=lack.owed, unmet=len(lack.unmet), came=brought, last_item=last_item
        )  # fmt: skip
        found.append(
            Missing(
                code=one.member.code, name=one.name, group=one.group, category=duty.category, category_name=name,
                duty=duty.name, rule=duty.rule, rule_url=duty.rule_url, confirmed=duty.confirmed, owed=lack.owed,
                unmet=len(lack.unmet), came=brought, last_item=last_item,
                late_days=rule.late_days(lack.unmet[0], min(last, today), books.calendar), silence=verdict.silence,
                sentence=f"{said} {verdict.sentence}", evidence=verdict.evidence,
            )
        )  # fmt: skip
    return found


async def covered(engine: Engine, first: date, last: date, *, scope: Scope = EVERYWHERE) -> list[Covered]:
    """n of N for each category that is owed: of the members that owed it in a period, those with an item in it."""
    roster = await given.roster(engine.store, scope)
    came = await given.came(engine.store, scope, first, last)
    found = []
    for category in dict.fromkeys(duty.category for duty in engine.duties):
        codes = engine.categories.counted(category)
        asked = [duty for duty in engine.duties if duty.category == category]
        owing = [one for one in roster if any(rule.owes(duty, one.member, first, last) for duty in asked)]
        for group in Group:
            due = [one for one in owing if one.group is group]
            names = [one.name for one in due if not any(came.get((one.member.code, code)) for code in codes)]
            if due:
                found.append(
                    Covered(
                        code=category, name=engine.categories.named(category), group=group, due=len(due),
                        have=len(due) - len(names), missing=tuple(names),
                    )
                )  # fmt: skip
    return found


async def timeliness(engine: Engine, first: date, last: date, *, scope: Scope = EVERYWHERE) -> list[Timeliness]:
    """How soon items of a period became public, in working days: by each limit, and without one where none is set.

    From the day of signature, or else the day on which the item counts, to that on which the public could read it.
    """
    shown: dict[str, list[given.Shown]] = defaultdict(list)
    for row in await given.shown(engine, scope, first, last):
        shown[row.category].append(row)
    members = {one.member.code: one.member for one in await given.roster(engine.store, scope)}
    days = await calendar(engine.store)
    took: dict[tuple[int, int, int], Timely] = {}
    found = []
    for category, duty in _limits(engine):
        codes, limit = engine.categories.counted(category), duty.within if duty else None
        taken: list[int] = []
        in_time, worst, which = 0, -1, ""
        for row in (row for code in sorted(codes) for row in shown.get(code, ())):
            if duty and not _asks(duty, members.get(row.member), row.day):
                continue
            key = limit or 0, row.start, row.public
            if key not in took:
                took[key] = rule.timely(key[0], day_of_number(row.start), day_of_number(row.public), days)
            taken += [took[key].days] * row.items
            in_time += row.items if duty and took[key].in_time else 0
            if took[key].days > worst:
                worst, which = took[key].days, row.content_id
        if taken:
            found.append(
                Timeliness(
                    category=category, name=engine.categories.named(category), limit=limit, measured=len(taken),
                    in_time=in_time, median_days=float(median(taken)), worst_days=worst, worst=which,
                )
            )  # fmt: skip
    return found


# --------------------------------------------------------------------------------------------------------- judging


def _judged(
    engine: Engine, books: Books, lasts: Mapping[tuple[str, str], Last], on: date, begins: date
) -> Iterator[tuple[One, Duty, Judgement, date | None]]:
    """Everybody who owes something with what is owed, how that stands, and the day of the last item."""
    asked = [(duty, duty.every, engine.categories.counted(duty.category)) for duty in engine.duties if duty.every]
    for one in books.roster:
        for duty, every, codes in asked:
            known = [lasts[one.member.code, code] for code in codes if (one.member.code, code) in lasts]
            last_item = max((each.latest for each in known if each.latest), default=None)
            if duty.at_least > 1:
                counts = dict(books.given(one, duty).counts)
            else:
                counts = {rule.number(every, last_item): 1} if last_item else {}
                if running := sum(each.running[every] for each in known):
                    counts[rule.number(every, on)] = running
            came = Given(counts=counts, hidden=sum(each.hidden for each in known))
            found = rule.standing(duty, one.member, came, day=on, begins=begins, calendar=books.calendar)
            if found is not None:
                yield one, duty, found, last_item


def _begin(judgement: Judgement) -> date:
    """Where what is missing begins."""
    return (judgement.first_unmet or judgement.stretch).first


def _standing(
    engine: Engine, one: One, duty: Duty, judgement: Judgement, last_item: date | None, verdict: Verdict | None
) -> Standing:
    name = engine.categories.named(duty.category)
    said = arrears.of_standing(duty, name, judgement, last_item)
    return Standing(
        member=one.member.code, name=one.name, group=one.group, duty=duty.name, category=duty.category,
        category_name=name, rule=duty.rule, rule_url=duty.rule_url, confirmed=duty.confirmed,
        every=duty.every or Every.YEAR, at_least=duty.at_least, state=judgement.state, stretch=judgement.stretch,
        came=judgement.came, unmet=judgement.unmet, first_unmet=judgement.first_unmet, late_days=judgement.late_days,
        sure=judgement.sure, last_item=last_item, silence=verdict.silence if verdict else None,
        side=verdict.side if verdict else None, sentence=f"{said} {verdict.sentence}" if verdict else "",
        evidence=verdict.evidence if verdict else (),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lack:
    """What one member lacks of one duty in a period."""

    one: One
    duty: Duty
    owed: int
    unmet: Sequence[Stretch]


def _lacks(engine: Engine, books: Books, first: date, last: date, today: date) -> Iterator[_Lack]:
    over = min(last, today - timedelta(days=1))
    for one in books.roster:
        for duty in engine.duties:
            owed = rule.owed(duty, one.member, first, over) if first <= over else []
            unmet = rule.unmet(duty, books.given(one, duty), owed) if owed else []
            if unmet:
                yield _Lack(one, duty, len(owed), unmet)


async def _known(engine: Engine, lacks: Sequence[_Lack], at: datetime) -> Facts:
    members = {lack.one.member.code for lack in lacks}
    first = min((lack.unmet[0].first for lack in lacks), default=at.date())
    last = max((lack.unmet[-1].last for lack in lacks), default=at.date())
    return await facts(engine, members, first, last, at=at)


def _limits(engine: Engine) -> Iterator[tuple[str, Duty | None]]:
    """Every limit, and each top category that has none, in the order of the list of categories."""
    for each in engine.categories.listed:
        limits = [duty for duty in engine.duties if duty.category == each.code and duty.within is not None]
        yield from ((each.code, duty) for duty in limits)
        if not limits and not each.group:
            yield each.code, None


def _asks(duty: Duty, member: Member | None, day: int) -> bool:
    """Whether a limit was set for an item of this day."""
    if member is None or not duty.binds(member):
        return False
    on = day_of_number(day)
    return (duty.since is None or duty.since <= on) and (duty.until is None or on <= duty.until)


def _moment(engine: Engine, day: date | None) -> tuple[datetime, date]:
    """Now and today in the hub's zone, or the end of a day that is past."""
    now = engine.store.now().astimezone(engine.zone)
    if day is None or day >= now.date():
        return now, day or now.date()
    return datetime.combine(day, time.max, engine.zone), day
