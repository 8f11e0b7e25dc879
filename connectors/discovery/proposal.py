"""What discovery proposes: a source as it would stand in the settings, what it shows now, and why it is proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from schemas.item import Kind


class Reason(NamedTuple):
    """Why, for the two kinds of reader."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A source that the site may have."""

    connector: str
    url: str
    keys: Mapping[str, Any] = field(default_factory=dict)  #: the connector's own, as they stand in settings
    title: str = ""  #: what the site calls it, may be empty
    found: Reason  #: how it was found


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleItem:
    """One item as the source would give it now."""

    title: str
    url: str
    published: datetime | None
    text: int  #: characters of the whole text, without markup; 0 where there is a summary at most
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one poll of a candidate showed."""

    format: str
    items: Sequence[SampleItem]  #: as the source orders them
    refused: int = 0  #: records that cannot become items


class Worth(IntEnum):
    """How much a source gives; less is better."""

    FULL_FEED = 0
    INTERFACE = 1  #: a content system's own, with whole texts
    TEASER_FEED = 2
    TEASER_INTERFACE = 3
    NEWS_SITEMAP = 4
    LISTING = 5
    SITEMAP = 6  #: addresses without titles and dates
    DEAD = 9  #: nothing in it, or nothing of the last year


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A candidate that answered, judged."""

    candidate: Candidate
    sample: Sample
    worth: Worth
    kind: Kind
    reason: Reason
    remarks: Sequence[Reason] = ()
    read_pages: bool = False  #: the texts must be fetched from the items' own pages: [source.article] fetch = "teaser"


class Step(NamedTuple):
    """One address that was asked, and what came."""

    url: str
    outcome: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything a search found."""

    home: str  #: where the address finally led
    title: str  #: of the home page
    product: str  #: name of the portal product; empty where it is not known
    steps: Sequence[Step]
    proposals: Sequence[Proposal]  #: best first
