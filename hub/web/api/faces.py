"""Public editions as the API shows them; cleaned once more on their way out (hub/gate.py)."""

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel

from connectors.parse.url import web_url
from hub.gate import outgoing
from hub.store.publishing import PublicEdition
from hub.web.api.models import GoneItem, LiveItem
from hub.web.site import Site
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind


def face(site: Site, entry: PublicEdition, *, text: bool = True) -> LiveItem | GoneItem:
    """One edition; without `text` neither its HTML nor the fields of its kind."""
    if isinstance(entry.edition, Withdrawal):
        return gone(entry, entry.edition)
    item = entry.edition
    if not text:
        item = item.model_copy(update={"content_html": "", "details": {}})
    item = outgoing(item)
    return LiveItem.model_construct(
        **{name: getattr(item, name) for name in PublishedItem.model_fields},
        public_at=entry.public_at, page=site.base + site.item(item.content_id),
    )  # fmt: skip


def gone(entry: PublicEdition, withdrawal: Withdrawal) -> GoneItem:
    """A withdrawal; of one that shall vanish nothing is told but that copies are to go."""
    silent = withdrawal.kind is WithdrawalKind.VANISH
    return GoneItem(
        content_id=withdrawal.content_id, revision=withdrawal.revision, kind=withdrawal.item_kind,
        withdrawal=withdrawal.kind, reason="" if silent else withdrawal.reason,
        redirect_to="" if silent else web_url(withdrawal.redirect_to), at=withdrawal.at, public_at=entry.public_at,
    )  # fmt: skip


async def faces(
    site: Site, entries: Sequence[PublicEdition], *, text: bool = True
) -> tuple[LiveItem | GoneItem, ...]:  # fmt: skip
    """Several editions: cleaning them takes milliseconds, beside the loop, which has other work."""
    return await asyncio.to_thread(lambda: tuple(face(site, entry, text=text) for entry in entries))


async def written(model: BaseModel) -> bytes:
    """A model's JSON, made beside the loop."""
    return await asyncio.to_thread(lambda: model.model_dump_json().encode())
