"""`hub codes fetch`: a list of codes as a base's catalogue has it, for a board to look at before it is loaded."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.codes import SHOWN, ListName, codes, loaded_lines, told_to_load
from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.codes.catalogue import Updated
    from hub.settings import Settings

Source = Annotated[str, typer.Option("--from", help="Source whose base is asked: its name in the settings.")]


@codes.command()
def fetch(
    context: typer.Context,
    name: ListName,
    source: Source,
    to: Annotated[Path | None, typer.Option("--to", help="File to write; left out: standard output.")] = None,
    load: Annotated[bool, typer.Option("--load", help="Load it at once, as a new version.")] = False,
    who: Annotated[str, typer.Option("--who", help="Who loads; your account if left out.")] = "",
) -> None:
    """Ask a base for its catalogue; writes the list in force with the catalogue laid over it, as CSV."""
    from dataclasses import asdict

    from hub.cli import opening

    call: Invocation = context.obj
    with call.failing():
        _refuse_to_overwrite(to)

    async def work(settings: "Settings") -> "tuple[Updated, Any]":
        from hub.app import client
        from hub.catalogues import fetch_catalogue
        from hub.clock import SystemClock

        async with opening.reading(settings) as store, client(settings, SystemClock()) as http:
            found = await fetch_catalogue(settings, store, http, name, source)
        if to is not None:
            to.write_text(found.csv, encoding="utf-8", newline="")
        if not load:
            return found, None
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
            path = Path(folder) / f"{name}-{source}.csv"
            path.write_text(found.csv, encoding="utf-8", newline="")
            return found, await told_to_load(settings, [path], name=name, who=who)

    found, loaded = opening.run(call, work, quiet=True)
    if to is None and not load and not call.json:
        return typer.echo(found.csv, nl=False)
    call.answer({**asdict(found), "loaded": loaded}, lambda: _lines(found, loaded, to))


def _refuse_to_overwrite(to: Path | None) -> None:
    """A file that is there may hold what a person has edited. Raises ConfigError."""
    from connectors.errors import ConfigError

    if to is not None and (to.exists() or not to.parent.is_dir()):
        raise ConfigError(
            f"{to}: the file exists, or its folder does not", code="file_exists",
            sentence="Tệp này đã có (có thể đang sửa dở) hoặc thư mục không tồn tại. Hãy chọn tên tệp khác.",
        )  # fmt: skip


def _lines(found: "Updated", loaded: Any, to: Path | None) -> Iterator[str]:
    yield (
        f"{found.list}: danh mục của nguồn có {found.rows} dòng · {len(found.new)} mã mới, {len(found.renamed)} mã đổi"
        f" tên, {len(found.absent)} mã không có ở nguồn (giữ nguyên), {len(found.ended)} mã đã kết thúc ở đây mà nguồn"
        f" còn ghi, {found.unread} dòng không đọc được"
    )
    yield from _first("mới", found.new)
    yield from _first("đổi tên", [f"{one.code}: {one.before} → {one.now}" for one in found.renamed])
    yield from _first("không có ở nguồn", found.absent)
    if loaded is not None:
        yield from (line for each in loaded["lists"] for line in loaded_lines(each))
    elif to is not None:
        yield f"Đã ghi vào {to}. Xem lại tệp, rồi nạp: hub codes load {to} --list {found.list}"


def _first(what: str, which: "list[str] | tuple[str, ...] | Any") -> Iterator[str]:
    if which:
        rest = f" … và {len(which) - SHOWN} mã khác" if len(which) > SHOWN else ""
        yield f"  {what}: {'; '.join(which[:SHOWN])}{rest}"
