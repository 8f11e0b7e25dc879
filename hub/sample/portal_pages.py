"""The pages of the sample portal: what arrived, for a person who watches it arrive.

No scripts: the list asks the browser to load it again every few seconds, and a link stops that (WCAG 2.2.1, 2.2.2).
Every text is escaped; the one exception is the content, which is sanitised once more on its way out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from connectors.parse.html import plain
from connectors.parse.text import cut
from connectors.parse.url import host_of
from hub.gate import outgoing
from hub.sample.portal_shelf import Held, Shelf
from hub.sample.showing import Files, drawn
from hub.sheets import details
from hub.web.pages import KINDS, file_format, file_name, file_size
from schemas.edition import PublishedItem
from schemas.item import Kind

#: Items on one page of the list.
PAGE: Final = 20
#: Pages that can be reached; older items are found by their member.
PAGES: Final = 500
#: Seconds between two loads of the list.
REFRESH: Final = 5
#: For how long an item counts as just arrived.
FRESH: Final = timedelta(seconds=60)
#: Letters of a summary in the list.
SUMMARY: Final = 260
#: Outcomes as the counters call them.
COUNTED: Final = {
    "received": "tin đã nhận",
    "updated": "lần cập nhật",
    "withdrawn": "tin đã gỡ",
    "repeated": "bản trùng đã từ chối",
    "stale": "bản cũ đã từ chối",
}
PROBLEMS: Final = {
    404: ("Không tìm thấy trang", "Địa chỉ này không có trên cổng. Hãy kiểm tra lại đường dẫn hoặc về trang đầu."),
    405: ("Không nhận thao tác này", "Trang này chỉ để đọc. Hãy về trang đầu."),
    500: ("Cổng gặp lỗi", "Lỗi ở phía cổng và đã được ghi lại. Xin thử lại sau ít phút."),
}

_FILES: Final = Files("portal.css", "portal.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which part of the list is looked at; addresses of its neighbours follow from it."""

    member: str = ""
    kind: str = ""
    page: int = 1
    live: bool = True  #: loads itself again

    @classmethod
    def of(cls, request: web.Request) -> "View":
        """As the address says; what it cannot mean is left out."""
        query = request.query
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) <= 3 else 1
        return cls(
            member=query.get("member", "")[:64], kind=query.get("kind", "") if query.get("kind") in set(Kind) else "",
            page=min(max(number, 1), PAGES), live=query.get("live") != "0",
        )  # fmt: skip

    def to(self, **changes: Any) -> str:
        """Address of this view with other parts; another part begins on its first page."""
        parts = asdict(self) | {"page": 1} | changes
        query = {name: parts[name] for name in ("member", "kind") if parts[name]}
        query |= {"page": parts["page"]} if parts["page"] > 1 else {}
        query |= {} if parts["live"] else {"live": 0}
        return f"/?{urlencode(query)}" if query else "/"


@dataclass(frozen=True, slots=True)
class Shown:
    """One item as a page shows it."""

    held: Held
    item: PublishedItem  #: sanitised
    summary: str
    fresh: bool  #: arrived or changed within the last minute


class Pages:
    """All pages of one portal."""

    def __init__(self, name: str, shelf: Shelf, now: Callable[[], datetime]) -> None:
        self._name = name
        self._shelf = shelf
        self._now = now

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Where they stand."""
        return [
            web.get("/", self._listing),
            web.get("/tin/{content_id}", self._item),
            _FILES.route(),
        ]

    def problem(self, status: int) -> web.Response:
        """What went wrong, in words for a reader."""
        heading, advice = PROBLEMS.get(status) or PROBLEMS[404 if status < 500 else 500]
        return self._page("portal_problem.html", status, heading=heading, advice=advice)

    async def _listing(self, request: web.Request) -> web.Response:
        view = View.of(request)
        skip = (view.page - 1) * PAGE
        found = self._shelf.newest(member=view.member, kind=view.kind, skip=skip, limit=PAGE + 1)
        members = sorted(self._shelf.members(), key=lambda choice: _by_number(choice.name))
        kinds = sorted(self._shelf.kinds(view.member), key=lambda choice: list(KINDS).index(Kind(choice.name)))
        return self._page(
            "portal_listing.html", view=view, refresh=REFRESH if view.live and view.page == 1 else 0,
            shown=[self._shown(held.item, held) for held in found[:PAGE] if held.item],
            older=len(found) > PAGE and view.page < PAGES, members=members, kinds=kinds,
            member=next((choice.label for choice in members if choice.name == view.member), view.member),
            counters=[(label, getattr(self._shelf.counters, name)) for name, label in COUNTED.items()],
        )  # fmt: skip

    async def _item(self, request: web.Request) -> web.Response:
        try:
            held = self._shelf.held(UUID(request.match_info["content_id"]))
        except ValueError:
            held = None
        if held is None:
            raise web.HTTPNotFound
        if held.item is None:
            return self._page("portal_gone.html", 410, held=held)
        item = outgoing(held.item)
        return self._page(
            "portal_item.html", held=held, item=item, host=host_of(item.url),
            lead=item.image if "<img" not in item.content_html else "", details=details.sections(item),
            summary=_summary(item),
        )  # fmt: skip

    def _shown(self, item: PublishedItem, held: Held) -> Shown:
        """An item of the list: without its content, which would be sanitised for nothing."""
        summary = _summary(item)
        bare = outgoing(item.model_copy(update={"content_html": ""}))
        return Shown(held, bare, "" if summary == item.title else summary, self._now() - held.changed < FRESH)

    def _page(self, template: str, status: int = 200, **context: Any) -> web.Response:
        return drawn(
            template, status, name=self._name, kind_names=KINDS, now=self._now(), file_name=file_name,
            file_format=file_format, file_size=file_size, **context,
        )  # fmt: skip


def _by_number(code: str) -> list[tuple[int, str]]:
    """H52.9 stands before H52.10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"([0-9]+)", code)]


def _summary(item: PublishedItem) -> str:
    """What a list says of an item, and a card elsewhere that leads to it."""
    return cut(details.summary(item) or plain(item.content_html[: 8 * SUMMARY]), SUMMARY)
