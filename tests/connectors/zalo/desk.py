"""An item, a connector to the fake account, and what it is asked to do."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from connectors.base import Found, Receipt
from connectors.destinations.zalo import Config, Connector
from connectors.http import Http
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.fakes.memory import FakeMemory
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, ZaloAccount

SECRET = "Khoa-Ung-Dung-Zalo"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
PAGE = f"https://tinh-mau.vn/tin/{ID}"
COVER = "https://tinh-mau.vn/bieu-trung.png"


def config(origin: str = "http://127.0.0.1:9", **keys: Any) -> Config:
    fields = {
        "app_id": APP_ID, "app_secret": SECRET, "refresh_token": FIRST_REFRESH, "base_url": origin, "cover": COVER,
        "oauth_url": f"{origin}/v4/oa/access_token", "link": "https://tinh-mau.vn/tin/{content_id}", "timeout": "1s",
        "poll": "10ms",
    }  # fmt: skip
    return Config.model_validate(fields | keys)


def desk(account: ZaloAccount, memory: FakeMemory | None = None, **keys: Any) -> Connector:
    made = Connector("oa-tinh", config(account.origin, **keys))
    made.memory = memory or FakeMemory()
    return made


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "title": f"Tiêm chủng tháng ba (bản {revision})",
            "summary": "Trạm y tế mở cửa cả thứ bảy.", "content_html": "<p>Trạm y tế phường <b>Kim Long</b></p>",
            "member": "H52.12", "member_name": "Sở Y tế", "source": "so-y-te",
            "published": datetime(2026, 3, 2, 1, tzinfo=UTC),
        } | fields
    )  # fmt: skip


def withdrawal(revision: int = 9) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, at=datetime(2026, 3, 3, 20, tzinfo=UTC))


async def deliver(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Receipt:
    payload = at.present(what)
    call = at.withdraw if isinstance(what, Withdrawal) else at.send
    return await call(http, payload, key=f"{ID}:{what.revision}", remote_id=remote_id)


async def find(at: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "") -> Found | None:
    return await at.find(http, at.present(what), remote_id=remote_id)


def titles(account: ZaloAccount) -> list[str]:
    return [one.fields["title"] for one in account.visible()]
