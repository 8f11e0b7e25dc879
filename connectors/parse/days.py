"""Days as registers of documents write them: without a time, from 1945 on, in Vietnam's calendar.

    30/06/1989   1989-06-30T00:00:00   2015/09/30   19890630   ngày 30 tháng 6 năm 1989   /Date(615168000000)/

What programs put where there is no date is no date: 0001-01-01, 1753, 1900, 9999. A moment with a zone is the day on
which it was in Vietnam: databases there write midnight as 17:00 of the day before in UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connectors.parse.text import clean_text

#: Longest text that is read, in characters.
TEXT_LIMIT: Final = 120
_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
#: Documents before the republic are no documents of an office; nor are those of another century.
_FIRST: Final = date(1945, 1, 1)
_LAST: Final = date(2100, 1, 1)

_YEAR_FIRST: Final = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?\s?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DAY_FIRST: Final = re.compile(
    r"([0-9]{1,2})\s?[-/.]\s?([0-9]{1,2})\s?[-/.]\s?([0-9]{4})"
    r"(?:[ ,T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s?(?:AM|PM|SA|CH))?)?", re.IGNORECASE,
)  # fmt: skip
_WORDS: Final = re.compile(r"(?:ngày\s)?([0-9]{1,2})\stháng\s([0-9]{1,2}),?\snăm\s([0-9]{4})", re.IGNORECASE)
_COMPACT: Final = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[0-9]{6})?")
_DOTNET: Final = re.compile(r"/?Date\((-?[0-9]{1,14})(?:[+-][0-9]{4})?\)/?")
#: In place of a day: the first of calendars and of programs, and words; folded.
_NO_DAYS: Final = (
    "0000-", "0001-", "1753-", "1900-01-01", "9999-12-31", "00/00/0000", "01/01/0001", "1/1/0001", "01/01/1900",
    "1/1/1900", "31/12/9999", "date(-62135", "null", "none", "n/a",
)  # fmt: skip
_OPENING: Final = re.compile(r"(?:ngày|từ ngày|kể từ ngày)[\s:]+(?=[0-9])", re.IGNORECASE)


def read_day(text: str, *, day_first: bool = True) -> date | None:
    """The day that a text says, and nothing but a day; None for anything else. 05/11 is November unless `day_first`."""
    text = clean_text(text[: TEXT_LIMIT + 1]).strip(" .;,")
    if len(text) > TEXT_LIMIT:
        return None
    if found := _DOTNET.fullmatch(text):
        return _bounded_moment(int(found[1]))
    if found := _WORDS.fullmatch(text):
        return _day(found[3], found[2], found[1])
    text = _OPENING.sub("", text, count=1)
    if found := _YEAR_FIRST.fullmatch(text):
        if found[7] is not None:
            return _in_vietnam(text)
        return _day(found[1], found[2], found[3])
    if found := _DAY_FIRST.fullmatch(text):
        day, month = (found[1], found[2]) if day_first else (found[2], found[1])
        return _day(found[3], month, day)
    if found := _COMPACT.fullmatch(text):
        return _day(found[1], found[2], found[3])
    return None


def is_no_day(text: str) -> bool:
    """Whether a text is what programs write where there is no date, or says nothing: it is no faulty date."""
    text = clean_text(text[: TEXT_LIMIT + 1]).casefold().strip(" .-/_")
    return not text or text.startswith(_NO_DAYS)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _FIRST <= found < _LAST else None


def _in_vietnam(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text.replace("/", "-").replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        return None
    if moment.year < 2:  # the beginning of the calendar cannot be moved to another zone
        return None
    day = moment.astimezone(_VIETNAM).date() if moment.year < 9999 else moment.date()
    return day if _FIRST <= day < _LAST else None


def _bounded_moment(milliseconds: int) -> date | None:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        day = moment.astimezone(_VIETNAM).date()
    except OverflowError:
        return None
    return day if _FIRST <= day < _LAST else None
