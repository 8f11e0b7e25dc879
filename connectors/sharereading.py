"""Records of a base one after the other, for as long as one turn may take.

What cannot be had (500, half an answer, a page in its place) is asked for once more after the others. Three in a row
mean that the base is away: the turn ends with what it has, or with the error.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final

from connectors.base import Capture
from connectors.errors import Fault, HubError, RejectedError, ThrottledError, TransientError
from connectors.shareservice import Asking, reply_of

#: Records in a row that cannot be had: then the base is away.
_IN_A_ROW: Final = 3


class Reading:
    """The answers of one turn, by what was asked for."""

    def __init__(self, asking: Asking, service: str, parameter: str, *, until: float, enough: int) -> None:
        """Ask `service` with each key as `parameter`; stop after the moment `until`, or at `enough` bytes."""
        self._asking = asking
        self._service = service
        self._parameter = parameter
        self._until = until
        self._enough = enough
        self._answers: dict[str, Capture | HubError] = {}
        self._size = 0
        self.last = ""  #: key up to which everything is settled
        self.retry_after: float | None = None  #: seconds, where the base asked us to wait

    async def read(self, keys: Sequence[str]) -> None:
        """Ask for each, in their order. Raises the error of the first one when nothing at all could be had."""
        missed: list[str] = []  #: since the last answer
        lost: list[str] = []  #: before it
        for key in keys:
            if self._answers and (monotonic() > self._until or self._size > self._enough):
                break
            try:
                await self._ask(key)
            except HubError as error:
                missed.append(key)
                if not _is_passing(error) or len(missed) >= _IN_A_ROW:
                    return self._end(error, lost + missed)
            else:
                lost, missed, self.last = lost + missed, [], key
        await self._again(lost + missed)

    def _end(self, error: HubError, lost: list[str]) -> None:
        """Keep what was had before the first one that was missed; raise when that is nothing."""
        self._answers = {key: answer for key, answer in self._answers.items() if key < lost[0]}
        if not self._answers:
            raise error
        self.last = max(self._answers)
        if isinstance(error, ThrottledError):
            self.retry_after = error.retry_after

    async def _again(self, lost: list[str]) -> None:
        for key in lost:
            try:
                await self._ask(key)
            except HubError as error:
                self._answers[key] = error
            self.last = max(self.last, key)

    async def _ask(self, key: str) -> None:
        answer = await self._asking.call(self._service, {self._parameter: key})
        if reply_of(answer) is None:
            raise no_answer()
        self._answers[key] = answer
        self._size += len(answer.body)

    def answers(self) -> Mapping[str, Capture | HubError]:
        """The answers, or what went wrong, in the order of their keys."""
        return dict(sorted(self._answers.items()))


def no_answer() -> TransientError:
    """What came is no answer of this service: a page, half an object."""
    return TransientError(
        "no answer of this service", code="no_answer", fault=Fault.MEMBER,
        sentence="Cơ sở dữ liệu quốc gia trả lời không đúng quy cách. Hệ thống sẽ tự hỏi lại.",
    )  # fmt: skip


def _is_passing(error: HubError) -> bool:
    """Whether an error may be that of one record, and not of the base."""
    return isinstance(error, (TransientError, RejectedError)) and not isinstance(error, ThrottledError)
