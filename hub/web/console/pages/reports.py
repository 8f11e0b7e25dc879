"""Reports: make one over a period, read its frozen numbers, write words, sign it, take it away as a file."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import web

from hub.commands.drop_report import drop_report
from hub.commands.make_report import make_report
from hub.commands.sign_report import sign_report
from hub.commands.write_words import WordsConflictError, write_words
from hub.locale import N_
from hub.reports import tables
from hub.reports.snapshot import Slot, Snapshot
from hub.rules.access import EVERYWHERE, Permission
from hub.rules.periods import Span
from hub.rules.silences import Silence
from hub.store import reports
from hub.store.reports import Report, UnknownReportError
from hub.store.states import ReportState
from hub.web.console import periods, reporting
from hub.web.console.asking import number
from hub.web.console.forms import FORM
from hub.web.console.rendering import back, link, page, texts_of
from hub.web.console.report_files import AT_ONCE, MAKING, OFFERED, drawings, written
from hub.web.console.viewer import VIEWER
from hub.web.routes import get, post
from hub.web.site import SITE

PAGE: Final = 50
#: Lines of a table that is open at once; longer ones are folded.
FEW: Final = 20
NOTICES: Final = {
    "made": N_("The report was made. Its numbers are frozen now."), "written": N_("The words were saved."),
    "signed": N_("The report was signed."), "dropped": N_("The report was dropped."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A report in the list."""

    report: Report
    span: Span

    def __getattr__(self, name: str) -> Any:
        return getattr(self.report, name)

    @property
    def name(self) -> str:
        """What its period is called."""
        return self.span.name


async def listing(request: web.Request) -> web.Response:
    """All reports, the newest first, and the form that makes one."""
    viewer, store = request[VIEWER], request.app[SITE].engine.store
    found = await reports.listed(store, limit=PAGE + 1, before=number(request, "before") or None)
    today = periods.today(request)
    return page(
        request, "reports.html", notices=NOTICES,
        found=[Line(each, Span(each.first, each.last)) for each in found[:PAGE]],
        older=link(request, "/reports", before=found[PAGE - 1].id) if len(found) > PAGE else "", today=today,
        presets=periods.presets(today), may_make=viewer.may(Permission.REPORT), whole=viewer.scope() == EVERYWHERE,
        states=reporting.REPORTS,
    )  # fmt: skip


async def make(request: web.Request) -> web.Response:
    """Count a period and keep its numbers."""
    days = periods.of_form(request[FORM])
    made = await make_report(request.app[SITE].engine, days.word, who=request[VIEWER].who)
    return back(request, f"/reports/{made.report}", done="made")


async def numbers(request: web.Request) -> web.Response:
    """The numbers of a report; each opens the items that it counted."""
    report, snapshot = await _read(request)
    missing: Mapping[Silence, list[Any]] = {
        silence: [each for each in snapshot.missing if each.silence is silence] for silence in Silence
    }
    return _page(
        request, "report.html", report, snapshot, tab="numbers", forms=[(each, each.upper()) for each in OFFERED],
        charts=drawings(snapshot), totals=tables.categories(snapshot), missing=missing,
        few=FEW, silences=reporting.SILENCES, groups=reporting.GROUPS, columns=partial(_columns, request),
    )  # fmt: skip


async def words(request: web.Request) -> web.Response:
    """What people wrote, and the form where they do."""
    report, snapshot = await _read(request)
    return _words(request, report, snapshot, report.words.slots)


async def write(request: web.Request) -> web.Response:
    """Save words; where somebody else was faster, both texts are shown and nothing is lost."""
    report, snapshot = await _read(request)
    form, engine = request[FORM], request.app[SITE].engine
    typed = {slot: form.text(slot) for slot in Slot}
    try:
        await write_words(engine, report.id, typed, seen=form.number("seen") or 0, who=request[VIEWER].who)
    except WordsConflictError:
        now = await reports.head(engine.store, report.id)
        return _words(request, now, snapshot, typed, conflict=True)
    return back(request, f"/reports/{report.id}/words", done="written")


async def ask_to_sign(request: web.Request) -> web.Response:
    """What is about to be signed, and the number and name under it."""
    report, snapshot = await _read(request)
    if report.state is not ReportState.DRAFT:
        return back(request, f"/reports/{report.id}")
    return _page(
        request, "report_sign.html", report, snapshot, tab="", seen=report.words.times, number="",
        signer=request[VIEWER].person.name, typed=report.words.slots,
        silent=len({each.code for each in snapshot.missing if each.sent_nothing}),
    )  # fmt: skip


async def sign(request: web.Request) -> web.Response:
    """Sign the report as it was seen."""
    report, form = await _head(request), request[FORM]
    await sign_report(
        request.app[SITE].engine, report.id, number=form.text("number"), signer=form.text("signer"),
        seen=form.number("seen") or 0, who=request[VIEWER].who,
    )  # fmt: skip
    return back(request, f"/reports/{report.id}", done="signed")


async def drop(request: web.Request) -> web.Response:
    """The report is not wanted any more."""
    report = await _head(request)
    await drop_report(request.app[SITE].engine, report.id, why=request[FORM].text("why"), who=request[VIEWER].who)
    return back(request, f"/reports/{report.id}", done="dropped")


async def download(request: web.Request) -> web.Response:
    """The report as a file: the same numbers and words give the same bytes."""
    report, snapshot = await _read(request)
    ending = request.match_info["format"]
    async with request.app[MAKING]:
        body = await written(ending, report, snapshot, request.app[SITE].engine.zone)
    name = f"bao-cao-{Span(report.first, report.last).word.replace('..', '-den-')}.{ending}"
    headers = {
        "Content-Type": OFFERED[ending], "Content-Disposition": f'attachment; filename="{name}"',
    }  # fmt: skip
    return web.Response(body=body, headers=headers)


def _words(
    request: web.Request, report: Report, snapshot: Snapshot, typed: Mapping[Slot, str], *, conflict: bool = False
) -> web.Response:
    return _page(
        request, "report_words.html", report, snapshot, status=409 if conflict else 200, tab="words", typed=typed,
        kept=report.words.slots, seen=report.words.times, conflict=conflict,
    )  # fmt: skip


def _page(
    request: web.Request, template: str, report: Report, snapshot: Snapshot, *, status: int = 200, **context: Any
) -> web.Response:
    """A page of one report."""
    viewer, texts = request[VIEWER], texts_of(request)
    draft = report.state is ReportState.DRAFT
    return page(
        request, template, status=status, notices=NOTICES, report=report, snapshot=snapshot,
        name=texts("Report: %(period)s", period=snapshot.period.name), whole=viewer.scope() == EVERYWHERE,
        may_write=draft and viewer.may(Permission.REPORT), may_drop=draft and viewer.may(Permission.REPORT),
        may_sign=draft and viewer.may(Permission.SIGN_REPORT), states=reporting.REPORTS, slots=reporting.SLOTS,
        amount=partial(reporting.amount, texts), change=partial(reporting.change, texts), **context,
    )  # fmt: skip


def _columns(request: web.Request, codes: list[str]) -> list[tuple[str, str]]:
    """Heads of the columns of categories."""
    known = request.app[SITE].engine.categories.by_code
    return [(known[code].short if code in known else code, "number") for code in codes]


def _id(request: web.Request) -> int:
    return int(request.match_info["report"])


async def _head(request: web.Request) -> Report:
    try:
        return await reports.head(request.app[SITE].engine.store, _id(request))
    except UnknownReportError:
        raise web.HTTPNotFound from None


async def _read(request: web.Request) -> tuple[Report, Snapshot]:
    try:
        return await reports.read(request.app[SITE].engine.store, _id(request))
    except UnknownReportError:
        raise web.HTTPNotFound from None


def set_up(app: web.Application) -> None:
    """Files of reports are made a few at a time."""
    app[MAKING] = asyncio.Semaphore(AT_ONCE)


_ONE: Final = r"/reports/{report:\d{1,18}}"
ROUTES = (
    get("/reports", listing, Permission.READ),
    post("/reports", make, Permission.REPORT),
    get(_ONE, numbers, Permission.READ),
    get(f"{_ONE}/file.{{format:{'|'.join(OFFERED)}}}", download, Permission.READ),
    get(f"{_ONE}/words", words, Permission.READ),
    post(f"{_ONE}/words", write, Permission.REPORT),
    get(f"{_ONE}/sign", ask_to_sign, Permission.SIGN_REPORT),
    post(f"{_ONE}/sign", sign, Permission.SIGN_REPORT),
    post(f"{_ONE}/drop", drop, Permission.REPORT),
)
