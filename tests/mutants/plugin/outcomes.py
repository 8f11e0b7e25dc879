"""A plugin of pytest: writes what became of every test, and how it failed, for the process that started the run.

    python -m pytest -p outcomes      with HUB_OUTCOMES naming the file to be written

It imports nothing of ours, so that it can say where hub, connectors and schemas were imported from.
"""

import json
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("hub", "connectors", "schemas")


class Outcomes:
    """Collects the reports of one run."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests: list[dict[str, Any]] = []
        self._not_collected: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "call" or report.outcome != "passed":
            error = call.excinfo.value if call.excinfo and report.failed else None
            said = "\n".join(content for _, content in report.sections)
            self._tests.append(
                {
                    "test": item.nodeid,
                    "when": report.when,
                    "outcome": report.outcome,
                    "errors": [type(one).__name__ for one in chain(error)],
                    "message": str(error)[:300] if error else "",
                    "said": said[-20_000:] if error else "",
                }
            )
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._not_collected.append(str(report.longrepr)[-2_000:])

    def pytest_sessionfinish(self) -> None:
        imported = {name: sys.modules[name].__file__ for name in PACKAGES if name in sys.modules}
        told = {"tests": self._tests, "not_collected": self._not_collected, "imported": imported}
        self._file.write_text(json.dumps(told))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error with its causes and, of a group, its members."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Outcomes(Path(os.environ["HUB_OUTCOMES"])))
