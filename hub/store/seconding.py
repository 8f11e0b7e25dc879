"""Records of decisions that take two people: what one proposes is open until another confirms or declines it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from hub.rules.access import Scope
from hub.rules.two_persons import Matter
from hub.store.database import Row
from hub.store.deciding import DecisionRefusedError
from hub.store.instants import moment
from hub.store.scoping import within
from hub.store.states import ProposalState
from hub.store.unit import OvertakenError, Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A decision that waits for a second person."""

    id: int
    matter: Matter
    content_id: UUID
    revision: int  #: that the first person saw
    destination: str
    details: Mapping[str, Any]  #: what exactly is to be done
    who: str
    why: str
    made_at: datetime
    title: str
    member: str


async def propose(
    unit: Unit, matter: Matter, content_id: UUID, revision: int, *, destination: str = "",
    details: Mapping[str, Any] | None = None, who: str, why: str,
) -> int:  # fmt: skip
    """Somebody wants this done. Returns the proposal's id; the same one that is open already is not made twice.

    Raises OvertakenError where that one was ended in this moment.
    """
    made = await first(
        unit, matter, content_id, revision, destination=destination, details=details, who=who, why=why
    )  # fmt: skip
    if made:
        return made
    mark = _mark(matter, content_id, revision, destination, _written(details))
    open_one = await unit.tx.fetch("SELECT id FROM proposal WHERE open_as = ?", mark)
    if not open_one:
        raise OvertakenError(content_id)
    return int(open_one[0]["id"])


async def first(
    unit: Unit, matter: Matter, content_id: UUID, revision: int, *, destination: str = "",
    details: Mapping[str, Any] | None = None, who: str, why: str,
) -> int:  # fmt: skip
    """The same for whoever wants to be the first: 0 where the same one is open already, of whomever."""
    told = _written(details)
    rows = await unit.tx.fetch(
        "INSERT INTO proposal (matter, content_id, revision, destination, details, who, why, state, open_as, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT (open_as) DO NOTHING RETURNING id",
        matter, str(content_id), revision, destination, told, who, why,
        _mark(matter, content_id, revision, destination, told), unit.at,
    )  # fmt: skip
    for row in rows:
        unit.tell(
            "proposed", who=who, content_id=content_id, revision=revision, destination=destination,
            why={"matter": matter, "proposal": row["id"], "why": why},
        )  # fmt: skip
    return int(rows[0]["id"]) if rows else 0


async def read(store: Store, proposal: int) -> Proposed | None:
    """An open proposal; None when there is none of this id."""
    rows = await store.fetch(f"{_SELECT} WHERE p.id = ? AND p.state = 'open' AND {_OPEN_TO_ALL}", proposal)
    return _proposed(rows[0]) if rows else None


async def open_about(unit: Unit, matter: Matter, content_id: UUID, revision: int) -> Proposed | None:
    """The open proposal of this matter about an edition."""
    rows = await unit.tx.fetch(
        f"{_SELECT} WHERE p.state = 'open' AND p.matter = ? AND p.content_id = ? AND p.revision = ?",
        matter, str(content_id), revision,
    )  # fmt: skip
    return _proposed(rows[0]) if rows else None


async def waiting(store: Store, scope: Scope, *, limit: int) -> list[Proposed]:
    """Proposals that wait for a second person, oldest first."""
    where, members = within(scope, "i.member")
    rows = await store.fetch(
        f"{_SELECT} WHERE p.state = 'open' AND {_OPEN_TO_ALL} AND {where} ORDER BY p.id LIMIT ?", *members, limit
    )
    return [_proposed(row) for row in rows]


async def ended(unit: Unit, proposal: Proposed, state: ProposalState, *, who: str, why: str) -> bool:
    """Somebody has decided. False when somebody else was faster."""
    changed = await unit.tx.execute(
        "UPDATE proposal SET state = ?, open_as = NULL, ended_by = ?, ended_at = ? WHERE id = ? AND state = 'open'",
        state, who, unit.at, proposal.id,
    )  # fmt: skip
    if changed:
        unit.tell(
            f"proposal_{state}", who=who, content_id=proposal.content_id, revision=proposal.revision,
            destination=proposal.destination, why={"matter": proposal.matter, "proposal": proposal.id, "why": why},
        )  # fmt: skip
    return bool(changed)


def not_open(proposal: int) -> DecisionRefusedError:
    """What a person is told who decides about a proposal that waits for nobody."""
    return DecisionRefusedError(
        f"proposal {proposal} is not open",
        sentence="Đề nghị này không còn chờ: đã có người xác nhận, đã bị từ chối hoặc không có.",
    )


#: What a screen holds is confirmed by a second duty officer, on the page where it can be read.
_OPEN_TO_ALL = f"p.matter <> '{Matter.SCREEN}'"
_SELECT = (
    "SELECT p.*, CASE WHEN i.restricted = 1 THEN '' ELSE i.title END AS title, i.member"
    " FROM proposal p JOIN item i ON i.content_id = p.content_id"
)


def _written(details: Mapping[str, Any] | None) -> str:
    return orjson.dumps(dict(details or {}), option=orjson.OPT_SORT_KEYS).decode()


def _mark(*proposed: object) -> str:
    return hashlib.sha256(orjson.dumps(proposed)).hexdigest()


def _proposed(row: Row) -> Proposed:
    return Proposed(
        id=row["id"], matter=Matter(row["matter"]), content_id=UUID(row["content_id"]), revision=row["revision"],
        destination=row["destination"], details=orjson.loads(row["details"]), who=row["who"], why=row["why"],
        made_at=moment(row["made_at"]), title=row["title"], member=row["member"],
    )  # fmt: skip
