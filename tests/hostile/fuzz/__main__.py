"""Feed one target bytes that grow by what they reach, with atheris (libFuzzer), or all of them in turn.

    python -m tests.hostile.fuzz sanitiser --seconds 300
    make fuzz ARGS="--seconds 60"

atheris is no part of the project's environment: `make fuzz` installs it beside it. What breaks a promise is written to
the folder `.hypothesis/fuzz` and printed; each input that ever did stands in tests/hostile/fuzz/found.py.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(".hypothesis/fuzz")
NAMES = (
    "feed_bytes", "inbox_json", "page_html", "sanitiser", "address_gate", "dates", "screens", "selectors", "api_json",
    "cookies",
)  # fmt: skip
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", nargs="?", choices=NAMES, help="all of them, each in a process of its own")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.target:
        fuzz(given.target, given.seconds, given.seed)
    return sum(_row(name, given.seconds, given.seed) for name in NAMES)


def _row(name: str, seconds: int, seed: int) -> int:
    """One target in a child; prints its row. Returns whether it broke a promise."""
    command = [sys.executable, "-m", "tests.hostile.fuzz", name, "--seconds", str(seconds), "--seed", str(seed)]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done = _DONE.search(said.stderr)
    runs, took = (int(done[1]), int(done[2])) if done else (0, 0)
    broken = said.returncode != 0 or done is None
    print(f"{name:14} {runs:>10,} inputs {took:>5} s {'BROKEN' if broken else 'held'}", flush=True)
    if broken:
        print(said.stdout[-3_000:], said.stderr[-3_000:], flush=True)
    return broken


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Fuzz one target in this process, and end it."""
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: `make fuzz` installs it")
    with atheris.instrument_imports(include=["connectors", "hub.rules", "hub.web.api", "hub.access"]):
        from tests.hostile.fuzz import seeds, targets

    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds.of(name)):
        (corpus / f"seed-{number}").write_bytes(data)
    target = targets.TARGETS[name]
    atheris.Setup(
        [
            sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=25",
            "-rss_limit_mb=1024", f"-max_len={4096}", f"-artifact_prefix={FOLDER}/{name}-",
        ],
        lambda data: targets.checked(target, data),
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
