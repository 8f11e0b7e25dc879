"""Looks at one hub from outside and inside, and hands what it sees to the rules (hub/rules/doctor.py).

    findings = await examine(Path("settings.toml"), backups=Path("/var/backups/hub"))

Reads only, beside a hub at work or while none is. Every look has PATIENCE seconds; one that fails is told and hides no
other.
"""

import asyncio
import os
import resource
import shutil
import sqlite3
import ssl
import sys
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.mail import Tls
from hub import broker
from hub.clock import Clock, SystemClock
from hub.files import FilesAwayError, FilesLostError, open_files
from hub.queries import checkup
from hub.rules import doctor
from hub.rules.doctor import Finding, Folder, Machine, finding
from hub.settings import ConfigErrors, Settings, load_settings
from hub.store import examining
from hub.store.archive import BackupRefusedError, verified
from hub.store.database import Database
from hub.store.memory import Cipher
from hub.store.unit import Store
from hub.store.witness import Witness

#: Seconds for one look; reading a whole backup may take longer.
PATIENCE: Final = 3.0
READING: Final = 120.0
#: Seconds for the database: to find out whether it can be opened, to open it, and for the four looks into it. Were it
#: less, a look that takes too long would hide what the others found.
OPENING: Final = 7 * PATIENCE
#: Kept files that are looked for, and of these, whose bytes are compared with their checksum.
FILES: Final = 50
READ: Final = 3

Look = Callable[[], Awaitable[Iterable[Finding]]]


async def examine(file: Path, *, backups: Path | None = None, clock: Clock | None = None) -> list[Finding]:
    """Everything that is wrong with the hub of this settings file, what others follow from first."""
    found = list(doctor.disclosed(*await asyncio.to_thread(_files, file)))
    try:
        settings = load_settings(file)
    except ConfigErrors as error:
        found += [finding("settings_wrong", fault.key or fault.file, more=str(fault)) for fault in error.faults]
        found += doctor.machine(_machine("Asia/Ho_Chi_Minh", ()))
        return doctor.in_order(found)
    hub = _Hub(settings, clock or SystemClock())
    looks: dict[str, tuple[Look, float]] = {
        "machine": (hub.machine, PATIENCE), "database": (hub.database, OPENING),
        "broker": (hub.broker, 2 * PATIENCE), "mail": (hub.mail, PATIENCE),
    }  # fmt: skip
    if backups is not None:
        looks["backups"] = (lambda: hub.backups(backups), READING)
    for part in await asyncio.gather(*(_bounded(name, look, seconds) for name, (look, seconds) in looks.items())):
        found += part
    found += doctor.exposed(settings.web.host, settings.web.base_url)
    found += doctor.overheard(settings.database_url, settings.broker_url)
    return doctor.in_order(found)


async def _bounded(name: str, look: Look, seconds: float) -> list[Finding]:
    """What one look finds; a look that fails or takes too long is a finding itself."""
    try:
        async with asyncio.timeout(seconds):
            return list(await look())
    except TimeoutError:
        return [finding("not_examined", name, more=f"quá {seconds:g} giây")]
    except Exception as error:  # a defect in one look must not hide what the others saw
        return [finding("not_examined", name, more=f"{type(error).__name__}: {error}")]


@dataclass(frozen=True, slots=True)
class _Hub:
    """The looks at one hub."""

    settings: Settings
    clock: Clock

    async def machine(self) -> Iterable[Finding]:
        """Versions, limits and disks."""
        kept = [self.settings.data_dir]
        if self.settings.files.s3 is None:
            kept.append(self.settings.data_dir / self.settings.files.folder)
        return doctor.machine(await asyncio.to_thread(_machine, self.settings.hub.timezone, kept))

    async def database(self) -> Iterable[Finding]:
        """The database, and what it tells of everything else."""
        url, base = self.settings.database_url, self.settings.folder
        path = examining.sqlite_file(url, base)
        found = list(doctor.disclosed({str(path): path.stat().st_mode} if path and path.exists() else {}, {}))
        troubles = await examining.troubles(url, base)
        if troubles:
            return [*found, *(finding(each.code, each.about, more=each.more) for each in troubles)]
        async with await Database.open(url, base=base, read_only=True, pool=2) as database:
            keeps_real_time = isinstance(self.clock, SystemClock)
            store = Store(database, broker.connect(""), self.clock, follows_database=keeps_real_time)
            key = self.settings.hub.secret_key.get_secret_value()
            witness = Witness(self.settings.data_dir / "witness.json")
            looks: Mapping[str, Look] = {
                "ledger": lambda: _judged(doctor.ledger, checkup.ledger(store, witness)),
                "work": lambda: _judged(doctor.works, checkup.work(store)),
                "people": lambda: _judged(
                    doctor.people,
                    checkup.people(
                        store, two_factor_for=self.settings.console.two_factor_for, cipher=Cipher(key),
                        key=bool(key),
                    ),
                ),
                "files": lambda: self._files(store),
            }  # fmt: skip
            for name, look in looks.items():
                found += await _bounded(name, look, PATIENCE)
        return found

    async def _files(self, store: Store) -> Iterable[Finding]:
        """A sample of what was kept."""
        wanted = await checkup.kept_files(store, FILES)
        folder = self.settings.data_dir / self.settings.files.folder
        if wanted and self.settings.files.s3 is None and not folder.is_dir():
            return [finding("folder_missing", str(folder))]
        files = open_files(self.settings)
        lost = list[str]()
        try:
            for place, sha256 in enumerate(wanted):
                if not await files.has(sha256):
                    lost.append(sha256)
                elif place < READ:
                    with suppress(FileNotFoundError):
                        await files.get(sha256)
        except FilesLostError:
            lost.append(sha256)
        except FilesAwayError as error:
            return [finding("files_away", more=str(error))]
        return [finding("files_lost", lost[0][:16], n=len(lost))] if lost else []

    async def broker(self) -> Iterable[Finding]:
        """The message server, where one is set."""
        if not self.settings.broker_url:
            return []
        from hub.broker.probing import Verdict, knock  # imports aio_pika

        parts = urlsplit(self.settings.broker_url)
        verdict, more = await knock(self.settings.broker_url)
        address = f"{parts.hostname}:{parts.port or 5672}"  # never the URL: it carries a password
        return [] if verdict is Verdict.WELL else [finding(verdict, address, more=more)]

    async def mail(self) -> Iterable[Finding]:
        """The mail server, where one is set: it greets."""
        mail = self.settings.mail
        if not mail.host:
            return []
        address = f"{mail.host}:{mail.port}"
        secured = ssl.create_default_context() if mail.tls is Tls.IMPLICIT else None
        try:
            reader, writer = await asyncio.open_connection(mail.host, mail.port, ssl=secured)
        except ssl.SSLError as error:
            return [finding("mail_tls", address, more=error.reason or "TLS")]
        except OSError as error:
            return [finding("mail_away", address, more=error.strerror or type(error).__name__)]
        try:
            greeting = await reader.readline()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return [] if greeting.startswith(b"220") else [finding("mail_away", address, more="không chào 220")]

    async def backups(self, folder: Path) -> Iterable[Finding]:
        """The newest backup of a folder: its age, and whether it is whole."""
        newest = max(await asyncio.to_thread(lambda: list(folder.glob("*.backup.gz"))), default=None,
                     key=lambda path: path.stat().st_mtime)  # fmt: skip
        if newest is None:
            return [finding("backup_missing", str(folder))]
        try:
            backup = await asyncio.to_thread(verified, newest)
        except BackupRefusedError as error:
            return [finding("backup_broken", newest.name, more=error.sentence)]
        return doctor.backup_age(str(folder), self.clock.now() - backup.at)


async def _judged(rule: Callable[[Any], Iterable[Finding]], facts: Awaitable[Any]) -> Iterable[Finding]:
    return rule(await facts)


def _machine(zone: str, folders: Iterable[Path]) -> Machine:
    try:
        ZoneInfo(zone)
        missing = ""
    except (OSError, KeyError, ValueError):
        missing = zone
    return Machine(
        python=sys.version_info[:2], sqlite=sqlite3.sqlite_version_info,
        handles=resource.getrlimit(resource.RLIMIT_NOFILE)[0], zone=missing,
        folders=[_folder(path) for path in folders],
    )  # fmt: skip


def _folder(path: Path) -> Folder:
    near = next((each for each in (path, *path.parents) if each.is_dir()), Path("/"))
    room = os.statvfs(near)
    return Folder(
        path=str(path), exists=path.exists(), writable=path.is_dir() and os.access(path, os.W_OK),
        free=shutil.disk_usage(near).free, inodes=room.f_favail if room.f_files else None,
    )  # fmt: skip


def _files(file: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Modes of the files that secrets stand in, and of those that the settings stand in."""
    written = [each for each in (file, *sorted((file.parent / "sources.d").glob("*.toml"))) if each.is_file()]
    secrets = dict[str, int]()
    for each in written:
        with suppress(OSError, ValueError):
            for name in _references(tomllib.loads(each.read_text("utf-8"))):
                path = file.parent / name
                if path.is_file():
                    secrets[str(path)] = path.stat().st_mode
    return secrets, {str(each): each.stat().st_mode for each in written}


def _references(value: Any) -> Iterator[str]:
    """Names of files in every `{ file = "…" }`."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("file"), str):
            yield value["file"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
