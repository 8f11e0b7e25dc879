"""Deliver: bring one destination up to date with one item, once, whatever happens on the way.

    claim ─> present, take its key there ─> doubts and the place cannot tell? look first ─> our place in the rate
          ─> send ─> record           where only an officer can write ─> ask for it as a task

State is delivered, not events: the newest wanted revision is read with the claim, older ones are skipped.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.base import Payload, Receipt, Reconcilable
from connectors.errors import (
    BlockedError,
    Fault,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.parse.text import cut
from hub import secondgate
from hub.broker.base import deliver_queue
from hub.engine import Engine
from hub.rules import retry
from hub.rules.posting import quiet_until, waits
from hub.stages import LEASE_MARGIN
from hub.store import delivering, health, keys, posting, screening, tasks
from hub.store.delivering import DeliveryClaim
from hub.store.states import AttemptOutcome, DeliveryState, TaskState
from hub.store.unit import ENGINE, LeaseLostError
from schemas.edition import PublishedItem
from schemas.item import ITEM

#: a worker never waits longer than this for its place in a rate: it claims fewer rows instead
LONGEST_LINE = 5.0


class StillSettlingError(UnconfirmedError):
    """An earlier call may still take effect; nothing is sent, and nothing is asked, before it has."""

    code = "settling"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"a call thought dead may land until {until:%H:%M:%S}",
            sentence="Lần gửi trước chưa rõ kết quả; hệ thống chờ nơi nhận xử lý xong rồi mới kiểm tra và gửi tiếp.",
        )
        self.until = until


class Deliver:
    """The stage behind `hub.deliver.<destination>`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._place = engine.destinations[name]
        self.queue = deliver_queue(name)
        self.concurrency = self._place.concurrency
        # Two calls (look, send) and the wait for a place in the rate fit into the lease twice.
        self._lease = timedelta(seconds=4 * self._place.timeout + 2 * LONGEST_LINE) + LEASE_MARGIN

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[DeliveryClaim]:
        if self._place.brake and await posting.brake(self._engine.store, self._place.name, self._place.brake):
            return []
        # Bells come in the order in which work was made; whose turn it is, only the rows know.
        return await delivering.claim(
            self._engine.store, self._place.name, limit=limit, lease=self._lease, interval=self._place.interval,
            line=timedelta(seconds=LONGEST_LINE),
        )  # fmt: skip

    async def handle(self, claim: DeliveryClaim) -> None:
        """Make the destination show the wanted revision, and record its receipt."""
        if claim.gone and not claim.ever_tried:
            return await self._record(claim, Receipt(remote_id="", revision=claim.wanted_revision, note=NEVER_SHOWN))
        if self._waits(claim):
            async with self._engine.store.unit() as unit:
                return await posting.hold(unit, claim)
        if (opens := self._quiet_until(claim)) is not None:
            async with self._engine.store.unit() as unit:
                return await delivering.wait_until(unit, claim, opens, QUIET)
        destination = self._place.destination
        payload = destination.present(claim.edition, last=claim.last)
        if await self._stopped(claim, payload):
            return None
        if payload.key and not claim.gone and payload.key != claim.held_key:
            await self._admit(claim, payload.key)
        if isinstance(destination, Reconcilable) and destination.by_hand:
            return await self._ask(claim, payload)
        receipt = await self._found_already(claim, payload) or await self._send(claim, payload)
        await self._record(claim, receipt)

    async def _stopped(self, claim: DeliveryClaim, payload: Payload) -> bool:
        """Whether the second gate found what may be kept nowhere: then it is taken back wherever it already is."""
        engine, edition = self._engine, claim.edition
        if not isinstance(edition, PublishedItem):
            return False
        rules = await secondgate.stopped(engine, secondgate.texts_of(edition, payload))
        if not rules:
            return False
        new = secondgate.sent_hit(engine, edition, ITEM.validate_json(claim.row["body"]), rules)
        async with engine.store.unit() as unit:
            await delivering.set_aside(
                unit, claim, DeliveryState.REFUSED, outcome=AttemptOutcome.REFUSED, code=screening.SECRECY,
                sentence=secondgate.SENTENCE, detail="",
            )  # fmt: skip
            await screening.hit(unit, new)
        await screening.scrub(engine.store, engine.files)
        return True

    def _waits(self, claim: DeliveryClaim) -> bool:
        return not claim.gone and waits(
            self._place.approval, wanted=claim.wanted_revision, sent=claim.sent_revision, cleared=claim.cleared_revision
        )

    def _quiet_until(self, claim: DeliveryClaim) -> datetime | None:
        """A call whose outcome nobody knows is settled first, at any hour: it may be there already."""
        if claim.gone or claim.doubts:
            return None
        now_local = self._engine.store.now().astimezone(self._engine.zone)
        return quiet_until(self._place.quiet, now_local, sent=claim.sent_revision)

    async def _record(self, claim: DeliveryClaim, receipt: Receipt) -> None:
        called = receipt.note != NEVER_SHOWN
        async with self._engine.store.unit() as unit:
            await delivering.delivered(unit, claim, receipt, called=called)
            # Whatever an officer was asked to enter of it: it is there, or not wanted any more.
            done = TaskState.DONE if called else TaskState.DROPPED
            await tasks.close_about(unit, claim.destination, claim.content_id, done, who=ENGINE)
            if claim.gone and claim.held_key:
                await keys.set_free(unit, claim.destination)

    async def _admit(self, claim: DeliveryClaim, key: str) -> None:
        """One item at a time may stand under a key; the second one is refused before anything is sent."""
        if len(key) > keys.KEY_LIMIT:
            raise RejectedError(
                f"a key of {len(key)} characters", code="key_too_long", fault=Fault.MEMBER,
                sentence=f"Mã hoặc số hiệu «{cut(key, 60)}» dài bất thường nên không thể gửi. Đơn vị cần sửa tại trang"
                " nguồn.",
            )  # fmt: skip
        async with self._engine.store.unit() as unit:
            holder = await keys.take(unit, claim, key)
        if holder is not None:
            raise RejectedError(
                f"{key} is claimed by {holder.content_id} of {holder.member}", code=keys.KEY_TAKEN, fault=Fault.MEMBER,
                sentence=f"Mã {key} đã thuộc nội dung «{cut(holder.title, 120)}» của {holder.member_name} (nguồn"
                f" {holder.source}), nên không gửi thêm lần nữa. Ban biên tập cần xác định đơn vị nào công bố, rồi gỡ"
                " nội dung của đơn vị kia; khi đó hệ thống tự gửi nội dung này.",
            )  # fmt: skip

    async def _ask(self, claim: DeliveryClaim, payload: Payload) -> None:
        """Nobody but an officer can write there: ask for it, as a task with a due day."""
        is_new = not claim.sent_revision or bool(payload.key and payload.key != claim.held_key)
        what = "remove" if claim.gone else "enter" if is_new else "change"
        task = tasks.NewTask(
            what=what, destination=claim.destination, subject=payload.key or claim.held_key or str(claim.content_id),
            title=payload.title, content_id=claim.content_id, revision=claim.wanted_revision, days=self._place.days,
        )  # fmt: skip
        async with self._engine.store.unit() as unit:
            await delivering.rest(unit, claim, "asked", "an officer was asked")
            # Under another key, an older text or a withdrawal: one thing is asked about an item at a time.
            await tasks.drop_others(unit, task, who=ENGINE)
            await tasks.ask(unit, task)

    async def _send(self, claim: DeliveryClaim, payload: Payload) -> Receipt:
        place, destination = self._place, self._place.destination
        await self._wait_for_place(claim)
        await self._heed_wait(claim)
        self._still_ours(claim)
        call = destination.withdraw if claim.gone else destination.send
        receipt = await call(place.http, payload, key=claim.key, remote_id=claim.remote_id or claim.held_key)
        if claim.doubts and not destination.repeatable:
            await self._read_back(claim, payload, receipt)
        return receipt

    async def _found_already(self, claim: DeliveryClaim, payload: Payload) -> Receipt | None:
        """Look before repeating, where a repeated call could have a second effect or overtake a newer one."""
        destination = self._place.destination
        if not claim.doubts or destination.repeatable:
            return None
        settles_at = max(doubt.at for doubt in claim.doubts) + timedelta(seconds=destination.settling)
        if self._engine.store.now() < settles_at:
            raise StillSettlingError(settles_at)
        await self._heed_wait(claim)
        found = await destination.find(self._place.http, payload, remote_id=claim.remote_id or claim.held_key)
        if found is None or found.withdrawn:
            return Receipt(remote_id="", revision=claim.wanted_revision, note="already gone") if claim.gone else None
        if not claim.gone and found.revision is not None and found.revision >= claim.wanted_revision:
            return Receipt(remote_id=found.remote_id, revision=found.revision, note="found, not sent again")
        return None

    async def _read_back(self, claim: DeliveryClaim, payload: Payload, receipt: Receipt) -> None:
        """After a doubt the last write wins at places without a fence: look whether ours was the last."""
        destination = self._place.destination
        found = await destination.find(self._place.http, payload, remote_id=receipt.remote_id)
        there = found is not None and not found.withdrawn
        if there == claim.gone or (found is not None and there and found.revision not in (None, claim.wanted_revision)):
            raise UnconfirmedError(
                "the destination shows something else than what was sent last", code=OVERTAKEN,
                sentence="Nơi nhận đang hiển thị bản khác với bản vừa gửi; hệ thống sẽ kiểm tra và gửi lại.",
            )  # fmt: skip

    async def _wait_for_place(self, claim: DeliveryClaim) -> None:
        wait = (claim.send_at - self._engine.store.now()).total_seconds()
        if wait > 0:
            await asyncio.sleep(min(wait, LONGEST_LINE))  # never longer, unless a clock was set back

    async def _heed_wait(self, claim: DeliveryClaim) -> None:
        """The destination may have told another worker to wait since this row was claimed."""
        store = self._engine.store
        until = await health.told_until(store, claim.destination)
        if until is not None:
            raise ThrottledError(
                "told to wait meanwhile", retry_after=(until - store.now()).total_seconds(),
                sentence="Nơi nhận đề nghị gửi chậm lại. Hệ thống sẽ chờ đúng thời gian được yêu cầu.",
            )  # fmt: skip

    def _still_ours(self, claim: DeliveryClaim) -> None:
        """A process that stood still for long (a suspended host) must not send what another has sent anew meanwhile."""
        if self._engine.store.now() + timedelta(seconds=self._place.timeout) > claim.lease_until:
            raise LeaseLostError

    async def failed(self, claim: DeliveryClaim, error: BaseException) -> None:
        """Let hub.rules.retry decide, and record its decision with what it means for the whole destination."""
        engine = self._engine
        if isinstance(error, StillSettlingError):
            async with engine.store.unit() as unit:
                await delivering.later(unit, claim, due_at=error.until, outcome=AttemptOutcome.LATER, code=error.code,
                                       sentence=error.sentence, detail=str(error), counts=False)  # fmt: skip
            return
        now = engine.store.now()
        decision = retry.decide(
            error, attempts=claim.attempts, first_failed_at=claim.failed_since or now, now=now, chance=engine.chance()
        )
        code, sentence, detail = _texts(error)
        outcome = _outcome(error, self._place.destination.repeatable)
        async with engine.store.unit() as unit:
            match decision:
                case retry.Park():
                    await delivering.set_aside(unit, claim, DeliveryState.PARKED, outcome=outcome, code=code,
                                               sentence=sentence, detail=detail)  # fmt: skip
                case retry.SetAside():
                    await delivering.set_aside(unit, claim, DeliveryState.REFUSED, outcome=outcome, code=code,
                                               sentence=sentence, detail=detail)  # fmt: skip
                case retry.PauseEndpoint():
                    await delivering.later(unit, claim, due_at=now, outcome=outcome, code=code, sentence=sentence,
                                           detail=detail, counts=False)  # fmt: skip
                    await health.block(unit, claim.destination, code=code, sentence=sentence)
                case retry.Wait() if decision.endpoint:
                    await delivering.later(unit, claim, due_at=decision.at, outcome=outcome, code=code,
                                           sentence=sentence, detail=detail, counts=False)  # fmt: skip
                    await health.wait_until(unit, claim.destination, until=decision.at, code=code, sentence=sentence)
                case retry.Wait() | retry.Retry() | retry.Look():
                    counts = not isinstance(decision, retry.Wait)
                    await delivering.later(unit, claim, due_at=decision.at, outcome=outcome, code=code,
                                           sentence=sentence, detail=detail, counts=counts)  # fmt: skip
            unwell = isinstance(error, TransientError | UnconfirmedError) and code != OVERTAKEN
            if unwell and isinstance(decision, retry.Retry | retry.Look):
                await health.count_failure(unit, claim.destination, code=code, sentence=sentence)


#: code of a doubt that says nothing about the destination's health
OVERTAKEN = "overtaken"
#: receipt note of a withdrawal of something that was never sent
NEVER_SHOWN = "never shown there"
#: why something new waits
QUIET = "quiet_hours"


def _texts(error: BaseException) -> tuple[str, str, str]:
    if isinstance(error, HubError):
        return error.code, error.sentence or str(error), str(error)
    if isinstance(error, asyncio.CancelledError):
        return "shutdown", "Hệ thống dừng khi đang gửi; sẽ tự gửi tiếp.", "our own shutdown"
    return (
        "defect",
        "Phần mềm của hệ thống gặp lỗi khi gửi mục này; nơi nhận không có lỗi. Báo bộ phận kỹ thuật kèm mã nội dung.",
        type(error).__name__,  # its text may quote what we were sending
    )


def _outcome(error: BaseException, repeatable: bool) -> AttemptOutcome:
    """What an error says about the call: refused, nothing happened, or nobody knows."""
    if isinstance(error, UnconfirmedError) or (isinstance(error, HubError) and error.begun):
        return AttemptOutcome.UNKNOWN
    if isinstance(error, TransientError | BlockedError):
        return AttemptOutcome.LATER
    if isinstance(error, HubError):
        return AttemptOutcome.REFUSED
    return AttemptOutcome.UNKNOWN  # cancelled in flight, or a defect in the middle of a call
