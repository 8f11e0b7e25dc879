"""The table of attributes on the page of a document: labels that offices use, and the values beside them.

    <tr><td>Số ký hiệu</td><td>42/2022/NĐ-CP</td><td>Ngày ban hành</td><td>24/06/2022</td></tr>
    <li><span>Người ký:</span> Nguyễn Văn A</li>      <dt>Lĩnh vực</dt><dd>…</dd>      <p>Số hiệu: 15/QĐ-UBND</p>

Labels are data (connectors/data/documents.toml). A page is one of a document when it names its number and another
field. Words of validity count only beside their label, for pages show all of them as choices; a label with two
different values says nothing, and a menu of all types or offices is no value. In a list of documents the labels stand
above columns: it says nothing here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.parse.days import is_no_day, read_day
from connectors.parse.details import DETAILS
from connectors.parse.documentwords import LABELS, folded
from connectors.parse.legal import read_validity
from connectors.parse.numbers import read_numbers
from connectors.parse.pages.textblocks import Block
from connectors.parse.pages.tree import Element
from connectors.parse.text import clean_text

#: The field without which there is no document: days alone may be those of another one that the page names.
_LEADING: Final = "number"
#: Least fields that make a table of attributes.
_LEAST: Final = 2
#: Longest label, and longest value, in characters: what is longer is a text.
_LABEL_LIMIT: Final = 80
_VALUE_LIMIT: Final = 5_000
_CELLS: Final = frozenset({"td", "th"})


def _day(text: str) -> bool:
    return read_day(text) is not None or is_no_day(text)


#: What a value must be to count: what stands beside a heading of a column is none.
_PLAUSIBLE: Final[Mapping[str, Callable[[str], bool]]] = {
    "number": lambda text: not read_numbers(text).unread,
    "issued": _day, "expired": _day, "partly_expired": _day, "gazette_date": _day,
    "validity": lambda text: read_validity(text) is not None,
}  # fmt: skip


def attributes_of(blocks: Sequence[Block]) -> dict[str, Any]:
    """The details that a page states under their labels; empty where it is no page of a document."""
    found: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for place in range(len(blocks)):
        for label, name, values in _stated(blocks, place):
            kept = tuple(one for one in values if one and _PLAUSIBLE.get(name, bool)(one))
            held = found.setdefault((name, label), [])
            # Two different values are enough to know that the label says nothing.
            if kept and (DETAILS[name] or len(kept) == 1) and len(held) < 2 and kept not in held:
                held.append(kept)
    details: dict[str, Any] = {}
    for name in dict.fromkeys(name for name, _ in found):
        said = [values for (other, _), held in found.items() if other == name and len(held) == 1 for values in held]
        if DETAILS[name] and said:
            details[name] = list(dict.fromkeys(one for values in said for one in values))
        elif len({folded(" ".join(values)) for values in said}) == 1:
            details[name] = " ".join(said[0])
    return details if len(details) >= _LEAST and _LEADING in details else {}


def _stated(blocks: Sequence[Block], place: int) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Labels, fields and values of which this block is the label, or which it holds with one."""
    block = blocks[place]
    if names := _names(block.text):
        for name, values in zip(names, _beside(blocks, place, len(names)), strict=False):
            yield block.text, name, values
        return
    label, colon, value = block.text.partition(":")
    if colon and value.strip() and (names := _names(label)):
        yield label, names[0], (value.strip()[:_VALUE_LIMIT],)
    elif len(block.element) and not (block.element.text or "").strip():
        # The label is an inline element at the beginning: <p><b>Số hiệu</b> 15/QĐ-UBND</p>
        first = clean_text("".join(block.element[0].itertext(with_tail=False)))
        if (names := _names(first)) and block.text.startswith(first):
            yield first, names[0], (block.text[len(first) :].strip(" :")[:_VALUE_LIMIT],)


def _names(text: str) -> tuple[str, ...]:
    return LABELS.get(folded(text), ()) if len(text) <= _LABEL_LIMIT else ()


def _beside(blocks: Sequence[Block], place: int, wanted: int) -> list[Sequence[str]]:
    """The texts of the elements behind a label, one after the other, up to the next label."""
    element, values = blocks[place].element, list[Sequence[str]]()
    while element.tag not in _CELLS and element.getnext() is None and _ends_inside(blocks, place, element):
        parent = element.getparent()  # <div><div>Label</div></div><div>value</div>
        if parent is None or parent.tag == "body":
            return []
        element = parent
    at = place + 1
    beside = element.getnext()
    while beside is not None and len(values) < wanted:
        if isinstance(beside.tag, str):
            if (element.tag in _CELLS) != (beside.tag in _CELLS):
                break
            texts: list[str] = []
            while at < len(blocks) and _is_inside(blocks[at].element, beside):
                texts.append(blocks[at].text[:_VALUE_LIMIT].lstrip(": "))
                at += 1
            if len(texts) == 1 and _names(texts[0]):
                break
            values.append(texts)
        beside = beside.getnext()
    return values


def _ends_inside(blocks: Sequence[Block], place: int, element: Element) -> bool:
    """Whether the parent of an element holds no text behind this block."""
    parent = element.getparent()
    return parent is not None and not (place + 1 < len(blocks) and _is_inside(blocks[place + 1].element, parent))


def _is_inside(element: Element, other: Element) -> bool:
    return element is other or any(above is other for above in element.iterancestors())
