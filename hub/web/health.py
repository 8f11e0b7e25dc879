"""/healthz: does the process live? /readyz: can it do its work? For load balancers and whoever is on duty.

They say counts and states, never an address, an account or a cause: the log has those.
"""

import asyncio
from dataclasses import asdict
from typing import Any

import structlog
from aiohttp import web

from hub.broker.base import HARVEST, NORMALISE, deliver_queue
from hub.engine import Engine
from hub.web.site import SITE

log = structlog.get_logger(__name__)

#: Seconds within which the database answers, or is not ready.
DATABASE_WAIT = 2.0
#: Seconds for asking the broker how much waits.
BROKER_WAIT = 1.0
NEVER_KEPT = {"Cache-Control": "no-store"}


async def healthz(request: web.Request) -> web.Response:
    """The process lives and its loop turns."""
    site = request.app[SITE]
    up = int((site.engine.store.now() - site.started).total_seconds())
    return web.json_response({"status": "ok", "up_seconds": up}, headers=NEVER_KEPT)


async def readyz(request: web.Request) -> web.Response:
    """200 when the database answers, else 503. A broker that is away only makes us slower: it is told, not counted."""
    engine = request.app[SITE].engine
    database, broker = await asyncio.gather(_database(engine), _broker(engine))
    ready = database == "ok"
    report = {"status": "ready" if ready else "unavailable", "database": database, "broker": broker}
    return web.json_response(report, status=200 if ready else 503, headers=NEVER_KEPT)


async def _database(engine: Engine) -> str:
    try:
        async with asyncio.timeout(DATABASE_WAIT):
            await engine.store.fetch("SELECT 1 AS one")
    except Exception as error:  # whatever it is, this question gets an answer
        log.warning("database does not answer", cause=repr(error))
        return "no answer"
    return "ok"


async def _broker(engine: Engine) -> dict[str, Any]:
    """Messages that wait before each stage, null where the broker cannot tell, and what this process rang and heard."""
    queues = {
        "harvest": [HARVEST],
        "normalise": [NORMALISE],
        "deliver": [deliver_queue(d) for d in engine.destinations],
    }
    waiting: dict[str, int | None] = dict.fromkeys(queues)
    try:
        async with asyncio.timeout(BROKER_WAIT):
            for stage, names in queues.items():
                depths = [await engine.broker.depth(name) for name in names]
                waiting[stage] = None if None in depths else sum(depth or 0 for depth in depths)
    except Exception as error:
        log.warning("broker does not answer", cause=repr(error))
    known = None not in waiting.values()
    return {"status": "ok" if known else "no answer", "waiting": waiting, "since_start": asdict(engine.broker.counts)}
