"""Codes that live and end: which record a code means on a day, and what became of it.

    01/01/2020 ─── 15 = Yên Bái ─── 30/06/2025 │ 01/07/2025 ─── 15 = Lào Cai ───
    01/01/2020 ─── 10 = Lào Cai ─── 30/06/2025 ┘   (both name 15 as their successor)

A code is used again for something else, so a record is a code *and* the time in which it means this. A successor is the
record that its code has on the day after the end; where there is none, the newest record of that code.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

#: Steps that a chain of successors may have; a longer one is a mistake.
CHAIN_LIMIT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """What took the place of a code that ended."""

    code: str
    part: bool = False  #: it took over only a part; the rest went elsewhere
    list: str = ""  #: the list that the code belongs to; empty = the same list


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One record of a list: a code and what it means for a time."""

    code: str
    name: str
    valid_from: date | None = None  #: first day; None = always was, or unknown
    valid_until: date | None = None  #: last day; None = in force
    parent: str = ""  #: code of what it belongs to
    successors: tuple[Successor, ...] = ()
    confirmed: bool = True  #: False = shipped from memory; the editorial board still has to confirm it
    attributes: Mapping[str, str] = field(default_factory=dict)  #: the list's other columns, by name

    def covers(self, day: date) -> bool:
        """Whether it is in force on this day."""
        return (self.valid_from is None or self.valid_from <= day) and not self.ended(day)

    def ended(self, day: date) -> bool:
        """Whether it was in force before this day, and is not any more."""
        return self.valid_until is not None and self.valid_until < day

    def overlaps(self, other: "Code") -> bool:
        """Whether there is a day on which both are in force."""
        return (self.valid_from or date.min) <= (other.valid_until or date.max) and (other.valid_from or date.min) <= (
            self.valid_until or date.max
        )


class Outcome(StrEnum):
    """What became of a code."""

    IN_FORCE = "in_force"  #: it still means the same
    REPLACED = "replaced"  #: one record took its place
    SPLIT = "split"  #: several records took its place, each a part; a person or an address decides
    CLOSED = "closed"  #: it ended, and no successor is known
    UNKNOWN = "unknown"  #: no record of this code
    AMBIGUOUS = "ambiguous"  #: several records are meant, with different fates: say the day, or more of the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The present record or records of what was asked for, with the reason."""

    asked: str
    outcome: Outcome
    found: tuple[Code, ...] = ()  #: what was meant
    present: tuple[Code, ...] = ()  #: what it is now; several = SPLIT or AMBIGUOUS
    sentence: str = ""  #: for a clerk


class CodeList:
    """All records of one list, by code."""

    def __init__(self, records: Iterable[Code]) -> None:
        by_code: dict[str, list[Code]] = defaultdict(list)
        for record in records:
            by_code[record.code].append(record)
        self._records = {code: tuple(sorted(found, key=_begin)) for code, found in by_code.items()}

    def __iter__(self) -> Iterator[Code]:
        return (record for records in self._records.values() for record in records)

    def __len__(self) -> int:
        return sum(map(len, self._records.values()))

    def records(self, code: str) -> tuple[Code, ...]:
        """Everything this code ever meant, oldest first."""
        return self._records.get(code, ())

    def at(self, code: str, day: date) -> Code | None:
        """What the code means on a day."""
        return next((record for record in self.records(code) if record.covers(day)), None)

    def next_of(self, record: Code) -> tuple[Code, ...]:
        """The records that took its place, those of other lists left out."""
        if record.valid_until is None or record.valid_until == date.max:
            return ()
        day = record.valid_until + timedelta(days=1)
        found: dict[tuple[str, date | None], Code] = {}
        for successor in record.successors:
            if not successor.list and (records := self.records(successor.code)):
                after = self.at(successor.code, day) or records[-1]
                if after is not record:
                    found[_key(after)] = after
        return tuple(found.values())

    def chain(self, record: Code, on: date) -> tuple[Code, ...]:
        """The records in force on a day that `record` has become; itself when it still is. A circle ends nowhere."""
        ends: dict[tuple[str, date | None], Code] = {}
        waiting, seen = [record], {_key(record)}
        while waiting and len(seen) <= CHAIN_LIMIT:
            one = waiting.pop(0)
            if not one.ended(on):
                ends[_key(one)] = one
                continue
            for after in self.next_of(one):
                if _key(after) not in seen:
                    seen.add(_key(after))
                    waiting.append(after)
        return tuple(ends.values())

    def resolve(self, code: str, *, on: date, then: date | None = None) -> Resolution:
        """What a code has become on the day `on`. `then` is the day on which it was written down; unknown, every
        meaning that the code ever had is followed, and different ends are AMBIGUOUS.
        """
        records = self.records(code)
        if then is not None:
            records = tuple(record for record in records if record.covers(then))
        return self.resolution(code, records, on)

    def resolution(self, asked: str, records: Sequence[Code], on: date) -> Resolution:
        """What these records, any of which may be meant, have become on the day `on`."""
        fates = {record.code + str(record.valid_from): self.chain(record, on) for record in records}
        present = {_key(one): one for chain in fates.values() for one in chain}
        different = {frozenset(map(_key, chain)) for chain in fates.values()}
        outcome = _outcome(records, tuple(present.values()), len(different), on)
        return Resolution(
            asked=asked, outcome=outcome, found=tuple(records), present=tuple(present.values()),
            sentence=_sentence(asked, outcome, tuple(present.values())),
        )  # fmt: skip


def _outcome(records: Sequence[Code], present: Sequence[Code], fates: int, on: date) -> Outcome:
    if not records:
        return Outcome.UNKNOWN
    if not present:
        return Outcome.CLOSED
    if fates > 1:
        return Outcome.AMBIGUOUS
    if len(present) > 1:
        return Outcome.SPLIT
    return Outcome.IN_FORCE if any(record.covers(on) for record in records) else Outcome.REPLACED


def _sentence(asked: str, outcome: Outcome, present: Sequence[Code]) -> str:
    names = "; ".join(f"{one.name} ({one.code})" for one in present[:10])
    match outcome:
        case Outcome.IN_FORCE:
            return f"«{asked}» đang có hiệu lực: {names}."
        case Outcome.REPLACED:
            return f"«{asked}» đã được thay bằng {names}."
        case Outcome.SPLIT:
            return f"«{asked}» đã được chia về nhiều đơn vị: {names}. Cần địa chỉ cụ thể để chọn đúng đơn vị."
        case Outcome.CLOSED:
            return f"«{asked}» đã đóng và danh mục chưa ghi đơn vị kế thừa. Đề nghị Ban biên tập bổ sung."
        case Outcome.AMBIGUOUS:
            return f"«{asked}» có thể là nhiều đơn vị khác nhau: {names}. Hãy cho biết thêm thời điểm hoặc cấp trên."
    return f"«{asked}» không có trong danh mục. Kiểm tra lại mã hoặc tên."


def circles(records: Iterable[Code]) -> set[tuple[str, date | None]]:
    """Records, as (code, valid_from), whose successors lead back to themselves."""
    known = CodeList(records)
    found: set[tuple[str, date | None]] = set()
    for start in known:
        waiting, seen = list(known.next_of(start)), set[tuple[str, date | None]]()
        while waiting:
            one = waiting.pop()
            if _key(one) == _key(start):
                found.add(_key(start))
                break
            if _key(one) not in seen:
                seen.add(_key(one))
                waiting += known.next_of(one)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """A record of a list that can be used, and about which somebody should look."""

    code: str
    reason: str  #: unknown_successor, no_successor, unknown_parent, unconfirmed
    sentence: str


def weaknesses(
    records: CodeList, parents: Sequence[CodeList] = (), *, may_end: bool = False
) -> Iterator[Weakness]:  # fmt: skip
    """What a board should look at. `parents`: the lists in one of which every parent code must stand; `may_end`: that
    a code ends without a successor is the rule of this list.
    """
    for one in records:
        where = f"{one.name} ({one.code})"
        missing = [s.code for s in one.successors if not s.list and records.records(s.code) in ((), (one,))]
        if missing:
            yield Weakness(
                code=one.code, reason="unknown_successor",
                sentence=f"{where}: mã kế thừa {', '.join(missing)} không có trong danh mục.",
            )  # fmt: skip
        elif one.valid_until is not None and not one.successors and not may_end:
            yield Weakness(
                code=one.code, reason="no_successor",
                sentence=f"{where}: đã hết hiệu lực ngày {one.valid_until:%d/%m/%Y} nhưng chưa ghi đơn vị kế thừa.",
            )  # fmt: skip
        if one.parent and parents and not any(each.records(one.parent) for each in parents):
            yield Weakness(
                code=one.code, reason="unknown_parent",
                sentence=f"{where}: mã cấp trên {one.parent} không có trong danh mục.",
            )  # fmt: skip
        if not one.confirmed:
            yield Weakness(
                code=one.code, reason="unconfirmed", sentence=f"{where}: chờ Ban biên tập xác nhận."
            )  # fmt: skip


def _begin(record: Code) -> date:
    return record.valid_from or date.min


def _key(record: Code) -> tuple[str, date | None]:
    return record.code, record.valid_from
