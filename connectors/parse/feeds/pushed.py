"""Reads what members send to an inbox: items in the words of schemas/item.py, and which of them are withdrawn.

    {"items": [{"guid": "tin-1", "title": "…", "content_html": "…", "published": "2026-11-20T08:30:00+07:00"}],
     "withdrawn": [{"guid": "tin-0", "at": "2026-11-20T08:30:00+07:00"}]}

Times may have any form that connectors/parse/dates.py reads. Documents and procedures have the fields of their kind
beside those of every item, as schemas/json says. Keys that nobody asks for are passed over, so that a sender may be
newer than we are.
"""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, Final, cast

import orjson

from connectors.base import Fallen, Record, SourceContext, Split, Tombstone
from connectors.errors import RejectedError
from connectors.parse.charset import decode
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry
from connectors.parse.feeds import jsonfeed
from connectors.parse.feeds.reader import BODY_LIMIT
from connectors.parse.records import fingerprint
from connectors.parse.refusals import looks_like_html, refuse, what_came
from connectors.parse.text import clean_text
from schemas.base import ItemBase
from schemas.item import ITEM_TYPES

#: Our word to that of JSON Feed, for an item and for a file of it.
_AS_JSON_FEED: Final = {"guid": "id", "published": "date_published", "updated": "date_modified"}
_FILE_AS_JSON_FEED: Final = {"type": "mime_type", "length": "size_in_bytes"}

#: code -> sentence for a clerk
_REFUSALS: Final = {
    "not_items": "Dữ liệu đơn vị gửi đến hộp nhận không có danh sách «items» hay «withdrawn» đúng quy định. Đề nghị đơn"
    " vị kiểm tra phần mềm gửi tin theo tài liệu giao thức hộp nhận.",
}


def read_items(
    body: bytes, content_type: str, context: SourceContext, *, known: Container[bytes], now: datetime, limit: int
) -> Split:
    """Read a body; items whose fingerprint is in `known` are left out, those beyond `limit` fall as one.

    Raises RejectedError: `empty_body`, `too_large`, `bad_json`, `not_items`, or what stands in place of JSON.
    """
    document = _load(body, content_type)
    items, withdrawn = document.get("items", []), document.get("withdrawn", [])
    named = "items" in document or "withdrawn" in document
    if not (named and isinstance(items, list) and isinstance(withdrawn, list)):
        raise _not_items()
    read: list[Record] = []
    fallen: list[Fallen] = []
    try:
        marks = [fingerprint(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)) for item in items[:limit]]
    except orjson.JSONEncodeError as error:  # it reads deeper than it writes
        raise refuse("too_deep") from error
    feed: Entry = {"base": context.url, "language": ""}
    own = ITEM_TYPES[context.kind].model_fields.keys() - ItemBase.model_fields
    for place, (item, mark) in enumerate(zip(items, marks, strict=False), 1):
        pointer = f"item {place}"
        if mark in known:
            continue
        if isinstance(item, dict):
            entry = jsonfeed.read_item(_as_json_feed(item), feed, now, context.timezone)
            if details := {name: item[name] for name in own if item.get(name) is not None}:
                entry["details"] = details
            read.append(Record(pointer=pointer, fingerprint=mark, fields=cast(Mapping[str, Any], entry)))
        else:
            detail = f"an item that is a {type(item).__name__}"
            fallen.append(Fallen(pointer=pointer, code="bad_json", detail=detail, fingerprint=mark))
    gone = [
        _tombstone(one, f"withdrawn {place}", now, context.timezone) for place, one in enumerate(withdrawn[:limit], 1)
    ]
    stones = [one for one in gone if isinstance(one, Tombstone)]
    fallen += [one for one in gone if isinstance(one, Fallen)]
    for name, listed in (("item", items), ("withdrawn", withdrawn)):
        if len(listed) > limit:
            detail = f"{len(listed)} records, of which {limit} are read"
            fallen.append(Fallen(pointer=f"{name} {limit + 1} to {len(listed)}", code="too_many", detail=detail))
    return Split(
        format="items", records=tuple(read), tombstones=tuple(stones), fallen=tuple(fallen), fingerprints=tuple(marks),
        incremental=True,
    )  # fmt: skip


def _load(body: bytes, content_type: str) -> dict[str, Any]:
    if len(body) > BODY_LIMIT:
        raise refuse("too_large")
    if not body.strip():
        raise refuse("empty_body")
    try:
        document = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        text = decode(body, content_type)[0]
        try:
            document = orjson.loads(text.removeprefix("\ufeff").encode("utf-8", "replace"))
        except orjson.JSONDecodeError as error:
            raise (what_came(text) if looks_like_html(text) else refuse("bad_json")) from error
    if not isinstance(document, dict):
        raise _not_items()
    return document


def _not_items() -> RejectedError:
    return RejectedError(
        "JSON without a list of items or of withdrawn ones", code="not_items", sentence=_REFUSALS["not_items"]
    )


def _as_json_feed(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item in the words of JSON Feed, so that one reader reads both."""
    said = {_AS_JSON_FEED.get(key, key): value for key, value in item.items()}
    files = item.get("attachments")
    if isinstance(files, list):
        said["attachments"] = [
            {_FILE_AS_JSON_FEED.get(key, key): value for key, value in file.items()}
            for file in files
            if isinstance(file, dict)
        ]
    return said


def _tombstone(one: object, pointer: str, now: datetime, timezone: str) -> Tombstone | Fallen:
    guid, at = (one.get("guid"), one.get("at")) if isinstance(one, dict) else (one, None)
    name = clean_text(guid) if isinstance(guid, str) else ""
    mark = fingerprint(f"{name}\n{at}".encode("utf-8", "replace"))
    if not name:
        return Fallen(pointer=pointer, code="no_identity", detail="a withdrawal without guid", fingerprint=mark)
    when = parse_date(at, now=now, timezone=timezone) if isinstance(at, str) and at else None
    return Tombstone(pointer=pointer, guid=name, at=when, fingerprint=mark)
