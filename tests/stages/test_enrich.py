"""Enrich: an item whose list says too little waits for its own page and files."""

from dataclasses import replace
from typing import Any

import pytest

from hub.rules.wholeness import PATIENCE
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import roster
from hub.store.unit import LeaseLostError
from schemas.item import ITEM
from tests.province import Province, atom, row, rows, turn
from tests.stages.teasers import HTML, PARAGRAPHS, SHORT, Newsroom, item_of, page, work


@pytest.fixture
def newsroom(province: Province) -> Newsroom:
    return Newsroom(province)


async def test_a_teaser_becomes_the_whole_article(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert await rows(hub, "edition") == [], "it waits for its page"
        await work(hub)
        item = await item_of(hub)
        for paragraph in PARAGRAPHS:
            assert paragraph in item.content_html
        assert "Bản quyền" not in item.content_html
        assert (item.title, item.summary) == ("Tin thứ 1 của Sở Y tế", SHORT)
        assert len(newsroom.province.portal.shown()) == 1
        capture = await row(hub, "capture", origin="article")
        assert (capture["state"], capture["format"]) == ("done", "page")


async def test_an_item_that_its_list_shows_whole_waits_for_nothing(newsroom: Newsroom) -> None:
    newsroom.show(1, text=" ".join(PARAGRAPHS) * 2)
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert len(await rows(hub, "edition")) == 1
        assert newsroom.asked("/tin/1.html") == 0


async def test_the_same_teaser_asks_for_its_page_once(newsroom: Newsroom) -> None:
    newsroom.page(1)
    newsroom.page(2)
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.show(2, 1)
        newsroom.province.clock.advance(minutes=10)
        await work(hub)
        assert (newsroom.asked("/tin/1.html"), newsroom.asked("/tin/2.html")) == (1, 1)
        assert len(await rows(hub, "item")) == 2


async def test_a_changed_teaser_asks_again_and_makes_one_new_edition(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await work(hub)
        newsroom.page(
            1, page(*PARAGRAPHS[:2], "Kế hoạch mới có hiệu lực từ ngày 01/4/2026 trên toàn tỉnh, thay kế hoạch cũ.")
        )
        newsroom.show(1, text="Hội nghị triển khai công tác tiêm chủng, bổ sung kế hoạch mới.")
        newsroom.province.clock.advance(minutes=10)
        await work(hub)
        assert [one["revision"] for one in await rows(hub, "edition")] == [1, 2]
        assert "01/4/2026" in (await item_of(hub, 2)).content_html


@pytest.mark.parametrize(("answer", "code"), [({"status": 404}, "not_found"), ({"status": 403}, "forbidden")])
async def test_a_page_that_cannot_be_had_keeps_nothing_back(
    newsroom: Newsroom, answer: dict[str, Any], code: str
) -> None:
    newsroom.page(1, b"", **answer)
    async with newsroom.province.open() as hub:
        await work(hub)
        edition = await row(hub, "edition")
        assert f"without_page:{code}" in edition["why"]
        assert (await item_of(hub)).summary == SHORT
        assert len(newsroom.province.portal.shown()) == 1


async def test_a_page_that_robots_may_not_read_keeps_nothing_back(newsroom: Newsroom) -> None:
    newsroom.page(1)
    newsroom.site.serve("/robots.txt", b"User-agent: *\nDisallow: /tin/\n", content_type="text/plain")
    async with newsroom.province.open() as hub:
        await work(hub)
        assert newsroom.asked("/tin/1.html") == 0
        assert "without_page:robots_disallowed" in (await row(hub, "edition"))["why"]


async def test_a_page_that_says_nothing_leaves_the_teaser(newsroom: Newsroom) -> None:
    newsroom.page(1, b"<html><body></body></html>")
    async with newsroom.province.open() as hub:
        await work(hub)
        assert (await item_of(hub)).summary == SHORT
        assert "without_page:" in (await row(hub, "edition"))["why"]


async def test_an_item_waits_for_a_site_that_is_away_but_not_for_long(newsroom: Newsroom) -> None:
    newsroom.page(1, b"", status=500)
    async with newsroom.province.open() as hub:
        await work(hub)
        assert await rows(hub, "edition") == []
        newsroom.province.clock.advance(seconds=PATIENCE.total_seconds() + 1)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert (await item_of(hub)).content_html == ""
        newsroom.page(1)
        newsroom.province.clock.advance(hours=7)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert PARAGRAPHS[1] in (await item_of(hub, 2)).content_html, "completed when the site was back"


@pytest.mark.parametrize("state", ["paused", "blocked"])
async def test_what_waits_while_its_source_rests_goes_out_unasked(newsroom: Newsroom, state: str) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET state = ?", state)
        assert await turn(Enrich(hub.engine)) == 0
        newsroom.province.clock.advance(seconds=PATIENCE.total_seconds())
        await work(hub)
        assert newsroom.asked("/tin/1.html") == 0
        assert "without_page:source_resting" in (await row(hub, "edition"))["why"]
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET state = 'active'")
        newsroom.province.clock.advance(hours=7)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert PARAGRAPHS[1] in (await item_of(hub, 2)).content_html, "completed when the source works again"


async def test_what_the_source_takes_back_before_its_page_came_is_no_item(province: Province) -> None:
    newsroom = Newsroom(province)
    one = replace(newsroom.story(1), text=SHORT)
    province.site.serve("/tin.rss", atom(one), content_type="application/atom+xml")
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        province.site.serve("/tin.rss", atom(gone=[one.guid]), content_type="application/atom+xml")
        province.clock.advance(minutes=10)
        await work(hub)
        assert await rows(hub, "item") == []
        assert newsroom.asked("/tin/1.html") == 0


async def test_files_are_kept_once_and_told_by_their_content(province: Province) -> None:
    newsroom = Newsroom(province, files=True)
    link = "<p><a href='/tep/ke-hoach.pdf'>Kế hoạch kèm theo</a></p>"
    newsroom.page(1, page(attachments=link))
    newsroom.page(2, page(attachments=link, title="Tin hai"))
    body = "Kế hoạch tiêm chủng năm 2026".encode()
    province.site.serve("/tep/ke-hoach.pdf", body, content_type="application/octet-stream")
    newsroom.show(1, 2)
    async with province.open() as hub:
        await work(hub)
        await work(hub)
        files = await rows(hub, "file")
        assert len(files) == 2
        [checksum] = {one["sha256"] for one in files}
        assert await hub.engine.files.get(checksum) == body
        assert {(one["type"], one["readable"]) for one in files} == {("text/plain", 1)}
        assert "Kế hoạch tiêm chủng" in files[0]["text"]
        [attachment] = (ITEM.validate_json((await rows(hub, "edition"))[0]["body"])).attachments
        assert (attachment.sha256, attachment.type, attachment.length) == (checksum, "text/plain", len(body))
        assert attachment.title == "Kế hoạch kèm theo"


@pytest.mark.parametrize(("lines", "state"), [(10, "approved"), (60_000, "held")])
async def test_a_file_that_is_not_read_to_its_end_waits_for_a_person(
    province: Province, lines: int, state: str
) -> None:
    """Behind what is read anything may stand, and no screen has seen it."""
    newsroom = Newsroom(province, files=True)
    newsroom.page(1, page(attachments="<p><a href='/tep/so-lieu.pdf'>Số liệu kèm theo</a></p>"))
    body = "\n".join(f"Hàng số {number} của bảng" for number in range(lines)).encode()
    province.site.serve("/tep/so-lieu.pdf", body, content_type="application/octet-stream")
    newsroom.show(1)
    async with province.open() as hub:
        await work(hub)
        await work(hub)
        assert len(await rows(hub, "file")) == 1
        [edition] = await rows(hub, "edition")
        assert edition["state"] == state
        assert ("read_in_part" in edition["why"]) is (state == "held")


async def test_a_file_that_cannot_be_had_is_noted_and_keeps_nothing_back(province: Province) -> None:
    newsroom = Newsroom(province, files=True)
    newsroom.page(1, page(attachments="<p><a href='/tep/mat.pdf'>Kế hoạch</a></p>"))
    async with province.open() as hub:
        await work(hub)
        assert (await row(hub, "file"))["note"] == "not_found"
        [attachment] = (await item_of(hub)).attachments
        assert attachment.sha256 == ""


async def test_a_page_in_place_of_a_file_is_not_the_file(province: Province) -> None:
    newsroom = Newsroom(province, files=True)
    newsroom.page(1, page(attachments="<p><a href='/tep/ke-hoach.pdf'>Kế hoạch</a></p>"))
    province.site.serve("/tep/ke-hoach.pdf", page("Không tìm thấy tệp."), content_type=HTML)
    pdf = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    async with province.open() as hub:
        await work(hub)
        assert (await row(hub, "file"))["note"] == "page_for_file"
        assert (await item_of(hub)).attachments[0].sha256 == ""
        for body, kind in ((pdf, "application/pdf"), (page("Hãy đăng nhập."), HTML)):
            province.site.serve("/tep/ke-hoach.pdf", body, content_type=kind)
            province.clock.advance(hours=24)
            await turn(Enrich(hub.engine))
            await turn(Normalise(hub.engine))
            assert await hub.engine.files.get((await item_of(hub, 2)).attachments[0].sha256) == pdf
        assert len(await rows(hub, "edition")) == 2, "the good copy stays"


async def test_a_file_that_changes_is_a_new_edition(province: Province) -> None:
    newsroom = Newsroom(province, files=True)
    newsroom.page(1, page(attachments="<p><a href='/tep/ke-hoach.doc'>Kế hoạch</a></p>"))
    province.site.serve("/tep/ke-hoach.doc", b"Ban dau", content_type="text/plain")
    async with province.open() as hub:
        await work(hub)
        province.site.serve("/tep/ke-hoach.doc", b"Thay the", content_type="text/plain")
        province.clock.advance(hours=6.1)
        await turn(Enrich(hub.engine))
        await turn(Normalise(hub.engine))
        assert len(await rows(hub, "edition")) == 2


async def test_a_dead_worker_leaves_the_page_to_the_next_one(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        assert len(await Enrich(hub.engine).claim(None, 10)) == 1  # and then it dies
        assert await turn(Enrich(hub.engine)) == 0
        await roster.free_leases(hub.engine.store)
        assert await turn(Enrich(hub.engine)) == 1


async def test_a_teaser_that_changes_meanwhile_wins_over_the_page_in_flight(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        stage = Enrich(hub.engine)
        [claim] = await stage.claim(None, 10)
        newsroom.show(1, title="Tiêu đề đã sửa")
        newsroom.province.clock.advance(minutes=10)
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        with pytest.raises(LeaseLostError):
            await stage.handle(claim)
        await work(hub)
        assert (await item_of(hub)).title == "Tiêu đề đã sửa"
        assert len(await rows(hub, "edition")) == 1


async def test_an_item_that_changes_its_guid_while_it_waits_is_one_item_with_one_teaser(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        for guid, title in (("cu", "Tiêu đề đầu"), ("moi", "Tiêu đề đã sửa")):
            newsroom.show(1, guid=guid, title=title)
            newsroom.province.clock.advance(minutes=10)
            await turn(Harvest(hub.engine))
            await turn(Normalise(hub.engine))
        for hours in (0, 7, 14, 28):
            newsroom.page(1, page() + f"<!-- {hours} -->".encode())
            newsroom.province.clock.advance(hours=hours)
            await work(hub)
            await work(hub)
        assert len(await rows(hub, "item")) == len(await rows(hub, "article")) == 1
        editions = await rows(hub, "edition")
        assert len(editions) == 2
        assert ITEM.validate_json(editions[-1]["body"]).title == "Tiêu đề đã sửa"
        assert len(newsroom.province.portal.shown()) == 1


async def test_the_newer_teaser_wins_whichever_page_comes_first(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        for guid, title in (("cu", "Tiêu đề đầu"), ("moi", "Tiêu đề đã sửa")):
            newsroom.show(1, guid=guid, title=title)
            newsroom.province.clock.advance(minutes=10)
            await turn(Harvest(hub.engine))
            await turn(Normalise(hub.engine))
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE article SET due_at = due_at + 1200000000 WHERE teaser LIKE '%đầu%'")
        await work(hub)
        assert len(await rows(hub, "article", state="wanted")) == 1, "the older one is late"
        newsroom.province.clock.advance(minutes=20)
        for _ in range(3):
            await work(hub)
        editions = await rows(hub, "edition")
        assert ITEM.validate_json(editions[-1]["body"]).title == "Tiêu đề đã sửa"
        assert len(await rows(hub, "article")) == 1


async def test_replay_reads_the_kept_page_and_asks_nobody(newsroom: Newsroom) -> None:
    newsroom.page(1)
    async with newsroom.province.open() as hub:
        await work(hub)
        asked = len(newsroom.site.asked)
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE capture SET state = 'new', replay = 1")
        while await turn(Normalise(hub.engine)) or await turn(Enrich(hub.engine)):
            continue
        assert len(newsroom.site.asked) == asked
        assert len(await rows(hub, "edition")) == 1


async def test_a_list_without_further_settings_reads_every_page(province: Province) -> None:
    body = f"<ul><li><a href='/tin/1.html'>Hội nghị tiêm chủng mở rộng</a></li></ul><p>{SHORT}</p>".encode()
    province.source(
        "ds", b"<html><body>" + body + b"</body></html>", path="/danh-sach", page={"content_type": HTML},
        connector="listing", items="li", link="a",
    )  # fmt: skip
    province.site.serve("/tin/1.html", page(), content_type=HTML)
    province.route(province.destination())
    async with province.open() as hub:
        await work(hub)
        assert PARAGRAPHS[0] in (await item_of(hub)).content_html
