"""Death of a process at any step of its work, played inside one process: from that step on it does nothing any more.

A step is a transaction, a read, or a request. What dies says so with `Killed`; whatever its `finally` blocks would
still like to write or ask does not happen either, as after SIGKILL.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, cast

from connectors.base import Destination, Found, Memory, Payload, Receipt
from connectors.errors import ThrottledError, TransientError, UnconfirmedError
from connectors.http import Http
from hub.store.database import Database, Row, Transaction

#: Header by which a request is known: item, attempt, and the how-manieth request of it.
TAG = "X-Campaign"
#: Seconds of real time for which a lock is waited for: one that somebody holds, and one that nobody will give back.
PATIENCE, MOMENT = 5.0, 0.04


class Killed(BaseException):
    """The process is gone."""


class Heart:
    """Of one process, or of one worker of several: how many steps it has left."""

    def __init__(self, steps: int | None = None) -> None:
        self.is_dead = False
        self._left = steps

    def step(self) -> None:
        """One step further. Raises Killed at the last one, and ever after."""
        if self._left is not None:
            self._left -= 1
            self.is_dead = self.is_dead or self._left < 0
        if self.is_dead:
            raise Killed


class Life:
    """One piece of work of a process."""

    def __init__(self, tag: str, heart: Heart) -> None:
        self.tag, self.heart = tag, heart
        self.requests = 0

    def next_tag(self) -> str:
        """What the next request is known by."""
        self.requests += 1
        return f"{self.tag}:{self.requests}"


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


def step() -> None:
    """One step of whoever works here."""
    life = LIFE.get()
    if life is not None:
        life.heart.step()


class MortalDatabase:
    """A database that the dead do not reach."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        step()
        async with self._database.transaction() as transaction:
            yield transaction
        step()

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        step()
        return await self._database.fetch(sql, *args)


class Told:
    """Waits that the hub has heard of, in the order of its own requests."""

    def __init__(self) -> None:
        self._count = 0
        self._begun: dict[str, int] = {}
        self._waits: list[tuple[int, datetime]] = []

    def begins(self, tag: str) -> None:
        """A request is about to be made."""
        self._count += 1
        self._begun[tag] = self._count

    def heard(self, until: datetime) -> None:
        """An answer named a time, and whoever asked has read it."""
        self._count += 1
        self._waits.append((self._count, until))

    def forget_beyond(self, until: datetime | None) -> int:
        """A process died: what it had not written down by then nobody knows. Returns how many waits are lost."""
        kept = [wait for wait in self._waits if until is not None and wait[1] <= until + timedelta(seconds=1)]
        lost = len(self._waits) - len(kept)
        self._waits = kept
        return lost

    def is_inside(self, tag: str, now: datetime) -> bool:
        """Whether a request that arrives now was begun after a wait was heard that is not over."""
        self._waits = [wait for wait in self._waits if wait[1] > now]
        begun = self._begun.pop(tag, self._count)
        return any(heard < begun for heard, _ in self._waits)


class Wire:
    """The HTTP client of a destination; each request is a step before it leaves and a step when its answer is read."""

    def __init__(self, http: Http, told: Told) -> None:
        self._http, self._told = http, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._http, name)

    def scoped(self, **keys: Any) -> Http:
        return mortal(self._http.scoped(**keys), self._told)

    async def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **keys: Any) -> Any:
        tag = self._tag()
        return await self._made(tag, self._http.send(method, url, headers={**(headers or {}), TAG: tag}, **keys))

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, **keys: Any) -> Any:
        tag = self._tag()
        return await self._made(tag, self._http.get(url, headers={**(headers or {}), TAG: tag}, **keys))

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, **keys: Any) -> Any:
        tag = self._tag()
        return await self._made(tag, self._http.post(url, body, headers={**(headers or {}), TAG: tag}, **keys))

    def _tag(self) -> str:
        life = LIFE.get()
        return life.next_tag() if life is not None else ""

    async def _made(self, tag: str, request: Awaitable[Any]) -> Any:
        try:
            step()
        except Killed:
            cast("Any", request).close()
            raise
        self._told.begins(tag)
        try:
            answer = await request
        except ThrottledError as error:
            step()
            if error.retry_after is not None:
                self._told.heard(self._http.now() + timedelta(seconds=error.retry_after))
            raise
        step()
        return answer


class Hurried:
    """A destination's memory in which nobody waits, by a real clock, for a lock that a dead process has left."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._living: set[str] = set()  #: keys that somebody holds who is alive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    @asynccontextmanager
    async def alone(self, key: str, *, seconds: float) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(PATIENCE if key in self._living else MOMENT):
                    await stack.enter_async_context(self._memory.alone(key, seconds=seconds))
            except TimeoutError:
                raise TransientError(f"somebody else is at {key}", code="busy") from None
            self._living.add(key)
            try:
                yield
            finally:
                self._living.discard(key)


def mortal(http: Http, told: Told) -> Http:
    """The client as one who may die has it."""
    return cast(Http, Wire(http, told))


class Unsure:
    """A destination without a server whose word is lost on the way: some calls took effect, and nobody says so."""

    def __init__(self, destination: Destination, lost: Callable[[str], bool]) -> None:
        self._destination, self._lost = destination, lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._destination, name)

    async def send(self, http: Http, payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        return await self._called(self._destination.send(http, payload, key=key, remote_id=remote_id))

    async def withdraw(self, http: Http, payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        return await self._called(self._destination.withdraw(http, payload, key=key, remote_id=remote_id))

    async def find(self, http: Http, payload: Payload, *, remote_id: str = "") -> Found | None:
        return await self._destination.find(http, payload, remote_id=remote_id)

    async def _called(self, call: Awaitable[Receipt]) -> Receipt:
        life = LIFE.get()
        try:
            step()
        except Killed:
            cast("Any", call).close()
            raise
        receipt = await call
        step()
        if self._lost(life.next_tag() if life is not None else ""):
            raise UnconfirmedError("the disk gave no answer", code="lost")
        return receipt
