"""Rounds: how an interface that answers in pages is asked, poll after poll, without losing what lies between them.

    at rest    since                                   the newest change that the last finished round saw
    reading    since, mark, place, pages, seen, total  one page a poll, `hints.more` until the round is over
    at rest    since = mark

A round asks for what changed since its mark less OVERLAP, the newest change first: what changes meanwhile moves to the
front and is shown twice, which costs nothing, and what an editor dates back a little is seen all the same. A mark is a
date that the site itself gave, so its clock may be wrong. The first round has no mark and ends after `max_pages`: older
items are for a backfill. A later one is never cut off: it rests after `max_pages` and goes on with the next poll.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal, Self

from pydantic import Field

from connectors.base import Capture, ConnectorConfig, Cursor
from connectors.errors import HubError
from connectors.fields import HeaderSecret
from connectors.freshness import validators_of
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import host_of

#: How far before the mark the next round begins: wrong clocks, zones taken for others, texts saved late.
OVERLAP: Final = timedelta(days=1)
#: A round rests this often before it is given up: nobody changes that much, the server turns in a circle.
RESTS: Final = 20
#: Pages of one walk through a history.
WALK_LIMIT: Final = 10_000
#: Longest place that is kept, in characters: a cursor is small.
PLACE_LIMIT: Final = 1_500

#: Behind what a page showed, when the page before it showed the same.
_AGAIN: Final = "+"


class PagedConfig(ConnectorConfig):
    """Settings that all interfaces with pages share."""

    max_pages: int = Field(
        default=10, ge=1, le=1_000,
        description="pages read one after the other; the first round ends there, a later one rests until the next poll",
    )  # fmt: skip
    authorization: HeaderSecret | None = Field(
        default=None, description="token, or base64 of `user:password`, for sites that do not answer everybody"
    )
    scheme: Literal["Bearer", "Basic"] = Field(default="Bearer", description="what `authorization` is")

    def credentials(self) -> dict[str, str]:
        """Headers that go to the site and nowhere else."""
        if self.authorization is None:
            return {}
        return {"Authorization": f"{self.scheme} {self.authorization.get_secret_value()}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a look at one page says about the way on."""

    shows: tuple[str, ...]  #: what tells it from another page: the identities it lists
    newest: datetime | None = None  #: newest change on it
    next: str = ""  #: place of the next page; empty after the last one
    total: int | None = None  #: items in all, where the interface counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Where a source stands: read from its cursor, written to the next one."""

    since: datetime | None = None  #: mark of the last finished round
    mark: datetime | None = None  #: newest date seen in this one
    place: str = ""  #: of the page to be read, in words of the connector; empty at the beginning
    pages: int = 0  #: read in this round
    seen: str = ""  #: what the last page showed
    total: int | None = None  #: items in all when the last page was read
    validators: Mapping[str, str] = field(default_factory=dict)  #: of the first page

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """The round that a cursor stands for; what cannot be read begins anew."""
        return cls(
            since=_moment(cursor.get("since", "")),
            mark=_moment(cursor.get("mark", "")),
            place=cursor.get("place", ""),
            pages=_number(cursor.get("pages")) or 0,
            seen=cursor.get("seen", ""),
            total=_number(cursor.get("total")),
            validators={**validators_of(cursor), "asked": cursor.get("asked", "")},
        )

    @property
    def window(self) -> datetime | None:
        """What has not changed since then need not be shown; None in a first round."""
        return self.since - OVERLAP if self.since else None

    def condition(self, url: str) -> Cursor:
        """The validators for a GET of `url`, if they are those of that very address and the round begins with it."""
        if self.pages or self.validators.get("asked") != _short(url):
            return {}
        return validators_of(self.validators)

    def beyond_the_first(self, place: str) -> Self:
        """The round when its first page is unchanged and something else is to be read."""
        return replace(self, place=place, pages=1)

    def over(self) -> Self:
        """The next round, without a condition: its first page is to be read whatever happened to it."""
        return type(self)(since=_later(self.since, self.mark))

    def behind(self, newest: datetime | None) -> bool:
        """Whether a page is older than what was asked for: a site that does not know the filter shows everything."""
        return self.window is not None and newest is not None and newest < self.window

    def shrunk(self, total: int | None) -> bool:
        """Whether items vanished since the last page: those behind them moved up, one may have slipped past."""
        return total is not None and self.total is not None and total < self.total

    def after(
        self, capture: Capture, page: Page | None, *, asked: str, max_pages: int, ordered: bool = True
    ) -> Capture:
        """The capture of a page with the cursor that goes on from it. `asked` is the address it was asked for.

        Where the newest do not come first (not `ordered`) no round moves the mark before it came to its end. Without a
        `page`, when the body could not be read, the round begins anew with the next poll: `split` says why.
        """
        if page is None:
            return replace(capture, cursor=self._cursor(since=self.since))
        validators = self.validators if self.pages else _validators(capture.cursor, asked)
        # A date from the future must not hide what comes before it.
        mark = _later(self.mark, min(page.newest, capture.fetched_at) if page.newest else None)
        pages, shows = self.pages + 1, _short(*page.shows)
        repeated = shows == self.seen.removesuffix(_AGAIN)
        circle = bool(page.next) and (
            page.next == self.place
            or (repeated and self.seen.endswith(_AGAIN))  # once may be chance: as many new items in front
            or pages >= RESTS * max_pages
            or len(page.next) > PLACE_LIMIT
        )
        if circle and (self.since is not None or not ordered):  # what was not reached is asked for again
            return replace(capture, cursor=self._cursor(since=self.since, **validators))
        if circle or not page.next or (ordered and self.since is None and pages >= max_pages):
            return replace(capture, cursor=self._cursor(since=_later(self.since, mark), **validators))
        seen = shows + _AGAIN * repeated
        cursor = self._cursor(
            since=self.since, mark=mark, place=page.next, pages=pages, seen=seen, total=page.total, **validators
        )
        return replace(capture, cursor=cursor, hints=replace(capture.hints, more=pages % max_pages != 0))

    def walked(self, capture: Capture, page: Page | None, *, asked: str) -> Capture:
        """The capture of a page of a walk, which has no mark and asks nothing on a condition.

        Raises TransientError for a page that cannot be read: going on behind it would leave a gap for ever.
        """
        if page is None:
            raise unreadable(asked)
        return self.after(replace(capture, cursor={}), page, asked=asked, max_pages=WALK_LIMIT)

    @staticmethod
    def _cursor(**values: datetime | str | int | None) -> dict[str, str]:
        return {key: _written(value) for key, value in values.items() if value not in (None, "")}


def unreadable(asked: str) -> HubError:
    """The error for a page of a walk that holds no data; what it holds instead is not looked into."""
    return error_for(CameBack.UNREADABLE, Purpose.FETCH, f"GET {host_of(asked)}: a page without data")


def next_number(number: int, last: int, standing: Round, total: int | None) -> str:
    """The number of the page to be read after `number` of `last`; one back when items vanished meanwhile."""
    if number > 1 and standing.shrunk(total):
        return str(number - 1)
    return str(number + 1) if number < last else ""


def in_gmt(moment: datetime) -> str:
    """`2026-11-20T03:00:00Z`"""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)


def _short(*texts: str) -> str:
    return blake2b("\n".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _validators(cursor: Cursor, asked: str) -> dict[str, str]:
    kept = validators_of(cursor)
    return kept | {"asked": _short(asked)} if kept else {}


def _written(value: datetime | str | int | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
