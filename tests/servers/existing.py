"""Servers that run already: named by the environment, or found on their default ports."""

import base64
import json
import os
from urllib.error import URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen
from uuid import uuid4

from tests.servers.postgres import create_database, execute
from tests.servers.processes import answers

#: What development machines and CI services commonly accept.
POSTGRES_GUESSES = (
    "postgres://hub@127.0.0.1:5432/postgres",
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
)
RABBIT_GUESS = "amqp://guest:guest@127.0.0.1:5672/"


class ExistingPostgres:
    """A PostgreSQL that is not ours: databases are made in it and dropped again."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self) -> str:
        """The address that was given."""
        return self._url

    def create_database(self) -> str:
        """A new empty database; returns its address."""
        return create_database(self._url)

    def close(self) -> None:
        """Nothing: it goes on running."""


class ExistingRabbit:
    """A RabbitMQ that is not ours: vhosts are made in it through its management API, and deleted again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url, self._user = parts, unquote(parts.username or "guest")
        self._api = os.environ.get("HUB_TEST_AMQP_API", f"http://{parts.hostname}:15672").rstrip("/")
        login = f"{self._user}:{unquote(parts.password or 'guest')}".encode()
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(login).decode(),
            "Content-Type": "application/json",
        }
        self._made: list[str] = []

    def create_vhost(self) -> str:
        """A new vhost; returns its address."""
        name = f"test-{uuid4().hex[:12]}"
        self._call("PUT", f"/api/vhosts/{name}", {})
        self._made.append(name)
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self._call("PUT", f"/api/permissions/{name}/{quote(self._user, safe='')}", everything)
        return urlunsplit(self._url._replace(path=f"/{name}"))

    def check(self) -> None:
        """Raises OSError when vhosts cannot be made there."""
        self._call("GET", "/api/overview", None)

    def close(self) -> None:
        """Delete the vhosts that were made; the server goes on running."""
        for name in self._made:
            self._call("DELETE", f"/api/vhosts/{name}", None)

    def _call(self, method: str, path: str, body: object) -> None:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self._api + path, data, self._headers, method=method), timeout=10):
            return


def find_postgres() -> ExistingPostgres | None:
    """The server on the default port, if it lets us make databases."""
    if not answers("127.0.0.1", 5432):
        return None
    for url in POSTGRES_GUESSES:
        try:
            execute(url, "SELECT 1")
        except Exception:  # whatever a stranger answers, it is not a server for our tests
            continue
        return ExistingPostgres(url)
    return None


def find_rabbit() -> ExistingRabbit | None:
    """The server on the default port, if its management API lets us make vhosts."""
    if not answers("127.0.0.1", 5672):
        return None
    server = ExistingRabbit(RABBIT_GUESS)
    try:
        server.check()
    except (URLError, OSError):
        return None
    return server
