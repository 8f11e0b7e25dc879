"""The API: who reads with a key and how much, requests that were answered once, what members sent by it, and the
numbers by which documents and procedures are asked for."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField


class Consumer(Model):
    """A program with a key. The key is kept as its SHA-256 only; a consumer is ended, never deleted."""

    id = fields.BigIntField(primary_key=True, generated=True)
    name = fields.CharField(max_length=100, unique=True)  # what events call it: "key:NAME"
    key_sha256 = fields.CharField(max_length=64, unique=True)
    hint = fields.CharField(max_length=12)  # how the key begins, to tell it from others
    grants = fields.TextField(db_default="[]")  # JSON: [[role, member], …] as of an account
    member = fields.CharField(max_length=64, db_default="")  # whose items it may send; empty = nobody's
    per_minute = fields.IntField()  # requests that it may make
    state = fields.CharField(max_length=16)  # active, ended
    created_by = fields.CharField(max_length=200)
    created_at = InstantField()
    ended_by = fields.CharField(max_length=200, db_default="")
    ended_at = InstantField(null=True)
    used_at = InstantField(null=True)  # last call, written with the counts

    class Meta:
        table = "consumer"


class ConsumerUse(Model):
    """What a consumer asked for on one day of the hub's zone; consumer 0 is everybody without a key."""

    id = fields.BigIntField(primary_key=True, generated=True)
    consumer = fields.BigIntField()
    day = fields.CharField(max_length=10)  # ISO date
    calls = fields.BigIntField(db_default=0)
    refused = fields.BigIntField(db_default=0)  # answered with 4xx
    bytes = fields.BigIntField(db_default=0)  # of answers, before compression

    class Meta:
        table = "consumer_use"
        unique_together = (("consumer", "day"),)


class Repeatable(Model):
    """A request with an Idempotency-Key, and what it was answered: asked again, the answer is the same one."""

    id = fields.BigIntField(primary_key=True, generated=True)
    who = fields.CharField(max_length=200)
    key = fields.CharField(max_length=200)
    request_sha256 = fields.CharField(max_length=64)  # method, path and body: a key is for one request
    status = fields.IntField(db_default=0)  # 0 = not answered yet
    body = fields.TextField(db_default="")
    at = InstantField(db_index=True)

    class Meta:
        table = "repeatable"
        unique_together = (("who", "key"),)


class Submission(Model):
    """The newest word of a member about one item by the API: what was sent, and the capture that it became."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    guid_sha256 = fields.CharField(max_length=64)
    body_sha256 = fields.CharField(max_length=64, db_default="")  # empty = the member took it back
    capture = fields.BigIntField()
    consumer = fields.BigIntField()
    at = InstantField()

    class Meta:
        table = "submission"
        unique_together = (("source", "guid_sha256"),)


class ItemNumber(Model):
    """A number of a public document, or the code of a public procedure, as it is compared."""

    id = fields.BigIntField(primary_key=True, generated=True)
    content_id = fields.CharField(max_length=36, db_index=True)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=200)

    class Meta:
        table = "item_number"
        indexes = (("kind", "key"),)
