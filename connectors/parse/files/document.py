"""A file that is itself a document: its title, and the attachment that it is.

The name is the best title that a file has: the first lines of an office's papers are its own name and the motto of the
state. Only where a name says nothing (`scan0012.pdf`) does the text count.
"""

import re
from datetime import datetime
from typing import Final

from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Text
from connectors.parse.files.dropped import DroppedFile
from connectors.parse.files.file import read_file
from connectors.parse.files.types import BY_ENDING, UNKNOWN, type_of
from connectors.parse.text import clean_text, cut, fold

#: Characters of a title that is made from the text.
MADE_TITLE_LIMIT: Final = 200
#: Lines of the text in which a title is looked for, and the fewest words that make one.
_LINES: Final = 40
_WORDS: Final = 4
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")
#: What scanners, cameras and editors call a file that nobody named.
_NAMED_BY_MACHINE: Final = re.compile(
    r"(?:scan(?:ned)?|img|image|dsc|doc|docx|document|file|untitled|new|tai lieu|van ban|ban scan|camscanner|copy of"
    r"|photo|pdf|microsoft word)?[\s\d()\[\].-]*"
)
#: Lines that stand at the head of every paper: motto, offices, number, place and date.
_HEAD: Final = re.compile(
    r"(?:cong hoa xa hoi|doc lap|uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd|so:|so \d|phong |van phong |tinh |huyen "
    r"|xa |phuong |kinh gui|.{0,40},? ngay \d{0,2}\.{0,10} ?thang )"
)


def document_entry(file: DroppedFile, url: str, now: datetime) -> Entry:
    """The document as an entry. `url` is where citizens get it; the link changes with its bytes, past every cache.

    A file that was written after the day that follows `now` has no date.
    """
    written = file.modified.isoformat()
    kind = type_of(file.body) if file.body else BY_ENDING.get(file.name.rpartition(".")[2].lower(), UNKNOWN)
    name = file.name.rpartition("/")[2]
    link = Link(
        href=f"{url}?v={file.sha256[:12]}", rel="enclosure", type=kind, title=name, length=str(file.size)
    )  # fmt: skip
    return Entry(
        id=file.identity, title=Text(_title(file, name), html=False), enclosures=[link],
        updated=parse_date(written, now=now), updated_raw=written,
    )  # fmt: skip


def _title(file: DroppedFile, name: str) -> str:
    spoken = clean_text(_ENDING.sub("", name).replace("_", " ").replace("+", " "))
    if _NAMED_BY_MACHINE.fullmatch(fold(spoken)) and (found := _first_line(file, name)):
        return found
    return spoken or name


def _first_line(file: DroppedFile, name: str) -> str:
    """The first line that says what the paper is about; "" when none does, or its text cannot be had."""
    lines = read_file(file.body, name=name).text.splitlines()[:_LINES] if file.body else []
    for line in lines:
        if len(line.split()) >= _WORDS and not _HEAD.match(fold(line)):
            return cut(line, MADE_TITLE_LIMIT)
    return ""
