"""The API as one application: every module of routes beside this one adds its operations.

A module of routes is a file in hub/web/api/routes that defines ROUTES (hub/web/api/operation.py). Nothing else has to
be edited: handlers, checks, the OpenAPI document and the page that shows it come from the same description.
"""

import importlib
import pkgutil
from functools import cache
from typing import Final

from aiohttp import web

from hub.settings.sections import ApiSettings
from hub.web.api import routes as modules
from hub.web.api.answering import COPIES, Copies, route_of
from hub.web.api.guard import LIMITS, QUOTAS, guarded
from hub.web.api.listening import LISTENERS, Listeners
from hub.web.api.operation import Operation
from hub.web.api.quotas import Quotas
from hub.web.api.reading import BODIES
from hub.web.api.usage import USAGE, Usage, writing
from hub.web.bodies import Bodies
from hub.web.routes import PREFIX, declare
from hub.web.site import SITE, Site

PATH: Final = "/api/v1"


@cache
def operations() -> tuple[Operation, ...]:
    """All operations of the API, by the modules' names."""
    found: list[Operation] = []
    for module in sorted(each.name for each in pkgutil.iter_modules(modules.__path__)):
        found += importlib.import_module(f"{modules.__name__}.{module}").ROUTES
    return tuple(found)


def api(site: Site, settings: ApiSettings, bodies: Bodies) -> web.Application:
    """The API of one hub."""
    app = web.Application(middlewares=[guarded])
    app[SITE], app[PREFIX], app[LIMITS] = site, PATH, settings
    app[BODIES], app[QUOTAS], app[COPIES], app[USAGE] = bodies, Quotas(), Copies(), Usage(site.engine)
    app[LISTENERS] = listeners = Listeners(site=site, most=settings.listeners)
    declare(app, [route_of(each) for each in operations()])
    app.cleanup_ctx.append(writing)
    app.on_shutdown.append(listeners.close)
    return app
