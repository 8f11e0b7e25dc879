"""Reconcile: read what a destination holds, compare it with what it should show, ask for what was accepted.

    pulling ── page by page ──> comparing ── both sides of every key, the rules judge ──> applying ──> done
                                                                          └── nothing was asked for ──> done

Each step is claimed, committed and due again, so that a kill costs one page. Nothing is written to the destination from
here: what is accepted becomes a wanted delivery, with its attempts and doubts.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from connectors.base import Difference, Holding, Merging, Reconcilable
from connectors.errors import HubError, RejectedError
from hub.broker.base import RECONCILE
from hub.engine import DestinationInForce, Engine
from hub.rules import retry
from hub.rules.reconciliation import DifferenceKind, Finding, Judgement, Ours, Theirs, judge, many_at_once
from hub.rules.routing import Facts, route
from hub.stages import LEASE_MARGIN
from hub.store import applying, differing, reconciling
from hub.store.database import Row
from hub.store.differing import BATCH, Comparison, OurItem, published
from hub.store.reconciling import RunClaim
from hub.store.states import RunState
from schemas.edition import PublishedItem
from schemas.item import Kind

#: How long a comparison may take.
COMPARING = timedelta(minutes=15)
#: Attempts at one step before the run is given up.
TRIES = 8
#: Pages of one run; a destination that goes on longer is thought to be endless.
PAGES_LIMIT = 10_000


class Reconcile:
    """The stage behind `hub.reconcile`."""

    queue = RECONCILE
    concurrency = 2

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lease = COMPARING + LEASE_MARGIN

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[RunClaim]:
        ids = [int(key) for key in keys if key.isdigit()] if keys is not None else None
        return await reconciling.claim(self._engine.store, ids, limit=limit, lease=self._lease)

    async def handle(self, claim: RunClaim) -> None:
        """Take one step."""
        engine = self._engine
        place = engine.destinations.get(claim.destination)
        if place is None or not isinstance(place.destination, Reconcilable):
            async with engine.store.unit() as unit:
                await reconciling.failed(unit, claim, note=_UNABLE, code="not_reconcilable")
            return
        match claim.state:
            case RunState.PULLING:
                await self._pull(claim, place, place.destination)
            case RunState.COMPARING:
                await self._compare(claim, place, place.destination)
            case _:
                async with engine.store.unit() as unit:
                    count = await applying.apply_some(unit, claim.destination, self._kind_of(claim.destination))
                    await reconciling.applied(unit, claim, more=count == applying.BATCH)

    async def _pull(self, claim: RunClaim, place: DestinationInForce, destination: Reconcilable) -> None:
        holdings = await destination.holdings(place.http, claim.cursor)
        if holdings.more and (claim.pages + 1 >= PAGES_LIMIT or holdings.cursor == claim.cursor):
            raise RejectedError(
                "the pages of the destination do not end", code="endless",
                sentence="Nơi nhận trả lời lặp lại mãi một danh sách nên không đối soát được. Cần báo đơn vị vận hành"
                " nơi nhận kiểm tra dịch vụ danh sách.",
            )  # fmt: skip
        pause = max(place.interval, timedelta(seconds=min(holdings.retry_after or 0.0, retry.DELIVERY.longest_told)))
        merge = destination.merged if isinstance(destination, Merging) else None
        await reconciling.keep_page(self._engine.store, claim, holdings, pause=pause, merge=merge)

    # ------------------------------------------------------------------------------------------------ comparing

    async def _compare(self, claim: RunClaim, place: DestinationInForce, destination: Reconcilable) -> None:
        store = self._engine.store
        ours, asked = await self._ours(place)
        theirs = await differing.held_summaries(store, claim)
        moving = asked | await differing.on_the_way(store, claim.destination, claim.started_at)
        silent = {
            *claim.unread,
            *(key for key, claimed in ours.items() if any(one.content_id in moving for one in claimed)),
        }
        findings: list[Finding] = []
        agreed: dict[str, Ours] = {}
        # Of a run that is only news, what it does not show may be there all the same.
        keys = sorted((ours.keys() if claim.whole else set()) | theirs.keys())
        for start in range(0, len(keys), BATCH):
            part = [key for key in keys[start : start + BATCH] if key not in silent]
            both = [key for key in part if key in theirs]
            records = await differing.held_records(store, claim.destination, both)
            editions = await differing.public_rows(store, [one for key in both for one in ours.get(key, ())])
            # Pure work of some milliseconds a record: beside the event loop, which has other things to do.
            for judgement in await asyncio.to_thread(_judged, part, ours, theirs, records, editions, destination):
                # News of what we have withdrawn do not say that it is still there.
                findings += [f for f in judgement.findings if claim.whole or f.kind is not DifferenceKind.ORPHAN]
                if judgement.agreed is not None:
                    agreed[judgement.key] = judgement.agreed
        gone = [one for key, claimed in ours.items() if _is_gone(theirs.get(key), claim) and key not in silent
                for one in claimed if not one.live]  # fmt: skip
        # Of a place that shows nothing but news, nobody asked for what it confirmed.
        confirmed = sum(any(one.live and one.sent_revision for one in claimed) for claimed in ours.values())
        found = Comparison(
            findings=findings, agreed=agreed, untold=silent, gone=gone, held=len(theirs), whole=claim.whole,
            ours=sum(any(one.live for one in claimed) for claimed in ours.values()),
            alarm=many_at_once(findings, confirmed),
        )  # fmt: skip
        if found.whole:  # a report of an older revision proves nothing of a newer one
            await differing.prove(store, claim, found)
        async with store.unit() as unit:
            await differing.record(unit, claim, found, place.timetable.accept)

    async def _ours(self, place: DestinationInForce) -> tuple[Mapping[str, list[Ours]], set[str]]:
        """Every item that the destination has or should have, by the key that it has or would have there.

        And those of which nothing can be said, as a person is asked about them, or said no.
        """
        store, found = self._engine.store, defaultdict[str, list[Ours]](list)
        asked: set[str] = set()
        async for batch in differing.wanted(store, place.name):
            asked |= {one.ours.content_id for one in batch if one.asked}
            unnamed = [one for one in batch if not one.key]
            for one in batch:
                if one.key:
                    found[one.key].append(one.ours)
            await self._named(place, unnamed, found)
        kinds = self._kinds(place.name)
        if kinds is not None:
            async for batch in differing.unsent(store, place.name, kinds):
                await self._named(place, batch, found, only_routed=True)
        return found, asked

    async def _named(
        self, place: DestinationInForce, batch: Sequence[OurItem], found: dict[str, list[Ours]],
        *, only_routed: bool = False,
    ) -> None:  # fmt: skip
        """File items under the key they would be presented with; one that cannot be presented is not compared."""
        rows = await differing.public_rows(self._engine.store, [one.ours for one in batch])
        for key, ours in await asyncio.to_thread(self._keys, place, batch, rows, only_routed):
            found[key].append(ours)

    def _keys(
        self, place: DestinationInForce, batch: Sequence[OurItem], rows: Mapping[str, Row], only_routed: bool
    ) -> list[tuple[str, Ours]]:  # fmt: skip
        named = []
        for one in batch:
            row = rows.get(one.ours.content_id)
            if row is None:
                if not one.ours.live:  # withdrawn before it had a key, or at a place that goes by content_id
                    named.append((one.ours.content_id, one.ours))
                continue
            item = published(row)
            if only_routed and not self._is_routed(item, place.name):
                continue
            try:
                key = place.destination.present(item).key
            except RejectedError:
                continue
            named.append((key or one.ours.content_id, one.ours))
        return named

    def _is_routed(self, item: PublishedItem, destination: str) -> bool:
        facts = Facts(member=item.member, source=item.source, kind=item.kind)
        now = self._engine.store.now().astimezone(self._engine.zone)
        return destination in route(item, facts, self._engine.routes, now).destinations

    def _kinds(self, destination: str) -> Sequence[Kind] | None:
        """Kinds that routes lead here; empty: all; None: no route does."""
        routes = [each for each in self._engine.routes if destination in each.to]
        if not routes:
            return None
        takes_all = any(not each.kinds for each in routes)
        return [] if takes_all else sorted({kind for each in routes for kind in each.kinds})

    def _kind_of(self, destination: str) -> Kind:
        """What a record there would be, were it ours."""
        return next(iter(self._kinds(destination) or ()), Kind.NEWS)

    async def failed(self, claim: RunClaim, error: BaseException) -> None:
        """A destination that is away is waited for; one that refuses us ends the run with the reason."""
        engine, now = self._engine, self._engine.store.now()
        decision = retry.decide(
            error, attempts=claim.attempts, first_failed_at=claim.failed_since or now, now=now, chance=engine.chance()
        )
        note, code = _DEFECT, "defect"
        if isinstance(error, HubError):
            note, code = error.sentence or str(error), error.code
        async with engine.store.unit() as unit:
            match decision:
                case retry.Wait():
                    told = "" if isinstance(error, asyncio.CancelledError) else note
                    await reconciling.later(unit, claim, due_at=decision.at, note=told, counts=False)
                case retry.Retry() if claim.attempts < TRIES:
                    await reconciling.later(unit, claim, due_at=decision.at, note=note, counts=True)
                case _:
                    await reconciling.failed(unit, claim, note=note, code=code)


def _is_gone(held: Theirs | None, claim: RunClaim) -> bool:
    """Whether readers see nothing of it there."""
    return held.withdrawn if held is not None else claim.whole


def _judged(
    keys: Sequence[str], ours: Mapping[str, Sequence[Ours]], theirs: Mapping[str, Theirs],
    records: Mapping[str, Holding], editions: Mapping[str, Row], destination: Reconcilable,
) -> list[Judgement]:  # fmt: skip
    """The rules over one batch of keys."""

    def differ(key: str, one: Ours) -> Sequence[Difference]:
        row = editions.get(one.content_id)
        if row is None or key not in records:
            return ()  # withdrawn or replaced since the keys were read: the next run sees it
        return destination.differences(published(row), records[key])

    return [judge(key, ours.get(key, ()), theirs.get(key), partial(differ, key)) for key in keys]


_UNABLE = "Nơi nhận này không cho biết đang giữ những gì nên không đối soát được, hoặc không còn trong settings.toml."
_DEFECT = "Phần mềm của hệ thống gặp lỗi khi đối soát; nơi nhận không có lỗi. Báo bộ phận kỹ thuật kèm tên nơi nhận."
