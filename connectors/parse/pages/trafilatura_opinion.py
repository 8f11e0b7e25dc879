"""Trafilatura's opinion of a page: which of its text belongs to the article. Its rewritten tree is not used."""

import copy
import re
from collections.abc import Sequence
from typing import Final

from connectors.parse.pages.textblocks import Block
from connectors.parse.pages.tree import Element

_WORD: Final = re.compile(r"\w+")
#: Words in a row that are compared, and the share of them that makes a block known.
_RUN: Final = 3
#: Characters of a block that are compared.
_SAMPLE: Final = 5_000
#: Characters and elements of a page beyond which trafilatura is not asked: it needs 2 s for each million characters,
#: and 12 s for 50,000 elements that are nested 200 deep.
_LIMIT, _ELEMENTS = 1_000_000, 20_000
#: Characters from which a block is thought to be prose.
_PROSE: Final = 60
_KNOWN_SHARE: Final = 0.7


class Opinion:
    """The text that trafilatura would keep, to be asked about blocks of the tree."""

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.size = len(words)
        self.runs = _runs(words)
        self._asked: dict[str, bool] = {}  # every block is asked about several times
        self.lines = {" ".join(words_of(line)) for line in text.splitlines()}

    def holds(self, text: str) -> bool:
        """Whether most of a block stands in what would be kept."""
        held = self._asked.get(text)
        if held is None:
            held = self._asked[text] = self._holds(text[:_SAMPLE])
        return held

    def _holds(self, text: str) -> bool:
        words = words_of(text)
        if len(words) <= _RUN:
            return " ".join(words) in self.lines
        known = sum(tuple(words[i : i + _RUN]) in self.runs for i in range(len(words) - _RUN + 1))
        return known >= _KNOWN_SHARE * (len(words) - _RUN + 1)

    def agreement(self, blocks: Sequence[Block], all_blocks: Sequence[Block]) -> float:
        """Share of the prose that it would keep of a page which stands in the blocks; 0 when it kept none of the page.

        Labels, menus and datelines do not count: trafilatura keeps all of a page where it finds no article.
        """
        kept = {block.element: len(block.text) for block in all_blocks if _is_prose(block) and self.holds(block.text)}
        whole = sum(kept.values())
        if not whole:
            return len(_runs(words_of("\n".join(block.text for block in blocks))) & self.runs) / max(1, len(self.runs))
        return sum(kept.get(block.element, 0) for block in blocks) / whole


def _is_prose(block: Block) -> bool:
    return len(block.text) >= _PROSE and block.linked < 0.5 * len(block.text)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}


def opinion_on(root: Element) -> Opinion:
    """Ask trafilatura about a page; the tree stays as it is."""
    if sum(len(text) for text in root.itertext()) > _LIMIT or sum(1 for _ in root.iter()) > _ELEMENTS:
        return Opinion("")
    import trafilatura  # 0.5 s to import, and only pages need it

    return Opinion(trafilatura.extract(copy.deepcopy(root), favor_precision=True, include_comments=False) or "")
