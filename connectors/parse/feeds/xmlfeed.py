"""The fast path: reads RSS, RDF and Atom elements from an lxml tree, each element's children walked once.

    element -> slots (vocabulary) -> Entry, by the orders of preference below

What it does not know how to read raises NotUnderstoodError; then the whole document goes to the fallback.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lxml import etree

from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry, Link, Person, Text
from connectors.parse.feeds.people import distinct, person
from connectors.parse.feeds.relative import join
from connectors.parse.feeds.vocabulary import ATOM, CORE, RDF, RDF_ABOUT, SLOTS, XML_BASE, XML_LANG, name_of, slot_of
from connectors.parse.feeds.xmltext import HTML_TYPES, NotUnderstoodError, characters, read_text, words
from connectors.parse.levels import VALUE_LIMIT, is_level
from connectors.parse.lifting import MARK

# Orders of preference, best first.
_TITLES: Final = ("title", "dc:title", "media:title", "itunes:title")
_SUMMARIES: Final = (
    "subtitle", "description", "summary", "itunes:summary", "dc:description", "media:description", "itunes:subtitle",
)  # fmt: skip
_CONTENTS: Final = ("encoded", "content", "body")
_PICTURED: Final = frozenset({"itunes:image", "media", "thumbnail", "image", "logo", "icon"})
_NAMED: Final = frozenset({"category", "itunes:category", "keywords"})
#: Slots whose elements may be Atom's inside RSS, with Atom's rules.
_ATOM_TOO: Final = frozenset({"title", "summary", "content", "subtitle", "rights"})
_ALTERNATE: Final = frozenset({"alternate", "http://www.iana.org/assignments/relation/alternate"})

# A relative address with a path, as opposed to a number, a name or a URN.
_RELATIVE: Final = re.compile(r"[\w.-]{1,200}/[^\s:]{0,1800}")

_NONE: Final = (None,)

#: Slot of the fields that state how secret a record is.
LEVELS: Final = "levels"

Slots = dict[str, list[etree._Element]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for the whole document."""

    now: datetime
    timezone: str
    atom: bool  #: Atom's rules for texts without a type
    bases: bool  #: xml:base occurs somewhere, so every element is asked for it
    languages: bool  #: xml:lang occurs somewhere
    rdf: bool  #: records may be identified by rdf:about
    texts: Mapping[str, str] = field(default_factory=dict)  #: texts that were lifted out, by mark
    taken: set[str] = field(default_factory=set)  #: marks that were asked for

    def text_of(self, element: etree._Element) -> str:
        """The text of an element without children, though it was lifted."""
        text = (element.text or "").strip()
        if text[:1] != MARK or text not in self.texts:
            return text
        self.taken.add(text)
        return self.texts[text]


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the parts of a document stand."""

    format: str
    channel: list[etree._Element]  #: elements whose children describe the feed
    records: list[etree._Element]
    base: str
    language: str


def outline(root: etree._Element, base: str) -> Outline:
    """Find the parts of a document. Raises NotUnderstoodError for a root that is not one of ours."""
    namespace, name = name_of(root)
    if name == "rdf" and namespace == RDF:
        format = "rss10"
    elif namespace not in CORE:
        raise NotUnderstoodError(f"root {name}")
    elif name == "rss":
        version = (root.get("version") or "").strip()
        format = "rss" + (version.replace(".", "")[:3] if version[:1] in "012" else "")
    elif name == "feed":
        format = "atom10" if namespace == "http://www.w3.org/2005/Atom" else "atom03"
    else:
        raise NotUnderstoodError(f"root {name}")
    base = join(base, root.get(XML_BASE))
    language = (root.get(XML_LANG) or "").replace("_", "-")
    channel, records = [root], []
    for child in root:
        slot = slot_of(child.tag)
        if slot == "item" or slot == "entry":
            records.append(child)
        elif slot == "channel":
            channel.append(child)
            base = join(base, child.get(XML_BASE))
            language = child.get(XML_LANG) or language
            records.extend(one for one in child if slot_of(one.tag) == "item")
            if format == "rss10" and "netscape" in name_of(child)[0]:
                format = "rss090"
    return Outline(format, channel, records, base, language)


def holds_lifted(outline: Outline, reading: Reading) -> bool:
    """Whether a lifted text stands deeper than `read` looks for one: inside the markup of another text."""
    if len(reading.taken) == len(reading.texts):
        return False
    left = reading.texts.keys() - reading.taken
    parents = {*outline.channel, *outline.records}
    holders = (one for one in outline.channel[0].iter() if (one.text or "").strip() in left)
    return any(one.getparent() not in parents for one in holders)


def slots(*elements: etree._Element) -> Slots:
    """Sort the children of `elements` into slots, in document order."""
    found: Slots = {}
    for element in elements:
        for child in element:
            slot = SLOTS[child.tag]
            if slot in found:
                found[slot].append(child)
            else:
                found[slot] = [child]
    # What nobody asks for, but for one thing that a screen wants to know.
    if "" in found and (levels := [one for one in found.pop("") if is_level(name_of(one)[1])]):
        found[LEVELS] = levels
    return found


def read_entry(element: etree._Element, base: str, language: str, reading: Reading) -> Entry:
    """Read one item or entry."""
    if reading.bases:
        base = join(base, element.get(XML_BASE))
    found = slots(element)
    if "group" in found:
        for slot, members in slots(*found["group"]).items():
            found.setdefault(slot, []).extend(members)
    if reading.languages:
        language = element.get(XML_LANG) or language
    about = (element.get(RDF_ABOUT) or "") if reading.rdf else ""
    return read(found, base, language, reading, about)


def read(found: Slots, base: str, language: str, reading: Reading, about: str = "") -> Entry:
    """Read what the slots of an entry, or of the feed itself, say."""
    entry: Entry = {"base": base}
    if "language" in found:
        language = words(found["language"][0]) or language
    if language:
        entry["language"] = language

    identity = (found.get("guid") or found.get("id") or _NONE)[0]
    guid = words(identity) if identity is not None else ""
    if guid or about:
        entry["id"] = guid or about
    links = _links(found["link"], base, reading) if "link" in found else []
    if links:
        entry["links"] = links
    link = _page(links)
    if not link and guid and identity is not None:
        link = _permalink(identity, guid, base)
    if link or about:
        entry["link"] = link or about

    if title := _text(found, _TITLES, base, reading):
        entry["title"] = title
    # An RSS item with both means its `summary` as the summary and its `description` as the text.
    both = "summary" in found and "description" in found
    if summary := _text(found, ("summary", *_SUMMARIES) if both else _SUMMARIES, base, reading):
        entry["summary"] = summary
    if content := _text(found, (*_CONTENTS, "description") if both else _CONTENTS, base, reading):
        entry["content"] = content
    if "rights" in found and (rights := _text(found, ("rights",), base, reading)):
        entry["rights"] = rights
    _dates(entry, found, reading)
    _people(entry, found, base)
    if not _NAMED.isdisjoint(found) and (categories := _categories(found)):
        entry["categories"] = categories
    if enclosures := _enclosures(found, links, base):
        entry["enclosures"] = enclosures
    if (enclosures or not _PICTURED.isdisjoint(found)) and (image := _image(found, enclosures, base)):
        entry["image"] = image
    if "comments" in found:
        entry["comments"] = join(base, words(found["comments"][0]))
    if "source" in found and (source := _source_title(found["source"][0])):
        entry["source_title"] = source
    if LEVELS in found:
        entry["levels"] = {name_of(one)[1]: words(one)[:VALUE_LIMIT] for one in found[LEVELS]}
    return entry


def _text(found: Slots, order: tuple[str, ...], base: str, reading: Reading) -> Text | None:
    for slot in order:
        if slot in found:
            for element in found[slot]:
                atom = reading.atom or (slot in _ATOM_TOO and name_of(element)[0] in ATOM)
                if atom or reading.bases or len(element):
                    if (text := _read_text(element, slot, base, reading, atom)).value:
                        return text
                elif value := reading.text_of(element):  # nearly every text of RSS
                    return Text(value, True, base)
    return None


def _read_text(element: etree._Element, slot: str, base: str, reading: Reading, atom: bool) -> Text:
    if len(element) and slot == "title" and reading.atom:
        # XHTML in a title is exact: its characters are the title, and `&lt;` in it is no tag.
        return Text(characters(element), False)
    return read_text(element, base, atom=atom, bases=reading.bases, text_of=reading.text_of)


# ------------------------------------------------------------------------------------------- links and files


def _links(elements: list[etree._Element], base: str, reading: Reading) -> list[Link]:
    links = []
    for element in elements:
        at = join(base, element.get(XML_BASE)) if reading.bases else base
        href = element.get("href")
        if href is not None:
            rel, kind = (element.get("rel") or "alternate").strip(), element.get("type") or ""
            links.append(Link(join(at, href), rel, kind, element.get("title") or "", element.get("length") or ""))
        elif text := words(element):
            links.append(Link(join(at, text), (element.get("rel") or "alternate").strip(), "text/html"))
    return links


def _page(links: list[Link]) -> str:
    """The page of the entry: the last link to HTML, as other readers have it, else the first to another form."""
    other = ""
    for link in reversed(links):
        if link.href and link.rel in _ALTERNATE:
            if not link.type or link.type in HTML_TYPES:
                return link.href
            other = link.href
    return other


def _permalink(identity: etree._Element, guid: str, base: str) -> str:
    """An identity that is also the address of the page: RSS says so by default."""
    says = identity.get("isPermaLink") or identity.get("ispermalink") or "true"
    if says.strip().lower() == "false":
        return ""
    if guid.startswith(("http://", "https://", "/")):
        return join(base, guid)
    return join(base, guid) if _RELATIVE.fullmatch(guid) else ""


def _enclosures(found: Slots, links: list[Link], base: str) -> list[Link]:
    files = [link for link in links if link.rel == "enclosure" and link.href]
    if "enclosure" in found:
        for element in found["enclosure"]:
            if url := element.get("url") or element.get("href"):
                files.append(_file(element, url, base, element.get("length")))
    if "media" in found:
        for element in found["media"]:
            if url := element.get("url"):
                files.append(_file(element, url, base, element.get("fileSize")))
    if len(files) < 2:
        return files
    return list({file.href: file for file in reversed(files)}.values())[::-1]


def _file(element: etree._Element, url: str, base: str, length: str | None) -> Link:
    return Link(join(base, url), "enclosure", element.get("type") or "", element.get("title") or "", length or "")


def _image(found: Slots, enclosures: list[Link], base: str) -> str:
    for element in found.get("itunes:image", ()):
        if url := element.get("href") or words(element):
            return join(base, url)
    for element in found.get("thumbnail", ()):
        if url := element.get("url") or words(element):
            return join(base, url)
    for element in found.get("media", ()):
        thumbnail = slots(element).get("thumbnail") if len(element) else None
        shown = thumbnail[0] if thumbnail else element if element.get("medium") == "image" else None
        if shown is not None and (address := shown.get("url")):
            return join(base, address)
    for element in found.get("image", ()):
        inside = [child for child in element if name_of(child)[1] == "url"]
        if url := words(inside[0] if inside else element):
            return join(base, url) if "<" not in url else ""
    for slot in ("logo", "icon"):
        if slot in found and (url := words(found[slot][0])):
            return join(base, url)
    return next((file.href for file in enclosures if file.type.startswith("image/")), "")


# ------------------------------------------------------------------------------------------------- the rest


def _dates(entry: Entry, found: Slots, reading: Reading) -> None:
    published = ""
    elements = found.get("published") or found.get("dc:date")
    if elements and (published := (elements[0].text or "").strip()):
        entry["published_raw"] = published
        entry["published"] = parse_date(published, now=reading.now, timezone=reading.timezone)
    elements = found.get("updated") or found.get("built")
    if elements and (updated := (elements[0].text or "").strip()):
        entry["updated_raw"] = updated
        same = updated == published
        entry["updated"] = (
            entry["published"] if same else parse_date(updated, now=reading.now, timezone=reading.timezone)
        )


def _people(entry: Entry, found: Slots, base: str) -> None:
    elements = found.get("author") or found.get("itunes:author")
    if elements and (authors := distinct([_person(element, base) for element in elements])):
        entry["authors"] = authors
    if "contributor" in found:
        entry["contributors"] = distinct([_person(element, base) for element in found["contributor"]])


def _person(element: etree._Element, base: str) -> Person:
    if not len(element):
        text = (element.text or "").strip()
        return person(text) if "@" in text or len(text) > 80 else Person(" ".join(text.split()))
    name = email = url = ""
    for child in element:
        key = name_of(child)[1]
        if key == "name":
            name = name or words(child)
        elif key == "email":
            email = email or words(child)
        elif key in ("uri", "url", "homepage"):
            url = url or join(base, words(child))
    return Person(name, email, url) if name or email or url else person(words(element))


def _categories(found: Slots) -> list[str]:
    terms: list[str] = []
    for element in found.get("category", ()):
        terms.append(words(element) or element.get("term") or element.get("label") or "")
    for element in found.get("itunes:category", ()):
        terms.extend(one.get("text") or "" for one in element.iter(str(element.tag)))
    for element in found.get("keywords", ()):
        terms.extend((element.text or "").split(","))
    return list(dict.fromkeys(filter(None, map(str.strip, terms))))


def _source_title(element: etree._Element) -> str:
    for child in element:
        if name_of(child)[1] == "title":
            return words(child)
    return (element.text or "").strip()
