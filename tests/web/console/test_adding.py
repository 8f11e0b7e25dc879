"""Adding a source from an address, as a technician does it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from tests.province import MEMBER, Province, events, rss, story
from tests.web.desk import Answer, Desk, Visitor

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def desk(province: Province) -> AsyncIterator[Desk]:
    page = b'<html><head><title>S\xe1\xbb\x9f Y t\xe1\xba\xbf</title><link rel="alternate" type="application/rss+xml"'
    page += b' href="/tin.rss"></head><body>Trang</body></html>'
    province.site.serve("/", page, content_type="text/html; charset=utf-8")
    province.site.serve("/tin.rss", rss(story(1, title=f"Tin một {HOSTILE}"), story(2)))
    async with province.open() as hub, Desk(hub) as opened:
        yield opened


async def searched(person: Visitor, url: str) -> tuple[str, Answer]:
    """The page of a search, once it shows what was found."""
    begun = await person.post("/sources/new", url=url)
    assert begun.status == 303
    path = begun.location.removeprefix("/console")
    for _ in range(200):
        answer = await person.get(path)
        if 'aria-busy="true"' not in answer.text:
            return path, answer
        assert "http-equiv" in answer.text  # a browser without scripts looks again too
        await asyncio.sleep(0.05)
    raise AssertionError("the search does not end")


async def test_a_site_becomes_a_source_in_three_steps(desk: Desk, province: Province) -> None:
    hub: Hub = desk.hub
    person = await desk.person("ky.thuat", "technician")
    assert "Thêm nguồn tin" in (await person.get("/sources/new")).words
    path, answer = await searched(person, province.site.origin + "/")
    assert "Tin thứ 2 của Sở Y tế" in answer.words
    assert "<script>alert" not in answer.text
    assert 'value="so-y-te-tin-tuc"' in answer.text
    live = hub.engine.store.database.dialect == "sqlite"
    added = await person.post(path, proposal="0", member=MEMBER, name="so-y-te-tin-tuc", review="hold")
    assert added.location == (
        "/console/sources/so-y-te-tin-tuc?done=added" if live else "/console/sources?done=written"
    )  # fmt: skip
    assert await events(hub, who="ky.thuat") == ["source_added" if live else "source_written"]
    assert "khai báo" in (await person.get("/settings")).words
    written = (hub.settings.folder / "sources.d" / "so-y-te-tin-tuc.toml").read_text("utf-8")
    assert 'review = "hold"' in written
    if live:
        assert "sources.d/so-y-te-tin-tuc.toml" in (await person.get("/sources/so-y-te-tin-tuc")).words
        gone = await person.post("/sources/so-y-te-tin-tuc/remove", why="nhầm")
        assert gone.location == "/console/sources?done=removed"
        assert (await person.get("/sources/so-y-te-tin-tuc")).status == 404
        await person.post(path, proposal="0", member=MEMBER, name="so-y-te-tin-tuc")
    again = await person.post(path, proposal="0", member=MEMBER, name="so-y-te-tin-tuc")
    assert again.status == 422
    assert "Hãy đặt tên khác" in again.words


async def test_what_is_bent_is_refused_and_nothing_is_written(desk: Desk, province: Province) -> None:
    person = await desk.person("ky.thuat", "technician")
    path, _ = await searched(person, province.site.origin + "/")
    assert (await person.post(path, proposal="7", member=MEMBER, name="a")).status == 400
    assert (await person.post(path, proposal="0", member=MEMBER, name="../a")).status == 422
    assert (await person.post(path, proposal="0", member="H99", name="a")).status == 422
    assert (await person.post("/sources/new/nobodys", proposal="0")).location == "/console/sources/new"
    assert not (desk.hub.settings.folder / "sources.d").exists()
    other = await desk.person("khac", "technician")
    assert (await other.get(path)).status == 303  # a search is that of who asked


async def test_an_address_inside_the_network_is_not_asked(desk: Desk) -> None:
    person = await desk.person("ky.thuat", "technician")
    _, answer = await searched(person, "http://169.254.169.254/latest/meta-data/")
    assert 'class="problem"' in answer.text
    assert "không được phép" in answer.words
    _, answer = await searched(person, "javascript:alert(1)")
    assert 'class="problem"' in answer.text


async def test_a_folder_that_takes_no_file_gives_the_entry_to_paste(desk: Desk, province: Province) -> None:
    (desk.hub.settings.folder / "sources.d").write_text("in the way", "utf-8")
    person = await desk.person("ky.thuat", "technician")
    path, _ = await searched(person, province.site.origin + "/")
    answer = await person.post(path, proposal="0", member=MEMBER, name="tin-moi", review="hold")
    assert answer.status == 200
    assert "không ghi được vào thư mục sources.d" in answer.words
    assert "[[source]] name = &#34;tin-moi&#34;" in answer.words


async def test_who_may_not_approve_adds_no_source_that_is_public_at_once(desk: Desk, province: Province) -> None:
    person = await desk.person("ky.thuat", "technician")
    path, shown = await searched(person, province.site.origin + "/")
    assert 'value="auto"' not in shown.text
    answer = await person.post(path, proposal="0", member=MEMBER, name="tin-moi", review="auto")
    assert answer.status == 422
    assert "chỉ người có quyền duyệt" in answer.words
    assert not (desk.hub.settings.folder / "sources.d" / "tin-moi.toml").exists()


async def test_only_a_technician_of_the_unit_adds_for_it(desk: Desk, province: Province) -> None:
    assert (await (await desk.person("an", "editor")).get("/sources/new")).status == 403
    other = await desk.person("xa", "technician", "H52.99")
    path, _ = await searched(other, province.site.origin + "/")
    assert (await other.post(path, proposal="0", member=MEMBER, name="a")).status == 404
