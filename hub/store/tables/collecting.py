"""What is collected: members, their sources, captures, and what is fetched or pushed beside the polls."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class Member(Model):
    """An organisation of the province; validity dates are ISO dates, successors a JSON list of codes."""

    code = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=300)
    kind = fields.CharField(max_length=32)
    parent = fields.CharField(max_length=64, db_default="")
    home = fields.TextField(db_default="")
    valid_from = fields.CharField(max_length=10, db_default="")
    valid_until = fields.CharField(max_length=10, db_default="")
    successors = fields.TextField(db_default="[]")
    duties = fields.TextField(db_default="[]")  # JSON: kinds of items that it has to publish

    class Meta:
        table = "member"


class Source(Model):
    """One feed, list or API of one member: its settings in force, its cursor, its health and its lease."""

    name = fields.CharField(max_length=100, primary_key=True)
    member = fields.CharField(max_length=64, db_index=True)
    connector = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=32)
    url = fields.TextField()
    host = fields.CharField(max_length=300)  # manners are kept per host: claims count leases by it
    review = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)  # active, paused, blocked, removed
    cursor = fields.TextField(db_default="{}")  # only the connector reads it
    known = fields.BinaryField()  # 16-byte fingerprints of the pieces of the last normalised capture
    body_sha256 = fields.CharField(max_length=64, db_default="")  # last kept capture; the same bytes are not kept twice
    ttl = fields.IntField(null=True)  # seconds that the feed advises between polls
    document_date = InstantField(null=True)  # fence against stale mirrors
    identity = fields.CharField(max_length=16, db_default="guid")  # hub.rules.identity.Mode: which names are believed
    churns = fields.IntField(db_default=0)  # captures in a row in which every known item had a new guid
    failures = fields.IntField(db_default=0)  # polls in a row that gave nothing
    fault_code = fields.CharField(max_length=64, db_default="")
    fault_stage = fields.CharField(max_length=16, db_default="")  # harvest or normalise: who found it, and clears it
    fault_side = fields.CharField(max_length=16, db_default="")  # member, hub, network
    fault_sentence = fields.TextField(db_default="")
    fault_since = InstantField(null=True)
    polled_at = InstantField(null=True)  # last attempt
    answered_at = InstantField(null=True)  # last good answer, unchanged ones included
    changed_at = InstantField(null=True)  # last body that differed
    new_at = InstantField(null=True)  # last poll that brought a new item
    rhythm_reason = fields.TextField(db_default="")  # why due_at is what it is
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "source"
        indexes = (
            LiveIndex(name="source_due", fields=["due_at"], where="state = 'active'"),
            # Hosts that are being asked: without it each claim reads all sources.
            LiveIndex(name="source_leased", fields=["lease_until", "host"], where="lease_until IS NOT NULL"),
        )


class Capture(Model):
    """What was received and what became of it; what is normalised, and replayed after a mapping was mended."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    url = fields.TextField()
    content_type = fields.CharField(max_length=300, db_default="")
    headers = fields.TextField(db_default="{}")
    origin = fields.CharField(max_length=16, db_default="poll")  # poll, walk (backfill), article, push: states.py
    more = fields.IntField(db_default=0)  # 1 = a further page of the same answer follows
    about = fields.CharField(max_length=36, db_default="")  # content id of the item whose own page this is
    fault = fields.CharField(max_length=64, db_default="")  # of an article: why there is no page; its teaser must do
    sha256 = fields.CharField(max_length=64)
    size = fields.BigIntField()  # bytes before compression
    fetched_at = InstantField()
    state = fields.CharField(max_length=16)  # new, working, done, held, rejected, purged, dead
    replay = fields.IntField(db_default=0)  # 1 = fingerprints are ignored: everything is read again
    released = fields.IntField(db_default=0)  # 1 = a person let a held run go on, -1 = threw it away (states.py)
    format = fields.CharField(max_length=32, db_default="")
    note = fields.TextField(db_default="")  # reason of the state, for a person
    counts = fields.TextField(db_default="{}")  # JSON: new, major, minor, same, unchanged, withdrawn, rejected
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")
    settled_at = InstantField(null=True)

    class Meta:
        table = "capture"
        indexes = (
            ("source", "id"),
            LiveIndex(name="capture_open", fields=["source", "id"], where="state IN ('new', 'working', 'held')"),
            LiveIndex(name="capture_due", fields=["due_at"], where="state IN ('new', 'working')"),
        )


class CaptureBody(Model):
    """The bytes of a capture, until a purge or the retention time takes them.

    Apart from the row that says how far it is: SQLite writes the whole of a row for each change of its length.
    """

    id = fields.BigIntField(primary_key=True, generated=True)  # of its capture; every row comes with its number
    body = fields.BinaryField()  # zlib

    class Meta:
        table = "capture_body"


class Rejection(Model):
    """A record that could not become an item: where it stood and why, never its text."""

    id = fields.BigIntField(primary_key=True, generated=True)
    capture = fields.BigIntField(db_index=True)
    source = fields.CharField(max_length=100, db_index=True)
    pointer = fields.CharField(max_length=300)
    code = fields.CharField(max_length=64)
    detail = fields.TextField(db_default="")
    rule = fields.CharField(max_length=200, db_default="")  # of the secrecy screen, with fingerprint and url
    fingerprint = fields.CharField(max_length=64, db_default="")
    url = fields.TextField(db_default="")
    at = InstantField()

    class Meta:
        table = "rejection"


class Article(Model):
    """An item whose own page or files are fetched too: the teaser from the list, and what became of the page.

    Later the row watches that page: an item is withdrawn when its page stays gone (promise I12).
    """

    content_id = fields.CharField(max_length=36, primary_key=True)
    source = fields.CharField(max_length=100)
    host = fields.CharField(max_length=300)
    url = fields.TextField(db_default="")
    teaser = fields.TextField()  # JSON of the item as the list has it
    teaser_digest = fields.CharField(max_length=64)
    pointer = fields.CharField(max_length=300, db_default="")
    remarks = fields.TextField(db_default="[]")
    page = fields.IntField(db_default=1)  # 0 = only its files are wanted
    state = fields.CharField(max_length=16)  # wanted, watched, done
    cursor = fields.TextField(db_default="{}")  # validators of the page
    body_sha256 = fields.CharField(max_length=64, db_default="")
    fault_code = fields.CharField(max_length=64, db_default="")
    misses = fields.IntField(db_default=0)  # 404 or 410 in a row
    missed_since = InstantField(null=True)
    wanted_at = InstantField()
    fetched_at = InstantField(null=True)
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "article"
        indexes = (
            ("source",),
            LiveIndex(name="article_due", fields=["due_at"], where="state IN ('wanted', 'watched')"),
        )


class File(Model):
    """A file that belongs to an item: where its bytes are kept, by checksum, and the text that was found in it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    content_id = fields.CharField(max_length=36)
    source = fields.CharField(max_length=100)
    url = fields.TextField()
    sha256 = fields.CharField(max_length=64, db_index=True, db_default="")  # empty = not kept, `note` says why
    type = fields.CharField(max_length=200, db_default="")  # by content, not by name
    size = fields.BigIntField(db_default=0)
    readable = fields.IntField(db_default=0)  # 1 = it has a text layer
    note = fields.CharField(max_length=64, db_default="")
    text = fields.TextField(db_default="")
    cursor = fields.TextField(db_default="{}")
    fetched_at = InstantField()

    class Meta:
        table = "file"
        unique_together = (("content_id", "url"),)


class Walk(Model):
    """A backfill: how far the walk back through a source's history has come. One per source; a new one replaces it."""

    source = fields.CharField(max_length=100, primary_key=True)
    host = fields.CharField(max_length=300)
    since = fields.CharField(max_length=10)  # ISO date; nothing older is wanted
    state = fields.CharField(max_length=16)  # running, done, failed, stopped
    cursor = fields.TextField(db_default="{}")
    pages = fields.IntField(db_default=0)
    note = fields.TextField(db_default="")
    asked_by = fields.CharField(max_length=200, db_default="")
    started_at = InstantField()
    ended_at = InstantField(null=True)
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "walk"
        indexes = (LiveIndex(name="walk_due", fields=["due_at"], where="state = 'running'"),)


class Subscription(Model):
    """A WebSub hub that a source's feed names, and what we agreed with it; a feed that moves to another hub has two."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    digest = fields.CharField(max_length=32)  # of hub and topic, which are too long for an index
    hub = fields.TextField()
    topic = fields.TextField()
    named = fields.IntField(db_default=1)  # 1 = the last poll named this hub, 0 = it names another or none
    state = fields.CharField(max_length=16)  # asking, active, denied, leaving, ended
    token = fields.CharField(max_length=64, unique=True)  # last part of our callback address
    secret = fields.CharField(max_length=64)  # key of the hub's signatures; docs/adr says why it stands here
    mode = fields.CharField(max_length=16, db_default="")  # what we asked last: subscribe or unsubscribe
    asked_at = InstantField(null=True)
    confirmed_at = InstantField(null=True)
    granted_until = InstantField(null=True)  # end of what the hub granted; the lease of workers is lease_until
    pushed_at = InstantField(null=True)  # last push with a right signature
    missed_at = InstantField(null=True)  # last time that a poll found news first, or a signature was wrong
    pushes = fields.IntField(db_default=0)
    refused = fields.IntField(db_default=0)  # pushes with a wrong signature
    fault_code = fields.CharField(max_length=64, db_default="")
    attempts = fields.IntField(db_default=0)
    due_at = InstantField()
    lease_until = InstantField(null=True)
    lease_token = fields.CharField(max_length=32, db_default="")

    class Meta:
        table = "subscription"
        unique_together = (("source", "digest"),)
        indexes = (LiveIndex(name="subscription_due", fields=["due_at"], where="state <> 'ended'"),)


class Push(Model):
    """A request that a member signed and sent to an inbox: its signature is not taken a second time."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    signature = fields.CharField(max_length=64)  # hexadecimal HMAC of time and body
    capture = fields.BigIntField()
    at = InstantField(db_index=True)

    class Meta:
        table = "push"
        unique_together = (("source", "signature"),)
        indexes = (("source", "at"),)
