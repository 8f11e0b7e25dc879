"""How would an item look at a destination? Exactly what would be sent, and what readers would see of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from connectors.base import Face, Payload, Showing
from connectors.errors import RejectedError
from hub.engine import Engine
from hub.store.deciding import decidable
from hub.store.roster import member_name
from schemas.edition import PublishedItem, UpdateType


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedFace:
    """One item at one destination."""

    content_id: UUID
    revision: int
    state: str  #: of the edition: held, approved …
    destination: str
    payload: Payload | None  #: what would be sent; None: this place does not take it
    face: Face | None  #: what readers would see; None where the place shows the item as it is
    refused: str = ""  #: why the place does not take it


async def face(
    engine: Engine, content_id: UUID, destination: str, *, revision: int | None = None
) -> PreviewedFace:  # fmt: skip
    """An edition as this destination would show it, the newest by default, approved or not. Sends nothing.

    What a screen holds has no face: its text is for the duty officer alone.

    Raises DecisionRefusedError for an item that there is not, ConfigError: `unknown_destination`.
    """
    place = engine.destination(destination)
    edition = await decidable(engine.store, content_id, revision)
    known: dict[str, Any] = {"content_id": content_id, "revision": edition.revision, "state": edition.state.value}
    if edition.item is None or edition.restricted:
        refused = _HELD if edition.restricted else _GONE
        return PreviewedFace(**known, destination=destination, payload=None, face=None, refused=refused)
    item = PublishedItem.of(
        edition.item, edition.kind, content_id=content_id, revision=edition.revision, update_type=UpdateType.MAJOR,
        member=edition.member, member_name=await member_name(engine.store, edition.member), source=edition.source,
    )  # fmt: skip
    try:
        payload = place.destination.present(item)
    except RejectedError as error:
        refused = error.sentence or str(error)
        return PreviewedFace(**known, destination=destination, payload=None, face=None, refused=refused)
    shown = place.destination.face(payload) if isinstance(place.destination, Showing) else None
    return PreviewedFace(**known, destination=destination, payload=payload, face=shown)


_HELD = "Phiên bản này đang bị tạm giữ để kiểm tra; người trực xử lý xong thì mới xem trước được."
_GONE = "Nội dung này đã gỡ; không còn gì để đăng."
