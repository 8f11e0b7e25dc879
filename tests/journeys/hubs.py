"""The hub as real child processes that the campaign starts, kills and stops, and the two sides around it."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.journeys.ledgers import TREE
from tests.servers.processes import children, is_running

#: seconds that a graceful stop may take before it is called hung
STOP_SECONDS = 10.0
#: what one line of the log must not be
DEFECTS = ("defect", "defect while reading")

SETTINGS = """
[hub]
name = "Tỉnh Mẫu"
testing = true

[database]
url = "{database}"

[broker]
url = "{broker}"

[web]
port = 0

[fetch]
timeout = "3s"
page_pause = "20ms"
allow_private = {doors}

[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"

[[route]]
to = ["portal", "old-portal"]
"""
SOURCE = """
[[source]]
name = "{name}"
member = "H52.12"
connector = "feed"
kind = "news"
url = "{url}"
every = "{every}"
"""
ARTICLE = 'article = { fetch = "teaser", watch = 0 }\n'
DESTINATION = """
[[destination]]
name = "{name}"
connector = "portal"
base_url = "{url}"
rate = "20/s"
timeout = "3s"
fenced = {fenced}
settling = "6s"
allow_private = ["{door}"]
"""


def write_settings(
    path: Path, *, database: str, broker: str, feeds: Mapping[str, str], portals: Mapping[str, str],
    teasers: Sequence[str] = (), every: str = "1s",
) -> None:  # fmt: skip
    """A settings file of a hub between these sites and portals, with short timeouts, so that leases are short too."""
    text = SETTINGS.format(database=database, broker=broker, doors=json.dumps([_door(url) for url in feeds.values()]))
    for name, url in feeds.items():
        text += SOURCE.format(name=name, url=url, every=every) + (ARTICLE if name in teasers else "")
    text += "".join(
        DESTINATION.format(name=name, url=url, door=_door(url), fenced=str(name == "portal").lower())
        for name, url in portals.items()
    )
    path.write_text(text, encoding="utf-8")


def _door(url: str) -> str:
    return url.split("/")[2]


@dataclass(slots=True)
class HubProcess:
    """One `hub run` that is started again and again under one log."""

    name: str
    settings: Path
    log: Path
    roles: Sequence[str] = ()
    starts: list[float] = field(default_factory=list)
    own_ends: list[int] = field(default_factory=list)  #: exit codes of runs that ended by themselves
    slow_stops: int = 0
    readers: set[int] = field(default_factory=set)  #: reading children seen, all of which must end
    inside: tuple[str, ...] = ()  #: words before the command: where it runs
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; a run that ended by itself meanwhile is noted."""
        await self.look()
        if self._process is not None:
            return
        self.starts.append(time.time())
        roles = ("--roles", ",".join(self.roles)) if self.roles else ()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.inside, sys.executable, "-c", "from hub.cli import main; main()", "--settings",
                str(self.settings), "run", *roles, cwd=TREE, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    async def look(self) -> bool:
        """Whether it runs."""
        if self._process is not None and self._process.returncode is not None:
            self.own_ends.append(self._process.returncode)
            self._process = None
        return self._process is not None

    async def kill(self) -> None:
        """SIGKILL, wherever it is."""
        if await self.look():
            await self._end(signal.SIGKILL)

    def end_at_once(self) -> None:
        """SIGKILL without a word more: what is left to do when a campaign is broken off."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that takes too long."""
        if await self.look():
            began = time.monotonic()
            await self._end(signal.SIGTERM)
            self.slow_stops += time.monotonic() - began > STOP_SECONDS

    def freeze(self) -> None:
        """SIGSTOP: a host that is suspended, or has no time for us."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _end(self, signum: signal.Signals) -> None:
        process = self._process
        assert process is not None
        self.readers.update(children(process.pid))
        try:
            process.send_signal(signum)
            async with asyncio.timeout(2 * STOP_SECONDS):
                await process.wait()
        except ProcessLookupError:
            pass
        except TimeoutError:
            process.kill()
            await process.wait()
        finally:
            self._process = None

    def written(self) -> int:
        """Bytes in its log."""
        return self.log.stat().st_size if self.log.exists() else 0

    def left_behind(self) -> list[int]:
        """Reading children that outlived their parent; looked at some seconds after its end."""
        return [pid for pid in self.readers if is_running(pid) and _is_reader(pid)]

    def defects(self) -> list[str]:
        """What the log calls a defect, and tracebacks that nobody caught."""
        found = []
        in_traceback = False
        for line in self.log.read_bytes().splitlines() if self.log.exists() else ():
            if line.startswith(b"{"):
                entry = orjson.loads(line)
                if entry.get("event") in DEFECTS:
                    told = f"{entry.get('queue', '')} {entry.get('error', '')} {entry.get('exception', '')[-300:]}"
                    found.append(told)
            elif line.startswith(b"Traceback "):
                in_traceback = True
            elif in_traceback and not line.startswith(b" "):
                in_traceback = False
                if not line.startswith(b"BrokenPipeError"):  # a reading child whose parent was killed
                    found.append(line.decode(errors="replace"))
        return found


def _is_reader(pid: int) -> bool:
    try:
        return b"hub.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@dataclass(slots=True)
class Side:
    """The fleet or the portals: a child that ends when we do, told what to do over HTTP."""

    process: asyncio.subprocess.Process
    said: dict[str, Any]  #: its first line

    @classmethod
    async def start(cls, module: str, *options: str) -> "Side":
        """Run the module and read its first line."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *options, cwd=TREE, env=os.environ | {"PYTHONPATH": str(TREE)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        async with asyncio.timeout(20):
            first = await process.stdout.readline()
        return cls(process, json.loads(first))

    async def close(self) -> None:
        """Close its input, which ends it; kill it when that does not."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
