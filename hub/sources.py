"""Makes sources ready to be asked: their connectors, their share of the HTTP client, their limits.

settings ──> Register ──> sources in force ──> the stages
                ▲
                └── a person adds one while the hub works (hub/commands/add_source.py)
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from connectors.http import Http
from connectors.parse.url import host_of
from connectors.registry import source_connector
from hub.engine import SourceInForce
from hub.settings import Settings, SourceSettings
from hub.settings.load import SOURCES_DIR
from hub.store.roster import SourceRow


def source_in_force(source: SourceSettings, settings: Settings, http: Http) -> SourceInForce:
    """One source with its connector made; `hub preview` makes one that is in no settings file."""
    context = settings.context(source)
    timeout = source.timeout or settings.fetch.timeout
    port = urlsplit(source.url).port
    return SourceInForce(
        context=context, connector=source.connector, config=source.connector_config,
        source=source_connector(source.connector).Connector(context, source.connector_config),
        member=source.member, every=source.every, timeout=timeout,
        # A public site on an odd port is meant: somebody wrote it into the settings.
        http=http.scoped(limits=settings.fetch.limits(total=timeout), ports=frozenset({port} if port else ())),
        plan=source.plan, page=source.article.page, category=source.category,
        websub=bool(getattr(source.connector_config, "websub", False)),
    )  # fmt: skip


def source_row(source: SourceSettings) -> SourceRow:
    """A source as the database keeps it."""
    return SourceRow(
        name=source.name, member=source.member, connector=source.connector, kind=source.kind, url=source.url,
        host=host_of(source.url) or source.name, review=source.review,
    )  # fmt: skip


class Register:
    """The sources of one hub, and the settings that they come from; a source that a person adds joins both."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http
        self._in_force = {s.name: source_in_force(s, settings, http) for s in settings.sources if s.enabled}
        #: held while an entry is written, so that two people do not write the same
        self.writing = asyncio.Lock()

    @property
    def settings(self) -> Settings:
        """The settings in force, with the sources that joined."""
        return self._settings

    @property
    def in_force(self) -> Mapping[str, SourceInForce]:
        """The sources by name: one mapping for as long as the hub works, which grows."""
        return self._in_force

    @property
    def folder(self) -> Path:
        """Where entries of further sources stand."""
        return self._settings.folder / SOURCES_DIR

    def join(self, source: SourceSettings) -> None:
        """Put a source in force; one of the same name gives way."""
        others = tuple(each for each in self._settings.sources if each.name != source.name)
        self._settings = self._settings.model_copy(update={"sources": (*others, source)})
        self._in_force[source.name] = source_in_force(source, self._settings, self._http)

    def leave(self, name: str) -> None:
        """Take a source out of the settings in force. What is in hand of it is still read: the mapping keeps it."""
        others = tuple(each for each in self._settings.sources if each.name != name)
        self._settings = self._settings.model_copy(update={"sources": others})
