"""Pages that are looked at again: corrections, pages that turn into something else, and pages that are gone."""

import pytest

from hub.rules.wholeness import MISSING_LOOK
from hub.stages.deliver import Deliver
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from tests.province import Province, events, row, rows, turn
from tests.stages.teasers import HTML, PARAGRAPHS, Newsroom, item_of, page, work


@pytest.fixture
def newsroom(province: Province) -> Newsroom:
    return Newsroom(province)


async def test_a_watched_page_that_changes_is_a_new_edition(newsroom: Newsroom) -> None:
    newsroom.page(1, etag='"1"')
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.province.clock.advance(hours=6.1)
        await turn(Enrich(hub.engine))
        assert newsroom.site.asked[-1].headers["If-None-Match"] == '"1"'
        assert await turn(Normalise(hub.engine)) == 0
        newsroom.page(
            1,
            page(*PARAGRAPHS, "Đính chính: số trẻ đã tiêm là 18.540 trẻ, không phải 18.450 trẻ như đã đưa."),
            etag='"2"',
        )
        newsroom.province.clock.advance(hours=12.2)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert "18.540" in (await item_of(hub, 2)).content_html


@pytest.mark.parametrize(
    ("worse", "code"),
    [
        (b"<html><title>Login</title><form><input type=password></form></html>", "login_page"),
        (b"<html><body></body></html>", "no_article"),
        (page(PARAGRAPHS[0], "Trang này dùng cookie để phục vụ bạn đọc tốt hơn. Chọn đồng ý để đọc."), "page_poorer"),
    ],
)
async def test_a_good_text_is_not_given_up_for_a_worse_page(newsroom: Newsroom, worse: bytes, code: str) -> None:
    newsroom.page(1, page(*PARAGRAPHS * 3))
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.page(1, worse)
        newsroom.province.clock.advance(hours=6.1)
        await turn(Enrich(hub.engine))
        assert await turn(Normalise(hub.engine)) == 1
        assert len(await rows(hub, "edition")) == 1
        assert code in (await rows(hub, "event", what="page_unfit"))[0]["why"]


async def test_a_site_that_leads_to_its_front_page_gives_no_new_text(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.page(1, b"", status=302, to="/")
        newsroom.site.serve("/", page("Tin nổi bật trong ngày của cổng thông tin. " * 30), content_type=HTML)
        newsroom.province.clock.advance(hours=6.1)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert len(await rows(hub, "edition")) == 1
        assert (await row(hub, "item"))["state"] == "live"


async def test_a_changed_teaser_keeps_the_text_of_a_page_that_is_away(newsroom: Newsroom) -> None:
    link = "<p><a href='/tep/ke-hoach.pdf'>Kế hoạch kèm theo</a></p>"
    newsroom.page(1, page(attachments=link))
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.page(1, b"", status=403)
        newsroom.show(1, title="Tiêu đề đã sửa")
        newsroom.province.clock.advance(minutes=10)
        await work(hub)
        before, now = await item_of(hub, 1), await item_of(hub, 2)
        assert now.title == "Tiêu đề đã sửa"
        assert (now.content_html, now.attachments) == (before.content_html, before.attachments)
        assert "without_page:forbidden" in (await row(hub, "edition", revision=2))["why"]


async def test_a_page_that_stays_missing_withdraws_its_item(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.page(1, b"", status=404)
        newsroom.province.clock.advance(hours=6.1)
        looks = 0
        while (await row(hub, "item"))["state"] == "live":
            assert await turn(Enrich(hub.engine)) == 1
            await turn(Normalise(hub.engine))
            looks += 1
            newsroom.province.clock.advance(seconds=MISSING_LOOK.total_seconds() + 1)
        assert looks == 4, "missing at once, after 8, 16 and 24 hours"
        await turn(Deliver(hub.engine, "portal"))
        assert newsroom.province.portal.shown() == {}
        assert "page_missing" in await events(hub)
        assert await turn(Enrich(hub.engine)) == 0, "nobody looks for it any more"


async def test_a_page_that_comes_back_withdraws_nothing(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await work(hub)
        for status in (404, 404, 200, 404, 404, 200):
            newsroom.page(1, page(), status=status)
            newsroom.province.clock.advance(hours=40)
            await turn(Enrich(hub.engine))
            await turn(Normalise(hub.engine))
        assert (await row(hub, "item"))["state"] == "live"
        assert (await row(hub, "article"))["misses"] == 0


async def test_a_page_that_never_was_there_withdraws_nothing(newsroom: Newsroom) -> None:
    async with newsroom.province.open() as hub:
        await work(hub)
        for _ in range(8):
            newsroom.province.clock.advance(hours=8.1)
            await work(hub)
        assert (await row(hub, "item"))["state"] == "live", "the list shows it, with an address that never was right"


async def test_pages_that_are_missing_all_at_once_withdraw_nothing(newsroom: Newsroom) -> None:
    numbers = range(1, 25)
    newsroom.show(*numbers)
    for number in numbers:
        newsroom.page(number)
    async with newsroom.province.open() as hub:
        await work(hub)
        for _ in numbers:
            await work(hub)
        for number in numbers:
            newsroom.page(number, b"", status=404)
        looks = []
        for _ in range(14):
            newsroom.province.clock.advance(hours=24.1)
            before = len(newsroom.site.asked)
            for _ in numbers:
                await turn(Enrich(hub.engine))
            await work(hub)
            looks.append(len(newsroom.site.asked) - before)
        assert {one["state"] for one in await rows(hub, "item")} == {"live"}
        assert "withdrawal_braked" in await events(hub)
        assert max(looks[9:]) <= 1, "after a week nobody looks any more; the list is polled"


async def test_a_page_that_stays_forbidden_is_not_asked_for_ever(newsroom: Newsroom) -> None:
    newsroom.page(1, b"", status=403)
    async with newsroom.province.open() as hub:
        await work(hub)
        for _ in range(40):
            newsroom.province.clock.advance(days=5)
            await turn(Enrich(hub.engine))
        assert newsroom.asked("/tin/1.html") < 10


async def test_a_host_that_tells_us_to_wait_is_asked_once(newsroom: Newsroom) -> None:
    newsroom.show(1, 2, 3)
    for number in (1, 2, 3):
        newsroom.page(number, b"", status=429, headers={"Retry-After": "3600"})
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        stage = Enrich(hub.engine)
        while await turn(stage):
            continue
        assert sum(one.path.startswith("/tin/") for one in newsroom.site.asked) == 1
        while await turn(Normalise(hub.engine)):
            continue
        assert len(await rows(hub, "item")) == 3, "none is kept back for an hour"
        for number in (1, 2, 3):
            newsroom.page(number)
        newsroom.province.clock.advance(hours=1.1)
        while await turn(stage):
            continue
        assert sum(one.path.startswith("/tin/") for one in newsroom.site.asked) == 4
