"""What can be overheard in an old Office file (DOC, PPT) without reading its format.

These files are small file systems of binary records, and text lies in them in pieces, moved by every "fast save". Runs
of letters are found nearly always; whether they are all of the text nobody can say. So such a file stays unreadable: no
screen clears it and a person looks. But a stamp that is found is found.
"""

import re
from collections.abc import Iterator
from typing import Final

from connectors.parse.files.text import FileText, Gathering, Note

#: Bytes that are listened to; pictures come behind the text.
LISTENED_TO: Final = 16 * 1024**2
#: Text of two bytes a letter: Latin-1, the letters and marks that Vietnamese adds, punctuation, ends of paragraphs and
#: cells. Three of them at least: a stamp may lie alone. Of random bytes one place in seven million looks so.
_WIDE: Final = re.compile(
    rb"(?:[\x20-\x7e\xa0-\xff]\x00|[\x02\x03\x10\x11\x28\x29\x68\x69\xa0\xa1\xaf\xb0]\x01|[\x00-\x03\x06\x09\x1b\x23]\x03"
    rb"|[\xa0-\xf9]\x1e|[\x10-\x3a]\x20|[\x07\x09\x0b-\x0d]\x00){3,}"
)
#: Text of one byte a letter, which is that of old fonts; more of them, because much may look like it.
_NARROW: Final = re.compile(rb"[\x07\x09\x0b-\x0d\x20-\x7e\x80-\xff]{24,}")
_BORDERS: Final = re.compile(r"[\r\n\x07\x0b\x0c]+")
#: Letters of a line, of any language, and those of old fonts, which have plain ones for most.
_LETTERS: Final = re.compile(r"[^\W\d_]|\s")
_PLAIN: Final = re.compile(r"[A-Za-z ]")
#: Share of them in a line of text; records that happen to look like letters have less.
_SHARE: Final = 0.6
_FONT: Final = re.compile(r"\.Vn[A-Z]\w{2,20}|VNI-\w{2,20}")


def overhear(body: bytes) -> FileText:
    """Text that lies in the file, for search and for the screens; it never stands for the file."""
    gathering, heard = Gathering(), body[:LISTENED_TO]
    gathering.extend(_lines(heard))
    raw = gathering.text()
    return FileText(raw=raw, readable=False, note=Note.NOT_READ, fonts=set(_FONT.findall(raw)))


def _lines(body: bytes) -> Iterator[str]:
    for run in _WIDE.finditer(body):
        yield from _spoken(run[0].decode("utf-16-le", "replace"), _LETTERS, least=2)
    for run in _NARROW.finditer(body):
        yield from _spoken(run[0].decode("cp1252", "replace"), _PLAIN, least=3)


def _spoken(text: str, letters: re.Pattern[str], *, least: int) -> Iterator[str]:
    """The lines that look like language."""
    for line in _BORDERS.split(text):
        found = len(letters.findall(line))
        if found >= max(least, _SHARE * len(line)) and len(set(line)) > 1:
            yield line
