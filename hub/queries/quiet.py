"""Which sources answer well and have nothing new to say for longer than they ever do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.quiet import Quiet, quiet
from hub.store.instants import micros
from hub.store.scoping import within
from hub.store.unit import Store

#: how far back a rhythm is looked for
LOOK_BACK = timedelta(days=180)
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSource:
    """A source that is quiet for too long."""

    source: str
    member: str
    since: date
    days: int
    usual: int | None
    sentence: str


async def quiet_sources(store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE) -> list[QuietSource]:
    """Quiet sources, longest first. Those that are paused, refused or have a fault are not among them: that is why."""
    now = store.now().astimezone(zone)
    where, members = within(scope, "s.member")
    rows = await store.fetch(
        f"""
        SELECT DISTINCT s.name, s.member, (i.first_seen + CAST(? AS BIGINT)) / {_DAY} AS day
          FROM source s JOIN item i ON i.source = s.name
         WHERE s.state = 'active' AND s.fault_code = '' AND i.first_seen >= ? AND {where}
        """,
        _offset(now), micros(now - LOOK_BACK), *members,
    )  # fmt: skip
    days: dict[tuple[str, str], list[date]] = {}
    for row in rows:
        days.setdefault((row["name"], row["member"]), []).append(date.fromordinal(_EPOCH + row["day"]))
    found = [
        (source, member, verdict)
        for (source, member), seen in days.items()
        if (verdict := quiet(today=now.date(), days=seen)) is not None
    ]
    return _sorted(found)


_EPOCH = date(1970, 1, 1).toordinal()


def _offset(now: datetime) -> int:
    """Microseconds by which the local day begins before that of UTC; Vietnam has no daylight saving."""
    return (now.utcoffset() or timedelta()) // timedelta(microseconds=1)


def _sorted(found: Sequence[tuple[str, str, Quiet]]) -> list[QuietSource]:
    return [
        QuietSource(
            source=source, member=member, since=one.since, days=one.days, usual=one.usual, sentence=one.sentence
        )
        for source, member, one in sorted(found, key=lambda each: (-each[2].days, each[0]))
    ]  # fmt: skip
