"""Names for what was found on a page: short CSS selectors that will still hold tomorrow.

Made of tags, classes and, where nothing else is there, the ids of what stands around; never of positions. Classes that
tell blocks of one list apart (`odd`, `first`, `post-123`) name nothing.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lxml.etree import _Element as Element

#: A class or id that CSS takes as it stands.
_PLAIN: Final = re.compile(r"-?[A-Za-z_][\w-]{0,60}")
_PASSING: Final = re.compile(
    r".*\d{2,}.*|(?:item|post|news|tin|row|col|box|block|stt|no)-?\d+|first|last|odd|even|le|chan|active|current|selected"
    r"|hidden|show|clearfix|cf|left|right|pull-(?:left|right)|text-\w+|col-.*|row|d-\w+|m[tbxylr]?-\d|p[tbxylr]?-\d|wow"
    r"|animated|lazy.*|has-.*|sticky|category-.*|tag-.*|format-.*|status-.*|type-.*",
    re.IGNORECASE,
)


def classes_of(element: Element) -> list[str]:
    """Its classes that name a kind of thing, in their order."""
    names = element.get("class", "").split()[:20]
    return [name for name in names if _PLAIN.fullmatch(name) and not _PASSING.fullmatch(name)]


def id_of(element: Element) -> str:
    """Its id if that was given by a person, else ""."""
    name = element.get("id", "")
    return name if _PLAIN.fullmatch(name) and not re.search(r"\d", name) else ""


def signature(element: Element) -> str:
    """What things of one kind have in common: tag and classes."""
    return ".".join([str(element.tag), *sorted(classes_of(element))])


def names_of(elements: Sequence[Element]) -> Iterator[str]:
    """Selectors that all of these fit, the shortest first: `.item`, `li.item`, `li.item.news`, `li`."""
    tags = {str(element.tag) for element in elements}
    shared = [
        name for name in classes_of(elements[0]) if all(name in each.get("class", "").split() for each in elements)
    ]
    tag = tags.pop() if len(tags) == 1 else ""
    for name in shared[:4]:
        yield f"{tag}.{name}"
    if len(shared) > 1:
        yield f"{tag}.{'.'.join(shared[:3])}"
    if tag:
        yield tag


def paths_to(elements: Sequence[Element]) -> Iterator[str]:
    """`names_of`, then the same below what stands around the elements: `ul.list > li`, `#tin-moi li`."""
    names = list(names_of(elements))
    yield from names
    around: list[Element] = [element for element in elements[:50]]
    for step in range(3):
        parents = [parent for element in around if (parent := element.getparent()) is not None]
        if len(parents) < len(around) or not names:
            return
        for outer in names_of(parents):
            if "." in outer:
                yield from (f"{outer} {'> ' if step == 0 else ''}{name}" for name in names)
        if len({id(parent) for parent in parents}) == 1 and (name := id_of(parents[0])):
            yield from (f"#{name} {inner}" for inner in names)
        around = parents
