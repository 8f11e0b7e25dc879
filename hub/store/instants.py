"""Times in the database: integer microseconds since 1970-01-01 UTC, the same on SQLite and PostgreSQL.

Text timestamps compare wrongly as soon as one row was written with another offset (measured with Tortoise on SQLite),
so no dialect's own timestamp type is used; docs/adr/010 has the options.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Database form of an aware time; a naive one is a defect."""
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    return (at - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    """Aware UTC time of a database value."""
    return EPOCH + timedelta(microseconds=value)


def maybe_micros(at: datetime | None) -> int | None:
    """As `micros`, None stays None."""
    return None if at is None else micros(at)


def maybe_moment(value: int | None) -> datetime | None:
    """As `moment`, None stays None."""
    return None if value is None else moment(value)
