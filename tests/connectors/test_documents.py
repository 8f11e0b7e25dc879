"""A base of documents: ids of its own, keys made of issuer, number and day, and what its list tells or does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest
from pydantic import ValidationError

from connectors.base import Found, Receipt
from connectors.destinations.documents import Config, Connector
from connectors.errors import ConfigError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.connectors.conftest import AGENT
from tests.fakes.documentbase import ISSUED, ISSUER, LIST, NUMBER, PUBLISH, RECORD, WITHDRAW, DocumentBase
from tests.fakes.dvcqg import DSTCODE, PASSWORD, USERNAME
from tests.fakes.server import Fault

SPACE = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
OFFICE = "UBND tỉnh Mẫu"
SESSION = {"username": USERNAME, "password": PASSWORD, "login_path": "login", "call_path": "share", "dstcode": DSTCODE}
PUSH = {"publish": PUBLISH, "withdraw": WITHDRAW, "path": "integrate", "wait": 0.05}


@pytest.fixture
async def base() -> AsyncIterator[DocumentBase]:
    async with DocumentBase() as base:
        base.faults_at_writes = True
        yield base


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT) as http:
        yield http


def place(base: DocumentBase, **keys: Any) -> Connector:
    known = {
        "url": f"{base.origin}/adapter", "session": SESSION, "push": PUSH, "not_found": ["44"], "timeout": "500ms",
        "allow_private": [str(base.allowance)], "list_service": LIST, "record_service": RECORD,
    }  # fmt: skip
    return Connector("csdl-vb", Config.model_validate(known | keys))


def item(number: str = "15/2024/QĐ-UBND", issuer: str = OFFICE, **details: Any) -> PublishedItem:
    return PublishedItem(
        content_id=uuid5(SPACE, number + issuer), revision=1, kind=Kind.DOCUMENT, title=f"Về {number}", member="H52",
        source="vb", details={"number": number, "issuer": {"name": issuer}, "issued": "2024-11-20", **details},
    )  # fmt: skip


def withdrawal() -> Withdrawal:
    return Withdrawal(content_id=SPACE, revision=2, at=datetime(2026, 3, 3, tzinfo=UTC))


async def sent(one: Connector, http: Http, *items: PublishedItem) -> list[Receipt | BaseException]:
    calls = (one.send(http, one.present(each), key="k") for each in items)
    return await asyncio.gather(*calls, return_exceptions=True)


def key(number: str = "15/2024/QĐ-UBND", office: str = "uy ban nhan dan tinh mau") -> str:
    return f"{number} ngày 20/11/2024 – {office}"


def test_a_document_is_presented_under_issuer_number_and_day(base: DocumentBase) -> None:
    payload = place(base, ignore=["gazette"]).present(item(gazette="Công báo", effective="2024-12-01"))
    record = orjson.loads(payload.body)
    assert (payload.key, payload.title) == (key(), "Về 15/2024/QĐ-UBND")
    assert (record[NUMBER], record[ISSUED], record["VBPQNgaycohieuluc"]) == (
        "15/2024/QĐ-UBND", "2024-11-20", "2024-12-01",
    )  # fmt: skip
    assert "VBPQNguontrich" not in record


@pytest.mark.parametrize(
    ("edition", "code"),
    [
        (item(""), "no_key"),
        (item(issuer=""), "no_key"),
        (item(issued=None), "no_key"),
        (item(sectors="không phải danh sách"), "not_a_document"),
        (item().model_copy(update={"kind": Kind.NEWS}), "not_a_document"),
    ],
)
def test_what_has_no_key_is_refused_with_a_sentence(base: DocumentBase, edition: PublishedItem, code: str) -> None:
    with pytest.raises(RejectedError) as caught:
        place(base).present(edition)
    assert caught.value.code == code
    assert caught.value.sentence


def test_what_is_published_must_be_able_to_be_taken_back(base: DocumentBase) -> None:
    with pytest.raises(ValidationError, match=r"push\.withdraw"):
        place(base, push={"publish": PUBLISH})


async def test_without_a_write_service_nothing_is_sent(base: DocumentBase, http: Http) -> None:
    one = place(base, push={})
    assert one.by_hand
    with pytest.raises(ConfigError):
        await one.send(http, one.present(item()), key="k")


async def test_documents_go_out_together_unless_they_share_a_number(base: DocumentBase, http: Http) -> None:
    same = item(issuer="Sở Y tế tỉnh Mẫu")
    outcomes = await sent(place(base), http, item(), item("2/CT-UBND"), same)
    assert [type(one) for one in outcomes] == [Receipt] * 3
    assert base.batches == [["15/2024/QĐ-UBND", "2/CT-UBND"], ["15/2024/QĐ-UBND"]]


async def test_a_row_that_is_refused_or_unanswered_costs_only_itself(base: DocumentBase, http: Http) -> None:
    base.row_errors = {"2/CT-UBND": (9, "Sai loại văn bản")}
    base.silent = {"3/CT-UBND"}
    one = place(base)
    outcomes = await sent(one, http, item(), item("2/CT-UBND"), item("3/CT-UBND"))
    assert [type(one) for one in outcomes] == [Receipt, RejectedError, UnconfirmedError]
    assert await one.find(http, one.present(item("3/CT-UBND"))) == Found(remote_id=key("3/CT-UBND"), revision=1)


async def test_a_timeout_after_commit_is_found(base: DocumentBase, http: Http) -> None:
    one = place(base)
    base.fail_next(Fault(committed=True, hang=True))
    (outcome,) = await sent(one, http, item())
    assert isinstance(outcome, UnconfirmedError)
    assert await one.find(http, one.present(item())) == Found(remote_id=key(), revision=1)


async def test_find_tells_documents_of_one_number_apart(base: DocumentBase, http: Http) -> None:
    base.hold("15/2024/QĐ-UBND", "Sở Y tế tỉnh Mẫu", "2024-11-20")
    base.hold("15/2024/QĐ-UBND", OFFICE, "2023-11-20")
    one = place(base, number_parameter="soKyHieu", state_field="TrangThai")
    assert await one.find(http, one.present(item())) is None
    held = base.hold("15/2024/QĐ-UBND", "Ủy ban nhân dân tỉnh Mẫu", "20/11/2024")
    assert await one.find(http, one.present(item())) == Found(remote_id=key(), revision=1)
    base.documents[held]["VBPQNguontrich"] = "Công báo số 3"
    assert await one.find(http, one.present(item())) == Found(remote_id=key(), revision=0)
    base.documents[held]["TrangThai"] = "thu hồi"
    found = await one.find(http, one.present(item()))
    assert found is not None
    assert found.withdrawn


async def test_where_the_list_tells_ids_alone_the_records_are_looked_at(base: DocumentBase, http: Http) -> None:
    base.told_in_list = ()
    for number in range(3):
        base.hold(f"{number}/CT-UBND", OFFICE, "2024-11-20")
    one = place(base)
    assert await one.find(http, one.present(item("2/CT-UBND"))) == Found(remote_id=key("2/CT-UBND"), revision=1)
    assert await one.find(http, one.present(item("7/CT-UBND"))) is None
    for number in range(3, 25):
        base.hold(f"{number}/CT-UBND", OFFICE, "2024-11-20")
    with pytest.raises(TransientError) as caught:
        await one.find(http, one.present(item("7/CT-UBND")))
    assert caught.value.code == "too_many", "nobody may conclude that it is not there"


async def test_a_withdrawal_of_what_was_purged_goes_by_the_id_of_the_base(base: DocumentBase, http: Http) -> None:
    one = place(base)
    id = base.hold("15/2024/QĐ-UBND", OFFICE, "2024-11-20")
    receipt = await one.withdraw(http, one.present(withdrawal()), key="k", remote_id=key())
    assert receipt.note == ""
    assert base.effects[0].record == {"ItemID": id, NUMBER: "15/2024/QĐ-UBND"}
    again = await one.withdraw(http, one.present(withdrawal(), last=item()), key="k", remote_id=key())
    assert again.note == "already gone"
    assert len(base.effects) == 1


async def test_holdings_have_the_keys_of_documents(base: DocumentBase, http: Http) -> None:
    for number in range(5):
        base.hold(f"{number}/CT-UBND", OFFICE, "2024-11-20", **{"VBPQToanVan": "<p>Nội dung</p>"})
    base.faults_of["1003"] = [Fault(status=500)] * 2
    one = place(base, page=3)
    first = await one.holdings(http, {})
    second = await one.holdings(http, first.cursor)
    assert [held.key for held in (*first.held, *second.held)] == [key(f"{number}/CT-UBND") for number in (0, 1, 3, 4)]
    assert (first.unread, first.more, first.whole, second.more) == ((key("2/CT-UBND"),), True, True, False)
    assert (first.held[0].owner, first.held[0].title) == (OFFICE, "Về 0/CT-UBND")
    assert "VBPQToanVan" not in first.held[0].record
    assert one.differences(item("0/CT-UBND", document_type={"code": "CT", "name": "Chỉ thị"}), first.held[0]) == ()


async def test_a_record_whose_key_nobody_knows_makes_absence_say_nothing(base: DocumentBase, http: Http) -> None:
    base.told_in_list = (NUMBER, ISSUER)
    base.hold("1/CT-UBND", OFFICE, "2024-11-20")
    base.hold("2/BC-UBND(M)", OFFICE, "2024-11-20")
    page = await place(base).holdings(http, {})
    assert ([held.key for held in page.held], page.unread, page.whole) == ([key("1/CT-UBND")], (), False)
    base.documents.popitem()
    assert (await place(base).holdings(http, {})).whole
    assert not (await place(base, whole=False).holdings(http, {})).whole


async def test_a_record_without_the_id_it_was_asked_by_is_it_if_it_is_alone(base: DocumentBase, http: Http) -> None:
    base.hold("1/CT-UBND", OFFICE, "2024-11-20")
    base.shape = lambda record: {name: value for name, value in record.items() if name != "ItemID"}
    assert [held.key for held in (await place(base).holdings(http, {})).held] == [key("1/CT-UBND")]
    base.shape = lambda record: [record | {"ItemID": 4}]
    assert (await place(base).holdings(http, {})).held == ()
