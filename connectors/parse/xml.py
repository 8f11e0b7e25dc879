"""Makes bytes into an XML document that is safe to parse, and parses it.

    body -> UTF-8 -> no prolog (declaration, DOCTYPE, junk) -> hardened lxml

The declaration goes because the text is UTF-8 now whatever it says. A DOCTYPE that is not known to be harmless is
refused, and a harmless one goes too, so no parser here ever sees an entity declaration.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html.entities import name2codepoint
from types import MappingProxyType
from typing import Final

from lxml import etree

from connectors.parse.charset import decode
from connectors.parse.feeds.vocabulary import slot_of
from connectors.parse.records import end_of
from connectors.parse.refusals import refuse

#: Deepest markup that is read, in elements (lxml's own limit).
DEPTH_LIMIT: Final = 256

_PARSER: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False,
    huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
)  # fmt: skip

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
# Encodings whose bytes are all valid UTF-8, so that decoding as UTF-8 would succeed and be wrong.
_SEVEN_BIT = re.compile(rb"(?i)iso-?2022|hz|utf-?(?:16|32)|ebcdic|cp(?:037|500|1026|1140)|ibm|csiso2022")

_DOCTYPE = re.compile(rb"<!DOCTYPE\s*([^\[>]{0,500})(?:\[(.*?)\]\s*)?>", re.DOTALL | re.IGNORECASE)
_PROLOG = re.compile(rb"<(?:!--|\?|!DOCTYPE|!ENTITY|[A-Za-z_])", re.IGNORECASE)
_HARMLESS: Final = frozenset({
    b'rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"',
    b'rss SYSTEM "http://my.netscape.com/publish/formats/rss-0.91.dtd"',
    b'rss PUBLIC "-//Netscape Communications//DTD RSS .91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"',
    b'rss SYSTEM "http://www.rssboard.org/rss-0.91.dtd"',
})  # fmt: skip
# The one parameter entity in use: the W3C's set of Latin letters, which we know without loading it.
_LATIN1: Final = (
    b'<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN"'
    b' "http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent"> %HTMLlat1;'
)
# An entity that stands for one character, or for a short text without markup and without other entities.
_ENTITY = re.compile(
    rb"""<!ENTITY\s+([A-Za-z]\w{0,31})\s+(["'])(&#(?:x[0-9a-fA-F]{1,5}|[0-9]{1,6});|[^&%<>"']{1,64})\2\s*>"""
)
#: How often a document may use its own entities; the texts are short, so they cannot make it much longer.
_USES: Final = 2_000

# CDATA sections and comments, in which nothing is mended; and what a tolerant parser takes for them.
_ASIDE = re.compile(rb"<!(?:\[CDATA\[|--)")
_ASIDE_IN_ANY_CASE = re.compile(_ASIDE.pattern, re.IGNORECASE)
_ASIDE_ENDS: Final = {b"[": b"]]>", b"-": b"-->"}
# What has to be mended outside of them; references that XML itself knows are none of it.
_SICK = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:\#(?:[0-9]{1,9}|x[0-9a-fA-F]{1,8});|([A-Za-z][A-Za-z0-9]{0,31});)?"
)
_CONTROLS: Final = bytes(one for one in range(32) if one not in (9, 10, 13))
_ILLEGAL = re.compile(rb"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")


_STRUCTURE = re.compile(
    rb"<(?:(!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST))|(/?)([A-Za-z_][^\s<>/]{0,100}+)([^<>]{0,4000}+)>)", re.IGNORECASE
)
_VOID: Final = frozenset({b"area", b"br", b"col", b"hr", b"img", b"input", b"meta", b"wbr"})
_PREFIXED_TAG = re.compile(rb"</?([A-Za-z_][\w.-]{0,30}):")
# From the colon on, for that is the rarer part.
_PREFIXED_ATTRIBUTE = re.compile(rb":[\w.-]+\s*=")
_PREFIX_BEFORE = re.compile(rb"\s([A-Za-z_][\w.-]{0,30})\Z")
_DECLARED_PREFIX = re.compile(rb"xmlns:([\w.-]{1,30})\s*=")
# What feeds mean by prefixes that they forget to declare.
_NAMESPACES: Final = {
    b"atom": b"http://www.w3.org/2005/Atom", b"a10": b"http://www.w3.org/2005/Atom",
    b"content": b"http://purl.org/rss/1.0/modules/content/", b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/", b"media": b"http://search.yahoo.com/mrss/",
    b"itunes": b"http://www.itunes.com/dtds/podcast-1.0.dtd", b"sy": b"http://purl.org/rss/1.0/modules/syndication/",
    b"rss": b"http://purl.org/rss/1.0/", b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}  # fmt: skip


#: References that XML itself knows, and the same by number.
_BY_NAME = re.compile(rb"&(amp|lt|gt|quot|apos);")
_BY_NUMBER: Final = {b"amp": b"&#38;", b"lt": b"&#60;", b"gt": b"&#62;", b"quot": b"&#34;", b"apos": b"&#39;"}
_MISNAMED = re.compile(r"Opening and ending tag mismatch: ([a-z]{1,20}) line \d+ and ([a-z]{1,20})\b")


class NotWellFormedError(Exception):
    """The document is not well-formed XML; the message is the parser's."""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document ready for the parser: UTF-8, from the root's start tag on."""

    data: bytes
    root: bytes  #: the root's name as written, with its prefix
    encoding: str  #: what the body was decoded from
    cut_short: bool  #: the body ended inside a character
    entities: Mapping[bytes, bytes]  #: short texts that a harmless DOCTYPE declared; mend() writes them out


def document(body: bytes, content_type: str, *, trusting: bool = False) -> Document | None:
    """Decode `body` and drop what stands before the root element; None when there is no element at all.

    A `trusting` reader takes what is called UTF-8 for UTF-8: the parser will find out.
    Raises RejectedError(code="doctype") for a DOCTYPE that is not known to be harmless.
    """
    data, encoding, cut_short = _utf8(body, content_type, trusting)
    entities: dict[bytes, bytes] = {}
    position = 0
    while mark := _PROLOG.search(data, position):
        token = mark.group()
        if token == b"<!--" or token == b"<?":
            stop = data.find(b"-->" if token == b"<!--" else b"?>", mark.end())
            if stop < 0:
                return None
            position = stop + 2
        elif token[1:2] == b"!":
            doctype = _DOCTYPE.match(data, mark.start())
            declared = _entities(doctype) if doctype else None
            if doctype is None or declared is None or sum(map(data.count, map(_reference, declared))) > _USES:
                raise refuse("doctype")
            entities |= declared
            position = doctype.end()
        else:
            name = re.match(rb"[^\s/>]{1,100}", data[mark.end() - 1 : mark.end() + 100])
            root = name.group() if name else b""
            return Document(data[mark.start() :], root, encoding, cut_short, entities)
    return None


def parse(data: bytes) -> etree._Element:
    """Parse a prepared document.

    Raises NotWellFormedError, or RejectedError(code="too_deep") for markup deeper than DEPTH_LIMIT.
    """
    try:
        return etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        if "xcessive depth" in str(error):
            raise refuse("too_deep") from error
        raise NotWellFormedError(str(error)) from error


def is_misnamed(fault: Exception) -> bool:
    """Whether the first fault of a document is an element of a feed that is closed under the name of another one."""
    names = _MISNAMED.match(str(fault))
    return names is not None and all(map(slot_of, names.groups()))


def parse_misnamed(data: bytes) -> etree._Element:
    """Parse a document whose only fault is one element of a feed that is closed under the name of another one.

    Raises NotWellFormedError for any other fault: lxml would close the wrong elements and lose neighbours.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, collect_ids=False, recover=True,
    )  # fmt: skip
    # After a fault libxml2 leaves out every reference by name, also where a text or an address has no fault itself.
    parts = _parts(data)
    parts[::2] = [_BY_NAME.sub(lambda found: _BY_NUMBER[found[1]], one) for one in parts[::2]]
    root = etree.fromstring(b"".join(parts), parser)
    faults = [entry.message for entry in parser.error_log]
    names = _MISNAMED.match(faults[0]) if len(faults) == 1 else None
    if root is None or names is None or not all(map(slot_of, names.groups())):
        raise NotWellFormedError(f"{len(faults)} faults")
    return root


def check_for_tolerant_parser(data: bytes) -> None:
    """Refuse what a tolerant parser may not see: declarations inside the document, and markup nested too deep.

    Raises RejectedError: `doctype` or `too_deep`.
    """
    open_tags: list[bytes] = []
    marks = (mark for outside in _parts(data, _ASIDE_IN_ANY_CASE)[::2] for mark in _STRUCTURE.finditer(outside))
    for mark in marks:
        declaration, closing, name, rest = mark.groups()
        if declaration:
            raise refuse("doctype")
        if closing:
            if name in open_tags:
                del open_tags[len(open_tags) - 1 - open_tags[::-1].index(name) :]
        elif name and not rest.endswith(b"/") and name.lower() not in _VOID:
            open_tags.append(name)
            if len(open_tags) > DEPTH_LIMIT:
                raise refuse("too_deep")


def mend(data: bytes, entities: Mapping[bytes, bytes] = MappingProxyType({})) -> bytes:
    """Mend what many feeds get wrong: raw ampersands, HTML entities, characters that XML forbids.

    Records are mended character by character, so a sound one stays as it is, byte for byte; only the root's start tag
    may gain declarations of forgotten prefixes.
    """
    data = data.replace(b"\f", b" ").translate(None, _CONTROLS)
    if b"\xef" in data or b"\xed" in data:
        data = _ILLEGAL.sub(b"", data)
    parts = _parts(data)
    parts[::2] = [_SICK.sub(partial(_mended, entities), one) for one in parts[::2]]
    missing = _missing_prefixes(b" ".join(parts[::2]))
    data = b"".join(parts)
    return _with_prefixes(data, missing) if missing else data


def _parts(data: bytes, aside: re.Pattern[bytes] = _ASIDE) -> list[bytes]:
    """The document in parts: what stands outside of CDATA and comments, such a section, what stands outside, ...

    An unterminated section reaches to the end, so that many of them cost no more than one.
    """
    parts: list[bytes] = []
    position = 0
    while mark := aside.search(data, position):
        end = end_of(data, _ASIDE_ENDS[data[mark.start() + 2 : mark.start() + 3]], mark.end())
        parts += data[position : mark.start()], data[mark.start() : end if end >= 0 else None]
        position = end if end >= 0 else len(data)
    parts.append(data[position:])
    return parts


def _missing_prefixes(outside: bytes) -> list[bytes]:
    """Prefixes that a document uses and nobody declares."""
    used = set(_PREFIXED_TAG.findall(outside))
    for colon in _PREFIXED_ATTRIBUTE.finditer(outside):
        if before := _PREFIX_BEFORE.search(outside, max(0, colon.start() - 40), colon.start()):
            used.add(before.group(1))
    return sorted(used.difference(_DECLARED_PREFIX.findall(outside), (b"xml", b"xmlns")))[:50]


def _with_prefixes(data: bytes, missing: Sequence[bytes]) -> bytes:
    """Declare prefixes in the root's start tag."""
    name = re.match(rb"<[^\s/>]+", data)
    if name is None:
        return data
    declared = b"".join(b' xmlns:%b="%b"' % (one, _NAMESPACES.get(one, b"urn:undeclared:" + one)) for one in missing)
    return data[: name.end()] + declared + data[name.end() :]


def _reference(name: bytes) -> bytes:
    return b"&" + name + b";"


def _mended(entities: Mapping[bytes, bytes], match: re.Match[bytes]) -> bytes:
    found = match.group()
    if found == b"&":
        return b"&amp;"
    name = match.group(1)
    if name is None:
        digits = found[2:-1]
        code = int(digits[1:], 16) if digits[:1] == b"x" else int(digits)
        legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xDFFF < code < 0xFFFE or 0xFFFF < code <= 0x10FFFF
        return found if legal else b""
    if name in entities:
        return entities[name]
    code_point = name2codepoint.get(name.decode())
    return b"&amp;" + found[1:] if code_point is None else b"&#%d;" % code_point


def _entities(doctype: re.Match[bytes]) -> dict[bytes, bytes] | None:
    """The short texts that a harmless DOCTYPE declares; None when it is not harmless.

    Harmless is a known line, an HTML page's line without declarations, and a list of entities that hold no markup.
    """
    head, subset = b" ".join(doctype.group(1).split()), doctype.group(2)
    if subset is None:
        return {} if head in _HARMLESS or head.split()[:1] in ([b"html"], [b"HTML"]) else None
    if head not in (b"rss", b"rdf:RDF", b"feed"):
        return None
    rest = b" ".join(subset.split()).replace(_LATIN1, b"")
    if _ENTITY.sub(b"", rest).strip():
        return None
    return {found.group(1): found.group(3) for found in _ENTITY.finditer(rest)}


def _utf8(body: bytes, content_type: str, trusting: bool) -> tuple[bytes, str, bool]:
    """Return the body as UTF-8 with the name of its encoding, and whether it ended inside a character.

    Bytes that are valid UTF-8 are UTF-8 whatever header and declaration say: portals get both wrong.
    """
    declared = _DECLARED.search(body, 0, 1_000)
    header = _CHARSET.search(content_type)
    names = (declared.group(1) if declared else b"") + b" " + (header.group(1).encode() if header else b"")
    if b"\0" not in body[:200] and not (_SEVEN_BIT.search(names) and body.isascii()):
        data = body.removeprefix(b"\xef\xbb\xbf")
        if trusting and names.strip().lower() in (b"", b"utf-8", b"utf-8 utf-8"):
            return data, "utf-8", False
        try:
            data.decode()
            return data, "utf-8", False
        except UnicodeDecodeError as error:
            if len(data) - error.start < 4 and error.reason == "unexpected end of data":
                return data[: error.start], "utf-8", True
    text, encoding = decode(body, content_type)
    return text.encode("utf-8", "replace").removeprefix(b"\xef\xbb\xbf"), encoding, False
