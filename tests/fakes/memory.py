"""What destinations remember, as a dictionary: connectors.base.Memory without a database."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.errors import TransientError


class FakeMemory:
    """Keeps values until they are forgotten; `secret` tells which of them are to be encrypted."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.secret: set[str] = set()
        self.remembered: list[tuple[str, str]] = []  #: every key and value that was ever kept, in order
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def recall(self, key: str) -> str | None:
        await asyncio.sleep(0)  # like a database: others may come in between
        return self.values.get(key)

    async def remember(self, key: str, value: str, *, secret: bool = False) -> None:
        await asyncio.sleep(0)
        self.values[key] = value
        self.remembered.append((key, value))
        (self.secret.add if secret else self.secret.discard)(key)

    async def forget(self, key: str) -> None:
        await asyncio.sleep(0)
        self.values.pop(key, None)
        self.secret.discard(key)

    @asynccontextmanager
    async def alone(self, key: str, *, seconds: float) -> AsyncIterator[None]:
        lock = self._locks[key]
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError:
            raise TransientError(f"somebody else is at {key}", code="busy") from None
        try:
            yield
        finally:
            lock.release()
