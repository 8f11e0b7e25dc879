"""What systemd is told: ready only when the hub answers, signs of life only while its event loop turns."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from hub.supervisor import Supervisor, supervised, supervisor_of
from tests.province import Province, rss, story


@asynccontextmanager
async def listening(address: str) -> AsyncIterator[asyncio.Queue[str]]:
    """What is told to this socket, as systemd would read it."""
    told: asyncio.Queue[str] = asyncio.Queue()

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            told.put_nowait(data.decode())

    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.setblocking(False)
    ear.bind(f"\0{address[1:]}" if address.startswith("@") else address)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Ear, sock=ear)
    try:
        yield told
    finally:
        transport.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_hub_is_ready_when_it_answers_and_goes_on_giving_signs(province: Province, tmp_path: Path) -> None:
    province.source("tin", rss(story(1)), every="1h")
    settings = province.write(web={"port": 0})
    address = str(tmp_path / "notify")
    async with listening(address) as told:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from hub.cli import main; main()", "--settings", str(settings), "run",
            env={**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000"}, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(40):
                while not (said := await told.get()).startswith("READY=1"):
                    assert said == "WATCHDOG=1"
                [where] = [line.removeprefix("STATUS=listening on ") for line in said.splitlines()[1:]]
                async with ClientSession() as session, session.get(f"{where}/healthz") as answer:
                    assert answer.status == 200
                assert [await told.get() for _ in range(3)] == ["WATCHDOG=1"] * 3
        finally:
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_a_loop_that_stands_still_gives_no_sign() -> None:
    address = f"@hub-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{address[1:]}")
        ear.setblocking(False)
        async with supervised({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000"}):
            for _ in range(2):
                async with asyncio.timeout(5):
                    assert await asyncio.get_running_loop().sock_recv(ear, 100) == b"WATCHDOG=1"
            time.sleep(0.1)  # noqa: ASYNC251 - this is the fault: longer than the 60 ms that are allowed
            with pytest.raises(BlockingIOError):  # a sign from a thread would lie here
                ear.recv(100)
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "supervisor"]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, Supervisor()),
        ({"NOTIFY_SOCKET": "/run/x"}, Supervisor("/run/x")),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "90000000"}, Supervisor("/run/x", 90.0)),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "90000000", "WATCHDOG_PID": "7"}, Supervisor("/run/x", 90.0)),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "90000000", "WATCHDOG_PID": "8"}, Supervisor("/run/x")),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, Supervisor("/run/x")),
    ],
)
def test_the_environment_says_who_listens_and_for_how_long(environment: dict[str, str], wanted: Supervisor) -> None:
    assert supervisor_of(environment, 7) == wanted


async def test_a_supervisor_that_is_gone_disturbs_nobody(tmp_path: Path) -> None:
    async with supervised({"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "60000"}) as supervisor:
        supervisor.ready("http://127.0.0.1:8080")
        await asyncio.sleep(0.05)
