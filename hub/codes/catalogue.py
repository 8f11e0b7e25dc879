"""A list of codes brought up to what a base's catalogue says, as the file that a board looks at and loads.

A catalogue knows only what holds today. So the file is the list in force with the catalogue laid over it: codes that
ended keep their dates and successors, codes that the catalogue does not have stay (absence is not deletion), and a code
that it gives to something else begins where the old meaning ended. Rows that cannot be read stand in the file as they
came; loading names each of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hub.codes.drafts import draft
from hub.codes.lists import CodeError
from hub.codes.rows import Row
from hub.codes.writing import as_csv
from hub.rules.codes import Code, CodeList
from hub.rules.places import name_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A code whose name the catalogue writes otherwise."""

    code: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """A list with a catalogue laid over it, and what is different."""

    list: str
    rows: int  #: of the catalogue
    new: Sequence[str]  #: codes
    renamed: Sequence[Renamed]
    ended: Sequence[str]  #: codes that ended here and that the catalogue still has; they stay ended
    absent: Sequence[str]  #: codes in force that the catalogue does not have; they stay
    unread: int  #: rows that stand in the file as they came
    csv: str


def updated(name: str, rows: Sequence[Mapping[str, str]], before: CodeList) -> Updated:
    """The list `name` with the rows of a catalogue, under the names of our columns, laid over it."""
    now = {one.code: one for one in before if one.valid_until is None}
    past = {one.code: one for one in before if one.valid_until is not None}  # the last of each code
    laid: dict[str, list[Code]] = {}
    new, renamed, ended, unread = [], [], [], []
    for number, told in enumerate(rows, start=1):
        try:
            row = draft(name, Row(file="", number=number, cells=()), told).record
        except CodeError:
            unread.append(Code(code=told.get("code", ""), name=told.get("name", ""), parent=told.get("parent", "")))
            continue
        held, last = now.get(row.code), past.get(row.code)
        if held is not None:
            if name_key(held.name) != name_key(row.name):
                renamed.append(Renamed(code=row.code, before=held.name, now=row.name))
            row = _over(held, row)
        elif last is not None and name_key(last.name) == name_key(row.name):
            ended.append(row.code)
            continue
        else:
            new.append(row.code)
            row = _anew(last, row) if last else row
        laid.setdefault(row.code, []).append(row)
    places = {code: place for place, code in enumerate(dict.fromkeys(one.code for one in before))}
    listed = [one for one in before if one.code not in laid or one.valid_until is not None]
    listed += [one for each in laid.values() for one in each]
    return Updated(
        list=name, rows=len(rows), new=tuple(dict.fromkeys(new)), renamed=tuple(renamed),
        ended=tuple(dict.fromkeys(ended)), absent=tuple(code for code in now if code not in laid), unread=len(unread),
        csv=as_csv([*sorted(listed, key=lambda one: places.get(one.code, len(places))), *unread]),
    )  # fmt: skip


def _over(held: Code, row: Code) -> Code:
    """A code of ours with what the catalogue says of it."""
    return replace(
        held, name=row.name, parent=row.parent or held.parent, attributes={**held.attributes, **row.attributes}
    )


def _anew(last: Code, row: Code) -> Code:
    """A code that ended and means something else now; when it began is to be confirmed."""
    end = last.valid_until or date.min
    return replace(row, valid_from=min(end, date.max - timedelta(days=1)) + timedelta(days=1), confirmed=False)
