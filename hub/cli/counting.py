"""`hub count`: how many items count in each category, in a time; the list of categories; counting anew."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.rules.categories import Categories
    from hub.settings import Settings


commands = typer.Typer()


@commands.command()
def count(
    context: typer.Context,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day: 2026-01-31; the year's first if left out.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day: 2026-12-31; today if left out.")
    ] = None,
    member: Annotated[str, typer.Option(help="Code of a member.")] = "",
    copies: Annotated[bool, typer.Option(help="Count copies of what another member told first too.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Count everything anew first.")] = False,
    categories: Annotated[bool, typer.Option("--categories", help="List the categories that items count as.")] = False,
) -> None:
    """Count what is public, by category."""
    call: Invocation = context.obj
    if categories:
        return _list(call)
    if again:
        _count_again(call)
    first, last, found = _sums(call, since, until, member, copies=copies)
    document = {"first": first.isoformat(), "last": last.isoformat(), "categories": found}
    call.answer(document, lambda: _lines(first, last, found))


def _sums(
    call: Invocation, since: datetime | None, until: datetime | None, member: str, *, copies: bool
) -> tuple[date, date, list[dict[str, Any]]]:
    from hub.cli import opening

    async def ask(settings: "Settings") -> tuple[date, date, list[dict[str, Any]]]:
        from hub.queries.filters import Filter
        from hub.queries.tallies import summed
        from hub.reports.categories import categories as loaded
        from hub.rules.periods import Span

        listed = loaded(settings.categories)
        async with opening.reading(settings) as store:
            last = until.date() if until else store.now().astimezone(settings.zone).date()
            span = Span(since.date() if since else last.replace(month=1, day=1), last)
            filter = Filter(span.first, span.last, member=member, once=None if copies else True)
            found = await summed(store, filter, ["category"], categories=listed)
        sums = {one.key[0]: {"items": one.items, "photos": one.photos, "files": one.files} for one in found}
        return span.first, span.last, list(_rows(listed, sums))

    return opening.run(call, ask, quiet=True)


def _rows(listed: "Categories", sums: dict[str, dict[str, int]]) -> Iterator[dict[str, Any]]:
    """The list in its order, then what left it, then what no category fits."""
    for one in listed.listed:
        among = [sums[code] for code in listed.counted(one.code) if code in sums]
        numbers = {key: sum(each[key] for each in among) for key in ("items", "photos", "files")}
        yield {"code": one.code, "name": one.name, "part_of": one.group, **numbers}
    for code in sorted(set(sums) - set(listed.by_code)):
        yield {"code": code, "name": code or "Chưa xếp được vào chuyên mục nào", "part_of": "", **sums[code]}


def _lines(first: date, last: date, rows: list[dict[str, Any]]) -> Iterator[str]:
    yield f"Từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}: số tin, bài, văn bản; số ảnh; số tệp kèm theo"
    width = max(len(row["name"]) for row in rows) + 4
    for row in rows:
        name = f"{'  ' if row['part_of'] else ''}{row['name']}"
        yield _line(name.ljust(width), [row[key] for key in ("items", "photos", "files")])
    top = [row for row in rows if not row["part_of"]]
    total = [sum(row[key] for row in top) for key in ("items", "photos", "files")]
    yield _line("Cộng".ljust(width), total)


def _line(name: str, numbers: list[int]) -> str:
    from hub.reports.figures import count

    return f"  {name}{''.join(count(number).rjust(9) for number in numbers)}"


def _list(call: Invocation) -> None:
    from hub.reports.categories import categories as loaded

    with call.failing():
        listed = loaded(call.load_settings().categories).listed
    document = [
        {"code": one.code, "name": one.name, "part_of": one.group, "kinds": sorted(one.kinds)} for one in listed
    ]
    call.answer(document, lambda: [f"{'  ' if one.group else ''}{one.code}: {one.name}" for one in listed])


def _count_again(call: Invocation) -> None:
    from hub.cli import opening

    async def work(settings: "Settings") -> int:
        events, begin = 0, True
        while True:
            done = await opening.carry_out(settings, "count_again", {"begin": begin})
            events, begin = events + int(done["events"]), False
            if done["is_finished"]:
                return events
            if not call.json:
                typer.echo(f"{events:,}", err=True)

    opening.run(call, work, quiet=True)
