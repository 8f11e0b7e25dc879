"""Debian's Chromium for tests: found, or installed where the run is root. Nothing is downloaded by the tests' tools."""

import shutil
from collections.abc import Sequence
from typing import Final

NAMES: Final[Sequence[str]] = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE: Final = "chromium"
#: Without these it talks to its maker at every start.
ARGUMENTS: Final[Sequence[str]] = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--no-default-browser-check", "--disable-features=OptimizationHints,Translate",
)  # fmt: skip


def find_browser() -> str | None:
    """Path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)
