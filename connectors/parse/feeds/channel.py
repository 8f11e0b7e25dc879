"""What a feed says beside its records: when to come back, and what is gone."""

from datetime import datetime
from typing import Final

from connectors.base import Tombstone
from connectors.parse.dates import parse_date
from connectors.parse.feeds.xmlfeed import Slots
from connectors.parse.records import fingerprint
from connectors.parse.text import clean_text

_PERIODS: Final = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_592_000.0,
    "yearly": 31_536_000.0,
}


def tombstones(slots: Slots, now: datetime, timezone: str) -> list[Tombstone]:
    """What is gone: `at:deleted-entry` of RFC 6721."""
    stones = []
    for i, element in enumerate(slots.get("tombstone", ()), 1):
        guid, when = clean_text(element.get("ref") or ""), element.get("when") or ""
        if guid:
            at = parse_date(when, now=now, timezone=timezone) if when else None
            mark = fingerprint(f"{guid}\n{when}".encode())
            stones.append(Tombstone(pointer=f"deleted-entry {i}", guid=guid, at=at, fingerprint=mark))
    return stones


def ttl(slots: Slots) -> float | None:
    """When the feed asks to be read again, in seconds: `ttl` in minutes, or the syndication module."""
    if "ttl" in slots:
        text = (slots["ttl"][0].text or "").strip()
        return float(text) * 60 if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) else None
    if "period" in slots:
        period = _PERIODS.get((slots["period"][0].text or "").strip().lower())
        times = (slots["frequency"][0].text or "").strip() if "frequency" in slots else "1"
        if period and times.isascii() and times.isdigit() and len(times) < 5 and int(times):
            return period / int(times)
    return None
