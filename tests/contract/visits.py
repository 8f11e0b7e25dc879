"""Polls a recorded site as the hub does: round after round, the cursor carried on, what is known left out.

fetch -> Unchanged                      the round is over
      -> Capture -> split -> normalise  the cursor and the body are kept together; with `more` the round goes on
      -> an error                       the cursor stays: the next poll goes on there
"""

import json
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from connectors.base import Capture, Cursor, Source, Unchanged, Walker
from connectors.bodies import Limits
from connectors.errors import HubError, RejectedError
from connectors.http import Http
from tests.contract.recorded import Recorded
from tests.contract.subjects import NOW, Reading, SiteCase, Subject, read_or_raise

AGENT = "provincial-hub/0.1 (+mailto:banbientap@tinhmau.gov.vn)"
#: Polls of one round, whatever a site says.
MOST_POLLS = 80
#: Bytes of a cursor.
CURSOR_LIMIT = 2_048


@dataclass
class Visitor:
    """One source of the hub, with all that is kept between two polls."""

    make: Callable[[], Source]  #: a connector for each poll: nothing may depend on the one before
    http: Http
    origin: str
    cursor: Cursor = field(default_factory=dict)
    known: set[bytes] = field(default_factory=set)
    new: list[str] = field(default_factory=list)  #: identities of what was read, in order
    gone: list[str] = field(default_factory=list)
    refused: list[RejectedError] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)

    async def poll(self) -> bool:
        """One poll; whether the round goes on. Raises HubError, and then nothing has changed."""
        before = dict(self.cursor)
        try:
            answer = await self.ask(self.make())
        finally:
            assert dict(self.cursor) == before, "the cursor that was handed in has been changed"
        if isinstance(answer, Unchanged):
            assert not answer.hints.more, "nothing changed, and there is more?"
            return False
        check_cursor(answer.cursor)
        self.cursor = json.loads(json.dumps(dict(answer.cursor)))
        self.captures.append(pickle.loads(pickle.dumps(answer)))
        self.take(answer)
        if answer.hints.more:
            assert self.cursor != before, "`more` without progress: the same page is asked for again"
        return answer.hints.more

    async def ask(self, source: Source) -> Capture | Unchanged:
        return await source.fetch(self.http, self.cursor)

    def take(self, capture: Capture) -> None:
        """Read a capture; what is refused by name is remembered."""
        try:
            reading: Reading = read_or_raise(self.make(), capture, frozenset(self.known))
        except RejectedError as refused:
            self.refused.append(refused)
            return
        self.known.update(reading.split.fingerprints)
        self.new += [guid.replace(self.origin, "{site}") for guid in reading.guids]
        self.gone += [stone.guid.replace(self.origin, "{site}") for stone in reading.split.tombstones]

    async def round(self) -> int:
        """Polls until the round is over; how many they were. No poll may fail."""
        try:
            return await self._round()
        except HubError as error:
            raise AssertionError(f"a poll ended in {type(error).__name__}: {error}; was it recorded?") from error

    async def _round(self) -> int:
        cursors = [json.dumps(dict(self.cursor), sort_keys=True)]
        for count in range(1, MOST_POLLS + 1):
            if not await self.poll():
                return count
            cursors.append(json.dumps(dict(self.cursor), sort_keys=True))
            assert cursors.count(cursors[-1]) == 1, "the round turns in a circle"
        raise AssertionError(f"the round does not end within {MOST_POLLS} polls: nothing bounds it")

    async def persist(self) -> None:
        """Poll until a round ends without an error of the fetch; each error leaves the cursor where it was."""
        for _ in range(MOST_POLLS):
            try:
                await self._round()
            except HubError:
                continue
            return
        raise AssertionError("it never comes to an end")


@dataclass
class Walking(Visitor):
    """A walk back through the history: the same, with a cursor of its own."""

    since: date = date(2000, 1, 1)

    async def ask(self, source: Source) -> Capture | Unchanged:
        assert isinstance(source, Walker)
        answer = await source.walk(self.http, self.cursor, self.since)
        assert isinstance(answer, Capture), "each page of a walk is a capture"
        return answer


def check_cursor(cursor: Cursor) -> None:
    """Raises AssertionError for a cursor that cannot be kept."""
    for key, value in cursor.items():
        assert isinstance(key, str), f"a key of the cursor is a {type(key).__name__}"
        assert isinstance(value, str), f"{key} of the cursor is a {type(value).__name__}"
    size = sum(len(key.encode()) + len(value.encode()) for key, value in cursor.items())
    assert size <= CURSOR_LIMIT, f"a cursor of {size} bytes"


@asynccontextmanager
async def client(site: Recorded, limits: Limits | None = None, *, doors: bool = True) -> AsyncIterator[Http]:
    """A client that may dial the site."""
    allow = site.doors if doors else frozenset()
    async with Http(user_agent=AGENT, allow_private=allow, clock=lambda: NOW, limits=limits) as http:
        yield http


@asynccontextmanager
async def visiting(
    subject: Subject, case: SiteCase, *, frozen: bool = True, limits: Limits | None = None
) -> AsyncIterator[tuple[Recorded, Visitor]]:
    """A recorded site that is up, and a source that polls it."""
    async with Recorded(case, frozen=frozen) as site, client(site, limits) as http:
        yield site, Visitor(lambda: case.source_at(subject, site.origin), http, site.origin)
