"""Public items: lists of them, one of them, and its editions."""

from contextlib import nullcontext
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, Field

from hub.queries.public_facts import PublicEditionFact, public_editions
from hub.store import changes, numbers, publishing
from hub.store.instants import micros, moment
from hub.store.publishing import Place, PublicEdition, Selection
from hub.web.api.cursors import LIMIT, cursor, number_of, parts_of
from hub.web.api.faces import faces, gone, written
from hub.web.api.models import Edition, Editions, Items, LiveItem
from hub.web.api.operation import Call, Said, read
from hub.web.api.problems import Refused
from hub.web.api.values import Flag, Moment, Nothing, Shape, Whole, Word
from schemas.edition import Withdrawal, WithdrawalKind
from schemas.item import Kind

#: Entries of a page, and items that may have one number.
MOST, USUAL = 100, 20
#: Characters of text after which a page ends, though it has fewer entries: articles may be very long.
PAGE_TEXT = 4_000_000


class ListQuery(Shape):
    """What narrows a list of any kind of items."""

    member: Annotated[Word | None, Field(description="code of the member that published it")] = None
    source: Annotated[Word | None, Field(description="name of the source")] = None
    tag: Annotated[Word | None, Field(description="a tag; marks and case do not matter")] = None
    since: Annotated[Moment | None, Field(description="changed in public at this time or later")] = None
    until: Annotated[Moment | None, Field(description="changed in public before this time")] = None
    withdrawn: Annotated[Flag, Field(description="with what was withdrawn")] = False
    content: Annotated[Flag, Field(description="with `content_html` and `details`, which are empty otherwise")] = False
    limit: Annotated[Whole, Field(ge=1, le=MOST, description="entries of a page")] = USUAL
    cursor: Annotated[
        str | None, Field(max_length=LIMIT, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before")
    ] = None  # fmt: skip


class ItemsQuery(ListQuery):
    """What narrows the list of items."""

    kind: Annotated[Kind | None, Field(description="what an item is")] = None


class DocumentsQuery(ListQuery):
    """What narrows the list of documents."""

    number: Annotated[
        Word | None, Field(description="number as typed, like 15/2024/QĐ-UBND; the other parameters are ignored")
    ] = None  # fmt: skip


class ItemAt(Shape):
    """One item."""

    content_id: UUID


class CodeAt(Shape):
    """One procedure."""

    code: Word


async def items(call: Call[Nothing, ItemsQuery, None]) -> Said:
    """Newest public change first. A walk by `next` meets every item that was public when it began exactly once."""
    return await _list(call, call.query.kind)


async def procedures(call: Call[Nothing, ListQuery, None]) -> Said:
    """As /items, of administrative procedures only."""
    return await _list(call, Kind.PROCEDURE)


async def documents(call: Call[Nothing, DocumentsQuery, None]) -> Said:
    """As /items, of documents only; or those with a number."""
    if call.query.number:
        return await _called(call, Kind.DOCUMENT, call.query.number)
    return await _list(call, Kind.DOCUMENT)


async def procedure(call: Call[CodeAt, Nothing, None]) -> Said:
    """By its code, whole or the part that all agencies share; several agencies may publish one."""
    return await _called(call, Kind.PROCEDURE, call.at.code)


async def item(call: Call[ItemAt, Nothing, None]) -> Said | web.StreamResponse:
    """The newest public edition. An item that was withdrawn is answered by 410 with what is left of it."""
    found = await publishing.public_item(call.store, call.at.content_id)
    if found is None:
        raise Refused("not_found")
    if isinstance(found.edition, Withdrawal):
        if found.edition.kind is WithdrawalKind.VANISH:
            raise Refused("not_found")
        raise Refused("withdrawn", withdrawal=gone(found, found.edition).model_dump(mode="json"))
    [shown] = await faces(call.site, [found])
    return Said(value=await written(shown))


async def editions(call: Call[ItemAt, Nothing, None]) -> Said:
    """Numbers, times and kinds of change; the texts of older editions are not public any more."""
    found = await publishing.public_item(call.store, call.at.content_id)
    if found is None or (isinstance(found.edition, Withdrawal) and found.edition.kind is WithdrawalKind.VANISH):
        raise Refused("not_found")
    told = await public_editions(call.store, call.at.content_id)
    return Said(
        value=Editions(
            content_id=call.at.content_id, editions=tuple(_edition(one, found.edition.revision) for one in told)
        )
    )


def _edition(one: PublicEditionFact, current: int) -> Edition:
    state = "withdrawn" if one.state == "withdrawn" else "current" if one.revision == current else "superseded"
    return Edition.model_validate(
        {"revision": one.revision, "update_type": one.update_type, "state": state, "public_at": one.public_at}
    )


async def _list(call: Call[Nothing, ListQuery, None], kind: Kind | None) -> Said:
    query, store = call.query, call.store
    epoch = await changes.epoch(store)
    after = _place(query.cursor, epoch) if query.cursor else None
    selection = Selection(
        kind=kind or "", member=query.member or "", tag=query.tag or "", source=query.source or "",
        since=query.since, until=query.until, live=not query.withdrawn,
    )  # fmt: skip
    async with call.site.texts() if query.content else nullcontext():
        found = await publishing.public_list(store, selection, limit=query.limit + 1, after=after)
        entries = _bounded(found[: query.limit]) if query.content else found[: query.limit]
        further = ""
        if len(entries) < len(found):
            began = after.began if after else entries[0].public_at
            last = entries[-1]
            further = cursor(epoch, "items", micros(began), micros(last.place), last.edition.content_id)
        page = Items.model_construct(items=await faces(call.site, entries, text=query.content), next=further)
        value = await written(page)
    return Said(value=value, changed=_changed(entries) if not (query.tag or after) else None)


def _changed(entries: list[PublicEdition]) -> datetime | None:
    return max((entry.public_at for entry in entries), default=None)


def _bounded(entries: list[PublicEdition]) -> list[PublicEdition]:
    size = 0
    for count, entry in enumerate(entries):
        size += 0 if isinstance(entry.edition, Withdrawal) else len(entry.edition.content_html)
        if size > PAGE_TEXT and count:
            return entries[:count]
    return entries


def _place(word: str, epoch: str) -> Place:
    began, place, content_id = parts_of(word, epoch, "items", count=3)
    try:
        return Place(began=moment(number_of(began)), place=moment(number_of(place)), content_id=UUID(content_id))
    except (ValueError, OverflowError):
        raise Refused("bad_cursor") from None


async def _called(call: Call[BaseModel, BaseModel, None], kind: Kind, what: str) -> Said:
    found = [
        one
        for identity in await numbers.called(call.store, kind, what, limit=MOST)
        if (one := await publishing.public_item(call.store, identity)) and not isinstance(one.edition, Withdrawal)
    ]
    if not found:
        raise Refused("not_found")
    return Said(value=await written(Items.model_construct(items=await faces(call.site, found), next="")))


ROUTES = (
    read("/items", items, at=Nothing, query=ItemsQuery, answers={200: Items}, tag="items", cached=True,
         summary="Public items", refusals=("bad_cursor",)),
    read("/items/{content_id}", item, at=ItemAt, query=Nothing, answers={200: LiveItem}, tag="items",
         cached=True, summary="One item", refusals=("withdrawn",)),
    read("/items/{content_id}/editions", editions, at=ItemAt, query=Nothing, answers={200: Editions}, tag="items",
         summary="The public editions of an item"),
    read("/procedures", procedures, at=Nothing, query=ListQuery, answers={200: Items}, tag="procedures", cached=True,
         summary="Administrative procedures", refusals=("bad_cursor",)),
    read("/procedures/{code}", procedure, at=CodeAt, query=Nothing, answers={200: Items}, tag="procedures",
         cached=True, summary="The procedures with a code"),
    read("/documents", documents, at=Nothing, query=DocumentsQuery, answers={200: Items}, tag="documents",
         cached=True, summary="Documents, by number too", refusals=("bad_cursor", "not_found")),
)  # fmt: skip
