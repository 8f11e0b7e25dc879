"""Settings: what is in force and where from, what the files say now, and with which programs the hub works."""

import asyncio

from aiohttp import web

from hub.broker.base import HARVEST
from hub.queries.programs import programs
from hub.rules.access import Permission
from hub.settings import overview
from hub.web.console import technical
from hub.web.console.rendering import page
from hub.web.routes import get
from hub.web.site import SITE


async def settings(request: web.Request) -> web.Response:
    """Everything on one page; a secret is only said to be set or not."""
    site = request.app[SITE]
    engine = site.engine
    in_force = engine.register.settings
    return page(
        request, "settings.html", sections=overview.sections(in_force), places=overview.destinations(in_force),
        disk=await asyncio.to_thread(overview.on_disk, in_force), provenance=in_force.provenance,
        counts=(len(in_force.members), len(in_force.sources), len(in_force.destinations), len(in_force.routes)),
        versions=await programs(engine.store), started=site.started, technical=technical,
        embedded=not in_force.broker_url, queue=await engine.broker.depth(HARVEST) is not None,
    )  # fmt: skip


ROUTES = (get("/settings", settings, Permission.SETTINGS),)
