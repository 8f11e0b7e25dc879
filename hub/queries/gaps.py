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
from hub.rules.silences import Back, Kept, Outage, Reading, Verdict, silence, uncounted
from hub.rules.tallies import day as day_of_number
from hub.rules.tallies import day_number
from hub.store.database import Row, marks
from hub.store.instants import micros, moment
from hub.store.states import CaptureState, TallyState
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


@dataclass(slots=True)
class Facts:
    """What is known of the sources of some members."""

    categories: Categories
    is_behind: bool = False  #: the numbers lag behind what happened
    sources: dict[str, list[_Source]] = field(default_factory=lambda: defaultdict(list))  #: by member
    outages: dict[str, list[Outage]] = field(default_factory=lambda: defaultdict(list))  #: by source
    runs: dict[str, list[Kept]] = field(default_factory=lambda: defaultdict(list))  #: by source
    #: items by member and category, and the source that each came from
    items: dict[tuple[str, str], list[tuple[str, Kept]]] = field(default_factory=lambda: defaultdict(list))

    def verdict(self, member: str, category: str, unmet: Sequence[Stretch], at: datetime) -> Verdict:
        """Whose silence these stretches without enough are."""
        return uncounted() if self.is_behind else silence(unmet, self.readings(member, category), at=at)

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
                told = [*kept.pop(source.name, ()), *self.runs.get(source.name, ())]
                found.append(
                    Reading(
                        source=source.name, asked=source.asked, outages=self.outages.get(source.name, ()), kept=told
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
        " count(*) AS n FROM tally t LEFT JOIN item i ON i.content_id = t.content_id AND t.state = 'withdrawn'"
        " WHERE t.state IN ('held', 'rejected', 'withdrawn') AND t.day >= ? AND t.day <= ?"
        " GROUP BY t.member, t.source, t.category, t.state, t.day, i.withdrawn_by",
        day_number(first), day_number(last),
    ):  # fmt: skip
        how = _BACK.get((row["state"], row["withdrawn_by"]))
        if how is not None:
            kept = Kept(day=day_of_number(row["day"]), how=how, count=row["n"])
            found.items[row["member"], row["category"]].append((row["source"], kept))
    await _add_runs(store, zone, found, among, first, last)
    return found


async def _is_behind(store: Store) -> bool:
    """Whether something that was sealed a while ago is not counted: nobody counts, or everything is counted anew."""
    rows = await store.fetch(
        "SELECT at FROM event WHERE sequence > coalesce((SELECT CAST(value AS BIGINT) FROM fact WHERE key = ?), 0)"
        " ORDER BY sequence LIMIT 1",
        CURSOR,
    )
    return bool(rows) and moment(rows[0]["at"]) < store.now() - LAG


async def _add_sources(store: Store, engine: Engine, found: Facts, members: Collection[str]) -> None:
    """Sources as they stand in the roster, and those from which something of a member came once."""
    in_force = engine.sources
    rows = await store.fetch(
        "SELECT s.name, s.member, s.kind, CASE WHEN s.polled_at IS NOT NULL OR s.answered_at IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM tally t WHERE t.source = s.name) THEN 1 ELSE 0 END AS asked FROM source s"
        " ORDER BY s.name"
    )
    by_name = {
        row["name"]: _Source(
            row["name"], row["kind"], in_force[row["name"]].category if row["name"] in in_force else "",
            bool(row["asked"]),
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


async def _add_runs(
    store: Store, zone: ZoneInfo, found: Facts, sources: Sequence[str], first: date, last: date
) -> None:
    """Records that could not become items, and whole answers that wait for a person."""
    if not sources:
        return
    begins, ends = micros(_midnight(first, zone)), micros(_midnight(last, zone) + timedelta(days=1))
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
        found.runs[source].append(Kept(day=day, how=how, count=count, code=code))


def _outage(row: Row, zone: ZoneInfo) -> Outage:
    return Outage(
        since=moment(row["since"]).astimezone(zone),
        until=None if row["until"] is None else moment(row["until"]).astimezone(zone),
        why=row["why"], code=row["code"], side=row["side"], sentence=row["sentence"],
    )  # fmt: skip


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
