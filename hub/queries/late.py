"""Which deliveries are late, and what do they wait for? The oldest first."""

from dataclasses import dataclass
from datetime import datetime

from hub.queries.status import LATE
from hub.rules.access import EVERYWHERE, Scope
from hub.store.instants import micros, moment
from hub.store.scoping import within
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDelivery:
    """One item that should be at a destination since long ago."""

    content_id: str
    title: str  #: empty where only the duty officer may see it
    member: str
    destination: str
    destination_state: str  #: active, paused, blocked
    state: str
    since: datetime
    due_at: datetime
    attempts: int
    sentence: str  #: what went wrong last; empty: nothing, it waits for its turn


async def late_deliveries(store: Store, *, scope: Scope = EVERYWHERE, limit: int = 200) -> list[LateDelivery]:
    """Deliveries that are ready or under way, and behind for more than `hub.queries.status.LATE`."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        "SELECT d.content_id, CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title,"
        " coalesce(m.name, i.member) AS member, d.destination, p.state AS place, d.state, d.wanted_at, d.due_at,"
        " d.attempts, d.error_sentence FROM delivery d JOIN item i ON i.content_id = d.content_id"
        " JOIN destination p ON p.name = d.destination LEFT JOIN member m ON m.code = i.member"
        " WHERE d.state IN ('ready', 'sending') AND p.state <> 'removed' AND d.wanted_at < ?"
        f" AND {where} ORDER BY d.wanted_at, d.id LIMIT ?",
        micros(store.now() - LATE), *members, limit,
    )  # fmt: skip
    return [
        LateDelivery(
            content_id=row["content_id"], title=row["title"], member=row["member"], destination=row["destination"],
            destination_state=row["place"], state=row["state"], since=moment(row["wanted_at"]),
            due_at=moment(row["due_at"]), attempts=row["attempts"], sentence=row["error_sentence"],
        )
        for row in rows
    ]  # fmt: skip
