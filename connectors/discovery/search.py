"""Asks a site how it can be read: one address after the other, a dozen at most, and only what its robots.txt allows.

home page ─▶ feeds it names ─▶ its page of feeds ─▶ its news page (feeds, list) ─▶ the product's feeds and interface
          ─▶ while no whole texts were found: sitemaps, addresses where any site may have a feed
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import urljoin

from connectors.base import Capture
from connectors.discovery.clues import Clues, Pointer, read_clues
from connectors.discovery.lists import ListProposal, propose_lists
from connectors.discovery.products import ANY_FEEDS, ANY_SITEMAPS, Product
from connectors.discovery.proposal import Candidate, Findings, Proposal, Reason, Sample, Step, Worth
from connectors.discovery.ranking import judge, kind_of, ranked
from connectors.discovery.sniff import Body, name_of, what_is
from connectors.errors import HubError, RejectedError, ThrottledError
from connectors.outcomes import CameBack
from connectors.parse.pages.blockpage import refuse_block_page
from schemas.item import Kind

#: Requests of one search, robots.txt not counted, and its seconds.
REQUESTS: Final = 12
SECONDS: Final = 120.0
#: Feeds that one page names, of which this many are tried.
FEEDS_TRIED: Final = 4
NEWS_PAGES_TRIED: Final = 2
#: Addresses that may fail otherwise than by not being there, before a site is left in peace.
FAILURES: Final = 3
#: What says at once that no machine is welcome.
_UNWELCOME: Final = frozenset({"block_page", "captcha_page"})
#: Pages that say that the site does not work.
_DOWN: Final = frozenset({"error_page", "maintenance_page"})

_NAMED: Final = Reason("trang chủ khai báo nguồn này (link rel=alternate)", "named by the home page (rel=alternate)")
_LINKED: Final = Reason("trang chủ có đường dẫn tới nguồn này", "linked from the home page")
_LISTED: Final = Reason("có trong trang danh mục RSS", "on the page that lists the feeds")
_ON_NEWS: Final = Reason("trang tin tức khai báo nguồn này", "named by the page of news")
_CUSTOMARY: Final = Reason("địa chỉ thường gặp", "an address that is customary")
_IN_ROBOTS: Final = Reason("robots.txt khai báo sơ đồ trang này", "named in robots.txt")
_GIVEN: Final = Reason("chính địa chỉ đã cho", "the very address that was given")
_ENOUGH: Final = Reason("dừng lại: đã hỏi đủ số lần cho phép", "stopped: as many requests as are allowed")
_TOO_LONG: Final = Reason("dừng lại: trang trả lời quá chậm", "stopped: the site answers too slowly")
_REFUSED: Final = Reason("dừng lại: trang không để hệ thống đọc", "stopped: the site does not let the hub read")
_ABSENT: Final = Reason("không có (404)", "not there (404)")
_PAGE: Final = Reason("trang web", "a web page")
_OTHER: Final = Reason("không phải nguồn tin", "nothing that can be read as a source")


class Site(Protocol):
    """How a site is asked; each call raises HubError as a poll would."""

    async def page(self, url: str) -> Capture:
        """One request, if robots.txt allows it."""

    async def sitemaps(self) -> Sequence[str]:
        """Addresses that robots.txt names."""

    async def sample(self, candidate: Candidate, capture: Capture | None) -> Sample:
        """What the candidate's connector makes of `capture`, or of what it fetches itself."""

    def now(self) -> datetime:
        """The time."""


class _StopError(Exception):
    """No further request may be made."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.en)
        self.why = why


async def search(home: str, site: Site, *, timezone: str, known: Callable[[str], bool]) -> Findings:
    """Find out how the site at `home` can be read; `known` tells whether a connector is installed.

    Raises what the home page raised: without it nothing can be said.
    """
    one = _Search(site, timezone, known)
    capture = await one.ask(home)
    await _refuse_block_page(capture)
    try:
        async with asyncio.timeout(SECONDS):
            await one.run(capture)
    except TimeoutError:
        one.steps.append(Step(capture.url, _TOO_LONG))
    except _StopError as stop:
        one.steps.append(Step(capture.url, stop.why))
    return Findings(
        home=capture.url,
        title=one.clues.title,
        product=one.clues.product.name if one.clues.product else "",
        steps=tuple(one.steps),
        proposals=tuple(ranked(one.proposals)),
    )


class _Search:
    """One search: what was asked, what was found."""

    def __init__(self, site: Site, timezone: str, known: Callable[[str], bool]) -> None:
        self.site = site
        self.timezone = timezone
        self.known = known
        self.steps: list[Step] = []
        self.proposals: list[Proposal] = []
        self.clues = Clues()
        self.base = ""
        self._asked: set[str] = set()
        self._requests = 0
        self._failures = 0

    async def run(self, home: Capture) -> None:
        """Everything after the home page, in the order of this module's docstring."""
        self.base = home.url
        if what_is(home.body) is not Body.PAGE:
            await self._take(home, Pointer(home.url, ""), _GIVEN)
            return
        self.clues = await self._clues(home) or Clues()
        await self._feeds(self.clues.alternates, _NAMED)
        await self._feeds(self.clues.feed_links, _LINKED)
        await self._news(home)
        if (product := self.clues.product) is not None:
            if not self._has(Worth.FULL_FEED):
                await self._feeds(self._customary(product), _CUSTOMARY)
            await self._interface(product)
        await self._sitemaps()
        if not self._has(Worth.INTERFACE):
            await self._feeds(self._at(ANY_FEEDS), _CUSTOMARY)
        if not self.proposals:
            await self._sources(self._at(ANY_SITEMAPS), _CUSTOMARY)

    async def ask(self, url: str) -> Capture:
        """One request of those that are allowed."""
        self._spend(url)
        return await self.site.page(url)

    def _spend(self, url: str) -> None:
        if self._requests >= REQUESTS:
            raise _StopError(_ENOUGH)
        self._requests += 1
        self._asked.add(url)

    # ------------------------------------------------------------------------------------------------- feeds

    async def _feeds(self, pointers: Iterable[Pointer], found: Reason) -> None:
        """Try addresses of feeds, news first; a page among them may be the one that lists them all."""
        wanted = [pointer for pointer in pointers if pointer.url not in self._asked]
        wanted.sort(key=lambda pointer: kind_of(pointer.text, pointer.url) is not Kind.NEWS)
        for pointer in wanted[:FEEDS_TRIED]:
            capture = await self._try(pointer.url)
            if capture is None:
                continue
            if what_is(capture.body) is Body.PAGE:
                self.steps.append(Step(pointer.url, _PAGE))
                if found is not _LISTED and (listed := await self._clues(capture)):
                    await self._feeds((*listed.alternates, *listed.feed_links), _LISTED)
            else:
                await self._take(capture, pointer, found)

    async def _sources(self, pointers: Iterable[Pointer], found: Reason) -> None:
        for pointer in pointers:
            if pointer.url not in self._asked and (capture := await self._try(pointer.url)) is not None:
                await self._take(capture, pointer, found)

    async def _take(self, capture: Capture, pointer: Pointer, found: Reason) -> None:
        """Judge a body that is a feed or a sitemap."""
        what = what_is(capture.body)
        connector = {Body.FEED: "feed", Body.SITEMAP: "sitemap", Body.SITEMAP_INDEX: "sitemap"}.get(what, "")
        if not connector or not self.known(connector):
            self.steps.append(Step(pointer.url, _OTHER))
            return
        title = pointer.text or name_of(capture.body, capture.content_type)
        candidate = Candidate(connector=connector, url=capture.url, title=title, found=found)
        await self._judge(candidate, None if what is Body.SITEMAP_INDEX else capture)

    def _customary(self, product: Product) -> list[Pointer]:
        paths: list[str] = []
        for path in product.feeds:
            if "{instance}" in path:
                paths += [path.format(instance=instance) for instance in self.clues.instances]
            else:
                paths.append(path)
        return self._at(paths)

    def _at(self, paths: Iterable[str]) -> list[Pointer]:
        folder = self.base.partition("?")[0].rpartition("/")[0] + "/"
        return [Pointer(urljoin(folder, path), "") for path in paths]

    # ------------------------------------------------------------------------------------ interfaces, sitemaps

    async def _interface(self, product: Product) -> None:
        """Ask the product's own interface through its connector."""
        keys: Mapping[str, Any] = {"site": "guest"} if product.connector == "liferay" else {}
        if product.connector in ("", "sharepoint") or not self.known(product.connector):
            return  # a list of SharePoint has a name that no page tells
        url = self.base.partition("?")[0].rpartition("/")[0] + "/"
        found = Reason(f"trang dùng {product.name}", f"the site is made with {product.name}")
        self._spend(f"{url} ({product.connector})")
        await self._judge(Candidate(connector=product.connector, url=url, keys=keys, found=found), None)

    async def _sitemaps(self) -> None:
        if self._has(Worth.INTERFACE) or not self.known("sitemap"):
            return
        try:
            named = await self.site.sitemaps()
        except HubError as error:
            self._failed(f"{self.base} (robots.txt)", error)
            return
        newest_first = sorted(named, key=lambda url: "news" not in url and "tin" not in url)
        await self._sources([Pointer(url, "") for url in newest_first[:2]], _IN_ROBOTS)

    # ------------------------------------------------------------------------------------------- news and lists

    async def _news(self, home: Capture) -> None:
        """Follow the menu to the news: feeds that are named there, and the list itself; else the home page's list."""
        heading = self.clues.heading  # the address of the list itself was given
        proposed = bool(heading) and await self._listing(home, heading, _GIVEN)
        for pointer in self.clues.news_pages[:NEWS_PAGES_TRIED]:
            # A second list is worth a request where no feed tells of its kind.
            if proposed and (self._has(Worth.FULL_FEED) or kind_of(pointer.text) is Kind.NEWS):
                continue
            capture = await self._try(pointer.url)
            if capture is None:
                continue
            self.steps.append(Step(pointer.url, _PAGE))
            clues = await self._clues(capture)
            if clues is not None and not self._has(Worth.INTERFACE):
                await self._feeds((*clues.alternates, *clues.feed_links), _ON_NEWS)
            found = Reason(f"mục «{pointer.text}» của trang", f"the page “{pointer.text}” of the site")
            proposed = await self._listing(capture, pointer.text, found) or proposed
        if not proposed and not self.proposals:
            await self._listing(home, "", Reason("danh sách tin ngay trên trang chủ", "the list on the home page"))

    async def _listing(self, capture: Capture, title: str, found: Reason) -> bool:
        """Propose the list of a page, if it has one."""
        if not self.known("listing"):
            return False
        best = next(iter(await self._lists(capture)), None)
        if best is None:
            return False
        before = len(self.proposals)
        await self._judge(
            Candidate(connector="listing", url=capture.url, keys=best.keys, title=title, found=found), capture
        )
        return len(self.proposals) > before

    # ------------------------------------------------------------------------------------------------ one address

    async def _try(self, url: str) -> Capture | None:
        """A page or feed, or None with a step that says why not."""
        try:
            capture = await self.ask(url)
            await _refuse_block_page(capture)
        except HubError as error:
            self._failed(url, error)
            return None
        return capture

    def _failed(self, url: str, error: HubError) -> None:
        """Note what came instead; a site that refuses or is down is asked no further."""
        if error.code == CameBack.NOT_FOUND:
            self.steps.append(Step(url, _ABSENT))
            return
        # What to do about it later does not matter here: the first sentence says what happened.
        self.steps.append(Step(url, Reason(error.sentence.partition(". ")[0].rstrip(".") or str(error), str(error))))
        self._failures += not isinstance(error, RejectedError) or error.code in _DOWN
        if isinstance(error, ThrottledError) or error.code in _UNWELCOME or self._failures >= FAILURES:
            raise _StopError(_REFUSED)

    async def _judge(self, candidate: Candidate, capture: Capture | None) -> None:
        """Read a candidate through its connector, and propose it unless that fails."""
        try:
            sample = await self.site.sample(candidate, capture)
        except HubError as error:
            self._failed(candidate.url, error)
            return
        count = len(sample.items)
        what = f"{candidate.connector} ({sample.format})"
        self.steps.append(Step(candidate.url, Reason(f"{what}: {count} mục", f"{what}: {count} items")))
        self.proposals.append(judge(candidate, sample, self.site.now()))

    def _has(self, worth: Worth) -> bool:
        """Whether something as good as this was found."""
        return any(proposal.worth <= worth for proposal in self.proposals)

    # Parsing a large page takes a moment in which nothing else would run.

    async def _clues(self, capture: Capture) -> Clues | None:
        return await asyncio.to_thread(read_clues, capture.body, url=capture.url, content_type=capture.content_type)

    async def _lists(self, capture: Capture) -> list[ListProposal]:
        return await asyncio.to_thread(
            propose_lists,
            capture.body,
            url=capture.url,
            content_type=capture.content_type,
            now=self.site.now(),
            timezone=self.timezone,
        )


async def _refuse_block_page(capture: Capture) -> None:
    """Raise RejectedError for a firewall, a login or a parked domain in place of a page."""
    if what_is(capture.body) is Body.PAGE:
        await asyncio.to_thread(refuse_block_page, capture.body, capture.url, capture.content_type)
