"""The national base of procedures: rows with outcomes of their own, sessions that end, and what it holds compared."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
import pytest

from connectors.base import Cursor, Found, Holding, Holdings, Payload, Receipt, Reconcilable
from connectors.destinations.procedures import Config, Connector
from connectors.errors import (
    BlockedError,
    ConfigError,
    HubError,
    RejectedError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.connectors.conftest import AGENT
from tests.fakes.dvcqg import DSTCODE, LIST, PASSWORD, PUBLISH, RECORD, USERNAME, WITHDRAW, NationalBase
from tests.fakes.server import Fault

CODES = [f"1.{number:06}.000.00.00.H52" for number in range(1, 8)]
SESSION = {"username": USERNAME, "password": PASSWORD, "login_path": "login", "call_path": "share", "dstcode": DSTCODE}
PUSH = {"publish": PUBLISH, "withdraw": WITHDRAW, "path": "integrate", "wait": 0.05}
SPACE = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")


@pytest.fixture
async def base() -> AsyncIterator[NationalBase]:
    async with NationalBase() as base:
        base.faults_at_writes = True
        yield base


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT) as http:
        yield http


def place(base: NationalBase, **keys: Any) -> Connector:
    """The base by its session, or with `session=None` a province's platform."""
    below = "/lgsp" if keys.get("session", 0) is None else "/adapter"
    known = {
        "url": base.origin + below, "session": SESSION, "push": PUSH, "agency": "H52", "not_found": ["44"],
        "timeout": "500ms", "allow_private": [str(base.allowance)],
    }  # fmt: skip
    return Connector("csdl", Config.model_validate(known | keys))


def item(code: str = CODES[0], title: str = "Thông báo lưu trú", **details: Any) -> PublishedItem:
    return PublishedItem(
        content_id=uuid5(SPACE, code), revision=1, kind=Kind.PROCEDURE, title=title, member="H52", source="tthc",
        details={"code": code, "levels": ["Cấp xã"], **details},
    )  # fmt: skip


def withdrawal(code: str = CODES[0]) -> Withdrawal:
    return Withdrawal(content_id=uuid5(SPACE, code), revision=2, at=datetime(2026, 3, 3, tzinfo=UTC))


async def sent(one: Connector, http: Http, *items: PublishedItem) -> list[Receipt | BaseException]:
    """What became of items that are sent at the same time."""
    calls = (one.send(http, one.present(each), key=f"{each.content_id}:1:csdl") for each in items)
    return await asyncio.gather(*calls, return_exceptions=True)


async def failure(one: Connector, http: Http, what: PublishedItem) -> HubError:
    (outcome,) = await sent(one, http, what)
    assert isinstance(outcome, HubError)
    return outcome


async def everything(one: Connector, http: Http) -> list[Holdings]:
    pages: list[Holdings] = []
    cursor: Cursor = {}
    for _ in range(20):
        pages.append(await one.holdings(http, cursor))
        cursor = pages[-1].cursor
        if not pages[-1].more:
            return pages
    raise AssertionError("the pages do not end")


# ------------------------------------------------------------------------------------------------- presenting


def test_a_procedure_is_presented_as_the_record_of_its_code(base: NationalBase) -> None:
    payload = place(base, ignore=["keywords"]).present(item("1.004194.H52", keywords=["lưu trú"]))
    record = orjson.loads(payload.body)
    assert (payload.key, payload.title) == ("1.004194.000.00.00.H52", "Thông báo lưu trú")
    assert (record["MATTHC"], record["MACOQUANCONGBO"], record["TRANGTHAI"]) == (payload.key, "H52", "1")
    assert record["CAPTHUCHIEN"] == [{"CAPTHUCHIEN": "Cấp xã"}]
    assert not {"ID", "TUKHOA"} & record.keys()


@pytest.mark.parametrize(
    ("edition", "code"),
    [
        (item(""), "no_code"),
        (item(status="withdrawn"), "not_in_force"),
        (item(levels="không phải danh sách"), "not_a_procedure"),
        (item().model_copy(update={"kind": Kind.NEWS}), "not_a_procedure"),
    ],
)
def test_what_this_base_cannot_take_is_refused_with_a_sentence(
    base: NationalBase, edition: PublishedItem, code: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        place(base).present(edition)
    assert caught.value.code == code
    assert caught.value.sentence


def test_names_that_this_base_uses_instead_are_known_and_unknown_fields_are_not(base: NationalBase) -> None:
    with pytest.raises(ValueError, match="motaa"):
        place(base, ignore=["motaa"])


async def test_without_a_write_service_an_officer_is_asked_and_nothing_is_sent(base: NationalBase, http: Http) -> None:
    one = place(base, push={})
    assert isinstance(one, Reconcilable)
    assert one.by_hand
    assert one.present(item()).key == CODES[0]
    for call in (one.send, one.withdraw):
        with pytest.raises(ConfigError) as caught:
            await call(http, one.present(item()), key="k")
        assert caught.value.sentence
    assert base.calls == []


# ------------------------------------------------------------------------------------------------- rows


async def test_items_that_are_sent_together_are_one_call(base: NationalBase, http: Http) -> None:
    one = place(base)
    receipts = await sent(one, http, *map(item, CODES))
    assert [receipt.remote_id for receipt in receipts if isinstance(receipt, Receipt)] == CODES
    assert base.batches == [CODES]
    assert len(base.asked_for("login")) == 1
    await sent(one, http, item(CODES[0], "Tên mới"))
    assert len(base.asked_for("login")) == 1, "the session is kept"


async def test_a_call_never_has_more_rows_than_the_settings_say(base: NationalBase, http: Http) -> None:
    await sent(place(base, push=PUSH | {"batch": 3}), http, *map(item, CODES))
    assert [len(codes) for codes in base.batches] == [3, 3, 1]


async def test_each_row_inside_a_good_answer_has_its_own_outcome(base: NationalBase, http: Http) -> None:
    base.row_errors = {CODES[1]: (17, f"<b>Sai</b> mã lĩnh vực {'x' * 500}"), CODES[2]: ("busy", "")}
    base.silent = {CODES[3]}
    outcomes = await sent(place(base, push=PUSH | {"busy": ["busy"]}), http, *map(item, CODES[:5]))
    assert [type(one) for one in outcomes] == [Receipt, RejectedError, TransientError, UnconfirmedError, Receipt]
    refused, busy, unanswered = outcomes[1:4]
    assert isinstance(refused, RejectedError)
    assert (refused.code, refused.pointer) == ("row_refused", CODES[1])
    assert "mã lỗi 17 – Sai mã lĩnh vực" in refused.sentence
    assert len(refused.sentence) < 500
    assert "<b>" not in refused.sentence
    assert isinstance(busy, TransientError)
    assert isinstance(unanswered, UnconfirmedError)
    assert (busy.code, unanswered.code) == ("row_busy", "row_unanswered")


@pytest.mark.parametrize("success", [0, "0", "00"])
@pytest.mark.parametrize("shape", [lambda rows: rows[0], json.dumps, lambda rows: json.dumps(rows[0])])
async def test_success_and_results_come_in_many_shapes(
    base: NationalBase, http: Http, success: object, shape: Any
) -> None:
    base.success, base.row_shape = success, shape
    (receipt,) = await sent(place(base), http, item())
    assert isinstance(receipt, Receipt)


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: [],
        lambda rows: None,
        lambda rows: [row | {"MATTHC": "9.999999"} for row in rows],
        lambda rows: [*rows, *(row | {"error_code": 5} for row in rows)],
        lambda rows: [{"error_code": 0}, {"error_code": 0}],
        lambda rows: [row["MATTHC"] for row in rows],
        lambda rows: [{"MATTHC": row["MATTHC"], "message": "Lỗi hệ thống"} for row in rows],
        lambda rows: 7,
    ],
)
async def test_a_result_that_is_not_certain_is_looked_for_before_anything_is_sent_again(
    base: NationalBase, http: Http, shape: Any
) -> None:
    base.row_shape = shape
    one = place(base)
    assert [type(outcome) for outcome in await sent(one, http, *map(item, CODES[:2]))] == [UnconfirmedError] * 2
    assert await one.find(http, one.present(item(CODES[1]))) == Found(remote_id=CODES[1], revision=1)


async def test_a_timeout_after_commit_is_found_and_not_sent_again(base: NationalBase, http: Http) -> None:
    one = place(base)
    base.fail_next(Fault(committed=True, hang=True))
    outcomes = await sent(one, http, *map(item, CODES[:3]))
    assert [type(outcome) for outcome in outcomes] == [UnconfirmedError] * 3
    for code in CODES[:3]:
        assert await one.find(http, one.present(item(code))) == Found(remote_id=code, revision=1)
    assert [effect.code for effect in base.effects] == CODES[:3]


# ------------------------------------------------------------------------------------------------- sessions


async def test_a_session_that_ended_is_begun_again_once_and_the_same_rows_go_out(
    base: NationalBase, http: Http
) -> None:
    one = place(base)
    await sent(one, http, item())
    base.end_session()
    (receipt,) = await sent(one, http, item(CODES[1]))
    assert isinstance(receipt, Receipt)
    assert len(base.asked_for("login")) == 2
    assert [effect.code for effect in base.effects] == CODES[:2]


async def test_a_session_that_ends_between_batches_costs_nothing(base: NationalBase, http: Http) -> None:
    base.session_calls = 1
    outcomes = await sent(place(base, push=PUSH | {"batch": 2}), http, *map(item, CODES))
    assert {type(one) for one in outcomes} == {Receipt}
    assert sorted(effect.code for effect in base.effects) == CODES


async def test_calls_that_meet_the_end_of_a_session_together_begin_one_new_session(
    base: NationalBase, http: Http
) -> None:
    one = place(base)
    await sent(one, http, *map(item, CODES))
    base.end_session()
    found = await asyncio.gather(*(one.find(http, one.present(item(code))) for code in CODES))
    assert [each.revision for each in found if each is not None] == [1] * 7
    assert len(base.asked_for("login")) == 2


async def test_a_call_that_is_refused_in_a_new_session_too_is_tried_later(base: NationalBase, http: Http) -> None:
    one = place(base)
    await sent(one, http, item())
    base.refused_calls = lambda codes: True
    error = await failure(one, http, item(CODES[1]))
    assert (type(error), error.code) == (TransientError, "call_refused")
    assert len(base.asked_for("login")) == 2
    base.refused_calls = lambda codes: False
    assert [type(outcome) for outcome in await sent(one, http, item(CODES[1]))] == [Receipt]


async def test_a_refusal_that_lasts_over_a_session_is_mended_by_a_login_of_the_next_call(
    base: NationalBase, http: Http
) -> None:
    one = place(base)
    base.refused_calls = lambda codes: True
    await failure(one, http, item())
    base.refused_calls = lambda codes: False
    base.end_session()
    assert [type(outcome) for outcome in await sent(one, http, item())] == [Receipt]


async def test_one_row_that_spoils_a_call_does_not_hold_up_the_others(base: NationalBase, http: Http) -> None:
    base.refused_calls = lambda codes: CODES[2] in codes
    outcomes = await sent(place(base), http, *map(item, CODES))
    assert [type(one) for one in outcomes] == [Receipt] * 2 + [TransientError] + [Receipt] * 4


async def test_a_base_that_refuses_everything_is_not_asked_for_each_row(base: NationalBase, http: Http) -> None:
    base.refused_calls = lambda codes: True
    outcomes = await sent(place(base), http, *map(item, CODES))
    assert [type(one) for one in outcomes] == [TransientError] * 7
    assert len([service for service, _ in base.calls if service == PUBLISH]) == 4


async def test_bad_request_for_a_call_is_the_fault_of_one_row_at_most(base: NationalBase, http: Http) -> None:
    base.fail_next(Fault(status=400), Fault(status=400))
    outcomes = await sent(place(base), http, *map(item, CODES[:3]))
    assert [type(one) for one in outcomes] == [RejectedError, Receipt, Receipt]


async def test_a_row_that_waits_longer_than_a_call_may_take_is_not_sent_late(base: NationalBase, http: Http) -> None:
    one = place(base, push=PUSH | {"batch": 1})
    base.fail_next(Fault(hang=True), Fault(hang=True), Fault(hang=True))
    outcomes = await sent(one, http, *map(item, CODES[:4]))
    assert [type(outcome) for outcome in outcomes[:1]] == [UnconfirmedError]
    late = outcomes[-1]
    assert isinstance(late, TransientError), "nothing left: another process may have its lease by then"
    assert late.code == "base_busy"


async def test_a_wrong_account_blocks_and_tells_no_secret(base: NationalBase, http: Http) -> None:
    error = await failure(place(base, session=SESSION | {"password": "sai"}), http, item())
    assert (type(error), error.code) == (BlockedError, "login_refused")
    assert "sai" not in str(error)


async def test_a_page_in_place_of_a_session_is_no_refusal_of_the_procedure(base: NationalBase, http: Http) -> None:
    base.faults_at_writes = False
    base.fail_next(Fault(html=True))
    error = await failure(place(base), http, item())
    assert type(error) is TransientError
    assert error.sentence
    assert base.effects == []


async def test_a_platform_of_a_province_is_written_with_its_keys(base: NationalBase, http: Http) -> None:
    headers = [{"name": "Authorization", "secret": "Bearer khoa-4711"}]
    one = place(base, session=None, headers=headers, push={"publish": PUBLISH, "wait": 0})
    assert [type(outcome) for outcome in await sent(one, http, item())] == [Receipt]
    assert base.headers[-1]["Authorization"] == "Bearer khoa-4711"
    assert await one.find(http, one.present(item())) == Found(remote_id=CODES[0], revision=1)


# ------------------------------------------------------------------------------------------------- withdrawing


async def test_a_withdrawal_takes_back_the_record_and_again_is_success(base: NationalBase, http: Http) -> None:
    one = place(base)
    await sent(one, http, item())
    payload = one.present(withdrawal(), last=item())
    assert payload.key == CODES[0]
    for _ in range(2):
        await one.withdraw(http, payload, key="k", remote_id=CODES[0])
    assert [effect.action for effect in base.effects] == ["put", "delete"]
    found = await one.find(http, payload)
    assert found is not None
    assert found.withdrawn


async def test_a_withdrawal_of_what_was_purged_goes_by_its_code_alone(base: NationalBase, http: Http) -> None:
    one = place(base, push=PUSH | {"withdraw": ""}, withdrawn_status="2")
    await sent(one, http, item())
    payload = one.present(withdrawal())
    assert payload.body == b""
    receipt = await one.withdraw(http, payload, key="k", remote_id=CODES[0])
    assert receipt.note == ""
    assert base.effects[-1].record == {"MATTHC": CODES[0], "TRANGTHAI": "2"}


async def test_what_the_base_does_not_know_or_nobody_knows_is_gone_already(base: NationalBase, http: Http) -> None:
    one = place(base)
    for remote_id in (CODES[5], ""):
        receipt = await one.withdraw(http, one.present(withdrawal()), key="k", remote_id=remote_id)
        assert receipt.note == "already gone"
    assert base.effects == []


# ------------------------------------------------------------------------------------------------- finding


async def test_find_compares_and_tells_ours_from_something_else(base: NationalBase, http: Http) -> None:
    one = place(base)
    payload = one.present(item())
    assert await one.find(http, payload) is None
    await sent(one, http, item())
    assert await one.find(http, payload) == Found(remote_id=CODES[0], revision=1)
    base.procedures[CODES[0]]["TENTTHC"] = "Tên do cán bộ sửa"
    assert await one.find(http, payload) == Found(remote_id=CODES[0], revision=0)
    base.procedures[CODES[0]]["TRANGTHAI"] = 3
    assert await one.find(http, payload) == Found(remote_id=CODES[0], revision=0, withdrawn=True)


@pytest.mark.parametrize("shape", [lambda one: one, lambda one: json.dumps([one]), lambda one: [None, one]])
async def test_a_record_is_found_in_every_shape(base: NationalBase, http: Http, shape: Any) -> None:
    one = place(base)
    await sent(one, http, item())
    base.shape = shape
    assert await one.find(http, one.present(item())) == Found(remote_id=CODES[0], revision=1)


async def test_a_refused_record_is_no_news_unless_its_code_says_that_there_is_none(
    base: NationalBase, http: Http
) -> None:
    base.refused[CODES[0]] = -1
    payload = Payload(content_id=SPACE, revision=1, body=b"", key=CODES[0])
    with pytest.raises(TransientError) as caught:
        await place(base).find(http, payload)
    assert caught.value.code == "record_refused"
    assert await place(base, not_found=["17"]).find(http, payload) is None


async def test_a_failing_read_is_no_doubt_about_an_effect(base: NationalBase, http: Http) -> None:
    one = place(base)
    for fault in (Fault(reset=True), Fault(status=500), Fault(html=True)):
        base.faults_of[CODES[0]] = [fault]
        with pytest.raises(TransientError):
            await one.find(http, one.present(item()))


# ------------------------------------------------------------------------------------------------- holdings


async def test_holdings_are_every_record_once_in_pages(base: NationalBase, http: Http) -> None:
    for code in CODES:
        base.publish(code, MACOQUANCONGBO="H52", LUOTXEM=5)
    base.publish(CODES[2], TRANGTHAI=0)
    pages = await everything(place(base, page=3), http)
    held = [one for page in pages for one in page.held]
    assert [one.key for one in held] == CODES
    assert [len(page.held) for page in pages] == [3, 3, 1]
    assert [one.key for one in held if one.withdrawn] == [CODES[2]]
    assert (held[0].owner, held[0].title) == ("H52", f"Thủ tục {CODES[0]}")
    assert all(page.whole and not page.unread for page in pages)
    assert "LUOTXEM" not in held[0].record, "what counts views would differ every day"


async def test_what_cannot_be_read_now_is_named_and_nothing_is_said_about_it(base: NationalBase, http: Http) -> None:
    for code in CODES:
        base.publish(code)
    base.faults_of[CODES[1]] = [Fault(status=500)]
    base.faults_of[CODES[3]] = [Fault(html=True)] * 2
    base.refused[CODES[5]] = -1
    (page,) = await everything(place(base), http)
    assert page.unread == (CODES[3], CODES[5])
    assert {one.key for one in page.held} == set(CODES) - {CODES[3], CODES[5]}
    assert page.whole


async def test_a_base_that_is_away_is_an_error_and_keeps_the_pages_before(base: NationalBase, http: Http) -> None:
    for code in CODES:
        base.publish(code)
    for code in CODES[2:]:
        base.faults_of[code] = [Fault(status=500)] * 9
    one = place(base)
    page = await one.holdings(http, {})
    assert ([held.key for held in page.held], page.more) == (CODES[:2], True)
    with pytest.raises(TransientError):
        await one.holdings(http, page.cursor)


async def test_a_session_that_ends_between_two_records_is_begun_again(base: NationalBase, http: Http) -> None:
    for code in CODES:
        base.publish(code)
    base.session_calls = 3
    (page,) = await everything(place(base), http)
    assert [one.key for one in page.held] == CODES


@pytest.mark.parametrize("answer", [{"error_code": 3}, {"result": None}, {"status": "ok"}])
async def test_a_list_that_is_none_never_reads_as_an_empty_base(base: NationalBase, http: Http, answer: Any) -> None:
    base.fixed[LIST] = answer
    with pytest.raises(TransientError):
        await place(base).holdings(http, {})
    base.fixed[LIST] = {"error_code": 0, "result": []}
    assert await place(base).holdings(http, {}) == Holdings()
    with pytest.raises(TransientError):
        await place(base).holdings(http, {"after": CODES[3]})


async def test_a_list_of_one_object_and_in_strings_is_a_list(base: NationalBase, http: Http) -> None:
    base.publish(CODES[0])
    base.fixed[LIST] = {"error_code": "00", "result": json.dumps({"maTTHC": CODES[0]})}
    (page,) = await everything(place(base), http)
    assert [one.key for one in page.held] == [CODES[0]]
    assert base.asked_for(RECORD) == [CODES[0]]


# ------------------------------------------------------------------------------------------------- comparing


async def test_what_was_sent_and_is_held_does_not_differ(base: NationalBase, http: Http) -> None:
    one = place(base)
    ours = item(ways=[{"channel": "online", "time_limits": [{"value": 5, "unit_name": "Ngày", "unit": "day"}]}])
    await sent(one, http, ours)
    base.procedures[CODES[0]]["CACHTHUCTHUCHIEN"][0]["KENH"] = "Trực tuyến"
    (page,) = await everything(one, http)
    assert one.differences(ours, page.held[0]) == ()


def test_a_record_of_another_agency_is_a_conflict(base: NationalBase) -> None:
    one = place(base)
    held = Holding(key=CODES[0], record={"MATTHC": CODES[0], "TENTTHC": "Tên khác", "MACOQUANCONGBO": "G01"})
    differences = {one.field: one for one in one.differences(item(levels=[]), held)}
    assert set(differences) == {"announced_by", "title"}
    assert differences["announced_by"].conflict
    assert differences["title"].theirs == "Tên thủ tục: Tên khác"
    same = Holding(
        key=CODES[0], record={"MATTHC": CODES[0], "TENTTHC": item().title, "MACOQUANCONGBO": "000.00.00.H52"}
    )
    assert one.differences(item(levels=[]), same) == ()
