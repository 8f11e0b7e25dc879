"""What a third party's package may look like to the registry."""

from types import SimpleNamespace

from connectors.base import ConnectorConfig


class Config(ConnectorConfig):
    """No keys of its own."""


class Connector:
    """Enough to be found."""


halfway = SimpleNamespace(Config=Config)
