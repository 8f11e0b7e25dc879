"""Stop a reminder that a person does not want to go out."""

from hub.engine import Engine
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.urging import Turn
from hub.store import reminding
from hub.store.deciding import DecisionRefusedError
from hub.store.states import ReminderState


async def stop_reminder(engine: Engine, reminder: int, *, who: str, why: str = "", scope: Scope = EVERYWHERE) -> str:
    """Let nobody be urged by this reminder; returns the name of the member. A mail that has not gone out stays here.

    Raises DecisionRefusedError when it has gone out, has ended, or does not exist.
    """
    store = engine.store
    for one in await reminding.reminders(store, ids=(reminder,), scope=scope):
        async with store.unit() as unit:
            states = [ReminderState.PREPARED]
            if await reminding.taken_back(unit, one):
                states.append(ReminderState.SENT)
            if await reminding.end(unit, one, Turn.STOPS, why=why, who=who, states=states):
                return one.gap.name
    raise DecisionRefusedError(
        f"reminder {reminder} is not open",
        sentence="Thông báo nhắc này đã gửi, đã kết thúc hoặc không có nên không dừng được. Xem danh sách bằng lệnh hub"
        " urge list --all.",
    )
