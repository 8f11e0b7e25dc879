"""What every request to the console passes: who is it, may it, does it come from our own page, and what if it fails.

no session          the login page, which leads back here
something owed      the page where it is done: a password for the first login, a second factor that a role demands
no permission       403; what lies outside of the own part of the province is 404, as if it were not there
unsafe method       from our own origin, and with the session's token in the form or in X-CSRF-Token
a refusal           the page that says what happened, whose fault it is and what to do; never a stack trace
"""

import hmac
from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import hdrs, web

from connectors.errors import HubError, TransientError
from hub.locale import N_
from hub.rules.access import Permission
from hub.rules.signing_in import Owed
from hub.store import people, roster
from hub.store.deciding import DecisionRefusedError
from hub.store.unit import OvertakenError
from hub.web.console.cookies import Cookie, value_of
from hub.web.console.forms import FORM, read_form
from hub.web.console.rendering import page
from hub.web.console.viewer import VIEWER, Viewer
from hub.web.remote import address_of
from hub.web.routes import PREFIX, Handler, Open, demand_of
from hub.web.site import SITE

log = structlog.get_logger(__name__)

SAFE: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
#: Of what a page asks by itself every few seconds: an open page alone does not keep a session.
REFRESH_HEADER: Final = "X-Refresh"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
#: Statuses that the log keeps: somebody has no permission, or another site made a browser ask.
NOT_LET: Final = frozenset({403, 419})

#: Status to heading and advice.
PROBLEMS: Final = {
    400: (
        N_("The form could not be read"),
        N_("The browser sent something that is not a form of this page. Go back, open the page again and repeat."),
    ),
    403: (
        N_("You may not do this"),
        N_("Your account has no permission for it. Ask the administrator if it belongs to your work."),
    ),
    404: (
        N_("Not found"),
        N_("There is nothing at this address, or it belongs to another unit. Check the address, or begin at Today."),
    ),
    405: (N_("Not possible here"), N_("This address does not take what was sent. Go back and use the page's buttons.")),
    408: (N_("The connection is too slow"), N_("The browser stopped sending in the middle. Nothing was changed.")),
    409: (N_("Somebody else was faster"), ""),
    413: (
        N_("Too large"),
        N_("What was sent is larger than the hub takes. Make pictures smaller or send them in several steps."),
    ),
    415: (N_("Not a form"), N_("The hub takes forms only here. Open the page again and repeat.")),
    419: (
        N_("The page was open for too long"),
        N_("For your safety nothing was changed. Open the page again and repeat; what you typed is still in the form"
           " if you go back."),
    ),
    422: (N_("This does not work"), ""),
    500: (
        N_("The hub made a mistake"),
        N_("The fault is ours and is written in the log. Nothing was changed halfway. Try again, or tell the"
           " technician the time."),
    ),
    503: (N_("The hub is busy"), N_("The database does not answer; it recovers by itself. Try again in a minute.")),
}  # fmt: skip


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """See the top of the file."""
    try:
        response = await _let_in(request, handler)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        if refusal.status in NOT_LET:
            log.warning("console refused", status=refusal.status, **_of_whom(request))
        response = problem(request, refusal.status)
        if "Allow" in refusal.headers:
            response.headers["Allow"] = refusal.headers["Allow"]
    except (DecisionRefusedError, OvertakenError) as error:
        # Only these two mean that somebody was faster; other refusals name what is missing in the form.
        overtaken = error.code in (DecisionRefusedError.code, OvertakenError.code)
        response = problem(request, 409 if overtaken else 422, error.sentence)
    except TransientError as error:
        log.warning("console request failed", path=request.path, cause=repr(error))
        response = problem(request, 503)
    except HubError as error:
        response = problem(request, 422, error.sentence)
    except Exception:
        log.exception("console request failed by a defect", path=request.path)
        response = problem(request, 500)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


async def _let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    demand = demand_of(request)
    if demand is Open.PUBLIC:
        return await handler(request)
    viewer = await viewer_of(request)
    if viewer is not None:
        request[VIEWER] = viewer
    if "\x00" in request.path:  # names nothing, and PostgreSQL would not be asked for it
        raise web.HTTPNotFound
    if demand is None:  # no route: 404 or 405, told to whoever is logged in only
        return await handler(request) if viewer else _to_login(request)
    if viewer is None and demand is not Open.ENTRANCE:
        return _to_login(request)
    if viewer is not None and viewer.owed and demand is not Open.ENTRANCE and not _is_about(request, viewer.owed):
        return _to_what_is_owed(request, viewer.owed)
    if isinstance(demand, Permission) and (viewer is None or not viewer.may(demand)):
        raise web.HTTPForbidden
    if request.method not in SAFE:
        await _is_meant(request, viewer if demand is not Open.ENTRANCE else None)
    response = await handler(request)
    if viewer is not None and viewer.person.stale and REFRESH_HEADER not in request.headers:
        async with request.app[SITE].engine.store.unit() as unit:
            await people.seen(unit, viewer.person.session)
    return response


async def viewer_of(request: web.Request) -> Viewer | None:
    """The person whose session the request carries; something may be owed yet (`Viewer.owed`)."""
    token = value_of(request, Cookie.SESSION)
    if not 20 <= len(token) <= 100:
        return None
    engine = request.app[SITE].engine
    person = await people.signed_in(engine.store, token, idle=engine.conditions.idle)
    if person is None:
        return None
    return Viewer.of(person, await roster.parents(engine.store), second_factor_for=engine.conditions.two_factor_for)


def _of_whom(request: web.Request) -> dict[str, str]:
    """Who asked for what, for the log."""
    viewer = request.get(VIEWER)
    who = viewer.who if viewer else ""
    return {"who": who, "method": request.method, "path": request.path, "address": address_of(request)}


def _is_about(request: web.Request, owed: Owed) -> bool:
    """Whether the request does what is owed, or leaves."""
    path = request.path.removeprefix(request.app[PREFIX])
    return path == "/logout" or path == f"/account/{owed}" or path.startswith(f"/account/{owed}/")


def _to_what_is_owed(request: web.Request, owed: Owed) -> web.Response:
    address = f"{request.app[SITE].root}{request.app[PREFIX]}/account/{owed}"
    return web.Response(status=303, headers={"Location": address})


def _to_login(request: web.Request) -> web.Response:
    prefix = request.app[PREFIX]
    if request.method not in SAFE:
        return problem(request, 419)
    back = quote(request.rel_url.path_qs, safe="")
    return web.Response(status=303, headers={"Location": f"{request.app[SITE].root}{prefix}/login?next={back}"})


async def _is_meant(request: web.Request, viewer: Viewer | None) -> None:
    """Refuses a change that another site's page makes a browser ask for (CSRF), login included.

    `viewer` is whose session's token has to come with it; None at the login, where there is no session to abuse.
    """
    if not _is_ours(request):
        raise web.HTTPForbidden
    form = await read_form(request, files=viewer is not None)
    request[FORM] = form
    if viewer is not None:
        sent = request.headers.get(CSRF_HEADER) or form.text(CSRF_FIELD)
        if not hmac.compare_digest(sent.encode(errors="replace"), viewer.person.csrf.encode()):
            raise NotMeant


def _is_ours(request: web.Request) -> bool:
    """Whether the browser says that the request comes from a page of ours; an old one that says nothing is refused."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == _origin(request)
    return site == "same-origin"


def _origin(request: web.Request) -> str:
    base = urlsplit(request.app[SITE].base)
    return f"{base.scheme}://{base.netloc}"


class NotMeant(web.HTTPException):
    """The session's token is missing or an old one."""

    status_code = 419


def problem(request: web.Request, status: int, sentence: str = "") -> web.Response:
    """The page of a refusal; `sentence` says more than the status alone can."""
    known = status if status in PROBLEMS else 404 if status < 500 else 500
    heading, advice = PROBLEMS[known]
    return page(request, "problem.html", status=status, heading=heading, advice=advice, sentence=sentence)
