"""What will soon be late or is about to break? Drops, mass withdrawals, categories that are due in a few days."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from hub.engine import Engine
from hub.queries.codes import calendar
from hub.queries.duties import standing
from hub.queries.quiet import quiet_sources
from hub.rules import signs as rule
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.calendar import WorkingCalendar
from hub.rules.duties import State
from hub.rules.tallies import day as day_of_number
from hub.rules.tallies import day_number
from hub.store.instants import micros
from hub.store.scoping import within


class Kind(StrEnum):
    """What is noticed."""

    DROP = "drop"
    VANISH = "vanish"
    DUE = "due"


#: Of `counted`: a source that is quiet for longer than usual.
QUIET: Final = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that is noticed early."""

    kind: Kind
    member: str
    subject: str  #: name of the source, or of the member that owes something
    sentence: str
    source: str = ""


#: How long what was noticed is good: nothing of it changes within minutes.
AGAIN: Final = timedelta(minutes=5)


class Noticed:
    """The signs of the whole province, asked for once in a while; whoever looks sees those of its part."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._at: datetime | None = None
        self._signs: Sequence[Sign] = ()

    async def within(self, scope: Scope) -> list[Sign]:
        """Signs of the members in scope, at most AGAIN old."""
        async with self._turn:
            now = self._engine.store.now()
            if self._at is None or not timedelta() <= now - self._at < AGAIN:
                self._signs, self._at = await signs(self._engine), now
        return [one for one in self._signs if scope.members is None or one.member in scope.members]


async def signs(engine: Engine, *, scope: Scope = EVERYWHERE) -> list[Sign]:
    """Everything that is noticed now: first what has happened, then what will."""
    days = await calendar(engine.store)
    return [
        *await _vanished(engine, scope),
        *await _drops(engine, scope, days),
        *(await _due(engine, scope, days) if engine.duties else ()),
    ]


async def counted(engine: Engine) -> dict[str, int]:
    """How many signs there are of each kind, quiet sources among them; for monitoring."""
    found = Counter(one.kind.value for one in await signs(engine))
    return {kind.value: found[kind.value] for kind in Kind} | {
        QUIET: len(await quiet_sources(engine.store, engine.zone))
    }


async def _vanished(engine: Engine, scope: Scope) -> list[Sign]:
    store = engine.store
    where, members = within(scope, "s.member")
    since = micros(store.now() - timedelta(days=1))
    rows = await store.fetch(
        f"""
        SELECT s.name, s.member, count(*) AS gone,
               (SELECT count(*) FROM item l WHERE l.source = s.name AND l.state = 'live') AS remaining
          FROM item i JOIN source s ON s.name = i.source
         WHERE i.changed_at >= ? AND i.state = 'withdrawn' AND i.withdrawn_by = 'source' AND s.state <> 'removed'
           AND {where}
         GROUP BY s.name, s.member HAVING count(*) >= ? ORDER BY s.name
        """,
        since, *members, rule.VANISHED,
    )  # fmt: skip
    return [
        Sign(
            kind=Kind.VANISH, member=row["member"], subject=row["name"], source=row["name"],
            sentence=rule.vanished_sentence(row["gone"], row["remaining"]),
        )
        for row in rows
        if rule.vanished(row["gone"], row["remaining"])
    ]  # fmt: skip


async def _drops(engine: Engine, scope: Scope, days: WorkingCalendar) -> list[Sign]:
    store = engine.store
    today = store.now().astimezone(engine.zone).date()
    where, members = within(scope, "s.member")
    rows = await store.fetch(
        f"""
        SELECT s.name, s.member, t.day, count(*) AS n FROM tally t JOIN source s ON s.name = t.source
         WHERE t.day >= ? AND t.day < ? AND s.state = 'active' AND s.fault_code = '' AND {where}
         GROUP BY s.name, s.member, t.day
        """,
        day_number(today - timedelta(days=rule.DAYS * (rule.WINDOWS + 1))), day_number(today), *members,
    )  # fmt: skip
    sources: dict[tuple[str, str], dict[date, int]] = {}
    for row in rows:
        sources.setdefault((row["name"], row["member"]), {})[day_of_number(row["day"])] = row["n"]
    found = []
    for (name, member), counts in sorted(sources.items()):
        verdict = rule.drop(counts, today=today, calendar=days)
        if verdict is not None:
            found.append(
                Sign(kind=Kind.DROP, member=member, subject=name, source=name, sentence=verdict.sentence)
            )  # fmt: skip
    return found


async def _due(engine: Engine, scope: Scope, days: WorkingCalendar) -> Sequence[Sign]:
    today = engine.store.now().astimezone(engine.zone).date()
    found = []
    for one in await standing(engine, scope=scope):
        left = rule.days_left(one.stretch.last, today, days)
        if one.state is State.DUE and left < rule.SOON:
            found.append(
                Sign(
                    kind=Kind.DUE, member=one.member, subject=one.name,
                    sentence=f"Chuyên mục «{one.category_name}» mới có {one.came} trên {one.at_least} mục của kỳ đến"
                    f" hết ngày {one.stretch.last:%d/%m/%Y}; còn {left} ngày làm việc.",
                )
            )  # fmt: skip
    return found
