"""What the public pages of the sample share: headers, templates, files, and times and figures as offices write them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.web.pages import TEMPLATES

#: On every answer: a page does and loads nothing that was not written into it. Pictures stay at the members' sites.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' https: http:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "cong-mau",
}

_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml"}
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader([Path(__file__).with_name("templates"), TEMPLATES]), autoescape=True,
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def drawn(template: str, status: int = 200, **values: Any) -> web.Response:
    """A page."""
    page = _ENVIRONMENT.get_template(template).render(moment=moment, number=number, **values)
    return web.Response(status=status, text=page, content_type="text/html")


class Files:
    """Our own files at /static/{name}; names are looked up, never joined to a path."""

    def __init__(self, *names: str) -> None:
        self._files: Mapping[str, tuple[bytes, str]] = {
            name: ((_STATIC / name).read_bytes(), _TYPES[Path(name).suffix]) for name in names
        }

    def route(self) -> web.AbstractRouteDef:
        """Where they stand."""
        return web.get("/static/{name}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.match_info["name"] not in self._files:
            raise web.HTTPNotFound
        body, content_type = self._files[request.match_info["name"]]
        return web.Response(body=body, content_type=content_type, charset="utf-8")


def moment(at: datetime, form: str = "%d/%m/%Y %H:%M") -> str:
    """A time on Vietnamese clocks, as offices write it."""
    return at.astimezone(_ZONE).strftime(form)


def number(count: int) -> str:
    """Thousands are grouped by a point."""
    return f"{count:,}".replace(",", ".")
