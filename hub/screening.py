"""The words and lists of the screens: those that come with the program, and the province's own file beside them."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

from connectors.errors import ConfigError
from hub.rules.screen.terms import Terms, read_terms


def screening_terms(path: Path | None = None) -> Terms:
    """What the screens go by: the shipped lists, and what the file at `path` adds to them.

    Raises ConfigError: `bad_screen_terms`.
    """
    if path is None:
        return _shipped()
    try:
        return read_terms(tomllib.loads(path.read_text("utf-8")), _shipped())
    except (OSError, ValueError) as error:  # also of tomllib, and a text that is no UTF-8
        raise ConfigError(
            f"{path}: {error}", code="bad_screen_terms",
            sentence=f"Không dùng được danh mục từ ngữ kiểm tra trong tệp {path}: {error}."
            " Hãy sửa tệp theo mẫu hub/data/screen.toml.",
        ) from error  # fmt: skip


@cache
def _shipped() -> Terms:
    return read_terms(tomllib.loads(resources.files("hub").joinpath("data", "screen.toml").read_text("utf-8")))
