"""`hub coverage`: who publishes what it has to, who does not, and why."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli.invocation import Invocation
from hub.cli.words import GROUPS, KINDS, SIDES

if TYPE_CHECKING:
    from hub.rules.coverage import Coverage, Gap, Seen
    from hub.settings import Settings

commands = typer.Typer()

#: what the hub itself is called beside the destinations
HERE: Final = "hệ thống"


@commands.command()
def coverage(
    context: typer.Context,
    kind: Annotated[str, typer.Option(help="Only this duty: procedure, document, news, notice, question.")] = "",
    at: Annotated[str, typer.Option(help="Only at this destination; all that take such items if left out.")] = "",
) -> None:
    """Show who publishes what it has to, who does not, and why."""
    from dataclasses import asdict

    from hub.cli import opening
    from schemas.item import Kind

    if kind and kind not in set(Kind):
        raise typer.BadParameter(f"one of {', '.join(Kind)}", param_hint="--kind")
    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "list[Coverage]":
        from hub.queries.coverage import coverage

        async with opening.reading(settings) as store:
            return await coverage(store, settings.zone, kind=Kind(kind) if kind else None, at=at)

    found = opening.run(call, ask, quiet=True)
    call.answer([asdict(one) for one in found], lambda: told(found))


def told(found: "Sequence[Coverage]") -> Iterator[str]:
    """A table for each duty, and below it who is missing and why."""
    if not found:
        yield "Chưa đơn vị nào được khai báo nghĩa vụ công bố (duties) trong cấu hình."
    for kind, groups in groupby(found, key=lambda one: one.kind):
        roster = list(groups)
        yield f"{KINDS[kind]}: số đơn vị đã công bố trên số phải công bố (số mục)"
        yield from _columns([
            ("", HERE, *roster[0].at),
            *(
                (_capital(GROUPS[one.group]), *(f"{seen.members}/{one.due} ({seen.items})" for seen in _seen(one)))
                for one in roster
            ),
        ])  # fmt: skip
        for place, gaps in _missing(roster):
            yield f"Chưa có trên {place}:"
            yield from (f"  {_told(gap)}" for gap in gaps)


def in_short(found: "Sequence[Coverage]") -> Iterator[str]:
    """One line for each duty, and one for each member that is missing."""
    for kind, groups in groupby(found, key=lambda one: one.kind):
        roster = list(groups)
        places: dict[str, list[str]] = {}
        for place in (HERE, *roster[0].at):
            seen = [(one.hub if place == HERE else one.at[place], one) for one in roster]
            numbers = "; ".join(f"{each.members}/{one.due} {GROUPS[one.group]}" for each, one in seen)
            places.setdefault(numbers, []).append(place)
        said = "; ".join(f"{numbers} đã có trên {', '.join(names)}" for numbers, names in places.items())
        yield f"{KINDS[kind]} (coverage): {said}"
        yield from (f"Thiếu: {_told(gap)}" for _, gaps in _missing(roster) for gap in gaps)


def _missing(roster: "Sequence[Coverage]") -> Iterator[tuple[str, "list[Gap]"]]:
    """Who is missing here; then, place by place, who is here and missing there."""
    places = {HERE: [gap for one in roster for gap in one.hub.missing]}
    for place in roster[0].at:
        places[place] = [gap for one in roster for gap in one.at[place].missing if gap not in one.hub.missing]
    yield from ((place, gaps) for place, gaps in places.items() if gaps)


def _told(gap: "Gap") -> str:
    return f"{gap.name} ({gap.code}) – {SIDES[gap.side]}: {gap.sentence}"


def _seen(one: "Coverage") -> list["Seen"]:
    return [one.hub, *one.at.values()]


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
