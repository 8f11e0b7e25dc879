"""Sessions and the browsers that they run in.

A session is a random token in a cookie; the row knows its SHA-256 only, so that a copy of the database opens no
console. Sessions end by themselves, by a person, with the account, and with every change of what it may do.
A device is a browser in which somebody signed in well before (hub/rules/delays.py).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.rules.access import Grant, Role
from hub.store.instants import micros, moment
from hub.store.unit import Store, Unit

#: A session that is not used ends after this; whatever happens it ends after the second (ASVS 5.0, 7.3.1 and 7.3.2).
IDLE, LONGEST = timedelta(minutes=60), timedelta(hours=12)
#: `seen_at` is written again only when it is older: a page more is no write more.
SEEN_AGAIN = timedelta(minutes=1)
#: How long a browser is remembered after its last login.
REMEMBERED = timedelta(days=180)


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
    must_set_password: bool  #: the password is one for the first login
    stale: bool  #: its last use should be written down again


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionShown:
    """One session as its owner and administrators see it."""

    id: int
    account: int
    strength: str
    address: str
    agent: str
    began_at: datetime
    seen_at: datetime


async def begin_session(
    unit: Unit, account: int, *, strength: str, address: str, agent: str = "", longest: timedelta = LONGEST
) -> str:  # fmt: skip
    """A new session of an account. Returns the token for the cookie; nothing else knows it."""
    token = secrets.token_urlsafe(32)
    await unit.tx.execute(
        "INSERT INTO session (token_sha256, csrf, account, strength, address, agent, began_at, seen_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        digest(token), secrets.token_urlsafe(32), account, strength, address[:64], agent[:300], unit.at, unit.at,
        micros(unit.now + longest),
    )  # fmt: skip
    await unit.tx.execute("DELETE FROM session WHERE expires_at < ?", unit.at)
    return token


async def signed_in(store: Store, token: str, *, idle: timedelta = IDLE) -> SignedIn | None:
    """Whose session this token is; None when it is nobody's, has ended, or was not used for too long."""
    now = store.now()
    rows = await store.fetch(
        "SELECT s.id, s.csrf, s.strength, s.seen_at, a.id AS account, a.login, a.name, a.language,"
        " a.password_hash, a.password_at"
        " FROM session s JOIN account a ON a.id = s.account"
        " WHERE s.token_sha256 = ? AND a.state = 'active' AND s.expires_at > ? AND s.seen_at > ?",
        digest(token), micros(now), micros(now - idle),
    )  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return SignedIn(
        session=row["id"], csrf=row["csrf"], account=row["account"], login=row["login"], name=row["name"],
        language=row["language"], grants=await grants(store, row["account"]), strength=row["strength"],
        must_set_password=bool(row["password_hash"]) and row["password_at"] is None,
        stale=moment(row["seen_at"]) + SEEN_AGAIN < now,
    )  # fmt: skip


async def grants(store: Store, account: int) -> tuple[Grant, ...]:
    """What an account was granted."""
    rows = await store.fetch("SELECT role, member FROM account_grant WHERE account = ? ORDER BY id", account)
    return tuple(Grant(Role(row["role"]), row["member"]) for row in rows)


async def seen(unit: Unit, session: int) -> None:
    """The session was used just now."""
    await unit.tx.execute("UPDATE session SET seen_at = ? WHERE id = ?", unit.at, session)


async def sessions(store: Store, account: int, *, idle: timedelta = IDLE) -> list[SessionShown]:
    """The live sessions of an account, the one used last first."""
    now = store.now()
    rows = await store.fetch(
        "SELECT id, account, strength, address, agent, began_at, seen_at FROM session"
        " WHERE account = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, id DESC",
        account, micros(now), micros(now - idle),
    )  # fmt: skip
    return [
        SessionShown(**{**row, "began_at": moment(row["began_at"]), "seen_at": moment(row["seen_at"])}) for row in rows
    ]


async def end_session(unit: Unit, account: int, session: int) -> bool:
    """End one session of an account. False when there is no such one (any more)."""
    return await unit.tx.execute("DELETE FROM session WHERE id = ? AND account = ?", session, account) == 1


async def drop_session(unit: Unit, session: int) -> None:
    """End a session whosever it is: somebody signs in anew in its browser."""
    await unit.tx.execute("DELETE FROM session WHERE id = ?", session)


async def end_sessions(unit: Unit, account: int, *, but: int | None = None) -> int:
    """End all sessions of an account, or all but one. Returns how many."""
    return await unit.tx.execute("DELETE FROM session WHERE account = ? AND id <> ?", account, but or 0)


async def is_known_device(store: Store, login: str, token: str) -> bool:
    """Whether the account of this login signed in with this browser before."""
    rows = await store.fetch(
        "SELECT 1 FROM device d JOIN account a ON a.id = d.account"
        " WHERE d.token_sha256 = ? AND a.login = ? AND d.seen_at > ?",
        digest(token), login, micros(store.now() - REMEMBERED),
    )  # fmt: skip
    return bool(rows)


async def remember_device(unit: Unit, account: int, token: str = "") -> str:
    """Keep the browser in which somebody just signed in; `token` is the one that it has. Returns the one to set.

    A browser that belongs to another account too gets a second row, under a token of its own.
    """
    if token and await unit.tx.execute(
        "UPDATE device SET seen_at = ? WHERE token_sha256 = ? AND account = ?", unit.at, digest(token), account
    ):
        return token
    token = secrets.token_urlsafe(32)
    await unit.tx.execute(
        "INSERT INTO device (token_sha256, account, seen_at) VALUES (?, ?, ?)", digest(token), account, unit.at
    )
    await unit.tx.execute("DELETE FROM device WHERE seen_at < ?", micros(unit.now - REMEMBERED))
    return token


async def forget_devices(unit: Unit, account: int) -> None:
    """No browser is known any more: somebody else may have sat at it."""
    await unit.tx.execute("DELETE FROM device WHERE account = ?", account)


def digest(token: str) -> str:
    """The form in which a random token or code is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
