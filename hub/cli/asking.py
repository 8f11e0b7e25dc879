"""`hub status`, `trace`, `held`, `dead`, `export`: questions. They read beside a hub at work and change nothing."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.queries.dead import Dead
    from hub.queries.held import HeldEdition
    from hub.queries.status import Status
    from hub.queries.trace import Trace
    from hub.settings import Settings

commands = typer.Typer()


@commands.command()
def status(context: typer.Context) -> None:
    """Show how the hub is, and what needs a person."""
    from hub.cli import opening
    from hub.cli.picture import summary

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "Status":
        from hub.queries.status import status

        async with opening.reading(settings) as store:
            return await status(store, settings.zone)

    found = opening.run(call, ask, quiet=True)
    call.answer(asdict(found), lambda: summary(found))


@commands.command()
def trace(
    context: typer.Context, what: Annotated[str, typer.Argument(help="A content id, an address or a guid.")]
) -> None:
    """Tell everything that happened to one item, from its source to its readers."""
    from hub.cli import opening
    from hub.cli.tracing import told

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[Trace], ZoneInfo]":
        from hub.queries.trace import trace

        async with opening.reading(settings) as store:
            return await trace(store, what), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: told(found, zone))
    if not found:
        raise typer.Exit(1)


@commands.command()
def held(
    context: typer.Context, limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows at most.")] = 50
) -> None:
    """List the editions that wait for a person, oldest first."""
    from hub.cli import opening
    from hub.cli.tracing import waiting

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[HeldEdition], ZoneInfo]":
        from hub.queries.held import held

        async with opening.reading(settings) as store:
            return await held(store, limit=limit + 1), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    shown, more = found[:limit], len(found) > limit
    call.answer([asdict(each) for each in shown], lambda: waiting(shown, zone, more=more))


@commands.command()
def dead(
    context: typer.Context, limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows of each kind.")] = 50
) -> None:
    """List what was set aside and waits for a person."""
    from hub.cli import opening
    from hub.cli.tracing import set_aside

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "Dead":
        from hub.queries.dead import dead

        async with opening.reading(settings) as store:
            return await dead(store, limit=limit)

    found = opening.run(call, ask, quiet=True)
    call.answer(asdict(found), lambda: set_aside(found))


export = typer.Typer(help="Write out what is stored.")
commands.add_typer(export, name="export")


@export.callback()
def _export() -> None:
    """Write out what is stored."""


@export.command()
def editions(
    context: typer.Context,
    format: Annotated[str, typer.Option(help="jsonl: one line of JSON for each edition.")] = "jsonl",
) -> None:
    """Every stored edition, oldest first."""
    from hub.cli import opening

    call: Invocation = context.obj
    if format != "jsonl":
        raise typer.BadParameter("only jsonl is known", param_hint="--format")

    async def ask(settings: "Settings") -> None:
        import sys

        import orjson

        from hub.queries.editions import editions

        async with opening.reading(settings) as store:
            async for edition in editions(store):
                sys.stdout.buffer.write(orjson.dumps(edition) + b"\n")

    opening.run(call, ask, quiet=True)
