"""Documents from the axis: acknowledged only when they are ours for good, and none of them holds up another."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, SourceContext, Split, Unchanged
from connectors.bodies import Limits
from connectors.errors import BlockedError, ThrottledError, TransientError
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import Attachment, BusinessType, Organ, Status
from connectors.sources.edxml import Config, Connector
from schemas.document import Document
from schemas.item import Kind
from tests.fakes.axis import FakeAxis
from tests.fakes.server import Fault

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SENDER = Organ(organ_id="000.00.00.G22", name="Văn phòng Chính phủ")
DOWN = Fault(status=500)


@pytest.fixture
async def http(axis: FakeAxis) -> AsyncIterator[Http]:
    async with Http(user_agent="hub-test/1", allow_private=axis.doors, clock=lambda: NOW) as client:
        yield client


def source(axis: FakeAxis, **config: Any) -> Connector:
    context = SourceContext(name="truc", kind=Kind.DOCUMENT, url=axis.url)
    return Connector(context, Config.model_validate({"account": axis.account(), **config}))


def message(
    number: int, business: BusinessType = BusinessType.NEW, title: str = "", files: tuple[Attachment, ...] = ()
) -> bytes:
    document = Document(
        guid="x", title=title or f"Công văn số {number}", number=f"{number}/VPCP-TTĐT", issued=NOW.date()
    )
    return edxml.build(
        edxml.message_of(
            document, sender=SENDER, receivers=[Organ(organ_id="000.00.01.H52", name="Sở")], place="Hà Nội", now=NOW,
            business=business, attachments=files,
        )
    )  # fmt: skip


def identity(number: int) -> str:
    return f"000.00.00.G22,2026/11/20,{number}/VPCP-TTĐT"


async def a_round(
    connector: Connector, http: Http, cursor: Mapping[str, str]
) -> tuple[list[Split], Mapping[str, str]]:  # fmt: skip
    """Poll as the harvest does until the round is over."""
    splits = []
    for _ in range(30):
        answer = await connector.fetch(http, cursor)
        if isinstance(answer, Unchanged):
            return splits, cursor
        cursor = answer.cursor
        splits.append(connector.split(answer, frozenset(), NOW))
        if not answer.hints.more:
            return splits, cursor
    raise AssertionError("the round does not end")


def guids(splits: list[Split]) -> list[str]:
    return [record.fields["id"] for split in splits for record in split.records]


# ------------------------------------------------------------------------------------------------ acknowledging


async def test_a_message_is_acknowledged_only_when_the_next_poll_shows_that_it_was_kept(
    axis: FakeAxis, http: Http
) -> None:
    axis.receive(message(1))
    first = await source(axis).fetch(http, {})
    assert isinstance(first, Capture)
    assert axis.done == set()
    again = await source(axis).fetch(http, {})  # the hub died before it committed
    assert isinstance(again, Capture)
    assert again.body == first.body
    await source(axis).fetch(http, first.cursor)
    assert axis.done == {"vxp-0001"}


async def test_nothing_is_asked_twice_of_an_axis_that_has_nothing_new(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    _, cursor = await a_round(source(axis), http, {})
    assert cursor == {}
    assert isinstance(await source(axis).fetch(http, cursor), Unchanged)
    assert axis.asked("getEdoc") == ["vxp-0001"]


async def test_an_axis_that_forgets_what_was_acknowledged_costs_no_document_and_doubles_none(
    axis: FakeAxis, http: Http
) -> None:
    axis.forgetful = True
    for number in (1, 2, 3):
        axis.receive(message(number))
    first, cursor = await a_round(source(axis, batch=2), http, {})
    second, _ = await a_round(source(axis, batch=2), http, cursor)
    assert guids(first) == guids(second) == [identity(1), identity(2), identity(3)]
    marks = [set(mark for one in splits for mark in one.fingerprints) for splits in (first, second)]
    assert marks[0] == marks[1], "what came before is known by its bytes"


async def test_an_acknowledgement_that_got_no_answer_is_given_again(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    answer = await source(axis).fetch(http, {})
    assert isinstance(answer, Capture)
    axis.faults_of["updateStatus"] = [Fault(committed=True, reset=True)]
    with pytest.raises(TransientError):
        await source(axis).fetch(http, answer.cursor)
    _, cursor = await a_round(source(axis), http, answer.cursor)
    assert axis.asked("updateStatus") == ["vxp-0001", "vxp-0001"]
    assert cursor == {}


async def test_a_refused_acknowledgement_stops_nothing(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    answer = await source(axis).fetch(http, {})
    assert isinstance(answer, Capture)
    axis.codes["updateStatus"] = "17"
    axis.receive(message(2))
    splits, _ = await a_round(source(axis), http, answer.cursor)
    assert guids(splits) == [identity(2)]


async def test_what_is_marked_as_settled_in_the_list_is_not_fetched(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    axis.shows_done = True
    axis.done.add("vxp-0001")
    assert isinstance(await source(axis).fetch(http, {}), Unchanged)


# ------------------------------------------------------------------------------------------ one holds up no other


async def test_a_message_that_cannot_be_had_holds_up_no_other(axis: FakeAxis, http: Http) -> None:
    for number in (1, 2, 3):
        axis.receive(message(number))
    axis.faults_of["getEdoc"] = [DOWN]
    first, cursor = await a_round(source(axis), http, {})
    assert guids(first) == [identity(2), identity(3)]
    assert [(one.code, one.pointer) for split in first for one in split.fallen] == [
        ("no_answer", "message 1, vxp-0001")
    ]
    second, _ = await a_round(source(axis), http, cursor)
    assert guids(second) == [identity(1)]


async def test_a_message_larger_than_is_read_is_named_and_told_once(axis: FakeAxis, http: Http) -> None:
    big = Attachment(content_id="1", name="to.pdf", body=b"%PDF-1.4\n" + bytes(9_000))
    axis.receive(message(1, files=(big,)))
    axis.receive(message(2))
    small = http.scoped(limits=Limits(wire=8_000, decoded=8_000))
    connector = source(axis, max_size=8_000)
    splits, cursor = await a_round(connector, small, {})
    assert guids(splits) == [identity(2)]
    [fallen] = [one for split in splits for one in split.fallen]
    assert (fallen.pointer, fallen.code) == ("message 1, vxp-0001", "no_answer")
    answer = await connector.fetch(small, cursor)
    assert isinstance(answer, Capture)
    assert connector.split(answer, frozenset({fallen.fingerprint}), NOW).fallen == []


async def test_an_axis_that_is_away_is_an_error_and_moves_nothing(axis: FakeAxis, http: Http) -> None:
    for number in range(5):
        axis.receive(message(number))
    axis.faults_of["getEdoc"] = [DOWN] * 3
    with pytest.raises(TransientError) as caught:
        await source(axis).fetch(http, {})
    assert caught.value.code == "server_error"
    assert len(axis.asked("getEdoc")) == 3
    splits, _ = await a_round(source(axis), http, {})
    assert len(guids(splits)) == 5


async def test_an_axis_that_goes_away_in_the_middle_keeps_what_was_had(axis: FakeAxis, http: Http) -> None:
    for number in range(6):
        axis.receive(message(number))
    axis.faults_of["getEdoc"] = [Fault(wait=None), DOWN, DOWN, DOWN]
    answer = await source(axis).fetch(http, {})
    assert isinstance(answer, Capture)
    assert answer.cursor == {"after": "vxp-0001", "done": "vxp-0001"}
    assert source(axis).split(answer, frozenset(), NOW).fallen == []
    splits, _ = await a_round(source(axis), http, answer.cursor)
    assert len(guids(splits)) == 5


async def test_a_wait_that_the_axis_asks_for_is_kept(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    axis.receive(message(2))
    axis.faults_of["getEdoc"] = [Fault(status=429, retry_after="90")]
    with pytest.raises(ThrottledError):
        await source(axis).fetch(http, {})
    axis.faults_of["getEdoc"] = [Fault(wait=None), Fault(status=429, retry_after="90")]
    answer = await source(axis).fetch(http, {})
    assert isinstance(answer, Capture)
    assert (answer.hints.retry_after, answer.hints.more) == (90, True)


async def test_a_list_that_is_refused_is_named(axis: FakeAxis, http: Http) -> None:
    axis.codes["getReceivedEdocList"] = "31"
    with pytest.raises(TransientError) as later:
        await source(axis).fetch(http, {})
    assert later.value.code == "call_refused"
    axis.codes["getReceivedEdocList"] = "31"
    with pytest.raises(BlockedError) as blocked:
        await source(axis, account=axis.account(error_codes={"31": "blocked"})).fetch(http, {})
    assert blocked.value.code == "account_refused"


async def test_a_wrong_secret_is_an_error(axis: FakeAxis, http: Http) -> None:
    with pytest.raises(TransientError):
        await source(axis, account=axis.account() | {"secret": "khac"}).fetch(http, {})


# ------------------------------------------------------------------------------------------------- what it becomes


async def test_what_messages_do_becomes_items_newer_states_and_withdrawals(axis: FakeAxis, http: Http) -> None:
    axis.receive(message(1))
    axis.receive(message(1, BusinessType.UPDATE, "Công văn số 1, đã sửa"))
    axis.receive(message(2, BusinessType.REVOKE))
    axis.receive(edxml.build(Status(sender=SENDER, code="01")))
    splits, _ = await a_round(source(axis), http, {})
    assert guids(splits) == [identity(1), identity(1)]
    assert [stone.guid for split in splits for stone in split.tombstones] == [identity(2)]
    assert not [one for split in splits for one in split.fallen], "a report of status is no item, and no loss"
    assert axis.done == set(axis.waiting)


async def test_files_inside_a_message_are_named_and_get_no_address(axis: FakeAxis, http: Http) -> None:
    named = Attachment(
        content_id="1", name="<phụ lục> 1.pdf", type="application/pdf", body=b"%PDF-1.4\n" + bytes(2_000)
    )
    axis.receive(message(1, files=(named,)))
    connector = source(axis)
    answer = await connector.fetch(http, {})
    assert isinstance(answer, Capture)
    [record] = connector.split(answer, frozenset(), NOW).records
    item = connector.normalise(record, answer).item
    assert item.attachments == ()
    assert "&lt;phụ lục&gt; 1.pdf (2 KB)" in item.content_html


async def test_a_large_message_is_a_capture_of_its_own(axis: FakeAxis, http: Http) -> None:
    big = Attachment(content_id="1", name="to.pdf", type="application/pdf", body=b"%PDF-1.4\n" + bytes(6 * 1024 * 1024))
    axis.receive(message(1))
    axis.receive(message(2, files=(big,)))
    axis.receive(message(3))
    connector = source(axis)
    splits, _ = await a_round(connector, http, {})
    assert [len(split.records) for split in splits] == [1, 1, 1, 0]
    assert guids(splits) == [identity(1), identity(2), identity(3)]
    assert axis.done == set(axis.waiting)


def test_settings_that_cannot_work_are_refused(axis: FakeAxis) -> None:
    for account in ({"names": {"khong-co": "x"}}, {"secret": ""}, {"organ": "a b"}, {"paths": {"getEdoc": "../ x"}}):
        with pytest.raises(ValidationError):
            source(axis, account=axis.account() | account)


async def test_names_paths_and_prefix_are_those_of_the_axis(axis: FakeAxis, http: Http) -> None:
    account = axis.account(organ="000.00.01.H52", prefix="", names={"systemid": "he-thong"}, version="")
    with pytest.raises(TransientError):  # this axis knows none of them
        await source(axis, account=account).fetch(http, {})
    [headers] = axis.headers
    assert (headers["he-thong"], headers["from"], headers["timestamp"]) == (
        "000.00.01.H52", "000.00.01.H52", "20112026T100000+0700",
    )  # fmt: skip
    assert "version" not in headers
    moved = axis.account(paths={"getReceivedEdocList": "v2/danh-sach"})
    with pytest.raises(TransientError):
        await source(axis, account=moved).fetch(http, {})
