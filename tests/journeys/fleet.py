"""A fleet of member sites in a process of its own, so that it survives the hub's kills; it tells what it served.

    python -m tests.journeys.fleet --sites 12 --items 2000 --pace 5 --seed 1 --ledger FILE

Prints one line of JSON (control address, sites). Every site has a loopback address of its own, as the hub counts
connections by host. It ends when its standard input does. The ledger has a line for every request, with what a complete
answer showed. Control: POST /calm stops faults and news, GET /truth tells what every site says now.
"""

import argparse
import asyncio
import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TextIO

from aiohttp import web

from tests.fakes.server import drop
from tests.journeys.newsroom import CONTENT_TYPES, Format, Newsroom

#: what goes wrong on the way, with its share of all requests; the rest is answered as it should be
FAULTS: dict[str, float] = {
    "error_500": 0.03,
    "not_found": 0.01,
    "told_to_wait": 0.02,  # 503 with Retry-After
    "reset": 0.03,
    "broken_off": 0.03,  # fewer bytes than the header promised
    "cut": 0.02,  # well framed, with the right ETag, but only the first half
    "page": 0.02,  # an error page with status 200
    "empty": 0.02,  # a list without entries, with the right ETag
    "slow": 0.02,
}
ERROR_PAGE = "<!doctype html><html><head><title>Lỗi</title></head><body><p>Máy chủ đang bảo trì.</p></body></html>"
#: what goes wrong with a page; a page that is missing or garbage is one that says so, and the hub goes on without it
PAGE_FAULTS = ("error_500", "told_to_wait", "reset", "broken_off", "slow")
FORMATS: tuple[Format, ...] = ("rss", "atom", "json", "atom")
#: seconds between two looks at whether somebody writes
BEAT = 0.05


class Site:
    """One member site: a newsroom behind HTTP that does not always work."""

    def __init__(self, newsroom: Newsroom, chance: Random, note: Callable[..., None]) -> None:
        self.newsroom = newsroom
        self.calm = False
        self.read_whole = -1  #: newest document that left here whole
        self._chance, self._note = chance, note
        self._left_whole: set[str] = set()  #: validators whose last answer left here whole
        self._wait_until = 0.0
        self._asking = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One request for the feed."""
        began = time.time()
        self._asking += 1
        try:
            fault = self._fault()
            told = request.headers.get("If-None-Match", "")
            self._note(
                site=self.newsroom.name, at=began, fault=fault, conditional=bool(told), at_once=self._asking,
                early=began < self._wait_until,
            )  # fmt: skip
            if told in self._left_whole:
                self.newsroom.acknowledged(told)
            return await self._strike(request, fault, told)
        finally:
            self._asking -= 1

    async def page(self, request: web.Request) -> web.StreamResponse:
        """One request for the page of an article."""
        began, fault = time.time(), self._fault()
        fault = fault if fault in PAGE_FAULTS else ""
        self._note(site=self.newsroom.name, at=began, fault=fault, page=True)
        match fault:
            case "error_500":
                return web.Response(status=500, text="lỗi")
            case "told_to_wait":
                return web.Response(status=503, headers={"Retry-After": "1"})
            case "reset":
                drop(request)
                return web.Response()
            case "slow":
                await asyncio.sleep(self._chance.uniform(0.5, 2.5))
        body = self.newsroom.page(int(request.match_info["number"]))
        if body is None:
            return web.Response(status=410, text="đã gỡ")
        response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2] if fault == "broken_off" else body)
        if fault == "broken_off":
            drop(request)
        return response

    def _fault(self) -> str:
        if self.calm:
            return ""
        place = self._chance.random()
        for fault, share in FAULTS.items():
            if place < share:
                return fault
            place -= share
        return ""

    async def _strike(self, request: web.Request, fault: str, told: str) -> web.StreamResponse:
        room = self.newsroom
        match fault:
            case "error_500":
                return web.Response(status=500, text="lỗi")
            case "not_found":
                return web.Response(status=404, text="không có")
            case "told_to_wait":
                self._wait_until = time.time() + 1.0
                return web.Response(status=503, headers={"Retry-After": "1"})
            case "reset":
                drop(request)
                return web.Response()
            case "slow":
                await asyncio.sleep(self._chance.uniform(0.5, 2.5))
        if told == room.etag and room.validators:
            return web.Response(status=304, headers={"ETag": room.etag})
        headers = {"ETag": room.etag} if room.validators else {}
        self._left_whole.discard(room.etag)
        body, kind = room.render(), CONTENT_TYPES[room.format]
        match fault:
            case "page":
                self._garbage(page := ERROR_PAGE.encode())
                return web.Response(body=page, content_type="text/html", headers=headers)
            case "empty":
                return web.Response(body=room.render(empty=True), headers=headers | {"Content-Type": kind})
            case "cut":
                self._garbage(part := body[: len(body) // 2])
                return web.Response(body=part, headers=headers | {"Content-Type": kind})
            case "broken_off":
                response = web.StreamResponse(
                    headers=headers | {"Content-Type": kind, "Content-Length": str(len(body))}
                )
                await response.prepare(request)
                await response.write(body[: len(body) // 2])
                drop(request)
                return response
        etag = room.etag
        served = {"shown": room.shown(), "gone": room.withdrawn(), "document": room.document}
        response = web.StreamResponse(headers=headers | {"Content-Type": kind, "Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body)
        await response.write_eof()
        # Only now: an answer that the reader's death cut off was not a complete one.
        self._note(site=room.name, served=served)
        self._left_whole.add(etag)
        self.read_whole = max(self.read_whole, int(served["document"]))  # type: ignore[call-overload]
        return response

    def _garbage(self, body: bytes) -> None:
        self._note(site=self.newsroom.name, garbage=hashlib.sha256(body).hexdigest())


class Fleet:
    """All sites, the news they make, and the control."""

    def __init__(self, *, sites: int, items: int, pace: float, seed: int, ledger: TextIO) -> None:
        self._chance = Random(seed)
        self._items, self._pace, self._ledger = items, pace, ledger
        self._count = sites
        self.sites: list[Site] = []
        self._runners: list[web.AppRunner] = []

    async def start(self) -> str:
        """Listen everywhere; returns the control's address."""
        for place in range(self._count):
            chance = Random(self._chance.random())
            app = web.Application()
            host = f"127.0.1.{10 + place}"
            port = await self._listen(app, host, lambda app, i=place: self._add_site(app, i))  # type: ignore[misc]
            newsroom = Newsroom(
                name=f"s{place}", base=f"http://{host}:{port}", format=FORMATS[place % len(FORMATS)],
                validators=place % 6 != 5, size=chance.randint(10, 20), batches=place % 3 == 2 and place % 6 != 5,
                chance=chance, teasers=place % 3 == 1,
            )  # fmt: skip
            self.sites.append(Site(newsroom, Random(chance.random()), self.note))
        control = web.Application()
        port = await self._listen(control, "127.0.0.1", self._add_control)
        return f"http://127.0.0.1:{port}"

    async def write(self) -> None:
        """Make news at the pace that was asked for, until there is enough; corrections go on until it is calm."""
        written, began = 0, time.monotonic()
        acts = 0
        while not all(site.calm for site in self.sites):
            await asyncio.sleep(BEAT)
            due = int((time.monotonic() - began) * self._pace) - acts
            for _ in range(min(due, 50)):
                acts += 1
                room = self._chance.choice(self.sites).newsroom
                place = self._chance.random()
                if place < 0.08:
                    room.withdraw()
                elif place < 0.38:
                    room.edit()
                elif written < self._items:
                    written += room.news()

    def note(self, **line: Any) -> None:
        """One line in the ledger."""
        self._ledger.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._ledger.flush()

    async def close(self) -> None:
        """Stop listening."""
        for runner in self._runners:
            await runner.cleanup()

    def _add_site(self, app: web.Application, place: int) -> None:
        app.router.add_get("/feed", self._site(place))
        app.router.add_get(r"/tin-{number:\d+}.html", self._page(place))

    def _page(self, place: int) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self.sites[place].page(request)

        return answer

    def _site(self, place: int) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self.sites[place].answer(request)

        return answer

    async def _listen(self, app: web.Application, host: str, routes: Callable[[web.Application], Any]) -> int:
        routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, host, 0).start()
        return int(runner.addresses[0][1])

    def _add_control(self, app: web.Application) -> None:
        app.router.add_post("/calm", self._calm)
        app.router.add_get("/truth", self._truth)

    async def _calm(self, request: web.Request) -> web.Response:
        for site in self.sites:
            site.calm = True
        return web.Response(status=204)

    async def _truth(self, request: web.Request) -> web.Response:
        return web.json_response(self.truth())

    def truth(self) -> dict[str, Any]:
        """What every site says now, and whether all of it was read."""
        rooms = [site.newsroom for site in self.sites]
        return {
            "written": sum(len(room.articles) for room in rooms),
            "read": all(site.read_whole >= site.newsroom.document for site in self.sites),
            "articles": {
                room.url(a.number): {
                    "source": room.name,
                    "version": a.version,
                    "gone": a.gone is not None,
                    "teaser": room.teasers,
                }
                for room in rooms
                for a in room.articles.values()
            },
        }


async def end_of_input() -> None:
    """Return when whoever started us closes our standard input, or dies."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _serve(options: argparse.Namespace, ledger: TextIO) -> None:
    fleet = Fleet(sites=options.sites, items=options.items, pace=options.pace, seed=options.seed, ledger=ledger)
    control = await fleet.start()
    feeds = {site.newsroom.name: f"{site.newsroom.base}/feed" for site in fleet.sites}
    teasers = [site.newsroom.name for site in fleet.sites if site.newsroom.teasers]
    print(json.dumps({"control": control, "feeds": feeds, "teasers": teasers}), flush=True)
    writing = asyncio.create_task(fleet.write())
    try:
        await end_of_input()
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await fleet.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=12)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--pace", type=float, default=5.0, help="acts of writing a second, over all sites")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ledger", required=True)
    arguments = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # readers that are killed hang up everywhere
    with Path(arguments.ledger).open("a", encoding="utf-8") as file:
        asyncio.run(_serve(arguments, file))
