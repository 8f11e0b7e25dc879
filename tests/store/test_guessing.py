"""Guesses are counted where all processes see it, before they are compared."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.broker import connect
from hub.store import guessing
from hub.store.database import Database
from hub.store.guessing import TooManyGuessesError
from hub.store.unit import Store
from tests.clock import Clock


@pytest.fixture
async def store(database_url: str, clock: Clock) -> AsyncIterator[Store]:
    async with await Database.open(database_url) as database:
        yield Store(database, connect(""), clock)


async def test_of_many_guesses_at_once_only_those_that_are_free_are_evaluated(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(guessing.begin(store, "an", f"203.0.113.{n}", known=False) for n in range(12)), return_exceptions=True
    )
    assert sum(isinstance(each, guessing.Guess) for each in outcomes) == 3
    assert sum(isinstance(each, TooManyGuessesError) for each in outcomes) == 9
    assert (await guessing.failures_of(store, "an"))[0] == 3


async def test_a_right_guess_is_taken_back_and_the_wrong_ones_before_it_stay(store: Store) -> None:
    for _ in range(2):
        await guessing.begin(store, "an", "203.0.113.7", known=False)
    right = await guessing.begin(store, "an", "203.0.113.7", known=False)
    async with store.unit() as unit:
        await guessing.forgive(unit, right)
    assert (await guessing.failures_of(store, "an"))[0] == 2


async def test_a_browser_that_is_known_has_a_count_of_its_own(store: Store) -> None:
    for _ in range(3):
        await guessing.begin(store, "an", "203.0.113.7", known=False)
    with pytest.raises(TooManyGuessesError):
        await guessing.begin(store, "an", "203.0.113.7", known=False)
    assert (await guessing.begin(store, "an", "203.0.113.7", known=True)).failures == 1


async def test_one_address_cannot_try_many_accounts(store: Store) -> None:
    for n in range(20):
        await guessing.begin(store, f"login-{n}", "203.0.113.7", known=False)
    with pytest.raises(TooManyGuessesError):
        await guessing.begin(store, "login-98", "203.0.113.7", known=False)
    assert (await guessing.begin(store, "login-99", "203.0.113.8", known=False)).failures == 1


async def test_rows_of_long_ago_are_swept(store: Store, clock: Clock) -> None:
    await guessing.begin(store, "an", "203.0.113.7", known=False)
    clock.advance(days=2)
    await guessing.begin(store, "binh", "203.0.113.8", known=False)
    assert len(await store.fetch("SELECT key FROM login_delay")) == 2


async def test_sweeping_waits_for_nobody(pg_url: str, clock: Clock) -> None:
    """It went wrong: two guesses at accounts that were quiet for days each swept the row that the other one held."""
    async with await Database.open(pg_url) as database:
        store = Store(database, connect(""), clock)
        await guessing.begin(store, "an", "203.0.113.7", known=False)
        clock.advance(days=2)
        async with store.unit() as other:
            await other.tx.execute("UPDATE login_delay SET until = until")
            async with asyncio.timeout(4):
                await asyncio.create_task(guessing.begin(store, "binh", "203.0.113.8", known=False))
        assert len(await store.fetch("SELECT key FROM login_delay")) == 4
