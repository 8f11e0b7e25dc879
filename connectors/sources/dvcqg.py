"""Administrative procedures from the share interface of the national base, or of a province's platform (LGSP).

fetch     the list of codes, then the records of the next ones of them (connectors/shareservice.py)
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
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from pydantic import Field

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
from connectors.errors import Fault, HubError, RejectedError, ThrottledError, TransientError
from connectors.fields import Allowed
from connectors.parse.answers import Piece, compose, pieces_of
from connectors.parse.codes import folded_keys, read_code
from connectors.parse.data import jsontext
from connectors.parse.data.nodata import refuse_data
from connectors.parse.data.requests import Header
from connectors.parse.entry import Entry
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import read_national
from connectors.parse.records import fingerprint
from connectors.parse.shareanswer import Reply, read_reply
from connectors.shareservice import Asking, Conversation, Gets, Path, Session, reply_of
from schemas.procedure import Status

if TYPE_CHECKING:
    from connectors.http import Http

#: Records in a row that cannot be had: then the base is away.
_IN_A_ROW: Final = 3
#: Bytes of answers after which a batch ends: what is composed must be read again in one piece.
_BATCH_BYTES: Final = 3 * 1024 * 1024
#: Records of one capture.
_LARGEST_BATCH: Final = 500
_CODE_KEY: Final = "MATTHC"


class Config(ConnectorConfig):
    """Settings of the share interface."""

    session: Session | None = Field(
        default=None, description="account at the national base; left out: services are asked by GET"
    )
    headers: tuple[Header, ...] = Field(
        default=(), max_length=20, description="further headers: Authorization, AppName, AccessKey, SecretKey"
    )
    list_service: Path = "LayDanhSachTTHC"  #: what gives the list of codes; by GET a path below the address
    record_service: Path = "LayThuTuc"  #: what gives one record
    code_parameter: str = Field(default="maTTHC", pattern=r"^\w{1,100}$", description="parameter of one record's code")
    parameters: Annotated[
        dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=500)]],
        Allowed("a table of names and texts"),
    ] = Field(default={}, max_length=20, description="further parameters of the list: maLinhVuc, …")
    names: Annotated[
        dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=100)]],
        Allowed("a table of names and names of the service"),
    ] = Field(
        default={}, max_length=100, description="fields that this base calls otherwise: its name = name of the service"
    )
    page: str = Field(
        default="", max_length=500, description="address of a procedure's page, with {code}; left out: items have none"
    )
    batch: int = Field(default=50, ge=1, le=_LARGEST_BATCH, description="records of one capture")


class Connector:
    """The procedures that one account may read."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

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
        batch = _Batch(self, service, until=began + http.limits.total)
        await batch.read(left[: self.config.batch])
        rest = any(code > batch.last for code in left)
        return replace(
            compose(batch.answers(), url=self.context.url, at=answer.fetched_at),
            cursor={"after": batch.last} if rest else {},
            hints=Hints(more=rest, retry_after=batch.retry_after),
        )

    def _service(self, http: "Http") -> Asking:
        headers = {header.name: header.text for header in self.config.headers}
        if self.config.session is not None:
            return Conversation(http, self.context.url, self.config.session, headers)
        return Gets(http, self.context.url, headers)

    def _codes(self, listed: Reply | None) -> set[str]:
        """The codes of a list, as the base writes them: it is asked for them again."""
        rows = (self._row(row) for row in (listed.rows if listed else ()))
        return {code for row in rows if (code := jsontext.text_of(row.get(_CODE_KEY)).strip())}

    def _row(self, row: object) -> Mapping[str, Any]:
        """A row under the names of the service; a text alone is a code."""
        if not isinstance(row, Mapping):
            return {_CODE_KEY: row}
        names = {other.upper().replace("_", ""): right.upper() for other, right in self.config.names.items()}
        return {names.get(key, key): value for key, value in folded_keys(row).items()}

    def row_of(self, reply: Reply, code: str) -> Mapping[str, Any] | None:
        """The record of this code among those that came; some bases answer with whole lists."""
        wanted = read_code(code).code
        rows = (self._row(row) for row in reply.rows if isinstance(row, Mapping))
        return next((row for row in rows if read_code(row.get(_CODE_KEY)).code == wanted), None)

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


class _Batch:
    """The answers of one poll."""

    def __init__(self, source: Connector, service: Asking, until: float) -> None:
        self._source = source
        self._service = service
        self._until = until
        self._answers: dict[str, Capture | str] = {}
        self._size = 0
        self.last = ""  #: code up to which everything is settled
        self.retry_after: float | None = None

    async def read(self, codes: list[str]) -> None:
        """Ask for each. Raises the error of the first one when nothing at all could be had."""
        missed: list[str] = []  #: since the last answer
        lost: list[str] = []  #: before it
        for code in codes:
            if self._answers and (monotonic() > self._until or self._size > _BATCH_BYTES):
                break
            try:
                await self._ask(code)
            except HubError as error:
                missed.append(code)
                if not _is_passing(error) or len(missed) >= _IN_A_ROW:
                    return self._end(error, lost + missed)
            else:
                lost, missed, self.last = lost + missed, [], code
        await self._again(lost + missed)

    def _end(self, error: HubError, lost: list[str]) -> None:
        """Keep what was had before the first one that was missed; raise when that is nothing."""
        self._answers = {code: answer for code, answer in self._answers.items() if code < lost[0]}
        if not self._answers:
            raise error
        self.last = max(self._answers)
        if isinstance(error, ThrottledError):
            self.retry_after = error.retry_after

    async def _again(self, lost: list[str]) -> None:
        for code in lost:
            try:
                await self._ask(code)
            except HubError as error:
                self._answers[code] = error.code
            self.last = max(self.last, code)

    async def _ask(self, code: str) -> None:
        config = self._source.config
        answer = await self._service.call(config.record_service, {config.code_parameter: code})
        if reply_of(answer) is None:
            raise TransientError("no answer of this service", code="no_answer", fault=Fault.MEMBER)
        self._answers[code] = answer
        self._size += len(answer.body)

    def answers(self) -> list[tuple[str, Capture | str]]:
        """The answers, or what went wrong, in the order of their codes."""
        return sorted(self._answers.items(), key=lambda one: one[0])


def _is_passing(error: HubError) -> bool:
    """Whether an error may be that of one record, and not of the base."""
    return isinstance(error, (TransientError, RejectedError)) and not isinstance(error, ThrottledError)


def _refused(reply: Reply) -> TransientError:
    return TransientError(
        f"the list was refused, error_code {reply.code!r}", code="call_refused", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia từ chối cung cấp danh sách thủ tục. Hệ thống sẽ tự hỏi lại; nếu kéo dài, cần"
        " liên hệ đơn vị quản lý kết nối để kiểm tra quyền của tài khoản.",
    )  # fmt: skip
