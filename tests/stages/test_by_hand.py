"""Where only an officer can write: what is asked for, by when, and how the hub learns that it is done."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from hub import control
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.queries.tasks import OpenTask, open_tasks
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.stages.reconcile import Reconcile
from hub.store import differing
from hub.store.deciding import DecisionRefusedError
from hub.store.harvesting import make_due
from tests.fakes.dvcqg import NationalBase
from tests.journeys import basework
from tests.journeys.basework import code_of, record
from tests.province import MEMBER, Province, row, rows, turn
from tests.stages.sending import WHO, send

BASE = "csdl-tthc"
CODE = code_of(1)


@pytest.fixture
async def member() -> AsyncIterator[NationalBase]:
    """The one-stop system of a member."""
    async with NationalBase() as member:
        yield member


@pytest.fixture
async def rival() -> AsyncIterator[NationalBase]:
    """The one-stop system of another member."""
    async with NationalBase() as rival:
        yield rival


@pytest.fixture
async def base() -> AsyncIterator[NationalBase]:
    """A national base that takes nothing from machines."""
    async with NationalBase(basework.PASSWORD) as base:
        yield base


@pytest.fixture
async def office(
    province: Province, member: NationalBase, rival: NationalBase, base: NationalBase
) -> AsyncIterator[Hub]:
    """A hub whose procedures go to that base."""
    province._add("member", code="H52.9", name="Sở Tư pháp", kind="department")
    for name, code, system in (("tthc-y-te", MEMBER, member), ("tthc-tu-phap", "H52.9", rival)):
        province._top["fetch"]["allow_private"].append(f"127.0.0.1:{system.port}")
        province._add("source", name=name, member=code, url=f"{system.origin}/lgsp", connector="dvcqg",
                      kind="procedure", every="10m")  # fmt: skip
    province._add("destination", name=BASE, days=5, **basework.base_settings(base, push={}))
    province.route(BASE, kind=["procedure"])
    async with province.open() as hub:
        yield hub


async def collect(province: Province, hub: Hub) -> None:
    province.clock.advance(hours=1)
    await make_due(hub.engine.store)
    for _ in range(2):  # both systems stand on one host, which is asked one thing at a time
        await turn(Harvest(hub.engine))
        await turn(Normalise(hub.engine))
    await send(hub, BASE)


async def asked(hub: Hub) -> list[OpenTask]:
    return await open_tasks(hub.engine.store, hub.engine.zone, destination=BASE)


async def compare(hub: Hub) -> None:
    await control.execute(hub.engine, "reconcile", {"destination": BASE, "who": WHO})
    while await turn(Reconcile(hub.engine)):
        pass


async def close(hub: Hub, command: str, task: int) -> Any:
    return await control.execute(hub.engine, command, {"task": task, "who": WHO})


async def test_an_officer_is_asked_once_with_a_day_counted_in_working_days(
    province: Province, office: Hub, member: NationalBase, base: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    [task] = await asked(office)
    assert (task.what, task.subject, task.member) == ("enter", CODE, "Sở Y tế")
    assert task.title == record(1)["TENTTHC"]
    assert task.due == date(2026, 3, 9), "asked on Monday 2 March 2026"
    assert (await row(office, "delivery"))["state"] == "asked"
    assert base.calls == [], "nothing is sent"
    await collect(province, office)
    assert len(await asked(office)) == 1


async def test_a_change_before_it_was_entered_is_still_the_same_task(
    province: Province, office: Hub, member: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    [first] = await asked(office)
    member.procedures[CODE] = record(1, TENTTHC="Cấp giấy xác nhận (sửa đổi)")
    await collect(province, office)
    [task] = await asked(office)
    assert (task.id, task.what, task.revision, task.opened_at) == (first.id, "enter", 2, first.opened_at)
    assert task.title == "Cấp giấy xác nhận (sửa đổi)"


async def test_what_a_comparison_sees_done_is_done(
    province: Province, office: Hub, member: NationalBase, base: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    await compare(office)
    assert [(each.kind, each.state) for each in await differing.known(office.engine.store, BASE)] == [
        ("missing", "accepted")
    ]
    base.procedures[CODE] = record(1, ID=1)  # the officer typed it
    await compare(office)
    assert await asked(office) == []
    assert (await row(office, "delivery"))["state"] == "done"
    assert await differing.known(office.engine.store, BASE) == []


async def test_an_officers_word_counts_until_a_comparison_says_otherwise(
    province: Province, office: Hub, member: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    [task] = await asked(office)
    assert await close(office, "finish_task", task.id) == CODE
    done = await row(office, "delivery")
    assert (done["state"], done["sent_revision"]) == ("done", 1)
    with pytest.raises(DecisionRefusedError):
        await close(office, "finish_task", task.id)
    province.clock.advance(hours=1)
    await compare(office)
    assert [(each.kind, each.reason) for each in await differing.known(office.engine.store, BASE)] == [
        ("missing", "lost")
    ]


async def test_what_is_withdrawn_before_it_was_entered_is_not_asked_for_any_more(
    province: Province, office: Hub, member: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    await withdraw(office.engine, (await row(office, "item"))["content_id"], who=WHO)
    await send(office, BASE)
    assert await asked(office) == []
    assert [task["state"] for task in await rows(office, "task")] == ["dropped"]


async def test_what_was_entered_and_is_withdrawn_is_asked_to_be_taken_down(
    province: Province, office: Hub, member: NationalBase, base: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    base.procedures[CODE] = record(1, ID=1)
    await compare(office)
    province.clock.advance(minutes=1)
    await withdraw(office.engine, (await row(office, "item"))["content_id"], who=WHO)
    await send(office, BASE)
    [task] = await asked(office)
    assert (task.what, task.subject) == ("remove", CODE)
    base.procedures[CODE]["TRANGTHAI"] = 0  # the officer did
    province.clock.advance(minutes=1)
    await compare(office)
    assert await asked(office) == []
    assert (await row(office, "delivery"))["state"] == "done"


async def test_a_task_may_be_dropped_and_is_asked_again_by_the_next_change(
    province: Province, office: Hub, member: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    [task] = await asked(office)
    await close(office, "drop_task", task.id)
    assert await asked(office) == []
    member.procedures[CODE] = record(1, TENTTHC="Tên mới")
    await collect(province, office)
    assert [each.title for each in await asked(office)] == ["Tên mới"]


async def test_a_second_member_with_the_same_code_is_refused_and_told_who_has_it(
    province: Province, office: Hub, member: NationalBase, rival: NationalBase
) -> None:
    member.procedures[CODE] = record(1)
    await collect(province, office)
    rival.procedures[CODE] = record(1)
    await collect(province, office)
    refused = await row(office, "delivery", state="refused")
    assert refused["error_code"] == "key_taken"
    assert "Sở Y tế" in refused["error_sentence"]
    assert len(await asked(office)) == 1
