"""A Facebook Page for the tests beside this file: items, a connector, and what is done with them."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from connectors.destinations.facebook import Config, Connector
from connectors.errors import (
    HubError,
)
from connectors.http import Http
from connectors.pageposts import Step
from connectors.presentation.link import marker
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.fakes.graph import PAGE, Fault, Graph
from tests.fakes.memory import FakeMemory

TOKEN = "EAAG-ma-truy-cap-bi-mat"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
LINK = f"https://tinh-mau.vn/tin/{ID}"
LOST = Fault(committed=True, reset=True)


def item(revision: int = 1, **fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": revision, "kind": Kind.NEWS, "member": "H57.12", "member_name": "Sở Y tế",
            "source": "so-y-te", "title": f"Lịch tiêm chủng tháng ba (bản {revision})", "summary": "Tại các trạm y tế.",
            "published": datetime(2026, 3, 2, tzinfo=UTC), "tags": ["y tế"],
        } | fields
    )  # fmt: skip


def gone(revision: int) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, at=datetime(2026, 3, 3, tzinfo=UTC))


def connect(page: Graph, memory: FakeMemory | None = None, **keys: Any) -> Connector:
    config = Config.model_validate(
        {
            "page_id": PAGE, "token": TOKEN, "base_url": page.origin, "link": "https://tinh-mau.vn/tin/{content_id}",
            "timeout": "2s", "allow_private": [str(page.allowance)],
        } | keys
    )  # fmt: skip
    connector = Connector("trang-tinh", config)
    connector.memory = memory or FakeMemory()
    return connector


async def send(connector: Connector, http: Http, what: PublishedItem, remote_id: str = "") -> str:
    receipt = await connector.send(http, connector.present(what), key="k", remote_id=remote_id)
    return receipt.remote_id


async def failing(connector: Connector, http: Http, what: PublishedItem) -> HubError:
    with pytest.raises(HubError) as caught:
        await send(connector, http, what)
    assert caught.value.sentence
    assert "nobody may see" not in f"{caught.value} {caught.value.sentence}"
    return caught.value


async def withdraw(connector: Connector, http: Http, revision: int = 9, remote_id: str = "") -> str:
    receipt = await connector.withdraw(http, connector.present(gone(revision)), key="k", remote_id=remote_id)
    return receipt.note


def remembered(connector: Connector) -> Step:
    assert isinstance(connector.memory, FakeMemory)
    return Step(json.loads(connector.memory.values[f"post:{marker(ID)}"])["step"])
