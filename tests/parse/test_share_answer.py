"""Answers to rows that were written: what is certain about each of them, whatever the base says."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.parse.nationalprocedure import procedure_naming
from connectors.parse.shareanswer import RowResult, read_reply, record_of, row_results

NAMING = procedure_naming({"MA_SO": "MATTHC", "MaLoi": "error_code"})
CODES = ["1.000001.000.00.00.H52", "1.000002.000.00.00.H52"]


def results(answer: Any, sent: list[str] = CODES) -> dict[str, RowResult]:
    return row_results(read_reply(json.dumps(answer).encode(), "application/json"), NAMING, sent)


def test_rows_are_known_by_their_codes_however_these_are_written() -> None:
    rows = [
        {"maTTHC": " 1.000002.H52 ", "ErrorCode": "00"},
        {"MA_SO": CODES[0], "MaLoi": 7, "MESSAGE": "<i>Sai</i>\n mã"},
    ]
    assert results({"error_code": 0, "result": rows}) == {
        CODES[1]: RowResult(ok=True, code="00"), CODES[0]: RowResult(ok=False, code="7", message="Sai mã"),
    }  # fmt: skip


def test_a_refused_answer_may_still_tell_of_its_rows() -> None:
    assert results({"error_code": 1, "result": [{"MATTHC": CODES[0], "error_code": 0}]})[CODES[0]].ok


def test_a_result_without_a_name_belongs_to_a_row_that_was_alone() -> None:
    answer = {"error_code": 0, "result": {"error_code": 3}}
    assert results(answer, CODES[:1]) == {CODES[0]: RowResult(ok=False, code="3")}
    assert results(answer) == {}


def test_an_error_code_that_is_no_text_is_no_success() -> None:
    for code in ([0], {"code": 0}, True):
        assert not results({"result": [{"MATTHC": CODES[0], "error_code": code}]})[CODES[0]].ok


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
    | st.sampled_from([*CODES, "0", "00", "[]", '{"MATTHC": 1}']),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["MATTHC", "error_code", "message", "result", "session", "data"]), inner),
    max_leaves=12,
)  # fmt: skip


def test_records_are_written_under_the_names_of_the_base() -> None:
    assert NAMING.written({"MATTHC": 1, "Error_Code": 2, "MOTA": 3}) == {"MA_SO": 1, "MaLoi": 2, "MOTA": 3}


@settings(max_examples=200, deadline=None)
@given(JUNK)
def test_whatever_comes_is_an_answer_or_a_named_refusal_and_tells_of_no_other_rows(answer: Any) -> None:
    try:
        reply = read_reply(json.dumps(answer).encode(), "application/json")
    except RejectedError:
        return
    found = row_results(reply, NAMING, CODES)
    assert set(found) <= set(CODES)
    assert all(len(one.code) <= 40 and len(one.message) <= 120 for one in found.values())
    record = record_of(reply, NAMING, CODES[0])
    assert record is None or NAMING.key_of(record) == CODES[0]
