"""Requests with an Idempotency-Key: who sent one before, and what it was answered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hub.store.instants import micros
from hub.store.unit import Unit

#: How long an answer is kept.
KEEP: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that came with this key before."""

    request_sha256: str
    status: int  #: 0 = not answered yet, or we died over it
    body: str


async def begin(unit: Unit, who: str, key: str, request_sha256: str) -> Earlier | None:
    """Take a key for a request; None when nobody had it, else what came with it before."""
    await unit.tx.execute("DELETE FROM repeatable WHERE at < ?", micros(unit.now - KEEP))
    taken = await unit.tx.fetch(
        "INSERT INTO repeatable (who, key, request_sha256, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (who, key) DO NOTHING RETURNING id",
        who, key, request_sha256, unit.at,
    )  # fmt: skip
    if taken:
        return None
    [row] = await unit.tx.fetch(
        "SELECT request_sha256, status, body FROM repeatable WHERE who = ? AND key = ?", who, key
    )  # fmt: skip
    return Earlier(row["request_sha256"], row["status"], row["body"])


async def finish(unit: Unit, who: str, key: str, status: int, body: str) -> None:
    """Remember the answer."""
    await unit.tx.execute(
        "UPDATE repeatable SET status = ?, body = ? WHERE who = ? AND key = ?", status, body, who, key
    )  # fmt: skip


async def forget(unit: Unit, who: str, key: str) -> None:
    """Nothing happened: the request may be sent again."""
    await unit.tx.execute("DELETE FROM repeatable WHERE who = ? AND key = ? AND status = 0", who, key)
