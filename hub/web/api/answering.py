"""Answers of the API: validators, who may keep them, and one copy in memory of what everybody gets alike."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from hub.store import publishing
from hub.web.answers import FRESH, answer
from hub.web.api.caller import CALLER
from hub.web.api.operation import Call, Operation
from hub.web.api.reading import call_of
from hub.web.api.repeating import answered_once
from hub.web.routes import Open, Route
from hub.web.site import SITE

JSON: Final = "application/json"
#: Answers that are kept, their bytes, and seconds for which one may be given though something slow commits late.
KEPT, KEPT_BYTES, KEPT_FOR = 512, 32 * 1024**2, 5.0


@dataclass(frozen=True, slots=True)
class _Copy:
    stamp: datetime | None
    until: float
    body: bytes
    changed: datetime | None


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0  #: by so many at once


@dataclass(slots=True)
class Copies:
    """Answers for those without a key, each good until anything public changes."""

    _copies: OrderedDict[str, _Copy] = field(default_factory=OrderedDict)
    _size: int = 0
    _making: dict[str, _Turn] = field(default_factory=dict)

    @asynccontextmanager
    async def alone(self, address: str) -> AsyncIterator[None]:
        """While nobody else makes the answer of this address."""
        turn = self._making.setdefault(address, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._making[address]

    def get(self, address: str, stamp: datetime | None, now: float) -> _Copy | None:
        """The copy of an answer, if it still says what is true."""
        copy = self._copies.get(address)
        if copy is None or copy.stamp != stamp or copy.until < now:
            return None
        self._copies.move_to_end(address)
        return copy

    def keep(self, address: str, copy: _Copy) -> None:
        """Keep a copy; those that were asked for longest ago go."""
        self._drop(address)
        if len(copy.body) > KEPT_BYTES // 8:
            return
        self._copies[address] = copy
        self._size += len(copy.body)
        while self._size > KEPT_BYTES or len(self._copies) > KEPT:
            self._drop(next(iter(self._copies)))

    def _drop(self, address: str) -> None:
        if (copy := self._copies.pop(address, None)) is not None:
            self._size -= len(copy.body)


COPIES: Final = web.AppKey("COPIES", Copies)


def route_of(operation: Operation) -> Route:
    """The operation as the web application takes it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if operation.cached and not request[CALLER].who:
            return await _kept(request, operation)
        async with asyncio.timeout(operation.patience):
            call = await call_of(request, operation)
            if call.body is not None or request.method == "POST":
                return await answered_once(call, operation, lambda: _answered(call, operation))
            return await _answered(call, operation)

    handle.__name__ = operation.name
    return Route(operation.method, operation.path, handle, operation.demand, head=operation.head)


async def _kept(request: web.Request, operation: Operation) -> web.StreamResponse:
    copies, loop = request.app[COPIES], asyncio.get_running_loop()
    async with asyncio.timeout(operation.patience):
        stamp = await publishing.newest_change(request.app[SITE].engine.store)
        address = request.rel_url.raw_path_qs
        copy = copies.get(address, stamp, loop.time())
        if copy is None:
            async with copies.alone(address):  # a crowd that asks the same is answered by what the first one makes
                copy = copies.get(address, stamp, loop.time())
                if copy is None:
                    said = await operation.handler(await call_of(request, operation))
                    if isinstance(said, web.StreamResponse) or said.status != 200:
                        raise TypeError(f"{operation.name} cannot be kept")
                    copy = _Copy(stamp, loop.time() + KEPT_FOR, _bytes(said.value), said.changed)
                    copies.keep(address, copy)
    return _read(request, operation, copy.body, copy.changed)


async def _answered(call: Call[BaseModel, BaseModel, object], operation: Operation) -> web.StreamResponse:
    said = await operation.handler(call)
    if isinstance(said, web.StreamResponse):
        return said
    body = _bytes(said.value)
    if operation.method == "GET" and said.status == 200:
        response = _read(call.request, operation, body, said.changed)
    else:
        response = web.Response(status=said.status, body=body, headers={"Content-Type": JSON})
        response.headers["Cache-Control"] = "no-store"
    response.headers.update(said.headers)
    return response


def _read(request: web.Request, operation: Operation, body: bytes, changed: datetime | None) -> web.Response:
    response = answer(request, body, JSON, changed=changed)
    if operation.demand is not Open.PUBLIC:
        response.headers["Cache-Control"] = "no-store"
    elif request[CALLER].who:
        response.headers["Cache-Control"] = f"private, max-age={FRESH}"
    else:
        response.headers["Access-Control-Allow-Origin"] = "*"  # public, and read by pages of other sites
    return response


def _bytes(value: BaseModel | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.model_dump_json().encode()
