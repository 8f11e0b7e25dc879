"""A kept report as a file: Word, Excel, PDF, or its numbers as JSON."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from hub.reports.snapshot import Signed, Snapshot
from hub.store.reports import Report
from hub.store.states import ReportState


def file_of(ending: str, report: Report, snapshot: Snapshot, zone: ZoneInfo) -> bytes:
    """The file of this ending: docx, xlsx, pdf, or json for the snapshot as it is kept. It may take seconds."""
    if ending == "json":
        return snapshot.canonical()
    signed = None
    if report.state is ReportState.SIGNED and report.signed_at is not None:
        signed = Signed(name=report.signer, day=report.signed_at.astimezone(zone).date())
    return _writer(ending)(snapshot, report.words.slots, number=report.number, signed=signed)


def _writer(ending: str) -> Callable[..., bytes]:
    """Imported when a file is wanted: the libraries for Word and Excel are large, and most processes make no file."""
    match ending:
        case "docx":
            from hub.reports.docx import docx

            return docx
        case "xlsx":
            from hub.reports.xlsx import xlsx

            return xlsx
        case "pdf":
            from hub.reports.pdf import pdf

            return pdf
    raise KeyError(ending)
