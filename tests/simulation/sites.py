"""Simulated member sites: they publish, edit, take back, forget, and lie; whatever they served whole is on record."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from typing import Final

from tests.province import Story, atom, rss
from tests.simulation.wire import Call, Fate, Reply

#: Stories that a list shows.
WINDOW: Final = 6
#: What stands in every text that may be shown nowhere.
CANARY: Final = "zqmat"
#: How a poll goes wrong, and how often among those that do.
LIES: Final = (
    "empty", "short", "page", "500", "404", "wait", "torn", "reset", "hang", "stale", "bare", "refused", "same",
)  # fmt: skip


def token(number: int, text: int, *, secret: bool = False) -> str:
    """What a text says about itself: which story, which wording."""
    return f"{CANARY}{number}v{text}" if secret else f"zq{number}v{text}"


@dataclass(slots=True)
class Article:
    """A story as its site has it now."""

    number: int
    text: int = 1
    texts: int = 1  #: wordings there ever were
    secret: bool = False
    listed: bool = True
    gone: bool = False  #: the site says so explicitly

    @property
    def token(self) -> str:
        """What its text says about itself."""
        return token(self.number, self.text, secret=self.secret)

    def story(self) -> Story:
        said = self.token
        text = f"<p>MẬT</p><p>Kế hoạch {said} của đơn vị.</p>" if self.secret else f"<p>Nội dung {said}.</p>"
        minute = self.number % 60
        return Story(
            guid=f"g{self.number}", title=f"Tin {self.number} về việc {self.number * 7919}",
            text=text, published=f"Sun, 01 Mar 2026 07:{minute:02}:00 +0700",
            link=f"http://so-{self.number}.gov.vn/tin/{self.number}.html",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one body says."""

    texts: Mapping[str, str]  #: token by guid
    gone: frozenset[str] = frozenset()  #: guids with a tombstone
    dated: float | None = None  #: the document's own date
    is_list: bool = True  #: else it is a page, or half of a list


@dataclass(slots=True)
class Site:
    """One source of one member, on a host of its own."""

    name: str
    kind: str  #: rss, atom
    validators: bool
    dated: bool
    held: bool  #: each of its editions waits for a person
    now: Callable[[], float]
    moment: Callable[[float], datetime]
    rng: Random
    articles: list[Article] = field(default_factory=list)
    lies: deque[str] = field(default_factory=deque)
    served: dict[str, Served] = field(default_factory=dict)  #: by checksum of the body
    tags: dict[str, str] = field(default_factory=dict)  #: checksum by ETag
    first: int = 1  #: number of the first story; others of other sites differ
    older: list[tuple[bytes, str]] = field(default_factory=list)  #: bodies of before
    changed_at: float = 0.0
    polls: int = 0

    @property
    def host(self) -> str:
        return f"{self.name}.sim.gov.vn"

    @property
    def url(self) -> str:
        return f"http://{self.host}/{self.name}.xml"

    def add(self, *, secret: bool = False) -> Article:
        """A new story, mostly on top."""
        made = Article(number=self.first + len(self.articles), secret=secret)
        self.articles.append(made)
        self.changed_at = self.now()
        return made

    def shown(self) -> list[Article]:
        """What its list shows, when it does not lie."""
        return [one for one in self.articles if one.listed and not one.gone][-WINDOW:]

    def fate(self, call: Call) -> Fate:
        self.polls += 1
        lie = self.lies[0] if self.lies else ""
        latency = self.rng.choice((0.01, 0.05, 0.3))
        plain: dict[str, Fate] = {
            "500": Fate(acts=False, status=500), "404": Fate(acts=False, status=404), "page": Fate(page=True),
            "wait": Fate(acts=False, status=429, retry_after=30), "torn": Fate(lost="torn"),
            "reset": Fate(acts=False, lost="reset"), "hang": Fate(acts=False, lost="hang"),
            "refused": Fate(refused=True),
        }  # fmt: skip
        if lie in plain:
            self.lies.popleft()
            return plain[lie]
        return Fate(latency=latency)

    def left(self, call: Call) -> None:
        """Nothing to be noted."""

    def known(self, call: Call, fate: Fate | None) -> None:
        """Nothing to be noted: asking changes nothing."""

    def act(self, call: Call) -> Reply:
        lie = self.lies.popleft() if self.lies else ""
        if lie == "same" and call.headers.get("If-None-Match"):
            return Reply(304, {}, b"")  # though it is not
        if lie == "stale" and self.older:
            body, tag = self.rng.choice(self.older)
            return self._answer(call, body, tag)
        shown = self.shown()
        gone = [one for one in self.articles if one.gone]
        if lie in ("empty", "short"):
            shown, gone = shown[-1:] if lie == "short" else [], []
        body, tag = self._render(shown, gone)
        return self._answer(call, body, "" if lie == "bare" else tag)

    def _render(self, shown: list[Article], gone: list[Article]) -> tuple[bytes, str]:
        stories = [one.story() for one in reversed(shown)]
        if self.kind == "atom":
            body = atom(*stories, gone=[f"g{one.number}" for one in gone])
        else:
            built = format_datetime(self.moment(self.changed_at)) if self.dated else ""
            body = rss(*stories, built=built)
        digest = sha256(body).hexdigest()
        tag = f'"{digest[:12]}"'
        self.served[digest] = Served(
            texts={f"g{one.number}": one.token for one in shown},
            gone=frozenset(f"g{one.number}" for one in gone) if self.kind == "atom" else frozenset(),
            dated=self.changed_at if self.dated else None,
        )
        self.tags[tag] = digest
        if all(body != old for old, _ in self.older):
            self.older = [*self.older[-3:], (body, tag)]
        return body, tag

    def _answer(self, call: Call, body: bytes, tag: str) -> Reply:
        kind = {"Content-Type": f"application/{self.kind}+xml; charset=utf-8"}
        if not self.validators or not tag:
            return Reply(200, kind, body)
        if call.headers.get("If-None-Match") == tag:
            return Reply(304, {"ETag": tag}, b"")
        return Reply(200, {**kind, "ETag": tag}, body)
