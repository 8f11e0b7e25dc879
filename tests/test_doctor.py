"""hub doctor: a healthy hub gets no finding; each seeded fault is named by its code, and by no other."""

import asyncio
import json
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from hub.app import Hub, open_hub
from hub.broker.base import HARVEST
from hub.cli import main
from hub.doctor import examine
from hub.rules import doctor
from hub.rules.access import Grant, Role
from hub.rules.doctor import DestinationSeen, Finding, Folder, Ledger, Machine, People, SourceSeen, Work
from hub.rules.remedies import REMEDIES
from hub.settings import load_settings
from hub.store import accounts
from hub.store.archive import back_up
from hub.store.instants import micros
from hub.store.memory import Cipher, DestinationMemory
from tests.clock import START, Clock
from tests.docs.pages import DOCS, named
from tests.web.press import Press, news

KEY = "a key of the tests that is long enough for it"
SETTINGS = f"""
[hub]
name = "Tỉnh Mẫu"
testing = true
secret_key = "{KEY}"
[web]
base_url = "https://tin.tinhmau.gov.vn"
port = 0
[[member]]
code = "H52.12"
name = "Sở Y tế"
kind = "department"
[[source]]
name = "so-y-te-tin"
member = "H52.12"
connector = "feed"
url = "http://127.0.0.1:9/so-y-te"
[[destination]]
name = "portal"
connector = "portal"
base_url = "http://127.0.0.1:9/api"
token = {{ file = "token" }}
allow_private = ["127.0.0.1:9"]
[[route]]
to = ["portal"]
"""


class Ward:
    """One hub with its files, at work a moment ago."""

    def __init__(self, folder: Path, hub: Hub, clock: Clock) -> None:
        self.folder, self.hub, self.clock = folder, hub, clock
        self.store, self.press = hub.engine.store, Press(hub, clock)
        self.backups: Path | None = None

    @property
    def database(self) -> Path:
        return self.folder / "hub.db"

    @property
    def witness(self) -> Path:
        return self.folder / "var" / "witness.json"

    async def sql(self, statement: str, *values: Any) -> None:
        async with self.store.unit() as unit:
            await unit.tx.execute(statement, *values)

    async def settle(self) -> None:
        """As the schedule role leaves it."""
        while await self.store.seal():
            continue
        assert self.hub.engine.witness is not None
        await self.hub.engine.witness.write(self.store)
        self.ran(timedelta())

    def ran(self, ago: timedelta) -> None:
        at = (self.clock.now() - ago).timestamp()
        os.utime(self.witness, (at, at))

    def say(self, old: str, new: str) -> None:
        text = (self.folder / "settings.toml").read_text("utf-8")
        assert old in text
        (self.folder / "settings.toml").write_text(text.replace(old, new), "utf-8")

    async def examine(self) -> list[Finding]:
        return await examine(self.folder / "settings.toml", backups=self.backups, clock=self.clock)

    async def codes(self) -> list[str]:
        return [each.code for each in await self.examine()]


@asynccontextmanager
async def _opened(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Ward]:
    (tmp_path / "token").write_text("ma-truy-cap")
    (tmp_path / "token").chmod(0o640)
    (tmp_path / "settings.toml").write_text(SETTINGS + f'[database]\nurl = "{database_url}"\n', "utf-8")
    async with open_hub(load_settings(tmp_path / "settings.toml"), clock=clock) as hub:
        ward = Ward(tmp_path, hub, clock)
        await ward.press.publish(news("a"), news("b"))
        async with ward.store.unit() as unit:
            account = await accounts.add_account(
                unit, login="an", name="An", password_hash="x", grants=[Grant(Role.ADMINISTRATOR)], by="test"
            )
            secret = hub.engine.cipher.encrypt("JBSWY3DPEHPK3PXP")
            await unit.tx.execute("UPDATE account SET totp_secret = ? WHERE id = ?", secret, account)
            await unit.tx.execute("UPDATE source SET polled_at = ?, answered_at = ?", unit.at, unit.at)
        await ward.settle()
        yield ward


@pytest.fixture
async def ward(tmp_path: Path, clock: Clock, database_url: str) -> AsyncIterator[Ward]:
    async with _opened(tmp_path, clock, database_url) as opened:
        yield opened


@pytest.fixture
async def sqlite(tmp_path: Path, clock: Clock) -> AsyncIterator[Ward]:
    async with _opened(tmp_path, clock, f"sqlite://{tmp_path / 'hub.db'}") as opened:
        yield opened


async def test_a_healthy_hub_has_no_finding(ward: Ward) -> None:
    assert await ward.examine() == []


# ------------------------------------------------------------------------------------------- rows, on both databases


def _ago(**time: float) -> int:
    return micros(START + timedelta(seconds=1) - timedelta(**time))


_CAPTURE = (
    "INSERT INTO capture (source, url, sha256, size, state, fetched_at, due_at, counts, released)"
    " VALUES ('so-y-te-tin', '', '', 0, '{}', {}, {}, '{}', 0)"
)
_DELIVERY = (
    "INSERT INTO delivery (content_id, destination, wanted_revision, state, wanted_at, due_at)"
    " VALUES ('{0}', 'portal', 1, '{0}', {1}, {2})"
)
_MEMORY = "INSERT INTO memory (destination, key, value, secret, changed_at) VALUES ('portal', '{}', '{}', {}, 0)"
_PUBLIC = "SELECT content_id FROM item WHERE approved_revision > 0"


def _capture(state: str, *, ago: int, counts: str = "{}") -> str:
    return _CAPTURE.format(state, ago, ago, counts)


ROWS = {
    "restored_waiting": f"UPDATE destination SET restored_at = {_ago(hours=1)}",
    "destination_blocked": "UPDATE destination SET state = 'blocked', fault_sentence = 'Mã truy cập sai.'",
    "destination_paused": "UPDATE destination SET state = 'paused'",
    "destination_failing": "UPDATE destination SET fault_code = 'x', fault_sentence = 'Lỗi 500.'",
    "access_ends": _MEMORY.format("token_ends", (START + timedelta(days=5)).isoformat(), 0),
    "deliveries_late": _DELIVERY.format("ready", _ago(minutes=16), 0),
    "deliveries_parked": _DELIVERY.format("parked", _ago(days=8), 0),
    "source_blocked": "UPDATE source SET state = 'blocked', fault_sentence = 'Lỗi 403.'",
    "source_never_answered": "UPDATE source SET answered_at = NULL, fault_sentence = 'Không kết nối được.'",
    "source_rejects_all": _capture("done", ago=_ago(hours=1), counts='{"rejected": 3, "new": 0}'),
    "captures_waiting": _capture("new", ago=_ago(minutes=16)),
    "captures_dead": _capture("dead", ago=_ago(hours=1)),
    "run_held": _capture("held", ago=_ago(hours=25)),
    "alarms_unseen": "INSERT INTO alarm (at, last_at, found, source, member, rule, fingerprint)"
    " VALUES (0, 0, 'reading', 's', 'm', 'mark', 'f')",
    "mails_unknown": "INSERT INTO mail (run, recipient, state, due_at) VALUES (1, 'an@tinhmau.gov.vn', 'unknown', 0)",
    "no_administrator": "UPDATE account SET state = 'ended'",
    "no_second_factor": "UPDATE account SET totp_secret = ''",
    "secret_key_wrong": _MEMORY.format("token", "gAAAAABnone", 1),
    "chain_broken": "UPDATE event SET who = 'ai-khac' WHERE sequence = 1",
    "events_unsealed": "INSERT INTO event (at, who, what) VALUES (" + str(_ago(minutes=10)) + ", 'hub', 'x')",
    "search_behind": f"DELETE FROM search_entry WHERE content_id IN ({_PUBLIC})",
}


@pytest.mark.parametrize("code", ROWS)
async def test_a_fault_in_the_rows_is_named(sqlite: Ward, code: str) -> None:
    await sqlite.sql(ROWS[code])
    assert await sqlite.codes() == [code]


async def test_many_faults_are_all_named_on_both_databases(ward: Ward) -> None:
    others = {"restored_waiting", "destination_blocked", "destination_failing", "source_blocked", "destination_paused",
              "captures_waiting", "no_administrator", "source_never_answered"}  # fmt: skip
    for code in set(ROWS) - others:
        await ward.sql(ROWS[code])
    assert set(await ward.codes()) == set(ROWS) - others


async def test_rows_that_are_still_in_time_are_no_fault(ward: Ward) -> None:
    for statement in (
        _DELIVERY.format("ready", _ago(minutes=14), 0), _capture("new", ago=_ago(minutes=14)),
        _capture("done", ago=_ago(hours=1), counts='{"rejected": 3, "new": 1}'), _capture("held", ago=_ago(hours=23)),
        _MEMORY.format("token_ends", (START + timedelta(days=20)).isoformat(), 0),
        "UPDATE source SET answered_at = NULL",
    ):  # fmt: skip
        await ward.sql(statement)
    assert await ward.codes() == []


async def test_what_a_paused_destination_keeps_waiting_is_told_once(sqlite: Ward) -> None:
    await sqlite.sql(ROWS["deliveries_late"])
    await sqlite.sql(ROWS["destination_paused"])
    assert await sqlite.codes() == ["destination_paused"]


# ------------------------------------------------------------------------------------------- files, settings, servers


Seed = Callable[[Ward], Awaitable[None]]
SEEDS: dict[str, Seed] = {}


def seeds(code: str) -> Callable[[Seed], Seed]:
    def keep(seed: Seed) -> Seed:
        SEEDS[code] = seed
        return seed

    return keep


@seeds("settings_wrong")
async def _(ward: Ward) -> None:
    ward.say("port = 0", "port = 70000")


@seeds("open_without_https")
async def _(ward: Ward) -> None:
    ward.say('base_url = "https://tin', 'base_url = "http://tin')


@seeds("file_readable_by_others")
async def _(ward: Ward) -> None:
    (ward.folder / "token").chmod(0o644)


@seeds("settings_writable_by_others")
async def _(ward: Ward) -> None:
    (ward.folder / "settings.toml").chmod(0o666)


@seeds("second_factor_impossible")
async def _(ward: Ward) -> None:
    await ward.sql("UPDATE account SET totp_secret = ''")
    ward.say(f'secret_key = "{KEY}"\n', "")


@seeds("secret_key_missing")
async def _(ward: Ward) -> None:
    await DestinationMemory(ward.store, "portal", Cipher(KEY)).remember("token", "mã", secret=True)
    ward.say(f'secret_key = "{KEY}"\n', "")


@seeds("schedule_stands_still")
async def _(ward: Ward) -> None:
    ward.ran(timedelta(minutes=6))


@seeds("put_back")
async def _(ward: Ward) -> None:
    ward.witness.write_text('{"epoch": "another", "event": 1}')
    ward.ran(timedelta())


@seeds("files_lost")
async def _(ward: Ward) -> None:
    sha256 = await ward.hub.engine.files.put(b"quyet-dinh")
    (ward.folder / "var" / "files" / sha256[:2] / sha256[2:]).unlink()
    await ward.sql(_FILE, sha256)


@seeds("files_lost damaged")
async def _(ward: Ward) -> None:
    sha256 = await ward.hub.engine.files.put(b"quyet-dinh")
    (ward.folder / "var" / "files" / sha256[:2] / sha256[2:]).write_bytes(b"khac")
    await ward.sql(_FILE, sha256)


@seeds("folder_missing")
async def _(ward: Ward) -> None:
    await ward.sql(_FILE, "0" * 64)


@seeds("files_away")
async def _(ward: Ward) -> None:
    (ward.folder / "var" / "files").mkdir()
    (ward.folder / "var" / "files" / "00").write_text("a file where a folder should be")
    await ward.sql(_FILE, "0" * 64)


_FILE = "INSERT INTO file (content_id, source, url, sha256, fetched_at) VALUES ('x', 's', 'u', ?, 0)"


@seeds("broker_away")
async def _(ward: Ward) -> None:
    ward.say("[web]", f'[broker]\nurl = "amqp://127.0.0.1:{_closed_port()}/"\n[web]')


@seeds("mail_away")
async def _(ward: Ward) -> None:
    ward.say("[web]", f'[mail]\nhost = "127.0.0.1"\nport = {_closed_port()}\nsender = "a@b.vn"\n[web]')


@seeds("backup_missing")
async def _(ward: Ward) -> None:
    ward.backups = ward.folder


@seeds("backup_old")
async def _(ward: Ward) -> None:
    ward.backups = ward.folder
    await back_up(ward.store, ward.folder / "hub-1.backup.gz")
    ward.clock.advance(hours=27)
    await ward.sql("UPDATE source SET due_at = 0")
    ward.ran(timedelta())


@seeds("backup_broken")
async def _(ward: Ward) -> None:
    ward.backups = ward.folder
    await back_up(ward.store, ward.folder / "hub-1.backup.gz")
    whole = (ward.folder / "hub-1.backup.gz").read_bytes()
    (ward.folder / "hub-1.backup.gz").write_bytes(whole[: len(whole) // 2])


def _closed_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("code", SEEDS)
async def test_a_fault_around_the_hub_is_named(sqlite: Ward, code: str) -> None:
    await SEEDS[code](sqlite)
    assert await sqlite.codes() == [code.split()[0]]


# ----------------------------------------------------------------------------------------------- the database as a file


def _change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def _damage(path: Path) -> None:
    _change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))


BREAK: dict[str, Callable[[Path], None]] = {
    "no_database": lambda path: path.unlink(),
    "database_damaged": _damage,
    "database_damaged header": lambda path: path.write_bytes(b"no database at all, but a text of some length" * 50),
    "database_newer": lambda path: _change(path, "INSERT INTO tortoise_migrations VALUES ('hub', '9999_x', '')"),
    "database_older": lambda path: _change(path, "DELETE FROM tortoise_migrations WHERE name LIKE '0001%'"),
    "journal_mode": lambda path: _change(path, "PRAGMA journal_mode = delete"),
    "file_readable_by_others": lambda path: path.chmod(0o644),
}


@pytest.mark.parametrize("code", BREAK)
async def test_a_broken_database_is_named_as_what_it_is(sqlite: Ward, code: str) -> None:
    await sqlite.store.database.close()
    _change(sqlite.database, "PRAGMA wal_checkpoint(TRUNCATE)")
    BREAK[code](sqlite.database)
    assert await sqlite.codes() == [code.split()[0]]


async def test_a_database_that_somebody_has_locked_is_named(sqlite: Ward) -> None:
    await sqlite.store.database.close()
    with closing(sqlite3.connect(sqlite.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert await sqlite.codes() == ["database_locked"]


async def test_a_server_that_is_away_is_named(sqlite: Ward, tmp_path: Path) -> None:
    text = (tmp_path / "settings.toml").read_text("utf-8").rpartition("[database]")[0]
    (tmp_path / "settings.toml").write_text(
        f'{text}[database]\nurl = "postgres://hub:secret@127.0.0.1:{_closed_port()}/hub"\n', "utf-8"
    )
    [found] = await sqlite.examine()
    assert found.code == "database_away"
    assert "secret" not in found.sentence


async def test_a_mail_server_that_speaks_something_else_is_named(sqlite: Ward) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        sqlite.say("[web]", f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@b.vn"\n[web]')
        assert await sqlite.codes() == ["mail_away"]
        sqlite.say(f"port = {port}", f'port = {port}\ntls = "implicit"')
        assert await sqlite.codes() == ["mail_tls"]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_broker_that_refuses_the_account_is_named(sqlite: Ward, amqp_url: str) -> None:
    sqlite.say("[web]", f'[broker]\nurl = "{amqp_url}"\n[web]')
    assert await sqlite.codes() == []
    sqlite.say(amqp_url, amqp_url.replace("://", "://nobody:x@", 1) if "@" not in amqp_url
               else "amqp://nobody:x@" + amqp_url.rpartition("@")[2])  # fmt: skip
    assert await sqlite.codes() == ["broker_refused"]


async def test_a_queue_with_other_arguments_is_named(sqlite: Ward, amqp_url: str) -> None:
    sqlite.say("[web]", f'[broker]\nurl = "{amqp_url}"\n[web]')
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue(HARVEST, durable=True)
        assert await sqlite.codes() == ["broker_queues"]


# ---------------------------------------------------------------- what cannot be broken here, by the rules alone


NOW = datetime(2026, 3, 2, tzinfo=START.tzinfo)
FACTS: dict[str, tuple[Any, Any]] = {
    "python_too_old": (doctor.machine, Machine(python=(3, 10))),
    "sqlite_too_old": (doctor.machine, Machine(sqlite=(3, 31, 1))),
    "time_zone_missing": (doctor.machine, Machine(zone="Asia/Ho_Chi_Minh")),
    "few_file_handles": (doctor.machine, Machine(handles=256)),
    "folder_not_writable": (doctor.machine, Machine(folders=[Folder(path="/var/lib/hub", writable=False)])),
    "disk_full": (doctor.machine, Machine(folders=[Folder(path="/var/lib/hub", free=199 * 1024**2)])),
    "inodes_low": (doctor.machine, Machine(folders=[Folder(path="/var/lib/hub", inodes=99)])),
    "clock_differs": (doctor.ledger, Ledger(skew=timedelta(seconds=-6))),
    "sources_all_failing": (doctor.works, Work(now=NOW, sources=[SourceSeen(name=n, fault="x") for n in "abc"])),
    "source_never_answered": (
        doctor.works, Work(now=NOW, sources=[SourceSeen(name="a", answered=False, due_at=NOW - timedelta(hours=2))])
    ),
    "access_ends": (
        doctor.works, Work(now=NOW, destinations=[DestinationSeen(name="zalo", access_ends=NOW - timedelta(days=1))])
    ),
    "secret_key_missing": (doctor.people, People(key=False, encrypted=1, factor_wanted=True)),
}  # fmt: skip


@pytest.mark.parametrize("code", FACTS)
def test_a_fact_beyond_its_limit_is_named(code: str) -> None:
    rule, facts = FACTS[code]
    assert [each.code for each in rule(facts)] == [code]


@pytest.mark.parametrize(
    ("host", "base_url", "exposed"),
    [
        ("127.0.0.1", "", False), ("::1", "http://localhost:8080", False), ("0.0.0.0", "", True),
        ("0.0.0.0", "https://tin.tinhmau.gov.vn", False), ("127.0.0.1", "http://tin.tinhmau.gov.vn", True),
        ("10.1.2.3", "http://10.1.2.3:8080", True),
    ],
)  # fmt: skip
def test_https_is_wanted_where_the_outside_comes_in(host: str, base_url: str, exposed: bool) -> None:
    assert bool(list(doctor.exposed(host, base_url))) is exposed


FAR = "postgres://hub:secret@db.tinhmau.local:5432/hub"


@pytest.mark.parametrize(
    ("database", "broker", "about"),
    [
        ("sqlite:///var/lib/hub/hub.db", "", []),
        ("postgres://hub:secret@127.0.0.1:5432/hub", "amqp://hub:secret@localhost:5672/hub", []),
        (FAR, "", ["database.url"]),
        (f"{FAR}?sslmode=require", "", ["database.url"]),
        (f"{FAR}?sslmode=verify-full&sslmode=disable", "", ["database.url"]),
        (f"{FAR}?sslmode=verify-full", "amqps://hub:secret@mq.tinhmau.local:5671/hub", []),
        (f"{FAR}?sslmode=verify-ca", "amqp://hub:secret@10.1.2.3:5672/hub", ["broker.url"]),
        (FAR, "amqp://hub:secret@10.1.2.3:5672/hub", ["database.url", "broker.url"]),
    ],
)
def test_a_line_to_another_machine_is_encrypted_to_a_server_that_proves_itself(
    database: str, broker: str, about: list[str]
) -> None:
    found = list(doctor.overheard(database, broker))
    assert [each.about for each in found] == about
    assert "secret" not in str(found)


@pytest.mark.parametrize("code", REMEDIES)
def test_every_remedy_can_be_said(code: str) -> None:
    found = doctor.finding(code, "portal", n=7, more="chi tiết")
    assert "{" not in found.sentence + found.cure
    assert found.sentence.rstrip().endswith((".", "chi tiết"))
    assert found.cure.endswith(".")


def test_every_code_has_a_case_and_most_are_seeded_for_real() -> None:
    alone = {"database_locked", "database_away", "mail_tls", "broker_refused", "broker_queues", "not_examined"}
    seeded = {code.split()[0] for code in (*ROWS, *SEEDS, *BREAK)} | alone
    assert len(seeded) >= 45
    told = {each.code for each in doctor.overheard(FAR, "")}
    assert seeded | set(FACTS) | told == set(REMEDIES)


# -------------------------------------------------------------------------------------------------- how it is told


async def test_one_look_that_fails_hides_no_other(sqlite: Ward) -> None:
    sqlite.say("[web]", "[web]\nhost = '0.0.0.0'")
    sqlite.say("https://tin", "http://tin")
    await sqlite.sql("UPDATE fact SET value = 'x'")
    await sqlite.sql("DROP TABLE search_entry")
    found = await sqlite.examine()
    assert [each.code for each in found] == ["open_without_https", "not_examined"]
    assert found[1].about == "ledger"


async def test_the_command_names_each_fault_with_its_cure(sqlite: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    settings = str(sqlite.folder / "settings.toml")
    (sqlite.folder / "token").chmod(0o644)
    with pytest.raises(SystemExit) as end:
        await asyncio.to_thread(main, ["doctor", "--settings", settings])
    assert end.value.code == 1
    told = capsys.readouterr().out
    assert "[file_readable_by_others] Mọi tài khoản trên máy đều đọc được tệp" in told
    assert "Cách khắc phục: Chạy chmod o=" in told
    with pytest.raises(SystemExit):
        await asyncio.to_thread(main, ["doctor", "--settings", settings, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert not document["ok"]
    assert {"code", "about", "sentence", "cure"} == set(document["findings"][0])


def test_the_page_lists_every_code() -> None:
    assert named(DOCS / "howto" / "operate.md", "When something is wrong: hub doctor") == set(REMEDIES)
