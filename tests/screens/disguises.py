"""How the letters of a mark are hidden from a machine that a person still reads."""

import html
import unicodedata
from collections.abc import Callable
from functools import cache

from connectors.parse.legacy import decode_legacy

_CYRILLIC = str.maketrans("ABCEHIKMOPTXYacehikmoptxyb", "АВСЕНІКМОРТХУасеһікмортхуЬ")
_GREEK = str.maketrans("ABEHIKMNOPTXYaiknoptuvxy", "ΑΒΕΗΙΚΜΝΟΡΤΧΥαικηορτυνχγ")
_STRUCK = "\u0336"


def _between(sign: str) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        return "".join(c + sign if c.isalpha() else c for c in text)

    return disguise


def _spaced(gap: str) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        return (gap * 2 + gap).join(gap.join(unicodedata.normalize("NFC", word)) for word in text.split(" "))

    return disguise


def _in_script(letters: dict[int, int]) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        return unicodedata.normalize("NFD", text).translate(letters)

    return disguise


def _composed_in_script(letters: dict[int, int]) -> Callable[[str], str]:
    """As whoever normalises a page gives it: of other scripts too, a letter and its tone are one character."""

    def disguise(text: str) -> str:
        return unicodedata.normalize("NFC", _in_script(letters)(text))

    return disguise


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _bold(text: str) -> str:
    out = []
    for c in unicodedata.normalize("NFD", text):
        if "A" <= c <= "Z":
            c = chr(0x1D400 + ord(c) - ord("A"))
        elif "a" <= c <= "z":
            c = chr(0x1D41A + ord(c) - ord("a"))
        out.append(c)
    return "".join(out)


def _marks_first(text: str) -> str:
    """Circumflex and dot below in the order in which no keyboard types them."""
    apart = unicodedata.normalize("NFD", text)
    return apart.replace("\u0323\u0302", "\u0302\u0323")


def _half_composed(text: str) -> str:
    """As windows-1258 has it: letter with circumflex, then the tone."""
    return text.replace("Ậ", "Â\u0323").replace("ậ", "â\u0323").replace("Ố", "Ô\u0301").replace("Ệ", "Ê\u0323")


@cache
def _old_letters(encoding: str) -> dict[str, str]:
    if encoding == "tcvn3":
        pairs = [(bytes([b]), chr(b)) for b in range(0xA1, 0x100)]
    else:
        pairs = [
            (bytes([a, b]), bytes([a, b]).decode("cp1252", "replace"))
            for a in b"aeouyAEOUY\xf4\xf6\xd4\xd6"
            for b in range(0xC0, 0x100)
        ]
        pairs += [(bytes([b]), chr(b)) for b in range(0xC0, 0x100)]
    known: dict[str, str] = {}
    for body, seen in pairs:
        letter = decode_legacy(body, encoding)
        if len(letter) == 1 and letter.isalpha() and letter != seen:
            known.setdefault(letter, seen)
    return known


def _old_font(encoding: str) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        letters = _old_letters(encoding)
        return "".join(letters.get(c) or letters.get(c.lower()) or c for c in text)

    return disguise


#: Disguises of characters; they are the same in a page and in a file.
PLAIN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "marks in another order": _marks_first,
    "half composed": _half_composed,
    "soft hyphens": _between("\u00ad"),
    "zero width spaces": _between("\u200b"),
    "joiners": _between("\u2060"),
    "byte order marks": _between("\ufeff"),
    "struck through": lambda text: _between(_STRUCK)(unicodedata.normalize("NFC", text)),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "many spaces": lambda text: text.replace(" ", "   "),
    "thin spaces": lambda text: text.replace(" ", "\u2009"),
    "Cyrillic": _in_script(_CYRILLIC),
    "Greek": _in_script(_GREEK),
    "Cyrillic, composed": _composed_in_script(_CYRILLIC),
    "Greek, composed": _composed_in_script(_GREEK),
    "wide": _wide,
    "mathematical": _bold,
    "TCVN3": _old_font("tcvn3"),
    "VNI": _old_font("vni"),
}
#: Disguises that only words alone can wear.
SPACINGS: dict[str, Callable[[str], str]] = {
    "spaced": _spaced(" "),
    "spaced with no-break spaces": _spaced("\u00a0"),
}


def _numbered(text: str) -> str:
    return "".join(f"&#{ord(c)};" if ord(c) > 0x7F else html.escape(c) for c in text)


def _hexadecimal(text: str) -> str:
    return "".join(f"&#x{ord(c):x};" for c in text)


def _in_tags(tag: str) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        return "".join(f"<{tag}>{html.escape(c)}</{tag}>" if c.isalpha() else html.escape(c) for c in text)

    return disguise


#: Disguises that only markup can wear.
MARKUP: dict[str, Callable[[str], str]] = {
    "escaped": html.escape,
    "numeric references": _numbered,
    "hexadecimal references": _hexadecimal,
    "escaped twice": lambda text: html.escape(_numbered(text)),
    "a tag in each letter": _in_tags("b"),
    "a span in each letter": _in_tags("span"),
    "a comment in each letter": lambda text: "<!-- -->".join(html.escape(c) for c in text),
    "lines broken in the source": lambda text: html.escape(text).replace(" ", "\n  "),
}
