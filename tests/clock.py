"""A clock that stands still until a test moves it: `clock.advance(hours=3)` instead of a sleep."""

from datetime import UTC, datetime, timedelta

#: A Monday morning in Vietnam; far enough from the real date that a stray call of the real clock is seen at once.
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Clock:
    """Time as a test wants it; pass `clock.now` wherever the hub asks for a source of time."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._now

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move forward and return the new moment."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._now
