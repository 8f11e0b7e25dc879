"""Takes the long texts out of an XML document before it is parsed: most of a feed is the text of its articles.

    <description><![CDATA[<p>...]]></description>  ->  <description>␡0</description>, and the text beside it
    <content type="html">&lt;p&gt;...</content>    ->  likewise, read by expat

lxml goes through a text character by character, copies it, and decodes it once more for us; decoded at once, a CDATA
section costs a third of that, an escaped text two thirds (measured). What is left is parsed as ever, so the parser
still has the last word on the structure.

Only what is the whole text of an element without children is lifted, and only under names by which feeds call their
articles. A mark can stand for nothing else: a document that holds the character itself is left as it is. What would
not be well-formed stays in place, for the parser to refuse.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from xml.parsers import expat

from connectors.parse.records import end_of

#: First character of a mark: allowed in XML, found in no text that anybody meant.
MARK: Final = "\x7f"
_MARK: Final = b"\x7f"
#: Bytes from which a text is worth lifting.
_LONG: Final = 400
#: Room for a whole text, so that expat hands it over in one piece.
_BUFFER: Final = 1 << 16

_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_LOCAL: Final = rb"(?:[\w.-]{1,50}:)?(?:encoded|description|content|summary)"
#: The start tag right before a section; what only looks like one ends a comment, an instruction or a section.
_OPENED = re.compile(rb"<" + _LOCAL + rb"(?:\s[^<>]{0,200})?(?<![/?\]-])>\s{0,20}")
_TAG = re.compile(_LOCAL + rb"(?:\s[^<>]{0,200})?(?<!/)>")
_CLOSED = re.compile(rb"\s{0,20}</")
_OPENED_WITHIN: Final = 300

#: Replaces what XML forbids, so that a text without it comes back as it is; and beside it what takes a closer look.
_ALLOWED: Final = bytes(ord("?") if one < 32 and one not in (9, 10, 13) else one for one in range(256))
_PLAIN: Final = _ALLOWED.replace(b"\r", b"?").replace(b"\xef", b"?")
_NONCHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")
#: What would be the mark, written as a number.
_MARK_BY_NUMBER = re.compile(rb"&#(?:0*127|x0*7[fF]);")
#: Comments and instructions; an unterminated one reaches to the end.
_ASIDE = re.compile(rb"<(?:!--.*?(?:-->|\Z)|\?.*?(?:\?>|\Z))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lifted:
    """A document without its long texts."""

    data: bytes
    texts: dict[str, str] = field(default_factory=dict)  #: by mark, without blanks around them


def lift(data: bytes) -> Lifted:
    """Lift the long texts of a document (UTF-8); where that is not safe, the document comes back as it is."""
    texts: list[str] = []
    try:
        lifted = _without_texts(data, texts)
    except (_LeaveItError, UnicodeDecodeError, expat.ExpatError):
        return Lifted(data)
    if not texts or (b"#" in lifted and _MARK_BY_NUMBER.search(lifted)):
        return Lifted(data)
    if (b"!" in lifted or b"?" in lifted) and any(_MARK in aside for aside in _ASIDE.findall(lifted)):
        return Lifted(data)
    return Lifted(lifted, {f"{MARK}{number}": text for number, text in enumerate(texts)})


class _LeaveItError(Exception):
    """The document is to be parsed as it is."""


def _without_texts(data: bytes, texts: list[str]) -> bytes:
    """The document with marks in place of what is added to `texts`."""
    if _MARK in data:
        raise _LeaveItError
    kept: list[bytes] = []
    position, all_lifted = 0, True
    start = data.find(_CDATA) if b"[" in data else -1
    while start >= 0:
        end = end_of(data, _CDATA_END, start + len(_CDATA))
        if end < 0:
            raise _LeaveItError
        if end - start > _LONG:
            if _is_whole_text(data, start, end):
                kept += data[position:start], b"\x7f%d" % len(texts)
                texts.append(_characters(data[start + len(_CDATA) : end - len(_CDATA_END)]))
                position = end
            else:
                all_lifted = False
        start = data.find(_CDATA, end)
    lifted = b"".join((*kept, data[position:]))
    # What looks like a tag may stand in a section that was left; and where little is left, there is little to gain.
    return _without_escaped(lifted, texts) if all_lifted and len(lifted) * 4 > len(data) else lifted


def _is_whole_text(data: bytes, start: int, end: int) -> bool:
    """Whether a section stands between two tags of one element, alone."""
    if not data.startswith(b"</", end) and not _CLOSED.match(data, end):
        return False
    opened = data.rfind(b"<", max(0, start - _OPENED_WITHIN), start)
    return opened >= 0 and _is_opened_by(data[opened:start])


@lru_cache(maxsize=256)
def _is_opened_by(tag: bytes) -> bool:
    return _OPENED.fullmatch(tag) is not None


def _characters(section: bytes) -> str:
    """The characters of a CDATA section. Raises UnicodeDecodeError or _LeaveItError where XML forbids one."""
    if section.translate(_PLAIN) != section:
        if section.translate(_ALLOWED) != section or _NONCHARACTER.search(section):
            raise _LeaveItError
        section = section.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return section.decode().strip()


def _without_escaped(data: bytes, texts: list[str]) -> bytes:
    """The document without long texts between two tags."""
    pieces = data.split(b"<")
    for i, piece in enumerate(pieces):
        if len(piece) < _LONG or (tag := _TAG.match(piece)) is None or not pieces[i + 1 : i + 2]:
            continue
        text = piece[tag.end() :]
        if b">" in text or pieces[i + 1][:1] != b"/":  # the end of a comment or a section may be inside
            continue
        pieces[i] = b"%b\x7f%d" % (tag.group(), len(texts))
        texts.append(_unescaped(text) if b"&" in text else _characters(text))
    return b"<".join(pieces)


def _unescaped(text: bytes) -> str:
    """The characters of a text without tags. Raises ExpatError for what is not well-formed."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text, parser.buffer_size = True, _BUFFER
    parser.CharacterDataHandler = found.append
    parser.Parse(b"<t>" + text + b"</t>", True)
    return "".join(found).strip()
