"""How is the hub, in numbers for monitoring? What is asked every few seconds is cheap; wholes are counted apart.

gauges    what waits, and for how long: partial indexes and small tables
totals    every row by state, in steps: no other question waits for long behind one of them
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.queries.status import LATE
from hub.store.database import Row
from hub.store.instants import micros
from hub.store.unit import Store

#: Ids that one statement of `totals` looks at: some 10 ms on SQLite, whose one reading connection serves everybody.
STEP: Final = 20_000
#: Tables whose rows are counted by state.
COUNTED: Final = ("capture", "edition", "delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What is so now; ages in seconds, None where there is nothing that could be old."""

    sources: Mapping[str, int]  #: by state
    failing: Mapping[str, int]  #: sources with a fault, by whose it is
    newest_capture_age: float | None
    destinations: Mapping[str, str]  #: state by name
    waiting: Mapping[str, int]  #: deliveries that are ready or under way, by destination
    late: Mapping[str, int]  #: of these, behind for more than `hub.queries.status.LATE`
    oldest_waiting_age: Mapping[str, float]
    held: int  #: editions that wait for the board
    restricted: int  #: editions that wait for the duty officer
    alarms: int  #: that nobody has looked at
    open_attempts: int  #: calls under way, or whose end nobody knows
    mails: Mapping[str, int]  #: by state
    sessions: int
    unsealed: int  #: events that have no place in the chain yet
    schema: str  #: newest migration


async def gauges(store: Store) -> Gauges:
    """A handful of statements that stay cheap however much the hub holds."""
    fetch, now = store.fetch, micros(store.now())
    waiting = await fetch(
        "SELECT d.destination AS name, count(*) AS n, min(d.wanted_at) AS oldest,"
        " sum(CASE WHEN d.wanted_at < ? THEN 1 ELSE 0 END) AS late FROM delivery d"
        " WHERE d.state IN ('ready', 'sending') GROUP BY d.destination",
        micros(store.now() - LATE),
    )
    places = {
        row["name"]: row["state"]
        for row in await fetch("SELECT name, state FROM destination WHERE state <> 'removed' ORDER BY name")
    }
    waits = {row["name"]: row for row in waiting if row["name"] in places}
    [ones] = await fetch(
        """
        SELECT (SELECT count(*) FROM edition WHERE state = 'held' AND restricted = 0) AS held,
               (SELECT count(*) FROM edition WHERE state = 'held' AND restricted <> 0) AS restricted,
               (SELECT count(*) FROM alarm WHERE seen_at IS NULL) AS alarms,
               (SELECT count(*) FROM attempt WHERE outcome = 'open') AS attempts,
               (SELECT count(*) FROM session WHERE expires_at > ?) AS sessions,
               (SELECT count(*) FROM event WHERE sequence IS NULL) AS unsealed,
               (SELECT fetched_at FROM capture ORDER BY id DESC LIMIT 1) AS newest,
               (SELECT max(name) FROM tortoise_migrations WHERE app = 'hub') AS migration
        """,
        now,
    )
    return Gauges(
        sources=_counted(await fetch("SELECT state AS name, count(*) AS n FROM source GROUP BY state")),
        failing=_counted(
            await fetch(
                "SELECT fault_side AS name, count(*) AS n FROM source WHERE fault_code <> '' AND state <> 'removed'"
                " GROUP BY fault_side"
            )
        ),
        newest_capture_age=_age(now, ones["newest"]) if ones["newest"] is not None else None,
        destinations=places,
        waiting={name: waits[name]["n"] if name in waits else 0 for name in places},
        late={name: int(waits[name]["late"]) if name in waits else 0 for name in places},
        oldest_waiting_age={name: _age(now, waits[name]["oldest"]) if name in waits else 0.0 for name in places},
        held=ones["held"], restricted=ones["restricted"], alarms=ones["alarms"], open_attempts=ones["attempts"],
        mails=_counted(await fetch("SELECT state AS name, count(*) AS n FROM mail GROUP BY state")),
        sessions=ones["sessions"], unsealed=ones["unsealed"], schema=ones["migration"] or "",
    )  # fmt: skip


async def totals(store: Store, step: int = STEP) -> dict[str, dict[str, int]]:
    """Rows of COUNTED by state. Takes time with the number of rows, and leaves room for others between its steps."""
    found = dict[str, dict[str, int]]()
    for table in COUNTED:
        counts = Counter[str]()
        [row] = await store.fetch(f"SELECT coalesce(max(id), 0) AS last FROM {table}")
        for start in range(0, row["last"], step):
            counts.update(
                _counted(
                    await store.fetch(
                        f"SELECT state AS name, count(*) AS n FROM {table} WHERE id > ? AND id <= ? GROUP BY state",
                        start, start + step,
                    )
                )
            )  # fmt: skip
        found[table] = dict(counts)
    return found


def _age(now: int, then: int) -> float:
    return max(0, now - then) / 1_000_000


def _counted(rows: list[Row]) -> dict[str, int]:
    return {row["name"]: row["n"] for row in rows}
