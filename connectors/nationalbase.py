"""A national base as a destination: what procedures and documents have in common; they differ in their codec.

    present   the item as the record of the base, under its key there; a withdrawal is a record too
    send      rows of many callers in one call, a result for each (connectors/nationalrows.py)
    find      the record, compared field by field: a base keeps no revision of ours
    holdings  the list, then the records of the next ones (connectors/sharereading.py)

No write service of these bases is public. So without `push.publish` a base is written by hand: the hub asks an officer,
and believes what `holdings` shows. With it, every row has its own outcome: refused, busy, or without an answer, which
is looked for before it is sent again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

import orjson
from pydantic import Field

from connectors.base import Capture, Cursor, Difference, Found, Holding, Holdings, Payload, Receipt
from connectors.errors import ConfigError, Fault, HubError, RejectedError, TransientError
from connectors.fields import Allowances, Seconds, SecondsOrNone, WebAddress
from connectors.nationalrows import Push, Rows
from connectors.parse.shareanswer import Naming, Reply, record_of
from connectors.sharereading import Reading, no_answer
from connectors.shareservice import Conversation, Gets, PlaceLine, Services, Ticket, reply_of
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import ItemBase

if TYPE_CHECKING:
    from connectors.http import Http

Item = TypeVar("Item", bound=ItemBase)

#: Bytes of one record that are read; real ones stay below 300 kB.
RECORD_LIMIT: Final = 2 * 1024 * 1024
#: Bytes of records after which a page ends.
_PAGE_BYTES: Final = 4 * 1024 * 1024
#: Longest key that is kept, in characters.
KEY_LIMIT: Final = 300


class BaseServices(Services):
    """What any national base is asked and told."""

    url: WebAddress = Field(description="address that paths and services stand below")
    push: Push = Field(default=Push(), description="the write service: [destination.push]")
    agency: str = Field(
        default="", max_length=100, description="code under which we publish; left out: as each item says"
    )
    ignore: tuple[str, ...] = Field(
        default=(), max_length=50, description="fields that the base keeps for itself: neither sent nor compared"
    )
    not_found: tuple[str, ...] = Field(
        default=(), max_length=50, description="error codes by which the base says that it has no such record"
    )
    page: int = Field(default=50, ge=1, le=500, description="records that a comparison reads at once")
    settling: SecondsOrNone = Field(
        default=60.0, description="how long after a call without an answer its records may still appear"
    )
    timeout: Seconds = Field(default=30.0, description="for one call")
    allow_private: Allowances = Field(default=frozenset(), description="private addresses it may be reached at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item as the base takes it."""

    key: str  #: what it is called there
    record: Mapping[str, Any]  #: under the names of the service


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[Item]):
    """What a record of the base says."""

    item: Item
    key: str
    owner: str = ""
    withdrawn: bool = False


class Codec(Protocol[Item]):
    """What is particular to a base. Everything here is pure."""

    ids: Naming  #: of lists and records: the field by which the base is asked for a record
    rows: Naming  #: of records that are written: the field by which their results are known

    def item_of(self, edition: PublishedItem) -> Item:
        """The item of an edition, as the base shall have it. Raises RejectedError for what this base cannot take."""
        ...

    def shown(self, item: Item) -> Shown:
        """Its record."""
        ...

    def taken_back(self, item: Item | None, key: str, id: str) -> Mapping[str, Any]:
        """The record that withdraws; where the item is not known any more, by its key and the id in the base."""
        ...

    def read(self, record: Mapping[str, Any]) -> Read[Item]:
        """What a record says. Raises RejectedError for one that says nothing."""
        ...

    def kept(self, item: Item) -> Mapping[str, Any]:
        """A record in its normal form: what is compared of it, and nothing else."""
        ...

    def key_in_list(self, row: Mapping[str, Any]) -> str:
        """The key that a row of the list tells, "" where it does not."""
        ...

    def differences(self, ours: Item, theirs: Item) -> Sequence[Difference]:
        """Where what the base holds differs."""
        ...


class NationalBase(Generic[Item]):
    """A base as a destination; a connector gives it its codec, and how a record is asked for."""

    repeatable = False

    def __init__(
        self, name: str, config: BaseServices, codec: Codec[Item], *, list_service: str, record_service: str,
        id_parameter: str, whole: bool = True,
    ) -> None:  # fmt: skip
        self.name = name
        self.settling = config.settling
        self.by_hand = not config.push.publish
        self.codec = codec
        self._config = config
        self._list_service = list_service
        self._record_service = record_service
        self._id_parameter = id_parameter
        self._whole = whole
        self._ticket = Ticket()
        self._rows = Rows(name, config.push, codec.rows, config.not_found, self._talk, timeout=config.timeout)

    # -------------------------------------------------------------------------------------------- writing

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The record of an item, or the one that withdraws it; without a body where nothing of it is known any more."""
        if isinstance(edition, Withdrawal):
            if last is None:
                return Payload(content_id=edition.content_id, revision=edition.revision, body=b"")
            gone = self.codec.item_of(last)
            key = self.codec.shown(gone).key
            return self._payload(edition, key, last.title, self.codec.taken_back(gone, key, ""))
        shown = self.codec.shown(self.codec.item_of(edition))
        return self._payload(edition, shown.key, edition.title, shown.record)

    def _payload(
        self, edition: PublishedItem | Withdrawal, key: str, title: str, record: Mapping[str, Any]
    ) -> Payload:  # fmt: skip
        body = orjson.dumps(record)
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=body, key=key, title=title
        )  # fmt: skip

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Hand in the record with those of others. Raises RejectedError: `row_refused`; UnconfirmedError."""
        self._refuse_by_hand()
        await self._rows.hand_in(http, self._config.push.publish, payload.body)
        return Receipt(remote_id=payload.key or remote_id, revision=payload.revision, status=200)

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Take the record back. A record that the base does not know is gone already."""
        self._refuse_by_hand()
        there = payload.key or remote_id
        body = payload.body or await self._by_key(http, there)
        service = self._config.push.withdraw or self._config.push.publish
        known = bool(body) and await self._rows.hand_in(http, service, body, gone=True)
        return Receipt(
            remote_id=there, revision=payload.revision, status=200, note="" if known else "already gone"
        )  # fmt: skip

    async def _by_key(self, http: "Http", key: str) -> bytes:
        """The record that withdraws what stands under a key; empty where nothing does."""
        if not key:
            return b""
        for id in await self._ids_of(http, key):
            return orjson.dumps(self.codec.taken_back(None, key, id))
        return b""

    def _refuse_by_hand(self) -> None:
        if self.by_hand:
            raise ConfigError(
                f"{self.name} has no write service: push.publish is empty",
                sentence="Nơi nhận này chưa được cấp dịch vụ ghi nên hệ thống không tự gửi; cán bộ phụ trách nhập tay."
                " Bộ phận kỹ thuật cần kiểm tra cấu hình.",
            )  # fmt: skip

    # -------------------------------------------------------------------------------------------- reading

    def _talk(self, http: "Http") -> Conversation | Gets:
        config = self._config
        line = PlaceLine(http, timeout=config.timeout, allow=config.allow_private)
        if config.session is not None:
            return Conversation(line, config.url, config.session, config.said_headers(), self._ticket)
        return Gets(line, config.url, config.said_headers())

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """The record under this key: the payload's revision if it says the same, 0 if it says something else."""
        key = payload.key or remote_id
        if not key:
            return None
        for id in await self._ids_of(http, key):
            theirs = await self._record(http, id)
            if theirs is not None and theirs.key == key:
                same = bool(payload.body) and self._says(payload.body, theirs)
                revision = payload.revision if same else 0
                return Found(remote_id=key, revision=revision, withdrawn=theirs.withdrawn)
        return None

    def _says(self, body: bytes, theirs: Read[Item]) -> bool:
        try:
            ours = self.codec.read(orjson.loads(body))
        except RejectedError:  # the record that withdraws says nothing else
            return False
        return not self.codec.differences(ours.item, theirs.item)

    async def _ids_of(self, http: "Http", key: str) -> Sequence[str]:
        """What the base may call the record of a key: the key itself, unless it has ids of its own."""
        return (key,)

    async def _record(self, http: "Http", id: str) -> Read[Item] | None:
        """One record; None where the base has none. Raises TransientError: `no_answer`, `record_refused`."""
        answer = await self._talk(http).call(self._record_service, {self._id_parameter: id})
        reply = reply_of(answer)
        if reply is None:
            raise no_answer()
        if not reply.ok and reply.code not in self._config.not_found:
            raise _record_refused(reply)
        record = record_of(reply, self.codec.ids, id) if reply.ok else None
        return await asyncio.to_thread(self.codec.read, record) if record is not None else None

    async def listed(self, http: "Http", parameters: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """Everything in the list: the key that its row tells, by the id in the base; sorted by id."""
        asked = {**self._config.parameters, **(parameters or {})}
        answer = await self._talk(http).call(self._list_service, asked)
        reply = reply_of(answer)
        if reply is None:
            raise no_answer()
        if not reply.ok or not (reply.rows or reply.code):  # an empty list comes with its code
            raise _record_refused(reply)
        return await asyncio.to_thread(self._in_list, reply)

    def _in_list(self, reply: Reply) -> Mapping[str, str]:
        rows = (self.codec.ids.row(row) for row in reply.rows)
        found = {id: self.codec.key_in_list(row) for row in rows if (id := self.codec.ids.stated(row)[:KEY_LIMIT])}
        return dict(sorted(found.items()))

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """The next page. The list is asked for again each time, for it is longer than a cursor may be.

        Raises TransientError: `record_refused`, `no_answer`; BlockedError: `login_refused`; and as `find` does.
        """
        began, after = monotonic(), cursor.get("after", "")
        listed = await self.listed(http)
        left = [id for id in listed if id > after]
        if after and not listed:
            raise no_answer()  # it was not empty a moment ago
        reading = Reading(
            self._talk(http), self._record_service, self._id_parameter, until=began + 2 * self._config.timeout,
            enough=_PAGE_BYTES,
        )  # fmt: skip
        await reading.read(left[: self._config.page])
        held, unread, lost = await asyncio.to_thread(self._read_page, reading.answers(), listed)
        more = any(id > reading.last for id in left)
        return Holdings(
            held=tuple(held), unread=tuple(unread), cursor={"after": reading.last} if more else {}, more=more,
            whole=self._whole and not lost, retry_after=reading.retry_after,
        )  # fmt: skip

    def _read_page(
        self, answers: Mapping[str, Capture | HubError], listed: Mapping[str, str]
    ) -> tuple[list[Holding], list[str], int]:
        """What a page holds, the keys of what could not be read, and of how many not even the key is known."""
        held: dict[str, Holding] = {}
        unread: set[str] = set()
        for id, answer in answers.items():
            one = self._held(id, answer)
            if one is None:
                unread.add(listed[id])
            elif one.key not in held or held[one.key].withdrawn:
                held[one.key] = one
        return list(held.values()), sorted(unread - {""} - held.keys()), int("" in unread)

    def _held(self, id: str, answer: Capture | HubError) -> Holding | None:
        if isinstance(answer, HubError) or len(answer.body) > RECORD_LIMIT:
            return None
        reply = reply_of(answer)
        record = record_of(reply, self.codec.ids, id) if reply is not None and reply.ok else None
        if record is None:
            return None
        try:
            read = self.codec.read(record)
        except RejectedError:
            return None
        return Holding(
            key=read.key, record=self.codec.kept(read.item), title=read.item.title, owner=read.owner,
            withdrawn=read.withdrawn,
        )  # fmt: skip

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Field by field; a record that names another agency is a conflict."""
        return self.codec.differences(self.codec.item_of(item), self.codec.read(held.record).item)


def _record_refused(reply: Reply) -> TransientError:
    return TransientError(
        f"refused, error_code {reply.code!r}", code="record_refused", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia không cho xem dữ liệu lúc này. Hệ thống sẽ tự hỏi lại; nếu kéo dài, hỏi đơn vị"
        " quản lý kết nối về quyền của tài khoản.",
    )  # fmt: skip
