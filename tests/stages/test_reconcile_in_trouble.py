"""Comparisons in trouble: lists that are not whole, hostile records, two things at once, settings that change."""

import asyncio
from typing import Any

import pytest

from connectors.base import Holding, Holdings
from connectors.errors import ConfigError
from hub import control
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.engine import Timetable
from hub.queries.tasks import open_tasks
from hub.rules.posting import Approval
from hub.rules.reconciliation import DifferenceKind
from hub.stages.deliver import Deliver
from hub.stages.reconcile import Reconcile
from hub.store import applying, reconciling, tasks
from schemas.item import Kind
from tests.province import Province, row, rows, turn
from tests.stages.comparing import Shelf, compare, decide, found, holding, verdicts, with_shelf
from tests.stages.sending import WHO, send, show

ACCEPTED = frozenset({DifferenceKind.MISSING, DifferenceKind.OUTDATED})


def title(number: int) -> str:
    return f"Tin thứ {number} của Sở Y tế"


async def many(province: Province, hub: Hub, shelf: Shelf, count: int, **place: Any) -> Hub:
    """That many items, which the shelf has taken."""
    hub = with_shelf(hub, shelf, **place)
    await show(province, hub, *range(1, count + 1))
    while await send(hub):
        pass
    assert len(shelf.sent) == count
    province.clock.advance(minutes=1)
    return hub


# ------------------------------------------------------------------------------------------- lists that are not whole


async def test_an_empty_list_of_a_full_base_sends_nothing_without_a_person(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 50)
    run = await compare(hub, apply=True)
    assert (run.state, run.counts["missing"]) == ("done", 50)
    assert "50" in run.note
    assert {(each.state, each.why) for each in await found(hub)} == {("open", "many_at_once")}
    await compare(hub, apply=True)
    assert {each.state for each in await found(hub)} == {"open"}, "nor does the next one"
    while await send(hub):
        pass
    assert len(shelf.sent) == 50
    await control.execute(hub.engine, "accept_differences",
                          {"destination": "portal", "kinds": ["missing"], "who": WHO})  # fmt: skip
    await compare(hub, apply=True)
    while await send(hub):
        pass
    assert len(shelf.sent) == 100, "a person said that it is so"


async def test_some_that_are_lost_are_sent_as_ever(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 50)
    shelf.pages = [holding(*map(title, range(1, 26)))]
    await compare(hub)
    assert {each.state for each in await found(hub)} == {"accepted"}


async def test_what_both_sides_agreed_about_outlives_a_list_that_came_empty(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 30)
    everything = holding(*map(title, range(1, 31)))
    shelf.pages = [everything]
    await compare(hub)
    await compare(hub)  # an empty list
    changed = Holding(key=title(1), record={"title": "sửa tại nơi nhận"})
    shelf.pages = [Holdings(held=[changed, *everything.held[1:]])]
    await compare(hub)
    assert verdicts(await found(hub)) == [("outdated", "changed_there", "accepted")]


async def test_a_base_that_shows_everything_in_another_form_is_not_written_over_without_a_person(
    province: Province, hub: Hub
) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 30)
    shelf.pages = [holding(*map(title, range(1, 31)))]
    await compare(hub)
    shelf.pages = [Holdings(held=[Holding(key=title(n), record={"title": "?"}) for n in range(1, 31)])]
    await compare(hub, apply=True)
    assert {(each.kind, each.state) for each in await found(hub)} == {("outdated", "open")}


async def test_a_run_begins_at_the_beginning_after_one_that_was_stopped_half_way(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 3)
    shelf.pages = [holding(title(1), whole=False, cursor={"after": "1"}, more=True)]
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "who": WHO})
    await turn(Reconcile(hub.engine))
    await control.execute(hub.engine, "stop_reconciliation", {"destination": "portal", "who": WHO})
    shelf.pages = [holding(title(1), title(2), title(3))]
    run = await compare(hub)
    assert shelf.cursors[-1] == {}
    assert (run.counts["same"], run.counts["missing"]) == (3, 0)


# ------------------------------------------------------------------------------------------------ hostile records


@pytest.mark.parametrize(
    "key", ["mã \x00 số", "'; DROP TABLE holding; --", "dòng\nmới\t\"'", "K" * 301, "ｆｕｌｌ\u202e", ""]
)
async def test_hostile_keys_end_as_rows_like_any_other(province: Province, hub: Hub, key: str) -> None:
    shelf = Shelf(
        Holdings(held=[Holding(key=key, record={"x": "\x00"}, title="tên\x00", owner="\x00" + "cơ quan " * 40)],
                 unread=["khóa \x00 khác"]),
    )  # fmt: skip
    hub = with_shelf(hub, shelf)
    run = await compare(hub)
    assert run.state == "done", run.note
    assert all(len(held["owner"]) <= 100 for held in await rows(hub, "holding"))


async def test_a_record_that_is_too_long_to_keep_is_not_missing(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    hub = await many(province, hub, shelf, 1)
    shelf.pages = [Holdings(held=[Holding(key=title(1), record={"x": "y" * (reconciling.RECORD_LIMIT + 1)})])]
    run = await compare(hub)
    assert (run.counts["missing"], run.counts["unread"]) == (0, 1)


# ---------------------------------------------------------------------------------------------- two things at once


async def test_two_hosts_that_begin_at_once_begin_one_run(hub: Hub) -> None:
    begins = {"destination": "portal", "who": WHO}
    ids = await asyncio.gather(*(control.execute(hub.engine, "reconcile", begins) for _ in range(6)))
    assert len(set(ids)) == 1


async def test_an_officers_word_during_a_run_is_not_contradicted_by_what_was_read_before(
    province: Province, hub: Hub
) -> None:
    shelf = Shelf(by_hand=True)
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    province.clock.advance(minutes=1)
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "apply": True, "who": WHO})
    await turn(Reconcile(hub.engine))  # an empty list was read
    province.clock.advance(minutes=1)
    [task] = await rows(hub, "task")
    await control.execute(hub.engine, "finish_task", {"task": task["id"], "who": WHO})
    while await turn(Reconcile(hub.engine)):
        pass
    assert await found(hub) == []
    assert (await row(hub, "delivery"))["state"] == "done"


async def test_an_officers_word_between_comparing_and_applying_is_believed(province: Province, hub: Hub) -> None:
    shelf = Shelf(by_hand=True)
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    province.clock.advance(minutes=1)
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "apply": True, "who": WHO})
    await turn(Reconcile(hub.engine))
    await turn(Reconcile(hub.engine))
    province.clock.advance(minutes=1)
    [task] = await rows(hub, "task")
    await control.execute(hub.engine, "finish_task", {"task": task["id"], "who": WHO})
    await turn(Reconcile(hub.engine))
    assert (await row(hub, "delivery"))["state"] == "done"


async def test_a_record_that_one_of_ours_took_over_meanwhile_is_not_taken_down(province: Province, hub: Hub) -> None:
    shelf = Shelf(holding(title(1)))
    hub = with_shelf(hub, shelf)
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "apply": True, "who": WHO})
    await turn(Reconcile(hub.engine))
    await turn(Reconcile(hub.engine))
    await decide(hub, title(1), accept=True)
    await show(province, hub, 1)  # the member whose record it is publishes it
    await send(hub)
    await turn(Reconcile(hub.engine))
    while await send(hub):
        pass
    assert shelf.sent == [("send", title(1))]


# ----------------------------------------------------------------------------------------------- settings that change


async def test_what_the_settings_accept_follows_the_settings(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    strict = await many(province, hub, shelf, 1, timetable=Timetable())
    lenient = with_shelf(hub, shelf, timetable=Timetable(accept=ACCEPTED))
    for office, state in ((strict, "open"), (lenient, "accepted"), (strict, "open")):
        await compare(office)
        assert [each.state for each in await found(office)] == [state]


async def test_a_paused_destination_is_not_compared_and_the_person_is_told(province: Province, hub: Hub) -> None:
    await control.execute(hub.engine, "pause", {"endpoint": "destination", "name": "portal", "who": WHO})
    with pytest.raises(ConfigError) as refused:
        await control.execute(hub.engine, "reconcile", {"destination": "portal", "who": WHO})
    assert "hub resume destination portal" in refused.value.sentence


async def test_the_run_of_a_destination_that_was_removed_is_over(province: Province, hub: Hub) -> None:
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "who": WHO})
    province.without("destination", "portal")
    province._tables = [(table, keys) for table, keys in province._tables if table != "route"]
    await hub.engine.store.database.close()
    async with province.open() as later:
        assert [run["state"] for run in await rows(later, "reconciliation")] == ["stopped"]


async def test_what_waits_for_a_person_or_was_refused_by_one_is_not_asked_for_again(
    province: Province, hub: Hub
) -> None:
    shelf = Shelf()
    hub = with_shelf(hub, shelf, approval=Approval.EACH)
    await show(province, hub, 1, 2)
    await send(hub)
    refused, _ = await rows(hub, "delivery")
    await control.execute(hub.engine, "refuse_post",
                          {"content_id": refused["content_id"], "destination": "portal", "who": WHO})  # fmt: skip
    run = await compare(hub, apply=True)
    assert run.counts["missing"] == 0
    assert {each["state"] for each in await rows(hub, "delivery")} == {"held", "refused"}


# ------------------------------------------------------------------------------------------------------------ keys


async def test_an_item_that_comes_back_after_its_key_was_handed_on_is_refused(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    shelf.keys = {title(1): "ma-1", title(2): "ma-1"}
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    first = await row(hub, "item")
    await withdraw(hub.engine, first["content_id"], who=WHO)
    await send(hub)
    await show(province, hub, 2)
    await send(hub)
    await show(province, hub, 1, 2, text="đăng lại")
    if (await row(hub, "item", content_id=first["content_id"]))["state"] == "withdrawn":
        held = await row(hub, "edition", content_id=first["content_id"], state="held")
        approval = {"content_id": first["content_id"], "revision": held["revision"], "who": WHO}
        await control.execute(hub.engine, "approve", approval)
    await send(hub)
    back = await row(hub, "delivery", content_id=first["content_id"])
    assert (back["state"], back["error_code"]) == ("refused", "key_taken")


async def test_whoever_was_refused_a_key_gets_it_when_it_is_free(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    shelf.keys = {title(1): "ma-1", title(2): "ma-1"}
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    await show(province, hub, 1, 2)
    await send(hub)
    holder = await row(hub, "delivery", state="done")
    await withdraw(hub.engine, holder["content_id"], who=WHO)
    while await send(hub):
        pass
    assert shelf.sent == [("send", "ma-1"), ("withdraw", "ma-1"), ("send", "ma-1")]


async def test_a_claimant_that_is_being_sent_is_waited_for_before_another_is_admitted(
    province: Province, hub: Hub
) -> None:
    shelf = Shelf()
    shelf.keys = {title(1): "ma-1", title(2): "ma-1"}
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1, 2)
    await send(hub)
    shelf.pages = [holding("ma-1")]
    await compare(hub)
    loser, winner = await row(hub, "delivery", state="done"), await row(hub, "delivery", state="refused")
    await decide(hub, "ma-1", accept=True, owner=winner["content_id"])
    await show(province, hub, 1, 2, text="bản mới")
    await Deliver(hub.engine, "portal").claim([str(loser["id"])], 1)
    async with hub.engine.store.unit() as unit:
        await applying.apply_some(unit, "portal", Kind.NEWS)
    assert [each["key"] for each in await rows(hub, "delivery") if each["key"]] == ["ma-1"]


async def test_choosing_the_item_that_is_there_already_sends_nothing(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    shelf.keys = {title(1): "ma-1", title(2): "ma-1"}
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1, 2)
    await send(hub)
    province.clock.advance(minutes=1)
    shelf.pages = [holding("ma-1")] * 2
    await compare(hub)
    there = await row(hub, "delivery", state="done")
    await decide(hub, "ma-1", accept=True, owner=there["content_id"])
    province.clock.advance(minutes=1)
    await compare(hub, apply=True)
    await send(hub)
    assert shelf.sent == [("send", "ma-1")]


async def test_a_key_that_no_column_takes_is_refused_with_a_sentence(province: Province, hub: Hub) -> None:
    shelf = Shelf()
    shelf.keys = {title(1): "m" * 301}
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    refused = await row(hub, "delivery")
    assert (refused["state"], refused["error_code"]) == ("refused", "key_too_long")


# --------------------------------------------------------------------------------------------------------- by hand


async def _asked(province: Province, hub: Hub, shelf: Shelf) -> Hub:
    hub = with_shelf(hub, shelf)
    await show(province, hub, 1)
    await send(hub)
    province.clock.advance(minutes=1)
    return hub


async def test_a_task_that_a_person_dropped_is_opened_again_by_a_person_only(province: Province, hub: Hub) -> None:
    hub = await _asked(province, hub, Shelf(by_hand=True))
    await control.execute(hub.engine, "drop_task", {"task": (await row(hub, "task"))["id"], "who": WHO})
    await compare(hub, apply=True)
    await send(hub)
    assert (await row(hub, "task"))["state"] == "dropped"
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE difference SET state = 'open'")
    await decide(hub, title(1), accept=True)
    await compare(hub, apply=True)
    await send(hub)
    assert (await row(hub, "task"))["state"] == "open"


async def test_a_corrected_code_leaves_one_task(province: Province, hub: Hub) -> None:
    shelf = Shelf(by_hand=True)
    shelf.keys = {title(1): "ma-sai"}
    hub = await _asked(province, hub, shelf)
    shelf.keys = {title(1): "ma-dung"}
    await show(province, hub, 1, text="đã sửa mã")
    await send(hub)
    assert [(task["subject"], task["state"]) for task in await rows(hub, "task")] == [
        ("ma-sai", "dropped"), ("ma-dung", "open"),
    ]  # fmt: skip


async def test_what_was_entered_as_it_was_withdrawn_is_asked_to_be_taken_down(province: Province, hub: Hub) -> None:
    hub = await _asked(province, hub, Shelf(by_hand=True))
    await withdraw(hub.engine, (await row(hub, "item"))["content_id"], who=WHO)
    await control.execute(hub.engine, "finish_task", {"task": (await row(hub, "task"))["id"], "who": WHO})
    await send(hub)
    task = await row(hub, "task")
    assert (task["what"], task["state"]) == ("remove", "open")


async def test_once_a_machine_may_write_what_was_asked_for_is_sent(province: Province, hub: Hub) -> None:
    by_hand = await _asked(province, hub, Shelf(by_hand=True))
    async with hub.engine.store.unit() as unit:
        assert await tasks.hand_over(unit, "portal") == 1
    shelf = Shelf()
    await send(with_shelf(by_hand, shelf))
    assert shelf.sent == [("send", title(1))]
    assert (await row(hub, "task"))["state"] == "done"


async def test_tasks_of_a_destination_that_was_removed_are_not_listed(province: Province, hub: Hub) -> None:
    hub = await _asked(province, hub, Shelf(by_hand=True))
    assert len(await open_tasks(hub.engine.store, hub.engine.zone)) == 1
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE destination SET state = 'removed'")
    assert await open_tasks(hub.engine.store, hub.engine.zone) == []
