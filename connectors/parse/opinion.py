"""Trafilatura's opinion of a page: which of its text belongs to the article. Its rewritten tree is not used."""

import copy
import re
from collections.abc import Sequence
from typing import Final

from connectors.parse.pagetree import Element
from connectors.parse.prose import Block

_WORD: Final = re.compile(r"\w+")
#: Words in a row that are compared, and the share of them that makes a block known.
_RUN: Final = 3
_KNOWN_SHARE: Final = 0.7


class Opinion:
    """The text that trafilatura would keep, to be asked about blocks of the tree."""

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.size = len(words)
        self.runs = _runs(words)
        self.lines = {" ".join(words_of(line)) for line in text.splitlines()}

    def holds(self, text: str) -> bool:
        """Whether most of a block stands in what would be kept."""
        words = words_of(text)
        if len(words) <= _RUN:
            return " ".join(words) in self.lines
        known = sum(tuple(words[i : i + _RUN]) in self.runs for i in range(len(words) - _RUN + 1))
        return known >= _KNOWN_SHARE * (len(words) - _RUN + 1)

    def agreement(self, blocks: Sequence[Block]) -> float:
        """Share of its text that stands in the blocks."""
        return len(_runs(words_of("\n".join(block.text for block in blocks))) & self.runs) / max(1, len(self.runs))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}


def opinion_on(root: Element) -> Opinion:
    """Ask trafilatura about a page; the tree stays as it is."""
    import trafilatura  # 0.5 s to import, and only pages need it

    return Opinion(trafilatura.extract(copy.deepcopy(root), favor_precision=True, include_comments=False) or "")
