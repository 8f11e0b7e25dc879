"""Enrich: fetch the page and the files of items whose list says too little, and look at those pages again later.

    claim ─> page (robots and crawl delay honoured) ─> which files belong to it? (in a child) ─> files, kept by checksum
          ─> one transaction: page as a capture about the item, files, next look      ─> normalise makes the edition

What cannot be had keeps no item back for long: after a while it goes out with what its list said.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from connectors.base import Capture, Unchanged
from connectors.errors import BlockedError, HubError, RejectedError, ThrottledError
from connectors.parse.files import types as filetype
from hub.broker.base import ENRICH
from hub.engine import Engine, SourceInForce
from hub.reading import FileJob, Job, MarkedFile, ReadingTooHardError
from hub.rules import retry, wholeness
from hub.screened import MARKED, note_of
from hub.stages import LEASE_MARGIN
from hub.stages.normalise import teaser_of
from hub.store import articles
from hub.store.articles import ArticleClaim, KeptFile
from hub.store.states import ArticleState
from hub.store.unit import Unit
from schemas.item import Attachment

#: Most files of one item that are kept.
FILES_LIMIT = 20
#: What is asked for.
HTML = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
#: Times the longest fetch of a source that one item may take; files that did not come by then are noted as late.
FETCHES = 4
#: Seconds that a file may take beside its fetch: waiting for a turn, being put away and read.
FILE_MARGIN = 5.0
#: Why a file is not kept: its address leads to a page, of an error or a login.
PAGE_FOR_FILE = "page_for_file"
#: Codes of a page that is not there.
MISSING = frozenset({"not_found", "gone"})

log = structlog.get_logger(__name__)


class Enrich:
    """The stage behind `hub.enrich`."""

    queue = ENRICH

    def __init__(self, engine: Engine, *, concurrency: int = 32, until: datetime | None = None) -> None:
        """`until` looks only at pages that were due by then: one round, not the next."""
        self._engine = engine
        self.concurrency = concurrency
        self._until = until
        self._longest = FETCHES * engine.longest_fetch
        self._lease = timedelta(seconds=self._longest) + LEASE_MARGIN
        self._told: dict[str, datetime] = {}  # until when a host wants to be left alone

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[ArticleClaim]:
        if not self._engine.has_room():
            return []
        return await articles.claim(
            self._engine.store, keys, limit=limit, lease=self._lease, per_host=self._engine.per_host,
            patience=wholeness.PATIENCE, until=self._until,
        )  # fmt: skip

    async def handle(self, claim: ArticleClaim) -> None:
        """Get what the item waits for, or look whether its page is still there."""
        engine = self._engine
        source = engine.sources[claim.source]
        self._refuse_to_ask(claim)
        enough = asyncio.get_running_loop().time() + self._longest
        async with asyncio.timeout_at(enough):
            page = await self._page(claim, source)
            if isinstance(page, Unchanged):
                async with engine.store.unit() as unit:
                    await articles.unchanged(unit, claim, look=self._look(claim, source))
                return
            files = await self._files(claim, source, page, enough) if source.plan.files else []
        async with engine.store.unit() as unit:
            await articles.fetched(unit, claim, page, files, look=self._look(claim, source))

    def _refuse_to_ask(self, claim: ArticleClaim) -> None:
        """Raise what there is against asking now: the source rests, or its host said when to come back."""
        if claim.resting:
            raise BlockedError("the source is paused or blocked", code="source_resting")
        now = self._engine.store.now()
        left = self._told.get(claim.host, now) - now
        if left > timedelta():
            raise ThrottledError("told to come back later", retry_after=left.total_seconds())
        self._told.pop(claim.host, None)

    async def _page(self, claim: ArticleClaim, source: SourceInForce) -> Capture | Unchanged | None:
        if not claim.page:
            return None
        return await source.http.page(claim.url, cursor=claim.cursor, accept=HTML)

    def _look(self, claim: ArticleClaim, source: SourceInForce) -> datetime | None:
        if not claim.page:
            return None
        now = self._engine.store.now()
        return wholeness.next_look(wanted_at=claim.wanted_at, now=now, watch=source.plan.watch)

    async def _files(
        self, claim: ArticleClaim, source: SourceInForce, page: Capture | None, enough: float
    ) -> list[KeptFile]:  # fmt: skip
        """The attachments of the item, each fetched unless it is known to be as it was, as long as there is time."""
        found: list[KeptFile] = []
        for wanted in (await self._attachments(claim, source, page))[:FILES_LIMIT]:
            left = enough - asyncio.get_running_loop().time() > source.timeout + FILE_MARGIN
            known = claim.teaser.files.get(wanted.url) or KeptFile(url=wanted.url, note="late")
            found.append(await self._file(claim, source, wanted) if left else known)
        return found

    async def _attachments(
        self, claim: ArticleClaim, source: SourceInForce, page: Capture | None
    ) -> Sequence[Attachment]:  # fmt: skip
        teaser = teaser_of(claim.teaser)
        if page is None:
            return teaser.item.attachments
        job = Job(
            connector=source.connector, context=source.context, config=source.config, capture=page, known=frozenset(),
            page=source.page, about=replace(teaser, files={}),
        )  # fmt: skip
        try:
            reading = await self._engine.reader.read(job)
        except ReadingTooHardError:
            return teaser.item.attachments
        return reading.read[0].item.attachments

    async def _file(self, claim: ArticleClaim, source: SourceInForce, wanted: Attachment) -> KeptFile:
        """One file. What cannot be had is noted with the reason; only a member that is away lets the item wait."""
        known = claim.teaser.files.get(wanted.url)
        limits = replace(source.http.limits, wire=self._engine.largest_file, decoded=self._engine.largest_file)
        try:
            answer = await source.http.page(
                wanted.url, cursor=known.cursor if known else {}, accept="*/*", limits=limits
            )  # fmt: skip
        except ThrottledError:
            raise
        except HubError as error:
            return known or KeptFile(url=wanted.url, note=error.code)
        if isinstance(answer, Unchanged):
            assert known is not None, "only a known file is asked for conditionally"
            return known
        found = await self._read(claim.source, wanted, answer)
        if found.note.startswith(MARKED):  # neither its bytes nor its text stay, nor those of the one before
            return replace(found, sha256=known.sha256 if known else "")
        if filetype.is_page_for_file(found.type, name=_name(wanted.url), declared=wanted.type):
            return known or KeptFile(url=wanted.url, note=PAGE_FOR_FILE)
        return replace(found, sha256=await self._engine.files.put(answer.body))

    async def _read(self, source: str, wanted: Attachment, answer: Capture) -> KeptFile:
        screens = self._engine.screens.of(self._engine.sources[source].member)
        found = KeptFile(url=wanted.url, size=len(answer.body), cursor=answer.cursor)
        try:
            facts = await self._engine.reader.read_file(
                FileJob(body=answer.body, name=_name(answer.url), declared=answer.content_type, screening=screens)
            )
        except (ReadingTooHardError, RuntimeError):
            return replace(found, type=answer.content_type[:200], note="too_hard")
        if isinstance(facts, MarkedFile):
            return KeptFile(url=wanted.url, note=note_of(facts.rules))
        return replace(found, type=facts.type, readable=facts.readable, note=facts.note, text=facts.text)

    async def failed(self, claim: ArticleClaim, error: BaseException) -> None:
        """An item is kept waiting for a member that is away, but not for long; a page that stays away is gone."""
        engine, now = self._engine, self._engine.store.now()
        code = error.code if isinstance(error, HubError) else "defect"
        source = engine.sources.get(claim.source)
        watch = source.plan.watch if source else timedelta()
        again = wholeness.next_try(wanted_at=claim.wanted_at, now=now, watch=watch)
        if isinstance(error, ThrottledError) and error.retry_after:
            self._told[claim.host] = now + timedelta(seconds=min(error.retry_after, retry.DELIVERY.longest_told))
        async with engine.store.unit() as unit:
            if isinstance(error, asyncio.CancelledError):
                await articles.later(unit, claim, due_at=now, fault="", counts=False)
            elif claim.state is ArticleState.WATCHED and claim.seen and code in MISSING:
                await self._missing(unit, claim, code)
            elif (
                claim.state is ArticleState.WATCHED or code in MISSING
                or isinstance(error, RejectedError | BlockedError)
            ):  # fmt: skip
                await articles.without_page(unit, claim, code, look=again)
            else:
                await self._waits(unit, claim, error, code, again)

    async def _missing(self, unit: Unit, claim: ArticleClaim, code: str) -> None:
        now = self._engine.store.now()
        since, misses = claim.missed_since or now, claim.misses + 1
        gone, look = wholeness.is_gone(misses=misses, missed_since=since, now=now), now + wholeness.MISSING_LOOK
        missing, watched = await articles.neighbours(
            unit, claim.source, since=now - 2 * wholeness.STILL_MISSING_FOR
        )  # fmt: skip
        braked = gone and wholeness.is_mass(missing=missing, watched=watched)
        if braked:
            look = now + wholeness.STILL_MISSING_LOOK
        await articles.missing(
            unit, claim, misses=misses, since=since, code=code, gone=gone and not braked, braked=braked,
            look=look if look - since <= wholeness.STILL_MISSING_FOR else None,
        )  # fmt: skip

    async def _waits(
        self, unit: Unit, claim: ArticleClaim, error: BaseException, code: str, again: datetime | None
    ) -> None:  # fmt: skip
        """The item waits for a member that is away; if that is to take too long it goes out as it is."""
        now = self._engine.store.now()
        decision = retry.decide(
            error, attempts=claim.attempts, first_failed_at=claim.wanted_at, now=now, chance=self._engine.chance()
        )  # fmt: skip
        told = decision.at if isinstance(decision, retry.Wait) else None
        at = told or (decision.at if isinstance(decision, retry.Retry | retry.Look) else None)
        if at is None or at - claim.wanted_at > wholeness.PATIENCE:
            await articles.without_page(unit, claim, code, look=told or again)
        else:
            await articles.later(unit, claim, due_at=at, fault=code, counts=told is None)


def _name(url: str) -> str:
    """The name of a file by its address."""
    return url.partition("?")[0].rpartition("/")[2]
