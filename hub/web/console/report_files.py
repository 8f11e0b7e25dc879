"""A report as files, and its pictures: made in threads, a few at a time, for a year's PDF takes seconds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup

from hub.reports import charts
from hub.reports.files import file_of
from hub.reports.snapshot import Snapshot
from hub.store.reports import Report

#: Files that are made at once in this process.
AT_ONCE: Final = 2
MAKING: Final = web.AppKey("MAKING_REPORTS", asyncio.Semaphore)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
#: By the ending of the file: what browsers are told that it is.
OFFERED: Final = {
    "docx": f"{_OFFICE}.wordprocessingml.document", "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pdf": "application/pdf", "json": "application/json; charset=utf-8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, and what is said under it."""

    svg: Markup
    title: str


async def written(ending: str, report: Report, snapshot: Snapshot, zone: ZoneInfo) -> bytes:
    """The file; JSON is the snapshot as it is kept."""
    return await asyncio.to_thread(file_of, ending, report, snapshot, zone)


def drawings(snapshot: Snapshot) -> Sequence[Drawing]:
    """The charts of a report. They are drawn by hub/reports/charts.py alone, which escapes every name in them."""
    found = (charts.months(snapshot), charts.members(snapshot))
    return [Drawing(Markup(each.svg), each.caption) for each in found if each]
