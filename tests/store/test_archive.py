"""Backups: whole or refused, from either database into either, without texts that no screen has seen."""

import gzip
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from hub.broker import connect
from hub.store.archive import BackupRefusedError, back_up, back_up_into, kept_tables, restore, verified
from hub.store.database import Database
from hub.store.unit import Store
from tests.clock import Clock
from tests.province import Province, rss, story


@asynccontextmanager
async def opened(url: str, clock: Clock) -> AsyncIterator[Store]:
    async with await Database.open(url) as database:
        yield Store(database, connect(""), clock)


async def worked(province: Province, *, held: bool = False) -> None:
    """A hub that has read a feed and sent two items; `held`: and a body that no screen has seen."""
    province.source("tin", rss(story(1), story(2)))
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        if held:
            async with hub.engine.store.unit() as unit:
                [made] = await unit.tx.fetch(
                    "INSERT INTO capture (source, url, sha256, size, fetched_at, state, due_at)"
                    " VALUES ('tin', 'http://x/', '', 3, 1, 'new', 1) RETURNING id"
                )
                await unit.tx.execute("INSERT INTO capture_body (id, body) VALUES (?, ?)", made["id"], b"bi-mat")


async def contents(store: Store) -> dict[str, list[dict[str, object]]]:
    found = {}
    for model in kept_tables():
        table = model._meta.db_table
        rows = await store.fetch(f'SELECT * FROM "{table}"')
        found[table] = sorted((dict(row) for row in rows), key=lambda row: orjson.dumps([str(v) for v in row.values()]))
    return found


async def test_a_backup_goes_into_either_database(
    province: Province, pg_url: str, tmp_path: Path, clock: Clock
) -> None:
    await worked(province)
    target = tmp_path / "sao-luu.gz"
    url = province.settings().database_url
    async with opened(url, clock) as store:
        made = await back_up(store, target)
        before = await contents(store)
    assert made.rows["item"] == 2
    assert verified(target).rows == made.rows
    assert target.stat().st_mode & 0o777 == 0o600
    for other in (f"sqlite://{tmp_path / 'other.db'}", pg_url if url != pg_url else ""):
        if not other:
            continue
        async with opened(other, clock) as store:
            await restore(store, target, who="an")
            after = await contents(store)
            for table in before:
                if table in ("fact", "event", "destination", "mail"):
                    continue
                assert after[table] == before[table], table
            assert [row["what"] for row in after["event"] if row not in before["event"]] == ["restored"]
            async with store.unit() as unit:  # numbers go on behind those that were restored
                unit.tell("tried")
            with pytest.raises(BackupRefusedError, match="not empty"):
                await restore(store, target, who="an")


async def test_nothing_is_restored_over_a_hub_that_was_started_once(
    province: Province, tmp_path: Path, clock: Clock
) -> None:
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        await back_up(hub.engine.store, tmp_path / "b.gz")
        assert not await hub.engine.store.fetch("SELECT id FROM event")
        with pytest.raises(BackupRefusedError, match="not empty: member"):
            await restore(hub.engine.store, tmp_path / "b.gz", who="an")


async def test_texts_that_no_screen_has_seen_are_left_out(province: Province, tmp_path: Path, clock: Clock) -> None:
    await worked(province, held=True)
    async with opened(province.settings().database_url, clock) as store:
        await back_up(store, tmp_path / "b.gz")
    lines = [orjson.loads(line) for line in gzip.decompress((tmp_path / "b.gz").read_bytes()).splitlines()]
    captures = [row for table, row in (each for each in lines if isinstance(each, list)) if table == "capture"]
    bodies = [row for table, row in (each for each in lines if isinstance(each, list)) if table == "capture_body"]
    [unseen] = [row for row in captures if row["size"] == 3]
    assert unseen["state"] == "purged"
    assert {row["id"] for row in bodies} == {row["id"] for row in captures} - {unseen["id"]} != set()
    [source] = [row for table, row in (each for each in lines if isinstance(each, list)) if table == "source"]
    assert (source["body_sha256"], source["cursor"]) == ("", "{}")


@pytest.mark.parametrize("harm", ["cut", "cut and packed", "bytes", "changed", "other", "no rows", "schema", "empty"])
async def test_a_file_that_is_not_whole_is_refused_before_anything_is_written(
    tmp_path: Path, clock: Clock, harm: str
) -> None:
    url, target = f"sqlite://{tmp_path / 'a.db'}", tmp_path / "b.gz"
    async with opened(url, clock) as store:
        async with store.unit() as unit:
            for _ in range(20):
                unit.tell("tried")
        await back_up(store, target)
    text = gzip.decompress(target.read_bytes())
    match harm:
        case "cut":
            target.write_bytes(target.read_bytes()[:-30])
        case "cut and packed":
            target.write_bytes(gzip.compress(text[: text.rindex(b"\n", 0, -1) + 1]))
        case "bytes":
            packed = target.read_bytes()
            middle = len(packed) // 2
            target.write_bytes(packed[:middle] + b"\xff" * 40 + packed[middle + 40 :])
        case "changed":
            target.write_bytes(gzip.compress(text.replace(b'"tried"', b'"tired"', 1)))
        case "other":
            target.write_bytes(gzip.compress(b'{"a": 1}\n'))
        case "no rows":
            target.write_bytes(gzip.compress(text.splitlines()[0] + b'\n[]\n"end"\n'))
        case "schema":
            target.write_bytes(gzip.compress(_of_another_schema(text)))
        case "empty":
            target.write_bytes(b"")
    async with opened(f"sqlite://{tmp_path / 'c.db'}", clock) as store:
        with pytest.raises(BackupRefusedError) as refused:
            await restore(store, target, who="an")
        assert ("phiên bản dữ liệu" in refused.value.sentence) is (harm == "schema")
        assert not await store.fetch("SELECT id FROM event")


def _of_another_schema(text: bytes) -> bytes:
    """A whole backup, as a program with other tables writes it."""
    *lines, _end = text.replace(b'"schema":"', b'"schema":"9', 1).splitlines(keepends=True)
    rows = Counter(str(orjson.loads(line)[0]) for line in lines[1:])
    sha256 = hashlib.sha256(b"".join(lines)).hexdigest()
    return b"".join(lines) + orjson.dumps({"end": True, "rows": dict(rows), "sha256": sha256}) + b"\n"


async def test_a_folder_keeps_the_newest(tmp_path: Path, clock: Clock) -> None:
    async with opened(f"sqlite://{tmp_path / 'a.db'}", clock) as store:
        for _ in range(4):
            clock.advance(hours=1)
            last, _made = await back_up_into(store, tmp_path, keep=2)
    kept = sorted(name for name in os.listdir(tmp_path) if "backup" in name)
    assert len(kept) == 2, "and no part of one"
    assert kept[-1] == last.name
