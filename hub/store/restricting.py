"""Editions that a screen holds: only the duty officer sees their text, and lets them go on or rejects them.

A decision is about one text: the same text of that source is not held again. Whoever asks for titles and texts of
items for others leaves restricted ones out, or shows them without: `shown_title`, `unrestricted`.
"""

from typing import Final
from uuid import UUID

import orjson

from hub.store import deciding, screening, searching
from hub.store.deciding import Decidable, DecisionRefusedError
from hub.store.unit import Unit
from schemas.edition import EditionState

#: A condition of SQL: this edition is for everybody who may see its member. `e` is the table of editions.
unrestricted: Final = "e.restricted = 0"
#: A title for everybody who may see its member; empty while a screen holds the item. `i` is the table of items.
shown_title: Final = "CASE WHEN i.restricted = 1 THEN '' ELSE i.title END"


def goes_on_to(edition: Decidable) -> EditionState:
    """What an edition becomes once the duty officer lets it go on: what it would have been without the screen."""
    return EditionState(orjson.loads(edition.why).get("screen", {}).get("then", EditionState.HELD))


async def released(unit: Unit, edition: Decidable, *, who: str, why: str) -> None:
    """The duty officer looked: the edition goes on to ordinary review. Raises DecisionRefusedError."""
    changed = await unit.tx.execute(
        "UPDATE edition SET restricted = 0 WHERE content_id = ? AND revision = ? AND state = 'held' AND restricted = 1",
        str(edition.content_id), edition.revision,
    )  # fmt: skip
    if changed != 1:
        raise not_held_by_a_screen(edition)
    await unit.tx.execute(
        "UPDATE item SET restricted = 0 WHERE content_id = ? AND revision = ?",
        str(edition.content_id), edition.revision,
    )  # fmt: skip
    fingerprint = orjson.loads(edition.why).get("screen", {}).get("fingerprint", "")
    await searching.renewed(unit, [edition.content_id])
    await screening.remember(
        unit, edition.source, "released", [fingerprint], content_id=edition.content_id, who=who, why=why
    )
    unit.tell(
        "hold_released", who=who, content_id=edition.content_id, revision=edition.revision, source=edition.source,
        why={"why": why},
    )  # fmt: skip


async def rejected(unit: Unit, edition: Decidable, *, who: str, why: str) -> None:
    """The duty officer does not let it go on; it stays restricted. Raises DecisionRefusedError."""
    if not edition.restricted or edition.state is not EditionState.HELD:
        raise not_held_by_a_screen(edition)
    await deciding.rejected(unit, edition, who=who, why=why)


def not_held_by_a_screen(edition: Decidable) -> DecisionRefusedError:
    """What is said about an edition of which the duty officer has nothing to decide."""
    return DecisionRefusedError(
        f"edition {edition.revision} of {edition.content_id} is not held by a screen",
        sentence="Phiên bản này không còn bị tạm giữ để kiểm tra: đã có người xử lý hoặc đã có phiên bản mới hơn."
        " Mở lại để xem tình trạng hiện tại.",
    )


async def restrict(unit: Unit, content_id: str, revision: int, *, rules: tuple[str, ...], fingerprint: str) -> bool:
    """A rule of today holds an edition that waits for a person: from now on for the duty officer. False when it went.

    What it would have become is for a person to say, as before.
    """
    rows = await unit.tx.fetch(
        "SELECT why FROM edition WHERE content_id = ? AND revision = ? AND state = 'held' AND restricted = 0",
        content_id, revision,
    )  # fmt: skip
    for row in rows:
        why = orjson.loads(row["why"]) | {"screen": {"rules": rules, "fingerprint": fingerprint, "then": "held"}}
        await unit.tx.execute(
            "UPDATE edition SET restricted = 1, why = ? WHERE content_id = ? AND revision = ?",
            orjson.dumps(why).decode(), content_id, revision,
        )  # fmt: skip
        await unit.tx.execute(
            "UPDATE item SET restricted = 1 WHERE content_id = ? AND revision = ?", content_id, revision
        )
        await searching.renewed(unit, [UUID(content_id)])
        unit.tell("hold_found", content_id=content_id, revision=revision, why={"rules": rules})
    return bool(rows)
