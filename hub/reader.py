"""The children that read: processes that parse what was received, each job within limits of time and memory.

    Reader ──job──> child process (hub/readerchild.py, hub/reading.py) ──answer──> whoever asked

A child that takes too long or too much memory ends and is replaced. One that had nothing to do for a while ends too,
and the next job starts another.
"""

import asyncio
import pickle
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.errors import Fault, RejectedError, TransientError
from hub.readerchild import LENGTH, PATIENCE, READY
from hub.reading import (
    AnyJob,
    BodyJob,
    FileJob,
    Job,
    KeptTextsJob,
    MarkedFile,
    PlaceJob,
    Reading,
    ReadingTooHardError,
)
from hub.screened import Screened

if TYPE_CHECKING:
    from connectors.parse.files.file import FileFacts

#: seconds of processor time for one capture, and megabytes of memory on top of what an idle child has
CPU_SECONDS, MEMORY_MB = 10.0, 384
#: seconds that a child may take to start
STARTING = 60.0
#: children are replaced after so many captures: parsers' caches only grow
CAPTURES_PER_CHILD = 2_000
#: seconds without a job after which a child ends: it holds 40 to 70 MB, and starting one takes 0.3 s of processor time
REST = 60.0
#: bytes that the pipe buffers of an answer
PIPE_BUFFER = 1024 * 1024


class _Child:
    """One reading process (`python -m hub.readerchild`) with a pipe in each direction; it ends when ours do."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0
        self.free_since = 0.0  #: by the loop's clock

    @classmethod
    async def start(cls, memory_mb: int, seconds: float) -> "_Child":
        """A process of its own session: a Ctrl-C at the terminal is the parent's to handle.

        Returns when it is ready: the time that our own machine takes to start it is nobody's fault but ours.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub.readerchild", str(memory_mb), str(seconds), stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, limit=PIPE_BUFFER, start_new_session=True,
            )  # fmt: skip
        except OSError as error:  # no descriptor, process or memory is left for it
            raise TransientError("a reading process does not start", code="reader", fault=Fault.HUB) from error
        child = cls(process)
        try:
            async with asyncio.timeout(STARTING):
                assert await child._answer() is READY
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await asyncio.shield(child.kill())
            raise TransientError("a reading process does not start", code="reader", fault=Fault.HUB) from error
        except BaseException:
            await asyncio.shield(child.kill())
            raise
        return child

    async def ask(self, job: AnyJob, seconds: float) -> Any:
        """One job, one answer, within the time; else the child is dead and the error says so."""
        assert self._process.stdin is not None
        self.served += 1
        message = pickle.dumps(job)
        try:
            async with asyncio.timeout(PATIENCE * seconds):
                self._process.stdin.write(len(message).to_bytes(LENGTH) + message)
                await self._process.stdin.drain()
                answer = await self._answer()
        except TimeoutError:
            raise ReadingTooHardError(f"reading took longer than {PATIENCE * seconds:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if await self._process.wait() == -signal.SIGPROF:
                raise ReadingTooHardError(f"reading took longer than {seconds:g} s of processor time") from error
            raise ReadingTooHardError("the reading process died") from error
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def _answer(self) -> Any:
        assert self._process.stdout is not None
        size = int.from_bytes(await self._process.stdout.readexactly(LENGTH))
        return pickle.loads(await self._process.stdout.readexactly(size))

    async def kill(self) -> None:
        """End the process at once; it holds nothing that is not stored."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Reader:
    """A few children that read captures; `read` waits for a free one."""

    def __init__(
        self, children: int = 2, *, cpu_seconds: float = CPU_SECONDS, memory_mb: int = MEMORY_MB, rest: float = REST
    ) -> None:  # fmt: skip
        self._seconds, self._memory, self._rest = cpu_seconds, memory_mb, rest
        self._free: list[_Child] = []  #: whoever is free for the longest stands first; the last gets the next job
        self._places = asyncio.Semaphore(children)
        self._look: asyncio.TimerHandle | None = None  #: when the first of them may have rested long enough
        self._ending = set[asyncio.Task[None]]()
        self._is_closed = False

    async def read(self, job: Job) -> Reading:
        """Read a capture in a child. Raises RejectedError, ReadingTooHardError; RuntimeError is a defect of ours."""
        reading = await self._perform(job)
        assert isinstance(reading, Reading)
        return reading

    async def read_file(self, job: FileJob) -> "FileFacts | MarkedFile":
        """Read an attachment in a child. Raises ReadingTooHardError; RuntimeError is a defect of ours."""
        facts: FileFacts | MarkedFile = await self._perform(job)
        return facts

    async def strays(self, job: BodyJob) -> tuple[str, ...]:
        """The rules of the secrecy screen that hit these bytes. Raises as `read_file`."""
        rules: tuple[str, ...] = await self._perform(job)
        return rules

    async def screen_kept(self, job: KeptTextsJob) -> tuple[Screened, ...]:
        """What the screens of today say of each of these editions. Raises as `read_file`."""
        found: tuple[Screened, ...] = await self._perform(job)
        return found

    async def texts_at(self, job: PlaceJob) -> tuple[str, ...]:
        """What stands in one place of a page. Raises as `read_file`."""
        texts: tuple[str, ...] = await self._perform(job)
        return texts

    async def _perform(self, job: AnyJob) -> Any:
        async with self._places:
            child = self._free.pop() if self._free else await _Child.start(self._memory, self._seconds)
            try:
                reading = await child.ask(job, self._seconds)
            except RejectedError:  # an answer like any other
                await self._keep(child)
                raise
            except BaseException:
                # Cut off in the middle, or in doubt: the next job gets a fresh process.
                await asyncio.shield(child.kill())
                raise
            await self._keep(child)
            return reading

    async def _keep(self, child: _Child) -> None:
        if child.served >= CAPTURES_PER_CHILD or self._is_closed:
            await child.kill()
            return
        child.free_since = asyncio.get_running_loop().time()
        self._free.append(child)
        if self._look is None:
            self._look_after_rest()

    def _look_after_rest(self) -> None:
        self._look = asyncio.get_running_loop().call_at(self._free[0].free_since + self._rest, self._end_rested)

    def _end_rested(self) -> None:
        """End the children that nobody needed for a while."""
        self._look = None
        rested_since = asyncio.get_running_loop().time() - self._rest
        while self._free and self._free[0].free_since <= rested_since:
            ending = asyncio.create_task(self._free.pop(0).kill())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
        if self._free:
            self._look_after_rest()

    async def close(self) -> None:
        """End every child; one that is at work ends with its job."""
        self._is_closed = True
        if self._look is not None:
            self._look.cancel()
        while self._free:
            await self._free.pop().kill()
        await asyncio.gather(*self._ending)
