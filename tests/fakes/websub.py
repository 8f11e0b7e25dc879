"""A WebSub hub as a real server: takes subscriptions, asks the callback whether it was meant, pushes signed feeds."""

import hashlib
import hmac
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import parse_qs, urlencode

from aiohttp import ClientSession, web

from tests.fakes.server import FakeServer

FEED = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a subscriber asked."""

    mode: str
    topic: str
    callback: str
    secret: str
    lease: int


class WebSubHub(FakeServer):
    """Remembers requests and subscribers; whether and when it asks back is up to the test."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.subscribers: dict[tuple[str, str], Request] = {}  #: by topic and callback
        self.asks_back = True  #: before it answers, as many hubs do; else only when the test calls `verify`
        self.grants = 864_000  #: seconds
        self.status = 202
        self.answers: list[tuple[int, str]] = []  #: what the callbacks said to questions
        self.app.router.add_post("/", self._subscribe)

    @property
    def url(self) -> str:
        """Where subscribers post to."""
        return f"{self.origin}/"

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        form = {key: values[0] for key, values in parse_qs((await request.read()).decode()).items()}
        asked = Request(
            mode=form["hub.mode"], topic=form["hub.topic"], callback=form["hub.callback"],
            secret=form.get("hub.secret", ""), lease=int(form.get("hub.lease_seconds", "0")),
        )  # fmt: skip
        self.requests.append(asked)
        if fault := self.next_fault():
            return await self.strike(request, fault, web.Response(status=self.status))
        if self.asks_back and self.status == 202:
            await self.verify(asked)
        return web.Response(status=self.status)

    async def verify(self, asked: Request, *, challenge: str = "4yUcizBVkad718pZ", **changes: str) -> tuple[int, str]:
        """Ask the callback whether it meant this; remember the subscriber if so. Returns status and body."""
        query = {"hub.mode": asked.mode, "hub.topic": asked.topic, "hub.challenge": challenge}
        if asked.mode == "subscribe":
            query["hub.lease_seconds"] = str(self.grants)
        query |= {f"hub.{key}": value for key, value in changes.items()}
        query = {key: value for key, value in query.items() if value}
        async with ClientSession() as http, http.get(f"{asked.callback}?{urlencode(query)}") as response:
            answer = (response.status, await response.text())
        self.answers.append(answer)
        if answer == (200, challenge):
            key = (asked.topic, asked.callback)
            if asked.mode == "subscribe":
                self.subscribers[key] = asked
            else:
                self.subscribers.pop(key, None)
        return answer

    async def push(self, asked: Request, body: bytes, *, method: str = "sha256", **headers: str) -> int:
        """Distribute a body to one subscriber; `headers` win over the right ones. Returns the status."""
        digest = hmac.new(asked.secret.encode(), body, getattr(hashlib, method)).hexdigest()
        right = {
            "Content-Type": FEED, "X-Hub-Signature": f"{method}={digest}",
            "Link": f'<{self.url}>; rel="hub", <{asked.topic}>; rel="self"',
        }  # fmt: skip
        data = BytesIO(body)
        async with ClientSession() as http, http.post(asked.callback, data=data, headers=right | headers) as response:
            return response.status
