"""What happens after something failed: the worker asks here and obeys.

    TransientError     Retry       full jitter over 2 s × 2ⁿ, at most 15 min
    ThrottledError     Wait        as told, no attempt counted; the other side's time is capped
    RejectedError      SetAside    this record or payload ends
    BlockedError       PauseEndpoint   everything for it waits until a person resumes it; so does a ConfigError
    UnconfirmedError   Look        ask the other side what it has before anything is sent again
                       Park        where the other side cannot be asked: a person looks
    our shutdown       Wait        from now, no attempt counted
    anything else      Retry, then Park: a defect of ours, few tries, visible

What is older than seven days is parked. Parked work is never dropped: a newer revision or a person frees it. What is
late before that, `hub status` counts. Sources are not retried: their rhythm stretches instead (rules.rhythm).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import (
    BlockedError,
    ConfigError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we go on trying; seconds unless said otherwise."""

    first: float = 2.0  #: longest wait before the second attempt; doubles with each
    longest: float = 15 * 60.0
    longest_told: float = 6 * 3_600.0  #: cap of the other side's Retry-After
    park_after: timedelta = timedelta(days=7)
    defect_tries: int = 5  #: attempts that may end in a defect of ours


DELIVERY = Patience()
#: code of a doubt about which the place cannot be asked: only a person can look
UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Retry:
    """Do it again; the attempt counts."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Do it again as told; the attempt does not count. Throttling holds back the whole endpoint until `at`."""

    at: datetime
    reason: str
    endpoint: bool = True  #: everything for this endpoint waits, not only this piece of work


@dataclass(frozen=True, slots=True)
class Look:
    """Find out what happened before doing anything again; the attempt counts."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Never again for this record or revision."""

    reason: str


@dataclass(frozen=True, slots=True)
class PauseEndpoint:
    """Stop speaking with this endpoint, keep its work waiting, call a person; no attempt counts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    """Set aside after long failure; a newer revision or a person frees it."""

    reason: str


Decision = Retry | Wait | Look | SetAside | PauseEndpoint | Park


def decide(
    error: BaseException,
    *,
    attempts: int,
    first_failed_at: datetime,
    now: datetime,
    chance: float,
) -> Decision:
    """What to do after `error`.

    `attempts` counts the failed one, from 1, also those whose worker died. `first_failed_at` begins the present row of
    failures (`now` for the first). `chance` is a fresh number in [0, 1).
    """
    if not isinstance(error, Exception):
        # CancelledError, KeyboardInterrupt, SystemExit: we were stopped, the work is as good as before.
        return Wait(now, "our shutdown", endpoint=False)
    age = now - first_failed_at
    patience = DELIVERY
    match error:
        case RejectedError():
            return SetAside(_reason(error))
        case BlockedError() | ConfigError():
            return PauseEndpoint(_reason(error))
        case UnconfirmedError(code=code) if code == UNTOLD:
            return Park("nobody can tell whether it is there: a person looks")
        case _ if age >= patience.park_after:
            return Park(f"failing since {first_failed_at:%Y-%m-%d %H:%M}: {_reason(error)}")
        case ThrottledError(retry_after=told) if told is not None:
            return Wait(now + _seconds(min(max(told, 0.0), patience.longest_told)), _reason(error))
        case ThrottledError():
            return Wait(now + _backoff(attempts, chance, patience, least=0.5), _reason(error))
        case TransientError():
            return Retry(now + _backoff(attempts, chance, patience), _reason(error))
        case UnconfirmedError():
            return Look(now + _backoff(attempts, chance, patience), _reason(error))
        case _ if attempts >= patience.defect_tries:
            return Park(f"defect after {attempts} attempts: {_reason(error)}")
        case _:
            return Retry(now + _backoff(attempts, chance, patience), f"defect: {_reason(error)}")


def _backoff(attempts: int, chance: float, patience: Patience, *, least: float = 0.0) -> timedelta:
    """Full jitter: anywhere from `least` of the doubled wait to all of it, so that failures do not march in step."""
    doublings = min(max(attempts, 1) - 1, 30)
    return _seconds(min(patience.longest, patience.first * 2.0**doublings) * (least + (1.0 - least) * chance))


def _seconds(seconds: float) -> timedelta:
    # A NaN from a hostile header compares false everywhere and would end here.
    return timedelta(seconds=seconds if seconds == seconds else 0.0)


def _reason(error: BaseException) -> str:
    """Class and code; never the text of an unknown error, which may quote what we were sending."""
    return f"{type(error).__name__}:{getattr(error, 'code', '')}".rstrip(":")
