"""A text as the screens compare it: blocks on lines of their own, and every disguise of a letter taken off.

    markup -> blocks -> entities -> invisible characters -> lookalikes -> NFKC -> single spaces

A tag inside a word does not split it, a block element does. What is compared is never shown and never kept. Every step
reads its text once: the texts are strangers', up to a million characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Final

from connectors.parse.legacy import decode_legacy
from connectors.parse.markup import Tags, unescape
from connectors.parse.text import single_spaces

_INLINE: Final = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|o:p|q|rp|rt|ruby|s|samp"
    r"|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)(?=[\s/>])[^<>]*+>",
    re.IGNORECASE,
)
_TAGS: Final = Tags(_INLINE, "\n")
_WITH_ATTRIBUTES: Final = re.compile(r"<[a-zA-Z][^<>=]*+=[^<>]*+")
#: What opens a section of characters in XML, in whatever case a tolerant parser reads it. A browser hides what is in
#: it, a reader of feeds shows it.
_SECTION: Final = re.compile(r"<!\[CDATA\[", re.IGNORECASE)
_IS_MARKUP: Final = re.compile(r"<[a-zA-Z/!]")
#: Attributes that a reader may get to see.
_NAMES: Final = r"(?<![\w-])(?:alt|title|abbr|summary|label|aria-label|placeholder|value|content)\s{0,9}"
SHOWN_ATTRIBUTES: Final = re.compile(rf"""{_NAMES}=\s{{0,9}}(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.IGNORECASE)
_NAME_BEFORE: Final = re.compile(rf"{_NAMES}\Z", re.IGNORECASE)
#: The longest of these names with the blanks behind it; the letters that they end with.
_NAME_REACH: Final = 20
_LAST_LETTERS: Final = frozenset("terylTERYL")
_SHOWN_NAMES: Final = ("alt", "title", "abbr", "summary", "label", "placeholder", "value", "content")
#: Rounds of decoding: a feed in a feed escapes twice, more is a disguise.
_ROUNDS: Final = 4

#: Line breaks that hardly anybody writes; in markup they stand for spaces, where a break more does no harm.
_RARE_BREAKS: Final = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

#: Anything beyond the letters of Vietnamese and everyday signs: only then is there a disguise to take off.
_ODD: Final = re.compile("[^\n -~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ–—‘’“”•°²³½]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a"
    "-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]"
)
#: Beyond the basic plane, where a class of scattered characters is slow: tags without a look, letters in boxes.
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
#: Marks over and under letters that Vietnamese does not write: lines through a word, rings, dots.
_FOREIGN_MARKS: Final = re.compile(
    "[\u0304\u0305\u0307\u0308\u030a-\u031a\u031c-\u0322\u0324-\u033f\u0342\u0344-\u036f\u0483-\u0489\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_LONE_MARKS: Final = re.compile("[\u0300-\u036f]")
#: Letters that a reader sees as two: of other scripts with a tone of ours, of ours with a mark that we do not write.
#: Not those of Latin-1, which old fonts are full of.
_COMPOSED: Final = re.compile("[\u0100-\u024f\u0370-\u052f\u1e00-\u1e9f\u1f00-\u1fff]")
#: No consonant of Vietnamese carries a mark.
_MARKED_CONSONANTS: Final = re.compile("(?<=[B-DF-HJ-NP-TV-XZb-df-hj-np-tv-xz])[\u0300-\u036f]++")


def _lookalikes() -> dict[int, str]:
    """Letters of other scripts that look like the ones in our words; NFKC takes care of wide and mathematical ones."""
    drawn = {
        "A": "АΑᎪꓮᗅ", "B": "ВΒᏴꓐ", "C": "СϹᏟꓚ", "D": "ᎠꓓÐƉ", "E": "ЕΕᎬꓰ", "G": "ԌᏀꓖ", "H": "НΗᎻꓧ", "I": "ІΙӀᏆꓲ",
        "K": "КΚᏦꓗ", "L": "ᏞꓡԼ", "M": "МΜᎷꓟϺ", "N": "ΝꓠՆ", "O": "ОΟՕꓳ", "P": "РΡᏢꓑ", "R": "ᎡꓣƦ", "S": "ЅՏᏚꓢ",
        "T": "ТΤᎢꓔ", "U": "ՍꓴԱ", "V": "ѴᏙꓦ", "X": "ХΧꓫ", "Y": "ҮУΥꓬ", "Ư": "Ƣ",
        "a": "аαɑᴀ", "b": "Ьᖯвʙ", "c": "сϲᴄ", "d": "ԁɗᴅ", "e": "еҽᴇ", "g": "ɡցɢ", "h": "һнʜ", "i": "іιӏıɪ", "k": "кκᴋ",
        "l": "ⅼʟ", "m": "мᴍⅿ", "n": "ոпηɴ", "o": "оοօσᴏ", "p": "рρᴘ", "r": "ʀ", "s": "ѕꜱ", "t": "тτᴛ", "u": "υսᴜ",
        "v": "ѵνᴠ", "x": "хχ", "y": "уγүʏ", "đ": "ðɖ",
    }  # fmt: skip
    table = {ord(one): letter for letter, ones in drawn.items() for one in ones}
    table[0xD0] = "Đ"
    signs = {"-": "‐‑‒−⁃", "/": "⁄∕", ":": "∶꞉ː", "(": "【〔〖《〈⟨❨", ")": "】〕〗》〉⟩❩"}
    table |= {ord(one): sign for sign, ones in signs.items() for one in ones}
    return table | dict.fromkeys((0x1680, 0x2800), " ")


def _astral() -> dict[int, str]:
    boxed = {start + i: chr(ord("A") + i) for start in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6) for i in range(26)}
    return boxed | dict.fromkeys(range(0xE0000, 0xE1000), "")


_LOOKALIKES: Final = _lookalikes()
_LOOKALIKE: Final = re.compile("[" + "".join(map(chr, _LOOKALIKES)) + "]")
_BOXED: Final = _astral()

#: Letters of Latin-1 that old Vietnamese fonts are full of and that Unicode Vietnamese never has.
_OLD: Final = re.compile("[\x80-\x9f¡-©ª-¯±´-¼¾¿ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ†‡ŒœŠšŽžƒ™]")
_BYTES: Final = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(0x100)} | {
    chr(b): b for b in range(0x80, 0xA0)
}
_OLD_RUN: Final = re.compile("([" + re.escape("".join(c for c in _BYTES if c not in "\n–—‘’“”•…")) + "]+)")
_OLD_ENCODINGS: Final = ("tcvn3", "vni", "viscii")


def canonical(text: str, *, markup: bool | None = None) -> str:
    """`text` as lines, each a block, in NFKC with its case; lines in old fonts follow once more in Unicode.

    Whether it is `markup` is seen from the text where nobody says so. A line of plain text or a cell is a block.
    """
    if markup is None:
        markup = "<" in text and _IS_MARKUP.search(text) is not None
    breaks = " " if markup else "\n"
    # Replacing costs a hundredth of translating.
    text = text.replace("\r", breaks).replace("\t", breaks).replace("\n", breaks)
    if "<" in text or "&" in text:
        text = _without_markup(text)
    text = text.replace("…", "...")  # the one everyday sign that NFKC would change: normalising costs ten times as much
    if odd := "".join(set(_ODD.findall(text))):
        text = _undisguised(text, odd)
    elif not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return single_spaces(text)


def _without_markup(text: str) -> str:
    shown: list[str] = []
    for _ in range(_ROUNDS):
        before = text
        if "<![" in text:
            text = _SECTION.sub("", text).replace("]]>", "")
        if "<" in text:
            text = _without_comments(text) if "<!--" in text else text
            shown += chain.from_iterable(map(attribute_texts, _WITH_ATTRIBUTES.findall(text))) if "=" in text else ()
            text = _TAGS.out_of(text)
            if "<" in text and "=" in text:  # a tag that is cut off, or has such a sign in an attribute
                shown += attribute_texts(text)
        if "&" in text:
            text = unescape(text)
        if text == before:
            break
    return "\n".join((text, *map(unescape, shown))) if shown else text


def attribute_texts(tag: str) -> list[str]:
    """What the attributes of a tag say to a reader: what `SHOWN_ATTRIBUTES` finds; it is asked only at a `=`."""
    found: list[str] = []
    position, equals = 0, tag.find("=")
    # Most attributes are links and measures. Beyond ASCII there are letters that count as these in another case.
    small = tag.lower() if tag.isascii() else ""
    while equals >= 0:
        before = tag[equals - 1 : equals]
        may_be_shown = before in _LAST_LETTERS and (not small or small.endswith(_SHOWN_NAMES, position, equals))
        if may_be_shown or before.isspace():
            named = _NAME_BEFORE.search(tag, max(position, equals - _NAME_REACH), equals)
            one = SHOWN_ATTRIBUTES.match(tag, named.start()) if named is not None else None
            if one is not None:
                found.append(one[1] or one[2] or one[3] or "")
                position = one.end()
        equals = tag.find("=", max(position, equals + 1))
    return found


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join((*kept, text[start + 4 :]))  # never closed: it may be shown after all
        position = end + 3
    kept.append(text[position:])
    return "".join(kept)


def _undisguised(text: str, odd: str) -> str:
    """`text`, in which `odd` are all the characters that Vietnamese does not need, and its lines out of old fonts."""
    if _RARE_BREAKS.search(odd) is not None:
        text = _RARE_BREAKS.sub("\n", text)
    if _OLD.search(odd) is None:
        return _plain_letters(text, odd)
    old = "\n".join(_from_old_fonts(text))
    return f"{_plain_letters(text, odd)}\n{unicodedata.normalize('NFKC', old)}"


def _plain_letters(text: str, odd: str) -> str:
    """`text` without invisible characters, in letters of one script, composed."""
    if _INVISIBLE.search(odd) is not None:
        text = _INVISIBLE.sub("", text)
    apart = _COMPOSED.search(odd) is not None
    if apart:
        text = unicodedata.normalize("NFD", text)
    if apart or _FOREIGN_MARKS.search(odd) is not None:
        text = _FOREIGN_MARKS.sub("", text)
    if _ASTRAL.search(odd) is not None:
        text = _ASTRAL.sub(lambda one: _BOXED.get(ord(one[0]), one[0]), text)
    if apart or _LOOKALIKE.search(odd) is not None:
        text = _LOOKALIKE.sub(lambda one: _LOOKALIKES[ord(one[0])], text)
    if apart:
        text = _MARKED_CONSONANTS.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    if _LONE_MARKS.search(text) is not None:
        # A wide or mathematical letter became plain only now, and its marks join it only now.
        text = _LONE_MARKS.sub("", unicodedata.normalize("NFC", text))
    return text


def _from_old_fonts(text: str) -> Iterator[str]:
    """The lines of `text` that may be in an old font, as each of these fonts would show them."""
    for line in text.split("\n"):
        if _OLD.search(line) is not None:
            pieces = _OLD_RUN.split(line.strip(" «»"))  # letters inside of words, quotes around them
            for encoding in _OLD_ENCODINGS:
                yield "".join(_old(piece, encoding) if i % 2 else piece for i, piece in enumerate(pieces))


def _old(run: str, encoding: str) -> str:
    return decode_legacy(bytes(map(_BYTES.__getitem__, run)), encoding)


_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_SINGLE: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:[ ._\-*]{1,3}[^\W\d_](?![^\W_])){2,}+")
_GAPS: Final = re.compile(r"[ ._\-*]+")
_ASCII: Final = str.maketrans("đ", "d")


def letters(line: str) -> str:
    """The letters of `line` and nothing else: how a stamp is compared, in whatever brackets, stars or spacing."""
    return _NO_LETTERS.sub("", line)


def joined(line: str) -> str:
    """`line` with words that are spaced out put together: "m ậ t" is "mật"."""
    return _SINGLE.sub(lambda run: _GAPS.sub("", run[0]), line)


def without_accents(phrase: str) -> str:
    """`phrase` as an ASCII keyboard writes it; only to be compared with text that is ASCII itself."""
    apart = unicodedata.normalize("NFD", phrase.casefold().translate(_ASCII))
    return "".join(c for c in apart if not unicodedata.combining(c))
