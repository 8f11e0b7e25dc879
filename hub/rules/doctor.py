"""What is wrong, out of what was seen: facts in, findings out. hub/doctor.py gathers the facts.

machine  disclosed  exposed  overheard  ledger  works  people  backup_age
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from hub.rules.remedies import REMEDIES

PYTHON: Final = (3, 11)
SQLITE: Final = (3, 37)  #: RETURNING, and what VACUUM and quick_check can do
HANDLES: Final = 1_024
ROOM: Final = 200 * 1024**2  #: bytes below which nothing is fetched any more
INODES: Final = 10_000
SKEW: Final = timedelta(seconds=5)
STANDS_STILL: Final = timedelta(minutes=5)  #: the witness is written each minute
LATE: Final = timedelta(minutes=15)
HELD: Final = timedelta(days=1)
FIRST_ANSWER: Final = timedelta(hours=1)
ENDING_DAYS: Final = 14
BACKUP_AGE: Final = timedelta(hours=26)  #: one a night, and what a night may be late


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault and its cure."""

    code: str  #: stable; docs/howto/operate.md
    about: str  #: whom it concerns; empty: the hub
    sentence: str
    cure: str


def finding(what: str, about: str = "", *, n: int = 0, more: str = "") -> Finding:
    """The finding of this code, in words."""
    remedy = REMEDIES[what]
    said = {"about": about, "n": n, "more": more.strip()}
    return Finding(code=what, about=about, sentence=remedy.sentence.format(**said), cure=remedy.cure.format(**said))


# ------------------------------------------------------------------------------------------------ the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that the hub writes into."""

    path: str
    exists: bool = True  #: one that does not is made when the hub starts
    writable: bool = True
    free: int = 1 << 40  #: bytes
    inodes: int | None = None  #: None: the file system counts none


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the hub stands on."""

    python: tuple[int, ...] = PYTHON
    sqlite: tuple[int, ...] = SQLITE
    handles: int = HANDLES  #: files that a process may have open
    zone: str = ""  #: zone that cannot be found; empty: all is well
    folders: Sequence[Folder] = ()


def machine(seen: Machine) -> Iterator[Finding]:
    """Versions, limits and disks."""
    if seen.python < PYTHON:
        yield finding("python_too_old", more=_dotted(seen.python))
    if seen.sqlite < SQLITE:
        yield finding("sqlite_too_old", more=_dotted(seen.sqlite))
    if seen.zone:
        yield finding("time_zone_missing", seen.zone)
    if seen.handles < HANDLES:
        yield finding("few_file_handles", n=seen.handles)
    for folder in seen.folders:
        if folder.exists and not folder.writable:
            yield finding("folder_not_writable", folder.path)
        if folder.free < ROOM:
            yield finding("disk_full", folder.path, n=folder.free // 1024**2)
        if folder.inodes is not None and folder.inodes < INODES:
            yield finding("inodes_low", folder.path, n=folder.inodes)


def disclosed(secrets: Mapping[str, int], settings: Mapping[str, int]) -> Iterator[Finding]:
    """Files by the bits of their mode: secrets and the database, which others may not read; settings, not write."""
    for path, mode in secrets.items():
        if mode & 0o007:
            yield finding("file_readable_by_others", path, more=f"{mode & 0o777:04o}")
    for path, mode in settings.items():
        if mode & 0o002:
            yield finding("settings_writable_by_others", path, more=f"{mode & 0o777:04o}")


def exposed(host: str, base_url: str) -> Iterator[Finding]:
    """The console has passwords: outside of this machine it wants https."""
    public = urlsplit(base_url)
    if public.scheme != "https" and not (_is_here(host) and (not base_url or _is_here(public.hostname or ""))):
        yield finding("open_without_https", base_url or host)


# ----------------------------------------------------------------------------------------------- the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the database says of itself."""

    skew: timedelta = timedelta()
    put_back: bool = False  #: it is older than its witness, or another one
    witness_age: timedelta | None = None  #: None: the hub never ran here
    broken_at: int | None = None  #: first link of the chain that does not hold
    broken_why: str = ""
    unsealed_age: timedelta = timedelta()
    unfound: int = 0  #: public items without an entry in the search


def ledger(seen: Ledger) -> Iterator[Finding]:
    """Clock, witness, chain and index."""
    if abs(seen.skew) > SKEW:
        yield finding("clock_differs", n=round(abs(seen.skew).total_seconds()))
    if seen.put_back:
        yield finding("put_back")
    if seen.witness_age is not None and seen.witness_age > STANDS_STILL:
        yield finding("schedule_stands_still", n=_minutes(seen.witness_age))
    if seen.broken_at is not None:
        yield finding("chain_broken", n=seen.broken_at, more=seen.broken_why)
    if seen.unsealed_age > STANDS_STILL:
        yield finding("events_unsealed", n=_minutes(seen.unsealed_age))
    if seen.unfound:
        yield finding("search_behind", n=seen.unfound)


# --------------------------------------------------------------------------------------------------- the work


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationSeen:
    """A destination."""

    name: str
    state: str = "active"
    restored: bool = False  #: it waits for its comparison
    fault: str = ""  #: in a sentence
    access_ends: datetime | None = None
    late: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeen:
    """A source."""

    name: str
    state: str = "active"
    fault: str = ""  #: in a sentence
    polled: bool = True
    answered: bool = True
    due_at: datetime | None = None
    rejects_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is under way."""

    now: datetime
    destinations: Sequence[DestinationSeen] = ()
    sources: Sequence[SourceSeen] = ()
    waiting: int = 0  #: captures that are due for longer than LATE
    dead: int = 0  #: captures
    held: Sequence[tuple[int, str]] = field(default=())  #: captures held for longer than HELD, with their sources
    alarms: int = 0
    mails: int = 0  #: unknown ones


def works(seen: Work) -> Iterator[Finding]:
    """Destinations, sources, and what waits between them."""
    for each in seen.destinations:
        yield from _destination(each, seen.now)
    active = [one for one in seen.sources if one.state == "active"]
    if len(active) > 2 and all(one.fault for one in active):
        yield finding("sources_all_failing", n=len(active))
    for one in seen.sources:
        yield from _source(one, seen.now)
    if seen.waiting:
        yield finding("captures_waiting", n=seen.waiting)
    if seen.dead:
        yield finding("captures_dead", n=seen.dead)
    for capture, source in seen.held:
        yield finding("run_held", source, n=capture)
    if seen.alarms:
        yield finding("alarms_unseen", n=seen.alarms)
    if seen.mails:
        yield finding("mails_unknown", n=seen.mails)


def _destination(seen: DestinationSeen, now: datetime) -> Iterator[Finding]:
    if seen.restored:
        yield finding("restored_waiting", seen.name)
    elif seen.state == "blocked":
        yield finding("destination_blocked", seen.name, more=seen.fault)
    elif seen.state == "paused":
        yield finding("destination_paused", seen.name)
    elif seen.fault:
        yield finding("destination_failing", seen.name, more=seen.fault)
    if seen.access_ends is not None and (days := (seen.access_ends - now).days) < ENDING_DAYS:
        yield finding("access_ends", seen.name, n=max(0, days))
    if seen.late:
        yield finding("deliveries_late", seen.name, n=seen.late)
    if seen.parked:
        yield finding("deliveries_parked", seen.name, n=seen.parked)


def _source(seen: SourceSeen, now: datetime) -> Iterator[Finding]:
    if seen.state == "blocked":
        yield finding("source_blocked", seen.name, more=seen.fault)
    elif seen.state == "active" and not seen.answered:
        overdue = seen.due_at is not None and now - seen.due_at > FIRST_ANSWER
        if seen.fault or overdue:
            yield finding("source_never_answered", seen.name, more=seen.fault)
    elif seen.state == "active" and seen.rejects_all:
        yield finding("source_rejects_all", seen.name)


# ---------------------------------------------------------------------------------------- secrets and people


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Accounts and what is kept encrypted."""

    administrators: int = 1
    without_factor: Sequence[str] = ()  #: logins that need a second factor and have none
    factor_wanted: bool = False  #: some role needs one
    key: bool = True  #: [hub] secret_key is set
    encrypted: int = 0  #: values that only the key opens
    unopened: str = ""  #: one that the key does not open


def people(seen: People) -> Iterator[Finding]:
    """Who can come in, and what the key opens."""
    if not seen.administrators:
        yield finding("no_administrator")
    if seen.encrypted and not seen.key:
        yield finding("secret_key_missing")
    elif seen.factor_wanted and not seen.key:
        yield finding("second_factor_impossible")
        return  # whose factor is missing follows from that
    if seen.unopened:
        yield finding("secret_key_wrong", seen.unopened)
    for login in seen.without_factor:
        yield finding("no_second_factor", login)


def backup_age(folder: str, age: timedelta) -> Iterator[Finding]:
    """The newest backup of a folder."""
    if age > BACKUP_AGE:
        yield finding("backup_old", folder, n=int(age / timedelta(hours=1)))


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """As REMEDIES has them: what others follow from comes first."""
    order = {code: place for place, code in enumerate(REMEDIES)}
    return sorted(found, key=lambda one: (order[one.code], one.about))


def _minutes(age: timedelta) -> int:
    return int(age / timedelta(minutes=1))


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def overheard(database_url: str, broker_url: str) -> Iterator[Finding]:
    """Passwords, rows and ids go to another machine: the line is encrypted, and the server proves who it is.

    The driver of PostgreSQL takes what it gets unless it is told: without `sslmode` a line in the open, and with
    `require` any server.
    """
    database, broker = urlsplit(database_url), urlsplit(broker_url)
    checked = parse_qs(database.query).get("sslmode", [""])[-1] in ("verify-ca", "verify-full")
    if database.scheme == "postgres" and not checked and not _is_here(database.hostname or ""):
        yield finding("line_in_the_open", "database.url")
    if broker.scheme == "amqp" and not _is_here(broker.hostname or ""):
        yield finding("line_in_the_open", "broker.url")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
