"""The tables of settings.toml that come in any number: [[member]], [[source]], [[destination]], [[route]].

A source or destination has the keys that all of its kind have, declared here, and those of its connector: everything
else goes to the connector's own Config and is checked by that.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from connectors.base import ConnectorConfig
from connectors.errors import ConfigError
from connectors.fields import Allowances, Allowed
from connectors.parse.pages.selection import PageConfig
from connectors.registry import ConnectorModule, destination_connector, source_connector
from hub.rules.posting import Approval
from hub.rules.reconciliation import DifferenceKind
from hub.rules.review import DESK, Review
from hub.rules.wholeness import Fetch, Plan
from hub.settings.secrets import Unreadable, fill_in
from hub.settings.sections import Section, surroundings
from hub.settings.values import (
    Code,
    Duration,
    DurationOrNone,
    Hours,
    MailAddressOrNothing,
    Name,
    OneLine,
    Pattern,
    Rate,
    TimeZone,
    WebAddressOrNothing,
)
from schemas.item import Kind

#: Where the keys of the connector are kept; no key that anybody writes.
CONFIG = "connector_config"
#: Under this name the hub itself delivers to the exchange `hub.events`.
EVENTS = "events"

ConnectorName = Annotated[str, Allowed("the name of a connector; each has further keys of its own")]


class MemberKind(StrEnum):
    """What a member is in the province."""

    DEPARTMENT = "department"  #: sở, ban, ngành
    COMMUNE = "commune"  #: xã, phường
    DISTRICT = "district"  #: huyện, until 2025
    OTHER = "other"


class MemberSettings(Section):
    """An organisation of the province."""

    code: Code = Field(description="identifier by QĐ 20/2020, like H52.12")
    name: str = Field(min_length=1, max_length=300, description="name as it is shown")
    kind: MemberKind = Field(default=MemberKind.OTHER, description="level in the province")
    parent: Code | None = Field(default=None, description="code of the member above it")
    home: WebAddressOrNothing = Field(default="", description="its home page")
    valid_from: date | None = Field(default=None, description="first day on which it exists")
    valid_until: date | None = Field(default=None, description="last day on which it exists")
    successors: tuple[Code, ...] = Field(default=(), description="codes of the members that follow it")
    duties: tuple[Kind, ...] = Field(
        default=(), description="kinds that it has to publish: `hub coverage` says whether it does, and why not"
    )

    contact: MailAddressOrNothing = Field(
        default="", description="mail address that is written to when something is missing; left out: only on paper"
    )
    contact_name: OneLine = Field(
        default="", max_length=200, description="person or unit that such a letter is addressed to"
    )

    @field_validator("valid_until")
    @classmethod
    def _ends_after_it_begins(cls, until: date | None, info: ValidationInfo) -> date | None:
        begins = info.data.get("valid_from")
        if until and begins and until < begins:
            raise ValueError("a day that does not lie before valid_from")
        return until


class ArticleSettings(PageConfig):
    """The pages and files of a source's items; where things stand on a page is found out unless said here."""

    fetch: Fetch | None = Field(
        default=None,
        description="whether an item's own page is read: never, teaser (where the list has no full text), always;"
        " left out: always for listing and sitemap, never for the others",
    )
    files: bool = Field(default=False, description="attachments are kept, by checksum, and their text is read")
    watch: DurationOrNone | None = Field(
        default=None,
        description="how long a page is looked at again, for changes and withdrawal; left out: 30d if pages are read",
    )

    @property
    def page(self) -> PageConfig:
        """Where things stand, as the reading takes it."""
        return PageConfig(**self.model_dump(include=set(PageConfig.model_fields)))


#: How long pages are watched when the settings do not say.
WATCH = timedelta(days=30)


class SourceSettings(Section):
    """One feed, list or API of one member."""

    name: Name = Field(description="its name in the hub; part of every item's identity, so never change it")
    member: Code = Field(description="code of the member that publishes it")
    connector: ConnectorName = Field(description="how it is read")
    kind: Kind = Field(default=Kind.NEWS, description="what its items are")
    url: WebAddressOrNothing = Field(
        default="", validate_default=True, description="what is fetched; every connector needs it but folder and inbox"
    )
    every: Duration | None = Field(
        default=None, description="between polls; left out: 15m, longer where the feed or Cache-Control advises it"
    )
    review: Review = Field(default=Review.AUTO, description="auto approves what comes, hold waits for a person")
    enabled: bool = Field(default=True, description="false: it is not polled")
    timezone: TimeZone | None = Field(default=None, description="zone of its dates; left out: that of [hub]")
    language: str = Field(default="vi", max_length=35, description="language of its texts (BCP 47)")
    tags: tuple[str, ...] = Field(default=(), description="given to each of its items")
    category: str = Field(
        default="", max_length=63,
        description="code of the category that its items count as; left out: by kind, type and tags",
    )  # fmt: skip
    timeout: Duration | None = Field(default=None, description="for one fetch in total; left out: that of [fetch]")
    article: ArticleSettings = Field(
        default=ArticleSettings(), description="the pages and files of its items: [source.article]"
    )
    connector_config: Any = None

    @property
    def plan(self) -> Plan:
        """What is wanted of its items' pages."""
        fetch = self.article.fetch
        if fetch is None:
            always = getattr(self.connector_config, "lists_only", False)
            fetch = Fetch.ALWAYS if always else Fetch.NEVER
        watch = self.article.watch
        if watch is None:
            return Plan(fetch=fetch, files=self.article.files, watch=WATCH if fetch is not Fetch.NEVER else timedelta())
        return Plan(fetch=fetch, files=self.article.files, watch=timedelta(seconds=watch))

    @model_validator(mode="before")
    @classmethod
    def _set_own_keys_apart(cls, values: object) -> object:
        return _set_apart(cls, values)

    @field_validator("name")
    @classmethod
    def _is_not_the_desk(cls, name: str) -> str:
        if name == DESK:
            raise ValueError(f"a name other than {DESK}, which is that of what people write in the hub")
        return name

    @field_validator("connector")
    @classmethod
    def _is_a_connector(cls, name: str) -> str:
        _connector(source_connector, name)
        return name

    @field_validator("url")
    @classmethod
    def _has_an_address(cls, url: str, info: ValidationInfo) -> str:
        connector = info.data.get("connector")
        if connector and not url and _connector(source_connector, connector).Config.addressed:
            raise ValueError("an http or https address without user name")
        return url

    @field_validator(CONFIG, mode="plain")
    @classmethod
    def _by_the_connector(cls, values: object, info: ValidationInfo) -> ConnectorConfig | None:
        return _own_config(cls, source_connector, values, info)


class ReconcileSettings(Section):
    """When a destination is compared with what the hub holds, and which differences need no person."""

    at: time | None = Field(
        default=None, description="daily, at this time in the hub's zone; left out: only when asked"
    )
    accept: tuple[DifferenceKind, ...] = Field(
        default=(DifferenceKind.MISSING, DifferenceKind.OUTDATED),
        description="differences that are accepted without a person: the destination shall become as the hub has it",
    )
    apply: bool = Field(
        default=False, description="the daily run acts on accepted differences; else it only lists them"
    )


class DestinationSettings(Section):
    """A place we push to."""

    name: Name = Field(description="its name in the hub and of its queue; deliveries are remembered by it")
    connector: ConnectorName = Field(description="how it is written")
    rate: Rate = Field(default=20.0, description="calls at most")
    timeout: Duration = Field(default=30.0, description="for one call in total")
    allow_private: Allowances = Field(
        default=frozenset(), description="private addresses it may be reached at; all others are refused"
    )
    concurrency: int = Field(default=4, ge=1, le=64, description="calls in flight at once")
    enabled: bool = Field(default=True, description="false: nothing is sent, and its secrets may be missing")
    reconcile: ReconcileSettings = Field(
        default=ReconcileSettings(),
        description="comparing what it holds with what it should show: [destination.reconcile]",
    )
    approval: Approval = Field(
        default=Approval.NONE,
        description="whether a person says yes (`hub posts`) before it shows something that is approved: none, first"
        " (corrections go by themselves), each",
    )
    quiet: Hours | None = Field(
        default=None,
        description="hours in the hub's zone in which nothing new is shown there: it waits for their end; corrections"
        " and withdrawals go at once",
    )
    brake: int | None = Field(
        default=None, ge=0, le=100_000,
        description="more new items of an hour than this at once pause it, and a person is asked; 0: no brake; unless"
        " set, 10 at fanpages and channels and no brake elsewhere",
    )  # fmt: skip
    days: int = Field(
        default=5, ge=0, le=250,
        description="working days that an officer has to enter something by hand; 0: no limit",
    )  # fmt: skip
    connector_config: Any = None

    @model_validator(mode="before")
    @classmethod
    def _set_own_keys_apart(cls, values: object) -> object:
        return _set_apart(cls, values)

    @field_validator("name")
    @classmethod
    def _is_not_taken(cls, name: str) -> str:
        if name == EVENTS:
            raise ValueError(f"a name other than {EVENTS}, which is that of the hub's own exchange")
        return name

    @field_validator("connector")
    @classmethod
    def _is_a_connector(cls, name: str) -> str:
        _connector(destination_connector, name)
        return name

    @field_validator(CONFIG, mode="plain")
    @classmethod
    def _by_the_connector(cls, values: object, info: ValidationInfo) -> ConnectorConfig | None:
        return _own_config(cls, destination_connector, values, info)


class Window(Section):
    """Hours of the day in the hub's zone; one that ends before it begins runs over midnight."""

    from_: time = Field(alias="from", description="first minute")
    until: time = Field(description="first minute that is outside again")


class When(Section):
    """What a route takes; a key that is left out takes everything."""

    kind: tuple[Kind, ...] = Field(default=(), description="kinds of items")
    member: tuple[str, ...] = Field(default=(), description="codes of members; * and ? stand for any letters")
    source: tuple[str, ...] = Field(default=(), description="names of sources; * and ? stand for any letters")
    tag: tuple[str, ...] = Field(
        default=(), description="tags, one of which the item has; * and ? stand for any letters"
    )
    title: tuple[Pattern, ...] = Field(default=(), description="patterns, one of which is found in the title")
    text: tuple[Pattern, ...] = Field(
        default=(), description="patterns, one of which is found in title, summary or text"
    )
    window: Window | None = Field(default=None, description="hours in which items go out")


class RouteSettings(Section):
    """Which editions go where."""

    name: str = Field(default="", max_length=63, description="how explanations call it; left out: its place, route-1")
    to: tuple[Name, ...] = Field(min_length=1, description="names of destinations")
    when: When = Field(default=When(), description="what it takes")


def _set_apart(model: type[Section], values: object) -> object:
    """Hand all keys to the connector's Config too, under a key of its own; it takes those that are not common."""
    if not isinstance(values, Mapping):
        return values
    common = {key: value for key, value in values.items() if key in model.model_fields and key != CONFIG}
    return common | {CONFIG: dict(values)}


def _connector(find: Callable[[str], ConnectorModule], name: str) -> ConnectorModule:
    try:
        return find(name)
    except ConfigError as error:
        raise ValueError(str(error)) from error


def _own_config(
    entry: type[Section], find: Callable[[str], ConnectorModule], values: object, info: ValidationInfo
) -> ConnectorConfig | None:
    """The connector's own Config; None where its connector is unknown, or it is switched off and lacks a secret."""
    if "connector" not in info.data or not isinstance(values, Mapping):
        return None
    model = _connector(find, info.data["connector"]).Config
    # A key that both declare is read here, and handed on as it was understood: one way to write a duration.
    own = {
        key: info.data.get(key, value)
        for key, value in values.items()
        if key in model.model_fields or key not in entry.model_fields or key == CONFIG
    }
    try:
        return model.model_validate(fill_in(model, own, surroundings(info)))
    except ValidationError as error:
        if not info.data.get("enabled", True) and all(isinstance(e["input"], Unreadable) for e in error.errors()):
            return None
        raise
