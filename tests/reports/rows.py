"""Plain rows that reports are made of: items as they count, put into the database without a pipeline before them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from hub.rules.tallies import day_number
from hub.store.instants import maybe_micros, micros
from hub.store.unit import Store

_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One item as it counts; a test names what it cares about."""

    day: date
    member: str = "H52.12"
    category: str = "news"
    kind: str = "news"
    state: str = "public"
    author: str = ""
    photos: int = 0
    files: int = 0
    dated: int = 1
    issued: date | None = None
    hours: float | None = None  #: from publication to the public
    story: str = ""  #: empty: it is the origin
    content_id: str = field(default_factory=lambda: f"{next(_NUMBERS):036}")


async def put(store: Store, *rows: Row) -> None:
    """Write them."""
    async with store.unit() as unit:
        await unit.tx.execute_many(
            "INSERT INTO tally (content_id, source, member, kind, category, state, day, dated, issued, author, photos,"
            " files, published, first_seen, approved_at, first_public, story)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_values(row) for row in rows],
        )


def _values(row: Row) -> tuple[Any, ...]:
    seen = datetime.combine(row.day, datetime.min.time(), UTC) + timedelta(hours=1)
    public = seen + timedelta(hours=row.hours) if row.hours is not None and row.state == "public" else None
    return (
        row.content_id, "tin", row.member, row.kind, row.category, row.state, day_number(row.day), row.dated,
        None if row.issued is None else day_number(row.issued), row.author, row.photos, row.files,
        micros(seen) if row.dated else None, micros(seen), maybe_micros(public), maybe_micros(public),
        row.story or row.content_id,
    )  # fmt: skip
