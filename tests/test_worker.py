"""The worker: bells and ticks, room, failures that harm no neighbour, and a stop that gives everything back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from connectors.errors import TransientError
from hub.broker.base import Broker
from hub.broker.embedded import EmbeddedBroker
from hub.store.unit import LeaseLostError
from hub.worker import Worker

QUEUE = "hub.harvest"
NEVER = 3_600.0


class Rows:
    """A stage over rows in memory, with a gate before each of them."""

    queue = QUEUE

    def __init__(self, *names: str, concurrency: int = 2) -> None:
        self.concurrency = concurrency
        self.due = list(names)
        self.asked: list[Sequence[str] | None] = []
        self.handled: list[str] = []
        self.failures: list[tuple[str, BaseException]] = []
        self.in_hand = self.most_in_hand = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.claim_fails: list[Exception] = []
        self.handle_fails: dict[str, BaseException] = {}
        self.failed_fails: Exception | None = None

    async def claim(self, keys: Sequence[str] | None, limit: int) -> Sequence[str]:
        self.asked.append(keys)
        if self.claim_fails:
            raise self.claim_fails.pop()
        taken = [name for name in self.due if keys is None or name in keys][:limit]
        self.due = [name for name in self.due if name not in taken]
        return taken

    async def handle(self, claim: str) -> None:
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        self.began.set()
        try:
            await self.gate.wait()
            if claim in self.handle_fails:
                raise self.handle_fails[claim]
            self.handled.append(claim)
        finally:
            self.in_hand -= 1
            self.ended.set()

    async def failed(self, claim: str, error: BaseException) -> None:
        self.failures.append((claim, error))
        if self.failed_fails:
            raise self.failed_fails


@asynccontextmanager
async def working(stage: Rows, broker: Broker, **times: float) -> AsyncIterator[Worker]:
    worker = Worker(stage, broker, **{"tick": NEVER, "grace": 1.0} | times)
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(10):
            yield worker
    finally:
        stage.gate.set()
        worker.stop()
        await task


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    broker = EmbeddedBroker()
    await broker.declare([QUEUE])
    yield broker
    await broker.close()


async def test_a_bell_is_followed_at_once(broker: Broker) -> None:
    stage = Rows()
    async with working(stage, broker) as worker:
        await worker.idle.wait()
        stage.due = ["a", "b"]
        await broker.publish(QUEUE, ["b"])
        await stage.ended.wait()
        await worker.idle.wait()
        assert stage.asked[1] == ["b"]
        assert sorted(stage.handled) == ["a", "b"], "where there is room, whatever is due is taken too"


async def test_a_broker_that_forgets_everything_costs_only_the_tick() -> None:
    class Forgetful(EmbeddedBroker):
        async def publish(self, queue: str, keys: Sequence[str]) -> None:
            self.counts.forgotten += len(keys)

    stage, broker = Rows(concurrency=3), Forgetful()
    async with working(stage, broker, tick=0.01) as worker:
        await worker.idle.wait()
        stage.due = [str(number) for number in range(50)]
        await broker.publish(QUEUE, stage.due)
        while len(stage.handled) < 50:
            stage.ended.clear()
            await stage.ended.wait()
    assert sorted(stage.handled, key=int) == [str(number) for number in range(50)]


async def test_no_more_is_taken_than_there_is_room_for(broker: Broker) -> None:
    stage = Rows(*map(str, range(20)), concurrency=3)
    stage.gate.clear()
    async with working(stage, broker) as worker:
        await broker.publish(QUEUE, stage.due)
        await stage.began.wait()
        assert not worker.idle.is_set()
        stage.gate.set()
        await worker.idle.wait()
    assert stage.most_in_hand == 3
    assert len(stage.handled) == 20


async def test_a_message_is_answered_when_its_rows_are_claimed(broker: Broker) -> None:
    stage = Rows("a", concurrency=1)
    async with working(stage, broker) as worker:
        await broker.publish(QUEUE, ["a", "gone", "b"])
        await worker.idle.wait()
    assert await broker.depth(QUEUE) == 0, "nothing came back when the worker left"


async def test_bells_that_could_not_be_followed_do_not_stop_the_queue(broker: Broker) -> None:
    """Kept unanswered, as many as the prefetch would have silenced the queue for ever."""
    stage = Rows(concurrency=2)
    async with working(stage, broker, tick=0.01) as worker:
        await worker.idle.wait()
        for number in range(6):
            stage.claim_fails = [TransientError("the database is away")]
            stage.asked.clear()
            await broker.publish(QUEUE, [f"row-{number}"])
            await _until(lambda n=number: [f"row-{n}"] in stage.asked)  # type: ignore[misc]
        stage.due = ["last"]
        await broker.publish(QUEUE, ["last"])
        await _until(lambda: "last" in stage.handled)


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("error", [TransientError("away"), ZeroDivisionError("a defect")])
async def test_a_claim_that_fails_is_tried_again_at_the_next_tick(broker: Broker, error: Exception) -> None:
    stage = Rows("a")
    stage.claim_fails = [error]
    async with working(stage, broker, tick=0.01):
        await stage.ended.wait()
    assert stage.handled == ["a"]


async def test_one_failing_row_harms_no_other(broker: Broker) -> None:
    stage = Rows("a", "b", "c", concurrency=3)
    defect = ZeroDivisionError("a defect")
    stage.handle_fails = {"b": defect}
    async with working(stage, broker) as worker:
        await worker.idle.wait()
    assert sorted(stage.handled) == ["a", "c"]
    assert stage.failures == [("b", defect)]


async def test_a_failure_that_cannot_be_recorded_leaves_the_row_to_its_lease(broker: Broker) -> None:
    stage = Rows("a", "b")
    stage.handle_fails = {"a": TransientError("the database is away")}
    stage.failed_fails = TransientError("still away")
    async with working(stage, broker) as worker:
        await worker.idle.wait()
    assert stage.handled == ["b"]


async def test_a_lost_lease_is_no_failure(broker: Broker) -> None:
    stage = Rows("a")
    stage.handle_fails = {"a": LeaseLostError()}
    async with working(stage, broker) as worker:
        await worker.idle.wait()
    assert stage.failures == []


async def test_a_stop_waits_for_what_is_in_hand(broker: Broker) -> None:
    stage = Rows("a", "b", "c", concurrency=2)
    stage.gate.clear()
    async with working(stage, broker) as worker:
        await stage.began.wait()
        worker.stop()
        stage.gate.set()
    assert (sorted(stage.handled), stage.due, stage.failures) == (["a", "b"], ["c"], [])


async def test_what_outlasts_the_grace_is_given_back(broker: Broker) -> None:
    stage = Rows("a")
    stage.gate.clear()
    worker = Worker(stage, broker, grace=0.01)
    task = asyncio.create_task(worker.run())
    await stage.began.wait()
    worker.stop()
    await task
    [(row, error)] = stage.failures
    assert (row, type(error)) == ("a", asyncio.CancelledError)


async def test_a_cancelled_worker_gives_the_same_grace(broker: Broker) -> None:
    stage = Rows("a")
    stage.gate.clear()
    task = asyncio.create_task(Worker(stage, broker, tick=NEVER, grace=5.0).run())
    await stage.began.wait()
    task.cancel()
    await asyncio.sleep(0)
    stage.gate.set()
    with suppress(asyncio.CancelledError):
        await task
    assert stage.handled == ["a"]


async def test_work_goes_on_though_no_bell_is_heard_any_more() -> None:
    class Deaf(EmbeddedBroker):
        def consume(self, queue: str, prefetch: int) -> Any:
            raise ZeroDivisionError("a defect")

    stage = Rows("a")
    async with working(stage, Deaf(), tick=0.01) as worker:
        await stage.ended.wait()
        await worker.idle.wait()
        stage.due = ["b"]
        await _until(lambda: stage.handled == ["a", "b"])


async def test_messages_that_were_not_followed_are_given_back_at_the_end(broker: Broker) -> None:
    stage = Rows("a", concurrency=1)
    stage.gate.clear()
    async with working(stage, broker) as worker:
        await stage.began.wait()
        await broker.publish(QUEUE, ["b"])
        worker.stop()
    assert await broker.depth(QUEUE) == 1
