"""The text of an item inside a page of the console: through the last gate, and without what would upset the page.

A page has one h1 and landmarks of its own; headings of an article begin at h3 here, and its `main` is a box.
"""

import re
from typing import Final

from markupsafe import Markup

from connectors.parse.html import clean
from hub.gate import outgoing
from hub.queries.item import ItemFile
from schemas.edition import PublishedItem, UpdateType
from schemas.item import ItemBase

#: Characters of HTML that a page shows of one text; the rest is on the public page.
LIMIT: Final = 400_000
_TAG = re.compile(r"<(/?)(h[1-4]|main|header|footer|nav|aside)\b")


def gated(item: ItemBase, file: ItemFile, revision: int) -> PublishedItem:
    """An edition as the public would get it, approved or not."""
    return outgoing(
        PublishedItem.of(
            item, file.kind, content_id=file.content_id, revision=revision, update_type=UpdateType.MAJOR,
            member=file.member, member_name=file.member_name, source=file.source,
        )
    )  # fmt: skip


def shown(html: str) -> Markup:
    """Cleaned once more, and fit to stand in a page. The one place where the console marks something as safe."""
    return Markup(_TAG.sub(_tamed, clean(html[:LIMIT])))


def _tamed(tag: re.Match[str]) -> str:
    name = tag[2]
    return f"<{tag[1]}{'h' + str(min(int(name[1]) + 2, 6)) if name[0] == 'h' and name[1].isdigit() else 'div'}"
