"""The way in and out: /login, its second step, the province's single sign-on, /logout.

/login                  login and password
/login/code             the code of the telephone, or one on paper
/login/single-sign-on   away to the provider, which sends the browser back to /oidc
/logout                 ends the session
"""

import re
from typing import Final

from aiohttp import web

from connectors.errors import HubError
from hub.access import tickets
from hub.access.single_sign_on import SingleSignOnError
from hub.commands.sessions import end_session
from hub.commands.sign_in import SECOND_STEP, CodeDue, Entered, NotLetInError, prove, sign_in
from hub.commands.single_sign_on import begin_sign_on, finish_sign_on
from hub.locale import N_
from hub.store.guessing import TooManyGuessesError
from hub.web.console.cookies import Cookie, caller_of, drop_cookie, let_in, set_cookie, value_of
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, link, page
from hub.web.console.viewer import VIEWER
from hub.web.routes import PREFIX, Open, get, post
from hub.web.site import SITE

NOTICES: Final = {"out": N_("You are signed out.")}
#: A path of ours, plain enough that no browser reads another site, or a way upwards, into it.
_PATH: Final = re.compile(
    r"(?:/(?!\.{1,2}(?:/|\?|$))[A-Za-z0-9._~+-][A-Za-z0-9._~+:@-]*)*/?(?:\?[A-Za-z0-9._~+%=&:@/,-]*)?"
)
_LONGEST: Final = 1_000


async def login_page(request: web.Request) -> web.Response:
    """The form; whoever is signed in goes on."""
    after = inside(request, request.query.get("next", ""))
    return _on(request, after) if VIEWER in request else _form(request, after)


async def login(request: web.Request) -> web.Response:
    """The first step."""
    form, engine = request[FORM], request.app[SITE].engine
    after = inside(request, form.text("next"))
    password = next(iter(form.all("password")), "")
    try:
        came = await sign_in(engine, form.text("login"), password, caller_of(request))
    except (NotLetInError, TooManyGuessesError) as error:
        return _form(request, after, typed=form.text("login")[:100], error=error)
    return _step(request, came, after)


async def code_page(request: web.Request) -> web.Response:
    """The form of the second step; without a first one there is none."""
    after = inside(request, request.query.get("next", ""))
    return _code_form(request, after) if _ticket(request) else _again(request, after)


async def code(request: web.Request) -> web.Response:
    """The second step."""
    form, engine = request[FORM], request.app[SITE].engine
    after, ticket = inside(request, form.text("next")), _ticket(request)
    if not ticket:
        return _again(request, after)
    try:
        entered = await prove(engine, ticket, form.text("code"), caller_of(request))
    except (NotLetInError, TooManyGuessesError) as error:
        return _code_form(request, after, error=error)
    return let_in(request, _on(request, after), entered)


async def away(request: web.Request) -> web.Response:
    """To the province's single sign-on, from our own page or an address that somebody typed.

    A link of another site leads to the form instead: nobody is signed in without wanting it (ASVS 5.0, 7.6.2).
    """
    after = inside(request, request.query.get("next", ""))
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return _again(request, after)
    try:
        address, ticket = await begin_sign_on(
            request.app[SITE].engine, redirect_uri=_redirect_uri(request), after=after
        )
    except SingleSignOnError as error:
        return _form(request, after, error=error)
    response = web.Response(status=303, headers={"Location": address})
    set_cookie(request, response, Cookie.STEP, ticket)
    return response


async def returned(request: web.Request) -> web.Response:
    """Back from the single sign-on, with a code or with an error of the provider."""
    asked = request.query
    try:
        came = await finish_sign_on(
            request.app[SITE].engine, ticket=value_of(request, Cookie.STEP), state=asked.get("state", ""),
            code=asked.get("code", "")[:2_000], redirect_uri=_redirect_uri(request), caller=caller_of(request),
        )  # fmt: skip
    except SingleSignOnError as error:
        response = _form(request, inside(request, ""), error=error)
        drop_cookie(request, response, Cookie.STEP)
        return response
    return _step(request, came.entered, inside(request, came.after))


async def logout(request: web.Request) -> web.Response:
    """End this session, and let the browser forget what it kept of it."""
    viewer = request[VIEWER]
    await end_session(request.app[SITE].engine, viewer.who, viewer.person.session, who=viewer.who)
    response = back(request, "/login", done="out")
    drop_cookie(request, response, Cookie.SESSION)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def inside(request: web.Request, address: str) -> str:
    """Where a login leads to: a page of the console, never another site, never the login itself; else Today."""
    prefix = request.app[PREFIX]
    path = address.removeprefix(prefix)
    fits = len(address) <= _LONGEST and address.startswith(prefix) and _PATH.fullmatch(path) is not None
    return address if fits and path and not path.startswith(("/login", "/oidc", "/logout")) else f"{prefix}/"


def _step(request: web.Request, came: Entered | CodeDue, after: str) -> web.Response:
    if isinstance(came, Entered):
        return let_in(request, _on(request, after), came)
    response = back(request, "/login/code", next=after)
    set_cookie(request, response, Cookie.STEP, came.ticket)
    return response


def _on(request: web.Request, after: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"{request.app[SITE].root}{after}"})


def _again(request: web.Request, after: str) -> web.Response:
    return back(request, "/login", next=after)


def _ticket(request: web.Request) -> str:
    """Of the second step, if the browser has one that is good still."""
    engine, ticket = request.app[SITE].engine, value_of(request, Cookie.STEP)
    return ticket if tickets.read(engine.cipher, SECOND_STEP, ticket, engine.store.now()) else ""


def _form(request: web.Request, after: str, *, typed: str = "", error: HubError | None = None) -> web.Response:
    """The same for every login that there is and is not."""
    single = request.app[SITE].engine.single_sign_on
    response = page(
        request, "login.html", status=_status(error), notices=NOTICES, after=after, typed=typed,
        problem=error.sentence if error else "", single_sign_on=single.provider if single else None,
        away=link(request, "/login/single-sign-on", next=after),
    )  # fmt: skip
    return _patient(response, error)


def _code_form(request: web.Request, after: str, *, error: HubError | None = None) -> web.Response:
    response = page(
        request, "login_code.html", status=_status(error), after=after, problem=error.sentence if error else ""
    )
    return _patient(response, error)


def _status(error: HubError | None) -> int:
    return 200 if error is None else 429 if isinstance(error, TooManyGuessesError) else 422


def _patient(response: web.Response, error: HubError | None) -> web.Response:
    if isinstance(error, TooManyGuessesError):
        response.headers["Retry-After"] = str(60 * error.minutes)
    return response


def _redirect_uri(request: web.Request) -> str:
    return f"{request.app[SITE].base}{request.app[PREFIX]}/oidc"


ROUTES: Final = (
    get("/login", login_page, Open.ENTRANCE),
    post("/login", login, Open.ENTRANCE),
    get("/login/code", code_page, Open.ENTRANCE),
    post("/login/code", code, Open.ENTRANCE),
    get("/login/single-sign-on", away, Open.ENTRANCE),
    get("/oidc", returned, Open.ENTRANCE),
    post("/logout", logout, Open.ACCOUNT),
)
