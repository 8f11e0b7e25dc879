"""What do the screens hold? For the duty officer alone: the text, with the numbers of identity papers covered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from hub.rules.access import EVERYWHERE, Scope
from hub.rules.screen.verdict import LABELS
from hub.store.database import Row
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.unit import Store
from schemas.item import ITEM, Attachment, ItemBase

#: Numbers of which a reviewer sees only the ends: identity papers, accounts, telephones.
_NUMBER: Final = re.compile(r"(?<![\w.])\d(?:[ .-]?\d){8,15}(?![\w])")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenHold:
    """One edition that waits for the duty officer."""

    content_id: UUID
    revision: int
    source: str
    member: str
    member_name: str
    url: str
    since: datetime
    reason: str  #: stable code: screen:RULE, secrecy_before
    labels: Sequence[str]  #: what the rules look for, for a clerk
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldText:
    """What the duty officer reads: numbers are covered but for their first and last three digits."""

    hold: ScreenHold
    title: str
    summary: str
    content_html: str
    attachments: Sequence[Attachment]


_ROWS: Final = (
    "SELECT e.content_id, e.revision, e.seen_at, e.why, e.body, i.source, i.member, i.url,"
    " coalesce(m.name, i.member) AS member_name FROM edition e JOIN item i ON i.content_id = e.content_id"
    " LEFT JOIN member m ON m.code = i.member WHERE e.state = 'held' AND e.restricted = 1"
)


async def screen_holds(store: Store, *, scope: Scope = EVERYWHERE, limit: int = 200) -> list[ScreenHold]:
    """Everything that waits for the duty officer, oldest first; without any text."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(f"{_ROWS} AND {where} ORDER BY e.id LIMIT ?", *members, limit)
    return [_hold(row) for row in rows]


async def held_text(store: Store, content_id: UUID, *, scope: Scope = EVERYWHERE) -> HeldText | None:
    """The text of one of them; None when it does not wait (any more)."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        f"{_ROWS} AND {where} AND e.content_id = ? ORDER BY e.revision DESC LIMIT 1", *members, str(content_id)
    )
    if not rows:
        return None
    item: ItemBase = ITEM.validate_json(rows[0]["body"])
    return HeldText(
        hold=_hold(rows[0]), title=covered(item.title), summary=covered(item.summary),
        content_html=covered(item.content_html), attachments=item.attachments,
    )  # fmt: skip


async def count_screen_holds(store: Store, *, scope: Scope = EVERYWHERE) -> int:
    """How many wait."""
    where, members = within(scope, "i.member")
    [row] = await store.fetch(
        "SELECT count(*) AS n FROM edition e JOIN item i ON i.content_id = e.content_id"
        f" WHERE e.state = 'held' AND e.restricted = 1 AND {where}",
        *members,
    )
    return int(row["n"])


def _hold(row: Row) -> ScreenHold:
    why = orjson.loads(row["why"])
    review = why.get("review", {})
    return ScreenHold(
        content_id=UUID(row["content_id"]), revision=row["revision"], source=row["source"], member=row["member"],
        member_name=row["member_name"], url=row["url"], since=moment(row["seen_at"]),
        reason=review.get("reason", ""), sentence=review.get("sentence", ""),
        labels=[LABELS.get(rule, rule) for rule in why.get("screen", {}).get("rules", ())],
    )  # fmt: skip


def covered(text: str) -> str:
    """`text` with long numbers covered but for their first and last three digits."""
    return _NUMBER.sub(_cover, text)


def _cover(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return f"{digits[:_SHOWN]}{'*' * (len(digits) - 2 * _SHOWN)}{digits[-_SHOWN:]}"
