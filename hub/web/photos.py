"""Photos of contributions: public once an item that shows them is, and as long as it is."""

from aiohttp import web

from connectors.errors import TransientError
from hub.store import drafting
from hub.web.answers import answer
from hub.web.site import SITE


async def photo(request: web.Request) -> web.Response:
    """A photo by the checksum of its bytes; 404 for one that no public item shows, withdrawn ones included."""
    engine, sha256 = request.app[SITE].engine, request.match_info["sha256"]
    kind = await drafting.public_photo(engine.store, sha256)
    if kind is None:
        raise web.HTTPNotFound
    try:
        body = await engine.files.get(sha256)
    except TransientError as error:
        raise web.HTTPServiceUnavailable from error
    return answer(request, body, kind, packed=True)
