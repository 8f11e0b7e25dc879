"""Server-side request forgery: every spelling of an inside address, into everything that asks for an address.

At the inside stands a real listener, on IPv4 and IPv6 loopback, which counts whoever connects. Names lead to it too:
the name service of these tables answers 127.0.0.1 to everything, so that only the gate at the socket is between.
"""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from uuid import UUID

from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from connectors.addresses import Gate, RefusedAddress, literal_address
from connectors.bodies import Limits
from connectors.errors import HubError
from connectors.http import Http
from connectors.parse.url import host_of, web_url
from connectors.registry import known
from hub.access.single_sign_on import Provider, SingleSignOn, SingleSignOnError
from tests.clock import Clock
from tests.contract.receivers import PLACES
from tests.contract.subjects import Subject
from tests.fakes.site import Site
from tests.hostile.addresses import INSIDE_V4, INSIDE_V6, PUBLIC, Form, forms, public
from tests.hostile.counts import Table

Ask = Callable[[Http, str], Awaitable[object]]
QUICK: Final = Limits(total=2.0, idle=1.0)


class Everywhere(AbstractResolver):
    """A name service in the attacker's hands: it leads every name, or each in turn, to these addresses."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self._answers[0]
        self._answers = [*self._answers[1:], answer]
        version = socket.AF_INET6 if ":" in answer else socket.AF_INET
        return [ResolveResult(hostname=host, host=answer, port=port, family=version, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class Listener:
    """Something inside that would be reached: a web server that answers everybody, and counts them."""

    port: int = 0
    reached: int = 0
    servers: list[asyncio.Server] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        with suppress(OSError):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\ninside")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """The listener, on both loopback addresses."""
    found = Listener()
    first = await asyncio.start_server(found.answer, "127.0.0.1", 0)
    found.port = first.sockets[0].getsockname()[1]
    found.servers = [first]
    if socket.has_ipv6:
        with suppress(OSError):  # a machine without IPv6
            found.servers.append(await asyncio.start_server(found.answer, "::1", found.port))
    try:
        yield found
    finally:
        for server in found.servers:
            server.close()
            await server.wait_closed()


def client(resolver: AbstractResolver, port: int, **more: Any) -> Http:
    """The hub's one client; the port of the listener is open to it, so that only the address is a reason to refuse."""
    http = Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", resolver=resolver, limits=QUICK, **more)
    return http.scoped(ports=frozenset({port}))


async def table(seed: int, share: float = 1.0) -> Table:
    """Every form x every way in. With a smaller `share` so many of the forms are drawn for each way."""
    chance = random.Random(seed)
    counts = Table("SSRF, inside addresses", what="reached")
    async with listening() as inside, Site() as site:
        spelled = forms(inside.port)
        async with client(Everywhere("127.0.0.1"), inside.port) as http:
            for name, ask in [*_ways(), *_redirects(site)]:
                drawn = [each for each in spelled if share >= 1 or chance.random() < share]
                await _try(counts, name, ask, drawn, http, inside)
            async with AsyncExitStack() as stack:
                for name, ask in _destinations(stack):
                    drawn = [each for each in spelled if share >= 1 or chance.random() < share]
                    await _try(counts, name, ask, drawn, http, inside)
        await _names(counts, inside)
    return counts


async def _try(counts: Table, name: str, ask: Ask, spelled: list[Form], http: Http, inside: Listener) -> None:
    """Each form by one way; what was reached is told by the listener, not by what the client says."""
    for form in spelled:
        before = inside.reached
        with suppress(HubError, SingleSignOnError):
            async with asyncio.timeout(20):
                await ask(http, form.url)
        counts.count(name, *([f"{form.kind} {form.url!r}"] if inside.reached > before else []))


# --------------------------------------------------------------------------------------------------------- the ways


def _ways() -> list[tuple[str, Ask]]:
    return [
        *((f"source {name}", _source(name)) for name in sorted(known().sources) if name not in _WITHOUT_ADDRESS),
        ("page of an item, and its files", lambda http, url: http.page(url)),
        ("robots.txt", lambda http, url: http.robots(url)),
        ("service asked by POST", lambda http, url: http.post(url, b"{}")),
        ("picture, file of a message", lambda http, url: http.get(url, accept="image/*")),
        ("WebSub hub", _websub),
        ("OpenID discovery", _openid),
    ]


#: Sources that ask nobody: what is pushed, and what lies in a folder.
_WITHOUT_ADDRESS: Final = frozenset({"inbox", "folder"})


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


def _redirects(site: Site) -> list[tuple[str, Ask]]:
    """A member site that sends us on: the first address is let through, the next one is the form."""

    def by(status: int, ask: Callable[[Http], Callable[[str], Awaitable[object]]]) -> Ask:
        async def follow(http: Http, url: str) -> object:
            if any(each in url for each in "\r\n"):
                return None  # no server can send it as a header
            start = site.serve("/di", b"", status=status, to=url)
            return await ask(http.scoped(allow=site.doors))(start)

        return follow

    return [
        *((f"redirect {status} of a feed", by(status, lambda http: http.get)) for status in (301, 302, 303, 307, 308)),
        ("redirect of a page", by(302, lambda http: http.page)),
    ]


def _destinations(stack: AsyncExitStack) -> list[tuple[str, Ask]]:
    """Every destination whose own address, or whose item's picture and link, is the form; `stack` closes them."""
    found = []
    for name in dict.fromkeys(name for places in PLACES.values() for name in places):
        make = next(places[name] for places in PLACES.values() if name in places)
        found += [
            (f"destination {name}", _destination(make, _at, stack)),
            (f"destination {name}, picture", _destination(make, None, stack)),
        ]
    return found


def _at(config: Any, url: str) -> Any:
    """The settings with another address, which no check of the settings has seen."""
    named = {key: url for key in ("url", "base_url", "api", "api_url") if hasattr(config, key)}
    if hasattr(config, "axis") and config.axis is not None:
        named["axis"] = config.axis.model_copy(update={"url": url})
    return config.model_copy(update=named)


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
        item = place.edition(1).model_copy(
            update={"image": url, "url": url, "content_id": UUID(int=random.getrandbits(64))}
        )
        item = item.model_copy(update={"content_html": f'<p>x</p><img src="{url}">'})
        payload = connector.present(item)
        return await connector.send(http, payload, key=f"{item.content_id}:1:x", remote_id="")

    return ask


# -------------------------------------------------------------------------------------------------------- and names


async def _names(counts: Table, inside: Listener) -> None:
    """A name that leads to each inside address, one that turns inside at the second look, one that has both."""
    for address in (*INSIDE_V4, *INSIDE_V6):
        async with client(Everywhere(address), inside.port) as http:
            await _try(
                counts, "name that leads inside", lambda http, url: http.get(url), [_named(inside)], http, inside
            )
    for flips in range(1, 11):
        async with Site() as site:
            answers = [f"127.0.0.{flips + 1}", "127.0.0.1", "::1"]
            async with client(Everywhere(*answers), inside.port, allow_private=site.doors) as http:
                for _ in range(3):
                    await _try(
                        counts, "name that flips", lambda http, url: http.get(url), [_named(inside)], http, inside
                    )


def _named(inside: Listener) -> Form:
    return Form("name", f"http://so.example.vn:{inside.port}/")


def admitted() -> Table:
    """Public addresses, as literals and as what a name leads to: none is refused. Nobody is dialled."""
    counts = Table("Public addresses", what="refused")
    for url in public():
        host = host_of(web_url(url))
        for port in (80, 443):
            counts.count("written out", *([url] if not Gate().admits_host(host, port) else []))
    for text in PUBLIC:
        address = ip_address(text)
        info = (socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443))
        try:
            Gate().open_socket(info).close()
            refused = []
        except RefusedAddress:
            refused = [text]
        counts.count("at the socket, as a name leads there", *refused)
    for url in ("https://sonla.gov.vn/", "http://xn--vit-nam-jwa.vn/", "https://việt-nam.vn/tin?x=http://127.0.0.1/",
                "http://so.example.vn:8080/"):  # fmt: skip
        named = web_url(url)
        port = 8080 if ":8080" in url else 443
        fine = bool(named) and literal_address(host_of(named)) is None
        fine = fine and Gate(ports=frozenset({443, 8080})).admits_host(host_of(named), port)
        counts.count("a name", *([] if fine else [url]))
    return counts
