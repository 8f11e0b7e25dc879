"""The order of public changes: nothing is skipped or told twice, a withdrawn text stands nowhere; and listeners."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub
from hub.store import changes as order
from hub.store.database import Database
from hub.web.api.cursors import cursor
from hub.web.api.listening import LISTENERS, Listeners
from hub.web.server import application
from schemas.edition import WithdrawalKind
from tests.web.api.reader import Program, Programs, with_api
from tests.web.press import Press, id_of, news


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """As everywhere, but the database is looked at all the time."""
    app = application(hub.engine, with_api(hub.settings))
    listeners_of(app).every = 0.01
    async with TestClient(TestServer(app), connector=TCPConnector(limit=0)) as opened:
        yield opened


def listeners_of(app: Any) -> Listeners:
    [found] = [part[LISTENERS] for part in app._subapps if LISTENERS in part]
    assert isinstance(found, Listeners)
    return found


async def waiting(app: Any, count: int) -> None:
    """Until so many wait for changes."""
    for _ in range(2_000):
        if listeners_of(app).count >= count:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody waits")


async def told(nobody: Program, query: str = "") -> list[tuple[str, str]]:
    """Everything from the beginning, page by page: what became of which item."""
    met, after = [], ""
    while True:
        page = (await nobody.get(f"/changes?limit=2{query}{after and f'&after={after}'}")).json
        met += [(each["change"], each["item"]["content_id"]) for each in page["changes"]]
        after = page["after"]
        if not page["more"]:
            return met


async def test_each_item_stands_once_at_its_newest_place(nobody: Program, press: Press) -> None:
    await press.publish(news("a"), news("b"), news("c"))
    assert len(await told(nobody)) == 3
    after = (await nobody.get("/changes")).json["after"]
    await press.publish(news("b", title="Sửa"))
    await press.withdraw("a", WithdrawalKind.VANISH, reason="Không nêu")
    assert await told(nobody) == [
        ("published", str(id_of("c"))), ("published", str(id_of("b"))), ("withdrawn", str(id_of("a"))),
    ]  # fmt: skip
    later = (await nobody.get(f"/changes?after={after}")).json["changes"]
    assert [each["item"].get("title") for each in later] == ["Sửa", None]
    assert b"Tin a" not in (await nobody.get("/changes")).body, "what was withdrawn stands in no earlier place"
    assert b"n\xc3\xaau" not in (await nobody.get("/changes")).body, "of what vanished no reason is told"


async def test_a_reading_that_failed_is_not_what_the_next_listener_gets(
    nobody: Program, press: Press, hub: Hub
) -> None:
    await press.publish(news("a"))
    await told(nobody)
    listeners, store = listeners_of(nobody.client.app), hub.engine.store

    async def written(body: str) -> None:
        async with store.unit() as unit:
            await unit.tx.execute("UPDATE edition SET body = ?", body)

    [row] = await store.fetch("SELECT body FROM edition")
    await written("{}")
    with pytest.raises(ValueError, match="discriminator"):
        await listeners.read(0)
    await written(row["body"])
    [shown], _ = await listeners.read(0)
    assert shown.item.content_id == id_of("a")


async def test_a_held_edition_is_no_change(nobody: Program, press: Press) -> None:
    await press.publish(news("a"))
    after = (await nobody.get("/changes")).json["after"]
    await press.publish(news("a", title="Bị giữ"), held=True)
    assert (await nobody.get(f"/changes?after={after}")).json["changes"] == []
    await press.approve("a")
    assert len((await nobody.get(f"/changes?after={after}")).json["changes"]) == 1


async def test_a_filter_leaves_out_and_its_cursor_goes_on_all_the_same(nobody: Program, press: Press) -> None:
    await press.publish(news("a"))
    await press.publish(news("b"), source="xa-ha-lieu-tin")
    page = (await nobody.get("/changes?member=H52.30")).json
    assert [each["item"]["title"] for each in page["changes"]] == ["Tin b"]
    await press.publish(news("c"))
    assert (await nobody.get(f"/changes?after={page['after']}&member=H52.30")).json["changes"] == []
    assert await told(nobody, "&member=H52.30") == [("published", str(id_of("b")))]


async def test_a_change_that_commits_late_is_not_skipped(pg_url: str, tmp_path: Any, clock: Any) -> None:
    """Begun first, committed last: whoever read up to the other still gets it. (SQLite has one writer at a time.)"""
    from hub.app import open_hub
    from tests.web.conftest import settings_in

    async with open_hub(settings_in(tmp_path, pg_url), clock=clock) as hub:
        press, store = Press(hub, clock), hub.engine.store
        await press.publish(news("slow"), news("quick"))
        await order.place(store)
        other = await Database.open(pg_url)
        touch = "UPDATE item SET public_at = ?, change_number = NULL WHERE content_id = ?"
        async with other.transaction() as slow:
            await slow.execute(touch, 1_800_000_000_000_000, str(id_of("slow")))
            async with store.unit() as unit:
                await unit.tx.execute(touch, 1_900_000_000_000_000, str(id_of("quick")))
            assert await order.place(store) == 1, "what nobody has committed waits"
            reader = await order.head(store)
        await order.place(store)
        late = await order.since(store, reader, limit=10)
        assert [each.entry.edition.content_id for each in late] == [id_of("slow")]
        await other.close()


async def test_numbers_are_given_once_though_many_ask_at_the_same_time(hub: Hub, press: Press) -> None:
    store = hub.engine.store
    await press.publish(*(news(f"n{n}") for n in range(30)))
    await asyncio.gather(*(order.place(store, limit=7) for _ in range(8)))
    rows = await store.fetch("SELECT change_number AS n FROM item ORDER BY n")
    assert [row["n"] for row in rows] == list(range(1, 31))


async def test_a_cursor_of_another_database_or_nonsense_is_refused_with_advice(
    nobody: Program, hub: Hub, press: Press
) -> None:
    await press.publish(news("a"))
    epoch = await order.epoch(hub.engine.store)
    bad = [
        cursor("0" * 32, "changes", 1), cursor(epoch, "changes", 99), cursor(epoch, "items", 1), "nonsense", "AAAA",
        cursor(epoch, "changes", -1), cursor(epoch, "changes", 1) + "x", cursor(epoch, "changes", "1" * 19),
    ]  # fmt: skip
    for word in bad:
        answer = await nobody.get(f"/changes?after={word}")
        assert (answer.status, answer.json["code"]) == (400, "bad_cursor"), word
        assert "đọc lại từ đầu" in answer.json["detail"]
        assert (await nobody.get(f"/items?cursor={word}")).json["code"] == "bad_cursor"
        assert (await nobody.get("/changes/stream", Last_Event_ID=word)).json["code"] == "bad_cursor"


async def test_a_question_that_waits_is_answered_when_something_changes(nobody: Program, press: Press) -> None:
    await press.publish(news("a"))
    after = (await nobody.get("/changes")).json["after"]
    asked = asyncio.create_task(nobody.get(f"/changes?after={after}&wait=20"))
    await waiting(nobody.client.app, 1)
    await press.publish(news("b"))
    answer = (await asked).json
    assert [each["item"]["title"] for each in answer["changes"]] == ["Tin b"]
    assert answer["after"] != after


class Listener:
    """A program that listens to the stream, and comes back where it was cut off."""

    def __init__(self, client: TestClient) -> None:  # type: ignore[type-arg]
        self.client = client
        self.last = ""
        self.heard: list[str] = []
        self.response: Any = None

    async def connect(self) -> None:
        headers = {"Last-Event-ID": self.last} if self.last else {}
        self.response = await self.client.get("/api/v1/changes/stream", headers=headers)
        assert self.response.status == 200
        assert self.response.headers["Content-Type"] == "text/event-stream"
        assert "Strict-Transport-Security" in self.response.headers
        assert (await self.event())[0] == "ready"

    async def event(self) -> tuple[str, Any]:
        """The next event; heart-beats are passed over."""
        fields: dict[str, str] = {}
        while line := (await self.response.content.readline()).decode().strip() or not fields:
            if isinstance(line, str) and ": " in line:
                name, _, value = line.partition(": ")
                fields[name] = value
        self.last = fields["id"]
        return fields.get("event", ""), orjson.loads(fields["data"])

    async def hear(self, count: int) -> None:
        for _ in range(count):
            name, item = await self.event()
            self.heard.append(f"{name} {item.get('title', item['content_id'])}")

    def cut(self) -> None:
        self.response.close()


async def test_a_listener_that_is_cut_off_again_and_again_misses_nothing_and_hears_nothing_twice(
    nobody: Program, press: Press
) -> None:
    listener = Listener(nobody.client)
    await listener.connect()
    await press.publish(news("a"))
    await listener.hear(1)
    for n in range(4):
        listener.cut()
        await press.publish(*(news(f"n{n}-{m}") for m in range(3)))
        await listener.connect()
        await listener.hear(2)
    await listener.hear(4)  # one of each time was not heard before the cut
    wanted = ["published Tin a", *(f"published Tin n{n}-{m}" for n in range(4) for m in range(3))]
    assert sorted(listener.heard) == sorted(wanted)
    await press.withdraw("a")
    await listener.hear(1)
    assert listener.heard[-1] == f"withdrawn {id_of('a')}"
    listener.cut()


async def test_two_hundred_listen_to_one_look_and_no_more_than_the_settings_allow(
    nobody: Program, programs: Programs, press: Press
) -> None:
    listeners = [Listener(nobody.client) for _ in range(200)]
    for each in listeners:
        await each.connect()
    await press.publish(news("a"), news("b"))
    await asyncio.gather(*(each.hear(2) for each in listeners))
    assert all(sorted(each.heard) == ["published Tin a", "published Tin b"] for each in listeners)
    waiting = listeners_of(nobody.client.app)
    waiting.most = waiting.count + waiting.count // 3  # the rest is for those with a key
    refused = await nobody.get("/changes/stream")
    assert (refused.status, refused.json["code"]) == (503, "too_many_listeners")
    assert refused.headers["Retry-After"]
    keyed = await programs.new("portal")
    assert (await keyed.get("/changes?after=" + (await keyed.get("/changes")).json["after"] + "&wait=1")).status == 200
    waiting.most = waiting.count
    assert (await keyed.get("/changes/stream")).json["code"] == "too_many_listeners"
    for each in listeners:
        each.cut()


async def test_listeners_are_let_go_when_the_process_stops(hub: Hub, press: Press) -> None:
    app = application(hub.engine, with_api(hub.settings))
    async with TestClient(TestServer(app)) as client:
        listener = Listener(client)
        await listener.connect()
        asked = asyncio.create_task(Program(client).get("/changes?wait=50"))
        await waiting(app, 2)
        await app.shutdown()
        assert await listener.response.content.read() == b""
        assert (await asked).json["changes"] == []


def test_every_statement_that_makes_something_public_takes_its_number_away() -> None:
    """Else a change would stand at its old place, where nobody looks any more."""
    from pathlib import Path

    import hub.store

    for path in sorted(Path(hub.store.__file__).parent.glob("*.py")):
        source = path.read_text("utf-8")
        if path.name != "changes.py":
            assert source.count("public_at = ?") + source.count("public_at = CASE") <= source.count(
                "change_number = NULL"
            ), path.name
