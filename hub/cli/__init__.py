"""The `hub` command. One module beside this one per group of commands; a new module needs no entry anywhere.

A module defines `commands = typer.Typer()`. Nothing heavy is imported while it is: `hub --help` reads all modules, so
a command imports what it works with inside its function (tests/test_cli.py holds the line).
"""

import gc
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.invocation import Invocation

#: May stand before or after the command.
GLOBAL_OPTIONS = {"--settings": True, "--json": False}


def make_app() -> typer.Typer:
    """The command with all its groups."""
    app = typer.Typer(name="hub", no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
    app.callback()(_global_options)
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        commands = getattr(importlib.import_module(f"{__name__}.{module}"), "commands", None)
        if isinstance(commands, typer.Typer):
            app.add_typer(commands)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process with 0, with 1 when something is wrong, with 2 when it was misused."""
    # Most of what is made is let go at once: the collector of cycles took a ninth of a poll, and finds as much later.
    gc.set_threshold(5_000, 20, 20)
    make_app()(args=hoisted(sys.argv[1:] if arguments is None else arguments), prog_name="hub")


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the global options in front, wherever they were written."""
    front: list[str] = []
    rest = list(arguments)
    position = 0
    while position < len(rest) and rest[position] != "--":
        option, equals, _ = rest[position].partition("=")
        if option in GLOBAL_OPTIONS:
            length = 2 if GLOBAL_OPTIONS[option] and not equals else 1
            front += rest[position : position + length]
            del rest[position : position + length]
        else:
            position += 1
    return front + rest


def _global_options(
    context: typer.Context,
    settings: Annotated[
        Path, typer.Option(envvar="HUB_SETTINGS", help="Settings file. May stand after the command too.")
    ] = Path("settings.toml"),
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON. May stand after the command too.")] = False,
) -> None:
    """Pulls what a province's member sites publish and pushes it to its portal."""
    context.obj = Invocation(settings=settings, json=json)
