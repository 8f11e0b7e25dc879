"""What is mailed: digests as they were made, and the mail to each of their readers."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class DigestRun(Model):
    """One digest of one day, made and kept before its first mail goes out: retries send the same bytes."""

    id = fields.BigIntField(primary_key=True, generated=True)
    digest = fields.CharField(max_length=100)  # its name in the settings
    day = fields.CharField(max_length=10)  # ISO date in the hub's zone; a day has one
    began_at = InstantField()  # it tells of what became public after this
    ended_at = InstantField()  # up to this; the next one begins here
    made_at = InstantField()
    items = fields.TextField(db_default="[]")  # JSON: content ids that are listed; empty = nothing is sent
    left_out = fields.IntField(db_default=0)  # items beyond the limit of the list
    title = fields.TextField(db_default="")
    subject = fields.TextField(db_default="")
    text = fields.TextField(db_default="")
    html = fields.TextField(db_default="")
    struck = fields.IntField(db_default=0)  # times that it was made again without what was withdrawn meanwhile

    class Meta:
        table = "digest_run"
        unique_together = (("digest", "day"),)


class Mail(Model):
    """A digest to one of its readers."""

    id = fields.BigIntField(primary_key=True, generated=True)
    run = fields.BigIntField()
    recipient = fields.CharField(max_length=254)
    state = fields.CharField(max_length=16)  # ready, sending, done, refused, unknown, parked, dropped
    promised_at = InstantField(null=True)  # since when it may have gone out; null = it cannot have
    answer = fields.TextField(db_default="")  # what the server said when it took it, as proof
    error_code = fields.CharField(max_length=64, db_default="")
    error_sentence = fields.TextField(db_default="")
    failed_since = InstantField(null=True)
    settled_at = InstantField(null=True)  # when it came to rest: done, refused, unknown, parked, dropped
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "mail"
        unique_together = (("run", "recipient"),)
        indexes = (LiveIndex(name="mail_due", fields=["due_at", "id"], where="state IN ('ready', 'sending')"),)
