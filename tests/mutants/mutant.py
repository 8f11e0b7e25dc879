"""Mutants as data: which rule of the product is broken, by which change of its text, and which tests must notice.

They stand in the files `*.toml` beside this one, a [[mutant]] each:

    name        one word with hyphens, by which it is run and told of
    breaks      the promise: I1 to I15 (invariants), T1 to T26 (threats), B (to the editorial board)
    rule        the rule that is broken, as a sentence
    file        where it stands
    old, new    the exact text, which stands there once, and what stands there instead
    tests       each of these fails then
    hangs       true when a test notices only by waiting too long
"""

import ast
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BREAKS = frozenset([*(f"I{n}" for n in range(1, 16)), *(f"T{n}" for n in range(1, 27)), "B"])


class UnfitMutantError(Exception):
    """The mutant says something that is not so: of its text, or of its tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One rule, broken."""

    name: str
    breaks: str
    rule: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    hangs: bool = False

    def applied(self, text: str) -> str:
        """`text` of the file with the rule broken. Raises UnfitMutantError."""
        if (times := text.count(self.old)) != 1:
            raise UnfitMutantError(f"{self.name}: its text stands {times} times in {self.file}, not once")
        changed = text.replace(self.old, self.new)
        if self.file.endswith(".py"):
            try:
                same = ast.dump(ast.parse(changed)) == ast.dump(ast.parse(text))
            except SyntaxError as error:
                raise UnfitMutantError(f"{self.name}: {self.file} is no Python any more: {error}") from None
        else:
            same = changed == text
        if same:
            raise UnfitMutantError(f"{self.name}: it changes nothing in {self.file}")
        return changed


def all_mutants(folder: Path = HERE) -> list[Mutant]:
    """Every mutant, in the order of the files and as they stand there. Raises UnfitMutantError."""
    return [_mutant(path, entry) for path in sorted(folder.glob("*.toml")) for entry in _entries(path)]


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["mutant"]
    yield from entries


def _mutant(path: Path, entry: dict[str, Any]) -> Mutant:
    try:
        return Mutant(**{**entry, "tests": tuple(entry["tests"])})
    except (TypeError, KeyError) as error:
        raise UnfitMutantError(f"{path.name}: {entry.get('name', 'a mutant without a name')}: {error}") from None


def faults(mutants: Sequence[Mutant], root: Path) -> list[str]:
    """What is wrong with these mutants in the tree at `root`, without running any."""
    found: list[str] = []
    names = [mutant.name for mutant in mutants]
    found += [f"{name}: two mutants have this name" for name in sorted({one for one in names if names.count(one) > 1})]
    for mutant in mutants:
        if mutant.breaks not in BREAKS:
            found.append(f"{mutant.name}: {mutant.breaks} is neither an invariant nor a row of the threats")
        try:
            mutant.applied((root / mutant.file).read_text("utf-8"))
        except (OSError, UnfitMutantError) as error:
            found.append(str(error))
        found += [f"{mutant.name}: there is no test {test}" for test in mutant.tests if not _exists(root, test)]
        if not mutant.tests:
            found.append(f"{mutant.name}: it names no test")
    return found


def _exists(root: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    return name.partition("[")[0] in _tests_of(root / file)


@cache
def _tests_of(file: Path) -> frozenset[str]:
    """The tests of a file: functions, and methods as `Class::method`."""
    if not file.is_file():
        return frozenset()
    found = set[str]()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))
