"""What did the secrecy screen find, and who has looked? Never the text, which is kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.screen.verdict import LABELS
from hub.store.instants import maybe_moment, moment
from hub.store.scoping import within
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where readers could see it, and for how long."""

    place: str  #: destination; empty: the pages and feeds of the hub itself
    since: datetime | None  #: None: it is not known when it arrived there
    until: datetime  #: when it was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmShown:
    """One text that came, once or again and again."""

    id: int
    at: datetime
    last_at: datetime
    times: int
    found: str  #: reading, sending, again: which gate it was
    source: str
    member: str
    member_name: str
    url: str
    rule: str
    label: str  #: what the rule looks for, for a clerk
    content_id: str
    shown: Sequence[Shown]  #: empty: no reader ever saw it
    scrubbed_at: datetime | None  #: when it had left the disk too
    seen_by: str
    seen_at: datetime | None


async def alarms(
    store: Store, *, scope: Scope = EVERYWHERE, everything: bool = False, number: int | None = None, limit: int = 200
) -> list[AlarmShown]:  # fmt: skip
    """Those that nobody has looked at, newest first; with `everything` the others too; all, or the one of a number."""
    where, members = within(scope, "a.member")
    values: tuple[str | int, ...] = members
    if number is not None:
        where, values = f"{where} AND a.id = ?", (*values, number)
    unseen = "" if everything else " AND a.seen_at IS NULL"
    rows = await store.fetch(
        "SELECT a.*, coalesce(m.name, a.member) AS member_name FROM alarm a LEFT JOIN member m ON m.code = a.member"
        f" WHERE {where}{unseen} ORDER BY a.last_at DESC, a.id DESC LIMIT ?",
        *values, limit,
    )  # fmt: skip
    return [
        AlarmShown(
            id=row["id"], at=moment(row["at"]), last_at=moment(row["last_at"]), times=row["times"],
            found=row["found"], source=row["source"], member=row["member"], member_name=row["member_name"],
            url=row["url"], rule=row["rule"], label=_label(row["rule"]), content_id=row["content_id"],
            shown=[
                Shown(place=one["place"], since=maybe_moment(one["from"]), until=moment(one["to"]))
                for one in orjson.loads(row["shown"])
            ],
            scrubbed_at=maybe_moment(row["scrubbed_at"]), seen_by=row["seen_by"],
            seen_at=maybe_moment(row["seen_at"]),
        )
        for row in rows
    ]  # fmt: skip


def _label(rules: str) -> str:
    return "; ".join(LABELS.get(rule, rule) for rule in rules.split(",") if rule)


async def unseen_alarms(store: Store, *, scope: Scope = EVERYWHERE) -> int:
    """How many nobody has looked at."""
    where, members = within(scope, "a.member")
    [row] = await store.fetch(f"SELECT count(*) AS n FROM alarm a WHERE {where} AND a.seen_at IS NULL", *members)
    return int(row["n"])
