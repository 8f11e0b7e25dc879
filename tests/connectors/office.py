"""An office with documents for the axis, and what it sends: builders that the tests of the axis share."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from connectors.base import Payload
from connectors.destinations.edxml import Config, Connector
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import Message
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Attachment, Kind
from tests.fakes.axis import FakeAxis

ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
XSD = Path(__file__).parents[2] / "schemas" / "xsd" / "edxml-document.xsd"
IDENTITY = "000.00.01.H52,2026/03/01,575/QĐ-UBND"
PDF = b"%PDF-1.4\n%%EOF"
OFFICES: dict[str, Any] = {
    "sender": {"id": "000.00.01.H52", "name": "Uỷ ban nhân dân tỉnh Mẫu", "email": "vanthu@tinhmau.gov.vn"},
    "receivers": [{"id": "000.00.02.H52", "name": "Sở Y tế"}, {"id": "000.00.03.H52", "name": "Sở Nội vụ"}],
    "place": "Tỉnh Mẫu",
}


def straight(axis: FakeAxis, *, account: dict[str, Any] | None = None, **config: Any) -> Connector:
    settings = {"axis": {"url": axis.url, **axis.account(), **(account or {})}, "allow_private": axis.doors}
    return Connector("truc", Config.model_validate({**OFFICES, **settings, **config}))


def folder(path: Path, **config: Any) -> Connector:
    return Connector("truc", Config.model_validate({**OFFICES, "folder": str(path), **config}))


def edition(revision: int = 1, *, attachments: tuple[Attachment, ...] = (), **details: Any) -> PublishedItem:
    said = {"number": "575/QĐ-UBND", "issued": "2026-03-01", "document_type": {"code": "QĐ", "name": "Quyết định"}}
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.DOCUMENT, title="Quyết định giao đất", member="H52", source="vb",
        published=datetime(2026, 3, 2, 1, tzinfo=UTC), attachments=attachments, details=said | details,
    )  # fmt: skip


def withdrawal(revision: int, reason: str = "") -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, reason=reason, at=datetime(2026, 3, 9, 2, tzinfo=UTC))


def message_in(payload: Payload) -> Message:
    message = edxml.parse(payload.body)
    assert isinstance(message, Message)
    return message


def acts(messages: list[Message]) -> list[tuple[str, str, str]]:
    return [(one.business.type, one.business.document_id, one.business.reason) for one in messages]


def lying(outbox: Path) -> list[Path]:
    """What lies in the folder for the other program."""
    return sorted(outbox.glob("*.edxml"))


def read_from(outbox: Path) -> list[Message]:
    read = [edxml.parse(one.read_bytes()) for one in lying(outbox)]
    return [one for one in read if isinstance(one, Message)]


async def sends(
    connector: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "", key: str = ""
) -> str:
    """Send or withdraw as the stage does; the remote id of the receipt."""
    last = edition(1) if isinstance(what, Withdrawal) else None
    payload = connector.present(what, last=last)
    call = connector.withdraw if isinstance(what, Withdrawal) else connector.send
    key = key or f"{ID}:{what.revision}:truc"
    return (await call(http, payload, key=key, remote_id=remote_id)).remote_id
