"""Dates as Vietnamese portals and feeds write them. What is not surely a date stays unknown: it never becomes "now".

text -> machine forms (ISO 8601, Unix time, .NET)           exact, fast
     -> e-mail form (RFC 822)                               exact, fast
     -> parts: zone, time of day, day; nothing else may be left but words that go with dates
     -> dateparser, for a month in words
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as offset_zone
from functools import lru_cache
from zoneinfo import ZoneInfo

#: Longest text that is read, in characters; a date is shorter, and a sentence is not a date.
TEXT_LIMIT = 100
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_DAY = timedelta(days=1)
#: How far two clocks may be apart.
_CLOCKS = timedelta(minutes=5)

_MONTHS = {
    word: number
    for number, forms in enumerate(
        [
            "jan january janvier janv enero januar",
            "feb february février févr fév februar febrero",
            "mar march mars märz marzo",
            "apr april avril avr abril",
            "may mai mayo",
            "jun june juin juni junio",
            "jul july juillet juil juli julio",
            "aug august août agosto",
            "sep sept september septembre septiembre",
            "oct october octobre oktober octubre",
            "nov november novembre noviembre",
            "dec december décembre déc dezember diciembre",
        ],
        start=1,
    )
    for word in forms.split()
}

#: Hours east of Greenwich. Letters with several meanings (CST, IST) have the one of RFC 822, or none.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "etc/gmt": 0, "etc/utc": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "msk": 3, "ict": 7, "sgt": 8, "hkt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "at": -4, "ast": -4, "adt": -3, "et": -5, "est": -5, "edt": -4, "ct": -6, "cst": -6, "cdt": -5, "mt": -7, "mst": -7,
    "mdt": -6, "pt": -8, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]{4,20}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_EMAIL = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?([0-9]{1,2})[ -]([A-Za-z]{3,9})[ -]([0-9]{4}|[0-9]{2})"
    r"\s+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?\s*([+-][0-9]{4}|[A-Z]{1,4})"
)
_PORTAL = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:[ T,|-]{1,3}([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_DOTNET = re.compile(r"/?Date\((-?[0-9]{1,14})([+-][0-9]{4})?\)/?")
_UNIX = re.compile(r"([1-4][0-9]{9})([0-9]{3})?")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?(Z)?)?")

#: GMT+7 is seven hours east; brackets around it and a comment behind it go with it.
_ZONE = re.compile(r"\(?\b(?:gmt|utc)\s?([+-])\s?([0-9]{1,2})(?::?([0-9]{2}))?\b\)?")
_ZONE_COMMENT = re.compile(r"^\s?\([a-zà-ỹ ]{4,60}\)")
_ZONE_NAME = re.compile(
    r"\b(?:america|asia|europe|australia|africa|pacific|atlantic|indian)/[a-z]+(?:[_/-][a-z]+){0,3}"
)
_ZONE_WORD = re.compile(
    r"(?<=[0-9 (])("
    + "|".join(sorted(map(re.escape, _ZONES), key=len, reverse=True))
    + r")\b\)?(?=$| (?:19|20)[0-9]{2}$)"
)
#: An offset right behind the time of day.
_NUMBER_ZONE = re.compile(r"\s?([+-])([0-9]{2})(?::?([0-9]{2}))?(?![0-9/.:-])")
_TIME = re.compile(
    r"(?<![0-9:./+-])([0-9]{1,2})\s*(?::|h|giờ|g)\s*([0-9]{2})?(?:\s*(?::|phút|')\s*(?:([0-9]{2})(?![0-9h])(?:[.,][0-9]+)?)?)?"
    r"\s*(?:giây|phút|')?\s*((?:am|pm|a\.m\.?|p\.m\.?|sa|ch|sáng|chiều|tối)(?![a-zà-ỹ]))?"
)
_NAMED_DAY = re.compile(
    r"\b(?:ngày\s+)?([0-9]{1,2})(?:st|nd|rd|th)?(?:\s*(?:tháng|thg\.?|,)\s*|\s+|-)([0-9]{1,2}|[^\W\d_]{3,9}\.?)"
    r"(?:\s*,\s*|\s+|-)(?:năm\s+)?((?:19|20)[0-9]{2})\b"
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)((?:19|20)[0-9]{2})\b")
_YEAR_FIRST = re.compile(r"(?<![0-9/.-])((?:19|20)[0-9]{2})\s?([/.-])\s?([0-9]{1,2})\s?\2\s?([0-9]{1,2})(?![0-9/.-])")
_YEAR_LAST = re.compile(
    r"(?<![0-9/.-])([0-9]{1,2})\s?([/.-])\s?([0-9]{1,2})\s?\2\s?((?:19|20)[0-9]{2}|(?<=[/.])[0-9]{2})(?![0-9/-])"
)
#: The place before the day, as in letters: Hà Nội, ngày 20 tháng 11 năm 2026.
_PLACE = re.compile(r"^(?:tp\.? ?)?(?:[^\W\d_]+ ){0,3}[^\W\d_]+, (?=ngày [0-9])")
_AROUND = re.compile(
    r"\b(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+nhật|cn|t[2-7]|ngày|đăng|lúc|vào|cập\s+nhật|lần\s+cuối|xuất\s+bản"
    r"|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|at|on|published"
    r"|updated|lun(?:di)?|mer(?:credi)?|jeu(?:di)?|ven(?:dredi)?|sam(?:edi)?|dim(?:anche)?|mar(?:di)?)\b|[\s,;:|.()\[\]'’–—-]+"
)


def parse_date(
    text: str, *, now: datetime | None = None, timezone: str = "Asia/Ho_Chi_Minh", day_first: bool = True
) -> datetime | None:
    """The instant that `text` names, with its offset, or None when that is not certain.

    An offset in the text is honoured, and GMT+7 is seven hours east; without one the time is local to `timezone` (an
    IANA name), and a day alone is its midnight. `day_first` reads 05/11/2026 as 5 November; 11/20/2026 can only be
    20 November and is read so either way. Refused: incomplete or impossible dates, relative words, years before 1970
    or after 2100, and, when `now` is given, what lies more than a day after it.

    Many sites write their local time and call it GMT. Such a date is seen while it is new: it lies in the future by
    just those hours, and is then taken as local.
    """
    if not 6 <= len(text) <= TEXT_LIMIT:
        text = text.strip()
        if not 6 <= len(text) <= TEXT_LIMIT:
            return None
    zone = _zone(timezone)
    try:
        moment = _machine(text.strip(), zone, day_first) or _spoken(text, zone, day_first)
    except (ValueError, OverflowError):  # a part out of its range: 32/13/2026, 25:00
        return None
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    if now is None or moment <= now:
        return moment
    if moment > now + _CLOCKS and _is_called_utc(text, moment):
        local = moment.replace(tzinfo=zone)
        moment = local if local <= now + _CLOCKS else moment
    return None if moment > now + _DAY else moment


#: An instance that the cache of zoneinfo finds by itself, at a fifth of the cost.
_zone = lru_cache(maxsize=64)(ZoneInfo)


def _is_called_utc(text: str, moment: datetime) -> bool:
    """Whether the text itself says UTC; a number of seconds only means it, and no site writes one in local time."""
    text = text.strip()
    return moment.utcoffset() == timedelta() and not (_UNIX.fullmatch(text) or _DOTNET.fullmatch(text))


def _machine(s: str, zone: tzinfo, day_first: bool) -> datetime | None:
    """The forms that programs write. None when `s` has none of them; ValueError when it has one and is impossible."""
    if s[:1].isdigit() and _ISO.fullmatch(s):
        moment = datetime.fromisoformat(s.replace(",", "."))
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if found := _EMAIL.fullmatch(s):
        day_said, name, year_said, hour_said, minute_said, seconds_said, mark = found.groups("0")
        number, at = _MONTHS.get(name.lower()), _offset(mark)
        if number is None or at is None:
            return None
        year, seconds = _full_year(year_said), min(int(seconds_said), 59)
        return datetime(year, number, int(day_said), int(hour_said), int(minute_said), seconds, 0, at)
    if found := _PORTAL.fullmatch(s):
        first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups())
        month, day = _month_and_day(first, second, day_first)
        return datetime(year, month, day, hour, minute, seconds, tzinfo=zone)
    if found := _DOTNET.fullmatch(s):
        # The offset tells how the server shows the instant; the number is UTC already.
        at = _offset(found[2]) if found[2] else UTC
        return datetime.fromtimestamp(int(found[1]) / 1000, at)
    if found := _UNIX.fullmatch(s):
        return datetime.fromtimestamp(int(found[1]) + int(found[2] or 0) / 1000, UTC)
    if found := _COMPACT.fullmatch(s):
        year, month, day, hour, minute, seconds = (int(part or 0) for part in found.groups()[:6])
        return datetime(year, month, day, hour, minute, seconds, tzinfo=UTC if found[7] else zone)
    return None


@lru_cache(maxsize=256)
def _offset(mark: str) -> tzinfo | None:
    if mark[0] in "+-":
        return _east(mark[0], mark[1:3], mark[3:5])
    hours = _ZONES.get(mark.lower())
    return None if hours is None else offset_zone(timedelta(hours=hours))


def _east(sign: str, hours: str, minutes: str | None) -> tzinfo:
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead >= timedelta(hours=16):
        raise ValueError("no zone is that far away")
    return offset_zone(-ahead if sign == "-" else ahead)


def _spoken(text: str, zone: tzinfo, day_first: bool) -> datetime | None:
    """The forms that people write: take zone, time of day and day out; only words that go with dates may be left."""
    s = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    at, rest = _take_zone(_PLACE.sub("", s))
    clock = timedelta()
    if found := _TIME.search(rest):
        clock = _time_of_day(found)
        offset = _NUMBER_ZONE.match(rest, found.end())
        if at is None and offset:
            at = _east(offset[1], offset[2], offset[3])
        rest = f"{rest[: found.start()]} {rest[(offset or found).end() :]}"
    day, rest = _take_day(rest, day_first)
    if day is None:
        day = _by_dateparser(rest)
    elif _AROUND.sub("", rest):
        return None
    return None if day is None else (day + clock).replace(tzinfo=at or zone)


def _take_zone(s: str) -> tuple[tzinfo | None, str]:
    """The zone that stands in `s` by name, or as GMT+7, and what is left of `s`."""
    at: tzinfo | None = None
    if found := _ZONE.search(s):
        at = _east(found[1], found[2], found[3])
    elif found := _ZONE_NAME.search(s):
        # Keys are spelt Asia/Ho_Chi_Minh; `s` is folded to lower case.
        try:
            at = ZoneInfo(re.sub(r"[a-z]+", lambda word: word[0].capitalize(), found[0]))
        except (KeyError, OSError):
            return None, s
    elif found := _ZONE_WORD.search(s):
        at = offset_zone(timedelta(hours=_ZONES[found[1]]))
    if found is None:
        return None, s
    return at, f"{s[: found.start()]} {_ZONE_COMMENT.sub(' ', s[found.end() :])}"


def _time_of_day(found: re.Match[str]) -> timedelta:
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    half = (found[4] or "")[:1]
    if half and hour > 12 and (half in "a" or found[4] in ("sa", "sáng")):
        raise ValueError("an hour after noon is not in the morning")
    if found[4] in ("pm", "p.m", "p.m.", "ch", "chiều", "tối") and hour < 12:
        hour += 12
    elif found[4] in ("am", "a.m", "a.m.", "sa", "sáng") and hour == 12:
        hour = 0
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time of day")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _take_day(s: str, day_first: bool) -> tuple[datetime | None, str]:
    """The day as a naive midnight and what is left of `s`."""
    if found := _YEAR_FIRST.search(s):
        day = datetime(int(found[1]), int(found[3]), int(found[4]))
    elif found := _YEAR_LAST.search(s):
        first, second = int(found[1]), int(found[3])
        day = datetime(_full_year(found[4]), *_month_and_day(first, second, day_first))
    elif (found := _NAMED_DAY.search(s)) and (month := _month(found[2])):
        day = datetime(int(found[3]), month, int(found[1]))
    elif (found := _MONTH_FIRST.search(s)) and (month := _month(found[1])):
        day = datetime(int(found[3]), month, int(found[2]))
    else:
        return None, s
    return day, f"{s[: found.start()]} {s[found.end() :]}"


def _month_and_day(first: int, second: int, day_first: bool) -> tuple[int, int]:
    """A number above twelve is a day, whatever the order."""
    if second > 12 or (not day_first and first <= 12):
        return first, second
    return second, first


def _full_year(digits: str) -> int:
    """Two digits mean a year from 1970 to 2069; 0001, the zero of .NET's clock, is the year 1."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)


def _month(word: str) -> int | None:
    return int(word) if word.isdigit() else _MONTHS.get(word.rstrip("."))


_NUMBERS = re.compile(r"[0-9]+")
_MONTH_WORD = re.compile(r"[^\W\d_]{3}")


def _by_dateparser(s: str) -> datetime | None:
    """The day of a text with a month in words, such as `20 tháng mười một 2026`, as a naive midnight.

    Asked only for a day, a word and a year, and its answer is checked: even when strict, it reads `2026 tháng 31` as
    1 March and takes the 7 of GMT+7 for July.
    """
    numbers = sorted(_NUMBERS.findall(s), key=len)
    if [len(number) for number in numbers] not in ([1, 4], [2, 4]) or not _MONTH_WORD.search(s):
        return None
    import dateparser  # type: ignore[import-untyped]  # 0.5 s to import, and few processes ever need it

    settings = {"DATE_ORDER": "DMY", "PARSERS": ["absolute-time"], "STRICT_PARSING": True}
    found = dateparser.parse(s, languages=["vi", "en"], settings=settings)
    if not isinstance(found, datetime) or [found.day, found.year] != [int(number) for number in numbers]:
        return None
    return datetime(found.year, found.month, found.day)
