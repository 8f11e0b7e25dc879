"""`hub key add | list | end`: keys of programs that call the API."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.store.consumers import Consumer, Use

commands = typer.Typer()
key = typer.Typer(help="Keys of programs that call the API.")
commands.add_typer(key, name="key")


class KeyRole(StrEnum):
    """Roles that a key may have (hub.commands.add_key.KEY_ROLES), without their import."""

    VIEWER = "viewer"
    EDITOR = "editor"
    CHIEF_EDITOR = "chief_editor"
    TECHNICIAN = "technician"


Name = Annotated[str, typer.Argument(help="What the program is called, in events too.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


@key.command()
def add(
    context: typer.Context, name: Name,
    role: Annotated[list[KeyRole] | None, typer.Option(help="A role for /api/v1/admin; may be repeated.")] = None,
    scope: Annotated[str, typer.Option("--scope", help="Roles only from this member downwards.")] = "",
    member: Annotated[str, typer.Option("--member", help="It may send the items of this member.")] = "",
    per_minute: Annotated[int, typer.Option(min=0, help="Requests a minute; 0: as the settings say.")] = 0,
    who: Who = "",
) -> None:  # fmt: skip
    """Make a key. It is shown once: keep it where the program keeps its secrets."""
    from hub.cli import opening

    call: Invocation = context.obj
    arguments = {"name": name, "roles": [str(each) for each in role or ()], "scope": scope, "member": member,
                 "per_minute": per_minute, "who": who or opening.who()}  # fmt: skip

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, "add_key", arguments)

    made = opening.run(call, work, quiet=True)
    call.answer(
        {"name": name, "key": made},
        lambda: [f"Khoá của «{name}»: {made}", "Khoá chỉ hiện một lần; hãy lưu vào nơi giữ bí mật của chương trình."],
    )


@key.command("list")
def listed(context: typer.Context) -> None:
    """List keys, with what they asked for in the last 30 days."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[Consumer], dict[int, Use]]":
        from hub.store import consumers

        async with opening.reading(settings) as store:
            since = (store.now().astimezone(settings.zone) - timedelta(days=30)).date().isoformat()
            return await consumers.listed(store), await consumers.use(store, since=since)

    found, use = opening.run(call, ask, quiet=True)
    document = [asdict(each) | {"use": asdict(use[each.id]) if each.id in use else None} for each in found]
    call.answer(document, lambda: _told(found, use))


@key.command()
def end(context: typer.Context, name: Name, who: Who = "") -> None:
    """End a key; its next request is refused."""
    from hub.cli import opening

    call: Invocation = context.obj
    arguments = {"name": name, "who": who or opening.who()}

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, "end_key", arguments)

    opening.run(call, work, quiet=True)
    call.answer({"ok": True}, lambda: [f"Đã thu hồi khoá «{name}»."])


def _told(found: "Sequence[Consumer]", use: "dict[int, Use]") -> Iterator[str]:
    if not found:
        yield "Chưa có khoá nào."
    for each in found:
        state = "" if each.state == "active" else ", đã thu hồi"
        rights = [f"{grant.role}{f' ({grant.member})' if grant.member else ''}" for grant in each.grants]
        rights += [f"gửi tin của {each.member}"] if each.member else []
        yield f"{each.name} ({each.hint}…{state}): {', '.join(rights) or 'chỉ đọc'}"
        if each.id in use:
            yield f"   30 ngày qua: {use[each.id].calls} yêu cầu, {use[each.id].refused} bị từ chối"
