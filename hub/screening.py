"""The words and lists of the screens: those that come with the program, and the province's own file beside them."""

import tomllib
from importlib import resources
from pathlib import Path

from hub.rules.screen.terms import Terms


def screening_terms(path: Path | None = None) -> Terms:
    """What the screens go by: the shipped lists, and what the file at `path` adds to them.

    Raises ConfigError: `bad_screen_terms`.
    """
    shipped = tomllib.loads(resources.files("hub").joinpath("data", "screen.toml").read_text("utf-8"))
    return Terms(suffixes=tuple(shipped["suffixes"]))
