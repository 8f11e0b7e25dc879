"""The servers that other tests lean on: fresh databases and vhosts, and servers that come back."""

import aio_pika
import asyncpg
import pytest

from tests.servers import MissingServerError, PostgresServer, Servers
from tests.servers.postgres import execute
from tests.servers.rabbit import BATCH


async def test_each_test_gets_an_empty_database_of_its_own(pg_url: str, servers: Servers) -> None:
    other = servers.postgres().create_database()
    assert other != pg_url
    execute(pg_url, "CREATE TABLE note (text text)")
    connection = await asyncpg.connect(other)
    try:
        assert await connection.fetch("SELECT 1 FROM pg_tables WHERE tablename = 'note'") == []
    finally:
        await connection.close()


async def test_each_test_gets_a_vhost_of_its_own(amqp_url: str, servers: Servers) -> None:
    urls = {amqp_url, *(servers.rabbit().create_vhost() for _ in range(BATCH))}
    assert len(urls) == BATCH + 1
    for url in (amqp_url, sorted(urls)[-1]):
        connection = await aio_pika.connect(url)
        async with connection:
            channel = await connection.channel()
            queue = await channel.declare_queue("hub.probe", durable=True, arguments={"x-queue-type": "quorum"})
            assert queue.declaration_result.message_count == 0


def test_a_killed_postgres_comes_back_with_its_data_and_a_wiped_one_without(pg_url: str) -> None:
    with PostgresServer() as server:
        url = server.create_database()
        execute(url, "CREATE TABLE note (text text)")
        server.kill()
        server.start()
        execute(url, "SELECT text FROM note")
        server.wipe()
        server.start()
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            execute(url, "SELECT 1")


def test_a_database_url_is_given_for_both_engines(database_url: str, request: pytest.FixtureRequest) -> None:
    assert database_url.startswith(f"{request.node.callspec.params['database_url']}://")


def test_a_server_that_cannot_be_had_is_named_at_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no apt-get there, so nothing is installed
    servers = Servers()
    for _ in range(2):
        with pytest.raises(MissingServerError, match="install the package oracle"):
            servers.start_private("Oracle", PostgresServer, lambda: False, "oracle")
    assert "missing" in servers.notes["Oracle"]
