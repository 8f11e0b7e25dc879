"""What sources without an address promise: nothing is dialled, and what lies there comes once, whatever is interrupted.

Each such source has a driver here: how something is put where it looks.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.base import Capture, Source, Unchanged
from connectors.http import Http
from connectors.registry import known
from tests.contract.subjects import CASES, NOW, Subject
from tests.contract.visits import Visitor

UNADDRESSED = [name for name in known().sources if not Subject.of(name).Config.addressed]


class Undialled:
    """Stands for the client: it tells the time, and any call for the network fails the test."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Driver:
    """How one source is led to something new."""

    config: Callable[[Path], Mapping[str, Any]]
    put: Callable[[Path, str], None] | None = None  #: None: nothing can lie there, others hand it to the hub


def drop_feed(folder: Path, name: str) -> None:
    """A feed with one item of this name."""
    item = f"<item><guid>{name}</guid><title>Tin {name}</title><link>https://xa.tinhmau.gov.vn/{name}</link></item>"
    text = f'<rss version="2.0"><channel><title>Tin xã</title>{item}</channel></rss>'
    (folder / f"{name}.xml").write_text(text, "utf-8")


DRIVERS = {
    "folder": Driver(lambda folder: {"path": str(folder), "reads": "feed", "settle": 0}, drop_feed),
    "inbox": Driver(lambda _: {"secret": "khoa-cua-xa-binh-minh"}),
}


@pytest.fixture(params=UNADDRESSED)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    assert chosen in DRIVERS, f"give {chosen} a driver in this suite"
    return chosen


@pytest.fixture
def driver(name: str) -> Driver:
    return DRIVERS[name]


@pytest.fixture
def visitor(name: str, driver: Driver, tmp_path: Path) -> Visitor:
    subject, config = Subject.of(name), driver.config(tmp_path)

    def make() -> Source:
        return subject.make("", config=config)

    return Visitor(make, cast(Http, Undialled()), "https://xa.tinhmau.gov.vn")


async def test_where_nothing_lies_nothing_has_changed(visitor: Visitor) -> None:
    assert isinstance(await visitor.make().fetch(visitor.http, {}), Unchanged)


async def test_what_is_put_there_comes_once_and_then_what_is_new(
    visitor: Visitor, driver: Driver, tmp_path: Path
) -> None:
    if driver.put is None:
        return
    for each in ("mot", "hai", "ba"):
        driver.put(tmp_path, each)
    await visitor.round()
    assert sorted(visitor.new) == ["ba", "hai", "mot"]
    await visitor.round()
    driver.put(tmp_path, "bon")
    await visitor.round()
    assert sorted(visitor.new) == ["ba", "bon", "hai", "mot"]
    assert not visitor.refused


async def test_a_poll_that_was_not_kept_is_the_same_the_next_time(
    visitor: Visitor, driver: Driver, tmp_path: Path
) -> None:
    if driver.put is None:
        return
    for each in ("mot", "hai"):
        driver.put(tmp_path, each)
    source = visitor.make()
    first, other = await source.fetch(visitor.http, {}), await visitor.make().fetch(visitor.http, {})
    assert isinstance(first, Capture)
    assert first == other, "nothing is kept but the cursor"
    assert await source.fetch(visitor.http, {}) == first
    assert json.loads(json.dumps(dict(first.cursor))) == first.cursor


def test_each_of_them_has_cases_like_every_other_source(name: str) -> None:
    assert any((CASES / name).glob("*.expected.json"))
