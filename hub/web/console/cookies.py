"""Cookies of the console: HttpOnly, SameSite=Lax, and under https Secure with the prefix `__Host-`.

Browsers take `__Host-` only from an encrypted address, which a hub on this machine is not.

    hub          the session
    hub-device   the browser, for 180 days: guesses made elsewhere do not delay whoever has it
    hub-step     a ticket between two steps of a login (hub/access/tickets.py)
    language     of whoever signed in last, for 180 days: the login page greets in it
"""

from enum import StrEnum

from aiohttp import web

from hub.commands.sign_in import Caller, Entered
from hub.store.people import REMEMBERED
from hub.web.console.viewer import VIEWER
from hub.web.remote import address_of
from hub.web.site import SITE


class Cookie(StrEnum):
    """What the console sets."""

    SESSION = "hub"
    DEVICE = "hub-device"
    STEP = "hub-step"
    LANGUAGE = "language"


#: What outlives the browser's window.
_KEPT = frozenset({Cookie.DEVICE, Cookie.LANGUAGE})


def value_of(request: web.Request, cookie: Cookie) -> str:
    """What the browser sent; empty for nothing, and for what cannot be ours."""
    value = request.cookies.get(_name(request, cookie), "")
    return value if value.isascii() else ""


def set_cookie(request: web.Request, response: web.Response, cookie: Cookie, value: str) -> None:
    """Give the browser a cookie; only what is not of a session outlives it."""
    response.set_cookie(
        _name(request, cookie), value, path="/", httponly=True, samesite="Lax", secure=_is_encrypted(request),
        max_age=int(REMEMBERED.total_seconds()) if cookie in _KEPT else None,
    )  # fmt: skip


def drop_cookie(request: web.Request, response: web.Response, cookie: Cookie) -> None:
    """Take a cookie back."""
    response.del_cookie(
        _name(request, cookie), path="/", httponly=True, samesite="Lax", secure=_is_encrypted(request)
    )  # fmt: skip


def let_in(request: web.Request, response: web.Response, entered: Entered) -> web.Response:
    """The cookies of somebody who just came in."""
    set_cookie(request, response, Cookie.SESSION, entered.token)
    set_cookie(request, response, Cookie.DEVICE, entered.device)
    drop_cookie(request, response, Cookie.STEP)
    set_cookie(request, response, Cookie.LANGUAGE, entered.language)
    return response


def caller_of(request: web.Request) -> Caller:
    """Where a request comes from, for logins and sessions."""
    viewer = request.get(VIEWER)
    return Caller(
        address=address_of(request),
        agent=request.headers.get("User-Agent", "").encode(errors="replace").decode().replace("\x00", ""),
        device=value_of(request, Cookie.DEVICE)[:100],
        session=viewer.person.session if viewer else None,
    )


def _is_encrypted(request: web.Request) -> bool:
    return request.app[SITE].encrypted


def _name(request: web.Request, cookie: Cookie) -> str:
    return f"__Host-{cookie}" if _is_encrypted(request) else str(cookie)
