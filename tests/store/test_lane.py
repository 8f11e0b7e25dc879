"""One thread, one order: what is asked of it is done one after the other, and whoever asked hears what came of it."""

import asyncio
import subprocess
import sys
import threading

import pytest

from hub.store.lane import Lane, LaneClosedError


async def test_everything_is_done_in_the_order_of_asking_by_one_thread() -> None:
    lane, done = Lane("lane"), list[tuple[int, str]]()

    def note(number: int) -> int:
        done.append((number, threading.current_thread().name))
        return number

    assert await asyncio.gather(*(lane.run(lambda n=n: note(n)) for n in range(50))) == list(range(50))
    assert done == [(n, "lane") for n in range(50)]
    lane.close()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
async def test_what_is_raised_reaches_who_asked_and_the_thread_goes_on(error: BaseException) -> None:
    lane = Lane("lane")

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        await lane.run(fail)
    assert raised.value is error
    assert await lane.run(lambda: 7) == 7
    lane.close()


async def test_who_gives_up_before_his_turn_is_left_out_and_later_is_done_for_nobody() -> None:
    lane, begun, may_go_on, done = Lane("lane"), threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        begun.set()
        may_go_on.wait(20)
        done.append("first")

    running = asyncio.ensure_future(lane.run(first))
    waiting = asyncio.ensure_future(lane.run(lambda: done.append("given up")))
    after = asyncio.ensure_future(lane.run(lambda: done.append("after")))
    await asyncio.to_thread(begun.wait, 20)
    running.cancel()
    waiting.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    may_go_on.set()
    await after
    assert done == ["first", "after"]
    lane.close()


async def test_what_is_owed_is_done_though_nobody_waits_for_it_any_more() -> None:
    lane, begun, may_go_on, done = Lane("lane"), threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        begun.set()
        may_go_on.wait(20)

    running = lane.ask(first)
    owed = lane.ask(lambda: done.append("owed"))
    await asyncio.to_thread(begun.wait, 20)
    owed.cancel()
    may_go_on.set()
    await running
    assert await lane.run(lambda: list(done)) == ["owed"]
    lane.close()
    with pytest.raises(LaneClosedError):
        lane.ask(lambda: 1)


async def test_closed_it_ends_what_is_running_and_tells_the_rest() -> None:
    lane, begun, may_go_on = Lane("lane"), threading.Event(), threading.Event()

    def long() -> bool:
        begun.set()
        return may_go_on.wait(20)

    running = asyncio.ensure_future(lane.run(long))
    waiting = asyncio.ensure_future(lane.run(lambda: pytest.fail("it was closed before")))
    await asyncio.to_thread(begun.wait, 20)
    lane.close()
    lane.close()
    may_go_on.set()
    assert await running
    for asking in (waiting, lane.run(lambda: 1)):
        with pytest.raises(LaneClosedError):
            await asking


def test_an_open_lane_with_work_in_hand_does_not_keep_the_interpreter_alive() -> None:
    program = (
        "import asyncio, time\nfrom hub.store.lane import Lane\nlane = Lane('lane')\n"
        "async def main():\n    asyncio.ensure_future(lane.run(lambda: time.sleep(60)))\n    await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
