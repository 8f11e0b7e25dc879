"""The way in and out: /login, /logout."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from hub.commands.sign_in import Caller, sign_in
from hub.locale import N_
from hub.store import people
from hub.web.console.forms import FORM
from hub.web.console.guard import cookie_name, is_encrypted
from hub.web.console.rendering import back, page
from hub.web.console.viewer import VIEWER
from hub.web.routes import PREFIX, Open, get, post
from hub.web.site import SITE

WRONG: Final = N_("Login and password do not belong together.")


async def login_page(request: web.Request) -> web.Response:
    """The form; whoever is signed in goes on."""
    after = _inside(request, request.query.get("next", ""))
    return back(request, "/") if VIEWER in request else page(request, "login.html", after=after, typed="", problem="")


async def login(request: web.Request) -> web.Response:
    """Compare, and begin a session."""
    form = request[FORM]
    after = _inside(request, form.text("next"))
    caller = Caller(address=request.remote or "", agent=request.headers.get("User-Agent", ""))
    password = form.all("password")[0] if form.all("password") else ""
    token = await sign_in(request.app[SITE].engine, form.text("login"), password, caller)
    if token is None:
        return page(request, "login.html", status=422, after=after, typed=form.text("login"), problem=WRONG)
    response = web.Response(status=303, headers={"Location": f"{request.app[SITE].root}{after}"})
    set_session(request, response, token)
    return response


async def logout(request: web.Request) -> web.Response:
    """End this session."""
    viewer = request[VIEWER]
    async with request.app[SITE].engine.store.unit() as unit:
        await people.end_session(unit, viewer.person.account, viewer.person.session)
        unit.tell("session_ended", who=viewer.who, why={"login": viewer.who})
    response = back(request, "/login")
    response.del_cookie(cookie_name(request), path="/", secure=is_encrypted(request), httponly=True, samesite="Lax")
    return response


def set_session(request: web.Request, response: web.Response, token: str) -> None:
    """The cookie of a session; it ends with the browser, the session by itself."""
    response.set_cookie(
        cookie_name(request), token, path="/", httponly=True, samesite="Lax", secure=is_encrypted(request)
    )


def _inside(request: web.Request, address: str) -> str:
    """Where a login leads to: a page of the console, never another site."""
    prefix = request.app[PREFIX]
    parts = urlsplit(address)
    plain = address.isascii() and address.isprintable() and not set(address) & set("\\ ") and "//" not in address
    inside = not parts.scheme and not parts.netloc and (parts.path + "/").startswith(f"{prefix}/")
    return address if plain and inside else f"{prefix}/"


ROUTES: Final = (
    get("/login", login_page, Open.ENTRANCE),
    post("/login", login, Open.ENTRANCE),
    post("/logout", logout, Open.ACCOUNT),
)
