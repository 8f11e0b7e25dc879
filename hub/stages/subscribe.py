"""Subscribe: ask the WebSub hubs that feeds name to push to us, before their leases end, and to stop when we go.

    claim ─> POST to the hub ─> it asks the callback (hub/web/websub.py) ─> active until the lease ends

The address of a hub stands in a feed, so it is dialled like one: through the address guard, on ports of the web.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from connectors.errors import BlockedError, HubError, RejectedError, ThrottledError
from connectors.websub import UNSUBSCRIBE, request
from hub.broker.base import SUBSCRIBE
from hub.engine import Engine
from hub.rules import subscription
from hub.store import subscribing
from hub.store.subscribing import SubscriptionClaim

#: Seconds for one request to a hub; some ask our callback before they answer.
TIMEOUT: Final = 20.0
LEASE: Final = timedelta(seconds=60)
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Subscribe:
    """The stage behind `hub.subscribe`; part of the schedule role."""

    queue = SUBSCRIBE

    def __init__(self, engine: Engine, callbacks: str, *, concurrency: int = 4) -> None:
        """`callbacks` is the address below which the web role listens, ending in a slash."""
        self._engine, self._callbacks = engine, callbacks
        self.concurrency = concurrency
        self._sources = [name for name, source in engine.sources.items() if source.websub]

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[SubscriptionClaim]:
        ids = [int(key) for key in keys if key.isdigit()] if keys is not None else None
        return await subscribing.claim(self._engine.store, ids, self._sources, limit=limit, lease=LEASE)

    async def handle(self, claim: SubscriptionClaim) -> None:
        """Ask; the hub's question at the callback, not its answer here, makes the subscription."""
        engine = self._engine
        source = engine.sources.get(claim.source)
        body = request(
            claim.mode, topic=claim.topic, callback=self._callbacks + claim.token, secret=claim.secret,
            lease=subscription.LEASE,
        )  # fmt: skip
        await (source.http if source else engine.http).send(
            "POST", claim.hub, body=body, headers=_FORM, timeout=TIMEOUT, repeatable=True, any_port=False
        )
        await self._again(claim)

    async def failed(self, claim: SubscriptionClaim, error: BaseException) -> None:
        """A hub that cannot be reached is asked again and again; one that refuses, on another day."""
        now = self._engine.store.now()
        match error:
            case asyncio.CancelledError():
                async with self._engine.store.unit() as unit:
                    await subscribing.postponed(unit, claim, due_at=now)
            case ThrottledError(retry_after=float(seconds)):
                async with self._engine.store.unit() as unit:
                    await subscribing.postponed(unit, claim, due_at=now + timedelta(seconds=seconds))
            case RejectedError() | BlockedError() if claim.mode != UNSUBSCRIBE:
                async with self._engine.store.unit() as unit:
                    due_at = now + subscription.AFTER_DENIAL
                    await subscribing.turned_down(unit, claim, due_at=due_at, fault=error.code)
            case _:
                await self._again(claim, error.code if isinstance(error, HubError) else "defect")

    async def _again(self, claim: SubscriptionClaim, fault: str = "") -> None:
        """Ask once more, unless the hub asks back before; a hub that does not let us go is left all the same."""
        engine = self._engine
        async with engine.store.unit() as unit:
            if claim.mode == UNSUBSCRIBE and claim.attempts >= subscription.FAREWELLS:
                await subscribing.left(unit, claim)
            else:
                due_at = subscription.ask_again_at(engine.store.now(), claim.attempts, engine.chance())
                await subscribing.asked(unit, claim, due_at=due_at, fault=fault)
