"""After a restore nothing goes out before it was compared, and what went out before is not sent twice."""

import shutil
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from hub import control
from hub.app import Hub
from hub.broker import connect
from hub.store import restored
from hub.store.archive import back_up, restore
from hub.store.database import Database
from hub.store.deciding import DecisionRefusedError
from hub.store.unit import Store
from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.province import Province, rss, story
from tests.stages.comparing import compare


async def shown(hub: Hub) -> list[str]:
    rows = await hub.engine.store.fetch("SELECT state FROM delivery ORDER BY id")
    return [row["state"] for row in rows]


async def put_back(province: Province, source: Path, clock: Clock, folder: Path) -> None:
    """Restore a backup into a database that is new; the settings point there from now on."""
    url = f"sqlite://{folder / 'restored.db'}"
    province._top["database"] = {"url": url}
    async with await Database.open(url) as database:
        await restore(Store(database, connect(""), clock), source, who="ky-thuat")


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "unfenced"])
async def test_what_went_out_after_the_backup_is_not_sent_again(
    province: Province, portal: Portal, clock: Clock, tmp_path: Path, fenced: bool
) -> None:
    portal.fenced = fenced
    path = province.source("tin", rss(story(1)))
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
        await back_up(hub.engine.store, tmp_path / "b.gz")
        province.site.serve(path, rss(story(1), story(2)))
        clock.advance(hours=1)
        await hub.once()
        assert len(portal.shown()) == 2
    await put_back(province, tmp_path / "b.gz", clock, tmp_path)
    effects = len(portal.effects)
    async with province.open() as hub:
        clock.advance(hours=1)
        await hub.once(everything=True)  # the lost item is fetched again, under its old identity
        assert await shown(hub) == ["done", "ready"]
        assert len(portal.effects) == effects, "nothing is sent before it was compared"
        with pytest.raises(DecisionRefusedError):
            await control.execute(hub.engine, "resume", {"endpoint": "destination", "name": "portal", "who": "an"})
        await compare(hub)
        assert not await restored.waits(hub.engine.store, "portal")
        await hub.once()
        assert await shown(hub) == ["done", "done"]
        assert len(portal.shown()) == 2
        assert portal.doubled() == []
        again = await hub.engine.store.fetch("SELECT revision, update_type FROM edition ORDER BY revision DESC LIMIT 1")
        assert again[0]["revision"] > 1_000, "no number is given a second time"
        assert again[0]["update_type"] == "minor", "nobody is alerted a second time"
        province.site.serve(
            path, rss(story(1), story(2), story(3, published=format_datetime(clock.now() + timedelta(hours=1))))
        )
        clock.advance(hours=2)
        await hub.once(everything=True)
        newest = await hub.engine.store.fetch("SELECT update_type FROM edition ORDER BY seen_at DESC LIMIT 1")
        assert newest[0]["update_type"] == "major", "news is news"


async def test_a_database_that_is_older_than_its_witness_sends_nothing(
    province: Province, portal: Portal, clock: Clock, tmp_path: Path
) -> None:
    if not province.settings().database_url.startswith("sqlite"):
        return  # files of a server are not copied by hand; its witness is compared in the next test
    database = Path(province.settings().database_url.removeprefix("sqlite://"))
    path = province.source("tin", rss(story(1)))
    province.route(province.destination())
    async with province.open() as hub:
        await hub.once()
    shutil.copy(database, tmp_path / "copy.db")
    async with province.open() as hub:
        province.site.serve(path, rss(story(1), story(2)))
        clock.advance(hours=1)
        await hub.once()
        assert hub.engine.witness
        await hub.engine.witness.write(hub.engine.store)
    async with province.open() as hub:
        assert not await restored.any_waits(hub.engine.store), "the same database again is believed"
    shutil.copy(tmp_path / "copy.db", database)
    async with province.open() as hub:
        assert await restored.waits(hub.engine.store, "portal")
        [event] = await hub.engine.store.fetch("SELECT who FROM event WHERE what = 'restored'")
        assert event["who"] == "hub"


async def test_another_database_under_the_same_witness_sends_nothing(province: Province, clock: Clock) -> None:
    province.source("tin", rss(story(1)))
    province.route(province.destination())
    async with province.open() as hub:
        assert not await restored.any_waits(hub.engine.store), "a new hub begins without ado"
        await hub.once()
    async with province.open() as hub, hub.engine.store.unit() as unit:
        await unit.tx.execute("UPDATE fact SET value = 'another' WHERE key = 'epoch'")
    async with province.open() as hub:
        assert await restored.waits(hub.engine.store, "portal")
    async with province.open() as hub:
        assert await restored.waits(hub.engine.store, "portal"), "until somebody has compared"
