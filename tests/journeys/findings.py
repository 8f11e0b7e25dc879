"""What the checker looks at and what it finds: the ledgers of both sides, the hub's own state, and faults by kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a site says at the end about one article; its address is its identity."""

    source: str
    version: int
    gone: bool
    teaser: bool = False  #: its text stands on its own page only


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One change of what a portal shows, in the order of its ledger."""

    portal: str
    action: str  #: put, delete
    content_id: str
    version: int  #: the hub's revision
    url: str = ""
    article: int = 0  #: the site's version that was put


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """What both sides saw."""

    articles: Mapping[str, Article]  #: the sites' truth at the end, by address
    served: Mapping[str, frozenset[int]]  #: versions that left a site in a complete answer
    named_gone: frozenset[str]  #: addresses whose tombstone left a site in a complete answer
    garbage: frozenset[str]  #: SHA-256 of bodies that were no whole feed
    effects: Sequence[Effect]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubState:
    """The hub's own account after the run: rows as they stand, and `hub export editions`."""

    captures: Sequence[Mapping[str, Any]]  #: id, source, state, sha256, lease_until
    deliveries: Sequence[Mapping[str, Any]]  #: content_id, destination, state, wanted_revision, sent_revision ...
    sources: Sequence[Mapping[str, Any]]  #: name, state, lease_until
    articles: Sequence[Mapping[str, Any]]  #: content_id, state, lease_until
    rejections: Sequence[Mapping[str, Any]]  #: sha256 of the capture, code
    events: Sequence[Mapping[str, Any]]  #: by sequence, unsealed ones last
    editions: Sequence[Mapping[str, Any]]  #: as exported


#: Every kind of finding, in the order of the table; each is wanted to be zero.
KINDS: Mapping[str, str] = {
    "lost": "articles that a site served and a portal does not show in their last version",
    "pages behind": "articles whose text, which stands on their own page only, is not that of their last version",
    "withdrawn but shown": "articles with a tombstone that a portal still shows",
    "doubled": "two objects for one article, or one effect twice",
    "two ids": "articles that have two content ids, or ids that have two articles",
    "older over newer": "effects that put an older state over a newer one",
    "shown again": "effects that show an article again after its withdrawal",
    "invented": "editions or effects that no site ever served",
    "captures open": "captures that have not ended",
    "captures refused": "captures refused or dead although the site served a feed",
    "records refused": "records refused out of a whole feed",
    "pages open": "articles that still wait for their own page",
    "deliveries open": "deliveries that are not done",
    "leases left": "rows that are still leased after the end",
    "export differs": "articles whose exported editions do not agree with the ledgers",
    "chain broken": "events that are unsealed, missing or changed",
    "effects unrecorded": "revisions shown at a portal without an event of the hub",
    "settled twice": "revisions that the hub recorded as delivered more than once: a lost lease was believed",
    "never at rest": "campaigns that found no end: nothing of the above says much then",
    "processes": "hubs that ended by themselves, hung on SIGTERM, logged a defect, or left a child behind",
}


@dataclass(slots=True)
class Findings:
    """Counts by kind, with a few examples of each for the person who mends it."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """One more of a kind."""
        assert kind in KINDS
        self.counts[kind] += 1
        shown = self.examples.setdefault(kind, [])
        if len(shown) < 5:
            shown.append(example)

    def __bool__(self) -> bool:
        return bool(self.counts.total())

    def lines(self) -> list[str]:
        """One line for each kind, and the examples below it."""
        written = []
        for kind, meaning in KINDS.items():
            written.append(f"{kind:20} {self.counts[kind]:6}   {meaning}")
            written += [f"{'':28}   e.g. {example}" for example in self.examples.get(kind, ())]
        return written
