"""Pause or resume a source or a destination; its work waits, nothing is dropped."""

from typing import Literal

from hub.engine import Engine
from hub.store import deciding
from hub.store.states import EndpointState

Endpoint = Literal["source", "destination"]


async def pause(engine: Engine, endpoint: Endpoint, name: str, *, who: str, why: str = "") -> None:
    """Stop asking this source, or sending to this destination. Raises DecisionRefusedError when there is none."""
    async with engine.store.unit() as unit:
        await deciding.endpoint_set(unit, endpoint, name, EndpointState.PAUSED, who=who, why=why)


async def resume(engine: Engine, endpoint: Endpoint, name: str, *, who: str, why: str = "") -> None:
    """Go on, also after it refused us; what waited is due at once. Raises DecisionRefusedError when there is none."""
    async with engine.store.unit() as unit:
        await deciding.endpoint_set(unit, endpoint, name, EndpointState.ACTIVE, who=who, why=why)
