"""The file that tells a database that was put back, where several roles of one machine keep it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.schedule import Schedule
from hub.store.witness import Witness
from tests.province import Province, events, rss


def test_roles_that_write_at_the_same_moment_leave_a_whole_file_and_nothing_else(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "var" / "witness.json")
    texts = [json.dumps({"epoch": "e", "event": number}).encode() for number in range(400)]
    with ThreadPoolExecutor(8) as roles:
        list(roles.map(witness.keep, texts))
    assert witness.path.read_bytes() in texts
    assert list(witness.path.parent.iterdir()) == [witness.path]


def test_a_file_that_cannot_be_replaced_leaves_no_part(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "witness.json")
    (witness.path / "in-the-way").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        witness.keep(b"{}")
    assert list(tmp_path.iterdir()) == [witness.path]


async def test_a_witness_that_cannot_be_written_ends_no_schedule(province: Province) -> None:
    """A disk without room, or a process without descriptors, ended the whole hub within a minute."""
    province.source("tin", rss())
    async with province.open() as hub:
        assert hub.engine.witness
        hub.engine.witness.path.unlink()
        (hub.engine.witness.path / "in-the-way").mkdir(parents=True)
        await hub.once()
        async with hub.engine.store.unit() as unit:
            unit.tell("looked", why={})
        await Schedule(hub.engine)._look(None)
        [unsealed] = await hub.engine.store.fetch("SELECT count(*) AS n FROM event WHERE sequence IS NULL")
        assert unsealed["n"] == 0
        assert "looked" in await events(hub)
