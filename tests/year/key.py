"""The answers, worked out from what was decided: who owed, who gave, whose silence it is, and every number of a report.

Written from what was decided about duties and numbers (docs/adr), not from the code that carries it out; nothing
of that is asked. Where a rule leaves room, the reading that was taken stands beside it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from statistics import median

from tests.year.days import DAY, LAST, Stretch, at, day_of, limit, stretches, working_days_after
from tests.year.plan import SETTLED, Entry, Year
from tests.year.roster import PARTS, TOPS, Feed, Office, Owed

#: Strongest first: something that came says more than a source that we could not read.
ORDER = ("kept", "unread", "nothing")


@dataclass(frozen=True, slots=True)
class Gap:
    """One stretch in which too little came, and whose silence it is."""

    member: str
    duty: str
    stretch: Stretch
    silence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What one member lacks of one duty in a period."""

    owed: int
    unmet: int
    came: int
    silence: str
    last_item: date | None
    late_days: int

    @property
    def sent_nothing(self) -> bool:
        return self.came == 0 and self.silence == "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Items with what hangs on them."""

    items: int = 0
    photos: int = 0
    files: int = 0
    copies: int = 0


@dataclass(slots=True)
class Totals:
    """The numbers of a period. Stories count once, at their origin; copies stand beside it."""

    items: int = 0
    photos: int = 0
    files: int = 0
    copies: int = 0
    undated: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    members: Counter[str] = field(default_factory=Counter)
    member_categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    member_photos: Counter[str] = field(default_factory=Counter)
    member_files: Counter[str] = field(default_factory=Counter)
    member_copies: Counter[str] = field(default_factory=Counter)
    authors: Counter[tuple[str, str]] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)  #: of all that came, copies too


class Key:
    """What is right at one moment, asked about any period of the year before it."""

    def __init__(self, year: Year, when: datetime) -> None:
        self.year, self.when = year, when
        self.today = day_of(when)

    # ----------------------------------------------------------------------------------------- what there is

    @cached_property
    def _by_member(self) -> dict[str, list[tuple[Entry, date, str]]]:
        """Entries that have come, with the day on which they count and their state."""
        found: dict[str, list[tuple[Entry, date, str]]] = {}
        for entry in self.year.entries:
            if state := entry.state(self.when):
                found.setdefault(entry.feed.member, []).append((entry, entry.day(self.when), state))
        return found

    @cached_property
    def _lines(self) -> dict[tuple[str, str], list[tuple[date, str, str]]]:
        """By member and duty: day, state, and who withdrew each item that counts for it."""
        found: dict[tuple[str, str], list[tuple[date, str, str]]] = {}
        for duty in self.year.duties:
            for office in self.year.offices:
                if duty.binds(office):
                    found[office.code, duty.name] = [
                        (day, state, entry.gone_by)
                        for entry, day, state in self._by_member.get(office.code, ())
                        if duty.counts(entry.category)
                    ]
        return found

    def lines(self, office: Office, duty: Owed, days: Stretch, *states: str) -> list[tuple[date, str, str]]:
        """Items of a member that count for a duty, in some days."""
        return [
            one for one in self._lines[office.code, duty.name]
            if days[0] <= one[0] <= days[1] and (not states or one[1] in states)
        ]  # fmt: skip

    # ------------------------------------------------------------------------------------------------ duties

    def owed(self, office: Office, duty: Owed) -> list[Stretch]:
        """Whole stretches, during all of which duty and member are in force."""
        if not duty.every:
            return []
        return [
            (first, last) for first, last in stretches(duty.every)
            if first >= max(duty.since, office.since or duty.since)
            and last <= min(duty.until or LAST, office.until or LAST)
        ]  # fmt: skip

    def met(self, office: Office, duty: Owed, stretch: Stretch) -> bool:
        """Copies fulfil a duty too: they stand on the member's own site."""
        return len(self.lines(office, duty, stretch, "public")) >= duty.at_least

    def silence(self, office: Office, duty: Owed, stretch: Stretch) -> str:
        """Whose silence an unmet stretch is. Of several sources, the strongest evidence speaks."""
        began, ended = at(stretch[0]), at(stretch[1] + DAY)
        bringing = [
            feed for feed in self.year.feeds
            if feed.member == office.code and feed.brings(duty.category) and self._was_there(feed, began)
        ]  # fmt: skip
        came = self.lines(office, duty, stretch)
        if any(state in ("held", "rejected") or (state == "withdrawn" and by != "source") for _, state, by in came):
            return "kept"
        # Reading taken: what is rejected or held on the day after a stretch may have been published in it.
        until = {feed.name: max([ended, *(at(day + DAY) for day in self._ended_late(feed, ended))]) + DAY
                 for feed in bringing}  # fmt: skip
        if any(began <= one.moment < until.get(one.feed.name, began) and one.moment <= self.when
               for one in self.year.setbacks):  # fmt: skip
            return "kept"
        if not bringing or any(not feed.asked or self._out(feed, ended) for feed in bringing):
            return "unread"
        return "unread" if any(self._undated(feed, duty, ended) for feed in bringing) else "nothing"

    def _ended_late(self, feed: Feed, ended: datetime) -> list[date]:
        """The days after a stretch on which outages ended that had begun before its end."""
        return [
            day_of(one.until) for one in self.year.troubles
            if one.feed is feed and one.until and one.since < ended <= one.until <= self.when
        ]  # fmt: skip

    def _undated(self, feed: Feed, duty: Owed, ended: datetime) -> bool:
        """Whether what came first after such an outage does not say of which day it is."""
        return any(
            entry.feed is feed and entry.published is None and entry.state(self.when) == "public"
            and not (entry.corrected and entry.corrected[0] <= self.when)
            and duty.counts(entry.category)
            and day <= entry.day(self.when) <= day + DAY
            for day in self._ended_late(feed, ended) for entry in self.year.entries
        )  # fmt: skip

    def _was_there(self, feed: Feed, began: datetime) -> bool:
        """A source that was removed counts for stretches that began before its removal."""
        removed = [one.since for one in self.year.troubles if one.feed is feed and one.why == "removed"]
        return not any(moment <= began and moment <= self.when for moment in removed)

    def _out(self, feed: Feed, ended: datetime) -> bool:
        """Whether an outage that began before the end of a stretch has not ended with a good answer since."""
        return any(
            one.since < ended and one.since <= self.when and (one.until is None or one.until > self.when)
            for one in self.year.troubles if one.feed is feed
        )  # fmt: skip

    def bound(self) -> Iterator[tuple[Office, Owed]]:
        """Everybody with every duty of theirs."""
        for duty in self.year.duties:
            for office in self.year.offices:
                if duty.binds(office):
                    yield office, duty

    def gaps(self, first: date, last: date) -> list[Gap]:
        """Every unmet stretch whose last day lies in the period."""
        return [
            Gap(office.code, duty.name, stretch, self.silence(office, duty, stretch))
            for office, duty in self.bound()
            for stretch in self.owed(office, duty)
            if first <= stretch[1] <= last and not self.met(office, duty, stretch)
        ]

    def missing(self, first: date, last: date) -> dict[tuple[str, str], Lack]:
        """By member and duty. Reading taken: a period of several unmet stretches is spoken for by the strongest."""
        found: dict[tuple[str, str], Lack] = {}
        for office, duty in self.bound():
            owed = [one for one in self.owed(office, duty) if first <= one[1] <= last]
            unmet = [one for one in owed if not self.met(office, duty, one)]
            if unmet:
                silences = {self.silence(office, duty, one) for one in unmet}
                ever = [day for day, state, _ in self._lines[office.code, duty.name] if state == "public"]
                found[office.code, duty.name] = Lack(
                    owed=len(owed), unmet=len(unmet), came=len(self.lines(office, duty, (first, last), "public")),
                    silence=next(one for one in ORDER if one in silences), last_item=max(ever, default=None),
                    late_days=working_days_after(unmet[0][1], last),
                )  # fmt: skip
        return found

    def standing(self, day: date) -> dict[tuple[str, str], tuple[str, int | None]]:
        """State and days late of every member that is in force, for every duty with a rhythm that is.

        Readings taken: a duty that nobody owes in the running stretch is FRESH, whatever was missing before; EMPTY and
        NEVER go before DUE and LATE.
        """
        found: dict[tuple[str, str], tuple[str, int | None]] = {}
        for office, duty in self.bound():
            in_force = (office.since or day) <= day <= (office.until or day) and duty.since <= day
            if duty.every and in_force and day <= (duty.until or day):
                found[office.code, duty.name] = self._state(office, duty, day)
        return found

    def _state(self, office: Office, duty: Owed, day: date) -> tuple[str, int | None]:
        owed = self.owed(office, duty)
        running = [one for one in owed if one[0] <= day <= one[1]]
        if not running or self.met(office, duty, running[0]):
            return "fresh", None
        past = [one for one in owed if one[1] < day]
        ever = self._lines[office.code, duty.name]
        if ever and not any(state == "public" for _, state, _ in ever):
            return "empty", None
        if not ever and past:
            return "never", None
        unmet: list[Stretch] = []
        for one in past:
            unmet = [] if self.met(office, duty, one) else [*unmet, one]
        return ("late", working_days_after(unmet[0][1], day)) if unmet else ("due", None)

    def covered(self, first: date, last: date) -> dict[tuple[str, str], tuple[int, int, frozenset[str]]]:
        """By category and kind of member: who owed, who gave, and the codes of those who did not.

        Reading taken: one public item of the category in the period is enough to be counted in n of N.
        """
        found: dict[tuple[str, str], tuple[int, int, frozenset[str]]] = {}
        for category in {duty.category for duty in self.year.duties}:
            due: dict[str, set[str]] = {}
            have: dict[str, set[str]] = {}
            for office, duty in self.bound():
                if duty.category == category and any(first <= one[1] <= last for one in self.owed(office, duty)):
                    due.setdefault(office.kind, set()).add(office.code)
                    if self.lines(office, duty, (first, last), "public"):
                        have.setdefault(office.kind, set()).add(office.code)
            for kind, codes in due.items():
                found[category, kind] = len(codes), len(have.get(kind, ())), frozenset(codes - have.get(kind, set()))
        return found

    def timeliness(self, first: date, last: date) -> dict[str, tuple[int, int, int, float]]:
        """By category with a limit: how many were measured and in time, the worst and the median, in working days.

        Reading taken: measured are public items, copies too, of the members that owe the limit, by the day on which
        they count; from the day of signature, or else that day, to the day on which the public could first read them.
        """
        found: dict[str, tuple[int, int, int, float]] = {}
        for duty in self.year.duties:
            if duty.within is None:
                continue
            taken, in_time = [], 0
            for office in self.year.offices:
                if not duty.binds(office):
                    continue
                for entry, day, state in self._by_member.get(office.code, ()):
                    if state == "public" and duty.counts(entry.category) and first <= day <= last:
                        assert entry.shown
                        begins, ends = entry.issued or day, day_of(entry.shown)
                        taken.append(max(working_days_after(begins, ends), 0))
                        in_time += ends <= limit(begins, duty.within)
            if taken:
                found[duty.category] = len(taken), in_time, max(taken), median(taken)
        return found

    def timed(self, first: date, last: date) -> dict[str, tuple[int, int]]:
        """By member: stories of its own for which a limit is set, and how many of them were in time."""
        found: dict[str, tuple[int, int]] = {}
        for office, duty in self.bound():
            if duty.within is None:
                continue
            for entry, day, state in self._by_member.get(office.code, ()):
                if state == "public" and entry.copy_of is None and duty.counts(entry.category) and first <= day <= last:
                    assert entry.shown
                    many, in_time = found.get(office.code, (0, 0))
                    in_time += day_of(entry.shown) <= limit(entry.issued or day, duty.within)
                    found[office.code] = many + 1, in_time
        return found

    def hours(self, first: date, last: date) -> dict[str, float]:
        """By member: the median of the hours from its own site to the public, of stories that have a date."""
        found: dict[str, list[float]] = {}
        for member, entries in self._by_member.items():
            for entry, day, state in entries:
                if state == "public" and entry.copy_of is None and entry.published and first <= day <= last:
                    assert entry.shown
                    corrected = entry.corrected and entry.corrected[0] <= self.when
                    began = entry.corrected[1] if corrected and entry.corrected else entry.published
                    found.setdefault(member, []).append(max((entry.shown - began).total_seconds() / 3_600, 0))
        return {member: median(hours) for member, hours in found.items()}

    def ended(self, last: date) -> dict[str, tuple[date, frozenset[str]]]:
        """Members whose last day is known and past, with those that follow them."""
        return {
            one.code: (one.until, frozenset(one.successors)) for one in self.year.offices
            if one.until and one.until <= last and (not one.successors or self.when >= SETTLED)
        }  # fmt: skip

    # ----------------------------------------------------------------------------------------------- numbers

    def totals(self, first: date, last: date) -> Totals:
        """Everything that is counted in a period."""
        totals = Totals()
        for member, entries in self._by_member.items():
            for entry, day, state in entries:
                if first <= day <= last:
                    totals.states[state] += 1
                    if state == "public":
                        _add(totals, member, entry, day)
        return totals

    def public(self, first: date, last: date) -> Sequence[Entry]:
        """The items of a period, copies too."""
        return [
            entry for entries in self._by_member.values() for entry, day, state in entries
            if state == "public" and first <= day <= last
        ]  # fmt: skip


def _add(totals: Totals, member: str, entry: Entry, day: date) -> None:
    if entry.copy_of is not None:
        totals.copies += 1
        totals.member_copies[member] += 1
        return
    top = next((top for top, parts in PARTS.items() if entry.category in parts), entry.category)
    assert top in TOPS
    totals.items += 1
    totals.photos += entry.photos
    totals.files += entry.files
    totals.undated += entry.published is None
    totals.kinds[entry.feed.kind] += 1
    totals.months[f"{day:%Y-%m}"] += 1
    totals.members[member] += 1
    totals.member_categories[member, top] += 1
    totals.member_photos[member] += entry.photos
    totals.member_files[member] += entry.files
    for category in {top, entry.category}:
        totals.categories[category] += 1
    if entry.author:
        totals.authors[entry.author, member] += 1
