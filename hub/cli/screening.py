"""`hub alarms`, `hub holds`, `hub recall`, `hub screen`: what the screens found, and what the duty officer does."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.queries.alarms import AlarmShown
    from hub.queries.recalls import RecallShown
    from hub.queries.screen_holds import ScreenHold
    from hub.settings import Settings

commands = typer.Typer()
alarms = typer.Typer(help="Texts with a mark of a state secret that came, without the text.")
holds = typer.Typer(help="What a screen holds for the duty officer.")
commands.add_typer(alarms, name="alarms")
commands.add_typer(holds, name="holds")

ContentId = Annotated[UUID, typer.Argument(help="The item's content id.")]
Revision = Annotated[int | None, typer.Option(min=1, help="Which edition; the newest if left out.")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


@alarms.command("list")
def listed(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that somebody has looked at too.")] = False,
) -> None:
    """List alarms that nobody has looked at, newest first."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[AlarmShown], ZoneInfo]":
        from hub.queries.alarms import alarms

        async with opening.reading(settings) as store:
            return await alarms(store, everything=everything), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _alarms(found, zone))


@alarms.command("seen")
def see(context: typer.Context, alarm: Annotated[int, typer.Argument(min=1)], who: Who = "") -> None:
    """Note that somebody looked at an alarm."""
    _decide(context, "Đã ghi nhận người xem báo động {}.", "see_alarm", alarm=alarm, who=who)


@holds.command("list")
def waiting(context: typer.Context) -> None:
    """List what waits for the duty officer, oldest first; without any text."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[ScreenHold], ZoneInfo]":
        from hub.queries.screen_holds import screen_holds

        async with opening.reading(settings) as store:
            return await screen_holds(store), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _holds(found, zone))


@holds.command("release")
def let_go(
    context: typer.Context, content_id: ContentId, revision: Revision = None, why: Why = "", who: Who = ""
) -> None:
    """Let go on what a screen holds; the same text of that source is not held again."""
    said = "Đã cho phiên bản {} đi tiếp."
    _decide(context, said, "release_hold", content_id=str(content_id), revision=revision, who=who, why=why)


@holds.command("reject")
def turn_down(
    context: typer.Context, content_id: ContentId, revision: Revision = None, why: Why = "", who: Who = ""
) -> None:
    """Reject what a screen holds."""
    said = "Đã từ chối phiên bản {}."
    _decide(context, said, "reject_hold", content_id=str(content_id), revision=revision, who=who, why=why)


@commands.command()
def recall(
    context: typer.Context,
    content_id: ContentId,
    reason: Annotated[str, typer.Option(help="Why; kept in the account of events, shown to no reader.")] = "",
    report: Annotated[bool, typer.Option("--report", help="Only say how far every place is.")] = False,
    who: Who = "",
) -> None:
    """Take an item back everywhere it ever went, and demand proof of every place."""
    from hub.cli import opening

    call: Invocation = context.obj
    if not report:
        if not reason:
            raise typer.BadParameter("say why, with --reason")
        _decide(context, "Đã thu hồi; việc gỡ là phiên bản {}. Xem kết quả từng nơi: hub recall ID --report.", "recall",
                content_id=str(content_id), reason=reason, who=who)  # fmt: skip
        return

    async def ask(settings: "Settings") -> "tuple[list[RecallShown], ZoneInfo]":
        from hub.queries.recalls import recalls

        async with opening.reading(settings) as store:
            return await recalls(store, content_id), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _recalls(found, zone))


@commands.command()
def screen(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--again", help="Over everything that is kept.")] = False,
    who: Who = "",
) -> None:
    """Run the screens of today over everything that is kept: after a rule or a list has changed."""
    if not again:
        raise typer.BadParameter("give --again; what comes in is screened by itself")
    said = (
        "Đã kiểm tra lại {0[editions]} phiên bản: xoá {0[purged]} nội dung, tạm giữ thêm {0[held]} phiên bản."
        " Đang công khai và cần xem lại: {0[to_look_at]}."
    )
    _decide(context, said, "screen_again", who=who)


def _decide(context: typer.Context, said: str, command: str, **arguments: Any) -> None:
    from hub.cli import opening

    call: Invocation = context.obj
    arguments["who"] = arguments.get("who") or opening.who()

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    result = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "result": result}, lambda: [said.format(result)])


def _alarms(found: "Sequence[AlarmShown]", zone: ZoneInfo) -> Iterator[str]:
    for alarm in found:
        seen = f" · {alarm.seen_by} đã xem {_local(alarm.seen_at, zone)}" if alarm.seen_at else ""
        yield f"báo động {alarm.id} · {_local(alarm.at, zone)} · {alarm.member_name} · nguồn {alarm.source}{seen}"
        yield f"    {alarm.label} · {alarm.url or 'không có địa chỉ'} · đã đến {alarm.times} lần"
        for one in alarm.shown:
            place = one.place or "trang của hệ thống"
            yield f"    đã hiển thị tại {place} từ {_local(one.since, zone)} đến {_local(one.until, zone)}"
        if not alarm.seen_at:
            yield f"    (hub alarms seen {alarm.id})"
    if not found:
        yield "Không có báo động nào chưa xem (no alarms)."


def _holds(found: "Sequence[ScreenHold]", zone: ZoneInfo) -> Iterator[str]:
    for hold in found:
        yield f"{hold.content_id} bản {hold.revision} · {hold.source} · {_local(hold.since, zone)} · {hold.url}"
        yield f"    {hold.sentence} (hub holds release {hold.content_id} | hub holds reject {hold.content_id})"
    if not found:
        yield "Không có nội dung nào bị tạm giữ để kiểm tra (nothing is held by the screens)."


_STANDINGS = {
    "proven": "đã gỡ, có xác nhận", "never": "chưa từng hiển thị", "pending": "đang gỡ, chưa có xác nhận",
    "by_hand": "chờ cán bộ gỡ bằng tay", "unknown": "đã yêu cầu gỡ, chưa rõ kết quả", "refused": "từ chối hoặc bị gác",
    "read": "thư đã gửi, không thu hồi được",
    "copies": "máy đọc tin và máy tìm kiếm có thể còn bản sao cho tới lần hỏi sau",
}  # fmt: skip


def _recalls(found: "Sequence[RecallShown]", zone: ZoneInfo) -> Iterator[str]:
    for one in found:
        yield f"{one.content_id} · {one.by} thu hồi {_local(one.at, zone)} · {one.reason}"
        for place in one.places:
            told = f" ({place.readers} người nhận)" if place.readers else ""
            told += f" – {place.receipt or place.sentence}" if place.receipt or place.sentence else ""
            name = place.name or "trang của hệ thống"
            yield f"    {name}: {_STANDINGS[place.standing]} {_local(place.at, zone)}{told}"
    if not found:
        yield "Nội dung này không có lệnh thu hồi (not recalled)."


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M") if at else "không rõ lúc nào"
