"""Subscriptions to WebSub hubs: which are wanted, claims of what is due, and what a hub answered.

    a poll names a hub ─> asking ─claim─> POST to the hub ─> it asks the callback ─> active ─> renewed before its end

What is asked of the hub is committed before it is asked: its question may come before its answer. A worker that dies in
between asks once more after its lease, which a hub takes as a renewal.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.websub import SUBSCRIBE, UNSUBSCRIBE, Mode, new_digest
from hub.broker.base import SUBSCRIBE as QUEUE
from hub.rules import rhythm
from hub.rules.subscription import Asked, Grant
from hub.store.database import Row, marks
from hub.store.instants import maybe_moment, micros
from hub.store.states import SubscriptionState
from hub.store.unit import Store, Unit

#: Bytes of randomness in the callback's token and in the secret.
TOKEN_BYTES, SECRET_BYTES = 24, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionClaim:
    """A subscription that is ours to speak about with its hub until the lease ends."""

    id: int
    source: str
    mode: Mode  #: what is asked now
    hub: str
    topic: str
    token: str  #: of the callback
    secret: str
    state: SubscriptionState
    attempts: int
    lease_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What the callback must know of a subscription."""

    id: int
    source: str
    topic: str
    secret: str
    state: SubscriptionState
    asked: Asked


async def advertised(unit: Unit, source: str, hub: str, topic: str) -> None:
    """The newest poll of a source names this hub and topic, or none (both empty)."""
    digest = new_digest(hub, topic)
    await unit.tx.execute(
        "UPDATE subscription SET named = CASE WHEN digest = ? THEN 1 ELSE 0 END WHERE source = ?", digest, source
    )
    if not hub:
        return
    rows = await unit.tx.fetch(
        "INSERT INTO subscription (source, digest, hub, topic, state, token, secret, due_at)"
        " VALUES (?, ?, ?, ?, 'asking', ?, ?, ?)"
        " ON CONFLICT (source, digest) DO NOTHING RETURNING id",  # what is there goes on
        source, digest, hub, topic, secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(SECRET_BYTES), unit.at,
    )  # fmt: skip
    for row in rows:
        unit.ring(QUEUE, row["id"])


#: The newest poll named it, and its source is at work with `websub = true` ({sources}).
_WANTED = (
    "named = 1 AND EXISTS (SELECT 1 FROM source s WHERE s.name = subscription.source"
    " AND s.state IN ('active', 'blocked') AND s.name IN ({sources}))"
)
_FREE = "(lease_until IS NULL OR lease_until < ?)"


async def claim(
    store: Store, ids: Sequence[int] | None, sources: Sequence[str], *, limit: int, lease: timedelta
) -> list[SubscriptionClaim]:
    """Take up to `limit` subscriptions about which a hub is to be asked something; `sources` are those to be pushed.

    What is wanted again, or no longer, is found here: a source was paused, resumed or taken out, a lease ran out.
    """
    now = store.now()
    at, wanted = micros(now), _WANTED.format(sources=marks(len(sources)))
    due = await store.fetch(
        f"SELECT id FROM subscription WHERE {_FREE} AND ((state <> 'ended' AND due_at <= ?)"
        f" OR (state = 'active' AND granted_until < ?)"
        f" OR (state IN ('leaving', 'ended') AND {wanted}) OR (state NOT IN ('leaving', 'ended') AND NOT ({wanted})))"
        " ORDER BY due_at, id LIMIT ?",
        at, at, at, *sources, *sources, limit,
    )  # fmt: skip
    found = [row["id"] for row in due if ids is None or row["id"] in ids]
    if not found:
        return []
    async with store.unit() as unit:
        await _turn(unit, found, sources)
        token = secrets.token_hex(16)
        rows = await unit.tx.fetch(
            f"UPDATE subscription SET attempts = attempts + 1, lease_token = ?, lease_until = ?, asked_at = ?,"
            f" mode = CASE WHEN state = 'leaving' THEN '{UNSUBSCRIBE}' ELSE '{SUBSCRIBE}' END"
            f" WHERE id IN (SELECT id FROM subscription WHERE id IN ({marks(len(found))}) AND state <> 'ended'"
            f" AND due_at <= ? AND {_FREE} ORDER BY id{store.database.skip_locked})"
            " RETURNING id, source, mode, hub, topic, token, secret, state, attempts",
            token, micros(now + lease), at, *found, at, at,
        )  # fmt: skip
    return [_claimed(row, token) for row in rows]


async def _turn(unit: Unit, ids: Sequence[int], sources: Sequence[str]) -> None:
    """Let those of `ids` that are wanted again be asked for, those that are not any more be ended, those that ran out
    be asked for anew.
    """
    chosen, wanted = f"id IN ({marks(len(ids))})", _WANTED.format(sources=marks(len(sources)))
    for row in await unit.tx.fetch(
        f"SELECT id FROM subscription WHERE {chosen} AND state IN ('leaving', 'ended') AND {wanted}", *ids, *sources
    ):
        # A new token and secret: whoever still posts to the old callback has nothing to say any more.
        await unit.tx.execute(
            "UPDATE subscription SET state = 'asking', due_at = ?, attempts = 0, mode = '', token = ?, secret = ?"
            " WHERE id = ?",
            unit.at, secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(SECRET_BYTES), row["id"],
        )  # fmt: skip
    # A hub that never granted anything need not be told that we go.
    rows = await unit.tx.fetch(
        f"UPDATE subscription SET state = CASE WHEN state = 'active' THEN 'leaving' ELSE 'ended' END, due_at = ?,"
        f" attempts = 0 WHERE {chosen} AND state NOT IN ('leaving', 'ended') AND NOT ({wanted})"
        " RETURNING source, state",
        unit.at, *ids, *sources,
    )  # fmt: skip
    for row in rows:
        await _back_to_polls(unit, row["source"])
    # Asked for anew when it would have been renewed: a hub that grants seconds must not be asked every second.
    lost = await unit.tx.fetch(
        f"UPDATE subscription SET state = 'asking', attempts = 0"
        f" WHERE {chosen} AND state = 'active' AND granted_until < ? RETURNING source",
        *ids, unit.at,
    )  # fmt: skip
    for row in lost:
        unit.tell("subscription_lost", source=row["source"], why={"code": "lease_over"})
        await _back_to_polls(unit, row["source"])


async def _back_to_polls(unit: Unit, source: str) -> None:
    """Polls that were slow because somebody pushed find their usual rhythm at once."""
    soon = unit.at + int(rhythm.DEFAULT_EVERY * 1_000_000)
    await unit.tx.execute(
        "UPDATE source SET due_at = ? WHERE name = ? AND due_at > ? AND rhythm_reason = ?",
        soon, source, soon, rhythm.BACKUP,
    )  # fmt: skip


def _claimed(row: Row, token: str) -> SubscriptionClaim:
    return SubscriptionClaim(
        id=row["id"], source=row["source"], mode=row["mode"], hub=row["hub"], topic=row["topic"], token=row["token"],
        secret=row["secret"], state=SubscriptionState(row["state"]), attempts=row["attempts"], lease_token=token,
    )  # fmt: skip


#: Not by attempts, as elsewhere: the callback counts them from zero again while the request is under way.
_FENCE = " WHERE id = ? AND lease_token = ?"
_FREED = "lease_until = NULL, lease_token = ''"


async def asked(unit: Unit, claim: SubscriptionClaim, *, due_at: datetime, fault: str = "") -> None:
    """The hub took the request, or could not be reached (`fault`): asked again then, unless it asked back by now."""
    # Its question may have come before its answer; what the callback wrote then stands.
    await unit.fenced(
        "UPDATE subscription SET due_at = CASE WHEN confirmed_at >= asked_at THEN due_at ELSE CAST(? AS BIGINT) END,"
        f" fault_code = ?, {_FREED}" + _FENCE,
        micros(due_at), fault, claim.id, claim.lease_token,
    )  # fmt: skip


async def postponed(unit: Unit, claim: SubscriptionClaim, *, due_at: datetime) -> None:
    """We were told to wait, or are shutting down: the attempt does not count."""
    await unit.fenced(
        f"UPDATE subscription SET due_at = ?, attempts = attempts - 1, {_FREED}" + _FENCE,
        micros(due_at), claim.id, claim.lease_token,
    )  # fmt: skip


async def turned_down(unit: Unit, claim: SubscriptionClaim, *, due_at: datetime, fault: str) -> None:
    """The hub will not have this request: asked again on another day. A lease that still runs is used to its end."""
    await unit.fenced(
        "UPDATE subscription SET state = CASE WHEN state = 'active' THEN state ELSE 'denied' END, due_at = ?,"
        f" fault_code = ?, {_FREED}" + _FENCE,
        micros(due_at), fault, claim.id, claim.lease_token,
    )  # fmt: skip
    if claim.state is not SubscriptionState.DENIED:
        unit.tell("subscription_denied", source=claim.source, why={"code": fault})


async def left(unit: Unit, claim: SubscriptionClaim) -> None:
    """The hub was told often enough that we go."""
    await unit.fenced(f"UPDATE subscription SET state = 'ended', {_FREED}" + _FENCE, claim.id, claim.lease_token)


async def by_token(store: Store, token: str) -> Subscription | None:
    """The subscription whose callback this is."""
    rows = await store.fetch(
        "SELECT id, source, topic, secret, state, mode, asked_at FROM subscription WHERE token = ?", token
    )
    if not rows:
        return None
    [row] = rows
    return Subscription(
        id=row["id"], source=row["source"], topic=row["topic"], secret=row["secret"],
        state=SubscriptionState(row["state"]),
        asked=Asked(mode=row["mode"], topic=row["topic"], at=maybe_moment(row["asked_at"])),
    )  # fmt: skip


async def confirmed(unit: Unit, subscription: Subscription, granted: Grant) -> bool:
    """The hub asked whether it was we who subscribe, and will push until the lease ends. False: we did, but left."""
    changed = await unit.tx.execute(
        "UPDATE subscription SET state = 'active', confirmed_at = ?, granted_until = ?, due_at = ?, attempts = 0,"
        " fault_code = '' WHERE id = ? AND mode = 'subscribe' AND state IN ('asking', 'active', 'denied')",
        unit.at, micros(granted.until), micros(granted.renew_at), subscription.id,
    )  # fmt: skip
    if changed and subscription.state is not SubscriptionState.ACTIVE:
        unit.tell("subscribed", source=subscription.source, why={"until": granted.until.isoformat()})
    return bool(changed)


async def released(unit: Unit, subscription: Subscription) -> None:
    """The hub asked whether it was we who leave."""
    changed = await unit.tx.execute(
        "UPDATE subscription SET state = 'ended', confirmed_at = ? WHERE id = ? AND state = 'leaving'",
        unit.at, subscription.id,
    )  # fmt: skip
    if changed:
        unit.tell("unsubscribed", source=subscription.source)


async def denied(unit: Unit, subscription: Subscription, *, due_at: datetime) -> None:
    """The hub says that it does not, or no longer, push to us."""
    changed = await unit.tx.execute(
        "UPDATE subscription SET state = 'denied', confirmed_at = ?, due_at = ?, fault_code = 'denied'"
        " WHERE id = ? AND state IN ('asking', 'active')",
        unit.at, micros(due_at), subscription.id,
    )  # fmt: skip
    if changed:
        unit.tell("subscription_denied", source=subscription.source, why={"code": "denied"})
        await _back_to_polls(unit, subscription.source)


async def misused(unit: Unit, subscription: Subscription) -> None:
    """A push came whose signature is wrong: it is counted, and the subscription not relied on."""
    await unit.tx.execute(
        "UPDATE subscription SET refused = refused + 1, missed_at = ? WHERE id = ?", unit.at, subscription.id
    )
    await _back_to_polls(unit, subscription.source)


async def missed(unit: Unit, source: str) -> None:
    """A poll found news that nobody had pushed: until the next push the subscription is not relied on."""
    await unit.tx.execute(
        "UPDATE subscription SET missed_at = ? WHERE source = ? AND state = 'active'", unit.at, source
    )


async def works(store: Store, source: str) -> bool:
    """Whether a source's pushes may be relied on: the lease runs, and nothing was missed since the last of them."""
    rows = await store.fetch(
        "SELECT 1 AS one FROM subscription WHERE source = ? AND state = 'active' AND granted_until > ?"
        " AND (missed_at IS NULL OR pushed_at > missed_at)",
        source, micros(store.now()),
    )  # fmt: skip
    return bool(rows)
