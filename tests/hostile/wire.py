"""Requests that no honest client sends, over a plain socket: smuggled ones, names of files, headers, open redirects."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote

from hub.web.api.app import operations
from hub.web.server import serve
from tests.hostile.counts import Table
from tests.hostile.planting import House
from tests.web.console.test_roles import GETS

_SECONDS: Final = 2.0
#: Asked for inside another request: whoever is answered this was smuggled.
_INNER: Final = b"GET /robots.txt?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
_SIGN: Final = b"User-agent"
_CANARY: Final = (b"root:x:", b"secret_key", b"SQLite format 3", b"def main(")


def smuggled() -> Iterator[tuple[str, bytes]]:
    """Requests of which two servers in a row would find two different ends, by kind."""
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_INNER), _INNER)
    lengths: tuple[bytes, ...] = (
        b"0",
        b"+%d" % len(_INNER),
        b"-1",
        b"0x10",
        b"1_0",
        b"1 0",
        b"0, %d" % len(_INNER),
        b"",
        b"\xd9\xa1",
    )
    for length in lengths:
        yield "Content-Length", b"Content-Length: %s\r\n\r\n%s" % (length, _INNER)
    yield "two lengths", b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n%s" % (len(_INNER), _INNER)
    for coding in (
        b"chunked", b"Chunked", b" chunked", b"chunked ", b"\tchunked", b"xchunked", b"chunked, identity",
        b"identity, chunked",
        b"chunked, chunked", b"chunked\x0b", b"\x0bchunked", b"gzip, chunked", b'"chunked"', b"chunke\xc4\xb1d",
    ):  # fmt: skip
        yield (
            "length and chunks",
            b"Content-Length: 0\r\nTransfer-Encoding: %s\r\n\r\n%s%s" % (coding, b"0\r\n\r\n", _INNER),
        )
        yield "coding", b"Transfer-Encoding: %s\r\n\r\n%s" % (coding, chunked)
    for name in (
        b"Transfer-Encoding ",
        b"Transfer_Encoding",
        b"Transfer-Encoding\x00",
        b" Transfer-Encoding",
        b"\x01Transfer-Encoding",
    ):
        yield "name of a header", b"Content-Length: 0\r\n%s: chunked\r\n\r\n0\r\n\r\n%s" % (name, _INNER)
    for size in (b"0x5", b"+5", b"-5", b"5_", b" 5", b"5 ", b"5;a=\n", b"ffffffffffffffff5", b"5\x00", b""):
        yield "size of a chunk", b"Transfer-Encoding: chunked\r\n\r\n%s\r\nabcde\r\n0\r\n\r\n%s" % (size, _INNER)
    for end in (b"\n\n", b"\r\r", b"\r\n\n", b"\n\r\n", b"\x0b\x0b"):
        yield "end of headers", b"X: y%s%s" % (end, _INNER)
    for line in (
        b" folded: x\r\n",
        b"\tfolded: x\r\n",
        b"A: b\r\n folded\r\n",
        b"A: b\x00c\r\n",
        b"A: b\rContent-Length: 9\r\n",
        b": x\r\n",
    ):
        yield "folded header", line + b"Content-Length: 0\r\n\r\n" + _INNER


async def table(house: House) -> Table:
    """What our server answers."""
    counts = Table("Requests that no honest client sends", what="taken")
    settings = house.hub.settings.model_copy(
        update={"web": house.hub.settings.web.model_copy(update={"port": 0, "host": "127.0.0.1"})}
    )
    async with serve(house.hub.engine, settings) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        for method, (kind, rest) in itertools.product((b"POST", b"GET"), smuggled()):
            said = await _said(port, method + b" /healthz HTTP/1.1\r\nHost: a\r\n" + rest)
            # A request whose length is sound may be followed by another one: then a proxy sees the same two.
            sound = _is_sound(rest)
            counts.count(f"smuggled: {kind}", *([repr(rest[:80])] if _SIGN in said and not sound else []))
        for path in _names():
            said = await _said(port, b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path)
            counts.count("name that climbs", *([repr(path)] if any(each in said for each in _CANARY) else []))
        rights = _rights(house)
        for route, path in _parameters():
            said = await _said(port, b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n" % (path, rights))
            leaked = any(each in said for each in _CANARY) or said.startswith(b"HTTP/1.1 5")
            counts.count(f"parameter that climbs, {route}", *([repr(path)] if leaked else []))
        for value in _RETURNS:
            said = await _said(
                port, b"GET /console/login?next=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % value
            )
            counts.count("redirect that leads away", *_leads_away(said))
        for value in _LINES:
            for head in (b"GET /%s HTTP/1.1\r\nHost: a\r\n" % value, b"GET / HTTP/1.1\r\nHost: %s\r\n" % value):
                said = await _said(port, head + b"Connection: close\r\n\r\n")
                counts.count(
                    "line end in a header",
                    *([repr(value)] if b"x-injected" in said.lower().partition(b"\r\n\r\n")[0] else []),
                )
    return counts


def _is_sound(rest: bytes) -> bool:
    """Whether RFC 9112 gives this request one end only, before the inner one."""
    return rest.startswith((b"Content-Length: 0\r\n\r\n",))


def _names() -> list[bytes]:
    targets = ("etc/passwd", "settings.toml", "hub.db", "hub/cli/__init__.py", "cli.py")
    ups = (
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "....//",
        "..;/",
        "%252e%252e%252f",
        "..%c0%af",
        "%uff0e%uff0e/",
        "/",
    )
    roots = ("/static/", "/console/static/", "/files/", "/items/", "/feeds/", "/sitemap-", "/inbox/", "/")
    made = [f"{root}{up * 8}{target}" for root in roots for up in ups for target in targets]
    return [
        quote(each, safe="/%.;\\:-").encode().replace(b"\\", b"%5c") if " " in each else each.encode() for each in made
    ]


def _rights(house: House) -> bytes:
    """Headers of somebody who may see everything, at the console and at the API."""
    cookies = "; ".join(f"{name}={value}" for name, value in house.visitor.cookies.items())
    return f"Cookie: {cookies}\r\nAuthorization: Bearer {house.key}\r\n".encode()


def _parameters() -> Iterator[tuple[str, bytes]]:
    """A name that climbs in place of each first parameter of a route that can be read, by part of the product."""
    routes = [f"/console{route.path}" for route in GETS]
    routes += [f"/api/v1{each.path}" for each in operations() if each.method == "GET"]
    roots = dict.fromkeys(route.partition("{")[0] for route in routes if "{" in route)
    for root, up in itertools.product(
        roots, ("../", "..%2f", "%2e%2e%2f", "..%5c", "..;/", "%252e%252e%252f", "%00", "/")
    ):
        for target in ("etc/passwd", "settings.toml", "hub.db"):
            yield "console" if root.startswith("/console") else "API", f"{root}{up * 8}{target}".encode()


_RETURNS: Final = tuple(each.encode() for each in (
    "//evil.example", "/%5cevil.example", "%2f%2fevil.example", "https:evil.example", "https://evil.example",
    "/%09/evil.example",
    "/%2f/evil.example", "javascript:alert(1)", "%0d%0aX-Injected:%201", "/console//evil.example",
    "%e3%80%82evil.example",
    "/console/%0d%0aSet-Cookie:%20a=b", "/.evil.example", "///evil.example", "/%00/evil.example", "\\\\evil.example",
))  # fmt: skip
_LINES: Final = tuple(each.encode() for each in (
    "%0d%0aX-Injected:%201", "%0aX-Injected:1", "%E5%98%8A%E5%98%8DX-Injected:1", "a\rX-Injected: 1",
    "%0d%0a%0d%0aX-Injected:1",
))  # fmt: skip


def _leads_away(said: bytes) -> list[str]:
    head = said.partition(b"\r\n\r\n")[0].lower()
    lines = [each for each in head.split(b"\r\n") if each.startswith(b"location:")]
    away = [each for each in lines if not each[9:].strip().startswith((b"/console", b"https://tin.tinhmau.gov.vn/"))]
    return [repr(each) for each in away] + (["header"] if b"x-injected" in head else [])


async def _said(port: int, request: bytes) -> bytes:
    """All that the server answers before it closes or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    with suppress(TimeoutError, OSError):
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(_SECONDS):
            while piece := await reader.read(65_536):
                said += piece
    writer.close()
    return said
