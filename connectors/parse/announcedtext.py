"""Lists of announced procedures in the text of a file, where the borders of their tables are gone.

    cell by cell (DOCX, sheets)      line by line (PDF)
    1                                1  1.004194.000.00.00.H52  Đăng ký tạm trú
    1.004194.000.00.00.H52           2. Đăng ký thường trú (1.004195)
    Đăng ký tạm trú
    03 ngày làm việc

Only a code with its name beside it counts: on the same line, or on the next one where the list has the code first. What
the other columns say runs into each other here and is left alone. A name that cannot be told from them is not guessed:
the list then counts as not wholly read.
"""

import re
from dataclasses import dataclass
from typing import Final

from connectors.parse.announcedcodes import CODE, told, without_number
from connectors.parse.announcedwords import Found, Outline, columns_called, heading
from connectors.parse.codes import read_code
from connectors.parse.text import clean_text, cut
from schemas.base import TITLE_LIMIT
from schemas.document import LINES_LIMIT, Action, Announced

#: Lines of one text that are read, and lines over which a heading or a name may go on.
_LINES: Final = 60_000
_HEADING_LINES: Final = 6
_NAME_LINES: Final = 8
#: Lines that are asked for labels before the first code below a heading.
_LABEL_LINES: Final = 60

_NUMBER: Final = re.compile(r"\d{1,4}\s*[.)/]?")
_NUMBERED: Final = re.compile(r"(?:\d{1,4}\s*[.)/]?|[-–•+*])\s+(?=[^\W\d_])")
#: A code that goes on in the next line, as in narrow columns.
_BROKEN: Final = re.compile(r"(?:\d{1,4}\s*[.)]?\s+)?[1-9]\.\d{6}(?:\.\d{0,3}){1,3}\.?")
_REST: Final = re.compile(
    r"\.?(?:\d{1,3}\.){0,3}[^\W\d_]\d{2}(?:\.\d{1,3}){0,2}|\.?\d{1,3}(?:\.\d{2}){0,2}\.[^\W\d_]\d{2}"
)
_LABEL: Final = re.compile(r"(?i)[(\[]?\s*mã\s*(?:số)?\s*(?:tthc|thủ tục(?: hành chính)?|hồ sơ)?\s*[:.]?\s*$")
#: What stands in the other columns: time limits, places, fees, legal bases.
_OTHER: Final = re.compile(
    r"(?i)\b\d{1,4}\s*(?:\([^()]{1,20}\)\s*)?(?:ngày|giờ|tháng|phút|tuần)\b|\bngày làm việc\b|\btrong ngày\b"
    r"|\bkhông quy định\b|\b\d{1,3}(?:\.\d{3})+\b|\bđồng/|\bbộ phận (?:một cửa|tiếp nhận)"
    r"|\btrung tâm phục vụ hành chính|\btrung tâm hành chính công|\b\d+/\d{4}/"
    r"|\b(?:luật|nghị định|thông tư|quyết định|nghị quyết|pháp lệnh)\b[^.]{0,60}\bsố\s*:?\s*\d"
    r"|^(?:không|miễn phí|không thu|chưa quy định|lệ phí|phí)\b"
)
#: Words behind which another one comes.
_OPEN: Final = frozenset({
    "của", "tại", "và", "cho", "với", "về", "trong", "từ", "đến", "theo", "do", "bởi", "thuộc", "có", "là", "hoặc",
    "trên", "khi", "để", "bằng",
})  # fmt: skip
_OWN: Final = frozenset({"number", "code", "name"})
_LETTERS: Final = re.compile(r"[^\W\d_]")


def read_text(text: str, outline: Outline) -> Found:
    """The lists in a text, one line for each code that has its name beside it."""
    return _Reader(_joined(text), outline).read()


def _joined(text: str) -> list[str]:
    """Lines of a text without empty ones; codes that were broken at the edge of a column are whole again."""
    lines: list[str] = []
    for line in map(clean_text, text.splitlines()[:_LINES]):
        if lines and _BROKEN.fullmatch(lines[-1]) and _REST.fullmatch(line):
            lines[-1] += line
        elif line:
            lines.append(line)
    return lines


@dataclass(slots=True)
class _Labels:
    """What the labels of a list say, as far as they can be told."""

    code_first: bool | None = None  #: whether the code stands before the name; None: unknown
    others: bool = False  #: there are columns beside number, code and name, whose texts may run into the name
    lines: int = 0  #: lines since the heading, in which labels may stand

    def take(self, line: str) -> None:
        """A line before the first code of the list."""
        self.lines += 1
        if self.lines > _LABEL_LINES:
            return
        roles = columns_called(line)
        self.others = self.others or not _OWN.issuperset(roles)
        if self.code_first is None and len(roles) == 1 and roles[0] in ("code", "name"):
            self.code_first = roles[0] == "code"


class _Reader:
    """Goes through the lines once; a name takes the lines that belong to it along."""

    def __init__(self, lines: list[str], outline: Outline) -> None:
        self.lines, self.outline = lines, outline
        self.at = 0
        self.labels = _Labels()

    def read(self) -> Found:
        """All lists of the text."""
        found = Found()
        while self.at < len(self.lines):
            line, action = self.lines[self.at], self.outline.now
            if not CODE.search(line):
                if not self._heading():
                    self.labels.take(line)
            elif action is None:  # described one by one; or a list that does not say what it does
                found.whole = found.whole and self.outline.ended
            elif (made := self._line(line, action)) is None or len(found.lines) == LINES_LIMIT:
                found.whole = False
            else:
                found.lines.append(made)
            self.at += 1
        return found

    def _heading(self) -> bool:
        """Take a heading with the lines over which it goes on."""
        text, last = self.lines[self.at], self.at
        if heading(text) is None:
            return False
        while last + 1 < len(self.lines) and last - self.at < _HEADING_LINES and self._goes_on(text, last + 1):
            last += 1
            text = f"{text} {self.lines[last]}"
        if (head := heading(text)) is None:
            return False
        self.outline.take(head)
        self.at = last
        if head.said.actions or head.list:
            self.labels = _Labels()
        return True

    def _goes_on(self, text: str, place: int) -> bool:
        line = self.lines[place]
        if columns_called(line) or heading(line) is not None or self._is_number(place) or line.startswith("("):
            return False
        return (text.isupper() and line.isupper()) or _is_open(text) or line[:1].islower()

    def _line(self, line: str, action: Action) -> Announced | None:
        """The procedure whose code stands in a line; None where its name is not certain."""
        code, *others = CODE.finditer(line)
        stated = told(read_code(code[0]))
        if others or not stated:
            return None
        before, after = line[: code.start()].strip(), line[code.end() :].strip(" )].:;–-")
        before = _LABEL.sub("", before).rstrip(" ([:–-")
        number, before = (before, "") if _NUMBER.fullmatch(before) else ("", before)
        if before:
            name = "" if after else self._up_to(before, self.at)
        elif after:
            name = "" if self.labels.others else self._from(after, self.at)
        else:
            name = self._beside(numbered=bool(number) or self._is_number(self.at - 1))
        if not _is_name(name):
            return None
        agency = cut(self.outline.whose, TITLE_LIMIT)
        return Announced(action=action, code=stated, name=without_number(name), agency=agency)

    def _beside(self, *, numbered: bool) -> str:
        """The name on the line after or before a code that stands alone."""
        code_first = self.labels.code_first
        if code_first is None:
            code_first = True if numbered else False if self._ends(self.at + 1) else None
        if code_first is None:
            return ""
        if not code_first:
            return self._up_to(self.lines[self.at - 1], self.at - 1) if self.at else ""
        return "" if self._ends(self.at + 1) else self._from(self.lines[self.at + 1], self.at + 1)

    def _from(self, text: str, place: int) -> str:
        """A name that begins so in this line, with the lines over which it goes on."""
        last = place + _NAME_LINES
        while place < last and not self._ends(place + 1) and (self.lines[place + 1][:1].islower() or _is_open(text)):
            if _OTHER.search(self.lines[place + 1]):
                break
            place += 1
            text = f"{text} {self.lines[place]}"
        self.at = max(self.at, place)
        return text

    def _up_to(self, text: str, place: int) -> str:
        """A name that ends so in this line: back to where a number or a dash begins it; "" where none does."""
        for above in range(place, place - _NAME_LINES, -1):
            if _NUMBERED.match(text) or self._is_number(above - 1):
                return text
            if above == 0 or self._ends(above - 1):
                return ""
            text = f"{self.lines[above - 1]} {text}"
        return ""

    def _is_number(self, place: int) -> bool:
        return 0 <= place < len(self.lines) and _NUMBER.fullmatch(self.lines[place]) is not None

    def _ends(self, place: int) -> bool:
        """Whether a name cannot go on in this line."""
        if place >= len(self.lines) or self._is_number(place):
            return True
        line = self.lines[place]
        return CODE.search(line) is not None or heading(line) is not None or bool(columns_called(line))


def _is_open(text: str) -> bool:
    """Whether a text is not over: it ends in a comma, or in a word behind which another one comes."""
    return text.endswith((",", "/")) or text.rpartition(" ")[2].lower() in _OPEN


def _is_name(text: str) -> bool:
    """Whether a text can be a name and nothing else beside it."""
    letters = _LETTERS.findall(text[:TITLE_LIMIT])
    sound = len(letters) >= 6 and " " in text and len(text) <= TITLE_LIMIT
    return sound and letters[0].isupper() and not _OTHER.search(text)
