"""Where two descriptions of one thing differ in what they mean: sums, days, lists and texts, whatever their spelling.

An aspect is one field as a person compares it: its name, its Vietnamese label, and how it is read off an item as a list
of details. Details are equal by their meaning; what one side has and the other has not is shown in words, shortened.
Blanks, line ends, Unicode forms, markup and what pages put where there is nothing never make a difference.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from connectors.base import Difference
from connectors.parse.details import prose
from connectors.parse.procedurewords import says_nothing
from connectors.parse.text import clean_text, cut
from schemas.shapes import Coded

Item = TypeVar("Item")

#: Characters of one side that are shown.
SHOWN: Final = 200
#: Details of one side that are put into words; the rest is cut anyway.
_SHOWN_DETAILS: Final = 20


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that an item says."""

    meaning: Hashable  #: what is compared
    words: str  #: for a person
    coded: Coded | None = None  #: in place of `meaning`, where one side may know only the code or only the name


@dataclass(frozen=True, slots=True)
class Aspect(Generic[Item]):
    """One field as it is compared."""

    field: str  #: of schemas/, or a part of it
    label: str
    of: Callable[[Item], Iterable[Detail]]
    ordered: bool = False  #: the order says something: steps


def differences(
    ours: Item, theirs: Item, aspects: Sequence[Aspect[Item]], ignore: Collection[str] = ()
) -> tuple[Difference, ...]:
    """Each aspect in which the two differ; the fields of `ignore` are left out."""
    found = (_difference(ours, theirs, aspect) for aspect in aspects if aspect.field not in ignore)
    return tuple(one for one in found if one is not None)


def _difference(ours: Item, theirs: Item, aspect: Aspect[Item]) -> Difference | None:
    mine: Sequence[Detail] = tuple(aspect.of(ours))
    others: Sequence[Detail] = tuple(aspect.of(theirs))
    if aspect.ordered:
        pairs = enumerate(zip(mine, others, strict=False))
        alike = next((n for n, (one, other) in pairs if one.meaning != other.meaning), min(len(mine), len(others)))
        mine, others = mine[alike:], others[alike:]
    else:
        mine, others = _without_twins(mine, others)
    if not mine and not others:
        return None
    return Difference(field=aspect.field, ours=_shown(aspect.label, mine), theirs=_shown(aspect.label, others))


def _without_twins(mine: Sequence[Detail], others: Sequence[Detail]) -> tuple[Sequence[Detail], Sequence[Detail]]:
    """What each side has for itself."""
    if any(one.coded for one in (*mine, *others)):
        return _without_coded_twins(mine, others)
    here, there = Counter(one.meaning for one in mine), Counter(one.meaning for one in others)
    return _beyond(mine, here - there), _beyond(others, there - here)


def _beyond(details: Sequence[Detail], alone: Counter[Any]) -> list[Detail]:
    """The details of these meanings, as often as they are counted."""
    left = Counter(alone)
    kept = []
    for one in details:
        if left[one.meaning] > 0:
            left[one.meaning] -= 1
            kept.append(one)
    return kept


def _without_coded_twins(mine: Sequence[Detail], others: Sequence[Detail]) -> tuple[Sequence[Detail], Sequence[Detail]]:
    left = list(others)
    alone: list[Detail] = []
    # Those that know most choose first: a name alone would take the place of the one with its code.
    for one in sorted(mine, key=lambda one: not (one.coded and one.coded.code and one.coded.name)):
        twin = next((n for n, other in enumerate(left) if _same(one.coded or Coded(), other.coded or Coded())), None)
        if twin is None:
            alone.append(one)
        else:
            del left[twin]
    return alone, left


def _same(one: Coded, other: Coded) -> bool:
    """Whether codes agree where both have one, and names where both have one, and there is one of the two."""
    codes = None if not (one.code and other.code) else compact(one.code) == compact(other.code)
    names = None if not (one.name and other.name) else line(one.name) == line(other.name)
    return False not in (codes, names) and (codes or names or False)


def _shown(label: str, details: Sequence[Detail]) -> str:
    words = "; ".join(one.words for one in details[:_SHOWN_DETAILS] if one.words)
    return cut(f"{label}: {words}", SHOWN) if words else ""


# ------------------------------------------------------------------------------------------ what details say


def line(text: str) -> str:
    """A text as it is compared: plain, on one line, "" for what says nothing."""
    text = clean_text(prose(text))
    return "" if says_nothing(text) else text


def compact(code: str) -> str:
    """A code as it is compared; 000.00.00.H52 and H52 are one organisation."""
    text = "".join(code.split()).upper()
    parts = text.split(".")
    while len(parts) > 1 and not parts[0].strip("0"):
        del parts[0]
    return ".".join(parts)


def a_text(text: str) -> list[Detail]:
    """A text as one detail; none where it says nothing."""
    meaning = line(text)
    return [Detail(meaning, meaning)] if meaning else []


def texts(values: Iterable[str]) -> list[Detail]:
    """Texts, one by one."""
    return [detail for value in values for detail in a_text(value)]


def coded(values: Iterable[Coded]) -> list[Detail]:
    """Codes and names, one by one."""
    return [Detail((), named(one), one) for one in values if one.code or line(one.name)]


def named(one: Coded) -> str:
    """Name and code for a person."""
    return f"{one.name} ({one.code})" if one.name and one.code else one.name or one.code
