"""`hub approve`, `reject`, `withdraw`, `replay`, `release`, `discard`, `free`, `pause`, `resume`: what people decide.

While `hub run` works on an embedded database, it is that process which carries them out (hub.control).
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings

commands = typer.Typer()

ContentId = Annotated[UUID, typer.Argument(help="The item's content id.")]
Revision = Annotated[int | None, typer.Option(min=1, help="Which edition; the newest if left out.")]
At = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="Not before this hour, in the hub's time zone."),
]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


class Endpoint(StrEnum):
    """What may be paused. The types of hub.commands would cost `hub --help` half a second to import."""

    SOURCE = "source"
    DESTINATION = "destination"


class Gone(StrEnum):
    """What is left where the item stood: schemas.edition.WithdrawalKind, without its import."""

    NOTICE = "notice"
    REDIRECT = "redirect"
    GONE = "gone"
    VANISH = "vanish"


def decide(context: typer.Context, said: str, command: str, **arguments: Any) -> None:
    """Carry out one command of hub.commands and say what came of it."""
    from hub.cli import opening

    call: Invocation = context.obj
    arguments["who"] = arguments.get("who") or opening.who()

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    result = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "result": result}, lambda: [said.format(result)])


@commands.command()
def approve(
    context: typer.Context,
    content_id: ContentId,
    revision: Revision = None,
    at: At = None,
    why: Why = "",
    who: Who = "",
) -> None:
    """Approve a held edition: it is public from now on, or from a later hour on."""
    if at is not None:
        said, when = "Đã hẹn giờ duyệt phiên bản {0[revision]}.", at.isoformat()
        decide(
            context, said, "schedule", content_id=str(content_id), revision=revision, at=when, who=who, why=why
        )  # fmt: skip
        return
    said = "Đã duyệt phiên bản {}."
    decide(context, said, "approve", content_id=str(content_id), revision=revision, who=who, why=why)


@commands.command()
def reject(
    context: typer.Context, content_id: ContentId, revision: Revision = None, why: Why = "", who: Who = ""
) -> None:
    """Reject a held edition: it will not be public."""
    said = "Đã từ chối phiên bản {}."
    decide(context, said, "reject", content_id=str(content_id), revision=revision, who=who, why=why)


@commands.command()
def withdraw(
    context: typer.Context,
    content_id: ContentId,
    kind: Annotated[Gone, typer.Option(help="What is left where the item stood.")] = Gone.GONE,
    reason: Annotated[str, typer.Option(help="One sentence for readers.")] = "",
    redirect_to: Annotated[str, typer.Option(help="Address that replaces it, for --kind redirect.")] = "",
    who: Who = "",
) -> None:
    """Withdraw an item from everywhere it ever was."""
    if (kind is Gone.REDIRECT) != bool(redirect_to):
        raise typer.BadParameter("--kind redirect and --redirect-to belong together")
    decide(
        context, "Đã gỡ; việc gỡ là phiên bản {}.", "withdraw", content_id=str(content_id), kind=kind.value,
        reason=reason, redirect_to=redirect_to, who=who,
    )  # fmt: skip


@commands.command()
def replay(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="All kept captures of this source.")] = None,
    capture: Annotated[int | None, typer.Option(min=1, help="One capture.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All kept captures.")] = False,
) -> None:
    """Read kept captures again with today's mapping; no network is used."""
    if sum((source is not None, capture is not None, everything)) != 1:
        raise typer.BadParameter("give one of --source, --capture, --all")
    said = "Sẽ đọc lại {0[captures]} lượt thu; {0[without_body]} lượt không còn bản gốc."
    decide(context, said, "replay", source=source, capture=capture)


@commands.command()
def release(context: typer.Context, capture: int, why: Why = "", who: Who = "") -> None:
    """Let a run that the guard holds go on."""
    decide(context, "Đã cho lượt thu đi tiếp.", "release", capture=capture, who=who, why=why)


@commands.command()
def discard(context: typer.Context, capture: int, why: Why = "", who: Who = "") -> None:
    """Throw a run away that the guard holds."""
    decide(context, "Đã bỏ lượt thu.", "discard", capture=capture, who=who, why=why)


@commands.command()
def free(
    context: typer.Context,
    deliveries: Annotated[list[int] | None, typer.Argument(help="Ids of deliveries; see `hub dead`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Send again what was refused or parked."""
    if bool(deliveries) == everything:
        raise typer.BadParameter("give ids of deliveries, or --all")
    decide(context, "Sẽ gửi lại {} lượt.", "free", deliveries=deliveries or None)


@commands.command()
def pause(context: typer.Context, endpoint: Endpoint, name: str, why: Why = "", who: Who = "") -> None:
    """Stop asking a source, or sending to a destination; its work waits."""
    decide(context, f"Đã tạm dừng {name}.", "pause", endpoint=endpoint.value, name=name, who=who, why=why)


@commands.command()
def resume(context: typer.Context, endpoint: Endpoint, name: str, why: Why = "", who: Who = "") -> None:
    """Let a source or destination go on; what waited is due at once."""
    decide(context, f"{name} tiếp tục.", "resume", endpoint=endpoint.value, name=name, who=who, why=why)
