"""Text of files that are text: plain, tables (CSV), pages (HTML, XML)."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from lxml import etree

from connectors.parse.charset import decode
from connectors.parse.files import types as filetype
from connectors.parse.files.text import FileText, Gathering, Note
from connectors.parse.pages.textblocks import INLINE

#: Bytes that are read.
PLAIN_LIMIT: Final = 8 * 1024**2
#: Elements inside a line of text; all others end it.
_INLINE: Final = INLINE - {"br"}
_HIDDEN: Final = frozenset({"script", "style", "template", "noscript"})


def read_plain(body: bytes, found: str, declared: str) -> FileText:
    """The text of a file without a format of its own, or with tags; `declared` may name its encoding."""
    text, _ = decode(body[:PLAIN_LIMIT], declared if declared.lower().startswith("text/") else "")
    note = Note.TOO_LARGE if len(body) > PLAIN_LIMIT else Note.NOTHING
    if found in (filetype.HTML, filetype.XML):
        return FileText(raw=_without_tags(text), note=note)
    return FileText(raw="\n".join(_cells(text)) if found == filetype.CSV else text, note=note)


def _cells(text: str) -> Iterator[str]:
    """The cells of a table in text; a table that is none stays as it is."""
    first = text.partition("\n")[0]
    mark = max(";\t|,", key=first.count)
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=mark):
            yield from row
    except csv.Error:  # a field longer than the reader takes
        yield text


class _Blocks:
    """What the HTML reader tells; every element that is not part of a line of text ends the line."""

    def __init__(self) -> None:
        self.lines = Gathering()
        self._line: list[str] = []
        self._hidden = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        """A tag opens."""
        self._hidden += tag in _HIDDEN
        self._border(tag)

    def end(self, tag: str) -> None:
        """A tag closes."""
        self._hidden -= tag in _HIDDEN
        self._border(tag)

    def data(self, text: str) -> None:
        """Text between tags: its own line ends are blanks."""
        if not self._hidden:
            self._line.append(" ".join(text.splitlines()) if "\n" in text or "\r" in text else text)

    def close(self) -> None:
        """The page ends."""
        self._end_line()

    def _border(self, tag: str) -> None:
        if tag not in _INLINE:
            self._end_line()

    def _end_line(self) -> None:
        self.lines.add("".join(self._line).strip())
        self._line.clear()


def _without_tags(text: str) -> str:
    blocks = _Blocks()
    parser: Any = etree.HTMLParser(target=cast(Any, blocks), encoding="utf-8", no_network=True, huge_tree=False)
    try:
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
    except etree.XMLSyntaxError:  # nothing but controls, or deeper than anybody nests
        blocks.close()
    return blocks.lines.text()
