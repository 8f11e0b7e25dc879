"""Reads an HTML list page: blocks become records, and a page that is no longer the list it was is refused by name.

bytes -> tree (webpage.py) -> blocks (blocks.py) -> one record for each link
"""

import re
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, Final, cast

from connectors.base import Fallen, Record
from connectors.errors import Fault, RejectedError
from connectors.parse.dates import parse_date
from connectors.parse.details import DETAILS
from connectors.parse.entry import Entry, Text
from connectors.parse.pages.blockpage import refuse_block_page
from connectors.parse.pages.listblocks import Listed, ListPage
from connectors.parse.pages.webpage import WebPage, read_page
from connectors.parse.url import host_of

#: A day, perhaps with its time, among other words: "Ngày đăng: 20/11/2026 10:30 | Lượt xem: 12".
_DAY: Final = re.compile(
    r"(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?![\d/-])(?:[ ,|-]{1,3}\d{1,2}[:h]\d{2}(?::\d{2})?(?!\d))?"
    r"|(?<!\d)\d{1,2}[:h]\d{2}(?::\d{2})?[ ,|-]{1,3}\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?![\d/-])"
)


def records_of(
    page: ListPage, *, known: Container[bytes], now: datetime, timezone: str, day_first: bool
) -> tuple[list[Record], list[Fallen], list[bytes]]:
    """Records and fallen blocks that are not `known`, and the fingerprints of all."""
    records, fallen, marks = [], [], []
    for one in page.listed:
        mark, pointer = one.fingerprint, f"item {one.place}"
        marks.append(mark)
        if mark in known:
            continue
        if one.sound:
            entry = _entry(one, now, timezone, day_first)
            records.append(Record(pointer=pointer, fingerprint=mark, fields=cast(Mapping[str, Any], entry)))
        elif one.title:
            detail = "a block with a title and no usable link"
            fallen.append(Fallen(pointer=pointer, code="no_link", detail=detail, fingerprint=mark))
        else:
            detail = "a block with a link and no title"
            fallen.append(Fallen(pointer=pointer, code="no_title", detail=detail, fingerprint=mark))
    return records, fallen, marks


def too_many(page: ListPage) -> list[Fallen]:
    """The blocks beyond the limit, as one."""
    if not page.beyond:
        return []
    detail = f"{page.blocks} blocks, of which {page.blocks - page.beyond} are read"
    return [Fallen(pointer=f"the last {page.beyond} items", code="too_many", detail=detail)]


def _entry(one: Listed, now: datetime, timezone: str, day_first: bool) -> Entry:
    entry: Entry = {"link": one.link, "title": Text(one.title, False)}
    if one.summary:
        entry["summary"] = Text(one.summary, False)
    if one.image:
        entry["image"] = one.image
    if one.tags:
        entry["categories"] = list(one.tags)
    if one.details:
        entry["details"] = {name: list(values) if DETAILS[name] else values[0] for name, values in one.details}
    if one.dates:
        entry["published"] = date_of(one, now, timezone, day_first)
        entry["published_raw"] = one.dates[0]
    return entry


def date_of(one: Listed, now: datetime, timezone: str, day_first: bool) -> datetime | None:
    """The date of a block; None where there is none, or none that is certain."""
    for text in one.dates:
        days = set(_DAY.findall(text))
        for candidate in (text, days.pop() if len(days) == 1 else ""):
            if at := parse_date(candidate, now=now, timezone=timezone, day_first=day_first):
                return at
    return None


# ---------------------------------------------------------------------------------------------------- refusals

#: code -> technical cause, whose fault, sentence for a clerk.
_REFUSALS: Final[dict[str, tuple[str, Fault, str]]] = {
    "empty_body": (
        "the body is empty", Fault.MEMBER,
        "Trang danh sách của {host} trả về nội dung rỗng. Các tin đã thu vẫn được giữ. Đề nghị đơn vị quản trị trang"
        " kiểm tra lại.",
    ),
    "not_a_page": (
        "no element of HTML", Fault.MEMBER,
        "Địa chỉ danh sách của {host} không trả về một trang web. Các tin đã thu vẫn được giữ. Đề nghị kiểm tra lại"
        " địa chỉ nguồn hoặc liên hệ đơn vị quản trị trang.",
    ),
    "list_selector_empty": (
        "the selector of items finds nothing", Fault.HUB,
        "Không tìm thấy tin nào trên trang danh sách của {host}, có thể trang vừa đổi giao diện. Các tin đã thu vẫn"
        " được giữ nguyên. Bộ phận kỹ thuật cần kiểm tra lại bộ chọn (items, link) của nguồn này.",
    ),
    "list_page_changed": (
        "fewer than half of the blocks have a link and a title", Fault.HUB,
        "Trang danh sách của {host} khác hẳn trước: quá nửa số khối không còn tiêu đề hoặc đường dẫn, có thể trang vừa"
        " đổi giao diện. Các tin đã thu vẫn được giữ nguyên. Bộ phận kỹ thuật cần kiểm tra lại bộ chọn (items, link,"
        " title) của nguồn này.",
    ),
}  # fmt: skip


def refuse(code: str, url: str) -> RejectedError:
    """The error for one of the codes above; it names the host and never quotes the page."""
    cause, fault, sentence = _REFUSALS[code]
    host = host_of(url)
    return RejectedError(f"{host}: {cause}", code=code, fault=fault, sentence=sentence.format(host=host))


def page_of(body: bytes, content_type: str, url: str) -> WebPage:
    """The page as a tree. Raises RejectedError: `empty_body`, `not_a_page`, or what stands in its place."""
    page = read_page(body, content_type, url)
    if page is None:
        refuse_block_page(body, url, content_type)
        raise refuse("not_a_page" if body.strip(b" \t\r\n\0\xef\xbb\xbf") else "empty_body", url)
    return page


def check(page: ListPage, body: bytes, content_type: str, url: str, *, further: bool) -> None:
    """Refuse a page that is not the list it was, by name.

    `further`: it is not the first page, and may be empty: the list ends before it.
    """
    if not page.blocks:
        refuse_block_page(body, url, content_type)
        if not further:
            raise refuse("list_selector_empty", url)
    elif 2 * sum(one.sound for one in page.listed) < len(page.listed) + page.silent:
        refuse_block_page(body, url, content_type)
        raise refuse("list_page_changed", url)
