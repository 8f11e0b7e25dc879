"""Compare a destination with what the hub holds; the run goes on in the background and survives restarts."""

from connectors.base import Reconcilable
from connectors.errors import ConfigError
from hub.engine import Engine
from hub.store import reconciling


async def reconcile(engine: Engine, destination: str, *, apply: bool = False, who: str) -> int:
    """Begin a run, or join the one that goes on; `apply` also asks for what was accepted. Returns the run's id.

    Raises ConfigError: `unknown_destination`, `not_reconcilable`, `destination_paused`.
    """
    must_be_reconcilable(engine, destination)
    async with engine.store.unit() as unit:
        if not await reconciling.may_be_asked(unit, destination):
            raise ConfigError(
                f"{destination} is paused", code="destination_paused",
                sentence=f"Nơi nhận «{destination}» đang tạm dừng nên chưa đối soát được. Cho chạy lại bằng lệnh"
                f" hub resume destination {destination}, rồi đối soát.",
            )  # fmt: skip
        return await reconciling.begin(unit, destination, apply=apply, who=who)


async def stop_reconciliation(engine: Engine, destination: str, *, who: str) -> bool:
    """End the run of a destination; what it read stays. False when none goes on."""
    async with engine.store.unit() as unit:
        return await reconciling.stop(unit, destination, who=who)


def must_be_reconcilable(engine: Engine, destination: str) -> None:
    """Raises ConfigError for a name that no destination has, and for one that cannot tell what it holds."""
    place = engine.destination(destination)
    if not isinstance(place.destination, Reconcilable):
        raise ConfigError(
            f"{destination} ({place.connector}) cannot tell what it holds", code="not_reconcilable",
            sentence=f"Nơi nhận «{destination}» không cho biết đang giữ những gì nên không đối soát được.",
        )  # fmt: skip
