"""Approve a held edition: it is public from now on, and goes wherever routing sends it today."""

from uuid import UUID

from hub.engine import Engine
from hub.rules.routing import Facts, route
from hub.store import deciding


async def approve(engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = "") -> int:
    """Approve one edition, the newest by default. Returns its revision; raises DecisionRefusedError."""
    edition = await deciding.decidable(engine.store, content_id, revision)
    if edition.item is None:
        raise deciding.DecisionRefusedError(
            "a withdrawal cannot be approved", sentence="Nội dung này đã gỡ; không còn phiên bản nào chờ duyệt."
        )
    routing = route(
        edition.item,
        Facts(member=edition.member, source=edition.source, kind=edition.kind),
        engine.routes,
        engine.store.now().astimezone(engine.zone),
    )
    async with engine.store.unit() as unit:
        await deciding.approved(unit, edition, routing, who=who, why=why)
    return edition.revision
