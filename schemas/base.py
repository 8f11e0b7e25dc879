"""What every canonical item has, whatever its kind, and the small shapes that items are made of.

Field semantics follow Atom (RFC 4287): `guid` is the source's own identity, `published` the first publication,
`updated` the last significant change. Shapes follow JSON Feed 1.1 (`content_html`, `attachments`).
"""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

#: Longest title that is kept, in characters of NFC text; longer ones are cut at a word (remark `title_cut`).
TITLE_LIMIT = 2_000
#: Longest identity or address that is kept, in characters; a longer one is a rejection or is dropped.
ADDRESS_LIMIT = 2_048


class Kind(StrEnum):
    """What an item is. The kind decides the fields, the routes and the duties it counts for."""

    NEWS = "news"
    NOTICE = "notice"
    DOCUMENT = "document"
    PROCEDURE = "procedure"
    QUESTION = "question"


class Frozen(BaseModel):
    """Base of all border shapes: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Author(Frozen):
    """A person or office named as author by the source."""

    name: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=300)
    url: str = Field(default="", max_length=ADDRESS_LIMIT)


class Attachment(Frozen):
    """A file that belongs to an item: an enclosure, a scanned decision, a form."""

    url: str = Field(max_length=ADDRESS_LIMIT)  #: absolute, http or https
    type: str = Field(default="", max_length=200)  #: media type: by its content where it is kept, else as declared
    length: int | None = Field(default=None, ge=0)  #: bytes: counted where it is kept, else as declared
    title: str = Field(default="", max_length=TITLE_LIMIT)
    sha256: str = Field(default="", max_length=64)  #: of its bytes, hexadecimal, where the hub keeps them; else empty


class ItemBase(Frozen):
    """What every kind of item has. Text is plain NFC; only `content_html` is HTML, and it is sanitised."""

    kind: Kind
    guid: str = Field(min_length=1, max_length=ADDRESS_LIMIT)
    url: str = Field(default="", max_length=ADDRESS_LIMIT)  #: page of the item at the source; absolute http(s) or empty
    title: str = Field(min_length=1, max_length=TITLE_LIMIT)
    summary: str = ""  #: plain text
    content_html: str = ""  #: sanitised HTML, links absolute
    language: str = Field(default="", max_length=35)  #: BCP 47
    authors: tuple[Author, ...] = ()
    tags: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    updated: AwareDatetime | None = None
    image: str = Field(default="", max_length=ADDRESS_LIMIT)  #: lead image, absolute http(s) or empty
    attachments: tuple[Attachment, ...] = ()


def last_change(item: ItemBase) -> AwareDatetime | None:
    """When the source says the item last changed: `updated`, else `published`."""
    return item.updated or item.published
