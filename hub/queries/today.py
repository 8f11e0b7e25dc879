"""What needs a person now? Counts, each of a list that a page of the console shows, within the viewer's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.queries.held import because
from hub.queries.proposals import proposals
from hub.queries.quiet import QuietSource, quiet_sources
from hub.queries.status import LATE, Trouble, troubles
from hub.queries.tasks import Heap, counted
from hub.rules.access import EVERYWHERE, NOWHERE, Scope
from hub.rules.retry import UNTOLD
from hub.store.instants import maybe_moment, micros
from hub.store.scoping import within
from hub.store.unit import Store

#: An edition that waits for longer is named apart.
LONG: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """So many things of one sort wait for a person."""

    what: str
    count: int
    since: datetime | None = None  #: of the oldest


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Everything that waits: all empty is a good day."""

    needs: Sequence[Need]
    troubles: Sequence[Trouble]  #: sources and destinations that do not work, with whose fault it is
    quiet: Sequence[QuietSource]

    def __bool__(self) -> bool:
        return bool(self.needs or self.troubles or self.quiet)


async def today(store: Store, zone: ZoneInfo, *, scope: Scope = EVERYWHERE, screen: Scope = NOWHERE) -> Today:
    """What waits; `screen` is where the viewer may see what the screens hold. Days are those of `zone`."""
    whole = scope.members is None
    rows = await _counted(store, scope)
    if screen:
        rows += await _screened(store, screen)
    tasks = await counted(store, zone, scope=scope)
    waiting = await proposals(store, scope, limit=1_000)
    asked = {
        "overdue": sum((each.overdue for each in tasks), Heap()), "tasks": sum((each.open for each in tasks), Heap()),
        "proposals": Heap(len(waiting), min((each.made_at for each in waiting), default=None)),
    }  # fmt: skip
    needs = [Need(what=row["what"], count=row["n"], since=maybe_moment(row["since"])) for row in rows if row["n"]]
    needs += [Need(what=what, count=heap.count, since=heap.since) for what, heap in asked.items() if heap.count]
    return Today(
        needs=needs,
        # Alarms stand among the needs, of those who may know of them.
        troubles=[
            each
            for each in await troubles(store, scope=scope)
            if each.what == "source" or (whole and each.what != "screen")
        ],
        quiet=await quiet_sources(store, zone, scope=scope),
    )


async def _counted(store: Store, scope: Scope) -> list[dict[str, Any]]:
    where, members = within(scope, "i.member")
    sources, source_members = within(scope, "s.member")
    now = store.now()
    held = (
        "FROM edition e JOIN item i ON i.content_id = e.content_id"
        f" WHERE e.state = 'held' AND e.restricted = 0 AND {where}"
    )
    sent = (
        "FROM delivery d JOIN item i ON i.content_id = d.content_id JOIN destination p ON p.name = d.destination"
        f" WHERE p.state <> 'removed' AND {where}"
    )
    return await store.fetch(
        f"""
        SELECT 'held_long' AS what, count(*) AS n, min(e.seen_at) AS since {held} AND e.seen_at < ?
        UNION ALL SELECT 'held', count(*), min(e.seen_at) {held}
        UNION ALL SELECT 'conflicts', count(*), min(e.seen_at) {held} AND e.why LIKE ?
        UNION ALL SELECT 'void', count(*), min(v.at) FROM planned v JOIN item i ON i.content_id = v.content_id
                   WHERE v.state = 'void' AND {where}
        UNION ALL SELECT 'late', count(*), min(d.wanted_at) {sent} AND d.state IN ('ready', 'sending')
                     AND d.wanted_at < ?
        UNION ALL SELECT CASE WHEN d.state = 'held' THEN 'posts'
                              WHEN d.state = 'parked' AND d.error_code = ? THEN 'unconfirmed' ELSE 'dead' END,
                         count(*), min(coalesce(d.failed_since, d.wanted_at)) {sent}
                     AND d.state IN ('held', 'refused', 'parked') GROUP BY 1
        UNION ALL SELECT 'runs', count(*), min(c.fetched_at) FROM capture c JOIN source s ON s.name = c.source
                   WHERE c.state = 'held' AND s.state <> 'removed' AND {sources}
        UNION ALL SELECT 'unread', count(*), min(c.fetched_at) FROM capture c JOIN source s ON s.name = c.source
                   WHERE c.state = 'dead' AND s.state <> 'removed' AND {sources}
        """,
        *members, micros(now - LONG), *members, *members, because("edited_by_person"), *members, *members,
        micros(now - LATE), UNTOLD, *members, *source_members, *source_members,
    )  # fmt: skip


async def _screened(store: Store, screen: Scope) -> list[dict[str, Any]]:
    where, members = within(screen, "i.member")
    alarms, alarm_members = within(screen, "a.member")
    return await store.fetch(
        f"""
        SELECT 'alarms' AS what, count(*) AS n, min(a.at) AS since FROM alarm a WHERE a.seen_at IS NULL AND {alarms}
        UNION ALL SELECT 'restricted', count(*), min(e.seen_at)
                    FROM edition e JOIN item i ON i.content_id = e.content_id
                   WHERE e.state = 'held' AND e.restricted = 1 AND {where}
        """,
        *alarm_members, *members,
    )  # fmt: skip
