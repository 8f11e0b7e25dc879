"""A published item of which a test says only what it cares about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.edition import PublishedItem
from schemas.item import Kind

ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")


def published(**fields: Any) -> PublishedItem:
    return PublishedItem.model_validate(
        {
            "content_id": ID, "revision": 1, "kind": Kind.NEWS, "title": "Lịch tiêm chủng tháng ba tại các trạm y tế",
            "member": "H57.12", "member_name": "Sở Y tế", "source": "so-y-te", "url": "https://syt.example.vn/tin/12",
            "published": datetime(2026, 3, 2, 1, tzinfo=UTC),
        } | fields
    )  # fmt: skip
