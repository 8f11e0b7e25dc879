"""Before every route of the API: who calls, how often, what it may do; and what each refusal looks like.

    Authorization: Bearer hub_…      a program with a key: its own quota, its grants
    the console's cookie             a person, for the routes below /admin; changes with the session's token
    neither                          whoever reads what is public, by the quota of the address

A refusal is a problem document (problems.py), whatever raised it; nobody is told why we failed, but the log.
"""

import asyncio
import hmac
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web

from connectors.errors import HubError, TransientError
from hub.rules.access import Permission
from hub.rules.delays import place_of
from hub.settings.sections import ApiSettings
from hub.store import consumers, roster
from hub.store.deciding import DecisionRefusedError
from hub.store.unit import OvertakenError
from hub.web.answers import HEADERS, size_of
from hub.web.api.caller import CALLER, NOBODY, Caller
from hub.web.api.problems import Refused, problem, problem_of_error, problem_of_status
from hub.web.api.quotas import Allowance, Quotas
from hub.web.api.usage import USAGE
from hub.web.console.guard import CSRF_HEADER, SAFE, viewer_of
from hub.web.remote import address_of
from hub.web.routes import Demand, Handler, Open, demand_of
from hub.web.site import SITE

log = structlog.get_logger(__name__)

QUOTAS: Final = web.AppKey("QUOTAS", Quotas)
LIMITS: Final = web.AppKey("LIMITS", ApiSettings)
#: On every answer; who may read it depends on the key.
API_HEADERS: Final = HEADERS | {"Vary": "Accept-Encoding, Authorization"}
_BEARER: Final = "bearer "
#: Refusals that the log keeps: a key that is none, no permission, a change that its browser did not mean.
NOT_LET: Final = frozenset({"bad_key", "not_permitted", "not_meant"})


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """See the top of the file."""
    allowance: Allowance | None = None
    request[CALLER] = NOBODY
    try:
        allowance = await _admit(request)
        response = await handler(request)
    except Refused as refusal:
        if refusal.code in NOT_LET:
            log.warning(
                "API refused", code=refusal.code, who=request[CALLER].who, method=request.method, path=request.path,
                address=address_of(request),
            )  # fmt: skip
        response = problem(request, refusal.code, headers=refusal.headers, **refusal.more)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        response = problem_of_status(request, refusal.status)
        if "Allow" in refusal.headers:
            response.headers["Allow"] = refusal.headers["Allow"]
    except (DecisionRefusedError, OvertakenError) as error:
        response = problem_of_error(request, 409, error)
    except (TransientError, TimeoutError) as error:
        log.warning("API request failed", path=request.path, cause=repr(error))
        response = problem(request, "unavailable")
    except HubError as error:
        response = problem_of_error(request, 422, error)
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("API request failed by a defect", path=request.path)
        response = problem(request, "out_of_order")
    if not response.prepared:
        response.headers.update(API_HEADERS)
        if allowance is not None:
            response.headers.update(allowance.headers())
    request.app[USAGE].note(request[CALLER].consumer, refused=400 <= response.status < 500, size=size_of(response))
    return response


async def _admit(request: web.Request) -> Allowance:
    """Find out who calls, count it, and whether it may. Raises Refused."""
    demand = demand_of(request)
    header = request.headers.get("Authorization", "")
    caller, wrong = NOBODY, False
    if header[: len(_BEARER)].lower() == _BEARER:
        found = await _program(request, header[len(_BEARER) :].strip())
        caller, wrong = found or NOBODY, found is None
    elif header:
        wrong = True
    elif isinstance(demand, Permission):
        caller = await _person(request) or NOBODY
    request[CALLER] = caller
    limits = request.app[LIMITS]
    who, limit = f"address:{place_of(address_of(request))}", limits.per_minute
    if caller.who:
        who, limit = caller.who, caller.per_minute or limits.per_minute_key
    allowance = request.app[QUOTAS].take(who, limit, request.app[SITE].engine.store.now())
    if allowance.left < 0:
        raise Refused("quota_spent", headers={**allowance.headers(), "Retry-After": str(allowance.seconds)})
    if wrong:
        raise Refused("bad_key", headers=allowance.headers())
    try:
        _may(request, demand, caller)
    except Refused as refusal:
        refusal.headers |= allowance.headers()
        raise
    return allowance


def _may(request: web.Request, demand: Demand | None, caller: Caller) -> None:
    allowed = demand in (None, Open.PUBLIC)  # None: no route, which the router says
    if demand is Open.MEMBER:
        allowed = bool(caller.member) and request.match_info.get("code") == caller.member
    elif isinstance(demand, Permission):
        allowed = caller.may(demand)
    if not allowed:
        raise Refused("not_permitted" if caller.who else "key_needed")


async def _program(request: web.Request, key: str) -> Caller | None:
    store = request.app[SITE].engine.store
    found = await consumers.with_key(store, key)
    if found is None:
        return None
    return Caller.with_key(found, await roster.parents(store) if found.grants else {})


async def _person(request: web.Request) -> Caller | None:
    """The person at the console whose browser asks. Raises Refused: `not_meant` for a change that it did not mean."""
    viewer = await viewer_of(request)
    if viewer is None or viewer.owed:  # a first password, a second factor: the console asks, nothing else opens
        return None
    if request.method not in SAFE:
        sent = request.headers.get(CSRF_HEADER, "")
        base = urlsplit(request.app[SITE].base)
        ours = request.headers.get(hdrs.ORIGIN) in (None, f"{base.scheme}://{base.netloc}")
        if not ours or not hmac.compare_digest(sent.encode(errors="replace"), viewer.person.csrf.encode()):
            raise Refused("not_meant")
    return Caller(who=viewer.who, scopes=viewer.scopes)
