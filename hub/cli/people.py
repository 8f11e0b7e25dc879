"""`hub user …`: accounts of the console; `hub user add` makes the first administrator."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.invocation import Invocation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub.settings import Settings
    from hub.store.accounts import Account
    from hub.store.people import SessionShown

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
Why = Annotated[str, typer.Option("--why", help="Reason, kept in the account of events.")]
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


@user.command("list")
def listed(context: typer.Context) -> None:
    """List all accounts with their roles."""
    from hub.cli import opening

    call: Invocation = context.obj

    async def ask(settings: "Settings") -> "tuple[list[Account], ZoneInfo]":
        from hub.store.accounts import all_accounts

        async with opening.reading(settings) as store:
            return await all_accounts(store), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([_document(each) for each in found], lambda: _table(found, zone))


@user.command()
def end(context: typer.Context, login: Login, why: Why = "", who: Who = "") -> None:
    """End an account: nobody signs in with it any more, its sessions are over."""
    _decide(context.obj, "end_account", f"Đã kết thúc tài khoản {login}.", who, login=login, why=why)


@user.command()
def reopen(context: typer.Context, login: Login, why: Why = "", who: Who = "") -> None:
    """Let an ended account be used again, with the roles that it had."""
    _decide(context.obj, "reopen_account", f"Đã mở lại tài khoản {login}.", who, login=login, why=why)


@user.command()
def password(context: typer.Context, login: Login, password_stdin: PasswordStdin = False, who: Who = "") -> None:
    """Set somebody's password; all sessions end."""
    call: Invocation = context.obj
    kept = _password_hash(call, login, "", from_stdin=password_stdin)
    _decide(call, "set_password", f"Đã đặt mật khẩu mới cho {login}.", who, login=login, password_hash=kept)


@user.command("reset-code")
def reset_code(context: typer.Context, login: Login, why: Why = "", who: Who = "") -> None:
    """Take the second factor away from somebody who lost it."""
    _decide(context.obj, "reset_code", f"Đã gỡ xác thực hai lớp của {login}.", who, login=login, why=why)


@user.command()
def grant(context: typer.Context, login: Login, role: RoleOption, member: Member = "", who: Who = "") -> None:
    """Give a role."""
    _decide(
        context.obj, "grant", f"Đã giao vai trò {role.value} cho {login}.", who, login=login, role=role.value,
        member=member,
    )  # fmt: skip


@user.command()
def revoke(context: typer.Context, login: Login, role: RoleOption, member: Member = "", who: Who = "") -> None:
    """Take a role away."""
    _decide(
        context.obj, "revoke", f"Đã thu hồi vai trò {role.value} của {login}.", who, login=login, role=role.value,
        member=member,
    )  # fmt: skip


@user.command()
def sessions(
    context: typer.Context, login: Login,
    end: Annotated[bool, typer.Option("--end", help="End all of them.")] = False,
    who: Who = "",
) -> None:  # fmt: skip
    """Show where an account is signed in, or end its sessions."""
    call: Invocation = context.obj
    if end:
        return _decide(call, "end_all_sessions", f"Đã kết thúc các phiên làm việc của {login}: {{}}.", who, login=login)
    from hub.cli import opening

    async def ask(settings: "Settings") -> "tuple[list[SessionShown], ZoneInfo]":
        from hub.store import accounts, people

        async with opening.reading(settings) as store:
            account = await accounts.named(store, login)
            return await people.sessions(store, account.id), settings.zone

    found, zone = opening.run(call, ask, quiet=True)
    call.answer([asdict(each) for each in found], lambda: _sessions(found, zone))


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
    call.answer({"ok": True, "result": result}, lambda: [said.format(result)])


def _document(account: "Account") -> dict[str, Any]:
    """An account without what it proves itself with."""
    return {
        "login": account.login, "name": account.name, "email": account.email, "state": account.state,
        "grants": [{"role": grant.role, "member": grant.member} for grant in account.grants],
        "second_factor": account.has_second_factor, "seen_at": account.seen_at,
    }  # fmt: skip


def _table(found: "Sequence[Account]", zone: "ZoneInfo") -> Iterator[str]:
    if not found:
        yield "Chưa có tài khoản nào. Tạo người quản trị đầu tiên bằng lệnh hub user add."
    for each in found:
        roles = (
            ", ".join(f"{g.role}({g.member})" if g.member else str(g.role) for g in each.grants) or "chưa có vai trò"
        )
        last = f"{each.seen_at.astimezone(zone):%d/%m/%Y %H:%M}" if each.seen_at else "chưa đăng nhập"
        yield f"{each.login}: {each.name}; {roles}; {'đang dùng' if each.is_active else 'đã kết thúc'}; {last}"


def _sessions(found: "Sequence[SessionShown]", zone: "ZoneInfo") -> Iterator[str]:
    if not found:
        yield "Không có phiên làm việc nào."
    for each in found:
        began, seen = (f"{at.astimezone(zone):%d/%m/%Y %H:%M}" for at in (each.began_at, each.seen_at))
        yield f"{each.id}. {each.address}; từ {began}; lần cuối {seen}; {each.agent}"
