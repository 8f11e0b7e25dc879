"""Rows that are handed in together go out together, and nothing is left running whatever happens to their callers."""

import asyncio
from collections.abc import Mapping

import pytest

from connectors.batches import Batches


class Service:
    """Answers rows, and can be held or broken."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.begun = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.ended = 0
        self.error: Exception | None = None

    async def __call__(self, group: str, rows: Mapping[str, str]) -> Mapping[str, str]:
        self.calls.append((group, dict(rows)))
        self.begun.set()
        try:
            await self.may_answer.wait()
        finally:
            self.ended += 1
        if self.error is not None:
            raise self.error
        return {key: f"{key} {row}" for key, row in rows.items()}


@pytest.fixture
def service() -> Service:
    return Service()


async def together(batches: Batches[str, str, str], rows: Mapping[str, str], group: str = "g") -> list[str]:
    return list(await asyncio.gather(*(batches.add(group, key, row) for key, row in rows.items())))


async def test_rows_that_come_together_share_a_call_and_each_gets_its_own_result(service: Service) -> None:
    batches = Batches(service, size=10, wait=0.05)
    assert await together(batches, {"a": "1", "b": "2", "c": "3"}) == ["a 1", "b 2", "c 3"]
    assert service.calls == [("g", {"a": "1", "b": "2", "c": "3"})]
    assert batches.idle


async def test_a_full_batch_goes_out_at_once_and_the_rest_in_the_next(service: Service) -> None:
    batches = Batches(service, size=2, wait=0.05)
    rows = {str(number): "x" for number in range(5)}
    async with asyncio.timeout(1):
        await together(batches, rows)
    assert [len(rows) for _, rows in service.calls] == [2, 2, 1]
    assert {key for _, called in service.calls for key in called} == set(rows)


async def test_a_single_row_waits_no_longer_than_asked(service: Service) -> None:
    batches = Batches(service, size=100, wait=0)
    async with asyncio.timeout(1):
        assert await batches.add("g", "a", "1") == "a 1"


async def test_rows_of_different_groups_never_share_a_call(service: Service) -> None:
    batches = Batches(service, size=10, wait=0.02)
    await asyncio.gather(batches.add("publish", "a", "1"), batches.add("withdraw", "b", "1"))
    assert sorted(group for group, _ in service.calls) == ["publish", "withdraw"]


async def test_another_content_of_the_same_key_goes_out_when_the_first_is_through(service: Service) -> None:
    batches = Batches(service, size=10, wait=0.02)
    service.may_answer.clear()
    first = asyncio.create_task(batches.add("publish", "a", "1"))
    second = asyncio.create_task(batches.add("publish", "a", "2"))
    third = asyncio.create_task(batches.add("withdraw", "a", "2"))
    await service.begun.wait()
    await asyncio.sleep(0.05)
    assert service.calls == [("publish", {"a": "1"})], "the others wait"
    service.may_answer.set()
    assert await asyncio.gather(first, second, third) == ["a 1", "a 2", "a 2"]
    assert len(service.calls) == 3


async def test_the_same_row_twice_is_one_row(service: Service) -> None:
    batches = Batches(service, size=10, wait=0.02)
    assert await asyncio.gather(batches.add("g", "a", "1"), batches.add("g", "a", "1")) == ["a 1", "a 1"]
    assert service.calls == [("g", {"a": "1"})]


async def test_a_failing_call_fails_each_of_its_rows_and_no_other(service: Service) -> None:
    batches = Batches(service, size=2, wait=0.02)
    service.error = ValueError("away")
    results = await asyncio.gather(*(batches.add("g", key, "1") for key in "ab"), return_exceptions=True)
    assert [type(one) for one in results] == [ValueError, ValueError]
    service.error = None
    assert await batches.add("g", "a", "1") == "a 1"


async def test_a_caller_who_is_cancelled_before_the_call_takes_the_row_along(service: Service) -> None:
    batches = Batches(service, size=10, wait=0.05)
    stays = asyncio.create_task(batches.add("g", "a", "1"))
    leaves = asyncio.create_task(batches.add("g", "b", "1"))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == "a 1"
    assert leaves.cancelled()
    assert service.calls == [("g", {"a": "1"})]


async def test_a_caller_who_is_cancelled_during_the_call_leaves_the_others_their_results(service: Service) -> None:
    batches = Batches(service, size=2, wait=1)
    service.may_answer.clear()
    stays, leaves = (asyncio.create_task(batches.add("g", key, "1")) for key in "ab")
    await service.begun.wait()
    leaves.cancel()
    await asyncio.wait([leaves])
    service.may_answer.set()
    assert await stays == "a 1"


async def test_when_everybody_is_cancelled_nothing_is_left_running(service: Service) -> None:
    batches = Batches(service, size=2, wait=1)
    service.may_answer.clear()
    callers = [asyncio.create_task(batches.add("g", key, "1")) for key in "ab"]
    await service.begun.wait()
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    assert service.ended == 1, "the call was ended and waited for"
    assert batches.idle
    assert asyncio.all_tasks() == {asyncio.current_task()}
    service.may_answer.set()
    assert await batches.add("g", "a", "1") == "a 1"


async def test_when_everybody_is_cancelled_before_the_call_there_is_none(service: Service) -> None:
    batches = Batches(service, size=9, wait=1)
    callers = [asyncio.create_task(batches.add("g", key, "1")) for key in "ab"]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    assert service.calls == []
    assert batches.idle
