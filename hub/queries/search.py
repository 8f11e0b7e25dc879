"""What do people find? The search over everything kept, for the public and for the office.

    parse -> steps -> candidates, the newest of each step -> first look -> texts of the best -> closer look -> a page

A common word is in most entries, and ranking them all takes seconds at a million: each step asks for its newest
entries up to a cap (hub/rules/searching.py), and only these are ranked, by rules that know of no database.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.ranking import CLOSER, Candidate, Ranking, Segment, Standing
from hub.rules.searching import CAPS, WORDS_LIMIT, Audience, Query, Step, Tier, nearly, parse, steps
from hub.store import searching
from hub.store.database import Row
from hub.store.instants import moment
from hub.store.searching import Limits
from hub.store.unit import Store

__all__ = ["Audience", "Found", "Hit", "Place", "Query", "Segment", "parse", "search"]

#: Hits of one page.
PAGE_LIMIT: Final = 100

NOTHING_ASKED: Final = "Hãy gõ ít nhất một chữ hoặc một số ký hiệu văn bản để tìm."
TOO_MUCH: Final = f"Chỉ tìm theo {WORDS_LIMIT} chữ đầu trong nội dung đã gõ."
NEARLY: Final = "Không có nội dung nào chứa đủ các chữ đã gõ; dưới đây là những nội dung gần nhất."

_PLACE: Final = re.compile(r"(-?\d{1,12})\.(-?\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended; the next one begins behind it."""

    standing: Standing

    @classmethod
    def of(cls, word: str) -> "Place | None":
        """The place that a link names; None when it names none."""
        found = _PLACE.fullmatch(word)
        return cls(Standing(int(found[1]), int(found[2]))) if found else None

    def __str__(self) -> str:
        return f"{self.standing.points}.{self.standing.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One entry that was found, as it is shown."""

    content_id: UUID
    revision: int
    kind: str
    member: str  #: code
    member_name: str
    at: datetime  #: published, issued, or first seen
    url: str  #: at its source
    state: str  #: of the edition: approved, held, rejected …; withdrawn when the item is
    title: Sequence[Segment]
    snippet: Sequence[Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of hits."""

    hits: Sequence[Hit]
    total: int  #: entries that were found
    is_more: bool  #: there are more than `total`: only the newest of them were looked at
    after: Place | None  #: where the next page begins; None on the last one
    note: str = ""  #: a sentence for whoever asked, where there is something to say


async def search(
    store: Store, asked: Query, *, audience: Audience, scope: Scope = EVERYWHERE, kind: str = "", member: str = "",
    since: datetime | None = None, until: datetime | None = None, limit: int = 20, after: Place | None = None,
) -> Found:  # fmt: skip
    """The entries that answer a query best; `until` is not itself among the times.

    Public: approved text only, whatever the scope says. Office: the newest text of each item of the scope. The order
    is the same on every database, and a page behind a place repeats nothing of the pages before it.
    """
    if not asked:
        return Found(hits=(), total=0, is_more=False, after=None, note=NOTHING_ASKED)
    if not scope:
        return Found(hits=(), total=0, is_more=False, after=None)
    limits = Limits(audience=audience, scope=scope, member=member, kind=kind, since=since, until=until)
    candidates, is_more = await _candidates(store, steps(asked), limits)
    note = TOO_MUCH if asked.is_cut else ""
    if not candidates and (spared := nearly(asked)):
        candidates, is_more = await _candidates(store, spared, limits)
        note = NEARLY if candidates else note
    ranking = Ranking(asked)
    ranked = ranking.first_look(candidates)
    texts = await searching.shown(store, [each.id for _, each in ranked[:CLOSER]])
    ranked = ranking.closer_look(ranked, {number: one.text for number, one in texts.items()})
    behind = [one for one in ranked if after is None or one[0] < after.standing]
    page = behind[: min(max(limit, 1), PAGE_LIMIT)]
    texts |= await searching.shown(store, [each.id for _, each in page if each.id not in texts])
    return Found(
        hits=[_hit(ranking, each, texts[each.id]) for _, each in page if each.id in texts], total=len(ranked),
        is_more=is_more, after=Place(page[-1][0]) if page and len(behind) > len(page) else None, note=note,
    )  # fmt: skip


async def _candidates(store: Store, lookups: Sequence[Step], limits: Limits) -> tuple[list[Candidate], bool]:
    """What the lookups find, each entry once with all ways in which it was found; whether a cap cut something off."""
    tiers: dict[int, set[Tier]] = {}
    rows: dict[int, Row] = {}
    every: list[int] | None = None  #: of all words, where the cap left none out: the steps after it find no others
    is_more = False
    for step in lookups:
        if every is not None and (not every or step.tier is Tier.TITLE):
            continue
        cap = CAPS[step.tier] if every is None else len(every)
        newest = await searching.found(store, step, limits, cap=cap, among=every)
        if step.tier is Tier.WORDS and len(newest) < cap:
            every = [row["id"] for row in newest]
        is_more = is_more or (every is None and len(newest) == cap)
        for row in newest:
            rows[row["id"]] = row
            tiers.setdefault(row["id"], set()).add(step.tier)
    candidates = [
        Candidate(
            id=number, content_id=row["content_id"], revision=row["revision"], member=row["member"],
            kind=row["kind"], at=row["at"], title=row["title"], tiers=frozenset(tiers[number]),
        )
        for number, row in rows.items()
    ]  # fmt: skip
    return candidates, is_more


def _hit(ranking: Ranking, each: Candidate, shown: searching.Shown) -> Hit:
    return Hit(
        content_id=UUID(each.content_id), revision=each.revision, kind=each.kind, member=each.member,
        member_name=shown.member_name, at=moment(each.at), url=shown.url, state=shown.state,
        title=ranking.highlighted(each.title), snippet=ranking.snippet(shown.text),
    )  # fmt: skip
