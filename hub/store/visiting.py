"""Visits by day, and the counters that they are read from. A day of a site is replaced whole, or stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hub.rules.counters import CounterFault, Grown, Mark
from hub.store.database import marks
from hub.store.instants import maybe_micros, maybe_moment, micros
from hub.store.unit import Store, Unit
from hub.visits.reading import Count
from hub.visits.values import day_at, day_number

#: Days before that say what is usual.
_USUAL: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of the days of a load."""

    new: Sequence[date]
    replaced: Sequence[date]
    unchanged: Sequence[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterState:
    """A counter as it was read last."""

    site: str
    reading: int | None
    read_at: datetime | None
    asked_at: datetime
    fault: str


async def line_up(store: Store, unit: Unit, site: str) -> None:
    """Let no other load of this site come in between."""
    if store.database.dialect == "postgres":
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(hashtext(?))", f"visits {site}")


async def member_of(unit: Unit, site: str) -> str | None:
    """Whose site it is by what was loaded before; None: nothing was."""
    rows = await unit.tx.fetch("SELECT member FROM visit WHERE site = ? LIMIT 1", site)
    return rows[0]["member"] if rows else None


async def addresses(store: Store, member: str) -> list[tuple[str, str]]:
    """Content id and address of each item of a member, the one seen first in front."""
    rows = await store.fetch(
        "SELECT content_id, url FROM item WHERE member = ? AND url <> '' ORDER BY first_seen, content_id", member
    )
    return [(row["content_id"], row["url"]) for row in rows]


async def put(
    unit: Unit, site: str, member: str, counts: Sequence[Count], items: Mapping[str, str], *, who: str
) -> Stored:
    """Store the days of a load. Totals of the site and counts of its pages are replaced apart from each other."""
    days = _by_day((one.day, one.path, one.visits) for one in counts)
    if not days:
        return Stored(new=(), replaced=(), unchanged=())
    numbers = [day_number(day) for day, _ in days]
    had = _by_day(
        (day_at(row["day"]), row["path"], row["visits"])
        for row in await unit.tx.fetch(
            "SELECT day, path, visits FROM visit WHERE site = ? AND day BETWEEN ? AND ?", site, min(numbers),
            max(numbers),
        )
    )  # fmt: skip
    changed = [key for key, pages in days.items() if had.get(key) != pages]
    for day, paged in changed:
        which = "path <> ''" if paged else "path = ''"
        await unit.tx.execute(f"DELETE FROM visit WHERE site = ? AND day = ? AND {which}", site, day_number(day))
    await unit.tx.execute_many(
        "INSERT INTO visit (site, member, day, path, content_id, visits, loaded_at, loaded_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (site, member, day_number(day), path, items.get(path, ""), visits, unit.at, who)
            for day, paged in changed
            for path, visits in days[day, paged].items()
        ],
    )
    replaced = {key[0] for key in changed if key in had}
    new = {key[0] for key in changed} - replaced
    return Stored(
        new=sorted(new), replaced=sorted(replaced), unchanged=sorted({day for day, _ in days} - new - replaced)
    )


def _by_day(counts: Iterable[tuple[date, str, int]]) -> dict[tuple[date, bool], dict[str, int]]:
    """Counts by path, by day and whether they are of pages."""
    found: dict[tuple[date, bool], dict[str, int]] = {}
    for day, path, visits in counts:
        found.setdefault((day, bool(path)), {})[path] = visits
    return found


async def counters(store: Store) -> dict[str, CounterState]:
    """Every counter that was asked, by its name."""
    rows = await store.fetch("SELECT * FROM counter ORDER BY site")
    return {
        row["site"]: CounterState(
            site=row["site"], reading=row["reading"], read_at=maybe_moment(row["read_at"]),
            asked_at=maybe_moment(row["asked_at"]) or store.now(), fault=row["fault"],
        )
        for row in rows
    }  # fmt: skip


async def usual(store: Store, site: str) -> list[int]:
    """Visits of the last days of a site on which nothing was wrong."""
    rows = await store.fetch(
        "SELECT visits FROM visit WHERE site = ? AND path = '' AND remark = '' ORDER BY day DESC LIMIT ?", site, _USUAL
    )
    return [row["visits"] for row in rows]


async def begun(unit: Unit, site: str, mark: Mark) -> bool:
    """Keep the first reading of a counter; False when somebody else did meanwhile."""
    return bool(
        await unit.tx.execute(
            "INSERT INTO counter (site, reading, read_at, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT (site) DO UPDATE"
            " SET reading = excluded.reading, read_at = excluded.read_at, asked_at = excluded.asked_at, fault = ''"
            " WHERE counter.reading IS NULL",
            site, mark.number, micros(mark.at), micros(mark.at),
        )
    )  # fmt: skip


async def counted(unit: Unit, site: str, member: str, before: Mark, now: Mark, said: Grown) -> bool:
    """Keep a further reading and the visits since the one before; False when somebody else did meanwhile."""
    fault = said.fault or ""
    moved = await unit.tx.execute(
        "UPDATE counter SET reading = ?, read_at = ?, asked_at = ?, fault = ? WHERE site = ? AND reading = ?"
        " AND read_at = ?",
        now.number, micros(now.at), micros(now.at), fault, site, before.number, micros(before.at),
    )  # fmt: skip
    if not moved:
        return False
    await unit.tx.execute(
        "INSERT INTO visit (site, member, day, path, visits, remark, loaded_at, loaded_by)"
        " VALUES (?, ?, ?, '', ?, ?, ?, 'hub') ON CONFLICT (site, day, path) DO UPDATE"
        " SET visits = visit.visits + excluded.visits, loaded_at = excluded.loaded_at,"
        " remark = CASE WHEN excluded.remark <> '' THEN excluded.remark ELSE visit.remark END",
        site, member, day_number(said.day), said.visits, fault, unit.at,
    )  # fmt: skip
    if said.fault:
        unit.tell("counter_began_again", why={"site": site, "code": fault, "before": before.number, "now": now.number})
    return True


async def unread(unit: Unit, site: str, known: CounterState | None, at: datetime, *, code: str) -> None:
    """A counter could not be read; told once, until it is read again."""
    await unit.tx.execute(
        "INSERT INTO counter (site, reading, read_at, asked_at, fault) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (site) DO UPDATE SET asked_at = excluded.asked_at, fault = excluded.fault",
        site, known.reading if known else None, maybe_micros(known.read_at if known else None), micros(at),
        CounterFault.UNREADABLE,
    )  # fmt: skip
    if known is None or known.fault != CounterFault.UNREADABLE:
        unit.tell("counter_unread", why={"site": site, "code": code})


async def known_items(store: Store, ids: Sequence[str]) -> set[str]:
    """Which of these content ids there are."""
    found = set[str]()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rows = await store.fetch(f"SELECT content_id FROM item WHERE content_id IN ({marks(len(some))})", *some)
        found |= {row["content_id"] for row in rows}
    return found
