"""Administrative procedures from the share interface of the national base, or of a province's platform (LGSP).

fetch     the list of codes, then the records of the next ones of them (connectors/sharereading.py)
split     connectors/parse/shareanswer.py reads each answer, connectors/parse/nationalprocedure.py each record
normalise connectors/parse/item.py

    LayDanhSachTTHC -> 2,000 codes       in the order of their text: "what follows this one" is all a cursor needs
    LayThuTuc       -> one record each   `batch` of them are one capture: a JSON object of answers, each as received

A record a request is what the interface offers, and 2,000 captures of one record would be 2,000 turns of the hub. So
one poll asks for the list and for a batch, one request after the other, and `more` brings the next batch. The list is
asked for again each time, for it is longer than a cursor may be. The session ends with the poll and is kept nowhere.

A record that cannot be had (500, half an answer, a page in its place) is asked for once more after the others; then it
is set aside and comes with the next round. Three of them in a row mean that the base is away: the poll ends with what
it has, or with the error. A status that is not 1 withdraws a procedure; absence from the list never does.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import Field

from connectors.base import (
    Capture,
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
from connectors.catalogues import CatalogueRow, CatalogueSettings, read_catalogues
from connectors.errors import Fault, HubError, RejectedError, TransientError
from connectors.parse.answers import Piece, compose, pieces_of
from connectors.parse.data import jsontext
from connectors.parse.data.nodata import refuse_data
from connectors.parse.entry import Entry
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import procedure_naming, read_national
from connectors.parse.records import fingerprint
from connectors.parse.shareanswer import Reply, read_reply, record_of
from connectors.sharereading import Reading
from connectors.shareservice import Asking, Conversation, FetchLine, Gets, ProcedureServices, reply_of
from schemas.procedure import Status

if TYPE_CHECKING:
    from connectors.http import Http

#: Bytes of answers after which a batch ends: what is composed must be read again in one piece.
_BATCH_BYTES: Final = 3 * 1024 * 1024
#: Records of one capture.
_LARGEST_BATCH: Final = 500


class Config(ProcedureServices):
    """Settings of the share interface."""

    page: str = Field(
        default="", max_length=500, description="address of a procedure's page, with {code}; left out: items have none"
    )
    catalogues: CatalogueSettings = Field(
        default={}, max_length=20, description="services that give lists of codes, for `hub codes fetch`"
    )
    batch: int = Field(default=50, ge=1, le=_LARGEST_BATCH, description="records of one capture")


class Connector:
    """The procedures that one account may read."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config
        self._naming = procedure_naming(config.names)

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Get the next batch. Raises BlockedError: `login_refused`; TransientError: `call_refused`."""
        began = monotonic()
        service = self._service(http)
        answer = await service.call(self.config.list_service, self.config.parameters)
        listed = reply_of(answer)
        if listed is not None and not listed.ok:
            raise _refused(listed)
        after = cursor.get("after", "")
        left = sorted(code for code in self._codes(listed) if code > after)
        if not left:
            return replace(answer, cursor={}, headers={}, hints=Hints())
        # Twice the time of one request is what a poll may take, and the last request may need all of its own.
        reading = Reading(
            service, self.config.record_service, self.config.code_parameter, until=began + http.limits.total,
            enough=_BATCH_BYTES,
        )  # fmt: skip
        await reading.read(left[: self.config.batch])
        rest = any(code > reading.last for code in left)
        answers = [(code, had.code if isinstance(had, HubError) else had) for code, had in reading.answers().items()]
        return replace(
            compose(answers, url=self.context.url, at=answer.fetched_at),
            cursor={"after": reading.last} if rest else {},
            hints=Hints(more=rest, retry_after=reading.retry_after),
        )

    def _service(self, http: "Http") -> Asking:
        line, headers = FetchLine(http), self.config.said_headers()
        if self.config.session is not None:
            return Conversation(line, self.context.url, self.config.session, headers)
        return Gets(line, self.context.url, headers)

    async def catalogue(self, http: "Http", name: str) -> Sequence[CatalogueRow]:
        """The rows of the catalogue that makes a list of codes. Raises as connectors.catalogues.read_catalogues."""
        return await read_catalogues(self._service(http), self.config.catalogues, name)

    def _codes(self, listed: Reply | None) -> set[str]:
        """The codes of a list, as the base writes them: it is asked for them again."""
        rows = (self._naming.row(row) for row in (listed.rows if listed else ()))
        return {code for row in rows if (code := self._naming.stated(row))}

    def row_of(self, reply: Reply, code: str) -> Mapping[str, Any] | None:
        """The record of this code among those that came; some bases answer with whole lists."""
        return record_of(reply, self._naming, code)

    # ------------------------------------------------------------------------------------------------ reading

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Read each answer by itself; what is wrong with one costs only that one.

        Raises RejectedError for a list that is none: codes are listed in connectors/parse/data/nodata.py.
        """
        records: list[Record] = []
        gone: list[Tombstone] = []
        fallen: list[Fallen] = []
        marks: list[bytes] = []
        pieces = self._pieces(capture)
        if len(pieces) > _LARGEST_BATCH:
            detail = f"{len(pieces)} answers, of which {_LARGEST_BATCH} are read"
            fallen.append(Fallen(pointer=f"item {_LARGEST_BATCH + 1} to {len(pieces)}", code="too_many", detail=detail))
        for place, piece in enumerate(pieces[:_LARGEST_BATCH], start=1):
            pointer = f"item {place}, {piece.code}"
            try:
                row = self._record(piece)
            except _NoRecordError as error:
                fallen.append(Fallen(pointer=pointer, code=error.code, detail=str(error)))
                continue
            mark = fingerprint(jsontext.canonical(row))
            marks.append(mark)
            if mark in known:
                continue
            entry = read_national(row, self.config.names)
            if entry["details"].get("status") is Status.WITHDRAWN:
                gone.append(Tombstone(pointer=pointer, guid=entry["id"], fingerprint=mark))
            else:
                fields = cast(Mapping[str, Any], self._with_page(entry))
                records.append(Record(pointer=pointer, fingerprint=mark, fields=fields))
        return Split(
            format="dvcqg", records=tuple(records), tombstones=tuple(gone), fallen=tuple(fallen),
            fingerprints=tuple(marks), incremental=True,
        )  # fmt: skip

    def _pieces(self, capture: Capture) -> Sequence[Piece]:
        """The answers of a batch; none of a list that names no further code. Raises RejectedError for neither."""
        pieces = pieces_of(capture)
        if pieces is None:
            reply = read_reply(capture.body, capture.content_type)
            if not reply.ok or not (reply.rows or reply.code):  # an empty list comes with its code
                raise refuse_data("items_missing", f"error_code {reply.code}")
        return pieces or ()

    def _record(self, piece: Piece) -> Mapping[str, Any]:
        if piece.error:
            raise _no_record("no_answer", piece.error)
        try:
            reply = read_reply(piece.body, piece.content_type)
        except RejectedError as error:
            raise _no_record("no_answer", error.code) from error
        if not reply.ok:
            raise _no_record("record_refused", f"error_code {reply.code}")
        row = self.row_of(reply, piece.code)
        if row is None:
            raise _no_record("no_record", f"{len(reply.rows)} rows, none of them with this code")
        return row

    def _with_page(self, entry: Entry) -> Entry:
        if self.config.page:
            entry["link"] = self.config.page.replace("{code}", entry["id"])
        return entry

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity`, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=capture.url, pointer=record.pointer)


class _NoRecordError(Exception):
    """One answer holds no record; `code` is the reason."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code


def _no_record(code: str, cause: str) -> _NoRecordError:
    return _NoRecordError(code, cause)


def _refused(reply: Reply) -> TransientError:
    return TransientError(
        f"the list was refused, error_code {reply.code!r}", code="call_refused", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia từ chối cung cấp danh sách thủ tục. Hệ thống sẽ tự hỏi lại; nếu kéo dài, cần"
        " liên hệ đơn vị quản lý kết nối để kiểm tra quyền của tài khoản.",
    )  # fmt: skip
