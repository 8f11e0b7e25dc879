"""A store that counts what a question reads: what may grow without end is not read as a whole."""

from typing import Any

from hub.store.database import Row
from hub.store.unit import Store


class Reading(Store):
    """The store of a hub; `rows` are those that came from one table, `most` so many of them at once."""

    def __init__(self, store: Store, table: str) -> None:
        super().__init__(store.database, store.broker, store.clock)
        self.rows, self.most, self._from = 0, 0, f"FROM {table} "

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        found = await super().fetch(sql, *args)
        if self._from in sql:
            self.rows, self.most = self.rows + len(found), max(self.most, len(found))
        return found
