"""The composition root: settings in, a working hub out. The only place that constructs things.

    async with open_hub(settings) as hub:
        await hub.run(roles)        until it is stopped
        await hub.once()            everything that is due, then end

Embedded, one process does all roles; with PostgreSQL and RabbitMQ any number of processes share them. What only some
hubs need (commands of people, the schedule, mails, single sign-on, pages) is imported where they turn out to need it:
`hub once` would pay for all of it each time.
"""

import asyncio
import inspect
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from connectors.addresses import METADATA_HOSTS
from connectors.base import Braked, Destination, Reconcilable, Remembering
from connectors.errors import ConfigError
from connectors.exchange import Exchange
from connectors.http import Http
from connectors.registry import destination_connector
from hub import broker
from hub.access.conditions import Conditions
from hub.broker.base import BACKFILL, ENRICH, HARVEST, MAIL, NORMALISE, RECONCILE, SUBSCRIBE, deliver_queue
from hub.clock import Clock, SystemClock
from hub.counting import up_to_date
from hub.engine import DestinationInForce, Engine, Mailing, Timetable
from hub.files import open_files
from hub.queries.backlog import backlog
from hub.reader import Reader
from hub.reports.categories import categories
from hub.reports.duties import duties
from hub.rules.access import Role
from hub.rules.counters import Counter
from hub.rules.routing import Route, Window
from hub.screened import Screens
from hub.screening import screening_terms
from hub.settings import DestinationSettings, RouteSettings, Settings
from hub.sources import Register, source_row
from hub.stages.backfill import Backfill
from hub.stages.deliver import Deliver
from hub.stages.enrich import Enrich
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.stages.reconcile import Reconcile
from hub.store import applying, harvesting, reconciling, roster, screening, searching, tasks, walks
from hub.store.database import Database
from hub.store.memory import Cipher, DestinationMemory
from hub.store.reconciling import Run
from hub.store.roster import DestinationRow, MemberRow
from hub.store.unit import Store
from hub.store.walks import Progress
from hub.store.witness import Witness
from hub.worker import Stage, Worker

if TYPE_CHECKING:
    from hub.access.single_sign_on import SingleSignOn

log = structlog.get_logger(__name__)

ROLES = ("harvest", "normalise", "deliver", "web", "schedule")
#: the destination that every hub with a message server has
EVENTS = "events"
#: bytes of free disk below which nothing more is taken in; what is there is still delivered and read
LEAST_ROOM = 200 * 1024 * 1024
#: seconds between two looks at whether `once` has come to rest
RESTING = 0.05


class Hub:
    """A hub with its parts; made by `open_hub`."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.engine = engine
        self.workers: list[Worker] = []

    async def run(self, roles: Sequence[str] = ROLES, *, ready: Callable[[str], None] = lambda web: None) -> None:
        """Work in these roles until cancelled; what is in hand is settled first.

        `ready` is called once everything works, with the address of the web role, or "" without it.
        """
        from hub.resting import give_back

        web = ""
        async with AsyncExitStack() as stack:
            if self.engine.store.database.dialect == "sqlite":  # else a command opens the database beside us
                from hub import control

                await stack.enter_async_context(control.listening(self.engine, self.settings.data_dir))
            if "web" in roles:
                from hub.web.server import serve

                web = await stack.enter_async_context(serve(self.engine, self.settings))
            tasks = self._start(roles)
            # It goes on until it is cancelled, also where a process only serves pages.
            rest = give_back(self.engine.store.database.drop_caches, is_idle=self._is_idle)
            tasks.append(asyncio.create_task(rest, name="rest"))
            try:
                ready(web)
                # Not gather: stopped in the middle of a claim, a worker would leave its rows to their leases.
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in ended:
                    task.result()
            finally:
                await self._stop(tasks)

    async def once(self, *, everything: bool = False, on_progress: Callable[[], None] = lambda: None) -> None:
        """Poll every source that is due, once, and work until nothing is due; what waits for later is left waiting.

        `everything` polls all active sources, whatever their rhythm, but for those that told us to wait.
        """
        store = self.engine.store
        if everything:
            await harvesting.make_due(store)
        began = store.now()
        tasks = self._start(("harvest", "normalise", "deliver"), until=began)
        try:
            while not await self._at_rest(tasks, began):
                on_progress()
                await asyncio.sleep(RESTING)
        finally:
            await self._stop(tasks)
        await up_to_date(self.engine)
        await searching.caught_up(store)
        await screening.scrub(store, self.engine.files, thorough=True)

    async def walk(self, source: str, *, on_progress: Callable[[Progress], None]) -> Progress | None:
        """Work until the backfill of a source is done; polls nothing else. None when there is none."""
        store = self.engine.store
        tasks = self._start(("normalise", "deliver"), stages=[Backfill(self.engine), Enrich(self.engine)])
        try:
            while True:
                for task in tasks:
                    if task.done():
                        task.result()
                found = next(iter(await walks.progress(store, source)), None)
                if found is None or not found.goes_on:
                    await searching.caught_up(self.engine.store)
                    return found
                on_progress(found)
                await asyncio.sleep(RESTING)
        finally:
            await self._stop(tasks)

    async def reconcile(
        self, destination: str, *, apply: bool = True, on_progress: Callable[[Run], None]
    ) -> Run | None:
        """Work until the comparison of a destination is done; polls nothing, and sends nothing without `apply`.

        With it what the comparison asked for is waited for too, but for what is tried again much later.
        """
        store = self.engine.store
        stages: list[Stage] = [Reconcile(self.engine)]
        tasks = self._start((), stages=stages + ([Deliver(self.engine, destination)] if apply else []))
        try:
            while True:
                for task in tasks:
                    if task.done():
                        task.result()
                found = await reconciling.latest(store, destination)
                if found is None or not await applying.moves(store, found, applies=apply):
                    return found
                on_progress(found)
                await asyncio.sleep(RESTING)
        finally:
            await self._stop(tasks)

    async def _at_rest(self, tasks: Sequence[asyncio.Task[None]], began: datetime) -> bool:
        for task in tasks:
            if task.done():
                task.result()
        if not self._is_idle():
            return False
        return not await backlog(self.engine.store, sources_until=began, mails=self.engine.mailing is not None)

    def _is_idle(self) -> bool:
        return all(worker.idle.is_set() for worker in self.workers)

    def _start(
        self, roles: Iterable[str], *, stages: Sequence[Stage] = (), **harvest: Any
    ) -> list[asyncio.Task[None]]:  # fmt: skip
        engine = self.engine
        stages = list(stages)
        if "harvest" in roles:
            stages.append(Harvest(engine, **harvest))
            stages += [Enrich(engine, **harvest), Backfill(engine)]
        if "normalise" in roles:
            stages.append(Normalise(engine))
        if "deliver" in roles:
            stages += [Deliver(engine, name) for name in engine.destinations] + [Reconcile(engine)]
            if engine.mailing is not None:
                from hub.stages.mail import Mail

                stages.append(Mail(engine, engine.mailing))
        if "schedule" in roles:
            from hub.stages.subscribe import Subscribe

            stages.append(Subscribe(engine, f"{self.settings.public_url}/websub/"))
        self.workers = [Worker(stage, engine.broker) for stage in stages]
        tasks = [asyncio.create_task(worker.run()) for worker in self.workers]
        if "schedule" in roles:
            from hub.schedule import Schedule

            tasks.append(asyncio.create_task(Schedule(engine).run(), name="schedule"))
            if engine.counters:
                from hub.visits.counting import keep_counting

                tasks.append(asyncio.create_task(keep_counting(engine), name="schedule"))
        return tasks

    async def _stop(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for worker in self.workers:
            worker.stop()
        for task in tasks:
            if task.get_name() in ("schedule", "rest"):
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.workers = []


@asynccontextmanager
async def open_hub(
    settings: Settings, *, clock: Clock | None = None, chance: Callable[[], float] = random.random,
    settles_in: bool = True, exchange: Exchange | None = None,
) -> AsyncIterator[Hub]:  # fmt: skip
    """A hub that is ready to work, and closed whatever happens.

    `settles_in` False leaves the roster as it is: for one command of a person beside processes at work. `exchange` is
    where its requests are made; by default the network.
    """
    async with open_engine(
        settings, clock or SystemClock(), chance=chance, keeps_real_time=clock is None, exchange=exchange
    ) as engine:
        if settles_in:
            await _settle_in(settings, engine)
        yield Hub(settings, engine)


@asynccontextmanager
async def open_engine(
    settings: Settings, clock: Clock, *, chance: Callable[[], float] = random.random, keeps_real_time: bool = True,
    read_only: bool = False, exchange: Exchange | None = None,
) -> AsyncIterator[Engine]:  # fmt: skip
    """Everything constructed; `read_only` beside a process that owns the database, and nothing is written."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            await Database.open(settings.database_url, base=settings.folder, read_only=read_only)
        )
        messages = broker.connect(settings.broker_url)
        stack.push_async_callback(messages.close)
        http = await stack.enter_async_context(client(settings, clock, exchange))
        reader = Reader()
        stack.push_async_callback(reader.close)
        store = Store(database, messages, clock, follows_database=keeps_real_time)
        await store.measure_skew()
        counted_as = categories(settings.categories)
        owed = duties(settings, counted_as)
        register = Register(settings, http)
        destinations = _destinations(settings, http, stack)
        cipher = Cipher(settings.hub.secret_key.get_secret_value())
        for place in destinations.values():
            if _remembers(place.destination):
                place.destination.memory = DestinationMemory(store, place.name, cipher)
        key = await screening.fingerprint_key(
            store, settings.hub.secret_key.get_secret_value(), writes=not read_only
        )  # fmt: skip
        yield Engine(
            screens=Screens(screening_terms(settings.screen_terms), key),
            store=store, broker=messages, clock=clock, reader=reader, chance=chance,
            zone=settings.zone, per_host=settings.fetch.per_host,
            keep_captures=timedelta(seconds=settings.hub.keep_captures),
            http=http, has_room=_room_check(settings),
            files=open_files(settings), largest_file=settings.files.max_size,
            witness=Witness(settings.data_dir / "witness.json"),
            register=register, sources=register.in_force,
            longest_fetch=max([settings.fetch.timeout, *(s.timeout for s in register.in_force.values())]),
            destinations=destinations, routes=_routes(settings),
            mailing=_mailing(settings), cipher=cipher, conditions=_conditions(settings),
            single_sign_on=_single_sign_on(settings, http, clock),
            two_persons=frozenset(settings.review.two_persons), categories=counted_as,
            duties=owed,
            counters=[
                Counter(
                    name=one.name, url=one.url, selector=one.selector, member=one.member or "",
                    every=timedelta(seconds=one.every),
                )
                for one in settings.counters
                if one.enabled
            ],
            public_url=settings.public_url,
        )  # fmt: skip


async def _settle_in(settings: Settings, engine: Engine) -> None:
    """Bring the roster into the database, and pick up what a dead process left in its hands."""
    store = engine.store
    if store.database.dialect == "sqlite":
        await roster.free_leases(store)
    await roster.settle_in(
        store,
        [
            MemberRow(
                code=m.code, name=m.name, kind=m.kind, parent=m.parent or "", home=m.home,
                valid_from=m.valid_from.isoformat() if m.valid_from else "",
                valid_until=m.valid_until.isoformat() if m.valid_until else "", successors=m.successors,
                duties=m.duties,
            )
            for m in settings.members
        ],
        [
            source_row(s)
            for s in settings.sources
            if s.enabled
        ],
        [DestinationRow(name=d.name, connector=d.connector) for d in engine.destinations.values()],
    )  # fmt: skip
    if engine.witness is not None:
        await engine.witness.confirm(store)
    for place in engine.destinations.values():
        if isinstance(place.destination, Reconcilable) and not place.destination.by_hand:
            async with store.unit() as unit:
                await tasks.hand_over(unit, place.name)
    places = [deliver_queue(name) for name in engine.destinations]
    await engine.broker.declare([HARVEST, ENRICH, BACKFILL, NORMALISE, SUBSCRIBE, RECONCILE, MAIL, *places])


def _room_check(settings: Settings) -> Callable[[], bool]:
    """Tells whether an embedded database has space to grow; a server's disk is its administrator's to watch."""
    url = settings.database_url
    if not url.startswith("sqlite"):
        return lambda: True
    folder = Path(url.removeprefix("sqlite://")).parent
    return lambda: shutil.disk_usage(folder).free > LEAST_ROOM


def client(settings: Settings, clock: Clock, exchange: Exchange | None = None) -> Http:
    """The one HTTP client, not yet entered. Our own database and broker are no place that a feed may lead to.

    Only by name: what an address is, the guard's table decides, and a shared loopback serves more than the database.
    """
    ours = (urlsplit(url).hostname or "" for url in (settings.database_url, settings.broker_url))
    names = {host for host in ours if "." in host and not host.replace(".", "").isdigit() and ":" not in host}
    return Http(
        user_agent=settings.user_agent, allow_private=settings.fetch.allow_private, per_host=settings.fetch.per_host,
        page_pause=settings.fetch.page_pause, limits=settings.fetch.limits(), clock=clock.now,
        hosts_refused=METADATA_HOSTS | names, exchange=exchange,
    )  # fmt: skip


def _remembers(destination: Destination) -> TypeGuard[Remembering]:
    """Whether it has a memory to fill. Declared alone it is no attribute yet, and isinstance would not see it."""
    return any("memory" in inspect.get_annotations(base) for base in type(destination).__mro__)


def _destinations(settings: Settings, http: Http, stack: AsyncExitStack) -> dict[str, DestinationInForce]:
    in_force = {d.name: _destination(d, http) for d in settings.destinations if d.enabled}
    if settings.announces:
        if EVENTS in in_force:
            raise ConfigError(
                f"destination {EVENTS}: this name is taken by the exchange of the message server",
                sentence=f"Tên nơi nhận «{EVENTS}» dành cho hàng đợi thông điệp; hãy đặt tên khác trong settings.toml.",
            )
        in_force[EVENTS] = _events(settings, http, stack)
    return in_force


def _destination(settings: DestinationSettings, http: Http) -> DestinationInForce:
    connector = destination_connector(settings.connector).Connector
    destination: Destination = connector(settings.name, settings.connector_config)
    return DestinationInForce(
        name=settings.name, connector=settings.connector, destination=destination,
        # Waits are kept while what was claimed before them may go on; whatever is claimed later asks the row.
        http=http.scoped(allow=settings.allow_private, keeps_waits=4 * settings.timeout + 60),
        interval=timedelta(seconds=1 / settings.rate),
        timeout=settings.timeout, concurrency=settings.concurrency, days=settings.days,
        approval=settings.approval, quiet=settings.quiet, brake=_brake(settings, destination),
        timetable=Timetable(
            at=settings.reconcile.at, accept=frozenset(settings.reconcile.accept), apply=settings.reconcile.apply
        ),
    )  # fmt: skip


def _brake(settings: DestinationSettings, destination: Destination) -> int:
    if settings.brake is None:
        return destination.brake if isinstance(destination, Braked) else 0
    return settings.brake


def _events(settings: Settings, http: Http, stack: AsyncExitStack) -> DestinationInForce:
    """Other systems hear of every public change on the `hub.events` exchange, through the same rows as any place."""
    from hub.broker.events import Config, EventsDestination

    destination = EventsDestination(EVENTS, Config(url=SecretStr(settings.broker_url)))
    stack.push_async_callback(destination.close)
    return DestinationInForce(
        name=EVENTS, connector="events", destination=destination, http=http, interval=timedelta(milliseconds=1),
        timeout=20.0, concurrency=16,
    )  # fmt: skip


def _conditions(settings: Settings) -> Conditions:
    console = settings.console
    return Conditions(
        idle=timedelta(seconds=console.idle), longest=timedelta(seconds=console.longest),
        two_factor_for=frozenset(console.two_factor_for), trusted_proxies=console.trusted_proxies,
    )  # fmt: skip


def _single_sign_on(settings: Settings, http: Http, clock: Clock) -> "SingleSignOn | None":
    """The province's single sign-on; None where none is set."""
    given = settings.console.single_sign_on
    if given is None:
        return None
    from hub.access.single_sign_on import Provider, SingleSignOn

    provider = Provider(
        issuer=given.issuer, client_id=given.client_id, client_secret=given.client_secret, name=given.name,
        scopes=given.scopes, match_email=given.match_email,
        make_accounts_as=Role(given.make_accounts_as) if given.make_accounts_as else None,
        strong=frozenset(given.strong),
    )  # fmt: skip
    return SingleSignOn(provider, http.scoped(allow=given.allow_private), clock.now)


def _mailing(settings: Settings) -> Mailing | None:
    """The mail server and the digests; None without a server."""
    mail = settings.mail
    if not mail.host or not mail.sender:
        return None
    from connectors.mail import Mailer, MailServer
    from hub.mailing.compose import NAMELESS, Masthead
    from hub.mailing.message import Sender

    server = MailServer(
        host=mail.host, port=mail.port, tls=mail.tls, username=mail.username, password=mail.password,
        timeout=mail.timeout,
    )  # fmt: skip
    site = settings.hub.name or NAMELESS
    return Mailing(
        mailer=Mailer(server), sender=Sender(mail.sender, mail.sender_name or site),
        masthead=Masthead(site=site, base=settings.public_url, zone=settings.zone),
        digests={each.name: each.in_force for each in settings.digests if each.enabled},
        alarm_to=settings.screen.alarm_to,
    )  # fmt: skip


def _routes(settings: Settings) -> list[Route]:
    routes = [route_of(r, place) for place, r in enumerate(settings.routes, 1)]
    if settings.announces:
        routes.append(Route(name=EVENTS, to=(EVENTS,)))
    return routes


def route_of(route: RouteSettings, place: int) -> Route:
    """A route as the rules take it."""
    when = route.when
    window = Window(when.window.from_, when.window.until) if when.window else None
    return Route(
        name=route.name or f"route-{place}", to=route.to, kinds=when.kind, members=when.member, sources=when.source,
        tags=when.tag, title=when.title, text=when.text, window=window,
    )  # fmt: skip
