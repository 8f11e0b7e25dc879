"""`hub codes load`, `list`, `show`, `check`, `export`: the lists that the editorial board edits as files.

`hub codes fetch` stands in hub/cli/catalogues.py.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.codes import Checked, ListInForce
    from hub.rules.codes import Resolution
    from hub.settings import Settings
    from hub.store.codes import CodeVersion

commands = typer.Typer()
codes = typer.Typer(help="Lists of codes: places, organisations, types of documents, holidays.")
commands.add_typer(codes, name="codes")

Paths = Annotated[list[Path], typer.Argument(help="Files (CSV, TOML, JSON) and folders; together they are the lists.")]
ListName = Annotated[str, typer.Argument(metavar="LIST", help="communes, holidays, …; see `hub codes list`.")]
Which = Annotated[str, typer.Option("--list", help="The list of files that do not say it by their name.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day: 2026-01-31.")]
#: Rows of a kind that are shown to a person.
SHOWN = 20


@codes.command()
def load(
    context: typer.Context,
    paths: Paths,
    which: Which = "",
    shrinks: Annotated[bool, typer.Option("--shrinks", help="Let a list lose more than half of its codes.")] = False,
    who: Annotated[str, typer.Option("--who", help="Who loads; your account if left out.")] = "",
) -> None:
    """Load lists from files; each becomes a new version, the same content stays at its version."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> Any:
        return await told_to_load(settings, paths, name=which, shrinks=shrinks, who=who)

    loaded = opening.run(call, work, quiet=True)
    call.answer(loaded, lambda: (line for each in loaded["lists"] for line in loaded_lines(each)))


async def told_to_load(
    settings: "Settings", paths: Sequence[Path], *, name: str = "", shrinks: bool = False, who: str = ""
) -> Any:
    """What the hub made of loading these files: the process that works, or this one where none does."""
    from hub.cli import opening

    arguments = {
        "paths": [str(path.absolute()) for path in paths], "who": who or opening.who(), "name": name,
        "shrinks": shrinks,
    }  # fmt: skip
    return await opening.carry_out(settings, "load_codes", arguments)


def loaded_lines(one: dict[str, Any]) -> Iterator[str]:
    state = f"giữ phiên bản {one['version']}, nội dung không đổi" if one["unchanged"] else f"phiên bản {one['version']}"
    yield (
        f"{one['list']}: {state if one['version'] else 'xem thử, chưa nạp'} · {one['rows']} dòng, {one['entries']} mã,"
        f" {one['rejected']} bị loại, {one['mended']} mã được sửa dạng viết"
    )
    yield from _refused(one["refused"], one["rejected"])


def _refused(rows: Sequence[Any], total: int) -> Iterator[str]:
    for row in rows[:SHOWN]:
        told = row if isinstance(row, dict) else {"file": row.file, "row": row.row, "sentence": row.sentence}
        yield f"  {told['file']}, dòng {told['row']}: {told['sentence']}"
    if total > min(len(rows), SHOWN):
        yield f"  … và {total - min(len(rows), SHOWN)} dòng khác (hub codes check --json)"


@codes.command(name="list")
def list_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[LIST]", help="Every load of this list.")] = "",
) -> None:
    """The lists with the version in force; of one list every version."""
    from dataclasses import asdict

    from hub.cli import opening
    from hub.queries import codes as query

    async def work(settings: "Settings") -> tuple[Sequence[Any], Any]:
        async with opening.reading(settings) as store:
            return await (query.history(store, name) if name else query.overview(store)), settings.zone

    call: Invocation = context.obj
    found, zone = opening.run(call, work, quiet=True)
    call.answer([asdict(one) for one in found], lambda: _versions(found, zone) if name else _lists(found, zone))


def _lists(found: "Sequence[ListInForce]", zone: Any) -> Iterator[str]:
    for one in found:
        told = "chưa có" if not one.entries else "bản kèm phần mềm"
        if one.loaded_at is not None:
            told = f"phiên bản {one.version}, nạp {one.loaded_at.astimezone(zone):%d/%m/%Y %H:%M} bởi {one.loaded_by}"
        yield f"{one.list} ({one.title}): {one.entries} mã, {told}" + (
            f", {one.rejected} dòng bị loại" if one.rejected else ""
        )


def _versions(found: "Sequence[CodeVersion]", zone: Any) -> Iterator[str]:
    for one in found:
        yield (
            f"phiên bản {one.version}: {one.counts['entries']} mã, {one.counts['rejected']} dòng bị loại,"
            f" nạp {one.loaded_at.astimezone(zone):%d/%m/%Y %H:%M} bởi {one.loaded_by} từ {', '.join(one.origin)}"
        )
    if not found:
        yield "Chưa nạp lần nào; nếu có bản kèm phần mềm thì bản đó đang được dùng."


@codes.command()
def show(
    context: typer.Context,
    name: ListName,
    code: Annotated[str, typer.Argument(help="The code, in any way of writing it; of a place the name too.")],
    on: Day = None,
    then: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day on which the code was written down.")
    ] = None,
) -> None:
    """What a code means, and what it has become on a day (today if left out)."""
    from dataclasses import asdict

    from hub.cli import opening
    from hub.queries import codes as query

    async def work(settings: "Settings") -> "Resolution":
        async with opening.reading(settings) as store:
            today = store.now().astimezone(settings.zone).date()
            return await query.resolve(
                store, name, code, on=on.date() if on else today, then=then.date() if then else None
            )  # fmt: skip

    call: Invocation = context.obj
    found = opening.run(call, work, quiet=True)
    call.answer(asdict(found), lambda: _resolved(found))


def _resolved(found: "Resolution") -> Iterator[str]:
    yield found.sentence
    for one in found.found:
        since = f"từ {one.valid_from:%d/%m/%Y}" if one.valid_from else "từ trước"
        until = f"đến hết {one.valid_until:%d/%m/%Y}" if one.valid_until else "đến nay"
        above = f" · cấp trên {one.parent}" if one.parent else ""
        doubt = "" if one.confirmed else " · chờ Ban biên tập xác nhận"
        yield f"  {one.code} {one.name}: {since} {until}{above}{doubt}"


@codes.command()
def check(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(help="Files to look at without loading them.")] = None,
    which: Which = "",
) -> None:
    """Rows that were refused and codes to look at, in the lists in force; of files: what loading them would give."""
    from dataclasses import asdict

    from hub.cli import opening

    call: Invocation = context.obj
    if paths:
        from hub.commands.load_codes import read_paths, summary

        with call.failing():
            looked = [asdict(summary(one)) for one in read_paths([str(path) for path in paths], which)]
        return call.answer({"lists": looked}, lambda: (line for each in looked for line in loaded_lines(each)))

    async def work(settings: "Settings") -> "list[Checked]":
        from hub.queries import codes as query

        async with opening.reading(settings) as store:
            return await query.check(store, which)

    found = opening.run(call, work, quiet=True)
    call.answer([asdict(one) for one in found], lambda: (line for each in found for line in _checked(each)))


def _checked(one: "Checked") -> Iterator[str]:
    if not one.refused and not one.weaknesses:
        return
    yield f"{one.list}: {len(one.refused)} dòng bị loại, {len(one.weaknesses)} mã cần xem lại"
    yield from _refused(one.refused, len(one.refused))
    for weakness in one.weaknesses[:SHOWN]:
        yield f"  {weakness.sentence}"
    if len(one.weaknesses) > SHOWN:
        yield f"  … và {len(one.weaknesses) - SHOWN} mã khác (hub codes check --json)"


@codes.command()
def export(
    context: typer.Context,
    name: ListName,
    version: Annotated[int | None, typer.Option(min=0, help="An older version; 0 is the one shipped.")] = None,
) -> None:
    """Write a list out as CSV, to be edited and loaded again."""
    from hub.cli import opening
    from hub.codes.writing import as_csv
    from hub.queries import codes as query

    async def work(settings: "Settings") -> str:
        async with opening.reading(settings) as store:
            return as_csv(await query.in_force(store, name, version=version))

    typer.echo(opening.run(context.obj, work, quiet=True), nl=False)
