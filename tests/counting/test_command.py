"""`hub count` as people and scripts use it."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from hub.cli import hoisted, make_app
from tests.counting.ledger import SETTINGS


def ask(folder: Path, *arguments: str) -> Result:
    (folder / "settings.toml").write_text(SETTINGS, "utf-8")
    command = hoisted(["count", *arguments, "--settings", str(folder / "settings.toml")])
    return CliRunner().invoke(make_app(), command)


def test_the_categories_are_listed_with_their_parts(tmp_path: Path) -> None:
    done = ask(tmp_path, "--categories", "--json")
    parts = {one["code"]: one["part_of"] for one in json.loads(done.stdout)}
    assert (done.exit_code, parts["legal"], parts["documents"]) == (0, "documents", "")


def test_an_empty_hub_counts_nothing_and_no_time_that_ends_before_it_begins(tmp_path: Path) -> None:
    done = ask(tmp_path, "--again", "--since", "2026-01-01", "--until", "2026-06-30")
    assert done.exit_code == 0, done.output
    assert "Văn bản quy phạm pháp luật" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["Cộng", "0", "0", "0"]
    assert "Đấu thầu, mua sắm công" in done.stdout, "signs of a name stay what they are"
    done = ask(tmp_path, "--json", "--since", "2026-07-01", "--until", "2026-06-30")
    assert (done.exit_code, json.loads(done.stdout)["error"]) == (1, "bad_period")
