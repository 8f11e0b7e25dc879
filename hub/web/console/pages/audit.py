"""The account of who did what: /audit, newest first, and the same as a file for a spreadsheet."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import date, datetime, time, timedelta
from typing import Final

import orjson
from aiohttp import web

from hub.locale import N_
from hub.queries.audit import Question, all_entries, chain, entries
from hub.rules.access import Permission
from hub.sheets.cells import harmless
from hub.web.answers import CONSOLE_HEADERS
from hub.web.console.asking import day, number, word
from hub.web.console.deeds import DEEDS
from hub.web.console.rendering import link, moment_of, page
from hub.web.console.viewer import VIEWER
from hub.web.routes import get
from hub.web.site import SITE
from hub.web.streaming import streamed

#: Rows of a page, and links of the chain that a page checks.
ROWS, LINKS = 50, 1_000
_FILE: Final = CONSOLE_HEADERS | {
    "Content-Disposition": 'attachment; filename="audit.csv"', "Content-Type": "text/csv; charset=utf-8",
    "Cache-Control": "no-store",
}  # fmt: skip
_BROKEN: Final = {
    "changed": N_("its content was changed afterwards"), "missing": N_("it is missing"),
    "moved": N_("it does not follow the one before it"),
}  # fmt: skip


async def audit(request: web.Request) -> web.Response:
    """What people did; with `everything` also what the hub did by itself."""
    store, question = request.app[SITE].engine.store, _question(request)
    found = await entries(store, question, before=number(request, "before"), limit=ROWS + 1)
    asked = _asked(request)
    return page(
        request, "audit.html", entries=found[:ROWS], deeds=DEEDS, asked=asked, told=_told,
        older=link(request, "/audit", **asked | {"before": found[ROWS - 1].id}) if len(found) > ROWS else "",
        file=link(request, "/audit.csv", **asked), chain=await chain(store, newest=LINKS), broken=_BROKEN,
    )  # fmt: skip


async def audit_file(request: web.Request) -> web.StreamResponse:
    """The same as CSV: all that fits, however much."""
    return await streamed(request, _file(request), _FILE)


async def _file(request: web.Request) -> AsyncGenerator[bytes, None]:
    """Begins with a byte order mark, so that spreadsheets read its letters."""
    store, texts = request.app[SITE].engine.store, request[VIEWER].texts
    written = io.StringIO()
    rows = csv.writer(written)
    written.write("\ufeff")
    rows.writerow(["id", "at", "who", "what", "event", "item", "revision", "source", "destination", "why"])
    async for found in all_entries(store, _question(request)):
        for each in found:
            cells = [
                each.who, each.what, texts(DEEDS.get(each.what, "")), each.content_id, each.revision, each.source,
                each.destination, orjson.dumps(each.why).decode(),
            ]  # fmt: skip
            rows.writerow([each.id, moment_of(request, each.at), *(harmless(str(cell)) for cell in cells)])
        yield _taken(written)
    yield _taken(written)  # the heading, where nothing fits


def _taken(written: io.StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()


def _question(request: web.Request) -> Question:
    zone = request.app[SITE].engine.zone
    since, until = day(request, "since"), day(request, "until")
    return Question(
        who=word(request, "who"), what=word(request, "what"), content_id=word(request, "item"),
        source=word(request, "source"), everything=bool(word(request, "everything")),
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until, time(), zone) + timedelta(days=1) if until and until < date.max else None,
    )  # fmt: skip


def _asked(request: web.Request) -> dict[str, str]:
    return {name: word(request, name) for name in ("who", "what", "item", "source", "since", "until", "everything")}


def _told(why: dict[str, object]) -> str:
    """The reasons in a line: `role: editor; member: H52.12`."""
    parts = (
        f"{name}: {value if isinstance(value, str | int) else orjson.dumps(value).decode()}"
        for name, value in why.items()
        if value not in ("", None)
    )
    return "; ".join(parts)[:400]


ROUTES: Final = (
    get("/audit", audit, Permission.AUDIT),
    get("/audit.csv", audit_file, Permission.AUDIT),
)
