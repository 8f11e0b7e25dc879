"""Accounts: add, change, end, reopen, grant, revoke.

Whatever changes what somebody may do ends that account's sessions at once: the next page asks for the login again, and
the new session begins with the new rights (ASVS 5.0, 7.4.2 and 8.3.2).
"""

from collections.abc import Sequence
from datetime import timedelta

from hub.engine import Engine
from hub.rules.access import Grant, Role
from hub.rules.signing_in import folded_login, is_login
from hub.store import accounts, people, roster
from hub.store.accounts import Account, AccountRefusedError

#: How long a password for the first login is worth something.
FIRST_LOGIN = timedelta(days=3)


async def add_account(
    engine: Engine, *, login: str, name: str, role: Role, member: str = "", email: str = "", password_hash: str,
    first_login: bool = False, who: str,
) -> int:  # fmt: skip
    """Make an account with one role; returns its id. `first_login`: the password has to be changed at once.

    Raises AccountRefusedError: `login_wrong`, `login_taken`, `unknown_member`.
    """
    folded = folded_login(login)
    if not is_login(folded):
        raise AccountRefusedError(
            f"{folded[:40]} cannot be a login", code="login_wrong",
            sentence="Tên đăng nhập gồm 2 đến 100 ký tự: chữ không dấu, chữ số, dấu chấm, gạch nối, gạch dưới hoặc @;"
            " bắt đầu bằng chữ hoặc số. Các tên hub, cli, system, nobody đã dành riêng.",
        )  # fmt: skip
    await _demand_members(engine, [Grant(role, member)])
    async with engine.store.unit() as unit:
        return await accounts.add_account(
            unit, login=folded, name=name.strip()[:200] or folded, email=email.strip()[:254],
            password_hash=password_hash, grants=[Grant(role, member)], by=who,
            password_at=None if first_login else unit.now,
            password_until=unit.now + FIRST_LOGIN if first_login else None,
        )  # fmt: skip


async def change_account(
    engine: Engine, account: Account, *, name: str, email: str, language: str, who: str
) -> None:  # fmt: skip
    """What it is called and where mail for it goes; without a name it keeps the one that it has."""
    async with engine.store.unit() as unit:
        await accounts.describe(unit, account.id, name=name[:200] or account.name, email=email, language=language)
        unit.tell("account_changed", who=who, why={"login": account.login})


async def end_account(engine: Engine, login: str, *, who: str, why: str = "") -> None:
    """Nobody signs in with it any more; its sessions are over. Raises NoAccountError, AccountRefusedError."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        await accounts.alone_at_rights(unit)
        if not await accounts.set_state(unit, account.id, accounts.ENDED):
            raise _nothing_to_do("Tài khoản này đã kết thúc từ trước.")
        await accounts.demand_an_administrator(unit)
        await people.end_sessions(unit, account.id)
        await people.forget_devices(unit, account.id)
        unit.tell("account_ended", who=who, why={"login": login, "reason": why[:500]})


async def reopen_account(engine: Engine, login: str, *, who: str, why: str = "") -> None:
    """It may sign in again, with the roles that it had. Raises NoAccountError, AccountRefusedError."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        if not await accounts.set_state(unit, account.id, accounts.ACTIVE):
            raise _nothing_to_do("Tài khoản này đang hoạt động.")
        unit.tell("account_reopened", who=who, why={"login": login, "reason": why[:500]})


async def grant(engine: Engine, login: str, *, role: Role, member: str = "", who: str) -> None:
    """Give a role, for the whole province or from one member downwards. Raises NoAccountError, AccountRefusedError."""
    account = await accounts.named(engine.store, login)
    given = Grant(role, member)
    await _demand_members(engine, [given])
    async with engine.store.unit() as unit:
        if not await accounts.add_grant(unit, account.id, given, by=who):
            raise _nothing_to_do("Tài khoản đã có vai trò này trong phạm vi này.")
        await people.end_sessions(unit, account.id)
        unit.tell("account_granted", who=who, why={"login": login, "role": role, "member": member})


async def revoke(engine: Engine, login: str, *, role: Role, member: str = "", who: str) -> None:
    """Take a role away. Raises NoAccountError, AccountRefusedError, also where nobody would administer any more."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        await accounts.alone_at_rights(unit)
        if not await accounts.remove_grant(unit, account.id, Grant(role, member)):
            raise _nothing_to_do("Tài khoản không có vai trò này trong phạm vi này.")
        await accounts.demand_an_administrator(unit)
        await people.end_sessions(unit, account.id)
        unit.tell("account_revoked", who=who, why={"login": login, "role": role, "member": member})


async def _demand_members(engine: Engine, grants: Sequence[Grant]) -> None:
    known = await roster.parents(engine.store)
    for each in grants:
        if each.member and each.member not in known:
            raise AccountRefusedError(
                f"member {each.member[:60]} is not in the roster", code="unknown_member",
                sentence=f"Không có đơn vị mã «{each.member[:60]}» trong danh sách đơn vị. Hãy kiểm tra lại mã.",
            )  # fmt: skip


def _nothing_to_do(sentence: str) -> AccountRefusedError:
    return AccountRefusedError("it is so already", code="account_unchanged", sentence=f"{sentence} Không có gì để làm.")
