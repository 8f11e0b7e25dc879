"""What officers are asked to do by hand, and what becomes of it: one row per destination and subject.

A task is opened, changed or dropped in the transaction of what caused it, and closed by a person, or by the proof that
it is done. Its due day is not kept: it is counted out from `opened_at` and `days` over the calendar in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.broker.base import deliver_queue
from hub.store.database import marks
from hub.store.states import TaskState
from hub.store.unit import Unit

#: longest subject that fits the column, in characters
SUBJECT_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What is asked for."""

    what: str  #: enter, change, remove, unseen, still_there
    subject: str
    title: str
    destination: str = ""
    content_id: UUID | str = ""
    revision: int = 0
    days: int = 0  #: working days that there are for it; 0: no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTask:
    """A task that was open until now."""

    id: int
    what: str
    destination: str
    subject: str
    content_id: str
    revision: int


async def ask(unit: Unit, task: NewTask) -> int:
    """Open a task; one that is open for the subject becomes this one and keeps the day from which its time counts.

    Returns its id.
    """
    subject = task.subject[:SUBJECT_LIMIT]
    [row] = await unit.tx.fetch(
        """
        INSERT INTO task (what, destination, subject, title, content_id, revision, days, state, opened_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?)
        ON CONFLICT (destination, subject) DO UPDATE SET
          opened_at = CASE WHEN task.state = 'open' THEN task.opened_at ELSE excluded.opened_at END,
          what = CASE WHEN task.state = 'open' AND task.what = 'enter' AND excluded.what = 'change' THEN task.what
                      ELSE excluded.what END,
          title = excluded.title, content_id = excluded.content_id, revision = excluded.revision,
          days = excluded.days, state = 'open', closed_at = NULL, closed_by = '', why = ''
        RETURNING id
        """,
        task.what, task.destination, subject, task.title, str(task.content_id), task.revision, task.days, unit.at,
    )  # fmt: skip
    unit.tell(
        "task_opened", content_id=task.content_id, revision=task.revision, destination=task.destination,
        why={"task": row["id"], "what": task.what, "subject": subject},
    )  # fmt: skip
    return int(row["id"])


async def close(unit: Unit, task: int, state: TaskState, *, who: str, why: str = "") -> ClosedTask | None:
    """Close one task; None when it is not open."""
    return next(iter(await _close(unit, "id = ?", (task,), state, who=who, why=why)), None)


async def close_about(
    unit: Unit, destination: str, content_id: UUID | str, state: TaskState, *, who: str, why: str = ""
) -> None:  # fmt: skip
    """Close what was asked about an item at a destination."""
    await _close(
        unit, "destination = ? AND content_id = ?", (destination, str(content_id)), state, who=who, why=why
    )  # fmt: skip


async def drop_others(unit: Unit, task: NewTask, *, who: str) -> None:
    """Let go of what was asked about the same item under another subject."""
    where = "destination = ? AND content_id = ? AND subject <> ?"
    subject = task.subject[:SUBJECT_LIMIT]
    await _close(unit, where, (task.destination, str(task.content_id), subject), TaskState.DROPPED, who=who, why="")


async def hand_over(unit: Unit, destination: str) -> int:
    """A machine may write there now: what officers are asked to do, deliveries do. Returns how many."""
    rows = await unit.tx.fetch(
        "UPDATE delivery SET state = 'ready', due_at = ? WHERE destination = ? AND state = 'asked' AND content_id IN"
        " (SELECT content_id FROM task WHERE destination = ? AND state = 'open') RETURNING id",
        unit.at, destination, destination,
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(destination), row["id"])
    return len(rows)


async def close_subjects(unit: Unit, subjects: Sequence[str], state: TaskState, *, who: str, why: str = "") -> None:
    """Close what was asked about these subjects, at no destination in particular."""
    where = f"destination = '' AND subject IN ({marks(len(subjects))})"
    await _close(unit, where, subjects, state, who=who, why=why)


async def _close(
    unit: Unit, where: str, args: Sequence[object], state: TaskState, *, who: str, why: str
) -> list[ClosedTask]:  # fmt: skip
    rows = await unit.tx.fetch(
        f"UPDATE task SET state = ?, closed_at = ?, closed_by = ?, why = ? WHERE state = 'open' AND {where}"
        " RETURNING id, what, destination, subject, content_id, revision",
        state, unit.at, who, why, *args,
    )  # fmt: skip
    for row in rows:
        unit.tell(
            f"task_{state}", who=who, content_id=row["content_id"], revision=row["revision"],
            destination=row["destination"], why={"task": row["id"], "why": why},
        )  # fmt: skip
    return [ClosedTask(**row) for row in rows]
