"""Every stored edition, oldest first: for export, audits and comparison with what sources served."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from hub.store.unit import Store

#: rows read at once; an export of a million editions must not need their memory
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """One edition as `hub export editions` writes it, a line each."""

    content_id: str
    revision: int
    source: str
    guid: str
    url: str
    title: str
    digest: str
    state: str
    content: Any  #: the item as stored; None for a withdrawal, and for what a screen holds, which has no title either


async def editions(store: Store) -> AsyncIterator[StoredEdition]:
    """All editions in the order in which they were stored."""
    last = 0
    while True:
        rows = await store.fetch(
            "SELECT e.id, e.content_id, e.revision, i.source, i.guid, i.url, i.title, e.digest, e.state, e.body,"
            " e.restricted FROM edition e JOIN item i ON i.content_id = e.content_id WHERE e.id > ?"
            " ORDER BY e.id LIMIT ?",
            last,
            PAGE,
        )
        for row in rows:
            content = orjson.loads(row["body"]) if row["body"] and not row["restricted"] else None
            title = "" if row["restricted"] else row["title"]
            yield StoredEdition(
                content_id=row["content_id"], revision=row["revision"], source=row["source"], guid=row["guid"],
                url=content["url"] if content else row["url"], title=content["title"] if content else title,
                digest=row["digest"], state=row["state"], content=content,
            )  # fmt: skip
        if len(rows) < PAGE:
            return
        last = rows[-1]["id"]
