"""PostgreSQL, RabbitMQ and a browser for tests: given by the environment, found, started privately, or installed.

`Servers` looks for each when the first test asks, in this order, and notes in one line what it did:

    HUB_TEST_PG_URL, HUB_TEST_AMQP_URL     a server that is given (RabbitMQ with its management API, HUB_TEST_AMQP_API)
    default port                           a server that answers and lets us make databases or vhosts
    installed programs                     a private server in a temporary folder on a free port of loopback
    Debian's packages                      where the run is root; then private as above

A test that stops, kills or wipes a server makes its own: `with PostgresServer() as server`, as for `RabbitServer`.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from tests.servers import existing, install
from tests.servers.browser import PACKAGE as BROWSER
from tests.servers.browser import find_browser
from tests.servers.postgres import PostgresServer, drop_database, empty_database, find_program
from tests.servers.processes import ServerFailedError
from tests.servers.rabbit import RabbitServer, find_scripts

__all__ = [
    "MissingServerError", "PostgresServer", "RabbitServer", "ServerFailedError", "Servers", "drop_database",
    "empty_database",
]  # fmt: skip


class MissingServerError(RuntimeError):
    """There is no such server on this machine, and none could be made."""


class Postgres(Protocol):
    """What tests need of a PostgreSQL, ours or not."""

    def url(self) -> str: ...
    def create_database(self) -> str: ...
    def close(self) -> None: ...


class Rabbit(Protocol):
    """What tests need of a RabbitMQ, ours or not."""

    def create_vhost(self) -> str: ...
    def close(self) -> None: ...


class Startable(Protocol):
    """A private server."""

    port: int

    def start(self) -> None: ...


PrivateT = TypeVar("PrivateT", bound=Startable)


class Servers:
    """The servers that the tests of one session share."""

    def __init__(self) -> None:
        #: one line per server that was asked for, for the summary of the run
        self.notes: dict[str, str] = {}
        self._postgres: Postgres | None = None
        self._rabbit: Rabbit | None = None

    def postgres(self) -> Postgres:
        """The shared PostgreSQL. Raises MissingServerError, at every call, when there is none."""
        if self._postgres is None:
            self._postgres = self._find_postgres()
        return self._postgres

    def rabbit(self) -> Rabbit:
        """The shared RabbitMQ. Raises MissingServerError, at every call, when there is none."""
        if self._rabbit is None:
            self._rabbit = self._find_rabbit()
        return self._rabbit

    def browser(self) -> str:
        """Path of a Chromium. Raises MissingServerError, at every call, when there is none."""
        found = find_browser()
        if found is None and "Chromium" not in self.notes:
            trouble = install.install(BROWSER) if install.can_install() else "not installed, and we are not root"
            found = find_browser()
            self.notes["Chromium"] = f"installed Debian's package {BROWSER}" if found else f"missing: {trouble}"
        if found is None:
            raise MissingServerError(f"Chromium {self.notes['Chromium']}; install the package {BROWSER}")
        self.notes.setdefault("Chromium", found)
        return found

    def close(self) -> None:
        """Stop what was started."""
        for server in (self._postgres, self._rabbit):
            if server is not None:
                server.close()

    def _find_postgres(self) -> Postgres:
        name = "PostgreSQL"
        if given := os.environ.get("HUB_TEST_PG_URL"):
            self.notes[name] = "as HUB_TEST_PG_URL says"
            return existing.ExistingPostgres(given)
        if found := existing.find_postgres():
            self.notes[name] = "the one on its default port"
            return found
        made = partial(PostgresServer, for_many=True)
        return self.start_private(name, made, lambda: find_program("postgres") is not None, "postgresql")

    def _find_rabbit(self) -> Rabbit:
        name = "RabbitMQ"
        if given := os.environ.get("HUB_TEST_AMQP_URL"):
            self.notes[name] = "as HUB_TEST_AMQP_URL says"
            return existing.ExistingRabbit(given)
        if found := existing.find_rabbit():
            self.notes[name] = "the one on its default port"
            return found
        return self.start_private(name, RabbitServer, lambda: find_scripts() is not None, "rabbitmq-server")

    def start_private(
        self, name: str, make: Callable[[], PrivateT], is_installed: Callable[[], bool], package: str
    ) -> PrivateT:
        """Start a private server, after installing it where that is possible. Raises MissingServerError."""
        if name in self.notes:
            raise MissingServerError(self.notes[name])
        installed = ""
        if not is_installed():
            trouble = install.install(package) if install.can_install() else "not installed, and we are not root"
            if trouble or not is_installed():
                self.notes[name] = f"missing: {trouble}; install the package {package} or give an address"
                raise MissingServerError(f"{name} {self.notes[name]}")
            installed = f"installed Debian's package {package}, then "
        server, began = make(), time.monotonic()
        server.start()
        self.notes[name] = f"{installed}started privately on port {server.port} in {time.monotonic() - began:.1f} s"
        return server
