"""Lists of codes that the board edits, each load kept."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField


class CodeVersion(Model):
    """One load of one list of codes; the newest of a list is in force, older ones stay."""

    id = fields.BigIntField(primary_key=True, generated=True)
    list = fields.CharField(max_length=40)  # hub.codes.lists
    version = fields.IntField()  # 1, 2, 3 … of the list
    loaded_at = InstantField()
    loaded_by = fields.CharField(max_length=200)
    origin = fields.TextField()  # JSON: names of the files
    sha256 = fields.CharField(max_length=64)  # of the content: the same again is no new version
    counts = fields.TextField(db_default="{}")  # JSON: records, entries, rejected, mended

    class Meta:
        table = "code_version"
        unique_together = (("list", "version"),)


class CodeEntry(Model):
    """One code of one version and the time in which it means this; validity dates are ISO dates, empty = open."""

    id = fields.BigIntField(primary_key=True, generated=True)
    version = fields.BigIntField()  # id of code_version
    code = fields.CharField(max_length=64)
    name = fields.TextField()
    valid_from = fields.CharField(max_length=10, db_default="")
    valid_until = fields.CharField(max_length=10, db_default="")  # last day
    parent = fields.CharField(max_length=64, db_default="")
    successors = fields.TextField(db_default="[]")  # JSON: code, part, list
    confirmed = fields.IntField(db_default=1)  # 0 = the board still has to confirm it
    attributes = fields.TextField(db_default="{}")  # JSON: the list's other columns

    class Meta:
        table = "code_entry"
        unique_together = (("version", "code", "valid_from"),)


class CodeRejection(Model):
    """A row of a code file that could not become an entry: where it stood and why."""

    id = fields.BigIntField(primary_key=True, generated=True)
    version = fields.BigIntField(db_index=True)  # id of code_version
    file = fields.CharField(max_length=300)
    row = fields.IntField()
    code = fields.CharField(max_length=64)  # docs/reference/errors.md
    sentence = fields.TextField()

    class Meta:
        table = "code_rejection"
