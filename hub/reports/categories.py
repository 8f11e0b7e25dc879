"""The list of categories: the board's own file, or the one that comes with the program."""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from connectors.errors import ConfigError
from hub.rules.categories import Categories, Category, folded
from schemas.base import Frozen
from schemas.item import Kind

_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Row(Frozen):
    """One table of the file."""

    code: _Code
    name: _Name
    short: str = Field(default="", max_length=60)
    group: str = ""
    kinds: tuple[Kind, ...]
    legal: bool | None = None
    types: tuple[_Name, ...] = ()
    tags: tuple[_Name, ...] = ()
    words: tuple[_Name, ...] = ()

    def category(self) -> Category:
        return Category(
            code=self.code, name=self.name, short=self.short or self.name, group=self.group,
            kinds=frozenset(self.kinds), legal=self.legal, types=frozenset(map(folded, self.types)),
            tags=frozenset(map(folded, self.tags)), words=frozenset(map(folded, self.words)),
        )  # fmt: skip


class _File(Frozen):
    category: tuple[_Row, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "_File":
        codes = [row.code for row in self.category]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"category {twice[0]} stands there twice")
        tops = {row.code for row in self.category if not row.group}
        if lost := [row.code for row in self.category if row.group and row.group not in tops]:
            raise ValueError(f"the group of category {lost[0]} is no category without a group of its own")
        return self


_FILE: TypeAdapter[_File] = TypeAdapter(_File)


def categories(path: Path | None = None) -> Categories:
    """The list of a file; None: the shipped one. Raises ConfigError: `bad_categories`."""
    return _read(path) if path else _shipped()


@cache
def _shipped() -> Categories:
    return _read(None)


def _read(path: Path | None) -> Categories:
    shipped = resources.files("hub").joinpath("data", "categories.toml")
    try:
        text = path.read_text(encoding="utf-8-sig") if path else shipped.read_text(encoding="utf-8")
        values: dict[str, Any] = tomllib.loads(text)
        return Categories([row.category() for row in _FILE.validate_python(values).category])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            f"{path or shipped.name}: {error}", code="bad_categories",
            sentence=f"Không đọc được danh mục chuyên mục trong tệp {path.name if path else shipped.name}. Hãy sửa tệp"
            " theo mẫu hub/data/categories.toml.",
        ) from None  # fmt: skip
