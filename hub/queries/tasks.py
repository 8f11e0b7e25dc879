"""What are officers asked to do by hand, and by which day?"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.queries.codes import calendar
from hub.rules.access import EVERYWHERE, Scope
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """One thing to do."""

    id: int
    what: str  #: enter, change, remove, unseen, still_there
    destination: str
    subject: str
    title: str
    content_id: str
    revision: int
    member: str
    opened_at: datetime
    due: date | None  #: None: no limit
    overdue: int  #: working days since it was due; 0: it is not
    unsure: bool  #: the calendar may still change the due day


async def open_tasks(
    store: Store, zone: ZoneInfo, *, destination: str | None = None, scope: Scope = EVERYWHERE
) -> list[OpenTask]:  # fmt: skip
    """Open tasks of one destination, or of all, most urgent first. Days are those of `zone`."""
    chosen = " AND t.destination = ?" if destination is not None else ""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        "SELECT t.*, coalesce(m.name, i.member, '') AS member FROM task t"
        " LEFT JOIN item i ON i.content_id = t.content_id LEFT JOIN member m ON m.code = i.member"
        " LEFT JOIN destination p ON p.name = t.destination"
        f" WHERE t.state = 'open' AND coalesce(p.state, '') <> 'removed'{chosen} AND {where}"
        " ORDER BY t.opened_at, t.id",
        *([destination] if destination is not None else []), *members,
    )  # fmt: skip
    days = await calendar(store)
    today = store.now().astimezone(zone).date()
    found = []
    for row in rows:
        opened_at = moment(row["opened_at"])
        due = days.add(opened_at.astimezone(zone).date(), row["days"]) if row["days"] else None
        found.append(
            OpenTask(
                id=row["id"], what=row["what"], destination=row["destination"], subject=row["subject"],
                title=row["title"], content_id=row["content_id"], revision=row["revision"], member=row["member"],
                opened_at=opened_at, due=due.day if due else None, unsure=bool(due and not due.sure),
                overdue=max(days.between(due.day, today), 0) if due else 0,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.due or date.max, one.id))
