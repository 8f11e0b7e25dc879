"""Runs named tests in a copy of the tree, with one rule broken or none, and says what the tests made of it.

    copy of hub, connectors, schemas, tests ─> one mutation ─> pytest in a process of its own ─> caught, or not

A failure counts only where a test of the product failed: not where the mutated program does not load, a statement of
SQL is no longer one, a fixture broke, or a test waited too long without that being expected. What was tested has been
imported from the copy, or nothing counts.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.mutants.mutant import HERE, Mutant, UnfitMutantError

COPIED = ("hub", "connectors", "schemas", "tests", "pyproject.toml", "settings.toml")
#: Seconds that a test may take, and a whole run.
PER_TEST, PER_RUN = 120, 300
#: Errors of a program that was put together wrongly, not of a rule that does not hold.
NOT_OF_A_RULE = (
    "SyntaxError", "IndentationError", "ImportError", "ModuleNotFoundError", "NameError", "UnboundLocalError",
    "OperationalError", "ProgrammingError", "PostgresSyntaxError", "UndefinedColumnError", "UndefinedTableError",
    "AmbiguousColumnError", "AmbiguousParameterError", "IndeterminateDatatypeError", "DatatypeMismatchError",
    "UndefinedFunctionError",
)  # fmt: skip
_NOT_OF_A_RULE = re.compile(rf"\b({'|'.join(NOT_OF_A_RULE)})\b")
_WAITED = "Timeout (>"  #: how pytest-timeout begins


class Verdict(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    NOT_CAUGHT = "NOT CAUGHT"
    BROKEN = "broken mutant"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A mutant with its verdict."""

    mutant: Mutant
    verdict: Verdict
    why: str  #: how the test failed; or what is wrong
    seconds: float = 0.0


@dataclass(slots=True)
class Run:
    """What one run of pytest told."""

    tests: list[dict[str, Any]] = field(default_factory=list)
    not_collected: list[str] = field(default_factory=list)
    imported: dict[str, str] = field(default_factory=dict)
    timed_out: bool = False
    output: str = ""

    def of(self, test: str) -> list[dict[str, Any]]:
        """The reports of one named test, of all its cases."""
        return [one for one in self.tests if one["test"] == test or one["test"].startswith(test + "[")]


class Bench:
    """A copy of a tree, and the runs in it."""

    def __init__(
        self, root: Path, folder: Path, environment: Mapping[str, str] | None = None, *, patience: float = 1.0,
        options: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Copy `root` into `folder`; `environment` and `options` are added to those of the runs.

        `patience` is how many times as long as usual everything may take.
        """
        self._patience, self._options = patience, options
        self._copy, self._outcomes = folder / "tree", folder / "outcomes.json"
        self._written = int(time.time())
        self._copy.mkdir(parents=True)
        for name in COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, self._copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy2(source, self._copy / name)
        self._environment = {
            **os.environ,
            **(environment or {}),
            "PYTHONPATH": os.pathsep.join([str(self._copy), str(HERE / "plugin")]),
            "HUB_OUTCOMES": str(self._outcomes),
        }
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the copy is imported again for each mutant

    def without_mutation(self, tests: Sequence[str]) -> dict[str, str]:
        """Why named tests cannot tell anything: by test, those that do not pass in the copy as it is."""
        if not tests:
            return {}
        run = self._run(tests)
        trouble = self._foreign(run)
        found: dict[str, str] = {}
        for test in tests:
            reports = run.of(test)
            if trouble or not reports:
                found[test] = trouble or "; ".join(run.not_collected)[-300:] or "it did not run"
            elif bad := [one for one in reports if one["outcome"] != "passed"]:
                found[test] = f"{bad[0]['outcome']} without the mutation: {_how(bad[0])}"
        return found

    def judge(self, mutant: Mutant) -> Result:
        """Break the rule, run the tests that must notice, mend it."""
        began = time.monotonic()
        path = self._copy / mutant.file
        whole = path.read_text("utf-8")
        try:
            self._write(path, mutant.applied(whole))
        except UnfitMutantError as error:
            return Result(mutant=mutant, verdict=Verdict.BROKEN, why=str(error))
        try:
            verdict, why = self._verdict(mutant, self._run(mutant.tests))
        finally:
            self._write(path, whole)
        return Result(mutant=mutant, verdict=verdict, why=why, seconds=time.monotonic() - began)

    def _verdict(self, mutant: Mutant, run: Run) -> tuple[Verdict, str]:
        if run.timed_out:
            return _late(mutant, "the run took too long")
        if run.not_collected:
            return Verdict.BROKEN, "not collected: " + _last_line(run.not_collected[0])
        if trouble := self._foreign(run):
            return Verdict.BROKEN, trouble
        said = ""
        for test in mutant.tests:
            verdict, why = _noticed(mutant, test, run.of(test))
            if verdict is not Verdict.CAUGHT:
                return verdict, why
            said = said or why
        return Verdict.CAUGHT, said

    def _foreign(self, run: Run) -> str:
        """Whether what was tested is something else than the copy."""
        if not run.imported:
            return "nothing of the product was imported: " + _last_line(run.output)
        outside = [file for file in run.imported.values() if not Path(file).is_relative_to(self._copy)]
        return f"imported from outside the copy: {', '.join(outside)}" if outside else ""

    def _run(self, tests: Sequence[str]) -> Run:
        self._outcomes.unlink(missing_ok=True)
        command = [
            sys.executable, "-m", "pytest", "-q", "-p", "outcomes", "-p", "no:playwright", "-p", "no:cacheprovider",
            "-p", "no:randomly", "-p", "no:xdist", f"--timeout={PER_TEST * self._patience:.0f}", "--hypothesis-seed=0",
            *self._options, *tests,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=self._copy, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        # The first run of all tests together has as long for each as one of them alone.
        patience = self._patience * PER_RUN * max(1, len(tests) / 10)
        try:
            output, _ = process.communicate(timeout=patience)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                return Run(timed_out=True)
            raise
        if not self._outcomes.exists():
            return Run(output=output, not_collected=[output])
        told = json.loads(self._outcomes.read_text())
        return Run(told["tests"], told["not_collected"], told["imported"], output=output)

    def _write(self, path: Path, text: str) -> None:
        """With a time of its own: compiled files are told by time and size, and two mutants may have both in common."""
        path.write_text(text, "utf-8")
        self._written += 1
        os.utime(path, (self._written, self._written))


def _noticed(mutant: Mutant, test: str, reports: Sequence[Mapping[str, Any]]) -> tuple[Verdict, str]:
    """Whether one test failed as a test does."""
    name = test.rpartition("::")[2]
    failed = [one for one in reports if one["outcome"] == "failed"]
    if not failed:
        passed = all(one["outcome"] == "passed" for one in reports) and bool(reports)
        return (Verdict.NOT_CAUGHT, f"{name} passes") if passed else (Verdict.BROKEN, f"{name} did not run")
    called = [one for one in failed if one["when"] == "call"]
    if not called:
        return Verdict.BROKEN, f"{name} failed in its {failed[0]['when']}: {_how(failed[0])}"
    for one in called:
        if wrong := set(one["errors"]).intersection(NOT_OF_A_RULE) or set(_NOT_OF_A_RULE.findall(one["said"])):
            return Verdict.BROKEN, f"{', '.join(sorted(wrong))} in {name}: {_how(one)}"
    in_time = [one for one in called if not _waited(one)]
    return (Verdict.CAUGHT, _how(in_time[0])) if in_time else _late(mutant, _how(called[0]))


def _waited(report: Mapping[str, Any]) -> bool:
    return str(report["message"]).startswith(_WAITED) or report["errors"][:1] == ["TimeoutError"]


def _late(mutant: Mutant, why: str) -> tuple[Verdict, str]:
    return Verdict.CAUGHT if mutant.hangs else Verdict.TIMED_OUT, why


def _how(report: Mapping[str, Any]) -> str:
    first = next((line.strip() for line in report["message"].splitlines() if line.strip()), "")
    return f"{report['errors'][0] if report['errors'] else ''}: {first}"[:160].removeprefix(": ")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")[:200]
