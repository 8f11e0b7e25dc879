"""What the handlers of the web role share: the engine, what the hub is called, and where its pages are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from aiohttp import web

from hub.engine import Engine
from hub.store.instants import micros
from hub.store.publishing import Place

#: What the hub is called while `hub.name` is empty.
NAMELESS = "Cổng tổng hợp thông tin"
#: The parts of the public list, by the word that stands in addresses.
PARTS = ("kind", "member", "tag")
#: Answers with the texts of many items that are made at once: each is a few megabytes, several times over meanwhile.
TEXTS_AT_ONCE: Final = 4
#: Seconds that one waits for its turn.
TURN: Final = 15.0


@dataclass(slots=True, kw_only=True)
class Site:
    """One hub as it is seen from outside."""

    engine: Engine
    name: str  #: of the province
    base: str  #: public address without a slash at the end; set again once a free port is known
    coverage: bool = False  #: everybody may see who publishes what it owes, under /coverage
    started: datetime = field(init=False)  #: names and wordings on our pages change with a restart, never before
    _texts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TEXTS_AT_ONCE), repr=False)

    def __post_init__(self) -> None:
        self.name = self.name or NAMELESS
        self.started = self.engine.store.now()

    @asynccontextmanager
    async def texts(self) -> AsyncIterator[None]:
        """Our turn to make an answer with many texts. TimeoutError when too many others do."""
        async with asyncio.timeout(TURN):
            await self._texts.acquire()
        try:
            yield
        finally:
            self._texts.release()

    @property
    def root(self) -> str:
        """What pages put before a path to stay on the site where they are read, behind a proxy's folder too."""
        return urlsplit(self.base).path

    @property
    def encrypted(self) -> bool:
        """Whether the outside reaches the hub by https."""
        return self.base.startswith("https://")

    def item(self, content_id: UUID, ending: str = "") -> str:
        """Path of an item's page; of a file of it, where the ending of one is named."""
        return f"/items/{content_id}.{ending}" if ending else f"/items/{content_id}"

    def feed(self, part: str, name: str, ending: str) -> str:
        """Path of the feed of a part of the list; `all` has no name."""
        # A slash in a tag stays one: proxies that decode %2F would otherwise change the address.
        return f"/feeds/{part}/{quote(name)}.{ending}" if name else f"/feeds/{part}.{ending}"

    def list(self, part: str, name: str, before: str = "") -> str:
        """Path of the page for people of a part of the list."""
        query = ({part: name} if name else {}) | ({"before": before} if before else {})
        return f"/?{urlencode(query, quote_via=quote)}" if query else "/"


def place_word(place: Place) -> str:
    """The `before` of a link to the next page; `lists.place_of` reads it."""
    return f"{micros(place.began)}-{micros(place.place)}-{place.content_id}"


SITE = web.AppKey("site", Site)
