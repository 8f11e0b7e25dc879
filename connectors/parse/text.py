"""Plain text: what a stored title or summary looks like, and the folded form for search and matching."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import TypeVar

T = TypeVar("T")

#: Removed wherever they stand: controls without meaning in text, zero-width and bidi marks, soft hyphens, byte order
#: marks, lone surrogates, noncharacters, interlinear and tag characters. Tab, newlines and the like become spaces.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
#: Invisible too, though Unicode counts them as letters and marks: joiner and fillers.
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"

#: Letters that only Vietnamese has (among living languages that use Latin letters), in NFC.
_VIETNAMESE = re.compile("[ĂăĐđƠơƯưẠ-ỹ]")
#: Letters of the languages that own ð: Icelandic and Faroese.
_NORDIC = re.compile("[ÞþÆæØø]")
#: Abbreviations in document numbers such as QĐ-UBND and HĐND, which often stand without any other Vietnamese letter.
_LOOKALIKE_IN_NUMBER = re.compile("(?<=[CGHLNQ])[ÐƉ](?=-|N|T)")
_MENDED = str.maketrans("ðɖÐƉ", "đđĐĐ")

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile("  +")
_STRUCK = str.maketrans("đð", "dd")
ELLIPSIS = "…"


def clean_text(s: str) -> str:
    """`s` as plain NFC text on one line: no control, invisible or direction-changing characters, single spaces.

    The letters ð, Ð and Ɖ, which old fonts and keyboards leave where đ and Đ are meant, are mended when the text around
    them is Vietnamese; Icelandic keeps its own.
    """
    # Nearly every text is in order. Replacing and asking costs a fifth of searching with a class of characters.
    s = s.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\xa0", " ")
    if not s.isprintable():
        s = " ".join(_UNWANTED.sub("", s).split())
    for filler in _FILLERS:
        if filler in s:
            s = s.replace(filler, "")
    s = unicodedata.normalize("NFC", s)
    if "ð" in s or "Ð" in s or "Ɖ" in s or "ɖ" in s:
        s = _mend(s)
    return single_spaces(s).strip()


def single_spaces(s: str) -> str:
    """`s` with one space where several stand; replacing two by one until there are none costs twice as much."""
    return _SPACES.sub(" ", s) if "  " in s else s


def _mend(s: str) -> str:
    if _VIETNAMESE.search(s) and not _NORDIC.search(s):
        return s.translate(_MENDED)
    return _LOOKALIKE_IN_NUMBER.sub("Đ", s)


class _Remembered(dict[str, T]):
    """What a function says of each word. Vietnamese has a few thousand syllables: nearly every word is known."""

    #: entries; 6 to 8 MB. A full table is emptied, which costs the next article what the first one cost.
    LIMIT = 32_768
    #: characters; a longer run without a space is not a word and is not remembered
    WORD_LIMIT = 40

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, word: str) -> T:
        answer = self.function(word)
        if len(word) <= self.WORD_LIMIT:
            if len(self) >= self.LIMIT:
                self.clear()
            self[word] = answer
        return answer


def _fold(s: str) -> str:
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFC", s).casefold().translate(_STRUCK))
    return unicodedata.normalize("NFC", "".join(c for c in folded if not unicodedata.combining(c)))


_folded = _Remembered(_fold)
_split = _Remembered(lambda run: tuple(_WORD.findall(_fold(run))))


def fold(s: str) -> str:
    """`s` for search and matching, never shown: casefolded, without marks, đ as d. Spaces stay as they are."""
    return " ".join(map(_folded.__getitem__, s.split(" ")))


def words(s: str) -> list[str]:
    """The folded words of `s`: runs of letters and digits."""
    return list(chain.from_iterable(map(_split.__getitem__, s.split())))


def forget_words() -> None:
    """Empty the tables of words: for a process that has no text to read for a while."""
    _folded.clear()
    _split.clear()


@lru_cache(maxsize=1)
def runs(s: str) -> tuple[str, ...]:
    """What stands between the spaces of `s`. Whoever asks for the same text next gets the same runs.

    So they are cut, and their hashes taken, once for the index of the search and for what finds copies.
    """
    return tuple(s.split())


def cut(s: str, limit: int) -> str:
    """`s` in at most `limit` characters; a longer one ends at a word, with an ellipsis that counts."""
    if len(s) <= limit:
        return s
    if limit < 1:
        return ""
    head = s[:limit]
    space = head.rfind(" ")
    # A first word longer than half the room would leave almost nothing: cut inside it.
    head = head[:space] if space >= limit // 2 else head[:-1]
    return head.rstrip(" ,;:.-–—") + ELLIPSIS
