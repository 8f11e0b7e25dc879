"""Approve an edition at a later hour: a person plans it, the schedule role carries it out as that person (ADR 035)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from connectors.errors import HubError, TransientError
from hub.commands.approve import approve, must_be_second
from hub.engine import Engine
from hub.store import deciding, planning
from hub.store.deciding import DecisionRefusedError
from schemas.edition import EditionState

log = structlog.get_logger(__name__)

#: No plan reaches further: who decided must still be somebody who can be asked.
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """An approval that is planned."""

    content_id: UUID
    revision: int
    at: datetime


async def schedule(
    engine: Engine, content_id: UUID, *, at: datetime, revision: int | None = None, who: str, why: str = ""
) -> Scheduled:  # fmt: skip
    """Approve this edition (the newest by default) at `at`; a time without a zone is one of the hub's own.

    A newer edition meanwhile voids the plan. Raises DecisionRefusedError: not held, a time that has passed.
    """
    at = at if at.tzinfo else at.replace(tzinfo=engine.zone)
    now = engine.store.now()
    if not now < at <= now + FURTHEST:
        raise DecisionRefusedError(
            f"{at.isoformat()} is no time to plan for", code="bad_time",
            sentence="Giờ hẹn phải ở sau thời điểm hiện tại và trong vòng một năm. Muốn đăng ngay thì bấm Duyệt.",
        )  # fmt: skip
    edition = await deciding.decidable(engine.store, content_id, revision)
    must_be_second(engine, edition.author, who)
    if edition.state is not EditionState.HELD or edition.item is None:
        raise deciding.not_held(edition)
    async with engine.store.unit() as unit:
        await deciding.still_held(unit, edition)
        await planning.plan(unit, content_id, edition.revision, at=at, who=who, why=why)
    return Scheduled(content_id=content_id, revision=edition.revision, at=at)


async def unschedule(engine: Engine, content_id: UUID, *, who: str, why: str = "") -> int:
    """Take a plan away; the edition waits for a decision as before. Returns its revision.

    Raises DecisionRefusedError when there is no plan, or it has been carried out.
    """
    async with engine.store.unit() as unit:
        revision = await planning.cancelled(unit, content_id, who=who, why=why)
        if revision is None:
            raise DecisionRefusedError(
                f"nothing is planned for {content_id}",
                sentence="Bài này không có lịch đăng nào đang chờ: đã đăng, đã huỷ hoặc chưa hẹn giờ.",
            )
    return revision


async def carry_out_plans(engine: Engine) -> int:
    """Approve what was planned for a time that has come, also one that passed while the hub was down.

    A plan that cannot be carried out is void, with its reason for the front page. Returns how many were approved.
    """
    done = 0
    for plan in await planning.due(engine.store):
        try:
            await approve(engine, plan.content_id, revision=plan.revision, who=plan.who, why=plan.why)
            done += 1
        except TransientError:
            raise
        except HubError as error:
            log.warning("a plan cannot be carried out", content_id=str(plan.content_id), code=error.code)
            async with engine.store.unit() as unit:
                await planning.failed(unit, plan, error.code, error.sentence)
    return done
