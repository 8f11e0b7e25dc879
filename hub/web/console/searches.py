"""Searches for sources that people began: they go on while a browser looks again every few seconds.

A site may take half a minute to tell how it can be read, and a page must not take that long. What was found is kept in
this process for a while; it is nobody's but that of who asked.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from aiohttp import web

from connectors.errors import Fault, HubError, TransientError
from hub.discover import Discovery

log = structlog.get_logger(__name__)

#: Sites that are looked at at once, seconds for one of them, searches that are kept, and for how long.
AT_ONCE, PATIENCE, MOST, KEEP = 2, 90.0, 40, timedelta(minutes=30)


@dataclass(slots=True, kw_only=True)
class Search:
    """One site that somebody asked about."""

    who: str
    url: str
    began: datetime
    task: asyncio.Task[Discovery]

    @property
    def found(self) -> Discovery | None:
        """What it came to; None while it goes on, and when it failed."""
        return self.task.result() if self.task.done() and not self.failure else None

    @property
    def failure(self) -> HubError | None:
        """Why it came to nothing."""
        if not self.task.done():
            return None
        error = None if self.task.cancelled() else self.task.exception()
        if error is None and not self.task.cancelled():
            return None
        if isinstance(error, HubError):
            return error
        if error is not None and not isinstance(error, TimeoutError):
            log.error("defect in a search for sources", error=type(error).__name__, exc_info=error)
        return TransientError(
            f"search of {self.url}", code="search_too_long", fault=Fault.NETWORK,
            sentence="Trang này trả lời quá chậm nên chưa tìm xong. Hãy thử lại, hoặc nhập địa chỉ của chính trang danh"
            " sách tin.",
        )  # fmt: skip


class Searches:
    """The searches of this process."""

    def __init__(self) -> None:
        self._found: dict[str, Search] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    def begin(self, who: str, url: str, now: datetime, work: Callable[[], Awaitable[Discovery]]) -> str:
        """Begin to look; returns the word under which it is asked for."""
        for token, search in list(self._found.items()):
            if now - search.began > KEEP or len(self._found) >= MOST:
                search.task.cancel()
                del self._found[token]
        token = secrets.token_urlsafe(16)
        task = asyncio.create_task(self._look(work), name=f"discover {url}"[:80])
        task.add_done_callback(_seen)
        self._found[token] = Search(who=who, url=url, began=now, task=task)
        return token

    def of(self, token: str, who: str) -> Search | None:
        """A search of this person."""
        search = self._found.get(token)
        return search if search and search.who == who else None

    async def _look(self, work: Callable[[], Awaitable[Discovery]]) -> Discovery:
        async with self._places, asyncio.timeout(PATIENCE):
            return await work()

    async def close(self) -> None:
        """Give up what goes on."""
        for search in self._found.values():
            search.task.cancel()
        await asyncio.gather(*(search.task for search in self._found.values()), return_exceptions=True)


def _seen(task: asyncio.Task[Discovery]) -> None:
    """A failure that nobody asks about any more is no warning of the event loop."""
    if not task.cancelled():
        task.exception()


SEARCHES: Final = web.AppKey("SEARCHES", Searches)


def keep_searches(app: web.Application) -> None:
    """Give an application its searches, which end with it."""
    app[SEARCHES] = searches = Searches()

    async def close(_: web.Application) -> None:
        await searches.close()

    app.on_cleanup.append(close)
