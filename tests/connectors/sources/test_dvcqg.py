"""Procedures from the share interface: sessions, batches, and a base that goes wrong in every way it is known for."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.base import Capture, Cursor, SourceContext, Split
from connectors.errors import BlockedError, ThrottledError, TransientError
from connectors.http import Http
from connectors.sources.dvcqg import Config, Connector
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.conftest import AGENT
from tests.fakes.dvcqg import DSTCODE, LIST, PASSWORD, RECORD, USERNAME, NationalBase
from tests.fakes.server import Fault

CODES = [f"1.{number:06}.000.00.00.H52" for number in range(1, 8)]
SESSION = {
    "username": USERNAME, "password": PASSWORD, "login_path": "login", "call_path": "share", "dstcode": DSTCODE,
    "unit": "H52",
}  # fmt: skip


@pytest.fixture
async def base() -> AsyncIterator[NationalBase]:
    async with NationalBase() as base:
        for code in CODES:
            base.publish(code)
        yield base


@pytest.fixture
async def http(base: NationalBase, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=base.doors, clock=clock.now) as http:
        yield http


def source(base: NationalBase, **keys: Any) -> Connector:
    """The national base, or with `session=None` a province's platform."""
    below = "/lgsp" if keys.get("session", 0) is None else "/adapter/"
    context = SourceContext(name="dvcqg", kind=Kind.PROCEDURE, url=base.origin + below)
    return Connector(context, Config(**{"session": SESSION, "batch": 3, **keys}))


async def polled(one: Connector, http: Http, cursor: Cursor | None = None) -> Capture:
    answer = await one.fetch(http, cursor or {})
    assert isinstance(answer, Capture)
    return answer


async def whole_round(one: Connector, http: Http) -> list[Split]:
    """Each poll of a round, read."""
    splits: list[Split] = []
    cursor: Cursor = {}
    for _ in range(20):
        capture = await polled(one, http, cursor)
        splits.append(one.split(capture, frozenset(), capture.fetched_at))
        cursor = capture.cursor
        if not capture.hints.more:
            return splits
    raise AssertionError("the round does not end")


def identities(splits: list[Split]) -> list[str]:
    return [record.fields["id"] for split in splits for record in split.records]


async def test_a_round_reads_every_record_once_in_batches(base: NationalBase, http: Http) -> None:
    splits = await whole_round(source(base), http)
    assert identities(splits) == CODES
    assert [len(split.records) for split in splits] == [3, 3, 1]
    assert base.asked_for(RECORD) == CODES
    assert len(base.asked_for(LIST)) == len(base.asked_for("login")) == 3
    assert all(split.incremental for split in splits), "what is not on one page is not gone"


async def test_the_routing_code_goes_with_every_request_and_no_secret_is_kept(base: NationalBase, http: Http) -> None:
    capture = await polled(source(base), http)
    assert {headers["dstcode"] for headers in base.headers} == {DSTCODE}
    kept = capture.body.decode() + repr(capture)
    assert PASSWORD not in kept
    assert "phien-" not in kept


@pytest.mark.parametrize("success", [0, "0", "00"])
async def test_success_is_written_in_three_ways(base: NationalBase, http: Http, success: object) -> None:
    base.success = success
    assert identities(await whole_round(source(base), http)) == CODES


async def test_a_single_object_in_place_of_the_array_is_one_record(base: NationalBase, http: Http) -> None:
    base.shape = lambda record: record
    assert identities(await whole_round(source(base), http)) == CODES


@pytest.mark.parametrize("calls", [2, 3])
async def test_a_session_that_ends_is_begun_again_in_the_same_poll(base: NationalBase, http: Http, calls: int) -> None:
    base.session_calls = calls
    splits = await whole_round(source(base, batch=7), http)
    assert identities(splits) == CODES
    assert not splits[0].fallen


async def test_a_session_that_ends_with_401_is_begun_again_too(base: NationalBase, http: Http) -> None:
    base.faults_of[CODES[1]] = [Fault(status=401)]
    assert identities(await whole_round(source(base, batch=7), http)) == CODES
    assert len(base.asked_for("login")) == 2


async def test_a_second_401_in_a_row_is_an_end(base: NationalBase, http: Http) -> None:
    base.faults_of[CODES[0]] = [Fault(status=401)] * 2
    with pytest.raises(BlockedError) as caught:
        await polled(source(base), http)
    assert caught.value.code == "unauthorised"
    assert len(base.asked_for("login")) == 2, "one more login, and no more"


async def test_wrong_credentials_block_the_source(base: NationalBase, http: Http) -> None:
    with pytest.raises(BlockedError) as caught:
        await polled(source(base, session=SESSION | {"password": "sai"}), http)
    assert caught.value.code == "login_refused"
    assert "sai" not in str(caught.value)
    assert len(base.calls) == 1


async def test_a_list_that_is_refused_is_asked_for_later(base: NationalBase, http: Http) -> None:
    base.fixed[LIST] = {"error_code": 3}
    with pytest.raises(TransientError) as caught:
        await polled(source(base), http)
    assert caught.value.code == "call_refused"


async def test_a_record_that_is_refused_costs_only_itself(base: NationalBase, http: Http) -> None:
    base.refused[CODES[1]] = -1
    splits = await whole_round(source(base, batch=7), http)
    assert identities(splits) == [CODES[0], *CODES[2:]]
    (fallen,) = splits[0].fallen
    assert (fallen.code, fallen.pointer) == ("record_refused", f"item 2, {CODES[1]}")
    assert base.asked_for(RECORD).count(CODES[1]) == 2, "once more after a new login, and no more"


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(reset=True), Fault(html=True)])
async def test_a_record_that_fails_once_comes_in_the_same_poll(base: NationalBase, http: Http, fault: Fault) -> None:
    base.faults_of[CODES[2]] = [fault]
    splits = await whole_round(source(base, batch=7), http)
    assert identities(splits) == CODES
    assert not splits[0].fallen


async def test_a_record_that_always_fails_holds_nothing_up(base: NationalBase, http: Http) -> None:
    base.faults_of[CODES[3]] = [Fault(status=500)] * 9
    splits = await whole_round(source(base), http)
    assert identities(splits) == [*CODES[:3], *CODES[4:]]
    assert [fallen.code for split in splits for fallen in split.fallen] == ["no_answer"]


async def test_a_base_that_goes_away_keeps_what_was_read(base: NationalBase, http: Http) -> None:
    for code in CODES[2:]:
        base.faults_of[code] = [Fault(status=500)]
    one = source(base, batch=7)
    capture = await polled(one, http)
    assert capture.hints.more
    assert identities([one.split(capture, frozenset(), capture.fetched_at)]) == CODES[:2]
    assert capture.cursor == {"after": CODES[1]}
    assert base.asked_for(RECORD) == CODES[:5], "three in a row, and no more"


async def test_a_base_that_is_away_is_an_error_of_the_poll(base: NationalBase, http: Http) -> None:
    for code in CODES:
        base.faults_of[code] = [Fault(status=503)]
    with pytest.raises(TransientError):
        await polled(source(base), http)


async def test_being_told_to_wait_ends_the_batch_and_is_passed_on(base: NationalBase, http: Http) -> None:
    base.faults_of[CODES[1]] = [Fault(status=429, retry_after="120")] * 2
    one = source(base)
    capture = await polled(one, http)
    assert (capture.hints.more, capture.hints.retry_after, capture.cursor) == (True, 120, {"after": CODES[0]})
    with pytest.raises(ThrottledError):
        await polled(one, http, capture.cursor)


async def test_a_status_that_is_not_1_withdraws_the_procedure(base: NationalBase, http: Http) -> None:
    base.publish(CODES[0], TRANGTHAI="2")
    (split,) = await whole_round(source(base, batch=7), http)
    assert [stone.guid for stone in split.tombstones] == [CODES[0]]
    assert identities([split]) == CODES[1:]


async def test_an_unchanged_record_is_not_read_again(base: NationalBase, http: Http) -> None:
    one = source(base, batch=7)
    capture = await polled(one, http)
    known = frozenset(one.split(capture, frozenset(), capture.fetched_at).fingerprints)
    base.publish(CODES[4], "Tên mới")
    again = await polled(one, http)
    split = one.split(again, known, again.fetched_at)
    assert [record.fields["title"].value for record in split.records] == ["Tên mới"]


async def test_a_record_of_another_code_is_not_taken(base: NationalBase, http: Http) -> None:
    base.shape = lambda record: [base.procedures[CODES[0]]]
    (split,) = await whole_round(source(base, batch=7), http)
    assert identities([split]) == [CODES[0]]
    assert {fallen.code for fallen in split.fallen} == {"no_record"}


async def test_a_platform_of_a_province_is_asked_by_get_with_its_keys(base: NationalBase, http: Http) -> None:
    headers = [{"name": "Authorization", "secret": "Bearer khoa-4711"}, {"name": "AppName", "value": "hub"}]
    splits = await whole_round(source(base, session=None, headers=headers), http)
    assert identities(splits) == CODES
    assert base.headers[0]["Authorization"] == "Bearer khoa-4711"
    assert base.headers[0]["AppName"] == "hub"


async def test_fields_and_pages_follow_the_settings(base: NationalBase, http: Http) -> None:
    one = source(base, names={"TEN_GOI": "TENTTHC"}, page="https://dvc.example.vn/tthc?ma={code}")
    answer = {"error_code": 0, "result": [{"MATTHC": CODES[0], "TEN_GOI": "Thủ tục có tên khác"}]}
    base.fixed = {LIST: answer, RECORD: answer}
    capture = await polled(one, http)
    (record,) = one.split(capture, frozenset(), capture.fetched_at).records
    item = one.normalise(record, capture).item
    assert (item.title, item.url) == ("Thủ tục có tên khác", f"https://dvc.example.vn/tthc?ma={CODES[0]}")


async def test_a_redirect_is_not_followed_with_the_password(base: NationalBase, http: Http) -> None:
    base.fail_next(Fault(status=307))
    with pytest.raises(TransientError) as caught:
        await polled(source(base), http)
    assert caught.value.code == "moved"
    assert len(base.calls) == 1
