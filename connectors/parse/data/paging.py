"""Asks for data page by page: where the next page is, and the state of a round in the cursor.

One poll reads one page. The cursor of its capture says where the run goes on, the hint `more` that it does:

    cursor of a finished run   etag, last_modified        of the first page: the next round asks for it conditionally
    cursor inside a run        the same, and  by  at  pages  seen

A run ends at an empty or short page, at the last page that the source names, at a page or token it has had before, and
at `max_pages`: paging that never ends is bounded whatever the source says.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from connectors.base import Capture, Cursor, Unchanged
from connectors.errors import HubError, RejectedError
from connectors.freshness import validators_of
from connectors.outcomes import CameBack
from connectors.parse.data.requests import PageBy, Paging
from connectors.parse.records import fingerprint
from connectors.parse.url import next_address, origin_of, with_parameters

if TYPE_CHECKING:
    from connectors.http import Http

#: Pages of one walk through the history.
WALK_LIMIT: Final = 10_000
#: Bytes of a token or address of a next page; a longer one ends the run.
TOKEN_LIMIT: Final = 1_000
#: Bytes of a cursor. Where validators would make it longer they are dropped: the next round asks unconditionally.
CURSOR_LIMIT: Final = 2_000
#: Times that a page which holds no data is asked for again, poll by poll, before the run ends there.
TRIES: Final = 3

#: Pages and tokens that a run remembers, 8 characters each.
_REMEMBERED: Final = 96
_NEXT: Final = re.compile(r'<([^<>]{1,2000})>\s*;[^,<>]{0,200}\brel\s*=\s*"?[^",;<>]{0,100}\bnext\b', re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------ a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page tells about the next."""

    marks: Sequence[bytes] = ()  #: fingerprints of its records
    next: str = ""  #: token or address that it names; with keyset the key of its last record
    dates: Sequence[datetime] = ()  #: of its records, as far as they are known


#: Reads a page far enough to go on, its dates where they are asked for; runs in a thread. Raises RejectedError for a
#: body that holds no data.
Look = Callable[[Capture, bool], Page]


@dataclass(frozen=True, slots=True)
class _Run:
    """Where a run stands."""

    at: str  #: what is asked for: page, offset, token, key, or path with query
    pages: int = 0  #: read so far
    seen: str = ""  #: short marks of pages and tokens
    tries: int = 0  #: of the page at `at`


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Fetches the pages of one source."""

    url: str
    paging: Paging | None
    look: Look
    accept: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def poll(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """The next page of a round, or its first one if that has changed. Raises as Http.get."""
        kept = validators_of(cursor)
        if self.paging is None:
            return await self._get(http, self.url, kept)
        run = self._run(cursor)
        if run is None:
            answer = await self._get(http, self._first_address(self.paging), kept)
            if isinstance(answer, Unchanged):
                return answer
            return await self._onward(answer, _Run(self._first(self.paging)), answer.cursor, self.paging.max_pages)
        return await self._further(http, run, kept, self.paging.max_pages)

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of the history. It ends where a page that is newest first holds only what is older."""
        if self.paging is None:
            return _ended(await self._whole(http, self.url), {})
        run = self._run(cursor)
        if run is None:
            answer = await self._whole(http, self._first_address(self.paging))
            return await self._onward(answer, _Run(self._first(self.paging)), {}, WALK_LIMIT, since)
        return await self._further(http, run, {}, WALK_LIMIT, since)

    async def _further(
        self, http: "Http", run: _Run, kept: Cursor, most: int, since: date | None = None
    ) -> Capture:  # fmt: skip
        assert self.paging is not None
        try:
            answer = await self._whole(http, self._address(self.paging, run.at))
        except HubError as error:
            if error.code != CameBack.NOT_FOUND or self.paging.by not in (PageBy.PAGE, PageBy.OFFSET):
                raise
            # Some servers say 404 behind the last page. A round ends with a body: it is the first page's once more.
            answer = await self._whole(http, self._first_address(self.paging))
            return _ended(answer, answer.cursor if kept else {})
        return await self._onward(answer, run, kept, most, since)

    async def _onward(
        self, answer: Capture, run: _Run, kept: Cursor, most: int, since: date | None = None
    ) -> Capture:  # fmt: skip
        """The answer with the cursor of the page that follows it."""
        assert self.paging is not None
        try:
            page = await asyncio.to_thread(self.look, answer, since is not None)
        except RejectedError:
            # The split refuses it by name. The run stays where it is, but not for ever.
            if run.pages == 0 or run.tries + 1 >= TRIES:
                return _ended(answer, kept)
            return replace(answer, cursor={**kept, **self._state(replace(run, tries=run.tries + 1))})
        at = self._next(self.paging, page, run, answer)
        marks = [_mark(*page.marks), _mark(at.encode())]
        seen = [run.seen[i : i + 8] for i in range(0, len(run.seen), 8)]
        last = not page.marks or not at or len(at.encode()) > TOKEN_LIMIT or run.pages + 1 >= most
        if last or any(mark in seen for mark in marks) or _all_before(page.dates, since):
            return _ended(answer, kept)
        seen = [*seen, *marks][-_REMEMBERED:]
        onward = self._state(_Run(at, run.pages + 1, "".join(seen)))
        cursor = {**kept, **onward}
        if sum(len(key.encode()) + len(value.encode()) for key, value in cursor.items()) > CURSOR_LIMIT:
            cursor = onward
        return replace(answer, cursor=cursor, hints=replace(answer.hints, more=True))

    def _next(self, paging: Paging, page: Page, run: _Run, answer: Capture) -> str:
        """What to ask for next; "" where this page is the last."""
        if paging.size is not None and len(page.marks) < paging.size:
            return ""
        match paging.by:
            case PageBy.PAGE:
                return str(int(run.at) + 1)
            case PageBy.OFFSET:
                return str(int(run.at) + (paging.size or len(page.marks)))
            case PageBy.CURSOR | PageBy.KEYSET:
                return page.next
            case PageBy.LINK:
                return self._own(page.next if paging.next else _linked(answer), answer)

    def _own(self, address: str, answer: Capture) -> str:
        """Path and query of a next page on our own host: headers may hold a key, and go nowhere else."""
        there = next_address(address, at=answer.url, own=self.url)
        return there[len(origin_of(self.url)) :]

    # ------------------------------------------------------------------------------------------------ addresses

    def _first(self, paging: Paging) -> str:
        match paging.by:
            case PageBy.PAGE:
                return str(1 if paging.first is None else paging.first)
            case PageBy.OFFSET:
                return str(paging.first or 0)
        return ""

    def _first_address(self, paging: Paging) -> str:
        return self._address(paging, self._first(paging))

    def _address(self, paging: Paging, at: str) -> str:
        if paging.by is PageBy.LINK and at:
            return origin_of(self.url) + at
        size = str(paging.size) if paging.size is not None else ""
        asked = [(paging.size_parameter, size if paging.size_parameter else ""), (paging.parameter, at)]
        return with_parameters(self.url, asked)

    # ---------------------------------------------------------------------------------------------- the cursor

    def _run(self, cursor: Cursor) -> _Run | None:
        """The run that a cursor stands in; None for none, and for one of other settings."""
        assert self.paging is not None
        at, numbers = cursor.get("at", ""), (cursor.get("pages", "0"), cursor.get("tries", "0"))
        counted = self.paging.by in (PageBy.PAGE, PageBy.OFFSET)
        if not at or cursor.get("by") != self.paging.by or (counted and not at.isdecimal()):
            return None
        pages, tries = (int(number) if number.isdecimal() else 0 for number in numbers)
        return _Run(at, pages, cursor.get("seen", ""), tries)

    def _state(self, run: _Run) -> dict[str, str]:
        assert self.paging is not None
        state = {"by": str(self.paging.by), "at": run.at, "pages": str(run.pages), "seen": run.seen}
        return state | ({"tries": str(run.tries)} if run.tries else {})

    # -------------------------------------------------------------------------------------------------- asking

    async def _get(self, http: "Http", url: str, cursor: Cursor) -> Capture | Unchanged:
        return await http.get(url, cursor=cursor, accept=self.accept, headers=self.headers)

    async def _whole(self, http: "Http", url: str) -> Capture:
        answer = await self._get(http, url, {})
        assert isinstance(answer, Capture)  # nothing was said to be known
        return answer


def _linked(answer: Capture) -> str:
    """The address behind `rel="next"` in the header Link (RFC 8288)."""
    found = _NEXT.search(answer.headers.get("link", "")[:10_000])
    return found[1] if found else ""


def _ended(answer: Capture, cursor: Cursor) -> Capture:
    return replace(answer, cursor=dict(cursor))


def _mark(*parts: bytes) -> str:
    return fingerprint(*parts)[:4].hex()


def _all_before(dates: Sequence[datetime], since: date | None) -> bool:
    """Whether a page of a walk lies behind its end; only an order of newest first lets us say so."""
    if since is None or not dates:
        return False
    return list(dates) == sorted(dates, reverse=True) and dates[0].date() < since
