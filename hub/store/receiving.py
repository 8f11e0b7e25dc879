"""What comes to us by itself: signed pushes of members to their inbox, and what WebSub hubs distribute.

Bytes, the record that they came, and the bell for the normalise stage are one transaction. Whoever sent them is
answered after its commit: if we die before it nothing was taken, and the sender tries again; if we die after it, the
record says so.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Capture
from hub.store import harvesting
from hub.store.instants import micros, moment
from hub.store.states import Origin
from hub.store.subscribing import Subscription
from hub.store.unit import Store, Unit

#: The time over which pushes of one source are counted.
RATE_OVER = timedelta(minutes=1)
#: Distributions of one source that may wait to be read; further ones are put off, for the polls bring what they say.
WAITING_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """It is stored, and will be read."""

    capture: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """This very request was taken before."""

    capture: int


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not now: too many came in a short time, or a person paused the source."""

    seconds: float
    paused: bool = False


#: Seconds after which a member may ask whether its source is still paused.
PAUSED_FOR = 3_600.0


async def pushed(
    store: Store, source: str, capture: Capture, *, signature: str, per_minute: int
) -> Kept | Repeated | PutOff:
    """Take what a member sent to its inbox, once for each signature, and at most so many a minute."""
    async with store.unit() as unit:
        if not await is_open(unit, source):
            return PutOff(PAUSED_FOR, paused=True)
        same = await unit.tx.fetch("SELECT capture FROM push WHERE source = ? AND signature = ?", source, signature)
        if same:
            return Repeated(same[0]["capture"])
        recent = await unit.tx.fetch(
            "SELECT at FROM push WHERE source = ? AND at > ? ORDER BY at DESC LIMIT ?",
            source, micros(unit.now - RATE_OVER), per_minute,
        )  # fmt: skip
        if len(recent) >= per_minute:
            return PutOff((moment(recent[-1]["at"]) + RATE_OVER - unit.now).total_seconds())
        kept = await harvesting.keep(unit, source, capture, Origin.POLL)
        await unit.tx.execute(
            "INSERT INTO push (source, signature, capture, at) VALUES (?, ?, ?, ?)", source, signature, kept, unit.at
        )
        await unit.tx.execute("UPDATE source SET changed_at = ? WHERE name = ?", unit.at, source)
        return Kept(kept)


async def distributed(store: Store, subscription: Subscription, capture: Capture) -> Kept | Repeated | PutOff:
    """Take what a hub pushed. It touches neither cursor nor rhythm of the polls; the same bytes twice are one push."""
    async with store.unit() as unit:
        if not await is_open(unit, subscription.source):
            return PutOff(PAUSED_FOR, paused=True)
        last = await unit.tx.fetch(
            "SELECT id, sha256, state FROM capture WHERE source = ? AND origin = 'push' ORDER BY id DESC LIMIT ?",
            subscription.source, WAITING_LIMIT,
        )  # fmt: skip
        if sum(row["state"] in ("new", "working", "held") for row in last) >= WAITING_LIMIT:
            return PutOff(RATE_OVER.total_seconds())
        await unit.tx.execute(
            "UPDATE subscription SET pushes = pushes + 1, pushed_at = ? WHERE id = ?", unit.at, subscription.id
        )
        if last and last[0]["sha256"] == hashlib.sha256(capture.body).hexdigest():
            return Repeated(last[0]["id"])
        return Kept(await harvesting.keep(unit, subscription.source, capture, Origin.PUSH))


async def is_open(unit: Unit, source: str) -> bool:
    """Whether the source takes anything; locks its row, so that captures of one source get their ids in order."""
    rows = await unit.tx.fetch("UPDATE source SET host = host WHERE name = ? RETURNING state", source)
    return any(row["state"] in ("active", "blocked") for row in rows)


async def forget_pushes(store: Store, *, older_than: datetime) -> int:
    """Let go of signatures whose time is long over: their timestamps alone would have them refused."""
    async with store.unit() as unit:
        return await unit.tx.execute("DELETE FROM push WHERE at < ?", micros(older_than))
