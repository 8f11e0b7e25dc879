"""Mail when something goes wrong: what a server may say or not say, and a process that dies at any moment."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.app import Hub
from hub.commands.mails import drop_mail, send_mail
from hub.queries.mails import mails
from hub.queries.status import troubles
from hub.stages.mail import AFTER_REFUSAL
from hub.store import mailing
from hub.store.deciding import DecisionRefusedError
from hub.store.instants import moment
from tests.fakes.smtp import MailHost, Trouble
from tests.province import Province, events, row, rows, rss
from tests.stages.mailing import OFFICE, PAPER, beat, killed, longest, morning, send, settle, stage, states
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


async def test_a_refused_address_is_told_and_the_others_get_theirs(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(Trouble(at="rcpt", reply="550 5.1.1 nobody of this name"), recipient=PAPER)
    await send(hub)
    assert await states(hub) == {PAPER: "refused", OFFICE: "done"}
    [waiting] = await mails(hub.engine.store)
    assert (waiting.code, waiting.recipient, waiting.items) == ("mail_recipient_refused", PAPER, 1)
    assert "địa chỉ" in waiting.sentence
    [trouble] = [one for one in await troubles(hub.engine.store) if one.what == "mail"]
    assert (trouble.name, trouble.state) == ("tin", "refused")
    province.clock.advance(days=1)
    assert await send(hub) == 0, "it is not tried again by itself"


async def test_a_full_mailbox_is_tried_later_with_the_same_bytes(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(Trouble(at="rcpt", reply="452 4.2.2 full"), Trouble(at="message", reply="451 4.3.0 later"),
                 recipient=PAPER)  # fmt: skip
    post.trouble(Trouble(at="message", committed=True), recipient=OFFICE)
    for _ in range(3):
        await send(hub)
        province.clock.advance(minutes=20)
    assert await states(hub) == {PAPER: "done", OFFICE: "unknown"}
    assert (await row(hub, "mail", recipient=PAPER))["attempts"] == 3
    await send_mail(hub.engine, (await row(hub, "mail", recipient=OFFICE))["id"], who=WHO)
    await send(hub)
    first, again = post.to(OFFICE)
    assert first.body == again.body, "a reader's program takes it for the same"


async def test_a_server_that_is_away_is_waited_for(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(*[Trouble(at="greeting")] * 6)
    for _ in range(3):
        await send(hub)
        assert set((await states(hub)).values()) == {"ready"}
        province.clock.advance(minutes=20)
    await send(hub)
    assert await states(hub) == {PAPER: "done", OFFICE: "done"}
    assert [one for one in await troubles(hub.engine.store) if one.what == "mail"] == []


async def test_a_server_that_wants_us_to_slow_down_is_left_alone_by_all_mails(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(Trouble(at="greeting", reply="421 4.3.2 too many"))
    ours = stage(hub)
    [claim] = await ours.claim(None, 1)
    await settle(ours, claim)
    assert await send(hub) == 0
    assert {mail["error_code"] for mail in await rows(hub, "mail")} == {"throttled"}
    assert (await row(hub, "mail", recipient=PAPER))["attempts"] == 0, "waiting as told is no attempt"
    province.clock.advance(minutes=1)
    await send(hub)
    assert await states(hub) == {PAPER: "done", OFFICE: "done"}


async def test_a_wrong_password_is_tried_once_in_a_while(province: Province, post: MailHost) -> None:
    province.source("tin", rss())
    post.account = ("hub", "mat-khau-moi")
    province.mails(post.port, username="hub", password="mat-khau-cu")
    province.digest("tin", *(f"so-{number}@tinhmau.gov.vn" for number in range(5)))
    async with province.open() as hub:
        await show(province, hub, 1)
        await morning(province, hub)
        ours = stage(hub)
        [claim] = await ours.claim(None, 1)
        await settle(ours, claim)
        assert await send(hub) == 0
        assert post.logins == [False]
        assert moment((await rows(hub, "mail"))[0]["due_at"]) - province.clock.now() == AFTER_REFUSAL
        [trouble] = [one for one in await troubles(hub.engine.store) if one.what == "mail"]
        assert trouble.code == "mail_login_refused"
        post.account = ("hub", "mat-khau-cu")
        province.clock.advance(seconds=AFTER_REFUSAL.total_seconds())
        await send(hub)
        assert len(post.box) == 5


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lost_answer_is_a_doubt_that_only_a_person_ends(
    province: Province, hub: Hub, post: MailHost, committed: bool
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(Trouble(at="message", committed=committed), recipient=PAPER)
    await send(hub)
    assert await states(hub) == {PAPER: "unknown", OFFICE: "done"}
    for _ in range(5):
        province.clock.advance(days=3)
        await send(hub)
    assert len(post.to(PAPER)) == committed, "never sent a second time by itself"
    assert await events(hub, what="mail_unknown") == ["mail_unknown"]
    mail = (await row(hub, "mail", recipient=PAPER))["id"]
    if committed:
        assert await drop_mail(hub.engine, mail, who=WHO, why="tòa soạn đã nhận") == PAPER
    else:
        assert await send_mail(hub.engine, mail, who=WHO) == PAPER
    await send(hub)
    assert len(post.to(PAPER)) == 1
    with pytest.raises(DecisionRefusedError):
        await send_mail(hub.engine, mail, who=WHO)


async def test_a_mail_that_fails_for_a_week_rests_until_a_person_sends_it(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    post.trouble(*[Trouble(at="mail", reply="451 4.3.0 later")] * 50)
    for _ in range(9):
        await send(hub)
        province.clock.advance(days=1)
    assert set((await states(hub)).values()) == {"parked"}
    post.well()
    for mail in await rows(hub, "mail"):
        await send_mail(hub.engine, mail["id"], who=WHO)
    await send(hub)
    assert len(post.box) == 2


async def test_a_defect_of_ours_before_the_promise_is_tried_again_and_after_it_is_a_doubt(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    ours = stage(hub)
    one, other = await ours.claim(None, 2)
    await ours.failed(one, KeyError("a defect"))
    async with hub.engine.store.unit() as unit:
        await mailing.promised(unit, other)
    await ours.failed(other, asyncio.CancelledError())
    assert await states(hub) == {PAPER: "ready", OFFICE: "unknown"}


# ------------------------------------------------------------------------------------------------ kills and restarts


async def test_a_kill_between_making_and_sending_loses_and_doubles_nothing(province: Province, post: MailHost) -> None:
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER, OFFICE)
    async with province.open() as hub:
        await show(province, hub, 1)
        await morning(province, hub)
        made = await row(hub, "digest_run")
    async with province.open() as hub:
        await beat(hub)
        await send(hub)
        assert await row(hub, "digest_run") == made
    assert [len(post.to(PAPER)), len(post.to(OFFICE))] == [1, 1]


async def test_a_kill_before_the_promise_is_sent_after_the_restart(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    ours = stage(hub)
    post.trouble(Trouble(at="rcpt", hang=True))

    async with killed(ours, post.hanging.wait):
        assert (await row(hub, "mail", recipient=PAPER))["promised_at"] is None
        province.clock.advance(seconds=longest(ours))
        await send(hub)
    assert await states(hub) == {PAPER: "done", OFFICE: "done"}
    assert len(post.to(PAPER)) == 1


async def test_a_kill_between_the_server_s_yes_and_our_record_is_a_doubt_and_no_second_mail(
    province: Province, hub: Hub, post: MailHost
) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    ours = stage(hub)
    post.trouble(Trouble(at="message", committed=True, hang=True))
    async with killed(ours, post.taken.wait):
        assert (await row(hub, "mail", recipient=PAPER))["state"] == "sending"
        await send(hub)
        assert len(post.to(PAPER)) == 1, "its lease still runs"
        province.clock.advance(seconds=longest(ours))
        await send(hub)
    assert await states(hub) == {PAPER: "unknown", OFFICE: "done"}
    assert len(post.to(PAPER)) == 1


async def test_an_embedded_hub_knows_at_its_start_what_the_dead_process_may_have_sent(
    province: Province, post: MailHost
) -> None:
    province.source("tin", rss())
    province.mails(post.port)
    province.digest("tin", PAPER)
    async with province.open() as hub:
        await show(province, hub, 1)
        await morning(province, hub)
        ours = stage(hub)
        post.trouble(Trouble(at="message", committed=True, hang=True))
        async with killed(ours, post.taken.wait):
            pass
    async with province.open() as hub:
        if hub.engine.store.database.dialect == "postgres":
            province.clock.advance(seconds=longest(ours))
        await send(hub)
        assert await states(hub) == {PAPER: "unknown"}
    assert len(post.to(PAPER)) == 1


async def test_two_workers_send_no_mail_twice(province: Province, hub: Hub, post: MailHost) -> None:
    await show(province, hub, 1)
    await morning(province, hub)
    await asyncio.gather(send(hub), send(hub), send(hub))
    assert [len(post.to(PAPER)), len(post.to(OFFICE))] == [1, 1]
