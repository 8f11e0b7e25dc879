"""`hub preview ITEM --to`, `hub reconcile`, `hub tasks`, `hub posts`: alone, and beside a hub at work."""

from pathlib import Path

import pytest

from tests.cli.test_at_work import at_work, hub
from tests.fakes.portal import Held
from tests.province import Province, row, rss, story
from tests.stages.sending import send, show

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(province: Province) -> Path:
    province.source("tin", rss(story(1), story(2)))
    province.route(province.destination("portal"))
    return province.write()


async def _delivered(province: Province) -> str:
    async with province.open() as opened:
        await show(province, opened, 1, 2)
        await send(opened)
        item = await row(opened, "item", guid="tin-1")
    return str(item["content_id"])


async def test_an_item_is_shown_as_it_would_be_sent(province: Province, settings: Path) -> None:
    content_id = await _delivered(province)
    told = await hub(settings, "preview", content_id, "--to", "portal", "--json")
    assert (told.code, told.document["revision"]) == (0, 1), told.err
    assert '"title":"Tin thứ 1' in told.document["payload"]["body"]
    assert "byte" in (await hub(settings, "preview", content_id, "--to", "portal")).out
    unknown = await hub(settings, "preview", content_id, "--to", "khong-co", "--json")
    assert (unknown.code, unknown.document["error"]) == (1, "unknown_destination")
    assert (await hub(settings, "preview", "khong-phai-ma", "--to", "portal")).code == 2


async def test_a_comparison_lists_and_mends_without_a_hub_at_work(province: Province, settings: Path) -> None:
    content_id = await _delivered(province)
    del province.portal.held[content_id]
    province.portal.held["bai-la"] = Held(3, {"title": "Bài lạ"})
    listed = await hub(settings, "reconcile", "portal", "--json")
    assert listed.code == 0, listed.err
    assert {(each["kind"], each["key"]) for each in listed.document["differences"]} == {
        ("missing", content_id), ("orphan", "bai-la"),
    }  # fmt: skip
    told = (await hub(settings, "reconcile", "portal", "--list")).out
    assert "đã gửi nhưng nơi nhận không còn" in told
    assert "bai-la  thừa: hệ thống không có nội dung này" in told
    decided = await hub(settings, "reconcile", "portal", "--accept", "bai-la", "--why", "bài thử")
    assert "hub reconcile portal --apply" in decided.out
    assert content_id not in province.portal.shown(), "whoever only compares or decides sends nothing"
    mended = await hub(settings, "reconcile", "portal", "--apply", "--json")
    assert mended.document["differences"] == [], mended.out
    assert content_id in province.portal.shown()
    assert "bai-la" not in province.portal.shown()


async def test_what_is_mistyped_is_told(settings: Path) -> None:
    unknown = await hub(settings, "reconcile", "cong-tinh", "--json")
    assert (unknown.code, unknown.document["error"]) == (1, "unknown_destination")
    assert (await hub(settings, "reconcile", "portal", "--owner", "1.004194=khong-phai-ma")).code == 2


async def test_beside_a_hub_at_work_the_command_asks_it(province: Province, settings: Path) -> None:
    content_id = await _delivered(province)
    del province.portal.held[content_id]
    async with at_work(settings, settings.parent / "var" / "control.sock"):
        mended = await hub(settings, "reconcile", "portal", "--apply", "--json")
    assert (mended.code, mended.document["differences"]) == (0, []), mended.err
    assert content_id in province.portal.shown()


async def test_people_hear_what_waits_for_them(province: Province, settings: Path) -> None:
    await _delivered(province)
    assert "Không có việc" in (await hub(settings, "tasks", "list")).out
    assert "Không có nội dung" in (await hub(settings, "posts", "list")).out
    gone = await hub(settings, "tasks", "done", "7", "--json")
    assert (gone.code, gone.document["error"]) == (1, "decision_refused")
