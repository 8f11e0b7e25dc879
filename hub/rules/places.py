"""What has become of a province, district or commune, by its old code or by its name as people write it.

Names are compared without marks, tones and kind (xã, phường, thị trấn …), then the one written exactly so is preferred:
Hoằng Đông and Hoằng Đồng were neighbours. A district has no successor; it became the communes that its communes became.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.parse.text import clean_text, fold
from hub.rules.codes import Code, CodeList, Outcome, Resolution

#: Words before a name that say what kind of unit it is; the longer of two that begin alike comes first.
_KINDS = ("thành phố", "thị xã", "thị trấn", "đặc khu", "tỉnh", "quận", "huyện", "xã", "phường")
_SHORT = {"tp": "thanh pho", "tx": "thi xa", "tt": "thi tran", "p": "phuong", "q": "quan", "h": "huyen", "x": "xa"}
#: `Tịnh Khê` begins with no kind, `tinh Tay Ninh` does: without marks only what has none at all is taken for one.
_MARKED = re.compile(rf"({'|'.join(_KINDS)})\s+")
_UNMARKED = re.compile(rf"({'|'.join(fold(kind) for kind in _KINDS)})\s+")
_ABBREVIATED = re.compile(r"(tp|tx|tt|p|q|h|x)(?:\.\s*|\s+)")
#: A record of a list: its code and its first day.
Key = tuple[str, date | None]
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def name_key(name: str) -> str:
    """A name for comparing, with its kind: `phuong yen hoa` for Phường Yên Hoà and Phường Yên Hòa."""
    return _NOT_WORD.sub(" ", fold(clean_text(name))).strip()


def bare_key(name: str) -> str:
    """A name for comparing, without its kind: `yen hoa`. A number keeps it: `phuong 14`, also for P.14."""
    text = clean_text(name).lower()
    match = (_UNMARKED if text.isascii() else _MARKED).match(text) or _ABBREVIATED.match(text)
    if match is None:
        return name_key(text)
    rest = name_key(text[match.end() :])
    return f"{_SHORT.get(match[1], fold(match[1]))} {rest}" if rest.isdigit() else rest or name_key(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A place as somebody wrote it: a code or a name, with what else is known of it."""

    text: str
    district: str = ""  #: code or name of the district, for a commune of the old tree
    province: str = ""  #: code or name of the province, of then or of now
    then: date | None = None  #: when it was written down; None = unknown


class Places:
    """The tree of administrative units in all its dated states."""

    def __init__(self, provinces: CodeList, districts: CodeList, communes: CodeList) -> None:
        self.provinces = provinces
        self.districts = districts
        self.communes = communes
        self._by_bare: dict[int, dict[str, list[Code]]] = {}
        for level in (provinces, districts, communes):
            names: dict[str, list[Code]] = defaultdict(list)
            for record in level:
                names[bare_key(record.name)].append(record)
            self._by_bare[id(level)] = names

    def commune(self, asked: Asked, *, on: date) -> Resolution:
        """What a commune has become on the day `on`."""
        found = self._found(self.communes, asked, width=5)
        if asked.district:
            found = [one for one in found if self._within_district(one, asked)]
        if asked.province:
            provinces = self._keys_of_provinces(asked.province)
            found = [one for one in found if self._provinces_of(one) & provinces]
        return self.communes.resolution(asked.text, found, on)

    def province(self, asked: Asked, *, on: date) -> Resolution:
        """What a province has become on the day `on`."""
        return self.provinces.resolution(asked.text, self._found(self.provinces, asked, width=2), on)

    def district(self, asked: Asked, *, on: date) -> Resolution:
        """The communes that a district's area belongs to on the day `on`; the district itself while it existed."""
        found = self._found(self.districts, asked, width=3)
        if asked.province:
            provinces = self._keys_of_provinces(asked.province)
            found = [one for one in found if self._above(one, one.parent) & provinces]
        if len(found) != 1 or not found[0].ended(on):
            return self.districts.resolution(asked.text, found, on)
        present: dict[tuple[str, date | None], Code] = {}
        for commune in self._communes_after(found[0]):
            present |= {(one.code, one.valid_from): one for one in self.communes.chain(commune, on)}
        names = "; ".join(f"{one.name} ({one.code})" for one in list(present.values())[:10])
        more = f" và {len(present) - 10} đơn vị khác" if len(present) > 10 else ""
        outcome = Outcome.CLOSED if not present else Outcome.REPLACED if len(present) == 1 else Outcome.SPLIT
        return Resolution(
            asked=asked.text, outcome=outcome, found=tuple(found), present=tuple(present.values()),
            sentence=f"{found[0].name} không còn là một cấp hành chính; địa bàn nay thuộc: {names}{more}."
            if present else f"{found[0].name} không còn là một cấp hành chính và danh mục chưa ghi xã, phường kế thừa.",
        )  # fmt: skip

    def _communes_after(self, district: Code) -> Iterator[Code]:
        """The communes of a district, and those that took its own place (an island without communes)."""
        for commune in self.communes:
            if commune.parent == district.code and len(commune.parent) == 3:
                yield commune
        for successor in district.successors:
            if successor.list:
                yield from self.communes.records(successor.code)

    def _found(self, level: CodeList, asked: Asked, *, width: int) -> list[Code]:
        """Records that a code or name may mean, at that time where it is known."""
        text = clean_text(asked.text)
        if text.isascii() and text.isdigit():
            found = list(level.records(text.zfill(width)))
        else:
            found = _closest(text, self._by_bare[id(level)].get(bare_key(text), ()))
        if asked.then is not None:
            found = [one for one in found if one.covers(asked.then)]
        return found

    def _within_district(self, commune: Code, asked: Asked) -> bool:
        """A commune of today stands under no district: it is not what was meant when one is named."""
        districts = self._found(self.districts, Asked(text=asked.district), width=3)
        return any(commune.parent == district.code for district in districts)

    def _keys_of_provinces(self, text: str) -> set[Key]:
        return {(one.code, one.valid_from) for one in self._found(self.provinces, Asked(text=text), width=2)}

    def _provinces_of(self, commune: Code) -> set[Key]:
        """The province above a commune, and what that province has become."""
        parents = {district.parent for district in self.districts.records(commune.parent)} or {commune.parent}
        return {key for parent in parents for key in self._above(commune, parent)}

    def _above(self, unit: Code, parent: str) -> set[Key]:
        """The province of this code in the time of the unit, for codes are given again; and what it has become."""
        day = unit.valid_until or unit.valid_from
        record = self.provinces.at(parent, day) if day else None
        records = (record,) if record else self.provinces.records(parent)
        after = [one for each in records for one in self.provinces.chain(each, date.max)]
        return {(one.code, one.valid_from) for one in (*records, *after)}


def _closest(text: str, found: Sequence[Code]) -> list[Code]:
    """Those written exactly so, else those of the same kind, else all."""
    exact = [one for one in found if one.name.casefold() == text.casefold()]
    return exact or [one for one in found if name_key(one.name) == name_key(text)] or list(found)
