"""Broken connectors, one promise each, that the contract must catch: fingerprints, records, purity, damaged bodies."""

import json
import random
import socket
from collections.abc import Callable, Container
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from connectors.base import Capture, Record, Split
from connectors.errors import RejectedError
from tests.contract.sabotage import GoodSplit, in_split

Known = Container[bytes]


def marked(split: Split, mark: Callable[[Record], bytes]) -> Split:
    """The split with other fingerprints of its records."""
    records = [replace(record, fingerprint=mark(record)) for record in split.records]
    new = {old.fingerprint: record.fingerprint for old, record in zip(split.records, records, strict=True)}
    return replace(split, records=records, fingerprints=[new.get(one, one) for one in split.fingerprints])


def digest(*parts: object) -> bytes:
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).digest()


# ---------------------------------------------------------------------------------------------------- fingerprints


@in_split("every_piece_has_a_fingerprint", "feed", "json", "listing", "wordpress", "oai_pmh")
def forgets_fingerprints(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Names no fingerprints: every record is read again with every poll."""
    return replace(good(capture, known, now), fingerprints=())


@in_split("every_piece_has_a_fingerprint", "feed", "csv")
def short_fingerprints(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Gives fingerprints of four bytes, which soon meet by chance."""
    return marked(good(capture, known, now), lambda record: record.fingerprint[:4])


@in_split("every_piece_has_a_fingerprint", "feed", "json", "oai_pmh")
def one_fingerprint_for_all(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Gives all records the fingerprint of the whole body: after the first change of one the others count as known."""
    return marked(good(capture, known, now), lambda _: digest(capture.body))


@in_split("every_piece_has_a_fingerprint", "feed", "wordpress")
def fingerprints_out_of_order(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Names the fingerprints in another order than the records stand in."""
    split = good(capture, known, now)
    return replace(split, fingerprints=list(reversed(split.fingerprints)))


@in_split("results_are_the_same_in_another_process", "feed", "json")
def fingerprint_depends_on_hash(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Fingerprints with hash(), which is another one in every process: after a restart everything is new."""
    return marked(good(capture, known, now), lambda record: abs(hash(record.pointer)).to_bytes(16))


@in_split("records_do_not_depend_on_their_place", "feed", "json", "wordpress", "oai_pmh", "xml")
def fingerprint_of_the_place(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Fingerprints the place of a record: one new record on top and all are new."""
    return marked(good(capture, known, now), lambda record: digest(record.pointer, record.fields.get("id")))


@in_split("what_a_round_begins_again_brings_nothing_twice", "wordpress", "drupal", "liferay")
def fingerprint_of_the_page(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Fingerprints the page that a record stands on: on another page it counts as another record."""
    page = sorted(capture.cursor.items())
    split = marked(good(capture, frozenset(), now), lambda record: digest(record.fingerprint, page))
    return replace(split, records=[record for record in split.records if record.fingerprint not in known])


@in_split("what_a_round_knows_a_walk_may_leave_out", "wordpress", "drupal")
def fingerprint_of_the_address(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Fingerprints the address that was asked: a walk brings again what the polls have brought."""
    split = marked(good(capture, frozenset(), now), lambda record: digest(record.fingerprint, "after" in capture.url,
                                                                          "created" in capture.url))  # fmt: skip
    return replace(split, records=[record for record in split.records if record.fingerprint not in known])


@in_split("known_pieces_are_left_out_and_nothing_else", "feed", "json", "listing", "wordpress", "oai_pmh", "csv")
def ignores_known(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Parses everything again, known or not."""
    return good(capture, frozenset(), now)


@in_split("known_pieces_are_left_out_and_nothing_else", "feed", "json", "oai_pmh")
def forgets_what_was_known(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Leaves known pieces out of the fingerprints too: they count as vanished."""
    split = good(capture, known, now)
    return replace(split, fingerprints=[mark for mark in split.fingerprints if mark not in known])


# ------------------------------------------------------------------------------------------------- lost and doubled


@in_split("each_record_counts_once", "feed", "json", "listing", "wordpress", "oai_pmh")
def loses_the_last_record(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Counts up to the last record without it."""
    split = good(capture, known, now)
    if len(split.fingerprints) < 2:
        return split
    last = split.fingerprints[-1]
    return replace(
        split, records=[one for one in split.records if one.fingerprint != last], fingerprints=split.fingerprints[:-1]
    )


@in_split("a_case_becomes_what_its_expectation_says", "feed", "json", "listing", "wordpress", "oai_pmh", "inbox")
def doubles_a_record(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Lists the first record twice."""
    split = good(capture, known, now)
    return replace(split, records=[*split.records[:1], *split.records])


@in_split("a_case_becomes_what_its_expectation_says", "feed", "json", "wordpress", "oai_pmh", "inbox")
def forgets_tombstones(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Passes over what the source says is gone: it stays public for ever."""
    return replace(good(capture, known, now), tombstones=())


@in_split("a_case_becomes_what_its_expectation_says", "feed", "csv", "oai_pmh")
def hides_what_fell(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Passes over records that cannot be read without a word."""
    return replace(good(capture, known, now), fallen=())


@in_split("one_bad_record_never_costs_the_others", "json", "wordpress", "drupal", "liferay", "feed")
def one_for_all(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Refuses the whole body for one bad record."""
    split = good(capture, known, now)
    if split.fallen:
        raise RejectedError(code="bad_record", sentence="Có một mục tin bị lỗi.")
    for record in split.records:
        self.normalise(record, capture)
    return split


@in_split("a_page_among_many_says_that_it_is_one", "wordpress", "json", "listing", "oai_pmh", "drupal")
def calls_a_page_the_whole(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Says of one page of many that it is everything: what stands on the others counts as vanished."""
    return replace(good(capture, known, now), incremental=False)


# --------------------------------------------------------------------------------------------------------- pointers


@in_split("everything_that_comes_out_is_clean_and_whole", "feed", "json", "csv", "listing")
def no_pointers(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Does not say where a record stands."""
    split = good(capture, known, now)
    return replace(split, records=[replace(record, pointer="") for record in split.records])


@in_split("everything_that_comes_out_is_clean_and_whole", "feed", "wordpress", "oai_pmh")
def one_pointer_for_all(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Says of every record that it is the first."""
    split = good(capture, known, now)
    return replace(split, records=[replace(record, pointer="item 1") for record in split.records])


# ----------------------------------------------------------------------------------------------------------- purity


@in_split("neither_clock_nor_network_nor_chance_is_touched", "feed", "json", "listing")
def asks_the_clock(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Takes the time of day for the time of the capture: a replay gives something else."""
    return good(capture, known, datetime.now(now.tzinfo))


@in_split("neither_clock_nor_network_nor_chance_is_touched", "wordpress", "csv")
def throws_dice(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Lets chance take part."""
    split = good(capture, known, now)
    return replace(split, truncated=split.truncated or random.random() < 0)


@in_split("neither_clock_nor_network_nor_chance_is_touched", "oai_pmh", "xml")
def asks_the_network(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Looks up a name while it reads."""
    socket.getaddrinfo("127.0.0.1", 80)
    return good(capture, known, now)


@in_split("neither_clock_nor_network_nor_chance_is_touched", "feed", "drupal")
def reads_a_file(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Looks into a file while it reads."""
    with Path(__file__).open("rb"):
        return good(capture, known, now)


@in_split("the_same_bytes_give_the_same_records_and_items", "feed", "json", "listing", "wordpress")
def remembers_what_it_read(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Leaves out what it has read before, by its own memory."""
    split = good(capture, known, now)
    read = self.__dict__.setdefault("read", set())
    fresh = [record for record in split.records if record.fingerprint not in read]
    read.update(record.fingerprint for record in split.records)
    return replace(split, records=fresh)


@in_split("everything_crosses_a_process_border", "feed", "json", "oai_pmh")
def cannot_be_sent(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Puts a function into its records: they cannot be handed to another process."""
    split = good(capture, known, now)
    late = [replace(record, fields={**record.fields, "late": lambda: None}) for record in split.records]
    return replace(split, records=late)


# ---------------------------------------------------------------------------------------------------- damaged bodies


@in_split("a_body_cut_off_anywhere_ends_in_our_own_words", "feed", "json", "listing", "wordpress", "oai_pmh", "csv")
def stumbles_over_nothing(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Takes it for granted that there is a body."""
    capture.body[0]
    return good(capture, known, now)


@in_split("a_foreign_encoding_ends_in_our_own_words", "feed", "json", "xml", "inbox")
def takes_everything_for_utf8(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Decodes as UTF-8 whatever comes."""
    capture.body.decode("utf-8")
    return good(capture, known, now)


@in_split("a_wrong_charset_header_loses_nothing", "feed", "json", "listing", "csv")
def believes_the_header(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Decodes by the header, whatever it says."""
    charset = capture.content_type.partition("charset=")[2] or "utf-8"
    capture.body.decode(charset, "replace")
    return good(capture, known, now)


@in_split("odd_values_end_in_our_own_words", "wordpress", "drupal", "liferay", "sharepoint")
def trusts_the_types(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Takes it for granted that what was a text yesterday is one today."""
    split = good(capture, known, now)
    seen = json.loads(capture.body)
    for item in seen if isinstance(seen, list) else next(one for one in seen.values() if isinstance(one, list)):
        "".join(item["title"]["rendered"] if "title" in item else "-".join(map(str.strip, map(str, item))))
    return split


@in_split("what_is_no_answer_of_this_source_is_refused_by_name", "feed", "json", "listing", "wordpress", "oai_pmh")
def takes_an_error_page_for_an_empty_list(
    self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit
) -> Split:  # fmt: skip
    """Reads whatever it cannot read as a list without items."""
    try:
        return good(capture, known, now)
    except RejectedError:
        return Split(format="none")


@in_split("pages_in_place_of_data_are_refused", "feed", "json", "listing", "wordpress", "oai_pmh", "csv", "inbox")
def takes_blanks_for_an_empty_list(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Reads a body of blanks as a list without items."""
    return good(capture, known, now) if capture.body.strip() else Split(format="none")


@in_split("pages_in_place_of_data_are_refused", "feed", "json", "sitemap")
def refuses_without_a_name(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Refuses without a code of its own."""
    try:
        return good(capture, known, now)
    except RejectedError as refused:
        raise RejectedError(str(refused), sentence=refused.sentence) from refused


@in_split("pages_in_place_of_data_are_refused", "wordpress", "xml")
def refuses_without_a_sentence(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Refuses without telling the clerk what happened."""
    try:
        return good(capture, known, now)
    except RejectedError as refused:
        raise RejectedError(str(refused), code=refused.code) from refused


@in_split("a_body_of_many_megabytes_ends_in_our_own_words", "feed", "json", "listing")
def runs_out_of_memory(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Has no answer to a large body."""
    if len(capture.body) > 4_000_000:
        raise MemoryError
    return good(capture, known, now)


def without_limit(self: Any, capture: Capture, known: Known, now: datetime) -> Split:
    config = self.config.model_copy(update={"max_items": 1_000_000})
    split: Split = type(self).__mro__[1](self.context, config).split(capture, known, now)
    return split


@in_split("the_limit_of_items_holds_and_is_told", "feed", "json", "oai_pmh", "csv", "xml")
def ignores_max_items(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Reads more records than the settings allow."""
    return without_limit(self, capture, known, now)


@in_split("ten_thousand_records_are_bounded", "json", "feed")
def reads_whatever_comes(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Has no limit at all."""
    return without_limit(self, capture, known, now)


@in_split("the_limit_of_items_holds_and_is_told", "feed", "json", "csv")
def leaves_out_in_silence(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Keeps to its limit and does not say that there was more."""
    split = good(capture, known, now)
    return replace(split, truncated=False, fallen=[one for one in split.fallen if one.code != "too_many"])
