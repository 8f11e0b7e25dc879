"""Lines of decisions of announcement: kept beside the public edition, linked to procedures, with the tasks that follow.

    a decision becomes public     its lines replace those of its last edition ─┐
    it is withdrawn               its lines go, their tasks are dropped        ├─> settle every line about the same
    a procedure becomes public    the lines that wait for it are linked        │   procedures: links, tasks opened,
    it is withdrawn               what abolished it is done                   ─┘   tasks closed by proof

What a line is worth is said by hub/rules/announcements.py from all lines and all public procedures, so it does not
matter in which order they came. Whatever an officer has closed stays closed while the line says the same.
"""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Final
from uuid import UUID

from connectors.parse.codes import read_code
from connectors.parse.text import cut
from hub.rules.announcements import STILL_THERE, UNSEEN, Known, Place, Verdict, judge, name_key
from hub.store import announced, tasks
from hub.store.announced import KeptLine, Keys, parts
from hub.store.database import Row, marks
from hub.store.states import TaskState
from hub.store.tasks import NewTask
from hub.store.unit import ENGINE, Unit
from schemas.document import Action, Announced, Document
from schemas.item import ItemBase, Kind
from schemas.procedure import Procedure

#: Working days that there are for a task.
DAYS: Final = int(
    tomllib.loads(resources.files("hub").joinpath("data", "announcements.toml").read_text("utf-8"))["days"]
)

_DONE: Final = {Action.NEW: "mới ban hành", Action.AMENDED: "sửa đổi, bổ sung", Action.REPLACED: "thay thế"}
_NAME_SHOWN: Final = 200


def subject(decision: str, place: int) -> str:
    """What a task about a line is about."""
    return f"announcement:{decision}:{place}"


async def made_public(unit: Unit, items: Sequence[tuple[UUID, int, ItemBase]]) -> None:
    """These editions are public from now on; those that are neither documents nor procedures cost nothing."""
    documents = {str(one): (revision, item) for one, revision, item in items if isinstance(item, Document)}
    procedures = {str(one): item for one, _, item in items if isinstance(item, Procedure)}
    listing = {key for key, (_, item) in documents.items() if item.announces}
    listing |= await announced.listing(unit, [key for key, (revision, _) in documents.items() if revision > 1])
    if not listing and not procedures:
        return
    await _alone(unit)
    keys, earlier = Keys(), dict[str, _Earlier]()
    for decision in sorted(listing):
        revision, document = documents[decision]
        earlier[decision] = await _replace(unit, decision, revision, document.announces, keys)
    for procedure in procedures.values():
        keys.add(procedure.code, name_key(procedure.title))
    await announced.add_linked(unit, sorted(procedures), keys)
    await _settle(unit, keys, only=() if listing else sorted(procedures), earlier=earlier)


async def withdrawn(unit: Unit, content_id: UUID) -> None:
    """An item is gone: what it announced is not announced any more, or what abolished it has been done."""
    [row] = await unit.tx.fetch("SELECT kind, title FROM item WHERE content_id = ?", str(content_id))
    keys = Keys()
    if row["kind"] == Kind.DOCUMENT and await announced.listing(unit, [str(content_id)]):
        await _alone(unit)
        await _replace(unit, str(content_id), 0, (), keys)
    elif row["kind"] == Kind.PROCEDURE:
        await _alone(unit)
        await announced.add_linked(unit, [str(content_id)], keys)
        keys.add("", name_key(row["title"]))
    await _settle(unit, keys)


async def _alone(unit: Unit) -> None:
    """One at a time: a decision and its procedure that come at once on two hosts would not see each other."""
    if unit.tx.dialect == "postgres":
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(7203007)")


#: What tasks of a decision were about before its new edition, by what they ask for and how they say it: in the list of
#: the new one the same line may stand at another place.
_Earlier = Mapping[tuple[str, str], Row]


async def _replace(
    unit: Unit, decision: str, revision: int, lines: Sequence[Announced], keys: Keys
) -> dict[tuple[str, str], Row]:  # fmt: skip
    """The lines of a decision from now on. Returns the tasks about those it had; `keys` learns of all."""
    old = await unit.tx.fetch(
        "DELETE FROM announcement WHERE decision = ? RETURNING place, action, code, folded", decision
    )
    new = {
        (place, line.action.value, read_code(line.code).code, name_key(line.name)): line.name
        for place, line in enumerate(lines, 1)
    }
    await unit.tx.execute_many(
        "INSERT INTO announcement (decision, place, action, code, folded, name) VALUES (?, ?, ?, ?, ?, ?)",
        [(decision, *line, name) for line, name in new.items()],
    )
    before = [(row["place"], row["action"], row["code"], row["folded"]) for row in old]
    for _, _, code, folded in (*before, *new):
        keys.add(code, folded)
    if new:
        unit.tell("procedures_announced", content_id=decision, revision=revision, why={"lines": len(new)})
    held = await _held(unit, [subject(decision, place) for place, *_ in before])
    gone = [subject(decision, line[0]) for line in before if line not in new]
    await _close(unit, gone, TaskState.DROPPED, "the decision does not say so any more")
    return {(row["what"], row["title"]): row for row in held.values()}


async def _held(unit: Unit, subjects: Sequence[str]) -> dict[str, Row]:
    """The tasks about these, in whatever state."""
    found = dict[str, Row]()
    for some in parts(subjects):
        rows = await unit.tx.fetch(
            f"SELECT * FROM task WHERE destination = '' AND subject IN ({marks(len(some))})", *some
        )
        found |= {row["subject"]: row for row in rows}
    return found


# ----------------------------------------------------------------------------------------------------- settling


async def _settle(
    unit: Unit, keys: Keys, *, only: Sequence[str] = (), earlier: Mapping[str, _Earlier] | None = None
) -> None:  # fmt: skip
    """Judge every line with these keys anew. `only` these procedures have changed, and no decision.

    `earlier`: by decision, the tasks about the lines that it had before.
    """
    kept = await announced.lines_about(unit, keys)
    if not kept:
        return
    lines = [one.line for one in kept]
    known = {one.content_id: one for one in await announced.procedures_for(unit, lines, only=only)}
    verdicts = judge(lines, known.values())
    links = [(found, one.id) for one in kept if (found := _link(one, verdicts, known)) != one.line.procedure]
    await unit.tx.execute_many("UPDATE announcement SET procedure = ? WHERE id = ?", links)
    await _tasks(unit, kept, verdicts, known, earlier or {})


def _link(one: KeptLine, verdicts: Mapping[Place, Verdict], known: Mapping[str, Known]) -> str:
    """The procedure of a line; one that was withdrawn stays linked, so that people see what the line was about."""
    found = verdicts[one.line.decision, one.line.place].procedure
    return found or ("" if one.line.procedure in known else one.line.procedure)


async def _tasks(
    unit: Unit, kept: Sequence[KeptLine], verdicts: Mapping[Place, Verdict], known: Mapping[str, Known],
    earlier: Mapping[str, _Earlier],
) -> None:  # fmt: skip
    """Open the tasks that the verdicts want and close the others; those that say the same stay as they are."""
    held = await _held(unit, [subject(one.line.decision, one.line.place) for one in kept])
    done, dropped = list[str](), list[str]()
    for one in kept:
        about = subject(one.line.decision, one.line.place)
        verdict, row = verdicts[one.line.decision, one.line.place], held.get(about)
        if not verdict.task:
            if row and row["state"] == TaskState.OPEN:
                proven = not verdict.overtaken and bool(verdict.procedure) is (row["what"] == UNSEEN)
                (done if proven else dropped).append(about)
            continue
        wanted = _wanted(one, verdict, known)
        before = earlier.get(one.line.decision, {}).get((wanted.what, wanted.title))
        if row and (row["what"], row["title"]) == (wanted.what, wanted.title):
            if row["state"] != TaskState.OPEN and row["closed_by"] == ENGINE:
                await tasks.ask(unit, wanted)
            elif row["content_id"] != str(wanted.content_id):
                await _carry(unit, wanted, row)
        elif before and (before["state"] == TaskState.OPEN or before["closed_by"] != ENGINE):
            await _carry(unit, wanted, before)
        else:
            await tasks.ask(unit, wanted)
    await _close(unit, done, TaskState.DONE, "seen")
    await _close(unit, dropped, TaskState.DROPPED, "a later decision says otherwise")


def _wanted(one: KeptLine, verdict: Verdict, known: Mapping[str, Known]) -> NewTask:
    """The task that a line wants. Who is to withdraw a procedure is who publishes it: there it is about that."""
    about, title = subject(one.line.decision, one.line.place), _title(one, verdict.task)
    content_id, revision = one.line.decision, one.revision
    if verdict.task == STILL_THERE:
        content_id, revision = verdict.procedure, known[verdict.procedure].revision
    return NewTask(
        what=verdict.task, subject=about, title=title, days=DAYS, content_id=content_id, revision=revision
    )  # fmt: skip


async def _carry(unit: Unit, wanted: NewTask, before: Row) -> None:
    """The same task at another place of the list, or about another copy of the procedure, as far as it had come."""
    await unit.tx.execute(
        "INSERT INTO task (what, destination, subject, title, content_id, revision, days, state, opened_at, closed_at,"
        " closed_by, why) VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (destination, subject) DO UPDATE SET"
        " what = excluded.what, title = excluded.title, content_id = excluded.content_id, revision = excluded.revision,"
        " days = excluded.days, state = excluded.state, opened_at = excluded.opened_at, closed_at = excluded.closed_at,"
        " closed_by = excluded.closed_by, why = excluded.why",
        wanted.what, wanted.subject, wanted.title, str(wanted.content_id), wanted.revision, wanted.days,
        before["state"], before["opened_at"], before["closed_at"], before["closed_by"], before["why"],
    )  # fmt: skip


def _title(one: KeptLine, task: str) -> str:
    """What is asked for, for an officer."""
    line = one.line
    named = f"{line.code} " if line.code else ""
    named += f"«{cut(one.name, _NAME_SHOWN)}»" if one.name else ""
    if task == STILL_THERE:
        return f"Gỡ thủ tục {named.strip()}: đã bị bãi bỏ tại {one.decision_name}, hệ thống vẫn đang công khai"
    return f"Công khai thủ tục {named.strip()}: {_DONE[line.action]} tại {one.decision_name}, hệ thống chưa có"


async def _close(unit: Unit, subjects: Sequence[str], state: TaskState, why: str) -> None:
    for some in parts(subjects):
        await tasks.close_subjects(unit, some, state, who=ENGINE, why=why)
