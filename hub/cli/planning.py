"""`hub planned`, `hub unplan`, `hub return`: approvals for a later hour, and sending an edition back with a remark."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.decisions import ContentId, Revision, Who, Why, decide
from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.queries.planned import PlannedApproval
    from hub.settings import Settings

commands = typer.Typer()


@commands.command()
def planned(context: typer.Context) -> None:
    """List approvals that are planned, and plans that came to nothing."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[PlannedApproval], ZoneInfo]":
        from hub.queries.planned import planned

        async with opening.reading(settings) as store:
            return await planned(store), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _told(found, zone))


@commands.command()
def unplan(context: typer.Context, content_id: ContentId, why: Why = "", who: Who = "") -> None:
    """Take a plan away; the edition waits for a decision as before."""
    decide(context, "Đã huỷ lịch đăng phiên bản {}.", "unschedule", content_id=str(content_id), who=who, why=why)


@commands.command("return")
def return_edition(
    context: typer.Context,
    content_id: ContentId,
    remark: Annotated[str, typer.Option(help="What is to be mended; whoever wrote it reads this.")],
    revision: Revision = None,
    who: Who = "",
) -> None:
    """Send a held edition back with a remark."""
    said = "Đã trả lại phiên bản {}."
    decide(context, said, "return", content_id=str(content_id), revision=revision, remark=remark, who=who)


def _told(plans: "Sequence[PlannedApproval]", zone: "ZoneInfo") -> Iterator[str]:
    for plan in plans:
        at = plan.at.astimezone(zone).strftime("%d/%m/%Y %H:%M")
        state = f"hẹn {at}" if plan.state == "waiting" else f"lịch {at} không còn hiệu lực"
        yield f"{plan.content_id} bản {plan.revision} [{state}] {plan.who} · {plan.title}"
        if plan.sentence:
            yield f"    {plan.sentence}"
    if not plans:
        yield "Chưa hẹn giờ đăng bài nào (nothing is planned)."
