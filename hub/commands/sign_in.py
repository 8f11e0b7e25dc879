"""Sign in: a password that is compared at the same cost for everybody, then a code where one is due, then a session.

    sign_in   login and password   -> Entered, or CodeDue with a ticket for the second step
    prove     ticket and code      -> Entered

Whatever is wrong gives the same answer, so that nobody learns which logins there are. A guess is counted before it is
compared (hub/store/guessing.py).
"""

from dataclasses import dataclass

from connectors.errors import HubError
from hub.access import codes, passwords, tickets
from hub.engine import Engine
from hub.rules.signing_in import NOBODY, Strength, folded_login
from hub.store import accounts, guessing, people
from hub.store.accounts import Account
from hub.store.unit import Unit

#: The use of a ticket between password and code.
SECOND_STEP = "second-step"


class NotLetInError(HubError):
    """Login and password, or code, do not belong together."""

    code = "not_let_in"

    def __init__(self) -> None:
        super().__init__(sentence="Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng. Hãy kiểm tra rồi nhập lại.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a login comes from."""

    address: str
    agent: str = ""
    device: str = ""  #: token of the browser, if it has one
    session: int | None = None  #: of a session that this browser has already; it ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Somebody is in."""

    token: str  #: for the cookie of the session
    device: str  #: for that of the browser
    language: str


@dataclass(frozen=True, slots=True)
class CodeDue:
    """The first step held; a code is due."""

    ticket: str


async def sign_in(engine: Engine, login: str, password: str, caller: Caller) -> Entered | CodeDue:
    """Raises NotLetInError, TooManyGuessesError."""
    store, folded = engine.store, folded_login(login)
    guess = await _guess(engine, folded, caller)
    account = await accounts.by_login(store, folded)
    usable = account is not None and account.is_active and not _is_over(account, engine)
    right = await passwords.verified(account.password_hash if account and usable else "", password)
    if account is None or not right:
        await _told_wrong(engine, account, guess, caller)
        raise NotLetInError
    rehashed = await passwords.hashed(password) if passwords.needs_rehash(account.password_hash) else ""
    async with store.unit() as unit:
        await guessing.forgive(unit, guess)
        if rehashed:
            await accounts.rehash(unit, account.id, account.password_hash, rehashed)
        if not account.has_second_factor:
            return await enter(engine, unit, account, Strength.PASSWORD, caller)
    return CodeDue(second_step(engine, account))


def second_step(engine: Engine, account: Account) -> str:
    """A ticket for whoever passed the first step. It is void when the password is changed meanwhile."""
    said = {"account": account.id, "stamp": _stamp(account)}
    return tickets.written(engine.cipher, SECOND_STEP, said, engine.store.now())


async def prove(engine: Engine, ticket: str, code: str, caller: Caller) -> Entered:
    """The second step: a code of the telephone, or one on paper. Raises NotLetInError, TooManyGuessesError."""
    store = engine.store
    said = tickets.read(engine.cipher, SECOND_STEP, ticket, store.now())
    if said is None:
        raise NotLetInError
    account = await accounts.by_id(store, said["account"])
    if not account.is_active or said["stamp"] != _stamp(account):
        raise NotLetInError
    guess = await _guess(engine, account.login, caller)
    async with store.unit() as unit:
        strength = await _proved(engine, unit, account, code)
        if strength is not None:
            await guessing.forgive(unit, guess)
            return await enter(engine, unit, account, strength, caller)
    await _told_wrong(engine, account, guess, caller)
    raise NotLetInError


async def enter(engine: Engine, unit: Unit, account: Account, strength: Strength, caller: Caller) -> Entered:
    """Begin a session for somebody who is proved. The one that the browser had ends: no token outlives a login."""
    if caller.session is not None:
        await people.drop_session(unit, caller.session)
    await accounts.came_in(unit, account.id)
    unit.tell("login_ok", who=account.login, why={"address": caller.address, "strength": strength})
    token = await people.begin_session(
        unit, account.id, strength=strength, address=caller.address, agent=caller.agent,
        longest=engine.conditions.longest,
    )  # fmt: skip
    device = await people.remember_device(unit, account.id, caller.device)
    return Entered(token=token, device=device, language=account.language)


async def _guess(engine: Engine, login: str, caller: Caller) -> guessing.Guess:
    known = bool(caller.device) and await people.is_known_device(engine.store, login, caller.device)
    return await guessing.begin(engine.store, login, caller.address, known=known)


async def _proved(engine: Engine, unit: Unit, account: Account, code: str) -> Strength | None:
    """What the code proves; each one works once."""
    step = codes.step_of(engine.cipher.decrypt(account.totp_secret), code, unit.now) if account.totp_secret else None
    if step is not None:
        return Strength.TOTP if await accounts.use_step(unit, account.id, step) else None
    on_paper = codes.recovery_code(code)
    if on_paper is None or not await accounts.use_recovery_code(unit, account.id, on_paper):
        return None
    unit.tell("account_recovery_used", who=account.login, why={"login": account.login})
    return Strength.RECOVERY


async def _told_wrong(engine: Engine, account: Account | None, guess: guessing.Guess, caller: Caller) -> None:
    """Keep that somebody guessed; never what was typed, for that may be a password in the wrong field."""
    async with engine.store.unit() as unit:
        unit.tell(
            "login_failed", who=NOBODY,
            why={
                "login": account.login if account else "", "address": caller.address, "failures": guess.failures,
            },
        )  # fmt: skip


def _is_over(account: Account, engine: Engine) -> bool:
    """Whether a password for the first login was not used in time."""
    return account.password_until is not None and account.password_until <= engine.store.now()


def _stamp(account: Account) -> str:
    """Changes with the password and with the second factor."""
    return people.digest(f"{account.password_hash}|{account.totp_secret}")[:32]
