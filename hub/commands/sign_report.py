"""Sign a report: it gets its number and the name under it, and nothing of it changes any more."""

from typing import Final

from connectors.parse.text import clean_text
from hub.commands.write_words import ReportClosedError, WordsConflictError
from hub.engine import Engine
from hub.mailing.reporting import tell_of_report
from hub.store import reports
from hub.store.deciding import DecisionRefusedError
from hub.store.states import ReportState

#: Characters of a number, and of a name.
LONGEST: Final = (40, 200)


async def sign_report(
    engine: Engine, report: int, *, number: str, signer: str, seen: int | None = None, who: str
) -> None:
    """Sign a draft. `number` is what stands before the suffix: 09, or 09/BC-BBT where that is the suffix of the report.

    `seen` is `Words.times` of the words on the screen of whoever signs; None: whatever stands there. A form that comes
    twice changes nothing. Raises UnknownReportError, ReportDamagedError, ReportClosedError, WordsConflictError,
    DecisionRefusedError.
    """
    found, snapshot = await reports.read(engine.store, report)
    number, signer = clean_text(number).removesuffix(f"/{snapshot.head.suffix}"), clean_text(signer)
    if found.state is ReportState.SIGNED and (found.number, found.signer, found.signed_by) == (number, signer, who):
        return
    if found.state is not ReportState.DRAFT:
        raise ReportClosedError(found)
    if not number or "/" in number or not signer or len(number) > LONGEST[0] or len(signer) > LONGEST[1]:
        raise DecisionRefusedError(
            "a report is signed with a number and a name", code="bad_signature",
            sentence=f"Muốn ký báo cáo cần có số (ví dụ 09, phần sau dấu gạch chéo đã có trong cấu hình; không quá"
            f" {LONGEST[0]} ký tự) và họ tên người ký (không quá {LONGEST[1]} ký tự).",
        )  # fmt: skip
    if seen is not None and seen != found.words.times:
        raise WordsConflictError(found)
    async with engine.store.unit() as unit:
        signed = await reports.signed(unit, found, number=number, signer=signer, who=who)
        if signed:
            told = "/".join(filter(None, (number, snapshot.head.suffix)))
            await tell_of_report(engine, unit, report, found.period, signed=told)
    if not signed:
        now = await reports.head(engine.store, report)
        raise WordsConflictError(now) if now.state is ReportState.DRAFT else ReportClosedError(now)
