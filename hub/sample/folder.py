"""A folder of saved feeds, served as member sites: one file, one source, one address on loopback.

    real/2019/vnexpress.rss  ─▶  source `real-2019-vnexpress`  ─▶  http://127.0.0.1:PORT/real-2019-vnexpress.rss

Served as such sites would: byte for byte, with a media type but no charset, so that the body's own declaration counts,
and with validators, so that a second poll gets 304.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from connectors.errors import ConfigError
from connectors.parse.text import fold

#: Endings that say what a file is; `.xml` and files without an ending are looked into.
TYPES: Final = {
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".rdf": "application/rdf+xml",
    ".json": "application/feed+json",
    ".html": "text/html",
    ".htm": "text/html",
}
#: First words of a document and what it is then; the earliest one in the file decides.
_OPENINGS: Final = {
    b"<rss": "application/rss+xml",
    b"<feed": "application/atom+xml",
    b"<rdf:rdf": "application/rdf+xml",
    b"<!doctype html": "text/html",
    b"<html": "text/html",
    b"{": "application/feed+json",
}
#: Bytes in which the first element is looked for; licences and style sheets may stand before it.
_OPENING_LIMIT: Final = 4_096
#: Files that lie beside feeds and are none.
_BESIDE: Final = re.compile(r"\.|README|MANIFEST|.*\.expected\.json$", re.IGNORECASE)
#: Letters of a source's name (hub/settings/values.py).
_NAME_LIMIT: Final = 63


@dataclass(frozen=True, slots=True)
class SavedFeed:
    """One file as a source."""

    name: str  #: of the source; follows from the path inside the folder, the same on every start
    url: str  #: where it is served
    path: Path


class SavedFeeds:
    """The folder as a server on loopback, up between `__aenter__` and `__aexit__`; the list of files is read once."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self._folder = folder
        self._port = port
        self._runner: web.AppRunner | None = None
        self.door = ""  #: `127.0.0.1:PORT`, as `allow_private` wants it
        self.sources: Sequence[SavedFeed] = ()

    async def __aenter__(self) -> Self:
        """Listen. Raises ConfigError when the folder holds no feed, or the port is taken."""
        paths = sorted(saved_files(self._folder))
        if not paths:
            raise ConfigError(
                f"no feed below {self._folder}",
                sentence=f"Không tìm thấy tệp nguồn tin nào trong thư mục {self._folder}."
                " Hãy chỉ đến thư mục có các tệp .xml, .rss, .atom, .rdf, .json hoặc .html.",
            )
        named = dict(zip(source_names([path.relative_to(self._folder) for path in paths]), paths, strict=True))
        served = {f"{name}{path.suffix.lower()}": path for name, path in named.items()}

        async def serve(request: web.Request) -> web.StreamResponse:
            """A file by its name: looked up, never joined to a path."""
            path = served.get(request.match_info["file"])
            if path is None:
                raise web.HTTPNotFound
            return web.FileResponse(path, headers={"Content-Type": media_type(path)})

        async def index(_: web.Request) -> web.Response:
            """All files, for a person who looks in."""
            return web.Response(body=_index(served), content_type="text/html", charset="utf-8")

        app = web.Application()
        app.add_routes([web.get("/", index), web.get("/{file}", serve)])
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"saved feeds: cannot listen on 127.0.0.1:{self._port}: {error.strerror or error}",
                sentence=f"Không mở được cổng {self._port}: cổng đang được chương trình khác dùng. Hãy chọn cổng khác.",
            ) from error
        self.door = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.sources = tuple(
            SavedFeed(name, f"http://{self.door}/{name}{path.suffix.lower()}", path) for name, path in named.items()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


def _index(served: Mapping[str, Path]) -> bytes:
    """A bare list of links; the names are of letters that need no escape, the paths are not."""
    rows = "\n".join(f'<li><a href="/{name}">{name}</a> {escape(path.name)}' for name, path in served.items())
    heading = '<!doctype html><html lang="vi"><meta name="viewport" content="width=device-width">'
    page = f"{heading}<title>Nguồn tin đã lưu</title><h1>Nguồn tin đã lưu ({len(served)})</h1>\n<ol>\n{rows}\n</ol>\n"
    return page.encode("utf-8", "replace")  # a disk may hold names that are no text


def saved_files(folder: Path) -> Iterator[Path]:
    """Files below `folder` that may be feeds. Hidden ones, and links to other places, are left alone."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(place, name)
            is_feed = path.suffix.lower() in {*TYPES, ".xml", ""} and not _BESIDE.match(name)
            if is_feed and path.is_file() and not path.is_symlink():
                yield path


def media_type(path: Path) -> str:
    """What a site would call this file, without a charset."""
    known = TYPES.get(path.suffix.lower())
    if known:
        return known
    with path.open("rb") as file:
        opening = file.read(_OPENING_LIMIT)
    # UTF-16 reads as ASCII without its zero bytes.
    opening = re.sub(rb"<!--.*?-->", b"", opening.replace(b"\0", b"").lower(), flags=re.DOTALL)
    found = [(place, kind) for words, kind in _OPENINGS.items() if (place := opening.find(words)) >= 0]
    return min(found)[1] if found else "application/xml"


def source_names(paths: Sequence[Path]) -> list[str]:
    """A unique source name for each path: lower-case letters, digits, - and _, at most 63.

    Paths that would share a name, or have one too long, get part of their own fingerprint, all of them: so no name
    hangs on the order in which the disk lists them.
    """
    plain = [_plain_name(path) for path in paths]
    often = Counter(plain)
    taken = {name for name in plain if often[name] == 1 and len(name) <= _NAME_LIMIT}
    names = []
    for path, name in zip(paths, plain, strict=True):
        if name not in taken:
            digest, length = hashlib.sha256(os.fsencode(path)).hexdigest(), 8
            while (marked := f"{name[: _NAME_LIMIT - 1 - length]}-{digest[:length]}") in taken:
                length += 8
            taken.add(marked)
            name = marked
        names.append(name)
    return names


def _plain_name(path: Path) -> str:
    """`Tin tức/Sở Y tế.rss` gives `tin-tuc-so-y-te`."""
    return re.sub(r"[^a-z0-9_]+", "-", fold(str(PurePosixPath(path.with_suffix(""))))).strip("-_") or "feed"
