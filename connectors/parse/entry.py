"""The fields of one entry as a feed states them: hostile, not cleaned, only brought to one shape.

Every reader (feeds, mappings, list pages, CMS APIs) fills this shape; item.py makes an item of it and is the only place
where texts and addresses are cleaned. It crosses a process border: plain tuples, strings and dates.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict


class Text(NamedTuple):
    """A text and how to read it."""

    value: str
    html: bool = True  #: markup is to be expected; False: every character stands for itself
    base: str = ""  #: what relative addresses inside are relative to


class Person(NamedTuple):
    """An author or contributor."""

    name: str = ""
    email: str = ""
    url: str = ""


class Link(NamedTuple):
    """A link with its relation; `href` is resolved against xml:base and the address of the feed."""

    href: str
    rel: str = "alternate"
    type: str = ""
    title: str = ""
    length: str = ""


class Entry(TypedDict, total=False):
    """One entry, or the feed itself; a missing key means that the feed says nothing."""

    id: str
    link: str  #: page of the entry, resolved
    title: Text
    summary: Text
    content: Text
    authors: list[Person]
    contributors: list[Person]
    categories: list[str]
    published: datetime | None  #: None: there was a date, and it was refused
    published_raw: str
    updated: datetime | None
    updated_raw: str
    links: list[Link]  #: all links that the entry names, enclosures among them
    enclosures: list[Link]  #: files that belong to the entry
    image: str
    language: str
    base: str
    comments: str
    rights: Text
    source_title: str
    details: Mapping[str, Any]  #: plain values under the names of the kind's own fields (schemas)
    levels: Mapping[str, str]  #: fields of the record that state how secret it is, for the screens alone
    remarks: Sequence[str]  #: what had to be mended while the entry was read, as stable codes
