"""What goes wrong between the hub and a destination: one middleware before every fake server, the same for all.

Each request is judged by the seed and its own name, so what happens to it does not depend on who came first. Most that
goes wrong goes wrong after the place has done what it was asked: the answer is lost, cut, garbled, or says 500.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.clock import Clock
from tests.fakes.server import FakeServer, drop
from tests.journeys.mortality import TAG, Told


class Fate(StrEnum):
    """How a request ends."""

    FINE = "answered"
    LOST_AFTER = "answer lost after commit"
    FAILED_AFTER = "5xx after commit"
    PAGE_AFTER = "a page after commit"
    CUT_AFTER = "answer cut off after commit"
    GARBLED_AFTER = "garbled answer after commit"
    LOST_BEFORE = "reset before"
    FAILED_BEFORE = "5xx before"
    PAGE_BEFORE = "a page in place of an answer"
    TOLD_429 = "429 with Retry-After"
    TOLD_503 = "503 with Retry-After"
    HELD = "held in flight"


AFTER = (Fate.LOST_AFTER, Fate.FAILED_AFTER, Fate.PAGE_AFTER, Fate.CUT_AFTER, Fate.GARBLED_AFTER)
#: Percent of requests that change something, and of those that only ask; the rest is answered.
WRITES = {
    Fate.LOST_AFTER: 9, Fate.FAILED_AFTER: 6, Fate.PAGE_AFTER: 4, Fate.CUT_AFTER: 4, Fate.GARBLED_AFTER: 3,
    Fate.LOST_BEFORE: 4, Fate.FAILED_BEFORE: 3, Fate.PAGE_BEFORE: 2, Fate.TOLD_429: 1, Fate.TOLD_503: 1, Fate.HELD: 6,
}  # fmt: skip
READS = {
    Fate.LOST_BEFORE: 3, Fate.FAILED_BEFORE: 3, Fate.PAGE_BEFORE: 2, Fate.GARBLED_AFTER: 1, Fate.CUT_AFTER: 1,
    Fate.TOLD_429: 0.5,
}  # fmt: skip


@dataclass(eq=False)
class Hold:
    """A request that has arrived and is not acted upon yet."""

    tag: str
    go: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    is_lost: bool = False  #: nobody hears its answer


class Storm:
    """The weather over one server; put on before the server starts."""

    def __init__(
        self, seed: int, clock: Clock, told: Told, *, writes: Callable[[web.Request, bytes], bool],
        can_hold: bool = True, read_faults: float = 1.0,
    ) -> None:  # fmt: skip
        self.fates: Counter[Fate] = Counter()  #: of requests that change something
        self.reads = 0
        self.unheard = 0  #: calls that were held and landed when nobody listened any more
        self.impolite: list[str] = []  #: requests inside a told wait
        self.arrived = asyncio.Event()  #: something is held
        self._holds: list[Hold] = []
        self._seed, self._clock, self._told = seed, clock, told
        self._writes = writes
        self._read_weights = {fate: part * read_faults for fate, part in READS.items()}
        self._weights = {fate: part for fate, part in WRITES.items() if can_hold or fate is not Fate.HELD}

    def over(self, server: FakeServer) -> None:
        """Come over a server that has not started yet."""

        @web.middleware
        async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._strike(request, handler)

        server.app.middlewares.append(strike)

    def new_holds(self) -> list[Hold]:
        """Requests that are held since somebody asked last."""
        self.arrived.clear()
        holds, self._holds = self._holds, []
        return holds

    @property
    def after_commit(self) -> int:
        """Answers that were lost or wrong though what was asked for took place."""
        return sum(self.fates[fate] for fate in AFTER) + self.unheard

    def is_lost(self, tag: str) -> bool:
        """Whether the word of a call without a request is lost."""
        fate = self.fate_of(tag)
        self.fates[fate] += 1
        return fate in AFTER

    def fate_of(self, tag: str, weights: dict[Fate, float] | None = None) -> Fate:
        """What happens to a request of this name."""
        weights = self._weights if weights is None else weights
        chance = Random(f"{self._seed} {tag}").random() * 100
        for fate, part in weights.items():
            chance -= part
            if chance < 0:
                return fate
        return Fate.FINE

    async def _strike(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        tag = request.headers.get(TAG, "")
        if not tag:  # pictures, and whoever looks from outside
            return await handler(request)
        if self._told.is_inside(tag, self._clock.now()):
            self.impolite.append(f"{request.method} {request.path} of {tag}")
        if not self._writes(request, await request.read()):
            self.reads += 1
            return await self._answer(request, handler, self.fate_of(tag, self._read_weights))
        fate = self.fate_of(tag)
        self.fates[fate] += 1
        if fate is not Fate.HELD:
            return await self._answer(request, handler, fate)
        hold = Hold(tag)
        self._holds.append(hold)
        self.arrived.set()
        try:
            await hold.go.wait()
            self.unheard += hold.is_lost
            return await self._answer(request, handler, Fate.LOST_AFTER if hold.is_lost else Fate.FINE)
        finally:
            hold.done.set()

    async def _answer(self, request: web.Request, handler: Handler, fate: Fate) -> web.StreamResponse:
        chance = Random(f"{self._seed} answer {request.headers[TAG]}")
        match fate:
            case Fate.LOST_BEFORE:
                drop(request)
                return web.Response()
            case Fate.FAILED_BEFORE:
                return _failed(chance)
            case Fate.PAGE_BEFORE:
                return _page(chance)
            case Fate.TOLD_429 | Fate.TOLD_503:
                told = {"Retry-After": str(chance.choice([5, 30, 90, 240]))}
                return web.Response(status=429 if fate is Fate.TOLD_429 else 503, headers=told)
        answer = await handler(request)
        body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
        match fate:
            case Fate.LOST_AFTER:
                drop(request)
            case Fate.FAILED_AFTER:
                return _failed(chance)
            case Fate.PAGE_AFTER:
                return _page(chance)
            case Fate.CUT_AFTER:
                return await _cut(request, answer, body)
            case Fate.GARBLED_AFTER if body:
                return web.Response(body=body[: len(body) // 2] + b"\xff", content_type=answer.content_type)
            case Fate.GARBLED_AFTER:
                drop(request)
        return answer


def _failed(chance: Random) -> web.Response:
    status = chance.choice([500, 502, 503, 504])
    if chance.random() < 0.5:
        return web.Response(status=status, text="<html><h1>Bad Gateway</h1></html>", content_type="text/html")
    return web.json_response({"error": "fault"}, status=status)


def _page(chance: Random) -> web.Response:
    page = "<!doctype html><title>Vui lòng xác minh</title><p>Bạn không phải là người máy?"
    return web.Response(status=chance.choice([200, 200, 502]), text=page, content_type="text/html")


async def _cut(request: web.Request, answer: web.StreamResponse, body: bytes) -> web.StreamResponse:
    """Fewer bytes than promised; of an answer without a body nothing at all."""
    if not body or request.transport is None:
        drop(request)
        return answer
    cut = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.headers.get("Content-Type", "")})
    cut.content_length = len(body) + 20
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut
