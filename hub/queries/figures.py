"""How much came, was approved, delivered and withdrawn in the last days, and of which kinds today?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hub.rules.access import EVERYWHERE, Scope
from hub.store.instants import micros
from hub.store.scoping import within
from hub.store.unit import Store

DAYS: Final = 14
#: In the order in which an item lives.
FIGURES: Final = ("new", "approved", "delivered", "withdrawn")
_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of some days in the hub's zone, the oldest first; the last is today."""

    days: Sequence[date]
    by_day: Mapping[str, Sequence[int]]  #: by figure
    today: Mapping[str, Mapping[str, int]]  #: by kind, by figure


async def figures(store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE, days: int = DAYS) -> Figures:
    """Counts of the last days. What changed since then is found by `item.changed_at`: each of these changes an item."""
    now = store.now().astimezone(zone)
    first = now.date() - timedelta(days=days - 1)
    since = micros(datetime(first.year, first.month, first.day, tzinfo=zone))
    shift = (now.utcoffset() or timedelta()) // timedelta(microseconds=1)
    where, members = within(scope, "i.member")
    # Materialised, and joined in this order: else SQLite reads all items and all editions for the groups' sake, which
    # takes four times as long at 600,000 items.
    rows = await store.fetch(
        f"""
        WITH changed AS MATERIALIZED (
            SELECT i.content_id, i.kind, i.first_seen FROM item i WHERE i.changed_at >= ? AND {where}
        )
        SELECT c.kind, 'new' AS figure, (c.first_seen + CAST(? AS BIGINT)) / {_DAY} AS day, count(*) AS n
          FROM changed c WHERE c.first_seen >= ? GROUP BY 1, 2, 3
        UNION ALL
        SELECT c.kind, CASE WHEN e.state = 'withdrawn' THEN 'withdrawn' ELSE 'approved' END,
               (e.decided_at + CAST(? AS BIGINT)) / {_DAY}, count(*)
          FROM changed c CROSS JOIN edition e
         WHERE e.content_id = c.content_id AND e.decided_at >= ? AND e.state <> 'rejected' GROUP BY 1, 2, 3
        UNION ALL
        SELECT i.kind, 'delivered', (a.ended_at + CAST(? AS BIGINT)) / {_DAY}, count(*)
          FROM attempt a JOIN delivery d ON d.id = a.delivery JOIN item i ON i.content_id = d.content_id
         WHERE a.id >= ? AND a.ended_at >= ? AND a.outcome = 'done' AND {where} GROUP BY 1, 2, 3
        """,
        since, *members, shift, since, shift, since, shift, await _first_attempt(store, since), since, *members,
    )  # fmt: skip
    by_day = {figure: [0] * days for figure in FIGURES}
    today: dict[str, dict[str, int]] = {}
    for row in rows:
        place = _EPOCH + row["day"] - first.toordinal()
        if 0 <= place < days:
            by_day[row["figure"]][place] += row["n"]
        if place == days - 1:
            today.setdefault(row["kind"], dict.fromkeys(FIGURES, 0))[row["figure"]] += row["n"]
    return Figures(days=[first + timedelta(days=n) for n in range(days)], by_day=by_day, today=today)


async def _first_attempt(store: Store, since: int) -> int:
    """The id from which attempts began at `since` or later. Ids rise with the time, and time has no index of its own:
    halving finds the place in some twenty looks by id. An hour is allowed for hosts whose clocks differ."""
    [row] = await store.fetch("SELECT coalesce(min(id), 0) AS low, coalesce(max(id), 0) AS high FROM attempt")
    low, high = row["low"], row["high"] + 1
    while low < high:
        middle = (low + high) // 2
        found = await store.fetch("SELECT id, started_at FROM attempt WHERE id >= ? ORDER BY id LIMIT 1", middle)
        if found and found[0]["started_at"] < since - 3_600_000_000:
            low = found[0]["id"] + 1
        else:
            high = middle
    return int(low)
