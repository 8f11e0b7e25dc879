"""Fixtures that every test may use: a database on both engines, a broker, a clock."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.fakes.site import Site
from tests.province import TOKEN, Province
from tests.servers import MissingServerError, Servers, drop_database, empty_database

SERVERS = pytest.StashKey[Servers]()

# How long an example takes says something of the machine: benches measure the hub.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = Servers()
    # A run that is told to stop still ends the servers that it started.
    signal.signal(signal.SIGTERM, lambda signum, frame: pytest.exit("terminated", returncode=143))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The campaigns begin first: at the end, one process would run them while the others wait."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if is_ci() and skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, note in config.stash[SERVERS].notes.items():
        terminalreporter.write_line(f"{name}: {note}")
    if is_ci() and skipped(config):
        terminalreporter.write_line("A skip is a failure here: CI=true", red=True)


def is_ci() -> bool:
    """Whether nobody reads what a test run says, only how it ends."""
    return os.environ.get("CI") == "true"


def skipped(config: pytest.Config) -> int:
    """How many tests were skipped so far."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", ())) if reporter else 0


def do_without(error: MissingServerError) -> None:
    """A missing server is a skip that the summary names; in CI, where nobody reads skips, a failure."""
    if is_ci():
        pytest.fail(str(error), pytrace=False)
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    """The PostgreSQL and RabbitMQ of this session."""
    return pytestconfig.stash[SERVERS]


@pytest.fixture
def pg_url(servers: Servers) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    with pg_database(servers) as url:
        yield url


@pytest.fixture(scope="session")
def lent_pg_url(servers: Servers) -> Iterator[str]:
    """One database for all tests that take `emptied_pg_url`."""
    with pg_database(servers) as url:
        yield url


@pytest.fixture
def emptied_pg_url(lent_pg_url: str) -> Iterator[str]:
    """A PostgreSQL database without rows, for a folder of tests that take its schema as given.

    To make, migrate and drop a database costs 0.5 s of processor time a test, to empty one 0.03 s. A folder chooses
    this one by a fixture `pg_url` of its own.
    """
    yield lent_pg_url
    empty_database(lent_pg_url)


@contextmanager
def pg_database(servers: Servers) -> Iterator[str]:
    """A new, empty database while the block runs."""
    try:
        server = servers.postgres()
    except MissingServerError as error:
        do_without(error)
        raise
    url = server.create_database()
    yield url
    drop_database(server.url(), url)


@pytest.fixture
def amqp_url(servers: Servers) -> str:
    """A new, empty RabbitMQ vhost."""
    try:
        return servers.rabbit().create_vhost()
    except MissingServerError as error:
        do_without(error)
        raise


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database; every test that uses it runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'hub.db'}"
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until the test moves it."""
    return Clock()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A member site."""
    async with Site() as site:
        yield site


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    """A provincial portal that compares versions."""
    async with Portal(token=TOKEN) as portal:
        yield portal


@pytest.fixture
def province(tmp_path: Path, database_url: str, site: Site, portal: Portal, clock: Clock) -> Province:
    """Settings in the making: a member, a site and a portal; on both databases."""
    return Province(tmp_path, database_url, site, portal, clock)


@pytest.fixture(autouse=True)
def a_log_of_its_own() -> Iterator[None]:
    """A command of the program points the process's log at its own standard error, which a later test has not."""
    yield
    structlog.reset_defaults()
