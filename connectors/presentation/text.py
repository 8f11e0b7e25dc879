"""Text that fits where it goes: counted as the platform counts, cut at a word, and no character or link cut in two."""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from connectors.parse.html import plain
from connectors.parse.text import ELLIPSIS


class Units(StrEnum):
    """What a platform counts."""

    CHARACTERS = "characters"  #: code points of NFC text
    UTF16 = "utf16"  #: UTF-16 code units: an emoji is two (Telegram)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_BLOCK_END: Final = re.compile(
    r"</(?:p|div|h[1-6]|li|tr|dd|dt|blockquote|figure|table|pre|section|article)>|<(?:br|hr)\b[^<>]*>"
)
#: Left hanging by a cut.
_HANGING: Final = " \t\r\n,;:.-–—([{«“‘"

_JOINER: Final = "\u200d"
#: Selectors, skin tones and tags belong to the character before them; so do marks, which `unicodedata` tells.
_EXTENDS: Final = re.compile(
    "[\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
_FLAG_PART: Final = re.compile("[\U0001f1e6-\U0001f1ff]")


def length(text: str, units: Units = Units.CHARACTERS) -> int:
    """How long a platform says that `text` is."""
    text = unicodedata.normalize("NFC", text)
    return len(text) if units is Units.CHARACTERS else len(text) + sum(c > "\uffff" for c in text)


def fit(text: str, limit: int, units: Units = Units.CHARACTERS) -> str:
    """`text` in NFC within `limit`; a longer one ends at a word, with an ellipsis that counts.

    A character with its marks, an emoji made of several, and a link are kept whole or left out.
    """
    text = unicodedata.normalize("NFC", _SURROGATE.sub("", text))
    if length(text, units) <= limit:
        return text
    if limit < 1:
        return ""
    end = _room(text, limit - len(ELLIPSIS), units)
    space = max(text.rfind(blank, 0, end + 1) for blank in " \n\t")
    # A first word longer than half the room would leave almost nothing: cut inside it.
    end = space if space >= end // 2 and space > 0 else _whole(text, end)
    end = next((link.start() for link in _LINK.finditer(text) if link.start() < end < link.end()), end)
    return text[:end].rstrip(_HANGING) + ELLIPSIS


def _room(text: str, limit: int, units: Units) -> int:
    """How many code points of `text` are within the limit."""
    if units is Units.CHARACTERS:
        return max(limit, 0)
    used = 0
    for position, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return position
    return len(text)


def _whole(text: str, end: int) -> int:
    """The last place at or before `end` where no character that a reader sees is cut in two."""
    while 0 < end < len(text) and not _parts_at(text, end):
        end -= 1
    return end


def _parts_at(text: str, position: int) -> bool:
    """Whether two characters meet here (after UAX #29, without the rules for scripts that NFC composes)."""
    before, after = text[position - 1], text[position]
    if _EXTENDS.match(after) or unicodedata.category(after).startswith("M") or before == _JOINER:
        return False
    if _FLAG_PART.match(before) and _FLAG_PART.match(after):
        run = position
        while run > 0 and _FLAG_PART.match(text[run - 1]):
            run -= 1
        return (position - run) % 2 == 0  # a flag is a pair of them
    return (before, after) != ("\r", "\n")


def plain_lines(html: str) -> str:
    """Sanitised HTML as plain NFC text, a line for each of its blocks."""
    lines = (plain(block) for block in _BLOCK_END.split(html))
    return "\n".join(line for line in lines if line)
