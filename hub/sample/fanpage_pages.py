"""The sample fanpage as citizens see it: posts with cards, what was edited says so, what was removed is not there.

No scripts, as on the sample portal: the page asks the browser to load it again, and a link stops that.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from markupsafe import Markup, escape

from connectors.parse.text import cut
from connectors.parse.url import host_of
from hub.sample.fanpage_cards import Cards
from hub.sample.fanpage_shelf import FanpageShelf, Kept
from hub.sample.showing import Files, drawn, moment

#: Posts on one page, and pages that can be reached.
PAGE: Final = 10
PAGES: Final = 100
#: Seconds between two loads.
REFRESH: Final = 5
#: Letters of a post that are seen before one asks for more, and of an address in a text.
SEEN_AT_ONCE: Final = 480
ADDRESS: Final = 44
#: What the page has counted, in words.
COUNTED: Final = {
    "made": "bài đã đăng",
    "edited": "lần sửa bài",
    "removed": "bài đã gỡ",
    "lost": "câu trả lời bị mất",
    "failed": "lần báo lỗi",
    "looked": "lần được hỏi danh sách bài",
}
PROBLEMS: Final = {
    404: ("Không còn bài này", "Bài đăng đã được gỡ, hoặc địa chỉ không đúng."),
    500: ("Trang gặp lỗi", "Lỗi ở phía trang và đã được ghi lại. Xin thử lại sau ít phút."),
}

_FILES: Final = Files("fanpage.css", "fanpage-cover.svg", "portal.svg")
_TOUCHED: Final = re.compile(r"(https?://[^\s<>\"]+)|(#[^\W_]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One post as the page shows it."""

    kept: Kept
    when: str  #: "5 phút"
    head: Markup  #: what is seen at once
    rest: Markup  #: what is seen when asked for
    host: str  #: where the link leads


class Pages:
    """All pages of one fanpage."""

    def __init__(
        self, name: str, portal: str, shelf: FanpageShelf, cards: Cards, now: Callable[[], datetime]
    ) -> None:  # fmt: skip
        self._name, self._portal, self._shelf, self._cards, self._now = name, portal, shelf, cards, now

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        """Where they stand."""
        return [web.get("/", self._listing), web.get("/bai/{number:[0-9]{1,15}}", self._post), _FILES.route()]

    def problem(self, status: int) -> web.Response:
        """What went wrong, in words for a reader."""
        heading, advice = PROBLEMS[404 if status < 500 else 500]
        return self._page(status, heading=heading, advice=advice)

    async def _listing(self, request: web.Request) -> web.Response:
        asked = request.query.get("page", "")
        page = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 3 else 1, 1), PAGES)
        live = request.query.get("live") != "0"
        found = self._shelf.shown(skip=(page - 1) * PAGE, limit=PAGE + 1)
        return self._page(
            200, posts=await self._carded(found[:PAGE]), page=page, live=live and page == 1,
            refresh=REFRESH if live and page == 1 else 0, older=len(found) > PAGE and page < PAGES,
        )  # fmt: skip

    async def _post(self, request: web.Request) -> web.Response:
        kept = self._shelf.find(int(request.match_info["number"]))
        if kept is None or kept.shown is None:
            raise web.HTTPNotFound
        return self._page(200, posts=await self._carded([kept]), alone=True)

    async def _carded(self, found: Sequence[Kept]) -> list[Shown]:
        """With the cards of their links; those of new posts are read now, for whoever looks first."""
        bare = [kept.link for kept in found if kept.card is None and kept.link]
        for link, card in (await self._cards.read(bare)).items():
            self._shelf.keep_card(link, card)
        again = [self._shelf.find(kept.number) if kept.card is None else kept for kept in found]
        return [self._shown(kept) for kept in again if kept is not None]

    def _shown(self, kept: Kept) -> Shown:
        head, rest = _folded(kept.message)
        return Shown(
            kept=kept, when=_ago(kept.shown or kept.created, self._now()), head=_dressed(head), rest=_dressed(rest),
            host=host_of(kept.link),
        )  # fmt: skip

    def _page(self, status: int, **values: Any) -> web.Response:
        unset = {
            "posts": (), "page": 1, "live": False, "refresh": 0, "older": False, "alone": False, "heading": "",
            "advice": "",
        }  # fmt: skip
        counters = asdict(self._shelf.counters)
        return drawn(
            "fanpage.html", status, name=self._name, portal=self._portal, now=self._now(),
            standing=self._shelf.standing, doubled=self._shelf.doubled,
            counters=[(label, counters[name]) for name, label in COUNTED.items()], **(unset | values),
        )  # fmt: skip


def _folded(message: str) -> tuple[str, str]:
    """What is seen of a text at once, and the rest, which begins at a line or a word."""
    if len(message) <= SEEN_AT_ONCE:
        return message, ""
    line = message.rfind("\n", SEEN_AT_ONCE // 2, SEEN_AT_ONCE)
    end = line if line >= 0 else message.rfind(" ", 0, SEEN_AT_ONCE)
    end = end if end > 0 else SEEN_AT_ONCE
    return message[:end].rstrip(), message[end:].strip()


def _dressed(text: str) -> Markup:
    """Escaped, with its addresses as links and its hashtags marked."""
    parts, done = [], 0
    for found in _TOUCHED.finditer(text):
        address, hashtag = found.groups()
        parts.append(escape(text[done : found.start()]))
        done = found.end()
        if hashtag:
            parts.append(Markup('<span class="hashtag">{}</span>').format(hashtag))
        else:
            short = cut(address.partition("://")[2], ADDRESS)
            parts.append(Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(address, short))
    return Markup("").join([*parts, escape(text[done:])])


def _ago(at: datetime, now: datetime) -> str:
    """How long ago, as such pages say it."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return "Vừa xong"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} phút"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} giờ"
    return moment(at)
