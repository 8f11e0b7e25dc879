"""Which WebSub hubs push a source to us, and do they? Never the secret that their signatures are made with."""

from dataclasses import dataclass
from datetime import datetime

from hub.store.instants import maybe_moment
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFacts:
    """One agreement with a WebSub hub."""

    hub: str
    state: str
    granted_until: datetime | None
    pushed_at: datetime | None  #: last push with a right signature
    missed_at: datetime | None  #: last time that a poll found news first, or a signature was wrong
    pushes: int
    refused: int  #: pushes with a wrong signature
    fault_code: str


async def subscriptions(store: Store, source: str) -> list[SubscriptionFacts]:
    """Those of one source, the newest first; what ended is left out."""
    rows = await store.fetch(
        "SELECT hub, state, granted_until, pushed_at, missed_at, pushes, refused, fault_code FROM subscription"
        " WHERE source = ? AND state <> 'ended' ORDER BY id DESC",
        source,
    )
    moments = ("granted_until", "pushed_at", "missed_at")
    return [SubscriptionFacts(**row | {key: maybe_moment(row[key]) for key in moments}) for row in rows]
