"""A snapshot: all numbers of a report over one period, frozen. What Word, Excel and PDF say is read from here alone.

Its JSON is canonical: the same numbers give the same bytes, whose SHA-256 stands in the row of the report. Names stand
in it as they were, so that a later merger, renaming or correction changes nothing in a report that was made.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

import orjson
from pydantic import AwareDatetime, Field

from hub.rules.coverage import Group
from hub.rules.silences import Silence
from schemas.base import Frozen
from schemas.item import Kind

#: Of the shape below; a snapshot of an older one is still read.
VERSION: Final = 1


class Slot(StrEnum):
    """Where people write words of their own; each stands after the numbers that it speaks about."""

    OPENING = "opening"  #: căn cứ, lý do báo cáo
    RESULTS = "results"
    PUBLISHING = "publishing"  #: nhận xét về việc cung cấp thông tin
    SILENT = "silent"  #: về các đơn vị chưa cung cấp
    PROPOSALS = "proposals"  #: kiến nghị, phương hướng


class Period(Frozen):
    """Days that are counted, both ends with them."""

    first: date
    last: date
    name: str  #: 6 tháng đầu năm 2026


class Number(Frozen):
    """A count, that of the period before, and where the list of that length is."""

    code: str
    name: str
    now: int
    before: int | None = None  #: None: the hub knows nothing of that period
    parts: tuple["Number", ...] = ()  #: that add up to `now`; empty: it has none
    list: str = ""  #: query of the list whose length `now` is, as hub.queries.filters reads it; empty: no list of items


class Sender(Frozen):
    """What one member published in the period, or some members together."""

    code: str
    name: str
    group: Group
    until: date | None = None  #: its last day, where it ended in or before the period
    successors: tuple[str, ...] = ()  #: names
    total: Number
    categories: tuple[Number, ...]  #: top categories, in the order of the list; they add up to the total
    photos: int
    files: int
    copies: int  #: beside `total`: items whose story another member told first
    in_time: int  #: of `timed`
    timed: int  #: items for which a limit in working days is set and both days are known
    delay_hours: float | None  #: median from publication at the member to the public here; None: nothing to measure


class Missing(Frozen):
    """A member that owes something and has not given it in the period."""

    code: str
    name: str
    group: Group
    category: str
    category_name: str
    duty: str
    rule: str
    rule_url: str = ""
    confirmed: bool
    owed: int  #: stretches of the period in which something was owed
    unmet: int  #: of those, stretches in which too little came
    came: int  #: items of the category in the period
    last_item: date | None  #: of the category, ever
    late_days: int | None  #: working days since the end of the first stretch that is unmet
    silence: Silence
    sentence: str  #: for a clerk: what happened, whose turn it is
    evidence: tuple[str, ...] = ()

    @property
    def sent_nothing(self) -> bool:
        """Whether it is to be named as one that published nothing: not where the fault may be ours."""
        return self.came == 0 and self.silence is Silence.NOTHING


class Covered(Frozen):
    """n of N of one kind or category in one group of the roster."""

    code: str
    name: str
    group: Group
    due: int
    have: int
    missing: tuple[str, ...]  #: names


class Timeliness(Frozen):
    """How soon one category became public."""

    category: str
    name: str
    limit: int | None  #: working days; None: only measured
    measured: int
    in_time: int
    median_days: float | None
    worst_days: int | None
    worst: str = ""  #: content id of that item


class Contributor(Frozen):
    """What one author had accepted (nhuận bút)."""

    author: str
    member: str
    member_name: str
    categories: Mapping[str, int]
    total: int
    photos: int
    points: float
    list: str = ""


class Place(Frozen):
    """What became of deliveries to one destination in the period."""

    name: str
    delivered: int
    edits: int
    withdrawals: int
    refused: int
    waiting: int  #: at the end of the period, or now if that lies ahead


class Readers(Frozen):
    """Visits of one site."""

    site: str
    member: str
    name: str
    now: int
    before: int | None
    days: int  #: of the period, with a number
    remarks: tuple[str, ...] = ()  #: days without a number, drops, counters that ran backwards


class Decisions(Frozen):
    """What became of all that came for the days of the period, copies included."""

    approved: Number  #: public, and approved by a person or by a standing rule
    waiting: Number  #: held, for a person or a screen
    rejected: Number
    withdrawn: Number
    approval_hours: float | None = None  #: median from first sight to approval; None: nothing to measure
    delay_hours: float | None = None  #: median from publication at the member to the public here


class Signed(Frozen):
    """Who put a name under the report, and on which day of the hub's zone."""

    name: str
    day: date


class Head(Frozen):
    """What stands over and under the report."""

    agency: str
    above: str = ""
    place: str = ""
    suffix: str = ""
    signer_title: str = ""
    recipients: tuple[str, ...] = ()


class Snapshot(Frozen):
    """All numbers of one report."""

    version: int = VERSION
    period: Period
    before: Period
    made_at: AwareDatetime
    head: Head
    totals: tuple[Number, ...]  #: top categories with their parts; items counted once at their origin
    photos: Number  #: its list is of the items that have them: their photos add up to it
    files: Number
    items: Number  #: of all categories
    copies: int  #: items that another member told first; not in `items`
    undated: int  #: items without a date of their own: they count on the day on which they were first seen
    senders: tuple[Sender, ...]  #: departments, districts, communes, others; each by code; their totals make `items`
    missing: tuple[Missing, ...]
    covered: tuple[Covered, ...]
    timeliness: tuple[Timeliness, ...]
    contributors: tuple[Contributor, ...]
    places: tuple[Place, ...]
    readers: tuple[Readers, ...]
    decisions: Decisions | None = None
    months: tuple[Number, ...] = ()  #: items by month of the period, for the chart; code is 2026-01
    remarks: tuple[str, ...] = ()  #: what a reader has to know: unconfirmed rules, holidays not known, an open period
    kinds: Mapping[Kind, int] = Field(default_factory=dict)

    def canonical(self) -> bytes:
        """Its JSON, keys sorted: the same numbers give the same bytes."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
