"""Documents that other organisations sent us over a document exchange axis (edXML, QCVN 102:2016/BTTTT).

fetch     acknowledge what the last poll brought, ask what waits, take the next messages (connectors/axis.py)
split     connectors/parse/edxml/received.py reads each message; one of status is no item, a take-back withdraws
normalise connectors/parse/item.py

    poll 1   getReceivedEdocList, getEdoc a, getEdoc b      the cursor: done = a b
    poll 2   updateStatus a, updateStatus b, getReceived…   only now: the hub has committed both

The axis shows a message until we say that we have it, and it may show it again all the same: what came before is known
by its bytes. Messages wait in the order of their identities there, and a round goes through them once, so that one that
cannot be had holds up no other; it is asked for again with the next round.
"""

import asyncio
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from connectors.axis import Account, Axis, Kind, Method
from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Fallen,
    Hints,
    Normalised,
    Record,
    SourceContext,
    Split,
    Tombstone,
    Unchanged,
)
from connectors.errors import BlockedError, HubError, RejectedError, ThrottledError
from connectors.parse.answers import Piece, compose, pieces_of
from connectors.parse.data import jsontext
from connectors.parse.edxml.answers import ANSWER_LIMIT, doc_id_of, holds_message, is_settled, message_in
from connectors.parse.edxml.received import Taken, take
from connectors.parse.entry import Entry
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint

if TYPE_CHECKING:
    from connectors.http import Http

#: Messages in a row that cannot be had: then the axis is away.
_IN_A_ROW: Final = 3
#: Bytes of answers after which a batch ends, and of one answer that makes a capture of its own.
_ALONE: Final = 3 * 1024 * 1024
#: Messages of one capture that are read.
_LARGEST_BATCH: Final = 100
#: Characters of the identities that a cursor remembers.
_REMEMBERED: Final = 1_200


class Config(ConnectorConfig):
    """Keys of a source that reads from an axis; `url` is the address of its methods."""

    account: Account  #: the organisation's registration at the axis
    batch: int = Field(default=20, ge=1, le=_LARGEST_BATCH)  #: messages of one capture
    max_size: int = Field(
        default=32 * 1024**2, ge=1, le=ANSWER_LIMIT
    )  #: bytes of the answer that holds one message; a document of 20 MB takes some 36


class Connector:
    """What one organisation receives."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._axis = Axis(context.url, config.account)

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Take what waits next. Raises TransientError `call_refused`, `unreadable`, BlockedError `account_refused`."""
        until = monotonic() + http.limits.total
        for doc_id in cursor.get("done", "").split():
            await self._axis.acknowledge(http, doc_id)
        listed = await self._axis.listed(http, Method.RECEIVED, Kind.DOCUMENT)
        after = cursor.get("after", "")
        waiting = sorted({doc_id_of(row) for row in listed.rows if not is_settled(row)} - {""})
        left = [doc_id for doc_id in waiting if doc_id > after]
        if not left and not cursor:
            return Unchanged()
        batch = _Batch()
        await batch.read(self._axis, self._view(http), left[: self.config.batch], until=until, begins=not cursor)
        rest = bool(batch.done) or any(doc_id > batch.last for doc_id in left)
        told = {"after": batch.last, "done": " ".join(batch.done)} if left and rest else {}
        return replace(
            batch.whole or compose(batch.answers, url=self.context.url, at=http.now()),
            cursor={name: text for name, text in told.items() if text},
            hints=Hints(more=bool(told), retry_after=batch.retry_after),
        )

    def _view(self, http: "Http") -> "Http":
        """The client for messages, which are larger than lists."""
        limits, size = http.limits, self.config.max_size
        return http.scoped(limits=replace(limits, wire=max(limits.wire, size), decoded=max(limits.decoded, size)))

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Read each message by itself. Raises RejectedError for a body that is no answer of an axis at all."""
        pieces = _pieces(capture)
        records: list[Record] = []
        gone: list[Tombstone] = []
        fallen: list[Fallen] = []
        marks: list[bytes] = []
        if pieces is None:
            code = next(iter(parse_qs(urlsplit(capture.url).query).get("docId", ())), "1")
            taken = [_taken(Piece(code, capture.content_type, capture.body, ""), f"message {code}", known, now)]
        else:
            taken = []
            for place, piece in enumerate(pieces[:_LARGEST_BATCH], start=1):
                pointer = f"message {place}, {piece.code}"
                try:
                    taken.append(_taken(piece, pointer, known, now))
                except RejectedError as error:
                    mark = fingerprint(b"fallen", piece.code.encode("utf-8", "replace"), error.code.encode())
                    taken.append(Taken(mark=mark))
                    if mark not in known:  # it is asked for again with every round, and told once
                        fallen.append(Fallen(pointer=pointer, code=error.code, detail=str(error), fingerprint=mark))
            if len(pieces) > _LARGEST_BATCH:
                detail = f"{len(pieces)} answers, of which {_LARGEST_BATCH} are read"
                beyond = f"message {_LARGEST_BATCH + 1} to {len(pieces)}"
                fallen.append(Fallen(pointer=beyond, code="too_many", detail=detail))
        for one in taken:
            marks.append(one.mark)
            records += [one.record] if one.record else []
            gone += [one.tombstone] if one.tombstone else []
        return Split(
            format="edxml", records=records, tombstones=gone, fallen=fallen, fingerprints=marks, incremental=True
        )

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`, `secrecy_mark`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)


@dataclass
class _Batch:
    """The messages of one poll."""

    answers: list[tuple[str, Capture | str]] = field(default_factory=list)
    whole: Capture | None = None  #: the one large message that is a capture of its own
    done: list[str] = field(default_factory=list)  #: identities to be acknowledged
    last: str = ""  #: identity up to which the round has come
    retry_after: float | None = None

    async def read(self, axis: Axis, http: "Http", doc_ids: list[str], *, until: float, begins: bool) -> None:
        """Ask for each. Raises the error when a round begins and nothing can be had."""
        missed: list[tuple[str, HubError]] = []  #: since the last answer
        size = 0
        for doc_id in doc_ids:
            if self.answers and (monotonic() > until or size > _ALONE or self._is_full(doc_id)):
                break
            try:
                answer = await axis.message(http, doc_id)
            except RejectedError as error:  # larger than is read: it will not be smaller the next time
                self._keep(missed, (doc_id, error.code))
                missed = []
                continue
            except HubError as error:
                missed.append((doc_id, error))
                told = isinstance(error, (ThrottledError, BlockedError))
                if told or len(missed) >= _IN_A_ROW:  # the axis is away: it is asked again behind what was had
                    if not self.answers and (begins or told):
                        raise
                    self.retry_after = error.retry_after if isinstance(error, ThrottledError) else None
                    return
                continue
            if len(answer.body) > _ALONE and self.answers:  # it comes first with the next poll
                break
            self._keep(missed, (doc_id, answer))
            missed, size = [], size + len(answer.body)
            self.whole = answer if len(answer.body) > _ALONE else None
            if await asyncio.to_thread(holds_message, answer.body, answer.content_type):
                self.done.append(doc_id)
        if missed and begins and not self.answers:
            raise missed[-1][1]
        self._keep(missed)

    def _keep(self, missed: Sequence[tuple[str, HubError]], *answers: tuple[str, Capture | str]) -> None:
        self.answers += [*((doc_id, error.code) for doc_id, error in missed), *answers]
        self.last = self.answers[-1][0] if self.answers else ""

    def _is_full(self, doc_id: str) -> bool:
        return sum(len(one) + 1 for one in (*self.done, doc_id)) > _REMEMBERED


def _pieces(capture: Capture) -> list[Piece] | None:
    """The answers of a batch; None for one answer that is a capture of its own."""
    if len(capture.body) > jsontext.BODY_LIMIT or capture.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return None
    return pieces_of(capture)


def _taken(piece: Piece, pointer: str, known: Container[bytes], now: datetime) -> Taken:
    """What one answer holds. Raises RejectedError with what came in place of a message."""
    if piece.error:
        raise RejectedError(f"no answer: {piece.error}", code="no_answer", pointer=pointer)
    return take(message_in(piece.body, piece.content_type), pointer, known, now)
