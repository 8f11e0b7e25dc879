"""The hub as a peer of the side-by-side bench: `setup WORKDIR URLFILE`, `poll WORKDIR`, `count WORKDIR`.

One round of `poll` is the whole work: fetch, cut, parse, sanitise, digest, guard, store, queue, rows and events.
No destination is set: what the other readers do not do is not measured against them.
"""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

HUB = Path(sys.executable).with_name("hub")


def setup(work: Path, urls: list[str]) -> None:
    """A fresh store with all feeds subscribed, nothing polled."""
    work.mkdir(parents=True, exist_ok=True)
    doors = sorted({urlsplit(url).netloc for url in urls})
    lines = [
        '[hub]\nname = "Bench"\n[database]\nurl = "sqlite://hub.db"',
        "[fetch]\nallow_private = [" + ", ".join(f'"{door}"' for door in doors) + "]",
        '[[member]]\ncode = "H00"\nname = "Bench"',
    ]
    lines += [
        f'[[source]]\nname = "s{n}"\nmember = "H00"\nconnector = "feed"\nurl = "{url}"\nevery = "1s"'
        for n, url in enumerate(urls)
    ]
    (work / "settings.toml").write_text("\n".join(lines))


def main(what: str, work: Path, *rest: str) -> None:
    """Do one of the three."""
    settings = ["--settings", str(work / "settings.toml")]
    if what == "setup":
        setup(work, Path(rest[0]).read_text().split())
    elif what == "poll":
        subprocess.run([HUB, *settings, "--json", "once", "--all"], check=True, stdout=subprocess.DEVNULL)
    else:
        exported = subprocess.run([HUB, *settings, "export", "editions"], check=True, stdout=subprocess.PIPE)
        print(exported.stdout.count(b'"revision":1,'))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
