#!/usr/bin/env python3
"""The drill of a restore: a backup of now, put back into an empty place without network, beside the hub at work.

    hub-drill                 on a machine that deploy/install.sh set up, as root
    hub-drill FILE            the same with a backup that is there already

It shows that the backup is whole, that the copy holds what the hub holds, and that the copy sends nothing before it was
compared, not even what a person decides in it. The copy runs in a network namespace of its own: should it try to send
after all, nobody is reached, and the try is found. Ends with 1 at the first step that does not hold. Only the standard
library, and any PostgreSQL stays untouched: a backup goes back into a SQLite file as well.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HUB = "/opt/hub/current/bin/hub"
#: A network namespace of its own, without being root.
CUT_OFF = ("unshare", "--user", "--map-current-user", "--net")


class DrillError(Exception):
    """A step that does not hold; says what was seen."""


class Commands:
    """`hub`, of the hub at work and of its copy."""

    def __init__(self, hub: str, folder: Path) -> None:
        self._hub = hub
        self._copy = {
            "HUB_DATABASE__URL": f"sqlite://{folder / 'hub.db'}", "HUB_HUB__DATA_DIR": str(folder),
            "HUB_BROKER__URL": "",
        }  # fmt: skip

    def here(self, *words: str) -> str:
        """Ask the hub at work."""
        return self._run([self._hub, *words], {})

    def copy(self, *words: str) -> str:
        """Ask the copy, from which no way leads out."""
        return self._run([*CUT_OFF, self._hub, *words], self._copy)

    def _run(self, command: list[str], further: Mapping[str, str]) -> str:
        done = subprocess.run(command, env={**os.environ, **further}, capture_output=True, text=True, timeout=7200)
        if done.returncode:
            raise DrillError(f"`{' '.join(command)}`: {done.stdout}{done.stderr}".strip())
        return done.stdout


def drill(commands: Commands, backup: Path, say: Callable[[str], None]) -> None:
    """All steps, in order. Raises DrillError at the first that does not hold."""
    if not backup.exists():
        commands.here("backup", str(backup))
    say(f"1. Sao lưu: {backup.name}, {backup.stat().st_size / 1024**2:.1f} MB")

    commands.here("restore", "--check", str(backup))
    say("2. Tệp sao lưu còn nguyên vẹn")

    made = json.loads(commands.copy("restore", "--json", str(backup)))
    say(f"3. Khôi phục vào cơ sở dữ liệu trống: {sum(made['rows'].values())} dòng, lúc {made['at']}")

    here, copy = status(commands.here), status(commands.copy)
    if copy["items"] != made["rows"]["item"] or copy["items"] > here["items"]:
        raise DrillError(
            f"the backup names {made['rows']['item']} items, the copy has {copy['items']}, we {here['items']}"
        )
    say(f"4. Bản khôi phục có {copy['items']} tin, bài; hệ thống đang chạy có {here['items']}")

    waiting = {
        each["name"] for each in copy["troubles"] if each["what"] == "destination" and each["code"] == "restored"
    }
    # Places that nothing was ever meant for have nothing to compare; where something was, each has to wait.
    if missing := {name for name, count in copy["deliveries"].items() if count} - waiting:
        raise DrillError(f"after the restore these destinations do not wait: {', '.join(sorted(missing))}")
    say(f"5. Chờ đối soát: {', '.join(sorted(waiting)) or 'không có nơi nhận nào'}")

    sent_nothing(commands, say)


def sent_nothing(commands: Commands, say: Callable[[str], None]) -> None:
    """Give the copy something to send, let it work, and look whether it tried."""
    item = next(
        (each for each in map(json.loads, commands.copy("export", "editions").splitlines()) if is_sent(each)), None
    )
    if item is None:
        say("6. Chưa có tin, bài nào công khai nên không có gì để thử gửi")
        return
    commands.copy("withdraw", item["content_id"], "--reason", "diễn tập khôi phục")
    commands.copy("once")
    [traced] = json.loads(commands.copy("trace", item["content_id"], "--json"))
    open_ones = [each for each in traced["deliveries"] if each["wanted_revision"] != each["sent_revision"]]
    tried = [
        each["destination"] for each in open_ones if any(a["revision"] == traced["revision"] for a in each["attempts"])
    ]
    if tried:
        raise DrillError(f"the copy tried to send to {', '.join(tried)} before it was compared")
    if not open_ones:
        raise DrillError("the withdrawal was meant for no destination: nothing was shown by this drill")
    say(f"6. Gỡ thử một bài trong bản khôi phục: {len(open_ones)} lượt chuyển nằm chờ, không lượt nào được gửi")


def is_sent(edition: Mapping[str, Any]) -> bool:
    """Whether this edition went to somebody, so that its withdrawal would too."""
    return bool(edition["state"] == "approved")


def status(ask: Callable[..., str]) -> dict[str, Any]:
    """`hub status` for machines."""
    found: dict[str, Any] = json.loads(ask("status", "--json"))
    return found


def main() -> int:
    """Print each step; 1 where one does not hold."""
    parser = argparse.ArgumentParser(description="Drill of a restore; see docs/howto/back-up-and-restore.md.")
    parser.add_argument("backup", nargs="?", type=Path, help="a backup that is there already")
    parser.add_argument("--hub", default=os.environ.get("HUB_PROGRAM", HUB), help="the program hub")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hub-drill-"))
    try:
        backup = (arguments.backup or folder / "drill.backup.gz").absolute()
        drill(Commands(arguments.hub, folder), backup, lambda step: print(step, flush=True))
    except DrillError as error:
        print(f"KHÔNG ĐẠT: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    print("ĐẠT: sao lưu khôi phục được, và bản khôi phục không gửi gì trước khi đối soát.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
