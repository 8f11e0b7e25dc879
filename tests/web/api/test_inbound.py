"""A member sends its items one by one: once, again, corrected, taken back; and sees what became of each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import Hub
from hub.stages.normalise import Normalise
from hub.web.server import application
from tests.clock import Clock
from tests.province import MEMBER, Province, turn
from tests.web.api.reader import Program, Programs, with_api

ITEM: dict[str, Any] = {
    "kind": "news", "guid": "tin/1", "title": "Tiêm chủng tại xã", "content_html": "<p>Từ ngày 20.</p>",
    "published": "2026-03-01T08:00:00+07:00",
}  # fmt: skip
PATH = f"/members/{MEMBER}/items/tin%2F1"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    inbox = {"member": MEMBER, "connector": "inbox", "secret": "0123456789abcdef0123"}
    province._add("source", name="hop-nhan", **inbox)
    province._add("source", name="hop-nhan-van-ban", kind="document", review="hold", **inbox)
    async with province.open() as opened:
        yield opened


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    async with TestClient(TestServer(application(hub.engine, with_api(hub.settings)))) as opened:
        yield opened


@pytest.fixture
async def member(programs: Programs) -> Program:
    return await programs.new("so-y-te", member=MEMBER)


async def test_an_item_is_taken_once_read_and_public(member: Program, programs: Programs, hub: Hub) -> None:
    first = await member.put(PATH, ITEM)
    assert (first.status, first.json["state"], first.json["revision"]) == (202, "received", 0)
    assert first.headers["Location"].endswith(PATH)
    assert (await member.put(PATH, ITEM)).status == 200, "the same again changes nothing"
    assert await turn(Normalise(hub.engine)) == 1
    told = (await member.get(PATH)).json
    assert (told["state"], told["revision"], told["public_revision"]) == ("public", 1, 1)
    shown = (await programs.nobody.get(f"/items/{told['content_id']}")).json
    assert (shown["title"], shown["member"]) == ("Tiêm chủng tại xã", MEMBER)


async def test_a_correction_has_a_new_revision_and_an_outdated_one_is_refused(member: Program, hub: Hub) -> None:
    await member.put(PATH, ITEM, If_Match='"0"')
    await turn(Normalise(hub.engine))
    stale = await member.put(PATH, {**ITEM, "title": "Sửa"}, If_Match='"7"')
    assert (stale.status, stale.json["code"]) == (412, "revision_differs")
    assert (await member.put(PATH, {**ITEM, "title": "Sửa"}, If_Match='"1"')).status == 202
    await turn(Normalise(hub.engine))
    answer = await member.get(PATH)
    assert (answer.json["revision"], answer.headers["ETag"]) == (2, '"2"')


async def test_what_a_member_takes_back_is_withdrawn_and_may_come_again(
    member: Program, programs: Programs, hub: Hub
) -> None:
    assert (await member.ask("DELETE", PATH)).status == 404
    await member.put(PATH, ITEM)
    await turn(Normalise(hub.engine))
    assert (await member.ask("DELETE", PATH)).status == 202
    await turn(Normalise(hub.engine))
    told = (await member.get(PATH)).json
    assert (told["state"], told["public_revision"]) == ("withdrawn", 0)
    assert (await programs.nobody.get(f"/items/{told['content_id']}")).status == 410
    assert (await member.ask("DELETE", PATH)).status == 200


async def test_of_two_inboxes_the_one_that_was_told_last_answers(member: Program, clock: Clock) -> None:
    """It went wrong: after news, document and news under one name, the member took back the document."""
    document = {"kind": "document", "guid": "tin/1", "title": "Quyết định", "number": "15/2024/QĐ-UBND"}
    for sent, source in ((ITEM, "hop-nhan"), (document, "hop-nhan-van-ban"), ({**ITEM, "title": "Sửa"}, "hop-nhan")):
        clock.advance(minutes=1)
        answer = await member.put(PATH, sent)
        assert (answer.status, answer.json["source"]) == (202, source)
    clock.advance(minutes=1)
    assert (await member.ask("DELETE", PATH)).json["source"] == "hop-nhan"


async def test_what_waits_for_a_person_is_told_with_the_reason(member: Program, hub: Hub) -> None:
    path = f"/members/{MEMBER}/items/vb-1"
    document = {"kind": "document", "guid": "vb-1", "title": "Quyết định", "number": "15/2024/QĐ-UBND",
                "content_html": "<p>Điều 1.</p>"}  # fmt: skip
    assert (await member.put(path, document)).status == 202
    await turn(Normalise(hub.engine))
    told = (await member.get(path)).json
    assert (told["state"], told["source"]) == ("held", "hop-nhan-van-ban")
    assert told["reason"]
    assert told["sentence"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"guid": "other"}, 422, "bad_body"), ({"kind": "question"}, 409, "no_inbox"), ({"title": ""}, 422, "bad_body"),
        ({"title": 7}, 422, "bad_body"), ({"unknown": 1}, 422, "bad_body"), ({"published": "hôm qua"}, 422, "bad_body"),
    ],
    ids=["guid", "kind", "title", "type", "unknown", "date"],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_before_anything_is_kept(
    change: dict[str, object], status: int, code: str, member: Program, hub: Hub
) -> None:
    answer = await member.put(PATH, {**ITEM, **change})
    assert (answer.status, answer.json["code"]) == (status, code)
    assert await hub.engine.store.fetch("SELECT id FROM capture") == []


async def test_a_paused_inbox_takes_nothing_and_another_member_has_no_key(
    member: Program, programs: Programs, hub: Hub
) -> None:
    from hub.commands.pause import pause

    await pause(hub.engine, "source", "hop-nhan", who="an")
    refused = await member.put(PATH, ITEM)
    assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (503, "inbox_paused", "3600")
    stranger = await programs.new("other", member="H52.99")
    assert (await stranger.put(PATH, ITEM)).json["code"] == "not_permitted"
    assert (await programs.nobody.put(PATH, ITEM)).json["code"] == "key_needed"
