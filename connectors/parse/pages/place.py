"""What stands in one place of a page: a counter of visits, found by a selector of the settings."""

from itertools import islice
from typing import Final

from connectors.parse.pages.tree import read_tree
from connectors.parse.selectors import texts

#: Places that a selector may find, and characters of each: a counter has a dozen digits, each in an element at most.
PLACES_LIMIT: Final = 40
TEXT_LIMIT: Final = 500


def texts_at(body: bytes, selector: str, *, url: str, content_type: str = "") -> tuple[str, ...]:
    """The texts that the selector finds on a page, in its order; none where the body is no page."""
    page = read_tree(body, url=url, content_type=content_type)
    if page is None:
        return ()
    return tuple(text[:TEXT_LIMIT] for text in islice(texts(page.root, selector), PLACES_LIMIT))
