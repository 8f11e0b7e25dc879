"""Documents to other organisations over a document exchange axis (edXML, QCVN 102:2016/BTTTT).

present   the message of an edition (connectors/parse/edxml/outgoing.py), known by its DocumentId
send      its files are put inside (connectors/enclosing.py), then it goes into a folder from which another program
          carries it away, or to the axis itself (connectors/dispatch.py). It is signed there, where `sign` says so:
          a signature covers files and kind of the message, which nobody knows before
withdraw  the same with a message that takes the document back
find      what was put into the folder, or what the axis says that we sent
holdings  what receivers report: arrived, taken, refused. They are news: silence says nothing

An axis takes the same message twice and shows it twice, so the stage looks before it repeats a call. Whether receivers
have the document already decides between a first message and an update: a receipt says so, else the axis is asked.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from connectors.axis import Account, OrganId
from connectors.base import ConnectorConfig, Cursor, Difference, Found, Holding, Holdings, Payload, Receipt
from connectors.dispatch import Sent, StraightToAxis, ThroughFolder, Way
from connectors.enclosing import with_files
from connectors.errors import BlockedError, Fault, RejectedError, UnconfirmedError
from connectors.fields import Allowances, FolderPath, Seconds, SecondsOrNone, WebAddress
from connectors.parse import edxml
from connectors.parse.edxml.message import ATTACHMENTS_LIMIT, Message, Organ
from connectors.parse.edxml.outgoing import Office, message_for, settled, take_back
from connectors.parse.edxml.reports import joined, refusals
from connectors.parse.edxml.signing import Signer, key_of
from schemas.edition import PublishedItem, Withdrawal

if TYPE_CHECKING:
    from connectors.http import Http

_TYPE: Final = "application/xml; charset=utf-8"
#: Between the name of a message and the identity of its document, in what the hub remembers of it.
_OF: Final = "@"

_Line = Annotated[str, Field(max_length=300)]


class Organisation(ConnectorConfig):
    """An organisation on the axis."""

    id: OrganId
    name: Annotated[str, Field(min_length=1, max_length=300)]
    in_charge: _Line = ""  #: the organisation above it
    address: _Line = ""
    email: _Line = ""
    telephone: _Line = ""
    fax: _Line = ""
    website: _Line = ""

    def organ(self) -> Organ:
        """The same as messages have it."""
        fields = self.model_dump(exclude={"id"})
        return Organ(organ_id=self.id, **{name: " ".join(text.split()) for name, text in fields.items()})


class AxisAccount(Account):
    """The account at an axis, and where the axis is."""

    url: WebAddress  #: below which the methods stand


class Signing(ConnectorConfig):
    """The key with which messages are signed, as PEM."""

    password: SecretStr = SecretStr("")  #: opens the key, where it is locked
    key: SecretStr  #: private key, RSA of 2048 bits at least
    certificate: SecretStr  #: its certificate, and behind it those that lead to a root

    # Checked key by key: a fault of the table as a whole would be shown with what stands in it.

    @field_validator("key")
    @classmethod
    def _opens(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        if "password" in info.data:
            key_of(key.get_secret_value(), info.data["password"].get_secret_value())
        return key

    @field_validator("certificate")
    @classmethod
    def _belongs_to_the_key(cls, certificate: SecretStr, info: ValidationInfo) -> SecretStr:
        if {"password", "key"} <= info.data.keys():
            key, password = info.data["key"].get_secret_value(), info.data["password"].get_secret_value()
            if unfit := Signer.of(key, certificate.get_secret_value(), password).unfit_at(datetime.now(UTC)):
                raise ValueError(unfit)
        return certificate

    def signer(self) -> Signer:
        """Key and certificate, read. Raises ValueError."""
        return Signer.of(*(one.get_secret_value() for one in (self.key, self.certificate, self.password)))


class Config(ConnectorConfig):
    """Keys of an axis as a destination."""

    sender: Organisation  #: who sends: the organisation that is registered at the axis
    receivers: tuple[Organisation, ...] = Field(min_length=1, max_length=500)  #: to whom each document goes
    place: Annotated[str, Field(min_length=1, max_length=200)]  #: where the documents are issued: "Tỉnh Mẫu"
    folder: FolderPath | None = None  #: folder from which another program carries messages to the axis
    receipts: FolderPath | None = None  #: folder of what receivers report; left out: {folder}-receipts
    axis: AxisAccount | None = None  #: in place of a folder: the axis itself
    sign: Signing | None = None  #: key and certificate that sign each message; left out: none is signed
    attach: bool = True  #: whether files of a document go inside its message; else their addresses are named
    attach_limit: int = Field(
        default=20 * 1024**2, ge=1, le=ATTACHMENTS_LIMIT
    )  #: bytes of all files of one message; some axes take 52,428,800
    settling: SecondsOrNone = 60.0  #: seconds after which a call thought dead has landed, at the axis itself
    timeout: Seconds = 30.0  #: seconds for one call, and for all files of one document
    allow_private: Allowances = frozenset()

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.folder is None) == (self.axis is None):
            raise ValueError("folder or axis: the way on which messages leave")
        return self


class Connector:
    """An axis as a destination, for one sender and its receivers."""

    by_hand = False

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self._config = config
        self._signer = config.sign.signer() if config.sign else None
        self._way = _way(config, self._signer)
        self.repeatable = self._way.repeatable
        self.settling = 0.0 if self.repeatable else config.settling
        self._office = Office(
            sender=config.sender.organ(), receivers=tuple(one.organ() for one in config.receivers), place=config.place
        )

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The message of an edition. Raises RejectedError: `not_a_document`, `no_number`, `no_issue_day`."""
        if isinstance(edition, Withdrawal):
            message = take_back(edition, last, self._office)
        else:
            message = message_for(edition, self._office, attach=self._config.attach)
        return Payload(
            content_id=edition.content_id, revision=edition.revision, body=edxml.build(message), content_type=_TYPE,
            key=message.header.document_id, title=message.header.subject,
        )  # fmt: skip

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Hand the message over, as an update where receivers have the document."""
        known = _Known.of(remote_id)
        there = None
        if self.repeatable or (payload.revision > 1 and not known.name):
            there = await self._way.last(http, payload.content_id, known.names(payload))
        if self.repeatable and (done := _done(there, payload, key, gone=False)):
            return done
        earlier = known.document_id if known.name else ""
        if there is not None:
            earlier = "" if there.withdrawn else there.document_id
        message = settled(await self._message(payload), earlier)
        config = self._config
        message = await with_files(
            http, message, size=config.attach_limit, seconds=config.timeout,
            besides=config.axis.url if config.axis else "",
        )  # fmt: skip
        return await self._hand_over(http, payload, message, key, gone=False)

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Take the document back. Raises RejectedError `identity_lost` where nothing tells which one it is."""
        known = _Known.of(remote_id)
        names = known.names(payload)
        there = await self._way.last(http, payload.content_id, names)
        if done := _done(there, payload, key, gone=True):
            return done
        if there is None and not (known.name if self.repeatable else remote_id):
            return Receipt(remote_id="", revision=payload.revision, note="already gone")
        identity = known.document_id or (there.document_id if there else "") or payload.key
        if not identity:
            raise RejectedError(
                "nothing tells which document is taken back", code="identity_lost", fault=Fault.HUB,
                sentence="Không còn thông tin để xác định văn bản cần thu hồi trên trục liên thông. Đề nghị văn thư gửi"
                " văn bản thu hồi trực tiếp tới các nơi nhận.",
            )  # fmt: skip
        message = settled(await self._message(payload), identity)
        return await self._hand_over(http, payload, message, key, gone=True)

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """What went out last. Raises UnconfirmedError `cannot_tell` where the axis does not show what it took."""
        names = _Known.of(remote_id).names(payload)
        there = await self._way.last(http, payload.content_id, names)
        if there is None:
            return None
        if there.revision is None or (not there.newest and there.revision < payload.revision):
            raise UnconfirmedError(
                "the axis lists messages of it and does not show them", code="cannot_tell", fault=Fault.MEMBER,
                sentence="Trục liên thông có ghi nhận văn bản này nhưng không cho xem lại gói tin đã gửi, nên chưa rõ"
                " bản nào đã đến nơi nhận. Cần đối chiếu với đơn vị vận hành trục trước khi cho gửi lại.",
            )  # fmt: skip
        return Found(remote_id=_remote_id(there), revision=there.revision, withdrawn=there.withdrawn)

    async def holdings(self, http: "Http", cursor: Cursor) -> Holdings:
        """What receivers report, by DocumentId; the pages tell news, and some of it twice."""
        return await self._way.reports(http, cursor)

    def differences(self, item: PublishedItem, held: Holding) -> Sequence[Difference]:
        """Receivers that do not take the document, or not its update: a person has to settle it with them."""
        number = item.details.get("number") or item.details.get("number_given") or ""
        return refusals(str(number), held.record)

    def merged(self, known: Holding, news: Holding) -> Holding:
        """What was known of a document with what a page says of it. Pure; the order does not matter."""
        return joined(known, news)

    async def _hand_over(
        self, http: "Http", payload: Payload, message: Message, key: str, *, gone: bool
    ) -> Receipt:  # fmt: skip
        if self._signer is not None and (unfit := self._signer.unfit_at(http.now())):
            raise BlockedError(
                unfit, code="certificate_unfit", fault=Fault.HUB,
                sentence="Chứng thư số dùng để ký gói tin liên thông đã hết hạn hoặc chưa có hiệu lực nên văn bản chưa"
                " được gửi. Bộ phận kỹ thuật cần thay chứng thư số còn hiệu lực rồi cho gửi lại.",
            )  # fmt: skip
        document_id = message.header.document_id
        sent = Sent(name="", document_id=document_id, revision=payload.revision, withdrawn=gone, key=key)
        name, status = await self._way.hand_over(http, payload.content_id, message, sent)
        # What was taken back is not there any more: if it comes again, it comes as a first message.
        remote_id = "" if gone else f"{name or '-'}{_OF}{document_id}"
        return Receipt(remote_id=remote_id, revision=payload.revision, status=status, note=name[:200])

    async def _message(self, payload: Payload) -> Message:
        message = await asyncio.to_thread(edxml.parse, payload.body)
        assert isinstance(message, Message)  # present made it
        return message


class _Known(NamedTuple):
    """What the hub remembers of a document at the axis; without a name its key was admitted, and nothing confirmed."""

    name: str
    document_id: str

    @classmethod
    def of(cls, remote_id: str) -> Self:
        name, of, document_id = remote_id.partition(_OF)
        return cls(name, document_id) if of else cls("", remote_id)

    def names(self, payload: Payload) -> list[str]:
        """Identities under which the document may be there."""
        return list(dict.fromkeys(filter(None, (payload.key, self.document_id))))


def _remote_id(sent: Sent) -> str:
    return f"{sent.name or '-'}{_OF}{sent.document_id}"


def _done(there: Sent | None, payload: Payload, key: str, *, gone: bool) -> Receipt | None:
    """The receipt of what needs no call any more."""
    if there is None or there.revision is None:
        return None
    if there.withdrawn and gone:
        return Receipt(remote_id="", revision=payload.revision, note="already gone")
    if there.revision > payload.revision:
        return Receipt(remote_id=_remote_id(there), revision=there.revision, note="newer")
    if there.revision == payload.revision and there.withdrawn == gone and there.key in ("", key):
        return Receipt(remote_id=_remote_id(there), revision=there.revision, note="already there")
    return None


def _way(config: Config, signer: Signer | None) -> Way:
    if config.axis is not None:
        return StraightToAxis(
            config.axis.url, config.axis, timeout=config.timeout, allow=frozenset(config.allow_private), signer=signer
        )
    assert config.folder is not None  # the settings were checked
    return ThroughFolder(config.folder, config.receipts or f"{config.folder}-receipts", signer=signer)
