"""Is there anything to do now? Asked by `hub once` before it ends, and by the front page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.store.instants import micros
from hub.store.unit import Store

#: Of each kind so many are counted: nobody asks for more than whether there is anything, and some ask all the time.
COUNTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Rows that are due or in somebody's hands now, of some kinds COUNTED at most."""

    sources: int
    pages: int  #: items that wait for their own pages, and backfills
    captures: int
    deliveries: int
    reconciliations: int
    mails: int = 0

    def __bool__(self) -> bool:
        return bool(
            self.sources or self.pages or self.captures or self.deliveries or self.reconciliations or self.mails
        )


async def backlog(store: Store, *, sources_until: datetime | None = None, mails: bool = False) -> Backlog:
    """What is due now; work that waits longer, for a person or for a paused endpoint is not.

    `sources_until` counts only sources that were due by then; `mails` counts mails too, which nobody sends without a
    mail server.
    """
    due = micros(store.now())
    polls = micros(sources_until) if sources_until else due
    # States are said as the partial indexes have them: settled captures, whose rows are large, are not walked through.
    # `+` keeps SQLite from walking through all sources that are not due to find the few that are leased.
    [row] = await store.fetch(
        f"""
        SELECT (SELECT count(*) FROM (SELECT 1 AS one
                  FROM source WHERE state = 'active' AND due_at <= ? LIMIT {COUNTED}) AS s)
               + (SELECT count(*) FROM source WHERE state = 'active' AND lease_until >= ? AND +due_at > ?) AS sources,
               (SELECT count(*) FROM article a JOIN source s ON s.name = a.source AND s.state = 'active'
                 WHERE a.state IN ('wanted', 'watched')
                   AND (a.lease_until >= ? OR (a.state = 'wanted' AND a.due_at <= ?)))
               + (SELECT count(*) FROM walk w JOIN source s ON s.name = w.source AND s.state = 'active'
                 WHERE w.state = 'running' AND (w.lease_until >= ? OR w.due_at <= ?)) AS pages,
               (SELECT count(*) FROM (SELECT 1 AS one
                  FROM capture c JOIN source s ON s.name = c.source AND s.state <> 'removed'
                 WHERE c.state IN ('new', 'working') AND (c.state = 'working' OR c.due_at <= ?)
                   AND NOT EXISTS (SELECT 1 FROM capture e WHERE e.source = c.source AND e.id < c.id
                                      AND e.state IN ('new', 'working', 'held')
                                      AND (e.state = 'held' OR (e.state = 'new' AND e.due_at > ?)))
                 LIMIT {COUNTED}) AS c) AS captures,
               (SELECT count(*) FROM (SELECT 1 AS one
                  FROM delivery d JOIN destination p ON p.name = d.destination
                 WHERE (d.state = 'sending' AND d.lease_until >= ?)
                    OR (d.state IN ('ready', 'sending') AND d.due_at <= ? AND p.state = 'active'
                        AND NOT (p.restored_at IS NOT NULL AND coalesce(p.checked_at, 0) < p.restored_at)
                        AND (p.open_until IS NULL OR p.open_until <= ?)) LIMIT {COUNTED}) AS d) AS deliveries,
               (SELECT count(*) FROM reconciliation r JOIN destination p ON p.name = r.destination
                 WHERE r.state IN ('pulling', 'comparing', 'applying') AND p.state IN ('active', 'blocked')
                   AND (r.lease_until >= ? OR r.due_at <= ?)) AS reconciliations,
               (SELECT count(*) FROM mail WHERE state IN ('ready', 'sending') AND CAST(? AS INTEGER) = 1
                   AND (lease_until >= ? OR due_at <= ?)) AS mails
        """,
        polls, due, polls, due, due, due, due, due, due, due, due, due, due, due,
        int(mails), due, due,
    )  # fmt: skip
    return Backlog(**row)


async def left_of_round(store: Store, *, began: datetime, mails: bool = False) -> int:
    """How much at least is left of a round that began then; 0: it is over. Sources that became due again since do not
    count.
    """
    # Sources first: what one of them has brought since stands among the captures that are counted after it.
    [row] = await store.fetch("SELECT count(*) AS n FROM source WHERE state = 'active' AND due_at <= ?", micros(began))
    if row["n"]:
        return int(row["n"])
    now = await backlog(store, sources_until=began, mails=mails)
    return now.pages + now.captures + now.deliveries + now.reconciliations + now.mails
