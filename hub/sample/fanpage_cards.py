"""Cards of links: what the page behind a link says of itself in its og: tags, read as a social network reads them."""

import asyncio
from collections.abc import Iterable
from html.parser import HTMLParser
from types import TracebackType
from typing import Final, Self

import aiohttp

from hub.sample.fanpage_shelf import Card

#: Bytes of a page that are read; its head is at the beginning.
PAGE_LIMIT: Final = 64 * 1024
#: Longest wait for a page, in seconds.
PATIENCE: Final = 2.0


class Cards:
    """Reads the pages of one site; an address elsewhere gives no card, so that nobody can make the page ask around."""

    def __init__(self, site: str) -> None:
        """`site` is how the addresses begin that are read: `http://127.0.0.1:9100/`."""
        self._site = site
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def read(self, links: Iterable[str]) -> dict[str, Card]:
        """The cards of these links; one whose page is not there (yet) is left out."""
        ours = [link for link in dict.fromkeys(links) if link.startswith(self._site)]
        cards = await asyncio.gather(*(self._card(link) for link in ours))
        return {link: card for link, card in zip(ours, cards, strict=True) if card is not None}

    async def _card(self, link: str) -> Card | None:
        try:
            async with self._session.get(link, allow_redirects=False) as answer:
                if answer.status != 200:
                    return None
                page = bytearray()
                async for part in answer.content.iter_any():
                    page += part
                    if len(page) >= PAGE_LIMIT:
                        break
        except (aiohttp.ClientError, TimeoutError):
            return None
        return card_of(page.decode("utf-8", "replace"))


def card_of(page: str) -> Card | None:
    """What a page says of itself; None when it has no title for others."""
    reader = _Reader()
    reader.feed(page)
    said = reader.said
    if not said.get("og:title"):
        return None
    image = said.get("og:image", "")
    return Card(
        title=said["og:title"], summary=said.get("og:description", ""), site=said.get("og:site_name", ""),
        image=image if image.startswith(("http://", "https://")) else "",
    )  # fmt: skip


class _Reader(HTMLParser):
    """Collects the first of each og: tag."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("property") or ""
        if tag == "meta" and name.startswith("og:"):
            self.said.setdefault(name, (values.get("content") or "").strip())
