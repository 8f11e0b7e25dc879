"""What a browser would find active in a page, a fragment, an XML or a JSON document; read by html5lib, not by us.

A judge returns faults as texts: an empty list is a pass. tests/hostile/test_judges.py shows each of them failing.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import html5lib
from lxml import etree

XHTML: Final = "{http://www.w3.org/1999/xhtml}"
#: Written apart from the sanitiser's own list: what a reviewer agreed may stand in a portal's page.
ALLOWED: Final = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
ATTRIBUTES: Final = frozenset(
    [
        "dir",
        "lang",
        "title",
        "href",
        "rel",
        "alt",
        "height",
        "src",
        "width",
        "cite",
        "datetime",
        "start",
        "type",
        "reversed",
        "value",
        "colspan",
        "rowspan",
        "headers",
        "scope",
        "span",
    ]
)
#: Elements whose text no reader sees, or that a sanitiser rightly takes with all that is in them.
UNSEEN: Final = frozenset(
    [
        "script",
        "style",
        "template",
        "title",
        "textarea",
        "noscript",
        "noembed",
        "noframes",
        "iframe",
        "xmp",
        "plaintext",
        "svg",
        "math",
        "select",
        "object",
        "video",
        "audio",
        "canvas",
        "applet",
        "embed",
        "option",
        "frameset",
        "head",
        "input",
    ]
)
_WEB: Final = ("http", "https")
_LOADING: Final = ("href", "src", "cite", "action", "formaction", "data", "poster", "srcset", "background", "ping")
#: Elements that pages of ours have, and no vector may bring: in a page of ours they are ours by their address.
_FOREIGN: Final = frozenset(
    [
        "iframe",
        "object",
        "embed",
        "applet",
        "frame",
        "frameset",
        "base",
        "math",
        "portal",
        "marquee",
        "bgsound",
        "isindex",
    ]
)
_ACTIVE_XML: Final = re.compile(r"<(?:script|iframe|object|embed)\b|javascript:|\son\w+\s*=", re.IGNORECASE)


def faults_of_fragment(html: str) -> list[str]:
    """What may not stand in a cleaned fragment."""
    found = []
    for element in html5lib.parseFragment(html, treebuilder="etree").iter():
        if not isinstance(element.tag, str):
            found.append("comment")
            continue
        if element.tag != "DOCUMENT_FRAGMENT" and element.tag.removeprefix(XHTML) not in ALLOWED:
            found.append(element.tag)
        for name, value in element.attrib.items():
            if name not in ATTRIBUTES:
                found.append(str(name))
            if name in ("href", "src", "cite") and urlsplit(value).scheme not in _WEB:
                found.append(f"{name}={value}")
    return found


def faults_of_page(text: str, *, frames: bool = False) -> list[str]:
    """What acts in a whole page of ours that we did not write: scripts inside, handlers, styles, foreign addresses.

    Our pages load scripts and styles from /console/static and /static only, and have none in the page.
    """
    found = []
    for element in html5lib.parse(text, treebuilder="etree").iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.removeprefix(XHTML)
        if tag == "script" and ("".join(element.itertext()).strip() or not _is_ours(element.get("src", ""))):
            found.append("script")
        elif tag == "link" and not _is_ours(element.get("href", "")) and "stylesheet" in element.get("rel", ""):
            found.append("link")
        elif tag == "style":
            found.append("style")
        elif tag == "meta" and element.get("http-equiv"):
            found.append("meta http-equiv")
        elif tag in _FOREIGN and not (tag == "iframe" and frames and "sandbox" in element.attrib):
            found.append(tag)
        for name, value in element.attrib.items():
            plain = str(name).rpartition("}")[2].lower()
            if plain.startswith("on") or plain in ("style", "srcdoc"):
                found.append(f"{tag} {plain}")
            elif (plain in _LOADING and _scheme(value) not in ("", *_WEB, "mailto", "tel")) or (
                plain in ("action", "formaction") and _scheme(value)
            ):
                found.append(f"{tag} {plain}={value[:60]}")
    return found


def faults_of_mail(html: str) -> list[str]:
    """What acts in a letter; its styles are its own and stand in its head or at its elements."""
    return [each for each in faults_of_page(html) if each != "style" and not each.endswith(" style")]


def _is_ours(address: str) -> bool:
    return address.startswith(("/console/static/", "/static/", "/api/v1/"))


def _scheme(address: str) -> str:
    """The scheme as a browser sees it (WHATWG URL): controls and blanks around it and line ends inside are dropped."""
    bare = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(0x21)))))
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", bare)
    return found[1].lower() if found else ""


def shown(html: str) -> str:
    """The words that a browser shows of a page or a fragment, without what no reader sees."""
    return " ".join(" ".join(_visible(html5lib.parseFragment(html, treebuilder="etree"))).split())


def shown_on_page(text: str) -> str:
    """The words of a whole page, with what stands in fields of forms."""
    return " ".join(" ".join(_visible(html5lib.parse(text, treebuilder="etree"), fields=True)).split())


def _visible(element: Any, *, fields: bool = False) -> Iterator[str]:
    tag = element.tag.removeprefix(XHTML) if isinstance(element.tag, str) else "!"
    if tag == "!":
        return
    if tag.rpartition("}")[2] not in UNSEEN or (fields and tag in ("textarea", "select", "option", "title", "head")):
        yield element.text or ""
        if fields and tag == "input":
            yield element.get("value") or ""
        for child in element:
            yield from _visible(child, fields=fields)
            yield child.tail or ""


def faults_of_xml(body: bytes) -> list[str]:
    """Whether XML is well-formed, and whether fragments that it carries are clean."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error}"]
    found = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if name in ("script", "iframe", "object", "style"):
            found.append(f"element {name}")
        if name in ("encoded", "content") or (name in ("description", "summary") and element.get("type") == "html"):
            found += faults_of_fragment(element.text or "")
        if name in ("link", "guid", "loc") and (element.get("href") or element.text or ""):
            scheme = _scheme(element.get("href") or element.text or "")
            if scheme and scheme not in (*_WEB, "tag", "urn"):
                found.append(f"{name} {scheme}:")
    return found


def faults_of_json(
    body: bytes, html_keys: frozenset[str] = frozenset({"content_html", "content", "body"})
) -> list[str]:
    """Whether JSON is JSON, carries no raw `<` outside it that a sniffing browser would take, and clean fragments."""
    try:
        document = json.loads(body)
    except ValueError as error:
        return [f"not JSON: {error}"]
    return list(_in_json(document, html_keys, ""))


def _in_json(value: Any, html_keys: frozenset[str], key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _in_json(each, html_keys, name)
    elif isinstance(value, list):
        for each in value:
            yield from _in_json(each, html_keys, key)
    elif isinstance(value, str):
        if key in html_keys:
            yield from faults_of_fragment(value)
        if key in ("url", "image", "href", "link") and _scheme(value) not in ("", *_WEB):
            yield f"{key}={value[:60]}"


#: OWASP, CSV injection.
_SIGNS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def is_formula(value: object) -> bool:
    """Whether a spreadsheet would take this text for a formula."""
    return isinstance(value, str) and value[:1] in _SIGNS
