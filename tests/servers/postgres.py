"""A private PostgreSQL in a temporary folder, on loopback, that a test may stop, kill and wipe.

    with PostgresServer() as server:
        url = server.create_database()          # postgres://hub@127.0.0.1:PORT/test_...
        server.kill(); server.start()

`fsync` is off: only a power cut would lose something. `synchronous_commit` stays on: without it a kill of the server
forgets what was committed in the last moments, as that still lay in its own memory.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from tests.servers.processes import ServerFailedError, children, free_port, is_running, send, tail, wait_until

USER = "hub"

CONFIG = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = off
synchronous_commit = on
full_page_writes = off
max_connections = 200
"""


def find_program(name: str) -> Path | None:
    """A program of the newest installed PostgreSQL; Debian keeps them off PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1]
    found = shutil.which(name)
    return Path(found) if found else None


def execute(url: str, *statements: str) -> None:
    """Run statements in autocommit, from code that may or may not stand inside an event loop."""

    async def run() -> None:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


def with_database(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def create_database(admin_url: str) -> str:
    """A new empty database on any server; returns its address."""
    name = f"test_{uuid4().hex[:12]}"
    execute(admin_url, f"CREATE DATABASE {name} TEMPLATE template0")
    return with_database(admin_url, name)


def drop_database(admin_url: str, url: str) -> None:
    """Remove a database made by `create_database`, ending whoever is still connected."""
    execute(admin_url, f"DROP DATABASE IF EXISTS {urlsplit(url).path.lstrip('/')} WITH (FORCE)")


def empty_database(url: str) -> None:
    """Forget every row, and count from one again; the schema stays. Ends whoever is still connected."""
    execute(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        _EMPTY,
    )


#: Most tables are empty already: only those that are not cost anything.
_EMPTY = """
DO $$
DECLARE named record; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR named IN SELECT oid::regclass AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'tortoise_migrations'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', named.name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %s', named.name); END IF;
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""


#: A database is 300 files: made in memory in 60 ms, on a disk in 200.
_MEMORY, _ROOM = Path("/dev/shm"), 8 * 2**30


def _memory() -> Path | None:
    """A folder in memory, where there is plenty."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM else None


class PostgresServer:
    """One private server; the port stays the same through restarts and wipes."""

    def __init__(self, port: int | None = None, *, for_many: bool = False) -> None:
        """`for_many` small databases, one after the other: they are kept in memory, where there is plenty."""
        self.port = port or free_port()
        # Not pytest's tmp_path: that is closed to other users, and as root the server runs as `postgres`.
        self.folder = Path(tempfile.mkdtemp(prefix="hub-postgres-", dir=_memory() if for_many else None))
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._as_postgres: list[str] = []
        if os.geteuid() == 0:
            self._as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def url(self, database: str = "postgres") -> str:
        """Address of a database on this server."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new empty database; returns its address."""
        return create_database(self.url())

    def start(self) -> None:
        """Start and wait until it takes connections; an empty folder is initialised first."""
        if not self._data.exists():
            self._initialise()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_postgres, self._program("postgres"), "-D", str(self._data)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        process = self._process
        if not wait_until(lambda: self._is_ready() or process.poll() is not None, 30) or process.poll() is not None:
            self.kill()
            raise ServerFailedError(f"PostgreSQL did not start:\n{tail(self._log)}")

    def stop(self) -> None:
        """Stop as an operator would: connections are ended, work is rolled back."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the server and every backend."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start with the same data."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Stop and forget all data; `start` makes an empty server at the same address."""
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)

    def close(self) -> None:
        """Stop and remove the folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        command = [
            *self._as_postgres, self._program("initdb"), "-D", str(self._data), "-U", USER,
            "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        ]  # fmt: skip
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if made.returncode:
            raise ServerFailedError(f"initdb failed:\n{made.stdout}{made.stderr}")
        with (self._data / "postgresql.conf").open("a") as config:
            config.write(CONFIG.format(port=self.port, folder=self.folder))

    def _is_ready(self) -> bool:
        """The server writes its pid into the first line of its pid file and its state into the eighth."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        is_ours = self._process is not None and lines[:1] == [str(self._process.pid)]
        return is_ours and len(lines) >= 8 and lines[7].strip() == "ready"

    def _end(self, signum: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        backends = children(process.pid)
        send([process.pid], signum)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        send([pid for pid in backends if is_running(pid)], signal.SIGKILL)
        wait_until(lambda: not any(is_running(pid) for pid in backends), 10)

    @staticmethod
    def _program(name: str) -> str:
        program = find_program(name)
        if program is None:
            raise ServerFailedError(f"PostgreSQL is not installed: no program {name}")
        return str(program)

    def __enter__(self) -> "PostgresServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
