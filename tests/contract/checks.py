"""All promises of a source in one list: what is tried on every connector, and on those that were broken on purpose.

A check is a function with a sentence for a name. It takes a connector and one of its cases, and raises AssertionError
that says what to do. `over` tells which cases it is tried on.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.contract import body_checks, config_checks, record_checks, site_checks
from tests.contract.subjects import Case, SiteCase, Subject


class Over(StrEnum):
    """What a check is tried on."""

    CASES = "cases"  #: every body
    READ = "read"  #: every body that is read
    REFUSED = "refused"  #: every body that is refused by name
    MAIN = "main"  #: three bodies
    FIRST = "first"  #: one body
    SITES = "sites"  #: every recorded site
    STABLE = "stable"  #: every recorded site that stays as it is


@dataclass(frozen=True)
class Check:
    """One promise."""

    run: Callable[[Subject, Any], Awaitable[None] | None]
    over: Over

    @property
    def name(self) -> str:
        return self.run.__name__

    def cases(self, subject: Subject) -> Sequence[Case] | Sequence[SiteCase]:
        """What it is tried on."""
        if self.over is Over.FIRST:
            return subject.main[:1] or subject.cases[:1]
        found: Sequence[Case] | Sequence[SiteCase] = getattr(subject, self.over)
        return found

    async def __call__(self, subject: Subject, case: Case | SiteCase) -> None:
        """Raises AssertionError when the promise is broken."""
        result = self.run(subject, case)
        if inspect.isawaitable(result):
            await result


CHECKS: Sequence[Check] = (
    Check(body_checks.what_is_no_answer_of_this_source_is_refused_by_name, Over.REFUSED),
    Check(body_checks.a_case_becomes_what_its_expectation_says, Over.READ),
    Check(body_checks.everything_that_comes_out_is_clean_and_whole, Over.READ),
    Check(body_checks.every_piece_has_a_fingerprint, Over.READ),
    Check(body_checks.known_pieces_are_left_out_and_nothing_else, Over.READ),
    Check(body_checks.the_same_bytes_give_the_same_records_and_items, Over.READ),
    Check(body_checks.everything_crosses_a_process_border, Over.READ),
    Check(body_checks.results_are_the_same_in_another_process, Over.CASES),
    Check(body_checks.neither_clock_nor_network_nor_chance_is_touched, Over.READ),
    Check(body_checks.what_has_not_happened_yet_is_no_date, Over.READ),
    Check(body_checks.a_body_cut_off_anywhere_ends_in_our_own_words, Over.CASES),
    Check(body_checks.a_foreign_encoding_ends_in_our_own_words, Over.CASES),
    Check(body_checks.a_wrong_charset_header_loses_nothing, Over.READ),
    Check(record_checks.records_do_not_depend_on_their_place, Over.MAIN),
    Check(record_checks.each_record_counts_once, Over.MAIN),
    Check(record_checks.one_bad_record_never_costs_the_others, Over.MAIN),
    Check(body_checks.hostile_texts_come_out_clean, Over.MAIN),
    Check(record_checks.the_limit_of_items_holds_and_is_told, Over.MAIN),
    Check(body_checks.odd_values_end_in_our_own_words, Over.MAIN),
    Check(body_checks.texts_of_a_megabyte_are_cut, Over.FIRST),
    Check(record_checks.ten_thousand_records_are_bounded, Over.FIRST),
    Check(body_checks.a_body_of_many_megabytes_ends_in_our_own_words, Over.FIRST),
    Check(body_checks.pages_in_place_of_data_are_refused, Over.FIRST),
    Check(config_checks.unknown_keys_are_refused, Over.FIRST),
    Check(config_checks.settings_are_closed_frozen_and_quote_no_input, Over.FIRST),
    Check(config_checks.every_key_stands_in_the_reference, Over.FIRST),
    Check(config_checks.expressions_that_do_not_compile_are_refused_with_the_place, Over.MAIN),
    Check(site_checks.a_site_is_read_as_recorded, Over.SITES),
    Check(site_checks.a_capture_is_what_was_received, Over.SITES),
    Check(site_checks.a_page_among_many_says_that_it_is_one, Over.SITES),
    Check(site_checks.what_a_round_begins_again_brings_nothing_twice, Over.STABLE),
    Check(site_checks.nothing_is_kept_between_two_polls_but_the_cursor, Over.STABLE),
    Check(site_checks.the_same_cursor_gives_the_same_request, Over.SITES),
    Check(site_checks.an_unchanged_site_is_asked_conditionally, Over.STABLE),
    Check(site_checks.a_round_ends_whatever_the_site_shows, Over.SITES),
    Check(site_checks.whatever_comes_back_is_an_error_of_the_table, Over.SITES),
    Check(site_checks.silence_ends_and_is_an_error, Over.STABLE),
    Check(site_checks.more_bytes_than_allowed_are_refused_by_name, Over.SITES),
    Check(site_checks.private_addresses_stay_refused, Over.SITES),
    Check(site_checks.a_page_that_fails_costs_nothing, Over.STABLE),
    Check(site_checks.a_page_of_html_among_data_is_named_and_costs_nothing, Over.STABLE),
    Check(site_checks.secrets_go_to_the_sources_own_origin_and_no_other, Over.SITES),
    Check(site_checks.secrets_stay_out_of_everything_that_is_kept_or_printed, Over.SITES),
    Check(site_checks.a_walk_reads_the_history_as_recorded, Over.SITES),
    Check(site_checks.a_walk_ends_whatever_the_site_shows, Over.SITES),
    Check(site_checks.a_walk_that_fails_goes_on_where_it_was, Over.SITES),
    Check(site_checks.what_a_round_knows_a_walk_may_leave_out, Over.STABLE),
)

BY_NAME = {check.name: check for check in CHECKS}
