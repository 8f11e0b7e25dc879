"""An item as it stands in the index of the search: which texts readers look for, its tokens, its time.

    item ─> texts of all its fields, as plain text ─> tokens (hub/rules/searching.py) ─> Indexed
                                                  └─> likeness (hub/rules/stories.py): by what its copies are found

Made in the child that reads an item, where it costs the loop nothing; of what people write, where it is stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from connectors.parse.html import plain
from hub.packing import pack
from hub.rules.searching import Entry, composed, tokens
from hub.rules.stories import likeness
from schemas.item import ItemBase

_DAY: Final = 86_400_000_000  #: microseconds
#: What no reader looks for: addresses, identities, words of our own.
_UNSEEN: Final = frozenset(
    {"kind", "guid", "url", "language", "image", "type", "length", "sha256", "validity", "status", "channel", "unit",
     "action", "title"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """What the index has of one item."""

    title: str
    at: int | None  #: microseconds; when it was published or issued
    tokens: str = field(repr=False)  #: each once, between single spaces
    packed: bytes = field(repr=False)  #: the same, compressed
    likeness: bytes | None = field(repr=False)  #: hub.rules.stories.Likeness; of what is never a copy none


def indexed(
    item: ItemBase, *, member: str, member_name: str, body: Mapping[str, Any] | None = None
) -> Indexed:  # fmt: skip
    """The entry of an item that `member` publishes; `body` is its JSON, where somebody has it."""
    body, content = item.model_dump(mode="json") if body is None else body, plain(item.content_html)
    texts = [*_texts_of(body, content), member_name]
    entry = Entry(
        title=composed(item.title), texts=texts, numbers=numbers_of(body), member=member, kind=item.kind
    )  # fmt: skip
    found, like = " ".join(tokens(entry)), likeness(item, content or item.summary)
    return Indexed(
        title=entry.title, at=_time_of(body), tokens=found, packed=pack(found.encode()),
        likeness=None if like is None else like.to_bytes(),
    )  # fmt: skip


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Everything of an item but its title that readers see, as plain text, in the order of its fields.

    `body` is the item as it is kept: JSON of schemas.item.Item.
    """
    return _texts_of(body, plain(str(body.get("content_html") or "")))


def _texts_of(body: Mapping[str, Any], content: str) -> list[str]:
    found = [text for text in (plain(str(body.get("summary") or "")), content) if text]
    for name, value in body.items():
        if name not in _UNSEEN and name not in ("summary", "content_html", "published", "updated"):
            found.extend(_within(value))
    return found


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if text := plain(value) if "<" in value else value:
            yield text
    elif isinstance(value, dict):
        for name, one in value.items():
            if (name == "title" or name not in _UNSEEN) and not name.endswith("url"):
                yield from _within(one)
    elif isinstance(value, list):
        for one in value:
            yield from _within(one)


def numbers_of(body: Mapping[str, Any]) -> list[str]:
    """The numbers and codes that an item itself has."""
    own = [body.get("number"), body.get("number_given"), body.get("code"), *(body.get("further_numbers") or ())]
    return [number for number in own if isinstance(number, str) and number]


def _time_of(body: Mapping[str, Any]) -> int | None:
    """The time by which an entry is sorted and filtered: when it was published, or issued."""
    for name in ("published", "issued"):
        if isinstance(said := body.get(name), str):
            at = datetime.fromisoformat(said.replace("Z", "+00:00")) if "T" in said else None
            days = (at.date() if at else date.fromisoformat(said[:10])).toordinal() - date(1970, 1, 1).toordinal()
            return round(at.timestamp() * 1_000_000) if at else days * _DAY
    return None
