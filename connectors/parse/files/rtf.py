"""Text of RTF files: the control words that make text or line ends are read, all others are stepped over.

By the Rich Text Format Specification 1.9.1: groups nest, `\\'hh` is a byte in the code page of the font in force,
`\\uN` a UTF-16 unit with a substitute behind it, `\\*` begins what a reader that does not know it must leave out.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from connectors.parse.files.text import FileText, Gathering, Note, UnreadableError

#: Groups inside groups; hostile files have thousands.
DEPTH_LIMIT: Final = 500
#: Tokens that are read of one file: some 10 s of work would be ten million (measured: 0.9 µs each).
TOKEN_LIMIT: Final = 4_000_000

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
#: Groups whose content is not text of the document; headers, footers, footnotes and text boxes are.
_SILENT: Final = frozenset(
    b"fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore listtable "
    b"listoverridetable latentstyles xmlnstbl rsidtbl generator filetbl revtbl mmathPr wgrffmtfilter fldinst "
    b"bkmkstart bkmkend panose falt blipuid sp sn sv".split()
)
#: Known groups that `\*` introduces and that hold text all the same.
_SPOKEN: Final = frozenset(b"shpinst shptxt txfieldtext annotation".split())
_BREAKS: Final = frozenset(b"par line page sect cell row nestcell nestrow column pard".split())
_SIGNS: Final = {
    b"tab": " ", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
#: `\fcharsetN` and its code page; 163 is Vietnamese.
_CHARSETS: Final = {0: "cp1252", 163: "cp1258", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253",
                    162: "cp1254", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
                    238: "cp1250"}  # fmt: skip
#: One font of the table, and what stands in it. Bounded, because a body may be nothing but `\f1`; Word writes the shape
#: of the letters before the name and another name behind it, each in a group.
_FONT: Final = re.compile(rb"\\f([0-9]{1,6})(?![0-9])((?:[^{};]|\{\\\*\\(?:panose|falt)[^{}\\]{0,100}\}){0,300}+);")
_FONT_GROUP: Final = re.compile(rb"\{[^{}]*\}")
_FONT_CHARSET: Final = re.compile(rb"\\fcharset([0-9]{1,3})")
_FONT_NAME: Final = re.compile(rb"\s([^\\{};]{1,60})\Z")


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it."""

    silent: bool = False
    encoding: str = "cp1252"
    substitutes: int = 1  #: characters behind `\\uN` that stand for it


def read_rtf(body: bytes) -> FileText:
    """The text of an RTF file. Raises UnreadableError when it is none, or nests without end."""
    if not body.startswith(b"{\\rtf"):
        raise UnreadableError(Note.BROKEN)
    page = re.search(rb"\\ansicpg([0-9]{3,5})", body[:1_000])
    encodings, names = _fonts(body[:200_000])
    reading = _Reading(_codec(f"cp{int(page[1])}" if page else "cp1252"), encodings)
    for count, token in enumerate(_TOKEN.finditer(body)):
        reading.take(token)
        if count > TOKEN_LIMIT or reading.lines.full:
            break
    reading.end_line()
    note = Note.TOO_LARGE if reading.lines.full or count > TOKEN_LIMIT else Note.NOTHING
    return FileText(raw=reading.lines.text(), note=note, fonts=names)


def _fonts(table: bytes) -> tuple[dict[int, str], set[str]]:
    """The encoding of each font by its number, and the names of all."""
    fonts: dict[int, tuple[str, str]] = {}
    for number, entry in _FONT.findall(table):
        if name := _FONT_NAME.search(_FONT_GROUP.sub(b" ", entry)):
            charset = _FONT_CHARSET.search(entry)
            encoding = _CHARSETS.get(int(charset[1]) if charset else 0, "cp1252")
            fonts[int(number)] = (encoding, name[1].decode("latin-1").strip())
    return {number: encoding for number, (encoding, _) in fonts.items()}, {name for _, name in fonts.values()}


def _codec(name: str) -> str:
    try:
        b"".decode(name)
        "".encode(name)
    except (LookupError, ValueError):
        return "cp1252"
    return "cp1252" if name in ("cp65001", "cp1200") else name


class _Reading:
    """Groups that are open, and the line that is being put together."""

    def __init__(self, encoding: str, encodings: dict[int, str]) -> None:
        self.lines = Gathering()
        self._encodings = encodings
        self._state, self._around = _State(encoding=encoding), list[_State]()
        self._line: list[str] = []
        self._bytes = bytearray()  #: in the encoding in force, not yet read: it may take two for a character
        self._skip = 0  #: substitutes that are still to come
        self._starred = False

    def take(self, token: re.Match[bytes]) -> None:
        """One control word, byte, sign, brace or piece of text."""
        word, number, byte, sign, brace, text = token.groups()
        if byte is not None:
            self._byte(bytes([int(byte, 16)]))
        elif text is not None:
            skipped = min(self._skip, len(text))
            self._skip -= skipped
            self._byte(text[skipped:])
        elif brace is not None:
            self._group(opens=brace == b"{")
        elif sign is not None:
            self._sign(sign)
        elif word is not None:
            self._word(word, int(number) if number else None)

    def end_line(self) -> None:
        """A paragraph, cell or line ends."""
        self._read_bytes()
        self.lines.add("".join(self._line).encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        self._line.clear()

    def _byte(self, data: bytes) -> None:
        if self._skip and len(data) == 1:
            self._skip -= 1
        elif data and not self._state.silent:
            self._bytes += data

    def _say(self, text: str) -> None:
        self._read_bytes()
        if not self._state.silent:
            self._line.append(text)

    def _read_bytes(self) -> None:
        if self._bytes:
            self._line.append(self._bytes.decode(self._state.encoding, "replace"))
            self._bytes.clear()

    def _group(self, *, opens: bool) -> None:
        self._read_bytes()
        self._skip, self._starred = 0, False
        if opens:
            self._around.append(self._state)
            if len(self._around) > DEPTH_LIMIT:
                raise UnreadableError(Note.BROKEN)
        elif self._around:
            self._state = self._around.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._starred = True
        elif sign == b"~":
            self._say(" ")
        elif sign in b"\r\n":
            self.end_line()
        elif sign in b"\\{}":
            self._byte(sign)

    def _word(self, word: bytes, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word in _SILENT or (starred and word not in _SPOKEN):
            self._state = replace(self._state, silent=True)
        elif word == b"u" and number is not None:
            self._say(chr(number & 0xFFFF))
            self._skip = self._state.substitutes
        elif word in _BREAKS:
            if not self._state.silent:
                self.end_line()
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif word == b"uc" and number is not None:
            self._state = replace(self._state, substitutes=max(0, min(number, 8)))
        elif word == b"f" and number in self._encodings:
            self._read_bytes()
            self._state = replace(self._state, encoding=self._encodings[number])
        elif word == b"bin" and number:
            raise UnreadableError(Note.NOT_READ)  # raw bytes, which would have to be counted; hardly any writer uses it
