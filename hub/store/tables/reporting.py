"""What is counted and reported: every item as it counts, outages of sources, reports, reminders, visits."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class Tally(Model):
    """One item as it counts; renewed in the transaction of every change of its editions (hub/store/tallying.py)."""

    content_id = fields.CharField(max_length=36, primary_key=True)
    source = fields.CharField(max_length=100)
    member = fields.CharField(max_length=64)  # that published it, for ever: a merger moves nothing
    kind = fields.CharField(max_length=32)
    category = fields.CharField(max_length=64)  # code in the list of categories; empty = none fits
    state = fields.CharField(max_length=16)  # public, held, rejected, withdrawn: hub/store/states.py TallyState
    day = fields.IntField()  # on which it counts, as days since 1970-01-01 in the hub's zone
    dated = fields.IntField()  # 1 = the source said when it was published, 0 = the day on which it was first seen
    issued = fields.IntField(null=True)  # day of signature of a document
    author = fields.CharField(max_length=300, db_default="")  # first author, as written
    photos = fields.IntField(db_default=0)
    files = fields.IntField(db_default=0)
    published = InstantField(null=True)  # as the source says
    first_seen = InstantField()
    approved_at = InstantField(null=True)  # first approval of any edition
    first_public = InstantField(null=True)  # when the public could first read it here
    story = fields.CharField(max_length=36, db_default="")  # content id of the origin; empty = not compared yet
    likeness = fields.BinaryField(null=True)  # of its text, for finding copies; null once nothing may be kept of it

    class Meta:
        table = "tally"
        indexes = (
            ("day", "member"), ("member", "category", "day"), ("source", "day"), ("story",),
            LiveIndex(name="tally_uncompared", fields=["day"], where="story = ''"),
        )  # fmt: skip


class Outage(Model):
    """A time in which a source could not be read, or was not asked. Open while `until` is null."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    since = InstantField()
    until = InstantField(null=True)
    why = fields.CharField(max_length=16)  # fault, blocked, paused, removed
    code = fields.CharField(max_length=64, db_default="")  # of the last fault
    side = fields.CharField(max_length=16, db_default="")  # member, hub, network, person
    sentence = fields.TextField(db_default="")

    class Meta:
        table = "outage"
        indexes = (
            ("source", "since"),
            LiveIndex(name="outage_open", fields=["source"], where="until IS NULL"),
        )


class Report(Model):
    """A report over a period: its numbers are frozen when it is made; people add words, and sign."""

    id = fields.BigIntField(primary_key=True, generated=True)
    first_day = fields.CharField(max_length=10)  # ISO dates
    last_day = fields.CharField(max_length=10)
    state = fields.CharField(max_length=16)  # draft, signed, dropped: hub/store/states.py ReportState
    body = fields.BinaryField()  # zlib of the canonical JSON of hub.reports.snapshot.Snapshot
    sha256 = fields.CharField(max_length=64)  # of that JSON
    words = fields.TextField(db_default="{}")  # JSON: what people wrote into each slot, how many times, who last
    number = fields.CharField(max_length=100, db_default="")  # of a signed one, as it stands before the suffix: 09
    made_at = InstantField()
    made_by = fields.CharField(max_length=200)
    signed_at = InstantField(null=True)
    signed_by = fields.CharField(max_length=200, db_default="")
    signer = fields.CharField(max_length=200, db_default="")  # name that stands under it

    class Meta:
        table = "report"
        indexes = (("first_day", "last_day"),)


class ReportItem(Model):
    """The items that a frozen report counted, so that each of its numbers opens the list of that length for ever."""

    id = fields.BigIntField(primary_key=True, generated=True)
    report = fields.BigIntField()
    content_id = fields.CharField(max_length=36)
    line = fields.TextField()  # JSON of what it counted as: the columns of `tally` by which lists are filtered

    class Meta:
        table = "report_item"
        unique_together = (("report", "content_id"),)


class Reminder(Model):
    """A member is urged to publish what it owes (đôn đốc): prepared, sent, or stopped because the fault is ours."""

    id = fields.BigIntField(primary_key=True, generated=True)
    member = fields.CharField(max_length=64)
    duty = fields.CharField(max_length=64)
    step = fields.CharField(max_length=16)  # notice, reminder, list
    until_day = fields.CharField(max_length=10)  # ISO date: last day of the stretch in which something is missing
    state = fields.CharField(max_length=16)  # prepared, sent, stopped, settled: hub/store/states.py ReminderState
    why = fields.TextField(db_default="{}")  # JSON: the gap as it was, and why it was stopped
    mail = fields.BigIntField(null=True)  # the mail in which it went out
    made_at = InstantField()
    made_by = fields.CharField(max_length=200)
    ended_at = InstantField(null=True)
    ended_by = fields.CharField(max_length=200, db_default="")

    class Meta:
        table = "reminder"
        unique_together = (("member", "duty", "step", "until_day"),)
        indexes = (LiveIndex(name="reminder_open", fields=["member", "duty"], where="state IN ('prepared', 'sent')"),)


class Visit(Model):
    """How often something was read on one day, as the counter of a site or of the portal says."""

    id = fields.BigIntField(primary_key=True, generated=True)
    site = fields.CharField(max_length=100)  # name of the counter
    member = fields.CharField(max_length=64, db_default="")  # whose site it is; empty = the portal
    day = fields.IntField()  # days since 1970-01-01
    path = fields.CharField(max_length=500, db_default="")  # of a page or section; empty = the whole site
    content_id = fields.CharField(max_length=36, db_default="")  # the item that the page shows, where one is known
    visits = fields.BigIntField()
    remark = fields.CharField(max_length=16, db_default="")  # ran_backwards, jumped: `visits` is not the whole day
    loaded_at = InstantField()
    loaded_by = fields.CharField(max_length=200)

    class Meta:
        table = "visit"
        unique_together = (("site", "day", "path"),)
        indexes = (("day", "member"),)


class Counter(Model):
    """The last reading of a counter that runs on, so that a day's visits are the difference."""

    site = fields.CharField(max_length=100, primary_key=True)
    reading = fields.BigIntField(null=True)  # null = it was never read
    read_at = InstantField(null=True)
    asked_at = InstantField()  # last attempt
    fault = fields.CharField(max_length=64, db_default="")  # of that attempt: ran_backwards, jumped, unreadable

    class Meta:
        table = "counter"
