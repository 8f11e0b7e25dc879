"""What does an item count as? Its category (chuyên mục), by kind, type and tags, or as its source says.

The list is data (hub/data/categories.toml, or the board's own file): which categories are owed differs by province and
changes with the decrees.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.parse.text import words
from schemas.item import Kind

#: Of an item that no category fits.
NONE: Final = ""
#: A year inside of a number is what normative documents have: 15/2024/QĐ-UBND (Nghị định 30/2020/NĐ-CP; Luật ban hành
#: văn bản quy phạm pháp luật).
_WITH_YEAR: Final = re.compile(r"^[^/]*/(?:19|20)\d\d/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category as the list has it."""

    code: str
    name: str
    short: str  #: for columns
    group: str = ""  #: code of the one that it is a part of
    kinds: frozenset[Kind] = frozenset()  #: empty: it is only the sum of its parts
    legal: bool | None = None
    types: frozenset[str] = frozenset()  #: abbreviations of types of documents, folded
    tags: frozenset[str] = frozenset()  #: folded
    words: frozenset[str] = frozenset()  #: folded


@dataclass(frozen=True, slots=True)
class Categories:
    """The list, in its order."""

    listed: Sequence[Category]
    by_code: dict[str, Category] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {each.code: each for each in self.listed})

    def parts(self, code: str) -> list[Category]:
        """The categories that are parts of one."""
        return [each for each in self.listed if each.group == code]

    def counted(self, code: str) -> frozenset[str]:
        """The codes that items have which count for this category: its own, and those of its parts."""
        return frozenset({code, *(each.code for each in self.parts(code))})

    def named(self, code: str) -> str:
        """The name of a category; one that left the list is shown by its code."""
        found = self.by_code.get(code)
        return found.name if found else code

    def category_of(self, body: Mapping[str, Any], *, of_source: str = NONE) -> str:
        """The code of the first category that fits an item, JSON of schemas.item.Item; `of_source` is what the settings
        say of all items of its source.
        """
        own = self.by_code.get(of_source)
        if own is not None and (body["kind"] in own.kinds or not own.kinds):
            return own.code
        said = _Said(body)
        return next((each.code for each in self.listed if said.fits(each)), NONE)


class _Said:
    """What an item says, folded once for all categories."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.kind = Kind(body["kind"])
        self.tags = {folded(tag) for tag in body.get("tags", ())}
        self.text = f" {folded(body.get('title', ''))} | {' | '.join(self.tags)} "
        is_document = self.kind is Kind.DOCUMENT
        self.type = folded(body.get("document_type", {}).get("code", "")) if is_document else ""
        self.legal = is_legal(body.get("number", "")) if is_document else None

    def fits(self, category: Category) -> bool:
        if self.kind not in category.kinds:
            return False
        if category.legal is not None and category.legal is not self.legal:
            return False
        if category.types and self.type not in category.types:
            return False
        if not category.tags and not category.words:
            return True
        return bool(category.tags & self.tags) or any(f" {word} " in self.text for word in category.words)


def is_legal(number: str) -> bool:
    """Whether it is that of a normative document (văn bản quy phạm pháp luật): it holds the year."""
    return _WITH_YEAR.match(number) is not None


def folded(text: str) -> str:
    """Lower case, without marks and punctuation: `Đấu thầu` and `dau thau` are one."""
    return " ".join(words(text))
