"""Approve a held edition: it is public from now on, and goes wherever routing sends it today."""

from uuid import UUID

from hub.engine import Engine
from hub.rules.routing import Facts, Routing, route
from hub.rules.two_persons import may_approve
from hub.store import deciding
from hub.store.deciding import Decidable, SecondPersonNeededError


async def approve(engine: Engine, content_id: UUID, *, revision: int | None = None, who: str, why: str = "") -> int:
    """Approve one edition, the newest by default. Returns its revision.

    Raises DecisionRefusedError; SecondPersonNeededError for one's own text where the settings want two people.
    """
    edition = await deciding.decidable(engine.store, content_id, revision)
    if edition.item is None:
        raise deciding.DecisionRefusedError(
            "a withdrawal cannot be approved", sentence="Nội dung này đã gỡ; không còn phiên bản nào chờ duyệt."
        )
    must_be_second(engine, edition.author, who)
    async with engine.store.unit() as unit:
        await deciding.approved(unit, edition, routing_of(engine, edition), who=who, why=why)
    return edition.revision


def must_be_second(engine: Engine, author: str, who: str) -> None:
    """Raises SecondPersonNeededError when `who` wrote the text and the settings want another person to approve it."""
    if not may_approve(engine.two_persons, author, who):
        raise SecondPersonNeededError(f"{who} wrote this edition")


def routing_of(engine: Engine, edition: Decidable) -> Routing:
    """Where routing sends an edition now."""
    assert edition.item is not None
    facts = Facts(member=edition.member, source=edition.source, kind=edition.kind)
    return route(edition.item, facts, engine.routes, engine.store.now().astimezone(engine.zone))
