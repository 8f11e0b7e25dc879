"""/metrics: who may read it, what it says, and that the page which explains the names agrees with it."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from hub.app import Hub, open_hub
from hub.queries import metrics as numbers
from hub.settings import load_settings
from hub.web import metrics
from hub.web.server import application
from tests.clock import Clock
from tests.docs.pages import REFERENCE, named
from tests.web.conftest import SETTINGS
from tests.web.press import Press, news

Client = TestClient  # type: ignore[type-arg]
Ask = Callable[..., Any]


async def scraped(client: Client, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels."""
    async with client.get("/metrics", headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert response.headers["Cache-Control"] == "no-store"
        page = await response.text()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


async def status(client: Client, **headers: str) -> int:
    async with client.get("/metrics", headers=headers) as response:
        return response.status


@pytest.fixture
async def behind(tmp_path: Path, clock: Clock) -> AsyncIterator[Ask]:
    """A client of a hub with these networks and proxies; every request comes from 127.0.0.1."""
    opened: list[Any] = []

    async def ask(networks: str, proxies: str = "[]") -> Client:
        text = SETTINGS.format(base="https://tin.tinhmau.gov.vn").replace(
            "port = 0", f"port = 0\nmetrics_for = {networks}\n[console]\ntrusted_proxies = {proxies}"
        )
        (tmp_path / "settings.toml").write_text(text, "utf-8")
        settings = load_settings(tmp_path / "settings.toml", database={"url": f"sqlite://{tmp_path / 'a.db'}"})
        hub = open_hub(settings, clock=clock)
        client = TestClient(TestServer(application((await hub.__aenter__()).engine, settings)))
        await client.start_server()
        opened.extend([hub, client])
        return client

    yield ask
    hub, client = opened
    await client.close()
    await hub.__aexit__(None, None, None)


async def test_numbers_are_those_of_the_database(client: Client, press: Press, hub: Hub, clock: Clock) -> None:
    await press.publish(news("a"), news("b"))
    await press.publish(news("c"), held=True)
    async with hub.engine.store.unit() as unit:
        for guid, state, wanted in (("a", "ready", 0), ("b", "parked", 0), ("c", "sending", 1_200_000_000)):
            await unit.tx.execute(
                "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at)"
                " VALUES (?, 'portal', 1, ?, ?, ?)",
                guid, state, unit.at - 1_200_000_000 + wanted, unit.at,
            )  # fmt: skip
        await unit.tx.execute("INSERT INTO destination (name, connector, state) VALUES ('portal', 'portal', 'paused')")
        await unit.tx.execute("UPDATE source SET fault_code = 'x', fault_side = 'member' WHERE name = 'so-y-te-tin'")
    clock.advance(seconds=30)
    seen = await scraped(client)
    portal = (("destination", "portal"),)
    assert {
        ("hub_sources", (("state", "active"),)): 2, ("hub_sources_failing", (("side", "member"),)): 1,
        ("hub_sources_failing", (("side", "hub"),)): 0, ("hub_newest_capture_age_seconds", ()): 30,
        ("hub_destination_active", portal): 0, ("hub_deliveries_waiting", portal): 2,
        ("hub_deliveries_late", portal): 1, ("hub_oldest_delivery_age_seconds", portal): 1230,
        ("hub_editions_held", ()): 1, ("hub_editions", (("state", "approved"),)): 2,
        ("hub_deliveries", (("state", "parked"),)): 1, ("hub_captures", (("state", "done"),)): 2,
        ("hub_queue_messages", (("queue", "hub.harvest"),)): 0, ("hub_database_up", ()): 1,
    }.items() <= seen.items()  # fmt: skip
    assert seen["hub_process_resident_memory_bytes", ()] > 10_000_000
    assert 0 < seen["hub_process_open_fds", ()] < seen["hub_process_max_fds", ()]


async def test_each_application_counts_for_itself(hub: Hub, client: Client) -> None:
    async with client.get("/nowhere"), client.get("/console/"), client.get("/healthz"):
        pass
    async with TestClient(TestServer(application(hub.engine, hub.settings))) as other:
        fresh = await scraped(other)
    counted = {labels: n for (name, labels), n in (await scraped(client)).items() if name == "hub_http_answers_total"}
    assert counted[("part", "/"), ("status", "404")] == 1
    assert counted[("part", "/"), ("status", "200")] == 1
    assert any(dict(labels)["part"] == "/console" for labels in counted)
    assert not [name for name, _ in fresh if name == "hub_http_answers_total"]


async def test_the_database_is_asked_once_in_a_while(client: Client, hub: Hub) -> None:
    assert (await scraped(client))["hub_sources", (("state", "active"),)] == 2
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE source SET state = 'paused'")
    assert (await scraped(client))["hub_sources", (("state", "active"),)] == 2


async def test_without_the_database_the_page_says_that_it_is_so(client: Client, hub: Hub) -> None:
    await hub.engine.store.database.close()
    seen = await scraped(client)
    assert seen["hub_database_up", ()] == 0
    assert not [name for name, _ in seen if name.startswith(("hub_sources", "hub_deliver"))]
    assert ("hub_process_open_fds", ()) in seen


async def test_whole_tables_are_counted_in_steps(press: Press, hub: Hub) -> None:
    await press.publish(*(news(str(number)) for number in range(5)))
    await press.publish(news("held"), held=True)
    counts = await numbers.totals(hub.engine.store, step=2)
    assert counts == {"capture": {"done": 2}, "edition": {"approved": 5, "held": 1}, "delivery": {}}


async def test_other_addresses_find_no_such_page(behind: Ask) -> None:
    assert await status(await behind('["10.9.0.0/16"]')) == 404


async def test_what_a_stranger_passed_on_is_nobodys(behind: Ask) -> None:
    client = await behind('["127.0.0.1/32"]')
    assert await status(client) == 200
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert await status(client, **{header: "127.0.0.1"}) == 404, header


async def test_a_proxy_of_ours_says_who_asks(behind: Ask) -> None:
    client = await behind('["10.9.0.0/16"]', '["127.0.0.1/32"]')
    assert await status(client, **{"X-Forwarded-For": "10.9.1.2"}) == 200
    assert await status(client, **{"X-Forwarded-For": "10.9.1.2, 203.0.113.7"}) == 404
    assert await status(client) == 404


async def test_the_page_and_the_program_name_the_same_numbers(client: Client, press: Press) -> None:
    await press.publish(news("a"))
    app = client.app
    assert app is not None
    app[metrics.WATCH].lags.append(0.1)
    async with client.get("/metrics") as response:
        told = set(re.findall(r"^# HELP (\w+)", await response.text(), flags=re.M))
    assert told == named(REFERENCE / "metrics.md", "Names")
