"""Close what an officer was asked to do: it is done, or not needed any more."""

from connectors.base import Receipt
from hub.engine import Engine
from hub.store import keys, tasks, wanting
from hub.store.deciding import DecisionRefusedError
from hub.store.states import TaskState


async def finish_task(engine: Engine, task: int, *, who: str, why: str = "") -> str:
    """An officer did it: the destination shows it by their word, until a comparison says otherwise.

    Returns the subject of the task; raises DecisionRefusedError when it is not open.
    """
    return await _close(engine, task, TaskState.DONE, who=who, why=why)


async def drop_task(engine: Engine, task: int, *, who: str, why: str = "") -> str:
    """It is not needed any more. Returns the subject of the task; raises DecisionRefusedError when it is not open."""
    return await _close(engine, task, TaskState.DROPPED, who=who, why=why)


async def _close(engine: Engine, task: int, state: TaskState, *, who: str, why: str) -> str:
    async with engine.store.unit() as unit:
        closed = await tasks.close(unit, task, state, who=who, why=why)
        if closed is None:
            raise DecisionRefusedError(
                f"task {task} is not open",
                sentence="Việc này không còn mở: đã có người làm xong, hoặc không còn cần. Xem danh sách bằng lệnh"
                " hub tasks list.",
            )
        if state is TaskState.DONE and closed.destination:
            receipt = Receipt(remote_id=closed.subject, revision=closed.revision, note=f"entered by hand: {who}")
            await wanting.shown(unit, closed.destination, closed.content_id, closed.revision, receipt)
            if closed.what == "remove":
                await keys.set_free(unit, closed.destination)
        return closed.subject
