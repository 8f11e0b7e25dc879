"""hub.store.memory on both databases: what is remembered stays, secrets are encrypted, one at a time is at a key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.base import Memory
from connectors.errors import ConfigError, TransientError
from hub.app import Hub
from hub.store.memory import Cipher, DestinationMemory
from hub.store.unit import Store, Unit
from tests.province import Province, row

KEY, NEW = "khoa-ma-hoa-du-dai-de-thu-nghiem-1", "khoa-ma-hoa-du-dai-de-thu-nghiem-2"


@pytest.fixture
async def hub(province: Province):  # type: ignore[no-untyped-def]
    async with province.open() as hub:
        yield hub


def of(hub: Hub, keys: str = KEY, name: str = "trang-tinh") -> Memory:
    return DestinationMemory(hub.engine.store, name, Cipher(keys))


async def test_what_is_remembered_is_recalled_by_its_destination_alone(hub: Hub) -> None:
    await of(hub).remember("anh", "1")
    await of(hub).remember("anh", "2")
    assert await of(hub).recall("anh") == "2"
    assert await of(hub, name="trang-khac").recall("anh") is None
    await of(hub).forget("anh")
    assert await of(hub).recall("anh") is None


async def test_a_secret_stands_nowhere_as_text_and_outlives_a_change_of_the_key(hub: Hub) -> None:
    await of(hub).remember("token", "ma-bi-mat", secret=True)
    assert "ma-bi-mat" not in str(dict(await row(hub, "memory")))
    assert await of(hub, f"{NEW}, {KEY}").recall("token") == "ma-bi-mat"
    with pytest.raises(ConfigError) as wrong:
        await of(hub, NEW).recall("token")
    assert wrong.value.code == "secret_key_wrong"


async def test_without_a_key_no_secret_is_kept(hub: Hub) -> None:
    with pytest.raises(ConfigError) as missing:
        await of(hub, "").remember("token", "ma-bi-mat", secret=True)
    assert missing.value.code == "secret_key_missing"


async def test_one_at_a_time_is_at_a_key_and_the_next_sees_what_it_left(hub: Hub) -> None:
    seen: list[str | None] = []

    async def renew(turn: int) -> None:
        memory = of(hub)
        async with memory.alone("token", seconds=60):
            seen.append(await memory.recall("token"))
            await asyncio.sleep(0)
            await memory.remember("token", str(turn))

    await asyncio.gather(*(renew(turn) for turn in range(4)))
    assert seen[0] is None
    assert len(set(seen)) == 4, "nobody saw the same state as another"


class Watched(Store):
    """The store of a hub; tells when a transaction of it is over."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.database, store.broker, store.clock)
        self._over: asyncio.Queue[None] = asyncio.Queue()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """One transaction."""
        async with super().unit() as unit:
            yield unit
        self._over.put_nowait(None)

    async def one_more(self) -> None:
        """Wait until a transaction is over that was not waited for."""
        async with asyncio.timeout(60):
            await self._over.get()


async def test_a_lease_of_a_dead_process_ends(hub: Hub, province: Province) -> None:
    # A lease ends by the clock of the test: however slow the database is, it holds until the clock is moved.
    dead = of(hub).alone("token", seconds=60)
    await dead.__aenter__()
    with pytest.raises(TransientError):
        async with of(hub).alone("token", seconds=0.01):
            pass
    watched, entered = Watched(hub.engine.store), asyncio.Event()

    async def take() -> str | None:
        async with DestinationMemory(watched, "trang-tinh", Cipher(KEY)).alone("token", seconds=60):
            entered.set()
            return await of(hub).recall("token")

    async with asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(take())
        for _ in range(2):
            await watched.one_more()
            assert not entered.is_set(), "the lease of the dead holds"
        province.clock.advance(seconds=61)
    assert taking.result() is None
