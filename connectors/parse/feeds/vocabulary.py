"""Which element of which namespace means what: one table for RSS, Atom, RDF and the modules feeds mix into them.

RSS feeds carry Atom links, Atom feeds carry Dublin Core, and everybody carries Media RSS, so there is one vocabulary.
An element is looked up by namespace and lower-case name; the answer is a slot, and xmlfeed.py says which slot wins
where several are filled.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lxml import etree

XML_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

ATOM: Final = frozenset({"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"})
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

#: Namespaces whose elements are RSS's or Atom's own; their names do not clash.
CORE: Final = ATOM | {
    "",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/modules/rss091#",
}

_OWN: Final = {
    name: name
    for name in (
        "title", "link", "description", "guid", "id", "author", "category", "enclosure", "source", "comments",
        "language", "image", "icon", "logo", "ttl", "content", "summary", "published", "updated", "contributor",
        "subtitle", "rights", "item", "entry", "channel",
    )
} | {
    "pubdate": "published", "issued": "published", "modified": "updated", "lastbuilddate": "built",
    "managingeditor": "author", "copyright": "rights", "tagline": "subtitle", "keywords": "category",
    "body": "body", "fullitem": "encoded", "textinput": "", "abstract": "summary",
}  # fmt: skip

_DUBLIN_CORE: Final = {
    "title": "dc:title", "creator": "author", "author": "author", "date": "dc:date", "subject": "category",
    "description": "dc:description", "language": "language", "rights": "rights", "contributor": "contributor",
    "identifier": "dc:identifier",
}  # fmt: skip
_TERMS: Final = _DUBLIN_CORE | {
    "issued": "published", "modified": "updated", "created": "dc:date", "abstract": "dc:description",
}  # fmt: skip
_MEDIA: Final = {
    "content": "media", "group": "group", "thumbnail": "thumbnail", "title": "media:title",
    "description": "media:description", "keywords": "keywords", "category": "category", "credit": "",
}  # fmt: skip
_ITUNES: Final = {
    "author": "itunes:author", "summary": "itunes:summary", "subtitle": "itunes:subtitle", "image": "itunes:image",
    "keywords": "keywords", "category": "itunes:category", "title": "itunes:title",
}  # fmt: skip

# In lower case and without a last slash: feeds get both wrong.
_MODULES: Final = {
    "http://purl.org/dc/elements/1.1": _DUBLIN_CORE,
    "http://purl.org/dc/elements/1.0": _DUBLIN_CORE,
    "http://purl.org/dc/terms": _TERMS,
    "http://purl.org/rss/1.0/modules/content": {"encoded": "encoded"},
    "http://www.w3.org/1999/xhtml": {"body": "body"},
    "http://search.yahoo.com/mrss": _MEDIA,
    "http://www.itunes.com/dtds/podcast-1.0.dtd": _ITUNES,
    "http://purl.org/rss/1.0/modules/syndication": {"updateperiod": "period", "updatefrequency": "frequency"},
    "http://purl.org/atompub/tombstones/1.0": {"deleted-entry": "tombstone"},
}


def name_of(element: etree._Element) -> tuple[str, str]:
    """Namespace and lower-case name of an element."""
    return _split(element.tag)


def _split_tag(tag: str) -> tuple[str, str]:
    if tag[0] != "{":
        return "", tag.lower()
    namespace, _, name = tag[1:].partition("}")
    return namespace, name.lower()


def _slot(tag: str) -> str:
    namespace, name = _split(tag)
    if namespace in CORE:
        return _OWN.get(name, "")
    return _MODULES.get(namespace.lower().rstrip("/"), {}).get(name, "")


class _Slots(dict[Any, str]):
    """What was asked for once. A full table is emptied: only made-up names fill it."""

    LIMIT = 4_096

    def __missing__(self, tag: str) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        self[tag] = slot = _slot(tag)
        return slot


# lxml's tags are strings, whatever its types say.
_split: Callable[[Any], tuple[str, str]] = lru_cache(maxsize=4_096)(_split_tag)
#: Slot for an element's tag; "" where nobody asks for what it says. Asked for every element of every feed, so it is a
#: table: a third of what a call costs.
SLOTS: Final = _Slots()
slot_of: Callable[[Any], str] = SLOTS.__getitem__
