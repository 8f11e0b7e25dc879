"""Which decisions announce procedures, and what became of each line: linked, looked for, still to be withdrawn?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.parse.announcements import UNREAD
from connectors.parse.numbers import number_key
from hub.store.announced import parts, said
from hub.store.announcing import subject
from hub.store.database import Row, marks
from hub.store.unit import Store

#: Decisions that are looked at, newest first.
LIMIT: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncingDecision:
    """A public decision with a list, or one whose list could not be read."""

    content_id: str
    number: str
    issued: str  #: ISO date; empty: not stated
    title: str
    member: str  #: its name, else its code
    url: str
    unread: bool  #: its list was not read, or not wholly
    lines: int
    linked: int  #: lines with a procedure that the hub publishes, or did
    open: Mapping[str, int]  #: open tasks by what they ask: unseen, still_there


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedLine:
    """One line of a decision."""

    place: int
    action: str
    code: str
    name: str
    procedure: str  #: content id of what it names; empty: nothing that the hub ever published
    procedure_title: str
    procedure_state: str  #: live, withdrawn
    task: int  #: number of the task that it caused; 0: none
    task_what: str  #: unseen, still_there
    task_state: str  #: open, done, dropped


async def decisions(store: Store, *, limit: int = LIMIT) -> list[AnnouncingDecision]:
    """Public decisions that announce procedures, newest first."""
    dialect = store.database.dialect
    # The remark stands as a word of JSON; nothing else in `why` is called so.
    rows = await store.fetch(
        f"""
        SELECT i.content_id, i.title, i.url, coalesce(m.name, i.member) AS member,
               {said(dialect, "number")} AS number, {said(dialect, "issued")} AS issued,
               CASE WHEN e.why LIKE ? THEN 1 ELSE 0 END AS unread
          FROM item i
          JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision
          LEFT JOIN member m ON m.code = i.member
         WHERE i.kind = 'document' AND i.state = 'live' AND i.public_at IS NOT NULL
           AND (e.why LIKE ? OR i.content_id IN (SELECT decision FROM announcement))
         ORDER BY coalesce(i.published, i.first_seen) DESC, i.content_id LIMIT ?
        """,
        f'%"{UNREAD}"%', f'%"{UNREAD}"%', limit,
    )  # fmt: skip
    counts = {
        row["decision"]: row
        for row in await store.fetch(
            "SELECT decision, count(*) AS lines, sum(CASE WHEN procedure = '' THEN 0 ELSE 1 END) AS linked"
            " FROM announcement GROUP BY decision"
        )
    }
    asked = dict[str, dict[str, int]]()
    for task in await store.fetch(
        "SELECT what, subject FROM task WHERE state = 'open' AND what IN ('unseen', 'still_there')"
    ):
        decision = task["subject"].split(":")[1]
        asked.setdefault(decision, {}).setdefault(task["what"], 0)
        asked[decision][task["what"]] += 1
    return [_decision(row, counts.get(row["content_id"], {}), asked.get(row["content_id"], {})) for row in rows]


def _decision(row: Row, counts: Row, asked: Mapping[str, int]) -> AnnouncingDecision:
    return AnnouncingDecision(
        content_id=row["content_id"], number=row["number"] or "", issued=row["issued"] or "", title=row["title"],
        member=row["member"], url=row["url"], unread=bool(row["unread"]), lines=int(counts.get("lines", 0)),
        linked=int(counts.get("linked", 0)), open=asked,
    )  # fmt: skip


async def called(store: Store, what: str) -> list[AnnouncingDecision]:
    """The decisions with this content id or number, however it is written."""
    key = number_key(what)
    return [
        one for one in await decisions(store) if what == one.content_id or (key and key == number_key(one.number))
    ]  # fmt: skip


async def lines(store: Store, decision: AnnouncingDecision) -> Sequence[AnnouncedLine]:
    """The lines of a decision, in its order."""
    rows = await store.fetch(
        "SELECT a.place, a.action, a.code, a.name, a.procedure, p.title, p.state FROM announcement a"
        " LEFT JOIN item p ON p.content_id = a.procedure WHERE a.decision = ? ORDER BY a.place",
        decision.content_id,
    )
    asked = dict[str, Row]()
    for some in parts([subject(decision.content_id, row["place"]) for row in rows]):
        tasks = await store.fetch(
            f"SELECT id, subject, what, state FROM task WHERE destination = '' AND subject IN ({marks(len(some))})",
            *some,
        )
        asked |= {task["subject"]: task for task in tasks}
    return [_line(row, asked.get(subject(decision.content_id, row["place"]), {})) for row in rows]


def _line(row: Row, task: Row) -> AnnouncedLine:
    return AnnouncedLine(
        place=row["place"], action=row["action"], code=row["code"], name=row["name"], procedure=row["procedure"],
        procedure_title=row["title"] or "", procedure_state=row["state"] or "", task=task.get("id", 0),
        task_what=task.get("what", ""), task_state=task.get("state", ""),
    )  # fmt: skip
