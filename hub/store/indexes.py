"""Partial indexes: claims look for the few live rows, never through the many that are done."""

from typing import Any

from tortoise.indexes import Index


class LiveIndex(Index):
    """An index over the rows that `where` selects; the same SQL on SQLite and PostgreSQL."""

    def __init__(self, *, fields: list[str] | tuple[str, ...], where: str, name: str) -> None:
        super().__init__(fields=fields, name=name)
        self.where = where
        self.extra = f" WHERE {where}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration file writes this index down."""
        path, args, settings = super().deconstruct()
        return path, args, settings | {"where": self.where}
