"""Natural keys at destinations: the code of a procedure, the number of a document. One item at a time has one.

Two members that claim one code would write over each other for ever, so the second is refused before anything is sent.
"""

from dataclasses import dataclass

from hub.broker.base import deliver_queue
from hub.store.delivering import DeliveryClaim
from hub.store.unit import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The item that has a key."""

    content_id: str
    member: str
    member_name: str
    source: str
    title: str


#: Condition on a delivery; that a key is not empty is said because it names the partial index.
IS = "key = ? AND key <> ''"
#: Longest key that fits its column, in characters.
KEY_LIMIT = 300
#: error code of an item whose natural key another item has
KEY_TAKEN = "key_taken"


async def lock(unit: Unit, destination: str, key: str) -> None:
    """Be the only one that decides who has this key, until the end of the transaction."""
    if unit.tx.dialect == "postgres":  # two hosts that look at once would both find it free
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(hashtext(?))", f"{destination} {key}")


async def take(unit: Unit, claim: DeliveryClaim, key: str) -> Holder | None:
    """Give the item of a claim this key at its destination; returns who has it, if that is another live item.

    Raises LeaseLostError.
    """
    await lock(unit, claim.destination, key)
    # A withdrawn item keeps its key until the destination has taken it back. Then it has it no more: if it comes back,
    # it has to ask for it again.
    await unit.tx.execute(
        f"UPDATE delivery SET key = '' WHERE destination = ? AND {IS} AND id <> ? AND state = 'done'"
        " AND content_id IN (SELECT content_id FROM item WHERE state = 'withdrawn')",
        claim.destination, key, claim.id,
    )  # fmt: skip
    rows = await unit.tx.fetch(
        f"""
        SELECT d.content_id, i.member, i.source, CASE WHEN i.restricted = 1 THEN i.guid ELSE i.title END AS title,
               coalesce(m.name, i.member) AS member_name
          FROM delivery d JOIN item i ON i.content_id = d.content_id LEFT JOIN member m ON m.code = i.member
         WHERE d.destination = ? AND {IS} AND d.id <> ? LIMIT 1
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


async def set_free(unit: Unit, destination: str) -> None:
    """Something was taken back there: whoever was refused because another item has the key may ask again."""
    rows = await unit.tx.fetch(
        "UPDATE delivery SET state = 'ready', due_at = ?, attempts = 0, failed_since = NULL, error_code = '',"
        " error_sentence = '' WHERE destination = ? AND state = 'refused' AND error_code = ? RETURNING id",
        unit.at, destination, KEY_TAKEN,
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(destination), row["id"])
