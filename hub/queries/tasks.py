"""What are officers asked to do by hand, and by which day? The most urgent first, however many there are.

    open_tasks   the most urgent ones
    every_task   all of them, read bit by bit
    open_task    one, by its number
    counted      how many wait at each destination, and how many of these are late

No row knows its due day, which the calendar may still move. But of those that have the same number of days, whichever
was opened first is due first: for each number of days there is a line in that order, and the lines are merged.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.queries.codes import calendar
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.calendar import Due, WorkingCalendar
from hub.store.database import Row
from hub.store.instants import micros, moment
from hub.store.scoping import within
from hub.store.unit import Store

#: Tasks of one line that are read at once.
BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """One thing to do."""

    id: int
    what: str  #: enter, change, remove, unseen, still_there
    destination: str
    subject: str
    title: str
    content_id: str
    revision: int
    member: str
    opened_at: datetime
    due: date | None  #: None: no limit
    overdue: int  #: working days since it was due; 0: it is not
    unsure: bool  #: the calendar may still change the due day

    @property
    def urgency(self) -> tuple[date, datetime, int]:
        """What comes first is the more urgent."""
        return self.due or date.max, self.opened_at, self.id


@dataclass(frozen=True, slots=True)
class Heap:
    """So many tasks, and the one that was opened first."""

    count: int = 0
    since: datetime | None = None

    def __add__(self, other: "Heap") -> "Heap":
        known = [each for each in (self.since, other.since) if each]
        return Heap(self.count + other.count, min(known, default=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What waits at one destination."""

    destination: str
    open: Heap
    overdue: Heap


async def open_tasks(
    store: Store, zone: ZoneInfo, *, destination: str | None = None, scope: Scope = EVERYWHERE, overdue: bool = False,
    limit: int = 200,
) -> list[OpenTask]:  # fmt: skip
    """Open tasks of one destination, or of all, most urgent first. Days are those of `zone`."""
    found = list[OpenTask]()
    tasks = every_task(store, zone, destination=destination, scope=scope, overdue=overdue, batch=min(limit, BATCH))
    async with aclosing(tasks):
        async for task in tasks:
            found.append(task)
            if len(found) == limit:
                break
    return found


async def every_task(
    store: Store, zone: ZoneInfo, *, destination: str | None = None, scope: Scope = EVERYWHERE, overdue: bool = False,
    batch: int = BATCH,
) -> AsyncGenerator[OpenTask, None]:  # fmt: skip
    """The same, to the last one."""
    days = await _Days.of(store, zone)
    where, values = _chosen(scope, destination)
    lines = []
    for row in await store.fetch("SELECT days, min(opened_at) AS oldest FROM task WHERE state = 'open' GROUP BY days"):
        before = days.late_before(row["days"], row["oldest"]) if overdue else _END
        line = _Line(store, days, f"{where} AND t.days = ? AND t.opened_at < ?", (*values, row["days"], before), batch)
        if await line.read():
            lines.append(line)
    while lines:
        line = min(lines, key=lambda each: each.waiting[0].urgency)
        yield line.waiting.popleft()
        if not line.waiting and not await line.read():
            lines.remove(line)


async def open_task(store: Store, zone: ZoneInfo, task: int, *, scope: Scope = EVERYWHERE) -> OpenTask | None:
    """The open task of this number; None where there is none."""
    where, values = _chosen(scope, None)
    rows = await store.fetch(f"{_SELECT} WHERE {where} AND t.id = ?", *values, task)
    return (await _Days.of(store, zone)).task(rows[0]) if rows else None


async def counted(store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE) -> list[Counted]:
    """How much waits at each destination; what belongs to none has an empty name."""
    where, values = _chosen(scope, None)
    # Two hundred thousand are counted in less than half the time where nobody asks whose they are.
    of = _TASKS if scope.members is None else f"{_TASKS} {_ITEMS}"
    asked = f"SELECT t.destination, t.days, count(*) AS n, min(t.opened_at) AS since {of} WHERE {where}"
    groups = "GROUP BY t.destination, t.days"
    found = await store.fetch(f"{asked} {groups}", *values)
    days, oldest = await _Days.of(store, zone), dict[int, int]()
    for row in found:
        oldest[row["days"]] = min(row["since"], oldest.get(row["days"], row["since"]))
    late = list[Row]()
    for limit, since in oldest.items():
        if (before := days.late_before(limit, since)) > since:
            late += await store.fetch(f"{asked} AND t.days = ? AND t.opened_at < ? {groups}", *values, limit, before)
    heaps = [_heaps(rows) for rows in (found, late)]
    return [Counted(destination=name, open=heaps[0][name], overdue=heaps[1][name]) for name in sorted(heaps[0])]


#: Earlier than everything, later than everything.
_BEGINNING: Final = -(2**62)
_END: Final = 2**62
#: Says the words of the partial index again.
_OPEN: Final = "t.state = 'open' AND coalesce(p.state, '') <> 'removed'"
_TASKS: Final = "FROM task t LEFT JOIN destination p ON p.name = t.destination"
_ITEMS: Final = "LEFT JOIN item i ON i.content_id = t.content_id"
_SELECT: Final = (
    f"SELECT t.*, coalesce(m.name, i.member, '') AS member {_TASKS} {_ITEMS} LEFT JOIN member m ON m.code = i.member"
)


def _chosen(scope: Scope, destination: str | None) -> tuple[str, tuple[Any, ...]]:
    where, values = within(scope, "i.member")
    if destination is None:
        return f"{_OPEN} AND {where}", values
    return f"{_OPEN} AND {where} AND t.destination = ?", (*values, destination)


def _heaps(rows: Sequence[Row]) -> defaultdict[str, Heap]:
    heaps = defaultdict[str, Heap](Heap)
    for row in rows:
        heaps[row["destination"]] += Heap(row["n"], moment(row["since"]))
    return heaps


@dataclass(slots=True)
class _Line:
    """The open tasks of one number of days, in the order in which they were opened."""

    store: Store
    days: "_Days"
    where: str
    values: tuple[Any, ...]
    batch: int
    waiting: deque[OpenTask] = field(default_factory=deque)
    place: tuple[int, int] = (_BEGINNING, 0)

    async def read(self) -> bool:
        """Read on; False where nothing follows."""
        rows = await self.store.fetch(
            f"{_SELECT} WHERE {self.where} AND (t.opened_at, t.id) > (?, ?) ORDER BY t.opened_at, t.id LIMIT ?",
            *self.values, *self.place, self.batch,
        )  # fmt: skip
        self.waiting.extend(self.days.task(row) for row in rows)
        if rows:
            self.place = rows[-1]["opened_at"], rows[-1]["id"]
        return bool(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Counting them, as of today."""

    calendar: WorkingCalendar
    zone: ZoneInfo
    today: date

    @classmethod
    async def of(cls, store: Store, zone: ZoneInfo) -> "_Days":
        return cls(calendar=await calendar(store), zone=zone, today=store.now().astimezone(zone).date())

    def task(self, row: Row) -> OpenTask:
        opened_at = moment(row["opened_at"])
        due = self.calendar.add(self._day(row["opened_at"]), row["days"]) if row["days"] else None
        return OpenTask(
            id=row["id"], what=row["what"], destination=row["destination"], subject=row["subject"],
            title=row["title"], content_id=row["content_id"], revision=row["revision"], member=row["member"],
            opened_at=opened_at, due=due.day if due else None, unsure=bool(due and not due.sure),
            overdue=self._late(due) if due else 0,
        )  # fmt: skip

    def late_before(self, days: int, oldest: int) -> int:
        """Tasks of so many days are late now if they were opened before; the oldest one was at `oldest`."""
        if not days:
            return _BEGINNING
        first = self._day(oldest).toordinal()
        opened = range(first, self.today.toordinal() + 1)
        in_time = bisect_left(
            opened, True, key=lambda day: not self._late(self.calendar.add(date.fromordinal(day), days))
        )  # fmt: skip
        return micros(datetime.combine(date.fromordinal(first + in_time), time(), self.zone))

    def _late(self, due: Due) -> int:
        return max(self.calendar.between(due.day, self.today), 0)

    def _day(self, at: int) -> date:
        return moment(at).astimezone(self.zone).date()
