"""The two seams of the hub: a Source is pulled, a Destination is pushed to.

    Source       fetch (I/O) -> Capture | Unchanged,   split (pure) -> Split of Records,   normalise (pure) -> Item
    Destination  present (pure) -> Payload,   send / withdraw (I/O) -> Receipt,   find (I/O) -> Found | None

A connector is one module in `connectors/sources` or `connectors/destinations` whose name is the connector's name in
settings.toml. It defines `Config` (a pydantic model of its own keys) and `Connector` (a class made from a Config).
Third parties register entry points in the group `hub.connectors`, named `source.NAME` or `destination.NAME`.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.edition import PublishedItem, Withdrawal
from schemas.item import ItemBase, Kind

if TYPE_CHECKING:
    from connectors.http import Http

#: A caching value that only the connector reads: ETag, Last-Modified, page token. Committed with the capture it covers.
Cursor = Mapping[str, str]


class ConnectorConfig(BaseModel):
    """Base of a connector's own settings; an unknown key is an error that `hub check` reports."""

    #: Whether the source has an address on the web; without one nothing is dialled (a folder, an inbox).
    addressed: ClassVar[bool] = True

    #: Whether what it reads is only a list: unless the settings say otherwise, each item's own page is fetched.
    lists_only: ClassVar[bool] = False

    #: The text of a validation error quotes no input: it may be a token.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# ---------------------------------------------------------------------------------------------------- sources


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What an answer says about when to come back and where; rules.rhythm combines them."""

    retry_after: float | None = None  #: seconds
    max_age: float | None = None  #: seconds, Cache-Control
    ttl: float | None = None  #: seconds, <ttl>, sy:updatePeriod, known after splitting
    moved_to: str = ""  #: new address after a permanent redirect
    more: bool = False  #: there is a further page: come back as soon as manners allow, the cursor says where


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Bytes as received. What is stored is exactly this, so that any mapping bug is mended by replay."""

    url: str  #: address that finally answered; base of relative links
    content_type: str  #: Content-Type header as received, may be empty
    body: bytes  #: decoded from transfer and content codings, nothing else
    fetched_at: datetime
    cursor: Cursor = field(default_factory=dict)  #: replaces the old one; a body without validators clears it
    headers: Mapping[str, str] = field(default_factory=dict)  #: lower-case; content-language, content-location, link
    hints: Hints = field(default_factory=Hints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The source says that nothing changed since the cursor (304)."""

    hints: Hints = field(default_factory=Hints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of a capture as parsed, before it is an item."""

    pointer: str  #: where it stands, for a person: `item 3`
    fingerprint: bytes  #: 16 bytes over the raw piece (or the parsed entry where the body could not be cut)
    fields: Mapping[str, Any]  #: parsed fields; only the connector that made them reads them


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """An explicit sign that an item is gone (RFC 6721)."""

    pointer: str
    guid: str
    at: datetime | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A record that cannot become an item."""

    pointer: str
    code: str  #: stable reason, e.g. `no_identity`, `bad_json`
    detail: str  #: technical cause, never the text of the record
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A capture cut at record borders. Pieces whose fingerprint is in `known` were not parsed again."""

    format: str  #: rss20, atom10, json11 ...
    title: str = ""  #: of the feed
    home: str = ""  #: home page the feed names, absolute
    records: Sequence[Record] = ()
    tombstones: Sequence[Tombstone] = ()
    fallen: Sequence[Fallen] = ()
    fingerprints: Sequence[bytes] = ()  #: of every piece of the body, known ones included, in document order
    #: where those pieces lie in `data`, which is the body or its end, where it was cut at their borders
    spans: Sequence[tuple[int, int]] = field(default=(), compare=False)
    data: bytes = field(default=b"", repr=False, compare=False)
    ttl: float | None = None  #: seconds
    document_date: datetime | None = None  #: the document's own date: a fence against stale mirrors
    truncated: bool = False  #: the body was cut off; what could be read was read
    incremental: bool = False  #: shows only what changed, or one page of many: what is missing says nothing
    hub: str = ""  #: WebSub hub that the feed names, absolute
    topic: str = ""  #: address under which that hub knows the feed (rel=self), absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """An item and what had to be mended on the way, as stable codes: `date_refused`, `title_cut`, `title_from_text`."""

    item: ItemBase
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceContext:
    """What a source knows about itself beside its own Config."""

    name: str
    kind: Kind
    url: str
    timezone: str = "Asia/Ho_Chi_Minh"  #: for dates without a zone
    language: str = "vi"
    tags: tuple[str, ...] = ()  #: given to each of its items


class Source(Protocol):
    """One feed, list or API of one member.

    `fetch` may be called again at any time and must not keep state between calls: the cursor is handed in and out.
    `split` and `normalise` are pure: same bytes, same result, no clock; they run in another process and on replay.
    """

    def __init__(self, context: SourceContext, config: Any) -> None: ...

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get what is new.

        Raises TransientError, ThrottledError, BlockedError, or RejectedError for our own refusals.
        """

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse. `now` is when the capture was fetched: dates after the day that follows it are refused.

        Raises RejectedError when the body is not this source's format at all (an error page, a captcha).
        """

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Turn one record into an item. Raises RejectedError with the record's pointer."""


@runtime_checkable
class Walker(Protocol):
    """A source that can be walked back through its history, page by page: what `hub backfill` needs.

    Each page is a Capture that `split` reads like any other. Its cursor says where the next page is, its hint `more`
    whether there is one; the walk has its own cursor, beside that of the polls.
    """

    async def walk(self, http: "Http", cursor: Cursor, since: date) -> Capture:
        """The next page of the history, newest first where the source lets us choose; an empty cursor begins.

        `since` is the day before which nothing is wanted: a source that can ask for a window asks for it. Raises as
        `Source.fetch` does.
        """


# ----------------------------------------------------------------------------------------------- destinations


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sent, ready and immutable; `body` is what the idempotency key stands for."""

    content_id: UUID
    revision: int
    body: bytes
    content_type: str = "application/json"
    #: what the item is called there, where that is not its content_id: the code of a procedure. Two items of different
    #: members that claim one key are refused before anything is sent; empty: the destination goes by content_id
    key: str = ""
    title: str = ""  #: for a person who is asked about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the destination answered, as proof."""

    remote_id: str
    revision: int  #: revision that is now there; newer than sent when the destination refused ours as old
    status: int = 0
    note: str = ""  #: short, ours; never the destination's body


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a destination holds of ours."""

    remote_id: str
    revision: int | None  #: None when the destination keeps no revision; 0 when it holds something that we did not send
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One record that a destination holds, ours or not."""

    key: str  #: as `Payload.key` has it, else the content_id as text
    record: Mapping[str, Any]  #: JSON values; only the connector that made it reads it
    title: str = ""  #: for a person
    owner: str = ""  #: code of the organisation to which the destination ascribes it, where it says so
    withdrawn: bool = False  #: it is there, and marked as not in force any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """One page of what a destination holds."""

    held: Sequence[Holding] = ()
    unread: Sequence[str] = ()  #: keys that are there and could not be read now: nothing is said about them
    cursor: Cursor = field(default_factory=dict)  #: where the next page begins
    more: bool = False  #: there is a next page
    #: whether all pages together are everything there is; False: they are news since the cursor, absence says nothing
    whole: bool = True
    retry_after: float | None = None  #: seconds to leave before the next page


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where what a destination holds differs from what it should show."""

    field: str  #: name of the field in schemas/, or of a part of it: `ways`, `ways.fees`
    ours: str  #: in words for a person, shortened; empty: nothing
    theirs: str
    conflict: bool = False  #: it is not ours to overwrite: the record belongs to another organisation


class Destination(Protocol):
    """A place we push to.

    `repeatable` tells whether sending the same key twice has one effect. Where it has not, the stage looks
    (`find`) before anything is sent again, and leaves `settling` seconds for a request thought dead to land.
    """

    repeatable: bool
    settling: float

    def __init__(self, name: str, config: Any) -> None: ...

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """What would be sent. Pure: same editions, same bytes.

        `last` is what was public before a withdrawal: places that take back a whole document need it. None where it
        was purged, or never public. Raises RejectedError for an item that this place cannot take.
        """

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Make the destination show this revision. Raises by the outcome table of connectors.http."""

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Make the destination stop showing the item. Already gone is success."""

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What the destination holds of the item of this payload; None when it holds nothing.

        Places without revisions compare: what is there and is the payload has the payload's revision.
        """


class Memory(Protocol):
    """What a destination must remember between calls and restarts, kept by the hub: tokens, ids of uploaded media.

    What `remember` was given is durable when it returns: a single-use token is kept before it is used.
    """

    async def recall(self, key: str) -> str | None:
        """What was remembered under a key; None when nothing was."""

    async def remember(self, key: str, value: str, *, secret: bool = False) -> None:
        """Keep a value; a secret one encrypted. Raises ConfigError when there is no key to encrypt it with."""

    async def forget(self, key: str) -> None:
        """Let go of a key."""

    def alone(self, key: str, *, seconds: float) -> AbstractAsyncContextManager[None]:
        """Be the only one, over all processes and hosts, that does something about a key, for so long at most.

        Waits until nobody else does. Raises TransientError when that takes longer than `seconds`.
        """


@runtime_checkable
class Remembering(Protocol):
    """A destination with a memory; the hub gives it one before the first call."""

    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What readers would see of a payload: for previews, never sent."""

    text: str = ""
    link: str = ""
    images: Sequence[str] = ()  #: addresses, in order
    alt: str = ""  #: of the first image
    html: str = ""  #: sanitised, where the place shows more than plain text
    notes: Sequence[str] = ()  #: for an editor, in Vietnamese: what was cut, left out, or is too small


@runtime_checkable
class Showing(Protocol):
    """A destination that can say how a payload would look there."""

    def face(self, payload: Payload) -> Face:
        """What readers would see. Pure."""


@runtime_checkable
class Braked(Protocol):
    """A destination whose readers are told of each new post: a flood waits for a person."""

    brake: int  #: new posts of an hour from which that is so, unless settings say otherwise


@runtime_checkable
class Reconcilable(Protocol):
    """A destination that can tell all it holds: what `hub reconcile` needs.

    `by_hand` tells that nobody but an officer can write there: the hub asks for it as a task, and believes it done when
    `holdings` shows it.
    """

    by_hand: bool

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """The next page of what is there; an empty cursor begins. Raises as `Source.fetch` does."""

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Where what is held differs from what should be shown; empty: they agree. Pure."""


@runtime_checkable
class Merging(Protocol):
    """A destination whose pages are news (`whole` is False) and add to what is known: receipts of many receivers."""

    def merged(self, known: Holding, news: Holding) -> Holding:
        """Both in one. Pure; in any order, and the same news twice changes nothing."""
