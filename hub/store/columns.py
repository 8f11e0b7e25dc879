"""The kinds of column and index that the tables use beside Tortoise's own."""

from datetime import datetime
from typing import Any

from tortoise.fields import BigIntField
from tortoise.indexes import Index
from tortoise.models import Model

from hub.store.instants import micros, moment


class InstantField(BigIntField):
    """A column of times: aware datetimes outside, integer microseconds inside."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> int | None:
        return micros(value) if isinstance(value, datetime) else value

    def to_python_value(self, value: Any) -> datetime | None:
        return moment(value) if isinstance(value, int) else value


class LiveIndex(Index):
    """An index over the few rows that `where` selects: claims never wade through the many that are done."""

    def __init__(self, *, fields: list[str] | tuple[str, ...], where: str, name: str) -> None:
        super().__init__(fields=fields, name=name)
        self.where = where
        self.extra = f" WHERE {where}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration file writes this index down."""
        path, args, settings = super().deconstruct()
        return path, args, settings | {"where": self.where}
