"""Decisions that announce procedures (quyết định công bố): which they create, amend, replace or abolish.

    title        "... công bố Danh mục TTHC mới ban hành; bị bãi bỏ thuộc thẩm quyền giải quyết của Sở Tư pháp"
    page, files  headings and tables ─> Announced(action, code, name, ...) in the order of the list

Pure. What is done to a procedure comes from the heading above it, from its own note, or from the title where that says
one thing only; a line of which it is not certain is left out, and the remark `announcement_unread` lets a person see
that the list was not read, or not all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.parse.announcedwords import Outline, agency_in, announces_procedures, said
from connectors.parse.text import words
from schemas.document import LINES_LIMIT, Announced, Document
from schemas.item import ItemBase

#: Remark of a document whose title announces procedures that were not all read from a list.
UNREAD: Final = "announcement_unread"
#: Type of document that announces, by its code in schemas; a plan or a report may have the same title.
_DECISION: Final = "QĐ"
#: Characters of all files of one decision that are read.
_TEXTS_LIMIT: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Announcement:
    """The list of a decision."""

    lines: tuple[Announced, ...] = ()
    whole: bool = False  #: every line that looks like one was read


def announcing_title(item: ItemBase) -> str:
    """The title or abstract which says that this item announces procedures; "" where it does not."""
    if not isinstance(item, Document) or item.document_type.code not in ("", _DECISION):
        return ""
    return next(filter(announces_procedures, (item.title, item.abstract)), "")


def read_announced(title: str, markup: str, texts: Sequence[str] = ()) -> Announcement:
    """The list of a decision with this title: in its page, sanitised, else in the texts of its files."""
    lines, whole = dict[tuple[str, str], Announced](), False
    if "<t" in markup:
        from connectors.parse.announcedtables import read_tables

        found = read_tables(markup, _outline(title))
        whole = found.whole and bool(found.lines)
        _add(lines, found.lines)
    left = _TEXTS_LIMIT
    for text in () if whole else texts:
        from connectors.parse.announcedtext import read_text

        found = read_text(text[:left], _outline(title))
        left -= min(len(text), left)
        whole = whole or (found.whole and bool(found.lines))
        _add(lines, found.lines)
    return Announcement(tuple(lines.values())[:LINES_LIMIT], whole and len(lines) <= LINES_LIMIT)


def _outline(title: str) -> Outline:
    return Outline(action=said(title).action, agency=agency_in(title))


def _add(lines: dict[tuple[str, str], Announced], more: Sequence[Announced]) -> None:
    """The same list stands in the page and in several files: each procedure counts once for each thing done to it."""
    for line in more:
        lines.setdefault((line.action, line.code or " ".join(words(line.name))), line)


def with_announced(
    item: ItemBase, remarks: Sequence[str], texts: Sequence[str] = ()
) -> tuple[ItemBase, tuple[str, ...]]:
    """A decision with its list, and the remarks about it; any other item as it is.

    A list that the source gives as data stays; one that was read from the page alone is read again with the files.
    """
    title = announcing_title(item)
    if not title or not isinstance(item, Document) or (item.announces and UNREAD not in remarks):
        return item, tuple(remarks)
    read = read_announced(title, item.content_html, texts)
    others = tuple(remark for remark in remarks if remark != UNREAD)
    if len(read.lines) >= len(item.announces):
        item = item.model_copy(update={"announces": read.lines})
    return item, others if read.whole else (*others, UNREAD)
