"""`hub tasks list | done | drop`: what officers are asked to do by hand, and saying that it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.tasks import OpenTask
    from hub.settings import Settings

commands = typer.Typer()
tasks = typer.Typer(help="What officers are asked to do by hand.")
commands.add_typer(tasks, name="tasks")

Id = Annotated[int, typer.Argument(min=1, help="Number of the task; see `hub tasks list`.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who did it; your account if left out.")]


@tasks.command("list")
def listed(
    context: typer.Context,
    destination: Annotated[str | None, typer.Option(help="Only those of this destination.")] = None,
) -> None:
    """List what is open, most urgent first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "list[OpenTask]":
        from hub.queries.tasks import every_task

        async with opening.reading(settings) as store:
            return [task async for task in every_task(store, settings.zone, destination=destination)]

    found = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _told(found))


@tasks.command()
def done(context: typer.Context, task: Id, why: Why = "", who: Who = "") -> None:
    """Say that a task is done; the next comparison checks it."""
    _close(context, "finish_task", "Đã ghi nhận hoàn thành: {}.", task, why, who)


@tasks.command()
def drop(context: typer.Context, task: Id, why: Why = "", who: Who = "") -> None:
    """Say that a task is not needed any more."""
    _close(context, "drop_task", "Đã bỏ việc: {}.", task, why, who)


def _close(context: typer.Context, command: str, said: str, task: int, why: str, who: str) -> None:
    from hub.cli import opening

    call: Invocation = context.obj
    arguments = {"task": task, "why": why, "who": who or opening.who()}

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    subject = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "subject": subject}, lambda: [said.format(subject)])


def _told(found: "Sequence[OpenTask]") -> Iterator[str]:
    from hub.cli.words import TASKS

    if not found:
        yield "Không có việc nào đang chờ cán bộ."
    for each in found:
        due = f"hạn {each.due:%d/%m/%Y}" if each.due else "không có hạn"
        due += f", QUÁ HẠN {each.overdue} ngày làm việc" if each.overdue else ""
        where = f" tại {each.destination}" if each.destination else ""
        yield f"{each.id}. {TASKS.get(each.what, each.what)}{where}: {each.title} [{each.subject}] – {due}"
        if each.member:
            yield f"   {each.member}"
