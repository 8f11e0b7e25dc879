"""`hub duties`: who owes what, how it stands, and whose turn it is where something is missing."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation
from hub.cli.words import EVERY, GROUPS, SIDES, SILENCES, STANDINGS

if TYPE_CHECKING:
    from hub.queries.duties import Standing
    from hub.rules.duties import Duty
    from hub.settings import Settings

commands = typer.Typer()


@commands.command()
def duties(
    context: typer.Context,
    member: Annotated[str, typer.Option(help="Only this member, by its code.")] = "",
    category: Annotated[str, typer.Option(help="Only this category, by its code.")] = "",
    late: Annotated[bool, typer.Option("--late", help="Only where something is missing.")] = False,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it stood on this day, like 2026-06-30.")
    ] = None,
    template: Annotated[str, typer.Option(help="Print [[duty]] tables to begin with: nd42-2022 or nd43-2011.")] = "",
) -> None:
    """Show who owes what, how it stands, and whose turn it is where something is missing."""
    call: Invocation = context.obj
    if template:
        return _print_template(call, template)
    on = day.date() if day else None

    async def ask(settings: "Settings") -> "tuple[list[Standing], Sequence[Duty], date]":
        from hub.cli import opening
        from hub.queries.duties import standing

        async with opening.looking(settings) as engine:
            today = engine.store.now().astimezone(engine.zone).date()
            return await standing(engine, day=on), engine.duties, on or today

    from hub.cli import opening
    from hub.rules.duties import GAPS

    found, owed, asked = opening.run(call, ask, quiet=True)
    shown = [
        one for one in found
        if member in ("", one.member) and category in ("", one.category) and (not late or one.state in GAPS)
    ]  # fmt: skip
    call.answer([_document(one) for one in shown], lambda: told(shown, owed, asked))


def _print_template(call: Invocation, name: str) -> None:
    from hub.reports.templates import TEMPLATES, template

    if name not in TEMPLATES:
        raise typer.BadParameter(f"one of {', '.join(TEMPLATES)}", param_hint="--template")
    text = template(name)
    call.answer({"template": name, "text": text}, lambda: [text.rstrip("\n")])


def _document(one: "Standing") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


def told(found: "Sequence[Standing]", owed: "Sequence[Duty]", day: date) -> Iterator[str]:
    """A line of numbers for each duty and group, and below it each gap with its evidence."""
    if not owed:
        yield "Chưa khai báo nghĩa vụ nào ([[duty]]) trong cấu hình. In mẫu bằng lệnh hub duties --template nd42-2022."
        return
    yield f"Tình hình cung cấp thông tin ngày {day:%d/%m/%Y}"
    for name, some in groupby(sorted(found, key=lambda one: [each.name for each in owed].index(one.duty)), _duty):
        members = list(some)
        first = members[0]
        unconfirmed = "" if first.confirmed else " (chờ Ban biên tập xác nhận)"
        yield f"{first.category_name} [{name}], {EVERY[first.every]}: {first.rule or 'chưa ghi văn bản'}{unconfirmed}"
        for group, few in groupby(members, lambda one: one.group):
            yield f"  {GROUPS[group]}: {_numbers(list(few))}"
        for one in members:
            if one.sentence:
                yield f"  {one.name} ({one.member}) – {SILENCES[one.silence or '']}, {SIDES[one.side or '']}"
                yield f"    {one.sentence}"
                yield from (f"    · {line}" for line in one.evidence)
    if not found:
        yield "Không có dòng nào."


def _duty(one: "Standing") -> str:
    return one.duty


def _numbers(members: "Sequence[Standing]") -> str:
    """`17/19 đủ, 2 chậm`."""
    counts = {state: sum(one.state == state for one in members) for state in STANDINGS}
    enough = counts.pop("fresh")
    rest = "".join(f", {count} {STANDINGS[state]}" for state, count in counts.items() if count)
    return f"{enough}/{len(members)} {STANDINGS['fresh']}{rest}"
