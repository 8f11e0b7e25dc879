"""Brings a conversion table together with the lists of units: every old unit gets its successors.

The table and the lists are published apart. A unit of the table is looked for by code *and* name in its district, then
by its name alone where that is unmistakable, then by its code; what the lists do not have at all is taken from the
table. A province has become those in which its communes lie.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hub.codes.drafts import Change, Draft
from hub.rules.codes import Code, Successor
from hub.rules.places import name_key

Name = tuple[str, str, str]  # list, code of what it belongs to, folded name


class _Known:
    """The units that the lists have, by code and by name."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self.by_code: dict[tuple[str, str, bool], Code] = {}
        self.by_name: dict[tuple[Name, bool], list[Code]] = defaultdict(list)
        for one in drafts:
            self.add(one.list, one.record)

    def add(self, name: str, unit: Code) -> None:
        """`True` in the keys is for a unit of the old tree: codes were given again."""
        old = unit.valid_until is not None
        self.by_code.setdefault((name, unit.code, old), unit)
        named = self.by_name[(name, unit.parent, name_key(unit.name)), old]
        if unit.code not in {one.code for one in named}:
            named.append(unit)

    def find(self, name: str, unit: Code) -> Code | None:
        old = unit.valid_until is not None
        same_code = self.by_code.get((name, unit.code, old))
        same_name = self.by_name.get(((name, unit.parent, name_key(unit.name)), old), [])
        if same_code is not None and same_code in same_name:
            return same_code
        return same_name[0] if len(same_name) == 1 else same_code

    def province_of(self, old: Code | None) -> Code | None:
        """The old province above a unit, where the lists say it: the table has rows that name a wrong one."""
        district = self.by_code.get(("districts", old.parent, True)) if old else None
        return self.by_code.get(("provinces", district.parent, True)) if district else None


def converted(drafts: Sequence[Draft], changes: Sequence[Change]) -> list[Draft]:
    """The drafts with what the conversion table adds: successors, and units that no list has."""
    known, added = _Known(drafts), list[Draft]()

    def unit(name: str, told: Code, change: Change) -> Code:
        found = known.find(name, told)
        if found is None:
            known.add(name, told)
            added.append(Draft(list=name, record=told, row=change.row))
            return told
        return found

    became: dict[tuple[str, str], dict[str, Successor]] = defaultdict(dict)

    def follows(name: str, old: Code, new: Code, successor: Successor) -> None:
        """One more successor; whoever took over all of it in one row took over all of it."""
        before = became[name, old.code].setdefault(new.code, successor)
        became[name, old.code][new.code] = replace(successor, part=successor.part and before.part)

    for change in changes:
        new = unit("communes", change.new, change)
        if change.old is not None:
            elsewhere = "communes" if change.old_list == "districts" else ""
            old = unit(change.old_list, change.old, change)
            follows(change.old_list, old, new, Successor(code=new.code, part=change.part, list=elsewhere))
        told = known.province_of(change.old) or change.old_province
        if told is not None and change.new_province is not None:
            before, after = (unit("provinces", each, change) for each in (told, change.new_province))
            follows("provinces", before, after, Successor(code=after.code))
    return [_with_successors(one, became) for one in (*drafts, *added)]


def _with_successors(one: Draft, became: dict[tuple[str, str], dict[str, Successor]]) -> Draft:
    record = one.record
    if record.valid_until is None or (one.list, record.code) not in became:
        return one
    successors = {s.code: s for s in record.successors} | became[one.list, record.code]
    return replace(one, record=replace(record, successors=tuple(successors.values())))
