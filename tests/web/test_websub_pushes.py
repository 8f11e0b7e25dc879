"""What a WebSub hub pushes: kept when its signature is right, and never at the expense of the polls."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from connectors.base import Capture
from hub.rules import rhythm
from hub.store import receiving, subscribing
from hub.store.instants import moment
from tests.province import rows, rss, story
from tests.store.interruption import cancel_everywhere
from tests.web.newsroom import Newsroom


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_signed_push_becomes_items_and_touches_no_poll(room: Newsroom, method: str) -> None:
    asked = await room.subscribe()
    before = await room.source()
    assert await room.pusher.push(asked, rss(story(2), story(3)), method=method) == 202
    assert await room.read() == 1
    assert len(await rows(room.hub, "item")) == 3
    after = await room.source()
    same = ("cursor", "body_sha256", "known", "due_at", "polled_at", "failures", "rhythm_reason")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    [_, pushed] = await rows(room.hub, "capture")
    assert (pushed["origin"], pushed["url"]) == ("push", room.topic)
    assert (await room.row())["pushes"] == 1


@pytest.mark.parametrize(
    "header", ["sha256=" + "0" * 64, "", "sha256", "md5=00", "sha1=" + "0" * 40, "sha256=\xe9"]
)  # fmt: skip
async def test_a_push_with_a_wrong_signature_is_ignored_and_counted(room: Newsroom, header: str) -> None:
    asked = await room.subscribe()
    with capture_logs() as logs:
        assert await room.pusher.push(asked, rss(story(2)), **{"X-Hub-Signature": header}) == 202
    assert (len(await rows(room.hub, "capture")), (await room.row())["refused"]) == (1, 1)
    assert not await room.works(), "nobody relies on it"
    told = repr(logs)
    assert "tin" in told
    for secret in (asked.secret, asked.callback.rpartition("/")[2], "Tin thứ"):
        assert secret not in told


async def test_the_same_push_twice_is_kept_once(room: Newsroom) -> None:
    asked = await room.subscribe()
    for body in (rss(story(2)), rss(story(2)), rss(story(3)), rss(story(2))):
        assert await room.pusher.push(asked, body) == 202
    assert len(await rows(room.hub, "capture", origin="push")) == 3


async def test_a_push_that_is_no_feed_leaves_the_source_well(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert await room.pusher.push(asked, b"<!doctype html><html><body>Loi</body></html>") == 202
    await room.read()
    assert [one["state"] for one in await rows(room.hub, "capture")] == ["done", "rejected"]
    assert ((await room.source())["failures"], (await room.source())["fault_code"]) == (0, "")


async def test_a_flood_of_pushes_is_put_off(room: Newsroom) -> None:
    asked = await room.subscribe()
    statuses = [await room.pusher.push(asked, rss(story(n))) for n in range(2, receiving.WAITING_LIMIT + 4)]
    assert statuses == [202] * receiving.WAITING_LIMIT + [429] * 2
    while await room.read():
        continue
    assert await room.pusher.push(asked, rss(story(99))) == 202


async def test_a_body_beyond_the_bounds_is_not_taken(room: Newsroom) -> None:
    asked = await room.subscribe()
    assert await room.pusher.push(asked, b" " * (5 * 1024 * 1024)) == 413
    assert await room.pusher.push(asked, b"xyz", **{"Content-Encoding": "zstd"}) == 400


async def test_nobody_but_a_callback_of_ours_is_answered(room: Newsroom) -> None:
    async with ClientSession() as http:
        for path in ("websub/", "websub/x", "websub/" + "a" * 32, "websub/" + "a" * 33):
            async with http.post(f"{room.address}/{path}", data=b"x") as response:
                assert response.status == 404, path


# -------------------------------------------------------------------------------------------- polls that back it up


async def test_polls_are_slower_while_pushes_come_and_no_slower_than_six_hours(room: Newsroom) -> None:
    await room.subscribe()
    assert await room.works()
    room.province.clock.advance(minutes=15)
    await room.poll()
    source = await room.source()
    assert source["rhythm_reason"] == rhythm.BACKUP
    wait = moment(source["due_at"]) - room.province.clock.now()
    assert rhythm.DEFAULT_EVERY < wait.total_seconds() <= 6 * 3_600


async def test_no_number_of_pushes_moves_the_next_poll(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.poll()
    due = (await room.source())["due_at"]
    for number in range(2, 12):
        room.province.clock.advance(minutes=30)
        await room.pusher.push(asked, rss(story(number)))
        await room.read()
        assert (await room.source())["due_at"] == due
    room.province.clock.advance(hours=1)
    asked_before = len(room.province.site.asked)
    await room.poll()
    assert len(room.province.site.asked) == asked_before + 1


async def test_a_poll_that_finds_news_first_makes_polls_quick_again_until_the_next_push(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.show(story(1), story(2))
    room.province.clock.advance(minutes=15)
    await room.poll()
    assert not await room.works()
    room.province.clock.advance(minutes=1)
    await room.pusher.push(asked, rss(story(3)))
    assert await room.works()


async def test_news_that_were_pushed_are_not_missed(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.pusher.push(asked, room.show(story(1), story(2)))
    await room.read()
    await room.poll()
    assert await room.works()
    assert len(await rows(room.hub, "item")) == 2


async def test_a_subscription_that_ends_gives_the_polls_their_rhythm_back(room: Newsroom) -> None:
    asked = await room.subscribe()
    room.province.clock.advance(minutes=15)
    await room.poll()
    await room.pusher.verify(asked, challenge="", mode="denied", lease_seconds="")
    wait = moment((await room.source())["due_at"]) - room.province.clock.now()
    assert wait.total_seconds() == rhythm.DEFAULT_EVERY


# ---------------------------------------------------------------------------------------------------- interruptions


async def test_a_push_that_is_cut_off_anywhere_is_kept_whole_or_not_at_all(room: Newsroom) -> None:
    asked = await room.subscribe()
    store = room.hub.engine.store
    found = await subscribing.by_token(store, asked.callback.rpartition("/")[2])
    assert found is not None
    body = iter(range(2, 500))

    async def take() -> None:
        capture = Capture(
            url=room.topic, content_type="", body=rss(story(next(body))), fetched_at=store.now()
        )  # fmt: skip
        await receiving.distributed(store, found, capture)

    async def check() -> None:
        kept = await rows(room.hub, "capture", origin="push")
        assert (await room.row())["pushes"] == len(kept)
        while await room.read():
            continue

    work: Callable[[], Awaitable[None]] = take
    assert await cancel_everywhere(work, check, 1) > 1
