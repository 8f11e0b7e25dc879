"""Tables [[duty]] to begin with, by the decree that they follow. Nothing in them is confirmed: a board does that."""

from importlib import resources
from typing import Final

#: Names of the files in hub/data/duties, newest decree first.
TEMPLATES: Final = ("nd42-2022", "nd43-2011")


def template(name: str) -> str:
    """The text of a template, as it is pasted into settings.toml."""
    return resources.files("hub").joinpath("data", "duties", f"{name}.toml").read_text(encoding="utf-8")
