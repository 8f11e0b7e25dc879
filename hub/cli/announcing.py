"""`hub announcements`: decisions that announce procedures, and what became of their lines."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli.invocation import Invocation
from hub.cli.words import ANNOUNCED, TASK_STATES

if TYPE_CHECKING:
    from hub.queries.announcements import AnnouncedLine, AnnouncingDecision
    from hub.settings import Settings

commands = typer.Typer()

_STATES: Final = {"live": "đang công khai", "withdrawn": "đã gỡ", "": "chưa có trên hệ thống"}
_ASKED: Final = {"unseen": "chưa có trên hệ thống", "still_there": "đã bãi bỏ nhưng vẫn công khai"}


@commands.command()
def announcements(
    context: typer.Context,
    decision: Annotated[str, typer.Argument(metavar="[DECISION]", help="Number or content id of one decision.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=5_000, help="Decisions at most.")] = 50,
) -> None:
    """List the decisions that announce procedures; of one decision every line and what became of it."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "list[tuple[AnnouncingDecision, Sequence[AnnouncedLine]]]":
        from hub.queries import announcements as query

        async with opening.reading(settings) as store:
            if not decision:
                return [(one, ()) for one in await query.decisions(store, limit=limit)]
            return [(one, await query.lines(store, one)) for one in await query.called(store, decision)]

    found = opening.run(call, ask, quiet=True)
    call.answer(
        [asdict(one) | ({"announced": [asdict(line) for line in lines]} if decision else {}) for one, lines in found],
        lambda: _told(found, decision),
    )
    if decision and not found:
        raise typer.Exit(1)


def _told(found: "Sequence[tuple[AnnouncingDecision, Sequence[AnnouncedLine]]]", asked: str) -> Iterator[str]:
    if not found:
        yield (
            "Không có quyết định công bố thủ tục hành chính nào mang số hoặc mã này (not known)."
            if asked
            else "Chưa có quyết định công bố thủ tục hành chính nào (none yet)."
        )
    for one, lines in found:
        issued = "/".join(reversed(one.issued.split("-")))
        yield f"{one.number or one.content_id}{f' ngày {issued}' if issued else ''} · {one.member}"
        yield f"    {one.title}"
        told = [f"{one.lines} thủ tục, {one.linked} đã gắn với thủ tục trên hệ thống"]
        told += [f"{count} {_ASKED[what]}" for what, count in sorted(one.open.items())]
        if one.unread:
            told.append("chưa đọc được hết danh mục, cần người xem văn bản")
        yield f"    {', '.join(told)}"
        for line in lines:
            yield from _line(line)


def _line(line: "AnnouncedLine") -> Iterator[str]:
    code = f" {line.code}" if line.code else ""
    yield f"  {line.place}. [{ANNOUNCED[line.action]}]{code} {line.name}"
    procedure = f" ({line.procedure})" if line.procedure else ""
    task = f" · việc {line.task} {TASK_STATES[line.task_state]} (hub tasks list)" if line.task else ""
    yield f"      {_STATES[line.procedure_state]}{procedure}{task}"
