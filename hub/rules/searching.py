"""How text is found: what a typed query means, and the tokens under which an entry stands in the index.

    typed words -> parse -> Query -> steps -> lookups of tokens        (hub/store/searching.py asks the database)
    an item     -> Entry -> tokens                                     (and writes the same tokens into it)

Tokens are plain ASCII and made here alone, so that SQLite and PostgreSQL find the same entries: neither database cuts,
folds or stems anything. A word stands there without marks (`hoa`), with them in the order of the VNI keyboard, tone
last (`.hoa2`: hòa and hoà alike), and with its neighbour (`_nhan_dan`: phrases need no positions).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from connectors.parse.text import fold, runs

#: Characters of a query that are read, and words of it that are looked for.
QUERY_LIMIT, WORDS_LIMIT = 2_000, 32
#: Characters of an entry's text, and tokens of an entry. A tsvector holds one megabyte.
TEXT_LIMIT, TOKENS_LIMIT = 400_000, 40_000
#: Characters of one word; longer runs are cut, for they are no words.
WORD_LIMIT = 48
#: Letters of a title's words that find it while somebody types.
_TYPED = range(2, 7)

#: A run of letters and digits with the marks that no letter of Unicode holds in itself.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_SHAPES: Final = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}
_TONES: Final = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}

#: "15/2024/QĐ-UBND", "2732/UBND-KGVX", "148/2025/QH15", "66.13/2026/NQ-CP"; `_LOOSE` with spaces.
_NUMBER: Final = re.compile(
    r"(?<![\w/.])\d+(?:\.\d+)?[a-zđ]?/(?:\d{4}/)?[^\W\d_]\w*(?:[-\u2013][^\W\d_]\w*)*", re.IGNORECASE
)
_LOOSE: Final = re.compile(
    r"(?<![\w/.])\d+(?:\.\d+)?[a-zđ]? ?/ ?(?:\d{4} ?/ ?)?[^\W\d_]\w*(?: ?[-\u2013] ?[^\W\d_]\w*)*", re.IGNORECASE
)
#: "15/2024", while the rest is not typed yet.
_BEGUN: Final = re.compile(r"\d+(?:\.\d+)?[a-zđ]?\s?/\s?(?:(?:19|20)\d\d\s?/?\s?)?", re.IGNORECASE)
#: "1.012345" and "1.012345.000.00.00.H52": administrative procedures.
_CODE: Final = re.compile(
    r"(?<![\w.])[1-9]\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}\.[a-z]\d{2}(?:\.\d{2})?)?(?![\w])", re.IGNORECASE
)
_RUN: Final = re.compile(r"[^\W_]+")
_QUOTES: Final = re.compile(
    '["\u201c\u201d\u201e\u00ab\u00bb]([^"\u201c\u201d\u201e\u00ab\u00bb]*)["\u201c\u201d\u201e\u00ab\u00bb]'
)
_EXCLUDED: Final = re.compile(r"(?:(?<=\s)|^)-(?=[^\W_])(\S+)")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One word as it is looked for."""

    folded: str  #: without marks
    exact: str  #: with them; empty when it has none


class _Spellings(dict[str, Spelling]):
    """Spellings of words that were met; Vietnamese has a few thousand syllables, so nearly every word is known."""

    LIMIT = 65_536

    def __missing__(self, word: str) -> Spelling:
        if len(self) >= self.LIMIT:
            self.clear()
        self[word] = spelling = _spelled(word)
        return spelling


def _spelled(word: str) -> Spelling:
    folded = "".join(
        c if c.isascii() else f"~{ord(c):x}" for c in fold(word) if c.isalnum()
    )[:WORD_LIMIT]  # fmt: skip
    letters, tone, marked = list[str](), "", False
    for c in unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).casefold()):
        if c in _TONES:
            tone, marked = _TONES[c], True
        elif c in _SHAPES:
            letters.append(_SHAPES[c])
            marked = True
        elif c in "đð":
            letters.append("d9")
            marked = True
        elif not unicodedata.combining(c) and c.isalnum():
            letters.append(c if c.isascii() else f"~{ord(c):x}")
    return Spelling(folded, "".join(letters)[:WORD_LIMIT] + tone if marked else "")


_spellings = _Spellings()


class _ByRun(dict[str, str]):
    """What is made of the words of whatever stands between two spaces: one text, as such are joined at once."""

    #: characters; a longer run without a space is hardly met again
    RUN_LIMIT = 40

    def __init__(self, made: Callable[[Spelling], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, run: str) -> str:
        tokens = "".join(self._made(_spellings[word]) for word in _WORD.findall(run))
        if len(run) <= self.RUN_LIMIT:
            if len(self) >= _Spellings.LIMIT:
                self.clear()
            self[run] = tokens
        return tokens


#: Each word's tokens, without marks and, where it has any, with them; and its halves of the tokens that it has with
#: the word before and the word behind it: "_nhan _nhan" and "_dan _dan" are "_nhan _nhan_dan _dan".
_alone = _ByRun(lambda word: f"{word.folded} .{word.exact} " if word.exact else f"{word.folded} ")
_halves = _ByRun(lambda word: f"_{word.folded} _{word.folded}")


def composed(text: str) -> str:
    """Text in the one Unicode form whose letters are counted and shown."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def written_words(text: str) -> list[str]:
    """The words of a composed text as they are written, in order."""
    return _WORD.findall(text)


def placed_words(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of a composed text with where each begins and ends."""
    return ((found.start(), found.end(), found[0]) for found in _WORD.finditer(text))


def spelling(word: str) -> Spelling:
    """A written word as it is looked for."""
    return _spellings[word]


def spellings(text: str) -> list[Spelling]:
    """The words of a text, in order."""
    return [_spellings[word] for word in _WORD.findall(composed(text))]


# -------------------------------------------------------------------------------------------------------- numbers


def number_keys(text: str) -> list[str]:
    """The numbers of documents and codes of procedures that stand in a text, as they are compared."""
    text = composed(text)
    found = [key_of(one[0]) for pattern in (_NUMBER, _LOOSE) for one in pattern.finditer(text)]
    found += [_joined(one[0]) for one in _CODE.finditer(text)]
    return list(dict.fromkeys(filter(None, found)))


def key_of(number: str) -> str:
    """A number as it is compared: "Số: 01 / 2018 / TT- VPCP" and "1/2018/ttvpcp" alike."""
    if _CODE.fullmatch(number.strip()):
        return _joined(number)
    parts = _RUN.findall(fold(composed(number)))
    names = next((place for place, part in enumerate(parts) if part[0].isalpha()), len(parts))
    counted = [part.lstrip("0") or "0" if place == 0 else part for place, part in enumerate(parts[:names])]
    return _ascii(".".join([*counted, "".join(parts[names:])]).strip("."))


def _joined(code: str) -> str:
    return _ascii(".".join(_RUN.findall(fold(code))))


def _ascii(key: str) -> str:
    return "".join(c if c.isascii() else f"~{ord(c):x}" for c in key)[:120]


def _beginnings(number: str) -> Iterator[str]:
    """The keys under which a number is found while only its beginning is typed: up to the year, up to the type."""
    yield key_of(number)
    yield _joined(number)
    parts = _RUN.findall(fold(composed(number)))
    for count in range(2, len(parts)):
        if count == 2 or parts[count - 1][0].isalpha():
            yield key_of("/".join(parts[:count]))


# ---------------------------------------------------------------------------------------------------------- query


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for. An empty one, made of signs only, is false."""

    said: str = ""  #: as typed, on one line, at most QUERY_LIMIT characters
    words: tuple[Spelling, ...] = ()  #: in the order in which they were typed, each once
    pairs: tuple[tuple[str, str], ...] = ()  #: neighbours, as they were typed
    phrases: tuple[tuple[Spelling, ...], ...] = ()  #: in quotation marks: these words beside each other
    excluded: tuple[tuple[str, ...], ...] = ()  #: words, or phrases, that must not be there
    numbers: tuple[str, ...] = ()  #: keys of numbers and codes
    is_typing: bool = False  #: the last word may not be finished
    is_cut: bool = False  #: more was typed than is looked for

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers)


def parse(typed: str, *, is_typing: bool = False) -> Query:
    """What these words mean; never fails, whatever they are. `is_typing`: the last word may be half of one."""
    said = " ".join(composed(typed[:QUERY_LIMIT].replace("\x00", " ")).split())
    numbers = _numbers_in(said)
    # A number's own hyphens exclude nothing: "QĐ -UBND".
    masked = _LOOSE.sub(lambda one: one[0].replace("-", " "), said)
    excluded = list[tuple[str, ...]]()

    def exclude(found: re.Match[str]) -> str:
        excluded.append(tuple(one.folded for one in spellings(found[1])))
        return " \n "

    rest = re.sub("(?:(?<=\\s)|^)-" + _QUOTES.pattern, exclude, masked)
    rest = _EXCLUDED.sub(exclude, rest)
    phrases = [tuple(spellings(one[1])) for one in _QUOTES.finditer(rest)]
    runs = [spellings(run) for run in _QUOTES.sub("\n\\1\n", rest).split("\n")]
    if numbers and runs and runs[0] and runs[0][0].folded == "so" and len(runs[0]) > 1:
        runs[0] = runs[0][1:]  # "Số: 15/2024/QĐ-UBND"
    words = list(dict.fromkeys(word for run in runs for word in run if word.folded))
    kept = words[:WORDS_LIMIT]
    known = {word.folded for word in kept}
    return Query(
        said=said,
        words=tuple(kept),
        pairs=tuple(
            dict.fromkeys(
                (a.folded, b.folded) for run in runs for a, b in pairwise(run) if {a.folded, b.folded} <= known
            )
        ),
        phrases=tuple(phrase[:WORDS_LIMIT] for phrase in phrases if len(phrase) > 1),
        excluded=tuple(word for word in excluded if word)[:WORDS_LIMIT],
        numbers=numbers,
        is_typing=is_typing and bool(kept) and typed[-1:].isalnum(),
        is_cut=len(words) > len(kept) or len(typed) > QUERY_LIMIT,
    )


def _numbers_in(said: str) -> tuple[str, ...]:
    found = number_keys(said)
    alone = re.sub(r"^s[oố]\s*:?\s*(?=\d)", "", said, flags=re.IGNORECASE)
    if _BEGUN.fullmatch(alone) or (" " not in alone and _RUN.search(alone) and any(c.isdigit() for c in alone)):
        found += [key_of(alone), _joined(alone)]
    return tuple(dict.fromkeys(key for key in found if key))[:WORDS_LIMIT]


# ----------------------------------------------------------------------------------------------------------- index


class Audience(StrEnum):
    """For whom an entry is."""

    PUBLIC = "public"  #: everybody: the approved text
    OFFICE = "office"  #: those who work here: the newest text of every item, held ones included


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One edition as it is indexed."""

    title: str
    texts: Sequence[str]  #: everything else that readers see of it
    numbers: Sequence[str]  #: its own numbers and codes
    member: str
    kind: str


def tokens(entry: Entry) -> list[str]:
    """Everything under which an entry is found, each token once."""
    found = [member_token(entry.member), kind_token(entry.kind)]
    for number in (*entry.numbers, *number_keys(entry.title)):
        found += (f"#{key}" for key in _beginnings(number) if key)
    for word in spellings(entry.title):
        found.append(f"={word.folded}")
        found += [f"^{word.folded[:length]}" for length in _TYPED if length < len(word.folded)]
    room = TEXT_LIMIT
    for text in (entry.title, *entry.texts):
        found += _of_text(text[:room])
        room -= len(text)
        if room <= 0 or (len(found) > TOKENS_LIMIT and len(set(found)) > TOKENS_LIMIT):
            break
    return list(dict.fromkeys(found))[:TOKENS_LIMIT]


def _of_text(text: str) -> list[str]:
    """The tokens of a text: its words without marks, those with marks, and neighbours; some come more than once."""
    written = runs(composed(text))
    alone = "".join(map(_alone.__getitem__, dict.fromkeys(written)))
    pairs = "".join(map(_halves.__getitem__, written))
    return (alone + pairs[pairs.find(" ") + 1 : pairs.rfind(" ")]).split()


def member_token(code: str) -> str:
    """The token of everything that a member published."""
    return f"@m{code.encode().hex()}"


def kind_token(kind: str) -> str:
    """The token of everything of a kind."""
    return f"@k{kind}"


# ----------------------------------------------------------------------------------------------------------- steps


class Tier(StrEnum):
    """How an entry was found; the order in which somebody would want them."""

    NUMBER = "number"
    TITLE = "title"
    PHRASE = "phrase"
    EXACT = "exact"
    WORDS = "words"
    NEARLY = "nearly"  #: all words but one; only where nothing has all


#: The newest entries of each tier that are ranked. What nobody types more precisely is not worth more time.
CAPS: Final = {
    Tier.NUMBER: 200, Tier.TITLE: 300, Tier.PHRASE: 200, Tier.EXACT: 200, Tier.WORDS: 600, Tier.NEARLY: 60,
}  # fmt: skip
#: Words, and pairs of neighbours, that an entry has to have; of a longer query the others only count for its rank.
DEMANDED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One lookup: entries that have a token of each group, and not all tokens of any that is excluded."""

    tier: Tier
    groups: tuple[tuple[str, ...], ...]
    excluded: tuple[tuple[str, ...], ...] = ()


def steps(query: Query) -> list[Step]:
    """The lookups of a query: by its numbers, by all its words, and then, of those, what answers it more precisely."""
    excluded = tuple(_beside(words) or words for words in query.excluded)
    demanded = [(token,) for phrase in query.phrases for token in _beside([word.folded for word in phrase])]
    last = query.words[-1] if query.is_typing and query.words else None

    def step(tier: Tier, groups: Iterable[tuple[str, ...]]) -> Step:
        """Groups, each once, and what quotation marks demand."""
        return Step(tier=tier, groups=tuple(dict.fromkeys([*groups, *demanded])), excluded=excluded)

    def begun(word: Spelling, whole: str) -> tuple[str, ...]:
        """A word, and where it may be the beginning of one, what begins with it."""
        return (whole, f"^{word.folded}") if word is last and len(word.folded) in _TYPED else (whole,)

    found = [step(Tier.NUMBER, [(f"#{key}",)]) for key in query.numbers]
    if not query.words:
        return found
    telling = _telling(query, last)
    found += [
        step(Tier.WORDS, [begun(word, word.folded) for word in telling]),
        step(Tier.TITLE, [begun(word, f"={word.folded}") for word in telling]),
    ]
    pairs = [pair for pair in query.pairs if last is None or pair[1] != last.folded][:DEMANDED]
    if pairs:
        paired = {word for pair in pairs for word in pair}
        alone = [begun(word, word.folded) for word in telling if word.folded not in paired]
        found.append(step(Tier.PHRASE, [*[(f"_{a}_{b}",) for a, b in pairs], *alone]))
    if any(word.exact for word in telling):
        exact = [begun(word, f".{word.exact}" if word.exact else word.folded) for word in telling]
        found.append(step(Tier.EXACT, exact))
    return found


def _telling(query: Query, last: Spelling | None) -> list[Spelling]:
    """The words that an entry has to have: all of a usual query, of a sentence the longest, which are the rarest."""
    if len(query.words) <= DEMANDED:
        return list(query.words)
    longest = sorted(query.words, key=lambda word: (word is not last, -len(word.exact or word.folded)))[:DEMANDED]
    return [word for word in query.words if word in set(longest)]


#: Words of a query of which one may be missing; of longer ones, one of the first so many.
_SPARED = 12


def nearly(query: Query) -> list[Step]:
    """Lookups for a query that finds nothing: each leaves one word out."""
    everything = next((step for step in steps(query) if step.tier is Tier.WORDS), None)
    if everything is None or len(query.words) < 3:
        return []
    return [
        Step(
            tier=Tier.NEARLY, excluded=everything.excluded,
            groups=tuple(group for other, group in enumerate(everything.groups) if other != place),
        )
        for place in range(min(len(query.words), _SPARED))
    ]  # fmt: skip


def _beside(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"_{a}_{b}" for a, b in pairwise(words))
