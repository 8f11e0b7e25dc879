"""Takes a body apart into its records and puts it together again: fewer, more, in another order, one of them broken.

It knows the formats and no connector: which of the repeated things of a body are the records is found by trying.
"""

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml import etree, html

#: Rows that may stand above those of a table.
_HEADINGS = 8
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?')
_MARKUP_TEXT = re.compile(r"<!\[CDATA\[(.*?)\]\]>|>([^<>]*[^<>\s][^<>]*)<|=\s*\"([^\"<>]+)\"", re.DOTALL)
_CDATA = "<![CDATA["
_CELL = re.compile(r'(?<=")(?:[^"]|"")+(?=")|[^;,\t\r\n"]+')
#: Characters by which a text is known.
_BEGIN = 20
#: Texts of one body that are replaced: so many of the longest, and so many of all.
_KEPT = 12


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A body as its records and what stands around them."""

    pieces: Sequence[Any]
    build: Callable[[Sequence[Any]], bytes]
    junk: Sequence[Any]  #: what is no record
    content_type: str


def shapes(body: bytes) -> Iterator[Shape]:
    """Every way to take a body apart, the longest list first."""
    if body[:2] == b"PK" or body[:4] == b"\xd0\xcf\x11\xe0":
        return
    text = body.decode("utf-8-sig", "replace").lstrip()
    found = _in_json(text) if text[:1] in "[{" else _in_markup(body) if text[:1] == "<" else _in_lines(text)
    yield from sorted(found, key=lambda shape: -len(shape.pieces)) if text[:1] in "[{<" else found


def _in_json(text: str) -> Iterator[Shape]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return
    for path in _lists(document):

        def build(pieces: Sequence[Any], path: tuple[str | int, ...] = path) -> bytes:
            made = [document] if not path else copy.deepcopy(document)
            if not path:
                return json.dumps(list(pieces), ensure_ascii=False).encode()
            holder = made
            for key in path[:-1]:
                holder = holder[key]  # type: ignore[index]
            holder[path[-1]] = list(pieces)  # type: ignore[index]
            return json.dumps(made, ensure_ascii=False).encode()

        found = document
        for key in path:
            found = found[key]
        yield Shape(
            pieces=found, build=build, junk=(None, 7, "x", {}, [], {"id": {}}, {"title": [1, {}]}),
            content_type="application/json; charset=utf-8",
        )  # fmt: skip


def _lists(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if len(path) < 5:
            yield from _lists(inner, (*path, key))


def _in_markup(body: bytes) -> Iterator[Shape]:
    page = re.search(rb"<!doctype html|<html", body[:1_000], re.IGNORECASE) is not None
    try:
        root = html.document_fromstring(body) if page else etree.fromstring(body, etree.XMLParser(recover=True))
    except (etree.LxmlError, ValueError):
        return
    if root is None:
        return
    tree = root.getroottree()
    for parent in root.iter(etree.Element):
        for tag in dict.fromkeys(one.tag for one in parent if isinstance(one.tag, str)):

            def build(pieces: Sequence[Any], path: str = tree.getpath(parent), tag: str = tag) -> bytes:
                made = copy.deepcopy(root)
                prefixes = {name: uri for one in made.iter(etree.Element) for name, uri in one.nsmap.items() if name}
                holder = made.getroottree().xpath(path, namespaces=prefixes)[0]
                old = [one for one in holder if one.tag == tag]
                place = holder.index(old[0])
                for one in old:
                    holder.remove(one)
                holder[place:place] = [copy.deepcopy(one) for one in pieces]
                if page:
                    return etree.tostring(made, encoding="utf-8", method="html", doctype="<!DOCTYPE html>")
                return etree.tostring(made, encoding="utf-8", xml_declaration=True)

            own = [one for one in parent if one.tag == tag]
            empty = html.Element(tag) if page else etree.Element(tag)
            kind = "text/html" if page else "text/xml"
            yield Shape(pieces=own, build=build, junk=(empty,), content_type=f"{kind}; charset=utf-8")


def _in_lines(text: str) -> Iterator[Shape]:
    rows = _rows(text)
    for above in range(1, min(_HEADINGS, len(rows))):

        def build(pieces: Sequence[Any], above: int = above) -> bytes:
            return "".join(f"{row}\r\n" for row in [*rows[:above], *pieces]).encode()

        yield Shape(pieces=rows[above:], build=build, junk=("x", "x;x"), content_type="text/csv; charset=utf-8")


def _rows(text: str) -> list[str]:
    """The rows of a table; a line break inside quotes ends none."""
    rows: list[str] = []
    for line in text.splitlines():
        if rows and rows[-1].count('"') % 2:
            rows[-1] += f"\n{line}"
        else:
            rows.append(line)
    return rows


def with_text(body: bytes, text: str, only: Collection[str] = ()) -> Iterator[bytes]:
    """The body again and again, each time with another of its texts replaced by `text`, written as the format has it.

    Not all texts take turns: the longest, and some of the others. `only`: those that begin like one of these.
    """
    try:
        whole = body.decode("utf-8")
    except UnicodeDecodeError:
        return
    match whole.lstrip("\ufeff \r\n")[:1]:
        case "[" | "{":
            found_texts = (found for found in _JSON_TEXT.finditer(whole) if not found[1])  # a key is no text
            spans = [(found.start() + 1, found.end() - 1) for found in found_texts]
            written = json.dumps(text)[1:-1]
        case "<":
            spans = [found.span(found.lastindex or 0) for found in _MARKUP_TEXT.finditer(whole)]
            written = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        case _:
            spans = [found.span() for found in _CELL.finditer(whole)]
            written = text.replace('"', "'").replace("\n", " ").replace(",", " ").replace(";", " ")
    if only:
        begins = {one[:_BEGIN] for one in only}
        spans = [(start, end) for start, end in spans if unescape(whole[start:end]).strip()[:_BEGIN] in begins]
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:_KEPT]
    for start, end in sorted({*longest, *spans[:: max(1, len(spans) // _KEPT)]}):
        inside = whole[max(0, start - len(_CDATA)) : start] == _CDATA
        new = text.replace("]]>", "") if inside else written
        yield (whole[:start] + new + whole[end:]).encode("utf-8", "surrogatepass")
