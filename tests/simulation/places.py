"""Simulated destinations: the fakes of tests/fakes without their servers, under a weather, with a witness."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, cast
from uuid import UUID

from aiohttp import web

from tests.fakes.cmsportals import USERNAME
from tests.fakes.portal import Portal
from tests.fakes.wordpress import WordPressSite
from tests.province import TOKEN
from tests.simulation.wire import LATEST, Call, Fate, Reply

PASSWORD: Final = "matkhauthunghiem"
#: seconds that a place without versions is left alone after a call of unknown outcome
SETTLING: Final = 20
#: seconds that a call may take
TIMEOUT: Final = 5
#: What becomes of a request in bad weather.
FAULTS: Final = (
    "lost", "lost_hang", "unreached", "unreached_hang", "late", "500_done", "500_not", "502_done", "page_done",
    "wait", "busy", "refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One change of what a place shows."""

    place: str
    content_id: str
    revision: int  #: 0 where a deletion does not tell it
    gone: bool


@dataclass(slots=True)
class Doubt:
    """A call of which nobody knows what became."""

    since: float
    looked: bool = False


@dataclass(slots=True)
class Place:
    """One destination."""

    name: str
    fake: Any
    repeatable: bool
    now: Callable[[], float]
    rng: Random
    shown: list[Shown] = field(default_factory=list)  #: every change, in order
    weather: deque[str] = field(default_factory=deque)
    down: str = ""  #: the fault of every request until it is over
    bad_until: float = 0.0  #: when the last fault was
    doubts: dict[str, Doubt] = field(default_factory=dict)
    blind: list[str] = field(default_factory=list)  #: calls that repeated another without a look
    leaks: list[str] = field(default_factory=list)
    canary: bytes = b""
    unknown: int = 0  #: calls of unknown outcome
    writes: int = 0
    judged: int = 0  #: changes that the model has judged
    doubles: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"{self.name}.sim.gov.vn"

    def settings(self) -> dict[str, Any]:
        """Its keys in settings.toml."""
        common = {"name": self.name, "timeout": TIMEOUT, "rate": "20/s"}
        if isinstance(self.fake, WordPressSite):
            return common | {"connector": "wordpress", "url": f"http://{self.host}", "username": USERNAME,
                             "password": PASSWORD, "settling": SETTLING, "pictures": False}  # fmt: skip
        return common | {"connector": "portal", "base_url": f"http://{self.host}/portal", "token": TOKEN,
                         "fenced": self.repeatable, "settling": SETTLING}  # fmt: skip

    def fate(self, call: Call) -> Fate:
        fault = self.down or (self.weather.popleft() if self.weather else "")
        if fault:
            self.bad_until = self.now()
        quick = self.rng.choice((0.01, 0.02, 0.2))
        match fault:
            case "lost":
                return Fate(latency=quick, lost="reset")
            case "lost_hang":
                return Fate(latency=quick, lost="hang")
            case "unreached":
                return Fate(latency=quick, acts=False, lost="reset")
            case "unreached_hang":
                return Fate(latency=quick, acts=False, lost="hang")
            case "late":
                return Fate(latency=quick, lost="hang", late=self.rng.random() * LATEST)
            case "500_done" | "502_done":
                return Fate(latency=quick, status=int(fault[:3]))
            case "500_not":
                return Fate(latency=quick, acts=False, status=500)
            case "page_done":
                return Fate(latency=quick, page=True)
            case "wait":
                return Fate(latency=quick, acts=False, status=429, retry_after=self.rng.choice((5, 20)))
            case "busy":
                return Fate(latency=quick, acts=False, status=503, retry_after=10)
            case "refused":
                return Fate(refused=True)
        return Fate(latency=quick)

    def left(self, call: Call) -> None:
        if self.canary in call.body:
            self.leaks.append(f"{call.method} {call.path}")
        if call.method == "GET" or self.repeatable:
            return
        self.writes += 1
        content_id = self._about(call)
        doubt = self.doubts.get(content_id)
        if doubt is not None and not doubt.looked:
            self.blind.append(f"{self.name}: {call.method} of {content_id}, in doubt since {doubt.since:.1f}")

    def known(self, call: Call, fate: Fate | None) -> None:
        content_id = self._about(call)
        if call.method == "GET":
            doubt = self.doubts.get(content_id)
            answered = fate is not None and not fate.unknown and not fate.status
            if doubt is not None and answered and call.at >= doubt.since + SETTLING:
                doubt.looked = True
        elif fate is None or fate.unknown:
            self.unknown += 1
            # A machine that stood still waited no longer than the call may take.
            self.doubts[content_id] = Doubt(min(self.now(), call.at + TIMEOUT))
        elif not fate.status:
            self.doubts.pop(content_id, None)

    def act(self, call: Call) -> Reply:
        before = len(self.fake.effects)
        request = cast(web.Request, call)
        if isinstance(self.fake, Portal):
            answer = self.fake._act(request, call.body)
        else:
            answer = self.fake._answer(request, call.body)
        for effect in self.fake.effects[before:]:
            self._witness(effect, call)
        body = answer.body
        return Reply(answer.status, answer.headers, body if isinstance(body, bytes) else b"")

    def _witness(self, effect: Any, call: Call) -> None:
        if isinstance(self.fake, Portal):
            action, content_id, revision = effect.action, effect.content_id, effect.version
        else:
            action, content_id, revision = effect
        gone = action == "delete"
        self.shown.append(Shown(self.name, content_id, max(revision, 0), gone))
        if self.copies(content_id) > 1:
            self.doubles.append(f"{content_id} stands there {self.copies(content_id)} times at {self.name}")

    def copies(self, content_id: str) -> int:
        """How many objects a visitor sees of an item."""
        if isinstance(self.fake, Portal):
            return int(content_id in self.fake.shown())
        return sum(
            post["status"] == "publish" and post["meta"]["hub_content_id"] == content_id for post in self.fake.posts()
        )

    def revisions(self) -> dict[str, int]:
        """What a visitor sees of each item."""
        return dict(self.fake.shown())

    def texts(self) -> dict[str, str]:
        """What a visitor reads of each item, as one string."""
        if isinstance(self.fake, Portal):
            return {one: str(self.fake.held[one].body) for one in self.fake.shown()}
        return {
            str(UUID(post["meta"]["hub_content_id"])): post["content"]
            for post in self.fake.posts() if post["status"] == "publish"
        }  # fmt: skip

    def _about(self, call: Call) -> str:
        """The item that a request is about."""
        if isinstance(self.fake, Portal):
            return call.match_info["id"]
        if slug := call.query.get("slug"):
            return str(UUID(slug.partition(",")[0].removeprefix("hub-")))
        post = self.fake.kept.get(call.match_info["id"])
        if post is not None:
            return str(post["meta"]["hub_content_id"])
        if call.method == "POST":
            return str(json.loads(call.body).get("meta", {}).get("hub_content_id", ""))
        return call.match_info["id"]
