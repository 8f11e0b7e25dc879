"""What the screens found: alarms without any text, what is recognised when it comes again, and recalls."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class Alarm(Model):
    """A text with a mark of a state secret came from a source; the text itself is kept nowhere."""

    id = fields.BigIntField(primary_key=True, generated=True)
    at = InstantField()  # when it was found first
    last_at = InstantField()  # when it came last: the same text of a source is one alarm
    times = fields.IntField(db_default=1)
    found = fields.CharField(max_length=16)  # reading, sending, again: which gate it was
    source = fields.CharField(max_length=100)
    member = fields.CharField(max_length=64)
    url = fields.TextField(db_default="")
    rule = fields.CharField(max_length=200)
    fingerprint = fields.CharField(max_length=64)  # HMAC of the canonical text
    content_id = fields.CharField(max_length=36, db_default="", db_index=True)
    capture = fields.BigIntField(null=True)
    shown = fields.TextField(db_default="[]")  # JSON: place, from, to of what readers could see
    files = fields.TextField(db_default="[]")  # JSON: checksums of kept files that are still to be removed
    scrubbed_at = InstantField(null=True)  # when text and files had left the disk too; null = that is still to be done
    mailed_at = InstantField(null=True)  # when the mail about it was written
    seen_by = fields.CharField(max_length=200, db_default="")
    seen_at = InstantField(null=True)

    class Meta:
        table = "alarm"
        unique_together = (("source", "fingerprint"),)
        indexes = (LiveIndex(name="alarm_unscrubbed", fields=["id"], where="scrubbed_at IS NULL"),)


class Recognised(Model):
    """What a source's texts and names are recognised by, as HMACs: they say nothing to who has the table alone."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    what = fields.CharField(max_length=16)  # text: purged at sight; name: of what was hit; released: not held again
    value = fields.CharField(max_length=64)
    content_id = fields.CharField(max_length=36, db_default="")
    at = InstantField()
    decided_by = fields.CharField(max_length=200, db_default="")
    why = fields.TextField(db_default="")

    class Meta:
        table = "recognised"
        unique_together = (("source", "value", "what"),)


class Recall(Model):
    """An item that every place has to prove to be gone."""

    content_id = fields.CharField(max_length=36, primary_key=True)
    revision = fields.IntField()  # of the withdrawal
    at = InstantField()
    by = fields.CharField(max_length=200)
    reason = fields.TextField(db_default="")

    class Meta:
        table = "recall"
