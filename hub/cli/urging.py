"""`hub urge list | prepare | send | stop | save`: members are reminded of what they owe, never for our own fault."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.store.reminding import ReminderRow

commands = typer.Typer()
urge = typer.Typer(help="Remind members of what they owe (đôn đốc): notice, reminder, list for the chairman.")
commands.add_typer(urge, name="urge")

Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]
Ids = Annotated[list[int] | None, typer.Argument(help="Numbers of reminders; all that are prepared if left out.")]


@urge.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Stopped and settled ones too.")] = False,
) -> None:
    """List reminders that are prepared or sent, newest first."""
    from dataclasses import asdict

    from hub.cli import opening

    async def work(settings: "Settings") -> "tuple[list[ReminderRow], Any]":
        from hub.queries.reminders import reminders

        async with opening.reading(settings) as store:
            return await reminders(store, states=() if everything else ("prepared", "sent")), settings.zone

    call: Invocation = context.obj
    found, zone = opening.run(call, work, quiet=True)
    call.answer([asdict(one) for one in found], lambda: _listed(found, zone))


@urge.command()
def prepare(
    context: typer.Context,
    step: Annotated[str, typer.Option("--step", help="notice, reminder or list.")] = "notice",
    member: Annotated[str, typer.Option("--member", help="Only this member.")] = "",
    duty: Annotated[str, typer.Option("--duty", help="Only this duty.")] = "",
    who: Who = "",
) -> None:
    """Write reminders of what is missing; nobody gets them before `hub urge send`."""
    from hub.cli.words import DOUBTS_OF_URGING, STEPS

    if step not in STEPS:
        raise typer.BadParameter(f"one of {', '.join(STEPS)}", param_hint="--step")
    call: Invocation = context.obj
    made = _carry_out(call, "prepare_reminders", {"step": step, "member": member, "duty": duty}, who)

    def told() -> Iterator[str]:
        yield f"Đã lập {len(made['ids'])} {STEPS[step]}. Xem bằng lệnh hub urge list, gửi bằng lệnh hub urge send."
        for doubt, count in sorted(made["left_out"].items()):
            yield f"  không lập {count}: {DOUBTS_OF_URGING.get(doubt, doubt)}"

    call.answer(made, told)


@urge.command()
def send(
    context: typer.Context,
    ids: Ids = None,
    on_paper: Annotated[bool, typer.Option("--on-paper", help="They went out on paper; only keep that.")] = False,
    who: Who = "",
) -> None:
    """Send prepared reminders by mail; each gap is judged once more before."""
    call: Invocation = context.obj
    sent = _carry_out(call, "send_reminders", {"ids": ids or None, "on_paper": on_paper}, who)

    def told() -> Iterator[str]:
        yield f"Đã gửi {sent['letters']} thư cho {sent['reminders']} nội dung; dừng {sent['stopped']} trước khi gửi."
        if sent["no_contact"]:
            yield f"  Chưa có địa chỉ thư (contact) hoặc máy chủ thư: {', '.join(sent['no_contact'])}."
            yield "  Lưu thành tệp Word bằng lệnh hub urge save, gửi xong thì chạy hub urge send --on-paper."

    call.answer(sent, told)


@urge.command()
def stop(
    context: typer.Context,
    reminder: Annotated[int, typer.Argument(min=1, help="Number of the reminder; see `hub urge list`.")],
    why: Annotated[str, typer.Option("--why", help="Reason, kept with the reminder.")] = "",
    who: Who = "",
) -> None:
    """Stop a reminder that has not gone out."""
    call: Invocation = context.obj
    name = _carry_out(call, "stop_reminder", {"reminder": reminder, "why": why}, who)
    call.answer({"ok": True, "member": name}, lambda: [f"Không nhắc {name} về nội dung này nữa."])


@urge.command()
def save(
    context: typer.Context,
    ids: Ids = None,
    to: Annotated[Path, typer.Option("--to", help="Folder.")] = Path(),
    format_: Annotated[str, typer.Option("--format", help="docx, the only one.")] = "docx",
) -> None:
    """Save the letters of reminders as Word files, to be signed and sent on paper."""
    from hub.cli import opening

    if format_ != "docx":
        raise typer.BadParameter("docx", param_hint="--format")
    call: Invocation = context.obj

    async def work(settings: "Settings") -> "list[tuple[str, bytes]]":
        from hub.mailing.urging import papers

        async with opening.looking(settings) as engine:
            return await papers(engine, ids or None)

    found = opening.run(call, work, quiet=True)
    to.mkdir(parents=True, exist_ok=True)
    for name, body in found:
        (to / name).write_bytes(body)
    names = [str(to / name) for name, _ in found]
    call.answer({"files": names}, lambda: names or ["Không có thông báo nhắc nào chờ gửi."])


def _carry_out(call: Invocation, command: str, arguments: dict[str, Any], who: str) -> Any:
    from hub.cli import opening

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments | {"who": who or opening.who()})

    return opening.run(call, work, quiet=True)


def _listed(found: "Sequence[ReminderRow]", zone: Any) -> Iterator[str]:
    from hub.cli.words import REMINDER_STATES, STEPS

    if not found:
        yield "Không có thông báo nhắc nào."
    for one in found:
        ended = f" ngày {one.ended_at.astimezone(zone):%d/%m/%Y}" if one.ended_at else ""
        yield (
            f"{one.id}. {one.gap.name}, {one.gap.category}, kỳ đến {one.until:%d/%m/%Y}: {STEPS[one.step]},"
            f" {REMINDER_STATES[one.state]}{ended}"
        )
        if one.ended_why:
            yield f"   {one.ended_why}"
