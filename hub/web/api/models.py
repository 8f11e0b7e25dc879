"""What the API answers about what is public: items, their editions, members, sources, lists, changes."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from hub.web.api.values import Shape
from schemas.edition import PublishedItem, UpdateType, WithdrawalKind
from schemas.item import Kind


class LiveItem(PublishedItem):
    """A public item: its newest approved edition."""

    state: Literal["live"] = "live"
    public_at: AwareDatetime = Field(description="when it last changed in public")
    page: str = Field(description="its page for people")


class GoneItem(Shape):
    """What is left of an item that was withdrawn; copies of it are to be taken down."""

    state: Literal["withdrawn"] = "withdrawn"
    content_id: UUID
    revision: int = Field(ge=1)
    kind: Kind | None = Field(description="what it was; null: nobody knows any more")
    withdrawal: WithdrawalKind = Field(description="what stands in its place")
    reason: str = Field(description="one sentence for readers; may be empty")
    redirect_to: str = Field(description="address of what replaces it; may be empty")
    at: AwareDatetime = Field(description="when it was withdrawn")
    public_at: AwareDatetime


AnyItem = Annotated[LiveItem | GoneItem, Field(discriminator="state")]


class Items(Shape):
    """One page of a list."""

    items: tuple[AnyItem, ...]
    next: str = Field(description="`cursor` of the next page; empty at the end")


class Edition(Shape):
    """One public edition of an item, without its text."""

    revision: int = Field(ge=1)
    update_type: UpdateType
    state: Literal["current", "superseded", "withdrawn"]
    public_at: AwareDatetime = Field(description="when it became public")


class Editions(Shape):
    """The public editions of an item, oldest first. Numbers that are missing were never public."""

    content_id: UUID
    editions: tuple[Edition, ...]


class ChangeEntry(Shape):
    """One place in the order of public changes: the item as it is now."""

    cursor: str = Field(description="`after` that goes on behind this change")
    change: Literal["published", "withdrawn"]
    item: AnyItem


class Changes(Shape):
    """Public changes in their order. An item that changed again stands at its newest place only."""

    changes: tuple[ChangeEntry, ...]
    after: str = Field(description="`after` of the next question; the same one when nothing changed")
    more: bool = Field(description="whether further changes wait already")


class Member(Shape):
    """An organisation of the province."""

    code: str
    name: str
    kind: str = Field(description="department, commune, district, other")
    parent: str = Field(description="code of the member above it; may be empty")
    home: str = Field(description="its home page; may be empty")
    valid_from: str = Field(description="first day on which it exists (ISO); empty: not stated")
    valid_until: str = Field(description="last day on which it exists (ISO); empty: it exists")
    successors: tuple[str, ...] = Field(description="codes of the members that follow it")
    duties: tuple[Kind, ...] = Field(description="what it has to publish")


class Members(Shape):
    """All members, by code."""

    members: tuple[Member, ...]


class Source(Shape):
    """A source of the hub, as far as it is public."""

    name: str
    member: str
    member_name: str
    kind: Kind
    url: str = Field(description="what is read; empty: the member sends, or the address is nobody's business")
    last_new: AwareDatetime | None = Field(description="when it last brought a new item; null: never")
    items: int = Field(ge=0, description="public items that are not withdrawn")


class Sources(Shape):
    """All sources in use, by name."""

    sources: tuple[Source, ...]


class Listed(Shape):
    """One entry of a list of names."""

    name: str
    label: str
    items: int = Field(ge=0, description="public items that are not withdrawn")


class Kinds(Shape):
    """The kinds of items."""

    kinds: tuple[Listed, ...]


class Topics(Shape):
    """Tags of public items, the most used first."""

    topics: tuple[Listed, ...]


class Problem(Shape):
    """A refusal (RFC 9457)."""

    type: str = Field(description="address of an explanation")
    title: str = Field(description="what happened, in English")
    status: int
    detail: str = Field(description="what happened, whose fault it is and what to do, in Vietnamese")
    instance: str = Field(description="what was asked for")
    code: str = Field(description="stable name of the reason")
    errors: tuple["Fault", ...] | None = Field(default=None, description="which parameters or fields are wrong")
    withdrawal: GoneItem | None = Field(default=None, description="of `withdrawn`: what is left of the item")


class Fault(Shape):
    """One parameter or field that is wrong."""

    where: str
    what: str
