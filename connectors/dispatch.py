"""The two ways on which messages of the axis leave: through a folder, or straight to the axis.

last       what was handed over last of a document, as far as the way knows
hand_over  one message, once
reports    what receivers said since: from the receipts folder, or from the axis
"""

import asyncio
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from connectors.axis import Account, Axis, Kind, Method, port_of
from connectors.base import Cursor, Holdings
from connectors.bodies import Limits
from connectors.errors import RejectedError
from connectors.outbox import Outbox, Put, name_of
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse import edxml
from connectors.parse.edxml.answers import ANSWER_LIMIT, doc_id_of, is_settled, message_in, sent_id_of, speaks_of
from connectors.parse.edxml.message import BusinessType, Message, Status
from connectors.parse.edxml.outgoing import revision_of
from connectors.parse.edxml.reports import held_of

if TYPE_CHECKING:
    from connectors.addresses import Allowance
    from connectors.http import Http
    from connectors.parse.edxml.signing import Signer

#: Messages that are looked into to find the newest one of a document.
_LOOKED_AT: Final = 30
#: Reports of one page: from an axis, and from a folder.
_REPORTS: Final = 20
_REPORT_FILES: Final = 500
#: Bytes of one report.
_REPORT_SIZE: Final = 1024 * 1024
#: Files of the receipts folder that are looked at.
_FILES_LIMIT: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that was handed over."""

    name: str  #: of the file, or under which the axis has it
    document_id: str
    revision: int | None  #: 0: it is none of the hub's; None: it is there, and cannot be read
    withdrawn: bool = False
    key: str = ""  #: idempotency key of the call, where the way keeps it
    newest: bool = True  #: False: others of the document are there and could not be read, and may be newer


class Way(Protocol):
    """How messages leave."""

    repeatable: bool

    async def last(self, http: "Http", content_id: UUID, names: Collection[str]) -> Sent | None:
        """What went out last of an item that is called one of `names`; None: nothing that is known."""

    async def hand_over(self, http: "Http", content_id: UUID, message: Message, sent: Sent) -> tuple[str, int]:
        """Let a message go: its name there, and an HTTP status where there is one."""

    async def reports(self, http: "Http", cursor: Cursor) -> Holdings:
        """The next page of what receivers report."""


# ---------------------------------------------------------------------------------------------------- a folder


class ThroughFolder:
    """Another program carries messages from one folder to the axis, and reports of status into another."""

    repeatable = True

    def __init__(self, folder: str, receipts: str, *, signer: "Signer | None" = None) -> None:
        self._outbox = Outbox(folder)
        self._receipts = Path(receipts)
        self._signer = signer

    async def last(self, http: "Http", content_id: UUID, names: Collection[str]) -> Sent | None:
        """As the ledger has it. Raises TransientError `outbox_unwritable`."""
        put = await asyncio.to_thread(self._outbox.last, content_id)
        if put is None:
            return None
        return Sent(
            name=put.name, document_id=put.document_id, revision=put.revision, withdrawn=put.withdrawn, key=put.key
        )

    async def hand_over(self, http: "Http", content_id: UUID, message: Message, sent: Sent) -> tuple[str, int]:
        """Put it into the folder. Raises TransientError `outbox_unwritable`."""
        name = name_of(content_id, sent.revision or 0, sent.key)
        put = Put(
            revision=sent.revision or 0, document_id=sent.document_id, withdrawn=sent.withdrawn, key=sent.key, name=name
        )

        def write() -> None:
            self._outbox.put(content_id, put, edxml.build(message, self._signer))

        await asyncio.to_thread(write)
        return name, 0

    async def reports(self, http: "Http", cursor: Cursor) -> Holdings:
        """Every report that lies there, page by page; a folder that is not there yet holds none."""
        after = cursor.get("after", "")
        return await asyncio.to_thread(self._page, after)

    def _page(self, after: str) -> Holdings:
        try:
            with os.scandir(self._receipts) as entries:
                names = [entry.name for entry, _ in zip(entries, range(_FILES_LIMIT), strict=False)]
        except FileNotFoundError:
            return Holdings(whole=False)
        left = sorted(name for name in names if name > after and not name.startswith("."))
        page = left[:_REPORT_FILES]
        read = [_status_in(body) for name in page if (body := _file(self._receipts / name)) is not None]
        more = len(left) > len(page)
        return Holdings(
            held=held_of(one for one in read if one is not None), cursor={"after": page[-1]} if more else {}, more=more,
            whole=False,
        )  # fmt: skip


def _file(path: Path) -> bytes | None:
    """The bytes of an ordinary file of bounded size; a link leads nowhere."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _REPORT_SIZE:
            return None
        return file.read(_REPORT_SIZE)


def _status_in(body: bytes) -> Status | None:
    try:
        message = edxml.parse(body)
    except RejectedError:
        return None
    return message if isinstance(message, Status) else None


# ------------------------------------------------------------------------------------------------------ the axis


class StraightToAxis:
    """The hub calls the axis itself. What it sent is known from receipts, and from what the axis lists as sent."""

    repeatable = False

    def __init__(
        self, url: str, account: Account, *, timeout: float, allow: "frozenset[Allowance]",
        signer: "Signer | None" = None,
    ) -> None:  # fmt: skip
        self._url = url
        self._axis = Axis(url, account)
        self._timeout = timeout
        self._allow = allow
        self._signer = signer

    async def last(self, http: "Http", content_id: UUID, names: Collection[str]) -> Sent | None:
        """Look through what the axis lists as sent: by number there, by DocumentId in the messages themselves."""
        until = monotonic() + self._timeout
        view = self._view(http)
        listed = await self._axis.listed(view, Method.SENT, Kind.DOCUMENT)
        rows = [row for row in listed.rows if any(speaks_of(row, name) for name in names)]
        doc_ids = list(dict.fromkeys(filter(None, map(sent_id_of, rows))))
        found: list[Sent] = []
        unread = False
        for doc_id in doc_ids[-_LOOKED_AT:]:
            if monotonic() > until:
                raise error_for(CameBack.TIMEOUT, Purpose.READ, "the list of sent messages takes too long")
            answer = await self._axis.message(view, doc_id)
            message = await asyncio.to_thread(_message_in, answer.body, answer.content_type)
            unread = unread or message is None
            if message is not None and {message.header.document_id, message.business.document_id} & set(names):
                found.append(_sent(doc_id, message))
        if found:
            return replace(max(found, key=lambda one: one.revision or 0), newest=not unread)
        unread = unread or len(doc_ids) > _LOOKED_AT or (bool(rows) and not doc_ids)
        return Sent(name="", document_id=next(iter(names), ""), revision=None) if unread else None

    async def hand_over(self, http: "Http", content_id: UUID, message: Message, sent: Sent) -> tuple[str, int]:
        """Send it. Raises by the last column of connectors.outcomes."""
        body = await asyncio.to_thread(edxml.build, message, self._signer)
        reply = await self._axis.send(
            http, body, sender=message.header.sender.organ_id, timeout=self._timeout, allow=self._allow,
            receivers=[one.organ_id for one in message.header.receivers],
        )  # fmt: skip
        return reply.doc_id, 200

    async def reports(self, http: "Http", cursor: Cursor) -> Holdings:
        """Take the next reports; those of the page before are acknowledged, for the hub has committed it by now."""
        view = self._view(http)
        for doc_id in cursor.get("done", "").split():
            await self._axis.acknowledge(view, doc_id)
        after = cursor.get("after", "")
        listed = await self._axis.listed(view, Method.RECEIVED, Kind.STATUS)
        waiting = {doc_id_of(row) for row in listed.rows if not is_settled(row)} - {""}
        page = sorted(doc_id for doc_id in waiting if doc_id > after)[:_REPORTS]
        read: list[Status] = []
        done: list[str] = []
        for doc_id in page:
            answer = await self._axis.message(view, doc_id)
            try:
                status = _status_in(message_in(answer.body, answer.content_type))
            except RejectedError:
                continue  # it is not there to be read: it stays, and is asked for with the next run
            done.append(doc_id)
            read += [status] if status else []
        told = {"after": page[-1], "done": " ".join(done)} if page else {}
        return Holdings(held=held_of(read), cursor=told, more=bool(page), whole=False)

    def _view(self, http: "Http") -> "Http":
        limits = Limits(wire=ANSWER_LIMIT, decoded=ANSWER_LIMIT, total=self._timeout, idle=self._timeout)
        return http.scoped(limits=limits, allow=self._allow, ports=port_of(self._url))


def _message_in(body: bytes, content_type: str) -> Message | None:
    try:
        message = edxml.parse(message_in(body, content_type))
    except RejectedError:
        return None
    return message if isinstance(message, Message) else None


def _sent(doc_id: str, message: Message) -> Sent:
    return Sent(
        name=doc_id, document_id=message.header.document_id, revision=revision_of(message),
        withdrawn=message.business.type == BusinessType.REVOKE,
    )  # fmt: skip
