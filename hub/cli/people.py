"""`hub user …`: accounts of the console; `hub user add` makes the first administrator."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from hub.settings import Settings

commands = typer.Typer()
user = typer.Typer(help="Accounts of the console.")
commands.add_typer(user, name="user")


class RoleName(StrEnum):
    """hub.rules.access.Role, without its import."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    CHIEF_EDITOR = "chief_editor"
    TECHNICIAN = "technician"
    DUTY_OFFICER = "duty_officer"
    ADMINISTRATOR = "administrator"


Login = Annotated[str, typer.Argument(help="What the person signs in with.")]
RoleOption = Annotated[RoleName, typer.Option("--role", help="What the account is in the office.")]
Member = Annotated[str, typer.Option("--member", help="Only for this member and all below it; else the province.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else it is asked for twice.")
]
Who = Annotated[str, typer.Option("--who", help="Who decides; your account if left out.")]


@user.callback()
def _user() -> None:
    """Accounts of the console."""


@user.command()
def add(
    context: typer.Context, login: Login, role: RoleOption,
    name: Annotated[str, typer.Option("--name", help="The person's name; the login if left out.")] = "",
    member: Member = "",
    email: Annotated[str, typer.Option("--email", help="Mail address.")] = "",
    password_stdin: PasswordStdin = False,
    who: Who = "",
) -> None:  # fmt: skip
    """Make an account. The first one is an administrator."""
    call: Invocation = context.obj
    password_hash = _password_hash(call, login, name, from_stdin=password_stdin)
    _decide(
        call, "add_account", f"Đã tạo tài khoản {login}.", who, login=login, name=name, role=role.value, member=member,
        email=email, password_hash=password_hash,
    )  # fmt: skip


def _password_hash(call: Invocation, login: str, name: str, *, from_stdin: bool) -> str:
    """The password's hash, made here: the password itself goes to no other process."""
    import asyncio
    import sys

    from hub.access import passwords

    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại mật khẩu", err=True)
    with call.failing():
        passwords.demand_strong(password, login=login, name=name)
    return asyncio.run(passwords.hashed(password))


def _decide(call: Invocation, command: str, said: str, who: str, **arguments: Any) -> None:
    from hub.cli import opening

    arguments["who"] = who or opening.who()

    async def work(settings: "Settings") -> Any:
        return await opening.carry_out(settings, command, arguments)

    result = opening.run(call, work, quiet=True)
    call.answer({"ok": True, "result": result}, lambda: [said])
