"""What is delivered: destinations, deliveries with their attempts, what a comparison found, what people are asked."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class Destination(Model):
    """A place we push to, as it is now: open, paused or refusing us, and its share of the rate."""

    name = fields.CharField(max_length=100, primary_key=True)
    connector = fields.CharField(max_length=64)
    state = fields.CharField(max_length=16)  # active, paused, blocked, removed
    next_slot = fields.BigIntField(db_default=0)  # microseconds; the rate is a row so that all hosts share it
    open_until = InstantField(null=True)  # breaker, or Retry-After of the whole destination
    released_at = InstantField(null=True)  # when a person let it go on last: what waited then is no flood
    restored_at = InstantField(null=True)  # the database was put back: what it knows of this place ends before
    checked_at = InstantField(null=True)  # since when it may be sent to again: it was compared, or a person said so
    failures = fields.IntField(db_default=0)  # unknown or not-now outcomes in a row
    fault_code = fields.CharField(max_length=64, db_default="")
    fault_sentence = fields.TextField(db_default="")
    fault_since = InstantField(null=True)

    class Meta:
        table = "destination"


class Delivery(Model):
    """One row per item and destination: what it should show, what it showed last. Outbox and ledger in one."""

    id = fields.BigIntField(primary_key=True, generated=True)
    content_id = fields.CharField(max_length=36)
    destination = fields.CharField(max_length=100)
    wanted_revision = fields.IntField()
    sent_revision = fields.IntField(db_default=0)
    remote_id = fields.TextField(db_default="")
    receipt = fields.TextField(db_default="{}")  # JSON of connectors.base.Receipt, as proof
    key = fields.CharField(max_length=300, db_default="")  # natural key there; one item at a time has it
    repeats = fields.IntField(db_default=0)  # repairs of what was lost or changed there; part of the idempotency key
    cleared_revision = fields.IntField(db_default=0)  # newest to which a person said yes for this destination
    state = fields.CharField(max_length=16)  # ready, sending, asked, held, done, refused, parked
    wanted_at = InstantField()  # since when the destination is behind
    turn = fields.BigIntField(db_default=0)  # whose turn it is among those that are due: the smallest (wanting.py)
    error_code = fields.CharField(max_length=64, db_default="")
    error_sentence = fields.TextField(db_default="")
    failed_since = InstantField(null=True)
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "delivery"
        unique_together = (("destination", "content_id"),)
        indexes = (
            ("content_id",),
            LiveIndex(name="delivery_key", fields=["destination", "key"], where="key <> ''"),
            LiveIndex(
                name="delivery_due", fields=["destination", "due_at", "id"], where="state IN ('ready', 'sending')"
            ),
            LiveIndex(
                name="delivery_turn",
                fields=["destination", "turn", "due_at", "id"],
                where="state IN ('ready', 'sending')",
            ),
        )


class Attempt(Model):
    """One call to a destination, written before it is made: an attempt without an end is an outcome nobody knows."""

    id = fields.BigIntField(primary_key=True, generated=True)
    delivery = fields.BigIntField()
    revision = fields.IntField()
    key = fields.CharField(max_length=200)
    started_at = InstantField()
    ended_at = InstantField(null=True)
    outcome = fields.CharField(max_length=16, db_default="open")  # open, done, refused, later, unknown
    detail = fields.TextField(db_default="")

    class Meta:
        table = "attempt"
        indexes = (
            ("delivery", "id"),
            LiveIndex(name="attempt_open", fields=["delivery"], where="outcome = 'open'"),
        )


class Memory(Model):
    """What a destination has to remember between calls: tokens (encrypted), ids of uploaded media; and who is at it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    destination = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    value = fields.TextField(null=True)  # null: nothing yet, only somebody at it
    secret = fields.IntField(db_default=0)  # 1 = the value is encrypted
    changed_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "memory"
        unique_together = (("destination", "key"),)


class Reconciliation(Model):
    """A run that compares a destination with what the hub holds: pulls what is there page by page, then compares."""

    id = fields.BigIntField(primary_key=True, generated=True)
    destination = fields.CharField(max_length=100)
    state = fields.CharField(max_length=16)  # pulling, comparing, applying, done, failed, stopped
    apply = fields.IntField(db_default=0)  # 1 = act on accepted differences at its end
    cursor = fields.TextField(db_default="{}")  # only the connector reads it
    pages = fields.IntField(db_default=0)
    held = fields.IntField(db_default=0)  # records read
    unread = fields.TextField(db_default="[]")  # JSON: keys that are there and could not be read
    whole = fields.IntField(db_default=1)  # 0 = the pages are news, absence says nothing
    counts = fields.TextField(db_default="{}")  # JSON: ours, held, same, and differences by kind
    note = fields.TextField(db_default="")
    asked_by = fields.CharField(max_length=200, db_default="")
    started_at = InstantField()
    ended_at = InstantField(null=True)
    failed_since = InstantField(null=True)
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "reconciliation"
        indexes = (
            ("destination", "id"),
            LiveIndex(
                name="reconciliation_due", fields=["due_at"], where="state IN ('pulling', 'comparing', 'applying')"
            ),
        )


class Holding(Model):
    """A record as it was last seen at a destination, ours or not."""

    id = fields.BigIntField(primary_key=True, generated=True)
    destination = fields.CharField(max_length=100)
    key = fields.CharField(max_length=300)
    title = fields.TextField(db_default="")
    owner = fields.CharField(max_length=100, db_default="")
    withdrawn = fields.IntField(db_default=0)
    record = fields.TextField()  # JSON of connectors.base.Holding.record
    digest = fields.CharField(max_length=64)
    run = fields.BigIntField()  # reconciliation that saw it last
    seen_at = InstantField()
    agreed_digest = fields.CharField(max_length=64, db_default="")  # as it was when it last agreed with ours
    agreed_revision = fields.IntField(db_default=0)  # our revision then

    class Meta:
        table = "holding"
        unique_together = (("destination", "key"),)


class Difference(Model):
    """Where a destination and the hub do not agree about one key, as the last run found it, and what was decided."""

    id = fields.BigIntField(primary_key=True, generated=True)
    destination = fields.CharField(max_length=100)
    key = fields.CharField(max_length=300)
    kind = fields.CharField(max_length=16)  # missing, outdated, orphan, conflict
    reason = fields.CharField(max_length=32)  # why: hub.rules.reconciliation
    title = fields.TextField(db_default="")
    content_id = fields.CharField(max_length=36, db_default="")  # of ours; empty: the hub has none
    revision = fields.IntField(db_default=0)
    fields_ = fields.TextField(db_default="[]", source_field="fields")  # JSON of connectors.base.Difference
    claimants = fields.TextField(db_default="[]")  # JSON: content ids of ours that claim the key, if several
    digest = fields.CharField(max_length=64)  # of both sides: a decision holds as long as neither changes
    state = fields.CharField(max_length=16)  # open, accepted, applied, settled
    decided_by = fields.CharField(max_length=200, db_default="")
    decided_at = InstantField(null=True)
    why = fields.TextField(db_default="")
    run = fields.BigIntField()
    found_at = InstantField()

    class Meta:
        table = "difference"
        unique_together = (("destination", "key", "kind"),)


class Task(Model):
    """What an officer is asked to do by hand, once per destination and subject; it is opened again when needed."""

    id = fields.BigIntField(primary_key=True, generated=True)
    what = fields.CharField(max_length=16)  # enter, change, remove, unseen, still_there
    destination = fields.CharField(max_length=100, db_default="")
    subject = fields.CharField(max_length=300)  # natural key at the destination; of a decision: its line
    title = fields.TextField(db_default="")
    content_id = fields.CharField(max_length=36, db_default="")
    revision = fields.IntField(db_default=0)
    days = fields.IntField(db_default=0)  # working days that there are for it; 0 = no limit
    state = fields.CharField(max_length=16)  # open, done, dropped
    opened_at = InstantField()
    closed_at = InstantField(null=True)
    closed_by = fields.CharField(max_length=200, db_default="")
    why = fields.TextField(db_default="")

    class Meta:
        table = "task"
        unique_together = (("destination", "subject"),)
        indexes = (
            LiveIndex(name="task_open", fields=["days", "opened_at", "id"], where="state = 'open'"), ("content_id",)
        )  # fmt: skip
