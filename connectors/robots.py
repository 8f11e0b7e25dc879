"""robots.txt: which pages of a site a machine may read, and how slowly (RFC 9309).

Lines are sorted into groups here, by the letter of the RFC; protego compares addresses with the rules of our group.
"""

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from protego import Protego

from connectors.errors import HubError, RejectedError, ThrottledError, TransientError
from connectors.outcomes import CameBack
from connectors.parse.url import host_of, origin_of
from connectors.turns import Turns

#: Bytes of a robots.txt that are read; what stands behind them is not looked at (RFC 9309 2.5).
ROBOTS_LIMIT: Final = 500 * 1024
#: Longest pause between two pages that a site may ask for, in seconds: with more, a list would never be read.
LONGEST_DELAY: Final = 30.0
#: How long an answer holds (RFC 9309 2.4 allows a day); shorter, so that a site that lets us in sees us come.
_HOLDS: Final = timedelta(hours=1)
#: Origins that are remembered.
_ORIGINS: Final = 1_000
#: 4xx, and redirects that lead nowhere: there is no robots.txt, and everything may be read (RFC 9309 2.3.1.2, 2.3.1.3).
_UNAVAILABLE: Final = frozenset({
    CameBack.BAD_REQUEST, CameBack.UNAUTHORISED, CameBack.FORBIDDEN, CameBack.NOT_FOUND, CameBack.TRY_AGAIN,
    CameBack.GONE, CameBack.REDIRECTS, CameBack.MOVED,
})  # fmt: skip

#: What says that nobody was there to ask, so that the cause itself is the sentence.
_NOBODY: Final = frozenset({
    CameBack.NAME_UNKNOWN, CameBack.CONNECTION_REFUSED, CameBack.UNREACHABLE, CameBack.CERTIFICATE, CameBack.TLS,
})  # fmt: skip

_WIDE: Final = ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"))
# Names as people type them, with or without the colon.
_LINE: Final = re.compile(
    r"(?:(?P<agent>use[rg]?s?[- ]?age?n?te?s?)|(?P<allow>allow)|(?P<disallow>d[ie]s{1,2}al{1,2}[ao]w|diasllow)"
    r"|(?P<delay>crawl[- ]?delay)|(?P<sitemap>site-?maps?))\s*(?::|\s)\s*(?P<value>.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Robots:
    """What one robots.txt says to us."""

    rules: Protego | None = None  #: of our group, under the name `*`; None when nothing is forbidden
    delay: float = 0.0  #: seconds between two pages, at most LONGEST_DELAY
    sitemaps: tuple[str, ...] = ()  #: addresses as they stand there, for everybody

    def allows(self, url: str) -> bool:
        """Whether this page may be read."""
        return self.rules is None or self.rules.can_fetch(url, "*")


@dataclass(slots=True)
class _Said:
    """What is said to one agent; groups of one agent are read as one."""

    rules: list[str]
    delay: float = 0.0


def read_robots(body: bytes, agent: str) -> Robots:
    """What `body` says to `agent` (a User-Agent, or its first word). Never fails: what has no meaning says nothing.

    A group holds for the agent that it names exactly, in any case; that of `*` only where no other names it.
    """
    name = _product(agent)
    said, sitemaps = _said(_lines(body[:ROBOTS_LIMIT]), {name, "*"})
    ours = said.get(name) or said.get("*") or _Said([])
    return Robots(
        rules=Protego.parse("\n".join(("User-agent: *", *ours.rules))) if ours.rules else None,
        delay=ours.delay,
        sitemaps=tuple(dict.fromkeys(sitemaps)),
    )


def may_fetch_page(robots_txt: bytes, url: str, agent: str) -> bool:
    """Whether this robots.txt lets `agent` read the page at `url`."""
    return read_robots(robots_txt, agent).allows(url)


def _lines(body: bytes) -> Iterator[re.Match[str]]:
    encoding = next((name for mark, name in _WIDE if body.startswith(mark)), "utf-8")
    for line in body.decode(encoding, "replace").lstrip("\ufeff").splitlines():
        if found := _LINE.fullmatch(line.partition("#")[0].strip()):
            yield found


def _said(lines: Iterator[re.Match[str]], names: Container[str]) -> tuple[dict[str, _Said], list[str]]:
    """What is said to each of `names`, and the sitemaps, which are for everybody.

    Only a rule ends a list of agents: a delay among them holds for those named so far. Other agents are not kept: a
    file may name thousands.
    """
    said: dict[str, _Said] = {}
    named: set[str] = set()
    sitemaps: list[str] = []
    ruled = True
    for line in lines:
        value = line["value"]
        if line["agent"]:
            if ruled:
                named = set()
                ruled = False
            if (name := _product(value)) in names:
                said.setdefault(name, _Said([]))
                named.add(name)
        elif line["sitemap"]:
            sitemaps.append(value)
        elif line["delay"]:
            for name in named:
                said[name].delay = max(said[name].delay, _seconds(value))
        else:
            for name in named:
                said[name].rules.append(f"{'Allow' if line['allow'] else 'Disallow'}: {value}")
            ruled = True
    return said, sitemaps


def _product(agent: str) -> str:
    """The name that rules are written for: `provincial-hub` of `provincial-hub/0.1 (+mailto:...)`."""
    return agent.partition("/")[0].strip().rstrip("*").lower() or agent.strip()


def _seconds(delay: str) -> float:
    return min(float(delay), LONGEST_DELAY) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", delay) else 0.0


def disallowed(url: str, agent: str) -> RejectedError:
    """The error of a page that robots.txt forbids."""
    return RejectedError(
        f"GET {host_of(url)}: robots.txt forbids this page", code="robots_disallowed",
        sentence="Trang của đơn vị không cho phép phần mềm thu thập địa chỉ này (theo tệp robots.txt) nên hệ thống"
        f" không đọc. Đề nghị đơn vị cho phép «{_product(agent)}» trong robots.txt, hoặc cung cấp nguồn RSS.",
    )  # fmt: skip


class RobotsCache:
    """What the robots.txt of each origin says to one agent; asked again after an hour."""

    def __init__(self, agent: str, clock: Callable[[], datetime]) -> None:
        self._agent = agent
        self._clock = clock
        self._known: dict[str, tuple[datetime, Robots]] = {}
        self._turns = Turns(1)

    def __len__(self) -> int:
        """How many origins are remembered."""
        return len(self._known)

    async def of(self, url: str, ask: Callable[[str], Awaitable[bytes]]) -> Robots:
        """What the robots.txt of the origin of `url` says; `ask` gets its first bytes. It is asked for once at a time.

        Where the site does not answer, an older answer holds on (RFC 9309 2.4). Raises what `ask` raised, and
        TransientError(code="robots_unreachable") where nobody can tell what is allowed.
        """
        origin = origin_of(url)
        async with self._turns.turn(origin):
            asked_at, robots = self._known.get(origin, (None, None))
            if robots is None or asked_at is None or self._clock() - asked_at >= _HOLDS:
                robots = await self._asked(origin, ask, robots)
                self._remember(origin, robots)
            return robots

    async def _asked(self, origin: str, ask: Callable[[str], Awaitable[bytes]], older: Robots | None) -> Robots:
        try:
            body = await ask(f"{origin}/robots.txt")
        except HubError as error:
            if error.code in _UNAVAILABLE:
                return Robots()
            if isinstance(error, ThrottledError) or not isinstance(error, TransientError):
                raise
            if older is not None:
                return older
            raise TransientError(
                f"robots.txt: {error}", code="robots_unreachable", fault=error.fault,
                sentence=error.sentence
                if error.code in _NOBODY
                else "Không đọc được tệp robots.txt nên chưa biết trang của đơn vị có cho phép thu thập hay không."
                " Hệ thống sẽ tự thử lại; nếu kéo dài, đề nghị đơn vị kiểm tra máy chủ.",
            ) from None  # fmt: skip
        return await asyncio.to_thread(read_robots, body, self._agent)

    def _remember(self, origin: str, robots: Robots) -> None:
        self._known.pop(origin, None)
        self._known[origin] = (self._clock(), robots)
        while len(self._known) > _ORIGINS:
            del self._known[next(iter(self._known))]
