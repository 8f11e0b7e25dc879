"""Pages of the console: templates in hub/web/console/templates, in the viewer's language.

Everything is escaped. The one exception is the cleaned text of an item, which a page passes through hub/gate.py and
marks itself. A page works without JavaScript; where there is some, htmx swaps parts of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.locale import Texts, texts_in
from hub.web.console.cookies import Cookie, value_of
from hub.web.console.navigation import entries
from hub.web.console.viewer import VIEWER
from hub.web.files import Shelf
from hub.web.routes import PREFIX
from hub.web.site import SITE

HTML: Final = "text/html; charset=utf-8"
FOLDER: Final = Path(__file__).parent
SHELF: Final = Shelf(FOLDER / "static", "/console/static")


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    translations = texts_in(language).translations
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return made


def page(
    request: web.Request, template: str, *, status: int = 200, notices: Mapping[str, str] | None = None, **context: Any
) -> web.Response:  # fmt: skip
    """A page of the console.

    `notices` are what ?done= may say on it, by code: the address that an action leads back to names one, and nothing
    that stands in an address is ever shown. Templates get `viewer` (None before the login), `texts`, `date`, `link`.
    """
    viewer = request.get(VIEWER)
    texts = viewer.texts if viewer else texts_in(value_of(request, Cookie.LANGUAGE))
    site = request.app[SITE]
    notice = (notices or {}).get(request.query.get("done", ""), "")
    body = environment(texts.language).get_template(template).render(
        viewer=viewer, texts=texts, site=site, navigation=list(entries(viewer)) if viewer else [],
        here=request.path.removeprefix(request.app[PREFIX]) or "/", notice=texts(notice) if notice else "",
        csrf=viewer.person.csrf if viewer else "", status=status, date=partial(moment_of, request),
        day=partial(day_of, request), options=partial(options, texts), same=same, link=partial(link, request),
        static=partial(_static, request), **context,
    )  # fmt: skip
    return web.Response(status=status, body=body.encode(), headers={"Content-Type": HTML})


def back(request: web.Request, path: str, *, done: str = "", **query: str) -> web.Response:
    """Leads to a page after a change (303): a page that is loaded again repeats nothing."""
    if done:
        query["done"] = done
    return web.Response(status=303, headers={"Location": link(request, path, **query)})


def link(request: web.Request, path: str, **query: object) -> str:
    """Address of a page of the console; empty values are left out."""
    asked = urlencode({name: value for name, value in query.items() if value not in ("", None)}, quote_via=quote)
    address = f"{request.app[SITE].root}{request.app[PREFIX]}{path}"
    return f"{address}{'&' if '?' in address else '?'}{asked}" if asked else address


def options(texts: Texts, words: Mapping[str, str], codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Choices of a field: codes with what they are called, all that there are or only some."""
    return [(code, texts(words[code])) for code in (words if codes is None else codes) if code in words]


def same(values: Iterable[object]) -> list[tuple[object, object]]:
    """Choices of a field that are called as they are."""
    return [(value, value) for value in values]


def moment_of(request: web.Request, at: datetime | None) -> str:
    """dd/mm/yyyy HH:MM in the hub's zone; a dash for never."""
    return at.astimezone(request.app[SITE].engine.zone).strftime("%d/%m/%Y %H:%M") if at else "\u2013"


def day_of(request: web.Request, at: datetime | None) -> str:
    """dd/mm/yyyy in the hub's zone; a dash for never."""
    return at.astimezone(request.app[SITE].engine.zone).strftime("%d/%m/%Y") if at else "\u2013"


def texts_of(request: web.Request) -> Texts:
    """The texts in the viewer's language."""
    return request[VIEWER].texts


def _static(request: web.Request, name: str) -> str:
    return request.app[SITE].root + SHELF.versioned(name)
