"""A kept report as a file: Word, Excel, PDF, or its numbers as JSON."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from hub.reports.docx import docx
from hub.reports.pdf import pdf
from hub.reports.snapshot import Signed, Snapshot
from hub.reports.xlsx import xlsx
from hub.store.reports import Report
from hub.store.states import ReportState

_WRITERS: Final[dict[str, Callable[..., bytes]]] = {"docx": docx, "xlsx": xlsx, "pdf": pdf}


def file_of(ending: str, report: Report, snapshot: Snapshot, zone: ZoneInfo) -> bytes:
    """The file of this ending: docx, xlsx, pdf, or json for the snapshot as it is kept. It may take seconds."""
    if ending == "json":
        return snapshot.canonical()
    signed = None
    if report.state is ReportState.SIGNED and report.signed_at is not None:
        signed = Signed(name=report.signer, day=report.signed_at.astimezone(zone).date())
    return _WRITERS[ending](snapshot, report.words.slots, number=report.number, signed=signed)
