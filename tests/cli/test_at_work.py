"""The `hub` command as people and scripts use it: child processes, exit codes, and JSON that parses."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.province import Province, rss, story
from tests.test_resting import arenas

HUB = (sys.executable, "-c", "from hub.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What it said to a machine."""
        return json.loads(self.out)


async def hub(settings: Path, *arguments: str) -> Done:
    """Run `hub` to its end."""
    process = await asyncio.create_subprocess_exec(
        *HUB, "--settings", str(settings), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    out, err = await process.communicate()
    return Done(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def at_work(settings: Path, socket: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`hub run` in a process of its own, stopped by SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        *HUB, "--settings", str(settings), "run", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while not os.path.exists(socket) and process.returncode is None:  # noqa: ASYNC110, ASYNC240 - of a child
                await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        out, err = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, (out + err).decode()


@pytest.fixture
def settings(province: Province) -> Path:
    """Two sources, one of which waits for people, and a portal."""
    province.source("tin", rss(story(1), story(2)), every="1h")
    province.source("cho-duyet", rss(story(3)), every="1h", review="hold")
    province.route(province.destination())
    return province.write(web={"port": 0})


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_day_at_the_command_line(province: Province, settings: Path) -> None:
    done = await hub(settings, "once", "--json")
    assert (done.code, done.document["deliveries"]) == (0, {"portal": {"done": 2}}), done.err
    assert len(province.portal.shown()) == 2

    found = (await hub(settings, "trace", "tin-3", "--json")).document[0]
    assert (found["source"], found["editions"][0]["state"]) == ("cho-duyet", "held")
    approved = await hub(settings, "approve", found["content_id"], "--why", "đã kiểm tra", "--json")
    assert (approved.code, approved.document) == (0, {"ok": True, "result": 1}), approved.err
    again = await hub(settings, "approve", found["content_id"], "--json")
    assert (again.code, again.document["error"], bool(again.document["sentence"])) == (1, "decision_refused", True)

    assert (await hub(settings, "once")).code == 0
    assert len(province.portal.shown()) == 3
    exported = [json.loads(line) for line in (await hub(settings, "export", "editions")).out.splitlines()]
    assert [sorted(line) for line in exported] == [
        ["content", "content_id", "digest", "guid", "revision", "source", "state", "title", "url"]
    ] * 3
    status = await hub(settings, "status")
    assert (status.code, "3 đã lưu" in status.out, status.err) == (0, True, "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_unknown_item_ends_with_one_and_says_so(settings: Path) -> None:
    before = await hub(settings, "status")
    assert before.code == 1
    assert "Traceback" not in before.err
    assert (await hub(settings, "once", "--json")).code == 0
    unknown = await hub(settings, "trace", "khong-co")
    assert unknown.code == 1
    assert "Không tìm thấy" in unknown.out
    misused = await hub(settings, "replay")
    assert misused.code == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestEmbedded:
    """One process owns the database: the others read beside it, or ask it."""

    async def test_people_decide_while_the_hub_works(self, province: Province, settings: Path) -> None:
        async with at_work(settings, settings.parent / "var" / "control.sock") as process:
            async with asyncio.timeout(30):
                while len(province.portal.shown()) < 2:
                    province.portal.arrived.clear()
                    await province.portal.arrived.wait()
                    await asyncio.sleep(0.01)
            [found] = (await hub(settings, "trace", "tin-1", "--json")).document
            withdrawn = await hub(settings, "withdraw", found["content_id"], "--reason", "Tin sai.", "--json")
            assert (withdrawn.code, withdrawn.document) == (0, {"ok": True, "result": 2}), withdrawn.err
            async with asyncio.timeout(30):
                while len(province.portal.shown()) > 1:
                    province.portal.arrived.clear()
                    await province.portal.arrived.wait()
                    await asyncio.sleep(0.01)
            province.site.serve("/tin.rss", rss(*(story(number) for number in (2, 3, 4))))
            second = await hub(settings, "once", "--all")
            assert second.code == 0, second.err
            assert process.returncode is None
            assert len(province.portal.shown()) == 3, "the process at work did the round, and was waited for"

    async def test_a_kill_leaves_nothing_in_the_way(self, province: Province, settings: Path) -> None:
        socket = settings.parent / "var" / "control.sock"
        process = await asyncio.create_subprocess_exec(
            *HUB, "--settings", str(settings), "run", stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(30):
            await province.portal.arrived.wait()
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert socket.exists()
        done = await hub(settings, "pause", "source", "tin", "--json")
        assert done.code == 0, done.err
        assert (await hub(settings, "once", "--json")).code == 0
        assert len(province.portal.shown()) == 2
        assert province.portal.doubled() == []

    async def test_its_threads_share_what_was_freed(self, province: Province, settings: Path) -> None:
        async with at_work(settings, settings.parent / "var" / "control.sock") as process:
            async with asyncio.timeout(30):
                await province.portal.arrived.wait()
            maps = Path(f"/proc/{process.pid}/maps").read_text()  # noqa: ASYNC240 - of the kernel
            assert arenas(maps) == 0

    async def test_ctrl_c_is_no_error(self, province: Province, settings: Path) -> None:
        async with at_work(settings, settings.parent / "var" / "control.sock") as process:
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 30) == 0

    async def test_roles_are_refused_where_one_process_does_all(self, settings: Path) -> None:
        refused = await hub(settings, "run", "--roles", "harvest")
        assert refused.code == 1
        assert "PostgreSQL" in refused.err
        assert (await hub(settings, "run", "--roles", "harvets")).code == 1

    async def test_no_command_starts_with_settings_that_cannot_work(self, province: Province, settings: Path) -> None:
        province.source("xa", every="soon")
        province.write()
        for command in ("run", "check"):
            refused = await hub(settings, command)
            assert (refused.code, refused.out) == (1, ""), command
            assert "every" in refused.err
            assert "Traceback" not in refused.err
        assert not (settings.parent / "hub.db").exists()
