"""Differences between the hub and a place: the first of them and their number, without reading what is not shown."""

from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from hub.queries.differences import Differences, differences
from hub.rules.reconciliation import DifferenceKind
from hub.store import differing
from tests.province import Province
from tests.queries.reading import Reading

KINDS = ("outdated", "missing", "orphan")


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """Three hundred differences of one place, one of another."""
    async with province.open() as hub:
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute_many(
                "INSERT INTO difference (destination, key, kind, reason, digest, state, run, found_at)"
                " VALUES (?, ?, ?, 'lost', '', ?, 1, 1)",
                [
                    *(("portal", f"K{n * 7919 % 300:03}", KINDS[n % 3], "settled") for n in range(299)),
                    ("portal", "K999", "orphan", "open"), ("other", "K1", "conflict", "open"),
                ],
            )  # fmt: skip
        yield hub


@pytest.mark.parametrize("limit", [1, 150, 1_000])
async def test_the_first_differences_are_those_of_the_whole_list(hub: Hub, limit: int) -> None:
    store = Reading(hub.engine.store, "difference")
    found = await differences(store, "portal", limit=limit)
    assert list(found.first) == (await differing.known(hub.engine.store, "portal"))[:limit]
    assert (found.count, found.undecided) == (300, (DifferenceKind.ORPHAN,))
    assert store.rows == min(limit, 300) + 4, "what is shown, and a line for each kind and state"


async def test_a_place_that_agrees_has_none(hub: Hub) -> None:
    assert await differences(hub.engine.store, "third") == Differences()
