"""Takes out of an article what stands inside it and is no part of it: furniture, other articles, its own title."""

from typing import Final

from connectors.parse.pages.article import ENOUGH, PROSE, Found
from connectors.parse.pages.boilerplate import begins_tail, is_apart, is_furniture, points_elsewhere, weight
from connectors.parse.pages.dates import is_dateline
from connectors.parse.pages.textblocks import Block, Sum, blocks_of, sums_of
from connectors.parse.pages.trafilatura_opinion import Opinion, words_of
from connectors.parse.pages.tree import Element, drop
from schemas.item import TITLE_LIMIT

#: What may be a box beside the text, and what has a shape that one cell less would spoil.
_BOXES: Final = frozenset({"div", "section", "ul", "ol", "dl", "table", "fieldset", "header", "figure"})
_SHAPED: Final = frozenset({"table", "td", "th", "tr", "figcaption", "caption"})
#: Characters of a block below which it may be a teaser.
_SENTENCE: Final = 120
#: Characters of a sentence before the text from which it may be a summary, and not a byline.
_SUMMARY: Final = 80


def prune(found: Found, title: str) -> tuple[Element, ...]:
    """Take out of the article what is no part of it: furniture, other articles, what repeats its title and byline.

    Gives the nodes that are left.
    """
    for node in found.nodes:
        held = _held_in(node, found.opinion)
        for one in list(node.iterdescendants()):
            if is_apart(one) and held[one].text < ENOUGH:
                drop(one)
        _cut_tails(node)
        _drop_by_shape(node, found.opinion)
    return _trimmed(found, " ".join(words_of(title)))


def _held_in(node: Element, opinion: Opinion) -> dict[Element, Sum]:
    return sums_of(node, [block for block in blocks_of(node) if opinion.holds(block.text)])


def _cut_tails(node: Element) -> None:
    """Drop the headings of lists of other articles, with the lists."""
    for block in blocks_of(node):
        if block.element is node or not begins_tail(block.text):
            continue
        heading = block.element
        while (above := heading.getparent()) is not None and above is not node and len(above) == 1:
            heading = above
        following = heading.getnext()
        while following is not None:
            own = sums_of(following, blocks_of(following))[following]
            if own.text and own.density < 0.5:
                break
            listed, following = following, following.getnext()
            drop(listed)
        drop(heading)


def _drop_by_shape(node: Element, opinion: Opinion) -> None:
    """Drop lists, boxes and tables that are made of links or labels, unless trafilatura would keep them."""
    blocks = blocks_of(node)
    sums = sums_of(node, blocks)
    held = _held_in(node, opinion)
    longest: dict[Element, int] = {}
    for block in blocks:
        for one in (block.element, *block.element.iterancestors()):
            longest[one] = max(longest.get(one, 0), len(block.text))
    for one in list(node.iterdescendants()):
        if one.tag not in _BOXES:
            continue
        own, names = sums[one], weight(one)
        if own.text and held[one].text >= 0.5 * own.text and own.density < 0.5:
            continue
        if one.tag == "table" and own.density < 0.5:
            continue
        teasers = not held[one].text and own.headings >= 2 and longest.get(one, 0) < _SENTENCE
        if names < 0 or teasers or _is_box(one, own, names):
            drop(one)


def _is_box(one: Element, own: Sum, names: int) -> bool:
    if own.pauses >= 10 or one.tag in ("ul", "ol", "dl"):
        return own.density > 0.6
    if one.tag == "figure" or one.find(".//figure") is not None or any(a.tag == "figure" for a in one.iterancestors()):
        return False
    if names > 0:
        return own.density > 0.5
    return own.density > 0.2 or (0 < own.text < PROSE and own.linked > 0 and own.images == 0)


def _trimmed(found: Found, title: str) -> tuple[Element, ...]:
    """Drop at both ends what trafilatura does not hold, and furniture and repetitions everywhere."""
    blocks = [block for node in found.nodes for block in blocks_of(node)]
    apart = [_is_apart(block, title) for block in blocks]
    held = [found.opinion.holds(block.text) for block in blocks]
    known = [number for number in range(len(blocks)) if held[number] and not apart[number]]
    first, last = (known[0], known[-1]) if known else (0, len(blocks))
    around = {above for number in known for above in blocks[number].element.iterancestors()}
    seen: set[str] = set()
    gone: set[Element] = set()
    for number, block in enumerate(blocks):
        one = block.element
        # Before the text may stand its summary, behind it only what is about it; a table is kept with all its rows.
        outside = one.tag not in _SHAPED and (number > last or (number < first and not _is_sentence(block)))
        leads_away = block.linked > 0.8 * len(block.text) and one.tag in ("p", "div")
        again = block.text in seen and one.tag not in _SHAPED
        seen.add(block.text)
        if one not in around and (apart[number] or (not held[number] and (outside or leads_away or again))):
            gone.add(one)
            drop(one)
    return tuple(node for node in found.nodes if node not in gone)


def _is_apart(block: Block, title: str) -> bool:
    """Whether a block is no part of any article, whatever trafilatura says of it."""
    points = block.linked > 0.5 * len(block.text) and points_elsewhere(block.text)
    if points or is_furniture(block.text) or begins_tail(block.text) or _repeats(block, title):
        return True
    return block.element.tag not in _SHAPED and is_dateline(block.text)


def _is_sentence(block: Block) -> bool:
    return len(block.text) > _SUMMARY and block.linked == 0 and block.text.rstrip("\"'”’» )")[-1:] in (*".!?…",)


def _repeats(block: Block, title: str) -> bool:
    """Whether a block says the title again, or the part of it that stands before the name of the site."""
    words = " ".join(words_of(block.text[:TITLE_LIMIT]))
    if not words or block.element.tag in ("li", "td"):
        return False
    return words == title or (block.element.tag in ("h1", "h2") and len(words) > PROSE and words in title)
