"""Find connectors by the name that settings.toml uses.

Our own are the modules of connectors.sources and connectors.destinations; third parties register entry points in the
group `hub.connectors`, named `source.NAME` or `destination.NAME`. A module is imported when it is first asked for, so a
plug-in that does not import is reported by name and stops nobody else.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, cast

import connectors.destinations
import connectors.sources
from connectors.base import ConnectorConfig
from connectors.errors import ConfigError

GROUP: Final = "hub.connectors"
SOURCE: Final = "source"
DESTINATION: Final = "destination"

_OURS: Final[Mapping[str, Any]] = {SOURCE: connectors.sources, DESTINATION: connectors.destinations}


class ConnectorModule(Protocol):
    """What a connector's module defines."""

    Config: type[ConnectorConfig]  #: its own keys in settings.toml
    Connector: type[Any]  #: a Source made from (context, config), or a Destination made from (name, config)


@dataclass(frozen=True, slots=True)
class Known:
    """Every connector that can be named, and those that cannot be used with the reason."""

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    broken: Mapping[str, str]  #: `source.NAME` -> technical cause


class Registry:
    """Our connectors and those of third parties, by kind and name. A third party cannot take the name of ours."""

    def __init__(self, plugins: Iterable[EntryPoint] = ()) -> None:
        self._plugins: dict[str, EntryPoint] = {}
        self._names: dict[str, list[str]] = {SOURCE: [], DESTINATION: []}
        self._strangers: dict[str, str] = {}
        for kind, package in _OURS.items():
            self._names[kind] += [module.name for module in pkgutil.iter_modules(package.__path__)]
        for plugin in plugins:
            kind, _, name = plugin.name.partition(".")
            if kind not in _OURS or not name.isidentifier():
                self._strangers[plugin.name] = "the name must be source.NAME or destination.NAME"
            elif name in self._names[kind]:
                self._strangers[plugin.name] = f"the name {name} is taken; {plugin.value} is not used"
            else:
                self._plugins[plugin.name] = plugin
                self._names[kind].append(name)

    def source(self, name: str) -> ConnectorModule:
        """The source connector of this name. Raises ConfigError when there is none or it does not import."""
        return self._find(SOURCE, name)

    def destination(self, name: str) -> ConnectorModule:
        """The destination connector of this name. Raises ConfigError when there is none or it does not import."""
        return self._find(DESTINATION, name)

    def known(self) -> Known:
        """All names. Imports every connector to tell which are broken."""
        broken = dict(self._strangers)
        usable: dict[str, list[str]] = {SOURCE: [], DESTINATION: []}
        for kind, names in self._names.items():
            for name in sorted(names):
                try:
                    self._find(kind, name)
                except ConfigError as error:
                    broken[f"{kind}.{name}"] = str(error)
                else:
                    usable[kind].append(name)
        return Known(tuple(usable[SOURCE]), tuple(usable[DESTINATION]), broken)

    def _find(self, kind: str, name: str) -> ConnectorModule:
        if name not in self._names[kind]:
            names = ", ".join(sorted(self._names[kind]))
            raise ConfigError(
                f"no {kind} connector is called {name!r}; known: {names}",
                code="unknown_connector",
                sentence=f"Không có bộ kết nối tên «{name}». Các tên dùng được: {names}.",
            )
        plugin = self._plugins.get(f"{kind}.{name}")
        try:
            module = plugin.load() if plugin else importlib.import_module(f"{_OURS[kind].__name__}.{name}")
        except Exception as error:  # whatever a third party's module raises while it is imported
            raise _broken(kind, name, f"{type(error).__name__}: {error}") from error
        config = getattr(module, "Config", None)
        if not (isinstance(config, type) and issubclass(config, ConnectorConfig)):
            raise _broken(kind, name, "it defines no Config made from connectors.base.ConnectorConfig")
        if not isinstance(getattr(module, "Connector", None), type):
            raise _broken(kind, name, "it defines no class Connector")
        return cast(ConnectorModule, module)


def _broken(kind: str, name: str, cause: str) -> ConfigError:
    return ConfigError(
        f"{kind} connector {name} cannot be used: {cause}",
        code="broken_connector",
        sentence=f"Bộ kết nối «{name}» bị lỗi nên không dùng được. Cần cài lại hoặc báo nơi cung cấp.",
    )


@cache
def installed() -> Registry:
    """The registry of this installation."""
    return Registry(entry_points(group=GROUP))


def source_connector(name: str) -> ConnectorModule:
    """The source connector of this name. Raises ConfigError listing the known ones."""
    return installed().source(name)


def destination_connector(name: str) -> ConnectorModule:
    """The destination connector of this name. Raises ConfigError listing the known ones."""
    return installed().destination(name)


def known() -> Known:
    """Every connector of this installation, and the broken ones with the reason."""
    return installed().known()
