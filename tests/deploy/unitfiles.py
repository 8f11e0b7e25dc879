"""Units of systemd as tests read them: sections of keys, each with all its values."""

from collections import defaultdict
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
SYSTEMD = DEPLOY / "systemd"
SERVICES = sorted(SYSTEMD.glob("*.service"))


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Section, key, and every value of it in order: keys may stand more than once."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = defaultdict(list)
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[section][key].append(value)
    return found
