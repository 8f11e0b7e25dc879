"""What did a source send, and what became of it? Captures without their bodies, and the records that fell out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from hub.rules.access import EVERYWHERE, Scope
from hub.store.captures import HAS_BODY, holds_a_text
from hub.store.database import Row
from hub.store.instants import maybe_moment, moment
from hub.store.scoping import within
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFacts:
    """A capture as a person may see it: never its body, which nothing has screened yet."""

    id: int
    source: str
    member: str
    url: str
    origin: str
    state: str
    content_type: str
    headers: Mapping[str, Any]
    format: str
    size: int
    sha256: str
    note: str
    fault: str  #: of an item's own page: why there is none
    about: str  #: content id of the item whose own page it is
    counts: Mapping[str, int]
    attempts: int
    fetched_at: datetime
    settled_at: datetime | None
    has_body: bool  #: kept still: it can be read again
    holds_a_text: bool = False  #: that is for the duty officer alone; told of one capture only

    @property
    def can_be_taken(self) -> bool:
        """Whether its bytes may be looked at: they were read, screened, are kept, and no screen holds a text there."""
        return self.state == "done" and self.has_body and not self.holds_a_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Records that fell out for one reason."""

    code: str
    count: int
    pointer: str  #: of the last one
    detail: str
    capture: int
    at: datetime


_COLUMNS = (
    "c.id, c.source, s.member, c.url, c.origin, c.state, c.content_type, c.headers, c.format, c.size, c.sha256, c.note,"
    " c.fault, c.about, c.counts, c.attempts, c.fetched_at, c.settled_at,"
    f" CASE WHEN {HAS_BODY} THEN 1 ELSE 0 END AS has_body"
)


async def captures(
    store: Store, source: str, *, scope: Scope = EVERYWHERE, pages: bool = False, limit: int = 20
) -> list[CaptureFacts]:  # fmt: skip
    """The last captures of a source, newest first; items' own pages only with `pages`."""
    where, members = within(scope, "s.member")
    own = "" if pages else " AND c.origin <> 'article'"
    rows = await store.fetch(
        f"SELECT {_COLUMNS} FROM capture c JOIN source s ON s.name = c.source WHERE c.source = ?{own} AND {where}"
        " ORDER BY c.id DESC LIMIT ?",
        source, *members, limit,
    )  # fmt: skip
    return [_facts(row) for row in rows]


async def capture(store: Store, number: int, *, scope: Scope = EVERYWHERE) -> CaptureFacts | None:
    """One capture; None where there is none within the scope."""
    where, members = within(scope, "s.member")
    rows = await store.fetch(
        f"SELECT {_COLUMNS}, CASE WHEN {holds_a_text} THEN 1 ELSE 0 END AS holds_a_text"
        f" FROM capture c JOIN source s ON s.name = c.source WHERE c.id = ? AND {where}",
        number, *members,
    )  # fmt: skip
    return _facts(rows[0]) if rows else None


async def rejected(
    store: Store, *, source: str = "", capture: int | None = None, scope: Scope = EVERYWHERE
) -> list[Rejected]:  # fmt: skip
    """Records that fell out of a source or of one capture, by reason, the most frequent first."""
    where, values = within(scope, "s.member")
    chosen: list[str | int] = [*values]
    if source:
        where, chosen = f"{where} AND r.source = ?", [*chosen, source]
    if capture is not None:
        where, chosen = f"{where} AND r.capture = ?", [*chosen, capture]
    rows = await store.fetch(
        "SELECT l.code, l.pointer, l.detail, l.capture, l.at, g.n FROM rejection l JOIN (SELECT r.code,"
        f" count(*) AS n, max(r.id) AS last FROM rejection r JOIN source s ON s.name = r.source WHERE {where}"
        " GROUP BY r.code) AS g ON g.last = l.id ORDER BY g.n DESC, l.code",
        *chosen,
    )
    return [
        Rejected(
            code=row["code"], count=row["n"], pointer=row["pointer"], detail=row["detail"], capture=row["capture"],
            at=moment(row["at"]),
        )
        for row in rows
    ]  # fmt: skip


async def newest_read(store: Store, source: str) -> int | None:
    """The newest poll that was read and is kept."""
    rows = await store.fetch(
        f"SELECT max(c.id) AS id FROM capture c WHERE c.source = ? AND c.state = 'done' AND {HAS_BODY}"
        " AND c.origin <> 'article'",
        source,
    )
    return rows[0]["id"] if rows else None


def _facts(row: Row) -> CaptureFacts:
    counts: Sequence[Any] | Mapping[str, Any] = orjson.loads(row["counts"])
    headers = orjson.loads(row["headers"])
    return CaptureFacts(
        **{key: row[key] for key in ("id", "source", "member", "url", "origin", "state", "content_type", "format",
                                     "size", "sha256", "note", "fault", "about", "attempts")},
        headers=headers if isinstance(headers, dict) else {}, counts=counts if isinstance(counts, dict) else {},
        fetched_at=moment(row["fetched_at"]), settled_at=maybe_moment(row["settled_at"]),
        has_body=bool(row["has_body"]), holds_a_text=bool(row.get("holds_a_text")),
    )  # fmt: skip
