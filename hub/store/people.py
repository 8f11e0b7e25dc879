"""Accounts, what was granted to them, and their sessions.

A session is a random token in a cookie; the row knows its SHA-256 only, so that a copy of the database opens no
console. Sessions end by themselves, by a person, with the account, and with every change of what it may do.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.rules.access import Grant, Role
from hub.store.instants import micros, moment
from hub.store.unit import Store, Unit

#: A session that is not used ends after this; whatever happens it ends after the second (ASVS 5.0, 7.3.1 and 7.3.2).
IDLE, LONGEST = timedelta(minutes=60), timedelta(hours=12)
#: `seen_at` is written again only when it is older: a page more is no write more.
SEEN_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A live session with its account and grants."""

    session: int
    csrf: str
    account: int
    login: str
    name: str
    language: str
    grants: tuple[Grant, ...]
    strength: str
    stale: bool  #: its last use should be written down again


async def begin_session(
    unit: Unit, account: int, *, strength: str, address: str, agent: str = ""
) -> str:  # fmt: skip
    """A new session of an account. Returns the token for the cookie; nothing else knows it."""
    token = secrets.token_urlsafe(32)
    await unit.tx.execute(
        "INSERT INTO session (token_sha256, csrf, account, strength, address, agent, began_at, seen_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _digest(token), secrets.token_urlsafe(32), account, strength, address[:64], agent[:300], unit.at, unit.at,
        micros(unit.now + LONGEST),
    )  # fmt: skip
    return token


async def signed_in(store: Store, token: str) -> SignedIn | None:
    """Whose session this token is; None when it is nobody's, has ended, or was not used for too long."""
    now = store.now()
    rows = await store.fetch(
        "SELECT s.id, s.csrf, s.strength, s.seen_at, a.id AS account, a.login, a.name, a.language"
        " FROM session s JOIN account a ON a.id = s.account"
        " WHERE s.token_sha256 = ? AND a.state = 'active' AND s.expires_at > ? AND s.seen_at > ?",
        _digest(token), micros(now), micros(now - IDLE),
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return SignedIn(
        session=row["id"], csrf=row["csrf"], account=row["account"], login=row["login"], name=row["name"],
        language=row["language"], grants=await grants(store, row["account"]), strength=row["strength"],
        stale=moment(row["seen_at"]) + SEEN_AGAIN < now,
    )  # fmt: skip


async def grants(store: Store, account: int) -> tuple[Grant, ...]:
    """What an account was granted."""
    rows = await store.fetch("SELECT role, member FROM account_grant WHERE account = ? ORDER BY id", account)
    return tuple(Grant(Role(row["role"]), row["member"]) for row in rows)


async def seen(unit: Unit, session: int) -> None:
    """The session was used just now."""
    await unit.tx.execute("UPDATE session SET seen_at = ? WHERE id = ?", unit.at, session)


async def end_sessions(unit: Unit, account: int, *, but: int | None = None) -> int:
    """End all sessions of an account, or all but one. Returns how many."""
    return await unit.tx.execute("DELETE FROM session WHERE account = ? AND id <> ?", account, but or 0)


async def add_account(
    unit: Unit, *, login: str, name: str, password_hash: str, grants: Sequence[Grant], by: str, email: str = "",
    password_at: datetime | None = None,
) -> int:  # fmt: skip
    """A new account with its grants; `login` is folded already. Returns its id."""
    [row] = await unit.tx.fetch(
        "INSERT INTO account (login, name, email, state, password_hash, password_at, created_at, created_by)"
        " VALUES (?, ?, ?, 'active', ?, ?, ?, ?) RETURNING id",
        login, name, email, password_hash, None if password_at is None else micros(password_at), unit.at, by,
    )  # fmt: skip
    for grant in grants:
        await unit.tx.execute(
            "INSERT INTO account_grant (account, role, member, granted_by, granted_at) VALUES (?, ?, ?, ?, ?)",
            row["id"], grant.role, grant.member, by, unit.at,
        )  # fmt: skip
    unit.tell("account_added", who=by, why={"login": login, "grants": [[g.role, g.member] for g in grants]})
    return int(row["id"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
