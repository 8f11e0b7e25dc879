"""Broken connectors, one promise each, that the contract must catch: dates, items, settings."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from connectors.base import Capture, Normalised, Record, Split
from connectors.errors import RejectedError
from tests.contract.sabotage import GoodNormalise, GoodSplit, in_config, in_normalise, in_split
from tests.contract.subjects import secrets_of

Known = Container[bytes]


# ------------------------------------------------------------------------------------------------------------ dates


@in_split("what_has_not_happened_yet_is_no_date", "feed", "json", "listing", "wordpress", "oai_pmh")
def lets_the_future_pass(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Takes any date for true."""
    return good(capture, known, now + timedelta(days=36_500))


@in_split("what_has_not_happened_yet_is_no_date", "feed", "json", "wordpress")
def takes_now_for_a_date(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Takes the time of the fetch where a date cannot be read."""
    split = good(capture, known, now)
    dated = [
        replace(record, fields={**record.fields, "published": record.fields.get("published") or now})
        for record in split.records
    ]
    return replace(split, records=dated)


@in_split("everything_that_comes_out_is_clean_and_whole", "oai_pmh", "feed")
def a_document_without_a_zone(self: Any, capture: Capture, known: Known, now: datetime, good: GoodSplit) -> Split:
    """Gives the date of the document without a zone."""
    split = good(capture, known, now)
    date = split.document_date
    return replace(split, document_date=date and date.replace(tzinfo=None))


@in_normalise("everything_that_comes_out_is_clean_and_whole", "feed", "json", "listing", "csv", "oai_pmh")
def dates_without_a_zone(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Gives dates without a zone: seven hours off somewhere."""
    made = good(record, capture)
    date = made.item.published
    return changed(made, published=date and date.replace(tzinfo=None))


@in_normalise("what_has_not_happened_yet_is_no_date", "feed", "json", "csv")
def swallows_remarks(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Does not tell what it mended or refused."""
    return replace(good(record, capture), remarks=())


# ------------------------------------------------------------------------------------------------------------ items


def changed(made: Normalised, **values: Any) -> Normalised:
    return replace(made, item=made.item.model_copy(update=values))


def stated(record: Record, *names: str) -> str:
    """A text as the source states it."""
    return next((record.fields[name].value for name in names if record.fields.get(name)), "")


@in_normalise("the_same_bytes_give_the_same_records_and_items", "feed", "json", "wordpress", "oai_pmh")
def writes_into_the_record(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Changes the record that it was given."""
    made = good(record, capture)
    record.fields["title"] = made.item.title + "."  # type: ignore[index]  # this is the defect
    return made


@in_normalise("hostile_texts_come_out_clean", "feed", "json", "wordpress", "drupal", "liferay")
def leaves_html_as_it_came(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Keeps the HTML of the source unsanitised."""
    return changed(good(record, capture), content_html=stated(record, "content", "summary"))


@in_normalise("texts_of_a_megabyte_are_cut", "feed", "json", "wordpress")
def leaves_titles_as_long_as_they_came(
    self: Any, record: Record, capture: Capture, good: GoodNormalise
) -> Normalised:  # fmt: skip
    """Keeps titles of any length."""
    made = good(record, capture)
    return changed(made, title=stated(record, "title") or made.item.title)


@in_normalise("everything_that_comes_out_is_clean_and_whole", "feed", "json", "listing", "wordpress")
def leaves_relative_links(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Gives the link of an item without the host that it belongs to."""
    made = good(record, capture)
    return changed(made, url=urlsplit(made.item.url).path)


@in_normalise("everything_that_comes_out_is_clean_and_whole", "feed", "oai_pmh", "csv")
def turns_the_text_around(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Lets signs pass that turn the direction of reading."""
    made = good(record, capture)
    return changed(made, title=f"\u202e{made.item.title}")


@in_normalise("records_do_not_depend_on_their_place", "feed", "json", "wordpress", "oai_pmh", "csv")
def identity_from_the_place(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Makes the identity of an item from its place in the list."""
    return changed(good(record, capture), guid=record.pointer)


@in_normalise("results_are_the_same_in_another_process", "wordpress")
def identity_from_hash(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Makes the identity of an item with hash()."""
    return changed(good(record, capture), guid=f"urn:{hash(record.pointer)}")


_COUNTED = count()


@in_normalise("the_same_bytes_give_the_same_records_and_items", "feed", "inbox")
def identity_from_a_counter(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Counts its items for an identity."""
    return changed(good(record, capture), guid=f"urn:{next(_COUNTED)}")


@in_normalise("a_case_becomes_what_its_expectation_says", "feed", "json")
def rejects_without_a_place(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Rejects a record and does not say which."""
    try:
        return good(record, capture)
    except RejectedError as rejected:
        raise RejectedError(str(rejected), code=rejected.code, sentence=rejected.sentence) from rejected


@in_normalise("one_bad_record_never_costs_the_others", "json")
def raises_key_errors(self: Any, record: Record, capture: Capture, good: GoodNormalise) -> Normalised:
    """Ends in KeyError where a record says less than others."""
    record.fields["title"]
    return good(record, capture)


# --------------------------------------------------------------------------------------------------------- settings


def _derived(good: type[BaseModel], **body: Any) -> type[BaseModel]:
    return type("Config", (good,), {"__module__": __name__, **body})


@in_config("unknown_keys_are_refused", "feed", "json", "oai_pmh")
def takes_unknown_keys(good: type[BaseModel]) -> type[BaseModel]:
    """Passes over keys that nobody knows: a typing error is never seen."""
    return _derived(good, model_config=ConfigDict(extra="ignore"))


@in_config("settings_are_closed_frozen_and_quote_no_input", "json", "inbox")
def quotes_what_was_written(good: type[BaseModel]) -> type[BaseModel]:
    """Quotes wrong values in its errors, tokens among them."""
    return _derived(good, model_config=ConfigDict(hide_input_in_errors=False))


@in_config("settings_are_closed_frozen_and_quote_no_input", "feed", "wordpress")
def settings_that_change(good: type[BaseModel]) -> type[BaseModel]:
    """Has settings that can be changed while it runs."""
    return _derived(good, model_config=ConfigDict(frozen=False))


@in_config("settings_are_closed_frozen_and_quote_no_input", "inbox")
def shows_its_secret(good: type[BaseModel]) -> type[BaseModel]:
    """Shows its secret whenever it is printed."""
    return _derived(good, __repr__=lambda self: f"Config({', '.join(secrets_of(self))})")


@in_config("every_key_stands_in_the_reference", "feed", "csv")
def has_a_key_that_nobody_told(good: type[BaseModel]) -> type[BaseModel]:
    """Has a key that the reference does not know."""
    return _derived(good, __annotations__={"bi_mat": int}, bi_mat=3)


@in_config("expressions_that_do_not_compile_are_refused_with_the_place", "json", "xml", "listing")
def says_wrong_and_not_where(good: type[BaseModel]) -> type[BaseModel]:
    """Refuses an expression and does not say where it is wrong."""

    def refuse(cls: Any, given: Any, check: Any) -> Any:
        try:
            return check(given)
        except ValidationError:
            raise ValueError("a wrong expression") from None

    return _derived(good, _refuse=model_validator(mode="wrap")(classmethod(refuse)))  # type: ignore[arg-type]
