"""Finds the article in a page: the smallest part of the original tree that holds it, so that images and links stay.

    blocks of the page -> by density: prose lends weight to the elements around it, links and names take weight away
                       -> trafilatura's opinion: which text it would keep (its rewritten tree is not used)
    where they agree, the element found by density; where not, the smallest element that holds what trafilatura kept

connectors/parse/pages/pruning.py then takes out what stands inside and is no part of the article.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.parse.pages.boilerplate import is_apart, weight
from connectors.parse.pages.textblocks import HEADINGS, INLINE, Block, Sum, blocks_of, sums_of
from connectors.parse.pages.trafilatura_opinion import Opinion, opinion_on
from connectors.parse.pages.tree import Element

#: Characters from which a block counts as prose, and a page's text as an article without a second look.
PROSE: Final = 25
ENOUGH: Final = 250
#: Levels above a paragraph to which it lends weight.
_LEVELS: Final = 5
_TEXT_ELEMENTS: Final = frozenset({
    "p", "pre", "td", "th", "li", "dd", "dt", "blockquote", "h2", "h3", "h4", "h5", "h6", "figcaption",
})  # fmt: skip
#: What an element's kind says before its content is known.
_KINDS: Final = {
    "article": 10, "div": 5, "main": 5, "section": 3, "pre": 3, "td": 3, "blockquote": 3, "ol": -3, "ul": -3, "dl": -3,
    "li": -3, "form": -3, "address": -3, "th": -5, "h1": -5, "h2": -5, "h3": -5, "h4": -5,
}  # fmt: skip
_SENTENCE_END: Final = re.compile(r"[.!?…](?: |$)")
#: Headings that make a list, and the characters that it shows of each of its articles, at most.
_HEADINGS: Final = 3
_TEASER: Final = 400
#: Characters, and words of trafilatura's, below which what is left of such a page is no article.
_SHORT, _FEW_WORDS = 1_000, 100
#: Share of trafilatura's words that an element must hold to be thought the same article.
_AGREEMENT: Final = 0.85


@dataclass(frozen=True, slots=True)
class Found:
    """Where an article stands: neighbours in the tree, in document order."""

    nodes: tuple[Element, ...]
    opinion: Opinion

    def is_list(self, kept: Sequence[Element]) -> bool:
        """Whether it is a list of other articles: headings that are links and little text to each, also in what is left
        after pruning, or trafilatura sees no article either."""
        links, text = _linked_headings(self.nodes)
        if links < _HEADINGS or text >= _TEASER * links:
            return False
        left, left_text = _linked_headings(kept)
        return left >= _HEADINGS or left_text < _SHORT or self.opinion.size < _FEW_WORDS


def _linked_headings(nodes: Sequence[Element]) -> tuple[int, int]:
    """How many headings lead elsewhere, and how many characters there are in all."""
    blocks = [block for node in nodes for block in blocks_of(node)]
    linked = sum(block.element.tag in HEADINGS and block.linked > 0.5 * len(block.text) for block in blocks)
    return linked, sum(len(block.text) for block in blocks)


def find_article(root: Element) -> Found | None:
    """The parts of the page that hold the article, or None when nothing reads like one."""
    opinion = opinion_on(root)
    apart = {one for one in root.iter() if is_apart(one)}
    blocks = blocks_of(root, apart)
    nodes = _by_density(root, blocks)
    if sum(len(block.text) for block in _within(nodes, blocks)) < ENOUGH:
        nodes = _by_density(root, blocks_of(root)) or nodes
    if opinion.size >= 20 and opinion.agreement(_within(nodes, blocks), blocks) < _AGREEMENT:
        for candidates in (blocks, blocks_of(root)):
            holder = _holder(root, candidates, opinion)
            if holder is not None and opinion.agreement(_within([holder], candidates), candidates) >= _AGREEMENT:
                nodes = [holder]
                break
    return Found(tuple(nodes), opinion) if nodes else None


def _within(nodes: Sequence[Element], blocks: Sequence[Block]) -> list[Block]:
    inside = {one for node in nodes for one in node.iter()}
    return [block for block in blocks if block.element in inside]


# ----------------------------------------------------------------------------------------------- by density


def _by_density(root: Element, blocks: Sequence[Block]) -> list[Element]:
    """The element with the most prose, and those beside it that read the same way."""
    sums = sums_of(root, blocks)
    scores = _scores(blocks, sums)
    if not scores:
        return []
    top = _widened(max(scores, key=lambda one: scores[one]), scores)
    above = top.getparent()
    if above is None or top.tag == "body":
        return [top]
    least = max(10.0, scores.get(top, 0.0) * 0.2)
    kin = scores.get(top, 0.0) * 0.2
    return [
        one for one in above
        if one is top
        or scores.get(one, 0.0) + (kin if one.get("class") and one.get("class") == top.get("class") else 0.0) >= least
        or (one.tag == "p" and _is_prose(one, sums))
    ]  # fmt: skip


def _scores(blocks: Sequence[Block], sums: dict[Element, Sum]) -> dict[Element, float]:
    scores: dict[Element, float] = {}
    for block in blocks:
        size = len(block.text)
        if size < PROSE:
            continue
        one = block.element
        value = 1 + sums[one].pauses + min(size / 100, 3)
        above: Element | None = one.getparent()
        if one.tag not in _TEXT_ELEMENTS:  # lines parted by <br>: several paragraphs in one element
            value += min(size / 400, 10)
            above = one
        value *= 1 - block.linked / size
        for level in range(_LEVELS):
            if above is None or above.tag == "html":
                break
            if above not in scores:
                scores[above] = _KINDS.get(str(above.tag), 0) + weight(above)
            scores[above] += value / (1 if level == 0 else 2 if level == 1 else level * 3)
            above = above.getparent()
    return {one: score * (1 - sums[one].density) for one, score in scores.items() if one in sums}


def _widened(top: Element, scores: dict[Element, float]) -> Element:
    """The element around `top` that is better still, or that holds nothing else."""
    last, least = scores[top], scores[top] / 3
    above = top.getparent()
    while above is not None and above.tag not in ("body", "html"):
        score = scores.get(above)
        if score is not None:
            if score < least:
                break
            if score > last:
                top = above
                break
            last = score
        above = above.getparent()
    above = top.getparent()
    while above is not None and above.tag not in ("body", "html") and len(above) == 1:
        top, above = above, above.getparent()
    return top


def _is_prose(one: Element, sums: dict[Element, Sum]) -> bool:
    own = sums.get(one, Sum())
    if own.text > 80:
        return own.density < 0.25
    return own.text > 0 and own.linked == 0 and _SENTENCE_END.search(" ".join(one.itertext())) is not None


# ------------------------------------------------------------------------------------------- by trafilatura


def _holder(root: Element, blocks: Sequence[Block], opinion: Opinion) -> Element | None:
    """The smallest element that holds nine tenths of the text that trafilatura kept."""
    held = sums_of(root, [block for block in blocks if opinion.holds(block.text)])
    whole = held[root].text
    one, below = root, root if whole else None
    while below is not None:
        one = below
        below = next((child for child in one if held[child].text >= 0.9 * whole), None)
    while one.tag in INLINE and (above := one.getparent()) is not None:
        one = above
    return one if whole else None
