"""A column with a default, and a correction of rows in SQL."""

from typing import ClassVar

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies: ClassVar = [("hub", "0001_initial")]
    operations: ClassVar = [
        ops.AddField("Fact", "note", fields.TextField(db_default="")),
        ops.RunSQL("UPDATE fact SET note = 'old; kept?' WHERE key = 'epoch';"),
    ]
