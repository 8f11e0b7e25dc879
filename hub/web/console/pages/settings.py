"""Settings: what is in force and where from, what the files say now, and with which programs the hub works."""

import asyncio
import platform
import sqlite3
from importlib.metadata import version

from aiohttp import web

from hub.broker.base import HARVEST
from hub.engine import Engine
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
        versions=await _versions(engine), started=site.started, technical=technical,
        embedded=not in_force.broker_url, queue=await engine.broker.depth(HARVEST) is not None,
    )  # fmt: skip


async def _versions(engine: Engine) -> list[tuple[str, str]]:
    """Names of programs are names: nobody translates them."""
    found = [("hub", version("provincial-hub")), ("Python", platform.python_version())]
    if engine.store.database.dialect == "postgres":
        [row] = await engine.store.fetch("SHOW server_version")
        return [*found, ("PostgreSQL", str(row["server_version"])), ("aiohttp", version("aiohttp"))]
    return [*found, ("SQLite", sqlite3.sqlite_version), ("aiohttp", version("aiohttp"))]


ROUTES = (get("/settings", settings, Permission.SETTINGS),)
