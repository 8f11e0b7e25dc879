"""The order of public changes, as the database reads it: whoever asks for a part of it pays for a page of that part."""

from typing import Any

import pytest

from hub.broker.embedded import EmbeddedBroker
from hub.store import changes
from hub.store.database import Database, Row
from hub.store.unit import Store
from tests.clock import Clock

MANY = 6_000


class Explained(Store):
    """Says how each question would be answered, and answers none."""

    plan = ""

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        words = "EXPLAIN QUERY PLAN" if self.database.dialect == "sqlite" else "EXPLAIN"
        rows = await self.database.fetch(f"{words} {sql}", *args)
        self.plan = "\n".join(" ".join(map(str, each.values())) for each in rows)
        return []


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "idx_item_change_"), ({"member": "M7"}, "item_change_member"), ({"kind": "notice"}, "item_change_kind"),
        ({"member": "M7", "kind": "news"}, "item_change_member"),
    ],
    ids=["all", "member", "kind", "both"],
)  # fmt: skip
async def test_a_page_of_changes_is_read_in_its_order_and_nothing_beside_it(
    database_url: str, clock: Clock, asked: dict[str, str], index: str
) -> None:
    async with await Database.open(database_url) as db:
        async with db.transaction() as tx:
            rows = [(f"c{n}", f"M{n % 100}", "news" if n % 50 else "notice", n) for n in range(1, MANY)]
            await tx.execute_many(
                "INSERT INTO item (content_id, source, guid, kind, member, title, revision, approved_revision, digest,"
                " state, first_seen, changed_at, public_at, change_number)"
                " VALUES (?, 's', ?, ?, ?, 't', 1, 1, 'd', 'live', 0, 0, 0, ?)",
                [(name, name, kind, member, n) for name, member, kind, n in rows],
            )
            await tx.execute_many(
                "INSERT INTO edition (content_id, revision, digest, update_type, state, seen_at)"
                " VALUES (?, 1, 'd', 'major', 'approved', 0)",
                [(name,) for name, *_ in rows],
            )
            if db.dialect == "postgres":  # by itself a minute later
                await tx.execute("ANALYZE item, edition")
        store = Explained(db, EmbeddedBroker(), clock)
        await changes.since(store, 10, limit=20, **asked)  # type: ignore[arg-type]
        assert index in store.plan
        assert not [word for word in ("B-TREE", "Sort") if word in store.plan], store.plan
