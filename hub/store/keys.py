"""Natural keys at destinations: the code of a procedure, the number of a document. One item at a time has one.

Two members that claim one code would write over each other for ever, so the second is refused before anything is sent.
"""

from dataclasses import dataclass

from hub.store.delivering import DeliveryClaim
from hub.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The item that has a key."""

    content_id: str
    member: str
    member_name: str
    source: str
    title: str


async def take(store: Store, unit: Unit, claim: DeliveryClaim, key: str) -> Holder | None:
    """Give the item of a claim this key at its destination; returns who has it, if that is another live item.

    Raises LeaseLostError.
    """
    if store.database.dialect == "postgres":  # two hosts that look at once would both find it free
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(hashtext(?))", f"{claim.destination} {key}")
    rows = await unit.tx.fetch(
        """
        SELECT d.content_id, i.member, i.source, i.title, coalesce(m.name, i.member) AS member_name
          FROM delivery d JOIN item i ON i.content_id = d.content_id LEFT JOIN member m ON m.code = i.member
         WHERE d.destination = ? AND d.key = ? AND d.id <> ?
           -- a withdrawn item keeps its key until the destination has taken it back
           AND NOT (i.state = 'withdrawn' AND d.state = 'done') LIMIT 1
        """,
        claim.destination, key, claim.id,
    )  # fmt: skip
    if rows:
        return Holder(**rows[0])
    await unit.fenced(
        "UPDATE delivery SET key = ? WHERE id = ? AND attempts = ? AND lease_token = ?",
        key, claim.id, claim.attempts, claim.token,
    )  # fmt: skip
    return None
