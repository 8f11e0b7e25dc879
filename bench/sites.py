"""Made-up member sites on loopback: a corpus of feeds, and the process that serves it.

The corpus and its server are those of BENCH_SHARED or of the folder ../shared/bench, else bench/corpus.py.
"""

import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: addresses that stand for as many sites
SITES = 200


class Sites:
    """Feeds that a server shows."""

    def __init__(self, feeds: int, port: int) -> None:
        self._port = port
        self.urls = [f"http://127.0.1.{1 + n % SITES}:{port}/f/{n:04}.xml" for n in range(feeds)]

    def show(self, phase: int) -> None:
        """What they show from now on: in each phase one new item a feed."""
        urllib.request.urlopen(f"http://127.0.0.1:{self._port}/__phase/{phase}", timeout=10).read()


def scripts() -> Path:
    """The folder with corpus.py and feedserver.py."""
    shared = Path(os.environ.get("BENCH_SHARED", ROOT.parent / "shared" / "bench"))
    return shared if (shared / "corpus.py").exists() else ROOT / "bench"


@contextmanager
def serving(feeds: int, items: int, phases: int = 2) -> Iterator[Sites]:
    """The sites, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hub-corpus-") as folder:
        size = ["--feeds", str(feeds), "--items", str(items), "--phases", str(phases)]
        made: list[str | Path] = [sys.executable, scripts() / "corpus.py", "--out", folder, *size]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        command: list[str | Path] = [
            sys.executable,
            scripts() / "feedserver.py",
            folder,
            "--port",
            str(port),
            "--spread",
            str(SITES),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                if server.stdout.readline().strip() != "ready":
                    raise RuntimeError("the feed server does not begin")
                yield Sites(feeds, port)
            finally:
                server.terminate()
