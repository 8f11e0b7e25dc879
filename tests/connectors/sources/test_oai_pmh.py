"""OAI-PMH: windows by the repository's own clock, tokens that expire or never end, history window by window."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Capture, Cursor, SourceContext
from connectors.errors import RejectedError, TransientError
from connectors.http import Http
from connectors.sources.oai_pmh import Config, Connector
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.oai import Repository
from tests.fakes.server import Fault


@dataclass
class Library:
    """A source over a repository, polled as the hub does."""

    repository: Repository
    http: Http
    clock: Clock
    cursor: Cursor = field(default_factory=dict)

    def source(self, **keys: Any) -> Connector:
        return Connector(SourceContext(name="tv", kind=Kind.DOCUMENT, url=self.repository.url), Config(**keys))

    async def poll(self, **keys: Any) -> list[str]:
        source, brought, more = self.source(**keys), [], True
        while more:
            capture = await source.fetch(self.http, self.cursor)
            assert isinstance(capture, Capture)
            self.cursor, more = capture.cursor, capture.hints.more
            brought += identifiers(source, capture)
            assert len(self.repository.asked) < 300, "a run is bounded"
        return brought

    async def walk(self, days: int) -> list[str]:
        source, brought, more = self.source(), [], True
        cursor: Cursor = {}
        while more:
            capture = await source.walk(self.http, cursor, (self.clock.now() - timedelta(days=days)).date())
            cursor, more = capture.cursor, capture.hints.more
            brought += identifiers(source, capture)
            assert len(self.repository.asked) < 300, "a walk is bounded"
        return brought


def identifiers(source: Connector, capture: Capture) -> list[str]:
    split = source.split(capture, frozenset(), capture.fetched_at)
    return [record.fields["id"] for record in split.records] + [f"-{stone.guid}" for stone in split.tombstones]


@pytest.fixture
async def library(clock: Clock) -> AsyncIterator[Library]:
    async with (
        Repository(clock.now) as repository,
        Http(user_agent=AGENT, allow_private=repository.doors, clock=clock.now) as http,
    ):
        for number in range(8):
            repository.records[f"s{number}"] = clock.now() - timedelta(days=10 + number)
        yield Library(repository, http, clock)


EVERYTHING = [f"s{number}" for number in range(8)]


async def test_the_first_round_reads_every_part_and_asks_once_how_exact_dates_are(library: Library) -> None:
    assert await library.poll() == EVERYTHING
    assert [asked["verb"] for asked in library.repository.asked] == ["Identify", *["ListRecords"] * 3]
    assert library.repository.asked[1] == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    await library.poll()
    assert [asked["verb"] for asked in library.repository.asked].count("Identify") == 1


@pytest.mark.parametrize(
    ("granularity", "since"), [("YYYY-MM-DDThh:mm:ssZ", "2026-03-01T01:00:00Z"), ("YYYY-MM-DD", "2026-03-01")]
)
async def test_the_next_round_asks_from_a_day_before_the_last_answer(
    library: Library, granularity: str, since: str
) -> None:
    library.repository.granularity = granularity
    await library.poll(set="col_12")
    library.clock.advance(days=3)
    library.repository.records |= {"moi": library.clock.now(), "s3": library.clock.now()}
    library.repository.deleted.add("s3")
    assert await library.poll(set="col_12") == ["moi", "-s3"]
    assert library.repository.asked[-1]["from"] == since
    assert library.repository.asked[-1]["set"] == "col_12"


async def test_nothing_changed_is_an_empty_answer_and_no_fault(library: Library) -> None:
    await library.poll()
    library.clock.advance(days=3)
    assert await library.poll() == []
    assert "place" not in library.cursor


async def test_what_changes_while_parts_are_read_is_in_the_next_round(library: Library) -> None:
    source = library.source()
    library.cursor = (await source.fetch(library.http, {})).cursor  # type: ignore[union-attr]
    library.clock.advance(days=2)
    library.repository.records["s0"] = library.clock.now()  # moves behind the token
    library.clock.advance(days=2)
    await library.poll()
    library.clock.advance(days=2)
    assert "s0" in await library.poll()


async def test_after_its_parts_a_round_rests_and_the_next_poll_reads_on(library: Library) -> None:
    assert await library.poll(max_pages=2) == EVERYTHING[:6]
    assert await library.poll(max_pages=2) == EVERYTHING[6:]
    assert "since" in library.cursor


@pytest.mark.parametrize("as_400", [False, True])
async def test_an_expired_token_begins_the_window_again(library: Library, as_400: bool) -> None:
    source = library.source()
    first = await source.fetch(library.http, {})
    assert isinstance(first, Capture)
    library.repository.tokens_expire, library.repository.expired_as_400 = True, as_400
    again = await source.fetch(library.http, first.cursor)
    assert isinstance(again, Capture)
    assert identifiers(source, again) == EVERYTHING[:3]
    library.repository.tokens_expire = False
    library.cursor = {**again.cursor}
    assert set(await library.poll()) >= set(EVERYTHING[3:])


async def test_tokens_that_always_expire_end_the_run_and_move_no_mark(library: Library) -> None:
    library.repository.tokens_expire = True
    assert set(await library.poll()) == set(EVERYTHING[:3])
    assert len(library.repository.asked) < 12
    assert "since" not in library.cursor


@pytest.mark.parametrize("endless", ["same", "new"])
async def test_tokens_that_never_end_are_bounded_and_the_list_is_read_again(library: Library, endless: str) -> None:
    library.repository.endless = endless
    brought = await library.poll(max_pages=4)
    assert len(library.repository.asked) <= 6
    assert "since" not in library.cursor, "nobody knows what was left out"
    library.repository.endless = ""
    assert {*brought, *await library.poll(max_pages=40)} == set(EVERYTHING)


async def test_a_part_that_fails_is_asked_for_again(library: Library) -> None:
    source = library.source()
    first = await source.fetch(library.http, {})
    assert isinstance(first, Capture)
    library.repository.fail_next(Fault(status=503))
    with pytest.raises(TransientError):
        await source.fetch(library.http, first.cursor)
    library.cursor = first.cursor
    assert await library.poll() == EVERYTHING[3:]


async def test_a_page_in_place_of_a_part_is_no_end_of_the_list(library: Library) -> None:
    source = library.source()
    first = await source.fetch(library.http, {})
    assert isinstance(first, Capture)
    library.repository.fail_next(Fault(html=True))
    page = await source.fetch(library.http, first.cursor)
    assert isinstance(page, Capture)
    assert not page.hints.more
    with pytest.raises(RejectedError) as refused:
        identifiers(source, page)
    assert refused.value.code == "html_page"
    library.cursor = page.cursor
    assert await library.poll() == EVERYTHING


async def test_a_page_in_place_of_identify_is_asked_for_again(library: Library) -> None:
    library.repository.fail_next(Fault(html=True))
    assert await library.poll() == EVERYTHING
    await library.poll()
    assert [asked["verb"] for asked in library.repository.asked].count("Identify") > 1


async def test_a_walk_that_meets_a_page_waits_in_place_of_leaving_a_gap(library: Library) -> None:
    source, since = library.source(), (library.clock.now() - timedelta(days=30)).date()
    first = await source.walk(library.http, {}, since)
    library.repository.fail_next(Fault(html=True))
    with pytest.raises(TransientError) as error:
        await source.walk(library.http, first.cursor, since)
    assert error.value.code == "unreadable"
    assert identifiers(source, await source.walk(library.http, first.cursor, since)) == EVERYTHING[3:6]


async def test_a_question_that_is_refused_at_once_is_a_fault_with_its_own_name(library: Library) -> None:
    library.repository.fail_next(Fault(status=400))
    with pytest.raises(RejectedError) as refused:
        await library.poll()
    assert refused.value.code == "bad_request"


async def test_a_walk_goes_back_window_by_window_to_its_day(library: Library) -> None:
    library.repository.records |= {f"cu{n}": library.clock.now() - timedelta(days=80 * n) for n in range(1, 6)}
    brought = await library.walk(330)
    assert {*EVERYTHING, "cu1", "cu2", "cu3", "cu4"} == set(brought)
    windows = [asked for asked in library.repository.asked if "from" in asked]
    assert len(windows) == 4
    assert windows[-1]["from"] == "2025-04-06"
    assert [asked.get("until") for asked in windows] == [None, *(asked["from"] for asked in windows[:-1])]


async def test_a_walk_begins_a_window_again_once_and_then_names_the_fault(library: Library) -> None:
    library.repository.tokens_expire = True
    with pytest.raises(RejectedError) as refused:
        await library.walk(30)
    assert refused.value.code == "oai_token_expired"


async def test_a_walk_with_a_token_that_never_ends_leaves_the_window(library: Library) -> None:
    library.repository.endless = "same"
    assert set(await library.walk(30)) == set(EVERYTHING[:6])
