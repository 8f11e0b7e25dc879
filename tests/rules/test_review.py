"""Which state a new edition gets."""

from itertools import product
from typing import Any

import pytest

from hub.rules.change import Change, ChangeKind
from hub.rules.review import Past, Review, first_state
from schemas.edition import EditionState

MAJOR, MINOR = Change(kind=ChangeKind.MAJOR), Change(kind=ChangeKind.MINOR)


@pytest.mark.parametrize(
    ("review", "change", "past", "state", "reason"),
    [
        (Review.AUTO, MAJOR, {}, EditionState.APPROVED, "review_auto"),
        (Review.AUTO, MINOR, {}, EditionState.APPROVED, "review_auto"),
        (Review.AUTO, Change(kind=ChangeKind.NEW), {}, EditionState.APPROVED, "review_auto"),
        (Review.HOLD, MAJOR, {}, EditionState.HELD, "review"),
        (Review.HOLD, MINOR, {}, EditionState.HELD, "review_minor"),
        (Review.AUTO, MINOR, {"withdrawn_by": "person"}, EditionState.HELD, "withdrawn_by_person"),
        (Review.AUTO, MAJOR, {"withdrawn_by": "source"}, EditionState.HELD, "withdrawn_by_source"),
        (Review.AUTO, MINOR, {"rejected": True}, EditionState.HELD, "rejected_before"),
        (Review.AUTO, MINOR, {"held": True}, EditionState.HELD, "held_before"),
    ],
)
def test_the_first_state_of_an_edition(
    review: Review, change: Change, past: dict[str, Any], state: EditionState, reason: str
) -> None:
    answer = first_state(review, change, Past(**past))

    assert (answer.state, answer.reason) == (state, reason)
    assert answer.sentence


def test_only_a_plain_edition_of_an_auto_source_is_approved_unseen() -> None:
    approved = []
    for review, change, by, rejected, held in product(
        Review, (MAJOR, MINOR), ("", "person", "source"), (False, True), (False, True)
    ):
        past = Past(withdrawn_by=by, rejected=rejected, held=held)  # type: ignore[arg-type]
        answer = first_state(review, change, past)
        assert answer.state in (EditionState.HELD, EditionState.APPROVED)
        if answer.state is EditionState.APPROVED:
            approved.append((review, past))

    assert approved == [(Review.AUTO, Past())] * 2


@pytest.mark.parametrize("review", Review)
def test_what_is_meant_for_the_administration_waits_for_a_person(review: Review) -> None:
    answer = first_state(review, Change(kind=ChangeKind.NEW), Past(), ["internal_only", "date_refused"])
    assert (answer.state, answer.reason) == (EditionState.HELD, "internal_only")
    assert first_state(Review.AUTO, MAJOR, Past(), ["date_refused"]).state is EditionState.APPROVED
