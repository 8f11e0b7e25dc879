"""What was counted, in the shapes in which tests compare it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from hub import counting
from hub.app import Hub
from hub.queries.counted import line_of
from hub.queries.filters import Filter
from hub.queries.tallies import Key, counted, each, listed, summed
from hub.rules.access import EVERYWHERE, Scope
from hub.store.database import Row
from tests.web.press import id_of

SETTINGS = """
[hub]
name = "Tỉnh Mẫu"
testing = true
""" + "".join(
    f"""
[[member]]
code = "{code}"
name = "{name}"
kind = "{kind}"
[[source]]
name = "{source}"
member = "{code}"
connector = "feed"
url = "http://127.0.0.1:9/{source}"
{more}
"""
    for code, name, kind, source, more in (
        ("H52.12", "Sở Y tế", "department", "so-y-te-tin", ""),
        ("H52.20", "Huyện Thượng Hà", "district", "thuong-ha-tin", ""),
        ("H52.30", "Xã Hạ Liễu", "commune", "xa-ha-lieu-tin", ""),
        ("H52.40", "Cổng thông tin", "other", "cong-dau-thau", 'category = "tenders"'),
    )
)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


class Ledger:
    """Catches up before it answers."""

    def __init__(self, hub: Hub) -> None:
        self.engine = hub.engine

    async def rows(self) -> list[Row]:
        """All rows of the tally."""
        await counting.up_to_date(self.engine)
        return await self.engine.store.fetch("SELECT * FROM tally ORDER BY content_id")

    async def row(self, guid: str) -> Row:
        """The row of one item."""
        [found] = [row for row in await self.rows() if row["content_id"] == str(id_of(guid))]
        return found

    async def states(self) -> dict[str, str]:
        """State by guid."""
        await counting.up_to_date(self.engine)
        rows = await self.engine.store.fetch(
            "SELECT i.guid, t.state FROM tally t JOIN item i ON i.content_id = t.content_id"
        )
        return {row["guid"]: row["state"] for row in rows}

    async def count(self, scope: Scope = EVERYWHERE, **filter: Any) -> int:
        """The number of a filter; that it is the length of its list, page by page, is asserted on the way."""
        await counting.up_to_date(self.engine)
        chosen = Filter(*YEAR, **filter)
        number = await counted(self.engine.store, chosen, categories=self.engine.categories, scope=scope)
        assert number == len(await self.guids(scope, **filter))
        return number

    async def guids(self, scope: Scope = EVERYWHERE, *, limit: int = 2, **filter: Any) -> list[str]:
        """The list of a filter, in its order, as titles."""
        await counting.up_to_date(self.engine)
        found, after = list[str](), ""
        while True:
            page = await listed(
                self.engine.store, Filter(*YEAR, **filter), categories=self.engine.categories, scope=scope, limit=limit,
                after=after,
            )  # fmt: skip
            found += [one.title for one in page.items]
            if not (after := page.after):
                return found

    async def sums(self, by: Sequence[Key], **filter: Any) -> dict[tuple[str, ...], tuple[int, int, int]]:
        """Sums by key."""
        chosen = Filter(*YEAR, **filter)
        found = await summed(self.engine.store, chosen, by, categories=self.engine.categories)
        return {one.key: (one.items, one.photos, one.files) for one in found}

    async def freeze(self, report: int, **filter: Any) -> None:
        """Keep the lines of a filter as a report does."""
        chosen = Filter(*YEAR, **filter)
        found = [one async for one in each(self.engine.store, chosen, categories=self.engine.categories)]
        async with self.engine.store.unit() as unit:
            await unit.tx.execute_many(
                "INSERT INTO report_item (report, content_id, line) VALUES (?, ?, ?)",
                [(report, one.content_id, orjson.dumps(line_of(one)).decode()) for one in found],
            )
