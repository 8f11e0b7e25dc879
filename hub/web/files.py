"""Our own style sheet and mark: the only files that a page loads from us."""

import hashlib
from pathlib import Path

from aiohttp import web

from hub.web.answers import answer

FOLDER = Path(__file__).with_name("static")
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
#: Seconds; pages name a file with its version, so a changed file is another address.
KEPT = 7 * 86_400

_FILES = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}


def versioned(name: str) -> str:
    """Path of a file, with the version that a page was written for."""
    return f"/static/{name}?v={hashlib.sha256(_FILES[name]).hexdigest()[:8]}"


async def static(request: web.Request) -> web.Response:
    """One of the files; names are looked up, never joined to a path."""
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    return answer(request, _FILES[name], TYPES[Path(name).suffix], fresh=KEPT)
