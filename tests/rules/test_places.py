"""What has become of provinces, districts and communes, by code and by name as people write it."""

from datetime import date, timedelta

import pytest

from hub.rules.codes import Code, CodeList, Outcome, Successor
from hub.rules.places import Asked, Places, bare_key

NEXT = date(2025, 7, 1)
END = NEXT - timedelta(days=1)
TODAY = date(2026, 11, 22)


def old(code: str, name: str, parent: str, *to: str, level: str = "") -> Code:
    successors = tuple(Successor(code=each, part=len(to) > 1, list=level) for each in to)
    return Code(code=code, name=name, parent=parent, valid_until=END, successors=successors)


def new(code: str, name: str, parent: str = "") -> Code:
    return Code(code=code, name=name, parent=parent, valid_from=NEXT)


PLACES = Places(
    CodeList(
        [
            old("24", "Tỉnh Bắc Giang", "", "24"), old("27", "Tỉnh Bắc Ninh", "", "24"), new("24", "Tỉnh Bắc Ninh"),
            Code(code="01", name="Thành phố Hà Nội"), Code(code="31", name="Thành phố Hải Phòng"),
        ]
    ),
    CodeList(
        [
            old("001", "Quận Ba Đình", "01"), old("219", "Huyện Lục Ngạn", "24"),
            old("256", "Thành phố Bắc Ninh", "27"),
            old("318", "Huyện Bạch Long Vĩ", "31", "11948", level="communes"),
        ]
    ),
    CodeList(
        [
            old("00004", "Phường Trúc Bạch", "001", "00004"), new("00004", "Phường Ba Đình", "01"),
            old("00016", "Phường Ngọc Hà", "001", "00004", "00008"), new("00008", "Phường Ngọc Hà", "01"),
            old("07540", "Xã Tân Lập", "219", "07534"), new("07534", "Xã Biển Động", "24"),
            old("09163", "Xã Tân Lập", "256", "09169"), new("09169", "Phường Kinh Bắc", "24"),
            old("15952", "Xã Hoằng Đồng", "001", "00008"), old("15997", "Xã Hoằng Đông", "001", "00004"),
            new("11948", "Đặc khu Bạch Long Vĩ", "31"), old("26935", "Phường 14", "001", "00008"),
        ]
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "outcome", "codes"),
    [
        (Asked(text="Phường Trúc Bạch"), Outcome.REPLACED, ["00004"]),
        (Asked(text="phường trúc bạch, "), Outcome.REPLACED, ["00004"]),
        (Asked(text="phuong truc bach"), Outcome.REPLACED, ["00004"]),
        (Asked(text="P. Trúc Bạch"), Outcome.REPLACED, ["00004"]),
        (Asked(text="00004", then=END), Outcome.REPLACED, ["00004"]),
        (Asked(text="4"), Outcome.IN_FORCE, ["00004"]),
        (Asked(text="Phường Ngọc Hà", then=END), Outcome.SPLIT, ["00004", "00008"]),
        (Asked(text="Phường Ngọc Hà", then=TODAY), Outcome.IN_FORCE, ["00008"]),
        (Asked(text="Phường Ngọc Hà"), Outcome.AMBIGUOUS, ["00004", "00008"]),
        (Asked(text="Xã Tân Lập"), Outcome.AMBIGUOUS, ["07534", "09169"]),
        (Asked(text="Xã Tân Lập", district="Huyện Lục Ngạn"), Outcome.REPLACED, ["07534"]),
        (Asked(text="Xã Tân Lập", district="219"), Outcome.REPLACED, ["07534"]),
        (Asked(text="Xã Tân Lập", province="Bắc Giang"), Outcome.REPLACED, ["07534"]),
        (Asked(text="Xã Tân Lập", province="Hà Nội"), Outcome.UNKNOWN, []),
        (Asked(text="Xã Hoằng Đông"), Outcome.REPLACED, ["00004"]),
        (Asked(text="Xã Hoằng Đồng"), Outcome.REPLACED, ["00008"]),
        (Asked(text="P.14"), Outcome.REPLACED, ["00008"]),
        (Asked(text="Xã Không Có"), Outcome.UNKNOWN, []),
    ],
)
def test_what_became_of_a_commune(asked: Asked, outcome: Outcome, codes: list[str]) -> None:
    found = PLACES.commune(asked, on=TODAY)
    assert (found.outcome, sorted(one.code for one in found.present)) == (outcome, codes), found.sentence


@pytest.mark.parametrize(
    ("text", "outcome", "name"),
    [
        ("Bắc Giang", Outcome.REPLACED, "Tỉnh Bắc Ninh"),
        ("27", Outcome.REPLACED, "Tỉnh Bắc Ninh"),
        ("24", Outcome.IN_FORCE, "Tỉnh Bắc Ninh"),
        ("TP. Hà Nội", Outcome.IN_FORCE, "Thành phố Hà Nội"),
    ],
)
def test_what_became_of_a_province(text: str, outcome: Outcome, name: str) -> None:
    found = PLACES.province(Asked(text=text), on=TODAY)
    assert (found.outcome, [one.name for one in found.present]) == (outcome, [name])


def test_a_district_became_what_its_communes_became() -> None:
    found = PLACES.district(Asked(text="Quận Ba Đình"), on=TODAY)
    assert (found.outcome, {one.code for one in found.present}) == (Outcome.SPLIT, {"00004", "00008"})
    assert "không còn là một cấp hành chính" in found.sentence
    assert PLACES.district(Asked(text="Quận Ba Đình"), on=END).outcome is Outcome.IN_FORCE


def test_an_island_without_communes_became_a_special_zone() -> None:
    found = PLACES.district(Asked(text="318"), on=TODAY)
    assert (found.outcome, [one.name for one in found.present]) == (Outcome.REPLACED, ["Đặc khu Bạch Long Vĩ"])


def test_two_old_provinces_with_one_name_of_district_are_told_apart_by_the_province() -> None:
    assert PLACES.district(Asked(text="Bắc Ninh", province="27"), on=TODAY).present[0].code == "09169"
    assert PLACES.district(Asked(text="Bắc Ninh", province="Hà Nội"), on=TODAY).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Phường Yên Hoà", "yen hoa"), ("Phường Yên Hòa", "yen hoa"), ("XÃ TÂN LẬP", "tan lap"),
        ("Tịnh Khê", "tinh khe"), ("Phường Phường Đúc", "phuong duc"), ("TP Hồ Chí Minh", "ho chi minh"),
        ("Q. 1", "quan 1"), ("Quận 1", "quan 1"), ("Xã", "xa"), ("Bà Rịa - Vũng Tàu", "ba ria vung tau"),
    ],
)  # fmt: skip
def test_names_are_compared_without_their_kind(name: str, key: str) -> None:
    assert bare_key(name) == key
