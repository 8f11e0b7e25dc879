"""Which procedure a line of a decision of announcement names, and what has to be done about it.

                           the newest word: it is in force        the newest word: it is abolished
    the hub publishes it   linked                                 linked, task `still_there`
    the hub does not       task `unseen`                          nothing to do

A line names a procedure by its code; where one of the two has none, by its name together with the agency. Two names
that fit are no link. The word of a later decision is the newest one; one that says both of a procedure says nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, Self

from connectors.parse.codes import read_code
from connectors.parse.text import words
from schemas.document import Action

#: Tasks that follow.
UNSEEN: Final = "unseen"  #: announced as in force, and the hub does not publish it
STILL_THERE: Final = "still_there"  #: announced as abolished, and the hub still publishes it

#: Characters of a folded name; a longer one ends in a digest of itself.
NAME_LIMIT: Final = 300
#: Digits of a national code, which all agencies share.
NATIONAL_DIGITS: Final = 8

_WITHOUT_AGENCY: Final = "000.00.00."
#: Procedures of one name among which none is looked for by it.
_NAMESAKES: Final = 50
#: Ways of writing offices, folded.
_SPELLINGS: Final = {"ubnd": "uy ban nhan dan", "hdnd": "hoi dong nhan dan", "bql": "ban quan ly"}

#: A line of a decision: content id and place.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a decision."""

    decision: str  #: content id
    place: int
    action: Action
    code: str
    name: str  #: folded, name_key
    agency: str = ""  #: as stated
    member: str = ""  #: that published the decision
    dated: date | None = None  #: day of the decision
    procedure: str = ""  #: that it was linked to before


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A procedure that the hub publishes."""

    content_id: str
    revision: int = 0
    code: str
    name: str  #: folded, name_key
    member: str
    agencies: tuple[str, ...] = ()  #: names of the member, and of those that carry it out and decide


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a line."""

    procedure: str = ""  #: content id; empty: the hub does not publish what it names
    task: str = ""  #: UNSEEN, STILL_THERE; empty: nothing to do
    overtaken: bool = False  #: a later decision, or a contradiction in the same, has the word


def name_key(name: str) -> str:
    """A name as it is compared: without marks, case, punctuation and a leading "Thủ tục"."""
    key = " ".join(words(name)).removeprefix("thu tuc hanh chinh ").removeprefix("thu tuc ")
    if len(key) <= NAME_LIMIT:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: NAME_LIMIT - len(digest) - 1]} {digest}"


def code_key(whole: str) -> str:
    """The part of a code by which lines and procedures are looked up; all agencies share it."""
    return whole[:NATIONAL_DIGITS]


def judge(lines: Sequence[Line], procedures: Iterable[Known]) -> dict[Place, Verdict]:
    """What became of each line. `lines` are all that may name these procedures, of all decisions."""
    shelf, speaking = _Shelf(procedures), _speaking(lines)
    verdicts = {}
    for line in lines:
        found = shelf.named(line)
        procedure = found.content_id if found else ""
        task = STILL_THERE if found and line.action is Action.ABOLISHED else ""
        if not found and line.action is not Action.ABOLISHED:
            task = UNSEEN
        place = line.decision, line.place
        verdicts[place] = Verdict(procedure, task) if place in speaking else Verdict(procedure, overtaken=True)
    return verdicts


# ------------------------------------------------------------------------------------------------ the newest word


@dataclass(frozen=True, slots=True)
class _Word:
    """What the newest decisions about one procedure say: on which day, what, and in which line first."""

    day: date
    abolished: frozenset[bool]
    first: Place

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(
            line.dated or date.min, frozenset({line.action is Action.ABOLISHED}), (line.decision, line.place)
        )  # fmt: skip

    def with_(self, other: "_Word | None") -> "_Word":
        if other is None or other.day < self.day:
            return self
        if other.day > self.day:
            return other
        return _Word(self.day, self.abolished | other.abolished, min(self.first, other.first))


def _speaking(lines: Sequence[Line]) -> set[Place]:
    """The lines that have the word: the first of the newest about their procedure, if those agree."""
    by_code, by_name, without_code = dict[str, _Word](), dict[str, _Word](), dict[str, _Word]()
    for line in lines:
        word = _Word.of(line)
        if line.code:
            by_code[code_key(line.code)] = word.with_(by_code.get(code_key(line.code)))
        elif line.name:
            without_code[line.name] = word.with_(without_code.get(line.name))
        if line.name:
            by_name[line.name] = word.with_(by_name.get(line.name))
    speaking = set[Place]()
    for line in lines:
        named = by_code[code_key(line.code)] if line.code else by_name.get(line.name)
        newest = named.with_(without_code.get(line.name)) if named and line.code else named
        if newest and len(newest.abolished) == 1 and newest.first == (line.decision, line.place):
            speaking.add(newest.first)
    return speaking


# ------------------------------------------------------------------------------------------ lines and procedures


class _Shelf:
    """The procedures by code and by name."""

    def __init__(self, procedures: Iterable[Known]) -> None:
        self._by_code, self._by_name = defaultdict[str, list[Known]](list), defaultdict[str, list[Known]](list)
        for one in procedures:
            if one.code:
                self._by_code[code_key(one.code)].append(one)
            if one.name:
                self._by_name[one.name].append(one)

    def named(self, line: Line) -> Known | None:
        """The procedure that a line names; one that it was linked to before comes first."""
        by_code = [one for one in self._by_code.get(code_key(line.code), ()) if same_code(line.code, one.code)]
        if by_code:
            return min(
                by_code, key=lambda one: (one.content_id != line.procedure, one.code != line.code, one.content_id)
            )
        namesakes = self._by_name.get(line.name, ())
        if len(namesakes) > _NAMESAKES:
            return None
        by_name = [
            one for one in namesakes if not _comparable(line.code, one.code) and _same_agency(line, one)
        ]  # fmt: skip
        kept = [one for one in by_name if one.content_id == line.procedure]
        return kept[0] if kept else by_name[0] if len(by_name) == 1 else None


def same_code(one: str, other: str) -> bool:
    """Whether two codes name one procedure. A national code alone fits every agency, and an office its parts."""
    first, second = read_code(one), read_code(other)
    if not first.national or first.national != second.national:
        return bool(one) and one == other
    short, long = sorted((_office(first.suffix), _office(second.suffix)), key=len)
    return long[: len(short)] == short


def _office(suffix: str) -> list[str]:
    return suffix.removeprefix(_WITHOUT_AGENCY).split(".") if suffix else []


def _comparable(one: str, other: str) -> bool:
    """Whether two codes are of one form, so that they would be equal if they named the same."""
    return bool(one and other) and bool(read_code(one).national) == bool(read_code(other).national)


def _same_agency(line: Line, procedure: Known) -> bool:
    if line.member and line.member == procedure.member:
        return True
    return any(_holds(line.agency, each) or _holds(each, line.agency) for each in procedure.agencies)


def _holds(text: str, office: str) -> bool:
    """Whether an office is named in a text: "Sở Nội vụ" in "Sở Nội vụ/UBND cấp xã"."""
    name = " ".join(_spelt(office))
    return " " in name and f" {name} " in f" {' '.join(_spelt(text))} "


def _spelt(text: str) -> Iterator[str]:
    return (_SPELLINGS.get(word, word) for word in words(text))
