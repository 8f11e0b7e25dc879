"""The numbers by which people ask for a public document or procedure: kept beside the public edition.

They are compared as connectors/parse/numbers.py and codes.py read them: however they are typed.
"""

from collections.abc import Iterable
from uuid import UUID

from connectors.parse.codes import read_code
from connectors.parse.numbers import number_key
from connectors.parse.text import fold
from hub.store.unit import Store, Unit
from schemas.document import Document
from schemas.item import ItemBase, Kind
from schemas.procedure import Procedure

#: Characters of a number as it is compared.
KEY_LIMIT = 200


async def made_public(unit: Unit, items: Iterable[tuple[UUID, ItemBase]]) -> None:
    """These editions are public from now on; those that are neither documents nor procedures cost nothing."""
    numbered = [(str(one), item.kind, _keys(item)) for one, item in items if isinstance(item, Document | Procedure)]
    await unit.tx.execute_many("DELETE FROM item_number WHERE content_id = ?", [(one,) for one, _, _ in numbered])
    await unit.tx.execute_many(
        "INSERT INTO item_number (content_id, kind, key) VALUES (?, ?, ?)",
        [(one, kind, key) for one, kind, keys in numbered for key in keys],
    )


async def called(store: Store, kind: Kind, what: str, *, limit: int) -> list[UUID]:
    """Public items of a kind with this number or code, the newest change first; withdrawn ones last."""
    key = _key(kind, what)
    if not key:
        return []
    rows = await store.fetch(
        "SELECT i.content_id FROM item_number n JOIN item i ON i.content_id = n.content_id"
        " WHERE n.kind = ? AND n.key = ? AND i.public_at IS NOT NULL"
        " ORDER BY CASE WHEN i.state = 'live' THEN 0 ELSE 1 END, i.public_at DESC, i.content_id LIMIT ?",
        kind, key, limit,
    )  # fmt: skip
    return [UUID(row["content_id"]) for row in rows]


def _keys(item: Document | Procedure) -> list[str]:
    if isinstance(item, Procedure):
        given: tuple[str, ...] = (item.code, item.national_code)
    else:
        given = (item.number, item.number_given, *item.further_numbers)
    return list(dict.fromkeys(key for one in given if (key := _key(item.kind, one))))


def _key(kind: Kind, number: str) -> str:
    return (fold(read_code(number).code) if kind is Kind.PROCEDURE else number_key(number))[:KEY_LIMIT]
