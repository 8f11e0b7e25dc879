"""The national legal database: asked slowly, number by number; what goes wrong with one number stops no other."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, SourceContext
from connectors.errors import TransientError
from connectors.http import Http
from connectors.parse.data.vbpl import read_answer
from connectors.sources.vbpl import Config, Connector
from schemas.document import Document
from schemas.item import Kind
from tests.fakes.vbpl import FakeVbpl

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def vbpl() -> AsyncIterator[FakeVbpl]:
    async with FakeVbpl() as service:
        for number in (11, 14):
            service.documents[str(number)] = {
                "ID": str(number), "Title": f"Quyết định {number}", "VBPQSokyhieu": f"{number}/QĐ-UBND",
                "VBPQNgayBanHanh": "2026-11-02T00:00:00", "VBPQNgayHetHieuLuc": "0001-01-01T00:00:00",
            }  # fmt: skip
        yield service


@pytest.fixture
async def http(vbpl: FakeVbpl) -> AsyncIterator[Http]:
    async with Http(user_agent="hub-test/1", allow_private=vbpl.doors, clock=lambda: NOW) as client:
        yield client


def source(vbpl: FakeVbpl, **config: Any) -> Connector:
    context = SourceContext(name="vbpl", kind=Kind.DOCUMENT, url=vbpl.url)
    return Connector(context, Config.model_validate({"pause": 0, **config}))


async def round_of(connector: Connector, http: Http, cursor: Any) -> tuple[list[Capture], Any]:
    captures = []
    for _ in range(50):
        captures.append(await connector.fetch(http, cursor))
        cursor = captures[-1].cursor
        if not captures[-1].hints.more:
            return captures, cursor
    raise AssertionError("the round does not end")


def items(connector: Connector, captures: list[Capture]) -> list[Document]:
    made = []
    for capture in captures:
        for record in connector.split(capture, frozenset(), NOW).records:
            item = connector.normalise(record, capture).item
            assert isinstance(item, Document)
            made.append(item)
    return made


async def test_the_question_is_an_envelope_of_our_own(vbpl: FakeVbpl, http: Http) -> None:
    await source(vbpl, ids=[11], parameters={"TypeVB": "1", "Ghi": "a<b"}).fetch(http, {})
    [asked] = vbpl.asked
    assert (asked.operation, asked.action) == ("GetById", '"http://tempuri.org/GetById"')
    assert asked.parameters == {"ItemID": "11", "TypeVB": "1", "Ghi": "a<b"}


async def test_unknown_and_broken_numbers_do_not_stop_the_walk(vbpl: FakeVbpl, http: Http) -> None:
    vbpl.broken.add("13")
    connector = source(vbpl, first=11, gap=2)
    captures, cursor = await round_of(connector, http, {})
    assert [one.parameters["ItemID"] for one in vbpl.asked] == ["11", "12", "13", "14", "15", "16"]
    assert [one.number for one in items(connector, captures)] == ["11/QĐ-UBND", "14/QĐ-UBND"]
    fallen = [one for capture in captures for one in connector.split(capture, frozenset(), NOW).fallen]
    assert [(one.pointer, one.code) for one in fallen] == [("document 13", "soap_fault")]
    assert cursor == {}, "behind the last one it begins again"


async def test_a_round_asks_no_more_than_it_may_and_the_next_goes_on(vbpl: FakeVbpl, http: Http) -> None:
    connector = source(vbpl, first=11, last=15, per_round=2)
    cursor: Any = {}
    for numbers in (["11", "12"], ["13", "14"], ["15"], ["11", "12"]):
        vbpl.asked.clear()
        _, cursor = await round_of(connector, http, cursor)
        assert [one.parameters["ItemID"] for one in vbpl.asked] == numbers


async def test_there_is_a_pause_before_each_further_question(vbpl: FakeVbpl, http: Http) -> None:
    await round_of(source(vbpl, ids=[11, 12, 14], pause=0.05), http, {})
    first, second, third = (one.at for one in vbpl.asked)
    assert min(second - first, third - second) >= 0.05
    assert Config(ids=(1,)).pause == 1.5, "what the public service asks for"


async def test_a_page_in_place_of_an_answer_is_asked_for_again(vbpl: FakeVbpl, http: Http) -> None:
    vbpl.page = "<html><body>Bảo trì</body></html>"
    connector = source(vbpl, ids=[11, 14])
    with pytest.raises(TransientError) as failed:
        await connector.fetch(http, {"place": "1", "asked": "1"})
    assert failed.value.code == "unreadable"
    assert failed.value.sentence


async def test_a_cursor_of_other_settings_begins_anew(vbpl: FakeVbpl, http: Http) -> None:
    await source(vbpl, ids=[11]).fetch(http, {"place": "900"})
    await source(vbpl, ids=[14]).fetch(http, {"place": "rác"})
    assert [one.parameters["ItemID"] for one in vbpl.asked] == ["11", "14"]


def test_a_document_that_its_state_calls_withdrawn_is_gone() -> None:
    body = (
        "<Envelope><Body><R><VBPQSokyhieu>1/QĐ-UBND</VBPQSokyhieu><ID>7</ID><TrangThai>3;#Đã gỡ</TrangThai></R></Body>"
        "</Envelope>"
    ).encode()
    context = SourceContext(name="vbpl", kind=Kind.DOCUMENT, url="https://ws.example.vn/vbqppl.asmx")
    capture = Capture(url=context.url, content_type="text/xml", body=body, fetched_at=NOW)
    seen = Connector(context, Config(ids=(7,), state_field="TrangThai")).split(capture, frozenset(), NOW)
    assert [one.guid for one in seen.tombstones] == ["7"]
    unsaid = Connector(context, Config(ids=(7,))).split(capture, frozenset(), NOW)
    assert [one.pointer for one in unsaid.records] == ["document 7"]
    assert len(read_answer(body, "text/xml").documents) == 1


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"ids": [1], "first": 1},
        {"first": 9, "last": 3},
        {"ids": [1], "last": 3},
        {"ids": [1], "link": "https://a.vn/"},
    ],
)
def test_settings_that_say_nothing_or_two_things_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate(config)
