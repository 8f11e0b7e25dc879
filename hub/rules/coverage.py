"""Who publishes what it has to, and who does not, and why: n of N, with one reason for each that is missing.

    member with a duty ── shows one item in public ──> counts in the hub ── one is there ──> counts at a destination
            │                                              │
            └─ missing: why? the source that came furthest └─ missing there: why? no route, the place, an officer ...

The reasons are those of hub/rules/gaps.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from hub.rules.gaps import Halt, Reason, Sent, Side, Source, Why, why_not_here, why_not_there
from schemas.item import Kind


class Group(StrEnum):
    """The rosters that are counted apart."""

    DEPARTMENT = "department"  #: sở, ban, ngành
    DISTRICT = "district"  #: huyện, until 2025
    COMMUNE = "commune"  #: xã, phường
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An organisation with the duty."""

    code: str
    name: str
    group: Group
    items: int = 0  #: that are public in the hub
    sources: Sequence[Source] = ()
    sent: Mapping[str, Sent] = field(default_factory=dict)  #: by destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A member of whom nothing is to be seen."""

    code: str
    name: str
    reason: Reason
    side: Side
    sentence: str  #: for a clerk: what happened, what to do
    since: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How many of a group are to be seen at one place."""

    members: int
    items: int
    missing: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One group of the roster of one duty."""

    kind: Kind
    group: Group
    due: int  #: members with the duty
    hub: Seen
    at: Mapping[str, Seen]  #: by destination


def coverage(
    kind: Kind, members: Sequence[Member], places: Mapping[str, Halt], *, today: date
) -> list[Coverage]:  # fmt: skip
    """The groups that have anybody in them; `places` are the destinations asked about, and how they are."""
    found = []
    for group in Group:
        roster = [one for one in members if one.group is group]
        if not roster:
            continue
        gaps = {one.code: _gap(one, why_not_here(kind, one.sources)) for one in roster if not one.items}
        at = {name: _seen_at(kind, roster, gaps, name, halt, today) for name, halt in places.items()}
        items = sum(one.items for one in roster)
        hub = Seen(members=len(roster) - len(gaps), items=items, missing=tuple(gaps.values()))
        found.append(Coverage(kind=kind, group=group, due=len(roster), hub=hub, at=at))
    return found


def _seen_at(
    kind: Kind, roster: Sequence[Member], gaps: Mapping[str, Gap], place: str, halt: Halt, today: date
) -> Seen:
    missing, there, items = [], 0, 0
    for one in roster:
        sent = one.sent.get(place, Sent())
        there, items = there + bool(sent.there), items + sent.there
        if not sent.there:
            missing.append(gaps.get(one.code) or _gap(one, why_not_there(kind, place, sent, halt, today)))
    return Seen(members=there, items=items, missing=tuple(missing))


def _gap(member: Member, why: Why) -> Gap:
    return Gap(
        code=member.code, name=member.name, reason=why.reason, side=why.side, sentence=why.sentence, since=why.since,
        source=why.source,
    )  # fmt: skip
