"""Where a post leads, and the marker in that address by which a post is recognised as ours.

    link = "source"                                   the item's page at its member, with `hubref=<marker>` in its query
    link = "https://hue.gov.vn/tin/{content_id}"      a page of our own

The marker is made from the content_id alone: all revisions of an item have the same one, and no text has to be guessed
from. Tracking parameters that platforms add (`fbclid`) and letter case do not hide it.
"""

import re
from typing import Annotated, Final
from urllib.parse import unquote
from uuid import UUID

from pydantic import AfterValidator

from connectors.errors import Fault, RejectedError
from connectors.fields import Allowed
from connectors.parse.url import web_url, with_parameters
from schemas.edition import PublishedItem

SOURCE: Final = "source"
PLACE: Final = "{content_id}"
#: Query parameter of the marker in addresses of members; a name that no product of theirs uses.
PARAMETER: Final = "hubref"

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MARKS: Final = re.compile(
    rf"[?&]{PARAMETER}=([0-9a-f]{{16}})(?![0-9a-z])|(?<![0-9a-f])({_UUID})(?![0-9a-f])", re.IGNORECASE
)


def _rule(value: str) -> str:
    if value == SOURCE:
        return value
    address = web_url(value.replace(PLACE, str(UUID(int=0))))
    path, place = value.find("/", len("https://")), value.find(PLACE)
    if not address or value.count(PLACE) != 1 or "{" in value.replace(PLACE, "") or not 0 < path < place:
        raise ValueError(f'must be "{SOURCE}", or an http or https address with {PLACE} in it once')
    return value


#: The setting `link` of a destination.
LinkRule = Annotated[
    str, AfterValidator(_rule), Allowed(f'"{SOURCE}", or an http or https address with `{PLACE}` in it once')
]


def link_of(item: PublishedItem, rule: str) -> str:
    """Where the post of this item leads. Raises RejectedError(code="no_link") for an item without a page."""
    if rule != SOURCE:
        return web_url(rule.replace(PLACE, str(item.content_id)))
    page, hashed, fragment = web_url(item.url).partition("#")
    marked = with_parameters(page, [(PARAMETER, marker(item.content_id))]) + hashed + fragment
    if not page or not web_url(marked):
        raise RejectedError(
            "the item has no page that a post could lead to", code="no_link", fault=Fault.MEMBER,
            sentence="Mục tin không có địa chỉ trang gốc nên không có gì để dẫn người đọc tới. Đơn vị cần bổ sung địa"
            " chỉ, hoặc bộ phận kỹ thuật đặt `link` về trang của cổng.",
        )  # fmt: skip
    return web_url(marked)


def marker(content_id: UUID) -> str:
    """The marker of an item: 16 hexadecimal digits, harmless in an address."""
    return content_id.hex[:16]


def markers_in(*texts: str) -> frozenset[str]:
    """The markers in the addresses that some texts hold, redirectors' quoting undone; empty: not ours."""
    found = set()
    for text in texts:
        for query, uuid in _MARKS.findall(text + " " + unquote(text)):
            found.add((query or uuid.replace("-", "")[:16]).lower())
    return frozenset(found)
