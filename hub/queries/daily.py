"""How many new items did a source, or a member, bring on each of the last days?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from hub.store.instants import micros
from hub.store.unit import Store

DAYS: Final = 30
_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the hub's zone."""

    day: date
    items: int


async def daily(
    store: Store, zone: ZoneInfo, by: Literal["source", "member"], name: str, *, days: int = DAYS
) -> Sequence[Day]:  # fmt: skip
    """New items by day, the oldest day first; the last is today."""
    now = store.now().astimezone(zone)
    first = now.date() - timedelta(days=days - 1)
    since = micros(datetime(first.year, first.month, first.day, tzinfo=zone))
    shift = (now.utcoffset() or timedelta()) // timedelta(microseconds=1)
    rows = await store.fetch(
        f"SELECT (first_seen + CAST(? AS BIGINT)) / {_DAY} AS day, count(*) AS n FROM item"
        f" WHERE {by} = ? AND changed_at >= ? AND first_seen >= ? GROUP BY 1",
        shift, name, since, since,
    )  # fmt: skip
    counts = {date.fromordinal(_EPOCH + row["day"]): row["n"] for row in rows}
    return [Day(day, counts.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]
