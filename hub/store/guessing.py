"""How often guesses at accounts failed lately, kept where all processes see it (hub/rules/delays.py).

A guess is counted before it is compared and taken back when it was right: a hundred at once are not all evaluated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.errors import HubError
from hub.rules.delays import ACCOUNT, ADDRESS, FORGOTTEN, Delay, Patience, counted, place_of, waits
from hub.store.instants import micros, moment
from hub.store.people import digest
from hub.store.unit import Store, Unit


class TooManyGuessesError(HubError):
    """Too many guesses were wrong; this one was not evaluated."""

    code = "too_many_guesses"

    def __init__(self, wait: timedelta) -> None:
        self.minutes = max(1, -(-wait // timedelta(minutes=1)))
        super().__init__(
            f"the next guess is evaluated in {self.minutes} min",
            sentence=f"Đã nhập sai nhiều lần nên tạm thời chưa nhận thêm. Hãy thử lại sau {self.minutes} phút.",
        )


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess that may be evaluated, counted as wrong until `forgive` takes it back."""

    failures: int  #: of the account this way, this one among them
    before: Mapping[str, Delay | None]
    after: Mapping[str, Delay]


#: Rows of silence that nobody asks about any more.
_KEPT: Final = 24 * FORGOTTEN


async def begin(store: Store, login: str, address: str, *, known: bool) -> Guess:
    """Count a guess at the account of a folded login; `known`: from a browser in which it signed in before.

    Raises TooManyGuessesError, the same whether there is such an account or not.
    """
    account = f"{'known' if known else 'account'}:{digest(login)[:32]}"
    ways: dict[str, Patience] = {account: ACCOUNT} | ({} if known else {f"address:{place_of(address)}": ADDRESS})
    async with store.unit() as unit:
        # In one order, so that two guesses never wait for each other.
        before = {key: await _locked(unit, key) for key in sorted(ways)}
        wait = max((waits(delay, unit.now) or timedelta() for delay in before.values()), default=timedelta())
        after = {key: counted(before[key], unit.now, ways[key]) for key in ways}
        if not wait:
            for key, delay in after.items():
                await _write(unit, key, delay)
        # What somebody else holds just now is passed over: two who swept each other's row would wait for ever.
        await unit.tx.execute(
            "DELETE FROM login_delay WHERE key IN"
            f" (SELECT key FROM login_delay WHERE failed_at < ?{store.database.skip_locked})",
            micros(unit.now - _KEPT),
        )  # fmt: skip
    if wait:
        raise TooManyGuessesError(wait)
    return Guess(after[account].failures, before, after)


async def forgive(unit: Unit, guess: Guess) -> None:
    """It was right: as if it had not been counted, unless others were counted since."""
    for key, delay in sorted(guess.after.items()):
        before = guess.before[key] or Delay(0, delay.failed_at, delay.failed_at)
        await unit.tx.execute(
            "UPDATE login_delay SET failures = ?, failed_at = ?, until = ?"
            " WHERE key = ? AND failures = ? AND until = ?",
            before.failures, micros(before.failed_at), micros(before.until), key, delay.failures, micros(delay.until),
        )  # fmt: skip


async def _locked(unit: Unit, key: str) -> Delay | None:
    """What is remembered, which nobody else changes until this transaction ends."""
    [row] = await unit.tx.fetch(
        "INSERT INTO login_delay (key, failures, failed_at, until) VALUES (?, 0, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING failures, failed_at, until",
        key, unit.at, unit.at,
    )  # fmt: skip
    return Delay(row["failures"], moment(row["failed_at"]), moment(row["until"])) if row["failures"] else None


async def _write(unit: Unit, key: str, delay: Delay) -> None:
    await unit.tx.execute(
        "UPDATE login_delay SET failures = ?, failed_at = ?, until = ? WHERE key = ?",
        delay.failures, micros(delay.failed_at), micros(delay.until), key,
    )  # fmt: skip


async def failures_of(store: Store, login: str) -> tuple[int, datetime | None]:
    """Wrong guesses at an account within the last hour or since, and when the last one was; for administrators."""
    key = digest(login)[:32]
    rows = await store.fetch(
        "SELECT failures, failed_at FROM login_delay WHERE key IN (?, ?) AND failures > 0 AND failed_at > ?",
        f"account:{key}", f"known:{key}", micros(store.now() - FORGOTTEN),
    )  # fmt: skip
    last = max((row["failed_at"] for row in rows), default=None)
    return sum(row["failures"] for row in rows), None if last is None else moment(last)
