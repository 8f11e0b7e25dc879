"""Pause or resume a source or a destination; its work waits, nothing is dropped."""

from typing import Literal

from connectors.base import Reconcilable
from hub.engine import Engine
from hub.store import deciding, restored
from hub.store.states import EndpointState

Endpoint = Literal["source", "destination"]


async def pause(engine: Engine, endpoint: Endpoint, name: str, *, who: str, why: str = "") -> None:
    """Stop asking this source, or sending to this destination. Raises DecisionRefusedError when there is none."""
    async with engine.store.unit() as unit:
        await deciding.endpoint_set(unit, endpoint, name, EndpointState.PAUSED, who=who, why=why)


async def resume(engine: Engine, endpoint: Endpoint, name: str, *, who: str, why: str = "") -> None:
    """Go on, also after it refused us; what waited is due at once. Raises DecisionRefusedError when there is none.

    A destination that waits because the database was restored is compared first, where it can be.
    """
    place = engine.destinations.get(name) if endpoint == "destination" else None
    if place and isinstance(place.destination, Reconcilable) and await restored.waits(engine.store, name):
        raise deciding.DecisionRefusedError(
            f"{name} waits for a comparison: the database was restored", code="compare_first",
            sentence=f"Dữ liệu vừa được khôi phục nên cần đối soát nơi nhận này trước: hub reconcile {name}. Khi đối"
            " soát xong, hệ thống tự gửi tiếp.",
        )  # fmt: skip
    async with engine.store.unit() as unit:
        await deciding.endpoint_set(unit, endpoint, name, EndpointState.ACTIVE, who=who, why=why)
        if endpoint == "destination":
            await restored.checked(unit, name)
