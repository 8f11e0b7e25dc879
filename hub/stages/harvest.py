"""Harvest: ask one source what is new, keep the bytes with the cursor that covers them, decide when to come back."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from connectors.base import Capture, Hints
from connectors.errors import BlockedError, Fault, HubError, ThrottledError
from hub.broker.base import HARVEST
from hub.engine import Engine
from hub.rules import rhythm
from hub.stages import LEASE_MARGIN
from hub.store import harvesting, subscribing
from hub.store.harvesting import Packed, SourceClaim, SourceFault

WARN_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Harvest:
    """The stage behind `hub.harvest`."""

    queue = HARVEST

    def __init__(self, engine: Engine, *, concurrency: int = 32, until: datetime | None = None) -> None:
        """`until` polls only what was due by then: one round, not the next."""
        self._engine = engine
        self.concurrency = concurrency
        self._until = until
        self._warned_at: datetime | None = None
        self._lease = timedelta(seconds=2 * engine.longest_fetch) + LEASE_MARGIN  # twice the longest permitted fetch

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[SourceClaim]:
        if not self._engine.has_room():
            self._warn_of_full_disk()
            return []
        return await harvesting.claim(
            self._engine.store, keys, limit=limit, lease=self._lease, per_host=self._engine.per_host, until=self._until
        )

    def _warn_of_full_disk(self) -> None:
        now = self._engine.store.now()
        if self._warned_at is None or now - self._warned_at > WARN_EVERY:
            self._warned_at = now
            log.error("disk nearly full, nothing is fetched until there is room again")

    async def handle(self, claim: SourceClaim) -> None:
        """Bring one source up to date with its site."""
        engine = self._engine
        source = engine.sources[claim.name]
        answer = await source.source.fetch(source.http, claim.cursor)
        pushed = source.websub and await subscribing.works(engine.store, claim.name)
        next_poll = self._next(claim, answer.hints, pushed=pushed)
        if answer.hints.more and self._until is not None:
            next_poll = replace(next_poll, at=min(next_poll.at, self._until))  # the same round reads on
        packed = await asyncio.to_thread(Packed.of, answer.body) if isinstance(answer, Capture) else None
        async with engine.store.unit() as unit:
            if isinstance(answer, Capture):
                await harvesting.captured(
                    unit, claim, answer, due_at=next_poll.at, reason=next_poll.reason, packed=packed
                )  # fmt: skip
            else:
                await harvesting.unchanged(unit, claim, due_at=next_poll.at, reason=next_poll.reason)

    async def failed(self, claim: SourceClaim, error: BaseException) -> None:
        """A source is never given up, only polled less often; the fault says whose it is and what to do."""
        engine = self._engine
        if isinstance(error, asyncio.CancelledError):
            now = engine.store.now()
            async with engine.store.unit() as unit:
                await harvesting.postponed(unit, claim, due_at=now, reason="our own shutdown")
            return
        hints = Hints(retry_after=error.retry_after if isinstance(error, ThrottledError) else None)
        throttled = isinstance(error, ThrottledError)
        next_poll = self._next(claim, hints, failures=claim.failures + (0 if throttled else 1))
        async with engine.store.unit() as unit:
            if throttled:
                await harvesting.postponed(unit, claim, due_at=next_poll.at, reason=next_poll.reason)
            else:
                block = isinstance(error, BlockedError)
                await harvesting.failed(
                    unit, claim, fault_of(error), due_at=next_poll.at, reason=next_poll.reason, block=block
                )

    def _next(
        self, claim: SourceClaim, hints: Hints, failures: int | None = None, *, pushed: bool = False
    ) -> rhythm.Next:  # fmt: skip
        source = self._engine.sources[claim.name]
        standing = claim.failures if claim.fault_stage == "normalise" else 0
        return rhythm.next_poll(
            now=self._engine.store.now(), every=source.every, hints=replace(hints, ttl=claim.ttl),
            failures=standing if failures is None else failures, chance=self._engine.chance(), pushed=pushed,
        )  # fmt: skip


def fault_of(error: BaseException) -> SourceFault:
    """What the console says about an error: whose fault, and the sentence for a clerk."""
    if isinstance(error, HubError):
        return SourceFault(code=error.code, side=error.fault, sentence=error.sentence or str(error))
    return SourceFault(
        code="defect", side=Fault.HUB,
        sentence="Phần mềm của hệ thống gặp lỗi khi đọc nguồn này; đơn vị không có lỗi."
        " Báo bộ phận kỹ thuật kèm tên nguồn.",
    )  # fmt: skip
