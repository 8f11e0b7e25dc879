"""The programs that bench/peers.py sets side by side: how each is set up, polled, and asked what it holds.

Each gets a folder of its own, with the subscriptions made and nothing polled when the clock starts.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench.sites import ROOT

#: reader 3.26 carries a feedparser that imports `sgmllib`, which it does not ask for itself.
READER = ("reader==3.26", "sgmllib3k==1.0.0")
READER_HOME = ROOT / ".tools" / "reader"
#: seconds for a hub to begin or to end
PATIENCE = 120.0


def told(*command: str | Path) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Peer(ABC):
    """One program in one folder."""

    name = ""
    daemon: int | None = None  #: root of a tree that works while `poll` waits

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self.folder, self.urls = folder, urls
        folder.mkdir(parents=True)

    @classmethod
    @abstractmethod
    def version(cls) -> str | None:
        """None when it is not installed."""

    @abstractmethod
    def set_up(self) -> None:
        """Make the store with all subscriptions."""

    @abstractmethod
    def poll(self) -> list[str | Path]:
        """The command that does one whole round."""

    @abstractmethod
    def count(self) -> int:
        """Items that it holds."""

    def end(self) -> None:  # noqa: B027 - most start nothing that stays
        """End what was started."""

    def env(self) -> dict[str, str]:
        return os.environ | {"HOME": str(self.folder)}


class Newsboat(Peer):
    """C++, SQLite; sanitises nothing, indexes nothing."""

    name = "newsboat"

    @classmethod
    def version(cls) -> str | None:
        return told("newsboat", "-v").split()[1] if shutil.which("newsboat") else None

    def set_up(self) -> None:
        (self.folder / "urls").write_text("\n".join(self.urls) + "\n")
        (self.folder / "config").write_text("reload-threads 4\nauto-reload no\nmax-items 0\ncleanup-on-quit no\n")

    def poll(self) -> list[str | Path]:
        folder = self.folder
        return ["newsboat", "-C", folder / "config", "-u", folder / "urls", "-c", folder / "cache.db", "-x", "reload"]

    def count(self) -> int:
        return _rows(self.folder / "cache.db", "rss_item")


class Sfeed(Peer):
    """C and a shell script, flat files, no conditional requests."""

    name = "sfeed"

    @classmethod
    def version(cls) -> str | None:
        if not shutil.which("sfeed_update"):
            return None
        return told("dpkg-query", "-W", "-f", "${Version}", "sfeed") if shutil.which("dpkg-query") else "unknown"

    def set_up(self) -> None:
        (self.folder / "feeds").mkdir()
        feeds = "\n".join(f"feed 'f{number}' '{url}'" for number, url in enumerate(self.urls))
        (self.folder / "sfeedrc").write_text(f"sfeedpath='{self.folder}/feeds'\nmaxjobs=8\nfeeds() {{\n{feeds}\n}}\n")

    def poll(self) -> list[str | Path]:
        return ["sfeed_update", self.folder / "sfeedrc"]

    def count(self) -> int:
        return sum(path.read_bytes().count(b"\n") for path in (self.folder / "feeds").iterdir())


class LemonReader(Peer):
    """lemon24/reader: Python, feedparser, SQLite; sanitises by feedparser, search not enabled."""

    name = "reader"
    _OPEN = "import sys; from reader import make_reader; r = make_reader(sys.argv[1])\n"

    @classmethod
    def version(cls) -> str | None:
        """Installs it once, in a folder of the project's own."""
        python = READER_HOME / "bin" / "python"
        if not python.exists():
            try:
                told(sys.executable, "-m", "venv", READER_HOME)
                told(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *READER)
            except subprocess.CalledProcessError as error:
                shutil.rmtree(READER_HOME, ignore_errors=True)
                print(f"reader cannot be installed: {error.stderr.strip()[-300:]}", file=sys.stderr)
                return None
        return told(python, "-c", "import reader; print(reader.__version__)")

    def set_up(self) -> None:
        (self.folder / "urls").write_text("\n".join(self.urls))
        add = self._OPEN + "for url in open(sys.argv[2]).read().split(): r.add_feed(url)"
        told(READER_HOME / "bin" / "python", "-c", add, self.folder / "db.sqlite", self.folder / "urls")

    def poll(self) -> list[str | Path]:
        update = self._OPEN + "r.update_feeds(workers=1, scheduled=False)"
        return [READER_HOME / "bin" / "python", "-c", update, self.folder / "db.sqlite"]

    def count(self) -> int:
        return _rows(self.folder / "db.sqlite", "entries")


class HubOnce(Peer):
    """The hub as a command by itself: it starts, does a round, ends."""

    name = "hub once"
    database = "sqlite://hub.db"
    broker = ""
    announces = False  #: to other systems, as a delivery of each item, where there is a broker
    _SETTLE = (
        "import asyncio, sys; from pathlib import Path; from hub.app import open_hub\n"
        "from hub.settings import load_settings\n"
        "async def main():\n async with open_hub(load_settings(Path(sys.argv[1]))): pass\n"
        "asyncio.run(main())"
    )

    @classmethod
    def version(cls) -> str | None:
        return told("git", "-C", ROOT, "describe", "--always", "--dirty")

    def set_up(self) -> None:
        doors = sorted({urlsplit(url).netloc for url in self.urls})
        lines = [
            f'[hub]\nname = "Bench"\n[web]\nport = 0\n[database]\nurl = "{self.database}"',
            f'[broker]\nurl = "{self.broker}"\nannounce = {str(self.announces).lower()}',
            "[fetch]\nallow_private = [" + ", ".join(f'"{door}"' for door in doors) + "]",
            '[[member]]\ncode = "H00"\nname = "Bench"',
        ]
        lines += [
            f'[[source]]\nname = "s{n}"\nmember = "H00"\nconnector = "feed"\nurl = "{url}"\nevery = "1d"'
            for n, url in enumerate(self.urls)
        ]
        self.settings = self.folder / "settings.toml"
        self.settings.write_text("\n".join(lines))
        told(sys.executable, "-c", self._SETTLE, self.settings)

    def command(self, *words: str) -> list[str | Path]:
        """The hub with its settings."""
        return [sys.executable, "-c", "from hub.cli import main; main()", "--settings", self.settings, "--json", *words]

    def poll(self) -> list[str | Path]:
        return self.command("once", "--all")

    def count(self) -> int:
        return _rows(self.folder / "hub.db", "item")

    def env(self) -> dict[str, str]:
        return dict(os.environ)


class HubRun(HubOnce):
    """The hub as it runs in an office, its pages served too: a round asked for over its socket."""

    name = "hub run"

    def set_up(self) -> None:
        super().set_up()
        with sqlite3.connect(self.folder / "hub.db") as database:  # else it would poll as soon as it runs
            database.execute("UPDATE source SET due_at = due_at + 86400000000")
        self._log = (self.folder / "run.log").open("wb")
        self._child = subprocess.Popen(self.command("run"), stdout=self._log, stderr=self._log, cwd=self.folder)
        self.daemon = self._child.pid
        until = time.monotonic() + PATIENCE
        while not (self.folder / "var" / "control.sock").exists():
            if self._child.poll() is not None or time.monotonic() > until:
                self.end()
                raise RuntimeError((self.folder / "run.log").read_text()[-1_000:])
            time.sleep(0.05)
        time.sleep(2.0)  # what it does once at its start is no part of a poll

    def poll(self) -> list[str | Path]:
        return [sys.executable, ROOT / "bench" / "ask_round.py", self.folder / "var"]

    def end(self) -> None:
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._log.close()


def _rows(database: Path, table: str) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        [[count]] = opened.execute(f"SELECT count(*) FROM {table}")
    return int(count)


PEERS: dict[str, type[Peer]] = {one.name: one for one in (HubRun, HubOnce, Newsboat, LemonReader, Sfeed)}
