"""Text typed in fonts from before Unicode, which came out as the Latin letters that stand at the same places.

A PDF or DOCX in `.VnTime` says "Céng hoµ x· héi" where a reader sees "Cộng hoà xã hội". The bytes behind those letters
are TCVN3 (or VNI), and connectors/parse/legacy.py reads them. Evidence decides, line by line: the names of the fonts
count, and what the letters become.
"""

import re
from collections.abc import Collection
from typing import Final

from connectors.parse.legacy import decode_legacy, vietnamese_share

#: Names of fonts with the encoding they show; `ABCDEF+.VnTime` in PDF files.
_FONTS: Final = {"tcvn3": re.compile(r"(?:^|\+)\.?Vn[A-Z]"), "vni": re.compile(r"(?:^|\+)VNI[-_ ]?\w")}
#: Letters that PDF readers give for glyphs of the old fonts in place of the ones of Latin-1.
_TWINS: Final = str.maketrans(
    {"\u03bc": "\xb5", "\u2219": "\xb7", "\u02c9": "\xaf", "\u2215": "/", "\u2126": "\xd9", "\u2206": "\xc6"}
)
#: What a line of an old font is made of: Latin-1 and the few letters that windows-1252 puts at 0x80 to 0x9f.
_LATIN: Final = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(0x100)} | {
    chr(b): b for b in range(0x80, 0xA0)
}
#: Share of possible Vietnamese syllables among the words beyond ASCII: of a text that was read rightly, and of one that
#: was not.
_RIGHT: Final = 0.8
_WRONG: Final = 0.5
#: Words that are enough evidence by themselves; where a font says so, one is.
_WORDS: Final = 5


def mend(text: str, fonts: Collection[str] = ()) -> str:
    """`text` with its lines in old fonts put into Unicode; all others stay as they are."""
    if text.isascii():
        return text
    lines = text.split("\n")
    old = {i: found for i, line in enumerate(lines) if (found := _bytes_of(line)) is not None}
    for encoding in _likely(old, fonts):
        for i, body in old.items():
            better = decode_legacy(body, encoding)
            if _share(better)[0] > _share(lines[i])[0]:
                lines[i] = better
    return "\n".join(lines)


def _likely(old: dict[int, bytes], fonts: Collection[str]) -> list[str]:
    """The encoding that makes Vietnamese of these lines; none when they are so already, or nothing does."""
    together = b"\n".join(old.values())
    as_it_is, words = _share(together.decode("cp1252", "replace"))
    named = [encoding for encoding, names in _FONTS.items() if any(names.search(font) for font in fonts)]
    shares = {encoding: _share(decode_legacy(together, encoding)) for encoding in _FONTS}
    best = max(shares, key=lambda encoding: (shares[encoding][0], encoding in named))
    share, seen = shares[best]
    if share < _RIGHT or (best not in named and (as_it_is > _WRONG or min(seen, words) < _WORDS)):
        return []
    return [best]


def _share(text: str) -> tuple[float, int]:
    """How much of it is possible Vietnamese. In small letters: these fonts have no marked capitals, "MËT" is "MậT"."""
    return vietnamese_share(text.lower())


def _bytes_of(line: str) -> bytes | None:
    """The bytes that an old font would have shown as this line; None for a line that is Unicode, or plain ASCII."""
    if line.isascii():
        return None
    try:
        return bytes(_LATIN[letter] for letter in line.translate(_TWINS))
    except KeyError:
        return None
