"""Commands for the process at work: they come through its socket, are checked, and are answered with a reason."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from hub import control, control_socket
from hub.app import Hub
from hub.control_socket import CommandFailedError, address_of, socket_of
from tests.province import Province, events, row, rows, rss, story

WHO = "bien-tap"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    """A hub that listens, with one held story."""
    province.source("tin", rss(story(1)), review="hold")
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        async with control.listening(hub.engine, hub.settings.data_dir):
            yield hub


async def ask(hub: Hub, command: str, /, **arguments: Any) -> Any:
    return await control_socket.ask(hub.settings.data_dir, command, arguments)


async def test_a_command_is_carried_out_by_the_process_at_work(hub: Hub) -> None:
    content_id = (await row(hub, "item"))["content_id"]
    assert await ask(hub, "approve", content_id=content_id, who=WHO) == 1
    assert (await row(hub, "edition"))["decided_by"] == WHO
    assert await ask(hub, "withdraw", content_id=content_id, kind="notice", who=WHO) == 2
    assert await ask(hub, "replay", source="tin", who=WHO) == {"captures": 1, "without_body": 0}
    assert await ask(hub, "pause", endpoint="source", name="tin", who=WHO) is None


async def test_a_refusal_comes_back_with_its_sentence(hub: Hub) -> None:
    with pytest.raises(CommandFailedError) as refused:
        await ask(hub, "approve", content_id=str(UUID(int=1)), who=WHO)
    assert (refused.value.code, bool(refused.value.sentence)) == ("decision_refused", True)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("drop", {}),
        ("approve", {"content_id": "no uuid", "who": WHO}),
        ("approve", {"who": WHO}),
        ("approve", {"content_id": str(UUID(int=1)), "who": WHO, "engine": None}),
        ("pause", {"endpoint": "table", "name": "tin", "who": WHO}),
        ("__class__", {}),
    ],
)
async def test_what_is_no_command_changes_nothing(hub: Hub, name: str, arguments: dict[str, Any]) -> None:
    before = await events(hub)
    with pytest.raises(CommandFailedError):
        await ask(hub, name, **arguments)
    assert await events(hub) == before


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"{}\n", b"not json\n", b"x" * 70_000 + b"\n", b""])
async def test_nonsense_on_the_socket_stops_nobody(hub: Hub, line: bytes) -> None:
    with address_of(socket_of(hub.settings.data_dir)) as address:
        reader, writer = await asyncio.open_unix_connection(address)
    writer.write(line)
    writer.write_eof()
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert answer == b"" or "error" in orjson.loads(answer)
    assert await ask(hub, "replay", source="tin", who=WHO)


async def test_only_the_account_of_the_hub_may_decide(hub: Hub) -> None:
    mode = socket_of(hub.settings.data_dir).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_nobody_listens_after_the_hub_has_stopped(province: Province) -> None:
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        async with control.listening(hub.engine, hub.settings.data_dir):
            pass
        with pytest.raises(FileNotFoundError):
            await ask(hub, "replay", source="tin", who=WHO)


async def test_the_socket_of_a_killed_process_is_in_nobodys_way(province: Province) -> None:
    async with province.open() as hub:
        path = socket_of(hub.settings.data_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        with address_of(path) as address, socket.socket(socket.AF_UNIX) as killed:
            killed.bind(address)
        with pytest.raises(ConnectionError):
            await ask(hub, "replay", source="tin", who=WHO)
        async with control.listening(hub.engine, hub.settings.data_dir):
            assert await ask(hub, "replay", source="tin", who=WHO) == {"captures": 0, "without_body": 0}


async def test_a_data_folder_may_be_deeper_than_the_name_of_a_socket(province: Province, tmp_path: Path) -> None:
    """The name of a socket has room for 107 bytes."""
    deep = tmp_path / ("thu-muc-du-lieu-" * 8)
    async with province.open() as hub, control.listening(hub.engine, deep):
        read_again = await control_socket.ask(deep, "replay", {"source": "tin", "who": WHO})
        assert read_again == {"captures": 0, "without_body": 0}


async def test_a_round_of_the_process_at_work_asks_every_source_and_ends(province: Province) -> None:
    path = province.source("tin", rss(story(1)), every="6h")
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(province.open())
        if hub.engine.store.database.dialect == "postgres":  # beside others on one PostgreSQL nobody listens
            await stack.enter_async_context(control.listening(hub.engine, hub.settings.data_dir))
        ready = asyncio.Event()
        working = asyncio.create_task(
            hub.run(("harvest", "normalise", "deliver"), ready=lambda web: ready.set())
        )  # fmt: skip
        await ready.wait()
        for number in (1, 2):
            province.site.serve(path, rss(*(story(one) for one in range(1, number + 1))))
            began = await ask(hub, "begin_round", everything=True, who=WHO)
            async with asyncio.timeout(20):
                while await ask(hub, "left_of_round", began=began):  # noqa: ASYNC110 - asked over a socket
                    await asyncio.sleep(0.02)
            assert len(await rows(hub, "item")) == number
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert (await events(hub)).count("round_begun") == 2
