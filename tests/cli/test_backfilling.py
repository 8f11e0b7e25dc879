"""`hub backfill` as people use it: beside a hub at work, or alone; with an end that says what came of it."""

from pathlib import Path

import pytest

from tests.cli.test_at_work import at_work, hub
from tests.province import Province

HTML = "text/html; charset=utf-8"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def list_page(first: int) -> bytes:
    """A page of a list with three news."""
    blocks = "".join(
        f"<li><a href='/tin/{n}.html'>Tin thứ {n} của Sở Y tế</a><i>{9 - n:02}/02/2026</i></li>"
        for n in range(first, first + 3)
    )
    return f"<!doctype html><html><body><ul>{blocks}</ul></body></html>".encode()


@pytest.fixture
def settings(province: Province) -> Path:
    """A list of two pages, of which the polls see the first."""
    province.site.serve("/trang-2", list_page(3), content_type=HTML)
    province.source(
        "tin", list_page(0), path="/trang-1", page={"content_type": HTML}, connector="listing", items="li", link="a",
        published="i", page_url=province.site.origin + "/trang-{page}", every="1h", article={"fetch": "never"},
    )  # fmt: skip
    province.route(province.destination())
    return province.write(web={"port": 0})


async def test_alone_it_walks_itself(province: Province, settings: Path) -> None:
    assert (await hub(settings, "once")).code == 0
    done = await hub(settings, "backfill", "tin", "--from", "2026-01-01", "--json")
    assert done.code == 0, done.err
    assert done.document["state"] == "done"
    assert (done.document["pages"], done.document["new"], done.document["known"]) == (2, 3, 3)
    assert len(province.portal.shown()) == 6


async def test_beside_a_hub_at_work_it_is_that_hub_that_walks(province: Province, settings: Path) -> None:
    async with at_work(settings, settings.parent / "var" / "control.sock"):
        done = await hub(settings, "backfill", "tin", "--from", "2026-01-01")
        assert done.code == 0, done.err
        assert "đã thu bù xong từ ngày 2026-01-01, 2 trang" in done.out


async def test_what_cannot_be_walked_is_refused_with_the_reason(settings: Path) -> None:
    unknown = await hub(settings, "backfill", "khac", "--from", "2026-01-01", "--json")
    assert (unknown.code, unknown.document["error"]) == (1, "unknown_source")
    assert (await hub(settings, "backfill", "tin")).code == 2
    assert (await hub(settings, "backfill", "tin", "--stop", "--from", "2026-01-01")).code == 2
    stopped = await hub(settings, "backfill", "tin", "--stop", "--json")
    assert (stopped.code, stopped.document) == (0, None)
