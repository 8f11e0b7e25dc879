"""The children that read: processes that parse what was received, each job within limits of time and memory.

    Reader ──job──> child process (hub/readerchild.py, hub/reading.py) ──answer──> whoever asked

A child that takes too long or too much memory ends and is replaced.
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
#: bytes that the pipe buffers of an answer
PIPE_BUFFER = 1024 * 1024


class _Child:
    """One reading process (`python -m hub.readerchild`) with a pipe in each direction; it ends when ours do."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

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
        self, children: int = 2, *, cpu_seconds: float = CPU_SECONDS, memory_mb: int = MEMORY_MB
    ) -> None:  # fmt: skip
        self._seconds, self._memory = cpu_seconds, memory_mb
        self._free: list[_Child] = []
        self._places = asyncio.Semaphore(children)

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
        if child.served < CAPTURES_PER_CHILD:
            self._free.append(child)
        else:
            await child.kill()

    async def close(self) -> None:
        """End every child."""
        while self._free:
            await self._free.pop().kill()
