"""What the stages, commands and queries work with: the parts that hub.app put together. Holds no state of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.base import Destination, Source, SourceContext
from connectors.errors import ConfigError
from connectors.http import Http
from hub.access.conditions import Conditions
from hub.broker.base import Broker
from hub.clock import Clock
from hub.files.base import Files
from hub.reader import Reader
from hub.reports.categories import categories
from hub.rules.categories import Categories
from hub.rules.counters import Counter
from hub.rules.digests import Digest
from hub.rules.duties import Duty
from hub.rules.posting import Approval
from hub.rules.reconciliation import DifferenceKind
from hub.rules.routing import Route, Window
from hub.rules.two_persons import Matter
from hub.rules.wholeness import NO_PLAN, Plan
from hub.screened import Screens
from hub.store.memory import Cipher
from hub.store.unit import Store
from hub.store.witness import Witness

if TYPE_CHECKING:  # what only some hubs have; its types alone would bring Jinja, an SMTP client and JOSE
    from connectors.mail import Mailer
    from connectors.parse.pages.page import PageConfig
    from hub.access.single_sign_on import SingleSignOn
    from hub.mailing.compose import Masthead
    from hub.mailing.message import Sender
    from hub.sources import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInForce:
    """A source as the settings have it, with its connector ready."""

    context: SourceContext
    connector: str
    config: object
    source: Source
    member: str
    every: float | None  #: seconds between polls as configured; None: hub.rules.rhythm has a default
    timeout: float  #: seconds for one fetch in total
    http: Http  #: the one client, with this source's limits, doors and ports
    plan: Plan = NO_PLAN  #: whether its items' pages and files are fetched
    page: "PageConfig | None" = None  #: where things stand on those pages
    category: str = ""  #: code of the category that its items count as; empty: by what they say
    websub: bool = False  #: whether the WebSub hub that its feed names is asked to push


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When a destination is compared with what the hub holds, and what needs no person."""

    at: time | None = None  #: daily, in the hub's zone; None: only when asked
    accept: frozenset[DifferenceKind] = frozenset()  #: accepted without a person
    apply: bool = False  #: the daily run acts on what is accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationInForce:
    """A destination as the settings have it, with its connector and its own HTTP client ready."""

    name: str
    connector: str
    destination: Destination
    http: Http
    interval: timedelta  #: between two calls: the rate turned over
    timeout: float  #: seconds for one call in total
    concurrency: int
    days: int = 0  #: working days that an officer has to enter something by hand; 0: no limit
    approval: Approval = Approval.NONE  #: whether a person has to say yes, beside the approval of the item
    quiet: Window | None = None  #: hours in which nothing new is shown there
    brake: int = 0  #: new items at once from which it is paused and a person asked; 0: none
    timetable: Timetable = Timetable()  #: when it is compared with what we hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """How mails go out, and the digests that do."""

    mailer: "Mailer"
    sender: "Sender"
    masthead: "Masthead"
    digests: Mapping[str, Digest]
    alarm_to: tuple[str, ...] = ()  #: duty officers, who are told that there is an alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything constructed, nothing running."""

    store: Store
    broker: Broker
    clock: Clock
    reader: Reader
    chance: Callable[[], float]  #: uniform in [0, 1), for jitter
    zone: ZoneInfo
    per_host: int
    keep_captures: timedelta  #: how long raw bodies are kept for replay
    files: Files  #: where attachments are kept
    largest_file: int  #: bytes of an attachment that is fetched
    http: Http  #: the one client, as it is for those that are no source any more
    has_room: Callable[[], bool]  #: whether there is disk space to take in more
    register: "Register"  #: the settings in force, and what makes a further source ready
    longest_fetch: float  #: seconds that one fetch of any source may take in total
    sources: Mapping[str, SourceInForce]  #: those of the register
    destinations: Mapping[str, DestinationInForce]
    routes: Sequence[Route]
    cipher: Cipher  #: of what is kept encrypted
    conditions: Conditions  #: on which terms people come in
    single_sign_on: "SingleSignOn | None" = None  #: the province's, if one is set
    mailing: Mailing | None = None  #: None: no mail server is set
    witness: Witness | None = None  #: tells a database that was put back; None in tests that need none
    two_persons: frozenset[Matter] = frozenset()  #: decisions that take two people
    screens: Screens = field(default_factory=Screens)  #: what everything passes before it is public
    categories: Categories = field(default_factory=categories)  #: what items count as
    duties: Sequence[Duty] = ()  #: what members owe
    counters: Sequence[Counter] = ()  #: of visits, that stand on pages
    public_url: str = ""  #: under which the outside reaches the hub, without a slash at the end

    def destination(self, name: str) -> DestinationInForce:
        """The destination of this name. Raises ConfigError: `unknown_destination`."""
        place = self.destinations.get(name)
        if place is None:
            raise unknown_destination(name, self.destinations)
        return place


def unknown_destination(name: str, known: Iterable[str]) -> ConfigError:
    """What a person is told who names a destination that there is not; `known` are those that there are."""
    names = ", ".join(sorted(known)) or "chưa có nơi nhận nào"
    return ConfigError(
        f"no destination {name[:60]}", code="unknown_destination",
        sentence=f"Không có nơi nhận tên «{name[:60]}» đang dùng trong settings.toml. Các tên hiện có: {names}.",
    )  # fmt: skip
