"""When an article was published, as its page shows it: never the banner's date of today, never the first date by hope.

    machine dates (JSON-LD, meta) -> `<time>` and dated lines in the article's head -> a labelled line anywhere else

The head of the article is what stands between its title and its text, the lines right above the title inside the same
element, and the lines right below the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connectors.parse.dates import parse_date
from connectors.parse.pages.textblocks import Block
from connectors.parse.pages.tree import Element, around_article

_DAY: Final = (
    r"(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:\d{4}|\d{2})(?!\d)|\d{4}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{1,2}(?!\d)"
    r"|(?:ngày\s+)?\d{1,2}\s+(?:tháng|thg\.?)\s+\d{1,2}\s*,?\s*(?:năm\s+)?\d{4}"
    r"|[A-Za-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{1,2}\s+[A-Za-z]{3,9}\.?,?\s+\d{4})"
)
_CLOCK: Final = (
    r"(?:\d{1,2}\s?(?::|h|giờ|g)\s?\d{0,2}(?:\s?(?::\d{2}|phút|')?)?\s?'?"
    r"(?:\s?(?:AM|PM|SA|CH|sáng|chiều|tối)(?![a-zà-ỹ]))?)"
)
_WEEKDAY: Final = r"(?:(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+nhật|T[2-7]|CN)\s*[,:-]?\s*)?"
_ZONE: Final = r"(?:\s*\(?(?:GMT|UTC)\s?[+-]\s?\d{1,2}(?::?\d{2})?\)?)?"
_BETWEEN: Final = r"\s*[,|;\-–—]?\s*(?:lúc\s+|ngày\s+|at\s+)?"
#: A date with what belongs to it, inside a line that says more.
_DATED: Final = re.compile(
    rf"(?<![\w/.-]){_WEEKDAY}(?:{_DAY}(?:{_BETWEEN}{_CLOCK})?|{_CLOCK}{_BETWEEN}{_WEEKDAY}{_DAY}){_ZONE}", re.IGNORECASE
)
_PUBLISHED: Final = re.compile(
    r"(?:ngày|giờ|thời\s+gian)\s+(?:đăng|xuất\s+bản|phát\s+hành|ban\s+hành|tạo|viết)|đăng\s+(?:lúc|ngày|bởi|tải|vào)|được\s+đăng"
    r"|xuất\s+bản|đã\s+đăng|published|posted|date\s*:|ngày\s*:|thời\s+gian\s*:",
    re.IGNORECASE,
)
_UPDATED: Final = re.compile(r"cập\s+nhật|chỉnh\s+sửa|sửa\s+đổi|updated|modified", re.IGNORECASE)
_ABOUT_DATES: Final = re.compile(
    rf"{_PUBLISHED.pattern}|{_UPDATED.pattern}|lần\s+cuối|lúc|ngày|vào|on|at|(?:số\s+)?lượt\s+(?:xem|đọc)\s*:?\s*[\d.,]*|[\W\d]+",
    re.IGNORECASE,
)
#: What every date has that is read from a line: a year, or numbers parted as in dates.
_NUMBERS: Final = re.compile(r"(?:19|20)\d{2}(?!\d)|\d\s?[/.-]\s?\d")
#: Characters of a line that may be about a date; more is prose, which speaks of other days.
_LINE_LIMIT: Final = 200
#: Characters from which a line is the text of the article, and letters that may stand beside an unlabelled date.
_PROSE, _BESIDE = 100, 45
_LETTERS: Final = re.compile(r"[^\W\d_]")
#: Lines above the title that are looked at, and below the text.
_ABOVE, _BELOW = 3, 4


@dataclass(frozen=True, slots=True)
class Dates:
    """What was found; `raw` is the text a date was read from, or that was refused."""

    published: datetime | None = None
    published_raw: str = ""
    updated: datetime | None = None
    updated_raw: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How dates of a source are read."""

    now: datetime
    timezone: str
    day_first: bool

    def date(self, text: str) -> datetime | None:
        """The date that a text is; None where it says more, or nothing certain."""
        return parse_date(text, now=self.now, timezone=self.timezone, day_first=self.day_first)

    def in_line(self, line: str) -> datetime | None:
        """The date that a line names, also where it says more."""
        if not _NUMBERS.search(line):
            return None
        whole = self.date(line)
        if whole is not None:
            return whole
        dates = (self.date(found[0].strip(" ,|;-–—")) for found in _DATED.finditer(line[:_LINE_LIMIT]))
        return next((date for date in dates if date is not None), None)

    def is_today(self, date: datetime) -> bool:
        """Whether it is the day of the fetch in the source's own zone: what a banner shows."""
        zone = ZoneInfo(self.timezone)
        return date.astimezone(zone).date() == self.now.astimezone(zone).date()


def find_dates(
    blocks: Sequence[Block], title: Element | None, body: Sequence[Element], *,
    published: Iterable[str], updated: Iterable[str], reading: Reading,
) -> Dates:  # fmt: skip
    """Choose among what the head claims (`published`, `updated`) and what the page shows around title and body."""
    shown, changed = _shown(blocks, title, body, reading)
    claimed, claimed_raw = _first(published, reading)
    modified, modified_raw = _first(updated, reading)
    date, raw = (claimed, claimed_raw) if claimed else (shown or changed, "")
    if claimed and shown and _same_clock(claimed, shown):
        date = shown  # marked as UTC, shown as local: the zone of the claim is wrong
    last = modified or changed
    if last is not None and date is not None and last < date:
        last = None
    return Dates(
        published=date,
        published_raw=raw or (date.isoformat() if date else claimed_raw),
        updated=last,
        updated_raw=modified_raw if last and modified else (last.isoformat() if last else ""),
    )


def is_dateline(text: str) -> bool:
    """Whether a line says when an article was published, and nothing else that a reader would miss."""
    if len(text) > _LINE_LIMIT or _DATED.search(text) is None:
        return False
    return len(_ABOUT_DATES.sub("", _DATED.sub("", text))) <= 3


def _first(texts: Iterable[str], reading: Reading) -> tuple[datetime | None, str]:
    """The first text that is a date, else the first that was refused."""
    refused = ""
    for text in texts:
        date = reading.date(text)
        if date is not None:
            return date, text
        refused = refused or text
    return None, refused


def _same_clock(claimed: datetime, shown: datetime) -> bool:
    """Whether a time that says it is UTC shows what the local clock showed."""
    return (
        claimed.utcoffset() == timedelta()
        and shown.utcoffset() != timedelta()
        and claimed.replace(tzinfo=None, second=0, microsecond=0) == shown.replace(tzinfo=None, second=0, microsecond=0)
    )


def _shown(
    blocks: Sequence[Block], title: Element | None, body: Sequence[Element], reading: Reading
) -> tuple[datetime | None, datetime | None]:
    """The date of publication and of the last change that stand near the article."""
    published = changed = None
    for block, above_title in _head(blocks, title, body):
        if len(block.text) > _LINE_LIMIT:
            continue
        date = _of_time(block.element, reading) or reading.in_line(block.text)
        labelled = _PUBLISHED.search(block.text) is not None
        if date is None or (not labelled and (above_title or title is None) and reading.is_today(date)):
            continue
        if not (labelled or _UPDATED.search(block.text) or _is_about_date(block)):
            continue
        if _UPDATED.search(block.text) and not labelled:
            changed = changed or date
        elif published is None:
            published = date
    if published is None and changed is None:
        labelled_lines = [
            date for block in blocks
            if len(block.text) <= _LINE_LIMIT and _PUBLISHED.search(block.text)
            and (date := reading.in_line(block.text)) is not None and not reading.is_today(date)
        ]  # fmt: skip
        published = labelled_lines[0] if len(set(labelled_lines)) == 1 else None
    return published, changed


def _head(blocks: Sequence[Block], title: Element | None, body: Sequence[Element]) -> Iterator[tuple[Block, bool]]:
    """The short lines of the article's head, and whether each stands above the title."""
    inside = {one for node in body for one in node.iter()}
    places = [number for number, block in enumerate(blocks) if block.element in inside]
    start, end = (places[0], places[-1]) if places else (len(blocks), len(blocks) - 1)
    heading = next((number for number, block in enumerate(blocks) if block.element is title), None)
    first = heading if heading is not None and heading <= start + 20 else max(0, start - 5)
    prose = next((number for number in places if number > first and _is_prose(blocks[number].text)), end)
    article = around_article(title, body) if title is not None else None
    for number in range(first, min(max(prose, start), len(blocks))):
        yield blocks[number], False
    for number in range(first - 1, max(-1, first - 1 - _ABOVE), -1) if heading == first else ():
        if _stands_in(article, blocks[number].element):
            yield blocks[number], True
    for number in [*places[-_BELOW:], *range(end + 1, min(end + 1 + _BELOW, len(blocks)))]:
        text, one = blocks[number].text, blocks[number].element
        if number > first and (one in inside or _stands_in(article, one)) and (
            _PUBLISHED.search(text[:_LINE_LIMIT]) or _DATED.fullmatch(text)
        ):  # fmt: skip
            yield blocks[number], False


def _stands_in(article: Element | None, one: Element) -> bool:
    return article is not None and (one is article or article in one.iterancestors())


def _is_prose(text: str) -> bool:
    if len(text) > 2 * _LINE_LIMIT:
        return True
    return len(text) > _PROSE and not _PUBLISHED.search(text) and len(_DATED.sub("", text)) > _PROSE


def _is_about_date(block: Block) -> bool:
    """Whether an unlabelled line says little beside its date: a name, a counter."""
    if block.element.find(".//time") is not None:
        return True
    if block.linked > 0.3 * len(block.text):  # another article, with its date behind
        return False
    letters = len(_LETTERS.findall(_DATED.sub("", block.text)))
    return letters <= (_BESIDE if block.text[-1] not in ".:;!?…" else _BESIDE // 4)


def _of_time(element: Element, reading: Reading) -> datetime | None:
    for one in element.iter("time"):
        stated = one.get("datetime", "")
        if stated and (date := reading.date(stated)) is not None:
            return date
    return None
