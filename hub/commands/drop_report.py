"""Let a draft of a report drop: it stays readable, and the list of reports says that it is not wanted."""

from hub.commands.write_words import ReportClosedError
from hub.engine import Engine
from hub.store import reports


async def drop_report(engine: Engine, report: int, *, who: str, why: str = "") -> None:
    """Drop a draft. Raises UnknownReportError, ReportClosedError: a signed report stays one."""
    async with engine.store.unit() as unit:
        dropped = await reports.dropped(unit, report, who=who, why=why)
    if not dropped:
        raise ReportClosedError(await reports.head(engine.store, report))
