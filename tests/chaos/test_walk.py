"""A hub killed at a few of the system calls of its cycle mends all; `make chaos` walks them all."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.injection import STRACE
from tests.chaos.table import Row, lines
from tests.chaos.walk import Walk, judged, walked
from tests.chaos.world import World

#: a machine that has much else to do is no fault of the hub's
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, 1) as world:
        yield world


def needs_strace() -> None:
    """A machine without it has not run this, and CI does not let that pass."""
    if STRACE is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no strace", pytrace=False)
        pytest.skip("there is no strace")


async def test_a_cycle_that_is_killed_at_a_system_call_is_finished_by_the_next_start(world: World) -> None:
    needs_strace()
    rows = [
        await walked(world, Walk("fdatasync"), first=4, step=9, most=13),
        await walked(world, Walk("pwrite64"), first=60, step=110, most=170),
        await walked(world, Walk("write", threads=False), first=3, step=5, most=8),
    ]
    assert all(row.is_zero for row in rows), "\n".join(lines(rows))
    assert [row.kills for row in rows] == [2, 2, 2]


async def test_what_a_portal_forgot_and_a_file_that_is_damaged_are_found(world: World) -> None:
    """The judge itself: a planted loss, a planted double, a planted scratch on the disk."""
    row = Row("planted")
    world.put_back()
    world.portals[0]._write(portal="portal", action="delete", content_id="nobody", version=1, url="", article=0)
    for portal in world.portals:
        effect = dict(portal="portal", action="put", content_id="another", version=1, article=1)
        portal._write(**effect, url=f"{world.fleet.sites[0].newsroom.base}/tin-1.html")
    await judged(world, row, "planted")
    assert row.counts["doubled"] >= 2
    assert row.counts["unrecorded"] >= 1
    database = world.place / "hub.db"
    content = bytearray(database.read_bytes())
    content[40 * 4096 : 60 * 4096] = bytes(20 * 4096)
    database.write_bytes(content)
    assert world.damage()
