"""`hub backup` and `hub restore`: everything the hub knows in one file, and the way back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.store.archive import Backup

commands = typer.Typer()


@commands.command()
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="File to write; or a folder, which gets a file named by the time.")],
    keep: Annotated[int, typer.Option(min=1, help="In a folder: how many to keep; older ones are removed.")] = 14,
) -> None:
    """Back up the database to one file; the hub may be at work meanwhile. Kept attachments lie in a folder of files."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> tuple[Path, "Backup"]:
        from hub.store.archive import back_up, back_up_into

        async with opening.reading(settings) as store:
            if target.is_dir():
                return await back_up_into(store, target, keep=keep)
            return target, await back_up(store, target)

    path, made = opening.run(call, work)
    told = {"file": str(path), "at": made.at.isoformat(), "schema": made.schema, "rows": made.rows, "bytes": made.size}
    size = f"{made.size / 1024**2:.1f} MB".replace(".", ",")
    call.answer(told, lambda: [f"Đã sao lưu {sum(made.rows.values())} dòng vào {path} ({size})."])


@commands.command()
def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File that `hub backup` wrote.")],
    check: Annotated[bool, typer.Option("--check", help="Only tell whether the file is whole.")] = False,
) -> None:
    """Read a backup into an empty database. Nothing is sent afterwards before each destination was compared."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> "Backup":
        from hub.broker import connect
        from hub.clock import SystemClock
        from hub.store.archive import restore, verified
        from hub.store.database import Database
        from hub.store.unit import Store
        from hub.store.witness import Witness

        if check:
            return verified(source)
        async with await Database.open(settings.database_url, base=settings.folder) as database:
            store = Store(database, connect(""), SystemClock())
            found = await restore(store, source, who=opening.who())
            await Witness(settings.data_dir / "witness.json").write(store)
            return found

    found = opening.run(call, work)
    told = {"at": found.at.isoformat(), "schema": found.schema, "rows": found.rows, "bytes": found.size}

    def say() -> list[str]:
        taken = f"{found.at.astimezone(call.load_settings().zone):%H:%M ngày %d/%m/%Y}"
        rows = sum(found.rows.values())
        if check:
            return [f"Bản sao lưu lúc {taken} còn nguyên vẹn: {rows} dòng."]
        return [
            f"Đã khôi phục {rows} dòng từ bản sao lưu lúc {taken}.",
            "Hệ thống chưa gửi gì cho tới khi đối soát: hub reconcile NƠI-NHẬN --apply; xem hub status.",
        ]

    call.answer(told, say)
