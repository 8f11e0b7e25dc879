"""What is known of the sources of members who owe something: were they read, and what of it was kept back here?

Four statements for all members together; hub/rules/silences.py judges what they say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hub.engine import Engine
from hub.queries.given import DAY, offset
from hub.rules.categories import Categories
from hub.rules.duties import Stretch
from hub.rules.silences import Back, Kept, Outage, Reading, Silence, Verdict, observed, silence, uncounted
from hub.rules.tallies import day as day_of_number
from hub.rules.tallies import day_number
from hub.store.database import Row, marks
from hub.store.instants import micros, moment
from hub.store.states import CaptureState, EndpointState, Origin, TallyState
from hub.store.tallying import CURSOR
from hub.store.unit import Store

#: The schedule counts each second; what waits for longer says that it does not.
LAG: Final = timedelta(minutes=1)
#: How an item that is not public was kept back; a source that withdrew its own item kept nothing from anybody.
_BACK: Final[Mapping[tuple[str, str], Back]] = {
    (TallyState.HELD, ""): Back.HELD, (TallyState.REJECTED, ""): Back.DECLINED,
    (TallyState.WITHDRAWN, "person"): Back.WITHDRAWN, (TallyState.WITHDRAWN, "screen"): Back.SCREENED,
}  # fmt: skip
#: Outages that have not ended with a good answer. One whose place another took at the same moment ended in name only:
#: a source that is paused, or leaves the settings, while it cannot be read was not read in between.
_UNENDED: Final = """
WITH RECURSIVE unended AS (
    SELECT id, source, since, until, why, code, side, sentence FROM outage
     WHERE since <= ? AND (until IS NULL OR until > ?)
    UNION
    SELECT o.id, o.source, o.since, u.until, o.why, o.code, o.side, o.sentence
      FROM outage o JOIN unended u ON o.source = u.source AND o.until = u.since
)
SELECT source, since, until, why, code, side, sentence FROM unended ORDER BY since, id
"""


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    kind: str
    category: str
    asked: bool
    begun: date | None  #: day of its first answer that was kept
    answered: datetime | None  #: last good answer of one that is polled


@dataclass(slots=True)
class Facts:
    """What is known of the sources of some members."""

    categories: Categories
    is_behind: bool = False  #: the numbers lag behind what happened
    sources: dict[str, list[_Source]] = field(default_factory=lambda: defaultdict(list))  #: by member
    outages: dict[str, list[Outage]] = field(default_factory=lambda: defaultdict(list))  #: by source
    ended: dict[str, list[Outage]] = field(default_factory=lambda: defaultdict(list))  #: outages by source
    runs: dict[str, list[Kept]] = field(default_factory=lambda: defaultdict(list))  #: by source
    #: days on which items without a date came, by member, category and source
    undated: dict[tuple[str, str, str], list[date]] = field(default_factory=lambda: defaultdict(list))
    #: the day on which a source last brought something of another member, by member and source
    lent: dict[tuple[str, str], date] = field(default_factory=dict)
    #: items of which no text is kept, by member and source: they may have been of another category than they count for
    purged: dict[tuple[str, str], list[tuple[str, Kept]]] = field(default_factory=lambda: defaultdict(list))
    #: items by member and category, and the source that each came from
    items: dict[tuple[str, str], list[tuple[str, Kept]]] = field(default_factory=lambda: defaultdict(list))

    def verdict(
        self, member: str, category: str, unmet: Sequence[Stretch], at: datetime, *, recent: bool = False
    ) -> Verdict:  # fmt: skip
        """Whose silence these stretches without enough are. `recent`: a stretch that ended before its sources were
        there says nothing about those that came later.
        """
        if self.is_behind:
            return uncounted()
        readings = self.readings(member, category)
        found = silence(unmet, readings, at=at)
        if recent and found.silence is Silence.UNREAD:
            return silence(observed(unmet, readings, at=at), readings, at=at)
        return found

    def readings(self, member: str, category: str) -> list[Reading]:
        """The sources of a member that bring a category, and those from which something of it came."""
        codes = self.categories.counted(category)
        kinds = self._kinds(codes)
        kept: dict[str, list[Kept]] = defaultdict(list)
        for code in codes:
            for name, one in self.items.get((member, code), ()):
                kept[name].append(one)
        found = []
        for source in self.sources.get(member, ()):
            if source.category in codes or (not source.category and source.kind in kinds):
                told = [
                    *kept.pop(source.name, ()), *self.runs.get(source.name, ()),
                    *(one for code, one in self.purged.get((member, source.name), ()) if code not in codes),
                ]  # fmt: skip
                lent = self.lent.get((member, source.name))
                begun = [day for day in (source.begun, lent and lent + timedelta(days=1)) if day]
                found.append(
                    Reading(
                        source=source.name,
                        asked=source.asked,
                        outages=self.outages.get(source.name, ()),
                        kept=told,
                        begun=max(begun, default=None),
                        answered=source.answered,
                        ended=self.ended.get(source.name, ()),
                        undated=[day for code in codes for day in self.undated.get((member, code, source.name), ())],
                    )
                )
        return found + [
            Reading(source=name, outages=self.outages.get(name, ()), kept=one) for name, one in kept.items()
        ]

    def _kinds(self, codes: Iterable[str]) -> frozenset[str]:
        return frozenset(kind for code in codes for kind in self.categories.by_code[code].kinds)


async def facts(engine: Engine, members: Collection[str], first: date, last: date, *, at: datetime) -> Facts:
    """What is known of the sources of these members in these days, as things stand at `at`, in the hub's zone."""
    found = Facts(engine.categories)
    if not members:
        return found
    store, zone = engine.store, engine.zone
    found.is_behind = await _is_behind(store)
    await _add_sources(store, engine, found, members)
    among = sorted({source.name for sources in found.sources.values() for source in sources})
    for row in await store.fetch(_UNENDED, micros(at), micros(at)):
        found.outages[row["source"]].append(_outage(row, zone))
    for row in await store.fetch(
        "SELECT t.member, t.source, t.category, t.state, t.day, coalesce(i.withdrawn_by, '') AS withdrawn_by,"
        " CASE WHEN i.withdrawn_by = 'screen' AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.content_id = t.content_id"
        " AND e.body IS NOT NULL) THEN 1 ELSE 0 END AS purged, count(*) AS n FROM tally t"
        " LEFT JOIN item i ON i.content_id = t.content_id AND t.state = 'withdrawn'"
        " WHERE t.state IN ('held', 'rejected', 'withdrawn') AND t.day >= ? AND t.day <= ?"
        " GROUP BY t.member, t.source, t.category, t.state, t.day, i.withdrawn_by, purged",
        day_number(first), day_number(last + timedelta(days=1)),
    ):  # fmt: skip
        how = _BACK.get((row["state"], row["withdrawn_by"]))
        if how is not None:
            kept = Kept(day=day_of_number(row["day"]), how=how, count=row["n"], arrived=bool(row["purged"]))
            found.items[row["member"], row["category"]].append((row["source"], kept))
            if row["purged"]:
                found.purged[row["member"], row["source"]].append((row["category"], kept))
    await _add_runs(store, zone, found, among, first, at)
    await _add_ended(store, zone, found, first, at)
    return found


async def _is_behind(store: Store) -> bool:
    """Whether something that happened a while ago is not counted: nobody seals or counts, or everything is counted
    anew. What happened in the future was so by a clock that was set back since: nobody knows how long ago that is.
    """
    sealed = await store.fetch(
        "SELECT at FROM event WHERE sequence > coalesce((SELECT CAST(value AS BIGINT) FROM fact WHERE key = ?), 0)"
        " ORDER BY sequence LIMIT 1",
        CURSOR,
    )  # fmt: skip
    waiting = await store.fetch("SELECT at FROM event WHERE sequence IS NULL ORDER BY id LIMIT 1")
    now = store.now()
    return any(abs(now - moment(row["at"])) > LAG for row in (*sealed, *waiting))


async def _add_sources(store: Store, engine: Engine, found: Facts, members: Collection[str]) -> None:
    """Sources as they stand in the roster, and those from which something of a member came once."""
    in_force = engine.sources
    rows = await store.fetch(
        "SELECT s.name, s.member, s.kind, s.state, s.polled_at, s.answered_at, CASE WHEN s.answered_at IS NOT NULL"
        " OR (s.polled_at IS NULL AND EXISTS (SELECT 1 FROM tally t WHERE t.source = s.name)) THEN 1 ELSE 0 END"
        " AS asked,"
        f" (SELECT c.fetched_at FROM capture c WHERE c.source = s.name AND c.origin = '{Origin.POLL}'"
        " ORDER BY c.id LIMIT 1) AS begun FROM source s ORDER BY s.name"
    )
    by_name = {
        row["name"]: _Source(
            row["name"], row["kind"], in_force[row["name"]].category if row["name"] in in_force else "",
            bool(row["asked"]), None if row["begun"] is None else moment(row["begun"]).astimezone(engine.zone).date(),
            # While it stands still its outage says so; what is never polled waits for others to come.
            moment(row["answered_at"]).astimezone(engine.zone)
            if row["state"] == EndpointState.ACTIVE and row["answered_at"] is not None
            else None,
        )
        for row in rows
    }  # fmt: skip
    pairs = {(row["member"], row["name"]) for row in rows}
    # A source that went over to a successor was once its own: it was read then.
    pairs |= {
        (row["member"], row["source"])
        for row in await store.fetch(
            "SELECT DISTINCT t.member, t.source FROM member m JOIN tally t ON t.member = m.code"
            " WHERE m.valid_until <> ''"
        )
    }
    for member, name in sorted(pairs):
        if member in members and name in by_name:
            found.sources[member].append(by_name[name])
    # What a source said while it was held to be another member's is that one's for ever: it was not silent for this.
    # Who follows a member that ended begins with its own first day.
    for row in await store.fetch(
        "SELECT s.member, t.source, max(t.day) AS day FROM tally t JOIN source s ON s.name = t.source"
        " LEFT JOIN member m ON m.code = t.member WHERE t.member <> s.member AND coalesce(m.valid_until, '') = ''"
        " GROUP BY s.member, t.source"
    ):
        found.lent[row["member"], row["source"]] = day_of_number(row["day"])


async def _add_runs(
    store: Store, zone: ZoneInfo, found: Facts, sources: Sequence[str], first: date, at: datetime
) -> None:  # fmt: skip
    """Records that could not become items, and whole answers that wait for a person, from the first day on."""
    if not sources:
        return
    last, begins, ends = at.date(), micros(_midnight(first, zone)), micros(at) + 1
    chosen = f"source IN ({marks(len(sources))})"
    counts: dict[tuple[str, date, Back, str], int] = defaultdict(int)
    for row in await store.fetch(
        f"SELECT source, code, (at + CAST(? AS BIGINT)) / {DAY} AS day, count(*) AS n FROM rejection"
        f" WHERE {chosen} AND at >= ? AND at < ? GROUP BY source, code, day",
        offset(zone, last), *sources, begins, ends,
    ):  # fmt: skip
        counts[row["source"], day_of_number(row["day"]), Back.REJECTED, row["code"]] += row["n"]
    for row in await store.fetch(
        f"SELECT source, fetched_at FROM capture WHERE state = '{CaptureState.HELD}' AND fetched_at >= ?"
        " AND fetched_at < ?",
        begins, ends,
    ):  # fmt: skip
        counts[row["source"], moment(row["fetched_at"]).astimezone(zone).date(), Back.RUN, ""] += 1
    for (source, day, how, code), count in counts.items():
        found.runs[source].append(Kept(day=day, how=how, count=count, code=code, arrived=True))


async def _add_ended(store: Store, zone: ZoneInfo, found: Facts, first: date, at: datetime) -> None:
    """Outages that ended with a good answer, and the days on which items without a date came from those sources."""
    for row in await store.fetch(
        "SELECT source, since, until, why, code, side, sentence FROM outage o WHERE until > ? AND until <= ?"
        " AND NOT EXISTS (SELECT 1 FROM outage n WHERE n.source = o.source AND n.since = o.until)",
        micros(_midnight(first, zone)), micros(at),
    ):  # fmt: skip
        found.ended[row["source"]].append(_outage(row, zone))
    names = sorted(found.ended)
    for row in await store.fetch(
        "SELECT DISTINCT member, category, source, day FROM tally WHERE dated = 0 AND state = 'public'"
        f" AND source IN ({marks(len(names))}) AND day >= ? AND day <= ?",
        *names, day_number(first), day_number(at.date()),
    ) if names else ():  # fmt: skip
        found.undated[row["member"], row["category"], row["source"]].append(day_of_number(row["day"]))


def _outage(row: Row, zone: ZoneInfo) -> Outage:
    return Outage(
        since=moment(row["since"]).astimezone(zone),
        until=None if row["until"] is None else moment(row["until"]).astimezone(zone),
        why=row["why"], code=row["code"], side=row["side"], sentence=row["sentence"],
    )  # fmt: skip


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
