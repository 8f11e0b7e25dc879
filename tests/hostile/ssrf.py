"""Server-side request forgery: every spelling of an inside address, into everything that asks for an address.

At the inside stands a real listener, on IPv4 and IPv6 loopback, which counts whoever connects, and every dial of this
process is seen by an audit hook, for most inside addresses have nobody who could count. Names lead inside too: the name
service of these tables is the attacker's, so that only the gate at the socket is between.
"""

import asyncio
import random
import re
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.addresses import Allowance, Gate, RefusedAddress, literal_address, parse_allowance
from connectors.bodies import Limits
from connectors.errors import HubError
from connectors.http import Http
from connectors.parse.url import host_of, web_url
from hub.access.single_sign_on import SingleSignOnError
from hub.settings import load_settings
from tests.fakes.site import Site
from tests.hostile.addresses import INSIDE_V4, INSIDE_V6, PUBLIC, Form, forms, public
from tests.hostile.counts import Table
from tests.hostile.ways import Ask, Way, ways

QUICK: Final = Limits(total=2.0, idle=1.0)
_INSIDE: Final = (*INSIDE_V4, *INSIDE_V6)
#: Ports that the system gives to whoever asks for any: those of the fakes. All others are somebody's.
_ANY_PORT: Final = range(32_768, 65_536)


class Names(AbstractResolver):
    """A name service in the attacker's hands.

    `n3.example.vn` leads to the fourth inside address, and every other name to these addresses, to one after the other.
    """

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if numbered := re.match(r"n(\d+)\.example", host):
            answer = _INSIDE[int(numbered[1])]
        else:
            answer = self._answers[0]
            self._answers = [*self._answers[1:], answer]
        return [_result(host, answer, port)]

    async def close(self) -> None:
        """Nothing is held."""


class Both(Names):
    """All of its addresses in one answer."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [_result(host, answer, port) for answer in self._answers]


def _result(host: str, answer: str, port: int) -> ResolveResult:
    version = socket.AF_INET6 if ":" in answer else socket.AF_INET
    return ResolveResult(hostname=host, host=answer, port=port, family=version, proto=0, flags=0)


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

    @property
    def door(self) -> frozenset[Allowance]:
        """The way in that an administrator could open."""
        return frozenset({parse_allowance(f"127.0.0.1:{self.port}")})


@asynccontextmanager
async def listening(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Listener]:
    """The listener, on both loopback addresses."""
    found = Listener()
    first = await asyncio.start_server(found.answer, host, port)
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


#: Dials of this process, while somebody looks: address and port.
_dialled: list[tuple[str, int]] = []
_hooks: list[object] = []


def watch_dials() -> None:
    """See every TCP connection that this process tries to make; from now on, for a hook cannot be taken back."""

    def seen(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and args[0].type == socket.SOCK_STREAM and isinstance(args[1], tuple):
            _dialled.append((str(args[1][0]), int(args[1][1])))

    if not _hooks:
        _hooks.append(seen)
        sys.addaudithook(seen)


def client(resolver: AbstractResolver, port: int, **more: Any) -> Http:
    """The hub's one client; the port of the listener is open to it, so that only the address is a reason to refuse."""
    http = Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", resolver=resolver, limits=QUICK, **more)
    return http.scoped(ports=frozenset({port}))


async def table(seed: int, share: float = 1.0) -> Table:
    """Every form x every way in. With a smaller `share` so many of the forms are drawn for each way."""
    chance = random.Random(seed)
    counts = Table("SSRF, inside addresses", what="reached")
    watch_dials()
    with TemporaryDirectory() as folder:
        settings = load_settings(_written(Path(folder)))
        async with listening() as inside, Site() as site, AsyncExitStack() as stack:
            spelled = [*forms(inside.port), *_names(inside.port)]
            tried = ways(site, settings, stack)
            async with client(Names("127.0.0.1"), inside.port) as http:
                for way in tried:
                    drawn = [each for each in spelled if share >= 1 or chance.random() < share]
                    await _try(counts, way.name, way.ask, drawn, http, inside)
            await _controls(counts, tried, inside)
    await _flips(counts, round(300 * share) or 1)
    return counts


def _written(folder: Path) -> Path:
    path = folder / "settings.toml"
    path.write_text(f'[hub]\nname = "Tỉnh Mẫu"\ntesting = true\n[database]\nurl = "sqlite://{folder}/hub.db"\n')
    return path


def _names(port: int) -> list[Form]:
    """A name that leads to each inside address."""
    return [Form("name", f"http://n{number}.example.vn:{port}/") for number in range(len(_INSIDE))]


async def _try(counts: Table, name: str, ask: Ask, spelled: Sequence[Form], http: Http, inside: Listener) -> None:
    """Each form by one way; what was reached is told by the listener and the hook, not by what the client says."""
    for form in spelled:
        before = inside.reached
        _dialled.clear()
        await _asked(ask, http, form.url)
        bad = [each for each in _dialled if each[1] == inside.port or each[1] not in _ANY_PORT]
        found = f"{form.kind} {form.url!r} {bad}"
        counts.count(name, *([found] if inside.reached > before or bad else []))


async def _asked(ask: Ask, http: Http, url: str) -> None:
    with suppress(HubError, SingleSignOnError):
        async with asyncio.timeout(20):
            await ask(http, url)


async def _controls(counts: Table, tried: Sequence[Way], inside: Listener) -> None:
    """A way that never asks proves nothing: with the door open each of them has to reach the listener."""
    for way in tried:
        before = inside.reached
        async with client(Names("127.0.0.1"), inside.port, allow_private=inside.door) as http:
            await _asked(way.ask, http, f"http://so.example.vn:{inside.port}/")
        if (inside.reached > before) is not way.asks:
            counts.count(way.name, f"asked through an open door: {not way.asks}", tried=0)
        counts.count(way.name, tried=0, note="" if way.asks else "asks nobody, or nobody elsewhere")


# -------------------------------------------------------------------------------------------------------- and names


async def _flips(counts: Table, times: int) -> None:
    """A name whose first answer may be dialled and whose next one leads inside, and one that has both at once."""
    for way, asked in (("a feed", Http.get), ("a page", Http.page)):
        for number in range(times):
            async with Site() as site, listening("127.0.0.2", site.port) as inside:
                url = f"http://so{number}.example.vn:{site.port}/"
                site.serve("/", b"x", headers={"Connection": "close"})
                for name, resolver in (
                    ("flips", Names("127.0.0.1", "127.0.0.2", "::1")), ("has both", Both("127.0.0.2", "127.0.0.1")),
                ):  # fmt: skip
                    async with client(resolver, site.port, allow_private=site.doors) as http:
                        before = len(site.asked)
                        for _ in range(3):
                            await _asked(lambda http, url, asked=asked: asked(http, url), http, url)  # type: ignore[misc]
                        missed = [] if len(site.asked) > before else [f"the door of {url} was not asked"]
                        reached = [f"{url} led inside"] * inside.reached
                        counts.count(f"name that {name}, {way}", *reached, *missed)
                        inside.reached = 0


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
