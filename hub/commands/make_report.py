"""Make a report over a period: everything that happened is counted first, then its numbers are frozen."""

from dataclasses import dataclass
from typing import Final

from connectors.errors import Fault, TransientError
from hub.counting import up_to_date
from hub.engine import Engine
from hub.mailing.reporting import tell_of_report
from hub.queries.codes import calendar
from hub.queries.report import Line, snapshot
from hub.reports.remarks import compared
from hub.reports.snapshot import Snapshot
from hub.rules.periods import Span, due, span
from hub.store import reports, tallying
from hub.store.reports import Kept
from hub.store.states import ReportState
from hub.store.unit import ENGINE

#: Times that numbers are read again because everything was counted anew meanwhile.
_TRIES: Final = 3


class RecountedError(TransientError):
    """Everything is counted anew again and again: no report has whole numbers."""

    code = "recounted"
    fault = Fault.HUB

    def __init__(self, days: Span) -> None:
        super().__init__(
            f"the numbers of {days.word} were counted anew while they were read",
            sentence="Số liệu đang được tính lại từ đầu nên chưa lập được báo cáo. Hãy đợi lệnh hub count --again xong"
            " rồi lập lại.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report that was made."""

    report: int
    period: str  #: its name
    sha256: str
    items: int


async def make_report(engine: Engine, period: str, *, who: str) -> Made:
    """Make a draft over the days of a word, like 2026-H1 or 2026-01-01..2026-02-15. Raises BadPeriodError."""
    days = span(period)
    numbers, lines = await _numbers(engine, days)
    async with engine.store.unit() as unit:
        return _made(await reports.keep(unit, numbers, lines, who=who), numbers)


async def make_due_reports(engine: Engine) -> list[Made]:
    """Make the drafts that `[reports] made` wants by today, and tell of them; a stretch that has a report gets none."""
    today = engine.store.now().astimezone(engine.zone).date()
    wanted = engine.register.settings.reports.made
    stretches = due(wanted, today, await calendar(engine.store)) if wanted else []
    return [made for each in stretches if (made := await _make_once(engine, each)) is not None]


async def _make_once(engine: Engine, days: Span) -> Made | None:
    if await reports.over(engine.store, days.first, days.last):
        return None
    numbers, lines = await _numbers(engine, days)
    async with engine.store.unit() as unit:
        if not await reports.first_by_itself(unit, days):
            return None
        kept = await reports.keep(unit, numbers, lines, who=ENGINE)
        await tell_of_report(engine, unit, kept.id, days)
    return _made(kept, numbers)


async def _numbers(engine: Engine, days: Span) -> tuple[Snapshot, list[Line]]:
    numbers, lines = await _counted(engine, days)
    for signed in (await reports.over(engine.store, days.first, days.last, state=ReportState.SIGNED))[:1]:
        _, then = await reports.read(engine.store, signed.id)
        told = compared(numbers, then, "/".join(filter(None, (signed.number, then.head.suffix))))
        numbers = numbers.model_copy(update={"remarks": (*numbers.remarks, *told)})
    return numbers, lines


async def _counted(engine: Engine, days: Span) -> tuple[Snapshot, list[Line]]:
    """The numbers, read while nobody began to count anew."""
    for _ in range(_TRIES):
        before = await tallying.recounts(engine.store)
        await up_to_date(engine)
        found = await snapshot(engine, days)
        if await tallying.recounts(engine.store) == before:
            return found
    raise RecountedError(days)


def _made(kept: Kept, numbers: Snapshot) -> Made:
    return Made(report=kept.id, period=numbers.period.name, sha256=kept.sha256, items=numbers.items.now)
