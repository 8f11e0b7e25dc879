"""A clock that jumps and a backup that comes back: one drill of each; `make chaos` does fifty."""

from pathlib import Path

import pytest

from tests.chaos.drills import put_back, skewed
from tests.chaos.table import lines

#: a machine that has much else to do is no fault of the hub's
pytestmark = pytest.mark.timeout(900)


async def test_a_clock_that_jumps_by_hours_loses_and_doubles_nothing(tmp_path: Path) -> None:
    row = await skewed(tmp_path, 1, 1)
    assert row.is_zero, "\n".join(lines([row]))


async def test_after_a_restore_nothing_is_sent_before_it_was_compared_and_nothing_twice(tmp_path: Path) -> None:
    row = await put_back(tmp_path, 1, 1)
    assert row.is_zero, "\n".join(lines([row]))


async def test_after_a_restore_corrections_made_since_the_backup_arrive(tmp_path: Path) -> None:
    row = await put_back(tmp_path, 1, 1, corrects=True)
    assert row.is_zero, "\n".join(lines([row]))
