"""Reconcile: what a portal holds against what it should show, and what becomes of accepted differences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from connectors.base import Difference, Holding, Holdings, Payload
from connectors.errors import ConfigError
from connectors.registry import destination_connector
from hub import control
from hub.app import Hub
from hub.commands.withdraw import withdraw
from hub.schedule import Schedule
from hub.stages.reconcile import Reconcile
from hub.store.deciding import DecisionRefusedError
from schemas.edition import PublishedItem
from tests.fakes.portal import Held as Shown
from tests.fakes.server import Fault
from tests.province import Province, events, row, rows, rss, turn
from tests.stages.comparing import compare, decide, found, verdicts
from tests.stages.sending import WHO, send, show


async def test_where_both_sides_agree_there_is_nothing_to_tell(province: Province, hub: Hub) -> None:
    await show(province, hub, 1, 2)
    await send(hub)
    run = await compare(hub)
    assert run.counts == {
        "ours": 2, "held": 2, "same": 2, "missing": 0, "outdated": 0, "orphan": 0, "conflict": 0, "settled": 0,
        "unread": 0,
    }  # fmt: skip
    assert await found(hub) == []
    assert [held["agreed_revision"] for held in await rows(hub, "holding")] == [1, 1]


async def test_what_the_portal_lost_is_sent_again_as_an_effect_of_its_own(province: Province, hub: Hub) -> None:
    await show(province, hub, 1, 2)
    await send(hub)
    lost = next(iter(province.portal.held))
    del province.portal.held[lost]
    await compare(hub)
    assert verdicts(await found(hub)) == [("missing", "lost", "accepted")]
    assert len(province.portal.effects) == 2, "a comparison alone sends nothing"
    await compare(hub, apply=True)
    await send(hub)
    assert lost in province.portal.shown()
    assert len({effect.key for effect in province.portal.effects if effect.content_id == lost}) == 2
    assert (await compare(hub)).counts["missing"] == 0
    assert await found(hub) == []


async def test_an_older_version_at_the_portal_is_brought_up_to_date(province: Province, hub: Hub) -> None:
    await show(province, hub, 1)
    await send(hub)
    await show(province, hub, 1, text="Chỉ tiêu là 20")
    await send(hub)
    [shown] = province.portal.held
    province.portal.held[shown] = Shown(1, {"title": "bản cũ được phục hồi"})
    await compare(hub, apply=True)
    await send(hub)
    assert province.portal.shown() == {shown: 2}
    assert (await compare(hub)).counts["outdated"] == 0


async def test_what_a_member_withdrew_and_the_portal_shows_again_waits_for_a_person(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, 1)
    await send(hub)
    item = await row(hub, "item")
    await withdraw(hub.engine, item["content_id"], who=WHO)
    await send(hub)
    province.portal.held[item["content_id"]] = Shown(1, {"title": "phục hồi từ bản sao lưu"})
    await compare(hub, apply=True)
    assert verdicts(await found(hub)) == [("orphan", "withdrawn_here", "open")]
    assert province.portal.shown(), "nobody accepted it"
    await decide(hub, item["content_id"], accept=True)
    await compare(hub, apply=True)
    await send(hub)
    assert province.portal.shown() == {}
    assert (await compare(hub)).counts["orphan"] == 0


async def test_a_record_that_nobody_here_knows_is_taken_down_with_a_trace(province: Province, hub: Hub) -> None:
    stranger = str(uuid4())
    province.portal.held[stranger] = Shown(7, {"title": "Bài đăng tay"})
    await compare(hub)
    assert verdicts(await found(hub)) == [("orphan", "unknown_here", "open")]
    await decide(hub, stranger, accept=True, why="bài thử nghiệm")
    await compare(hub, apply=True)
    await send(hub)
    assert stranger not in province.portal.shown()
    taken = await row(hub, "item")
    assert (taken["state"], taken["public_at"], taken["guid"]) == ("withdrawn", None, stranger)
    assert "withdrawn" in await events(hub, content_id=taken["content_id"])
    assert (await compare(hub)).counts["orphan"] == 0


async def test_what_a_person_leaves_as_it_is_comes_back_when_a_side_changes(province: Province, hub: Hub) -> None:
    stranger = str(uuid4())
    province.portal.held[stranger] = Shown(7, {"title": "Bài của phòng khác"})
    await compare(hub)
    await decide(hub, stranger, accept=False)
    run = await compare(hub)
    assert (run.counts["orphan"], run.counts["settled"]) == (0, 1)
    province.portal.held[stranger] = Shown(8, {"title": "Bài của phòng khác"})
    assert (await compare(hub)).counts["orphan"] == 1


async def test_what_was_sent_in_vain_is_not_sent_every_night(province: Province, hub: Hub) -> None:
    await show(province, hub, 1)
    await send(hub)
    province.portal.held.clear()
    await compare(hub, apply=True)
    await send(hub)
    province.portal.held.clear()  # a portal that says yes and keeps nothing
    effects = len(province.portal.effects)
    await compare(hub, apply=True)
    await send(hub)
    assert [(each.state, each.why) for each in await found(hub)] == [("open", "applied_in_vain")]
    assert len(province.portal.effects) == effects


async def test_items_from_before_a_destination_are_missing_there_and_sent_on_demand(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, 1, 2, 3)
    async with hub.engine.store.database.transaction() as tx:
        await tx.execute("DELETE FROM delivery")
    run = await compare(hub, apply=True)
    assert run.counts["missing"] == 3
    await send(hub)
    assert len(province.portal.shown()) == 3
    assert (await compare(hub)).counts["same"] == 3


async def test_a_portal_that_holds_everything_already_is_believed_and_sent_nothing(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, 1, 2)
    for item in await rows(hub, "item"):
        province.portal.held[item["content_id"]] = Shown(1, {"title": "đã có"})
    await compare(hub)
    assert await send(hub) == 0
    assert [each["state"] for each in await rows(hub, "delivery")] == ["done", "done"]
    assert province.portal.effects == []


async def test_a_run_goes_on_at_the_step_that_was_not_committed(province: Province, hub: Hub) -> None:
    await show(province, hub, 1)
    await send(hub)
    await control.execute(hub.engine, "reconcile", {"destination": "portal", "who": WHO})
    [claim] = await Reconcile(hub.engine).claim(None, 1)  # and the process dies here
    assert await Reconcile(hub.engine).claim(None, 1) == []
    province.clock.advance(hours=1)
    run = await compare(hub)
    assert (run.id, run.state, run.counts["same"]) == (claim.id, "done", 1)


async def test_a_portal_that_is_away_is_asked_again_and_its_list_is_never_taken_for_empty(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, 1)
    await send(hub)
    province.portal.fail_next(Fault(status=500), Fault(html=True))
    asked = len(province.portal.requests)
    run = await compare(hub)
    assert (run.state, run.counts["missing"], len(province.portal.requests) - asked) == ("done", 0, 3)


async def test_a_portal_that_refuses_us_ends_the_run_with_the_reason(province: Province, hub: Hub) -> None:
    province.portal.fail_next(Fault(status=401))
    run = await compare(hub)
    assert run.state == "failed"
    assert "mã truy cập" in run.note


class Reports:
    """A destination that only tells news: which receivers have what."""

    by_hand = False
    repeatable = True
    settling = 0.0

    def __init__(self, *pages: Sequence[Holding]) -> None:
        self.pages = list(pages)
        self.cursors: list[Mapping[str, str]] = []

    def present(self, edition: PublishedItem, *, last: PublishedItem | None = None) -> Payload:
        return Payload(content_id=edition.content_id, revision=edition.revision, body=b"", key="van-ban-1")

    async def holdings(self, http: object, cursor: Mapping[str, str]) -> Holdings:
        self.cursors.append(cursor)
        page = self.pages.pop(0)
        more = bool(self.pages) and len(self.cursors) == 1
        return Holdings(held=page, cursor={"after": str(len(self.cursors))}, more=more, whole=False)

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        refused = [who for who, said in held.record.items() if said == "02"]
        return [Difference(field="status", ours="", theirs=who, conflict=True) for who in refused]

    def merged(self, known: Holding, news: Holding) -> Holding:
        return replace(news, record={**known.record, **news.record})


async def test_news_of_a_destination_add_up_and_their_absence_says_nothing(province: Province, hub: Hub) -> None:
    await show(province, hub, 1, 2)
    reports = Reports(
        [Holding(key="van-ban-1", record={"xa-a": "01"})], [Holding(key="van-ban-1", record={"xa-b": "02"})],
        [Holding(key="van-ban-1", record={"xa-c": "03"}), Holding(key="nguoi-la", record={"xa-a": "01"})],
    )  # fmt: skip
    place = replace(hub.engine.destinations["portal"], destination=reports, interval=timedelta())  # type: ignore[arg-type]
    engine = replace(hub.engine, destinations={"portal": place})
    axis = Hub(hub.settings, engine)
    await send(hub)
    async with hub.engine.store.unit() as unit:  # one of the two is what the reports are about
        await unit.tx.execute("DELETE FROM delivery WHERE id = 2")
        await unit.tx.execute("DELETE FROM item WHERE content_id NOT IN (SELECT content_id FROM delivery)")
        await unit.tx.execute("UPDATE delivery SET key = 'van-ban-1'")
    province.clock.advance(minutes=1)
    run = await compare(axis)
    assert verdicts(await found(axis)) == [("conflict", "refused_there", "open")]
    assert run.counts["orphan"] == run.counts["missing"] == 0
    await compare(axis)
    [held] = await rows(axis, "holding", key="van-ban-1")
    assert orjson.loads(held["record"]) == {"xa-a": "01", "xa-b": "02", "xa-c": "03"}
    assert reports.cursors == [{}, {"after": "1"}, {"after": "2"}], "the next run goes on where the last one ended"


async def test_the_timetable_begins_one_run_a_day(province: Province) -> None:
    province.source("tin", rss())
    local = province.clock.now() + timedelta(hours=7)
    at = (local - timedelta(minutes=5)).strftime("%H:%M:%S")
    province.route(province.destination("portal", reconcile={"at": at}))
    async with province.open() as hub:
        schedule = Schedule(hub.engine)
        for _ in range(3):
            await schedule._look(None)
        assert len(await rows(hub, "reconciliation")) == 1
        await turn(Reconcile(hub.engine))
        await turn(Reconcile(hub.engine))
        province.clock.advance(days=1)
        await schedule._look(None)
        assert [run["state"] for run in await rows(hub, "reconciliation")] == ["done", "pulling"]


async def test_decisions_about_what_is_not_there_are_refused(hub: Hub) -> None:
    with pytest.raises(DecisionRefusedError):
        await decide(hub, "1.004194", accept=True)


@pytest.mark.parametrize(("name", "code"), [("khong-co", "unknown_destination"), ("webhook", "not_reconcilable")])
async def test_only_destinations_that_tell_what_they_hold_can_be_compared(
    province: Province, hub: Hub, name: str, code: str
) -> None:
    engine = hub.engine
    portal = engine.destinations["portal"]
    module = destination_connector("webhook")
    config = module.Config.model_validate({"url": "http://127.0.0.1:9/", "secret": "mat-khau-du-dai-de-ky-ten"})
    shy = replace(portal, name="webhook", destination=module.Connector("webhook", config))
    engine = replace(engine, destinations={**engine.destinations, "webhook": shy})
    with pytest.raises(ConfigError) as refused:
        await control.execute(engine, "reconcile", {"destination": name, "who": WHO})
    assert refused.value.code == code
