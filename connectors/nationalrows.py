"""Rows written to a national base: those of many callers in one call, each with an outcome of its own.

    good answer, row accepted                 done
    good answer, row refused                  RejectedError `row_refused`, or TransientError `row_busy` by its code
    good answer that says nothing of the row  UnconfirmedError `row_unanswered`: it is looked for
    call refused as a whole, also anew        nothing happened: rows go one by one, then TransientError `call_refused`
    timeout, reset, 5xx, a page               UnconfirmedError for every row

Row results are matched by key and never by place.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Final

import orjson
from pydantic import Field

from connectors.base import ConnectorConfig
from connectors.batches import Batches
from connectors.errors import Fault, HubError, RejectedError, TransientError, UnconfirmedError
from connectors.fields import SecondsOrNone
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.shareanswer import Naming, Reply, RowResult, row_results
from connectors.parse.text import cut
from connectors.shareservice import PathOrNone, Writing, reply_of

if TYPE_CHECKING:
    from connectors.http import Http

#: What became of rows, by their keys.
Outcomes = Mapping[str, RowResult | HubError]

#: Rows in a row that are refused each by itself: then it is not the rows.
_IN_A_ROW: Final = 3


class Push(ConnectorConfig):
    """The write service, as it is issued to the province."""

    publish: PathOrNone = Field(
        default="", description="service that takes records; left out: only officers can write there, and are asked to"
    )
    withdraw: PathOrNone = Field(default="", description="service that takes records back")
    path: PathOrNone = Field(
        default="", description="path of these services; left out: that of calls, or by GET the service itself"
    )
    rows: str = Field(default="data", pattern=r"^\w{1,100}$", description="parameter that holds the records")
    batch: int = Field(default=20, ge=1, le=200, description="records of one call at most")
    wait: SecondsOrNone = Field(default=0.05, description="how long a call waits for further records")
    busy: tuple[str, ...] = Field(
        default=(), max_length=50, description="error codes of a record that pass by themselves: it is sent again"
    )


class Rows:
    """Takes rows and hands them to the write service."""

    def __init__(
        self, name: str, settings: Push, naming: Naming, not_found: Collection[str],
        talk: "Callable[[Http], Writing]", *, timeout: float,
    ) -> None:  # fmt: skip
        """`naming` says how a row and its result are known, `not_found` which error codes mean that there is none."""
        self._name = name
        self._settings = settings
        self._naming = naming
        self._not_found = frozenset(not_found)
        self._talk = talk
        self._timeout = timeout
        self._pushing = asyncio.Lock()
        self._batches = Batches(self._push, size=settings.batch, wait=settings.wait)

    async def hand_in(self, http: "Http", service: str, body: bytes, *, gone: bool = False) -> bool:
        """Have a record written; False where the base had nothing to withdraw. Raises what became of it."""
        key = self._naming.key_of(orjson.loads(body))
        outcome = await self._batches.add((http, service), key, body)
        if isinstance(outcome, HubError):
            raise outcome
        if outcome.ok:
            return True
        if gone and outcome.code in self._not_found:
            return False
        raise self._refused(key, outcome)

    async def _push(self, group: "tuple[Http, str]", rows: Mapping[str, bytes]) -> Outcomes:
        """Write rows in one call, one call at a time: they share a session.

        A call that is refused as a whole did nothing, so its rows go one by one then. Rows whose turn comes too late
        are not sent: whoever handed them in may have lost them to somebody else by then.
        """
        http, service = group
        try:
            await asyncio.wait_for(self._pushing.acquire(), self._timeout)
        except TimeoutError:
            raise _busy() from None
        try:
            talk = self._talk(http)
            try:
                return await self._push_together(talk, service, rows)
            except (TransientError, RejectedError) as error:
                if len(rows) == 1 or not _is_of_the_rows(error):
                    raise
            return await self._push_one_by_one(talk, service, rows)
        finally:
            self._pushing.release()

    async def _push_one_by_one(self, talk: Writing, service: str, rows: Mapping[str, bytes]) -> Outcomes:
        """Find the row that spoils the others. Three refusals in a row mean that it is none of them."""
        until = monotonic() + 2 * self._timeout
        outcomes: dict[str, RowResult | HubError] = {}
        refused = 0
        for key, row in rows.items():
            if refused >= _IN_A_ROW or monotonic() > until:
                outcomes[key] = _call_refused("not sent after others were refused")
                continue
            try:
                outcomes |= await self._push_together(talk, service, {key: row})
                refused = 0
            except HubError as error:
                outcomes[key] = error
                refused = refused + 1 if _is_of_the_rows(error) else _IN_A_ROW
        return outcomes

    async def _push_together(self, talk: Writing, service: str, rows: Mapping[str, bytes]) -> Outcomes:
        push, naming = self._settings, self._naming
        said = {push.rows: [naming.written(orjson.loads(row)) for row in rows.values()]}

        def took(reply: Reply) -> bool:
            return bool(row_results(reply, naming, rows.keys()))

        answer = await talk.push(push.path, service, said, took=took)
        reply = reply_of(answer)
        if reply is None:
            raise error_for(CameBack.UNREADABLE, Purpose.SEND_ONCE, f"{self._name}: no answer of this service")
        results = row_results(reply, naming, rows.keys())
        if not reply.ok and not results:
            raise _call_refused(f"error_code {reply.code!r}")
        return {key: results.get(key) or _unanswered(key) for key in rows}

    def _refused(self, key: str, result: RowResult) -> HubError:
        told = f"mã lỗi {result.code}" + (f" – {result.message}" if result.message else "")
        if result.code in self._settings.busy:
            return TransientError(
                f"row busy, error_code {result.code!r}", code="row_busy", fault=Fault.MEMBER,
                sentence=f"Cơ sở dữ liệu quốc gia chưa nhận bản ghi {key} ({told}). Hệ thống sẽ tự gửi lại.",
            )  # fmt: skip
        return RejectedError(
            f"row refused, error_code {result.code!r}", pointer=key, code="row_refused", fault=Fault.MEMBER,
            sentence=f"Cơ sở dữ liệu quốc gia từ chối bản ghi {key} ({told}). Đơn vị công bố cần sửa nội dung rồi"
            " xuất bản lại; nếu nội dung đã đúng, hỏi đơn vị quản lý kết nối.",
        )  # fmt: skip


def _is_of_the_rows(error: HubError) -> bool:
    """Whether a call may have been refused for what is in it."""
    return error.code in ("call_refused", CameBack.BAD_REQUEST)


def _call_refused(cause: str) -> TransientError:
    return TransientError(
        f"the call was refused: {cause}", code="call_refused", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia từ chối lần gửi này, chưa ghi gì. Hệ thống sẽ tự gửi lại; nếu kéo dài, hỏi đơn"
        " vị quản lý kết nối về quyền ghi của tài khoản.",
    )  # fmt: skip


def _busy() -> TransientError:
    return TransientError(
        "earlier calls took too long", code="base_busy", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia xử lý các lần gửi trước quá chậm nên chưa gửi bản ghi này. Hệ thống sẽ tự gửi"
        " lại.",
    )  # fmt: skip


def _unanswered(key: str) -> UnconfirmedError:
    return UnconfirmedError(
        f"no result for {cut(key, 100)}", code="row_unanswered", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia không trả lời riêng về bản ghi này. Chưa rõ đã ghi hay chưa; sẽ kiểm tra tại"
        " nơi nhận trước khi gửi lại.",
    )  # fmt: skip
