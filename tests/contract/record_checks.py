"""What every source promises about records among each other: none is lost, doubled or taken along by another.

Each function is one promise, tried on a body that is taken apart into its records and put together in another way.
"""

import time
from functools import cache

from tests.contract.body_checks import PATIENCE
from tests.contract.shapes import Shape, shapes
from tests.contract.subjects import Case, Outcome, Reading, Subject, read_or_refusal, split

#: Records of a body that no member site sends.
TEN_THOUSAND = 10_000


@cache
def shape_of(case: Case) -> Shape | None:
    """The body as its records; None for what cannot be taken apart (a workbook, JSON inside a string)."""
    good = Subject.of(case.source)
    for shape in shapes(case.body):
        if len(shape.pieces) < 2:
            continue
        whole, less = (rebuilt(good, case, shape, shape.pieces[start:]) for start in (0, 1))
        if whole and less and len(less.split.fingerprints) == len(whole.split.fingerprints) - 1:
            return shape
    return None


def rebuilt(subject: Subject, case: Case, shape: Shape, pieces: object) -> Reading | None:
    """What becomes of the body with these records; None when it is refused as a whole."""
    body = shape.build(pieces)  # type: ignore[arg-type]
    reading = read_or_refusal(case.connector(subject), case.capture(body, shape.content_type))
    return reading if isinstance(reading, Reading) else None


def said(outcome: Outcome) -> str:
    """What one record says, without the place where it stands."""
    return (
        outcome.made.item.model_dump_json()
        if outcome.made
        else f"rejected: {outcome.rejected and outcome.rejected.code}"
    )


def all_said(reading: Reading) -> list[tuple[bytes, str]]:
    return sorted((one.record.fingerprint, said(one)) for one in reading.outcomes)


def records_do_not_depend_on_their_place(subject: Subject, case: Case) -> None:
    if (shape := shape_of(case)) is None:
        return
    usual, turned = (rebuilt(subject, case, shape, pieces) for pieces in (shape.pieces, shape.pieces[::-1]))
    assert usual, "the same records, written a little differently, are refused"
    assert turned, "the same records in another order are refused"
    assert all_said(turned) == all_said(usual), "identity, fingerprint and text belong to a record, not to its place"


def each_record_counts_once(subject: Subject, case: Case) -> None:
    if (shape := shape_of(case)) is None:
        return
    whole = rebuilt(subject, case, shape, shape.pieces)
    assert whole, "the same records, written a little differently, are refused"
    cut = whole.split
    assert len(cut.fingerprints) <= len(shape.pieces), "a piece is counted twice"
    assert len(cut.records) <= len(shape.pieces), "a record is doubled"
    for place in range(len(shape.pieces)):
        one = rebuilt(subject, case, shape, [shape.pieces[place]])
        if one is not None:
            missing = [mark for mark in one.split.fingerprints if mark not in cut.fingerprints]
            assert not missing, f"the record at place {place + 1} is lost among the others"


def one_bad_record_never_costs_the_others(subject: Subject, case: Case) -> None:
    if (shape := shape_of(case)) is None:
        return
    usual = rebuilt(subject, case, shape, shape.pieces)
    assert usual, "one record that cannot be an item has the whole body refused"
    for junk in shape.junk:
        damaged = rebuilt(subject, case, shape, [*shape.pieces, junk])
        assert damaged, f"{junk!r} in place of a record has the whole body refused"
        lost = set(all_said(usual)) - set(all_said(damaged))
        assert not lost, f"{junk!r} beside them costs other records"


def ten_thousand_records_are_bounded(subject: Subject, case: Case) -> None:
    if (shape := shape_of(case)) is None:
        return
    many = list(shape.pieces) * (TEN_THOUSAND // len(shape.pieces) + 1)
    began = time.monotonic()
    reading = rebuilt(subject, case, shape, many)
    assert time.monotonic() - began < PATIENCE, "it takes too long"
    if reading is None:
        return  # refused by name: more bytes than are read
    cut = reading.split
    assert len(cut.records) < TEN_THOUSAND, "the number of records is not bounded"
    assert cut.truncated or any(one.code == "too_many" for one in cut.fallen), "what was left out is not named"


def the_limit_of_items_holds_and_is_told(subject: Subject, case: Case) -> None:
    if "max_items" not in subject.Config.model_fields:
        return
    whole = split(case.connector(subject), case.capture())
    if len(whole.fingerprints) < 2:
        return
    cut = split(case.connector(subject, max_items=1), case.capture())
    assert len(cut.records) <= 1, "more records than max_items"
    assert len(cut.tombstones) <= 1, "more withdrawals than max_items"
    assert len(cut.fingerprints) < len(whole.fingerprints), "what was not read does not count as known"
    assert cut.truncated or any(one.code == "too_many" for one in cut.fallen), "what was left out is not named"
