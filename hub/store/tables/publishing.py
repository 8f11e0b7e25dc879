"""What is published: items, their names and editions, and the account of what happened."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


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
    digest = fields.CharField(max_length=64)  # of what the source said last, whatever people made of it
    state = fields.CharField(max_length=16)  # live, withdrawn
    withdrawn_by = fields.CharField(max_length=16, db_default="")  # person, source
    published = InstantField(null=True)
    first_seen = InstantField()
    changed_at = InstantField(db_index=True)
    public_at = InstantField(null=True)  # when its public state last changed; null = it was never public
    change_number = fields.BigIntField(null=True, db_index=True)  # place in the order of changes (hub/store/changes.py)
    capture = fields.BigIntField(null=True)  # newest one that said something new of it; replay of older ones is skipped
    pointer = fields.CharField(max_length=300, db_default="")
    restricted = fields.IntField(db_default=0)  # of its newest edition: the title is for the duty officer alone

    class Meta:
        table = "item"
        unique_together = (("source", "guid"),)
        indexes = (
            ("public_at",), ("member", "public_at"), ("kind", "public_at"), ("source", "public_at"),
            # Where both would do SQLite takes the later one, and a member has less than a kind.
            LiveIndex(name="item_change_kind", fields=["kind", "change_number"], where="change_number IS NOT NULL"),
            LiveIndex(
                name="item_change_member", fields=["member", "change_number"], where="change_number IS NOT NULL"
            ),
            LiveIndex(
                name="item_unplaced", fields=["public_at"], where="change_number IS NULL AND public_at IS NOT NULL"
            ),
        )  # fmt: skip


class ItemKey(Model):
    """A name under which a source's item may come back: guid, canonical link, title with date (hub.rules.identity).

    Not indexed by item: only a purge asks for the names of one, and goes through those of its source.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    source = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    content_id = fields.CharField(max_length=36)

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
    origin = fields.CharField(max_length=16, db_default="source")  # source, person, contribution: hub/store/states.py
    author = fields.CharField(max_length=200, db_default="")  # login of who wrote it; empty = the source did
    remark = fields.TextField(db_default="")  # of whoever returned it
    restricted = fields.IntField(db_default=0)  # 1 = a screen holds it: its text is for the duty officer alone

    class Meta:
        table = "edition"
        unique_together = (("content_id", "revision"),)
        indexes = (LiveIndex(name="edition_held", fields=["id"], where="state = 'held'"),)


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
        # What people did is a small part of all that happened.
        indexes = (
            LiveIndex(name="event_by_people", fields=["id"], where="who <> 'hub'"),
            LiveIndex(name="event_unsealed", fields=["id"], where="sequence IS NULL"),
        )


class Fact(Model):
    """Facts about this database itself: epoch, schema owner."""

    key = fields.CharField(max_length=64, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "fact"
