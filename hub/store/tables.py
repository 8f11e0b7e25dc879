"""What is kept. The rows are the truth; the message queue only carries their ids.

    member 1─n source 1─n capture 1─n rejection
                  │           └─ told by ─┐
                  └─ 1─n item 1─n edition ┘      item 1─n item_key (every name the source gave it)
                            └─ 1─n delivery n─1 destination,   delivery 1─n attempt
    article: an item's own page, fetched and watched      file: its attachments      walk: a backfill of a source
    reconciliation: a run that compares a destination with what the hub holds      holding: a record seen there
    difference: where the two do not agree, and what was decided      task: what an officer is asked to do by hand
    memory: what a destination has to remember      announcement: one line of a decision that announces procedures
    subscription: a hub that pushes a source's feed to us      push: a signed request of a member, taken once
    code_version 1─n code_entry: lists that the board edits, each load kept       1─n code_rejection: rows refused
    event: who did what, when, why; appended in the transaction of what it tells

States are short words in text columns; their closed lists stand in hub/store/states.py. JSON is text: whatever is
filtered on has a column of its own. Rows that workers claim carry due_at, attempts, lease_until and lease_token.

Comments here are `#`, not `#:`: Tortoise reads the latter as column descriptions and gives them to the wrong column.
Defaults are the database's (`db_default`), so that plain SQL and an older release may leave a column out.
"""

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
        indexes = (LiveIndex(name="source_due", fields=["due_at"], where="state = 'active'"),)


class Capture(Model):
    """Bytes as received; what is normalised, and replayed after a mapping was mended."""

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
    body = fields.BinaryField(null=True)  # zlib; null after a purge or the retention time
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


class Item(Model):
    """What a source says under one identity; `revision` is the number of its newest edition."""

    content_id = fields.CharField(max_length=36, primary_key=True)
    source = fields.CharField(max_length=100)
    guid = fields.TextField()
    kind = fields.CharField(max_length=32)
    member = fields.CharField(max_length=64)
    title = fields.TextField()
    url = fields.TextField(db_default="")
    revision = fields.IntField()
    approved_revision = fields.IntField(db_default=0)  # newest edition that was approved; 0 = none yet
    digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=16)  # live, withdrawn
    withdrawn_by = fields.CharField(max_length=16, db_default="")  # person, source
    published = InstantField(null=True)
    first_seen = InstantField()
    changed_at = InstantField(db_index=True)
    public_at = InstantField(null=True)  # when its public state last changed; null = it was never public
    capture = fields.BigIntField(null=True)  # newest one that said something new of it; replay of older ones is skipped
    pointer = fields.CharField(max_length=300, db_default="")

    class Meta:
        table = "item"
        unique_together = (("source", "guid"),)
        indexes = (("public_at",), ("member", "public_at"), ("kind", "public_at"))


class ItemKey(Model):
    """A name under which a source's item may come back: guid, canonical link, title with date (hub.rules.identity)."""

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    content_id = fields.CharField(max_length=36, db_index=True)

    class Meta:
        table = "item_key"
        unique_together = (("source", "key", "content_id"),)


class ItemTag(Model):
    """A tag of an item's public edition; folded, so that a feed of a tag is found however it is typed."""

    id = fields.BigIntField(primary_key=True, generated=True)
    content_id = fields.CharField(max_length=36)
    tag = fields.CharField(max_length=200)
    folded = fields.CharField(max_length=200, db_index=True)

    class Meta:
        table = "item_tag"
        unique_together = (("content_id", "tag"),)


class Edition(Model):
    """Immutable version n of an item; only its state moves, and each move has an event."""

    id = fields.BigIntField(primary_key=True, generated=True)
    content_id = fields.CharField(max_length=36)
    revision = fields.IntField()
    digest = fields.CharField(max_length=64)
    update_type = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    body = fields.TextField(null=True)  # JSON of schemas.item.Item; null for a withdrawal and after a purge
    withdrawal = fields.TextField(null=True)  # JSON of schemas.edition.Withdrawal
    why = fields.TextField(db_default="{}")  # JSON: change, review and routing with their reasons
    seen_at = InstantField()
    capture = fields.BigIntField(null=True)
    pointer = fields.CharField(max_length=300, db_default="")
    decided_by = fields.CharField(max_length=200, db_default="")
    decided_at = InstantField(null=True)

    class Meta:
        table = "edition"
        unique_together = (("content_id", "revision"),)
        indexes = (LiveIndex(name="edition_held", fields=["id"], where="state = 'held'"),)


class Rejection(Model):
    """A record that could not become an item: where it stood and why, never its text."""

    id = fields.BigIntField(primary_key=True, generated=True)
    capture = fields.BigIntField(db_index=True)
    source = fields.CharField(max_length=100, db_index=True)
    pointer = fields.CharField(max_length=300)
    code = fields.CharField(max_length=64)
    detail = fields.TextField(db_default="")
    at = InstantField()

    class Meta:
        table = "rejection"


class Destination(Model):
    """A place we push to, as it is now: open, paused or refusing us, and its share of the rate."""

    name = fields.CharField(max_length=100, primary_key=True)
    connector = fields.CharField(max_length=64)
    state = fields.CharField(max_length=16)  # active, paused, blocked, removed
    next_slot = fields.BigIntField(db_default=0)  # microseconds; the rate is a row so that all hosts share it
    open_until = InstantField(null=True)  # breaker, or Retry-After of the whole destination
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
    state = fields.CharField(max_length=16)  # ready, sending, asked, done, refused, parked
    wanted_at = InstantField()  # since when the destination is behind
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
        )


class Attempt(Model):
    """One call to a destination, written before it is made: an attempt without an end is an outcome nobody knows."""

    id = fields.BigIntField(primary_key=True, generated=True)
    delivery = fields.BigIntField()
    revision = fields.IntField()
    key = fields.CharField(max_length=200)
    started_at = InstantField()
    ended_at = InstantField(null=True)
    outcome = fields.CharField(max_length=16, db_default="open")  # open, done, refused, later, unknown, lost
    detail = fields.TextField(db_default="")

    class Meta:
        table = "attempt"
        indexes = (
            ("delivery", "id"),
            LiveIndex(name="attempt_open", fields=["delivery"], where="outcome = 'open'"),
        )


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
    record = fields.TextField()  # JSON of connectors.base.Held.record
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
        indexes = (LiveIndex(name="task_open", fields=["opened_at"], where="state = 'open'"), ("content_id",))


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


class Announcement(Model):
    """One line of a decision that announces procedures: what it does to which procedure."""

    id = fields.BigIntField(primary_key=True, generated=True)
    decision = fields.CharField(max_length=36)  # content id of the document
    place = fields.IntField()  # of the line in the decision: 1, 2, 3 ...
    action = fields.CharField(max_length=16)  # new, amended, replaced, abolished
    code = fields.CharField(max_length=100, db_default="")
    name = fields.TextField(db_default="")
    folded = fields.CharField(max_length=300, db_default="")  # name without marks: lines without a code go by it
    procedure = fields.CharField(max_length=36, db_default="")  # content id of what it names, once that is here

    class Meta:
        table = "announcement"
        unique_together = (("decision", "place"),)
        indexes = (("code",), ("folded",))


class Event(Model):
    """Who did what to what, when and why. Append only; `seal` chains committed events by hash, in one order."""

    id = fields.BigIntField(primary_key=True, generated=True)
    at = InstantField()
    who = fields.CharField(max_length=200)
    what = fields.CharField(max_length=64)
    content_id = fields.CharField(max_length=36, db_default="", db_index=True)
    revision = fields.IntField(db_default=0)
    source = fields.CharField(max_length=100, db_default="")
    destination = fields.CharField(max_length=100, db_default="")
    why = fields.TextField(db_default="{}")  # JSON; never the text of an item
    sequence = fields.BigIntField(null=True, unique=True)
    previous_hash = fields.CharField(max_length=64, db_default="")
    hash = fields.CharField(max_length=64, db_default="")

    class Meta:
        table = "event"


class Fact(Model):
    """Facts about this database itself: epoch, schema owner."""

    key = fields.CharField(max_length=64, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "fact"


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
