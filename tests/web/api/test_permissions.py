"""Every route x every kind of caller x own and other member, made from the declared routes; and the session."""

import re
from uuid import uuid4

import pytest
from aiohttp import hdrs

from hub.rules.access import PERMITS, Grant, Permission, Role
from hub.web.api.app import operations
from hub.web.routes import Open
from tests.web.api.reader import Program, Programs
from tests.web.desk import Desk
from tests.web.press import Press, id_of, news

OPERATIONS = [each for each in operations() if each.demand is not Open.PUBLIC]
ROLES = (Role.VIEWER, Role.EDITOR, Role.CHIEF_EDITOR, Role.TECHNICIAN)


def path_of(path: str, *, member: str = "H52.12") -> str:
    values = {"content_id": str(uuid4()), "name": "so-y-te-tin", "code": member, "guid": "a"}
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: values[found[1]], path)


async def test_every_route_lets_in_whom_it_declares_and_nobody_else(programs: Programs) -> None:
    callers = {role: await programs.new(role, role) for role in ROLES}
    member, plain = await programs.new("member", member="H52.12"), await programs.new("plain")
    for each in OPERATIONS:
        body = None if each.method == hdrs.METH_GET else b"[]"  # past the guard it is refused as no object
        for role, program in callers.items():
            answer = await program.ask(each.method, path_of(each.path), body=body)
            allowed = isinstance(each.demand, Permission) and each.demand in PERMITS[role]
            assert (answer.status not in (401, 403)) == allowed, (each.name, role, answer.body)
            assert answer.headers["Cache-Control"] == "no-store", each.name
        mine = await member.ask(each.method, path_of(each.path), body=body)
        other = await member.ask(each.method, path_of(each.path, member="H52.30"), body=body)
        assert (mine.status not in (401, 403)) == (each.demand is Open.MEMBER), each.name
        assert other.status == 403, each.name
        assert (await plain.ask(each.method, path_of(each.path), body=body)).json["code"] == "not_permitted"
        assert (await programs.nobody.ask(each.method, path_of(each.path), body=body)).json["code"] == "key_needed"


async def test_a_role_for_one_member_neither_sees_nor_touches_the_other(programs: Programs, press: Press) -> None:
    await press.publish(news("mine"), news("more"), held=True)
    await press.publish(news("other"), source="xa-ha-lieu-tin", held=True)
    editor = await programs.new("editor", Grant(Role.EDITOR, "H52.12"))
    technician = await programs.new("technician", Grant(Role.TECHNICIAN, "H52.12"))
    queue = (await editor.get("/admin/queue")).json["editions"]
    assert {each["title"] for each in queue} == {"Tin mine", "Tin more"}
    assert {each["title"] for each in (await editor.get("/admin/items")).json["items"]} == {"Tin mine", "Tin more"}
    assert (await editor.post(f"/admin/items/{id_of('other')}/approve")).status == 404
    assert (await editor.post(f"/admin/items/{id_of('mine')}/approve", {"revision": 1})).json["revision"] == 1
    assert (await editor.post(f"/admin/items/{id_of('mine')}/withdraw")).status == 403
    assert (await technician.post("/admin/sources/xa-ha-lieu-tin/pause")).status == 404
    assert (await technician.post("/admin/sources/so-y-te-tin/pause", {"why": "bảo trì"})).json == {"count": 1}
    assert (await technician.post("/admin/destinations/portal/pause")).status == 403, "not for a part of the province"


async def test_a_decision_that_was_taken_is_refused_and_a_repeated_one_is_answered_as_before(
    programs: Programs, press: Press
) -> None:
    await press.publish(news("a"), held=True)
    chief = await programs.new("chief", Role.CHIEF_EDITOR)
    path = f"/admin/items/{id_of('a')}"
    first = await chief.post(f"{path}/approve", {"why": "đúng"}, Idempotency_Key="k-1")
    assert first.status == 200
    again = await chief.post(f"{path}/approve", {"why": "đúng"}, Idempotency_Key="k-1")
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, first.body, "true")
    refused = await chief.post(f"{path}/approve", {"why": "đúng"})
    assert (refused.status, refused.json["code"]) == (409, "decision_refused")
    other = await chief.post(f"{path}/withdraw", {}, Idempotency_Key="k-1")
    assert (other.status, other.json["code"]) == (422, "repeat_differs")
    assert (await chief.post(f"{path}/withdraw", {"kind": "notice", "reason": "Nhầm"})).json["revision"] == 2
    told = await press.engine.store.fetch("SELECT who FROM event WHERE what IN ('approved', 'withdrawn')")
    assert [row["who"] for row in told] == ["key:chief"] * 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"why": "a", "why": "b"}', 400, "bad_json"), (b"[" * 100_000, 413, "body_too_large"),
        (b"[" * 20_000, 400, "bad_json"), (b'{"why": 5}', 422, "bad_body"), (b'{"why": "\\u0000"}', 422, "bad_body"),
        (b'{"why": "\\ud800"}', 422, "bad_body"), (b'{"revision": "1"}', 422, "bad_body"), (b"", 400, "bad_json"),
        (b'{"other": 1}', 422, "bad_body"), (b'{"revision": NaN}', 400, "bad_json"), (b"\xff", 400, "bad_json"),
    ],
    ids=["twice", "large", "deep", "type", "nul", "surrogate", "text", "empty", "unknown", "nan", "latin"],
)  # fmt: skip
async def test_a_body_that_does_not_fit_is_refused_with_its_reason(
    body: bytes, status: int, code: str, programs: Programs, press: Press
) -> None:
    await press.publish(news("a"), held=True)
    editor = await programs.new("editor", Role.EDITOR)
    answer = await editor.ask("POST", f"/admin/items/{id_of('a')}/approve", body=body)
    assert (answer.status, answer.json["code"]) == (status, code)
    plain = await editor.ask(
        "POST", f"/admin/items/{id_of('a')}/approve", body=b"{}", headers={"Content-Type": "text/plain"}
    )  # fmt: skip
    assert (plain.status, plain.json["code"]) == (415, "not_json")


async def test_the_console_may_use_it_by_its_session_and_changes_need_its_token(programs: Programs) -> None:
    async with Desk(programs.hub) as desk:
        person = await desk.person("an", "technician")
        program = Program(desk.client)
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        assert (await program.get("/admin/sources", Cookie=cookie)).status == 200
        path = "/admin/sources/so-y-te-tin/pause"
        assert (await program.post(path, Cookie=cookie)).json["code"] == "not_meant"
        foreign = await program.post(path, Cookie=cookie, X_CSRF_Token=person.csrf, Origin="https://evil.example")
        assert foreign.json["code"] == "not_meant"
        done = await program.post(path, Cookie=cookie, X_CSRF_Token=person.csrf, Origin=person.origin)
        assert done.status == 200, done.body


async def test_keys_are_made_and_ended_on_the_console_and_shown_once(programs: Programs) -> None:
    async with Desk(programs.hub) as desk:
        admin = await desk.person("an", "administrator")
        made = await admin.post("/keys", name="portal", role=["editor", "administrator"], per_minute="7")
        [key] = re.findall(r"hub_[A-Za-z0-9_-]{43}", made.text)
        page = await admin.get("/keys")
        assert key not in page.text
        assert "Biên tập viên" in page.words
        assert "editor" not in page.words, "roles are called as everywhere"
        assert ">không có</option>" in page.text, "whoever chooses no member sends for none, not for all"
        answer = await Program(desk.client, key).get("/admin/queue")
        assert (answer.status, answer.headers["RateLimit-Limit"]) == (200, "7")
        assert (await admin.post("/keys", name="portal")).status == 422, "a name is taken once"
        assert (await admin.post("/keys/portal/end")).status == 303
        assert (await Program(desk.client, key).get("/kinds")).status == 401
        assert (await (await desk.person("binh", "editor")).get("/keys")).status == 403
