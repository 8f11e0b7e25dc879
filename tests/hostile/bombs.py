"""Every bomb form at once at a hub of its own process: `hub run` harvests a site that serves nothing else.

forms()       path -> what it answers: bodies that unpack, never end, trickle, nest, declare entities, lie
campaign()    the hub beside one honest feed; memory of its process tree, how late its loop was, what its API said
"""

import asyncio
import gzip
import io
import os
import statistics
import tempfile
import time
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import brotli
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.site import Site
from tests.journeys.hubs import HubProcess
from tests.province import rss, story
from tests.servers.processes import children, free_port

#: What the promise says: bytes of the process tree, seconds that the loop is late in 99 of 100 looks.
MEMORY: Final = 600 * 1024 * 1024
LAG: Final = 0.050
#: Seconds between two looks at memory, and within which the API answers.
LOOK: Final = 0.1
PATIENCE: Final = 5.0
_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
_SETTINGS: Final = """
[hub]
name = "Tỉnh Mẫu"
testing = true
[database]
url = "sqlite://{folder}/hub.db"
[web]
port = {port}
metrics_for = ["127.0.0.0/8"]
[fetch]
timeout = "3s"
page_pause = "1ms"
allow_private = ["127.0.0.1:{site}"]
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
"""
_SOURCE: Final = """
[[source]]
name = "{name}"
member = "H52.12"
connector = "{connector}"
url = "{url}"
every = "1s"
"""


def zipped(size: int, form: str) -> bytes:
    """So many blanks, packed."""
    if form == "br":
        return brotli.compress(b" " * size, quality=5)
    packer = zlib.compressobj(9, wbits=31 if form == "gzip" else 15)
    piece = b" " * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def office_bomb() -> bytes:
    """A Word file whose text unpacks to 400 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(b"<w:t>" + b"a" * 999_990 + b"</w:t>")
    return file.getvalue()


def entities(depth: int = 9) -> bytes:
    """A billion laughs."""
    said = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth))
    declared = f'<!DOCTYPE r [<!ENTITY a0 "ha">{said}]>'
    return f'<?xml version="1.0"?>{declared}<rss><channel>&a{depth - 1};</channel></rss>'.encode()


def _feed(inside: bytes) -> bytes:
    return b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>' + inside + b"</channel></rss>"


def forms() -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Name -> connector and what the site's page is made of."""
    packed = {form: zipped(200_000_000, form) for form in ("gzip", "deflate", "br")}
    nested = gzip.compress(packed["gzip"])
    deep, wide = b"<a>" * 400_000, b"<item><title>x</title></item>" * 130_000
    text = b"<item><guid>1</guid><title>x</title><description>" + b"&lt;div&gt;" * 300_000 + b"</description></item>"
    html = {"content_type": "text/html; charset=utf-8"}
    json = {"content_type": "application/feed+json"}
    return {
        **{f"{form} bomb": ("feed", {"body": body, "headers": {"Content-Encoding": form}})
           for form, body in packed.items()},
        "gzip in gzip": ("feed", {"body": nested, "headers": {"Content-Encoding": "gzip, gzip"}}),
        "sitemap in gzip": ("sitemap", {"body": packed["gzip"], "content_type": "application/gzip"}),
        "entities": ("feed", {"body": entities()}),
        "entities of one long text": ("feed", {"body": _feed(b"&a;" * 100_000).replace(
            b"<rss", b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 100_000 + b'">]><rss', 1)}),
        "external entity": ("feed", {"body": _feed(b"&a;").replace(
            b"<rss", b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss', 1)}),
        "no end": ("feed", {"body": b"<item>" + b"x" * 65_530, "endless": True}),
        "silence": ("feed", {"body": b"<rss>", "stall": True}),
        "drop by drop": ("feed", {"raw": (_HEAD + b"Content-Length: 9000\r\n\r\n", *(b"<",) * 2_000), "stall": True}),
        "headers without end": ("feed", {"raw": (_HEAD + b"X: y\r\n" * 50_000,), "stall": True}),
        "a header of 8 MB": ("feed", {"raw": (_HEAD + b"X: " + b"y" * 8_000_000,)}),
        "length that lies": ("feed", {"raw": (_HEAD + b"Content-Length: 9999999999\r\n\r\n<rss>",), "stall": True}),
        "chunks of 2 GB": ("feed", {"raw": (
            _HEAD + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n" + b"x" * 65_536,)}),
        "4 MB of depth": ("feed", {"body": _feed(deep)}),
        "130,000 items": ("feed", {"body": _feed(wide)}),
        "depth inside a text": ("feed", {"body": _feed(text)}),
        "JSON of brackets": ("feed", {"body": b"[" * 3_900_000, **json}),
        "JSON of depth": ("feed", {"body": b'{"a":' * 700_000, **json}),
        "JSON of one number": ("feed", {"body": b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":'
                                        + b"9" * 3_000_000 + b"}]}", **json}),
        "page of depth": ("listing", {"body": b"<html><body>" + b"<div>" * 700_000, **html}),
        "page of attributes": ("listing", {"body": b"<html><body><div " + b"a=1 " * 900_000 + b">", **html}),
        "page of links": ("listing", {"body": b"<html><body>" + b"<li><a href=/x>x</a></li>" * 150_000, **html}),
        "nulls": ("feed", {"body": b"\0" * 4_000_000}),
        "redirects in a ring": ("feed", {"status": 302, "to": "/redirects-in-a-ring"}),
        "Word file of 400 MB": ("feed", {"body": office_bomb(), "content_type": "application/msword"}),
    }  # fmt: skip


@dataclass(slots=True)
class Measured:
    """What was seen of the hub."""

    seconds: float = 0.0
    most: int = 0  #: bytes of the process tree
    lag: float = 0.0  #: seconds, as /metrics says at the end
    answers: list[float] = field(default_factory=list)  #: seconds for each answer of the API
    unanswered: int = 0
    honest: int = 0  #: items of the honest feed that are held
    polls: int = 0
    forms: int = 0
    untouched: list[str] = field(default_factory=list)  #: bombs that were never fetched
    defects: list[str] = field(default_factory=list)
    ended: bool = False  #: the hub ended by itself

    def faults(self) -> list[str]:
        """What breaks a promise."""
        found = [f"{name} was never fetched" for name in self.untouched]
        found += [f"memory {self.most >> 20} MB"] * (self.most >= MEMORY)
        found += [f"the loop was {self.lag * 1000:.0f} ms late"] * (self.lag >= LAG)
        found += [f"{self.unanswered} questions to the API without an answer"] * bool(self.unanswered)
        found += ["nothing of the honest feed came through"] * (not self.honest)
        found += ["the hub ended by itself"] * self.ended
        return found + self.defects

    def text(self) -> str:
        """As it is printed."""
        slow = statistics.quantiles(self.answers, n=100)[98] if len(self.answers) > 1 else 0.0
        lines = [
            f"Bombs: {self.forms} forms at once for {self.seconds:.0f} s, {self.polls} polls of them",
            f"  most memory of the process tree {self.most / 2**20:8.0f} MB   wanted < {MEMORY >> 20}",
            f"  loop late, p99                  {self.lag * 1000:8.1f} ms   wanted < {LAG * 1000:.0f}",
            f"  answers of the API              {len(self.answers):8,}      p99 {slow * 1000:.0f} ms,"
            f" without an answer {self.unanswered}",
            f"  honest items held               {self.honest:8,}",
            f"  faults                          {len(self.faults()):8,}",
        ]
        return "\n".join([*lines, *(f"  ! {each[:300]}" for each in self.faults()[:10])])


async def campaign(seconds: float, only: str = "") -> Measured:
    """Let a hub of its own process harvest every form (or one of them) for so long."""
    seen = Measured()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Site() as site:
            served = {each: form for each, form in forms().items() if only in each}
            settings = _settled(folder, site, served)
            hub = HubProcess("bombs", settings, folder / "hub.log")
            await hub.start()
            began = time.monotonic()
            try:
                await _watch(hub, seen, began + seconds, int(settings.read_text().split("port = ")[1].split()[0]))
            finally:
                seen.ended = not await hub.look()
                await hub.stop()
            seen.seconds, seen.forms = time.monotonic() - began, len(served)
            asked = [each.path.partition("?")[0] for each in site.asked]
            seen.polls = sum(path != "/that.rss" for path in asked)
            seen.untouched = [each for each in served if _path(each) not in asked]
            seen.defects = hub.defects()[:5]
    return seen


def _path(name: str) -> str:
    return "/" + "".join(letter if letter.isalnum() else "-" for letter in name)


def _settled(folder: Path, site: Site, served: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Path:
    text = _SETTINGS.format(folder=folder, port=free_port(), site=site.port)
    site.serve("/that.rss", rss(*(story(number) for number in range(1, 31))))
    sources = [("that", "feed", f"{site.origin}/that.rss")]
    for number, (name, (connector, page)) in enumerate(served.items()):
        sources.append((f"bomb-{number}", connector, site.serve(_path(name), **page)))
    (folder / "settings.toml").write_text(text + "".join(
        _SOURCE.format(name=name, connector=connector, url=url) + ('items = "li"\n' if connector == "listing" else "")
        for name, connector, url in sources
    ))  # fmt: skip
    return folder / "settings.toml"


async def _watch(hub: HubProcess, seen: Measured, until: float, port: int) -> None:
    """Look at memory and ask the API, until the time is over; then read what the hub says of itself."""
    url = f"http://127.0.0.1:{port}"
    assert hub._process is not None
    pid = hub._process.pid
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as client:
        await _up(client, url)
        while time.monotonic() < until:
            seen.most = max(seen.most, memory_of(pid))
            asked = time.monotonic()
            try:
                async with client.get(f"{url}/api/v1/items") as answer:
                    said = await answer.json()
                    if answer.status == HTTPStatus.OK:  # else it names our quota, and has answered
                        seen.honest = max(seen.honest, len(said["items"]))
                    elif answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                        seen.unanswered += 1
                seen.answers.append(time.monotonic() - asked)
            except (aiohttp.ClientError, TimeoutError):
                seen.unanswered += 1
            await asyncio.sleep(LOOK)
        async with client.get(f"{url}/metrics") as answer:
            text = await answer.text()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "hub_loop_lag_p99_seconds":
                    seen.lag = sample.value


async def _up(client: aiohttp.ClientSession, url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            async with client.get(f"{url}/healthz") as answer:
                if answer.status == 200:
                    return
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(LOOK)
    raise AssertionError("the hub does not answer")


def memory_of(pid: int) -> int:
    """Bytes of a process and of all below it; pages that they share are counted for each."""
    total, left = 0, [pid]
    while left:
        one = left.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
        left += children(one)
    return total
