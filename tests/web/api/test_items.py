"""Public items by the API: lists, one of them, editions, numbers; what was withdrawn; what was never public."""

from uuid import uuid4

import pytest

from hub.app import Hub
from hub.store import changes
from hub.web.api.cursors import cursor
from schemas.document import Document
from schemas.edition import WithdrawalKind
from schemas.procedure import Procedure
from tests.clock import Clock
from tests.web.api.reader import Program, Programs
from tests.web.press import Press, id_of, news


async def test_a_list_goes_from_page_to_page_newest_first(nobody: Program, press: Press) -> None:
    for n in range(5):
        await press.publish(news(f"n{n}", title=f"Tin {n}", content_html="<p>Nội dung</p>"))
    met, path = [], "/items?limit=2"
    while path:
        page = (await nobody.get(path)).json
        met += [item["title"] for item in page["items"]]
        assert all(item["content_html"] == "" for item in page["items"]), "a list is short unless content is asked for"
        path = page["next"] and f"/items?limit=2&cursor={page['next']}"
    assert met == [f"Tin {n}" for n in (4, 3, 2, 1, 0)]
    [first] = (await nobody.get("/items?limit=1&content=true")).json["items"]
    assert first["content_html"] == "<p>Nội dung</p>"
    assert first["page"] == f"https://tin.tinhmau.gov.vn/items/{id_of('n4')}"


async def test_a_cursor_beyond_all_calendars_is_none_of_ours(nobody: Program, hub: Hub) -> None:
    epoch = await changes.epoch(hub.engine.store)
    for place in (("9" * 18, 0), (0, "9" * 18)):
        answer = await nobody.get(f"/items?cursor={cursor(epoch, 'items', *place, id_of('a'))}")
        assert (answer.status, answer.json["code"]) == (400, "bad_cursor")


async def test_filters_narrow_the_list(nobody: Program, press: Press, clock: Clock) -> None:
    await press.publish(news("a", tags=("Y tế",)))
    before = clock.now().isoformat().replace("+00:00", "Z")
    await press.publish(news("b"), source="xa-ha-lieu-tin")
    await press.publish(Document(guid="d", title="Quyết định"))

    async def titles(query: str) -> list[str]:
        answer = await nobody.get(f"/items?{query}")
        assert answer.status == 200, answer.body
        return [item["title"] for item in answer.json["items"]]

    assert await titles("member=H52.30") == ["Tin b"]
    assert await titles("source=xa-ha-lieu-tin") == ["Tin b"]
    assert await titles("kind=document") == ["Quyết định"]
    assert await titles("tag=y+te") == ["Tin a"]
    assert await titles(f"until={before}") == []
    assert await titles(f"since={before}&kind=news") == ["Tin b", "Tin a"]
    assert await titles("kind=news&until=2200-01-01T00:00:00%2B07:00&source=so-y-te-tin") == ["Tin a"]


async def test_what_was_withdrawn_is_told_and_what_vanished_was_never_there(nobody: Program, press: Press) -> None:
    await press.publish(news("a"), news("b"), news("c"))
    await press.withdraw("a", WithdrawalKind.NOTICE, reason="Đăng nhầm.")
    await press.withdraw("b", WithdrawalKind.VANISH)
    gone = await nobody.get(f"/items/{id_of('a')}")
    assert gone.status == 410
    assert gone.json["code"] == "withdrawn"
    assert gone.json["withdrawal"]["reason"] == "Đăng nhầm."
    assert (await nobody.get(f"/items/{id_of('b')}")).status == 404
    assert [each["title"] for each in (await nobody.get("/items")).json["items"]] == ["Tin c"]
    listed = (await nobody.get("/items?withdrawn=true")).json["items"]
    assert [each["state"] for each in listed] == ["withdrawn", "withdrawn", "live"]


async def test_editions_are_numbered_and_those_that_were_never_public_are_missing(
    nobody: Program, press: Press
) -> None:
    await press.publish(news("a"))
    await press.publish(news("a", title="Bị giữ"), held=True)
    await press.publish(news("a", title="Sửa"))
    told = (await nobody.get(f"/items/{id_of('a')}/editions")).json["editions"]
    assert [(each["revision"], each["state"]) for each in told] == [(1, "superseded"), (3, "current")]
    assert (await nobody.get(f"/items/{uuid4()}/editions")).status == 404


async def test_nothing_that_was_not_approved_is_answered(
    nobody: Program, programs: Programs, press: Press, hub: Hub
) -> None:
    await press.publish(news("open"))
    secret = {"title": "CHUACONGKHAI", "tags": ("CHUACONGKHAI",)}
    await press.publish(news("open", **secret), news("held", **secret), held=True)
    await press.publish(Procedure(guid="p", title="CHUACONGKHAI", code="1.004194"), held=True)
    for path in ("/items", "/items?content=true", f"/items/{id_of('open')}", "/changes", "/topics", "/procedures"):
        answer = await nobody.get(path)
        assert answer.status == 200
        assert b"CHUACONGKHAI" not in answer.body, path
    for path in (f"/items/{id_of('held')}", f"/items/{id_of('held')}/editions", "/procedures/1.004194"):
        assert (await nobody.get(path)).status == 404


async def test_documents_and_procedures_are_found_by_their_numbers_however_typed(nobody: Program, press: Press) -> None:
    await press.publish(Document(guid="d", title="Quyết định", number="15/2024/QĐ-UBND"))
    await press.publish(
        Procedure(guid="p", title="Cấp phép", code="1.004194.000.00.00.H52", national_code="1.004194"),
        Procedure(guid="q", title="Cấp phép ở xã", code="1.004194.000.00.00.H30", national_code="1.004194"),
    )
    for typed in ("15/2024/QĐ-UBND", "15/2024/qd-ubnd", " 15/2024/QD-UBND"):
        found = await nobody.get(f"/documents?number={typed}")
        assert [item["title"] for item in found.json["items"]] == ["Quyết định"], typed
    assert len((await nobody.get("/procedures/1.004194")).json["items"]) == 2
    [one] = (await nobody.get("/procedures/1.004194.000.00.00.H52")).json["items"]
    assert one["title"] == "Cấp phép"
    assert (await nobody.get("/documents?number=99/2024/QĐ-UBND")).status == 404
    await press.withdraw("p")
    assert [i["title"] for i in (await nobody.get("/procedures/1.004194")).json["items"]] == ["Cấp phép ở xã"]


async def test_an_answer_that_did_not_change_is_a_304_and_a_change_is_seen_at_once(
    nobody: Program, programs: Programs, press: Press, clock: Clock
) -> None:
    await press.publish(news("a"))
    clock.advance(minutes=2)
    first = await nobody.get("/items", Accept_Encoding="identity")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Vary"] == "Accept-Encoding, Authorization"
    assert (await nobody.get("/items", If_None_Match=first.headers["ETag"])).status == 304
    assert (await nobody.get("/items", If_Modified_Since=first.headers["Last-Modified"])).status == 304
    keyed = await (await programs.new("portal")).get("/items")
    assert (keyed.status, keyed.headers["Cache-Control"]) == (200, "private, max-age=60")
    await press.publish(news("b"))
    again = await nobody.get("/items", If_None_Match=first.headers["ETag"])
    assert (again.status, len(again.json["items"])) == (200, 2)


@pytest.mark.parametrize("path", ["/members", "/members/H52.12", "/sources", "/kinds", "/topics"])
async def test_lists_of_names_are_told(path: str, nobody: Program, press: Press) -> None:
    await press.publish(news("a", tags=("Y tế",)))
    answer = await nobody.get(path)
    assert answer.status == 200
    wanted = {"/members": "Sở Y tế", "/members/H52.12": "Sở Y tế", "/sources": "so-y-te-tin", "/kinds": "news",
              "/topics": "Y tế"}[path]  # fmt: skip
    assert wanted in answer.body.decode()
    assert (await nobody.get("/members/H99")).status == 404
