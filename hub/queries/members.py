"""Who is in the roster, in which place of the tree, and how is what they publish? With the duties that nobody sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson

from hub.queries.coverage import coverage
from hub.queries.sources import SourceLine, sources
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.coverage import Gap
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros
from hub.store.scoping import within
from hub.store.unit import Store
from schemas.item import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """One organisation with what it publishes here."""

    code: str
    name: str
    kind: str  #: department, commune, district, other
    parent: str
    depth: int  #: 0 at the top of what the scope shows
    home: str
    valid_from: str  #: ISO dates, empty: open
    valid_until: str
    in_force: bool  #: it exists today
    successors: Sequence[str]  #: codes
    duties: Sequence[Kind]
    sources: Sequence[SourceLine]  #: worst first
    last_item: datetime | None
    month: int  #: new items since the first of this month
    gaps: Sequence[tuple[Kind, Gap]]  #: duties of which nothing is to be seen


async def members(store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE) -> list[MemberLine]:
    """The roster as a tree: each member after the one above it, those of one level by code."""
    where, codes = within(scope, "code")
    rows = await store.fetch(f"SELECT * FROM member WHERE {where}", *codes)
    by_member: dict[str, list[SourceLine]] = {}
    for line in await sources(store, zone, scope=scope):
        by_member.setdefault(line.member, []).append(line)
    fresh = await _fresh(store, zone, scope)
    gaps: dict[str, list[tuple[Kind, Gap]]] = {}
    for each in await coverage(store, zone):
        for gap in each.hub.missing:
            gaps.setdefault(gap.code, []).append((each.kind, gap))
    today = store.now().astimezone(zone).date().isoformat()
    known = {row["code"]: row for row in rows}
    return [
        _line(known[code], depth, by_member.get(code, ()), fresh.get(code, (0, None)), gaps.get(code, ()), today)
        for code, depth in _tree(known)
    ]


async def _fresh(store: Store, zone: ZoneInfo, scope: Scope) -> dict[str, tuple[int, datetime | None]]:
    """New items of this month, and when the last one came within a year."""
    now = store.now().astimezone(zone)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year = micros(now - timedelta(days=366))
    where, codes = within(scope, "member")
    rows = await store.fetch(
        "SELECT member, sum(CASE WHEN first_seen >= ? THEN 1 ELSE 0 END) AS month, max(first_seen) AS last FROM item"
        f" WHERE changed_at >= ? AND {where} GROUP BY member",
        micros(month), year, *codes,
    )  # fmt: skip
    return {row["member"]: (int(row["month"]), maybe_moment(row["last"])) for row in rows}


def _tree(known: Mapping[str, Row]) -> list[tuple[str, int]]:
    """Codes with their depth. Whoever stands below nobody that is shown stands at the top; a circle is cut."""
    below: dict[str, list[str]] = {}
    for code, row in known.items():
        parent = row["parent"] if row["parent"] in known else ""
        below.setdefault(parent, []).append(code)
    ordered: list[tuple[str, int]] = []
    seen = set[str]()

    def stand(member: str, depth: int) -> None:
        if member in seen:
            return
        seen.add(member)
        ordered.append((member, depth))
        for child in sorted(below.get(member, ()), key=_numbers):
            stand(child, depth + 1)

    for top in sorted(below.get("", ()), key=_numbers):
        stand(top, 0)
    for rest in sorted(known, key=_numbers):  # members of a circle have no top
        stand(rest, 0)
    return ordered


def _numbers(code: str) -> list[tuple[int, str]]:
    """H52.9 stands before H52.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in code.split(".")]


def _line(
    row: Row, depth: int, own: Sequence[SourceLine], fresh: tuple[int, datetime | None],
    gaps: Sequence[tuple[Kind, Gap]], today: str,
) -> MemberLine:  # fmt: skip
    month, last = fresh
    begun = not row["valid_from"] or row["valid_from"] <= today
    return MemberLine(
        code=row["code"], name=row["name"], kind=row["kind"], parent=row["parent"], depth=depth, home=row["home"],
        valid_from=row["valid_from"], valid_until=row["valid_until"],
        in_force=begun and (not row["valid_until"] or row["valid_until"] >= today),
        successors=orjson.loads(row["successors"]), duties=[Kind(each) for each in orjson.loads(row["duties"])],
        sources=own, last_item=last, month=month, gaps=gaps,
    )  # fmt: skip
