"""How is the hub? Sources, captures, editions, deliveries and what needs a person, in counts and by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.queries.coverage import coverage
from hub.queries.quiet import QuietSource, quiet_sources
from hub.rules.access import EVERYWHERE, Scope
from hub.rules.coverage import Coverage
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros
from hub.store.scoping import within
from hub.store.unit import Store

#: later than this and work is late: it is named, not only counted (promise I14)
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that does not work, and what to do about it."""

    what: str  #: source, destination, mail (its name is that of the digest) or screen
    name: str
    state: str
    code: str
    side: str
    sentence: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole in numbers; the lists name what a person must look at."""

    sources: Mapping[str, int]  #: by state; `failing` have a fault, `polled` were asked at least once
    captures: Mapping[str, int]
    editions: Mapping[str, int]
    deliveries: Mapping[str, Mapping[str, int]]  #: by destination, by state
    rejections: Mapping[str, int]  #: by reason
    items: int
    withdrawn: int
    held_runs: Sequence[tuple[int, str, str]]  #: capture, source, sentence
    destinations: Mapping[str, str]  #: state by name: active, paused, blocked
    late: int  #: deliveries behind for more than LATE, whatever they wait for
    troubles: Sequence[Trouble]
    quiet: Sequence[QuietSource]  #: answer well and are silent for longer than they ever are
    coverage: Sequence[Coverage]  #: who publishes what it has to; empty where nobody has duties

    @property
    def delivered(self) -> int:
        """Deliveries that a destination confirmed at their wanted revision."""
        return sum(states.get("done", 0) for states in self.deliveries.values())


async def status(store: Store, zone: ZoneInfo) -> Status:
    """Counts of everything, in a handful of statements; days are those of `zone`."""
    fetch = store.fetch
    deliveries: dict[str, dict[str, int]] = {}
    for row in await fetch("SELECT destination, state, count(*) AS n FROM delivery GROUP BY destination, state"):
        deliveries.setdefault(row["destination"], {})[row["state"]] = row["n"]
    sources = _counted(await fetch("SELECT state AS name, count(*) AS n FROM source GROUP BY state"))
    [health] = await fetch(
        "SELECT count(*) AS n, coalesce(sum(CASE WHEN fault_code <> '' THEN 1 ELSE 0 END), 0) AS failing,"
        " count(polled_at) AS polled FROM source WHERE state <> 'removed'"
    )
    [items] = await fetch(
        "SELECT count(*) AS n, coalesce(sum(CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END), 0) AS gone FROM item"
    )
    [late] = await fetch(
        "SELECT count(*) AS n FROM delivery WHERE state NOT IN ('done', 'asked', 'held') AND wanted_at < ?"
        " AND destination IN (SELECT name FROM destination WHERE state <> 'removed')",
        micros(store.now() - LATE),
    )
    held = await fetch("SELECT id, source, note FROM capture WHERE state = 'held' ORDER BY id")
    return Status(
        sources={**sources, "failing": int(health["failing"]), "polled": health["polled"]},
        captures=_counted(await fetch("SELECT state AS name, count(*) AS n FROM capture GROUP BY state")),
        editions=_counted(await fetch("SELECT state AS name, count(*) AS n FROM edition GROUP BY state")),
        deliveries=deliveries,
        rejections=_counted(await fetch("SELECT code AS name, count(*) AS n FROM rejection GROUP BY code")),
        destinations={
            row["name"]: row["state"]
            for row in await fetch("SELECT name, state FROM destination WHERE state <> 'removed' ORDER BY name")
        },
        items=items["n"], withdrawn=int(items["gone"]), late=late["n"],
        held_runs=[(row["id"], row["source"], row["note"]) for row in held], troubles=await troubles(store),
        quiet=await quiet_sources(store, zone), coverage=await coverage(store, zone),
    )  # fmt: skip


async def troubles(store: Store, *, scope: Scope = EVERYWHERE) -> list[Trouble]:
    """Sources with a fault within `scope`, and destinations and digests, which are everybody's; oldest first."""
    where, members = within(scope, "member")
    rows = await store.fetch(
        "SELECT 'source' AS what, name, state, fault_code, fault_side, fault_sentence, fault_since FROM source"
        f" WHERE fault_code <> '' AND state <> 'removed' AND {where}"
        " UNION ALL SELECT 'destination', name, state, fault_code, '', fault_sentence, fault_since FROM destination"
        " WHERE fault_code <> '' AND state <> 'removed'"
        " UNION ALL SELECT 'mail', digest, m.state, error_code, '', min(error_sentence), min(failed_since)"
        " FROM mail m JOIN digest_run r ON r.id = m.run WHERE error_code <> '' AND m.state <> 'dropped'"
        " GROUP BY digest, m.state, error_code ORDER BY fault_since",
        *members,
    )
    return [
        Trouble(
            what=row["what"], name=row["name"], state=row["state"], code=row["fault_code"], side=row["fault_side"],
            sentence=row["fault_sentence"], since=maybe_moment(row["fault_since"]),
        )
        for row in rows
    ] + await _ending(store) + await _alarms(store)  # fmt: skip


async def _alarms(store: Store) -> list[Trouble]:
    """Alarms of the secrecy screen that nobody has looked at, as one."""
    [row] = await store.fetch("SELECT count(*) AS n, min(at) AS since FROM alarm WHERE seen_at IS NULL")
    if not row["n"]:
        return []
    return [
        Trouble(
            what="screen", name="", state="", code="secrecy", side="", since=maybe_moment(row["since"]),
            sentence=f"Có {row['n']} báo động bí mật nhà nước chưa có người xem. Xem bằng lệnh hub alarms list hoặc"
            " trên trang Kiểm tra.",
        )
    ]  # fmt: skip


#: how long before the end of an access that only a person can grant anew it is told
ENDING = timedelta(days=14)


async def _ending(store: Store) -> list[Trouble]:
    """Accesses to destinations that end soon; connectors remember the day under this key (connectors/zalotoken.py)."""
    rows = await store.fetch(
        "SELECT m.destination, m.value, d.state FROM memory m JOIN destination d ON d.name = m.destination"
        " WHERE m.key = 'token_ends' AND m.secret = 0 AND m.value IS NOT NULL AND d.state <> 'removed'"
    )
    found = []
    for row in rows:
        ends = datetime.fromisoformat(row["value"])
        if ends - store.now() < ENDING:
            found.append(
                Trouble(
                    what="destination", name=row["destination"], state=row["state"], code="token_ends", side="",
                    sentence=f"Quyền truy cập của nơi nhận này hết hạn ngày {ends:%d/%m/%Y}. Quản trị viên của trang"
                    " cần cấp lại quyền và đặt mã mới vào tệp bí mật trước ngày đó.",
                    since=None,
                )
            )  # fmt: skip
    return found


def _counted(rows: Sequence[Row]) -> dict[str, int]:
    return {row["name"]: row["n"] for row in rows}
