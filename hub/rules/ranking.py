"""Which of the entries that were found comes first, and what is shown of it: the same on every database.

Two looks. The first gives every candidate points for how it was found and for its title; the second reads the texts of
the best ones and only adds points, so that the order of the rest cannot change. Points depend on nothing but the query
and the entry, not on the other candidates and not on the time of asking: a page that goes on behind a place finds that
place again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.rules.searching import Query, Tier, composed, placed_words, spelling, written_words

#: Candidates whose texts are read, and characters of each.
CLOSER, CLOSER_TEXT = 50, 6_000
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
_TEN_YEARS: Final = 3_653 * 86_400 * 1_000_000.0  #: microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that was found, before its text is read."""

    id: int
    content_id: str
    revision: int
    member: str
    kind: str
    at: int  #: microseconds since 1970
    title: str  #: composed
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


Answers = tuple[tuple[int, float], ...]


class Ranking(dict[str, Answers]):
    """A query that many texts are compared with: words as they are written, to what of the query they answer.

    An answer is a place of the query, and how well. Nearly every word of a text was met before, and answers nothing.
    """

    def __init__(self, query: Query) -> None:
        self.count = max(len(query.words), 1)
        self.by_folded: dict[str, list[tuple[int, str]]] = {}
        for place, word in enumerate(query.words):
            self.by_folded.setdefault(word.folded, []).append((place, word.exact))
        self.begun = query.words[-1].folded if query.is_typing else ""

    def __missing__(self, written: str) -> Answers:
        word = spelling(written)
        found: Answers = ()
        if same := self.by_folded.get(word.folded):
            found = tuple((place, 1.0 if exact in ("", word.exact) else _OTHER_MARKS) for place, exact in same)
        elif self.begun and word.folded.startswith(self.begun):
            found = ((self.count - 1, _OTHER_MARKS),)
        self[written] = found
        return found

    def first_look(self, candidates: Iterable[Candidate]) -> list[tuple[Standing, Candidate]]:
        """All candidates by how they were found and by their titles, the best first."""
        ranked = [(Standing(round(1_000 * self._of_candidate(each)), each.id), each) for each in candidates]
        return sorted(ranked, key=_standing, reverse=True)

    def closer_look(
        self, ranked: Sequence[tuple[Standing, Candidate]], texts: Mapping[int, str]
    ) -> list[tuple[Standing, Candidate]]:
        """The same with points for the texts of the first ones, by their ids, added."""
        closer = [
            (
                Standing(before.points + round(1_000 * self._of_text(texts.get(each.id, "")[:CLOSER_TEXT])), each.id),
                each,
            )
            for before, each in ranked[:CLOSER]
        ]
        return [*sorted(closer, key=_standing, reverse=True), *ranked[CLOSER:]]

    def highlighted(self, text: str) -> tuple[Segment, ...]:
        """A short text, whole, with the words that were looked for."""
        text = composed(text)
        return tuple(_segments(text, 0, len(text), [(start, end) for start, end, _, _ in self._hits(text)]))

    def snippet(self, text: str) -> tuple[Segment, ...]:
        """The part of a text that answers best, with the words that were looked for; its beginning where none does."""
        text = composed(text[:SNIPPET_TEXT])
        hits = self._hits(text)
        start, end = _window(text, hits)
        shown = [(first, last) for first, last, _, _ in hits if first >= start and last <= end]
        found = list(_segments(text, start, end, shown))
        if start:
            found.insert(0, Segment(f"{ELLIPSIS} "))
        if end < len(text):
            found.append(Segment(f" {ELLIPSIS}"))
        return tuple(found)

    def _of_candidate(self, each: Candidate) -> float:
        points = sum([_TIERS.get(tier, 0.0) for tier in each.tiers]) + _DECADE * (each.at / _TEN_YEARS)
        title = [self[word] for word in written_words(each.title)]
        best, run = self._met(title)
        if not best:
            return points
        answered = sum(best.values())
        points += 8 * answered / self.count + (4 * answered / self.count if len(best) == self.count else 0)
        points += 3 * answered / max(len(title), self.count)  # a title about this and little else
        if self.count > 1:
            points += 6 * run / self.count
        return points

    def _of_text(self, text: str) -> float:
        words = [self[word] for word in written_words(text)]
        best, run = self._met(words)
        if not best:
            return 0.0
        points = 3 * sum(best.values()) / self.count
        if self.count > 1:
            points += 3 * run / self.count
        often = [0.0] * self.count
        at: list[tuple[int, int]] = []
        for position, answers in enumerate(words):
            for place, value in answers:
                often[place] += value
                at.append((position, place))
        points += 2 * sum(times / (times + 1.5) for times in often) / self.count
        if self.count > 1 and len(best) == self.count:
            points += 3 * self.count / max(_narrowest(at, self.count), self.count)
        return points

    def _met(self, words: Sequence[Answers]) -> tuple[dict[int, float], float]:
        """How well each place of the query is answered, and the longest run of them in the order of the query."""
        best: dict[int, float] = {}
        longest, running = 0.0, _NO_RUN
        for answers in words:
            if not answers:
                running = _NO_RUN
                continue
            now = {}
            for place, value in answers:
                if value > best.get(place, 0.0):
                    best[place] = value
                now[place] = length = running.get(place - 1, 0.0) + value
                longest = max(longest, length)
            running = now
        return best, longest

    def _hits(self, text: str) -> list[tuple[int, int, int, float]]:
        """Start, end, place of the query and worth of each word of a text that answers it."""
        found = []
        for start, end, word in placed_words(text):
            if answers := self[word]:
                place, value = max(answers, key=lambda one: one[1])
                found.append((start, end, place, value))
        return found


def _standing(one: tuple[Standing, Candidate]) -> tuple[int, int]:
    return one[0].points, one[0].id


_NO_RUN: Final[dict[int, float]] = {}


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
