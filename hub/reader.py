"""The children that read: processes that parse what was received, each job within limits of time and memory.

    Reader ──job──> child process (hub/reading.py) ──answer──> whoever asked

A child that takes too long or too much memory ends and is replaced.
"""

import asyncio
import os
import pickle
import resource
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

import structlog

from connectors.errors import Fault, HubError, RejectedError, TransientError
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
    perform,
)
from hub.screened import Screened

if TYPE_CHECKING:
    from connectors.parse.files.file import FileFacts

#: seconds of processor time for one capture, and megabytes of memory on top of what an idle child has
CPU_SECONDS, MEMORY_MB = 10.0, 384
#: seconds that a capture may take by the clock for each of processor time: our own machine may be busy
PATIENCE = 3.0
#: seconds that a child may take to start
STARTING = 60.0
#: children are replaced after so many captures: parsers' caches only grow
CAPTURES_PER_CHILD = 2_000
#: bytes of a message's length in the pipe; what the pipe buffers of an answer
LENGTH, PIPE_BUFFER = 8, 1024 * 1024

#: what a child says when it waits for jobs
READY = None

log = structlog.get_logger(__name__)


class _Child:
    """One reading process (`python -m hub.reader`) with a pipe in each direction; it ends when ours do."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

    @classmethod
    async def start(cls, memory_mb: int, seconds: float) -> "_Child":
        """A process of its own session: a Ctrl-C at the terminal is the parent's to handle.

        Returns when it is ready: the time that our own machine takes to start it is nobody's fault but ours.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.reader", str(memory_mb), str(seconds), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=PIPE_BUFFER, start_new_session=True,
        )  # fmt: skip
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


def serve(memory_mb: int, seconds: float) -> None:
    """The child: read jobs until the pipe ends. Whatever a library prints goes to the log, not into the pipe.

    A job that takes too long ends the child by its own alarms: nobody else would, were the parent killed meanwhile.
    """
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit = _data_bytes() + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    _say(answers, READY)
    while len(size := jobs.read(LENGTH)) == LENGTH:
        job = pickle.loads(jobs.read(int.from_bytes(size)))
        _alarms(seconds)
        answer = _answer(job)
        _alarms(0)
        _say(answers, answer)


def _say(answers: BinaryIO, answer: Any) -> None:
    message = pickle.dumps(answer)
    answers.write(len(message).to_bytes(LENGTH) + message)
    answers.flush()


def _alarms(seconds: float) -> None:
    """Let this process end after so much processor time, and some time after the parent gave it up; 0 = no alarm."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, (PATIENCE + 1) * seconds)


def _answer(job: AnyJob) -> Any:
    try:
        return perform(job)
    except HubError as error:
        return error
    except (MemoryError, RecursionError) as error:
        return ReadingTooHardError(f"{type(error).__name__} while reading")
    except Exception as error:
        log.exception("defect while reading", of=job.context.name if isinstance(job, Job) else type(job).__name__)
        return RuntimeError(f"{type(error).__name__} while reading")


def _data_bytes() -> int:
    """Size of this process's private data now, in bytes (proc(5), statm, field 6)."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
