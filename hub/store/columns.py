"""The kinds of column, index and migration step that the tables use beside Tortoise's own."""

from datetime import datetime
from typing import Any

from tortoise.fields import BigIntField
from tortoise.indexes import Index
from tortoise.migrations.operations import RemoveField, RunSQL
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
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


class DropColumn(RemoveField):
    """Removes a column without rebuilding its table, which on SQLite would lose indexes and rows of other tables."""

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """One statement, the same on both databases."""
        if state_editor is not None:
            meta = old_state.apps.get_model(f"{app_label}.{self.model_name}")._meta
            column = meta.fields_map[self.name].source_field or self.name
            await state_editor._run_sql(f'ALTER TABLE "{meta.db_table}" DROP COLUMN "{column}";')


class DialectSQL(RunSQL):
    """Statements that Tortoise has no words for, and that the two databases do not share."""

    def __init__(self, *, sqlite: str, postgres: str) -> None:
        super().__init__(sqlite)
        self.of_dialect = {"sqlite": sqlite, "postgres": postgres}

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """The statements of the database that is brought up to date."""
        if state_editor is not None:
            await state_editor._run_sql(self.of_dialect[state_editor.DIALECT])
