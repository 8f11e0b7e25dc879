"""How a list goes on: the address of its further pages, from the numbered links below it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

#: Links of a pager that are compared.
_LOOKED_AT: Final = 40
_NUMBER: Final = re.compile(r"\d+")
#: Names that numbers of pages have in addresses, in case only one numbered link is there.
_PAGE_NAME: Final = re.compile(r"(?:page|trang|paged?|p|pg|cur|pageindex|currentpage|start|offset|_cur)[=/_-]$", re.I)


def paging_of(links: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """The keys `page_url`, `first_page` and `page_step` of a list, from (text, address) of its links; {} if unclear.

    A number in the address grows with the number in the text, and nothing else changes: `/tin-tuc?trang=2`, `…=3`.
    """
    pages: dict[int, str] = {}
    for text, address in links:
        if text.isdecimal() and len(text) <= 3 and int(text) >= 2:
            pages.setdefault(int(text), address)
            if len(pages) == _LOOKED_AT:
                break
    first = min(pages, default=0)
    if first != 2 or "{" in pages[2] or "}" in pages[2]:
        return {}
    for place in reversed(list(_NUMBER.finditer(pages[2]))):
        before, after, second = pages[2][: place.start()], pages[2][place.end() :], int(place[0])
        if 3 in pages:
            third = re.fullmatch(rf"{re.escape(before)}(\d+){re.escape(after)}", pages[3])
            step = int(third[1]) - second if third else 0
        else:
            step = 1 if second in (1, 2) and _PAGE_NAME.search(before) else 0
        if 0 < step <= 1_000 and 0 <= second - step <= 1_000:
            found: dict[str, Any] = {"page_url": f"{before}{{page}}{after}"}
            if second - step != 1:
                found["first_page"] = second - step
            if step != 1:
                found["page_step"] = step
            return found
    return {}
