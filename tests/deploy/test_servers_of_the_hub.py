"""The settings for PostgreSQL and RabbitMQ: a server starts with them, and they fit the queues."""

import json
import re

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.conftest import do_without
from tests.deploy.unitfiles import DEPLOY
from tests.servers import MissingServerError, PostgresServer, ServerFailedError, Servers

SNIPPET = DEPLOY / "postgresql" / "hub.conf"


class Tuned(PostgresServer):
    """A private server with the snippet, but for what this machine cannot hold."""

    further = ""

    def _initialise(self) -> None:
        super()._initialise()
        text = re.sub(
            r"^shared_buffers = .*$", "shared_buffers = 64MB", SNIPPET.read_text(encoding="utf-8"), flags=re.M
        )
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write(f"\n{text}\n{self.further}\n")


class Mistyped(Tuned):
    """With a key that PostgreSQL does not know."""

    further = "shared_bufers = 1GB"


@pytest.fixture
def postgres(servers: Servers) -> None:
    """PostgreSQL is installed, or the test is not for this machine."""
    try:
        servers.postgres()
    except MissingServerError as error:
        do_without(error)


def given() -> dict[str, str]:
    """Names and values of the snippet."""
    return dict(re.findall(r"^(\w+) = (.+)$", SNIPPET.read_text(encoding="utf-8"), flags=re.M))


@pytest.mark.usefixtures("postgres")
async def test_postgresql_starts_with_the_snippet_and_takes_every_line() -> None:
    with Tuned() as server:
        connection = await asyncpg.connect(server.url())
        try:
            rows = await connection.fetch(
                "SELECT name, setting, error FROM pg_file_settings WHERE applied IS FALSE AND error IS NOT NULL"
            )
            assert [tuple(row) for row in rows] == []
            for name, value in given().items():
                if name != "shared_buffers":
                    told = await connection.fetchval("SELECT current_setting($1)", name)
                    assert told == value, name
        finally:
            await connection.close()


@pytest.mark.usefixtures("postgres")
def test_a_mistyped_line_of_the_snippet_is_found() -> None:
    server = Mistyped()
    try:
        with pytest.raises(ServerFailedError, match="shared_bufers"):
            server.start()
    finally:
        server.close()


def test_the_snippet_keeps_what_was_committed_over_a_power_cut() -> None:
    assert {given()[name] for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}


def test_policies_name_patterns_that_fit_the_queues_of_the_program() -> None:
    from hub.broker.base import BACKFILL, DEAD, ENRICH, HARVEST, MAIL, NORMALISE, RECONCILE, SUBSCRIBE, deliver_queue

    policies = json.loads((DEPLOY / "rabbitmq" / "definitions.json").read_text(encoding="utf-8"))["policies"]
    limits = re.compile(policies[0]["pattern"])
    for queue in (BACKFILL, ENRICH, HARVEST, MAIL, NORMALISE, RECONCILE, SUBSCRIBE, deliver_queue("portal")):
        assert limits.search(queue), queue
    assert not limits.search(DEAD)
