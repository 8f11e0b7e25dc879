"""Tells those whom `[reports] to` names that a report was made or signed: which, and where to read it."""

from html import escape
from typing import Final

from hub.engine import Engine
from hub.rules.digests import Letter
from hub.rules.periods import Span
from hub.store import mailing
from hub.store.unit import Unit

_MADE: Final = "Hệ thống đã lập dự thảo báo cáo {period}. Số liệu đã chốt; phần nhận xét và chữ ký chờ Ban biên tập."
_SIGNED: Final = "Báo cáo {period} đã được ký, số {number}."
_WHERE: Final = "Xem và tải báo cáo (Word, Excel, PDF) tại: {address}"


async def tell_of_report(engine: Engine, unit: Unit, report: int, period: Span, *, signed: str = "") -> None:
    """Write one mail to each of them, in the transaction of what it tells; `signed` is the number of a signed one."""
    ours, to = engine.mailing, engine.register.settings.reports.to
    if ours is None or not to:
        return
    what = (_SIGNED if signed else _MADE).format(period=period.inside, number=signed)
    where = _WHERE.format(address=f"{ours.masthead.base}/console/reports/{report}")
    subject = f"Báo cáo {period.inside}" + (f" đã ký, số {signed}" if signed else ": dự thảo")
    letter = Letter(
        subject=f"{ours.masthead.site}: {subject}", text=f"{what}\n\n{where}\n", items=(), left_out=0,
        html=f"<div><p>{escape(what)}</p><p>{escape(where)}</p></div>",
    )  # fmt: skip
    name = f"{mailing.NOTICE}report:{report}:{'signed' if signed else 'made'}"
    await mailing.noticed(unit, name, letter, day=unit.now.astimezone(engine.zone).date(), to=to)
    unit.tell("report_mailed", why={"report": report, "mails": len(to)})
