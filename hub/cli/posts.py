"""`hub posts list | approve | refuse | confirm`: what a destination shows only after a person said yes."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.posts import HeldPost
    from hub.settings import Settings

commands = typer.Typer()
posts = typer.Typer(help="What a destination shows only after a person said yes.")
commands.add_typer(posts, name="posts")

ContentId = Annotated[UUID, typer.Argument(help="The item's content id.")]
Destination = Annotated[str, typer.Argument(help="Name of the destination.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


@posts.command("list")
def listed(
    context: typer.Context,
    destination: Annotated[str | None, typer.Option(help="Only those of this destination.")] = None,
) -> None:
    """List what waits, oldest first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "list[HeldPost]":
        from hub.queries.posts import held_posts

        async with opening.reading(settings) as store:
            return await held_posts(store, destination=destination)

    found = opening.run(call, ask, quiet=True)
    call.answer(
        [asdict(each) for each in found],
        lambda: (
            [f"{each.destination}  {each.content_id}  {each.title} ({each.member})" for each in found]
            or ["Không có nội dung nào chờ duyệt đăng."]
        ),
    )


@posts.command()
def approve(
    context: typer.Context, content_id: ContentId, destination: Destination, why: Why = "", who: Who = ""
) -> None:
    """Let a destination show what waits."""
    _decide(context, "approve_post", "Đã duyệt đăng phiên bản {}.", content_id, destination, why, who)


@posts.command()
def refuse(
    context: typer.Context, content_id: ContentId, destination: Destination, why: Why = "", who: Who = ""
) -> None:
    """Do not show it there; a newer edition is asked about again."""
    _decide(context, "refuse_post", "Không đăng phiên bản {} tại nơi nhận này.", content_id, destination, why, who)


@posts.command()
def confirm(
    context: typer.Context,
    content_id: ContentId,
    destination: Destination,
    remote_id: Annotated[str, typer.Option("--id", help="Its number or address there, for later corrections.")] = "",
    why: Why = "",
    who: Who = "",
) -> None:
    """Say that you have looked, and it is there as wanted; `hub free` sends it again instead."""
    said = "Đã ghi nhận: nơi nhận đang hiển thị đúng phiên bản {}."
    _decide(context, "confirm_post", said, content_id, destination, why, who, remote_id=remote_id)


def _decide(
    context: typer.Context, command: str, said: str, content_id: UUID, destination: str, why: str, who: str,
    **more: str,
) -> None:  # fmt: skip
    from hub.cli import opening

    call: Invocation = context.obj
    arguments = {"content_id": str(content_id), "destination": destination, "why": why, "who": who or opening.who()}
    arguments |= more

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    revision = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "revision": revision}, lambda: [said.format(revision)])
