"""`hub sample`: a whole province on this machine, to look at and to try things on."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.queries.status import Status
    from hub.sample.run import SampleWorld
    from hub.store.reconciling import Run

commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a few rounds gave."""

    status: "Status"  #: of the hub
    portal: Mapping[str, int]  #: what it has counted
    base: Mapping[str, int]
    page: Mapping[str, int]
    runs: "Mapping[str, Run]"  #: how a destination and the hub compare


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
        _answer(call, found)


async def _sample(
    folder: Path, feeds: Path | None, *, keep: bool, once: bool, live: bool, json: bool
) -> Outcome | None:
    from hub.app import open_hub
    from hub.sample.run import sample_world
    from hub.settings import load_settings

    async with (
        sample_world(folder, feeds=feeds, keep=keep, haste=once) as world,
        open_hub(load_settings(world.settings)) as hub,
    ):
        if once:
            return await _rounds(hub, world, quiet=json)
        await _go_on(hub, world, folder, live=live)
    return None


async def _rounds(hub: "Hub", world: "SampleWorld", *, quiet: bool) -> Outcome:
    from hub.cli.picture import watched
    from hub.queries.status import status
    from hub.sample.settings import BASE, FANPAGE

    runs = {}
    async with watched(hub.engine.store, quiet=quiet) as look:
        for lap in range(ROUNDS):
            if lap:
                world.let_time_pass()
            await hub.once(everything=True, on_progress=look)
            last = lap == ROUNDS - 1
            if world.base and (last or not lap):  # what was changed between the two was changed there
                runs[BASE] = await _compare(hub, BASE, look)
            if world.fanpage and last:
                runs[FANPAGE] = await _compare(hub, FANPAGE, look)
    return Outcome(
        status=await status(hub.engine.store, hub.engine.zone), portal=world.portal_counters(),
        base=world.base_counters(), page=world.page_counters(), runs={name: run for name, run in runs.items() if run},
    )  # fmt: skip


async def _compare(hub: "Hub", destination: str, look: Callable[[], None]) -> "Run | None":
    """What a destination holds, beside what it should show."""
    from hub.commands.reconcile import reconcile

    await reconcile(hub.engine, destination, who="hub sample")
    return await hub.reconcile(destination, on_progress=lambda _: look())


async def _go_on(hub: "Hub", world: "SampleWorld", folder: Path, *, live: bool) -> None:
    """Work until Ctrl-C, with a table that changes while one looks at it."""
    from hub.sample import people

    addresses = dict(world.addresses)
    known = await people.settle(hub.engine, folder)

    def ready(web: str) -> None:
        addresses["Trang của hệ thống (hub)"] = web
        addresses["Bảng điều khiển (console)"] = f"{web}/console/"
        addresses["Đăng nhập / mật khẩu"] = known
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


def _answer(call: Invocation, found: Outcome) -> None:
    from hub.cli.picture import summary

    def lines() -> Iterator[str]:
        yield from summary(found.status)
        yield f"Cổng tỉnh đã nhận: {_counted(found.portal)}"
        if found.base:
            yield f"Cơ sở dữ liệu quốc gia (mẫu) đã nhận: {_counted(found.base)}"
        if found.page:
            yield f"Trang cộng đồng (mẫu): {_counted(found.page)}"
        for run in found.runs.values():
            if run.counts:
                yield _compared(run)

    told = asdict(found)
    call.answer(told.pop("status") | told, lines)


def _counted(counters: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counters.items())


def _compared(run: "Run") -> str:
    from hub.cli.words import DIFFERENCES

    counts = run.counts
    differences = ", ".join(f"{counts[kind]} {word}" for kind, word in DIFFERENCES.items() if counts.get(kind))
    return (
        f"Đối soát {run.destination}: nơi nhận có {counts['held']} bản ghi, khớp {counts['same']}; khác biệt:"
        f" {differences or 'không có'} (hub reconcile {run.destination} --list)"
    )
