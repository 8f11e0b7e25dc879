"""The texts of an item and of its files, each with the name of the place where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from hub.rules.screen.canonical import canonical
from schemas.item import ItemBase

#: Fields of the shapes that hold addresses: only the name of the file in them is read.
_ADDRESSES: Final = frozenset({"url", "form_url", "image"})
_SHARED: Final = frozenset(ItemBase.model_fields)


@dataclass(frozen=True, slots=True)
class FileText:
    """The text layer of an attachment."""

    url: str
    text: str = ""  #: lines and cells as connectors/parse/files gives them
    readable: bool = True  #: False: a scan, a picture, an encrypted or broken file; nobody can say what it shows
    whole: bool = True  #: False: `text` is a part of what it shows
    title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One text in canonical form."""

    where: str  #: name of the field, or address of the attachment
    text: str  #: its case kept
    low: str  #: in small letters

    @classmethod
    def of(cls, where: str, text: str, *, markup: bool | None = False) -> Self:
        """`text` as it is compared."""
        text = canonical(text, markup=markup)
        return cls(where, text, text.casefold())


def parts(item: ItemBase) -> Iterator[Part]:
    """Every text of `item` that would be kept or leave."""
    yield Part.of("title", item.title)
    if item.summary:
        yield Part.of("summary", item.summary)
    if item.content_html:
        yield Part.of("content_html", item.content_html, markup=True)
    if item.tags:
        yield Part.of("tags", "\n".join(item.tags))
    if item.authors:
        yield Part.of("authors", "\n".join(f"{one.name}\n{one.email}" for one in item.authors))
    if item.image:
        yield Part.of("image", _file_name(item.image))
    for attachment in item.attachments:
        yield Part.of(attachment.url, f"{attachment.title}\n{_file_name(attachment.url)}")
    yield from _details(item)


def parts_beside(files: Sequence[FileText], metadata: Mapping[str, str]) -> Iterator[Part]:
    """The texts that come with an item: of its files, and of fields of its record."""
    for file in files:
        yield Part.of(file.url, f"{file.title}\n{file.text}")
    for name, value in metadata.items():
        yield Part.of(f"metadata.{name}", value, markup=None)


def _details(item: ItemBase) -> Iterator[Part]:
    """The fields that only this kind has: one part for each, its texts one a line."""
    for name in type(item).model_fields:
        if name not in _SHARED and (value := getattr(item, name)):
            markup = name.endswith("_html")
            if text := "\n".join(_strings(value, name)):
                yield Part.of(f"details.{name}", text, markup=markup)


def _strings(value: object, name: str) -> Iterator[str]:
    if isinstance(value, str):
        yield _file_name(value) if name in _ADDRESSES else value
    elif isinstance(value, BaseModel):
        for inner in type(value).model_fields:
            yield from _strings(getattr(value, inner), inner)
    elif isinstance(value, tuple):
        for one in value:
            yield from _strings(one, name)


def _file_name(url: str) -> str:
    """The name of the file that an address leads to, without its extension; signs that stand for spaces are spaces."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return url
    name = path.rpartition("/")[2]
    if name in ("", "."):
        name = PurePosixPath(path).name
    return name.rpartition(".")[0] or name
