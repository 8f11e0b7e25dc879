"""Somebody looked at an alarm of the secrecy screen."""

from hub.engine import Engine
from hub.store import screening
from hub.store.deciding import DecisionRefusedError


async def see_alarm(engine: Engine, alarm: int, *, who: str) -> int:
    """Note that the duty officer saw an alarm. Returns its number; raises DecisionRefusedError."""
    async with engine.store.unit() as unit:
        if not await screening.seen(unit, alarm, who=who):
            raise DecisionRefusedError(
                f"alarm {alarm} does not wait for anybody",
                sentence="Báo động này không có hoặc đã có người xem. Hãy mở lại danh sách báo động.",
            )
    return alarm
