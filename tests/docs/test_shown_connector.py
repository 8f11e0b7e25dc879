"""The connector that docs/howto/write-a-connector.md teaches works as it is shown."""

import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from connectors.base import Capture, Normalised, SourceContext
from connectors.errors import RejectedError
from schemas.item import Kind
from tests.docs.pages import DOCS, blocks


@pytest.fixture
def shown() -> ModuleType:
    """The module in write-a-connector.md."""
    [block] = blocks(DOCS / "howto" / "write-a-connector.md", "python")
    module = ModuleType("shown")
    exec(compile(block, "write-a-connector.md", "exec"), module.__dict__)
    return module


def captured(body: bytes) -> Capture:
    return Capture(
        url="https://snv.tinhmau.gov.vn/api/thong-bao", content_type="application/json", body=body,
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip


def read(module: ModuleType, body: bytes, known: frozenset[bytes] = frozenset()) -> tuple[Any, list[Normalised]]:
    source = module.Connector(SourceContext(name="snv", kind=Kind.NOTICE, url=captured(b"").url), module.Config())
    capture = captured(body)
    split = source.split(capture, known, capture.fetched_at)
    return split, [source.normalise(record, capture) for record in split.records]


ROW = {"id": 7, "tieu_de": "Thi tuyển <b>công chức</b>", "duong_dan": "/tb/7", "ngay": "20/11/2026 08:30",
       "noi_dung": "<p onclick=x()>Hồ sơ nộp trước 30/11.</p><script>x()</script>"}  # fmt: skip


def test_the_connector_that_the_how_to_shows_makes_clean_items(shown: ModuleType) -> None:
    _, [made] = read(shown, json.dumps([ROW]).encode())
    item = made.item
    assert (item.guid, item.url, item.title) == ("7", "https://snv.tinhmau.gov.vn/tb/7", "Thi tuyển công chức")
    assert item.content_html == "<p>Hồ sơ nộp trước 30/11.</p>"
    assert item.published is not None
    assert item.published.isoformat() == "2026-11-20T08:30:00+07:00"
    assert made.remarks == ()


def test_the_connector_that_the_how_to_shows_leaves_known_pieces_out_and_refuses_what_is_not_its_format(
    shown: ModuleType,
) -> None:
    body = json.dumps([ROW]).encode()
    split, _ = read(shown, body)
    again, items = read(shown, body, frozenset(split.fingerprints))
    assert (again.fingerprints, items) == (split.fingerprints, [])
    for wrong in (b"<html>", b"{}", b"[1]"):
        with pytest.raises(RejectedError) as refused:
            read(shown, wrong)
        assert refused.value.code == "bad_json"
    with pytest.raises(RejectedError) as refused:
        read(shown, json.dumps([ROW | {"tieu_de": ""}]).encode())
    assert refused.value.code == "no_identity"
