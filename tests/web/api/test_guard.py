"""Who may ask, how often, and what a refusal looks like; hostile values in every place."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate
from structlog.testing import capture_logs

from hub.app import Hub
from hub.web.api import openapi
from hub.web.api.app import operations
from hub.web.api.problems import CODES
from hub.web.server import application
from tests.clock import Clock
from tests.docs.pages import REFERENCE, ROOT, named
from tests.web.api.reader import Program, Programs, with_api

#: What nobody means.
HOSTILE = (
    "-1", "0", "99999999999999999999", "1e3", "x" * 2_000, "\x00", "\udcff", "[]", "NaN", "' OR 1=1 --", "%00", "",
)  # fmt: skip


async def test_every_value_of_every_parameter_is_taken_or_refused_with_a_reason(nobody: Program) -> None:
    asked = 0
    for operation in operations():
        if operation.method != "GET" or operation.at.model_fields or operation.patience > 100:
            continue
        for name in operation.query.model_fields:
            for value in HOSTILE:
                answer = await nobody.get(f"{operation.path}?{name}={quote(value, errors='surrogateescape')}")
                assert answer.status in (200, 400, 401, 404), (operation.path, name, value[:20], answer.body)
                if answer.status == 400:
                    assert answer.headers["Content-Type"] == "application/problem+json"
                    assert answer.json["code"] in ("bad_parameter", "bad_cursor")
                asked += 1
    assert asked > 100


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/items?limit=2&limit=3", 400, "bad_parameter"), ("/items?unknown=1", 400, "bad_parameter"),
        ("/items/nonsense", 404, "not_found"), ("/nowhere", 404, "not_found"), ("/members/%00", 404, "not_found"),
        ("/items?q=" + "x" * 3_000, 414, "address_too_long"), ("/procedures/" + "9" * 300, 404, "not_found"),
    ],
    ids=["twice", "unknown", "no id", "no route", "control", "long", "long code"],
)  # fmt: skip
async def test_a_refusal_is_a_problem_with_advice_in_two_languages(
    path: str, status: int, code: str, nobody: Program
) -> None:
    answer = await nobody.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"https://tin.tinhmau.gov.vn/api/v1/#{code}"
    assert "Hãy" in problem["detail"]
    assert "x" * 100 not in answer.body.decode(), "what was sent is not told back"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(nobody: Program) -> None:
    answer = await nobody.ask("DELETE", "/items")
    assert (answer.status, answer.json["code"], answer.headers["Allow"]) == (405, "method_not_allowed", "GET,HEAD")


async def test_a_key_that_is_wrong_or_was_ended_is_refused_even_for_what_is_public(
    programs: Programs, hub: Hub
) -> None:
    from hub.store import consumers

    good = await programs.new("portal")
    assert (await good.get("/kinds")).status == 200
    for key in ("hub_" + "a" * 43, "nonsense", good.key[:-1]):
        refused = await Program(programs.client, key).get("/kinds")
        assert (refused.status, refused.json["code"]) == (401, "bad_key")
        assert refused.headers["WWW-Authenticate"]
    assert (await programs.nobody.get("/kinds", Authorization="Basic YTpi")).status == 401
    async with hub.engine.store.unit() as unit:
        assert await consumers.end(unit, "portal", by="test")
    assert (await good.get("/kinds")).status == 401
    rows = await hub.engine.store.fetch("SELECT * FROM consumer")
    assert good.key not in str(rows), "the database does not know the key"


async def test_the_log_keeps_keys_that_are_none_and_what_was_not_permitted(programs: Programs) -> None:
    reader = await programs.new("portal")
    with capture_logs() as logs:
        await Program(programs.client, "hub_" + "a" * 43).get("/kinds")
        await reader.get("/admin/sources")
        await programs.nobody.get("/admin/sources")
        await reader.get("/nowhere")
    told = [(each["code"], each["who"], each["path"]) for each in logs if each["event"] == "API refused"]
    assert told == [("bad_key", "", "/api/v1/kinds"), ("not_permitted", "key:portal", "/api/v1/admin/sources")]
    assert "hub_a" not in str(logs)
    assert reader.key not in str(logs)


async def test_an_address_and_a_key_have_quotas_of_their_own(hub: Hub, clock: Clock) -> None:
    app = application(hub.engine, with_api(hub.settings, per_minute=3))
    async with TestClient(TestServer(app)) as client:
        programs = Programs(hub, client)
        keyed = await programs.new("portal", per_minute=2)
        clock.advance(seconds=60 - clock.now().second)
        left = [(await programs.nobody.get("/kinds")).headers["RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = await programs.nobody.get("/kinds")
        assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (429, "quota_spent", "60")
        assert [(await keyed.get("/kinds")).status for _ in range(3)] == [200, 200, 429]
        clock.advance(minutes=1)
        assert (await programs.nobody.get("/kinds")).status == 200


async def test_readers_behind_our_proxy_have_quotas_of_their_own(hub: Hub, clock: Clock) -> None:
    conditions = replace(hub.engine.conditions, trusted_proxies=[ip_network("127.0.0.0/8")])
    app = application(replace(hub.engine, conditions=conditions), with_api(hub.settings, per_minute=1))
    clock.advance(seconds=60 - clock.now().second)
    async with TestClient(TestServer(app)) as client:

        async def asks(address: str) -> int:
            async with client.get("/api/v1/kinds", headers={"X-Forwarded-For": address}) as answer:
                return answer.status

        assert [await asks("203.0.113.7"), await asks("203.0.113.7"), await asks("198.51.100.9")] == [200, 429, 200]
        assert await asks("198.51.100.9, 203.0.113.7") == 429, "what a reader writes in front is not believed"


async def test_what_a_program_asks_for_is_counted(hub: Hub, clock: Clock) -> None:
    from hub.store import consumers

    async with TestClient(TestServer(application(hub.engine, with_api(hub.settings)))) as client:
        keyed = await Programs(hub, client).new("portal")
        size = len((await keyed.get("/kinds", Accept_Encoding="identity")).body)
        await keyed.get("/nowhere")
        await Program(client).get("/kinds")
    day = clock.now().astimezone(hub.engine.zone).date()
    [portal] = await consumers.listed(hub.engine.store)
    use = await consumers.use(hub.engine.store, since=day.isoformat())
    assert (use[portal.id].calls, use[portal.id].refused) == (2, 1)
    assert use[portal.id].bytes >= size
    assert use[0].calls == 1
    assert portal.used_at == clock.now()
    assert await consumers.use(hub.engine.store, since=(day + timedelta(days=1)).isoformat()) == {}


# The document


async def test_the_document_is_valid_and_the_kept_one_is_fresh(nobody: Program) -> None:
    answer = await nobody.get("/openapi.json")
    assert answer.body == openapi.written()
    validate(answer.json)
    assert (ROOT / openapi.PAGE).read_bytes() == openapi.written(), "run: python -m hub.web.api.openapi"


def test_the_reference_lists_every_route_and_no_other() -> None:
    page = named(REFERENCE / "api.md", "Routes")
    assert page == {f"{each.method} {each.path.replace(':.+', '')}" for each in operations()}


def test_every_refusal_that_a_route_declares_exists() -> None:
    for operation in operations():
        assert set(openapi.refusals_of(operation)) <= CODES, operation.name


def test_no_two_operations_have_one_name() -> None:
    names = [operation.name for operation in operations()]
    assert len(names) == len(set(names))


async def test_the_page_shows_every_route_and_every_problem(nobody: Program) -> None:
    page = (await nobody.get("/")).body.decode()
    for operation in operations():
        assert f'id="{operation.name}"' in page
    for code in CODES:
        assert f'id="{code}"' in page
    assert "<script" not in page
