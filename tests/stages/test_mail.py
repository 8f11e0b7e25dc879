"""Mail: a digest of what became public comes to each reader once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.errors import ConfigError
from hub import control
from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.mails import make_digest
from hub.commands.withdraw import withdraw
from hub.queries.mails import letter_now
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.deciding import DecisionRefusedError
from tests.fakes.smtp import MailHost, Trouble
from tests.province import Province, events, row, rows, rss, story, turn
from tests.stages.mailing import OFFICE, PAPER, beat, morning, send, states, text_to
from tests.stages.sending import WHO, show


@pytest.fixture
async def post() -> AsyncIterator[MailHost]:
    """The mail server of the province."""
    async with MailHost() as post:
        yield post


@pytest.fixture
async def hub(province: Province, post: MailHost) -> AsyncIterator[Hub]:
    """A hub that writes to a newspaper and to the leaders' office every morning; it is eight o'clock."""
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER, OFFICE)
    async with province.open() as hub:
        yield hub


async def test_every_reader_gets_one_mail_with_what_became_public(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1, 2)
    await morning(province, hub)
    await send(hub)
    assert await states(hub) == {PAPER: "done", OFFICE: "done"}
    assert [one.recipient for one in post.box] == [PAPER, OFFICE]
    for one in post.box:
        assert one.message["To"] == one.recipient, "no address is shown to another"
        assert "Tin thứ 1 của Sở Y tế" in text_to(post, one.recipient)
        for item in await rows(hub, "item"):
            assert f"http://127.0.0.1:8080/items/{item['content_id']}" in text_to(post, one.recipient)
    assert {"digest_made", "mail_sent"} <= set(await events(hub))
    assert (await row(hub, "mail", recipient=PAPER))["answer"] == "250 2.0.0 queued as 1"


async def test_a_day_has_one_digest_however_often_the_clock_is_looked_at(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    await asyncio.gather(beat(hub), beat(hub))
    await morning(province, hub, hours=1)
    await send(hub)
    assert len(post.box) == 2
    await show(province, hub, 2)
    await morning(province, hub)
    await send(hub)
    assert len(post.to(PAPER)) == 2
    assert "Tin thứ 2" in text_to(post, PAPER)
    assert "Tin thứ 1 " not in text_to(post, PAPER), "what was told is not told again"


async def test_where_nothing_is_new_nobody_is_written_to(province: Province, hub: Hub, post: MailHost) -> None:
    await morning(province, hub)
    assert (await row(hub, "digest_run"))["items"] == "[]"
    assert await rows(hub, "mail") == []
    assert await send(hub) == 0


async def test_a_machine_that_was_off_for_days_tells_of_all_of_them(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await morning(province, hub)
    await show(province, hub, 1)
    province.clock.advance(days=2)
    await show(province, hub, 1, 2)
    await morning(province, hub, hours=3)
    await send(hub)
    assert "Tin thứ 1 " in text_to(post, PAPER)
    assert "Tin thứ 2 " in text_to(post, PAPER)


async def test_what_a_member_changes_while_a_digest_is_made_is_told_the_next_time(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub, seconds=30)  # a transaction might still be open: too young to tell
    assert await rows(hub, "mail") == []
    await morning(province, hub)
    await send(hub)
    assert "Tin thứ 1 " in text_to(post, PAPER)


async def test_a_small_correction_is_told_only_to_those_who_want_it(province: Province, post: MailHost) -> None:
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("lon", PAPER)
    province.digest("moi-thay-doi", OFFICE, only_major=False)
    async with province.open() as hub:
        await show(province, hub, 1, text="Chỉ tiêu năm nay là mười xã.")
        await morning(province, hub)
        await show(province, hub, 1, text="Chỉ tiêu năm nay là mười xã!")
        assert [edition["update_type"] for edition in await rows(hub, "edition")] == ["major", "minor"]
        await morning(province, hub)
        await send(hub)
    assert len(post.to(PAPER)) == 1
    assert len(post.to(OFFICE)) == 2
    assert "[cập nhật]" in text_to(post, OFFICE)


async def test_a_topic_takes_its_kinds_members_and_tags(province: Province, post: MailHost) -> None:
    province.source("tin", rss(story(1, tags=("Khẩn cấp",)), story(2)))
    province.mails(post.port)
    province.digest("khan", PAPER, tags=["khan*"])
    province.digest("van-ban", OFFICE, kinds=["document"])
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
        await morning(province, hub)
        await send(hub)
    assert post.to(OFFICE) == []
    assert "Tin thứ 1 " in text_to(post, PAPER)
    assert "Tin thứ 2 " not in text_to(post, PAPER)


async def test_a_long_list_is_cut_and_says_how_many_more_there_are(province: Province, post: MailHost) -> None:
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER, at_most=2)
    async with province.open() as hub:
        await show(province, hub, *range(1, 6))
        await morning(province, hub)
        await send(hub)
    text = text_to(post, PAPER)
    assert text.count("/items/") == 2
    assert "Còn 3 mục khác" in text
    assert "5 mục" in post.box[0].message["Subject"]


# ----------------------------------------------------------------------------------------- held and withdrawn


async def test_what_is_held_is_never_told(province: Province, post: MailHost) -> None:
    province.source("tin", rss(), review="hold")
    province.mails(post.port)
    province.digest("tin", PAPER)
    async with province.open() as hub:
        await show(province, hub, 1, 2)
        held = [item["content_id"] for item in await rows(hub, "item")]
        await approve(hub.engine, held[0], who=WHO)
        await morning(province, hub)
        await send(hub)
        text = text_to(post, PAPER)
        assert held[0] in text
        assert held[1] not in text
        await approve(hub.engine, held[1], who=WHO)
        await morning(province, hub)
        await send(hub)
        assert held[1] in text_to(post, PAPER), "it is told once it is public"
        assert held[0] not in text_to(post, PAPER)


async def test_what_was_withdrawn_before_the_digest_was_made_is_not_in_it(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1, 2)
    first, second = [item["content_id"] for item in await rows(hub, "item")]
    await withdraw(hub.engine, first, who=WHO)
    await morning(province, hub)
    await send(hub)
    assert first not in text_to(post, PAPER)
    assert second in text_to(post, PAPER)


async def test_what_was_withdrawn_is_not_counted_either(province: Province, post: MailHost) -> None:
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER, at_most=1)
    async with province.open() as hub:
        await show(province, hub, 1, 2)
        await withdraw(hub.engine, (await rows(hub, "item"))[0]["content_id"], who=WHO)
        await morning(province, hub)
        await send(hub)
    assert text_to(post, PAPER).count("/items/") == 1
    assert "mục khác" not in text_to(post, PAPER)


async def test_what_is_withdrawn_while_the_server_is_away_is_struck_out_of_what_waits(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1, 2)
    first, second = [item["content_id"] for item in await rows(hub, "item")]
    await morning(province, hub)
    post.trouble(Trouble(at="rcpt", reply="450 4.2.0 later"), recipient=OFFICE)
    await send(hub)
    await withdraw(hub.engine, first, who=WHO)
    province.clock.advance(hours=1)
    await send(hub)
    assert first in text_to(post, PAPER), "it was told before"
    assert first not in text_to(post, OFFICE)
    assert second in text_to(post, OFFICE)
    assert "1 mục" in post.to(OFFICE)[0].message["Subject"]
    assert "digest_struck" in await events(hub)


async def test_a_mail_of_which_nothing_is_left_is_not_sent(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    await withdraw(hub.engine, (await row(hub, "item"))["content_id"], who=WHO)
    await send(hub)
    assert post.box == []
    assert await states(hub) == {PAPER: "dropped", OFFICE: "dropped"}


# ---------------------------------------------------------------------------------------------------- by a person


async def test_a_preview_shows_the_mail_of_now_and_keeps_nothing(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    province.clock.advance(hours=1)
    _, letter = await letter_now(hub.engine, "tin")
    assert letter is not None
    assert "Tin thứ 1 của Sở Y tế" in letter.text
    assert await rows(hub, "digest_run") == []
    with pytest.raises(ConfigError, match="no digest"):
        await letter_now(hub.engine, "khong-co")


async def test_a_person_makes_today_s_digest_once(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    province.clock.advance(hours=1)
    made = await control.execute(hub.engine, "make_digest", {"digest": "tin", "who": WHO})
    assert made == {"items": 1, "mails": 2}
    await beat(hub)
    with pytest.raises(DecisionRefusedError):
        await make_digest(hub.engine, "tin", who=WHO)
    await send(hub)
    assert len(post.box) == 2


async def test_a_worker_sends_what_the_schedule_made(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    province.clock.advance(hours=1)
    await beat(hub)
    await hub.once()
    assert await states(hub) == {PAPER: "done", OFFICE: "done"}
