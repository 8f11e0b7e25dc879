"""An editor's change of an item: what may be changed, how it is cleaned, and what differs between two texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from connectors.parse.details import prose
from connectors.parse.html import clean, plain
from connectors.parse.text import clean_text
from connectors.parse.url import web_url
from hub.rules import change
from schemas.edition import UpdateType
from schemas.item import ITEM, ITEM_TYPES, TITLE_LIMIT, ItemBase, Kind

#: Fields of one kind alone that are a line, some lines or a day: what a plain form can hold.
OWN_FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.DOCUMENT: ("number", "issued", "effective", "expired", "abstract"),
    Kind.PROCEDURE: ("decision", "place_of_receipt", "description"),
}
#: Characters of a summary, tags of an item and characters of one.
SUMMARY_LIMIT, TAGS_LIMIT, TAG_LIMIT = 10_000, 50, 200
_DAYS = ("issued", "effective", "expired")
#: In the order in which a reader meets them.
_FIELDS = ("title", "summary", "content_html", "tags", "image")


class BadTextError(ValueError):
    """What was typed cannot be an item; `field` names where, `sentence` tells a clerk."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name} does not fit")
        self.field, self.sentence = name, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an editor typed; None leaves a field as it is."""

    title: str | None = None
    summary: str | None = None
    content_html: str | None = None  #: any HTML; the one sanitiser cleans it
    tags: tuple[str, ...] | None = None
    image: str | None = None  #: address, or empty
    details: Mapping[str, str] = field(default_factory=dict)  #: of OWN_FIELDS; days as ISO dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field in two texts, as plain text."""

    field: str
    before: str
    after: str


def changed(item: ItemBase, changes: Changes) -> ItemBase:
    """`item` with the changes, cleaned. Raises BadTextError."""
    new: dict[str, Any] = {}
    if changes.title is not None:
        new["title"] = _title(changes.title)
    if changes.summary is not None:
        new["summary"] = prose_of(changes.summary)[:SUMMARY_LIMIT]
    if changes.content_html is not None:
        new["content_html"] = clean(changes.content_html)
    if changes.tags is not None:
        new["tags"] = tags_of(changes.tags)
    if changes.image is not None:
        new["image"] = _image(changes.image)
    own = OWN_FIELDS.get(Kind(item.kind), ())
    for name, typed in changes.details.items():
        if name not in own:
            raise BadTextError(name, "Trường này không sửa được tại đây.")
        new[name] = _day(name, typed) if name in _DAYS else _detail(item, name, typed)
    try:
        return ITEM.validate_python(item.model_dump() | new)
    except ValueError as error:
        raise BadTextError("content_html", "Nội dung đã nhập quá dài hoặc không hợp lệ; hãy rút gọn.") from error


def _title(typed: str) -> str:
    title = clean_text(typed)
    if not title:
        raise BadTextError("title", "Tiêu đề đang để trống; hãy nhập tiêu đề.")
    if len(title) > TITLE_LIMIT:
        raise BadTextError("title", f"Tiêu đề dài hơn {TITLE_LIMIT} ký tự; hãy rút gọn.")
    return title


def prose_of(typed: str) -> str:
    """Plain text of some lines, as it was typed: signs that look like markup are text here."""
    return "\n".join(line for each in typed.splitlines() if (line := clean_text(each)))


def tags_of(typed: tuple[str, ...]) -> tuple[str, ...]:
    """Tags, each once and in their order. Raises BadTextError for too many."""
    tags = tuple(dict.fromkeys(tag for each in typed if (tag := clean_text(each)[:TAG_LIMIT].strip())))
    if len(tags) > TAGS_LIMIT:
        raise BadTextError("tags", f"Có hơn {TAGS_LIMIT} thẻ; hãy bớt lại.")
    return tags


def _image(typed: str) -> str:
    address = web_url(typed.strip())
    if typed.strip() and not address:
        raise BadTextError("image", "Địa chỉ ảnh phải là địa chỉ web đầy đủ, bắt đầu bằng http:// hoặc https://.")
    return address


def _day(name: str, typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise BadTextError(name, "Ngày không hợp lệ; hãy chọn lại ngày.") from None


def _detail(item: ItemBase, name: str, typed: str) -> str:
    several = name in ("abstract", "place_of_receipt", "description")
    text = prose(typed) if several else clean_text(typed)
    limit = next((m.max_length for m in type(item).model_fields[name].metadata if hasattr(m, "max_length")), None)
    if limit is not None and len(text) > limit:
        raise BadTextError(name, f"Nội dung một trường dài hơn {limit} ký tự; hãy rút gọn.")
    return text


def differences(before: ItemBase, after: ItemBase) -> tuple[Difference, ...]:
    """What a reader would see changed, field by field, as plain text."""
    own = sorted(set(type(before).model_fields) - set(ItemBase.model_fields) - {"kind"})
    found = []
    for name in (*_FIELDS, *own):
        if getattr(before, name, None) != getattr(after, name, None):
            found.append(Difference(field=name, before=shown(before, name), after=shown(after, name)))
    return tuple(found)


def shown(item: ItemBase, name: str) -> str:
    """A field as text for people."""
    value = getattr(item, name, None)
    match value:
        case None:
            return ""
        case str() if name.endswith("_html"):
            return plain(value)
        case str():
            return value
        case date():
            return value.isoformat()
        case tuple() if all(isinstance(each, str) for each in value):
            return ", ".join(value)
        case _:
            return item.model_dump_json(include={name})


def proposed(public: ItemBase | None, new: ItemBase) -> UpdateType:
    """How much changes for readers, by the rule: against what is public; what never was is news to them."""
    return change.compare(public, new).update_type if public is not None else UpdateType.MAJOR


assert all(name in ITEM_TYPES[kind].model_fields for kind, names in OWN_FIELDS.items() for name in names)
