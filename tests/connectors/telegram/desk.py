"""An item, a connector to the fake channel, and what it is asked to do."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from connectors.base import Found, Receipt
from connectors.destinations.telegram import Config, Connector
from connectors.errors import (
    UnconfirmedError,
)
from connectors.http import Http
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Kind
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.telegram import CHANNEL, TelegramChannel

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
PAGE = f"https://tinh-mau.vn/tin/{ID}"


def config(base_url: str = "http://127.0.0.1:9", **keys: Any) -> Config:
    fields = {
        "chat": CHANNEL, "token": TOKEN, "base_url": base_url, "timeout": "1s",
        "link": "https://tinh-mau.vn/tin/{content_id}",
    }  # fmt: skip
    return Config.model_validate(fields | keys)


def desk(channel: TelegramChannel, **keys: Any) -> Connector:
    made = Connector("kenh-tinh", config(channel.origin, **keys))
    made.memory = FakeMemory()
    return made


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "title": f"Tiêm chủng tháng ba (bản {revision})",
            "summary": "Trạm y tế mở cửa cả thứ bảy & chủ nhật.", "member": "H52.12", "member_name": "Sở Y tế",
            "source": "so-y-te", "published": datetime(2026, 3, 2, 1, tzinfo=UTC), "tags": ("Y tế",),
        } | fields
    )  # fmt: skip


def withdrawal(revision: int = 9, kind: WithdrawalKind = WithdrawalKind.GONE, **fields: Any) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, kind=kind, at=datetime(2026, 3, 3, 20, tzinfo=UTC), **fields)


async def deliver(
    at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = ""
) -> Receipt:  # fmt: skip
    payload = at.present(what)
    call = at.withdraw if isinstance(what, Withdrawal) else at.send
    return await call(http, payload, key=f"{ID}:{what.revision}", remote_id=remote_id)


async def find(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Found | None:
    return await at.find(http, at.present(what), remote_id=remote_id)


async def asks(at: Connector, http: Http, what: PublishedItem | Withdrawal) -> None:
    """A look ends with a question to a person."""
    with pytest.raises(UnconfirmedError) as caught:
        await find(at, http, what)
    assert caught.value.code == "untold"
    assert "hub posts confirm" in caught.value.sentence


async def lose(at: Connector, channel: TelegramChannel, http: Http, what: PublishedItem, *, committed: bool) -> None:
    """A message without an answer."""
    channel.fail_next(Fault(committed=committed, reset=True))
    with pytest.raises(UnconfirmedError):
        await deliver(at, http, what)


def picture(width: int = 800, height: int = 600) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height), (20, 90, 40)).save(made, "JPEG")
    return made.getvalue()
