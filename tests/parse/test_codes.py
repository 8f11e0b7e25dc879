"""Small fields of procedures: codes, sums, time limits, counts, and lists in every disguise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.codes import (
    as_list,
    folded_keys,
    read_amount,
    read_channel,
    read_code,
    read_count,
    read_fee_kind,
    read_limit,
    read_unit,
    unwrapped,
    written_amount,
)
from schemas.procedure import AMOUNT_LIMIT, Channel, FeeKind, TimeUnit

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("stated", "national", "suffix"),
    [
        ("1.001432", "1.001432", ""),
        ("1.011442.000.00.00.H38", "1.011442", "000.00.00.H38"),
        ("2.000815.000.00.00.H55.02", "2.000815", "000.00.00.H55.02"),
        ("1.012766.H19", "1.012766", "H19"),
        ("3.000181.000.00.00.G22", "3.000181", "000.00.00.G22"),
    ],
)
def test_a_code_is_kept_in_its_parts(stated: str, national: str, suffix: str) -> None:
    assert read_code(stated) == (stated, national, suffix, "")


@pytest.mark.parametrize(
    "stated",
    [
        "1.011442.000.00.00.Н38",  # Cyrillic
        "1.011442.000.00.00.h38",
        " 1.011442 .000.00.00. H38 ",
        "1.O11442.000.00.00.H38",
        "l.011442.000.00.00.H38",
        "1,011442,000,00,00,H38",
        "１.011442.000.00.00.H38",
        "Mã TTHC: 1.011442.000.00.00.H38",
        "Mã thủ tục: 1.011442.000.00.00.H38.",
        "(1.011442.000.00.00.H38)",
        "1.011442.\u200b000.00.00.H38",
    ],
)
def test_look_alikes_blanks_and_labels_are_mended(stated: str) -> None:
    code = read_code(stated)
    assert code.code == "1.011442.000.00.00.H38"
    assert (code.national, code.suffix) == ("1.011442", "000.00.00.H38")
    assert code.remark in ("code_mended", ""), "invisible characters are not worth a remark"


@pytest.mark.parametrize("stated", ["T-BPC-280421", "t-bpc-280421", "T–BPC–280421"])
def test_a_code_of_the_base_before_2019_is_kept_without_parts(stated: str) -> None:
    assert read_code(stated) == ("T-BPC-280421", "", "", "code_old_form")


@pytest.mark.parametrize("stated", ["H55.242", "0.011442", "1.01144", "1.0114422", "không có mã", "1.011442.H5"])
def test_what_fits_no_form_is_kept_as_it_was(stated: str) -> None:
    assert read_code(stated) == (stated, "", "", "code_unknown_form")


@given(ANYTHING)
def test_reading_a_code_twice_changes_nothing(stated: object) -> None:
    code = read_code(stated).code
    assert read_code(code).code == code


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.500.000", 1_500_000), ("1,500,000", 1_500_000), ("150000", 150_000), ("150.000 đồng", 150_000),
        ("150.000đ", 150_000), ("70,000 Việt Nam Đồng", 70_000), ("12.000 VNĐ", 12_000), ("0 Đồng", 0), ("0", 0),
        ("1500000.00", 1_500_000), ("Không", 0), ("KHÔNG.", 0), ("không Đồng", 0), ("Miễn phí", 0),
        ("", None), ("Đồng", None), ("theo quy định", None), ("03 USD", None), ("0.5", None), ("1.50", None),
        ("50.000 đồng/lần", None), ("12.000đ - 60.000đ", None), ("150.000 350.000", None), ("-5", None),
        ("không quá 50.000 đồng", None), ("9" * 16, None), ("٣٠٠", None),
    ],
)  # fmt: skip
def test_a_sum_is_whole_dong_or_nothing(text: str, amount: int | None) -> None:
    assert read_amount(text) == amount


@pytest.mark.parametrize(("unit", "amount"), [("Đồng", 5), ("đồng/hồ sơ", 5), ("VND", 5), ("USD", None), ("%", None)])
def test_a_sum_in_another_currency_is_no_dong(unit: str, amount: int | None) -> None:
    assert read_amount("5", unit) == amount


@given(st.integers(0, AMOUNT_LIMIT))
def test_a_sum_that_is_written_is_read_again(amount: int) -> None:
    assert read_amount(written_amount(amount)) == amount


@pytest.mark.parametrize(
    ("stated", "kind"),
    [("1'", (FeeKind.FEE, "")), ("2'", (FeeKind.CHARGE, "")), (1, (FeeKind.FEE, "")), (2.0, (FeeKind.CHARGE, "")),
     ("Lệ phí", (FeeKind.CHARGE, "")), ("Phí", (FeeKind.FEE, "")), ("7", (None, "7")), (None, (None, ""))],
)  # fmt: skip
def test_the_kind_of_a_payment_is_read_with_its_stray_quote(stated: object, kind: tuple[FeeKind | None, str]) -> None:
    assert read_fee_kind(stated) == kind


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("15 ngày làm việc", (15, "ngày làm việc")), ("07 (bảy) Ngày làm việc", (7, "Ngày làm việc")),
        ("5 Ngày.", (5, "Ngày")), ("30", (30, "")), ("02 Giờ", (2, "Giờ")), ("3 tháng", (3, "tháng")),
        ("Không quy định", (None, "")), ("0.5 Giờ", (None, "")), ("20 - 25 ngày", (None, "")),
        ("15 ngày kể từ ngày nhận hồ sơ", (None, "")), ("3 con trâu", (None, "")), ("", (None, "")),
    ],
)  # fmt: skip
def test_a_time_limit_is_a_number_of_known_units_or_nothing(text: str, limit: tuple[int | None, str]) -> None:
    assert read_limit(text) == limit


def test_units_are_known_in_any_case() -> None:
    assert read_unit("NGÀY LÀM VIỆC") is TimeUnit.WORKING_DAY
    assert read_unit(" Ngày ") is TimeUnit.DAY
    assert read_unit("phiên họp") is None


@pytest.mark.parametrize(("value", "count"), [(2, 2), ("02", 2), (2.0, 2), ("2.0", 2), ("02 bộ", None), (-1, None),
                                              (None, None), (True, None), ("٣", None), (10**12, None)])  # fmt: skip
def test_a_count_is_a_whole_number(value: object, count: int | None) -> None:
    assert read_count(value) == count


@pytest.mark.parametrize(
    ("value", "channel"),
    [(1, Channel.IN_PERSON), ("2", Channel.ONLINE), ("3'", Channel.POST), ("Trực tiếp", Channel.IN_PERSON)],
)
def test_a_channel_is_a_number_or_a_word(value: object, channel: Channel) -> None:
    assert read_channel(value) == (channel, "")


def test_another_channel_keeps_its_name() -> None:
    assert read_channel("Qua fax") == (None, "Qua fax")


@pytest.mark.parametrize(
    ("value", "values"),
    [
        (None, []), ("", []), ([], []), ([None, ""], []), ({"a": 1}, [{"a": 1}]), ([1, 2], [1, 2]), ("x", ["x"]),
        ('[{"a": 1}]', [{"a": 1}]), ('{"a": 1}', [{"a": 1}]), ('[broken', ["[broken"]), (("a",), ["a"]), (0, [0]),
    ],
)  # fmt: skip
def test_a_list_may_be_missing_null_single_or_inside_a_string(value: object, values: list[Any]) -> None:
    assert as_list(value) == values


@given(ANYTHING.filter(lambda value: isinstance(value, (dict, list))))
def test_json_inside_strings_is_unwrapped_as_often_as_it_was_wrapped(value: object) -> None:
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except ValueError:
        return
    assert unwrapped(json.dumps(plain)) == plain


def test_keys_are_one_in_any_case() -> None:
    assert folded_keys({"maTTHC": 1, "error_code": 2, " TenTTHC ": 3}) == {"MATTHC": 1, "ERRORCODE": 2, "TENTTHC": 3}


@given(ANYTHING)
def test_nothing_that_a_program_may_write_ends_in_an_error(value: object) -> None:
    for read in (read_code, read_count, read_fee_kind, read_channel, as_list, unwrapped):
        read(value)
