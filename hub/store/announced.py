"""What is kept of announced procedures, as the rules ask for it: lines of decisions, and the public procedures.

Codes and days stand inside the bodies of editions; the database takes them out, so that bodies stay where they are. A
new decision asks for all public procedures once; where only a procedure changed it is asked for by its id.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

import orjson

from connectors.parse.codes import read_code
from hub.rules.announcements import Known, Line, code_key, name_key
from hub.store.database import Row, inside, marks
from hub.store.engine import Dialect
from hub.store.instants import moment
from hub.store.unit import Unit
from schemas.document import Action
from schemas.procedure import Status

#: Values of one statement, and bodies that are held at one time.
_MANY: Final = 400
_BODIES: Final = 20
#: Characters of the title of a decision without a number.
_TITLE: Final = 120
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keys:
    """By what lines and procedures are looked up."""

    codes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, code: str, name: str) -> None:
        """`name` is folded (name_key)."""
        if code:
            self.codes.add(code_key(code))
        if name:
            self.names.add(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """A line with what is said of it to people."""

    id: int
    line: Line
    name: str
    revision: int  #: of the decision
    decision_name: str  #: its number, or its title


def parts(values: Sequence[T], size: int = _MANY) -> Iterator[Sequence[T]]:
    """As many values as one statement takes, again and again."""
    return (values[start : start + size] for start in range(0, len(values), size))


def said(dialect: Dialect, name: str) -> str:
    """SQL for a field of the body of an edition `e`, as text."""
    return inside(dialect, "e.body", name)


async def listing(unit: Unit, decisions: Sequence[str]) -> set[str]:
    """Which of these have lines."""
    found = set[str]()
    for some in parts(decisions):
        rows = await unit.tx.fetch(
            f"SELECT DISTINCT decision FROM announcement WHERE decision IN ({marks(len(some))})", *some
        )
        found |= {row["decision"] for row in rows}
    return found


async def add_linked(unit: Unit, procedures: Sequence[str], keys: Keys) -> None:
    """The keys of the lines that are linked to these procedures."""
    for some in parts(procedures):
        for row in await unit.tx.fetch(
            f"SELECT code, folded FROM announcement WHERE procedure IN ({marks(len(some))})", *some
        ):
            keys.add(row["code"], row["folded"])


async def lines_about(unit: Unit, keys: Keys) -> list[KeptLine]:
    """Every line, of whichever decision, with one of these keys."""
    found = dict[int, Row]()
    for column, values in (("substr(code, 1, 8)", sorted(keys.codes)), ("folded", sorted(keys.names))):
        for some in parts(values):
            rows = await unit.tx.fetch(
                "SELECT id, decision, place, action, code, name, folded, procedure FROM announcement"
                f" WHERE {column} IN ({marks(len(some))})",
                *some,
            )
            found |= {row["id"]: row for row in rows}
    rows = [found[key] for key in sorted(found)]
    decisions = await _decisions(unit, sorted({row["decision"] for row in rows}))
    agencies = await _agencies_of_lines(unit, sorted({row["decision"] for row in rows if _is_weak(row["code"])}))
    return [_kept(row, decisions[row["decision"]], agencies) for row in rows if row["decision"] in decisions]


def _kept(row: Row, decision: Row, agencies: dict[tuple[str, int], str]) -> KeptLine:
    stated = decision["issued"]
    at = moment(decision["first_seen"] if decision["published"] is None else decision["published"])
    return KeptLine(
        id=row["id"], name=row["name"], revision=decision["approved_revision"],
        decision_name=decision["number"] or decision["title"][:_TITLE],
        line=Line(
            decision=row["decision"], place=row["place"], action=Action(row["action"]), code=row["code"],
            name=row["folded"], agency=agencies.get((row["decision"], row["place"]), ""), member=decision["member"],
            dated=date.fromisoformat(stated) if stated else at.date(), procedure=row["procedure"],
        ),
    )  # fmt: skip


def _is_weak(stated: str) -> bool:
    """Whether a line or a procedure with this code may have to be told by its name."""
    return not read_code(stated).national


async def _decisions(unit: Unit, ids: Sequence[str]) -> dict[str, Row]:
    found = dict[str, Row]()
    for some in parts(ids):
        rows = await unit.tx.fetch(
            f"SELECT i.content_id, i.member, i.title, i.published, i.first_seen, i.approved_revision,"
            f" {said(unit.tx.dialect, 'number')} AS number, {said(unit.tx.dialect, 'issued')} AS issued FROM item i"
            f" JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision"
            f" WHERE i.content_id IN ({marks(len(some))})",
            *some,
        )
        found |= {row["content_id"]: row for row in rows}
    return found


async def _agencies_of_lines(unit: Unit, decisions: Sequence[str]) -> dict[tuple[str, int], str]:
    """Whose procedures the lines of these decisions are, by decision and place."""
    found = dict[tuple[str, int], str]()
    for some in parts(decisions, _BODIES):
        for row in await unit.tx.fetch(
            f"SELECT e.content_id, {said(unit.tx.dialect, 'announces')} AS announces FROM item i"
            " JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision"
            f" WHERE i.content_id IN ({marks(len(some))})",
            *some,
        ):
            for place, line in enumerate(orjson.loads(row["announces"] or "[]"), 1):
                found[row["content_id"], place] = line["agency"]
    return found


# --------------------------------------------------------------------------------------------------- procedures


async def procedures_for(unit: Unit, lines: Sequence[Line], *, only: Sequence[str] = ()) -> list[Known]:
    """The public procedures that these lines may name.

    `only`: none but these changed, so that every other link stands. Names are looked for among all.
    """
    linked = {line.procedure for line in lines if line.procedure}
    if only and not any(_is_weak(line.code) for line in lines):
        rows = [row for some in parts(sorted({*only, *linked})) for row in await _public(unit, some)]
        return [_known(row) for row in rows]
    codes = {code_key(line.code) for line in lines if line.code}
    names, weak = {line.name for line in lines}, {line.name for line in lines if _is_weak(line.code)}
    chosen, by_name = list[Row](), list[str]()
    for row in await _public(unit, None):
        named = name_key(row["title"]) in (names if _is_weak(row["code"] or "") else weak)
        if named:
            by_name.append(row["content_id"])
        if named or code_key(row["code"] or "") in codes or row["content_id"] in linked:
            chosen.append(row)
    agencies = await _agencies_of_procedures(unit, by_name)
    return [_known(row, agencies.get(row["content_id"], ())) for row in chosen]


async def _public(unit: Unit, ids: Sequence[str] | None) -> list[Row]:
    """Public procedures that may be used, of these or of all."""
    chosen = "" if ids is None else f" AND i.content_id IN ({marks(len(ids))})"
    rows = await unit.tx.fetch(
        f"SELECT i.content_id, i.member, m.name AS member_name, i.title, i.approved_revision,"
        f" {said(unit.tx.dialect, 'code')} AS code, {said(unit.tx.dialect, 'status')} AS status FROM item i"
        f" JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision"
        f" LEFT JOIN member m ON m.code = i.member"
        f" WHERE i.kind = 'procedure' AND i.state = 'live' AND i.public_at IS NOT NULL{chosen}",
        *(ids or ()),
    )
    return [row for row in rows if row["status"] != Status.WITHDRAWN]


def _known(row: Row, agencies: Iterable[str] = ()) -> Known:
    names = (row["member_name"] or "", *agencies)
    return Known(
        content_id=row["content_id"], revision=row["approved_revision"], code=row["code"] or "",
        name=name_key(row["title"]), member=row["member"], agencies=tuple(filter(None, names)),
    )  # fmt: skip


async def _agencies_of_procedures(unit: Unit, ids: Sequence[str]) -> dict[str, list[str]]:
    """The names of those that announce, carry out and decide these procedures."""
    found, dialect = dict[str, list[str]](), unit.tx.dialect
    for some in parts(ids):
        for row in await unit.tx.fetch(
            f"SELECT e.content_id, {said(dialect, 'announced_by_name')} AS announced,"
            f" {said(dialect, 'executing_agencies')} AS executing, {said(dialect, 'competent_agencies')} AS competent"
            " FROM item i JOIN edition e ON e.content_id = i.content_id AND e.revision = i.approved_revision"
            f" WHERE i.content_id IN ({marks(len(some))})",
            *some,
        ):
            coded = [one for name in ("executing", "competent") for one in orjson.loads(row[name] or "[]")]
            found[row["content_id"]] = [row["announced"] or "", *(one["name"] for one in coded)]
    return found
