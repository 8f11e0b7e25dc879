"""All settings of one hub, checked and frozen."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from connectors.base import SourceContext
from hub.settings.counters import CounterSettings
from hub.settings.digests import DigestSettings
from hub.settings.duties import DutySettings
from hub.settings.entries import DestinationSettings, MemberSettings, RouteSettings, SourceSettings
from hub.settings.provenance import Provenance
from hub.settings.secrets import Surroundings
from hub.settings.sections import Sections


class Settings(Sections):
    """What `load_settings` returns. Paths are absolute, durations seconds, rates calls per second."""

    members: tuple[MemberSettings, ...] = Field(default=(), alias="member", description="[[member]] tables")
    sources: tuple[SourceSettings, ...] = Field(default=(), alias="source", description="[[source]] tables")
    destinations: tuple[DestinationSettings, ...] = Field(
        default=(), alias="destination", description="[[destination]] tables"
    )
    routes: tuple[RouteSettings, ...] = Field(default=(), alias="route", description="[[route]] tables")
    digests: tuple[DigestSettings, ...] = Field(default=(), alias="digest", description="[[digest]] tables")
    duties: tuple[DutySettings, ...] = Field(default=(), alias="duty", description="[[duty]] tables")
    counters: tuple[CounterSettings, ...] = Field(default=(), alias="counter", description="[[counter]] tables")

    _folder: Path = PrivateAttr(default=Path())
    _provenance: Provenance = PrivateAttr(default=Provenance())

    def model_post_init(self, context: Any) -> None:
        """Keep the folder that relative paths start at, and where everything came from."""
        self._folder = context.folder if isinstance(context, Surroundings) else Path.cwd()
        self._provenance = context.provenance if isinstance(context, Surroundings) else Provenance()

    @property
    def folder(self) -> Path:
        """Folder of the settings file."""
        return self._folder

    @property
    def provenance(self) -> Provenance:
        """Which file, variable or secret file said what."""
        return self._provenance

    @property
    def completeness(self) -> Path | None:
        """The board's own list of what a record must say; None: the one that comes with the program."""
        return self._folder / self.hub.completeness if self.hub.completeness else None

    @property
    def categories(self) -> Path | None:
        """The board's own list of categories; None: the one that comes with the program."""
        return self._folder / self.reports.categories if self.reports.categories else None

    @property
    def screen_terms(self) -> Path | None:
        """The province's own words and lists for the screens; None: those that come with the program."""
        return self._folder / self.screen.terms if self.screen.terms else None

    @property
    def data_dir(self) -> Path:
        """Folder of what the hub keeps; may not exist yet."""
        return self._folder / self.hub.data_dir

    @property
    def database_url(self) -> str:
        """Address of the database; of SQLite with an absolute path. Holds the password: not for logs."""
        url = self.database.url.get_secret_value()
        scheme, _, rest = url.partition("://")
        return f"sqlite://{self._folder / rest}" if scheme == "sqlite" else url

    @property
    def broker_url(self) -> str:
        """Address of RabbitMQ, or "" for the broker inside the hub. Holds the password: not for logs."""
        return self.broker.url.get_secret_value()

    @property
    def announces(self) -> bool:
        """Whether other systems hear of public changes on the exchange of RabbitMQ."""
        return self.broker.announce and bool(self.broker_url)

    @property
    def zone(self) -> ZoneInfo:
        """The hub's time zone."""
        return ZoneInfo(self.hub.timezone)

    @property
    def public_url(self) -> str:
        """Address under which the outside reaches the hub, without a slash at the end."""
        return self.web.base_url.rstrip("/") or f"http://{self.web.host}:{self.web.port}"

    @property
    def user_agent(self) -> str:
        """How the hub calls itself at member sites."""
        contact = f" (+{self.hub.contact})" if self.hub.contact else ""
        return f"provincial-hub/{_version()}{contact}"

    def context(self, source: SourceSettings) -> SourceContext:
        """What the connector of this source is told beside its own Config."""
        return SourceContext(
            name=source.name, kind=source.kind, url=source.url, timezone=source.timezone or self.hub.timezone,
            language=source.language, tags=source.tags,
        )  # fmt: skip


@cache
def _version() -> str:
    return version("provincial-hub")
