"""Reading a capture: cut, parse, sanitise, digest. Pure work that may burn time and memory, so it runs in a child.

    Reader ──job──> child process: Source.split, Source.normalise, digest, identity keys ──Reading──> normalise stage

A child that takes too long or too much memory ends and is replaced; the event loop never parses.
"""

import asyncio
import os
import pickle
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import structlog

from connectors.base import Capture, Fallen, SourceContext, Tombstone
from connectors.errors import Fault, HubError, RejectedError, TransientError
from connectors.registry import source_connector
from hub.rules.change import digest
from hub.rules.identity import keys_of
from schemas.item import ItemBase

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a child needs to read one capture: it shares nothing with us."""

    connector: str
    context: SourceContext
    config: Any  #: the connector's own Config
    capture: Capture
    known: frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One record that became an item."""

    pointer: str
    fingerprint: bytes
    item: ItemBase
    digest: str
    keys: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A capture as items."""

    format: str
    read: Sequence[Read]
    tombstones: Sequence[Tombstone]
    fallen: Sequence[Fallen]
    fingerprints: Sequence[bytes]
    document_date: datetime | None
    ttl: float | None
    truncated: bool
    incremental: bool = False  #: what is missing says nothing


class ReadingTooHardError(TransientError):
    """A capture could not be read within its limits of time and memory."""

    code = "body_too_hard"
    fault = Fault.MEMBER


def read(job: Job) -> Reading:
    """Read one capture. Raises RejectedError when the body is not this source's format."""
    source = source_connector(job.connector).Connector(job.context, job.config)
    split = source.split(job.capture, job.known, job.capture.fetched_at)
    done: list[Read] = []
    fallen = list(split.fallen)
    for record in split.records:
        try:
            normalised = source.normalise(record, job.capture)
        except RejectedError as error:
            fallen.append(
                Fallen(pointer=error.pointer or record.pointer, code=error.code, detail=str(error),
                       fingerprint=record.fingerprint)
            )  # fmt: skip
            continue
        item = _tagged(normalised.item, job.context.tags)
        done.append(
            Read(pointer=record.pointer, fingerprint=record.fingerprint, item=item, digest=digest(item).hex(),
                 keys=tuple(keys_of(item)), remarks=normalised.remarks)
        )  # fmt: skip
    return Reading(
        format=split.format, read=done, tombstones=split.tombstones, fallen=fallen, fingerprints=split.fingerprints,
        document_date=split.document_date, ttl=split.ttl, truncated=split.truncated,
        incremental=split.incremental,
    )  # fmt: skip


def _tagged(item: ItemBase, tags: tuple[str, ...]) -> ItemBase:
    """The item with the tags that the settings give to everything of its source."""
    more = tuple(tag for tag in tags if tag not in item.tags)
    return item.model_copy(update={"tags": item.tags + more}) if more else item


class _Child:
    """One reading process (`python -m hub.reading`) with a pipe in each direction; it ends when ours do."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

    @classmethod
    async def start(cls, memory_mb: int, seconds: float) -> "_Child":
        """A process of its own session: a Ctrl-C at the terminal is the parent's to handle.

        Returns when it is ready: the time that our own machine takes to start it is nobody's fault but ours.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.reading", str(memory_mb), str(seconds), stdin=asyncio.subprocess.PIPE,
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

    async def ask(self, job: Job, seconds: float) -> Reading:
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
        assert isinstance(answer, Reading)
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


def _answer(job: Job) -> Reading | BaseException:
    try:
        return read(job)
    except HubError as error:
        return error
    except (MemoryError, RecursionError) as error:
        return ReadingTooHardError(f"{type(error).__name__} while reading")
    except Exception as error:
        log.exception("defect while reading", source=job.context.name)
        return RuntimeError(f"{type(error).__name__} while reading")


def _data_bytes() -> int:
    """Size of this process's private data now, in bytes (proc(5), statm, field 6)."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


if __name__ == "__main__":
    # The module that is run is called __main__; what is pickled must belong to hub.reading.
    from hub import reading

    reading.serve(int(sys.argv[1]), float(sys.argv[2]))
