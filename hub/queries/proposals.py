"""Which decisions wait for a second person?"""

from hub.rules.access import EVERYWHERE, Scope
from hub.store import seconding
from hub.store.seconding import Proposed
from hub.store.unit import Store


async def proposals(store: Store, scope: Scope = EVERYWHERE, *, limit: int = 100) -> list[Proposed]:
    """Open proposals, oldest first. Whoever made one cannot confirm it (`Proposed.who`)."""
    return await seconding.waiting(store, scope, limit=limit)
