"""From a gap to a letter, once; and no letter where the fault is ours. On both databases."""

import asyncio
import io
from datetime import date, timedelta

import docx
import orjson
import pytest

from hub.app import Hub
from hub.commands.stop_urging import stop_reminder
from hub.commands.urge import Prepared, Sent, prepare_reminders, send_reminders
from hub.control import execute
from hub.mailing.urging import papers, settle
from hub.queries.reminders import reminders
from hub.rules.access import Scope
from hub.rules.urging import Step
from hub.store import mailing
from hub.store.deciding import DecisionRefusedError
from hub.store.unit import LeaseLostError
from tests.clock import Clock
from tests.duties.book import Book
from tests.fakes.smtp import MailHost
from tests.province import events, rows
from tests.stages.mailing import beat, send, stage, text_to
from tests.urging.conftest import HEALTH, HOME, LEADERS

MONTHLY = "tin-hang-thang"
APRIL_8 = date(2026, 4, 8)


async def prepare(hub: Hub, step: Step = Step.NOTICE, duty: str = MONTHLY, member: str = "") -> Prepared:
    return await prepare_reminders(hub.engine, step=step, duty=duty, member=member, who="lan")


async def go_out(hub: Hub) -> Sent:
    return await send_reminders(hub.engine, who="lan")


async def states(hub: Hub) -> dict[tuple[str, str], str]:
    return {(row["member"], row["duty"]): row["state"] for row in await rows(hub, "reminder")}


async def test_what_is_the_members_own_is_urged_once_and_nothing_else(hub: Hub, book: Book) -> None:
    await book.item("H52.41", date(2026, 3, 5))  # the commune has given its March
    made = await prepare(hub)
    assert {(row["member"], row["until_day"]) for row in await rows(hub, "reminder")} == {
        ("H52.9", "2026-03-31"), ("H52.10", "2026-03-31"),
    }  # fmt: skip
    assert made.left_out["ours"] == 1, "Xã Hạ Liễu has no source: we cannot see what it publishes"
    again = await prepare(hub)
    assert (len(again.ids), again.left_out["done"]) == (0, 2)
    told = [one for one in await rows(hub, "event") if one["what"] == "reminder_prepared"]
    assert {one["who"] for one in told} == {"lan"}
    assert orjson.loads(told[0]["why"])["duty"] == MONTHLY


async def test_a_member_gets_one_letter_about_all_that_is_missing(hub: Hub, book: Book, post: MailHost) -> None:
    await prepare(hub, duty="", member="H52.9")
    sent = await go_out(hub)
    assert (sent.letters, sent.reminders, sent.no_contact) == (1, 3, ())
    assert await go_out(hub) == Sent(letters=0, reminders=0, stopped=0)
    await send(hub)
    await send(hub)
    assert [one.recipient for one in post.box] == [HEALTH]
    text = text_to(post, HEALTH).replace("\r\n", "\n")
    assert text.startswith("Kính gửi: Sở Y tế (Văn phòng Sở)\n")
    for said in (
        "Ban biên tập Cổng thông tin điện tử chưa ghi nhận đủ thông tin của Quý cơ quan",
        "đến hết ngày 31/03/2026", "căn cứ Công văn 2732/UBND-KGVX ngày 29/08/2017",
        "chưa ghi nhận thông tin nào", "quy định đang chờ Ban biên tập xác nhận",
        "Trân trọng cảm ơn sự phối hợp của Quý cơ quan.",
    ):  # fmt: skip
        assert said in text
    assert set((await states(hub)).values()) == {"sent"}


async def test_who_cannot_be_mailed_is_told_and_may_be_written_to_on_paper(hub: Hub, book: Book) -> None:
    await prepare(hub, member="H52.41")
    assert (await go_out(hub)).no_contact == ("Xã Mẫu",)
    [(name, body)] = await papers(hub.engine, None)
    assert name == "notice-H52.41.docx"
    assert [(name, body)] == await papers(hub.engine, None), "the same reminders give the same bytes"
    sent = await send_reminders(hub.engine, on_paper=True, who="lan")
    assert (sent.letters, await states(hub), await rows(hub, "mail")) == (1, {("H52.41", MONTHLY): "sent"}, [])


async def test_a_fault_of_ours_stops_what_is_prepared(hub: Hub, book: Book, post: MailHost, now: Clock) -> None:
    await prepare(hub)
    await book.outage("noi-vu-tin", date(2026, 3, 20), code="timeout", sentence="Trang không trả lời.")
    now.advance(days=1)
    await beat(hub)
    assert await states(hub) == {("H52.9", MONTHLY): "prepared", ("H52.10", MONTHLY): "stopped",
                                 ("H52.41", MONTHLY): "prepared"}  # fmt: skip
    [stopped] = await reminders(hub.engine.store, states=("stopped",))
    assert "noi-vu-tin" in stopped.ended_why
    await go_out(hub)
    await send(hub)
    assert [one.recipient for one in post.box] == [HEALTH]


async def test_a_gap_is_judged_once_more_when_its_letter_goes_out(
    hub: Hub, book: Book, post: MailHost, now: Clock
) -> None:
    await prepare(hub, member="H52.10")
    assert (await go_out(hub)).letters == 1
    await book.outage("noi-vu-tin", date(2026, 3, 20))
    await send(hub)
    assert post.box == []
    [mail] = await rows(hub, "mail")
    assert (mail["state"], await states(hub)) == ("dropped", {("H52.10", MONTHLY): "stopped"})

    async with hub.engine.store.unit() as unit:  # the site answers again, and shows nothing
        await unit.tx.execute("DELETE FROM outage")
    now.advance(minutes=1)
    assert len((await prepare(hub, member="H52.10")).ids) == 1
    await go_out(hub)
    await send(hub)
    assert [one.recipient for one in post.box] == [HOME]


async def test_what_came_meanwhile_is_left_out_of_a_letter(hub: Hub, book: Book, post: MailHost) -> None:
    await prepare(hub, duty="", member="H52.9")
    await go_out(hub)
    await book.item("H52.9", date(2026, 3, 30), category="tenders")
    await send(hub)
    assert "Lựa chọn nhà thầu" not in text_to(post, HEALTH)
    assert (await states(hub))["H52.9", "dau-thau"] == "settled"
    assert (await states(hub))["H52.9", MONTHLY] == "sent"
    assert (await events(hub)).count("reminder_settled") == 1


async def test_what_has_come_is_settled_by_itself(hub: Hub, book: Book, now: Clock) -> None:
    await prepare(hub)
    await send_reminders(hub.engine, on_paper=True, who="lan")
    await book.item("H52.10", date(2026, 3, 31))
    now.advance(days=1)
    await beat(hub)
    assert (await states(hub))["H52.10", MONTHLY] == "settled"
    assert (await states(hub))["H52.9", MONTHLY] == "sent"


async def test_the_steps_follow_each_other_and_end_with_the_chairman(
    hub: Hub, book: Book, post: MailHost, now: Clock
) -> None:
    await prepare(hub, member="H52.9")
    await go_out(hub)
    await send(hub)
    assert (await prepare(hub, Step.REMINDER, member="H52.9")).left_out == {"too_soon": 1}
    now.advance(days=7)
    assert len((await prepare(hub, Step.REMINDER, member="H52.9")).ids) == 1
    await go_out(hub)
    await send(hub)
    await send(hub)
    await send(hub)
    assert "Ngày 08/04/2026, Ban biên tập" in text_to(post, HEALTH)
    now.advance(days=7)
    assert len((await prepare(hub, Step.LIST)).ids) == 1
    [(name, body)] = await papers(hub.engine, None)
    paper = docx.Document(io.BytesIO(body))
    assert name == "list-lanh-dao.docx"
    assert "DANH SÁCH" in [one.text for one in paper.paragraphs]
    assert [cell.text for cell in paper.tables[1].rows[1].cells][:2] == ["1", "Sở Y tế"]
    await go_out(hub)
    await send(hub)
    await send(hub)
    assert "kính trình Lãnh đạo xem xét, chỉ đạo" in text_to(post, LEADERS)


async def test_two_who_send_at_once_send_one_letter(hub: Hub, book: Book, post: MailHost) -> None:
    await prepare(hub, member="H52.9")
    sent = await asyncio.gather(go_out(hub), go_out(hub))
    assert sorted(one.letters for one in sent) == [0, 1]
    assert len(await rows(hub, "mail")) == 1


async def test_a_person_may_stop_a_reminder_for_good(hub: Hub, book: Book, post: MailHost) -> None:
    [one] = (await prepare(hub, member="H52.9")).ids
    with pytest.raises(DecisionRefusedError):
        await stop_reminder(hub.engine, one, who="an", scope=Scope(frozenset({"H52.10"})))
    assert await execute(hub.engine, "stop_reminder", {"reminder": one, "who": "an", "why": "đã gọi"}) == "Sở Y tế"
    assert (await prepare(hub, member="H52.9")).left_out["done"] == 1
    with pytest.raises(DecisionRefusedError):
        await stop_reminder(hub.engine, one, who="an")
    with pytest.raises(DecisionRefusedError):
        await send_reminders(hub.engine, ids=[one], who="an")
    [stopped] = await reminders(hub.engine.store)
    assert (stopped.ended_why, stopped.ended_by) == ("đã gọi", "an")


async def test_a_new_stretch_may_be_urged_again(hub: Hub, book: Book, now: Clock) -> None:
    await prepare(hub, member="H52.9")
    now.advance(days=24)
    await book.asked()
    assert APRIL_8 + timedelta(days=24) == date(2026, 5, 2)
    made = await execute(
        hub.engine, "prepare_reminders", {"step": "notice", "member": "H52.9", "duty": MONTHLY, "who": "lan"}
    )
    assert len(made["ids"]) == 1
    assert {row["until_day"] for row in await rows(hub, "reminder")} == {"2026-03-31", "2026-04-30"}


async def test_a_reminder_that_is_stopped_while_it_is_sent_does_not_go_out(
    hub: Hub, book: Book, post: MailHost
) -> None:
    [one] = (await prepare(hub, member="H52.9")).ids
    await go_out(hub)
    ours = stage(hub)
    [claim] = await ours.claim(None, 1)  # it is judged, and the line to the server is open
    await stop_reminder(hub.engine, one, who="an")
    with pytest.raises(LeaseLostError):
        async with hub.engine.store.unit() as unit:
            await mailing.promised(unit, claim)
    await send(hub)
    assert post.box == []
    assert [row["state"] for row in await rows(hub, "mail")] == ["dropped"]


async def test_what_may_have_gone_out_is_not_stopped_any_more(hub: Hub, book: Book, post: MailHost) -> None:
    [one] = (await prepare(hub, member="H52.9")).ids
    await go_out(hub)
    [claim] = await stage(hub).claim(None, 1)
    async with hub.engine.store.unit() as unit:
        await mailing.promised(unit, claim)
    with pytest.raises(DecisionRefusedError):
        await stop_reminder(hub.engine, one, who="an")
    assert set((await states(hub)).values()) == {"sent"}


async def test_who_never_got_the_notice_is_not_said_to_have_been_reminded(
    hub: Hub, book: Book, post: MailHost, now: Clock
) -> None:
    [one] = (await prepare(hub, member="H52.9")).ids
    await go_out(hub)
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE mail SET state = 'refused', settled_at = ?", unit.at)
    now.advance(days=9)
    await book.asked()
    assert (await prepare(hub, Step.REMINDER, member="H52.9")).left_out == {"not_yet": 1}
    await settle(hub.engine)
    [stopped] = await reminders(hub.engine.store)
    assert (stopped.state, stopped.ended_by) == ("stopped", "hub")
    assert "không gửi được" in stopped.ended_why
    assert (await prepare(hub, member="H52.9")).ids == [one]
    await go_out(hub)
    await send(hub)
    assert [each.recipient for each in post.box] == [HEALTH]
