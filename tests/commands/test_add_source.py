"""Sources that people add while the hub works."""

from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.commands.add_source import NotWritableError, SourceRefusedError, add_source, is_ours, remove_source
from hub.commands.poll import poll
from hub.settings import load_settings
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store.deciding import DecisionRefusedError
from tests.clock import Clock
from tests.province import MEMBER, Province, events, row, rows, rss, story, turn


def entry(province: Province, **changes: Any) -> dict[str, Any]:
    url = province.site.serve("/moi.rss", rss(story(1), story(2)))
    return {"name": "moi", "member": MEMBER, "connector": "feed", "url": url, "review": "hold"} | changes


async def add(hub: Hub, province: Province, **changes: Any) -> Any:
    return await add_source(hub.engine, entry(province, **changes), who="an", why="trang mới")


async def test_an_added_source_is_read_without_a_restart(province: Province) -> None:
    async with province.open() as hub:
        added = await add(hub, province)
        assert added.file == "sources.d/moi.toml"
        live = hub.engine.store.database.dialect == "sqlite"
        assert added.in_force is live
        assert await turn(Harvest(hub.engine)) == live
        assert await turn(Normalise(hub.engine)) == live
        assert len(await rows(hub, "edition", state="held")) == 2 * live
        assert (await events(hub, who="an")) == ["source_added" if live else "source_written"]
    async with province.open() as hub:  # where processes share a database: from the next start on
        assert (await row(hub, "source", name="moi"))["state"] == "active"
        assert hub.settings.sources[-1].review == "hold"


async def test_what_does_not_hold_is_not_written(province: Province) -> None:
    async with province.open() as hub:
        folder = hub.settings.folder
        for changes, told in (
            ({"name": "../ra-ngoai"}, "name"), ({"name": "Tên có dấu"}, "name"), ({"member": "H99"}, "member"),
            ({"connector": "nothing"}, "connector"), ({"url": "javascript:alert(1)"}, "url"), ({"every": -1}, "every"),
        ):  # fmt: skip
            with pytest.raises(SourceRefusedError) as refused:
                await add(hub, province, **changes)
            assert told in refused.value.sentence
        assert not list(folder.glob("*-ngoai*"))
        assert not (folder / "sources.d").exists()
        assert not await rows(hub, "source")


async def test_two_people_do_not_write_the_same_entry(province: Province) -> None:
    async with province.open() as hub:
        await add(hub, province)
        with pytest.raises(SourceRefusedError, match="there already"):
            await add(hub, province, review="auto")
        assert "hold" in (hub.settings.folder / "sources.d" / "moi.toml").read_text("utf-8")


async def test_settings_that_became_faulty_are_told_and_nothing_is_added(province: Province) -> None:
    async with province.open() as hub:
        (hub.settings.folder / "settings.toml").write_text("[hub]\nnane = 1\n", "utf-8")
        with pytest.raises(SourceRefusedError) as refused:
            await add(hub, province)
        assert "settings.toml:2" in refused.value.sentence


async def test_a_folder_that_takes_no_file_is_told(province: Province) -> None:
    async with province.open() as hub:
        (hub.settings.folder / "sources.d").write_text("in the way", "utf-8")
        with pytest.raises(NotWritableError) as refused:
            await add(hub, province)
        assert "sources.d" in refused.value.sentence


async def test_only_what_was_added_here_is_removed_here(province: Province, tmp_path: Path) -> None:
    province.source("tin")
    async with province.open() as hub:
        await add(hub, province)
        with pytest.raises(DecisionRefusedError):
            await remove_source(hub.engine, "tin", who="an")
        await remove_source(hub.engine, "moi", who="an", why="nhầm")
        assert not is_ours(hub.engine.register.folder, "moi")
        assert "moi" not in {source.name for source in hub.engine.register.settings.sources}
        left = [each["name"] for each in await rows(hub, "source") if each["state"] != "removed"]
        assert left == ["tin"]
        await add(hub, province)  # and comes back
        assert load_settings(tmp_path / "settings.toml").sources[-1].name == "moi"


async def test_a_source_is_asked_at_once_unless_it_told_us_to_wait(province: Province, clock: Clock) -> None:
    province.source("tin", rss(story(1)))
    async with province.open() as hub:
        await turn(Harvest(hub.engine))
        assert await turn(Harvest(hub.engine)) == 0
        await poll(hub.engine, "tin", who="an")
        assert await turn(Harvest(hub.engine)) == 1
        async with hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE source SET rhythm_reason = 'Retry-After of the answer'")
        with pytest.raises(DecisionRefusedError, match="wait"):
            await poll(hub.engine, "tin", who="an")
        with pytest.raises(DecisionRefusedError, match="not active"):
            await poll(hub.engine, "không có", who="an")
