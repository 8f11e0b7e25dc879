"""Kills and outages over real child processes: what sites served is what portals show, and nothing came twice.

`make test` runs the short plans, `make journeys` (HUB_JOURNEYS=long) the long ones; `python -m tests.journeys.campaign`
runs any other, with the seed that a failure printed.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.journeys.campaign import run
from tests.journeys.plan import Plan
from tests.servers import MissingServerError, PostgresServer, RabbitServer, Servers
from tests.servers.postgres import find_program
from tests.servers.rabbit import find_scripts

LONG = os.environ.get("HUB_JOURNEYS") == "long"
SHORT_PLANS = [
    Plan(kills=12, stops=2, items=200, seed=101),
    # Each role once. A normaliser killed at work would hold its captures for two minutes: the long plans do that.
    Plan(mode="cluster", kills=5, stops=0, items=100, seed=102, broker="wiped", migrations=1),
    Plan(mode="cluster", kills=2, stops=0, items=60, seed=103, broker="stopped", migrations=1),
]
LONG_PLANS = [
    Plan(kills=100, stops=5, items=2000, seed=201),
    Plan(mode="cluster", kills=100, stops=5, freezes=3, items=2000, seed=202),
    Plan(mode="cluster", kills=12, stops=2, items=400, seed=203, broker="restarted"),
    Plan(mode="cluster", kills=12, stops=2, items=400, seed=204, broker="stopped"),
    Plan(mode="cluster", kills=12, stops=2, items=400, seed=205, broker="wiped"),
    Plan(mode="cluster", kills=12, stops=2, items=400, seed=206, database="killed"),
]
PLANS = LONG_PLANS if LONG else SHORT_PLANS


def named(plan: Plan) -> str:
    return f"{plan.mode}-{plan.kills}-broker-{plan.broker}-database-{plan.database}"


@pytest.fixture(scope="module")
def cluster(servers: Servers) -> Iterator[tuple[PostgresServer, RabbitServer]]:
    """Private servers that a campaign may stop, kill and wipe."""
    with ExitStack() as stack:
        try:
            postgres = servers.start_private(
                "PostgreSQL for journeys", PostgresServer, lambda: find_program("postgres") is not None, "postgresql"
            )
            stack.callback(postgres.close)
            rabbit = servers.start_private(
                "RabbitMQ for journeys", RabbitServer, lambda: find_scripts() is not None, "rabbitmq-server"
            )
            stack.callback(rabbit.close)
        except MissingServerError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        yield postgres, rabbit


@pytest.mark.journey
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("plan", PLANS, ids=named)
async def test_nothing_is_lost_doubled_or_out_of_order(
    plan: Plan, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = request.getfixturevalue("cluster") if plan.mode == "cluster" else None
    outcome = await run(plan, servers=servers)
    table = "\n".join(outcome.lines())
    if LONG:
        with capsys.disabled():
            print(f"\n{table}")
    assert not outcome.findings, table
    # A campaign in which nothing happened proves nothing.
    assert outcome.kills == plan.kills
    assert outcome.articles >= 0.9 * plan.items
    assert outcome.traffic.unknown >= 0.15 * outcome.traffic.sends > 0
