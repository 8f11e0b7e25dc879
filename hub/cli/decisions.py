"""`hub approve`, `reject`, `withdraw`, `replay`, `release`, `discard`, `free`, `pause`, `resume`: what people decide.

Embedded, one process owns the database: these commands say so while `hub run` works on it.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.engine import Engine
    from hub.settings import Settings

commands = typer.Typer()

ContentId = Annotated[UUID, typer.Argument(help="The item's content id.")]
Revision = Annotated[int | None, typer.Option(min=1, help="Which edition; the newest if left out.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


class Endpoint(StrEnum):
    """What may be paused."""

    SOURCE = "source"
    DESTINATION = "destination"


class Gone(StrEnum):
    """What is left where the item stood."""

    NOTICE = "notice"
    REDIRECT = "redirect"
    GONE = "gone"
    VANISH = "vanish"


def _decide(context: typer.Context, command: Callable[["Engine"], Awaitable[Any]], said: str) -> None:
    """Run one command of hub.commands and say what came of it."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> Any:
        async with opening.deciding(settings) as hub:
            return await command(hub.engine)

    result = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "result": result}, lambda: [said.format(result)])


@commands.command()
def approve(
    context: typer.Context, content_id: ContentId, revision: Revision = None, why: Why = "", who: Who = ""
) -> None:
    """Approve a held edition: it is public from now on."""
    from hub.cli.opening import who as account
    from hub.commands.approve import approve

    def command(engine: "Engine") -> Awaitable[int]:
        return approve(engine, content_id, revision=revision, who=who or account(), why=why)

    _decide(context, command, "Đã duyệt phiên bản {}.")


@commands.command()
def reject(
    context: typer.Context, content_id: ContentId, revision: Revision = None, why: Why = "", who: Who = ""
) -> None:
    """Reject a held edition: it will not be public."""
    from hub.cli.opening import who as account
    from hub.commands.reject import reject

    def command(engine: "Engine") -> Awaitable[int]:
        return reject(engine, content_id, revision=revision, who=who or account(), why=why)

    _decide(context, command, "Đã từ chối phiên bản {}.")


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
    from hub.cli.opening import who as account
    from hub.commands.withdraw import withdraw
    from schemas.edition import WithdrawalKind

    def command(engine: "Engine") -> Awaitable[int]:
        return withdraw(
            engine, content_id, kind=WithdrawalKind(kind), reason=reason, redirect_to=redirect_to, who=who or account()
        )

    _decide(context, command, "Đã gỡ; việc gỡ là phiên bản {}.")


@commands.command()
def replay(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="All kept captures of this source.")] = None,
    capture: Annotated[int | None, typer.Option(min=1, help="One capture.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All kept captures.")] = False,
) -> None:
    """Read kept captures again with today's mapping; no network is used."""
    from hub.cli.opening import who as account
    from hub.commands.replay import Replayed, replay

    if sum((source is not None, capture is not None, everything)) != 1:
        raise typer.BadParameter("give one of --source, --capture, --all")

    def command(engine: "Engine") -> Awaitable[Replayed]:
        return replay(engine, source=source, capture=capture, who=account())

    _decide(context, command, "Sẽ đọc lại {0.captures} lượt thu; {0.without_body} lượt không còn bản gốc.")


@commands.command()
def release(context: typer.Context, capture: int, why: Why = "", who: Who = "") -> None:
    """Let a run that the guard holds go on."""
    from hub.cli.opening import who as account
    from hub.commands.decide_run import release_run

    _decide(
        context, lambda engine: release_run(engine, capture, who=who or account(), why=why), "Đã cho lượt thu đi tiếp."
    )


@commands.command()
def discard(context: typer.Context, capture: int, why: Why = "", who: Who = "") -> None:
    """Throw a run away that the guard holds."""
    from hub.cli.opening import who as account
    from hub.commands.decide_run import discard_run

    _decide(context, lambda engine: discard_run(engine, capture, who=who or account(), why=why), "Đã bỏ lượt thu.")


@commands.command()
def free(
    context: typer.Context,
    deliveries: Annotated[list[int] | None, typer.Argument(help="Ids of deliveries; see `hub dead`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Send again what was refused or parked."""
    from hub.cli.opening import who as account
    from hub.commands.free import free

    if bool(deliveries) == everything:
        raise typer.BadParameter("give ids of deliveries, or --all")
    _decide(context, lambda engine: free(engine, deliveries or None, who=account()), "Sẽ gửi lại {} lượt.")


@commands.command()
def pause(context: typer.Context, endpoint: Endpoint, name: str, why: Why = "", who: Who = "") -> None:
    """Stop asking a source, or sending to a destination; its work waits."""
    from hub.cli.opening import who as account
    from hub.commands.pause import pause

    _decide(
        context,
        lambda engine: pause(engine, endpoint.value, name, who=who or account(), why=why),
        f"Đã tạm dừng {name}.",
    )


@commands.command()
def resume(context: typer.Context, endpoint: Endpoint, name: str, why: Why = "", who: Who = "") -> None:
    """Let a source or destination go on; what waited is due at once."""
    from hub.cli.opening import who as account
    from hub.commands.pause import resume

    _decide(
        context, lambda engine: resume(engine, endpoint.value, name, who=who or account(), why=why), f"{name} tiếp tục."
    )
