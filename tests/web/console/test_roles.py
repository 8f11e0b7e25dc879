"""Every route of the console for every role, in the own unit and in another one: exactly as declared.

The cases are read off the router, so a new page is tried without a word here. A route with a parameter that PARAMETERS
does not know fails and says what to add. One hub serves all cases, so a case changes nothing: changes are sent without
the session's token, which the guard asks for after the permission and before the handler (419); only to another unit
they are sent whole, where they have to be refused.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import FormData

from hub.app import open_hub
from hub.commands.make_report import make_report
from hub.rules.access import PERMITS, WHOLE, Permission, Role
from hub.settings import load_settings
from hub.store import people
from hub.web.console.app import routes
from hub.web.routes import Open, Route
from tests.clock import Clock
from tests.web.conftest import BASE, SETTINGS
from tests.web.desk import Answer, Desk, Visitor
from tests.web.press import Press, id_of, news

OWN, OTHER = "H52.12", "H52.30"
DESTINATION = """
[[destination]]
name = "portal"
connector = "portal"
base_url = "http://127.0.0.1:9/portal"
token = "a-secret-for-the-test"
"""
#: What every unit owes; a report over a year is made too.
DUTY = """
[[duty]]
name = "tin"
category = "news"
every = "month"
"""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a path: of the own unit, and of another one where the thing belongs to a unit."""

    own: str
    other: str = ""
    exists: bool = True  #: else the page says 404 to whoever may ask


#: By the path up to the parameter and its name. A page with a new one adds a line here: something that exists in the
#: hub of this test (see `hub_of_two_units`), and the like of another unit, if units own such things.
PARAMETERS = {
    "/static/{name}": Value("mark.svg"),
    "/account/sessions/{session}": Value("999999", exists=False),
    "/accounts/{account}": Value("1"),
    "/accounts/{account}/sessions/{session}": Value("999999", exists=False),
    "/aside/{capture}": Value("1", "2"),
    "/destinations/{name}": Value("portal"),
    "/drafts/{draft}": Value("999999", exists=False),
    "/drafts/{draft}/photos/{place}": Value("1", exists=False),
    "/duties/{duty}": Value("tin"),
    "/duties/{duty}/{member}": Value(OWN, OTHER),
    "/items/{content_id}": Value(str(id_of("own")), str(id_of("other"))),
    "/ledger.{format}": Value("csv"),
    "/members/{code}": Value(OWN, OTHER),
    "/proposals/{proposal}": Value("999999", exists=False),
    "/queue/{content_id}": Value(str(id_of("own")), str(id_of("other"))),
    "/queue/{content_id}/{revision}": Value("1"),
    "/keys/{name}": Value("no-such-key", exists=False),
    "/reminders/{reminder}": Value("999999", exists=False),
    "/reports/{report}": Value("1"),
    "/reports/{report}/file.{format}": Value("json"),
    "/screen/alarms/{alarm}": Value("999999", exists=False),
    "/screen/holds/{content_id}": Value(str(id_of("own")), str(id_of("other")), exists=False),
    "/screen/recalls/{content_id}": Value(str(id_of("own")), str(id_of("other")), exists=False),
    "/sources/{name}": Value("so-y-te-tin", "xa-ha-lieu-tin"),
    "/sources/new/{token}": Value("x" * 32, exists=False),
    "/tasks/{task}": Value("999999", exists=False),
    "/tasks/{task}/package.{format}": Value("zip", exists=False),
}
#: Pages that have nothing to show in this hub, though the person may ask: the source's site is not there.
EMPTY = {"/account/second-factor/picture.svg", "/drafts/new", "/reminders/letters.zip", "/sources/{name}/preview"}
CONSOLE = routes()
GETS, POSTS = [r for r in CONSOLE if r.method == "GET"], [r for r in CONSOLE if r.method == "POST"]
NOBODY = None
CALLERS: list[tuple[Role | None, str]] = [(NOBODY, ""), *((role, unit) for role in Role for unit in ("", OWN))]


def paths(route: Route) -> tuple[str, str, bool]:
    """The path of the own unit, that of another (empty: units own no such thing), and whether it exists."""
    own, other, exists, foreign = "", "", True, False
    template = re.sub(r"{(\w+):(?:[^{}]|{[^{}]*})*}", r"{\1}", route.path)
    known = ""
    for part in re.split(r"({\w+})", template):
        if part.startswith("{"):
            known += part
            assert known in PARAMETERS, f"add {known!r} to PARAMETERS in {__name__}"
            value = PARAMETERS[known]
            own, other, exists = own + value.own, other + (value.other or value.own), exists and value.exists
            foreign = foreign or bool(value.other)
        else:
            own, other, known = own + part, other + part, known + part
    return own, other if foreign else "", exists


def is_of_units(route: Route) -> bool:
    """Whether what a route shows belongs to a unit; an unknown parameter is told by the test of the page itself."""
    try:
        return bool(paths(route)[1])
    except AssertionError:
        return False


def permits(route: Route, role: Role, unit: str) -> bool:
    """Whether a role, granted for a unit or (empty) for the province, answers what a route demands."""
    if not isinstance(route.demand, Permission):
        return True
    return route.demand in PERMITS[role] and not (unit and route.demand in WHOLE)


@dataclass(slots=True)
class House:
    """The console with everybody in it."""

    desk: Desk
    visitors: dict[tuple[Role | None, str], Visitor]

    async def visitor(self, role: Role | None, unit: str) -> Visitor:
        """Somebody of this role, signed in again if a case ended the session."""
        visitor = self.visitors[role, unit]
        store = self.desk.hub.engine.store
        if role is not None and await people.signed_in(store, visitor.token) is None:
            async with store.unit() as opened:
                [row] = await opened.tx.fetch("SELECT id FROM account WHERE login = ?", login_of(role, unit))
                token = await people.begin_session(opened, row["id"], strength="totp", address="127.0.0.1")
            signed = await people.signed_in(store, token)
            assert signed is not None
            visitor = self.visitors[role, unit] = Visitor(self.desk, token, signed.csrf)
        return visitor


def login_of(role: Role, unit: str) -> str:
    return f"{role}-{'unit' if unit else 'all'}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One hub on SQLite with two units: a held item, a source and a run of each."""
    folder: Path = tmp_path_factory.mktemp("roles")
    text = SETTINGS.format(base=BASE) + DESTINATION + DUTY
    (folder / "settings.toml").write_text(text, "utf-8")
    clock = Clock()
    settings = load_settings(folder / "settings.toml", database={"url": f"sqlite://{folder / 'hub.db'}"})
    async with open_hub(settings, clock=clock) as hub, Desk(hub) as desk:
        press = Press(hub, clock)
        await press.publish(news("own"), held=True)
        await press.publish(news("other"), source="xa-ha-lieu-tin", held=True)
        await make_report(hub.engine, "2026", who="test")
        visitors: dict[tuple[Role | None, str], Visitor] = {(NOBODY, ""): desk.stranger()}
        for role, unit in CALLERS[1:]:
            assert role is not None
            visitors[role, unit] = await desk.person(login_of(role, unit), role, unit)
        yield House(desk, visitors)


def tells(caller: tuple[Role | None, str], route: Route, answer: Answer, wanted: set[int]) -> str:
    """What is wrong with an answer; empty: nothing."""
    if answer.status in wanted:
        return ""
    role, unit = caller
    return f"{route.method} {route.path} for {role or 'a stranger'} of {unit or 'all'}: {answer.status}, not {wanted}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
async def test_a_page_opens_for_those_who_may(house: House, route: Route) -> None:
    path, _, exists = paths(route)
    there = exists and route.path not in EMPTY
    wrong = []
    for caller in CALLERS:
        answer = await (await house.visitor(*caller)).get(path)
        if route.demand is not Open.PUBLIC:
            assert answer.headers["Cache-Control"] == "no-store", f"{route.path}: a browser or a proxy may keep it"
        if route.demand is Open.PUBLIC:
            wanted = {200}
        elif route.demand is Open.ENTRANCE:
            wanted = {200, 303, 422}
        elif caller[0] is NOBODY:
            wanted = {303}
            assert answer.location.startswith("/console/login?next="), route.path
        elif not permits(route, *caller):
            wanted = {403}
        else:
            wanted = {200} if there else {200, 303, 404, 409, 422}
        wrong.append(tells(caller, route, answer, wanted))
    assert [each for each in wrong if each] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
async def test_a_change_is_let_through_for_those_who_may(house: House, route: Route) -> None:
    path, _, _ = paths(route)
    wrong = []
    for caller in CALLERS:
        visitor = await house.visitor(*caller)
        answer = await visitor.ask("POST", path, headers={"Origin": visitor.origin}, data={})
        if route.demand is Open.ENTRANCE:
            wanted = {303, 422, 429}
        else:  # the guard asks for the token last; a stranger learns that the page was open for too long
            wanted = {419} if caller[0] is NOBODY or permits(route, *caller) else {403}
        wrong.append(tells(caller, route, answer, wanted))
    assert [each for each in wrong if each] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "route", [r for r in CONSOLE if is_of_units(r)], ids=lambda route: f"{route.method} {route.path}"
)
async def test_what_belongs_to_another_unit_is_not_there(house: House, route: Route) -> None:
    _, path, _ = paths(route)
    wrong = []
    for role in Role:
        caller = (role, OWN)
        visitor = await house.visitor(*caller)
        answer = await (visitor.get(path) if route.method == "GET" else visitor.post(path))
        wrong.append(tells(caller, route, answer, {404} if permits(route, *caller) else {403}))
    assert [each for each in wrong if each] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", POSTS, ids=lambda route: route.path)
async def test_a_change_that_another_site_asks_for_is_refused(house: House, route: Route) -> None:
    path, _, _ = paths(route)
    role = next((r for r in Role if permits(route, r, "")), Role.EDITOR)
    visitor = await house.visitor(role, "")
    for headers in (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": f"{visitor.origin}.evil.example"}, {},
    ):  # fmt: skip
        form = FormData([("csrf", visitor.csrf)])()
        assert (await visitor.ask("POST", path, headers=headers, data=form)).status == 403, headers


def test_a_route_without_a_line_here_says_what_to_add() -> None:
    async def handler(request: object) -> object:
        return request

    with pytest.raises(AssertionError, match=r"add ./gardens/\{garden\}. to PARAMETERS"):
        paths(Route("GET", r"/gardens/{garden:\d{1,3}}", handler, Permission.READ))  # type: ignore[arg-type]
