"""The units: systemd takes them, they are closed tightly, and what they start exists."""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from hub.app import ROLES
from hub.cli import make_app
from tests.deploy.unitfiles import DEPLOY, SERVICES, SYSTEMD, unit

#: `systemd-analyze security` gives 10 to a service without walls and calls up to 2 "OK"; these have 1.2.
MOST_EXPOSED = 1.5
WALLS = {
    "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "UMask": "0077",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces": "yes", "MemoryDenyWriteExecute": "yes",
    "ProtectProc": "invisible", "SystemCallArchitectures": "native", "User": "hub",
    "LoadCredential": "hub:/etc/hub/secrets", "BindReadOnlyPaths": "%d:/run/secrets",
}  # fmt: skip


def by_name(path: Path) -> str:
    return path.name


def analyze(program: Callable[[str], str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program("systemd-analyze"), *words], capture_output=True, text=True, timeout=30, cwd=SYSTEMD,
        env={"SYSTEMD_LOG_LEVEL": "warning", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )  # fmt: skip


def complaints(program: Callable[[str], str], name: str, folder: Path, mend: Callable[[str], str] = str) -> list[str]:
    """What systemd says of our units, all of which lie in `folder` then.

    The program is not installed here: /bin/true stands for it, so that everything else may be wrong and is told.
    """
    for each in SYSTEMD.glob("*.[st]*"):
        text = mend(each.read_text(encoding="utf-8")).replace("/opt/hub/current/bin/hub", "/bin/true")
        (folder / each.name).write_text(text, encoding="utf-8")
    done = analyze(program, "verify", "--man=no", str(folder / name.replace("@.", "@web.")))
    return [line for line in done.stderr.splitlines() if "hub" in line] + ["failed"] * bool(done.returncode)


@pytest.mark.parametrize("path", [*SERVICES, *SYSTEMD.glob("*.timer"), *SYSTEMD.glob("*.target")], ids=by_name)
def test_systemd_takes_the_unit(path: Path, program: Callable[[str], str], tmp_path: Path) -> None:
    assert complaints(program, path.name, tmp_path) == []


def test_a_mistyped_key_is_found(program: Callable[[str], str], tmp_path: Path) -> None:
    assert complaints(program, "hub.service", tmp_path, lambda text: text.replace("ProtectHome=", "ProtectHomes="))


def exposure(program: Callable[[str], str], path: Path) -> float:
    done = analyze(program, "security", "--offline=true", str(path))
    told = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert told, done.stdout + done.stderr
    return float(told[1])


@pytest.mark.parametrize("path", SERVICES, ids=by_name)
def test_a_service_is_closed_tightly(path: Path, program: Callable[[str], str]) -> None:
    assert exposure(program, path) <= MOST_EXPOSED


def test_a_service_that_lost_some_walls_is_found(program: Callable[[str], str], tmp_path: Path) -> None:
    text = (SYSTEMD / "hub.service").read_text(encoding="utf-8")
    open_one = tmp_path / "hub.service"
    open_one.write_text(re.sub(r"^(Capability|SystemCall|User=).*\n", "", text, flags=re.M), encoding="utf-8")
    assert exposure(program, open_one) > MOST_EXPOSED


@pytest.mark.parametrize("path", SERVICES, ids=by_name)
def test_all_services_have_the_same_walls(path: Path) -> None:
    service = unit(path)["Service"]
    assert {key: " ".join(service[key]) for key in WALLS} == WALLS
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert service["MemoryMax"]
    assert service["TasksMax"]


@pytest.mark.parametrize("path", [SYSTEMD / "hub.service", SYSTEMD / "hub@.service"], ids=by_name)
def test_what_works_for_ever_is_started_again_and_gives_signs_of_life(path: Path) -> None:
    found = unit(path)
    service = found["Service"]
    assert (service["Type"], service["Restart"], service["OOMPolicy"]) == (["notify"], ["always"], ["continue"])
    assert service["WatchdogSec"]
    assert found["Unit"]["StartLimitIntervalSec"] == ["0"]
    assert int(service["TimeoutStopSec"][0]) > 8 * 2, "what is in hand gets eight seconds"


def known_options(words: list[str]) -> tuple[Any, set[str]]:
    """The command that these words name, and its options; those of `hub` itself too."""
    app: Any = typer.main.get_command(make_app())
    everywhere = {option for parameter in app.params for option in parameter.opts}
    for word in words:
        if word in getattr(app, "commands", {}):
            app = app.commands[word]
    return app, everywhere | {option for parameter in app.params for option in parameter.opts}


def test_units_start_commands_that_exist_with_options_that_exist() -> None:
    started = [
        shlex.split(line)[1:]
        for path in SERVICES
        for line in unit(path)["Service"]["ExecStart"]
        if line.startswith("/opt/hub/current/bin/hub ")
    ]
    assert len(started) == len(SERVICES)
    for words in started:
        command, options = known_options(words)
        assert command.name in words, words
        assert {word for word in words if word.startswith("--")} <= options, words


def test_the_roles_that_a_unit_names_exist() -> None:
    text = (SYSTEMD / "hub@.service").read_text(encoding="utf-8")
    named = re.findall(r"hub@([a-z]+)", text.split("[Unit]")[0])
    assert sorted(named) == sorted(ROLES)


def test_folders_of_the_units_are_made_with_modes_that_keep_secrets() -> None:
    made = {
        fields[1]: fields[2:5]
        for line in (SYSTEMD / "hub.tmpfiles.conf").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#") and (fields := line.split())
    }
    assert made["/etc/hub/secrets"] == ["0700", "root", "root"]
    assert made["/var/backups/hub"][0] == "0700"
    written = {
        path.lstrip("-")
        for each in SERVICES
        for line in unit(each)["Service"]["ReadWritePaths"]
        for path in line.split()
    }
    assert written <= set(made)


@pytest.mark.parametrize("script", ["install.sh", "systemd/hub"])
def test_scripts_have_no_fault_of_syntax_and_stop_at_the_first_failure(script: str) -> None:
    path = DEPLOY / script
    assert subprocess.run(["sh", "-n", str(path)], capture_output=True, timeout=10).returncode == 0
    assert "set -eu" in path.read_text(encoding="utf-8")


def test_everything_that_the_installation_copies_is_there() -> None:
    text = (DEPLOY / "install.sh").read_text(encoding="utf-8")
    named = {word.strip('"') for word in re.findall(r"\bdeploy/[\w./*-]+", text.split("set -eu")[1])}
    assert len(named) >= 5
    for name in named:
        assert list(DEPLOY.parent.glob(name)), name
    assert "--require-hashes -r requirements.lock" in text
