"""Files that our own pages load: style sheets, marks, scripts, fonts. Names are looked up, never joined to a path."""

import hashlib
from pathlib import Path

from aiohttp import web

from hub.web.answers import answer

TYPES = {
    ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
}  # fmt: skip
#: Already small; compressing them again gains nothing.
PACKED = frozenset({".woff2"})
#: Seconds; pages name a file with its version, so a changed file is another address.
KEPT = 7 * 86_400


class Shelf:
    """The files of one folder, at one path."""

    def __init__(self, folder: Path, path: str) -> None:
        self._path = path
        self._files = {each.name: each.read_bytes() for each in folder.iterdir() if each.suffix in TYPES}

    def versioned(self, name: str) -> str:
        """Path of a file, with the version that a page was written for."""
        return f"{self._path}/{name}?v={hashlib.sha256(self._files[name]).hexdigest()[:8]}"

    async def serve(self, request: web.Request) -> web.Response:
        """One of the files."""
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        kind = Path(name).suffix
        return answer(request, self._files[name], TYPES[kind], fresh=KEPT, packed=kind in PACKED)


#: What public pages load.
PUBLIC = Shelf(Path(__file__).with_name("static"), "/static")
versioned, static = PUBLIC.versioned, PUBLIC.serve
