"""`hub sample`: a whole province on this machine, to look at and to try things on."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.queries.status import Status
    from hub.sample.run import SampleWorld

commands = typer.Typer()

#: rounds of `--once`: what is there, then twice what happened meanwhile
ROUNDS = 3


@commands.command()
def sample(
    context: typer.Context,
    once: Annotated[bool, typer.Option(help="A few rounds and a summary instead of going on for ever.")] = False,
    feeds: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Serve this folder of saved feeds instead of the province."),
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where the sample keeps its settings, database and portal.")] = Path(
        "var/sample"
    ),
    keep: Annotated[bool, typer.Option(help="Go on where the last run ended instead of starting afresh.")] = False,
) -> None:
    """Run an invented province on this machine: member sites, the hub, and a portal to look at."""
    import sys

    import uvloop

    from hub.cli.opening import set_up_log

    call: Invocation = context.obj
    set_up_log(json=True, quiet=True)
    live = not once and not call.json and sys.stdout.isatty()
    with call.failing(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_sample(folder, feeds, keep=keep, once=once, live=live, json=call.json))
    if found is not None:
        _answer(call, *found)


async def _sample(
    folder: Path, feeds: Path | None, *, keep: bool, once: bool, live: bool, json: bool
) -> "tuple[Status, Mapping[str, int]] | None":
    from hub.app import open_hub
    from hub.sample.run import sample_world
    from hub.settings import load_settings

    async with sample_world(folder, feeds=feeds, keep=keep) as world, open_hub(load_settings(world.settings)) as hub:
        if once:
            return await _rounds(hub, world, quiet=json)
        await _go_on(hub, world, live=live)
    return None


async def _rounds(hub: "Hub", world: "SampleWorld", *, quiet: bool) -> "tuple[Status, Mapping[str, int]]":
    from hub.cli.picture import watched
    from hub.queries.status import status

    async with watched(hub.engine.store, quiet=quiet) as look:
        for lap in range(ROUNDS):
            if lap:
                world.let_time_pass()
            await hub.once(everything=True, on_progress=look)
    return await status(hub.engine.store, hub.engine.zone), world.portal_counters()


async def _go_on(hub: "Hub", world: "SampleWorld", *, live: bool) -> None:
    """Work until Ctrl-C, with a table that changes while one looks at it."""
    addresses = dict(world.addresses)

    def ready(web: str) -> None:
        addresses["Trang của hệ thống (hub)"] = web
        if not live:
            for name, address in addresses.items():
                typer.echo(f"{name}: {address}")

    work = asyncio.create_task(hub.run(ready=ready))
    try:
        if live:
            await _table(hub, work, lambda: addresses)
        await work
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _table(hub: "Hub", work: "asyncio.Task[None]", addresses: Callable[[], Mapping[str, str]]) -> None:
    from rich.live import Live

    from hub.cli.picture import live_table
    from hub.queries.status import status

    with Live(auto_refresh=False) as screen:
        while not work.done():
            screen.update(live_table(await status(hub.engine.store, hub.engine.zone), addresses()), refresh=True)
            await asyncio.wait([work], timeout=1.0)


def _answer(call: Invocation, found: "Status", portal: Mapping[str, int]) -> None:
    from dataclasses import asdict

    from hub.cli.picture import summary

    call.answer(
        asdict(found) | {"portal": dict(portal)},
        lambda: [
            *summary(found),
            "Cổng tỉnh đã nhận: " + ", ".join(f"{count} {name}" for name, count in portal.items()),
        ],
    )
