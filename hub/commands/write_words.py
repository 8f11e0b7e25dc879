"""Write words of one's own into a report: into the slots that stand after its numbers, never into the numbers."""

from collections.abc import Mapping
from typing import Final

from connectors.parse.text import clean_text
from hub.commands.judging import judge_words
from hub.engine import Engine
from hub.reports.snapshot import Slot
from hub.store import reports
from hub.store.deciding import DecisionRefusedError
from hub.store.reports import Report, Words
from hub.store.states import ReportState

#: Characters of one slot.
LIMIT: Final = 20_000


class WordsConflictError(DecisionRefusedError):
    """Somebody else wrote into this report meanwhile; nothing was stored."""

    code = "words_conflict"

    def __init__(self, report: Report) -> None:
        super().__init__(
            f"the words of report {report.id} were written {report.words.times} times by now",
            sentence=f"Trong lúc anh/chị soạn, «{report.words.by}» vừa ghi phần nhận xét của báo cáo này. Chưa có gì bị"
            " ghi đè; hãy xem nội dung mới rồi lưu lại.",
        )
        self.words = report.words  #: what stands there now


class ReportClosedError(DecisionRefusedError):
    """A report that was signed or dropped is not changed any more."""

    code = "report_closed"

    def __init__(self, report: Report) -> None:
        said = "đã ký" if report.state is ReportState.SIGNED else "đã bỏ"
        super().__init__(
            f"report {report.id} is {report.state}",
            sentence=f"Báo cáo {report.id} {said} nên không sửa được nữa. Nếu cần, hãy lập báo cáo mới cho kỳ này.",
        )


async def write_words(engine: Engine, report: int, words: Mapping[Slot, str], *, seen: int, who: str) -> int:
    """Put these texts into their slots, an empty one takes a text out; slots that are not named stay as they are.

    `seen` is `Words.times` of the words that were on the screen. Returns the new one; the same words twice change
    nothing. Raises UnknownReportError, ReportClosedError, WordsConflictError, MarkedTextError, DecisionRefusedError.
    """
    found = await reports.head(engine.store, report)
    texts = {**found.words.slots, **{slot: _clean(text) for slot, text in words.items()}}
    texts = {slot: texts[slot] for slot in Slot if texts.get(slot)}
    if found.state is not ReportState.DRAFT:
        raise ReportClosedError(found)
    if texts == dict(found.words.slots):
        return found.words.times
    if found.words.times != seen:
        raise WordsConflictError(found)
    if long := next((slot for slot, text in texts.items() if len(text) > LIMIT), None):
        raise DecisionRefusedError(
            f"slot {long} is longer than {LIMIT} characters", code="bad_text",
            sentence=f"Một phần nhận xét dài quá {LIMIT} ký tự. Hãy rút gọn rồi lưu lại.",
        )  # fmt: skip
    await judge_words(engine, {str(slot): text for slot, text in texts.items()}, who=who)
    new = Words(slots=texts, times=seen + 1, by=who)
    async with engine.store.unit() as unit:
        stored = await reports.written(unit, found, new)
    if not stored:
        now = await reports.head(engine.store, report)
        raise WordsConflictError(now) if now.state is ReportState.DRAFT else ReportClosedError(now)
    return new.times


def _clean(text: str) -> str:
    """Paragraphs, one a line."""
    return "\n".join(filter(None, map(clean_text, text.splitlines())))
