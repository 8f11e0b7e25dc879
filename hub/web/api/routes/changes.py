"""Every public change in its order: asked for from time to time, waited for, or sent as it happens."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final

from aiohttp import web
from pydantic import BaseModel, Field

from connectors.errors import HubError
from hub.store import changes as order
from hub.web.answers import HEADERS, transport_headers
from hub.web.api.caller import CALLER
from hub.web.api.cursors import LIMIT, cursor, number_of, parts_of
from hub.web.api.faces import written
from hub.web.api.listening import LISTENERS, Listeners, Shown, placed, shown
from hub.web.api.models import ChangeEntry, Changes, GoneItem
from hub.web.api.operation import Call, Said, Text, read
from hub.web.api.problems import Refused
from hub.web.api.usage import USAGE
from hub.web.api.values import Nothing, Shape, Whole, Word
from hub.web.site import SITE
from schemas.item import Kind

#: Longest wait of one question, in seconds.
LONGEST_WAIT: Final = 50
#: Seconds after which a silent stream says that it lives; for which a listener may take nothing; and after which a
#: stream ends, so that no listener outlives its key or the proxies between us. It comes back by itself.
HEARTBEAT, SLOW, STREAM_FOR = 15.0, 10.0, 3_600.0

After = Annotated[
    str | None, Field(max_length=LIMIT, pattern=r"^[A-Za-z0-9_-]*$", description="`after` of the answer before")
]


class ChangesQuery(Shape):
    """Where to go on, and how long to wait there."""

    after: After = None
    kind: Annotated[Kind | None, Field(description="changes of items of this kind only")] = None
    member: Annotated[Word | None, Field(description="changes of this member's items only")] = None
    limit: Annotated[Whole, Field(ge=1, le=200, description="changes of one answer")] = 50
    wait: Annotated[
        Whole, Field(ge=0, le=LONGEST_WAIT, description="seconds to wait for a change, where there is none yet")
    ] = 0  # fmt: skip


class StreamQuery(Shape):
    """Where to go on."""

    after: After = None


async def changes(call: Call[Nothing, ChangesQuery, None]) -> Said:
    """Without `after` from the beginning: so a copy of everything is made, and kept by going on with it.

    Withdrawals are changes too. An item that changed again stands at its newest place only, as it is now: a reader that
    goes on from its cursor ends up with exactly what is public.
    """
    query = call.query
    epoch = await order.epoch(call.store)
    number = await _number(call, query.after, epoch) if query.after else 0
    value, head = await _made(call, number, epoch)
    if value is None and query.wait:
        listeners = call.request.app[LISTENERS]
        async with listeners.place(known=bool(call.caller.who)):
            if await listeners.further(max(number, head), seconds=query.wait):
                value, head = await _made(call, number, epoch)
    if value is None:
        value = await _written(call, [], epoch, max(number, head))
    return Said(value=value, headers={"Cache-Control": "no-store"})


async def _made(call: Call[Nothing, ChangesQuery, None], number: int, epoch: str) -> tuple[bytes | None, int]:
    """The answer with what changed behind a number, None where nothing did; and the number up to which that is all."""
    async with call.site.texts():
        found, head = await _read(call, number)
        if not found:
            return None, head
        return await _written(call, found, epoch, max(number, head)), head


async def _written(
    call: Call[Nothing, ChangesQuery, None], found: Sequence[order.Change], epoch: str, at_least: int
) -> bytes:  # fmt: skip
    more = len(found) > call.query.limit
    found = found[: call.query.limit]
    end = found[-1].number if more else max(at_least, *(each.number for each in found), 0)
    entries = _entries(await shown(call.site, found), epoch)
    return await written(Changes.model_construct(changes=entries, after=cursor(epoch, "changes", end), more=more))


async def _read(call: Call[Nothing, ChangesQuery, None], number: int) -> tuple[list[order.Change], int]:
    """Changes behind a number, one more than is wanted; and the number up to which these are all."""
    await placed(call.store)
    head = await order.head(call.store)  # before: what is numbered meanwhile lies behind it
    query = call.query
    found = await order.since(
        call.store, number, limit=query.limit + 1, kind=query.kind or "", member=query.member or ""
    )  # fmt: skip
    return found, head


async def changes_stream(call: Call[Nothing, StreamQuery, None]) -> web.StreamResponse:
    """Server-sent events: `published` and `withdrawn` with the item as data, and the cursor as id.

    Without `after` and without Last-Event-ID from now on. A listener that was cut off comes back with the id of the
    last event that it got, and misses nothing.
    """
    request = call.request
    epoch = await order.epoch(call.store)
    listeners = request.app[LISTENERS]
    word = request.headers.get("Last-Event-ID") or call.query.after
    async with listeners.place(known=bool(call.caller.who)):
        await placed(call.store)
        number = await _number(call, word, epoch) if word else await order.head(call.store)
        response = web.StreamResponse(
            headers={
                **HEADERS, **transport_headers(request.app[SITE]), "Content-Type": "text/event-stream",
                "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*",
            }
        )  # fmt: skip
        await response.prepare(request)
        try:
            await _tell(request, response, listeners, epoch, number)
        except (TimeoutError, ConnectionError, HubError):  # it comes back with its cursor
            if request.transport is not None:
                request.transport.abort()
    return response


async def _tell(
    request: web.Request, response: web.StreamResponse, listeners: Listeners, epoch: str, number: int
) -> None:  # fmt: skip
    await _send(response, f"retry: 3000\nevent: ready\nid: {cursor(epoch, 'changes', number)}\ndata: {{}}\n\n")
    loop = asyncio.get_running_loop()
    end = loop.time() + STREAM_FOR
    while not listeners.closed and loop.time() < end:
        if not await listeners.further(number, seconds=HEARTBEAT):
            if not listeners.closed:
                await _send(response, ":\n\n")
            continue
        page, number = await listeners.read(number)
        sent = 0
        for each in page:
            sent += await _send(response, _event(each, epoch))
        request.app[USAGE].note(request[CALLER].consumer, refused=False, size=sent, calls=0)


async def _send(response: web.StreamResponse, text: str) -> int:
    """Raises TimeoutError when the listener takes nothing, ConnectionError when it is gone."""
    body = text.encode()
    async with asyncio.timeout(SLOW):
        await response.write(body)
    return len(body)


def _event(each: Shown, epoch: str) -> str:
    name = _change(each)
    return f"event: {name}\nid: {cursor(epoch, 'changes', each.number)}\ndata: {each.item.model_dump_json()}\n\n"


def _entries(found: Sequence[Shown], epoch: str) -> tuple[ChangeEntry, ...]:
    return tuple(
        ChangeEntry.model_construct(
            cursor=cursor(epoch, "changes", each.number), change=_change(each), item=each.item
        )
        for each in found
    )  # fmt: skip


def _change(each: Shown) -> str:
    return "withdrawn" if isinstance(each.item, GoneItem) else "published"


async def _number(call: Call[BaseModel, BaseModel, None], word: str, epoch: str) -> int:
    """Raises Refused: `bad_cursor`, also for a place that this database has not reached: it was put back."""
    if len(word) > LIMIT:
        raise Refused("bad_cursor")
    [part] = parts_of(word, epoch, "changes", count=1)
    number = number_of(part)
    if number > await order.head(call.store):
        raise Refused("bad_cursor")
    return number


ROUTES = (
    read("/changes", changes, at=Nothing, query=ChangesQuery, answers={200: Changes}, tag="changes",
         summary="Public changes since a cursor", refusals=("bad_cursor", "too_many_listeners"),
         patience=LONGEST_WAIT + 20.0),
    read("/changes/stream", changes_stream, at=Nothing, query=StreamQuery, tag="changes",
         answers={200: Text("text/event-stream", "events `ready`, `published`, `withdrawn`")},
         summary="Public changes as they happen", refusals=("bad_cursor", "too_many_listeners"),
         patience=STREAM_FOR + 60.0, head=False),
)  # fmt: skip
