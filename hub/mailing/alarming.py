"""Tells the duty officers by mail that there is an alarm: without a word of what was found, where, or from whom."""

from datetime import date
from typing import Final

from hub.engine import Engine
from hub.rules.digests import Letter
from hub.store import mailing, screening

SUBJECT: Final = "Có báo động mới cần người trực xem"
TEXT: Final = (
    "Hệ thống có {count} báo động chưa có người xem.\n\nMở bảng điều khiển, mục Kiểm tra: {address}\nhoặc chạy lệnh:"
    " hub alarms list\n\nThư này không kèm nội dung và không có tệp đính kèm.\n"
)


async def tell_of_alarms(engine: Engine) -> int:
    """Write one mail to each duty officer about the alarms of which none was written yet. Returns to how many."""
    ours = engine.mailing
    if ours is None or not ours.alarm_to or not await screening.untold(engine.store):
        return 0
    address = f"{ours.masthead.base}/console/screen"
    today: date = engine.store.now().astimezone(engine.zone).date()
    async with engine.store.unit() as unit:
        numbers = await screening.told(unit)
        if not numbers:
            return 0
        text = TEXT.format(count=len(numbers), address=address)
        html = "".join(f"<p>{line}</p>" for line in text.split("\n") if line)
        letter = Letter(subject=SUBJECT, text=text, html=f"<div>{html}</div>", items=(), left_out=0)
        await mailing.alarmed(unit, numbers[-1], letter, day=today, to=ours.alarm_to)
    return len(ours.alarm_to)
