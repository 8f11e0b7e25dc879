"""/metrics: numbers for Prometheus, to those whom the settings name; to everybody else there is no such page.

Nothing is kept in global state: each application has its own counts, and each answer is made from a registry of its
own. The database is asked at most every AGAIN seconds, however many ask here. The names: docs/reference/metrics.md.
"""

import asyncio
import os
import resource
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from hub.broker.base import BACKFILL, ENRICH, HARVEST, MAIL, NORMALISE, RECONCILE, SUBSCRIBE, deliver_queue
from hub.engine import Engine
from hub.queries import signs
from hub.queries.metrics import COUNTED, Gauges, gauges, totals
from hub.web.routes import PREFIX, Handler
from hub.web.site import SITE

log = structlog.get_logger(__name__)

#: Seconds for which the numbers of the database are good; and for which those that take longer to count are.
AGAIN: Final = 10.0
TOTALS_AGAIN: Final = 300.0
#: Seconds within which the database, and the broker, answer, or are left out.
DATABASE_WAIT: Final = 5.0
BROKER_WAIT: Final = 1.0
#: Seconds between two looks at how late the loop is, and how many looks are remembered: five minutes.
LOOK: Final = 0.5
LOOKS: Final = 600

Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class Watch:
    """What one application remembers for its numbers."""

    networks: Sequence[Network]
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  #: by part and status
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=LOOKS))  #: seconds that the loop was late
    gauges: Gauges | None = None  #: None: the database did not answer
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    signs: Mapping[str, int] = field(default_factory=dict)
    queues: Mapping[str, int] = field(default_factory=dict)
    looked: float = float("-inf")
    counted: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


WATCH: Final = web.AppKey("WATCH", Watch)


async def metrics(request: web.Request) -> web.Response:
    """The numbers, in the text form that Prometheus reads; 404 to whoever may not read them."""
    watch = request.app[WATCH]
    if not is_allowed(request, watch.networks):
        raise web.HTTPNotFound
    engine = request.app[SITE].engine
    async with watch.turn:
        await _look(watch, engine)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(watch, engine))
    return web.Response(
        body=generate_latest(registry),
        headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"},
    )


def is_allowed(request: web.Request, networks: Sequence[Network]) -> bool:
    """Whether the request comes from one of the networks.

    What a proxy passed on comes from whom the proxy says, if it is one of ours; else from nobody we know.
    """
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
    conditions = request.app[SITE].engine.conditions
    peer = request.remote or ""
    address = conditions.address(peer, forwarded)
    passed_on = forwarded or any(name in request.headers for name in ("Forwarded", "Via", "X-Real-IP"))
    if passed_on and address == peer:
        return False
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks if network.version == ip.version)


@web.middleware
async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every answer, by the part of the hub that gave it."""
    response = await handler(request)
    part = request.match_info.apps[-1].get(PREFIX, "/")
    request.app[WATCH].answers[part, response.status] += 1
    return response


async def watching(app: web.Application) -> AsyncIterator[None]:
    """Measure how late the loop is, while the application lives."""

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK
            await asyncio.sleep(LOOK)
            app[WATCH].lags.append(max(0.0, loop.time() - due))

    task = asyncio.create_task(measure(), name="loop lag")
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _look(watch: Watch, engine: Engine) -> None:
    now = time.monotonic()
    if now - watch.looked < AGAIN:
        return
    watch.looked = now
    try:
        async with asyncio.timeout(DATABASE_WAIT):
            watch.gauges = await gauges(engine.store)
    except Exception as error:  # whatever it is, the page says that it is so
        watch.gauges = None
        log.warning("database gives no numbers", cause=repr(error))
    if watch.gauges is not None and now - watch.counted >= TOTALS_AGAIN:
        try:
            async with asyncio.timeout(DATABASE_WAIT):
                watch.totals, watch.counted = await totals(engine.store), now
            async with asyncio.timeout(DATABASE_WAIT):
                watch.signs = await signs.counted(engine)
        except Exception as error:
            log.warning("rows were not counted", cause=repr(error))
    watch.queues = await _queues(engine)


async def _queues(engine: Engine) -> dict[str, int]:
    names = [HARVEST, ENRICH, BACKFILL, NORMALISE, SUBSCRIBE, RECONCILE, MAIL, *map(deliver_queue, engine.destinations)]
    found = dict[str, int]()
    try:
        async with asyncio.timeout(BROKER_WAIT):
            for name in names:
                depth = await engine.broker.depth(name)
                if depth is not None:
                    found[name] = depth
    except Exception as error:
        log.warning("broker does not answer", cause=repr(error))
    return found


class Numbers(Collector):
    """What one answer says."""

    def __init__(self, watch: Watch, engine: Engine) -> None:
        self._watch, self._engine = watch, engine

    def collect(self) -> Iterator[Metric]:
        """Every family; those of the database are left out while it does not answer."""
        watch = self._watch
        seen = watch.gauges
        build = GaugeMetricFamily(
            "hub_build_info", "Version of the program and of its schema; always 1",
            labels=("version", "schema", "database"),
        )  # fmt: skip
        dialect = self._engine.store.database.dialect
        build.add_metric((version("provincial-hub"), seen.schema if seen else "", dialect), 1)
        yield build
        yield _one("hub_database_up", "1 when the database answers", int(seen is not None))
        if seen is not None:
            yield from _of_database(seen)
            for table in COUNTED:
                noun = {"delivery": "deliveries"}.get(table, f"{table}s")
                yield _labelled(f"hub_{noun}", f"All {noun} by state", "state", watch.totals.get(table, {}))
            yield _labelled("hub_early_signs", "What is noticed early, by kind", "sign", watch.signs)
        yield _labelled("hub_queue_messages", "Messages that wait in a queue", "queue", watch.queues)
        counts = self._engine.broker.counts
        for name, text in (
            ("published", "Keys that a queue took"),
            ("forgotten", "Keys that no queue took; the sweeper finds their rows"),
            ("consumed", "Messages handed to a worker"),
            ("redelivered", "Messages handed out again"),
            ("unreadable", "Messages set aside because nobody can read them"),
        ):
            yield CounterMetricFamily(f"hub_broker_{name}", f"{text}, in this process", value=getattr(counts, name))
        answers = CounterMetricFamily(
            "hub_http_answers", "Answers of this process by part and status", labels=("part", "status")
        )
        for (part, status), n in sorted(watch.answers.items()):
            answers.add_metric((part, str(status)), n)
        yield answers
        yield from _of_process(watch)


def _of_database(seen: Gauges) -> Iterator[Metric]:
    yield _labelled("hub_sources", "Sources by state", "state", seen.sources)
    sides = {side: seen.failing.get(side, 0) for side in ("member", "hub", "network", *seen.failing)}
    yield _labelled("hub_sources_failing", "Sources with a fault, by whose it is", "side", sides)
    if seen.newest_capture_age is not None:
        yield _one("hub_newest_capture_age_seconds", "Since the newest answer was kept", seen.newest_capture_age)
    yield _labelled(
        "hub_destination_active", "1 when a destination is open, 0 when it is paused or refuses us",
        "destination", {name: int(state == "active") for name, state in seen.destinations.items()},
    )  # fmt: skip
    for name, text, values in (
        ("hub_deliveries_waiting", "Deliveries that are ready or under way", seen.waiting),
        ("hub_deliveries_late", "Of these, behind for more than 15 minutes", seen.late),
        ("hub_oldest_delivery_age_seconds", "How long the oldest of them has waited", seen.oldest_waiting_age),
    ):
        yield _labelled(name, text, "destination", values)
    yield _one("hub_editions_held", "Editions that wait for the board", seen.held)
    yield _one("hub_editions_restricted", "Editions that wait for the duty officer", seen.restricted)
    yield _one("hub_alarms_unseen", "Alarms of the secrecy screen that nobody has looked at", seen.alarms)
    yield _one("hub_attempts_open", "Calls under way, or whose end nobody knows", seen.open_attempts)
    yield _labelled("hub_mails", "Mails by state", "state", seen.mails)
    yield _one("hub_sessions", "Browsers that are signed in", seen.sessions)
    yield _one("hub_events_unsealed", "Events without a place in the chain yet", seen.unsealed)


def _of_process(watch: Watch) -> Iterator[Metric]:
    yield _one("hub_process_resident_memory_bytes", "Memory of this process", _resident())
    yield _one("hub_process_open_fds", "Open files and sockets of this process", len(os.listdir("/proc/self/fd")))
    yield _one("hub_process_max_fds", "How many it may have open", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield CounterMetricFamily("hub_process_cpu_seconds", "Time on the processor", value=time.process_time())
    lags = sorted(watch.lags)
    if lags:
        yield _one(
            "hub_loop_lag_p99_seconds", "How late the event loop was, in 99 of 100 looks of five minutes",
            lags[min(len(lags) - 1, int(len(lags) * 0.99))],
        )  # fmt: skip


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family
