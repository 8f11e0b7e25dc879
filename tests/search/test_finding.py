"""The search on both databases: what is sought stands in front, in one order, for those who may see it."""

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hub.app import Hub, open_hub
from hub.commands.reindex import reindex_search
from hub.queries.search import Audience, Found, Place, parse, search
from hub.rules.access import NOWHERE, Scope
from hub.store import searching
from schemas.item import Document, Notice
from tests.clock import Clock
from tests.search import office
from tests.servers.postgres import execute
from tests.web.conftest import settings_in
from tests.web.press import Press, id_of, news


@asynccontextmanager
async def opened(url: str, folder: Path, clock: Clock) -> AsyncIterator[tuple[Hub, Press]]:
    async with open_hub(settings_in(folder, url), clock=clock) as hub:
        yield hub, Press(hub, clock)


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Hub]:
    async with open_hub(settings_in(tmp_path, database_url), clock=clock) as opened:
        yield opened


@pytest.fixture
def press(hub: Hub, clock: Clock) -> Press:
    return Press(hub, clock)


async def ask(hub: Hub, words: str, audience: Audience = Audience.PUBLIC, **filters: object) -> Found:
    return await search(hub.engine.store, parse(words), audience=audience, **filters)  # type: ignore[arg-type]


async def ids(hub: Hub, words: str, audience: Audience = Audience.PUBLIC, **filters: object) -> list[UUID]:
    return [hit.content_id for hit in (await ask(hub, words, audience, **filters)).hits]


def marked(segments: object) -> str:
    return "".join(f"[{one.text}]" if one.is_hit else one.text for one in segments)  # type: ignore[attr-defined]


async def test_what_is_sought_stands_in_the_first_three_and_both_databases_agree(
    tmp_path: Path, pg_url: str, clock: Clock
) -> None:
    orders: list[list[list[UUID]]] = []
    asked = office.queries()
    for place, url in enumerate((f"sqlite://{tmp_path / 'hub.db'}", pg_url)):
        folder = tmp_path / str(place)  # beside the witness of another database it would be a restored one
        folder.mkdir()
        async with opened(url, folder, clock) as (hub, press):
            await press.publish(*office.items())
            orders.append([await ids(hub, one.words, limit=10) for one in asked])
    missed = [one for one, order in zip(asked, orders[0], strict=True) if id_of(one.guid) not in order[:3]]
    assert len(asked) >= 200
    assert len(missed) <= 0.05 * len(asked), f"seed {office.SEED}: {missed}"
    assert orders[0] == orders[1]


async def test_marks_that_were_typed_come_first_and_none_find_all(hub: Hub, press: Press) -> None:
    await press.publish(news("tim", title="Khánh thành đường Hồ Chí Minh"))
    await press.publish(news("khac", title="Ông Dương Hồ chi minh bạch quỹ"))
    assert await ids(hub, "đường hồ chí minh") == [id_of("tim"), id_of("khac")]
    assert set(await ids(hub, "duong ho chi minh")) == {id_of("tim"), id_of("khac")}


async def test_a_phrase_in_quotes_and_an_excluded_word_narrow_down(hub: Hub, press: Press) -> None:
    await press.publish(news("a", title="Nước sạch về bản"), news("b", title="Sạch nhà, đủ nước"))
    assert await ids(hub, '"nước sạch"') == [id_of("a")]
    assert await ids(hub, "nước sạch -bản") == [id_of("b")]
    assert await ids(hub, 'nước -"nước sạch"') == [id_of("b")]


async def test_a_word_that_is_being_typed_finds_titles_that_it_begins(hub: Hub, press: Press) -> None:
    await press.publish(news("a", title="Tiêm chủng mở rộng"))
    typing = parse("tiêm chu", is_typing=True)
    found = await search(hub.engine.store, typing, audience=Audience.PUBLIC)
    assert [hit.content_id for hit in found.hits] == [id_of("a")]
    assert await ids(hub, "tiêm chu") == []


async def test_where_no_text_has_all_words_the_nearest_are_shown_and_said_to_be(hub: Hub, press: Press) -> None:
    await press.publish(news("a", title="Khởi công trường mầm non xã Bình Trị"))
    found = await ask(hub, "khởi công trường mầm nnon bình trị")
    assert [hit.content_id for hit in found.hits] == [id_of("a")]
    assert "gần nhất" in found.note


async def test_the_public_finds_what_is_approved_and_the_office_what_is_newest(hub: Hub, press: Press) -> None:
    await press.publish(news("a", title="Bản cũ đã duyệt"))
    await press.publish(news("a", title="Bản mới chờ duyệt"), held=True)
    assert await ids(hub, "cũ") == [id_of("a")]
    assert await ids(hub, "mới") == []
    assert await ids(hub, "mới", Audience.OFFICE) == [id_of("a")]
    assert await ids(hub, "cũ", Audience.OFFICE) == []
    await press.approve("a")
    assert (await ids(hub, "mới"), await ids(hub, "cũ")) == ([id_of("a")], [])
    await press.withdraw("a")
    assert await ids(hub, "mới") == []
    [hit] = (await ask(hub, "mới", Audience.OFFICE)).hits
    assert hit.state == "withdrawn"


async def test_nobody_finds_what_a_screen_restricts_or_what_was_purged(hub: Hub, press: Press) -> None:
    [one, other] = await press.publish(news("a", title="Danh sách riêng"), news("b", title="Danh sách chung"))
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE edition SET restricted = 1 WHERE content_id = ?", str(one))
        await searching.renewed(unit, [one])
    assert await ids(hub, "danh sách", Audience.OFFICE) == [other]
    async with hub.engine.store.unit() as unit:
        await searching.forgotten(unit, [other])
    await searching.scrub(hub.engine.store)
    assert await ids(hub, "danh sách", Audience.OFFICE) == []
    assert await hub.engine.store.fetch("SELECT id FROM search_entry") == []


async def test_what_was_added_waits_in_the_database_until_it_is_found(tmp_path: Path, clock: Clock) -> None:
    """A process that dies before it caught up leaves it to the next."""
    url = f"sqlite://{tmp_path / 'hub.db'}"
    async with opened(url, tmp_path, clock) as (hub, press):
        await press.publish(*(news(f"n{number}", title=f"Lịch cắt điện {number}") for number in range(3)), waiting=True)
        assert await ids(hub, "lịch cắt điện") == []
    async with opened(url, tmp_path, clock) as (hub, _):
        await searching.caught_up(hub.engine.store)
        await searching.caught_up(hub.engine.store)
        assert set(await ids(hub, "lịch cắt điện")) == {id_of(f"n{number}") for number in range(3)}
        assert await hub.engine.store.fetch("SELECT entry FROM search_waiting") == []


async def test_what_waits_is_changed_and_forgotten_as_if_it_had_been_found(tmp_path: Path, clock: Clock) -> None:
    """The index would be damaged if it were to forget what never came into it, or had the same twice."""
    async with opened(f"sqlite://{tmp_path / 'hub.db'}", tmp_path, clock) as (hub, press):
        store = hub.engine.store
        await press.publish(*(news(guid, title="Lịch cắt điện") for guid in ("a", "b", "c")), waiting=True)
        async with store.unit() as unit:
            await searching.forgotten(unit, [id_of("b")])
        await press.publish(news("c", title="Lịch cấp nước"), waiting=True)
        assert await ids(hub, "lịch") == [id_of("c")]
        await searching.caught_up(store)
        assert (await ids(hub, "cắt điện"), await ids(hub, "cấp nước")) == ([id_of("a")], [id_of("c")])
        async with store.unit() as unit:
            await searching.forgotten(unit, [id_of("a"), id_of("c")])
        assert await ids(hub, "lịch") == []
        async with store.database.transaction() as tx:
            await tx.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")


async def test_an_entry_that_waits_and_is_gone_keeps_nobody_busy(tmp_path: Path, clock: Clock) -> None:
    async with opened(f"sqlite://{tmp_path / 'hub.db'}", tmp_path, clock) as (hub, press):
        await press.publish(news("a", title="Lịch cắt điện"), waiting=True)
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("DELETE FROM search_entry")
        await searching.caught_up(hub.engine.store)
        assert await ids(hub, "lịch") == []


async def test_no_word_of_what_was_purged_stays_in_the_index_of_postgres(
    pg_url: str, tmp_path: Path, clock: Clock
) -> None:  # fmt: skip
    async def index_file() -> bytes:
        await to_thread(execute, pg_url, "CHECKPOINT")
        [row] = await store.fetch("SELECT pg_read_binary_file(pg_relation_filepath('search_entry_tokens')) AS pages")
        return bytes(row["pages"])

    async with opened(pg_url, tmp_path, clock) as (hub, press):
        store = hub.engine.store
        [one, _] = await press.publish(news("a", title="Kế hoạch hoamaitrang"), news("b", title="Tin hoacucvang"))
        await store.database.scrub("search_entry")
        assert b"hoamaitrang" in await index_file()
        async with store.unit() as unit:
            await searching.forgotten(unit, [one])
        await searching.scrub(store)
        pages = await index_file()
        assert b"hoamaitrang" not in pages
        assert b"hoacucvang" in pages
        assert await ids(hub, "hoacucvang") == [id_of("b")]
        await searching.scrub(store)
        assert await index_file() == pages, "nothing was forgotten since"


async def test_an_index_that_was_cut_off_in_the_making_is_cleared_away(
    pg_url: str, tmp_path: Path, clock: Clock
) -> None:  # fmt: skip
    async with opened(pg_url, tmp_path, clock) as (hub, press):
        await press.publish(news("a", title="Kế hoạch"))
        await to_thread(
            execute, pg_url, "CREATE INDEX cut_off ON search_entry USING gin (tokens)",
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'cut_off'::regclass",
        )  # fmt: skip
        await hub.engine.store.database.scrub("search_entry")
        named = await hub.engine.store.fetch("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%USING gin%'")
        assert [row["indexname"] for row in named] == ["search_entry_tokens"]


async def test_parts_of_the_index_are_joined_and_every_word_is_still_found(
    tmp_path: Path, clock: Clock
) -> None:  # fmt: skip
    async def parts() -> int:
        [row] = await store.fetch("SELECT count(DISTINCT segid) AS parts FROM search_index_idx")
        return int(row["parts"])

    async with opened(f"sqlite://{tmp_path / 'hub.db'}", tmp_path, clock) as (hub, press):
        store = hub.engine.store
        made = [(await press.publish(news(f"n{number}", title=f"Tin số {number}")))[0] for number in range(6)]
        before = await parts()
        assert not await searching.joined(store, steps=0)
        assert await searching.joined(store, steps=10)
        assert await parts() < before
        assert set(await ids(hub, "tin")) == set(made)
        assert await ids(hub, "tin 3") == [made[3]]


async def test_filters_by_member_kind_day_and_scope(hub: Hub, press: Press, clock: Clock) -> None:
    old = clock.now() - timedelta(days=900)
    await press.publish(news("a", title="Thông tin một", published=old), source="so-y-te-tin")
    await press.publish(Notice(guid="b", title="Thông tin hai", published=clock.now()), source="xa-ha-lieu-tin")
    members = {hit.content_id: hit.member for hit in (await ask(hub, "thông tin")).hits}
    assert await ids(hub, "thông tin", member=members[id_of("a")]) == [id_of("a")]
    assert await ids(hub, "thông tin", kind="notice") == [id_of("b")]
    assert await ids(hub, "thông tin", since=clock.now() - timedelta(days=30)) == [id_of("b")]
    assert await ids(hub, "thông tin", until=clock.now() - timedelta(days=30)) == [id_of("a")]
    narrow = Scope(frozenset({members[id_of("b")]}))
    wide = Scope(frozenset({members[id_of("b")], *(f"H{number}" for number in range(30))}))
    assert await ids(hub, "thông tin", Audience.OFFICE, scope=narrow) == [id_of("b")]
    assert await ids(hub, "thông tin", Audience.OFFICE, scope=wide) == [id_of("b")]
    assert await ids(hub, "thông tin", Audience.OFFICE, scope=NOWHERE) == []


async def test_pages_go_on_behind_a_place_and_repeat_nothing_though_more_comes(hub: Hub, press: Press) -> None:
    await press.publish(*(news(f"n{number}", title=f"Tin giá đất kỳ {number}") for number in range(7)))
    first = await ask(hub, "giá đất", limit=3)
    assert first.total == 7
    await press.publish(news("later", title="Giá đất"))
    met, after = [hit.content_id for hit in first.hits], first.after
    while after is not None:
        page = await ask(hub, "giá đất", limit=3, after=Place.of(str(after)))
        met, after = met + [hit.content_id for hit in page.hits], page.after
    assert sorted(set(met) - {id_of("later")}) == sorted(id_of(f"n{number}") for number in range(7))
    assert len(met) == len(set(met))


async def test_what_was_found_is_marked_in_the_text_as_it_was_written(hub: Hub, press: Press) -> None:
    long = "Mở đầu. " * 80
    text = f"<p>{long} Uỷ ban nhân dân <b>xã</b> quyết định 12/QĐ-UBND &lt;script&gt;. {long}</p>"
    await press.publish(news("a", title="Tin", content_html=text))
    [hit] = (await ask(hub, "ủy ban nhan dan 12/qd-ubnd")).hits
    assert "[Uỷ ban nhân dân] xã quyết định [12/QĐ-UBND]" in marked(hit.snippet)
    assert len(marked(hit.snippet)) < 320


async def test_numbers_are_found_as_people_type_them(hub: Hub, press: Press) -> None:
    await press.publish(news("nhac", title="Triển khai Quyết định 15/2024/QĐ-UBND trong toàn xã"))
    await press.publish(Document(guid="vb", title="Về giá đất", number="15/2024/QĐ-UBND"))
    for typed in ("15/2024/QĐ-UBND", "15/2024/qd-ubnd", "Số: 15 / 2024 / QĐ-UBND", "15/2024/QĐUBND", "15/2024"):
        assert id_of("vb") in (await ids(hub, typed))[:2], typed


HOSTILE = (
    "x" * 10_000, "và " * 5_000, '"' * 999, "AND OR NOT NEAR( * ^ : -", "a* OR b:c", "'/x'::tsquery & !y", "\x00\x00a",
    "😀 🏛️", "-", "- -- ---", "%_\\", "a\x00b \ud800", "(((((", "İß ﬁ ŉ 漢字 Ω", '-"', '"-a" -"b',
)  # fmt: skip


async def test_whatever_is_typed_is_answered(hub: Hub, press: Press) -> None:
    await press.publish(news("a", title="Tin"))
    for typed in HOSTILE:
        found = await ask(hub, typed, Audience.OFFICE)
        assert bool(found.note) is not bool(parse(typed)) or parse(typed).is_cut, typed[:40]


async def test_signs_alone_are_answered_with_what_to_type(hub: Hub) -> None:
    assert "Hãy gõ" in (await ask(hub, ' "" - * ')).note


async def test_an_index_is_written_anew_in_steps_and_goes_on_where_it_stopped(hub: Hub, press: Press) -> None:
    await press.publish(*(news(f"n{number}", title=f"Tin số {number}") for number in range(5)))
    async with hub.engine.store.unit() as unit:
        await searching.forgotten(unit, [id_of(f"n{number}") for number in range(5)])
    steps = []
    for _ in range(4):
        steps.append(await searching.reindexed(hub.engine.store, 2, who="an"))
        if steps[-1][2]:
            break
    assert [done for done, _, _ in steps] == [2, 4, 5]
    assert len(await ids(hub, "tin số")) == 5
    assert (await reindex_search(hub.engine, who="an")).is_finished


async def test_the_time_of_a_document_is_the_day_of_its_issue(hub: Hub, press: Press) -> None:
    await press.publish(Document.model_validate({"guid": "vb", "title": "Luật cũ", "issued": "1946-11-09"}))
    [hit] = (await ask(hub, "luật cũ")).hits
    assert hit.at == datetime(1946, 11, 9, tzinfo=UTC)
