"""A hub between sites and portals, for all parts: its settings, its process, what that takes and says of itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.hostile.bombs import memory_of
from tests.journeys.hubs import HubProcess
from tests.servers.processes import free_port

MEMBER = "H52.12"
_TOP = """
[hub]
name = "Tỉnh Mẫu"
testing = true
[database]
url = "{database}"
[web]
port = {port}
metrics_for = ["127.0.0.0/8"]
[fetch]
timeout = "3s"
page_pause = "1ms"
allow_private = {doors}
[[member]]
code = "{member}"
name = "Sở Y tế"
kind = "department"
"""


def written(
    folder: Path, database: str, doors: Iterable[str], tables: Iterable[tuple[str, Mapping[str, Any]]]
) -> Path:  # fmt: skip
    """A settings file with these tables, in this folder."""
    text = _TOP.format(database=database, port=free_port(), doors=json.dumps(sorted(doors)), member=MEMBER)
    for name, keys in tables:
        text += f"[[{name}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(slots=True)
class Running:
    """One `hub run` that answers."""

    hub: HubProcess
    base: str

    @property
    def pid(self) -> int:
        assert self.hub._process is not None
        return self.hub._process.pid

    def memory(self) -> int:
        """Bytes of the process tree."""
        return memory_of(self.pid)

    def descriptors(self) -> int:
        """Open descriptors of the process itself."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    async def number(self, name: str, **labels: str) -> float:
        """A number of /metrics."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.base}/metrics") as answer:
            text = await answer.text()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        raise AssertionError(f"/metrics has no {name}")


@asynccontextmanager
async def running(settings: Path) -> AsyncIterator[Running]:
    """The hub of these settings, from its first answer on; ended with the block."""
    hub = HubProcess("load", settings, settings.parent / "hub.log")
    await hub.start()
    here = Running(hub, f"http://127.0.0.1:{_port(settings)}")
    try:
        await until(lambda: _answers(here.base), 60, "the hub answers")
        yield here
    finally:
        await hub.stop()


def _port(settings: Path) -> int:
    return int(settings.read_text(encoding="utf-8").split("port = ")[1].split()[0])


async def _answers(base: str) -> bool:
    try:
        async with aiohttp.ClientSession() as client, client.get(f"{base}/healthz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float, what: str) -> float:
    """Wait until it holds; returns how long that took. AssertionError when it never does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < seconds:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return loop.time() - began
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")
