"""The console as one application: every module of pages beside this one adds its routes.

A module of pages is a file in hub/web/console/pages that defines ROUTES (hub/web/routes.py), and `set_up(app)` where
the application has to keep something for it. Nothing else has to be edited, but for the bar at the top (navigation.py).
"""

import importlib
import pkgutil
from types import ModuleType
from typing import Final

from aiohttp import web

from hub.web.console import pages
from hub.web.console.guard import guarded
from hub.web.console.rendering import SHELF
from hub.web.routes import PREFIX, Open, Route, declare, get
from hub.web.site import SITE, Site

PATH: Final = "/console"


def routes() -> list[Route]:
    """All routes of the console, without its path in front."""
    return [
        get("/static/{name}", SHELF.serve, Open.PUBLIC),
        *(route for module in _modules() for route in module.ROUTES),
    ]


def _modules() -> list[ModuleType]:
    names = sorted(each.name for each in pkgutil.iter_modules(pages.__path__))
    return [importlib.import_module(f"{pages.__name__}.{name}") for name in names]


def console(site: Site) -> web.Application:
    """The console of one hub."""
    app = web.Application(middlewares=[guarded])
    app[SITE], app[PREFIX] = site, PATH
    for module in _modules():
        if hasattr(module, "set_up"):
            module.set_up(app)
    declare(app, routes())
    return app
