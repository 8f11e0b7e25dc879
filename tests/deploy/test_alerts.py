"""The alerting rules ask for numbers, labels and states that exist."""

import re
import subprocess
from collections.abc import Callable

import yaml

from tests.deploy.unitfiles import DEPLOY
from tests.docs.pages import REFERENCE, rows

ALERTS = DEPLOY / "prometheus" / "alerts.yml"
#: Prometheus has this one of every target.
FOREIGN = {"up": {"job"}}


def known() -> dict[str, set[str]]:
    """Every number of metrics.md with its labels; tests/docs keep that page in step with the program."""
    return FOREIGN | {
        cells[0].strip("`"): set(re.findall(r"`(\w+)`", cells[1])) for cells in rows(REFERENCE / "metrics.md", "Names")
    }


def expressions() -> dict[str, str]:
    return {
        rule["alert"]: rule["expr"]
        for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    }


def unknown(expression: str) -> set[str]:
    """Numbers and labels in an expression that do not exist."""
    numbers = known()
    found = {name for name in re.findall(r"\b(hub_\w+|up)\b", expression) if name not in numbers}
    for name, labels in re.findall(r"\b(hub_\w+|up)\{([^}]*)\}", expression):
        found |= {f"{name}.{label}" for label in re.findall(r"(\w+)=", labels) if label not in numbers.get(name, ())}
    return found


def test_rules_ask_for_numbers_and_labels_that_exist() -> None:
    assert len(expressions()) >= 10
    assert {name: unknown(expression) for name, expression in expressions().items() if unknown(expression)} == {}


def test_a_rule_over_a_number_that_does_not_exist_is_found() -> None:
    assert unknown('hub_deliverys > 0 or hub_mails{status="parked"} > 0') == {"hub_deliverys", "hub_mails.status"}


def test_prometheus_takes_the_rules(program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("promtool"), "check", "rules", str(ALERTS)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_fire_when_they_should_and_not_before(program: Callable[[str], str]) -> None:
    tests = str(ALERTS.with_name("alerts.test.yml"))
    done = subprocess.run([program("promtool"), "test", "rules", tests], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
