"""`hub run` and `hub once`: the hub at work."""

import asyncio
import gc
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.status import Status
    from hub.settings import Settings

commands = typer.Typer()

#: seconds between two looks at a round of the process at work
LOOK: Final = 0.02


@commands.command()
def run(
    context: typer.Context,
    roles: Annotated[
        str, typer.Option(help="Parts of the work, with commas: harvest, normalise, deliver, web, schedule.")
    ] = "",
) -> None:
    """Work until stopped. Several processes share the work where PostgreSQL and RabbitMQ are set."""
    from hub.cli import opening

    call: Invocation = context.obj
    chosen = [role.strip() for role in roles.split(",") if role.strip()]

    async def work(settings: "Settings") -> None:
        from ctypes import CDLL

        from hub.app import ROLES, open_hub
        from hub.resting import keep_little
        from hub.supervisor import supervised

        keep_little(CDLL(None))  # before the first thread
        _check_roles(chosen, ROLES, settings)
        async with supervised() as supervisor, open_hub(settings) as hub:
            gc.freeze()  # what stands now stays: no collection has to walk over it
            await hub.run(chosen or ROLES, ready=supervisor.ready)

    opening.run(call, work)


@commands.command()
def once(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Poll all sources, not only those whose time has come.")
    ] = False,
) -> None:
    """Poll everything that is due, work until idle, and print what happened.

    A process that is at work does it: this command asks it, and waits.
    """
    from hub.cli import opening
    from hub.cli.picture import summary, watched

    call: Invocation = context.obj

    async def work(settings: "Settings") -> "Status":
        from hub.queries.status import status

        if await _by_the_process_at_work(settings, everything=everything):
            async with opening.reading(settings) as store:
                return await status(store, settings.zone)
        from hub.app import open_hub

        async with open_hub(settings) as hub, watched(hub.engine.store, quiet=call.json) as look:
            gc.freeze()
            await hub.once(everything=everything, on_progress=look)
            return await status(hub.engine.store, hub.engine.zone)

    found = opening.run(call, work, quiet=not call.json)
    from dataclasses import asdict

    call.answer(asdict(found), lambda: summary(found))


async def _by_the_process_at_work(settings: "Settings", *, everything: bool) -> bool:
    """Have it do a round, and wait for its end. False when none is at work here."""
    from hub.cli import opening
    from hub.control_socket import ask

    try:
        began = await ask(settings.data_dir, "begin_round", {"everything": everything, "who": opening.who()})
    except (FileNotFoundError, ConnectionError):
        return False
    while await ask(settings.data_dir, "left_of_round", {"began": began}):  # noqa: ASYNC110 - the work is elsewhere
        await asyncio.sleep(LOOK)
    return True


def _check_roles(chosen: list[str], known: tuple[str, ...], settings: "Settings") -> None:
    from connectors.errors import ConfigError

    if unknown := sorted(set(chosen) - set(known)):
        raise ConfigError(
            f"--roles: {', '.join(unknown)} is none of {', '.join(known)}",
            sentence=f"Không có vai trò {', '.join(unknown)}. Các vai trò: {', '.join(known)}.",
        )
    shared = settings.broker_url and not settings.database_url.startswith("sqlite")
    if chosen and set(chosen) != set(known) and not shared:
        raise ConfigError(
            "--roles: one process does all the work unless database.url is PostgreSQL and broker.url is RabbitMQ",
            sentence="Chỉ chia vai trò cho nhiều tiến trình khi dùng PostgreSQL và RabbitMQ."
            " Nếu không, hãy bỏ --roles.",
        )
