"""Which of the entries that were found comes first, and what is shown of it: the same on every database.

Two looks. The first gives every candidate points for how it was found and for its title; the second reads the texts of
the best ones and only adds points, so that the order of the rest cannot change. Points depend on nothing but the query
and the entry, not on the other candidates and not on the time of asking: a page that goes on behind a place finds that
place again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from hub.rules.searching import Query, Spelling, Tier, composed, placed, spellings

#: Candidates whose texts are read, and characters of each.
CLOSER, CLOSER_TEXT = 50, 8_000
#: Characters of a snippet, and how far before its first hit it begins.
SNIPPET, LEAD = 260, 60
#: Characters of a text in which a snippet is looked for.
SNIPPET_TEXT = 200_000
ELLIPSIS: Final = "…"
#: Between two hits that are shown as one: "Ủy ban", "15/2024/QĐ-UBND".
_JOINTS: Final = (" ", "/", "-", ".")

#: Points. A word of the title that differs in its marks from what was typed with marks counts this much of one.
_OTHER_MARKS: Final = 0.4
_TIERS: Final = {Tier.NUMBER: 40.0, Tier.EXACT: 8.0, Tier.PHRASE: 5.0}
#: Of ten years: breaks ties in favour of what is new, and little more.
_DECADE: Final = 0.5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that was found, before its text is read."""

    id: int
    content_id: UUID
    revision: int
    member: str
    kind: str
    at: datetime
    title: str
    tiers: frozenset[Tier]


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """Where a candidate stands; the greater is shown first. No two entries stand alike."""

    points: int
    id: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text as it is shown: found or not."""

    text: str
    is_hit: bool = False


def first_look(query: Query, candidates: Iterable[Candidate]) -> list[tuple[Standing, Candidate]]:
    """All candidates by how they were found and by their titles, the best first."""
    asked = _Asked(query)
    ranked = [(Standing(round(1_000 * asked.of_candidate(each)), each.id), each) for each in candidates]
    return sorted(ranked, key=lambda one: one[0], reverse=True)


def closer_look(
    query: Query, ranked: Sequence[tuple[Standing, Candidate]], texts: Mapping[int, str]
) -> list[tuple[Standing, Candidate]]:
    """The same with points for the texts of the first ones, by their ids, added."""
    asked = _Asked(query)
    closer = [
        (Standing(standing.points + round(1_000 * asked.of_text(texts.get(each.id, "")[:CLOSER_TEXT])), each.id), each)
        for standing, each in ranked[:CLOSER]
    ]
    return [*sorted(closer, key=lambda one: one[0], reverse=True), *ranked[CLOSER:]]


class _Asked:
    """A query, turned so that many texts can be compared with it."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.count = max(len(query.words), 1)
        self.marked = sum(bool(word.exact) for word in query.words)
        self.by_folded: dict[str, list[tuple[int, str]]] = {}
        for place, word in enumerate(query.words):
            self.by_folded.setdefault(word.folded, []).append((place, word.exact))
        self.begun = query.words[-1].folded if query.is_typing else ""

    def matches(self, word: Spelling) -> list[tuple[int, float]]:
        """Places of the query that a word of a text answers, with how well."""
        found = [
            (place, 1.0 if not exact or exact == word.exact else _OTHER_MARKS)
            for place, exact in self.by_folded.get(word.folded, ())
        ]
        if not found and self.begun and word.folded.startswith(self.begun):
            found = [(self.count - 1, _OTHER_MARKS)]
        return found

    def of_candidate(self, each: Candidate) -> float:
        points = sum(_TIERS.get(tier, 0.0) for tier in each.tiers)
        points += _DECADE * ((each.at - _EPOCH) / timedelta(days=3_653))
        title = spellings(each.title)
        best, run = self._met(title)
        if not best:
            return points
        share = sum(best.values()) / self.count
        points += 8 * share + (4 * share if len(best) == self.count else 0)
        points += 3 * sum(best.values()) / max(len(title), self.count)  # a title about this and little else
        if self.count > 1:
            points += 6 * run / self.count
        return points

    def of_text(self, text: str) -> float:
        words = spellings(text)
        best, run = self._met(words)
        if not best:
            return 0.0
        points = 3 * sum(best.values()) / self.count
        if self.count > 1:
            points += 3 * run / self.count
        often = dict.fromkeys(range(self.count), 0.0)
        at: list[tuple[int, int]] = []
        for position, word in enumerate(words):
            for place, value in self.matches(word):
                often[place] += value
                at.append((position, place))
        points += 2 * sum(times / (times + 1.5) for times in often.values()) / self.count
        if self.count > 1 and len(best) == self.count:
            points += 3 * self.count / max(_narrowest(at, self.count), self.count)
        return points

    def _met(self, words: Sequence[Spelling]) -> tuple[dict[int, float], float]:
        """How well each place of the query is answered, and the longest run of them in the order of the query."""
        best: dict[int, float] = {}
        longest, running = 0.0, dict[int, float]()
        for word in words:
            now: dict[int, float] = {}
            for place, value in self.matches(word):
                best[place] = max(best.get(place, 0.0), value)
                now[place] = running.get(place - 1, 0.0) + value
                longest = max(longest, now[place])
            running = now
        return best, longest


def _narrowest(at: Sequence[tuple[int, int]], count: int) -> int:
    """Words of the narrowest window with every place of the query in it; `at` is (position, place) in order."""
    inside: dict[int, int] = {}
    begin, narrowest = 0, 1_000_000
    for position, place in at:
        inside[place] = inside.get(place, 0) + 1
        while len(inside) == count:
            first, leaving = at[begin]
            narrowest = min(narrowest, position - first + 1)
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            begin += 1
    return narrowest


# ----------------------------------------------------------------------------------------------------------- shown


def highlighted(query: Query, text: str) -> tuple[Segment, ...]:
    """A short text, whole, with the words that were looked for."""
    text = composed(text)
    return tuple(_segments(text, 0, len(text), [(start, end) for start, end, _, _ in _hits(query, text)]))


def snippet(query: Query, text: str) -> tuple[Segment, ...]:
    """The part of a text that answers the query best, with the words that were looked for; its beginning else."""
    text = composed(text[:SNIPPET_TEXT])
    hits = _hits(query, text)
    start, end = _window(text, hits)
    shown = [(first, last) for first, last, _, _ in hits if first >= start and last <= end]
    found = list(_segments(text, start, end, shown))
    if start:
        found.insert(0, Segment(f"{ELLIPSIS} "))
    if end < len(text):
        found.append(Segment(f" {ELLIPSIS}"))
    return tuple(found)


def _hits(query: Query, text: str) -> list[tuple[int, int, int, float]]:
    """Start, end, place of the query and worth of each word of a text that answers it."""
    asked = _Asked(query)
    found = []
    for start, end, word in placed(text):
        if matches := asked.matches(word):
            place, value = max(matches, key=lambda one: one[1])
            found.append((start, end, place, value))
    return found


def _window(text: str, hits: Sequence[tuple[int, int, int, float]]) -> tuple[int, int]:
    """Where the snippet begins and ends: the stretch whose words answer most of the query, the earliest of them."""
    best, begin = (-1.0, 0), 0
    for number, (start, _, _, _) in enumerate(hits):
        answered: dict[int, float] = {}
        near = 0.0
        for _, last, place, value in hits[number : number + 40]:
            if last > start + SNIPPET - LEAD:
                break
            answered[place] = max(answered.get(place, 0.0), value)
            near += 0.01 * value
        if sum(answered.values()) + near > best[0]:
            best, begin = (sum(answered.values()) + near, start), start
    start = max(begin - LEAD, 0)
    if start:
        space = text.find(" ", start, begin)
        start = space + 1 if space >= 0 else begin
    end = min(start + SNIPPET, len(text))
    if end < len(text):
        space = text.rfind(" ", start + SNIPPET // 2, end)
        end = space if space >= 0 else end
    return start, end


def _segments(text: str, start: int, end: int, hits: Collection[tuple[int, int]]) -> Iterable[Segment]:
    """The text between two places in pieces; hits with no more than a joint between them are one."""
    merged: list[list[int]] = []
    for first, last in hits:
        if merged and text[merged[-1][1] : first] in _JOINTS:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    position = start
    for first, last in merged:
        if first > position:
            yield Segment(text[position:first])
        yield Segment(text[first:last], True)
        position = last
    if position < end:
        yield Segment(text[position:end])
