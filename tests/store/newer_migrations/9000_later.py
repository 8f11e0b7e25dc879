"""A column with a default, a correction of rows in SQL, and a column less."""

from typing import ClassVar

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from hub.store.columns import DropColumn


class Migration(migrations.Migration):
    dependencies: ClassVar = [("hub", "0001_initial")]
    operations: ClassVar = [
        ops.AddField("Fact", "note", fields.TextField(db_default="")),
        DropColumn("Member", "home"),
        ops.RunSQL("UPDATE fact SET note = 'old; kept?' WHERE key = 'epoch';"),
    ]
