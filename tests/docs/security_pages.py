"""The tables of docs/security as rows, what is wrong with them, and how many rows have which standing.

python -m tests.docs.security_pages      prints the table that docs/security.md quotes
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.docs.asvs import REQUIREMENTS
from tests.docs.pages import DOCS, ROOT, text

#: Standings of a row: what a test or a file shows, and what needs a reason.
MET, NOT_OURS, OPEN, OUTSIDE = "met", "does not apply", "open", "outside"
STANDINGS: Final = (MET, NOT_OURS, OPEN, OUTSIDE)
#: Page of docs/security to the rows that it must have: all of them, each once.
WANTED: Final[Mapping[str, frozenset[str]]] = {
    "threats.md": frozenset(str(n) for n in range(1, 27)),
    "invariants.md": frozenset(f"I{n}" for n in range(1, 16)),
    "asvs.md": frozenset(number for number, level in REQUIREMENTS.items() if level < 3),
    "api-top-10.md": frozenset(f"API{n}" for n in range(1, 11)),
    "level-3.md": frozenset(),
}
#: Where a row may go beyond what must be there: requirements of level 3 that were chosen.
ALLOWED: Final = frozenset(REQUIREMENTS)
#: Fewest letters of a reason.
REASON: Final = 12
_TEST: Final = re.compile(r"`(tests/[\w./-]+\.py)::(\w+)`")
_FILE: Final = re.compile(r"`((?:hub|connectors|schemas|tests)/[\w./-]+|requirements\.lock)`")
_LINK: Final = re.compile(r"\[[^\]]+\]\([^)\s]+\)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a threat, an invariant, a requirement."""

    number: str
    standing: str
    shown_by: str

    def tests(self) -> list[tuple[str, str]]:
        """File and function of each test that it names."""
        return _TEST.findall(self.shown_by)

    def reason(self) -> str:
        """What it says beside tests and files."""
        return _FILE.sub("", _TEST.sub("", self.shown_by)).strip(" ;,.")


def rows_of(page: str) -> Iterator[Row]:
    """The rows of a page: of every table with the column "Standing", or of one whose rows are met by tests alone."""
    columns: list[str] = []
    for line in page.splitlines():
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = [cell.strip() for cell in line.strip("|").split("|")]
        elif not set(line) <= set("|- "):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if len(cells) != len(columns):
                yield Row(cells[0], "cells that do not fit their heads", line)
            elif "Shown by" in columns:
                told = dict(zip(columns, cells, strict=True))
                yield Row(cells[0], told.get("Standing", MET), told["Shown by"])


def faults_of(name: str, page: str) -> list[str]:
    """What is wrong with a page."""
    found, rows = [], list(rows_of(page))
    numbers = Counter(row.number for row in rows)
    wanted = WANTED[name]
    if wanted:
        found += [f"{name}: no row {number}" for number in sorted(wanted - set(numbers))]
        found += [f"{name}: nobody asks for {number}" for number in sorted(set(numbers) - wanted - ALLOWED)]
    found += [f"{name}: {number} stands twice" for number, count in numbers.items() if count > 1]
    for row in rows:
        found += [f"{name} {row.number}: {fault}" for fault in _faults(row, by_test=name in TESTED)]
    return found


#: Pages on which every row ends as a test.
TESTED: Final = frozenset({"threats.md", "invariants.md", "api-top-10.md"})


def _faults(row: Row, *, by_test: bool) -> Iterator[str]:
    if row.standing not in STANDINGS:
        yield f"no standing: {row.standing}"
    for file, function in row.tests():
        if function not in _functions(file):
            yield f"no test {file}::{function}"
    shown = row.tests() or (not by_test and (_FILE.search(row.shown_by) or _LINK.search(row.shown_by)))
    if row.standing == MET and not shown:
        yield "met by nothing that can be looked at"
    if row.standing != MET and len(row.reason()) < REASON:
        yield "no reason"


@cache
def _functions(file: str) -> frozenset[str]:
    """Tests of a file; none for a file that there is not."""
    path = ROOT / file
    tree = ast.parse(text(path)) if path.is_file() else ast.Module([], [])
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def page(name: str) -> Path:
    """A page of docs/security."""
    return DOCS / "security" / name


def counts() -> list[str]:
    """The table of how many rows have which standing, and how many different tests they name, in lines."""
    lines = [f"| Page | Rows | {' | '.join(STANDINGS)} | Tests named |", f"|{'---|' * (len(STANDINGS) + 3)}"]
    every: set[tuple[str, str]] = set()
    for name in WANTED:
        rows = list(rows_of(text(page(name))))
        standings, tests = Counter(row.standing for row in rows), {each for row in rows for each in row.tests()}
        every |= tests
        numbers = " | ".join(str(standings[each]) for each in STANDINGS)
        lines.append(f"| [{name}](security/{name}) | {len(rows)} | {numbers} | {len(tests)} |")
    return [*lines, "", f"Different tests named: {len(every)}."]


if __name__ == "__main__":
    print("\n".join(counts()))
