"""Who publishes what it has to, here and at each destination, and why do the others not?

The rows of the roster, of its sources, items and deliveries, a statement each; hub/rules judges them. What
only explains a gap (rejections, held runs, who paused) is asked for the sources of those who are missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from hub.engine import unknown_destination
from hub.queries.codes import calendar
from hub.rules import coverage as rule
from hub.rules.coverage import Coverage, Group, Member
from hub.rules.gaps import Halt, Sent, Source
from hub.store.database import marks
from hub.store.instants import moment
from hub.store.unit import Store
from schemas.item import Kind

#: of the hub's own exchange, which is no place where anybody reads
_EVENTS = "events"


@dataclass(frozen=True, slots=True)
class _Duty:
    """One member that has to publish a kind."""

    code: str
    name: str
    group: Group


async def coverage(store: Store, zone: ZoneInfo, *, kind: Kind | None = None, at: str = "") -> list[Coverage]:
    """Every duty, or that of one kind, group by group; at one destination, or wherever such items are sent.

    Members that have ended, or not begun, do not count. Raises ConfigError: `unknown_destination`.
    """
    today = store.now().astimezone(zone).date()
    places = {
        row["name"]: Halt(
            state=row["state"], code=row["fault_code"], sentence=row["fault_sentence"], since=_local(row, zone)
        )
        for row in await store.fetch(
            "SELECT name, state, fault_code, fault_sentence, fault_since FROM destination WHERE state <> 'removed'"
        )
    }
    if at and at not in places:
        raise unknown_destination(at, places)
    duties = await _duties(store, today)
    wanted = [kind] if kind else [each for each in Kind if each in duties]
    found = []
    for each in wanted:
        found += await _of_kind(store, zone, each, duties.get(each, []), {at: places[at]} if at else places, at, today)
    return found


async def _of_kind(
    store: Store, zone: ZoneInfo, kind: Kind, duties: Sequence[_Duty], places: Mapping[str, Halt], at: str, today: date
) -> list[Coverage]:  # fmt: skip
    if not duties:
        return []
    sent = await _sent(store, zone, kind)
    places = {name: halt for name, halt in sorted(places.items()) if name == at or (name in sent and name != _EVENTS)}
    public = await _public(store, kind)
    missing = {duty.code for duty in duties if not public.get(duty.code)}
    sources = await _sources(store, zone, kind, missing)
    members = [
        Member(
            code=duty.code, name=duty.name, group=duty.group, items=public.get(duty.code, 0),
            sources=sources.get(duty.code, ()),
            sent={place: sent[place][duty.code] for place in places if duty.code in sent.get(place, {})},
        )
        for duty in duties
    ]  # fmt: skip
    paused = [name for name, halt in places.items() if halt.state == "paused"]
    places = {**places, **await _paused(store, zone, "destination", {name: places[name] for name in paused})}
    return rule.coverage(kind, members, places, today=today)


async def _duties(store: Store, today: date) -> dict[Kind, list[_Duty]]:
    rows = await store.fetch(
        "SELECT code, name, kind, duties FROM member WHERE duties <> '[]' AND (valid_from = '' OR valid_from <= ?)"
        " AND (valid_until = '' OR valid_until >= ?) ORDER BY code",
        today.isoformat(), today.isoformat(),
    )  # fmt: skip
    found: dict[Kind, list[_Duty]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: _numbers(each["code"])):
        group = Group(row["kind"]) if row["kind"] in set(Group) else Group.OTHER
        for kind in orjson.loads(row["duties"]):
            found[Kind(kind)].append(_Duty(row["code"], row["name"], group))
    return found


def _numbers(code: str) -> list[tuple[int, str]]:
    """H52.9 stands before H52.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in code.split(".")]


async def _public(store: Store, kind: Kind) -> dict[str, int]:
    rows = await store.fetch(
        "SELECT member, count(*) AS n FROM item WHERE kind = ? AND state = 'live' AND approved_revision > 0"
        " GROUP BY member",
        kind,
    )
    return {row["member"]: row["n"] for row in rows}


# --------------------------------------------------------------------------------- sources of those who are missing


async def _sources(store: Store, zone: ZoneInfo, kind: Kind, members: Iterable[str]) -> dict[str, list[Source]]:
    """The sources of these members, and what keeps their items back."""
    wanted = sorted(members)
    rows = await store.fetch(
        "SELECT name, member, state, polled_at, fault_code, fault_side, fault_sentence, fault_since FROM source"
        f" WHERE state <> 'removed' AND kind = ? AND member IN ({marks(len(wanted))}) ORDER BY name",
        kind, *wanted,
    )  # fmt: skip
    halts = {
        row["name"]: Halt(
            state=row["state"], code=row["fault_code"], side=row["fault_side"], sentence=row["fault_sentence"],
            since=_local(row, zone),
        )
        for row in rows
    }  # fmt: skip
    paused = {name: halt for name, halt in halts.items() if halt.state == "paused"}
    halts |= await _paused(store, zone, "source", paused)
    kept = await _kept_back(store, kind, list(halts))
    sources: dict[str, list[Source]] = defaultdict(list)
    for row in rows:
        name = row["name"]
        sources[row["member"]].append(
            replace(kept[name], name=name, halt=halts[name], asked=row["polled_at"] is not None)
        )  # fmt: skip
    return sources


async def _kept_back(store: Store, kind: Kind, sources: Sequence[str]) -> Mapping[str, Source]:
    """What each source has brought that nobody sees."""
    among = f"IN ({marks(len(sources))})"
    waiting = await _counts(
        store,
        "SELECT i.source AS name, count(*) AS n FROM edition e JOIN item i ON i.content_id = e.content_id"
        f" WHERE e.state = 'held' AND i.kind = ? AND i.approved_revision = 0 AND i.source {among} GROUP BY i.source",
        kind, *sources,
    )  # fmt: skip
    runs = await _counts(
        store,
        f"SELECT source AS name, count(*) AS n FROM capture WHERE state = 'held' AND source {among} GROUP BY source",
        *sources,
    )
    reading = await _counts(
        store,
        f"SELECT source AS name, count(*) AS n FROM article WHERE state = 'wanted' AND source {among} GROUP BY source",
        *sources,
    )
    items = await store.fetch(
        "SELECT source, sum(CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END) AS gone,"
        " sum(CASE WHEN state = 'withdrawn' THEN 0 ELSE 1 END) AS unseen"
        f" FROM item WHERE kind = ? AND source {among} GROUP BY source",
        kind, *sources,
    )  # fmt: skip
    rejected: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await store.fetch(
        f"SELECT source, code, count(*) AS n FROM rejection WHERE source {among} GROUP BY source, code", *sources
    ):
        rejected[row["source"]][row["code"]] = row["n"]
    gone = {row["source"]: int(row["gone"]) for row in items}
    unseen = {row["source"]: int(row["unseen"]) for row in items}
    return {
        name: Source(
            name=name, held=waiting.get(name, 0) + runs.get(name, 0), reading=reading.get(name, 0),
            declined=max(0, unseen.get(name, 0) - waiting.get(name, 0)), withdrawn=gone.get(name, 0),
            rejected=rejected.get(name, {}),
        )
        for name in sources
    }  # fmt: skip


async def _paused(store: Store, zone: ZoneInfo, table: str, halts: Mapping[str, Halt]) -> dict[str, Halt]:
    """The same with who paused them, and since when."""
    if not halts:
        return {}
    rows = await store.fetch(
        f"SELECT {table} AS name, who, at FROM event WHERE what = ? AND {table} IN ({marks(len(halts))}) ORDER BY id",
        f"{table}_paused", *halts,
    )  # fmt: skip
    last = {row["name"]: row for row in rows}
    return {
        name: replace(halt, by=last[name]["who"], since=moment(last[name]["at"]).astimezone(zone))
        if name in last else halt
        for name, halt in halts.items()
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- destinations


async def _sent(store: Store, zone: ZoneInfo, kind: Kind) -> dict[str, dict[str, Sent]]:
    """What became of public items: destination -> member -> Sent."""
    rows = await store.fetch(
        """
        SELECT d.destination, i.member, d.state, d.error_code, count(*) AS n, max(d.error_sentence) AS sentence,
               sum(CASE WHEN d.sent_revision > 0 AND e.withdrawal IS NULL AND NOT EXISTS (
                     SELECT 1 FROM difference x WHERE x.destination = d.destination AND x.content_id = d.content_id
                        AND x.kind = 'missing' AND x.state IN ('open', 'accepted')) THEN 1 ELSE 0 END) AS there
          FROM delivery d JOIN item i ON i.content_id = d.content_id
               LEFT JOIN edition e ON e.content_id = d.content_id AND e.revision = d.sent_revision
         WHERE i.kind = ? AND i.state = 'live' AND i.approved_revision > 0
         GROUP BY d.destination, i.member, d.state, d.error_code ORDER BY count(*), d.error_code
        """,
        kind,
    )
    due = await _due(store, zone, kind) if any(row["state"] == "asked" for row in rows) else {}
    found: dict[str, dict[str, Sent]] = defaultdict(dict)
    for row in rows:  # the most frequent error comes last
        sent = found[row["destination"]].get(row["member"], Sent())
        there = int(row["there"])
        states = {**sent.states, row["state"]: sent.states.get(row["state"], 0) + row["n"] - there}
        code, sentence = (row["error_code"], row["sentence"]) if row["error_code"] else (sent.code, sent.sentence)
        found[row["destination"]][row["member"]] = Sent(
            there=sent.there + there, states=states, code=code, sentence=sentence,
            due=due.get((row["destination"], row["member"])),
        )  # fmt: skip
    return found


async def _due(store: Store, zone: ZoneInfo, kind: Kind) -> dict[tuple[str, str], date]:
    """The earliest day of what officers were asked for, by destination and member."""
    rows = await store.fetch(
        "SELECT t.destination, i.member, t.days, min(t.opened_at) AS opened_at FROM task t"
        " JOIN item i ON i.content_id = t.content_id WHERE t.state = 'open' AND t.days > 0 AND i.kind = ?"
        " GROUP BY t.destination, i.member, t.days",
        kind,
    )
    days = await calendar(store)
    found: dict[tuple[str, str], date] = {}
    for row in rows:
        key = row["destination"], row["member"]
        day = days.add(moment(row["opened_at"]).astimezone(zone).date(), row["days"]).day
        found[key] = min(day, found.get(key, day))
    return found


async def _counts(store: Store, sql: str, *values: Any) -> dict[str, int]:
    return {row["name"]: row["n"] for row in await store.fetch(sql, *values)}


def _local(row: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    since = row["fault_since"]
    return None if since is None else moment(since).astimezone(zone)
