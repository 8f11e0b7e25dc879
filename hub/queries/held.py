"""Which editions wait for a person, and why? The review queue, oldest first.

What a screen holds is not among them: that queue is the duty officer's (hub/queries/screen_holds.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.parse.text import fold
from connectors.parse.url import web_url
from hub.rules.access import EVERYWHERE, Scope
from hub.store.database import Row, inside
from hub.store.instants import micros, moment
from hub.store.restricting import shown_title
from hub.store.scoping import within
from hub.store.unit import Store

#: Rows that are read at once and looked through for words, and how often at most: so much a question may cost.
BATCH: Final = 500
ROUNDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """One edition that nobody decided about yet."""

    id: int  #: its place in the queue
    content_id: str
    revision: int
    title: str
    url: str
    source: str
    member: str
    member_name: str
    kind: str
    since: datetime
    reason: str  #: stable code of hub.rules.review
    sentence: str  #: the same for a clerk
    public: bool  #: an earlier edition is public: this one corrects it


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A part of the queue; an empty field chooses everything."""

    member: str = ""
    kind: str = ""
    source: str = ""
    reason: str = ""
    days: int = 0  #: waiting for so long at least
    words: str = ""  #: all of them in the title, with or without marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The queue as a whole: how much there is, and what it can be narrowed to."""

    count: int
    members: Sequence[tuple[str, str]] = field(default=())  #: code and name
    sources: Sequence[str] = field(default=())
    kinds: Sequence[str] = field(default=())
    reasons: Sequence[str] = field(default=())


#: Says the words of the partial index again.
_HELD = "e.state = 'held' AND e.restricted = 0"
_FROM = "FROM edition e JOIN item i ON i.content_id = e.content_id LEFT JOIN member m ON m.code = i.member"


async def held(
    store: Store, *, scope: Scope = EVERYWHERE, choice: Choice | None = None, after: int = 0, limit: int = 100
) -> list[HeldEdition]:  # fmt: skip
    """Up to `limit` held editions behind a place in the queue."""
    choice = choice or Choice()
    where, values = _chosen(store, scope, choice)
    sought = fold(choice.words).split()
    found = list[HeldEdition]()
    for _ in range(ROUNDS if sought else 1):
        rows = await store.fetch(
            f"SELECT e.id, e.content_id, e.revision, {shown_title} AS title, i.url, i.source, i.member,"
            " CASE WHEN i.restricted = 1 THEN e.body END AS body,"
            " coalesce(m.name, i.member) AS member_name, i.kind, e.seen_at, e.why, i.approved_revision"
            f" {_FROM} WHERE {_HELD} AND e.id > ? AND {where} ORDER BY e.id LIMIT ?",
            after, *values, BATCH if sought else limit,
        )  # fmt: skip
        found += [_edition(row) for row in rows if not sought or _has(_title(row), sought)]
        if len(found) >= limit or len(rows) < BATCH:
            break
        after = rows[-1]["id"]
    return found[:limit]


async def before(
    store: Store, place: int, *, scope: Scope = EVERYWHERE, choice: Choice | None = None
) -> HeldEdition | None:  # fmt: skip
    """The nearest held edition in front of a place in the queue."""
    choice = choice or Choice()
    where, values = _chosen(store, scope, choice)
    [row] = await store.fetch(f"SELECT max(e.id) AS id {_FROM} WHERE {_HELD} AND e.id < ? AND {where}", place, *values)
    return (
        next(iter(await held(store, scope=scope, choice=choice, after=row["id"] - 1, limit=1)), None)
        if row["id"]
        else None
    )


async def waiting(store: Store, *, scope: Scope = EVERYWHERE) -> Waiting:
    """How much waits in the whole queue, and of whom; counted by the database, as it may be very much."""
    where, values = within(scope, "i.member")
    reason = inside(store.database.dialect, "e.why", "review", "reason")
    rows = await store.fetch(
        f"""
        SELECT g.member, coalesce(m.name, g.member) AS name, g.source, g.kind, g.reason, g.n
          FROM (SELECT i.member, i.source, i.kind, {reason} AS reason, count(*) AS n
                  FROM edition e JOIN item i ON i.content_id = e.content_id WHERE {_HELD} AND {where}
                 GROUP BY 1, 2, 3, 4) g
          LEFT JOIN member m ON m.code = g.member
        """,
        *values,
    )  # fmt: skip
    return Waiting(
        count=sum(row["n"] for row in rows),
        members=sorted({(row["member"], row["name"]) for row in rows}, key=lambda one: fold(one[1])),
        sources=sorted({row["source"] for row in rows}),
        kinds=sorted({row["kind"] for row in rows}),
        reasons=sorted({row["reason"] for row in rows if row["reason"]}),
    )


def _chosen(store: Store, scope: Scope, choice: Choice) -> tuple[str, list[Any]]:
    condition, members = within(scope, "i.member")
    where, values = [condition], list[Any](members)
    for column, value in (("i.member", choice.member), ("i.kind", choice.kind), ("i.source", choice.source)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if choice.reason:
        where.append("e.why LIKE ?")
        values.append(because(choice.reason))
    if choice.days:
        where.append("e.seen_at < ?")
        values.append(micros(store.now() - timedelta(days=min(choice.days, 36_500))))
    return " AND ".join(where), values


def because(reason: str) -> str:
    """A pattern for `edition.why` of what waits for this reason."""
    return f'%"review":{{"reason":"{reason.replace("%", "")}"%'


def _has(title: str, sought: Sequence[str]) -> bool:
    folded = fold(title)
    return all(word in folded for word in sought)


def _edition(row: Row) -> HeldEdition:
    return HeldEdition(
        id=row["id"], content_id=row["content_id"], revision=row["revision"], title=_title(row),
        url=web_url(row["url"]),
        source=row["source"], member=row["member"], member_name=row["member_name"], kind=row["kind"],
        since=moment(row["seen_at"]), public=row["approved_revision"] > 0, **_review(row),
    )  # fmt: skip


def _title(row: Row) -> str:
    """Of the item; of the edition itself where a screen holds a newer one, whose name is for the duty officer."""
    return str(orjson.loads(row["body"])["title"] if row["body"] else row["title"])


def _review(row: Row) -> dict[str, str]:
    said = orjson.loads(row["why"]).get("review", {})
    return {"reason": said.get("reason", ""), "sentence": said.get("sentence", "")}
