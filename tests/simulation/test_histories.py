"""Some of the histories of `make simulate`, and that the model would have seen a fault (docs/proof/simulation.md)."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.world import Ground, play, prepare

SEEDS = range(1, 11)
#: Planted faults that are found within a few histories; `python -m tests.simulation --planted` tries all.
QUICK = ("blind retry", "credulous")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where histories take place: in memory, where the system has such a file system."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="hub-simulation-", dir=memory if memory.is_dir() else None) as folder:
        yield prepare(Path(folder))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken_in_a_history(ground: Ground, seed: int) -> None:
    told = play(ground, seed)
    assert not told.broken, f"python -m tests.simulation --replay {seed}: {told.examples}"
    assert told.counts["instants"] > 100, "something happened"


def test_one_seed_is_one_history(ground: Ground) -> None:
    first, again, other = play(ground, 7), play(ground, 7), play(ground, 8)
    assert first.lines == again.lines
    assert first.digest == again.digest != other.digest
    assert first.deaths.total() + other.deaths.total() > 0, "processes died in them"


@pytest.mark.parametrize("name", QUICK)
def test_the_model_sees_a_planted_fault(ground: Ground, name: str) -> None:
    fault = PLANTED[name]
    seen = [play(ground, seed, parts=fault.parts()).broken.keys() for seed in range(1, 4)]
    assert any(broken & fault.breaks for broken in seen)
