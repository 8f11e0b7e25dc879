"""A process that has imported the hub once and forks a child for each life: a kill costs no start of an interpreter.

    python -m tests.chaos.nursery      an order a line in; {"pid"}, then, after the line "go", {"status"} out

The child waits for "go", so that whoever means to disturb it can take hold of it first. What runs in it is the hub as
it is; only the imports are shared. It ends with its standard input.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.chaos.lives import Order
from tests.journeys.ledgers import TREE

#: seconds in which the nursery must have imported everything
STARTING = 240.0


def serve() -> None:
    """Fork a child for each order until there are no more."""
    import hub.web.server  # the hub imports it late; every life would pay for it
    from tests.chaos.lives import live

    assert hub.web.server
    _say({"ready": True})
    while line := sys.stdin.buffer.readline():
        gate, key = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(key)
            _be_born(gate, json.loads(line), live)
        os.close(gate)
        _say({"pid": pid})
        if sys.stdin.buffer.readline():
            os.write(key, b"x")
        os.close(key)
        _, status = os.waitpid(pid, 0)
        _say({"status": os.waitstatus_to_exitcode(status)})


def _be_born(gate: int, order: dict[str, Any], live: Any) -> None:
    """The child: wait for the word, live, and end without a look back."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if os.read(gate, 1):
            code = live(order)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class Nursery:
    """The process, as the driver holds it; one life at a time."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._pid = 0

    async def __aenter__(self) -> "Nursery":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.nursery", cwd=TREE, env=os.environ | {"PYTHONPATH": str(TREE)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        async with asyncio.timeout(STARTING):
            await self._heard()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        if self._pid:
            try:
                os.kill(self._pid, signal.SIGKILL)
            except ProcessLookupError:
                self._pid = 0
        self._process.stdin.close()
        await self._process.wait()

    async def bear(self, order: Order) -> int:
        """A child that waits for `go`; returns its pid."""
        self._write(order.line())
        self._pid = int((await self._heard())["pid"])
        return self._pid

    def go(self) -> None:
        """Let it live."""
        self._write(b"go\n")

    async def ended(self) -> int:
        """Wait for its end; a signal's number is negative."""
        status = int((await self._heard())["status"])
        self._pid = 0
        return status

    async def live(self, order: Order) -> int:
        """A life that nothing disturbs."""
        await self.bear(order)
        self.go()
        return await self.ended()

    def _write(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line)

    async def _heard(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the nursery ended")
        heard: dict[str, Any] = json.loads(line)
        return heard


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    serve()
