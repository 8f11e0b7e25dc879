"""What the readers of file formats hand to connectors/parse/files/file.py, and the bounds that all of them keep."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connectors.parse.text import clean_text

#: Most characters of text that are kept of one file: some 400 pages.
TEXT_LIMIT: Final = 1_000_000
#: Longest line; a cell or paragraph that is longer goes on in the next line.
LINE_LIMIT: Final = 20_000


class Note(StrEnum):
    """What is to be said about a file beside its text; the codes are stable."""

    NOTHING = ""
    NO_TEXT_LAYER = "no_text_layer"  #: pictures of text: a scan, an image
    PARTLY_WITHOUT_TEXT = "partly_without_text"  #: some of its pages are, or show another file
    ENCRYPTED = "encrypted"  #: it opens only with a password
    NOT_READ = "not_read"  #: a format whose text we do not take, or none that we know
    TOO_LARGE = "too_large"  #: longer than is read; the text is its beginning
    BOMB = "bomb"  #: it unpacks to far more than it is
    BROKEN = "broken"  #: it does not open
    TYPE_DIFFERS = "type_differs"  #: its name or its site says another type than its bytes


class UnreadableError(Exception):
    """Why a file gives no text; never leaves connectors/parse."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.value)
        self.note = note


@dataclass(frozen=True, slots=True, kw_only=True)
class FileText:
    """The text of a file as its format has it, not yet cleaned; paragraphs, cells and lines end with line breaks."""

    raw: str
    readable: bool = True  #: False: there is text, but it is not what a reader sees (a signature on a scan)
    note: Note = Note.NOTHING
    pages: int | None = None
    fonts: Collection[str] = ()  #: names of its fonts: some say which old encoding the text is in


class Gathering:
    """Collects paragraphs until there are enough."""

    def __init__(self, limit: int = TEXT_LIMIT) -> None:
        self._parts: list[str] = []
        self._left = limit
        self.full = False  #: something was left out

    def add(self, text: str) -> None:
        """One more paragraph, cell or line."""
        if self.full or not text:
            return
        if len(text) >= self._left:
            text, self.full = text[: self._left], True
        self._left -= len(text) + 1
        self._parts.append(text)

    def extend(self, texts: Iterable[str]) -> None:
        """Several, until there are enough; what is not wanted is not asked for."""
        for text in texts:
            self.add(text)
            if self.full:
                break

    def text(self) -> str:
        """All of them, one a line."""
        return "\n".join(self._parts)


def tidy(raw: str) -> tuple[str, bool]:
    """Clean every line and leave out the empty ones; the flag says that the text was cut at the limit."""
    gathering = Gathering()
    for line in raw.splitlines():
        for start in range(0, len(line), LINE_LIMIT):
            gathering.add(clean_text(line[start : start + LINE_LIMIT]))
        if gathering.full:
            break
    return gathering.text(), gathering.full
