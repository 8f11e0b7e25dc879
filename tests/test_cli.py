"""The command line: where global options stand, how faults come out, and that help is quick."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli import hoisted, main

GOOD = '[hub]\nname = "Tỉnh Mẫu"\n'
BAD = "[web]\nport = 70000\n[fetch]\nper_host = 0\n"


def run(*arguments: str | Path) -> int:
    """Run `hub` in this process; its exit code."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        (["check", "--json"], ["--json", "check"]),
        (["check", "--settings", "a.toml"], ["--settings", "a.toml", "check"]),
        (["check", "--settings=a.toml", "x"], ["--settings=a.toml", "check", "x"]),
        (["--json", "check"], ["--json", "check"]),
        (["preview", "--", "--json"], ["preview", "--", "--json"]),
        (["check", "--settings"], ["--settings", "check"]),
    ],
)
def test_global_options_may_stand_anywhere(written: list[str], understood: list[str]) -> None:
    assert hoisted(written) == understood


def test_check_ends_with_zero_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text(GOOD)
    assert run("check", "--settings", tmp_path / "settings.toml") == 0
    assert "0 đơn vị (members), 0 nguồn tin (sources)" in capsys.readouterr().out


def test_check_prints_every_fault_on_a_line_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text(BAD)
    assert run("check", "--settings", tmp_path / "settings.toml") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" = ")[0] for line in lines[:2]] == [
        "settings.toml:2: web.port", "settings.toml:4: fetch.per_host",
    ]  # fmt: skip
    assert "2 lỗi" in lines[2]


def test_faults_are_also_given_to_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.toml").write_text(BAD)
    monkeypatch.setenv("HUB_SETTINGS", str(tmp_path / "other.toml"))
    assert run("check", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert [fault["key"] for fault in document["faults"]] == ["web.port", "fetch.per_host"]


def test_an_unknown_command_is_misuse() -> None:
    assert run("chek") == 2


def test_version_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("version", "--json") == 0
    assert json.loads(capsys.readouterr().out)["hub"]


def test_help_imports_nothing_heavy() -> None:
    """Every command would pay for it: the settings alone take half a second to import."""
    code = (
        "import sys; from hub.cli import make_app; make_app()\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} | {n for n in sys.modules if n[:4] == 'hub.'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "hub.cli.settings" in loaded
    assert loaded.isdisjoint({"pydantic", "aiohttp", "tortoise", "lxml", "dateparser", "aio_pika", "hub.settings"})


@pytest.mark.parametrize(
    ("imports", "unwanted"),
    [
        ("import hub.app", {"hub.control", "hub.schedule", "hub.web", "jinja2", "asyncpg", "aio_pika"}),
        ("import hub.control, hub.schedule", set()),
        (
            "import pkgutil, importlib, hub.web\n"
            "for found in pkgutil.walk_packages(hub.web.__path__, 'hub.web.'): importlib.import_module(found.name)",
            set(),
        ),
    ],
    ids=["polling", "at work", "pages"],
)
def test_a_hub_imports_only_what_it_turns_out_to_need(imports: str, unwanted: set[str]) -> None:
    """`hub once` pays for it each time, and a hub that idles holds it for ever."""
    code = f"import sys\n{imports}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "hub.engine" in loaded
    assert not loaded & (unwanted | {"tortoise", "docx", "xlsxwriter", "joserfc", "segno", "PIL", "cryptography"})
