"""Opens the hub for one command: the event loop, the log, and the hub itself."""

import asyncio
import contextlib
import getpass
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.cli.invocation import Invocation
    from hub.engine import Engine
    from hub.settings import Settings
    from hub.store.unit import Store

Result = TypeVar("Result")


def run(call: "Invocation", work: Callable[["Settings"], Awaitable[Result]], *, quiet: bool = False) -> Result:
    """Load the settings and run `work` in an event loop; SIGTERM and Ctrl-C let it settle what is in hand.

    `quiet` keeps everything below warnings out of the log: the command has its own picture of what happens.
    """
    import uvloop

    settings = call.load_settings()
    set_up_log(json=call.json or not sys.stderr.isatty(), quiet=quiet, settings=settings)
    with call.failing(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_stoppable(work(settings)))


async def _stoppable(work: Awaitable[Result]) -> Result:
    task = asyncio.ensure_future(work)
    # Ctrl-C takes the same way: the runner's own handler was seen to be late once, under load.
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise SystemExit(0) from None


def set_up_log(*, json: bool, quiet: bool, settings: "Settings | None" = None) -> None:
    """One line per event on standard error: JSON for machines, columns for a person; no secret of the settings."""
    import structlog

    from hub.settings.hiding import Hiding

    level, hide = logging.WARNING if quiet else logging.INFO, Hiding(settings)

    class _Discreet(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return hide(super().format(record))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Discreet(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
    # No values of variables in tracebacks: they hold tokens and the texts of items.
    plain = structlog.dev.plain_traceback
    written: list[structlog.types.Processor] = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    if json:
        written = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *written,
            lambda _logger, _method, line: hide(str(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@asynccontextmanager
async def reading(settings: "Settings") -> AsyncIterator["Store"]:
    """The store for questions only; another process may be working on it meanwhile."""
    from hub.broker import connect
    from hub.clock import SystemClock
    from hub.store.database import Database
    from hub.store.unit import Store

    async with await Database.open(settings.database_url, base=settings.folder, read_only=True) as database:
        yield Store(database, connect(""), SystemClock())


@asynccontextmanager
async def looking(settings: "Settings") -> AsyncIterator["Engine"]:
    """Everything constructed, for questions that need the connectors; beside a process at work, writing nothing."""
    from hub.app import open_engine
    from hub.clock import SystemClock

    async with open_engine(settings, SystemClock(), read_only=True) as engine:
        yield engine


@asynccontextmanager
async def deciding(settings: "Settings") -> AsyncIterator["Hub"]:
    """The hub for one command of a person."""
    from hub.app import open_hub

    async with open_hub(settings, settles_in=False) as hub:
        yield hub


async def carry_out(settings: "Settings", command: str, arguments: Mapping[str, Any]) -> Any:
    """What one command of hub.commands came to: in the process at work, or in this one where none listens.

    Returns plain JSON; raises as hub.control.execute.
    """
    from hub.control_socket import ask

    try:
        return await ask(settings.data_dir, command, arguments)
    except (FileNotFoundError, ConnectionError):
        from hub import control

        async with deciding(settings) as hub:
            return await control.execute(hub.engine, command, arguments)


def who() -> str:
    """Who decides on the command line: the account of the machine."""
    with contextlib.suppress(OSError, KeyError):
        return f"cli:{getpass.getuser()}"
    return "cli"
