"""Say whether a destination may show an item: where `approval` wants a person, beside the approval of the item."""

from uuid import UUID

from hub.engine import Engine
from hub.rules.two_persons import Matter
from hub.store import posting
from hub.store.deciding import SecondPersonNeededError


async def approve_post(
    engine: Engine, content_id: UUID, destination: str, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Let a destination show what waits; with `revision` only that one, which was looked at.

    Returns the revision; raises DecisionRefusedError, SecondPersonNeededError where the settings want two people.
    """
    if Matter.POSTS in engine.two_persons:
        raise SecondPersonNeededError("posts take two")
    async with engine.store.unit() as unit:
        return await posting.approve(unit, destination, content_id, revision=revision, who=who, why=why)


async def confirm_post(
    engine: Engine, content_id: UUID, destination: str, *, remote_id: str = "", who: str, why: str = ""
) -> int:  # fmt: skip
    """Somebody has looked: the destination shows it as it is wanted (of a withdrawal: shows nothing), after a call of
    which nobody knew the outcome. `remote_id` is its number or address there, which later editions need at places that
    cannot be searched. Returns the revision; raises DecisionRefusedError.
    """
    async with engine.store.unit() as unit:
        return await posting.confirm(unit, destination, content_id, remote_id=remote_id.strip(), who=who, why=why)


async def refuse_post(
    engine: Engine, content_id: UUID, destination: str, *, revision: int | None = None, who: str, why: str = ""
) -> int:  # fmt: skip
    """Do not show it there; a newer revision is asked about again. As `approve_post`."""
    async with engine.store.unit() as unit:
        return await posting.refuse(unit, destination, content_id, revision=revision, who=who, why=why)
