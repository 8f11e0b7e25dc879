"""A report as files, and its pictures: made in threads, a few at a time, for a year's PDF takes seconds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from hub.reports import charts
from hub.reports.docx import docx
from hub.reports.pdf import pdf
from hub.reports.snapshot import Signed, Snapshot
from hub.reports.xlsx import xlsx
from hub.store.reports import Report
from hub.store.states import ReportState

#: Files that are made at once in this process.
AT_ONCE: Final = 2
MAKING: Final = web.AppKey("MAKING_REPORTS", asyncio.Semaphore)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
#: By the ending of the file: what browsers are told that it is.
OFFERED: Final = {
    "docx": f"{_OFFICE}.wordprocessingml.document", "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pdf": "application/pdf", "json": "application/json; charset=utf-8",
}  # fmt: skip
_WRITERS: Final[dict[str, Callable[..., bytes]]] = {"docx": docx, "xlsx": xlsx, "pdf": pdf}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, and what is said under it."""

    svg: Markup
    title: str


async def written(ending: str, report: Report, snapshot: Snapshot, zone: ZoneInfo) -> bytes:
    """The file; JSON is the snapshot as it is kept."""
    if ending == "json":
        return snapshot.canonical()
    signed = None
    if report.state is ReportState.SIGNED and report.signed_at is not None:
        signed = Signed(name=report.signer, day=report.signed_at.astimezone(zone).date())
    return await asyncio.to_thread(
        _WRITERS[ending], snapshot, report.words.slots, number=report.number, signed=signed
    )  # fmt: skip


def drawings(snapshot: Snapshot) -> Sequence[Drawing]:
    """The charts of a report. They are drawn by hub/reports/charts.py alone, which escapes every name in them."""
    found = (charts.months(snapshot), charts.members(snapshot))
    return [Drawing(Markup(each.svg), each.caption) for each in found if each]
