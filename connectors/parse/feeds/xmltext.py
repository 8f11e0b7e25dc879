"""Reads texts from XML elements: Atom's text constructs, RSS's anything, markup that was not escaped."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from html import escape
from typing import Final

from lxml import etree

from connectors.parse.entry import Text
from connectors.parse.feeds.relative import join
from connectors.parse.feeds.vocabulary import XML_BASE, name_of

HTML_TYPES: Final = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_TEXT_TYPES: Final = frozenset({"text", "plain", "text/plain"})
_PREFIXED: Final = re.compile(r"</?[\w.-]{1,50}:")
_START_TAG: Final = re.compile(r"""<[^<>"']*(?:"[^"]*"[^<>"']*)*>""")
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr", "base"})


class NotUnderstoodError(Exception):
    """The document says something that the fast path does not know how to read."""


def read_text(
    element: etree._Element, base: str, *, atom: bool, bases: bool, text_of: Callable[[etree._Element], str]
) -> Text:
    """Read a text construct by Atom's rules, or by RSS's habit, in which any text may be HTML.

    Raises NotUnderstoodError for content that is no text.
    """
    if bases:
        base = join(base, element.get(XML_BASE))
    if len(element):
        return Text(inner(_without_wrapper(element) if atom else element).strip(), True, base)
    value = text_of(element)
    if not atom:
        return Text(value, True, base)
    kind = (element.get("type") or "").strip().lower()
    if element.get("mode") == "base64":
        return Text(_from_base64(value), kind not in _TEXT_TYPES, base)
    if not kind or kind in _TEXT_TYPES:
        return Text(value, False, base)
    if kind in HTML_TYPES:
        escaped = "xhtml" in kind and element.get("mode") != "escaped"
        return Text(escape(value, quote=False) if escaped else value, True, base)
    if kind.startswith("text/"):
        return Text(value, False, base)
    if kind.endswith(("+xml", "/xml")):
        return Text(escape(value, quote=False), True, base)
    return Text(_from_base64(value), True, base)


def _from_base64(value: str) -> str:
    """Content in base64, where it is a text."""
    try:
        return b64decode(value, validate=False).decode("utf-8").strip()
    except ValueError as error:
        raise NotUnderstoodError("base64 that holds no text") from error


def words(element: etree._Element) -> str:
    """The text of an element that should hold nothing else; markup by mistake is written out."""
    return (inner(element) if len(element) else element.text or "").strip()


def characters(element: etree._Element) -> str:
    """All characters inside, but for code."""
    return "".join(_characters(element)).strip()


def _characters(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if name_of(child)[1] not in ("script", "style"):
            yield from _characters(child)
        yield child.tail or ""


def _without_wrapper(element: etree._Element) -> etree._Element:
    """Atom wraps XHTML in one div that is no part of the text."""
    only = element[0]
    whole = len(element) == 1 and not (element.text or "").strip() and not (only.tail or "").strip()
    return only if whole and name_of(only)[1] == "div" else element


def inner(element: etree._Element) -> str:
    """The content of an element as HTML: names without prefixes, so that `xhtml:p` is a p."""
    if name_of(element)[1] not in _VOID:
        html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
        start = _START_TAG.match(html)
        html = html[start.end() : html.rindex("<")] if start else ""
        if start and not _PREFIXED.search(html):
            return html
    # One by one: slower by far, and rarely needed.
    parts = [escape(element.text, quote=False)] if element.text else []
    for child in element:
        parts.extend(_markup(child))
    return "".join(parts)


def _markup(element: etree._Element) -> Iterator[str]:
    name = str(element.tag).rpartition("}")[2]
    parts = [name]
    for key, value in element.attrib.items():
        if not str(key).startswith("{"):
            parts.append(f'{key!s}="{escape(str(value))}"')
    yield f"<{' '.join(parts)}>"
    if element.text:
        yield escape(element.text, quote=False)
    for child in element:
        yield from _markup(child)
    if name not in _VOID:
        yield f"</{name}>"
    if element.tail:
        yield escape(element.tail, quote=False)
