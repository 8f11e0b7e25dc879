"""Pages for people, in Vietnamese: the list, one item, what became of a withdrawn one, and what went wrong.

Templates in hub/web/templates escape everything; the one exception is sanitised text of an item, which passes
hub/gate.py here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.parse.url import host_of
from hub.gate import outgoing
from hub.queries.search import Found, Place
from hub.sheets import details
from hub.sheets.downloads import FORMS, offered
from hub.sheets.facts import address_name
from hub.store.publishing import Shelves
from hub.web import feeds
from hub.web.files import versioned
from hub.web.site import Site
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Attachment, Kind

HTML: Final = "text/html; charset=utf-8"
KINDS: Final = {
    Kind.NEWS: "Tin, bài",
    Kind.NOTICE: "Thông báo",
    Kind.DOCUMENT: "Văn bản",
    Kind.PROCEDURE: "Thủ tục hành chính",
    Kind.QUESTION: "Hỏi đáp",
}
#: Ending and what people call the format, the best first: only the first two tell of withdrawals.
FORMATS: Final = {"atom": "Atom", "json": "JSON", "rss": "RSS"}
#: Status to heading, and what happened, whose fault it is, what to do.
PROBLEMS: Final = {
    404: (
        "Không tìm thấy trang",
        "Địa chỉ này không có trên hệ thống. Có thể đường dẫn bị gõ sai hoặc bị cắt mất một phần;"
        " hãy kiểm tra lại, hoặc bắt đầu từ trang đầu.",
    ),
    405: (
        "Không nhận thao tác này",
        "Trang này chỉ để đọc, không nhận dữ liệu gửi lên. Hãy quay lại trang đầu.",
    ),
    414: (
        "Địa chỉ quá dài",
        "Địa chỉ được gửi tới dài hơn mức hệ thống đọc. Hãy bỏ bớt phần sau dấu hỏi (?) rồi thử lại.",
    ),
    500: (
        "Hệ thống gặp lỗi",
        "Lỗi ở phía chúng tôi và đã được ghi lại để khắc phục. Xin thử lại sau ít phút.",
    ),
    503: (
        "Hệ thống đang bận",
        "Kho dữ liệu tạm thời không trả lời; lỗi ở phía chúng tôi và hệ thống tự khôi phục. Xin thử lại sau một phút.",
    ),
}
#: Endings that say what a file is; others, such as ASPX, say what served it.
FILE_FORMATS: Final = frozenset(
    {
        "PDF", "DOC", "DOCX", "XLS", "XLSX", "PPT", "PPTX", "ODT", "ODS", "ODP", "ZIP", "RAR", "7Z", "JPG", "JPEG",
        "PNG", "MP3", "MP4",
    }
)  # fmt: skip
#: Seconds after which a reader may try again.
RETRY_AFTER = "60"
#: Where they stand; the sample portal shows details by the same one.
TEMPLATES: Final = Path(__file__).with_name("templates")

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the list, for people."""

    part: str  #: all, kind, member or tag
    name: str
    label: str  #: empty for the whole list
    items: Sequence[tuple[PublishedItem, datetime]]  #: with the time of the last public change
    shelves: Shelves
    further: bool  #: not the newest page
    older: str  #: path of the next page; empty on the last


def listing(site: Site, shown: Listing) -> bytes:
    """What is new, and where to subscribe."""
    return _render(site, "listing.html", feed=(shown.part, shown.name), shown=shown, summary=details.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody searches for, as it stands in the form."""

    words: str
    kind: str
    member: str  #: code
    since: date | None
    until: date | None  #: the last day

    def again(self, after: Place) -> str:
        """Path of the page behind a place."""
        said = {
            "q": self.words, "kind": self.kind, "member": self.member,
            "from": self.since.isoformat() if self.since else "", "to": self.until.isoformat() if self.until else "",
            "after": str(after),
        }  # fmt: skip
        return f"/search?{urlencode({name: value for name, value in said.items() if value}, quote_via=quote)}"


def search(site: Site, asked: Asked, found: Found | None, shelves: Shelves, *, further: bool) -> bytes:
    """The form, and what was found; None: nothing was asked yet. `further`: not the first page."""
    after = asked.again(found.after) if found and found.after else ""
    return _render(site, "search.html", asked=asked, found=found, shelves=shelves, further=further, next=after)


def item(site: Site, item: PublishedItem) -> bytes:
    """One public item."""
    item = outgoing(item)
    return _render(
        site, "item.html", item=item, authors=feeds.authors(item),
        lead=item.image if item.image and "<img" not in item.content_html else "", host=host_of(item.url),
        details=details.sections(item), summary=details.summary(item), forms=FORMS, offered=offered(item),
    )  # fmt: skip


def coverage(site: Site, board: Mapping[str, Any]) -> bytes:
    """Who publishes what it owes (hub/web/coverage.py)."""
    return _render(site, "coverage.html", **board)


def gone(site: Site, withdrawal: Withdrawal) -> bytes:
    """A withdrawn item: that it was, and why if readers shall be told."""
    reason = withdrawal.reason if withdrawal.kind is not WithdrawalKind.GONE else ""
    return _render(site, "gone.html", gone=withdrawal, reason=reason)


def problem(site: Site, status: int) -> web.Response:
    """What went wrong, in words for a reader; a status without words of its own is told as its class."""
    known = status if status in PROBLEMS else 404 if status < 500 else 500
    heading, advice = PROBLEMS[known]
    headers = {"Cache-Control": "no-store", "Content-Type": HTML}
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    body = _render(site, "problem.html", heading=heading, advice=advice)
    return web.Response(status=status, body=body, headers=headers)


def _render(site: Site, template: str, *, feed: tuple[str, str] = ("all", ""), **context: Any) -> bytes:
    page = _ENVIRONMENT.get_template(template).render(
        site=site, root=site.root, feed=feed, formats=FORMATS, kinds=KINDS, date=partial(_date, site),
        file_name=file_name, file_format=file_format, file_size=file_size, versioned=versioned,
        types=feeds.FORMATS, **context,
    )  # fmt: skip
    return page.encode()


def _date(site: Site, at: datetime) -> str:
    """dd/mm/yyyy HH:MM in the hub's zone, the form that Vietnamese offices write."""
    return at.astimezone(site.engine.zone).strftime("%d/%m/%Y %H:%M")


def file_name(file: Attachment) -> str:
    """What to call a file: its title, else the last part of its address, else its host."""
    return file.title or address_name(file.url)


def file_format(file: Attachment) -> str:
    """What kind of file it is, as people say it: the ending of its address, else the declared type."""
    ending = urlsplit(file.url).path.rpartition(".")[2].upper()
    return ending if ending in FILE_FORMATS else file.type


def file_size(length: int | None) -> str:
    """Bytes as people read them, with a decimal comma; empty when unknown."""
    if not length:
        return ""
    if length < 1_024:
        return f"{length}\u00a0byte"
    if length < 1_024**2:
        return f"{length / 1_024:.0f}\u00a0KB"
    return f"{length / 1_024**2:.1f}\u00a0MB".replace(".", ",")
