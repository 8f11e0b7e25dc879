"""How are the sources? Each with its health in words, whose turn it is, rhythm and usual volume, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hub.queries.quiet import quiet_sources
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.health import LATELY, RANK, Condition, Health, Seen, health
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros, moment
from hub.store.scoping import within
from hub.store.unit import Store
from schemas.item import Kind

#: Days from which the usual volume of a week is taken.
USUAL_DAYS: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source as a list shows it."""

    name: str
    member: str
    member_name: str
    connector: str
    kind: Kind
    url: str
    state: str
    review: str
    health: Health
    fault_code: str
    failures: int  #: polls in a row that gave nothing
    polled_at: datetime | None
    answered_at: datetime | None  #: last good answer
    changed_at: datetime | None
    new_at: datetime | None  #: last new item
    due_at: datetime
    rhythm: str  #: why it is asked then
    lately: int  #: new items of LATELY days
    usual: float | None  #: new items of a usual week; None: it is too young to tell
    held_run: int | None  #: the capture that waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sources a list shows; an empty value leaves nobody out."""

    member: str = ""
    condition: str = ""
    side: str = ""
    text: str = ""  #: part of a name, of a member's name or of the address, in any case

    def takes(self, line: SourceLine) -> bool:
        """Whether this source is one of them."""
        return (
            self.member in ("", line.member)
            and self.condition in ("", line.health.condition)
            and self.side in ("", line.health.side or "")
            and self.text.casefold() in f"{line.name} {line.member_name} {line.url}".casefold()
        )


async def sources(
    store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE, name: str = ""
) -> list[SourceLine]:  # fmt: skip
    """Sources in use, worst first; with `name` that one only."""
    where, members = within(scope, "s.member")
    if name:
        where, members = f"{where} AND s.name = ?", (*members, name)
    rows = await store.fetch(
        f"""
        SELECT s.*, coalesce(m.name, s.member) AS member_name,
               CASE WHEN EXISTS (SELECT 1 FROM item i WHERE i.source = s.name) THEN 1 ELSE 0 END AS any_item,
               CASE WHEN EXISTS (SELECT 1 FROM rejection r WHERE r.source = s.name) THEN 1 ELSE 0 END AS any_rejection,
               CASE WHEN EXISTS (SELECT 1 FROM item o WHERE o.source = s.name AND o.first_seen < ?) THEN 1 ELSE 0 END
                 AS is_old,
               (SELECT min(c.id) FROM capture c WHERE c.source = s.name AND c.state = 'held') AS held_run
          FROM source s LEFT JOIN member m ON m.code = s.member WHERE s.state <> 'removed' AND {where}
        """,
        micros(store.now() - timedelta(days=USUAL_DAYS)), *members,
    )  # fmt: skip
    notes = {row["id"]: row["note"] for row in await store.fetch("SELECT id, note FROM capture WHERE state = 'held'")}
    quiet = {each.source: each.sentence for each in await quiet_sources(store, zone, scope=scope)}
    fresh = await _fresh(store, scope)
    found = [_line(row, quiet.get(row["name"], ""), fresh.get(row["name"], (0, 0)), notes) for row in rows]
    return sorted(found, key=_worst)


def _worst(line: SourceLine) -> tuple[int, float, str]:
    """By condition; of one condition what lasts longest comes first."""
    since = line.health.since
    return RANK[line.health.condition], since.timestamp() if since else 0.0, line.name


async def _fresh(store: Store, scope: Scope) -> dict[str, tuple[int, int]]:
    """New items of LATELY and of USUAL_DAYS days, by source. What is new has changed: that column has an index."""
    now = store.now()
    since = micros(now - timedelta(days=USUAL_DAYS))
    where, members = within(scope, "member")
    rows = await store.fetch(
        f"SELECT source, count(*) AS n, sum(CASE WHEN first_seen >= ? THEN 1 ELSE 0 END) AS lately FROM item"
        f" WHERE changed_at >= ? AND first_seen >= ? AND {where} GROUP BY source",
        micros(now - timedelta(days=LATELY)), since, since, *members,
    )  # fmt: skip
    return {row["source"]: (int(row["lately"]), row["n"]) for row in rows}


def _line(row: Row, quiet: str, fresh: tuple[int, int], notes: dict[int, str]) -> SourceLine:
    lately, month = fresh
    kind, held = Kind(row["kind"]), row["held_run"]
    seen = Seen(
        kind=kind, state=row["state"], fault_code=row["fault_code"], fault_side=row["fault_side"],
        fault_sentence=row["fault_sentence"], fault_since=maybe_moment(row["fault_since"]),
        asked=row["polled_at"] is not None or bool(row["any_item"]), held=None if held is None else notes.get(held, ""),
        quiet=quiet, any_item=bool(row["any_item"]), any_rejection=bool(row["any_rejection"]), lately=lately,
    )  # fmt: skip
    return SourceLine(
        name=row["name"], member=row["member"], member_name=row["member_name"], connector=row["connector"], kind=kind,
        url=row["url"], state=row["state"], review=row["review"], health=health(seen), fault_code=row["fault_code"],
        failures=row["failures"], polled_at=maybe_moment(row["polled_at"]),
        answered_at=maybe_moment(row["answered_at"]), changed_at=maybe_moment(row["changed_at"]),
        new_at=maybe_moment(row["new_at"]), due_at=moment(row["due_at"]), rhythm=row["rhythm_reason"], lately=lately,
        usual=month * 7 / USUAL_DAYS if row["is_old"] else None, held_run=held,
    )  # fmt: skip


def conditions(lines: Sequence[SourceLine]) -> dict[Condition, int]:
    """How many are how, worst first."""
    found = {condition: 0 for condition in Condition}
    for line in lines:
        found[line.health.condition] += 1
    return {condition: count for condition, count in found.items() if count}


async def owner(store: Store, name: str) -> str | None:
    """The code of the member whose source this is; None where there is no such source in use."""
    rows = await store.fetch("SELECT member FROM source WHERE name = ? AND state <> 'removed'", name)
    return str(rows[0]["member"]) if rows else None
