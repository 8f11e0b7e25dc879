"""What states are called on the screen: nobody has to read a code, and no state ends a command."""

from collections.abc import Iterable, Mapping

import pytest

from hub.cli import decisions, words
from hub.store.states import AttemptOutcome, DeliveryState, EndpointState, ItemState
from schemas.edition import EditionState, UpdateType, WithdrawalKind


@pytest.mark.parametrize(
    ("states", "called"),
    [
        (ItemState, words.ITEMS),
        (EditionState, words.EDITIONS),
        (UpdateType, words.CHANGES),
        (DeliveryState, words.DELIVERIES),
        (AttemptOutcome, words.ATTEMPTS),
        (set(EndpointState) - {EndpointState.ACTIVE}, words.SOURCES),
    ],
)
def test_every_state_has_a_word(states: Iterable[str], called: Mapping[str, str]) -> None:
    assert set(called) == {str(state) for state in states}


def test_counts_are_listed_by_word_and_an_unknown_code_stands_for_itself() -> None:
    assert words.listed({"held": 1, "approved": 3, "odd": 2}, words.EDITIONS) == "3 đã duyệt, 1 chờ duyệt, 2 odd"
    assert words.listed({}, words.EDITIONS) == "0"


def test_what_a_withdrawal_may_leave_is_one_list() -> None:
    assert {str(gone) for gone in decisions.Gone} == {str(kind) for kind in WithdrawalKind}
