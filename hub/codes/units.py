"""Administrative units in the shapes in which they are published: the old list, the new list, and the conversion table.

    Mã TP · Mã QH · Mã PX                         provinces, districts, communes up to the end of the district level
    [{Code, FullName, Wards: [...]}]              provinces and communes since then
    Mã Xã mới · Mã Xã cũ · Quận/huyện · Tỉnh cũ   which became which, one row per pair

Two publications differ in spelling and sometimes in codes; hub/codes/tree.py brings them together.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from connectors.parse.text import clean_text, fold
from hub.codes.drafts import Change, Draft, Gathered, read_name
from hub.codes.lists import LISTS, CodeError, read_day
from hub.codes.rows import CodeFile, Row, Structured, Tabular
from hub.rules.codes import Code

#: First day without districts and with 34 provinces (Luật 72/2025/QH15, Nghị quyết 202/2025/QH15).
REFORM: Final = date(2025, 7, 1)
_OLD_LIST: Final = ("ma tp", "ma qh", "ma px", "phuong xa", "quan huyen", "tinh thanh pho")
_CONVERSION: Final = ("ten xa moi", "ma xa moi", "ten xa cu", "ma xa cu", "quan/huyen", "tinh cu")
_NAME_AND_CODE = re.compile(r"(?P<name>.*\S)\s*\((?P<code>\d+)\)")
_DAY_IN_TITLE = re.compile(r"từ ngày (\d{1,2}/\d{1,2}/\d{4})")
_PARTLY = ("mot phan", "phan con lai")
_HEAD: Final = 5


def read_units(table: Tabular, found: Gathered) -> bool:
    """Take a table that is one of the two published ones. Returns False when it is none."""
    for index, head in enumerate(table.rows[:_HEAD]):
        columns = [fold(cell) for cell in head.cells]
        if set(_OLD_LIST) <= set(columns):
            _old_list([columns.index(each) for each in _OLD_LIST], table.rows[index + 1 :], found)
            return True
        if set(_CONVERSION) <= set(columns):
            begins = next(
                (m[1] for row in table.rows[:index] for c in row.cells if (m := _DAY_IN_TITLE.search(c))), ""
            )  # fmt: skip
            day = read_day(begins) or REFORM
            _conversion(columns, table.rows[index + 1 :], day, found)
            return True
    return False


def read_tree(file: CodeFile, content: Structured, found: Gathered) -> bool:
    """Take the published tree of provinces with their communes. Returns False when it is something else."""
    if not any("Wards" in entry for _, entry in content.entries):
        return False
    number = 0
    for _, province in content.entries:
        number += 1
        row = Row(file=file.name, number=number, cells=())
        _take(
            "provinces", row, found, province.get("Code"), province.get("FullName"), "",
            valid_from=REFORM, english=province,
        )  # fmt: skip
        for ward in province.get("Wards") or ():
            number += 1
            row = Row(file=file.name, number=number, cells=())
            told = ward if isinstance(ward, Mapping) else {}
            parent = told.get("ProvinceCode") or province.get("Code")
            _take(
                "communes", row, found, told.get("Code"), told.get("FullName"), str(parent or ""),
                valid_from=REFORM, english=told,
            )  # fmt: skip
    return True


def _take(
    name: str, row: Row, found: Gathered, written: Any, called: Any, parent: str, *, valid_from: date | None = None,
    valid_until: date | None = None, english: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """One unit of a list, or a fallen row."""
    try:
        found.drafts.append(
            Draft(
                list=name, row=row, mended=LISTS[name].mend(str(written or "")) != str(written or ""),
                record=_unit(name, written, called, parent, valid_from, valid_until, english or {}),
            )
        )  # fmt: skip
    except CodeError as error:
        found.fell(name, row, error)


def _unit(
    name: str, written: Any, called: Any, parent: str, valid_from: date | None, valid_until: date | None,
    english: Mapping[str, Any],
) -> Code:  # fmt: skip
    if not clean_text(str(written or "")):
        raise CodeError("Dòng này chưa có mã.", "no_code")
    in_english = clean_text(str(english.get("FullNameEn") or ""))
    above = "" if not parent else LISTS[LISTS[name].parents[0 if name == "districts" else len(parent) > 2]].mend(parent)
    return Code(
        code=LISTS[name].mend(str(written)), name=read_name(str(called or "")), valid_from=valid_from,
        valid_until=valid_until, parent=above, attributes={"english": in_english} if in_english else {},
    )  # fmt: skip


def _old_list(places: Sequence[int], rows: Sequence[Row], found: Gathered) -> None:
    last = REFORM - timedelta(days=1)
    seen: set[tuple[str, str]] = set()
    for row in rows:
        cells = [row.cells[place] if place < len(row.cells) else "" for place in places]
        province, district, commune, commune_name, district_name, province_name = cells
        above = (("provinces", province, province_name, ""), ("districts", district, district_name, province))
        for name, code, called, parent in above:
            if code and (name, code) not in seen:
                seen.add((name, code))
                _take(name, row, found, code, called, parent, valid_until=last)
        if commune or commune_name or not district:  # an island is a district without communes
            _take("communes", row, found, commune, commune_name, district.zfill(3), valid_until=last)


def _conversion(columns: Sequence[str], rows: Sequence[Row], begins: date, found: Gathered) -> None:
    for row in rows:
        told = dict(zip(columns, row.cells, strict=False))
        if not any(told.get(column) for column in ("ma xa moi", "ten xa moi", "ma xa cu", "ten xa cu")):
            continue  # the name of a province, as a caption
        try:
            found.changes.append(_change(row, told, begins))
        except CodeError as error:
            found.fell("communes", row, error)


def _change(row: Row, told: Mapping[str, str], begins: date) -> Change:
    (province_name, province), (old_name, old_province) = _named(row.cells[0]), _named(told["tinh cu"])
    district_name, district = _named(told["quan/huyen"])
    for column in ("ma xa moi", "ten xa moi"):
        if not told.get(column):
            raise CodeError("Dòng này chưa ghi xã mới.", "no_code")
    last = begins - timedelta(days=1)
    old, old_list = None, "communes"
    if told["ma xa cu"]:
        old = _unit("communes", told["ma xa cu"], told["ten xa cu"], district, None, last, {})
    elif not told["ten xa cu"] and district:
        old, old_list = (
            _unit("districts", district, district_name, old_province, None, last, {}),
            "districts",
        )
    return Change(
        row=row, old=old, old_list=old_list,
        new=_unit("communes", told["ma xa moi"], told["ten xa moi"], province, begins, None, {}),
        old_province=_unit("provinces", old_province, old_name, "", None, last, {}) if old_province else None,
        new_province=_unit("provinces", province, province_name, "", begins, None, {}) if province else None,
        part=any(words in fold(told.get("ghi chu", "")) for words in _PARTLY),
    )  # fmt: skip


def _named(cell: str) -> tuple[str, str]:
    """`Quận Ba Đình (001)` as its two parts; the code is empty where none is written."""
    match = _NAME_AND_CODE.fullmatch(cell)
    return (match["name"], match["code"]) if match else (cell, "")
