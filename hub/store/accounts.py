"""Accounts: who there is, what was granted to them, and what they prove themselves with.

An account is ended, never deleted: events keep pointing at it. Every function writes into a unit that a command
opened; what changes somebody's rights or credentials ends sessions there (hub/commands/accounts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import HubError
from hub.rules.access import Grant, Role
from hub.store import people
from hub.store.database import Row, Transaction
from hub.store.instants import maybe_micros, maybe_moment, moment
from hub.store.unit import Store, Unit

ACTIVE, ENDED = "active", "ended"


class NoAccountError(HubError):
    """There is no such account."""

    code = "no_account"

    def __init__(self) -> None:
        super().__init__(sentence="Không có tài khoản này. Hãy mở lại danh sách người dùng để kiểm tra.")


class AccountRefusedError(HubError):
    """This cannot be done with this account."""

    code = "account_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account with its grants."""

    id: int
    login: str
    name: str
    email: str
    language: str
    state: str
    password_hash: str = field(repr=False)
    password_at: datetime | None
    password_until: datetime | None  #: the password is for the first login, and is worth nothing after this
    totp_secret: str = field(repr=False)  #: encrypted
    totp_pending: str = field(repr=False)  #: encrypted
    totp_step: int
    subject: str
    created_at: datetime
    created_by: str
    seen_at: datetime | None  #: last login
    grants: tuple[Grant, ...]

    @property
    def is_active(self) -> bool:
        """Whether it may sign in."""
        return self.state == ACTIVE

    @property
    def has_second_factor(self) -> bool:
        """Whether a one-time code is asked for."""
        return bool(self.totp_secret)


_COLUMNS = (
    "id, login, name, email, language, state, password_hash, password_at, password_until, totp_secret, totp_pending,"
    " totp_step, subject, created_at, created_by, seen_at"
)


async def by_id(store: Store, account: int) -> Account:
    """Raises NoAccountError."""
    return _one(await _found(store, "id = ?", account))


async def by_login(store: Store, login: str) -> Account | None:
    """The account of a folded login, ended or not."""
    return next(iter(await _found(store, "login = ?", login)), None)


async def named(store: Store, login: str) -> Account:
    """As `by_login`; raises NoAccountError."""
    return _one(await _found(store, "login = ?", login))


async def by_subject(store: Store, subject: str) -> Account | None:
    """The account that is known at the single sign-on by this `sub`."""
    return next(iter(await _found(store, "subject = ? AND subject <> ''", subject)), None)


async def unlinked_by_email(store: Store, email: str) -> Account | None:
    """The one active account with this address that the single sign-on does not know yet; None when there are two."""
    found = await _found(store, "lower(email) = ? AND email <> '' AND subject = '' AND state = 'active'", email.lower())
    return found[0] if len(found) == 1 else None


async def all_accounts(store: Store) -> list[Account]:
    """Every account, active ones first, by login."""
    return await _found(store, "1 = 1")


async def _found(store: Store, where: str, *args: object) -> list[Account]:
    rows = await store.fetch(f"SELECT {_COLUMNS} FROM account WHERE {where} ORDER BY state, login", *args)
    if not rows:
        return []
    granted: dict[int, list[Grant]] = {}
    condition = "account = ?" if len(rows) == 1 else "1 = 1"
    of = (rows[0]["id"],) if len(rows) == 1 else ()
    for row in await store.fetch(f"SELECT account, role, member FROM account_grant WHERE {condition} ORDER BY id", *of):
        granted.setdefault(row["account"], []).append(Grant(Role(row["role"]), row["member"]))
    return [_account(row, granted.get(row["id"], ())) for row in rows]


def _account(row: Row, grants: Sequence[Grant]) -> Account:
    times = {name: maybe_moment(row[name]) for name in ("password_at", "password_until", "seen_at")}
    return Account(**{**row, **times, "created_at": moment(row["created_at"]), "grants": tuple(grants)})


def _one(found: Sequence[Account]) -> Account:
    if not found:
        raise NoAccountError
    return found[0]


async def add_account(
    unit: Unit, *, login: str, name: str, password_hash: str, grants: Sequence[Grant], by: str, email: str = "",
    password_at: datetime | None = None, password_until: datetime | None = None, subject: str = "",
) -> int:  # fmt: skip
    """A new account with its grants; `login` is folded already. Returns its id. Raises AccountRefusedError."""
    rows = await unit.tx.fetch(
        "INSERT INTO account (login, name, email, state, password_hash, password_at, password_until, subject,"
        " created_at, created_by) VALUES (?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (login) DO NOTHING RETURNING id",
        login, name, email, password_hash, maybe_micros(password_at), maybe_micros(password_until), subject, unit.at,
        by,
    )  # fmt: skip
    if not rows:
        raise AccountRefusedError(
            f"login {login} is taken", code="login_taken",
            sentence="Tên đăng nhập này đã có người dùng. Hãy chọn tên khác, hoặc mở lại tài khoản cũ nếu là cùng một"
            " người.",
        )  # fmt: skip
    for grant in grants:
        await add_grant(unit, rows[0]["id"], grant, by=by)
    unit.tell("account_added", who=by, why={"login": login, "grants": [[g.role, g.member] for g in grants]})
    return int(rows[0]["id"])


async def add_grant(unit: Unit, account: int, grant: Grant, *, by: str) -> bool:
    """Give a role. False when the account has it already."""
    return await unit.tx.execute(
        "INSERT INTO account_grant (account, role, member, granted_by, granted_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account, role, member) DO NOTHING",
        account, grant.role, grant.member, by, unit.at,
    ) == 1  # fmt: skip


async def remove_grant(unit: Unit, account: int, grant: Grant) -> bool:
    """Take a role away. False when the account does not have it."""
    return await unit.tx.execute(
        "DELETE FROM account_grant WHERE account = ? AND role = ? AND member = ?", account, grant.role, grant.member
    ) == 1  # fmt: skip


async def set_state(unit: Unit, account: int, state: str) -> bool:
    """End an account or open it again. False when it is so already."""
    return await unit.tx.execute(
        "UPDATE account SET state = ? WHERE id = ? AND state <> ?", state, account, state
    ) == 1  # fmt: skip


async def demand_an_administrator(unit: Unit) -> None:
    """Raises AccountRefusedError when nobody would be left who may make accounts; asked after the change.

    Two administrators who take each other away at the same time are made to stand in line.
    """
    if not await _administrators(unit.tx):
        raise AccountRefusedError(
            "the last administrator", code="last_administrator",
            sentence="Đây là người quản trị cuối cùng nên không thể kết thúc hoặc thu hồi quyền. Hãy giao quyền quản"
            " trị cho một người khác trước.",
        )  # fmt: skip


async def alone_at_rights(unit: Unit) -> None:
    """Let one transaction at a time change who administers; the first statement of such a change."""
    if unit.tx.dialect == "postgres":
        await unit.tx.fetch("SELECT pg_advisory_xact_lock(7203006)")


async def _administrators(tx: Transaction) -> int:
    [row] = await tx.fetch(
        "SELECT count(DISTINCT a.id) AS n FROM account a JOIN account_grant g ON g.account = a.id"
        " WHERE a.state = 'active' AND g.role = ? AND g.member = ''", Role.ADMINISTRATOR,
    )  # fmt: skip
    return int(row["n"])


async def set_password(
    unit: Unit, account: int, password_hash: str, *, at: datetime | None, until: datetime | None = None
) -> None:  # fmt: skip
    """`at` None: the password is for the first login only, until `until`."""
    await unit.tx.execute(
        "UPDATE account SET password_hash = ?, password_at = ?, password_until = ? WHERE id = ?",
        password_hash, maybe_micros(at), maybe_micros(until), account,
    )  # fmt: skip


async def rehash(unit: Unit, account: int, before: str, after: str) -> None:
    """The same password, hashed with today's costs."""
    await unit.tx.execute(
        "UPDATE account SET password_hash = ? WHERE id = ? AND password_hash = ?", after, account, before
    )


async def describe(unit: Unit, account: int, *, name: str, email: str, language: str) -> None:
    """What the person is called, where mail goes, and in which language the console speaks."""
    await unit.tx.execute(
        "UPDATE account SET name = ?, email = ?, language = ? WHERE id = ?", name, email, language, account
    )


async def came_in(unit: Unit, account: int) -> None:
    """Somebody signed in."""
    await unit.tx.execute("UPDATE account SET seen_at = ? WHERE id = ?", unit.at, account)


async def link(unit: Unit, account: int, subject: str) -> bool:
    """Let the single sign-on open an account from now on. False when it is linked already."""
    return await unit.tx.execute(
        "UPDATE account SET subject = ? WHERE id = ? AND subject = ''", subject, account
    ) == 1  # fmt: skip


async def set_pending_secret(unit: Unit, account: int, encrypted: str) -> None:
    """A second factor that is being set up; empty: none is."""
    await unit.tx.execute("UPDATE account SET totp_pending = ? WHERE id = ?", encrypted, account)


async def confirm_secret(unit: Unit, account: int, encrypted: str, step: int) -> None:
    """The pending secret was proved by a code; its step is used up."""
    await unit.tx.execute(
        "UPDATE account SET totp_secret = ?, totp_pending = '', totp_step = ? WHERE id = ?", encrypted, step, account
    )


async def remove_secret(unit: Unit, account: int) -> None:
    """No second factor, no recovery codes."""
    await unit.tx.execute("UPDATE account SET totp_secret = '', totp_pending = '' WHERE id = ?", account)
    await unit.tx.execute("DELETE FROM recovery_code WHERE account = ?", account)


async def use_step(unit: Unit, account: int, step: int) -> bool:
    """Each code works once: False when this one, or a later one, was taken before."""
    return await unit.tx.execute(
        "UPDATE account SET totp_step = ? WHERE id = ? AND totp_step < ?", step, account, step
    ) == 1  # fmt: skip


async def set_recovery_codes(unit: Unit, account: int, codes: Sequence[str]) -> None:
    """New codes in place of all old ones; digests only are kept."""
    await unit.tx.execute("DELETE FROM recovery_code WHERE account = ?", account)
    await unit.tx.execute_many(
        "INSERT INTO recovery_code (account, code_sha256) VALUES (?, ?)",
        [(account, people.digest(code)) for code in codes],
    )


async def use_recovery_code(unit: Unit, account: int, code: str) -> bool:
    """Take a code, once."""
    return await unit.tx.execute(
        "UPDATE recovery_code SET used_at = ? WHERE account = ? AND code_sha256 = ? AND used_at IS NULL",
        unit.at, account, people.digest(code),
    ) == 1  # fmt: skip


async def recovery_codes_left(store: Store, account: int) -> int:
    """How many codes are not used up."""
    [row] = await store.fetch(
        "SELECT count(*) AS n FROM recovery_code WHERE account = ? AND used_at IS NULL", account
    )  # fmt: skip
    return int(row["n"])
