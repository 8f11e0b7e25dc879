"""What tests of the content systems share: an item, its withdrawal, and a delivery as the stage makes it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from connectors.base import Found, Holdings, Payload, Receipt
from connectors.cms.portal import CmsPortal
from connectors.http import Http
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Attachment, Kind
from tests.fakes.cmsportals import CmsServer

ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
OTHER = UUID("6a1d9b65-7b4d-5e1c-8a1f-4b5c6d7e8f90")


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "title": "Tiêm chủng & phòng bệnh tháng ba",
            "summary": "Các trạm y tế mở cửa cả thứ bảy.", "content_html": "<p>Trạm y tế phường <b>Kim Long</b></p>",
            "member": "H52.12", "member_name": "Sở Y tế", "source": "so-y-te", "url": "https://syt.example.vn/tin/12",
            "published": datetime(2026, 3, 2, 1, tzinfo=UTC), "tags": ("Y tế",),
        } | fields
    )  # fmt: skip


def with_picture(site: CmsServer, revision: int = 1, **fields: Any) -> PublishedItem:
    """An item whose picture lies at the same server, which gives it to everybody."""
    return item(revision, image=f"{site.origin}/anh.png", **fields)


def attached() -> Attachment:
    return Attachment(url="https://syt.example.vn/tep/lich.pdf", title="Lịch <tiêm>", length=1_258_291)


def withdrawal(revision: int = 2, kind: WithdrawalKind = WithdrawalKind.GONE, **fields: Any) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, kind=kind, at=datetime(2026, 3, 3, 20, tzinfo=UTC), **fields)


async def deliver(
    portal: CmsPortal, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "", *, last: bool = True
) -> Receipt:  # fmt: skip
    payload = _payload(portal, what, last=last)
    call = portal.withdraw if isinstance(what, Withdrawal) else portal.send
    return await call(http, payload, key=f"{what.content_id}:{what.revision}", remote_id=remote_id)


async def find(portal: CmsPortal, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Found | None:
    return await portal.find(http, _payload(portal, what), remote_id=remote_id)


def _payload(portal: CmsPortal, what: PublishedItem | Withdrawal, *, last: bool = True) -> Payload:
    return portal.present(what, last=item() if last and isinstance(what, Withdrawal) else None)


async def listed(portal: CmsPortal, http: Http) -> list[Holdings]:
    """Every page of what is there."""
    pages = [await portal.holdings(http, {})]
    while pages[-1].more and len(pages) < 20:
        pages.append(await portal.holdings(http, pages[-1].cursor))
    return pages
