"""The member sites as real HTTP servers: one loopback address each, so that manners per host are kept as outside.

/robots.txt               what may be read, and where the sitemap is
/SLUG/                    home page as the portal product draws it
/SLUG + manner's paths    feeds, list pages, interfaces
/SLUG + article's path    a page a person can read; 410 once the story is withdrawn
/SLUG/thu-tuc-hanh-chinh  its procedures, beside what machines read of them (announcing.py)
/SLUG/anh/ID.png  /SLUG/tep/ID.pdf  /SLUG/tep/ID.docx
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from hub.sample import announcing
from hub.sample.connections import connected_otherwise
from hub.sample.files import DOCX, docx, pdf, picture
from hub.sample.manners import FeedWriter, Shelf, Written, feed_writer, manner
from hub.sample.pages import PAGE_SIZE, TEMPLATES, Pages, pages_of
from hub.sample.province import Feed, SampleMember
from hub.sample.register import Register
from hub.sample.story import Site
from hub.sample.world import Gone, Window, World

#: the number of a story in an address
_NUMBER = re.compile(r"\d{6,}")
PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"}


class Sites:
    """All member sites of a world, each on an address of its own and all on one port."""

    def __init__(
        self, world: World, *, register: Register | None = None, one_stop: Callable[[SampleMember], str] = lambda _: "",
        port: int = 0,
    ) -> None:  # fmt: skip
        """`one_stop` says where the one-stop system lists what a member announces through it."""
        self._world = world
        self._register = register
        self._one_stop = one_stop
        self._port = port
        self._runners: list[web.AppRunner] = []
        self._sites: dict[str, Site] = {}
        self._hosts: dict[str, str] = {}
        self._failures = 0

    async def __aenter__(self) -> Self:
        for number, member in enumerate(self._world.province.members, 1):
            await self._open(member, f"127.0.1.{number}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for runner in self._runners:
            await runner.cleanup()

    async def _open(self, member: SampleMember, host: str) -> None:
        """Listen for one member; where the system has only one loopback address, all share it."""

        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, member)

        app = web.Application()
        app.router.add_get("/{rest:.*}", answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, self._port).start()
        except OSError:
            host = "127.0.0.1"
            await web.TCPSite(runner, host, 0).start()
        port = runner.addresses[0][1]
        self._port = self._port or port
        self._runners.append(runner)
        self._hosts[member.slug] = f"{host}:{port}"
        self._sites[member.slug] = Site(member=member, root=f"http://{host}:{port}")

    @property
    def addresses(self) -> Mapping[str, str]:
        """Home page of each member by its slug."""
        return {slug: f"{site.base}/" for slug, site in self._sites.items()}

    @property
    def doors(self) -> list[str]:
        """`host:port` of every site, for the hub's list of permitted private addresses."""
        return sorted(set(self._hosts.values()))

    def base(self, member: SampleMember) -> str:
        """Address of the member's home page without its last slash."""
        return self._sites[member.slug].base

    async def _answer(self, request: web.Request, member: SampleMember) -> web.StreamResponse:
        site = self._sites[member.slug]
        if request.path == "/robots.txt":
            return web.Response(text=_robots(site), content_type="text/plain")
        if request.path == "/":
            raise web.HTTPFound(f"/{member.slug}/")
        path = request.path_qs.removeprefix(f"/{member.slug}")
        if self._register is not None and member.announces not in ("", "share"):
            announced = _announced(self._register, site, path.partition("?")[0])
            if announced is not None:
                return announced
        feeds = [feed for feed in self._world.province.feeds if feed.member is member]
        writer = feed_writer(member.manner)
        wanted = next((feed for feed in feeds if writer and writer.path(feed) == path), None)
        if member.sick and path not in ("", "/"):
            return self._sick(member)
        if writer and wanted is not None:
            return self._feed(request, site, writer, wanted)
        return self._page(request, site, feeds, path)

    def _sick(self, member: SampleMember) -> web.Response:
        """Two ways of being ill: a server that fails, and a guard that takes the hub for a robot."""
        if member.sick == "guarded":
            return web.Response(
                text=TEMPLATES.get_template("guarded.html").render(member=member), content_type="text/html"
            )
        self._failures += 1
        page = TEMPLATES.get_template("failing.html").render(member=member)
        return web.Response(status=500 if self._failures % 2 else 200, text=page, content_type="text/html")

    def _feed(self, request: web.Request, site: Site, writer: FeedWriter, feed: Feed) -> web.Response:
        window = self._world.window(feed)
        answer = _served(request, writer.write(site, window), window.changed)
        if answer.status == 200 and not connected_otherwise(site.member.manner):
            self._note(site, window)
        return answer

    def _page(self, request: web.Request, site: Site, feeds: list[Feed], path: str) -> web.Response:
        """What is neither feed nor sick: the pages, and what else the product answers."""
        way = manner(site.member.manner)
        shelf = self._shelf(site, feeds)
        pages = Pages(shelf, self._world.now, procedures=self._procedures(site.member))
        if path in ("", "/"):
            return _html(site, pages.home())
        if path == way.PRODUCT.feeds_page:
            return _html(site, pages.feeds())
        bare = path.partition("?")[0]
        if (other := way.PRODUCT.others.get(bare)) is not None:
            written = other(shelf, request.query)
            if connected_otherwise(site.member.manner):
                for window in shelf.headings:
                    told = tuple(story for story in written.shown if story.feed is window.feed)
                    self._note(site, replace(window, stories=told))
            return _served(request, written, max(window.changed for window in shelf.headings))
        for window in shelf.headings:
            for page in range(1, pages_of(window.stories) + 1):
                if path == way.listing(window.feed, page):
                    if connected_otherwise(site.member.manner):
                        shown = window.stories[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
                        self._note(site, replace(window, stories=shown))
                    return _html(site, pages.listing(window.feed, page))
        return self._story(site, pages, bare, path)

    def _procedures(self, member: SampleMember) -> str:
        """Where people find the procedures of a member."""
        if self._register is None or not member.announces:
            return ""
        return self._one_stop(member) if member.announces == "share" else f"/{member.slug}{announcing.PAGES}"

    def _note(self, site: Site, window: Window) -> None:
        """Enter what was shown in the world's ledger."""
        way = manner(site.member.manner)
        self._world.note_served(window, lambda story: way.identity(site, story))

    def _shelf(self, site: Site, feeds: list[Feed]) -> Shelf:
        """All that a site shows; a sick one shows nothing."""
        windows = [self._world.window(feed) for feed in feeds]
        if site.member.sick:
            return Shelf(site=site, headings=tuple(replace(window, stories=()) for window in windows))
        return Shelf(
            site=site,
            headings=tuple(replace(w, stories=self._world.archive(w.feed)) for w in windows),
        )

    def _story(self, site: Site, pages: Pages, bare: str, path: str) -> web.Response:
        """An article, its picture or its file, by the number in the address."""
        found = [self._world.find(int(number)) for number in reversed(_NUMBER.findall(path))]
        what = next((each for each in found if each is not None), None)
        story = what.story if isinstance(what, Gone) else what
        if story is None or story.feed.member is not site.member:
            return web.Response(status=404, text="Không có trang này.")
        if isinstance(what, Gone):
            return web.Response(status=410, text="Bài viết đã được gỡ.")
        if bare.endswith(".png"):
            return web.Response(body=picture(str(story.id)), content_type="image/png")
        if bare.endswith(".pdf"):
            return web.Response(body=pdf(story.draft.file, story.draft.paragraphs), content_type="application/pdf")
        if bare.endswith(".docx"):
            return web.Response(body=docx(story.draft.file, story.draft.paragraphs), content_type=DOCX)
        return _html(site, pages.article(story))


def _announced(register: Register, site: Site, path: str) -> web.Response | None:
    """What a member shows of its procedures; None for other addresses."""
    member, base = site.member, f"/{site.member.slug}"
    if path == announcing.JSON and member.announces == "json":
        return web.Response(body=announcing.as_json(register, member, site.base), content_type="application/json")
    if path == announcing.TABLE and member.announces == "table":
        return web.Response(body=announcing.as_table(register, member, site.base), content_type="text/csv")
    if path == announcing.PAGES:
        return _html(site, announcing.list_page(register.announced(member), office=member.office, base=base))
    if not path.startswith(f"{announcing.PAGES}/"):
        return None
    entry, in_force = announcing.found(register, path) or (None, False)
    if entry is None or entry.member.slug != member.slug:
        return web.Response(status=404, text="Không có trang này.")
    if not in_force:
        return web.Response(status=410, text="Thủ tục hành chính này đã bị bãi bỏ.")
    return _html(site, announcing.entry_page(entry, office=member.office, base=base))


def _html(site: Site, text: str) -> web.Response:
    headers = {**PAGE_HEADERS, **manner(site.member.manner).PRODUCT.headers}
    return web.Response(text=text, content_type="text/html", headers=headers)


def _served(request: web.Request, written: Written, changed: datetime) -> web.Response:
    """What a product wrote, as it serves it: 304 and gzip where it knows them."""
    headers = {**_validators(written, changed), **written.headers}
    if headers.get("ETag") and request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    body = written.body
    if written.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return web.Response(body=body, headers={**headers, "Content-Type": written.content_type})


def _robots(site: Site) -> str:
    """What a robot may read: all but the offices' own pages."""
    base, product = f"/{site.member.slug}", manner(site.member.manner).PRODUCT
    lines = ["User-agent: *", f"Disallow: {base}/quan-tri/", f"Disallow: {base}/tim-kiem"]
    if product.sitemap:
        lines += ["", f"Sitemap: {site.base}{product.sitemap}"]
    return "\n".join([*lines, ""])


def _validators(written: Written, changed: datetime) -> dict[str, str]:
    if not written.validators:
        return {}
    return {
        "ETag": f'"{hashlib.sha256(written.body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(changed),
    }
