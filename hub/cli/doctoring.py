"""`hub doctor`: what is wrong with this hub, and what cures it?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.rules.doctor import Finding

commands = typer.Typer()


@commands.command()
def doctor(
    context: typer.Context,
    backups: Annotated[
        Path | None, typer.Option("--backups", help="Folder of backups: the newest has to be whole, and of last night.")
    ] = None,
) -> None:
    """Look for everything that is wrong, and name the cure of each; ends with 1 when there is something."""
    import asyncio

    from hub.cli import opening
    from hub.doctor import examine

    call: Invocation = context.obj
    opening.set_up_log(json=True, quiet=True)
    found = asyncio.run(examine(call.settings, backups=backups))
    call.answer({"ok": not found, "findings": [asdict(each) for each in found]}, lambda: _lines(found))
    if found:
        raise typer.Exit(1)


def _lines(found: "Sequence[Finding]") -> Iterator[str]:
    if not found:
        yield "Không phát hiện lỗi nào (no fault)."
    for each in found:
        yield f"[{each.code}] {each.sentence}"
        yield f"    Cách khắc phục: {each.cure}"
    if found:
        yield f"Tổng cộng {len(found)} điểm cần xử lý."
