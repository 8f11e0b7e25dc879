"""When a WebSub hub is asked, and what its questions are answered: leases, patience, verification of intent.

lease      asked for ten days; believed for ninety at most; renewed when two thirds of it are over
silence    asked again after ten minutes, doubled each time, six hours at most
refusal    asked again after a day
leaving    tried five times; then the lease runs out by itself
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.websub import DENIED, SUBSCRIBE, Intent

#: Seconds that we ask for, and the most that is believed.
LEASE = 10 * 86_400
LONGEST_LEASE = 90 * 86_400
#: Part of a lease after which it is renewed, and the soonest that this may be.
RENEW_AFTER, SOONEST_RENEWAL = 2 / 3, timedelta(minutes=1)
#: After a request that nobody asked back about, and the longest wait between two of them.
FIRST_PATIENCE, LONGEST_PATIENCE = timedelta(minutes=10), timedelta(hours=6)
AFTER_DENIAL = timedelta(days=1)
#: How long after a request a hub may ask whether it was ours; it may ask again when our answer was lost.
VERIFIED_WITHIN = timedelta(hours=1)
#: Requests to let us go, after which we go without.
FAREWELLS = 5


class Verdict(StrEnum):
    """How a question of a hub is answered."""

    CONFIRM = "confirm"  #: it was we: echo the challenge
    DENIED = "denied"  #: it tells us that it does not want us: taken note of
    STRANGE = "strange"  #: we asked nothing of the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What we asked of a hub last."""

    mode: str  #: empty when nothing was asked yet
    topic: str
    at: datetime | None


def judge(intent: Intent, asked: Asked, now: datetime) -> Verdict:
    """Whether a question is about what we asked. The topic must be the same to the letter: it is ours."""
    if not asked.mode or asked.at is None or intent.topic != asked.topic:
        return Verdict.STRANGE
    if intent.mode == DENIED:
        return Verdict.DENIED if asked.mode == SUBSCRIBE else Verdict.STRANGE
    recent = now - asked.at <= VERIFIED_WITHIN
    return Verdict.CONFIRM if intent.mode == asked.mode and recent else Verdict.STRANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Until when the hub pushes, and when it is asked anew."""

    until: datetime
    renew_at: datetime


def grant(lease: int | None, now: datetime) -> Grant:
    """What a confirmed lease of so many seconds means; None is that of a hub that names none."""
    seconds = timedelta(seconds=min(lease or LEASE, LONGEST_LEASE))
    return Grant(until=now + seconds, renew_at=now + max(seconds * RENEW_AFTER, SOONEST_RENEWAL))


def ask_again_at(now: datetime, attempts: int, chance: float) -> datetime:
    """When to ask again after `attempts` requests without effect; `chance` in [0, 1) spreads them by a tenth."""
    doublings: int = 2 ** min(max(attempts, 1) - 1, 16)
    wait = min(FIRST_PATIENCE * doublings, LONGEST_PATIENCE)
    return now + wait * (1 - 0.1 * chance)
