"""What the JSON interfaces of content systems have in common: loading, refusing, picking values, cutting into records.

body -> load -> the connector finds its list -> split_list: fingerprints, known ones left out, entries and tombstones
"""

import asyncio
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import quote

import orjson

from connectors.base import Capture, Fallen, Record, Split, Tombstone
from connectors.errors import Fault, RejectedError
from connectors.parse import records
from connectors.parse.charset import decode
from connectors.parse.data import jsontext
from connectors.parse.dates import parse_date
from connectors.parse.entry import Entry

#: Items of one page that are read; no interface gives more unless it is asked to.
PAGE_LIMIT: Final = 1_000
#: What is asked for, and what refuses least.
ACCEPT: Final = "application/json, */*;q=0.5"

#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final = {
    "not_this_api": (
        "JSON, but not an answer of this interface", Fault.HUB,
        "Dữ liệu nhận được không đúng với giao diện lập trình (API) đã khai báo cho nguồn này. Bộ phận kỹ thuật cần"
        " kiểm tra lại địa chỉ (url) và bộ kết nối (connector) của nguồn.",
    ),
    "api_error": (
        "the interface reports an error in place of a list", Fault.MEMBER,
        "Giao diện lập trình (API) của trang nguồn báo lỗi thay cho danh sách tin. Đề nghị đơn vị quản trị trang nguồn"
        " kiểm tra, bộ phận kỹ thuật rà soát lại các tham số đã khai báo.",
    ),
    "nothing_listed": (
        "an empty list in answer to a question for everything", Fault.MEMBER,
        "Giao diện lập trình (API) của trang nguồn không trả về mục tin nào. Bộ phận kỹ thuật cần xem lại loại tin,"
        " chuyên mục đã khai báo; nếu đã đúng, đề nghị đơn vị quản trị trang nguồn mở quyền đọc công khai.",
    ),
}  # fmt: skip

#: Where JSON begins behind notices that a badly configured server prints before it.
_BEGINNING: Final = re.compile(r'\[\s*\{\s*"|\{\s*"')
_NOTICES_LIMIT: Final = 20_000
_PLACEHOLDER: Final = re.compile(r"\{(\w{1,64})\}")


def refuse_answer(code: str) -> RejectedError:
    """Make the error for one of the codes above; it never quotes the body."""
    message, fault, sentence = _REFUSALS[code]
    return RejectedError(message, code=code, fault=fault, sentence=sentence)


def load(body: bytes, content_type: str) -> Any:
    """The JSON of a body; notices that PHP printed before it are stepped over.

    Raises RejectedError with a code of connectors/parse/data/nodata.py.
    """
    try:
        return jsontext.load(body, content_type)
    except RejectedError as refused:
        begins = None
        if refused.code not in ("too_large", "too_deep", "empty_body"):
            text = decode(body, content_type)[0]
            begins = _BEGINNING.search(text, 1, _NOTICES_LIMIT)
        if begins is None:
            raise
        try:
            return jsontext.loads(text[begins.start() :])
        except RejectedError:
            raise refused from None


async def glance(capture: Capture) -> Any:
    """The JSON of a capture for a fetch that looks for the way on; None when it cannot be read: `split` says why."""
    try:
        return orjson.loads(capture.body)
    except orjson.JSONDecodeError:
        pass
    try:  # to find out what it is may take a while
        return await asyncio.to_thread(load, capture.body, capture.content_type)
    except RejectedError:
        return None


@dataclass(frozen=True, slots=True)
class Gone:
    """An item that the interface calls withdrawn."""

    guid: str
    at: datetime | None = None


def split_list(
    items: Sequence[Any],
    read: Callable[[Mapping[str, Any]], Entry | Gone | None],
    *,
    format: str,
    known: Container[bytes],
    incremental: bool,
    context: Callable[[Mapping[str, Any]], Any] = lambda _: None,
) -> Split:
    """Cut a list into records. `read` gives None for what is not public yet.

    `context` is what else of the body an item is made from: it is part of the fingerprint.
    """
    marks: list[bytes] = []
    read_items: list[Record] = []
    gone: list[Tombstone] = []
    fallen: list[Fallen] = []
    for place, item in enumerate(items[:PAGE_LIMIT], 1):
        pointer = f"item {place}"
        around = context(item) if isinstance(item, dict) else None
        mark = records.fingerprint(jsontext.canonical([item, around]))
        marks.append(mark)
        if mark in known:
            continue
        if not isinstance(item, dict):
            detail = f"an item that is a {type(item).__name__}"
            fallen.append(Fallen(pointer=pointer, code="bad_json", detail=detail, fingerprint=mark))
            continue
        match read(item):
            case None:
                continue
            case Gone(guid, at):
                gone.append(Tombstone(pointer=pointer, guid=guid, at=at, fingerprint=mark))
            case entry:
                fields = cast(Mapping[str, Any], entry)
                read_items.append(Record(pointer=pointer, fingerprint=mark, fields=fields))
    if len(items) > PAGE_LIMIT:
        # Not read, so their fingerprints must not count as known.
        detail = f"{len(items)} items, of which {PAGE_LIMIT} are read"
        fallen.append(Fallen(pointer=f"item {PAGE_LIMIT + 1} to {len(items)}", code="too_many", detail=detail))
    return Split(
        format=format, records=tuple(read_items), tombstones=tuple(gone), fallen=tuple(fallen),
        fingerprints=tuple(marks), incremental=incremental,
    )  # fmt: skip


def value(item: Any, *path: str | int) -> Any:
    """What stands at a path of keys and places; None when there is nothing."""
    for key in path:
        if isinstance(key, str) and isinstance(item, dict):
            item = item.get(key)
        elif isinstance(key, int) and isinstance(item, list) and key < len(item):
            item = item[key]
        else:
            return None
    return item


def string(item: Any, *path: str | int) -> str:
    """The text at a path, or a number where a text was meant; "" for anything else."""
    found = value(item, *path)
    if isinstance(found, str):
        return found.strip()
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else ""


def listed(item: Any, *path: str | int) -> list[Any]:
    """The list at a path; a single object stands for a list of one, anything else for none."""
    found = value(item, *path)
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) else []


def whole_number(item: Any, *path: str | int) -> int | None:
    """The number at a path, if it is one of a count."""
    found = value(item, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**9 else None


def set_dates(entry: Entry, published: str, updated: str, *, now: datetime, timezone: str) -> None:
    """Read both dates as the interface writes them; an empty text says nothing."""
    if published:
        entry["published_raw"] = published
        entry["published"] = parse_date(published, now=now, timezone=timezone)
    if updated:
        entry["updated_raw"] = updated
        entry["updated"] = parse_date(updated, now=now, timezone=timezone)


def newest(items: Sequence[Any], *paths: tuple[str | int, ...], timezone: str) -> datetime | None:
    """The newest of the dates that stand at the first of `paths` that an item has."""
    texts = (next((text for path in paths if (text := string(item, *path))), "") for item in items)
    return max((moment for text in texts if (moment := parse_date(text, timezone=timezone))), default=None)


def fill(template: str, item: Mapping[str, Any]) -> str:
    """A link from a template such as `/tin/{ID}`; "" when the item lacks what it names."""
    names = set(_PLACEHOLDER.findall(template))
    if not all(string(item, name) for name in names):
        return ""
    return _PLACEHOLDER.sub(lambda match: quote(string(item, match[1]), safe="/%", errors="replace"), template)
