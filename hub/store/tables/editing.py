"""What people write and plan: contributions with their photos, approvals for a later hour, decisions of two."""

from tortoise import fields
from tortoise.models import Model

from hub.store.columns import InstantField, LiveIndex


class Draft(Model):
    """A contribution (bài cộng tác viên): what its author writes until an edition of it is approved, and after."""

    id = fields.BigIntField(primary_key=True, generated=True)
    author = fields.CharField(max_length=200, db_index=True)  # login
    member = fields.CharField(max_length=64)  # whose item it is to be
    kind = fields.CharField(max_length=32)  # news, notice
    title = fields.TextField(db_default="")
    summary = fields.TextField(db_default="")
    content = fields.TextField(db_default="")  # as typed: hub/rules/markup.py
    tags = fields.TextField(db_default="[]")  # JSON
    state = fields.CharField(max_length=16)  # writing, sent, returned, taken
    remark = fields.TextField(db_default="")  # of whoever returned it
    remark_by = fields.CharField(max_length=200, db_default="")
    counter = fields.IntField(db_default=1)  # rises with every change; a form that saw another one is refused
    guid = fields.CharField(max_length=64)
    content_id = fields.CharField(max_length=36, unique=True)  # of its item, from the first line on
    revision = fields.IntField(db_default=0)  # newest edition that was made of it; 0 = none yet
    began_at = InstantField()
    changed_at = InstantField()
    sent_at = InstantField(null=True)

    class Meta:
        table = "draft"
        indexes = (LiveIndex(name="draft_open", fields=["changed_at"], where="state <> 'taken'"),)


class DraftPhoto(Model):
    """A photo of a contribution; its bytes stand in the store of files, without position and camera."""

    id = fields.BigIntField(primary_key=True, generated=True)
    draft = fields.BigIntField()
    place = fields.IntField()  # 1, 2, 3 …: what the text calls it; never given twice in one draft
    sha256 = fields.CharField(max_length=64, db_index=True)
    type = fields.CharField(max_length=100)
    width = fields.IntField()
    height = fields.IntField()
    size = fields.BigIntField()
    alt = fields.TextField(db_default="")  # what it shows, for those who do not see it; demanded before it is sent

    class Meta:
        table = "draft_photo"
        unique_together = (("draft", "place"),)


class Planned(Model):
    """An approval for a later hour. One an item: a newer plan replaces it, its events keep the history."""

    content_id = fields.CharField(max_length=36, primary_key=True)
    revision = fields.IntField()  # the fence: only this edition
    at = InstantField()
    who = fields.CharField(max_length=200)
    why = fields.TextField(db_default="")
    state = fields.CharField(max_length=16)  # waiting, done, void, cancelled
    note = fields.TextField(db_default="")  # code of why it is void
    sentence = fields.TextField(db_default="")  # the same for a clerk
    made_at = InstantField()
    ended_at = InstantField(null=True)

    class Meta:
        table = "planned"
        indexes = (LiveIndex(name="planned_open", fields=["at"], where="state IN ('waiting', 'void')"),)


class Proposal(Model):
    """A decision that takes two: what somebody proposes waits for another person."""

    id = fields.BigIntField(primary_key=True, generated=True)
    matter = fields.CharField(max_length=16)  # posts, withdrawals, screen
    content_id = fields.CharField(max_length=36, db_index=True)
    revision = fields.IntField()  # that the first person saw; another one by now ends the proposal
    destination = fields.CharField(max_length=100, db_default="")
    details = fields.TextField(db_default="{}")  # JSON: what exactly is to be done
    who = fields.CharField(max_length=200)
    why = fields.TextField(db_default="")
    state = fields.CharField(max_length=16)  # open, confirmed, declined, void
    # While it is open, a checksum of what is proposed: two people at once make one proposal. Then NULL.
    open_as = fields.CharField(max_length=64, null=True, unique=True)
    made_at = InstantField()
    ended_by = fields.CharField(max_length=200, db_default="")
    ended_at = InstantField(null=True)

    class Meta:
        table = "proposal"
        indexes = (LiveIndex(name="proposal_open", fields=["id"], where="state = 'open'"),)
