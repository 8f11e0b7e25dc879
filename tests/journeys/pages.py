"""Pages of social platforms in the campaign of pushes: they give ids themselves, and some cannot be asked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.clock import Clock
from tests.fakes.graph import PAGE, Graph
from tests.fakes.telegram import CHANNEL, OPERATORS, TelegramChannel
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, ZaloAccount
from tests.journeys.author import mark_in
from tests.journeys.judge import Change
from tests.journeys.place import SECRET, Numbers, Place, seen_in

_LINK = "https://tinh-mau.vn/tin/{content_id}"
_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
#: How much later than a write lists show it.
_LAG = timedelta(seconds=30)


def _change(action: str, text: str) -> Change:
    """What happened to a post of this text; one that is taken off tells no revision of its own."""
    number, revision = mark_in(text) or (0, 0)
    return Change(action, number, revision if action == "put" else 0)


def _facebook(clock: Clock, folder: Path, *, drafts: bool) -> Place:
    page = Graph(SECRET, clock.now)
    page.lag = _LAG
    return Place(
        server=page,
        settings=lambda: {"connector": "facebook", "page_id": PAGE, "token": SECRET, "base_url": page.origin,
                          "link": _LINK, "drafts": drafts},
        changes=lambda start, numbers: [_change(one.action, one.message) for one in page.effects[start:]],
        look=lambda numbers: seen_in(post.message for post in page.visible()),
    )  # fmt: skip


def _zalo(clock: Clock, folder: Path) -> Place:
    """A renewal whose answer is lost ends our access, and an administrator grants it anew."""
    account = ZaloAccount(SECRET, clock.now)
    account.slow = 1
    granted = [FIRST_REFRESH]

    def settings() -> dict[str, Any]:
        return {
            "connector": "zalo", "app_id": APP_ID, "app_secret": SECRET, "refresh_token": granted[-1], "link": _LINK,
            "cover": "https://tinh-mau.vn/anh.png", "base_url": account.origin, "poll": "1ms",
            "oauth_url": f"{account.origin}/v4/oa/access_token",
        }  # fmt: skip

    def grant() -> None:
        granted.append(f"refresh-cap-lai-{len(granted)}")
        account.refresh = granted[-1]

    return Place(
        server=account, read_faults=0.1, settings=settings, grants=grant,
        hub={"secret_key": "khoa-ma-hoa-cua-chien-dich-thu-nghiem"},
        writes=lambda request, body: request.path.endswith(("/create", "/update", "/remove")),
        changes=lambda start, numbers: [
            _change(action, one.fields["title"]) for action, one in account.effects[start:]
        ],
        look=lambda numbers: seen_in(one.fields["title"] for one in account.visible()),
    )  # fmt: skip


def _is_for_readers(request: web.Request, body: bytes) -> bool:
    """Whether a call is about the channel; the hub looks through a chat of operators, of which readers see nothing."""
    return not request.path.endswith("/forwardMessage") and OPERATORS.encode() not in body


def _telegram(clock: Clock, folder: Path, *, look_chat: str) -> Place:
    channel = TelegramChannel(_TOKEN, clock.now)

    def changes(start: int, number: Numbers) -> list[Change]:
        return [
            Change(action, number(content_id), revision) for action, content_id, revision in channel.effects[start:]
        ]

    def take_away(number: int) -> None:
        for one in channel.posted():
            if (mark_in(one.text) or (0, 0))[0] == number:
                channel.remove_by_hand(one.id)

    return Place(
        server=channel, read_faults=0.1, changes=changes, takes_away=take_away, writes=_is_for_readers,
        settings=lambda: {"connector": "telegram", "chat": CHANNEL, "token": _TOKEN, "base_url": channel.origin,
                          "link": _LINK, "look_chat": look_chat},
        look=lambda numbers: seen_in(one.text for one in channel.posted() if one.ours),
    )  # fmt: skip


PAGES: dict[str, Callable[[Clock, Path], Place]] = {
    "facebook": lambda clock, folder: _facebook(clock, folder, drafts=True),
    "facebook-without-drafts": lambda clock, folder: _facebook(clock, folder, drafts=False),
    "zalo": _zalo,
    "telegram": lambda clock, folder: _telegram(clock, folder, look_chat=""),
    "telegram-looking": lambda clock, folder: _telegram(clock, folder, look_chat=OPERATORS),
}
