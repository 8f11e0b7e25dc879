"""Contributors: whose items were accepted in a period, with points by the tariff, and the list as a file."""

import asyncio
from functools import partial
from typing import Final

from aiohttp import web

from hub.queries.filters import NO_CATEGORY
from hub.queries.ledger import ledger
from hub.reports import ledger as files
from hub.reports.snapshot import Contributor
from hub.reports.wording import UNCATEGORISED
from hub.rules.access import EVERYWHERE, Permission
from hub.rules.categories import Categories
from hub.web.console import periods, reporting
from hub.web.console.rendering import page, texts_of
from hub.web.console.report_files import OFFERED
from hub.web.console.viewer import VIEWER
from hub.web.routes import get
from hub.web.site import SITE

FORMS: Final = {"csv": "text/csv; charset=utf-8", "xlsx": OFFERED["xlsx"]}


async def listing(request: web.Request) -> web.Response:
    """The ledger of a period."""
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    asked = periods.asked(request)
    found = await ledger(engine, asked.span, scope=viewer.scope())
    names = _names(found, engine.categories)
    return page(
        request, "ledger.html", span=asked.span, problem=asked.problem, found=found, codes=list(names),
        columns=[(name, "number") for name in names.values()], tariff=engine.register.settings.reports.points,
        presets=periods.presets(periods.today(request)), forms=[(each, each.upper()) for each in FORMS],
        whole=viewer.scope() == EVERYWHERE, amount=partial(reporting.amount, texts),
    )  # fmt: skip


async def download(request: web.Request) -> web.Response:
    """The same as a file."""
    engine, ending = request.app[SITE].engine, request.match_info["format"]
    span = periods.asked(request).span
    found = await ledger(engine, span, scope=request[VIEWER].scope())
    names = _names(found, engine.categories)
    write = files.csv if ending == "csv" else partial(files.xlsx, span=span, made_at=engine.store.now())
    body = await asyncio.to_thread(write, found, names)
    name = f"cong-tac-vien-{span.word.replace('..', '-den-')}.{ending}"
    headers = {"Content-Type": FORMS[ending], "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, headers=headers)


def _names(found: list[Contributor], categories: Categories) -> dict[str, str]:
    """The categories that anybody has something of, in the order of the list."""
    used = {code for each in found for code in each.categories}
    listed = {each.code: each.short for each in categories.listed if each.code in used}
    return listed | {code: UNCATEGORISED if code == NO_CATEGORY else code for code in sorted(used - set(listed))}


ROUTES = (
    get("/ledger", listing, Permission.READ),
    get(f"/ledger.{{format:{'|'.join(FORMS)}}}", download, Permission.READ),
)
