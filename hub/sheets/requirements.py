"""The list of what a record has to say: the one that comes with the program, or the board's own file."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from connectors.errors import ConfigError
from hub.rules.completeness import Requirement, read_requirements
from schemas.item import ITEM_TYPES, Kind

#: Kinds of which something may be asked, by their sections of the file.
KINDS: Final = (Kind.PROCEDURE, Kind.DOCUMENT)

Requirements = Mapping[Kind, tuple[Requirement, ...]]


def requirements(path: Path | None = None) -> Requirements:
    """What is asked of each kind; of the program where no file is named.

    Raises ConfigError: `bad_completeness`.
    """
    shipped = resources.files("hub").joinpath("data", "completeness.toml")
    try:
        stated = tomllib.loads((path or shipped).read_text("utf-8"))
        if unknown := stated.keys() - set(KINDS):
            raise ValueError(f"unknown section {min(unknown)}")
        return {kind: read_requirements(stated.get(kind, ()), ITEM_TYPES[kind]) for kind in KINDS}
    except (OSError, ValueError) as error:  # also of tomllib, and a text that is no UTF-8
        raise ConfigError(
            f"{path or shipped.name}: {error}", code="bad_completeness",
            sentence=f"Không dùng được danh mục nội dung phải có trong tệp {path or shipped.name}: {error}."
            " Hãy sửa tệp theo mẫu hub/data/completeness.toml.",
        ) from error  # fmt: skip
