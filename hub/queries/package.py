"""What does an officer need to enter by hand: the public edition of an item, or all that is asked at a destination."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.errors import HubError
from hub.engine import unknown_destination
from hub.gate import outgoing
from hub.queries.tasks import OpenTask, every_task
from hub.rules.reconciliation import DifferenceKind
from hub.store import differing
from hub.store.publishing import public_item
from hub.store.unit import Store
from schemas.edition import PublishedItem


class NotPublicError(HubError):
    """There is no public item of this id: it never was, waits for a decision, or was withdrawn."""

    code = "not_public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An open task with what is entered for it."""

    task: OpenTask
    item: PublishedItem | None  #: as the public sees it now, behind the gate; None: nothing is to be shown there
    differences: Sequence[Mapping[str, Any]]  #: of connectors.base.Difference, as the last comparison found them


async def public_edition(store: Store, content_id: UUID) -> PublishedItem:
    """The edition that the public sees, behind the gate. Raises NotPublicError."""
    found = await _public(store, str(content_id))
    if found is None:
        raise NotPublicError(
            f"{content_id} is not public",
            sentence=f"Nội dung {content_id} không có trên hệ thống, chưa được duyệt hoặc đã gỡ nên không lập được hồ"
            " sơ công khai. Hãy kiểm tra bằng lệnh hub trace.",
        )
    return found


async def asked(store: Store, zone: ZoneInfo, destination: str) -> AsyncIterator[Asked]:
    """Every open task of a destination, the most urgent first. Raises ConfigError: `unknown_destination`."""
    names = {row["name"] for row in await store.fetch("SELECT name FROM destination")}
    if destination not in names:
        raise unknown_destination(destination, names)
    outdated = {
        one.content_id: one.fields
        for one in await differing.known(store, destination)
        if one.kind is DifferenceKind.OUTDATED
    }
    async for task in every_task(store, zone, destination=destination):
        item = await _public(store, task.content_id) if task.content_id else None
        yield Asked(task=task, item=item, differences=outdated.get(task.content_id, ()) if item else ())


async def _public(store: Store, content_id: str) -> PublishedItem | None:
    found = await public_item(store, UUID(content_id))
    return outgoing(found.edition) if found and isinstance(found.edition, PublishedItem) else None
