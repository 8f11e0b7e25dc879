"""What destinations should show: asked for, asked for again, or seen there without a call of ours.

One row per item and destination holds what is wanted and what is shown. Wanting twice costs nothing, and wanting an
older revision changes nothing. Claims and calls are hub/store/delivering.py.

Whose turn it is where much waits (docs/adr/045-what-goes-out-first.md): withdrawals, then what a destination shows an
older edition of, then what it does not show yet; in each of these the newest item first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from connectors.base import Receipt
from hub.broker.base import deliver_queue
from hub.store.database import marks
from hub.store.instants import micros
from hub.store.unit import Unit

#: A turn is 0, 1 or 2 of these, less the item's time; microseconds since 1970 stay far below it.
_KIND = 10**17
#: That time: when the item was published, but never later than when we saw it; a date to come is a mistake.
_TURN = f"""
    CASE WHEN (SELECT e.withdrawal FROM edition e WHERE e.content_id = ? AND e.revision = ?) IS NULL
         THEN {2 * _KIND} ELSE 0 END
    - coalesce((SELECT CASE WHEN i.published < i.first_seen THEN i.published ELSE i.first_seen END
                  FROM item i WHERE i.content_id = ?), 0)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An approved edition and where routing sends it."""

    content_id: UUID
    revision: int
    destinations: tuple[str, ...]
    not_before: Mapping[str, datetime] = field(default_factory=dict)  #: destinations whose window is shut


async def want_everywhere(unit: Unit, editions: Sequence[Wanted]) -> None:
    """Approved editions go where they are routed, and wherever the item already is: nobody keeps an old text."""
    again = [str(e.content_id) for e in editions if e.revision > 1]
    places: dict[str, set[str]] = {}
    for start in range(0, len(again), 900):
        part = again[start : start + 900]
        for row in await unit.tx.fetch(
            f"SELECT content_id, destination FROM delivery WHERE content_id IN ({marks(len(part))})", *part
        ):
            places.setdefault(row["content_id"], set()).add(row["destination"])
    by_time: dict[datetime | None, list[tuple[str, UUID | str, int]]] = {}
    for e in editions:
        for name in sorted(set(e.destinations) | places.get(str(e.content_id), set())):
            by_time.setdefault(e.not_before.get(name), []).append((name, e.content_id, e.revision))
    for due_at, wanted in by_time.items():
        await want(unit, wanted, due_at=due_at)


async def want(
    unit: Unit, wanted: Iterable[tuple[str, UUID | str, int]], *, due_at: datetime | None = None
) -> None:  # fmt: skip
    """Ask that destinations show these revisions: (destination, content_id, revision).

    An upsert that never lowers the wanted revision. A row being sent keeps its lease: its settle sees that more is
    wanted. A newer revision frees what was refused or parked.
    """
    due = micros(due_at) if due_at else unit.at
    rows = list(wanted)
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        changed = await unit.tx.fetch(
            f"""
            INSERT INTO delivery (content_id, destination, wanted_revision, sent_revision, remote_id, receipt, state,
                                  wanted_at, error_code, error_sentence, attempts, due_at, lease_token, turn)
            VALUES {", ".join([f"(?, ?, ?, 0, '', '{{}}', 'ready', ?, '', '', 0, ?, '', {_TURN})"] * len(part))}
            ON CONFLICT (destination, content_id) DO UPDATE SET
              wanted_at = CASE WHEN delivery.wanted_revision = delivery.sent_revision
                               THEN excluded.wanted_at ELSE delivery.wanted_at END,
              wanted_revision = excluded.wanted_revision,
              state = CASE WHEN delivery.state = 'sending' THEN 'sending' ELSE 'ready' END,
              attempts = CASE WHEN delivery.state = 'sending' THEN delivery.attempts ELSE 0 END,
              due_at = CASE WHEN delivery.state = 'sending' THEN delivery.due_at ELSE excluded.due_at END,
              failed_since = CASE WHEN delivery.state = 'sending' THEN delivery.failed_since ELSE NULL END,
              error_code = '', error_sentence = '',
              turn = excluded.turn
                     - CASE WHEN excluded.turn > {_KIND} AND (delivery.sent_revision > 0 OR delivery.remote_id <> ''
                                                              OR delivery.state = 'sending') THEN {_KIND} ELSE 0 END
            WHERE excluded.wanted_revision > delivery.wanted_revision
            RETURNING id, destination
            """,
            *(
                value
                for name, item, revision in part
                for value in (str(item), name, revision, unit.at, due, str(item), revision, str(item))
            ),
        )  # fmt: skip
        for row in changed:
            unit.ring(deliver_queue(row["destination"]), row["id"])


async def shown(unit: Unit, destination: str, content_id: UUID | str, revision: int, receipt: Receipt) -> bool:
    """A person or a look at the destination says that this revision is there, or, of a withdrawal, that nothing is.

    False when something else is wanted there by now, of which nothing is said, or while a call is under way.
    """
    changed = await unit.tx.execute(
        """
        UPDATE delivery SET sent_revision = ?, state = 'done', receipt = ?, attempts = 0, failed_since = NULL,
               remote_id = CASE WHEN ? = '' THEN remote_id ELSE ? END, error_code = '', error_sentence = ''
         WHERE destination = ? AND content_id = ? AND wanted_revision = ? AND state NOT IN ('sending', 'done')
        """,
        revision, orjson.dumps(asdict(receipt)).decode(), receipt.remote_id, receipt.remote_id, destination,
        str(content_id), revision,
    )  # fmt: skip
    if changed:
        unit.tell("delivered", content_id=content_id, revision=revision, destination=destination,
                  why={"remote_id": receipt.remote_id, "status": receipt.status, "note": receipt.note})  # fmt: skip
    else:  # it is something to change or to withdraw all the same
        await unit.tx.execute(
            "UPDATE delivery SET sent_revision = ?, remote_id = CASE WHEN remote_id = '' THEN ? ELSE remote_id END"
            " WHERE destination = ? AND content_id = ? AND wanted_revision > ? AND sent_revision < ?",
            revision, receipt.remote_id, destination, str(content_id), revision, revision,
        )  # fmt: skip
    return bool(changed)


async def repeat(
    unit: Unit, destination: str, content_id: UUID | str, revision: int, *, unless_since: int, insists: bool = True
) -> bool:  # fmt: skip
    """Send again what the destination lost or changed: an effect of its own, with an idempotency key of its own.

    False when it is on its way, something else is wanted by now, or it was confirmed there since that moment
    (microseconds), by a call or by an officer: then whoever asks has looked before. Without `insists` also when an
    officer was asked for it, or a person whether it may be shown.
    """
    resting = "" if insists else ", 'asked', 'held'"
    rows = await unit.tx.fetch(
        f"""
        UPDATE delivery SET state = 'ready', repeats = repeats + 1, attempts = 0, failed_since = NULL, due_at = ?,
               wanted_at = ?, error_code = '', error_sentence = ''
         WHERE destination = ? AND content_id = ? AND wanted_revision = ? AND state NOT IN ('sending', 'ready'{resting})
           AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.delivery = delivery.id AND a.outcome = 'done'
                                                     AND a.ended_at > ?)
           AND NOT EXISTS (SELECT 1 FROM task t WHERE t.content_id = delivery.content_id AND t.state = 'done'
                                                  AND t.destination = delivery.destination AND t.closed_at > ?)
        RETURNING id
        """,
        unit.at, unit.at, destination, str(content_id), revision, unless_since, unless_since,
    )  # fmt: skip
    for row in rows:
        unit.ring(deliver_queue(destination), row["id"])
    return bool(rows)
