"""`hub backfill`: fetch what a source published before the hub knew it, with progress; safe to stop and to go on."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.store.unit import Store
    from hub.store.walks import Progress

commands = typer.Typer()

#: Seconds between two looks at the progress.
LOOK = 1.0


@commands.command()
def backfill(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day that is wanted: 2026-01-31.")
    ] = None,
    stop: Annotated[
        bool, typer.Option("--stop", help="End the backfill of this source; what it brought stays.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Show the progress until it is done; Ctrl-C leaves it at work.")] = True,
) -> None:
    """Walk back through a source's lists or sitemaps, page by page and politely; what is known is not doubled."""
    from hub.cli import opening

    call: Invocation = context.obj
    if (since is None) is not stop:
        raise typer.BadParameter("give either --from DATE or --stop", param_hint="--from")

    async def work(settings: "Settings") -> "Progress | None":
        from hub.control_socket import ask

        command, arguments = "stop_backfill", {"source": source, "who": opening.who()}
        if since is not None:
            command, arguments = "backfill", arguments | {"since": since.date().isoformat()}
        try:
            await ask(settings.data_dir, command, arguments)
        except (FileNotFoundError, ConnectionError):
            return await _by_ourselves(settings, command, arguments, source, wait=wait and not stop)
        async with opening.reading(settings) as store:
            return await _watch(store, source, wait=wait and not stop)

    found = opening.run(call, work, quiet=True)
    from dataclasses import asdict

    call.answer(asdict(found) if found else None, lambda: [_line(found) if found else "Không có lượt thu bù nào."])


async def _by_ourselves(
    settings: "Settings", command: str, arguments: dict[str, Any], source: str, *, wait: bool
) -> "Progress | None":
    """No process works on this database: walk here, as long as somebody waits."""
    from hub import control
    from hub.app import open_hub

    async with open_hub(settings) as hub:
        await control.execute(hub.engine, command, arguments)
        return await hub.walk(source, on_progress=_show) if wait else await _latest(hub.engine.store, source)


async def _watch(store: "Store", source: str, *, wait: bool) -> "Progress | None":
    """Another process walks: look how far it is."""
    import asyncio

    while True:
        found = await _latest(store, source)
        if not wait or found is None or not found.goes_on:
            return found
        _show(found)
        await asyncio.sleep(LOOK)


async def _latest(store: "Store", source: str) -> "Progress | None":
    from hub.store import walks

    return next(iter(await walks.progress(store, source)), None)


def _show(found: "Progress") -> None:
    if typer.get_text_stream("stderr").isatty():
        typer.echo(f"\r{_line(found)}\x1b[K", err=True, nl=False)


def _line(found: "Progress") -> str:
    state = {"running": "đang thu bù", "done": "đã thu bù xong", "failed": "thu bù bị dừng do lỗi",
             "stopped": "đã dừng thu bù theo yêu cầu"}[found.state]  # fmt: skip
    line = f"{found.source}: {state} từ ngày {found.since}, {found.pages} trang, {found.new} tin mới"
    line += f", {found.known} tin đã có" if found.known else ""
    line += f", {found.waiting} mục chờ đọc" if found.waiting else ""
    return f"{line}. {found.note}".rstrip()
