"""Broken connectors, one promise each, that the contract must catch: fetches, cursors, secrets and walks."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from connectors.addresses import parse_allowance
from connectors.base import Capture, Cursor, Unchanged
from connectors.bodies import Limits
from connectors.errors import BlockedError, HubError, ThrottledError, TransientError
from connectors.http import Http
from connectors.parse.url import origin_of
from tests.contract.sabotage import GoodFetch, GoodWalk, in_fetch, in_walk, with_cursor
from tests.contract.subjects import secrets_of

Answer = Capture | Unchanged

_ORIGIN = re.compile(rb"http://127\.0\.0\.1:\d+/[^\"'<>\s]*")
_COUNTED = count()


# ---------------------------------------------------------------------------------------------- cursors and rounds


@in_fetch("nothing_is_kept_between_two_polls_but_the_cursor", "feed", "json", "listing", "wordpress", "oai_pmh")
async def keeps_the_cursor_itself(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Goes on from its own memory, which is gone after a restart."""
    answer = await good(http, self.__dict__.get("mine", {}))
    if isinstance(answer, Capture):
        self.mine = dict(answer.cursor)
        return with_cursor(answer, {})
    return answer


@in_fetch("the_same_cursor_gives_the_same_request", "feed", "csv", "sitemap")
async def asks_differently_each_time(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Adds a number that counts up to each request, to get past caches."""
    sent = {"X-Request": str(next(_COUNTED))}
    return await http.get(self.context.url, cursor=cursor, headers=sent)


@in_fetch("a_site_is_read_as_recorded", "json", "listing", "wordpress", "oai_pmh", "drupal", "xml")
async def drops_the_cursor(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Forgets where the next page is."""
    answer = await good(http, cursor)
    return with_cursor(answer, {}) if isinstance(answer, Capture) else answer


@in_fetch("a_site_is_read_as_recorded", "json", "listing", "wordpress", "oai_pmh", "sitemap")
async def ends_after_the_first_page(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Never says that there is more."""
    answer = await good(http, {} if "etag" not in cursor else {"etag": cursor["etag"]})
    return with_cursor(answer, answer.cursor, more=False) if isinstance(answer, Capture) else answer


@in_fetch("a_site_is_read_as_recorded", "json", "listing", "oai_pmh", "wordpress", "xml")
async def ignores_max_pages(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Reads on where the settings say that a round ends."""
    answer = await good(http, {key: "1" if key in ("pages", "page") else value for key, value in cursor.items()})
    if isinstance(answer, Capture) and not answer.hints.more and "{n}" not in self.context.url:
        return with_cursor(answer, {**cursor, "turn": f"{len(cursor.get('turn', ''))}x"}, more=True)
    return answer


@in_fetch("a_site_is_read_as_recorded", "feed", "csv", "json")
async def more_without_progress(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Says that there is more and leaves the cursor where it was."""
    answer = await good(http, cursor)
    return with_cursor(answer, cursor, more=True) if isinstance(answer, Capture) else answer


@in_fetch("a_round_ends_whatever_the_site_shows", "feed", "json", "listing", "wordpress", "oai_pmh")
async def says_more_for_ever(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Says that there is more, for ever."""
    answer = await good(http, {})
    number = int(cursor.get("number", "0")) + 1
    return with_cursor(answer, {"number": str(number)}, more=True) if isinstance(answer, Capture) else answer


@in_fetch("the_same_cursor_gives_the_same_request", "feed", "wordpress")
async def a_cursor_of_numbers(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Puts a number into the cursor where texts are kept."""
    answer = await good(http, cursor)
    return with_cursor(answer, {**answer.cursor, "number": 7}) if isinstance(answer, Capture) else answer


@in_fetch("the_same_cursor_gives_the_same_request", "feed", "listing")
async def a_cursor_without_bounds(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Keeps what it has seen in the cursor, all of it."""
    answer = await good(http, cursor)
    return with_cursor(answer, {**answer.cursor, "all": "x" * 5_000}) if isinstance(answer, Capture) else answer


@in_fetch("a_site_is_read_as_recorded", "feed", "json", "oai_pmh")
async def writes_into_the_cursor(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Changes the cursor that it was handed: a failed poll has moved on all the same."""
    cursor["tried"] = "1"  # type: ignore[index]  # this is the defect
    return await good(http, cursor)


@in_fetch("a_site_is_read_as_recorded", "feed", "json", "listing", "wordpress")
async def asks_twice(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Asks for everything twice."""
    await good(http, cursor)
    return await good(http, cursor)


# ----------------------------------------------------------------------------------------------------- validators


@in_fetch("an_unchanged_site_is_asked_conditionally", "feed", "json", "listing", "csv", "sitemap")
async def never_asks_conditionally(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Has the same body sent over and over."""
    return await good(http, {key: value for key, value in cursor.items() if key not in ("etag", "last_modified")})


@in_fetch("an_unchanged_site_is_asked_conditionally", "feed", "csv", "xml")
async def keeps_an_old_etag(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Keeps a validator after a body that came without one."""
    answer = await good(http, cursor)
    return with_cursor(answer, {**cursor, **answer.cursor}) if isinstance(answer, Capture) else answer


@in_fetch("an_unchanged_site_is_asked_conditionally", "feed", "json", "listing", "sitemap")
async def takes_304_for_an_empty_body(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Makes an empty capture of 304: everything has vanished."""
    answer = await good(http, cursor)
    if isinstance(answer, Capture):
        return answer
    return Capture(url=self.context.url, content_type="", body=b"", fetched_at=http.now(), cursor=cursor)


# ------------------------------------------------------------------------------------------------------- captures


@in_fetch("a_capture_is_what_was_received", "feed", "json", "wordpress", "oai_pmh")
async def tidies_the_body(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Keeps a tidied body in place of the one that came."""
    answer = await good(http, cursor)
    return replace(answer, body=b" ".join(answer.body.split()) + b"\n") if isinstance(answer, Capture) else answer


@in_fetch("a_capture_is_what_was_received", "feed", "listing")
async def has_a_clock_of_its_own(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Dates its captures by the clock of the machine."""
    answer = await good(http, cursor)
    return replace(answer, fetched_at=datetime.now(UTC)) if isinstance(answer, Capture) else answer


# --------------------------------------------------------------------------------------------------------- errors


@in_fetch("whatever_comes_back_is_an_error_of_the_table", "feed", "json", "listing", "wordpress", "oai_pmh", "csv")
async def swallows_errors(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Takes every failure for no change: nobody hears that the site is down."""
    try:
        return await good(http, cursor)
    except HubError:
        return Unchanged()


@in_fetch("whatever_comes_back_is_an_error_of_the_table", "feed", "wordpress", "drupal")
async def knocks_at_a_shut_door(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Takes a refusal for an outage and asks again and again."""
    try:
        return await good(http, cursor)
    except BlockedError as error:
        raise TransientError(str(error), code=error.code, sentence=error.sentence) from None


@in_fetch("whatever_comes_back_is_an_error_of_the_table", "feed", "liferay", "xml")
async def does_not_wait_as_told(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Forgets how long it was asked to wait."""
    try:
        return await good(http, cursor)
    except ThrottledError as error:
        raise ThrottledError(str(error), sentence=error.sentence) from None


@in_fetch("whatever_comes_back_is_an_error_of_the_table", "feed", "sharepoint")
async def raises_errors_of_its_own(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Raises what nobody else knows."""
    try:
        return await good(http, cursor)
    except HubError as error:
        raise ValueError(str(error)) from error


@in_fetch("silence_ends_and_is_an_error", "feed", "json", "listing")
async def takes_silence_for_no_change(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Takes a server that says nothing for one that has nothing new."""
    try:
        return await good(http, cursor)
    except TransientError as error:
        if error.code == "timeout":
            return Unchanged()
        raise


@in_fetch("more_bytes_than_allowed_are_refused_by_name", "feed", "json", "listing", "oai_pmh")
async def has_limits_of_its_own(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Reads more than the settings allow."""
    return await good(http.scoped(limits=Limits()), cursor)


@in_fetch("private_addresses_stay_refused", "feed", "json", "listing", "wordpress")
async def opens_its_own_doors(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Lets itself into the private network."""
    door = parse_allowance(origin_of(self.context.url).partition("://")[2])
    return await good(http.scoped(allow=frozenset({door})), cursor)


@in_fetch("a_page_that_fails_costs_nothing", "json")
async def skips_a_page_that_fails(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Goes on behind a page that could not be fetched."""
    try:
        return await good(http, cursor)
    except TransientError:
        if not cursor.get("at", "").isdigit():
            raise
        return await good(http, {**cursor, "at": str(int(cursor["at"]) + 1)})


@in_fetch("a_page_of_html_among_data_is_named_and_costs_nothing", "json", "wordpress")
async def ends_a_round_at_an_error_page(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Takes an error page for the end of the round, and keeps the validators of its first page."""
    answer = await good(http, cursor)
    if isinstance(answer, Capture) and b"<html" in answer.body and ("at" in cursor or "place" in cursor):
        kept = ("etag", "asked", "since")
        resting = {key: value for key, value in cursor.items() if key in kept} | {"since": http.now().isoformat()}
        return with_cursor(answer, resting, more=False)
    return answer


# -------------------------------------------------------------------------------------------------------- secrets


@in_fetch("secrets_stay_out_of_everything_that_is_kept_or_printed", "json", "wordpress", "liferay")
async def tells_its_secret_in_errors(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Quotes the headers of a request that failed."""
    try:
        return await good(http, cursor)
    except HubError as error:
        raise TransientError(f"{error} with {' '.join(secrets_of(self.config))}", sentence=error.sentence) from None


@in_fetch("secrets_stay_out_of_everything_that_is_kept_or_printed", "json", "drupal")
async def keeps_its_secret_in_the_cursor(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Stores the token beside the page."""
    answer = await good(http, {key: value for key, value in cursor.items() if key != "token"})
    if isinstance(answer, Capture):
        return with_cursor(answer, {**answer.cursor, "token": "".join(secrets_of(self.config))})
    return answer


@in_fetch("secrets_go_to_the_sources_own_origin_and_no_other", "json", "drupal", "sharepoint")
async def follows_links_with_its_key(self: Any, http: Http, cursor: Cursor, good: GoodFetch) -> Answer:
    """Asks another host for what a page names, with the key of this one."""
    answer = await good(http, cursor)
    if isinstance(answer, Capture):
        for address in _ORIGIN.findall(answer.body)[:2]:
            if not address.startswith(origin_of(self.context.url).encode()):
                await http.get(address.decode(), headers={"X-Api-Key": "".join(secrets_of(self.config))})
    return answer


# ---------------------------------------------------------------------------------------------------------- walks


@in_walk("a_walk_ends_whatever_the_site_shows", "json", "listing", "wordpress", "oai_pmh")
async def walks_for_ever(self: Any, http: Http, cursor: Cursor, since: date, good: GoodWalk) -> Capture:
    """Never comes to the end of the history."""
    answer = await good(http, {}, since)
    return with_cursor(answer, {"number": str(int(cursor.get("number", "0")) + 1)}, more=True)


@in_walk("a_walk_reads_the_history_as_recorded", "json", "listing", "wordpress", "oai_pmh", "xml", "sitemap")
async def walks_only_the_first_page(self: Any, http: Http, cursor: Cursor, since: date, good: GoodWalk) -> Capture:
    """Takes the first page for the history."""
    answer = await good(http, cursor, since)
    return with_cursor(answer, {}, more=False)


@in_walk("a_walk_reads_the_history_as_recorded", "json", "listing", "wordpress", "oai_pmh")
async def walks_two_pages_at_once(self: Any, http: Http, cursor: Cursor, since: date, good: GoodWalk) -> Capture:
    """Loses every other page of the history."""
    answer = await good(http, cursor, since)
    return await good(http, answer.cursor, since) if answer.hints.more else answer


@in_walk("a_walk_reads_the_history_as_recorded", "wordpress", "liferay", "oai_pmh")
async def walks_without_a_window(self: Any, http: Http, cursor: Cursor, since: date, good: GoodWalk) -> Capture:
    """Asks for more of the history than is wanted."""
    return await good(http, cursor, date(1990, 1, 1))


@in_walk("a_walk_that_fails_goes_on_where_it_was", "json", "wordpress")
async def walks_past_a_page_that_fails(self: Any, http: Http, cursor: Cursor, since: date, good: GoodWalk) -> Capture:
    """Goes on behind a page of the history that could not be fetched."""
    key = "at" if "at" in cursor else "place"
    try:
        return await good(http, cursor, since)
    except TransientError:
        if not cursor.get(key, "").isdigit():
            raise
        return await good(http, {**cursor, key: str(int(cursor[key]) + 1)}, since)
