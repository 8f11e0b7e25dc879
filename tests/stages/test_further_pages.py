"""A source of many pages: each page is a capture with the place of the next, in one round, and no page is a flood."""

from typing import Any

import pytest

from hub.app import Hub
from hub.rules.rhythm import PAGE_PAUSE
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from tests.province import Province, row, rows, turn

HTML = "text/html; charset=utf-8"
PAGES = 3
SIZE = 30


def list_page(first: int) -> bytes:
    """A page of a list with thirty news."""
    blocks = "".join(
        f"<li class='tin'><a href='/tin/{n}.html'>Tin thứ {n} của Sở Y tế</a><span class='ngay'>01/02/2026</span></li>"
        for n in range(first, first + SIZE)
    )
    return f"<!doctype html><html><body><ul>{blocks}</ul></body></html>".encode()


@pytest.fixture
def listed(province: Province) -> Province:
    """A province with one source: a list of three pages."""
    for number in range(2, PAGES + 1):
        province.site.serve(f"/trang-{number}", list_page((number - 1) * SIZE), content_type=HTML)
    province.source(
        "tin", list_page(0), path="/trang-1", page={"content_type": HTML}, connector="listing", items="li.tin",
        link="a", published=".ngay", page_url=province.site.origin + "/trang-{page}", pages=PAGES,
        article={"fetch": "never"},
    )  # fmt: skip
    province.route(province.destination())
    return province


async def step(hub: Hub) -> int:
    polled = await turn(Harvest(hub.engine))
    await turn(Normalise(hub.engine))
    return polled


async def test_the_pages_of_one_round_follow_each_other_after_a_pause(listed: Province) -> None:
    async with listed.open() as hub:
        for number in range(1, PAGES + 1):
            assert await step(hub) == 1
            assert len(await rows(hub, "item")) == number * SIZE
            assert await step(hub) == 0
            listed.clock.advance(seconds=PAGE_PAUSE)
        assert await step(hub) == 0, "the round is over until the rhythm says otherwise"
        assert [one["more"] for one in await rows(hub, "capture")] == [1, 1, 0]


async def test_once_reads_all_pages(listed: Province) -> None:
    async with listed.open() as hub:
        await hub.once()
        assert len(await rows(hub, "item")) == PAGES * SIZE
        assert await rows(hub, "capture", state="held") == []


@pytest.mark.parametrize("broken", [2, 3])
async def test_a_page_that_fails_is_asked_again_and_nothing_is_lost(listed: Province, broken: int) -> None:
    good: dict[str, Any] = {"body": list_page((broken - 1) * SIZE), "content_type": HTML}
    async with listed.open() as hub:
        listed.site.serve(f"/trang-{broken}", b"", status=500)
        for _ in range(PAGES + 1):
            await step(hub)
            listed.clock.advance(seconds=PAGE_PAUSE)
        assert len(await rows(hub, "item")) == (broken - 1) * SIZE
        assert (await row(hub, "source"))["fault_code"] == "server_error"
        listed.site.serve(f"/trang-{broken}", **good)
        listed.clock.advance(hours=1)
        for _ in range(PAGES):
            await step(hub)
            listed.clock.advance(seconds=PAGE_PAUSE)
        assert len(await rows(hub, "item")) == PAGES * SIZE
        assert sum(one.path == "/trang-1" for one in listed.site.asked) == 1, "it went on where it was"


async def test_killed_between_two_pages_the_round_goes_on(listed: Province) -> None:
    async with listed.open() as hub:
        await step(hub)
    listed.clock.advance(seconds=PAGE_PAUSE)
    async with listed.open() as hub:
        await hub.once()
        assert len(await rows(hub, "item")) == PAGES * SIZE
