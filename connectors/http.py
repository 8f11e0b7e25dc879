"""The one HTTP client of the hub: sources are fetched and destinations are written through here and nowhere else.

    get   a source      conditional GET, own redirect loop, one request at a time per host   -> Capture | Unchanged
    page  a web page    the same, if robots.txt allows it, and as slowly as it asks          -> Capture | Unchanged
    post  a service     a question in a body, no redirect, as patiently and bounded as `get` -> Capture
    send  a destination one request, no redirect, never repeated by itself                   -> Answer

Every dial passes the address guard (connectors.addresses), every body is counted while it is read, and whatever goes
wrong comes out as an error of connectors.errors by the table in connectors.outcomes. Error texts name the host and
the row of that table: never a path, query, header or body, which may hold a token or a marked text.
"""

import asyncio
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

from aiohttp import ClientResponse
from aiohttp.abc import AbstractResolver

from connectors.addresses import METADATA_HOSTS, WEB_PORTS, Allowance, Gate
from connectors.base import Capture, Cursor, Hints, Unchanged
from connectors.bodies import CHUNK, PLAIN_CHUNK, BrokenAnswer, Limits, first_bytes, whole_body
from connectors.codings import ACCEPT_ENCODING
from connectors.errors import Fault, HubError, ThrottledError
from connectors.exchange import Exchange, coding, endpoint, failure, refusal
from connectors.freshness import conditional_headers, max_age, new_cursor, retry_after
from connectors.outcomes import CameBack, Purpose, error_for
from connectors.parse.url import host_of, origin_of, web_url
from connectors.robots import LONGEST_DELAY, ROBOTS_LIMIT, Robots, RobotsCache, disallowed
from connectors.turns import Pauses, Told, Turns

__all__ = ["ANSWER_LIMIT", "FEEDS", "PAGES", "SEND_PATIENCE", "Answer", "Http", "Limits"]

#: What a feed reader prefers; the last entry keeps servers content that know only text/html.
FEEDS: Final = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9,"
    " application/json;q=0.8, */*;q=0.5"
)

#: What a reader of web pages and sitemaps takes.
PAGES: Final = "text/html, application/xhtml+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"

#: Most of a destination's answer that is read, in bytes, unless more is asked for.
ANSWER_LIMIT: Final = 64 * 1024

#: Longest Retry-After of a destination that is kept, in seconds; of a source it is a day.
SEND_PATIENCE: Final = 6 * 3_600.0

_PERMANENT: Final = frozenset({301, 308})
_KEPT_HEADERS: Final = ("content-language", "content-location", "link", "x-wp-total", "x-wp-totalpages")
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a destination answered."""

    status: int
    headers: Mapping[str, str]  #: case-insensitive
    body: bytes = field(repr=False)  #: decoded; cut at the limit asked for
    cut: bool = False  #: there was more


class Http:
    """The client; made by the composition root and used as an async context manager."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: frozenset[Allowance] = frozenset(),
        per_host: int = 1,
        page_pause: float = 0.0,
        limits: Limits | None = None,
        hosts_refused: frozenset[str] = METADATA_HOSTS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: AbstractResolver | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        """Take what every request shares.

        `allow_private` holds for every request made here, `per_host` is how many fetches may run at once on one host,
        `page_pause` how many seconds lie between two pages of one host where robots.txt asks for no more,
        `hosts_refused` are names nobody may ask for (metadata services, our database and broker). `user_agent` names
        the hub and whom to write to: `provincial-hub/0.1 (+mailto:...)`. `exchange` is where requests are made, by
        default the network.
        """
        self.limits = limits or Limits()
        self._allow_private = allow_private
        self._ports: frozenset[int] = frozenset()
        self._hosts_refused = hosts_refused
        self._clock = clock
        self._turns = Turns(per_host)
        self._page_pause = min(page_pause, LONGEST_DELAY)
        self._pauses = Pauses(LONGEST_DELAY)
        self._user_agent = user_agent
        self._robots = RobotsCache(user_agent, clock)
        self._exchange = exchange or Exchange(user_agent, resolver)
        self._told: Told | None = None

    async def __aenter__(self) -> Self:
        self._exchange.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exchange.close()

    def scoped(
        self,
        *,
        limits: Limits | None = None,
        allow: frozenset[Allowance] = frozenset(),
        ports: frozenset[int] = frozenset(),
        keeps_waits: float = 0.0,
    ) -> "Http":
        """This client for one endpoint: own limits, further doors; manners and connections are shared.

        `ports` are further ports that public addresses may be asked on: the source's own. With `keeps_waits` a wait
        that a host names (Retry-After) holds for every request of this view: until it is over, for so many seconds at
        most, each ends in ThrottledError without being made.
        """
        view = copy(self)
        view.limits = limits or self.limits
        # The same set where nothing is added: thousands of endpoints share it, and the gate that is made of it.
        view._allow_private = self._allow_private | allow if allow else self._allow_private
        view._ports = self._ports | ports if ports else self._ports
        view._told = Told(keeps_waits) if keeps_waits else self._told
        return view

    def now(self) -> datetime:
        """The time now, by the clock this client was given."""
        return self._clock()

    async def get(
        self,
        url: str,
        *,
        cursor: Cursor = _NONE,
        limits: Limits | None = None,
        accept: str = FEEDS,
        headers: Mapping[str, str] = _NONE,
    ) -> Capture | Unchanged:
        """Fetch a body whole, or learn that it is unchanged since `cursor`.

        `headers` go to the origin that was asked and to no other that it redirects to: they may hold a key.

        Raises by the fetch column of connectors.outcomes: TransientError, ThrottledError, BlockedError, or
        RejectedError for our refusals.
        """
        return await self._follow(self._fetch(url, cursor, limits, accept, headers))

    async def page(
        self,
        url: str,
        *,
        cursor: Cursor = _NONE,
        limits: Limits | None = None,
        accept: str = PAGES,
        headers: Mapping[str, str] = _NONE,
    ) -> Capture | Unchanged:
        """Fetch a page that was made for people: as `get`, if the robots.txt of its site lets us.

        Each origin that it redirects to is asked as well. Before the page lies the pause that the site asks for
        (Crawl-delay), or our own if that is longer; waiting takes 30 s at most and is not counted to the time limit.

        Raises as `get` does, RejectedError(code="robots_disallowed") for a page that machines may not read, and
        TransientError(code="robots_unreachable") while nobody can tell.
        """
        return await self._follow(replace(self._fetch(url, cursor, limits, accept, headers), polite=True))

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        limits: Limits | None = None,
        accept: str = "application/json",
        headers: Mapping[str, str] = _NONE,
        fault_type: str = "",
    ) -> Capture:
        """Ask a service that takes its questions by POST; asking changes nothing there.

        Manners and limits are those of `get`. A redirect is never followed, for the body may hold a key: it is
        TransientError(code="moved"). There is no condition, so there is always a body. `fault_type` is the media type
        in which a 500 is an answer of the service and no failure of its server (SOAP 1.1, 6.2). Raises as `get` does.
        """
        fetch = replace(
            self._fetch(url, _NONE, limits, accept, headers), method="POST", body=body, fault_type=fault_type
        )
        answer = await self._follow(fetch)
        assert isinstance(answer, Capture)  # nothing was asked on a condition
        return answer

    async def robots(self, url: str) -> Robots:
        """What the robots.txt of this site says to us. Raises as `page` does, but for `robots_disallowed`."""
        return await self._robots_of(self._fetch(url, _NONE, None, PAGES, _NONE), web_url(url), self.limits.total)

    def _fetch(
        self, url: str, cursor: Cursor, limits: Limits | None, accept: str, headers: Mapping[str, str]
    ) -> "_Fetch":
        return _Fetch(
            asked=web_url(url),
            cursor=cursor,
            accept=accept,
            limits=limits or self.limits,
            gate=self._gate(),
            headers=headers,
        )

    async def _follow(self, fetch: "_Fetch") -> Capture | Unchanged:
        """Go from redirect to redirect, each through the gate."""
        step = _Redirect(fetch.asked, permanent=True)
        moved_to = ""
        seen: set[str] = set()
        left, patience, delay = fetch.limits.total, LONGEST_DELAY, 0.0
        time = asyncio.get_running_loop().time  # the one that `asyncio.timeout` goes by
        while True:
            seen.add(step.to)
            host = host_of(step.to)
            if fetch.polite and host:
                began = time()
                robots = await self._robots_of(fetch, step.to, left)
                left -= time() - began
                if not robots.allows(step.to):
                    raise disallowed(step.to, self._user_agent)
                delay = max(self._page_pause, robots.delay)
            async with self._turns.turn(host):
                if fetch.polite:
                    pause = min(self._pauses.left(host, delay), patience)
                    patience -= pause
                    await asyncio.sleep(pause)
                began = time()
                try:
                    answer = await self._visit(step.to, fetch, seconds=left, moved_to=moved_to)
                finally:
                    left -= time() - began
                    if fetch.polite:
                        self._pauses.begin(host)
            if not isinstance(answer, _Redirect):
                return answer
            step = _Redirect(answer.to, permanent=step.permanent and answer.permanent)
            moved_to = step.to if step.permanent else moved_to
            # Without cookies the same address gives the same answer: a second visit cannot end otherwise.
            if step.to in seen or len(seen) > fetch.limits.redirects:
                raise failure(CameBack.REDIRECTS, Purpose.FETCH, "GET", host_of(fetch.asked))

    async def _robots_of(self, fetch: "_Fetch", url: str, seconds: float) -> Robots:
        """What the robots.txt at the origin of `url` says; of a long one the beginning."""

        async def ask(robots_txt: str) -> bytes:
            answer = await self._follow(
                _Fetch(
                    asked=robots_txt,
                    cursor=_NONE,
                    accept="text/plain, */*;q=0.5",
                    limits=replace(fetch.limits, total=seconds),
                    gate=fetch.gate,
                    headers=_NONE,
                    enough=ROBOTS_LIMIT,
                    blame=None if url == fetch.asked else Fault.MEMBER,
                )
            )
            return answer.body if isinstance(answer, Capture) else b""

        return await self._robots.of(url, ask)

    async def _visit(
        self, url: str, fetch: "_Fetch", *, seconds: float, moved_to: str
    ) -> "Capture | Unchanged | _Redirect":
        """One hop of a fetch."""
        self._heed_waits(url, fetch.method, Purpose.FETCH)
        condition = conditional_headers(fetch.cursor, url, fetch.asked)
        own = fetch.headers if origin_of(url) == origin_of(fetch.asked) else _NONE
        async with self._exchange.ask(
            fetch.method,
            url,
            gate=fetch.gate,
            purpose=Purpose.FETCH,
            body=fetch.body,
            headers={"Accept": fetch.accept, "Accept-Encoding": ACCEPT_ENCODING, **own, **condition},
            seconds=seconds,
            idle=fetch.limits.idle,
            headers_limit=fetch.limits.headers,
            # Our settings name the first address, the member's site those that follow.
            blame=fetch.blame if url == fetch.asked else Fault.MEMBER,
        ) as response:
            headers = response.headers
            wait = retry_after(headers.get("Retry-After", ""), self.now())
            fresh = max_age(headers.get("Cache-Control", ""))
            hints = Hints(retry_after=wait, max_age=fresh, moved_to=moved_to)
            match response.status:
                case 200 | 203 | 500 if response.status != 500 or fetch.is_fault(headers.get("Content-Type", "")):
                    return Capture(
                        url=url,
                        content_type=headers.get("Content-Type", ""),
                        body=await _body(response, fetch),
                        fetched_at=self.now(),
                        cursor=new_cursor(headers, url, fetch.asked),
                        headers={key: ", ".join(headers.getall(key)) for key in _KEPT_HEADERS if key in headers},
                        hints=hints,
                    )
                case 304 if condition:
                    return Unchanged(hints=hints)
                case 301 | 302 | 303 | 307 | 308 if fetch.method == "GET" and (location := headers.get("Location")):
                    # "" when web_url refuses it: the next hop then ends like any refused address.
                    to = web_url(location, url).partition("#")[0]
                    return _Redirect(to, permanent=response.status in _PERMANENT)
                case 304:
                    raise BrokenAnswer(CameBack.UNREADABLE)
                case status:
                    raise self._refusal(status, Purpose.FETCH, fetch.method, url, wait)

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = _NONE,
        timeout: float,  # noqa: ASYNC109  # a bound of the request like the others, not of the caller's wait
        allow: frozenset[Allowance] = frozenset(),
        repeatable: bool,
        accept_status: frozenset[int] = frozenset(),
        answer_limit: int = ANSWER_LIMIT,
        any_port: bool = True,
    ) -> Answer:
        """Make one request to a destination; it is never repeated here and follows no redirect.

        Returns an answer of 2xx or of `accept_status`. Raises by the other columns of connectors.outcomes: GET and HEAD
        as reads, else by whether sending the same again is safe (`repeatable`). `timeout` is in seconds for everything.
        The port is the address's own, for it comes from settings; `any_port` is False where a source named the address.
        """
        reading = method in ("GET", "HEAD")
        purpose = Purpose.READ if reading else Purpose.SEND if repeatable else Purpose.SEND_ONCE
        url = web_url(url)
        self._heed_waits(url, method, purpose)
        async with self._exchange.ask(
            method,
            url,
            gate=self._gate(allow, frozenset({endpoint(url)[1]} if any_port else ())),
            purpose=purpose,
            headers={"Accept-Encoding": "identity", **headers},
            body=body,
            seconds=timeout,
            idle=timeout,
            headers_limit=self.limits.headers,
            keep_alive=purpose is not Purpose.SEND_ONCE,
        ) as response:
            status = response.status
            if not 200 <= status < 300 and status not in accept_status:
                wait = retry_after(response.headers.get("Retry-After", ""), self.now(), longest=SEND_PATIENCE)
                raise self._refusal(status, purpose, method, url, wait)
            chunks = response.content.iter_chunked(CHUNK)
            answer, cut = await first_bytes(chunks, coding(response), answer_limit)
            return Answer(status=status, headers=response.headers, body=answer, cut=cut)

    def _refusal(self, status: int, purpose: Purpose, method: str, url: str, wait: float | None) -> HubError:
        """The error of a status; a wait that it names is kept, where waits are."""
        error = refusal(status, purpose, method, host_of(url), wait)
        if self._told is not None and isinstance(error, ThrottledError) and wait is not None:
            self._told.heard(endpoint(url), self.now(), wait)
        return error

    def _heed_waits(self, url: str, method: str, purpose: Purpose) -> None:
        left = self._told.left(endpoint(url), self.now()) if self._told is not None else 0.0
        if left > 0:
            cause = f"{method} {host_of(url)}: not made, we were told to wait"
            raise error_for(CameBack.THROTTLED, purpose, cause, retry_after=left)

    def _gate(self, allow: frozenset[Allowance] = frozenset(), ports: frozenset[int] = frozenset()) -> Gate:
        return _gate(self._allow_private, allow, self._ports, ports, self._hosts_refused)


@lru_cache(maxsize=1_024)  # an endpoint's requests all go through one gate; made anew it is as long as the allowances
def _gate(
    allowed: frozenset[Allowance], allow: frozenset[Allowance], ports: frozenset[int], more: frozenset[int],
    hosts_refused: frozenset[str],
) -> Gate:  # fmt: skip
    return Gate(allowed | allow, WEB_PORTS | ports | more, hosts_refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetch:
    """What stays the same over the hops of one fetch."""

    asked: str
    cursor: Cursor
    accept: str
    limits: Limits
    gate: Gate
    headers: Mapping[str, str] = field(repr=False)
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)
    polite: bool = False  #: robots.txt is asked first, and pauses are kept
    enough: int = 0  #: bytes of the body that are enough; 0: it is wanted whole
    blame: Fault | None = None  #: whose fault a refused first address is, when it is not our settings'
    fault_type: str = ""  #: media type in which a 500 is an answer

    def is_fault(self, content_type: str) -> bool:
        """Whether a 500 of this type is an answer."""
        return bool(self.fault_type) and content_type.partition(";")[0].strip().lower() == self.fault_type


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    permanent: bool


async def _body(response: ClientResponse, fetch: _Fetch) -> bytes:
    coded = coding(response)
    chunks = response.content.iter_chunked(CHUNK if coded else PLAIN_CHUNK)
    if fetch.enough:
        return (await first_bytes(chunks, coded, fetch.enough))[0]
    if (response.content_length or 0) > fetch.limits.wire:
        raise BrokenAnswer(CameBack.TOO_LARGE)
    return await whole_body(chunks, coded, fetch.limits)
