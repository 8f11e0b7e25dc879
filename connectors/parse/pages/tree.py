"""An HTML page as a tree that may be worked on: decoded, within bounds, its images and embedded files made plain.

    bytes -> text (charset.py) -> tags with too many attributes shortened -> lxml, at most 255 levels deep
          -> nested deeper: rewritten by markup.bounded, under the head that was read

What a script would do when the page is shown is done here: pictures that load late get their address, files shown in a
frame become links. Nothing is fetched and nothing is run.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from lxml import etree, html

from connectors.parse.charset import decode
from connectors.parse.markup import bounded
from connectors.parse.url import web_url

#: Bytes of a page that is read, after decoding of transfer and content codings.
BYTES_LIMIT: Final = 8 * 1024 * 1024
#: Attributes of one tag; libxml2 appends each at the end of a list: 200,000 of them keep it busy for three minutes.
ATTRIBUTES_LIMIT: Final = 100

Element = html.HtmlElement

_MARKUP: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|main|article|section|div|table|form|h[1-6]|p|ul)(?=[\s>/])", re.IGNORECASE
)
_LOOKED_AT: Final = 65_536
#: libxml2 drops what stands behind these, and portals put pages into pages.
_CLOSED_EARLY: Final = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
#: A tag long enough to hold many attributes, and one attribute of it.
_LONG_TAG: Final = re.compile(r"(<[a-zA-Z][^\s<>]{0,50})(\s[^<>]{1000,}+)")
_ATTRIBUTE: Final = re.compile(r"""\s+[^\s=>"']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]*+))?+""")
#: What XML cannot carry: libxml2 reads it and refuses to write it, so that a tree with it cannot be worked on. It is
#: looked for one by one, which costs a hundredth of a search by the pattern.
_CONTROLS: Final = "".join(map(chr, (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)))
_ILLEGAL: Final = re.compile(f"[{_CONTROLS}]+")
_ILLEGAL_REFERENCE: Final = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])"
    r"|x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])(?![0-9a-f]));?",
    re.IGNORECASE,
)
_LAZY: Final = ("data-src", "data-original", "data-lazy-src", "data-url", "data-lazy")
_PLACEHOLDER: Final = re.compile(r"^data:|(?:blank|spacer|placeholder|loading|lazy|transparent|pixel|1x1)[^/]*$", re.I)
_ONE_PIXEL: Final = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*[01]px", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FILE: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf)(?=$|[?#&/])", re.IGNORECASE)
#: Never part of what a reader reads; `form` stays, for ASP.NET wraps whole pages in one.
_NOT_READ: Final = frozenset({
    "script", "style", "template", "object", "embed", "applet", "iframe", "frame", "frameset", "input", "button",
    "select", "textarea", "option", "svg", "math", "canvas", "audio", "video", "link", "meta", "dialog", "map", "base",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the address its relative links belong to."""

    root: Element  #: the `html` element
    base: str


def looks_like_page(text: str) -> bool:
    """Whether a text is a web page at all, as opposed to a feed, data or a file."""
    return _MARKUP.search(text[:_LOOKED_AT]) is not None


def read_tree(body: bytes, *, url: str, content_type: str = "", flatten: bool = True) -> Page | None:
    """Parse a page of at most BYTES_LIMIT bytes; None when it is no HTML. `url` is where it was fetched from.

    Where it is nested too deep, levels are taken away with all classes; without `flatten` the rest of the page goes.
    """
    text, _ = decode(body[:BYTES_LIMIT], content_type)
    if not looks_like_page(text):
        return None
    text = _LONG_TAG.sub(_shortened, _CLOSED_EARLY.sub("", _legal(text)))
    root, whole = _parsed(text)
    if root is not None and not whole and flatten:
        # libxml2 gives up at the 256th level and the rest is lost: take the levels away, keep the head.
        flat, _ = _parsed(bounded(text))
        if flat is not None:
            if (head := root.find("head")) is not None:
                flat.insert(0, head)
            root = flat
    if root is None:
        return None
    base = root.find(".//base[@href]")
    return Page(root, (web_url(base.get("href", ""), url) if base is not None else "") or url)


def _parsed(text: str) -> tuple[Element | None, bool]:
    """The tree, and whether it holds the whole text."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )  # fmt: skip
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None, True
    return root, not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _shortened(tag: re.Match[str]) -> str:
    kept: list[str] = []
    for number, one in enumerate(_ATTRIBUTE.finditer(tag[2])):
        if number == ATTRIBUTES_LIMIT:
            return tag[1] + "".join(kept)
        kept.append(one[0])
    return tag[0]


def _legal(text: str) -> str:
    if any(one in text for one in _CONTROLS):
        text = _ILLEGAL.sub("", text.replace("\f", " "))  # which is white space to browsers
    return _ILLEGAL_REFERENCE.sub("", text) if "&#" in text else text


def make_plain(page: Page) -> None:
    """Take out what is not read, show what a script would show. What the head says must have been read before."""
    for one in list(page.root.iter()):
        if one.getparent() is None:
            continue
        if one.tag in ("iframe", "embed", "object"):
            _file_as_link(one, page.base)
        elif one.tag == "noscript":
            _noscript(one)
        elif one.tag in _NOT_READ or _is_hidden(one):
            drop(one)
        elif one.tag == "img":
            _image(one)


def drop(element: Element) -> None:
    """Take an element out of its tree; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def drop_all(elements: Iterable[Element]) -> None:
    """Take several elements out."""
    for one in list(elements):
        drop(one)


def around_article(title: Element | None, body: Sequence[Element]) -> Element | None:
    """The smallest element that holds the title and the text; without a title, the one around the text.

    None where that is the whole page.
    """
    if not body:
        return None
    above = [body[0], *body[0].iterancestors()]
    if title is None:
        found = above[1] if len(above) > 1 else None
    else:
        wide = set(above)
        found = next((one for one in title.iterancestors() if one in wide), None)
    return None if found is None or found.tag in ("html", "body", "form") else found


def _is_hidden(element: Element) -> bool:
    if element.tag in ("html", "body", "form", "main", "article"):  # what a script shows once it has run
        return False
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and _HIDDEN.search(style) is not None)


def _image(image: Element) -> None:
    source = image.get("src", "").strip()
    if not source or _PLACEHOLDER.search(source):
        late = next((image.get(name, "").strip() for name in _LAZY if image.get(name, "").strip()), "")
        source = late or _of_set(image.get("srcset") or image.get("data-srcset") or "") or source
        image.set("src", source)
    elif late := next((image.get(name, "").strip() for name in _LAZY if image.get(name, "").strip()), ""):
        image.set("src", late)
    style = image.get("style", "")
    counts = image.get("width", "").strip("px ") in ("0", "1") or image.get("height", "").strip("px ") in ("0", "1")
    if not source or source.startswith("data:") or counts or _ONE_PIXEL.search(style):
        drop(image)


def _of_set(candidates: str) -> str:
    """The last, and by custom largest, picture of a `srcset`."""
    parts = [part.split() for part in candidates.split(", ")[:20]]
    return next((part[0].rstrip(",") for part in reversed(parts) if part), "")


def _noscript(element: Element) -> None:
    """What is shown without scripts is wanted where it is a picture that nothing else shows."""
    before = element.getprevious()
    if element.find(".//img") is None or (
        before is not None and (before.tag == "img" or before.find(".//img") is not None)
    ):
        drop(element)
    else:
        element.drop_tag()


def _file_as_link(frame: Element, base: str) -> None:
    """A PDF shown inside the page is a file that belongs to it."""
    source = web_url(frame.get("src") or frame.get("data") or "", base)
    if shown := dict(parse_qsl(urlsplit(source).query)).get("url" if "url=" in source else "file", ""):
        source = web_url(shown, base) or source
    if source and _FILE.search(urlsplit(source).path):
        for child in list(frame):
            frame.remove(child)
        tail = frame.tail
        frame.clear()
        frame.tag, frame.tail = "a", tail
        frame.set("href", source)
        frame.text = source.partition("?")[0].rpartition("/")[2]
    else:
        drop(frame)
