"""Visits: how often the sites were read in a period, what is odd about the numbers, and files that bring more."""

import asyncio
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import web

from hub.commands.load_visits import LoadedVisits, load_visits
from hub.locale import N_
from hub.queries.items import shelves
from hub.queries.visits import most_read, readers, sites
from hub.rules.access import EVERYWHERE, Permission
from hub.rules.counters import CounterFault
from hub.visits.reading import VisitsRefusedError
from hub.web.console import periods, reporting
from hub.web.console.forms import FORM, Upload
from hub.web.console.rendering import page, texts_of
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

#: Pages that are shown of those that were read most.
MOST: Final = 20
FAULTS: Final = {
    CounterFault.RAN_BACKWARDS: N_("It ran backwards and was begun anew."),
    CounterFault.JUMPED: N_("It jumped and was begun anew."), CounterFault.UNREADABLE: N_("It cannot be read."),
}  # fmt: skip
#: Of the name of a file, which takes 255 on most systems.
NAME_BYTES: Final = 200


async def visits(request: web.Request) -> web.Response:
    """The sites in a period."""
    return await _page(request)


async def load(request: web.Request) -> web.Response:
    """Take in a file of counts; the same file again changes nothing."""
    form = request[FORM]
    if not form.files:
        raise VisitsRefusedError("no file", sentence="Chưa chọn tệp. Hãy chọn tệp số liệu truy cập rồi nạp lại.")
    known = form.text("known")
    loaded = await _load(request, form.files[0], known or form.text("site"), None if known else form.text("member"))
    return await _page(request, loaded)


async def _load(request: web.Request, file: Upload, site: str, member: str | None) -> LoadedVisits:
    """The command reads a file by its name, so that the console and the command line do the same."""
    with TemporaryDirectory(prefix="visits-") as folder:
        path = Path(folder) / _file_name(file.name)
        await asyncio.to_thread(path.write_bytes, file.body)
        return await load_visits(
            request.app[SITE].engine, str(path), site=site, member=member, who=request[VIEWER].who
        )  # fmt: skip


def _file_name(sent: str) -> str:
    """The end of a name as a browser sent it, if a file may be called so on every system."""
    last = PurePosixPath(sent.replace("\\", "/")).name
    bare = "".join(each for each in last if each.isprintable()).encode(errors="ignore")[-NAME_BYTES:]
    return bare.decode(errors="ignore").strip(". ") or "visits.csv"


async def _page(request: web.Request, loaded: LoadedVisits | None = None) -> web.Response:
    viewer, engine, texts = request[VIEWER], request.app[SITE].engine, texts_of(request)
    asked, scope = periods.asked(request), viewer.scope()
    first, last = asked.span.first, asked.span.last
    known = await sites(engine.store, scope=scope)
    return page(
        request, "visits.html", span=asked.span, problem=asked.problem, loaded=loaded, sites=known, faults=FAULTS,
        found=await readers(engine.store, first, last, zone=engine.zone, scope=scope), whole=scope == EVERYWHERE,
        most=await most_read(engine.store, first, last, limit=MOST, scope=scope),
        presets=periods.presets(periods.today(request)), may_load=viewer.may(Permission.REPORT),
        counters={each.name for each in engine.counters}, members=(await shelves(engine.store, scope=scope)).members,
        amount=partial(reporting.amount, texts), change=partial(reporting.change, texts),
    )  # fmt: skip


ROUTES = (
    get("/visits", visits, Permission.READ),
    post("/visits", load, Permission.REPORT),
)
