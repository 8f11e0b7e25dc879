"""Large answers, and many who ask for them at once: one is made for all, few are made at a time, nobody has a copy."""

import asyncio

from aiohttp.test_utils import TestClient

from hub.app import Hub
from hub.web.answers import IN_PORTIONS
from hub.web.api.answering import Copies
from hub.web.site import TEXTS_AT_ONCE, Site
from tests.web.press import Press, news

LARGE = "/api/v1/items?limit=100&content=true"
PLAIN = {"Accept-Encoding": "identity"}


async def test_a_large_answer_goes_out_in_portions_and_arrives_whole(
    client: TestClient,  # type: ignore[type-arg]
    press: Press,
) -> None:
    text = "<p>" + "Nội dung bài viết. " * 400 + "</p>"
    await press.publish(*(news(f"n{number}", content_html=text) for number in range(40)))
    async with client.get(LARGE, headers=PLAIN) as answer:
        plain = await answer.read()
        assert int(answer.headers["Content-Length"]) == len(plain) > IN_PORTIONS
        tag = answer.headers["ETag"]
    async with client.get(LARGE, headers={"Accept-Encoding": "gzip"}) as answer:
        assert (answer.headers["Content-Encoding"], await answer.read()) == ("gzip", plain)
    async with client.get(LARGE, headers={**PLAIN, "If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with client.head(LARGE, headers=PLAIN) as answer:
        assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(plain))


async def test_a_crowd_that_asks_the_same_waits_for_the_first_and_others_do_not() -> None:
    copies, order = Copies(), list[str]()
    go_on = asyncio.Event()

    async def make(address: str, name: str) -> None:
        async with copies.alone(address):
            order.append(name)
            if name == "first":
                await go_on.wait()

    first = asyncio.create_task(make("/items", "first"))
    await asyncio.sleep(0)
    second = asyncio.create_task(make("/items", "second"))
    await make("/items?limit=3", "other")
    assert order == ["first", "other"]
    go_on.set()
    await asyncio.gather(first, second)
    assert order == ["first", "other", "second"]
    assert not copies._making, "nothing is remembered of addresses that nobody makes"


async def test_few_answers_with_many_texts_are_made_at_once(hub: Hub) -> None:
    site = Site(engine=hub.engine, name="", base="")
    under_way, most = 0, 0

    async def make() -> None:
        nonlocal under_way, most
        async with site.texts():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1

    await asyncio.gather(*(make() for _ in range(20)))
    assert most == TEXTS_AT_ONCE
