"""Come in through the province's single sign-on.

    begin_sign_on   -> where to send the browser, and a ticket that it keeps meanwhile
    finish_sign_on  what it came back with -> Entered, or CodeDue where our own second factor is due

An account is found by the provider's number of the person (`sub`). One that has none yet is found by its mail address
once, where the settings say so and the provider verified the address. Nobody gets a role by coming: at most that of a
viewer, where the settings say so.
"""

import hmac
import re
from dataclasses import dataclass

from connectors.errors import ConfigError
from hub.access import tickets
from hub.access.single_sign_on import Person, SingleSignOn, SingleSignOnError
from hub.commands.sign_in import Caller, CodeDue, Entered, enter, second_step
from hub.engine import Engine
from hub.rules.access import Grant
from hub.rules.signing_in import Strength, folded_login, is_login
from hub.store import accounts
from hub.store.accounts import Account, AccountRefusedError

#: The use of a ticket while the browser is away.
AWAY = "single-sign-on"


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody came back."""

    entered: Entered | CodeDue
    after: str  #: where the login was meant to lead


async def begin_sign_on(engine: Engine, *, redirect_uri: str, after: str) -> tuple[str, str]:
    """Address and ticket. Raises SingleSignOnError, ConfigError: `secret_key_missing`."""
    address, kept = await _provider(engine).begin(redirect_uri)
    return address, tickets.written(engine.cipher, AWAY, kept | {"after": after[:1_000]}, engine.store.now())


async def finish_sign_on(
    engine: Engine, *, ticket: str, state: str, code: str, redirect_uri: str, caller: Caller
) -> Came:  # fmt: skip
    """Raises SingleSignOnError for whom the provider does not prove, and for who has no account here."""
    kept = tickets.read(engine.cipher, AWAY, ticket, engine.store.now())
    if kept is None or not code or not hmac.compare_digest(state.encode(), str(kept["state"]).encode()):
        raise SingleSignOnError(
            "no login was begun in this browser",
            sentence="Lần đăng nhập này không bắt đầu từ trình duyệt này hoặc đã quá 10 phút. Hãy đăng nhập lại từ"
            " đầu.",
        )
    person = await _provider(engine).finish(code, kept=kept, redirect_uri=redirect_uri)
    account = await _account(engine, person)
    if not account.is_active:
        raise _stranger()
    if account.has_second_factor and not person.strong:
        return Came(CodeDue(second_step(engine, account)), kept["after"])
    strength = Strength.STRONG_SIGN_ON if person.strong else Strength.SINGLE_SIGN_ON
    async with engine.store.unit() as unit:
        return Came(await enter(engine, unit, account, strength, caller), kept["after"])


async def _account(engine: Engine, person: Person) -> Account:
    store, provider = engine.store, _provider(engine).provider
    if known := await accounts.by_subject(store, person.subject):
        return known
    if provider.match_email and person.email:
        found = await accounts.unlinked_by_email(store, person.email)
        if found is not None:
            async with store.unit() as unit:
                if not await accounts.link(unit, found.id, person.subject):
                    raise _stranger()
                unit.tell("account_linked", who=found.login, why={"login": found.login})
            return await accounts.by_id(store, found.id)
    if provider.make_accounts_as is None:
        raise _stranger()
    return await _made(engine, person, Grant(provider.make_accounts_as))


async def _made(engine: Engine, person: Person, grant: Grant) -> Account:
    login = re.sub(r"[^a-z0-9._@-]", "", folded_login(person.login or person.email))
    if not is_login(login):
        raise _stranger()
    try:
        async with engine.store.unit() as unit:
            made = await accounts.add_account(
                unit, login=login, name=person.name or login, email=person.email, password_hash="", grants=[grant],
                by="single_sign_on", subject=person.subject,
            )  # fmt: skip
    except AccountRefusedError:  # the login is somebody else's here: never theirs by a name alone
        raise _stranger() from None
    return await accounts.by_id(engine.store, made)


def _provider(engine: Engine) -> SingleSignOn:
    if engine.single_sign_on is None:
        raise ConfigError(
            "no single sign-on is set", code="no_single_sign_on",
            sentence="Chưa cấu hình đăng nhập một lần ([console.single_sign_on]). Hãy đăng nhập bằng mật khẩu.",
        )  # fmt: skip
    return engine.single_sign_on


def _stranger() -> SingleSignOnError:
    return SingleSignOnError(
        "nobody here is known by this", code="no_account_here",
        sentence="Hệ thống đăng nhập một lần đã xác nhận, nhưng anh/chị chưa có tài khoản đang dùng ở đây. Hãy đề nghị"
        " người quản trị cấp tài khoản.",
    )  # fmt: skip
