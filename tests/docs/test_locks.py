"""The locks: pinned, hashed, of one mind, in step with pyproject.toml, and without the address of any index."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "constraints.txt")
HASHED = ("requirements.lock", "requirements-dev.lock")


def entries(lock: str) -> list[str]:
    """Each entry of a lock with its hashes, on one line."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def pins(lock: str) -> list[Requirement]:
    """Each entry as a requirement."""
    return [Requirement(entry.partition("--hash")[0].strip()) for entry in entries(lock)]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_option(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?://|file://|@ |^\s*(-e|-i|-f|--(?!hash=))", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_to_one_version(lock: str) -> None:
    loose = [str(pin) for pin in pins(lock) if [each.operator for each in pin.specifier] != ["=="]]
    assert loose == []


@pytest.mark.parametrize("lock", HASHED)
def test_every_entry_has_hashes_of_a_wheel_and_a_source_archive_or_of_several_platforms(lock: str) -> None:
    few = [entry.split()[0] for entry in entries(lock) if len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry)) < 1]
    assert few == []
    several = [entry for entry in entries(lock) if entry.count("--hash=") > 1]
    assert len(several) > len(entries(lock)) * 0.9, "made from a local build? run `make locks` again"


def test_the_locks_are_of_one_mind() -> None:
    versions: dict[tuple[str, str], set[str]] = {}
    for pin in chain.from_iterable(pins(lock) for lock in LOCKS):
        versions.setdefault((canonicalize_name(pin.name), str(pin.marker or "")), set()).add(str(pin.specifier))
    # soupsieve and the like are pinned per Python version, under different markers.
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    assert sorted(map(str, pins("constraints.txt"))) == sorted(map(str, pins("requirements.lock")))


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": project["project"]["dependencies"] + project["build-system"]["requires"] + groups["build"],
        "requirements-dev.lock": groups["test"] + groups["lint"],
    }
    for lock, requirements in wanted.items():
        pinned: dict[str, list[Requirement]] = {}
        for pin in pins(lock):
            pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
        for requirement in map(Requirement, requirements):
            found = pinned.get(canonicalize_name(requirement.name), [])
            assert found, f"{requirement.name} is not in {lock}: run `make locks`"
            for pin in found:
                version = str(pin.specifier).removeprefix("==")
                assert requirement.specifier.contains(version, prereleases=True), f"{lock}: {pin} against {requirement}"
