"""Reading a capture: cut, parse, sanitise, digest. Pure work that may burn time and memory, so it runs in a child.

    Reader ──job──> child process: Source.split, Source.normalise, digest, identity keys ──Reading──> normalise stage

A child that takes too long or too much memory is killed and replaced; the event loop never parses (STACK.md 4.13).
"""

import asyncio
import multiprocessing
import resource
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from connectors.base import Capture, Fallen, SourceContext, Tombstone
from connectors.errors import Fault, HubError, RejectedError, TransientError
from connectors.registry import source_connector
from hub.rules.change import digest
from hub.rules.identity import keys_of
from schemas.item import ItemBase

#: wall seconds for one capture, and megabytes of memory on top of what an idle child has
WALL_SECONDS, MEMORY_MB = 10.0, 384
#: children are replaced after so many captures: parsers' caches only grow
CAPTURES_PER_CHILD = 2_000


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
        item = normalised.item
        done.append(
            Read(pointer=record.pointer, fingerprint=record.fingerprint, item=item, digest=digest(item).hex(),
                 keys=tuple(keys_of(item)), remarks=normalised.remarks)
        )  # fmt: skip
    return Reading(
        format=split.format, read=done, tombstones=split.tombstones, fallen=fallen, fingerprints=split.fingerprints,
        document_date=split.document_date, ttl=split.ttl, truncated=split.truncated,
    )  # fmt: skip


def _serve(pipe: Connection, memory_mb: int) -> None:
    """The child: read jobs until the pipe closes."""
    base = _data_bytes()
    limit = base + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    while True:
        try:
            job: Job = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        answer: Reading | BaseException
        try:
            answer = read(job)
        except HubError as error:
            answer = error
        except (MemoryError, RecursionError) as error:
            answer = ReadingTooHardError(f"{type(error).__name__} while reading")
        except Exception as error:
            answer = RuntimeError(f"{type(error).__name__}: {error}")
            answer.__cause__ = None
        with suppress(BrokenPipeError):
            pipe.send(answer)


def _data_bytes() -> int:
    """Size of this process's private data now, in bytes (proc(5), statm, field 6)."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[5]) * resource.getpagesize()


class _Child:
    """One reading process and the pipe to it."""

    def __init__(self, context: multiprocessing.context.ForkServerContext, memory_mb: int) -> None:
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far, memory_mb), name="hub-reader", daemon=True)
        self._process.start()
        far.close()
        self.served = 0

    def ask(self, job: Job, seconds: float) -> Reading:
        """One job, one answer, within the time; else the child is dead and the error says so."""
        self.served += 1
        try:
            self._pipe.send(job)
            if not self._pipe.poll(seconds):
                self.kill()
                raise ReadingTooHardError(f"reading took longer than {seconds:g} s")
            answer = self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            self.kill()
            raise ReadingTooHardError("the reading process died") from error
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]  # the pipe carries what `_serve` sent

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """End the process at once; it holds nothing that is not stored."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class Reader:
    """A few children that read captures; `read` waits for a free one."""

    def __init__(
        self, children: int = 2, *, wall_seconds: float = WALL_SECONDS, memory_mb: int = MEMORY_MB
    ) -> None:  # fmt: skip
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["hub.reading", "connectors.sources.feed"])
        self._wall, self._memory = wall_seconds, memory_mb
        self._free: list[_Child] = []
        self._places = asyncio.Semaphore(children)
        self._threads = ThreadPoolExecutor(children, thread_name_prefix="hub-reader")

    async def read(self, job: Job) -> Reading:
        """Read a capture in a child. Raises RejectedError, ReadingTooHardError, or RuntimeError for a defect of ours."""
        async with self._places:
            # A cancelled caller leaves the thread to finish: the child must not be handed out in the middle of a job.
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, self._ask, job))

    def _ask(self, job: Job) -> Reading:
        child = self._free.pop() if self._free else _Child(self._context, self._memory)
        try:
            return child.ask(job, self._wall)
        finally:
            if child.alive and child.served < CAPTURES_PER_CHILD:
                self._free.append(child)
            elif child.alive:
                child.kill()

    async def close(self) -> None:
        """End every child."""
        await asyncio.to_thread(self._threads.shutdown, wait=True)
        while self._free:
            self._free.pop().kill()
