"""What happens in the year, decided from one seed: items with all that becomes of them, troubles of sources, setbacks.

Nothing here looks at the hub. What is decided is written into a database by tests/year/filling.py, and what the hub has
to say about it is worked out from the same decisions by tests/year/key.py.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from tests.year.days import AFTER, DAY, FIRST, LAST, MERGED, at, day_of, stretches
from tests.year.roster import DUTIES, KINDS, Feed, Office, Owed, feeds, offices

#: The report over the first half is made in the morning of 1 July; then the settings name the new communes.
HALF, SETTLED = at(AFTER, 8), at(AFTER, 9)
#: The report over the year.
END = at(date(2026, 1, 5), 8)
#: How often each category comes to a kind of member, how often a stretch of it stays silent, and its weight among the
#: items that fill up the number that was asked for.
HABITS: dict[str, dict[str, tuple[str, float, int]]] = {
    "department": {
        "news": ("month", 0.10, 12), "directives": ("month", 0.12, 5), "legal": ("quarter", 0.2, 1),
        "procedures": ("half-year", 0.3, 2), "receptions": ("month", 0.2, 1), "budget": ("half-year", 0.3, 1),
        "questions": ("quarter", 0.2, 1), "tenders": ("quarter", 0.4, 1), "notices": ("quarter", 0.3, 1),
        "decisions": ("half-year", 0.5, 0),
    },
    "district": {
        "news": ("quarter", 0.3, 6), "directives": ("month", 0.2, 3), "procedures": ("half-year", 0.2, 1),
        "petitions": ("half-year", 0.3, 1), "law": ("quarter", 0.3, 1),
    },
    "commune": {"news": ("month", 0.3, 4), "budget": ("half-year", 0.4, 1), "law": ("quarter", 0.4, 1)},
}  # fmt: skip
NEVER = 0.06  #: of the members that never give anything of a category
AUTHORS = [f"{family} {middle} {given}" for family in ("Lò", "Cầm", "Nguyễn", "Hà") for middle in ("Văn", "Thị")
           for given in ("An", "Bình", "Chung", "Duyên", "Giang")]  # fmt: skip
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(slots=True)
class Entry:
    """An item and its life. Moments are UTC; None: it never happens."""

    number: int
    feed: Feed
    category: str
    published: datetime | None
    came: datetime
    shown: datetime | None
    refused: datetime | None = None
    gone: datetime | None = None
    gone_by: str = ""  #: source, person, screen
    corrected: tuple[datetime, datetime] | None = None  #: when, to what
    author: str = ""
    photos: int = 0
    files: int = 0
    issued: date | None = None
    copy_of: int | None = None

    def day(self, when: datetime) -> date:
        """On which it counts, as known then."""
        if self.corrected and self.corrected[0] <= when:
            return day_of(self.corrected[1])
        return day_of(self.published or self.came)

    def state(self, when: datetime) -> str:
        """How it counts then; empty: it has not come."""
        if self.came > when:
            return ""
        if self.gone and self.gone <= when:
            return "withdrawn"
        if self.shown and self.shown <= when:
            return "public"
        return "rejected" if self.refused and self.refused <= when else "held"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time in which a source is not read; `until` None: to the end and beyond."""

    feed: Feed
    since: datetime
    until: datetime | None
    why: str  #: fault, blocked, paused, removed
    code: str = ""
    side: str = ""

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Setback:
    """Something of a source that could not become an item: a record, or a whole run that waits for a person."""

    feed: Feed
    moment: datetime
    what: str  #: record, run


@dataclass(slots=True)
class Year:
    """All that was decided."""

    seed: int
    offices: Sequence[Office]
    feeds: Sequence[Feed]
    duties: Sequence[Owed] = DUTIES
    entries: list[Entry] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    setbacks: list[Setback] = field(default_factory=list)
    agency: str = "Ban Biên tập Cổng thông tin điện tử tỉnh Mẫu"
    suffix: str = "BC-BBT"

    def office(self, code: str) -> Office:
        return next(one for one in self.offices if one.code == code)


def plan(seed: int, items: int) -> Year:
    """A year with so many items; as many as duties and chance want when that is more."""
    return _Maker(seed, items).year


class _Maker:
    def __init__(self, seed: int, items: int) -> None:
        self.rng = rng = random.Random(seed)
        self.year = Year(seed, offices(), feeds(rng))
        self.by_member: dict[str, list[Feed]] = {}
        for feed in self.year.feeds:
            self.by_member.setdefault(feed.member, []).append(feed)
        self.troubles: dict[str, list[Trouble]] = {}
        for feed in self.year.feeds:
            self._trouble(feed)
        cells = list(self._cells())
        for office, category, days in cells:
            least = 2 if category == "news" and office.kind == "department" and rng.random() > 0.05 else 1
            for _ in range(least + (rng.random() < 0.15)):
                self._put(office, category, days)
        weights = [HABITS[office.kind][category][2] for office, category, _ in cells]
        self._fill(cells, weights, items - items // 50)  # the rest is for copies
        for entry in list(self.year.entries):
            self._fate(entry)
        self._after_the_end()
        self._fill(cells, weights, items)
        for _ in range(12):
            self._set_back(rng.choice(self.year.feeds), (FIRST, MERGED))
        self.year.entries.sort(key=lambda one: (one.came, one.number))

    def _fill(self, cells: list[tuple[Office, str, tuple[date, date]]], weights: list[int], items: int) -> None:
        while len(self.year.entries) < items:
            self._put(*self.rng.choices(cells, weights)[0])

    # ------------------------------------------------------------------------------------------ sources

    def _trouble(self, feed: Feed) -> None:
        rng, found = self.rng, self.troubles.setdefault(feed.name, [])
        ends = next(one.until for one in self.year.offices if one.code == feed.member)
        begins = next(one.since for one in self.year.offices if one.code == feed.member) or FIRST
        if feed.asked and rng.random() < 0.3:
            since = at(begins + DAY * rng.randrange(5, (LAST - begins).days - 10), rng.randrange(24), rng.randrange(60))
            last = LAST if ends is None else ends
            if day_of(since) < last - DAY * 3:
                until = None if rng.random() < 0.4 else since + DAY * rng.randrange(1, 45) + HOUR * rng.randrange(20)
                found.append(self._why(feed, since, until))
                if until and until < at(last) - DAY * 40 and rng.random() < 0.4:
                    again = until + DAY * rng.randrange(1, 30)
                    found.append(self._why(feed, again, again + DAY * rng.randrange(1, 20)))
        if ends and int(feed.member.rpartition(".")[2]) % 2:  # half of those that ended are taken out of the settings
            found[:] = [_until(one, SETTLED) for one in found if one.since < SETTLED]
            found.append(Trouble(feed, SETTLED, None, "removed"))
        self.year.troubles += found

    def _why(self, feed: Feed, since: datetime, until: datetime | None) -> Trouble:
        rng = self.rng
        why = rng.choices(("fault", "blocked", "paused", "removed"), (12, 4, 4, 1))[0]
        if why == "removed" and (until or feed.category or not feed.name.startswith("so-")):
            why = "fault"
        code, side = {
            "fault": rng.choice((("timeout", "network"), ("server_error", "member"), ("not_a_feed", "hub"))),
            "blocked": ("forbidden", "member"),
        }.get(why, ("", ""))
        return Trouble(feed, since, until, why, code, side)

    def _readable(self, feed: Feed, moment: datetime) -> datetime | None:
        """When something that is there since `moment` is seen; None: never."""
        for trouble in self.troubles[feed.name]:
            if trouble.covers(moment):
                if trouble.until is None:
                    return None
                moment = trouble.until + MINUTE * 10
        if any(one.covers(moment) for one in self.troubles[feed.name]):
            return None
        return moment if feed.asked and moment < END else None

    # -------------------------------------------------------------------------------------------- items

    def _cells(self) -> Iterator[tuple[Office, str, tuple[date, date]]]:
        """What comes; what does not is decided here too, with what becomes of it instead."""
        for office in self.year.offices:
            for category, (every, silent, _) in HABITS[office.kind].items():
                if category == "tenders" and not any(one.category == category and one.binds(office)
                                                     for one in DUTIES):  # fmt: skip
                    continue
                never = self.rng.random() < NEVER
                for first, last in stretches(every):
                    days = max(first, office.since or first), min(last, office.until or last)
                    if days[0] > days[1]:
                        continue
                    if never or self.rng.random() < silent:
                        self._silence(office, category, days)
                    else:
                        yield office, category, days

    def _silence(self, office: Office, category: str, days: tuple[date, date]) -> None:
        """Nothing that is public: mostly because there is nothing."""
        what = self.rng.choices(
            ("nothing", "held", "refused", "person", "screen", "source", "record", "run"), (60, 7, 7, 6, 3, 4, 6, 5)
        )[0]
        if what in ("record", "run"):
            bringing = self._bringing(office, category)
            if bringing:
                self._set_back(self.rng.choice(bringing), days, what)
        elif what != "nothing" and (entry := self._put(office, category, days)):
            later = entry.came + HOUR * self.rng.randrange(1, 90)
            if what in ("held", "refused"):
                entry.shown, entry.refused = None, later if what == "refused" else None
            else:
                entry.gone, entry.gone_by = later, what

    def _set_back(self, feed: Feed, days: tuple[date, date], what: str = "record") -> None:
        moment = at(self._day(days), self.rng.randrange(24))
        if self._readable(feed, moment) == moment and (feed.member not in _BEGIN_LATER or moment > SETTLED):
            self.year.setbacks.append(Setback(feed, moment, what))

    def _bringing(self, office: Office, category: str) -> list[Feed]:
        """Feeds of which an item of just this category may be; those that are set to it come first."""
        found = [
            feed for feed in self.by_member.get(office.code, ())
            if feed.kind in KINDS[category] and feed.category in ("", category)
        ]  # fmt: skip
        return [feed for feed in found if feed.category] or found

    def _day(self, days: tuple[date, date]) -> date:
        return days[0] + DAY * self.rng.randrange((days[1] - days[0]).days + 1)

    def _put(self, office: Office, category: str, days: tuple[date, date]) -> Entry | None:
        rng = self.rng
        bringing = self._bringing(office, category)
        if not bringing:
            return None
        feed, day = rng.choice(bringing), self._day(days)
        near_midnight = rng.random() < 0.03
        published = at(day, *((rng.choice((0, 23)), 2) if near_midnight else (rng.randrange(7, 18), rng.randrange(60))))
        undated = rng.random() < 0.03
        delay = (
            MINUTE if undated else DAY * rng.randrange(1, 10) if rng.random() < 0.02 else MINUTE * rng.randrange(3, 99)
        )
        came = self._readable(feed, published + delay)
        if came is None or (office.since and came < SETTLED + MINUTE):
            return None
        entry = Entry(len(self.year.entries), feed, category, None if undated else published, came, came)
        if feed.kind == "document" and rng.random() < 0.9:
            entry.issued = day_of(came if undated else published) - DAY * rng.choice((0, 0, 1, 1, 2, 3, 5, 8, 12))
        if feed.kind == "news":
            entry.author = rng.choice(AUTHORS) if rng.random() < 0.7 else ""
            entry.photos = rng.choice((0, 0, 1, 1, 2, 3))
        entry.files = rng.choice((0, 1, 2)) if feed.kind != "news" else rng.choice((0, 0, 0, 1))
        self.year.entries.append(entry)
        return entry

    def _fate(self, entry: Entry) -> None:
        """What becomes of an item that nothing was decided about yet."""
        if entry.shown is None or entry.gone:
            return
        rng, chance = self.rng, self.rng.random()
        if chance < 0.08:
            entry.shown = entry.came + HOUR * rng.randrange(1, 150)
        elif chance < 0.09:
            entry.shown, entry.refused = None, entry.came + HOUR
        elif chance < 0.097:
            entry.shown = None
        elif chance < 0.107:
            entry.gone = entry.came + HOUR * rng.randrange(1, 1500)
            entry.gone_by = rng.choice(("source", "person", "screen"))
        elif chance < 0.12 and entry.published:
            when = entry.came + DAY * rng.randrange(1, 120)
            to = entry.published + DAY * rng.randrange(-40, 40)
            if day_of(to) > FIRST and to < when < END and day_of(to) <= LAST:
                entry.corrected = (when, to)
        elif chance < 0.16 and entry.published and entry.feed.kind == entry.category == "news":
            for _ in range(rng.choice((1, 1, 2))):
                self._copy(entry)

    def _copy(self, origin: Entry) -> None:
        """Another member tells the same story a little later."""
        assert origin.published
        rng = self.rng
        feed = rng.choice([one for one in self.year.feeds if one.kind == "news"])
        published = origin.published + MINUTE * rng.randrange(10, 2_880)
        came = self._readable(feed, max(published, origin.came) + HOUR)
        office = self.year.office(feed.member)
        if feed.member == origin.feed.member or came is None or day_of(published) > (office.until or LAST):
            return
        if office.since and (day_of(published) < office.since or came < SETTLED + MINUTE):
            return
        self.year.entries.append(
            replace(origin, number=len(self.year.entries), feed=feed, published=published, came=came, shown=came,
                    copy_of=origin.number)
        )  # fmt: skip

    def _after_the_end(self) -> None:
        """Sites of communes that are no more go on for a while: what they say counts for them."""
        for feed in self.year.feeds:
            office = self.year.office(feed.member)
            if office.kind == "commune" and office.until and self.rng.random() < 0.15:
                self._put(office, "news", (AFTER + DAY, AFTER + DAY * 40))


_BEGIN_LATER = frozenset(office.code for office in offices() if office.since)


def _until(trouble: Trouble, moment: datetime) -> Trouble:
    """A trouble that lasts beyond the day on which its source was removed never ended well."""
    return replace(trouble, until=None) if trouble.until and trouble.until >= moment else trouble
