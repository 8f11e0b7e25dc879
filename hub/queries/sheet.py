"""What has to be known to decide about one held edition: its source, its text, its faces, what it changes, and why."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import HubError
from connectors.parse.charset import decode
from connectors.parse.html import plain
from hub.engine import Engine
from hub.packing import unpack
from hub.queries.face import PreviewedFace, face
from hub.queries.item import ItemFile, ReadEdition
from hub.rules.passage import passage
from hub.rules.routing import Facts, route
from hub.rules.textdiff import FieldChange, changes
from hub.store.states import Origin
from hub.store.unit import Store

#: Destinations whose faces are drawn; a hub has few.
FACES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a source sent about an item, as text."""

    text: str  #: empty: not kept any more, or it cannot be made out in what was sent
    url: str  #: address that it came from
    page: bool  #: the item's own page


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One held edition, ready to be decided about."""

    original: Shown
    faces: Sequence[PreviewedFace]
    changes: Sequence[FieldChange]  #: against the public edition; empty for a new item
    against: int  #: revision of the public edition; 0: there is none


async def sheet(engine: Engine, item: ItemFile, edition: ReadEdition) -> Sheet:
    """The sheet of an edition that the viewer may see."""
    public = item.public
    before = public.item if public else None
    changed = await asyncio.to_thread(changes, before, edition.item) if before and edition.item else []
    return Sheet(
        original=await original(engine.store, edition, (item.guid, item.url)),
        faces=await faces(engine, item, edition) if edition.item else (),
        changes=changed, against=public.revision if before and public else 0,
    )  # fmt: skip


async def faces(engine: Engine, item: ItemFile, edition: ReadEdition) -> list[PreviewedFace]:
    """The places to which routing sends an edition today, each as it would show it."""
    if edition.item is None:
        return []
    facts = Facts(member=item.member, source=item.source, kind=item.kind)
    routing = route(edition.item, facts, engine.routes, engine.store.now().astimezone(engine.zone))
    found = []
    for name in routing.destinations[:FACES]:
        try:
            found.append(await face(engine, item.content_id, name, revision=edition.revision))
        except HubError:  # not in the settings any more: nobody would send it there
            continue
    return found


async def original(store: Store, edition: ReadEdition, names: tuple[str, ...]) -> Shown:
    """What the source sent, as text; with nothing in it where it is kept no more."""
    rows = await store.fetch(
        "SELECT c.url, c.content_type, c.origin, b.body FROM capture c JOIN capture_body b ON b.id = c.id"
        " WHERE c.id = ?",
        edition.capture,
    )
    if not rows:
        return Shown(text="", url="", page=False)
    row = rows[0]
    page = row["origin"] == Origin.ARTICLE
    sought = (*names, plain(edition.item.title)[:80] if edition.item else "")
    text = await asyncio.to_thread(_read, row["body"], row["content_type"], sought, page)
    return Shown(text=text, url=row["url"], page=page)


def _read(body: bytes, content_type: str, names: tuple[str, ...], page: bool) -> str:
    text, _ = decode(unpack(body), content_type)
    return passage(text, names, page=page)
