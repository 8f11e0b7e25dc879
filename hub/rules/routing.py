"""Where an item goes, and why: every route answers, matched or not, condition by condition.

A condition that is missing means everything; conditions of one route must all hold, the alternatives inside one need
only one. Destinations of all matching routes are joined.

    kinds             exact
    members, sources  shell globs on the code or name: `H52.*`, `so-y-te-*`
    tags              shell globs, without regard to case and accents: a tag is typed by people
    title, text       regular expressions on the text as written (NFC, letter case ignored): `họp` must not match `hộp`;
                      the text is summary and content without markup, its first 20,000 characters
    window            does not choose, it delays: outside of it the item waits for its next beginning
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from html import unescape
from typing import Any

from connectors.parse.text import fold
from schemas.edition import PublishedItem
from schemas.item import ItemBase, Kind

#: Characters of text that patterns see: a bound for what a clumsy pattern can cost.
TEXT_BOUND = 20_000
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Window:
    """Local hours in which items may be sent; over midnight if it ends before it begins, all day if both are equal."""

    begin: time
    end: time

    def opens(self, now_local: datetime) -> datetime | None:
        """When it opens next; None if it is open. Times are of `now_local`'s zone."""
        moment, today = now_local.time(), now_local.date()
        begun, ended = moment >= self.begin, moment >= self.end
        if (begun and not ended) if self.begin < self.end else (begun or not ended):
            return None
        day = today if moment < self.begin else today + timedelta(days=1)
        return datetime.combine(day, self.begin, tzinfo=now_local.tzinfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One `[[route]]` of the settings."""

    name: str
    to: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    members: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    title: tuple[re.Pattern[str], ...] = ()  #: from `pattern`
    text: tuple[re.Pattern[str], ...] = ()  #: from `pattern`
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What routes ask about beside the item's own fields."""

    member: str  #: code
    source: str  #: name
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition: what the route wanted and what it got. Text that was searched is never quoted."""

    field: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one route said."""

    route: str
    matched: bool
    to: tuple[str, ...]
    checks: tuple[Check, ...] = ()  #: empty = the route takes everything
    not_before: str = ""  #: ISO 8601, when its window is shut

    def as_json(self) -> dict[str, Any]:
        """Only strings, booleans and lists of them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Destinations in the order of the routes, each once."""

    destinations: tuple[str, ...]
    explanation: tuple[Reason, ...]
    not_before: Mapping[str, datetime] = field(
        default_factory=dict
    )  #: of destinations that must wait; the earliest counts


def pattern(text: str) -> re.Pattern[str]:
    """A pattern of the settings, as `route` expects it. Raises re.error."""
    return re.compile(unicodedata.normalize("NFC", text), re.IGNORECASE)


def route(item: ItemBase | PublishedItem, facts: Facts, routes: Sequence[Route], now_local: datetime) -> Routing:
    """Ask every route. `now_local` is aware, in the province's zone: windows are local hours."""
    text = ""
    if any(r.text for r in routes):
        text = unescape(_TAG.sub(" ", f"{item.summary}\n{item.content_html}"[: 4 * TEXT_BOUND]))[:TEXT_BOUND]
    explanation: list[Reason] = []
    opens: dict[str, datetime | None] = {}
    for r in routes:
        checks = tuple(_checks(r, item, facts, text))
        matched = all(check.holds for check in checks)
        wait = r.window.opens(now_local) if matched and r.window else None
        explanation.append(
            Reason(route=r.name, matched=matched, to=r.to, checks=checks, not_before=wait.isoformat() if wait else "")
        )
        if matched:
            for destination in r.to:
                held = opens.get(destination, wait)
                # Two routes, one destination: it goes as soon as either lets it.
                opens[destination] = None if held is None or wait is None else min(held, wait)
    return Routing(
        destinations=tuple(opens),
        explanation=tuple(explanation),
        not_before={destination: at for destination, at in opens.items() if at is not None},
    )


def _checks(r: Route, item: ItemBase | PublishedItem, facts: Facts, text: str) -> list[Check]:
    """The conditions this route has, in the order of the settings."""
    checks = []
    if r.kinds:
        wanted = tuple(kind.value for kind in r.kinds)
        checks.append(Check(field="kind", wanted=wanted, got=(facts.kind.value,), holds=facts.kind in r.kinds))
    for name, globs, got in (("member", r.members, facts.member), ("source", r.sources, facts.source)):
        if globs:
            holds = any(fnmatchcase(got, glob) for glob in globs)
            checks.append(Check(field=name, wanted=globs, got=(got,), holds=holds))
    if r.tags:
        holds = any(fnmatchcase(fold(tag), fold(glob)) for tag in item.tags for glob in r.tags)
        checks.append(Check(field="tag", wanted=r.tags, got=item.tags, holds=holds))
    for name, patterns, searched in (("title", r.title, item.title), ("text", r.text, text)):
        if patterns:
            found = tuple(p.pattern for p in patterns if p.search(searched[:TEXT_BOUND]))
            checks.append(Check(field=name, wanted=tuple(p.pattern for p in patterns), got=found, holds=bool(found)))
    return checks
