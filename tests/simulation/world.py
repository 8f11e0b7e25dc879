"""Puts a history together: settings, sites, places, the files of a hub, and the loop in which all of it happens."""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog

from hub.app import open_hub
from hub.settings import Settings, load_settings
from tests.clock import START
from tests.fakes.portal import Portal
from tests.fakes.wordpress import WordPressSite
from tests.province import TOKEN
from tests.simulation.history import STEPS, History, Opened, Steps, Told
from tests.simulation.loop import SimulatedLoop
from tests.simulation.places import PASSWORD, Place
from tests.simulation.process import FILES, LoopClock, Parts, Process
from tests.simulation.rows import SqliteRows
from tests.simulation.sites import CANARY, Site
from tests.simulation.steps import HAPPENS
from tests.simulation.wire import Network, SimulatedExchange

MEMBER: Final = "H52.12"
PARTS: Final = Parts()


@dataclass(frozen=True, slots=True)
class Ground:
    """Where histories take place, one after the other."""

    folder: Path
    template: Path
    settings: Settings


def prepare(folder: Path, template: Path | None = None) -> Ground:
    """Settings, and the files of a hub after its first start: migrating anew would take longer than a history."""
    if template is not None:
        return Ground(folder, template, _settings(folder, *_world(SimulatedLoop(Random(0)), Random(0))))
    silence()
    template = folder / "template"
    template.mkdir(parents=True)
    loop = SimulatedLoop(Random(0))
    settings = _settings(folder, *_world(loop, Random(0)))
    try:
        loop.run_until_complete(_first_start(settings, loop))
    finally:
        loop.finish()
    for name in FILES:
        if (folder / name).exists():
            shutil.copyfile(folder / name, template / name)
    return Ground(folder, template, settings)


async def _first_start(settings: Settings, loop: SimulatedLoop) -> None:
    exchange = SimulatedExchange(Network(loop, Random(0)))
    async with open_hub(settings, clock=LoopClock(loop), exchange=exchange):
        pass


def play(
    ground: Ground, seed: int, *, parts: Parts = PARTS, steps: int = STEPS, happens: Steps = HAPPENS
) -> Told:  # fmt: skip
    """The history of a seed."""
    silence()
    for name in FILES:
        (ground.folder / name).unlink(missing_ok=True)
        if (ground.template / name).exists():
            shutil.copyfile(ground.template / name, ground.folder / name)
    rng = Random(f"world {seed}")
    loop = SimulatedLoop(Random(f"loop {seed}"))
    try:
        return loop.run_until_complete(_history(ground, seed, loop, rng, parts, steps, happens))
    finally:
        loop.finish()


async def _history(
    ground: Ground, seed: int, loop: SimulatedLoop, rng: Random, parts: Parts, steps: int, happens: Steps
) -> Told:  # fmt: skip
    sites, places = _world(loop, rng)
    network, clock = Network(loop, rng), LoopClock(loop)
    network.hosts |= {one.host: one for one in (*sites, *places)}
    rows = SqliteRows(ground.folder / "hub.db")

    def process(opened: Opened) -> Process:
        return Process(ground.settings, network, clock, rng, parts, opened)

    history = History(
        seed,
        loop=loop,
        sites=sites,
        places=places,
        rows=rows,
        process=process,
        exclusive=True,
        happens=happens,
        network=network,
    )
    try:
        told = await history.live(steps)
    finally:
        await rows.close()
    _look_at_files(ground.folder, told)
    return told


def _look_at_files(folder: Path, told: Told) -> None:
    """Nothing marked is left on disk."""
    if told.broken:
        return
    for name in ("hub.db", "hub.db-wal"):
        if (folder / name).exists() and CANARY.encode() in (folder / name).read_bytes():
            told.broken["I4"] += 1
            told.examples.append(f"I4: a marked text is left in {name}")


def _world(loop: SimulatedLoop, rng: Random) -> tuple[list[Site], list[Place]]:
    """Three sites and three places: with validators and without, with versions and without, keyed and not."""

    def site(name: str, kind: str, first: int, **keys: bool) -> Site:
        return Site(name=name, kind=kind, first=first, now=loop.time, moment=_moment, rng=rng, **keys)

    def place(name: str, fake: Any, *, repeatable: bool = False) -> Place:
        return Place(name, fake, repeatable, loop.time, rng, canary=CANARY.encode())

    return (
        [
            site("tin", "rss", 1, validators=True, dated=True, held=False),
            site("thongbao", "atom", 1001, validators=True, dated=False, held=False),
            site("vanban", "rss", 2001, validators=False, dated=False, held=True),
        ],
        [
            place("moi", Portal(token=TOKEN), repeatable=True),
            place("cu", Portal(token=TOKEN, fenced=False)),
            place("wp", WordPressSite(PASSWORD)),
        ],
    )


def _settings(folder: Path, sites: list[Site], places: list[Place]) -> Settings:
    """settings.toml of this world, loaded as the hub loads it."""
    tables: list[tuple[str, Mapping[str, Any]]] = [
        ("[hub]", {"name": "Tỉnh Mô Phỏng", "testing": True, "data_dir": "."}),
        ("[database]", {"url": f"sqlite://{folder / 'hub.db'}"}),
        ("[fetch]", {"timeout": 5}),
        ("[[member]]", {"code": MEMBER, "name": "Sở Y tế", "kind": "department"}),
        *(("[[source]]", {"name": one.name, "member": MEMBER, "url": one.url, "connector": "feed", "every": "60s",
                          "review": "hold" if one.held else "auto"}) for one in sites),
        *(("[[destination]]", one.settings()) for one in places),
        ("[[route]]", {"to": [one.name for one in places]}),
    ]  # fmt: skip
    lines = [
        line
        for header, keys in tables
        for line in (header, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()))
    ]
    path = folder / "settings.toml"
    path.write_text("\n".join(lines) + "\n")
    return load_settings(path)


def _moment(at: float) -> datetime:
    return START + timedelta(seconds=at)


def silence() -> None:
    """What the hub logs about deaths and outages is expected, and dear."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
