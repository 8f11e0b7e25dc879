"""Normalise: turn one capture into numbered editions.

    claim ─> read (in a child) ─> what do we hold? ─> which item is each record? ─> guard ─> what changed?
          ─> held or approved? ─> where to? ─> record everything in one transaction

What a capture means is thought in hub/stages/thinking.py; all deciding is hub.rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from connectors.errors import HubError, RejectedError
from connectors.parse.announcements import announcing_title
from hub.broker.base import NORMALISE
from hub.engine import Engine
from hub.packing import unpack
from hub.reading import BodyJob, Index, Job, Reading, ReadingTooHardError, Teaser
from hub.rules import guard, identity, retry
from hub.rules.wholeness import GONE, NO_PLAN, Plan
from hub.screened import FAILED, layers_of, marked, name_mark
from hub.stages.harvest import fault_of
from hub.stages.thinking import Thinking, fault_of_run
from hub.store import articles, normalising, screening, subscribing
from hub.store.normalising import CaptureClaim, HeldItem, Outcome
from hub.store.screening import NewHit, Recognised
from hub.store.states import CaptureState, Origin
from hub.store.unit import Unit
from schemas.item import Attachment

#: a lease outlasts the longest reading, and what waits for a free child before it
LEASE = timedelta(seconds=120)
#: attempts after which a capture is taken for one that ends our own process; each lost lease counts as one
DEADLY_AFTER = 50
#: why a page does not complete its item: it could not be read
UNREADABLE = "page_unreadable"
#: note of the page of an item that its source took back meanwhile
UNWANTED = "the source took the item back before its page was read"


class Normalise:
    """The stage behind `hub.normalise`."""

    queue = NORMALISE

    def __init__(self, engine: Engine, *, concurrency: int = 12) -> None:
        self._engine = engine
        self.concurrency = concurrency
        #: by source, what stood in its last clean body; of this process only: who starts anew screens all once more
        self._clean: dict[str, bytes] = {}

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[CaptureClaim]:
        ids = [int(key) for key in keys if key.isdigit()] if keys is not None else None
        return await normalising.claim(self._engine.store, ids, limit=limit, lease=LEASE)

    async def handle(self, claim: CaptureClaim) -> None:
        """Make editions of one capture."""
        engine = self._engine
        if claim.attempts > DEADLY_AFTER:
            raise ReadingTooHardError(f"{claim.attempts} attempts ended without a word: it may end whoever reads it")
        job = await self._job(claim)
        if job is None:
            async with engine.store.unit() as unit:
                await normalising.record(unit, claim, Outcome(format="page", counts={}, identity=claim.identity,
                                                              churns=claim.churns, note=UNWANTED))  # fmt: skip
            return
        reading = await self._read(claim, job)
        held = await normalising.held_items(engine.store, claim.source, _keys(reading))
        now_local = engine.store.now().astimezone(engine.zone)
        plan = engine.sources[claim.source].plan
        thought = Thinking(
            claim, reading, held, routes=engine.routes, now_local=now_local, plan=plan,
            teasers=await self._teasers(claim, reading, held, plan), recognised=await self._recognised(claim, reading),
        )  # fmt: skip
        verdict, hits = thought.judge(), thought.hits()
        async with engine.store.unit() as unit:
            if isinstance(verdict, guard.Hold):
                # A person can let a run go on only while its body is kept: the next poll brings this one again.
                state = CaptureState.PURGED if hits else CaptureState.HELD
                await normalising.refuse(unit, claim, state, fault_of_run(verdict))
                for new in hits:
                    await screening.hit(unit, new)
                if hits:
                    await normalising.ask_again(unit, claim)
            else:
                outcome = thought.outcome(verdict)
                await normalising.record(unit, claim, outcome)
                await self._subscription(unit, claim, reading, news=bool(outcome.counts.get("new")))
        if hits:
            await screening.scrub(engine.store, engine.files)

    async def _job(self, claim: CaptureClaim) -> Job | None:
        """What there is to read; None when it is the page of an item that nobody waits for any more."""
        source = self._engine.sources[claim.source]
        about = None
        if claim.origin is Origin.ARTICLE:
            teaser = await articles.teaser(self._engine.store, claim.about)
            if teaser is None:
                return None
            before = await articles.whole(self._engine.store, claim.about)
            # Megabytes that only such a decision needs; one whose title its page completes is known by that.
            announces = announcing_title(teaser.item) or (before and announcing_title(before))
            texts = await articles.texts(self._engine.store, claim.about) if announces else ()
            files = await articles.layers(self._engine.store, claim.about)
            about = replace(
                teaser_of(teaser, claim.no_page), before=before, texts=texts, layers=layers_of(files, teaser.item),
                marked=marked(files),
            )  # fmt: skip
        return Job(
            connector=source.connector, context=source.context, config=source.config, capture=claim.head,
            packed=claim.packed,
            known=frozenset(claim.known), page=source.page, about=about,
            screening=self._engine.screens.of(claim.member, recognises=claim.recognises),
            # What waits for its page gets its entry with the page.
            index=Index(member=claim.member, name=claim.row["member_name"])
            if source.plan == NO_PLAN or claim.origin is Origin.ARTICLE
            else None,
            clean=self._clean.get(claim.source, b"") if claim.origin is not Origin.ARTICLE else b"",
        )  # fmt: skip

    async def _read(self, claim: CaptureClaim, job: Job) -> Reading:
        """What stands in the capture; once more when the source became known for something while it was read."""
        reading = await self._engine.reader.read(job)
        if claim.origin is not Origin.ARTICLE:
            self._clean[claim.source] = reading.clean
        if claim.recognises or not reading.read or not await screening.is_known(self._engine.store, claim.source):
            return reading
        return await self._engine.reader.read(replace(job, screening=self._engine.screens.of(claim.member)))

    async def _subscription(self, unit: Unit, claim: CaptureClaim, reading: Reading, *, news: bool) -> None:
        """A poll says which WebSub hub the feed has; that it found news first says that nobody had pushed them."""
        if not self._engine.sources[claim.source].websub or not claim.speaks_for_source or reading.truncated:
            return
        if news:
            await subscribing.missed(unit, claim.source)
        await subscribing.advertised(unit, claim.source, reading.hub, reading.topic or claim.row["url"])

    async def _recognised(self, claim: CaptureClaim, reading: Reading) -> Recognised:
        """What the source is known for at the screens, among what was read."""
        found = [read.screened for read in reading.read]
        values = {value for one in found for value in (one.fingerprint, *one.names)}
        return await screening.recognised(self._engine.store, claim.source, values)

    async def _teasers(
        self, claim: CaptureClaim, reading: Reading, held: Mapping[str, Sequence[HeldItem]], plan: Plan
    ) -> Mapping[UUID, str]:  # fmt: skip
        if plan == NO_PLAN or claim.origin is Origin.ARTICLE:
            return {}
        ids = [identity.content_id(claim.source, read.item.guid) for read in reading.read]
        ids += [item.content_id for items in held.values() for item in items]
        return await articles.known(self._engine.store, ids)

    async def failed(self, claim: CaptureClaim, error: BaseException) -> None:
        """A body that is not this source's format is refused; whatever else is tried again a few times."""
        engine = self._engine
        now = engine.store.now()
        if isinstance(error, RejectedError):
            await self._refuse(claim, error)
            return
        decision = retry.decide(error, attempts=claim.attempts, first_failed_at=now, now=now, chance=engine.chance())
        hopeless = isinstance(error, ReadingTooHardError) and claim.attempts >= retry.DELIVERY.defect_tries
        if claim.origin is Origin.ARTICLE and not claim.no_page and (hopeless or not isinstance(error, HubError)):
            async with engine.store.unit() as unit:
                await articles.unread(unit, claim.id, claim.attempts, claim.token, UNREADABLE)
            return
        async with engine.store.unit() as unit:
            match decision:
                case retry.Retry() | retry.Look() | retry.Wait() if not hopeless:
                    counts = not isinstance(decision, retry.Wait)
                    await normalising.later(unit, claim, due_at=decision.at, note=decision.reason, counts=counts)
                case _:
                    await normalising.refuse(unit, claim, CaptureState.DEAD, fault_of(error))

    async def _refuse(self, claim: CaptureClaim, error: RejectedError) -> None:
        """Nothing can be made of the body. It is kept for a person, unless it carries a mark of a state secret."""
        engine = self._engine
        screens, body = engine.screens.of(claim.member), unpack(claim.packed)
        try:
            rules = await engine.reader.strays(BodyJob(body=body, screening=screens))
        except (ReadingTooHardError, RuntimeError):
            rules = (FAILED,)
        if not rules:
            async with engine.store.unit() as unit:
                await normalising.refuse(unit, claim, CaptureState.REJECTED, fault_of(error))
            return
        mark = name_mark(f"body {sha256(body).hexdigest()}", screens.key)
        async with engine.store.unit() as unit:
            await normalising.refuse(unit, claim, CaptureState.PURGED, fault_of(error))
            new = NewHit(
                source=claim.source, member=claim.member, url=claim.row["url"], rules=rules, fingerprint=mark,
                content_ids=(UUID(claim.about),) if claim.about else (), capture=claim.id,
            )  # fmt: skip
            await screening.hit(unit, new)
        await screening.scrub(engine.store, engine.files)


def teaser_of(teaser: articles.Teaser, no_page: str = "") -> Teaser:
    """What is known of an item, as the reading of its page takes it."""
    files = {
        one.url: Attachment(url=one.url, type=one.type, length=one.size, sha256=one.sha256)
        for one in teaser.files.values()
        if one.sha256
    }
    return Teaser(
        item=teaser.item, pointer=teaser.pointer, remarks=teaser.remarks, files=files, no_page=no_page,
        gone=no_page == GONE,
    )  # fmt: skip


def _keys(reading: Reading) -> list[str]:
    gone = (identity.guid_key(tombstone.guid) for tombstone in reading.tombstones)
    return [key for read in reading.read for key in read.keys] + list(gone)
