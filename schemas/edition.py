"""What the hub publishes: numbered editions, and withdrawals. This is the body that portals and subscribers receive."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from schemas.item import ADDRESS_LIMIT, Attachment, Author, Frozen, ItemBase, Kind


class EditionState(StrEnum):
    """Life of an edition; the arrows are drawn in docs/architecture.md."""

    HELD = "held"  #: waits for a person, with a reason
    APPROVED = "approved"  #: may be delivered
    REJECTED = "rejected"  #: a person said no
    SUPERSEDED = "superseded"  #: a newer edition was approved
    WITHDRAWN = "withdrawn"  #: the last edition of an item that is gone; carries no content


class UpdateType(StrEnum):
    """How much changed for a reader: a major change may alert, a minor one is delivered and alerts nobody."""

    MAJOR = "major"
    MINOR = "minor"


class WithdrawalKind(StrEnum):
    """What is left where the item stood (GOV.UK's unpublishing types)."""

    NOTICE = "notice"  #: a sentence that it was withdrawn, and why
    REDIRECT = "redirect"  #: readers are led to what replaces it
    GONE = "gone"  #: the address says that it is gone
    VANISH = "vanish"  #: nothing; as if it had never been there


class PublishedItem(Frozen):
    """An approved edition as destinations and subscribers see it."""

    content_id: UUID
    revision: int = Field(ge=1)
    update_type: UpdateType = UpdateType.MAJOR
    kind: Kind
    title: str
    summary: str = ""
    content_html: str = ""
    url: str = ""
    language: str = ""
    member: str  #: code of the organisation that published it
    member_name: str = ""
    source: str  #: name of the source in the hub
    authors: tuple[Author, ...] = ()
    published: AwareDatetime | None = None
    updated: AwareDatetime | None = None
    tags: tuple[str, ...] = ()
    image: str = ""
    attachments: tuple[Attachment, ...] = ()
    #: what only this kind has: the fields of schemas/procedure.py or schemas/document.py, defaults left out
    details: dict[str, JsonValue] = Field(default_factory=dict)

    @classmethod
    def of(
        cls,
        item: ItemBase,
        kind: Kind,
        *,
        content_id: UUID,
        revision: int,
        update_type: UpdateType,
        member: str,
        member_name: str,
        source: str,
    ) -> "PublishedItem":
        """The public face of `item` as edition `revision`; the guid stays inside the hub."""
        return cls(
            content_id=content_id, revision=revision, update_type=update_type, kind=kind, title=item.title,
            summary=item.summary, content_html=item.content_html, url=item.url, language=item.language,
            member=member, member_name=member_name, source=source, authors=item.authors,
            published=item.published, updated=item.updated, tags=item.tags, image=item.image,
            attachments=item.attachments, details=own_fields(item),
        )  # fmt: skip


def own_fields(item: ItemBase) -> dict[str, JsonValue]:
    """The fields of `item` that only its kind has, as JSON values; what is at its default is left out."""
    own = set(type(item).model_fields) - set(ItemBase.model_fields)
    return item.model_dump(mode="json", include=own, exclude_defaults=True) if own else {}


class Withdrawal(Frozen):
    """An item is gone. It takes the next revision, so that a late older edition is refused everywhere."""

    content_id: UUID
    revision: int = Field(ge=1)
    kind: WithdrawalKind = WithdrawalKind.GONE
    item_kind: Kind | None = None  #: what the item was; subscribers of one kind hear of its withdrawals by it
    reason: str = Field(default="", max_length=1_000)  #: one sentence for readers
    redirect_to: str = Field(default="", max_length=ADDRESS_LIMIT)
    at: AwareDatetime


class ItemEvent(Frozen):
    """What is announced on the `hub.events` exchange; the routing key is `kind.update_type` or `kind.withdrawn`.

    Subscribers may get an event twice, and an older one late: `content_id` and `revision` tell.
    """

    event: Literal["published", "withdrawn"]
    content_id: UUID
    revision: int = Field(ge=1)
    kind: Kind | None = None  #: None when a withdrawal does not know it; `item` stands in the routing key then
    update_type: UpdateType | None = None
    title: str = ""
    url: str = ""
    member: str = ""
    at: AwareDatetime | None = None  #: when the item changed at its source, or was withdrawn; None when unknown
