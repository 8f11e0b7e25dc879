"""The member sites as real HTTP servers: one loopback address each, so that manners per host are kept as outside.

/SLUG/                    home page, with link rel=alternate to its feeds
/SLUG + manner's path     the feeds
/SLUG + article's path    a page a person can read; 410 once the story is withdrawn
/SLUG/anh/ID.png  /SLUG/tep/ID.pdf
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.sample.files import pdf, picture
from hub.sample.manners import Written, manner
from hub.sample.province import Feed, SampleMember
from hub.sample.story import Site, Story, text_html
from hub.sample.world import Gone, Window, World

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
#: the number of a story in an address
_NUMBER = re.compile(r"\d{6,}")
PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"}


class Sites:
    """All member sites of a world, each on an address of its own and all on one port."""

    def __init__(self, world: World, *, port: int = 0) -> None:
        self._world = world
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
        app = web.Application()
        app.router.add_get("/{rest:.*}", lambda request: self._answer(request, member))
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

    def url(self, feed: Feed) -> str:
        """Address of a feed."""
        return self._sites[feed.member.slug].base + manner(feed.member.manner).path(feed)

    async def _answer(self, request: web.Request, member: SampleMember) -> web.StreamResponse:
        site = self._sites[member.slug]
        path = request.path_qs.removeprefix(f"/{member.slug}")
        feeds = [feed for feed in self._world.province.feeds if feed.member is member]
        wanted = next((feed for feed in feeds if manner(member.manner).path(feed) == path), None)
        if wanted is not None:
            return self._sick(member) if member.sick else self._feed(request, site, wanted)
        if path in ("", "/"):
            return self._home(site, feeds)
        return self._page(site, path)

    def _sick(self, member: SampleMember) -> web.Response:
        """Two ways of being ill: a server that fails, and a guard that takes the hub for a robot."""
        if member.sick == "guarded":
            return web.Response(
                text=_TEMPLATES.get_template("guarded.html").render(member=member), content_type="text/html"
            )
        self._failures += 1
        page = _TEMPLATES.get_template("failing.html").render(member=member)
        return web.Response(status=500 if self._failures % 2 else 200, text=page, content_type="text/html")

    def _feed(self, request: web.Request, site: Site, feed: Feed) -> web.Response:
        window = self._world.window(feed)
        way = manner(site.member.manner)
        written = way.write(site, window)
        headers = _validators(written, window)
        if headers and request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        self._world.note_served(window, lambda story: way.identity(site, story))
        body = written.body
        if written.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return web.Response(body=body, headers={**headers, "Content-Type": written.content_type})

    def _home(self, site: Site, feeds: list[Feed]) -> web.Response:
        listed = [(feed.title, self.url(feed)) for feed in feeds]
        newest = [] if site.member.sick else [s for feed in feeds for s in self._world.window(feed).stories[:6]]
        way = manner(site.member.manner)
        stories = [(story.draft.title, story.published, way.identity(site, story)[1]) for story in newest]
        page = _TEMPLATES.get_template("site.html").render(member=site.member, feeds=listed, stories=stories)
        return web.Response(text=page, content_type="text/html", headers=PAGE_HEADERS)

    def _page(self, site: Site, path: str) -> web.Response:
        """An article, its picture or its file, by the number in the address."""
        found = [self._world.find(int(number)) for number in reversed(_NUMBER.findall(path))]
        what = next((each for each in found if each is not None), None)
        story = what.story if isinstance(what, Gone) else what
        if story is None or story.feed.member is not site.member:
            return web.Response(status=404, text="Không có trang này.")
        if isinstance(what, Gone):
            return web.Response(status=410, text="Bài viết đã được gỡ.")
        if path.startswith("/anh/"):
            return web.Response(body=picture(str(story.id)), content_type="image/png")
        if path.startswith("/tep/"):
            return web.Response(body=pdf(story.draft.file, story.draft.paragraphs), content_type="application/pdf")
        return self._article(site, story)

    def _article(self, site: Site, story: Story) -> web.Response:
        page = _TEMPLATES.get_template("article.html").render(
            member=site.member, story=story, text=text_html(story, f"/{site.member.slug}")
        )
        return web.Response(text=page, content_type="text/html", headers=PAGE_HEADERS)


def _validators(written: Written, window: Window) -> dict[str, str]:
    if not written.validators:
        return {}
    return {
        "ETag": f'"{hashlib.sha256(written.body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(window.changed),
    }
