"""`hub visits load | list | read`: how often sites are read, by files that are loaded and counters on pages."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.visits import VisitedSite
    from hub.settings import Settings

commands = typer.Typer()
visits = typer.Typer(help="Counts of visits: files of Matomo, GA4 or an office, and counters on pages.")
commands.add_typer(visits, name="visits")


@visits.command()
def load(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8 or UTF-16.")],
    site: Annotated[str, typer.Option("--site", help="Name of the site that was counted.")],
    member: Annotated[str | None, typer.Option("--member", help="Code of its member; the portal if left out.")] = None,
    who: Annotated[str, typer.Option("--who", help="Who loads; your account if left out.")] = "",
) -> None:
    """Load counts by day; a day that was loaded before is replaced, and the same file changes nothing."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> Any:
        arguments = {"path": str(file.absolute()), "site": site, "member": member, "who": who or opening.who()}
        return await opening.carry_out(settings, "load_visits", arguments)

    loaded = opening.run(call, work, quiet=True)
    call.answer(loaded, lambda: _loaded(loaded))


@visits.command("list")
def list_(context: typer.Context) -> None:
    """List the sites whose visits are known."""
    from dataclasses import asdict

    from hub.cli import opening
    from hub.queries import visits as query

    async def work(settings: "Settings") -> "list[VisitedSite]":
        async with opening.reading(settings) as store:
            return await query.sites(store)

    call: Invocation = context.obj
    found = opening.run(call, work, quiet=True)
    call.answer([asdict(one) for one in found], lambda: _sites(found))


@visits.command()
def read(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[COUNTER]", help="Name of a [[counter]]; all if left out.")] = "",
) -> None:
    """Read the counters that stand on pages now."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, "read_counters", {"name": name})

    found = opening.run(call, work, quiet=True)
    call.answer(found, lambda: _read(found["counters"]))


def _loaded(one: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{one['site']}: {one['rows']} dòng, {number(one['visits'])} lượt; {one['new']} ngày mới, {one['replaced']}"
        f" ngày thay số cũ, {one['unchanged']} ngày không đổi, {one['rejected']} dòng bị loại"
    )
    if one["replaced"]:
        days = ", ".join(_day(day) for day in one["replaced_days"])
        yield f"  Đã thay số liệu cũ của: {days}{', …' if one['replaced'] > len(one['replaced_days']) else ''}"
    if one["pages"]:
        yield f"  {one['pages']} trang, trong đó {one['joined']} trang khớp với tin, bài trong hệ thống"
    for row in one["refused"]:
        yield f"  dòng {row['line']}: {row['sentence']}"
    if one["rejected"] > len(one["refused"]):
        yield f"  … và {one['rejected'] - len(one['refused'])} dòng khác"


def _sites(found: "Sequence[VisitedSite]") -> Iterator[str]:
    from hub.cli.words import COUNTER_FAULTS

    if not found:
        yield "Chưa có số liệu truy cập nào. Nạp tệp bằng lệnh hub visits load, hoặc khai báo [[counter]]."
    for one in found:
        whose = one.name or one.member or "cổng của tỉnh"
        fault = f"; {COUNTER_FAULTS[one.fault]}" if one.fault else ""
        yield (
            f"{one.site} ({whose}): {number(one.visits)} lượt, {one.days} ngày từ {one.first:%d/%m/%Y} đến"
            f" {one.last:%d/%m/%Y}{fault}"
        )


def _read(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not found:
        yield "Chưa khai báo bộ đếm nào ([[counter]] trong settings.toml)."
    for one in found:
        shown = "không đọc được" if one["reading"] is None else f"bộ đếm {number(one['reading'])}"
        since = "" if one["visits"] is None else f", {number(one['visits'])} lượt từ lần đọc trước"
        yield f"{one['site']}: {shown}{since}"
        if one["sentence"]:
            yield f"  {one['sentence']}"


def number(value: int) -> str:
    """A number as it is written here: 3.910.575."""
    return f"{value:,}".replace(",", ".")


def _day(day: Any) -> str:
    year, month, rest = str(day)[:10].split("-")
    return f"{rest}/{month}/{year}"
