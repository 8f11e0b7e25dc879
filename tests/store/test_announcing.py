"""Announced procedures beside the editions that become public: lines, links, and tasks that open and close."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub, open_hub
from hub.commands.tasks import drop_task, finish_task
from hub.store.announcing import DAYS
from schemas.document import Action, Announced, Document
from schemas.item import ItemBase, Procedure
from schemas.shapes import Coded
from tests.clock import Clock
from tests.province import row, rows
from tests.web.conftest import settings_in
from tests.web.press import Press, id_of, news

NAME = "Đăng ký hoạt động"
CODE = "1.000001.000.00.00.H52"


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with open_hub(settings_in(tmp_path, database_url), clock=clock) as opened:
        yield opened


@pytest.fixture
def press(hub: Hub, clock: Clock) -> Press:
    return Press(hub, clock)


def decision(*lines: Announced, guid: str = "qd", **given: Any) -> Document:
    fields: dict[str, Any] = {
        "title": "Công bố thủ tục hành chính",
        "number": "12/QĐ-UBND",
        "issued": date(2026, 5, 18),
    }
    return Document(guid=guid, announces=lines, **fields | given)


def announced(code: str = CODE, action: Action = Action.NEW, name: str = NAME, agency: str = "") -> Announced:
    return Announced(action=action, code=code, name=name, agency=agency)


GONE = announced(action=Action.ABOLISHED)


def procedure(guid: str = "tt", code: str = CODE, title: str = NAME, **given: Any) -> Procedure:
    return Procedure(guid=guid, code=code, title=title, **given)


async def tasks(hub: Hub, state: str = "open") -> list[tuple[str, str, str]]:
    """What, subject and title of the tasks in a state."""
    return [
        (task["what"], task["subject"].rpartition(":")[2], task["title"])
        for task in await rows(hub, "task", state=state)
    ]


async def links(hub: Hub) -> list[str]:
    return [line["procedure"] for line in await rows(hub, "announcement")]


async def test_an_announced_procedure_is_looked_for_until_it_is_public(hub: Hub, press: Press) -> None:
    await press.publish(decision(announced()))
    asked = await row(hub, "task")
    assert (asked["what"], asked["state"], asked["days"], asked["destination"]) == ("unseen", "open", DAYS, "")
    assert (asked["subject"], asked["content_id"]) == (f"announcement:{id_of('qd')}:1", str(id_of("qd")))
    assert asked["title"] == (
        f"Công khai thủ tục {CODE} «{NAME}»: mới ban hành tại 12/QĐ-UBND, hệ thống chưa có"
    )  # fmt: skip
    await press.publish(procedure(), held=True)
    assert len(await tasks(hub)) == 1, "what waits for a person is not public"
    await press.approve("tt")
    done = await row(hub, "task")
    assert (done["state"], done["closed_by"], done["why"]) == ("done", "hub", "seen")
    assert await links(hub) == [str(id_of("tt"))]


async def test_what_was_there_before_is_linked_at_once(hub: Hub, press: Press) -> None:
    await press.publish(procedure(code="1.000001"))
    await press.publish(decision(announced(), announced("1.000002")), held=True)
    assert await rows(hub, "announcement") == []
    await press.approve("qd")
    assert await links(hub) == [str(id_of("tt")), ""]
    assert [place for _, place, _ in await tasks(hub)] == ["2"]


async def test_both_in_one_capture_need_no_task(hub: Hub, press: Press) -> None:
    await press.publish(procedure(), decision(announced()))
    assert await links(hub) == [str(id_of("tt"))]
    assert await rows(hub, "task") == []


async def test_an_abolished_procedure_is_to_be_withdrawn_by_who_publishes_it(hub: Hub, press: Press) -> None:
    await press.publish(procedure(), decision(GONE))
    asked = await row(hub, "task")
    assert (asked["what"], asked["content_id"], asked["revision"]) == ("still_there", str(id_of("tt")), 1)
    assert asked["title"].startswith(f"Gỡ thủ tục {CODE} «{NAME}»: đã bị bãi bỏ tại 12/QĐ-UBND")
    await press.withdraw("tt")
    assert (await row(hub, "task"))["state"] == "done"
    assert await links(hub) == [str(id_of("tt"))], "people still see what the line was about"


async def test_an_abolished_procedure_that_comes_late_is_seen_too(hub: Hub, press: Press) -> None:
    await press.publish(decision(GONE))
    assert await rows(hub, "task") == []
    await press.publish(procedure())
    assert [what for what, _, _ in await tasks(hub)] == ["still_there"]
    await press.publish(procedure(status="withdrawn"))
    assert (await row(hub, "task"))["state"] == "done", "the source itself says that it may not be used"


async def test_another_procedure_with_the_code_is_still_there(hub: Hub, press: Press) -> None:
    await press.publish(procedure("a"), procedure("b"), decision(GONE))
    asked = await row(hub, "task")
    first = "a" if asked["content_id"] == str(id_of("a")) else "b"
    await press.withdraw(first)
    [again] = await rows(hub, "task", state="open")
    assert again["content_id"] == str(id_of("b" if first == "a" else "a"))


async def test_a_withdrawn_procedure_that_is_in_force_is_looked_for_again(hub: Hub, press: Press) -> None:
    await press.publish(procedure(), decision(announced()))
    await press.withdraw("tt")
    assert [what for what, _, _ in await tasks(hub)] == ["unseen"]
    await press.publish(procedure(description="Đăng lại"))
    assert await tasks(hub) == []


async def test_a_newer_edition_replaces_the_lines_and_keeps_what_is_the_same(hub: Hub, press: Press) -> None:
    first, second, third = (announced(f"1.00000{n}") for n in (1, 2, 3))
    await press.publish(decision(first, second))
    opened = {task["subject"]: task["opened_at"] for task in await rows(hub, "task")}
    await press.publish(decision(first, third))
    assert [line["code"] for line in await rows(hub, "announcement")] == [first.code, third.code]
    held = {task["subject"]: task for task in await rows(hub, "task")}
    places = sorted(held)
    assert held[places[0]]["opened_at"] == opened[places[0]]
    assert "1.000003" in held[places[1]]["title"]
    assert held[places[1]]["opened_at"] > opened[places[1]], "another line has a time of its own"
    await press.publish(decision())
    assert await rows(hub, "announcement") == []
    assert {task["state"] for task in await rows(hub, "task")} == {"dropped"}


async def test_a_line_that_moves_keeps_the_time_of_its_task(hub: Hub, press: Press) -> None:
    await press.publish(decision(announced("1.000001")))
    [opened] = [task["opened_at"] for task in await rows(hub, "task")]
    await press.publish(decision(announced("1.000002"), announced("1.000001")))
    second = await row(hub, "task", subject=f"announcement:{id_of('qd')}:2")
    assert ("1.000001" in second["title"], second["opened_at"]) == (True, opened)


async def test_a_withdrawn_decision_asks_for_nothing(hub: Hub, press: Press) -> None:
    await press.publish(procedure(), decision(GONE, announced("1.000002")))
    assert len(await tasks(hub)) == 2
    await press.withdraw("qd")
    assert await rows(hub, "announcement") == []
    assert {task["state"] for task in await rows(hub, "task")} == {"dropped"}


async def test_what_an_officer_closed_stays_closed_while_the_line_says_the_same(hub: Hub, press: Press) -> None:
    one, two = announced("1.000001"), announced("1.000002")
    await press.publish(decision(one, two))
    first, second = [task["id"] for task in await rows(hub, "task")]
    await drop_task(hub.engine, first, who="lan", why="đã sáp nhập")
    await finish_task(hub.engine, second, who="lan")
    await press.publish(decision(announced("1.000009"), one, two))
    await press.publish(procedure("khac", "1.000007"))
    assert [title.split()[4] for _, _, title in await tasks(hub)] == ["1.000009"]
    closed = [(one["state"], one["closed_by"], one["why"]) for one in await rows(hub, "task") if one["state"] != "open"]
    assert sorted(closed) == [("done", "lan", ""), ("dropped", "lan", "đã sáp nhập")]
    await press.publish(decision(one.model_copy(update={"name": "Tên đã đính chính"})))
    assert len(await tasks(hub)) == 1, "a line that says something else is asked for anew"


async def test_old_decisions_that_come_late_do_not_speak_against_new_ones(hub: Hub, press: Press) -> None:
    await press.publish(decision(GONE, guid="new"))
    await press.publish(decision(announced(), guid="old", issued=date(2019, 1, 2)))
    assert await rows(hub, "task") == []
    await press.withdraw("new")
    assert [what for what, _, _ in await tasks(hub)] == ["unseen"], "now the old one has the word"


async def test_a_name_tells_the_procedure_of_its_agency(hub: Hub, press: Press) -> None:
    mine = procedure("mine", "1.000001", executing_agencies=(Coded(name="Sở Tư pháp"),))
    other = procedure("other", "1.000002", executing_agencies=(Coded(name="Sở Nội vụ"),))
    await press.publish(mine, other, source="xa-ha-lieu-tin")
    await press.publish(decision(announced("", agency="SỞ TƯ PHÁP TỈNH MẪU")))
    assert await links(hub) == [str(id_of("mine"))]


async def test_a_code_that_is_mended_moves_the_link(hub: Hub, press: Press) -> None:
    await press.publish(procedure(code="1.000001"), decision(announced("1.000001")))
    await press.publish(procedure(code="1.000002"))
    assert await links(hub) == [""]
    assert [what for what, _, _ in await tasks(hub)] == ["unseen"]


async def test_plain_documents_and_news_leave_no_trace(hub: Hub, press: Press) -> None:
    await press.publish(decision(), news("a"))
    await press.publish(decision(title="Đã sửa"))
    await press.withdraw("qd")
    await press.withdraw("a")
    assert await rows(hub, "announcement") == []
    assert await rows(hub, "task") == []


async def test_a_decision_and_its_procedure_that_come_at_once_find_each_other(hub: Hub, press: Press) -> None:
    for n in range(5):
        await press.publish(decision(announced(f"1.00000{n}"), guid=f"qd{n}"), held=True)
        await press.publish(procedure(f"tt{n}", f"1.00000{n}"), held=True)
        await asyncio.gather(press.approve(f"qd{n}"), press.approve(f"tt{n}"))
    assert await links(hub) == [str(id_of(f"tt{n}")) for n in range(5)]
    assert await tasks(hub) == []


async def test_a_long_list_meets_many_procedures_in_a_few_statements(hub: Hub, press: Press) -> None:
    items: list[ItemBase] = [procedure(f"tt{n}", f"1.{n:06}", f"{NAME} {n}") for n in range(1, 301)]
    await press.publish(*items)
    await press.publish(decision(*(announced(f"1.{n:06}", name=f"{NAME} {n}") for n in range(1, 601))))
    assert sum(map(bool, await links(hub))) == 300
    assert len(await tasks(hub)) == 300
    await press.publish(*(procedure(f"tt{n}", f"1.{n:06}", f"{NAME} {n}") for n in range(301, 601)))
    assert await tasks(hub) == []
