"""What people prove themselves with: passwords and second factors, set by themselves or by an administrator.

Every change ends the account's other sessions and forgets its browsers: whoever had the old password is out
(ASVS 5.0, 7.4.3).
"""

from hub.access import codes, passwords
from hub.commands.accounts import FIRST_LOGIN
from hub.commands.sign_in import NotLetInError
from hub.engine import Engine
from hub.rules.signing_in import demands_second_factor
from hub.store import accounts, guessing, people
from hub.store.accounts import Account, AccountRefusedError
from hub.store.unit import Unit


async def prove_again(engine: Engine, account: Account, password: str, address: str) -> None:
    """Compare the own password before something that matters. Raises NotLetInError, TooManyGuessesError.

    Whoever comes in through the single sign-on only has none to compare.
    """
    if not account.password_hash:
        return
    guess = await guessing.begin(engine.store, account.login, address, known=True)
    if not await passwords.verified(account.password_hash, password):
        raise NotLetInError
    async with engine.store.unit() as unit:
        await guessing.forgive(unit, guess)


async def set_own_password(engine: Engine, account: Account, password: str, *, session: int) -> None:
    """The person's own choice; the session stays, all others end. Raises WeakPasswordError."""
    passwords.demand_strong(password, login=account.login, name=account.name)
    if await passwords.verified(account.password_hash, password):
        raise AccountRefusedError(
            "the password is the old one", code="same_password",
            sentence="Mật khẩu mới trùng với mật khẩu đang dùng. Hãy chọn mật khẩu khác.",
        )  # fmt: skip
    kept = await passwords.hashed(password)
    async with engine.store.unit() as unit:
        await accounts.set_password(unit, account.id, kept, at=unit.now)
        await people.end_sessions(unit, account.id, but=session)
        await people.forget_devices(unit, account.id)
        unit.tell("account_password_set", who=account.login, why={"login": account.login})


async def set_password(
    engine: Engine, login: str, *, password_hash: str, first_login: bool = False, who: str
) -> None:  # fmt: skip
    """Somebody else's choice; `first_login`: it has to be changed at once. Raises NoAccountError."""
    account = await accounts.named(engine.store, login)
    async with engine.store.unit() as unit:
        await accounts.set_password(
            unit, account.id, password_hash, at=None if first_login else unit.now,
            until=unit.now + FIRST_LOGIN if first_login else None,
        )  # fmt: skip
        await _start_anew(unit, account)
        unit.tell("account_password_reset", who=who, why={"login": login})


async def reset_code(engine: Engine, login: str, *, who: str, why: str = "") -> None:
    """Take a second factor away from somebody who lost it. Raises NoAccountError, AccountRefusedError."""
    account = await accounts.named(engine.store, login)
    if not account.has_second_factor:
        raise AccountRefusedError(
            f"{login} has no second factor", code="account_unchanged",
            sentence="Tài khoản này chưa dùng xác thực hai lớp. Không có gì để làm.",
        )  # fmt: skip
    async with engine.store.unit() as unit:
        await accounts.remove_secret(unit, account.id)
        await _start_anew(unit, account)
        unit.tell("account_code_reset", who=who, why={"login": login, "reason": why[:500]})


async def begin_code(engine: Engine, account: Account) -> None:
    """Make a secret that is not in force before a code has proved it. Raises ConfigError: `secret_key_missing`."""
    encrypted = engine.cipher.encrypt(codes.new_secret())
    async with engine.store.unit() as unit:
        await accounts.set_pending_secret(unit, account.id, encrypted)


def pending_secret(engine: Engine, account: Account) -> str:
    """The secret that is being set up; empty: none is."""
    return engine.cipher.decrypt(account.totp_pending) if account.totp_pending else ""


async def confirm_code(engine: Engine, account: Account, code: str, *, session: int) -> list[str]:
    """The telephone shows the right code: it is asked for from now on. Returns the codes for paper, shown once.

    Raises AccountRefusedError: `code_wrong`.
    """
    secret = pending_secret(engine, account)
    step = codes.step_of(secret, code, engine.store.now()) if secret else None
    if step is None:
        raise AccountRefusedError(
            "the code does not fit", code="code_wrong",
            sentence="Mã không đúng. Hãy nhập mã đang hiện trên điện thoại; nếu vẫn sai, kiểm tra đồng hồ của điện"
            " thoại.",
        )  # fmt: skip
    async with engine.store.unit() as unit:
        await accounts.confirm_secret(unit, account.id, account.totp_pending, step)
        on_paper = codes.new_recovery_codes()
        await accounts.set_recovery_codes(unit, account.id, on_paper)
        await people.end_sessions(unit, account.id, but=session)
        await people.forget_devices(unit, account.id)
        unit.tell("account_code_set", who=account.login, why={"login": account.login})
    return on_paper


async def new_recovery_codes(engine: Engine, account: Account) -> list[str]:
    """New codes for paper in place of the old ones, shown once."""
    if not account.has_second_factor:
        raise _no_code()
    on_paper = codes.new_recovery_codes()
    async with engine.store.unit() as unit:
        await accounts.set_recovery_codes(unit, account.id, on_paper)
        unit.tell("account_recovery_renewed", who=account.login, why={"login": account.login})
    return on_paper


async def remove_code(engine: Engine, account: Account, *, session: int) -> None:
    """Do without a second factor, unless a role demands one. Raises AccountRefusedError."""
    if not account.has_second_factor:
        raise _no_code()
    if demands_second_factor(account.grants, engine.conditions.two_factor_for):
        raise AccountRefusedError(
            "a role demands the second factor", code="code_demanded",
            sentence="Vai trò của tài khoản bắt buộc dùng xác thực hai lớp nên không thể tắt. Có thể cài lại trên điện"
            " thoại khác.",
        )  # fmt: skip
    async with engine.store.unit() as unit:
        await accounts.remove_secret(unit, account.id)
        await people.end_sessions(unit, account.id, but=session)
        unit.tell("account_code_removed", who=account.login, why={"login": account.login})


async def _start_anew(unit: Unit, account: Account) -> None:
    """Whoever is in is out, in every browser."""
    await people.end_sessions(unit, account.id)
    await people.forget_devices(unit, account.id)


def _no_code() -> AccountRefusedError:
    return AccountRefusedError(
        "there is no second factor", code="account_unchanged",
        sentence="Tài khoản này chưa dùng xác thực hai lớp. Không có gì để làm.",
    )  # fmt: skip
