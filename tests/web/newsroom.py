"""A hub whose source `tin` names a WebSub hub, with its callback on the web: what the tests of subscriptions share."""

from typing import Any

from hub.app import Hub
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.stages.subscribe import Subscribe
from hub.store import subscribing
from tests.fakes.websub import Request, WebSubHub
from tests.province import Province, Story, row, rss, story, turn


class Newsroom:
    """The hub, its site and the WebSub hub beside it."""

    def __init__(self, hub: Hub, province: Province, pusher: WebSubHub, topic: str, path: str) -> None:
        self.hub, self.province, self.pusher, self.topic, self.path = hub, province, pusher, topic, path
        self.address = ""

    def show(self, *stories: Story, hub: str | None = None) -> bytes:
        """The site's feed from now on; it names the WebSub hub."""
        links = f'<atom:link rel="hub" href="{self.pusher.url if hub is None else hub}"/>'
        links += f'<atom:link rel="self" href="{self.topic}"/>'
        body = rss(*stories).replace(b"<channel>", b"<channel>" + links.encode())
        body = body.replace(b'<rss version="2.0">', b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">')
        self.province.site.serve(self.path, body)
        return body

    async def poll(self) -> None:
        """Poll, read what came."""
        assert await turn(Harvest(self.hub.engine)) == 1
        await self.read()

    async def read(self) -> int:
        return await turn(Normalise(self.hub.engine))

    async def ask(self) -> int:
        """One turn of the subscribe stage."""
        return await turn(Subscribe(self.hub.engine, f"{self.address}/websub/"))

    async def subscribe(self) -> Request:
        """Until the subscription is active."""
        self.show(story(1))
        await self.poll()
        assert await self.ask() == 1
        assert (await self.row())["state"] == "active"
        return self.pusher.requests[-1]

    async def row(self, **where: Any) -> Any:
        return await row(self.hub, "subscription", **where)

    async def source(self) -> Any:
        return await row(self.hub, "source", name="tin")

    async def works(self) -> bool:
        """Whether the pushes of `tin` are relied on."""
        return await subscribing.works(self.hub.engine.store, "tin")
