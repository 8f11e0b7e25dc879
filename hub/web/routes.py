"""Routes with what they demand: one without a declared demand does not let the server start.

    ROUTES = (
        get("/sources", sources, Permission.READ),
        post("/sources/{name}/pause", pause_source, Permission.OPERATE),
        get("/healthz", healthz, Open.PUBLIC),
    )
    declare(app, ROUTES)

The guards of the console and of the API look the demand up for each request; nothing is decided by a handler's name
or by the order of decorators.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import hdrs, web

from connectors.errors import ConfigError
from hub.rules.access import Permission

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Open(StrEnum):
    """Demands that no role answers."""

    PUBLIC = "public"  #: everybody reads it
    SIGNED = "signed"  #: the request proves itself by a signature or a secret address
    ENTRANCE = "entrance"  #: the login: for those who are nobody yet, guarded against foreign origins
    ACCOUNT = "account"  #: whoever is logged in, whatever the role: the own account
    MEMBER = "member"  #: a program with the key of the member whose code stands in the address


Demand = Permission | Open


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path, its handler, and what it demands."""

    method: str
    path: str
    handler: Handler
    demand: Demand
    head: bool = False  #: HEAD is answered like GET, without the body


def get(path: str, handler: Handler, demand: Demand) -> Route:
    """Read something; changes nothing. HEAD is answered too."""
    return Route(hdrs.METH_GET, path, handler, demand, head=True)


def post(path: str, handler: Handler, demand: Demand) -> Route:
    """Change something."""
    return Route(hdrs.METH_POST, path, handler, demand)


#: Of every application that `declare` filled: (method, full path) to the demand.
DEMANDS: Final = web.AppKey("DEMANDS", dict[tuple[str, str], Demand])
#: Under which a sub-application hangs, set before its routes are declared: "/console", "/api/v1".
PREFIX: Final = web.AppKey("PREFIX", str)


def declare(app: web.Application, routes: Iterable[Route]) -> None:
    """Add routes to an application, each with its demand."""
    demands, prefix = app.setdefault(DEMANDS, {}), app.get(PREFIX, "")
    for route in routes:
        methods = (route.method, hdrs.METH_HEAD) if route.head else (route.method,)
        for method in methods:
            resource = app.router.add_route(method, route.path, route.handler).resource
            assert resource is not None
            demands[(method, prefix + resource.canonical)] = route.demand


def demand_of(request: web.Request) -> Demand | None:
    """What the route of a request demands; None where no route answers (404, 405)."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    demands = request.app[DEMANDS]
    return demands.get((request.method, resource.canonical)) or demands.get((hdrs.METH_ANY, resource.canonical))


def all_declared(app: web.Application, *inner: web.Application) -> Mapping[tuple[str, str], Demand]:
    """Every route of an application and of those inside it, with its demand. Raises ConfigError for one without."""
    demands = {key: demand for each in (app, *inner) for key, demand in each.get(DEMANDS, {}).items()}
    found = dict[tuple[str, str], Demand]()
    for route in app.router.routes():
        if route.resource is None:
            continue
        key = (route.method, route.resource.canonical)
        if key not in demands:
            raise ConfigError(
                f"route {route.method} {route.resource.canonical} declares no permission", code="undeclared_route",
                sentence="Phần mềm có một địa chỉ chưa khai báo quyền truy cập nên không khởi động."
                " Hãy báo nhà cung cấp phần mềm.",
            )  # fmt: skip
        found[key] = demands[key]
    return found
