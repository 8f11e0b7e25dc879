"""Everything of the hub that asks an address which somebody else wrote, as a way that a table can try.

A way is asked as the product asks it: by the connector, the stage's own call or the service that would do it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from pydantic import SecretStr

from connectors.http import Http
from connectors.parse.url import web_url
from connectors.registry import known
from hub.access.single_sign_on import Provider, SingleSignOn
from hub.discover import discover
from hub.settings import Settings
from schemas.base import Attachment
from tests.clock import Clock
from tests.contract.receivers import PLACES
from tests.contract.subjects import Subject
from tests.fakes.site import Site
from tests.province import NearReader

Ask = Callable[[Http, str], Awaitable[object]]
#: Sources that ask nobody: what is pushed, and what lies in a folder.
_WITHOUT_ADDRESS: Final = frozenset({"inbox", "folder"})
#: Destinations that hand addresses of an item on, and never ask them.
_HAND_ON: Final = frozenset({
    "portal", "portal-unfenced", "webhook", "zalo", "procedures", "documents", "facebook", "facebook-without-drafts",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way in; `asks` says whether an address that may be asked is asked by it."""

    name: str
    ask: Ask
    asks: bool = True


def ways(site: Site, settings: Settings, stack: AsyncExitStack) -> list[Way]:
    """All of them; `site` is a member site in the attacker's hands, `stack` closes what they open."""
    return [
        *(Way(f"source {name}", _source(name)) for name in sorted(known().sources) if name not in _WITHOUT_ADDRESS),
        Way("page of an item, and its files", lambda http, url: http.page(url)),
        Way("robots.txt", lambda http, url: http.robots(url)),
        Way("service asked by POST", lambda http, url: http.post(url, b"{}")),
        Way("picture, file of a message", lambda http, url: http.get(url, accept="image/*")),
        Way("WebSub hub", _websub),
        Way("OpenID discovery", _openid),
        Way("search for feeds, by the address", _search(settings)),
        *_redirects(site),
        *_named_by_content(site, settings),
        *_destinations(stack),
    ]


def _source(name: str) -> Ask:
    """One poll of a source whose address this is."""
    subject = Subject.of(name)
    case = subject.cases[0] if subject.cases else None
    said = (case.expected if case else subject.sites[0].said) | {}
    config = {key: value for key, value in said.get("config", {}).items() if not str(value).startswith("{site}")}

    async def ask(http: Http, url: str) -> object:
        if not (checked := web_url(url)):
            return None  # the settings refuse it
        source = subject.make(checked, said.get("kind", "news"), config)
        return await source.fetch(http, {})

    return ask


async def _websub(http: Http, url: str) -> object:
    # As stages/subscribe.py asks.
    return await http.send("POST", url, body=b"hub.mode=subscribe", timeout=2, repeatable=True, any_port=False)


async def _openid(http: Http, url: str) -> object:
    provider = Provider(issuer=url, client_id="hub", client_secret=SecretStr("x"))
    return await SingleSignOn(provider, http, Clock().now).begin("https://tin.tinhmau.gov.vn/console/oidc")


def _search(settings: Settings) -> Ask:
    return lambda http, url: discover(settings, url, http, reader=NearReader())


# ------------------------------------------------------------------------------------------------ by a member's site


def _redirects(site: Site) -> Iterator[Way]:
    """A member site that sends us on: the first address is let through, the next one is the form."""

    def by(status: int, ask: Callable[[Http], Callable[[str], Awaitable[object]]]) -> Ask:
        async def follow(http: Http, url: str) -> object:
            if any(each in url for each in "\r\n"):
                return None  # no server can send it as a header
            start = site.serve("/di", b"", status=status, to=url)
            return await ask(http.scoped(allow=site.doors))(start)

        return follow

    for status in (301, 302, 303, 307, 308):
        yield Way(f"redirect {status} of a feed", by(status, lambda http: http.get))
    yield Way("redirect of a page", by(302, lambda http: http.page))
    yield Way("redirect of robots.txt", _robots_elsewhere(site))


def _robots_elsewhere(site: Site) -> Ask:
    async def ask(http: Http, url: str) -> object:
        if any(each in url for each in "\r\n"):
            return None
        async with Site() as fresh:  # the robots.txt of a site is remembered for a day
            fresh.serve("/robots.txt", b"", status=302, to=url)
            return await http.scoped(allow=fresh.doors).page(fresh.serve("/x", b"x"))

    return ask


def _named_by_content(site: Site, settings: Settings) -> Iterator[Way]:
    """Addresses that a body names, of what the hub goes on to by itself."""
    found = _search(settings)

    async def alternate(http: Http, url: str) -> object:
        head = f'<link rel="alternate" type="application/rss+xml" href="{url}">'
        page = f'<!doctype html><html><head>{head}</head><body><p>Tin <a href="{url}">RSS</a></p>'
        start = site.serve("/trang", page.encode(), content_type="text/html")
        return await found(http.scoped(allow=site.doors), start)

    async def child(http: Http, url: str) -> object:
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        body = f'<sitemapindex xmlns="{space}"><sitemap><loc>{url}</loc></sitemap></sitemapindex>'
        source = Subject.of("sitemap").make(site.serve("/so-do.xml", body.encode(), content_type="text/xml"))
        return await _polled_twice(source, http.scoped(allow=site.doors))

    async def following(http: Http, url: str) -> object:
        page = f'<ul><li class="t"><a href="/1">Tin một</a></li></ul><a class="n" href="{url}">sau</a>'
        start = site.serve("/muc", page.encode(), content_type="text/html")
        config = {"items": "li.t", "title": "a", "link": "a", "next": "a.n", "pages": 3}
        return await _polled_twice(Subject.of("listing").make(start, "news", config), http.scoped(allow=site.doors))

    # These go on at the host of the source only.
    yield Way("search for feeds, named by the page", alternate, asks=False)
    yield Way("sitemap named by an index", child, asks=False)
    yield Way("next page of a list", following, asks=False)


async def _polled_twice(source: Any, http: Http) -> object:
    answer = await source.fetch(http, {})
    return await source.fetch(http, answer.cursor)


# ----------------------------------------------------------------------------------------------------- destinations


def _destinations(stack: AsyncExitStack) -> Iterator[Way]:
    """Every destination whose own address, or whose item's picture, link and file, is the form."""
    for name in dict.fromkeys(name for places in PLACES.values() for name in places):
        make = next(places[name] for places in PLACES.values() if name in places)
        yield Way(f"destination {name}", _destination(make, _at, stack))
        yield Way(f"destination {name}, picture and file", _destination(make, None, stack), name not in _HAND_ON)
        if name == "facebook":
            yield Way(f"destination {name} with photos", _destination(make, _with_photos, stack))


def _at(config: Any, url: str) -> Any:
    """The settings with another address, which no check of the settings has seen."""
    named = {key: url for key in ("url", "base_url", "api", "api_url") if hasattr(config, key)}
    if hasattr(config, "axis") and config.axis is not None:
        named["axis"] = config.axis.model_copy(update={"url": url})
    return config.model_copy(update=named)


def _with_photos(config: Any, url: str) -> Any:
    return config.model_copy(update={"photos": 2})


def _destination(make: Any, at: Callable[[Any, str], Any] | None, stack: AsyncExitStack) -> Ask:
    kept: dict[str, Any] = {}

    async def ask(http: Http, url: str) -> object:
        if not kept:
            kept["place"] = await make(Clock())
            stack.push_async_callback(kept["place"].server.close)
        place = kept["place"]
        connector = place.connector
        if at is not None:
            connector = type(connector)(place.name, at(place.config, url))
            if hasattr(place.connector, "memory"):
                connector.memory = place.connector.memory
        item = place.edition(1).model_copy(update={
            "image": url, "url": url, "content_id": uuid4(), "content_html": f'<p>x</p><img src="{url}">',
            "attachments": _files(url),
        })  # fmt: skip
        payload = connector.present(item)
        return await connector.send(http, payload, key=f"{item.content_id}:1:x", remote_id="")

    return ask


def _files(url: str) -> Sequence[Attachment]:
    """The form as a file's address, where any reader of ours would have let it in."""
    checked = web_url(url)
    return (Attachment(url=checked, title="Kế hoạch.pdf", type="application/pdf"),) if checked else ()
