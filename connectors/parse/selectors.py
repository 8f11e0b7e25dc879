"""Selectors of the settings: CSS or XPath 1.0 over a parsed document, refused with the place when they do not compile.

An XPath expression may use the functions of XPath 1.0 and no others: extensions read files (`document`) or burn time
(regular expressions), and a member's page meets every expression each time it is read.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Annotated, Any, Final

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import AfterValidator

from connectors.fields import Allowed

#: Characters of one expression; `//` steps in one expression: each multiplies the time on a hostile page.
LENGTH_LIMIT: Final = 1_000
DESCENTS_LIMIT: Final = 6

#: The functions and node tests of XPath 1.0 (W3C, 16 November 1999, sections 2.3 and 4).
_FUNCTIONS: Final = frozenset({
    "last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with",
    "contains", "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate",
    "boolean", "not", "true", "false", "lang", "number", "sum", "floor", "ceiling", "round", "text", "node", "comment",
    "processing-instruction",
})  # fmt: skip
_LITERAL: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_CALL: Final = re.compile(r"([A-Za-z_][\w.:-]*)\s*\(")
_PREFIX: Final = re.compile(r"([A-Za-z_][\w.-]*):(?!:)")
_OPENINGS: Final = ("/", "./", "(", "@", "../")

#: Prefix -> namespace, as pairs: they are part of a cache key.
Namespaces = Sequence[tuple[str, str]]

Element = etree._Element


def is_xpath(selector: str) -> bool:
    """Whether a selector that may be either is meant as XPath: it begins with `/`, `./`, `../`, `(` or `@`."""
    return selector.lstrip().startswith(_OPENINGS) or selector.strip() in (".", "..")


@cache
def compiled(selector: str, namespaces: tuple[tuple[str, str], ...] = ()) -> etree.XPath:
    """The selector ready for use. Raises ValueError that says what is wrong and at which character."""
    expression = selector.strip()
    if len(expression) > LENGTH_LIMIT:
        raise ValueError(f"an expression longer than {LENGTH_LIMIT} characters")
    return _xpath(expression if is_xpath(expression) else _of_css(expression), expression, namespaces)


@cache
def compiled_xpath(expression: str, namespaces: tuple[tuple[str, str], ...] = ()) -> etree.XPath:
    """An XPath expression ready for use, however it begins. Raises ValueError as `compiled` does."""
    if len(expression) > LENGTH_LIMIT:
        raise ValueError(f"an expression longer than {LENGTH_LIMIT} characters")
    return _xpath(expression, expression, namespaces)


def prefixes_of(expression: str) -> list[str]:
    """The prefixes that an XPath expression uses, in their order."""
    return list(dict.fromkeys(_PREFIX.findall(_LITERAL.sub("", expression))))


def _of_css(selector: str) -> str:
    try:
        return HTMLTranslator().css_to_xpath(selector)
    except SelectorError as error:
        raise ValueError(f"no CSS selector: {error}") from None


def _xpath(expression: str, shown: str, namespaces: tuple[tuple[str, str], ...]) -> etree.XPath:
    bare = _LITERAL.sub(lambda literal: " " * len(literal[0]), expression)
    for call in _CALL.finditer(bare):
        name = call[1].rpartition("::")[2]  # child::text() is a node test behind its axis
        if name not in _FUNCTIONS and name not in ("and", "or", "div", "mod"):
            raise ValueError(f"no function of XPath 1.0: {name}() at character {call.start() + 1}")
    if "$" in bare:
        raise ValueError(f"variables are not known: $ at character {bare.index('$') + 1}")
    if shown == expression and bare.count("//") + bare.count("descendant") > DESCENTS_LIMIT:
        raise ValueError(f"more than {DESCENTS_LIMIT} searches through the whole page (//)")
    try:
        return etree.XPath(expression, namespaces=dict(namespaces) or None, smart_strings=False, regexp=False)
    except etree.XPathSyntaxError:
        raise ValueError(f"no XPath 1.0 expression: wrong at character {_wrong_at(expression)}") from None


def _wrong_at(expression: str) -> int:
    """Where the longest part from the beginning that is an expression by itself ends; libxml2 does not say."""
    for end in range(len(expression) - 1, 0, -1):
        try:
            etree.XPath(expression[:end])
        except etree.XPathSyntaxError:
            continue
        return end + 1
    return 1


def select(node: Element, selector: str, namespaces: Namespaces = ()) -> list[Element]:
    """The elements that a selector finds, in document order. An expression that gives texts finds none."""
    found = _result(node, selector, namespaces)
    return [one for one in found if isinstance(one, etree._Element) and isinstance(one.tag, str)]


def within(found: Iterable[Element], limit: int) -> list[Element]:
    """The first of these, until they hold `limit` elements together.

    Where records stand inside records, each is read with all that is in it: 240 levels make 240 pages of one.
    """
    taken: list[Element] = []
    for one in found:
        if limit <= 0:
            break
        taken.append(one)
        limit -= sum(1 for _ in islice(one.iter(), limit))
    return taken


def texts(node: Element, selector: str, namespaces: Namespaces = ()) -> list[str]:
    """The texts that a selector finds: attribute values, text nodes, or all text inside each element."""
    return ["".join(one.itertext()) if isinstance(one, etree._Element) else str(one)
            for one in _result(node, selector, namespaces)]  # fmt: skip


def _result(node: Element, selector: str, namespaces: Namespaces) -> list[Any]:
    found = compiled(selector, tuple(namespaces))(node)
    if isinstance(found, list):
        return found
    if isinstance(found, float):  # count() and number(); a whole number is written as one
        return [f"{found:g}"]
    return [str(found)] if found else []


def _checked(selector: str) -> str:
    compiled(selector)
    return selector.strip()


def _checked_xpath(selector: str) -> str:
    # Prefixes are declared beside the mapping: they stand for any namespace until the mapping is checked as a whole.
    compiled_xpath(selector.strip(), tuple((prefix, "urn:any") for prefix in prefixes_of(selector)))
    return selector.strip()


#: A CSS selector, or an XPath 1.0 expression that begins with `/`, `./`, `(` or `@`.
CssOrXPath = Annotated[
    str, AfterValidator(_checked), Allowed("a CSS selector, or an XPath 1.0 expression that begins with / ./ ( or @")
]

#: An XPath 1.0 expression; its prefixes are declared in `namespaces`.
XPath = Annotated[str, AfterValidator(_checked_xpath), Allowed("an XPath 1.0 expression")]
