"""Cancelled at an await, nothing is lost, doubled or left open: each stage and a decision."""

from pathlib import Path

import pytest

from tests.chaos.awaits import WORKS, cancelled_everywhere, laid_out
from tests.chaos.table import lines
from tests.fakes.portal import Portal
from tests.province import TOKEN, Province

#: a machine that has much else to do is no fault of the hub's
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite; `make chaos` takes both databases."""
    return f"sqlite://{tmp_path / 'hub.db'}"


@pytest.mark.parametrize("name", list(WORKS))
async def test_work_that_is_cancelled_at_any_await_is_finished_by_the_next_cycle(province: Province, name: str) -> None:
    async with Portal(token=TOKEN, fenced=False) as portal:
        laid_out(province, portal, fenced=False)
        async with province.open() as hub:
            row = await cancelled_everywhere(province, hub, portal, name, step=4)
    assert row.is_zero, "\n".join(lines([row]))
    assert row.tries >= 2
