"""Adds up what a report counts, so that its parts make its totals whatever came.

    items of the period ────────┐
    sums of the period before ──┴─> cells by member, category, month ─> totals, sub-totals, senders, months

Totals, senders and months are margins of the same cells: nothing is counted a second time.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Final

from hub.queries.counted import Counted
from hub.queries.filters import NO_CATEGORY, Filter
from hub.reports.contributors import contributors
from hub.reports.snapshot import Contributor, Decisions, Number, Sender
from hub.reports.wording import UNCATEGORISED
from hub.rules.categories import Categories
from hub.rules.coverage import Group
from hub.rules.periods import Span
from hub.store.states import TallyState
from schemas.item import Kind

#: Codes of numbers that are no category.
ITEMS, PHOTOS, FILES = "items", "photos", "files"
#: Ends the code of what counts for a category with parts, and for none of them; there is no list of it.
BESIDE: Final = "-beside"
_STATES: Final = {
    TallyState.PUBLIC: "Đã duyệt, công khai",
    TallyState.HELD: "Chờ duyệt",
    TallyState.REJECTED: "Bị từ chối",
    TallyState.WITHDRAWN: "Đã gỡ",
}

Cell = tuple[int, int, int]  #: items, photos, files
_NOTHING: Final[Cell] = (0, 0, 0)


class Cells:
    """Items, photos and files by member, category and month."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str, str], Cell] = {}
        self._margins: dict[tuple[str | None, str | None, str | None], Cell] = {}

    def add(self, member: str, category: str, month: str, cell: Cell) -> None:
        """More of them; all of it before anything is asked."""
        key = member, category, month
        had = self._cells.get(key)
        self._cells[key] = cell if had is None else (had[0] + cell[0], had[1] + cell[1], had[2] + cell[2])

    @property
    def members(self) -> set[str]:
        """Whoever has any."""
        return {member for member, _, _ in self._cells}

    @property
    def categories(self) -> set[str]:
        """Codes that items have; empty: of those that none fits."""
        return {category for _, category, _ in self._cells}

    def of(self, *, member: str | None = None, category: str | None = None, month: str | None = None) -> Cell:
        """What there is of these; all of it where nothing is named."""
        if self._cells and not self._margins:
            self._margins = self._added()
        return self._margins.get((member, category, month), _NOTHING)

    def items(self, categories: Iterable[str], *, member: str | None = None) -> int:
        """Items of some categories together."""
        return sum(self.of(member=member, category=each)[0] for each in categories)

    def _added(self) -> dict[tuple[str | None, str | None, str | None], Cell]:
        found: dict[tuple[str | None, str | None, str | None], Cell] = {}
        for (member, category, month), cell in self._cells.items():
            for key in (
                (None, None, None), (member, None, None), (None, category, None), (member, category, None),
                (None, None, month),
            ):  # fmt: skip
                had = found.get(key, _NOTHING)
                found[key] = had[0] + cell[0], had[1] + cell[1], had[2] + cell[2]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A member that stands in a report."""

    code: str
    name: str
    group: Group
    until: date | None = None
    successors: tuple[str, ...] = ()  #: names


@dataclass(slots=True)
class Book:
    """What was taken in of one period."""

    cells: Cells = field(default_factory=Cells)
    states: Counter[TallyState] = field(default_factory=Counter)  #: copies too
    kinds: Counter[Kind] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)  #: by member
    undated: int = 0
    timed: Counter[str] = field(default_factory=Counter)
    in_time: Counter[str] = field(default_factory=Counter)
    delays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  #: hours
    authors: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    photos: Counter[tuple[str, str]] = field(default_factory=Counter)  #: of authors

    def take(self, one: Counted, *, in_time: bool | None) -> None:
        """Count one item; `in_time` is None where no limit is set for it."""
        self.states[one.state] += 1
        if one.state is not TallyState.PUBLIC:
            return
        if not one.is_origin:
            self.copies[one.member] += 1
            return
        self.cells.add(one.member, one.category, one.day.isoformat()[:7], (1, one.photos, one.files))
        self.kinds[Kind(one.kind)] += 1
        self.undated += not one.dated
        if in_time is not None:
            self.timed[one.member] += 1
            self.in_time[one.member] += in_time
        if one.published is not None and one.first_public is not None:
            hours = (one.first_public - one.published).total_seconds() / 3600
            self.delays[one.member].append(max(0.0, hours))
        if one.author:
            self.authors[one.author, one.member][one.category] += 1
            self.photos[one.author, one.member] += one.photos


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """The numbers of a report, from what was taken in."""

    span: Span
    book: Book
    earlier: Cells | None  #: of the period before; None: the hub knows nothing of it
    states_before: Mapping[TallyState, int]
    categories: Categories

    def items(self) -> Number:
        """All of them, once."""
        return self._number(ITEMS, "Tổng số", 0, self._filter().query())

    def photos(self) -> Number:
        """Of these items."""
        return self._number(PHOTOS, "Ảnh", 1, self._filter(photos=True).query())

    def files(self) -> Number:
        """Attached to them."""
        return self._number(FILES, "Tệp đính kèm", 2, "")

    def totals(self) -> tuple[Number, ...]:
        """The top categories with their parts, in the order of the list."""
        return tuple(self._category(code, parts=True) for code in self._tops())

    def months(self) -> tuple[Number, ...]:
        """Items by month; beside each the month of the period before that has its place."""
        months, before = list(self.span.months()), list(self.span.before.months())
        years = len({month.first.year for month in months}) > 1
        earlier = self.earlier if len(before) == len(months) else None
        return tuple(
            Number(
                code=month.first.isoformat()[:7],
                name=f"Tháng {month.first.month}" + (f"/{month.first.year}" if years else ""),
                now=self.book.cells.of(month=month.first.isoformat()[:7])[0],
                before=None if earlier is None else earlier.of(month=then.first.isoformat()[:7])[0],
                list=Filter(first=month.first, last=month.last).query(),
            )
            for month, then in zip(months, before if earlier is not None else months, strict=True)
        )

    def senders(self, roster: Iterable[Listed]) -> tuple[Sender, ...]:
        """What each of these members published, in their order."""
        tops = list(self._tops())
        return tuple(self._sender(member, tops) for member in roster)

    def contributors(self, points: Mapping[str, float], names: Mapping[str, str]) -> tuple[Contributor, ...]:
        """Authors with what they are owed."""
        return tuple(
            contributors(
                self.book.authors, self.book.photos, span=self.span, categories=self.categories, points=points,
                names=names,
            )
        )  # fmt: skip

    def decisions(self, approval_hours: float | None) -> Decisions:
        """What became of all that came."""
        numbers = [
            Number(
                code=str(state), name=name, now=self.book.states[state],
                before=None if self.earlier is None else self.states_before.get(state, 0),
                list=self._filter(state=state, once=None).query(),
            )
            for state, name in _STATES.items()
        ]  # fmt: skip
        return Decisions(
            approved=numbers[0], waiting=numbers[1], rejected=numbers[2], withdrawn=numbers[3],
            approval_hours=approval_hours,
            delay_hours=_middle([hours for member in sorted(self.book.delays) for hours in self.book.delays[member]]),
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------------- parts

    def _sender(self, member: Listed, tops: Sequence[str]) -> Sender:
        book, code = self.book, member.code
        _, photos, files = book.cells.of(member=code)
        return Sender(
            code=code, name=member.name, group=member.group, until=member.until, successors=member.successors,
            total=Number(
                code=ITEMS, name="Tổng số", now=book.cells.of(member=code)[0],
                before=None if self.earlier is None else self.earlier.of(member=code)[0],
                list=self._filter(member=code).query(),
            ),
            categories=tuple(self._category(top, member=code) for top in tops),
            photos=photos, files=files, copies=book.copies[code], in_time=book.in_time[code], timed=book.timed[code],
            delay_hours=_middle(book.delays.get(code, ())),
        )  # fmt: skip

    def _tops(self) -> Iterator[str]:
        """Top categories; those that left the list, and items without one, where there are any."""
        listed = {each.code for each in self.categories.listed}
        used = self.book.cells.categories | (self.earlier.categories if self.earlier else set())
        yield from (each.code for each in self.categories.listed if not each.group)
        yield from sorted(used - listed - {""})
        if "" in used:
            yield NO_CATEGORY

    def _category(self, code: str, *, member: str = "", parts: bool = False) -> Number:
        known = self.categories.by_code.get(code)
        name = UNCATEGORISED if code == NO_CATEGORY else self.categories.named(code)
        now, before = self._counted(self._codes(code), member)
        return Number(
            code=code, name=known.short if known and member else name, now=now, before=before,
            list=self._filter(category=code, member=member).query(), parts=tuple(self._parts(code)) if parts else (),
        )  # fmt: skip

    def _parts(self, code: str) -> Iterator[Number]:
        parts = self.categories.parts(code)
        yield from (self._category(each.code) for each in parts)
        now, before = self._counted({code}, "") if parts else (0, 0)
        if now or before:
            yield Number(code=f"{code}{BESIDE}", name=f"{self.categories.named(code)} khác", now=now, before=before)

    def _codes(self, code: str) -> Collection[str]:
        return {""} if code == NO_CATEGORY else self.categories.counted(code)

    def _counted(self, codes: Collection[str], member: str) -> tuple[int, int | None]:
        """Items now, and before where that is known."""
        before = None if self.earlier is None else self.earlier.items(codes, member=member or None)
        return self.book.cells.items(codes, member=member or None), before

    def _number(self, code: str, name: str, place: int, query: str) -> Number:
        before = None if self.earlier is None else self.earlier.of()[place]
        return Number(code=code, name=name, now=self.book.cells.of()[place], before=before, list=query)

    def _filter(
        self, *, member: str = "", category: str = "", photos: bool = False,
        state: TallyState = TallyState.PUBLIC, once: bool | None = True,
    ) -> Filter:  # fmt: skip
        return Filter(
            first=self.span.first, last=self.span.last, member=member, category=category, photos=photos,
            state=state, once=once,
        )  # fmt: skip


def _middle(hours: Sequence[float]) -> float | None:
    return round(median(hours), 1) if hours else None
