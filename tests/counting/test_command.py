"""`hub count` as people and scripts use it: child processes."""

import json
import subprocess
import sys
from pathlib import Path

from tests.counting.ledger import SETTINGS


def ask(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "settings.toml").write_text(SETTINGS, "utf-8")
    command = [sys.executable, "-c", "from hub.cli import main; main()", "--settings", str(folder / "settings.toml")]
    return subprocess.run([*command, "count", *arguments], capture_output=True, text=True, timeout=60)


def test_the_categories_are_listed_with_their_parts(tmp_path: Path) -> None:
    done = ask(tmp_path, "--categories", "--json")
    parts = {one["code"]: one["part_of"] for one in json.loads(done.stdout)}
    assert (done.returncode, parts["legal"], parts["documents"]) == (0, "documents", "")


def test_an_empty_hub_counts_nothing_and_no_time_that_ends_before_it_begins(tmp_path: Path) -> None:
    done = ask(tmp_path, "--again", "--since", "2026-01-01", "--until", "2026-06-30")
    assert done.returncode == 0, done.stderr
    assert "Văn bản quy phạm pháp luật" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["Cộng", "0", "0", "0"]
    assert "Đấu thầu, mua sắm công" in done.stdout, "signs of a name stay what they are"
    done = ask(tmp_path, "--json", "--since", "2026-07-01", "--until", "2026-06-30")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (1, "bad_period")
