"""The outcome table, row by row, as the promises have it."""

import pytest

from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.outcomes import FETCHING, SENDING, CameBack, Purpose, came_back, error_for

T, H, R, B, U = TransientError, ThrottledError, RejectedError, BlockedError, UnconfirmedError

#: row -> error for FETCH, READ, SEND, SEND_ONCE
TABLE: dict[CameBack, tuple[type[HubError], type[HubError], type[HubError], type[HubError]]] = {
    CameBack.ADDRESS_REFUSED: (R, R, R, R),
    CameBack.NAME_UNKNOWN: (T, T, T, T),
    CameBack.CONNECTION_REFUSED: (T, T, T, T),
    CameBack.UNREACHABLE: (T, T, T, T),
    CameBack.CERTIFICATE: (T, T, T, T),
    CameBack.TLS: (T, T, T, T),
    CameBack.TIMEOUT: (T, T, U, U),
    CameBack.RESET: (T, T, U, U),
    CameBack.TRUNCATED: (T, T, U, U),
    CameBack.UNREADABLE: (T, T, U, U),
    CameBack.TOO_LARGE: (R, T, U, U),
    CameBack.BOMB: (R, T, U, U),
    CameBack.REDIRECTS: (T, B, B, B),
    CameBack.MOVED: (T, B, B, B),
    CameBack.BAD_REQUEST: (R, R, R, R),
    CameBack.UNAUTHORISED: (B, B, B, B),
    CameBack.FORBIDDEN: (B, B, B, B),
    CameBack.NOT_FOUND: (T, R, R, R),
    CameBack.TRY_AGAIN: (T, T, T, T),
    CameBack.GONE: (B, B, B, B),
    CameBack.THROTTLED: (H, H, H, H),
    CameBack.SERVER_ERROR: (T, T, U, U),
}


@pytest.mark.parametrize("what", CameBack)
@pytest.mark.parametrize("purpose", Purpose)
def test_each_row_ends_in_the_error_that_the_promises_name(what: CameBack, purpose: Purpose) -> None:
    error = error_for(what, purpose, "cause", retry_after=7)
    assert type(error) is TABLE[what][list(Purpose).index(purpose)]
    assert str(error) == "cause"
    assert error.code == what.value
    if isinstance(error, ThrottledError):
        assert error.retry_after == 7


@pytest.mark.parametrize(("table", "what"), [(table, what) for table in (FETCHING, SENDING) for what in CameBack])
def test_each_row_has_a_sentence_for_a_clerk_that_ends(table: dict[CameBack, object], what: CameBack) -> None:
    sentence = table[what].sentence  # type: ignore[attr-defined]
    assert sentence.endswith(".")
    assert 15 < len(sentence) < 200
    assert any(ord(letter) > 0x1EA0 for letter in sentence), "no Vietnamese letter in it"


@pytest.mark.parametrize(
    ("status", "retry_after", "what"),
    [
        (204, False, CameBack.UNREADABLE), (206, False, CameBack.UNREADABLE), (300, False, CameBack.MOVED),
        (302, False, CameBack.MOVED), (400, False, CameBack.BAD_REQUEST), (401, False, CameBack.UNAUTHORISED),
        (403, False, CameBack.FORBIDDEN), (404, False, CameBack.NOT_FOUND), (405, False, CameBack.BAD_REQUEST),
        (408, False, CameBack.TRY_AGAIN), (409, False, CameBack.BAD_REQUEST), (410, False, CameBack.GONE),
        (413, False, CameBack.BAD_REQUEST), (422, False, CameBack.BAD_REQUEST), (425, False, CameBack.TRY_AGAIN),
        (429, False, CameBack.THROTTLED), (429, True, CameBack.THROTTLED), (451, False, CameBack.BAD_REQUEST),
        (500, False, CameBack.SERVER_ERROR), (500, True, CameBack.SERVER_ERROR), (502, False, CameBack.SERVER_ERROR),
        (503, False, CameBack.SERVER_ERROR), (503, True, CameBack.THROTTLED), (504, False, CameBack.SERVER_ERROR),
        (599, False, CameBack.SERVER_ERROR), (600, False, CameBack.UNREADABLE), (799, False, CameBack.UNREADABLE),
    ],
)  # fmt: skip
def test_each_status_finds_its_row(status: int, retry_after: bool, what: CameBack) -> None:
    assert came_back(status, retry_after=retry_after) is what


@pytest.mark.parametrize(
    ("what", "purpose", "fault"),
    [
        (CameBack.ADDRESS_REFUSED, Purpose.FETCH, Fault.HUB),
        (CameBack.NAME_UNKNOWN, Purpose.FETCH, Fault.NETWORK),
        (CameBack.CERTIFICATE, Purpose.FETCH, Fault.MEMBER),
        (CameBack.NOT_FOUND, Purpose.FETCH, Fault.MEMBER),
        (CameBack.BAD_REQUEST, Purpose.FETCH, Fault.HUB),
        (CameBack.UNAUTHORISED, Purpose.SEND, Fault.HUB),
        (CameBack.SERVER_ERROR, Purpose.SEND, Fault.MEMBER),
        (CameBack.RESET, Purpose.SEND_ONCE, Fault.NETWORK),
    ],
)
def test_the_fault_is_laid_where_it_belongs(what: CameBack, purpose: Purpose, fault: Fault) -> None:
    assert error_for(what, purpose, "cause").fault is fault


def test_an_unconfirmed_send_says_how_it_is_settled() -> None:
    again = error_for(CameBack.TIMEOUT, Purpose.SEND, "cause").sentence
    once = error_for(CameBack.TIMEOUT, Purpose.SEND_ONCE, "cause").sentence
    assert "gửi lại cùng mã" in again
    assert "kiểm tra tại nơi nhận trước" in once
