"""What every request to the console passes, tried on routes of a small application of our own."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from connectors.errors import ConfigError
from hub.app import Hub
from hub.rules.access import Permission
from hub.store import people
from hub.store.deciding import DecisionRefusedError
from hub.web.console.guard import guarded
from hub.web.console.viewer import Viewer
from hub.web.routes import PREFIX, Open, declare, get, post
from hub.web.server import all_declared
from hub.web.site import SITE, Site
from tests.clock import Clock
from tests.web.desk import Desk, Visitor


async def plain(request: web.Request) -> web.Response:
    return web.Response(text="here you are")


async def refused(request: web.Request) -> web.Response:
    raise DecisionRefusedError("no", sentence="Phiên bản này vừa được người khác xử lý.")


async def broken(request: web.Request) -> web.Response:
    raise ZeroDivisionError


ROUTES = (
    get("/open", plain, Open.PUBLIC),
    get("/read", plain, Permission.READ),
    post("/operate", plain, Permission.OPERATE),
    post("/refused", refused, Permission.READ),
    get("/broken", broken, Permission.READ),
)


class SmallDesk(Desk):
    def application(self) -> web.Application:
        app, inner = web.Application(), web.Application(middlewares=[guarded])
        inner[SITE] = Site(engine=self.hub.engine, name="Tỉnh Mẫu", base=self.hub.settings.public_url)
        inner[PREFIX] = "/console"
        declare(inner, ROUTES)
        app.add_subapp("/console", inner)
        return app


@pytest.fixture
async def small(hub: Hub) -> AsyncIterator[SmallDesk]:
    async with SmallDesk(hub) as opened:
        yield opened


async def test_a_stranger_is_led_to_the_login_and_back(small: SmallDesk) -> None:
    answer = await small.stranger().get("/read?a=b")
    assert (answer.status, answer.location) == (303, "/console/login?next=%2Fconsole%2Fread%3Fa%3Db")
    assert (await small.stranger().get("/open")).status == 200


async def test_only_who_was_granted_the_permission_gets_in(small: SmallDesk) -> None:
    viewer, technician = await small.person("an", "viewer"), await small.person("binh", "technician")
    assert (await viewer.get("/read")).text == "here you are"
    assert (await viewer.post("/operate")).status == 403
    assert (await technician.post("/operate")).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_a_change_from_elsewhere_is_refused(small: SmallDesk, headers: dict[str, str]) -> None:
    person = await small.person("an", "technician")
    answer = await person.ask("POST", "/operate", headers=headers, data={"csrf": person.csrf})
    assert answer.status == 403


@pytest.mark.parametrize("token", ["", "x" * 43, "é"])
async def test_a_change_without_the_tokens_of_the_session_is_refused(small: SmallDesk, token: str) -> None:
    person = await small.person("an", "technician")
    person = Visitor(small, person.token, token)
    answer = await person.post("/operate")
    assert answer.status == 419
    assert "Không có gì bị thay đổi" in answer.words or "chưa có gì thay đổi" in answer.words


async def test_the_log_keeps_who_was_not_let_do_what(small: SmallDesk) -> None:
    viewer = await small.person("an", "viewer")
    with capture_logs() as logs:
        await viewer.post("/operate")
        await Visitor(small, viewer.token, "x" * 43).post("/refused")
        await viewer.ask("POST", "/refused", headers={"Origin": "https://evil.example"})
        await viewer.get("/read")
        await viewer.get("/nowhere")
    told = [(each["who"], each["status"], each["path"]) for each in logs if each["event"] == "console refused"]
    assert told == [("an", 403, "/console/operate"), ("an", 419, "/console/refused"), ("an", 403, "/console/refused")]
    assert viewer.token not in str(logs)
    assert viewer.csrf not in str(logs)


async def test_the_log_keeps_who_asked_for_the_matter_of_another_unit(small: SmallDesk) -> None:
    person = await small.person("an", "technician", "H52.12")
    signed = await people.signed_in(small.hub.engine.store, person.token)
    assert signed is not None
    viewer = Viewer.of(signed, {})
    with capture_logs() as logs, pytest.raises(web.HTTPNotFound):
        viewer.demand(Permission.OPERATE, "H52.30")
    assert [(each["who"], each["member"]) for each in logs] == [("an", "H52.30")]


async def test_a_refusal_says_what_to_do_and_a_defect_shows_no_trace(small: SmallDesk) -> None:
    person = await small.person("an", "technician")
    answer = await person.post("/refused")
    assert answer.status == 409
    assert "vừa được người khác xử lý" in answer.words
    answer = await person.get("/broken")
    assert answer.status == 500
    assert "ZeroDivisionError" not in answer.text
    assert (await person.get("/nowhere")).status == 404
    assert (await person.ask("PUT", "/read")).status == 405


async def test_a_session_ends_by_itself_when_it_is_not_used(small: SmallDesk, clock: Clock) -> None:
    person = await small.person("an", "viewer")
    clock.advance(minutes=59)
    assert (await person.get("/read")).status == 200
    clock.advance(minutes=59)
    assert (await person.get("/read")).status == 200
    clock.advance(minutes=61)
    assert (await person.get("/read")).status == 303


async def test_a_page_that_renews_itself_does_not_keep_a_session(small: SmallDesk, clock: Clock) -> None:
    person = await small.person("an", "viewer")
    clock.advance(minutes=50)
    assert (await person.get("/read", **{"X-Refresh": "1"})).status == 200
    clock.advance(minutes=11)
    assert (await person.get("/read")).status == 303


async def test_a_route_without_a_demand_does_not_start(hub: Hub) -> None:
    app = web.Application()
    declare(app, ROUTES)
    assert len(all_declared(app)) == 8
    app.router.add_get("/forgotten", plain)
    with pytest.raises(ConfigError, match="forgotten"):
        all_declared(app)
