"""Which approvals are planned for a later hour, and which plans came to nothing and need a person?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.rules.access import EVERYWHERE, Scope
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.states import PlanState
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedApproval:
    """One plan that waits, or is void."""

    content_id: UUID
    revision: int
    title: str
    member: str
    source: str
    at: datetime
    who: str
    why: str
    state: PlanState
    note: str  #: code of why it is void
    sentence: str  #: the same for a clerk


async def planned(
    store: Store, scope: Scope = EVERYWHERE, *, state: PlanState | None = None, content_id: UUID | None = None,
    limit: int = 100,
) -> list[PlannedApproval]:  # fmt: skip
    """Plans that wait or are void, or only one of the two, the earliest first; of one item, or of all in scope."""
    where, values = within(scope, "i.member")
    conditions, args = [where, "p.state IN ('waiting', 'void')"], list[object](values)
    for column, value in (("p.state", state), ("p.content_id", content_id and str(content_id))):
        if value is not None:
            conditions.append(f"{column} = ?")
            args.append(value)
    rows = await store.fetch(
        "SELECT p.*, i.member, i.source, CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title"
        " FROM planned p JOIN item i ON i.content_id = p.content_id"
        f" WHERE {' AND '.join(conditions)} ORDER BY p.at, p.content_id LIMIT ?",
        *args, limit,
    )  # fmt: skip
    return [
        PlannedApproval(
            content_id=UUID(row["content_id"]), revision=row["revision"], title=row["title"], member=row["member"],
            source=row["source"], at=moment(row["at"]), who=row["who"], why=row["why"], state=PlanState(row["state"]),
            note=row["note"], sentence=row["sentence"],
        )
        for row in rows
    ]  # fmt: skip
