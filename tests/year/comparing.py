"""Holds what the hub says beside the key: every number, every gap, every silence; differences are listed, not fixed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from hub.engine import Engine
from hub.queries import tallies
from hub.queries.filters import Filter
from hub.queries.tallies import counted, listed
from hub.reports.snapshot import Number, Snapshot
from hub.store.states import TallyState
from tests.year.key import Key
from tests.year.roster import PARTS, TOPS

SHOWN = 5


@dataclass(slots=True)
class Check:
    """One kind of answer: how many were asked for, and where key and hub differ."""

    asked: int = 0
    differ: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Comparison:
    """What was compared, in the order in which it was."""

    checks: dict[str, Check] = field(default_factory=dict)
    #: What the key and the hub say of each seeded gap: right label, label that was given.
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)  #: non-senders: right, missed, wrongly named

    def same(self, name: str, right: Any, said: Any, about: object = "") -> None:
        """One answer."""
        check = self.checks.setdefault(name, Check())
        check.asked += 1
        if right != said:
            check.differ.append(f"{about}: {right!r} expected, {said!r} said")

    def equal(self, name: str, right: Mapping[Any, Any], said: Mapping[Any, Any]) -> None:
        """Many answers by what they are about."""
        for about in sorted({*right, *said}, key=str):
            self.same(name, right.get(about), said.get(about), about)

    def name_them(self, right: set[Any], said: set[Any], about: str) -> None:
        """Who is to be named as one that sent nothing."""
        self.named += Counter(right=len(right & said), missed=len(right - said), blamed=len(said - right))
        self.same("non-senders", right, said, about)

    def label(self, right: Mapping[Any, str], said: Mapping[Any, str]) -> None:
        """Whose silence each gap is; one that only one side knows is labelled `met` by the other."""
        for about in sorted({*right, *said}, key=str):
            one, other = right.get(about, "met"), said.get(about, "met")
            self.confusion[one, other] += 1
            self.same("silences", one, other, about)

    @property
    def precision(self) -> float:
        return _part(self.named["right"], self.named["right"] + self.named["blamed"])

    @property
    def recall(self) -> float:
        return _part(self.named["right"], self.named["right"] + self.named["missed"])

    @property
    def labelled_right(self) -> float:
        right = sum(count for (one, other), count in self.confusion.items() if one == other)
        return _part(right, self.confusion.total())

    @property
    def differences(self) -> list[str]:
        """Every difference, with what was asked."""
        return [f"{name}: {one}" for name, check in self.checks.items() for one in check.differ]

    def table(self) -> str:
        """All of it for a person."""
        lines = [f"{'compared':28} {'asked':>7} {'differ':>7}"]
        for name, check in self.checks.items():
            lines.append(f"{name:28} {check.asked:7,} {len(check.differ):7,}")
            lines += [f"    {one[:180]}" for one in check.differ[:SHOWN]]
        lines.append(f"\nnon-senders: precision {self.precision:.3f}, recall {self.recall:.3f}, {dict(self.named)}")
        labels = ("nothing", "unread", "kept", "met")
        lines.append(f"silences: {self.labelled_right:.2%} of {self.confusion.total():,} labels right")
        lines.append(f"{'key, then what was said':>24} {' '.join(f'{label:>8}' for label in labels)}")
        for one in labels:
            lines.append(f"{one:>24} {' '.join(f'{self.confusion[one, other]:8,}' for other in labels)}")
        return "\n".join(lines)


def _part(some: int, of: int) -> float:
    return some / of if of else 1.0


def compare_report(into: Comparison, key: Key, snapshot: Snapshot, names: Mapping[str, str]) -> None:
    """Every number of a report with the key; `names` are those that members have in it."""
    first, last = snapshot.period.first, snapshot.period.last
    right = key.totals(first, last)
    about = f"{first}..{last}"
    for name in ("items", "photos", "files"):
        into.same("totals", getattr(right, name), getattr(snapshot, name).now, f"{name} {about}")
    for name in ("copies", "undated"):
        into.same("totals", getattr(right, name), getattr(snapshot, name), f"{name} {about}")
    tops = {one.code: one.now for one in snapshot.totals}
    into.equal("categories", {top: right.categories[top] for top in TOPS if right.categories[top]}, _some(tops))
    for number in snapshot.totals:
        into.same("sub-totals add up", number.now, sum(each.now for each in number.parts or (number,)), number.code)
    parts = {part.code: part.now for number in snapshot.totals for part in number.parts}
    into.equal("parts", {one: right.categories[one] for found in PARTS.values() for one in found}, parts)
    into.equal("kinds", dict(right.kinds), _some({str(kind): count for kind, count in snapshot.kinds.items()}))
    into.equal("months", dict(right.months), _some({one.code: one.now for one in snapshot.months}))
    into.same("sub-totals add up", snapshot.items.now, sum(one.total.now for one in snapshot.senders), "senders")
    into.equal("members", dict(right.members), _some({one.code: one.total.now for one in snapshot.senders}))
    by_category = {(one.code, each.code): each.now for one in snapshot.senders for each in one.categories}
    into.equal("members by category", dict(right.member_categories), _some(by_category))
    for what in ("photos", "files", "copies"):
        said = {one.code: getattr(one, what) for one in snapshot.senders}
        into.equal(f"{what} of members", _some(getattr(right, f"member_{what}")), _some(said))
    timed = {one.code: (one.timed, one.in_time) for one in snapshot.senders if one.timed}
    into.equal("in time of members", key.timed(first, last), timed)
    hours = {one.code: one.delay_hours for one in snapshot.senders if one.delay_hours is not None}
    for code, right_hours in key.hours(first, last).items():
        into.same("hours of members", True, abs(hours.get(code, -9) - right_hours) <= 0.051, (code, right_hours))
    ended = {one.code: (one.until, frozenset(one.successors)) for one in snapshot.senders if one.until}
    into.equal(
        "ended members",
        {code: (until, frozenset(map(names.__getitem__, after))) for code, (until, after) in key.ended(last).items()
         if code in ended or until >= first}, ended,
    )  # fmt: skip
    authors = {(one.author, one.member): one.total for one in snapshot.contributors}
    into.equal("authors", dict(right.authors), authors)
    if snapshot.decisions:
        states = {"public": "approved", "held": "waiting", "rejected": "rejected", "withdrawn": "withdrawn"}
        said_states = {state: getattr(snapshot.decisions, name).now for state, name in states.items()}
        into.equal("decisions", {state: right.states[state] for state in states}, said_states)
    lacking = {
        (one.code, one.duty): (one.owed, one.unmet, one.came, str(one.silence), one.last_item, one.late_days)
        for one in snapshot.missing
    }
    right_lacks = key.missing(first, last)
    wanted = {
        about: (one.owed, one.unmet, one.came, one.silence, one.last_item, one.late_days)
        for about, one in right_lacks.items()
    }
    into.equal("missing", wanted, lacking)
    non_senders = {about for about, one in right_lacks.items() if one.sent_nothing}
    into.name_them(non_senders, {(one.code, one.duty) for one in snapshot.missing if one.sent_nothing}, about)
    covered = {
        (one.code, str(one.group)): (one.due, one.have, frozenset(one.missing)) for one in snapshot.covered
    }  # fmt: skip
    n_of_n = {
        about: (due, have, frozenset(names[code] for code in codes))
        for about, (due, have, codes) in key.covered(first, last).items()
    }
    into.equal("n of N", n_of_n, {about: said for about, said in covered.items() if about in n_of_n or said[0]})
    timely = {
        one.category: (one.measured, one.in_time, one.worst_days, one.median_days)
        for one in snapshot.timeliness if one.limit is not None
    }  # fmt: skip
    into.equal("days of limits", key.timeliness(first, last), timely)


async def compare_sums(into: Comparison, engine: Engine, key: Key, first: date, last: date) -> None:
    """The sums of the numbers page with the key."""
    right = key.totals(first, last)
    all_items = Filter(first=first, last=last)
    by: tuple[tuple[Sequence[tallies.Key], Mapping[Any, int]], ...] = (
        (("member",), right.members), (("top",), {one: right.categories[one] for one in TOPS}),
        (("kind",), right.kinds), (("month",), right.months), (("member", "top"), right.member_categories),
        (("author", "member"), right.authors),
    )  # fmt: skip
    for columns, wanted in by:
        sums = await tallies.summed(engine.store, all_items, columns, categories=engine.categories)
        said = {one.key if len(columns) > 1 else one.key[0]: one.items for one in sums}
        if columns[0] == "author":
            said = {about: count for about, count in said.items() if about[0]}
        into.equal(f"sums by {', '.join(columns)}", _some(wanted), said)
    sums = await tallies.summed(engine.store, all_items, (), categories=engine.categories)
    whole = [(one.items, one.photos, one.files) for one in sums]
    into.same("sums", [(right.items, right.photos, right.files)], whole, f"{first}..{last}")
    for name, chosen, wanted_count in (
        ("copies", replace(all_items, once=False), right.copies),
        ("undated", replace(all_items, undated=True), right.undated),
    ):
        found = await counted(engine.store, chosen, categories=engine.categories)
        into.same("sums", wanted_count, found, f"{name} {first}..{last}")
    for state in TallyState:
        found = await counted(
            engine.store, replace(all_items, state=state, once=None), categories=engine.categories
        )  # fmt: skip
        into.same("sums", right.states[str(state)], found, f"{state} {first}..{last}")


def _some(counts: Mapping[Any, int]) -> dict[Any, int]:
    return {about: count for about, count in counts.items() if count}


def numbers_of(snapshot: Snapshot) -> Iterable[Number]:
    """Every number of a report that opens a list."""
    for number in (snapshot.items, *snapshot.totals, *snapshot.months):
        yield from (number, *number.parts)
    for sender in snapshot.senders:
        yield from (sender.total, *sender.categories)


async def compare_lists(into: Comparison, engine: Engine, snapshot: Snapshot, report: int, *, several: int) -> None:
    """Several of a report's numbers, from all parts of it, open lists of that length, which are kept with it."""
    numbers = [one for one in numbers_of(snapshot) if one.list]
    for number in numbers[:: max(1, len(numbers) // several)]:
        filter = Filter.read(dict(parse_qsl(number.list)) | {"report": str(report)})
        found = await counted(engine.store, filter, categories=engine.categories)
        into.same("lists", (number.now, number.now), (found, await _walk(engine, filter)), number.list)


async def _walk(engine: Engine, filter: Filter) -> int:
    found, after = 0, ""
    while True:
        page = await listed(engine.store, filter, categories=engine.categories, limit=500, after=after)
        found += len(page.items)
        if not page.after:
            return found
        after = page.after
