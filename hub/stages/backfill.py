"""Backfill: walk back through a source's history, one page at a time, as politely as its polls.

Each page is a capture like any other; the normalise stage takes what is new of it.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from connectors.base import Walker
from connectors.errors import HubError
from hub.broker.base import BACKFILL
from hub.engine import Engine
from hub.rules import retry
from hub.rules.rhythm import PAGE_PAUSE
from hub.stages import LEASE_MARGIN
from hub.stages.harvest import fault_of
from hub.store import walks
from hub.store.walks import WalkClaim

#: Pages of one walk; a source that goes on longer is thought to be endless.
PAGES_LIMIT = 10_000
#: Attempts at one page before the walk is given up.
TRIES = 8
#: Codes of a page that is not there.
MISSING = frozenset({"not_found", "gone"})


class Backfill:
    """The stage behind `hub.backfill`."""

    queue = BACKFILL

    def __init__(self, engine: Engine, *, concurrency: int = 4) -> None:
        self._engine = engine
        self.concurrency = concurrency
        self._lease = timedelta(seconds=2 * engine.longest_fetch) + LEASE_MARGIN

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[WalkClaim]:
        if not self._engine.has_room():
            return []
        return await walks.claim(
            self._engine.store, keys, limit=limit, lease=self._lease, per_host=self._engine.per_host
        )  # fmt: skip

    async def handle(self, claim: WalkClaim) -> None:
        """Take one step."""
        engine = self._engine
        source = engine.sources[claim.source]
        assert isinstance(source.source, Walker), "the command begins no other walk"
        capture = await source.source.walk(source.http, claim.cursor, claim.since)
        last = not capture.hints.more or claim.pages + 1 >= PAGES_LIMIT
        async with engine.store.unit() as unit:
            next_step = engine.store.now() + timedelta(seconds=max(PAGE_PAUSE, capture.hints.retry_after or 0.0))
            await walks.page(unit, claim, capture, due_at=next_step, last=last)

    async def failed(self, claim: WalkClaim, error: BaseException) -> None:
        """A site that is away is waited for; one that refuses us ends the walk with the reason."""
        engine, now = self._engine, self._engine.store.now()
        decision = retry.decide(error, attempts=claim.attempts, first_failed_at=now, now=now, chance=engine.chance())
        fault = fault_of(error)
        code = error.code if isinstance(error, HubError) else "defect"
        async with engine.store.unit() as unit:
            match decision:
                case _ if code in MISSING and claim.pages:  # many sites end their paging so
                    await walks.ended(unit, claim, note="Trang của đơn vị không có trang tiếp theo.")
                case retry.Wait():
                    note = "" if isinstance(error, asyncio.CancelledError) else fault.sentence
                    await walks.later(unit, claim, due_at=decision.at, note=note, counts=False)
                case retry.Retry() if claim.attempts < TRIES:
                    await walks.later(unit, claim, due_at=decision.at, note=fault.sentence, counts=True)
                case _:
                    await walks.failed(unit, claim, note=fault.sentence, code=code)
