"""A member's own items, one by one: sent, corrected, taken back; and what became of each.

It goes the way of everything that comes in: kept, screened, reviewed, routed. The answer says where to look.
"""

import re
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

import orjson
from pydantic import Field, TypeAdapter

from connectors.base import Capture
from connectors.sources.inbox import Config
from hub.store import submitting
from hub.store.receiving import PutOff
from hub.store.submitting import Differs, Same, Taken
from hub.web.api.operation import Call, Said, read, send
from hub.web.api.problems import Refused
from hub.web.api.values import PLAIN, Nothing, Shape
from hub.web.routes import Open
from schemas.item import ADDRESS_LIMIT, ITEM, Item, Kind

#: Bytes of one item.
ITEM_LIMIT: Final = 4 * 1024**2
_MATCH: Final = re.compile(r'"(\d{1,9})"', re.ASCII)

Guid = Annotated[str, Field(min_length=1, max_length=ADDRESS_LIMIT, pattern=PLAIN)]


class ItemOfMember(Shape):
    """One item of one member, by the name that the member gave it."""

    code: Annotated[str, Field(min_length=1, max_length=64, pattern=PLAIN)]
    guid: Guid


class SentItem(Shape):
    """What became of what a member sent."""

    guid: str
    source: str = Field(description="the inbox that took it")
    content_id: UUID | None = Field(description="its name in the hub; null: it was not read yet")
    state: submitting.State = Field(
        description="received: not read yet; held: a person decides; public; rejected; withdrawn"
    )
    revision: int = Field(ge=0, description="of the item; 0: none yet. For If-Match")
    public_revision: int = Field(ge=0, description="that readers see; 0: none")
    reason: str = Field(description="stable code, where it is held or rejected; may be empty")
    sentence: str = Field(description="the same for a clerk, in Vietnamese; may be empty")
    status: str = Field(description="address that tells this again")


async def put_item(call: Call[ItemOfMember, Nothing, Item]) -> Said:
    """Idempotent: the same words again change nothing (200). New or changed ones are kept and read (202).

    `guid` of the body is that of the address. With If-Match only if the item still has that revision.
    """
    if call.body.guid != call.at.guid:
        raise Refused("bad_body", errors=[{"where": "guid", "what": "differs from that of the address"}])
    source = next((name for name, kind in _inboxes(call).items() if kind is call.body.kind), None)
    if source is None:
        raise Refused("no_inbox")
    item = call.body.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
    return await _sent(call, source, {"items": [item]}, said=ITEM.dump_json(call.body))


async def delete_item(call: Call[ItemOfMember, Nothing, None]) -> Said:
    """The member takes the item back: it is withdrawn wherever it is shown."""
    before = await submitting.fate(call.store, list(_inboxes(call)), call.at.guid)
    if before is None:
        raise Refused("not_found")
    gone = {"guid": call.at.guid, "at": call.store.now().isoformat()}
    return await _sent(call, before.source, {"withdrawn": [gone]}, said=b"")


async def sent_item(call: Call[ItemOfMember, Nothing, None]) -> Said:
    """Whether it was read, waits for a person, is public or was refused, and why."""
    return await _told(call, 200)


async def _sent(call: "_AnyCall", source: str, document: dict[str, object], *, said: bytes) -> Said:
    engine = call.site.engine
    if not engine.has_room():
        raise Refused("unavailable")
    capture = Capture(
        url=engine.sources[source].context.url, content_type="application/json", body=orjson.dumps(document),
        fetched_at=call.store.now(),
    )  # fmt: skip
    taken = await submitting.submit(
        call.store, source, call.at.guid, capture, said=said, consumer=call.caller.consumer, expected=_expected(call)
    )
    match taken:
        case PutOff(seconds):
            raise Refused("inbox_paused", headers={"Retry-After": str(round(seconds))})
        case Differs():
            raise Refused("revision_differs")
        case Same():
            return await _told(call, 200)
        case Taken():
            return await _told(call, 202)


async def _told(call: "_AnyCall", status: int) -> Said:
    found = await submitting.fate(call.store, list(_inboxes(call)), call.at.guid)
    if found is None:
        raise Refused("not_found")
    address = f"{call.site.base}/api/v1/members/{quote(call.at.code, safe='')}/items/{quote(call.at.guid, safe='')}"
    told = SentItem(
        guid=call.at.guid, source=found.source, content_id=UUID(found.content_id) if found.content_id else None,
        state=found.state, revision=found.revision, public_revision=found.public_revision, reason=found.reason,
        sentence=found.sentence, status=address,
    )  # fmt: skip
    headers = {"ETag": f'"{found.revision}"', "Cache-Control": "no-store"}
    return Said(value=told, status=status, headers=headers | ({"Location": address} if status == 202 else {}))


def _inboxes(call: "_AnyCall") -> dict[str, Kind]:
    """The inboxes of the member that take items, by name."""
    return {
        name: source.context.kind
        for name, source in call.site.engine.sources.items()
        if source.member == call.at.code and isinstance(source.config, Config) and source.config.reads == "items"
    }


def _expected(call: "_AnyCall") -> int | None:
    header = call.request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = _MATCH.fullmatch(header.strip())
    if found is None:
        raise Refused("revision_differs")
    return int(found[1])


_AnyCall = Call[ItemOfMember, Nothing, object]
_PATH: Final = "/members/{code}/items/{guid:.+}"
_REFUSED: Final = ("no_inbox", "inbox_paused")

ROUTES = (
    send("PUT", _PATH, put_item, at=ItemOfMember, body=TypeAdapter[Item](Item), demand=Open.MEMBER, tag="members",
         summary="Send an item", answers={200: SentItem, 202: SentItem}, refusals=_REFUSED, body_limit=ITEM_LIMIT,
         conditional=True),
    send("DELETE", _PATH, delete_item, at=ItemOfMember, body=None, demand=Open.MEMBER, tag="members",
         summary="Take an item back", answers={200: SentItem, 202: SentItem}, refusals=("inbox_paused",),
         conditional=True),
    read(_PATH, sent_item, at=ItemOfMember, query=Nothing, demand=Open.MEMBER, tag="members",
         summary="What became of an item", answers={200: SentItem}),
)  # fmt: skip
