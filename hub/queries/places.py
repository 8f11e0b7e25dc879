"""What became of deliveries to each destination in some time?"""

from datetime import datetime
from typing import Final

from hub.reports.snapshot import Place
from hub.store.instants import micros
from hub.store.unit import Store

#: The hub's own exchange, which is no place where anybody reads.
_EVENTS: Final = "events"


async def places(store: Store, begin: datetime, end: datetime) -> list[Place]:
    """Each destination that is in use, or was in this time, by name; from `begin` until before `end`.

    A delivery counts by its calls that ended then: the first one that was taken delivers, later ones edit or withdraw.
    What waits does so at `end`, or now where that lies ahead.
    """
    between = micros(begin), micros(end)
    calls = await store.fetch(
        """
        SELECT d.destination,
               count(CASE WHEN a.outcome = 'done' AND e.withdrawal IS NULL AND a.id = f.first THEN 1 END) AS delivered,
               count(CASE WHEN a.outcome = 'done' AND e.withdrawal IS NULL AND a.id <> f.first THEN 1 END) AS edits,
               count(CASE WHEN a.outcome = 'done' AND e.withdrawal IS NOT NULL THEN 1 END) AS withdrawals,
               count(DISTINCT CASE WHEN a.outcome = 'refused' THEN a.delivery END) AS refused
          FROM attempt a
          JOIN delivery d ON d.id = a.delivery
          LEFT JOIN edition e ON e.content_id = d.content_id AND e.revision = a.revision
          LEFT JOIN (SELECT delivery, min(id) AS first FROM attempt WHERE outcome = 'done' GROUP BY delivery) f
            ON f.delivery = a.delivery
         WHERE a.outcome IN ('done', 'refused') AND a.ended_at >= ? AND a.ended_at < ?
         GROUP BY d.destination
        """,
        *between,
    )
    # Those that have settled since waited at the end if what they brought then was decided before it.
    waiting = await store.fetch(
        """
        SELECT destination, count(*) AS n FROM (
          SELECT id, destination FROM delivery
           WHERE state IN ('ready', 'sending', 'asked', 'held', 'parked') AND wanted_at < ?
          UNION
          SELECT d.id, d.destination FROM attempt a
            JOIN delivery d ON d.id = a.delivery
            JOIN edition e ON e.content_id = d.content_id AND e.revision = a.revision
           WHERE a.outcome = 'done' AND a.ended_at >= ? AND coalesce(e.decided_at, e.seen_at) < ?
             AND NOT EXISTS (SELECT 1 FROM attempt b WHERE b.delivery = a.delivery AND b.revision >= a.revision
                                AND b.outcome = 'done' AND b.ended_at < ?)
        ) waits GROUP BY destination
        """,
        between[1], between[1], between[1], between[1],
    )  # fmt: skip
    used = await store.fetch("SELECT name FROM destination WHERE state <> 'removed'")
    came = {row["destination"]: row for row in calls}
    left = {row["destination"]: row["n"] for row in waiting}
    names = ({row["name"] for row in used} | set(came) | set(left)) - {_EVENTS}
    return [
        Place(
            name=name, waiting=left.get(name, 0),
            **{
                what: came[name][what] if name in came else 0
                for what in ("delivered", "edits", "withdrawals", "refused")
            },
        )
        for name in sorted(names)
    ]  # fmt: skip
