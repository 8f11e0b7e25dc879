"""The screens in the pipeline: what is found is kept nowhere, what is doubtful waits for the duty officer."""

import importlib
import re
from asyncio import create_task, to_thread, wait
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.models import Model

from hub.app import Hub
from hub.commands.approve import approve
from hub.commands.recall import recall
from hub.commands.release_hold import reject_hold, release_hold
from hub.commands.replay import replay
from hub.commands.screen_again import screen_again
from hub.engine import Engine
from hub.queries import captures as queries
from hub.queries.recalls import Standing, recalls
from hub.queries.search import Audience, parse, search
from hub.rules.screen.terms import Listed
from hub.rules.screen.verdict import Outcome
from hub.rules.two_persons import Matter
from hub.screened import Screens
from hub.stages.deliver import Deliver
from hub.store import articles, captures, screening, searching, seconding
from hub.store.articles import NewArticle
from hub.store.deciding import DecisionRefusedError, SecondPersonNeededError
from hub.store.tables import MODULES
from schemas.item import ITEM
from tests.journeys.leaks import tables
from tests.province import Province, events, row, rows, rss, story, turn
from tests.stages.teasers import Newsroom, page, work
from tests.stages.test_normalise import editions, items, show

WHO = "truc-ban"
CANARY = "BONGHOAXUONGRONG"
SECRET = f"<p>MẬT</p><p>Kế hoạch {CANARY} năm 2026 của đơn vị.</p>"
IDENTITY = f"<p>Danh sách {CANARY}: Nguyễn Văn An, CCCD 001099000001; Trần Thị Bình, CCCD 001199000002.</p>"


async def everything(hub: Hub) -> str:
    """Every text of every table, bodies unpacked."""
    return "\n".join(f"{place}: {text}" for place, text in await tables(hub.engine.store.database))


async def test_a_marked_text_is_kept_nowhere_and_its_neighbours_become_items(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1), story(2, title=f"Kế hoạch {CANARY}", text=SECRET), story(3)))
    assert CANARY not in await everything(hub)
    assert [item["guid"] for item in await items(hub)] == ["tin-1", "tin-3"]
    capture, rejection, alarm = await row(hub, "capture"), await row(hub, "rejection"), await row(hub, "alarm")
    assert (capture["state"], await rows(hub, "capture_body")) == ("purged", [])
    assert (rejection["code"], rejection["rule"], rejection["detail"]) == ("secrecy", "stamp", "")
    assert rejection["fingerprint"] == alarm["fingerprint"]
    assert len(rejection["fingerprint"]) == 64
    assert (alarm["url"], alarm["times"], alarm["seen_at"]) == (rejection["url"], 1, None)
    await screening.scrub(hub.engine.store, hub.engine.files, thorough=True)
    assert (await row(hub, "alarm"))["scrubbed_at"] is not None


async def test_the_same_text_again_is_purged_again_without_a_second_alarm(province: Province, hub: Hub) -> None:
    secret = story(2, text=SECRET)
    for number in (3, 4, 5):
        await show(province, hub, rss(story(number), secret))
    assert CANARY not in await everything(hub)
    assert (await row(hub, "alarm"))["times"] == 3
    assert {capture["state"] for capture in await rows(hub, "capture")} == {"purged"}
    assert (await events(hub)).count("secrecy_found") == 1


async def test_a_marked_revision_takes_back_what_was_shown(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=f"Tin thường {CANARY}", tags=(CANARY,))))
    await turn(Deliver(hub.engine, "portal"))
    await show(province, hub, rss(story(1, text=SECRET)))
    assert CANARY not in await everything(hub)
    item, alarm = await row(hub, "item"), await row(hub, "alarm")
    assert (item["state"], item["withdrawn_by"], item["title"]) == ("withdrawn", "screen", "")
    assert {edition["body"] for edition in await rows(hub, "edition")} == {None}
    assert await rows(hub, "capture_body") == []
    assert '"place":"portal"' in alarm["shown"]
    assert [one.content_id for one in await recalls(hub.engine.store)] == [item["content_id"]]
    await turn(Deliver(hub.engine, "portal"))
    assert [effect.action for effect in province.portal.effects] == ["put", "delete"]
    [found] = await recalls(hub.engine.store)
    assert {place.name: place.standing for place in found.places if place.standing is not Standing.COPIES} == {
        "": Standing.PROVEN, "portal": Standing.PROVEN,
    }  # fmt: skip


async def test_a_clean_text_of_an_item_that_was_hit_waits_for_the_duty_officer(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=SECRET), story(2)))
    await show(province, hub, rss(story(1, text="Nội dung đã sửa, không còn gì."), story(2)))
    [item] = await rows(hub, "item", guid="tin-1")
    [edition] = await rows(hub, "edition", content_id=item["content_id"])
    assert (edition["state"], edition["restricted"], item["restricted"]) == ("held", 1, 1)
    assert '"secrecy_before"' in edition["why"]


async def test_a_capture_that_was_purged_is_not_read_again(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=SECRET), story(2)))
    capture = (await row(hub, "capture"))["id"]
    with pytest.raises(DecisionRefusedError, match="purged"):
        await replay(hub.engine, capture=capture, who=WHO)
    assert (await replay(hub.engine, source="tin", who=WHO)).without_body == 1


async def test_personal_data_waits_for_the_duty_officer_and_goes_on_once_released(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY)))
    item = await row(hub, "item")
    content_id = UUID(item["content_id"])
    assert await editions(hub) == [(1, "held", "major")]
    assert '"screen:identity_numbers"' in (await row(hub, "edition"))["why"]
    with pytest.raises(DecisionRefusedError, match="screen"):
        await approve(hub.engine, content_id, who="bien-tap")
    assert await release_hold(hub.engine, content_id, who=WHO, why="đã xem") == 1
    assert await editions(hub) == [(1, "approved", "major")]
    assert (await row(hub, "item"))["restricted"] == 0
    await show(province, hub, rss(story(1, text=IDENTITY, published="Tue, 03 Mar 2026 08:00:00 +0700"), story(2)))
    assert "held" not in {state for _, state, _ in await editions(hub)}


async def test_nobody_finds_what_a_screen_held_when_it_came(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY), story(2)))
    await searching.caught_up(hub.engine.store)
    for audience in Audience:
        found = await search(hub.engine.store, parse("Sở Y tế"), audience=audience)
        assert [hit.url for hit in found.hits] == [story(2).link]


async def test_no_bytes_are_handed_out_in_which_a_held_text_stands(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    await show(province, hub, rss(story(1), story(2, text=IDENTITY)))
    await show(province, hub, rss(story(1), story(2, text=IDENTITY), story(3)))
    store, numbers = hub.engine.store, [capture["id"] for capture in await rows(hub, "capture")]

    async def taken() -> list[bool]:
        told = [await queries.capture(store, number) for number in numbers]
        handed = [await captures.kept(store, number) is not None for number in numbers]
        assert [one is not None and one.can_be_taken for one in told] == handed
        return handed

    assert await taken() == [True, False, False]
    assert [await captures.to_read(store, number) is not None for number in numbers] == [True] * 3
    [item] = [item for item in await items(hub) if item["guid"] == "tin-2"]
    await release_hold(hub.engine, UUID(item["content_id"]), who=WHO, why="đã xem")
    assert await taken() == [True] * 3


async def test_the_list_and_the_page_of_a_held_text_stay_here_both(province: Province) -> None:
    newsroom = Newsroom(province)
    newsroom.page(1, page().replace(b"</body>", "<aside>LƯU HÀNH NỘI BỘ</aside></body>".encode()))
    async with province.open() as hub:
        await work(hub)
        assert len(await rows(hub, "capture")) == 2
        for capture in await rows(hub, "capture"):
            assert await captures.kept(hub.engine.store, capture["id"]) is None


async def test_what_the_duty_officer_rejects_stays_out_of_sight(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY)))
    content_id = UUID((await row(hub, "item"))["content_id"])
    await reject_hold(hub.engine, content_id, who=WHO, why="dữ liệu cá nhân")
    assert await editions(hub) == [(1, "rejected", "major")]
    assert (await row(hub, "edition"))["restricted"] == 1
    with pytest.raises(DecisionRefusedError):
        await release_hold(hub.engine, content_id, who=WHO)


async def test_a_body_that_nobody_could_read_is_screened_too(province: Province, hub: Hub) -> None:
    await show(province, hub, f"<html><body><h1>Lỗi</h1>{SECRET}</body></html>".encode())
    assert CANARY not in await everything(hub)
    assert (await row(hub, "capture"))["state"] == "purged"
    assert (await row(hub, "alarm"))["rule"] == "stamp"


@pytest.mark.parametrize(
    ("around", "restricted"),
    [
        ("<aside>LƯU HÀNH NỘI BỘ</aside>", 1),
        ("<div>GIẢI MẬT</div>", 1),
        ("<footer>Thường trực: ông Nguyễn Văn Thử, CCCD 066301001234, số tài khoản 1234567890</footer>", 0),
    ],
    ids=["circulation", "declassified", "a person"],
)
async def test_a_note_on_handling_beside_the_article_holds_its_item(
    province: Province, around: str, restricted: int
) -> None:  # fmt: skip
    newsroom = Newsroom(province)
    newsroom.page(1, page().replace(b"</body>", f"{around}</body>".encode()))
    async with province.open() as hub:
        await work(hub)
        assert [edition["restricted"] for edition in await rows(hub, "edition")] == [restricted]
        assert len(province.portal.shown()) == 1 - restricted


async def test_a_mark_beside_the_article_is_seen_in_whatever_encoding_the_page_has(province: Province) -> None:
    newsroom = Newsroom(province)
    marked = page().decode().replace("</body>", f"<aside>MẬT</aside><p>{CANARY}</p></body>")
    newsroom.page(1, marked.encode("utf-16"))
    async with province.open() as hub:
        await work(hub)
        assert await rows(hub, "edition") == []
        assert CANARY not in await everything(hub)
        assert (await row(hub, "alarm"))["rule"] == "stamp"


async def test_a_level_that_a_field_states_purges_its_record_alone(province: Province, hub: Hub) -> None:
    body = rss(story(1), story(2, title=f"Báo cáo {CANARY}"))
    marked = body.replace(
        b'<guid isPermaLink="false">tin-2', b'<doMat>M\xe1\xba\xadt</doMat><guid isPermaLink="false">tin-2'
    )
    assert marked != body
    await show(province, hub, marked)
    assert CANARY not in await everything(hub)
    assert [item["guid"] for item in await items(hub)] == ["tin-1"]
    assert "metadata" in (await row(hub, "alarm"))["rule"]


async def test_the_gate_before_sending_takes_back_what_a_new_rule_finds(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=f"<p>Chiến dịch {CANARY}</p>")))
    await turn(Deliver(hub.engine, "portal"))
    await show(province, hub, rss(story(1, text=f"<p>Chiến dịch {CANARY}, ngày thứ 2 và 30 người</p>")))
    await turn(Deliver(stricter(hub), "portal"))
    assert CANARY not in await everything(hub)
    assert (await row(hub, "alarm"))["found"] == "sending"
    await turn(Deliver(hub.engine, "portal"))
    assert province.portal.effects[-1].action == "delete"


async def test_a_new_rule_is_run_over_everything_that_is_kept(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=f"<p>Chiến dịch {CANARY}</p>"), story(2)))
    done = await screen_again(stricter(hub), who=WHO)
    assert (done.editions, done.purged) == (2, 1)
    assert CANARY not in await everything(hub)
    assert {item["state"] for item in await items(hub)} == {"live", "withdrawn"}


async def test_a_recall_withdraws_once_and_stays_on_record(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    content_id = UUID((await row(hub, "item"))["content_id"])
    assert await recall(hub.engine, content_id, reason="đăng nhầm", who=WHO) == 2
    assert await recall(hub.engine, content_id, reason="đăng nhầm", who=WHO) == 2
    [found] = await recalls(hub.engine.store)
    assert not found.settled
    await turn(Deliver(hub.engine, "portal"))
    [found] = await recalls(hub.engine.store, content_id)
    assert found.settled
    assert "never" in {place.standing for place in found.places}


async def test_two_duty_officers_release_where_the_settings_want_two(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY)))
    content_id = UUID((await row(hub, "item"))["content_id"])
    engine = replace(hub.engine, two_persons=frozenset({Matter.SCREEN}))
    assert await release_hold(engine, content_id, who="mot") == 0
    with pytest.raises(SecondPersonNeededError):
        await release_hold(engine, content_id, who="mot")
    assert await release_hold(engine, content_id, who="hai") == 1


async def test_of_two_duty_officers_at_once_one_is_the_first_and_the_other_the_second(
    province: Province, hub: Hub
) -> None:
    await show(province, hub, rss(story(1, text=IDENTITY)))
    content_id = UUID((await row(hub, "item"))["content_id"])
    engine = replace(hub.engine, two_persons=frozenset({Matter.SCREEN}))
    async with engine.store.unit() as unit:
        await seconding.propose(unit, Matter.SCREEN, content_id, 1, who="mot", why="")
        second = create_task(release_hold(engine, content_id, who="hai"))
        assert not (await wait({second}, timeout=0.1))[0], "it waits for how the first ends"
    assert await second == 1
    assert (await row(hub, "proposal"))["state"] == "confirmed"


async def test_no_copy_of_a_key_stays_where_its_index_was_rearranged(province: Province, hub: Hub) -> None:
    """SQLite overwrites what is deleted, but not what it copied to another page before: 6 of these stay otherwise."""
    await show(province, hub, rss(story(2, text=SECRET)))
    places = [(place, f"{sha256(str(place).encode()).hexdigest()[:6]}-khoa{place}z") for place in range(20_000)]
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute_many(
            "INSERT INTO item_key (source, key, content_id) VALUES ('tin', ?, ?)",
            [(key, str(place)) for place, key in places],
        )
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("DELETE FROM item_key WHERE key LIKE '%-khoa%' AND id % 3 = 0")
    await screening.scrub(hub.engine.store, hub.engine.files, thorough=True)
    assert (await row(hub, "alarm"))["scrubbed_at"] is not None
    left = {row["key"].encode() for row in await rows(hub, "item_key")}
    if hub.engine.store.database.dialect == "sqlite":  # PostgreSQL overwrites its files by use
        [main] = [one for one in await hub.engine.store.fetch("PRAGMA database_list") if one["name"] == "main"]
        written = await to_thread(Path(main["file"]).read_bytes)
        assert set(re.findall(rb"[0-9a-f]{6}-khoa[0-9]+z", written)) - left == set()


@pytest.mark.parametrize("known_as", ["item", "article", "nothing"])
async def test_names_with_words_of_a_title_go_whatever_is_known_of_the_item(
    province: Province, hub: Hub, known_as: str
) -> None:  # fmt: skip
    """Names are not indexed by item: those of its source are gone through, or all."""
    await show(province, hub, rss(story(1), story(2)))
    one, other = [UUID(item["content_id"]) for item in await rows(hub, "item")]
    async with hub.engine.store.unit() as unit:
        if known_as == "article":
            item = NewArticle(
                content_id=one, item=ITEM.validate_json((await rows(hub, "edition"))[0]["body"]), digest="", pointer="",
                remarks=(), host="", page=True,
            )  # fmt: skip
            await articles.want(unit, "tin", [item], replay=False)
        if known_as != "item":
            await unit.tx.execute("DELETE FROM item WHERE content_id = ?", str(one))
        await screening.purge_item(unit, one)
    left = {(key["content_id"], key["key"][0]) for key in await rows(hub, "item_key")}
    assert left == {(str(one), "g"), (str(one), "l"), *((str(other), kind) for kind in "glt")}


async def test_every_table_is_known_to_the_purge(hub: Hub) -> None:
    """Whoever adds a table says whether text of items may stand in it (hub/store/screening.py)."""
    found = {model._meta.db_table for model in models()}
    assert found - screening.TEXTLESS - set(screening.SCRUBBED) == set()
    assert screening.TEXTLESS.isdisjoint(screening.SCRUBBED)


def models() -> list[type[Model]]:
    modules = [importlib.import_module(name) for name in MODULES]
    return [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Model) and each.__module__ == module.__name__
    ]


def stricter(hub: Hub) -> Engine:
    """The hub with a word more in the list of the province."""
    engine = hub.engine
    terms = replace(engine.screens.terms, words=(Listed(CANARY.casefold(), Outcome.PURGE),))
    return replace(engine, screens=Screens(terms, engine.screens.key))
