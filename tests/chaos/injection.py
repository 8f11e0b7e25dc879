"""strace takes hold of a child before it lives, and does something to its n-th system call of one name."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

#: what walks and windows need; without it they were not run, and say so
STRACE = shutil.which("strace")
#: seconds in which strace has taken hold, and a look at whether it has
HOLDING, LOOK = 10.0, 0.002


class Injection:
    """One strace over one process; it ends with the process, or lets it go when told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def into(cls, pid: int, calls: str, what: str, *, threads: bool = True) -> "Injection":
        """Do `what` (as strace's inject says it: `signal=KILL:when=3`) to these calls.

        Each thread counts for itself. `threads` False: the event loop's alone, so that the many calls of the
        database's threads do not hide its own.
        """
        assert STRACE is not None
        process = await asyncio.create_subprocess_exec(
            STRACE, *(["-f"] if threads else []), "-qq", "-e", f"trace={calls}", "-e", f"inject={calls}:{what}",
            "-o", "/dev/null", "-p", str(pid), stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(HOLDING):
            while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():  # noqa: ASYNC240, of the kernel
                if process.returncode is not None:
                    raise RuntimeError(f"strace ended with {process.returncode}")
                await asyncio.sleep(LOOK)
        return cls(process)

    async def over(self) -> None:
        """Wait for its end, which is that of what it holds."""
        await self._process.wait()

    async def let_go(self) -> None:
        """The process that it holds lives on as if nothing had been."""
        if self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGINT)  # not send_signal, which takes the exit code from the loop
        await self._process.wait()
