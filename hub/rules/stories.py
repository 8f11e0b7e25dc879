"""Is this the story that another member told first? A likeness of each text, and when two of them are one story.

A likeness keeps no word of the text. It has two samples of hashes, the least ones of each, so that two samples of the
same text are the same and may be compared without it:

    shingles   three words in a row: how much of the shorter text stands in the longer one
    facts      numbers, dates, and names inside of sentences: what tells one notice from another of the same form

Offices write by forms: two weekly reports, or the notices of two communes, agree in nine words of ten and are no copies
of each other. So no fact of the shorter text may be missing in the longer one, and a text that says too little is never
a copy. Rather two of one story are counted than one of two stories lost (docs/adr/039 has the figures).
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import chain, compress, count
from typing import Final
from urllib.parse import urlsplit
from zlib import crc32

from connectors.parse.html import plain
from connectors.parse.numbers import number_key
from connectors.parse.text import fold, runs, words
from schemas.document import Document
from schemas.item import ItemBase, Kind

#: Copies are looked for so long before and after.
WITHIN: Final = timedelta(days=10)
#: Of the shingles of the shorter text, how many must stand in the longer one; it has at least this part of its length.
COMMON, LENGTH = 0.75, 1 / 3
#: Shingles of a text from which this is believed; and of the sample, how many must be comparable.
ENOUGH, COMPARED = 40, 12
#: A shorter text must be the same in nearly all shingles and in all facts.
SHORT, SAME = 12, 0.9
#: Facts that a text must have: three of a long one, two of a short one.
FACTS, SHORT_FACTS = 3, 2
#: Hashes that are kept of each. A text three times as long has the least third of the facts in its own sample.
KEPT_SHINGLES, KEPT_FACTS, KEYS = 64, 48, 12
#: Characters of a text that are looked at: the first part tells it from all others.
LIMIT: Final = 8_000

#: Of hashes: Python compares and joins integers below 2 to the 30th twice as fast.
_MASK: Final = 0x3FFFFFFF
_NUMBER: Final = re.compile(r"\d+(?:[./,:-]\w+)*")
_ENDS: Final = frozenset('.!?…:"”')
_EDGES: Final = "\"'“”‘’()[]{}.,;:!?…–—-*/"
#: A name of an agency before the text, and the author behind it: what a copy adds or leaves out.
_DATELINE: Final = re.compile(r"^\([^()]{1,80}\)\s*[-–—:]?\s*")
_SENTENCE_END: Final = re.compile(r"[.!?…]")
_BYLINE_WORDS: Final = 8
_CREDIT: Final = re.compile(r"(?:\btheo|\bnguồn(?: tin)?\s*:|\bnguồn tin)\s*:?\s*([^,;()\n]{3,120})", re.IGNORECASE)
#: Where a text says whose it is: characters at its begin and its end.
_EDGE: Final = 300
#: Words of a name, and names that are kept of what a text says there.
_NAME_WORDS, _MARKS = 12, 48
_HEAD: Final = struct.Struct("<BII8sBB")
_VERSION: Final = 3
#: Of what is no document, or does not say its number, day and issuer.
NAMELESS: Final = bytes(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What is kept of a text for finding its copies."""

    size: int  #: distinct shingles
    facts_size: int
    shingles: tuple[int, ...]  #: the least hashes, in order
    facts: tuple[int, ...]
    name: bytes = NAMELESS  #: of a document: hash of its number, day and issuer; zeros where one is not known
    is_document: bool = False
    #: whom the text names as its source: as it is said there (`quoted`), or the code of the member (`Names.credited`)
    credit: str = ""
    all_facts: frozenset[int] = field(init=False, repr=False, compare=False)  #: `facts`, to be asked
    #: up to which hash the samples have everything
    shingles_end: int = field(init=False, repr=False, compare=False)
    facts_end: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "all_facts", frozenset(self.facts))
        object.__setattr__(self, "shingles_end", self._end(self.shingles, self.size))
        object.__setattr__(self, "facts_end", self._end(self.facts, self.facts_size))

    @staticmethod
    def _end(hashes: Sequence[int], size: int) -> int:
        return hashes[-1] if hashes and len(hashes) < size else _MASK

    def to_bytes(self) -> bytes:
        """As it is kept."""
        head = _HEAD.pack(
            _VERSION | (0x80 if self.is_document else 0), self.size, self.facts_size, self.name,
            len(self.shingles), len(self.facts),
        )  # fmt: skip
        numbers = struct.pack(f"<{len(self.shingles) + len(self.facts)}I", *self.shingles, *self.facts)
        return head + numbers + self.credit.encode()

    @staticmethod
    def is_current(kept: bytes) -> bool:
        """Whether what was kept can be compared with what is made today."""
        return kept[0] & 0x7F == _VERSION

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Likeness":
        """What was kept."""
        version, size, facts_size, name, shingles, facts = _HEAD.unpack_from(kept)
        numbers = struct.unpack_from(f"<{shingles + facts}I", kept, _HEAD.size)
        return cls(
            size=size, facts_size=facts_size, shingles=numbers[:shingles], facts=numbers[shingles:], name=name,
            is_document=bool(version & 0x80), credit=kept[_HEAD.size + 4 * (shingles + facts) :].decode(),
        )  # fmt: skip

    @staticmethod
    def glance(kept: bytes) -> tuple[bytes, tuple[int, ...]]:
        """Name and facts of what was kept. Its keys, the first KEYS facts, stand in the sample of every text in which
        it stands.
        """
        _, _, _, name, shingles, facts = _HEAD.unpack_from(kept)
        return name, struct.unpack_from(f"<{facts}I", kept, _HEAD.size + 4 * shingles)


@dataclass(frozen=True, slots=True)
class Names:
    """The members by what texts call them: name and host of the home page."""

    by_name: Mapping[str, str] = field(default_factory=dict)  #: hash of the folded name or host -> code

    @classmethod
    def of(cls, members: Iterable[tuple[str, str, str]]) -> "Names":
        """Of code, name and home page of each; a name that two have names nobody."""
        found: dict[str, set[str]] = {}
        for code, name, home in members:
            host = (urlsplit(home).hostname or "").removeprefix("www.")
            for called in filter(None, (" ".join(words(name)), " ".join(words(host)))):
                found.setdefault(called, set()).add(code)
        return cls({_mark(called): next(iter(codes)) for called, codes in found.items() if len(codes) == 1})

    def credited(self, quoted: str) -> str:
        """The member whom a text names as its source, by what it says of that (`quoted`); empty: none."""
        return next((code for mark in quoted.split() if (code := self.by_name.get(mark))), "")


def credited(kept: bytes, names: Names) -> bytes:
    """A likeness as it is kept, with the member whom its text names in place of what the text says of its source."""
    *_, shingles, facts = _HEAD.unpack_from(kept)
    end = _HEAD.size + 4 * (shingles + facts)
    return kept[:end] + names.credited(kept[end:].decode()).encode()


def quoted(text: str) -> str:
    """What a text says of its source at its begin and its end: hashes of whom it may name, the longest name first."""
    edges = (text,) if len(text) <= _EDGE else (text[:_EDGE], text[-_EDGE:])
    marks = list[str]()
    for said in chain.from_iterable(map(_CREDIT.findall, filter(_may_credit, edges))):
        named = words(said)[:_NAME_WORDS]
        marks += (_mark(" ".join(named[:end])) for end in range(len(named), 0, -1))
    return " ".join(dict.fromkeys(marks[:_MARKS]))


def _may_credit(edge: str) -> bool:
    """Whether the words of `_CREDIT` stand there: looking for them alone costs a fifth."""
    low = edge.lower()
    return "theo" in low or "nguồn" in low


def _mark(called: str) -> str:
    return f"{crc32(called.encode()):08x}"


# ----------------------------------------------------------------------------------------------------------- making


#: A checksum is linear, and three of them joined by `xor` would not know their order: the upper half of a product with
#: one of these is neither. What is random at each of three places is random when it is joined.
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)


#: Bits of a number, and bytes of the numbers of a word, as `_Hashes` has them side by side.
_BITS: Final = 32
_WORD_NUMBERS: Final = struct.Struct("@3I")


class _Hashes(dict[str, bytes]):
    """Of the words between two spaces: 30 bits of each as it stands first, second and third of three.

    Vietnamese has a few thousand words; a longer run without a space is hardly met again.
    """

    LIMIT: Final = 32_768
    RUN_LIMIT: Final = 40

    def __missing__(self, run: str) -> bytes:
        checksums = (crc32(word.encode()) for word in words(run))
        found = b"".join(
            _WORD_NUMBERS.pack(*(one * factor >> 34 & _MASK for factor in _FACTORS)) for one in checksums
        )  # fmt: skip
        if len(run) <= self.RUN_LIMIT:
            if len(self) >= self.LIMIT:
                self.clear()
            self[run] = found
        return found


_hashes = _Hashes()


def content_of(item: ItemBase) -> str:
    """The text of an item without markup, or its summary where it has none."""
    return plain(item.content_html) or item.summary


def likeness(item: ItemBase, content: str | None = None) -> Likeness | None:
    """The likeness of a text; None of one that says too little, and of a procedure, which many offices offer alike.

    `content` is its `content_of`, where somebody has it. Which member it names as its source is not known here.
    """
    if item.kind is Kind.PROCEDURE:
        return None
    content = content_of(item) if content is None else content
    told = _runs(item, content)
    shingles = _shingles(told)
    name = _name(item)
    if len(shingles) < SHORT and name == NAMELESS:
        return None
    facts = _facts(told)
    return Likeness(
        size=len(shingles), facts_size=len(facts), shingles=_least(shingles, KEPT_SHINGLES),
        facts=_least(facts, KEPT_FACTS), name=name, is_document=isinstance(item, Document), credit=quoted(content),
    )  # fmt: skip


def _runs(item: ItemBase, content: str) -> Sequence[str]:
    """What stands between the spaces of a text: its title, of a document what names it, and its story."""
    own = [item.number, str(item.issued or ""), item.abstract] if isinstance(item, Document) else []
    said = [part for part in (item.title, *own) if part]
    whole = content[:LIMIT].strip()
    undated = _DATELINE.sub("", whole)
    story = _without_byline(undated)
    if not story:
        return ". ".join(said).split()
    start = content.find(whole) + len(whole) - len(undated)
    return [*". ".join((*said, "")).split(), *_runs_between(content, start, start + len(story))]


def _runs_between(content: str, start: int, end: int) -> Sequence[str]:
    """The runs of `content[start:end]`: nearly always those of `content`, which are known, without a few."""
    before, behind = content[:start], content[end:]
    if (before and not before[-1].isspace()) or (behind and not behind[0].isspace()):
        return content[start:end].split()
    all_runs = runs(content)
    return all_runs[len(before.split()) : len(all_runs) - len(behind.split())]


def _without_byline(text: str) -> str:
    """Without the few words behind the last sentence: who wrote it, or where it is from."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text, max(0, len(text) - _EDGE), len(text.rstrip(" .")))]
    return text[: ends[-1]] if ends and len(text[ends[-1] :].split()) <= _BYLINE_WORDS else text


def _shingles(told: Iterable[str]) -> set[int]:
    """Hashes of three words in a row: of the first, the second and the third, by `xor`, all words at once."""
    numbers = b"".join(map(_hashes.__getitem__, told))
    joined = int.from_bytes(numbers, "little")  # whole numbers are moved, so the order of their own bytes is the same
    joined ^= joined >> 4 * _BITS ^ joined >> 8 * _BITS
    whole = max(0, len(numbers) - 2 * _WORD_NUMBERS.size)  # the last two words begin no three
    return set(memoryview(joined.to_bytes(len(numbers), "little"))[:whole].cast("I")[::3].tolist())


def _least(hashes: set[int], limit: int) -> tuple[int, ...]:
    """The least of them, in order. They are evenly spread: those below a bound are few to sort, and enough."""
    if len(hashes) > 4 * limit:
        bound = 2 * limit * _MASK // len(hashes)
        few = [one for one in hashes if one < bound]
        if len(few) >= limit:
            return tuple(sorted(few)[:limit])
    return tuple(sorted(hashes)[:limit])


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is to be seen of a run that is more than a word in small letters."""

    numbers: tuple[int, ...]  #: hashes
    bare: str  #: without the signs around it
    is_capital: bool
    opens: bool  #: a sign stands before it
    closes: bool  #: a sign stands behind it
    ends: bool  #: a sentence ends with it


class _Shapes(dict[str, _Shape | None]):
    """Of what stands between two spaces; None of a word in small letters, which nearly all are."""

    def __missing__(self, run: str) -> _Shape | None:
        numbers = tuple(map(_hash, _NUMBER.findall(run)))
        shape = None
        if numbers or not run.islower():
            bare = run.strip(_EDGES)
            shape = _Shape(numbers, bare, bare[:1].isupper(), run[0] in _EDGES, run[-1] in _EDGES, run[-1] in _ENDS)
        if len(run) <= _Hashes.RUN_LIMIT:
            if len(self) >= _Hashes.LIMIT:
                self.clear()
            self[run] = shape
        return shape


_shapes = _Shapes()


def _facts(told: Sequence[str]) -> set[int]:
    """Numbers, and names inside of sentences: runs of words with a capital, without the word that begins a sentence."""
    found, run, before = set[int](), list[str](), -1
    begins = True
    shapes = list(map(_shapes.__getitem__, told))
    for place in compress(count(), shapes):
        shape = shapes[place]
        assert shape is not None
        found.update(shape.numbers)
        if place > before + 1:
            if run:
                found.add(_hash(" ".join(run)))
                run.clear()
            begins = told[place - 1][-1] in _ENDS
        before = place
        is_name = shape.is_capital and not begins
        if run and (not is_name or shape.opens):
            found.add(_hash(" ".join(run)))
            run.clear()
        if is_name:
            run.append(shape.bare)
            if shape.closes:
                found.add(_hash(" ".join(run)))
                run.clear()
        begins = shape.ends or (begins and not shape.bare)
    if run:
        found.add(_hash(" ".join(run)))
    return found


@lru_cache(maxsize=32_768)
def _hash(fact: str) -> int:
    return crc32(fold(fact).encode()) * 0x9E3779B1 >> 5 & _MASK


def _name(item: ItemBase) -> bytes:
    if (
        not isinstance(item, Document)
        or not item.number
        or not item.issued
        or not (item.issuer.name or item.issuer.code)
    ):
        return NAMELESS
    named = f"{number_key(item.number)}|{item.issued}|{fold(item.issuer.name or item.issuer.code)}".encode()
    return struct.pack("<II", crc32(named), crc32(named[::-1]) or 1)


# -------------------------------------------------------------------------------------------------------- comparing


def alike(one: Likeness, other: Likeness) -> bool:
    """Whether two texts tell the same story. What refuses most pairs is asked first."""
    if one.is_document is not other.is_document:
        return False
    if one.name != NAMELESS != other.name:
        return one.name == other.name
    if one.size != other.size:
        short, long = (one, other) if one.size < other.size else (other, one)
    else:
        short, long = (one, other) if _by_size(one) <= _by_size(other) else (other, one)
    if short.size < ENOUGH:
        if short.size < SHORT or short.facts_size < SHORT_FACTS or short.facts != long.facts:
            return False
        ours, theirs = _comparable(short, long)
        return short.facts_size == long.facts_size and len(ours & theirs) >= SAME * len(ours | theirs)
    if short.size < LENGTH * long.size or short.facts_size < FACTS or _missing(short, long):
        return False
    ours, theirs = _comparable(short, long)
    return len(ours) >= COMPARED and len(ours & theirs) >= COMMON * len(ours)


def _by_size(text: Likeness) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    return text.size, text.facts_size, text.shingles, text.facts


def _comparable(short: Likeness, long: Likeness) -> tuple[set[int], set[int]]:
    """The shingles of both that would stand in both samples if both texts had them."""
    among = min(short.shingles_end, long.shingles_end)
    ours, theirs = (hashes[: bisect_right(hashes, among)] for hashes in (short.shingles, long.shingles))
    return set(ours), set(theirs)


def _missing(short: Likeness, long: Likeness) -> bool:
    """Whether the shorter one says a fact that the longer one does not."""
    facts, among = short.facts, min(short.facts_end, long.facts_end)
    comparable = facts if not facts or facts[-1] <= among else facts[: bisect_right(facts, among)]
    return not long.all_facts.issuperset(comparable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One telling of a story, as far as it says who was first."""

    content_id: str
    member: str
    at: int  #: microseconds: when it was published, or first seen
    first_seen: int
    credit: str = ""  #: member whom its text names as its source


def origin(tellings: Sequence[Told]) -> str:
    """Content id of whoever told it first; who names another of them as the source stands behind."""
    members = {each.member for each in tellings}

    def rank(each: Told) -> tuple[bool, int, int, str]:
        names_another = each.credit != each.member and each.credit in members
        return names_another, each.at, each.first_seen, each.content_id

    return min(tellings, key=rank).content_id
