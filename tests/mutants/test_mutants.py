"""The mutants fit the product as it is now, and the runner tells a rule that is missed from one that is not.

None of the product's mutants is run here: `make mutants` does that.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.__main__ import ROOT, line, run, summary
from tests.mutants.bench import Bench, Result, Verdict
from tests.mutants.mutant import Mutant, UnfitMutantError, all_mutants, faults

#: One fixture starts pytest a dozen times: ten seconds of processor time, and much longer on a busy machine.
pytestmark = pytest.mark.timeout(600)

RULE = '''"""A rule of a product that has no other."""


def may_pass(age: int) -> bool:
    return age >= 18
'''
TESTS = '''"""Tests of the rule."""

import pytest

import connectors
import schemas
from hub.rule import may_pass


@pytest.mark.parametrize("age", [18, 19])
def test_who_is_old_enough_passes(age: int) -> None:
    assert may_pass(age)


def test_who_is_too_young_does_not_pass() -> None:
    assert not may_pass(17)


def test_it_does_not_end() -> None:
    pytest.fail("Timeout (>1.0s) from pytest-timeout.") if may_pass(17) else None


def test_it_fails_without_any_mutation() -> None:
    assert may_pass(1)
'''
YOUNG = "tests/test_rule.py::test_who_is_too_young_does_not_pass"


#: The runs of a product that has one rule need no other plugins: each starts in a third of the time.
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_timeout,_hypothesis_pytestplugin"}


def mutant(name: str, new: str, *tests: str, hangs: bool = False) -> Mutant:
    return Mutant(
        name=name, breaks="I1", rule="only adults pass", file="hub/rule.py", old="age >= 18", new=new,
        tests=tests or (YOUNG,), hangs=hangs,
    )  # fmt: skip


def test_every_mutant_fits_the_product_and_names_tests_that_exist() -> None:
    assert faults(all_mutants(), ROOT) == []


def test_every_invariant_is_broken_by_some_mutant() -> None:
    broken = {mutant.breaks for mutant in all_mutants()}
    assert {f"I{number}" for number in range(1, 16)} <= broken
    assert len(all_mutants()) >= 40


def test_what_does_not_fit_is_told() -> None:
    root = ROOT / "tests" / "mutants"
    fits = replace(
        mutant("a", "HERE.parent"), file="mutant.py", old="HERE = Path(__file__).parent", tests=("b.py::c",)
    )  # fmt: skip
    assert faults([fits], root) == ["a: there is no test b.py::c"]
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"old": "no such text"}, "stands 0 times"),
        ({"old": "def "}, "times in mutant.py"),
        ({"new": "def ("}, "no Python"),
        ({"new": fits.old}, "changes nothing"),
        ({"file": "missing.py"}, "No such file"),
        ({"breaks": "I16"}, "neither an invariant nor"),
        ({"tests": ()}, "names no test"),
    )
    for change, says in changes:
        assert says in "\n".join(faults([replace(fits, **change)], root)), change
    assert faults([fits, fits], root)[0] == "a: two mutants have this name"


def test_an_entry_that_lacks_something_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[mutant]]\nname = "halb"\ntests = []\n')
    with pytest.raises(UnfitMutantError, match="halb"):
        all_mutants(tmp_path)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What the runner says of mutants of a product that has one rule."""
    folder = tmp_path_factory.mktemp("mutants")
    bench = Bench(product(folder / "product"), folder / "bench", LEAN)
    return {result.mutant.name: result for result in run(list(small()), [bench])}


def product(root: Path) -> Path:
    """A product with one rule and its tests."""
    for name, text in {
        "hub/__init__.py": "", "hub/rule.py": RULE, "connectors/__init__.py": "", "schemas/__init__.py": "",
        "tests/test_rule.py": TESTS, "pyproject.toml": "[tool.pytest.ini_options]\n",
    }.items():  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def small() -> Iterator[Mutant]:
    old = "tests/test_rule.py::test_who_is_old_enough_passes"
    yield mutant("caught", "age >= 0")
    yield mutant("caught-by-one-case", "age >= 19", old)
    yield mutant("survives", "age > 17")
    yield mutant("missed-by-one-of-two", "age >= 0", YOUNG, old)
    yield mutant("no-such-name", "years >= 18")
    yield mutant("does-not-load", "age >= 18\n\n\nraise ImportError")
    yield mutant("waits", "age >= 0", "tests/test_rule.py::test_it_does_not_end")
    yield mutant("waits-as-declared", "age >= 0", "tests/test_rule.py::test_it_does_not_end", hangs=True)
    yield mutant("fails-anyway", "age >= 0", "tests/test_rule.py::test_it_fails_without_any_mutation")
    yield Mutant(
        name="does-not-apply", breaks="I1", rule="-", file="hub/rule.py", old="age > 18", new="-", tests=(YOUNG,)
    )


@pytest.mark.parametrize(
    ("name", "verdict", "says"),
    [
        ("caught", Verdict.CAUGHT, "AssertionError"),
        ("caught-by-one-case", Verdict.CAUGHT, "AssertionError"),
        ("survives", Verdict.NOT_CAUGHT, "test_who_is_too_young_does_not_pass passes"),
        ("missed-by-one-of-two", Verdict.NOT_CAUGHT, "test_who_is_old_enough_passes passes"),
        ("no-such-name", Verdict.BROKEN, "NameError"),
        ("does-not-load", Verdict.BROKEN, "ImportError"),
        ("waits", Verdict.TIMED_OUT, "Timeout"),
        ("waits-as-declared", Verdict.CAUGHT, "Timeout"),
        ("fails-anyway", Verdict.BROKEN, "without the mutation"),
        ("does-not-apply", Verdict.BROKEN, "stands 0 times"),
    ],
)
def test_the_runner_says_what_became_of_a_mutant(
    verdicts: dict[str, Result], name: str, verdict: Verdict, says: str
) -> None:
    assert (verdicts[name].verdict, says in verdicts[name].why) == (verdict, True), verdicts[name]


def test_the_table_has_a_row_for_each_and_the_last_line_counts_them(verdicts: dict[str, Result]) -> None:
    assert line(verdicts["survives"]).count("|") == 7
    assert "NOT CAUGHT" in line(verdicts["survives"])
    told = summary(list(verdicts.values()))
    assert told == "10 mutants of 1 promises and threats: 3 caught, 2 NOT CAUGHT, 4 broken mutant, 1 timed out"


def test_a_tree_that_is_not_the_copy_proves_nothing(tmp_path: Path) -> None:
    """Where the tests import the product from elsewhere, a mutation of the copy changes nothing that they see."""
    root = product(tmp_path / "product")
    (root / "tests" / "conftest.py").write_text(f"import sys\nsys.path.insert(0, {str(root)!r})\n")
    [result] = run([mutant("elsewhere", "age >= 0")], [Bench(root, tmp_path / "bench", LEAN)])
    assert result.verdict is Verdict.BROKEN
    assert "outside the copy" in result.why
