"""What every source promises about a site: manners, cursors, ends of rounds, errors, secrets. Over real loopback HTTP.

Each function is one promise; it is called with a connector and one of its recorded sites, and raises AssertionError.
"""

import json
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

from connectors.base import Capture, Walker
from connectors.bodies import Limits
from connectors.errors import BlockedError, HubError, RejectedError, ThrottledError, TransientError
from tests.contract.recorded import Recorded, Round, Trouble
from tests.contract.subjects import NOW, SiteCase, Subject, secrets_of, split
from tests.contract.visits import Visitor, Walking, check_cursor, client, visiting

PAGE = b"<!DOCTYPE html><html><head><title>Loi</title></head><body><h1>Service Unavailable</h1></body></html>"
#: Seconds after which the tests take a silent server for dead.
SHORT = Limits(total=0.5, idle=0.25)

#: The fetch column of connectors/outcomes.py, written down a second time on purpose.
STATUSES: tuple[tuple[Trouble, type[HubError], str], ...] = (
    (Trouble(status=401), BlockedError, "unauthorised"),
    (Trouble(status=403), BlockedError, "forbidden"),
    (Trouble(status=404), TransientError, "not_found"),
    (Trouble(status=410), BlockedError, "gone"),
    (Trouble(status=400), RejectedError, "bad_request"),
    (Trouble(status=429, retry_after="120"), ThrottledError, "throttled"),
    (Trouble(status=500), TransientError, "server_error"),
    (Trouble(status=503), TransientError, "server_error"),
    (Trouble(status=503, retry_after="60"), ThrottledError, "throttled"),
    (Trouble(reset=True), TransientError, "reset"),
    (Trouble(cut=True), TransientError, "truncated"),
)
#: What may happen to any page of a round without costing an item.
PASSING = (
    Trouble(status=500), Trouble(reset=True), Trouble(cut=True), Trouble(status=429, retry_after="1"),
    Trouble(status=503, retry_after="1"),
)  # fmt: skip


def expected_rounds(case: SiteCase) -> list[Round]:
    return [Round(**said) for said in case.said["rounds"]]


async def usual(subject: Subject, case: SiteCase) -> tuple[list[str], list[str], int]:
    """What an undisturbed round gives: new ones, gone ones, and how many requests it takes."""
    async with visiting(subject, case) as (site, visitor):
        await visitor.round()
        return sorted(visitor.new), sorted(visitor.gone), len(site.asked)


# ----------------------------------------------------------------------------------------------------- as recorded


async def a_site_is_read_as_recorded(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case, frozen=False) as (site, visitor):
        for number, expected in enumerate(expected_rounds(case), 1):
            visitor.new, visitor.gone, site.asked, bodies = [], [], [], len(visitor.captures)
            await visitor.round()
            assert site.paths == list(expected.asked), f"round {number} asks for something else"
            assert visitor.new == list(expected.new), f"round {number} brings something else"
            assert visitor.gone == list(expected.gone), f"round {number} withdraws something else"
            assert (len(visitor.captures) == bodies) == expected.unchanged, f"round {number}: unchanged, or a body?"
        assert not visitor.refused, "nothing is refused"


async def a_capture_is_what_was_received(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case) as (site, visitor):
        await visitor.round()
        bodies = {one.body for one in site.asked}
        for capture in visitor.captures:
            for body in parts_of(capture) if case.said.get("composed") else [capture.body]:
                assert body in bodies, "what is stored is exactly what came, so that any mapping bug can be mended"
            assert capture.url.startswith(site.origin), "the address that answered"
            assert capture.fetched_at == NOW, "the time is that of the client's clock"


def parts_of(capture: Capture) -> list[bytes]:
    """The answers that a composed capture holds, each as it came (connectors/parse/answers.py)."""
    return [one["body"].encode() for one in json.loads(capture.body)["answers"]]


async def a_page_among_many_says_that_it_is_one(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case) as (_, visitor):
        await visitor.round()
        if len(visitor.captures) > 1:
            for number, capture in enumerate(visitor.captures, 1):
                cut = split(visitor.make(), capture)
                assert cut.incremental, f"page {number} is one of many: what is missing on it says nothing"


async def what_a_round_begins_again_brings_nothing_twice(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case) as (_, visitor):
        await visitor.round()
        first = list(visitor.new)
        assert first, "the recorded site has items"
        assert len(set(first)) == len(first), "an item comes twice"
        for _ in range(2):
            await visitor.round()
        assert visitor.new == first, "what is known comes again"


# ----------------------------------------------------------------------------------------------- cursors and state


async def nothing_is_kept_between_two_polls_but_the_cursor(subject: Subject, case: SiteCase) -> None:
    asked = []
    for shared in (False, True):
        async with visiting(subject, case) as (site, visitor):
            if shared:
                one = visitor.make()
                visitor.make = lambda one=one: one  # type: ignore[misc]
            for _ in range(3):
                await visitor.round()
            asked.append([(one.path, "If-None-Match" in one.headers) for one in site.asked])
    assert asked[0] == asked[1], "a connector that lives on asks for something else than a new one"


async def the_same_cursor_gives_the_same_request(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case) as (site, visitor):
        source, other = visitor.make(), visitor.make()
        begin = len(site.asked)
        first = await source.fetch(visitor.http, {})
        once = site.asked[begin:]
        assert isinstance(first, Capture)
        check_cursor(first.cursor)
        await other.fetch(visitor.http, dict(first.cursor))
        begin = len(site.asked)
        again = await source.fetch(visitor.http, {})
        assert isinstance(again, Capture)
        assert [(one.path, one.headers) for one in site.asked[begin:]] == [(one.path, one.headers) for one in once]
        assert again.cursor == first.cursor, "the same cursor and the same answer give the same cursor"


async def an_unchanged_site_is_asked_conditionally(subject: Subject, case: SiteCase) -> None:
    conditional = case.said.get("conditional", True)
    async with visiting(subject, case) as (site, visitor):
        for _ in range(4):
            before, asked = len(visitor.captures), len(site.asked)
            await visitor.round()
        last = site.asked[asked:]
        sent = [one for one in last if "If-None-Match" in one.headers]
        assert bool(sent) == conditional, "a validator that was given is sent, and no other"
        if len(last) == 1 and conditional:
            assert last[0].status == 304, "the validators of the last answer are those that are sent"
            assert len(visitor.captures) == before, "304 is Unchanged and no capture"
        assert all(one.body for one in visitor.captures), "304 has no body to be kept"
        site.validators = False
        for _ in range(2):
            asked = len(site.asked)
            await visitor.round()
        assert not [one for one in site.asked[asked:] if "If-None-Match" in one.headers], (
            "a body without validators clears the old ones"
        )


async def a_round_ends_whatever_the_site_shows(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case) as (site, visitor):
        site.only_first = True
        for _ in range(2):
            await visitor.round()


# ---------------------------------------------------------------------------------------------------------- errors


async def whatever_comes_back_is_an_error_of_the_table(subject: Subject, case: SiteCase) -> None:
    for trouble, kind, code in STATUSES:
        async with visiting(subject, case) as (site, visitor):
            site.trouble[0] = trouble
            error = await failing(visitor)
            assert type(error) is kind, f"{trouble} is a {kind.__name__}, and not {type(error).__name__}"
            assert error.code == code
            assert error.sentence
            if isinstance(error, ThrottledError):
                assert error.retry_after == float(trouble.retry_after), "as long as we were asked to wait"


async def silence_ends_and_is_an_error(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case, limits=SHORT) as (site, visitor):
        site.trouble[0] = Trouble(hang=True)
        error = await failing(visitor)
        assert (type(error), error.code) == (TransientError, "timeout")


async def more_bytes_than_allowed_are_refused_by_name(subject: Subject, case: SiteCase) -> None:
    async with visiting(subject, case, limits=Limits(wire=16, decoded=16)) as (_, visitor):
        error = await failing(visitor)
        assert (type(error), error.code) == (RejectedError, "too_large")


async def private_addresses_stay_refused(subject: Subject, case: SiteCase) -> None:
    async with Recorded(case) as site, client(site, doors=False) as http:
        error = await failing(Visitor(lambda: case.source_at(subject, site.origin), http, site.origin))
        assert error.code == "address_refused", error.code
        assert not site.asked


async def failing(visitor: Visitor) -> HubError:
    """The error of a poll that cannot succeed."""
    try:
        answer = await visitor.make().fetch(visitor.http, visitor.cursor)
    except HubError as error:
        return error
    except Exception as error:
        raise AssertionError(f"the fetch ended in {type(error).__name__}, which nobody handles") from error
    raise AssertionError(f"the fetch ended in {type(answer).__name__} in place of an error")


async def a_page_that_fails_costs_nothing(subject: Subject, case: SiteCase) -> None:
    new, gone, requests = await usual(subject, case)
    for number in range(requests):
        for trouble in PASSING if number == requests // 2 else (PASSING[number % len(PASSING)],):
            async with visiting(subject, case) as (site, visitor):
                site.trouble[number] = trouble
                await visitor.persist()
                for _ in range(2):
                    await visitor.round()
                assert len(set(visitor.new)) == len(visitor.new), f"{trouble} at request {number + 1} doubles an item"
                assert sorted(visitor.new) == new, f"{trouble} at request {number + 1} costs an item"
                assert sorted(set(visitor.gone)) == sorted(set(gone)), f"{trouble} costs a withdrawal"


async def a_page_of_html_among_data_is_named_and_costs_nothing(subject: Subject, case: SiteCase) -> None:
    new, _, requests = await usual(subject, case)
    for number in range(requests):
        async with visiting(subject, case) as (site, visitor):
            site.trouble[number] = Trouble(page=PAGE)
            for _ in range(4):
                await visitor.persist()
            received = any(capture.body == PAGE for capture in visitor.captures)
            assert len(visitor.refused) == received, "an error page is refused by name, and only that"
            assert sorted(visitor.new) == new, f"an error page at request {number + 1} costs an item"


# --------------------------------------------------------------------------------------------------------- secrets


@asynccontextmanager
async def with_stranger(subject: Subject, case: SiteCase) -> AsyncIterator[tuple[Recorded, Recorded, Visitor]]:
    """The site, a second origin beside it, and a client that may dial both."""
    async with Recorded(case) as site, Recorded(case) as other, client(site) as http:
        view = http.scoped(allow=other.doors)
        yield site, other, Visitor(lambda: case.source_at(subject, site.origin), view, site.origin)


def secrets(subject: Subject, case: SiteCase) -> list[str]:
    config = case.source_at(subject, "http://127.0.0.1:1").config  # type: ignore[attr-defined]  # every source keeps it
    return list(secrets_of(config))


async def secrets_go_to_the_sources_own_origin_and_no_other(subject: Subject, case: SiteCase) -> None:
    kept = secrets(subject, case)
    async with with_stranger(subject, case) as (site, other, visitor):
        site.trouble[0] = Trouble(status=302, to=f"{other.origin}/elsewhere")
        await visitor.persist()
        assert_nowhere(kept, [f"{one.path} {dict(one.headers)}" for one in other.asked], "a redirect to another origin")
    async with with_stranger(subject, case) as (site, other, visitor):
        site.named = other.origin  # every address in its bodies leads to another origin
        await visitor.persist()
        assert_nowhere(kept, [f"{one.path} {dict(one.headers)}" for one in other.asked], "a link to another origin")
        if kept:
            assert not other.asked, "an interface with a key is asked at home and nowhere else"


async def secrets_stay_out_of_everything_that_is_kept_or_printed(subject: Subject, case: SiteCase) -> None:
    kept = secrets(subject, case)
    async with visiting(subject, case) as (site, visitor):
        source = visitor.make()
        printed = [repr(source), repr(vars(source)), str(source.config)]  # type: ignore[attr-defined]
        for trouble, _, _ in STATUSES:
            site.trouble[len(site.asked)] = trouble
            error = await failing(visitor)
            printed += [repr(error), error.sentence, *traceback.format_exception(error)]
        await visitor.round()
        for capture in visitor.captures:
            printed.append(repr(replace(capture, body=b"")))
        printed.append(repr(visitor.cursor))
    assert_nowhere(kept, printed, "a text that is logged or stored")


def assert_nowhere(kept: list[str], texts: list[str], where: str) -> None:
    assert not [text for text in texts for secret in kept if secret in text], f"a secret stands in {where}"


# ----------------------------------------------------------------------------------------------------------- walks


@asynccontextmanager
async def walking(subject: Subject, case: SiteCase) -> AsyncIterator[tuple[Recorded, Walking]]:
    async with visiting(subject, case) as (site, visitor):
        yield site, Walking(visitor.make, visitor.http, visitor.origin, since=since_of(case))


def since_of(case: SiteCase) -> date:
    """The day at which the recorded walk ends."""
    return date.fromisoformat(case.said.get("walk", {}).get("since", "2000-01-01"))


async def a_walk_reads_the_history_as_recorded(subject: Subject, case: SiteCase) -> None:
    if "walk" not in case.said:
        return
    expected = case.said["walk"]
    async with walking(subject, case) as (site, walk):
        await walk.round()
        assert site.paths == expected["asked"], "the walk asks for something else"
        assert walk.new == expected["new"], "the walk brings something else"
        assert not walk.refused, "nothing is refused"
        assert not [one for one in site.asked if "If-None-Match" in one.headers], "a walk asks unconditionally"


async def a_walk_ends_whatever_the_site_shows(subject: Subject, case: SiteCase) -> None:
    if "walk" not in case.said:
        return
    async with walking(subject, case) as (site, walk):
        assert isinstance(walk.make(), Walker)
        site.only_first = True
        await walk.round()


async def a_walk_that_fails_goes_on_where_it_was(subject: Subject, case: SiteCase) -> None:
    if "walk" not in case.said:
        return
    for number in range(len(case.said["walk"]["asked"])):
        async with walking(subject, case) as (site, walk):
            site.trouble[number] = PASSING[(number + 1) % len(PASSING)]
            await walk.persist()
            assert sorted(set(walk.new)) == sorted(case.said["walk"]["new"]), (
                f"a failure at page {number + 1} costs items"
            )


async def what_a_round_knows_a_walk_may_leave_out(subject: Subject, case: SiteCase) -> None:
    """Both ways to an item give the same item: else a backfill doubles what the polls have brought."""
    if "walk" not in case.said:
        return
    async with visiting(subject, case) as (_, visitor):
        await visitor.round()
        known = set(visitor.known)
        walk = Walking(visitor.make, visitor.http, visitor.origin, since=since_of(case), known=known)
        await walk.round()
        assert not set(walk.new) & set(visitor.new), "a walk brings again what a poll brought"
