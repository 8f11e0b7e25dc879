"""An axis as a destination in its corners; what every destination must do is in tests/contract/test_destinations.py."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydantic import ValidationError

from connectors.base import Found
from connectors.destinations.edxml import Config, Connector
from connectors.errors import BlockedError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import BusinessType
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.clock import Clock
from tests.connectors.office import (
    IDENTITY,
    OFFICES,
    XSD,
    acts,
    edition,
    message_in,
    read_from,
    sends,
    straight,
    withdrawal,
)
from tests.fakes.axis import FakeAxis
from tests.fakes.server import Fault

# ------------------------------------------------------------------------------------------------- what is presented


def test_the_message_is_valid_and_named_by_office_day_and_number(in_folder: Connector) -> None:
    schema = etree.XMLSchema(etree.parse(XSD))
    for what in (edition(1), edition(2), withdrawal(3, "Ban hành nhầm")):
        payload = in_folder.present(what, last=edition(2) if isinstance(what, Withdrawal) else None)
        schema.assertValid(etree.fromstring(payload.body))
        assert payload.key == IDENTITY
    assert in_folder.present(edition(1)).title == "Quyết định giao đất"


def test_times_are_those_of_the_item_and_never_ours(in_folder: Connector) -> None:
    stamps = [message_in(in_folder.present(one)).trace[0].timestamp for one in (
        edition(), edition().model_copy(update={"updated": datetime(2026, 3, 5, 3, tzinfo=UTC)}),
        edition().model_copy(update={"published": None}),
    )]  # fmt: skip
    assert stamps == ["2026/03/02 08:00:00", "2026/03/05 10:00:00", "2026/03/01 00:00:00"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (edition(number=""), "no_number"), (edition(issued=None), "no_issue_day"),
        (edition().model_copy(update={"kind": Kind.NEWS}), "not_a_document"),
        (edition(issued="ngày nào đó"), "not_a_document"),
    ],
    ids=["number", "day", "kind", "fields"],
)  # fmt: skip
def test_what_has_no_identity_there_is_refused_in_words_of_a_clerk(
    in_folder: Connector, item: PublishedItem, code: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        in_folder.present(item)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")


def test_a_document_in_place_of_others_names_those_of_our_own_and_those_with_an_identity(in_folder: Connector) -> None:
    relations = [
        {"kind": "replaces", "number": "12/QĐ-UBND", "issued": "2024-05-06"},
        {"kind": "replaces", "id": "000.00.09.H52,2020/01/02,3/QĐ-STC"},
        {"kind": "replaces", "number": "8/2019/NĐ-CP", "issued": "2019-01-01", "issuer": "Chính phủ", "id": "4711"},
        {"kind": "amends", "number": "1/QĐ-UBND", "issued": "2020-01-01"},
    ]
    business = message_in(in_folder.present(edition(relations=relations))).business
    assert business.type == BusinessType.REPLACE
    assert [one.document_id for one in business.replacements] == [
        "000.00.01.H52,2024/05/06,12/QĐ-UBND", "000.00.09.H52,2020/01/02,3/QĐ-STC",
    ]  # fmt: skip


def test_a_take_back_has_the_header_of_what_was_public(in_folder: Connector) -> None:
    message = message_in(in_folder.present(withdrawal(4, "Ban hành nhầm"), last=edition(3)))
    assert (message.header.subject, message.header.document_id) == ("Quyết định giao đất", IDENTITY)
    assert acts([message]) == [("1", IDENTITY, "Ban hành nhầm (phiên bản 4)")]


# ------------------------------------------------------------------------------------- first message, update, take-back


async def test_a_document_that_was_never_sent_is_new_whatever_its_revision(
    axis: FakeAxis, at_axis: Connector, http: Http, in_folder: Connector, outbox: Path
) -> None:
    for connector in (at_axis, in_folder):
        assert message_in(connector.present(edition(3))).business.type == BusinessType.UPDATE
        await sends(connector, http, edition(3))
    [through] = read_from(outbox)
    assert acts([*axis.messages(), through]) == [("0", "", "Văn bản mới (phiên bản 3)")] * 2


async def test_receivers_get_an_update_of_what_they_have(axis: FakeAxis, at_axis: Connector, http: Http) -> None:
    remote_id = await sends(at_axis, http, edition(1))
    await sends(at_axis, http, edition(2), remote_id)
    assert "getSentEdocList" not in [method for method, _ in axis.calls], "the receipt says that they have it"
    await sends(at_axis, http, edition(3), IDENTITY)  # the key was admitted, and no receipt came
    assert acts(axis.messages()) == [
        ("0", "", "Văn bản mới (phiên bản 1)"), ("2", IDENTITY, "Cập nhật văn bản (phiên bản 2)"),
        ("2", IDENTITY, "Cập nhật văn bản (phiên bản 3)"),
    ]  # fmt: skip


async def test_a_corrected_number_is_an_update_of_the_document_as_it_was_called(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    remote_id = await sends(at_axis, http, edition(1))
    await sends(at_axis, http, edition(2, number="576/QĐ-UBND"), remote_id)
    last = axis.messages()[-1]
    assert (last.header.document_id, last.business.document_id) == (IDENTITY.replace("575", "576"), IDENTITY)


async def test_another_document_with_the_same_number_is_not_ours(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    await sends(at_axis, http, edition(1, issued="2025-01-07"))
    assert await at_axis.find(http, at_axis.present(edition(1))) is None
    await sends(at_axis, http, edition(2))
    assert axis.messages()[-1].business.type == BusinessType.NEW


async def test_what_comes_again_after_a_take_back_is_new(
    axis: FakeAxis, at_axis: Connector, http: Http, in_folder: Connector
) -> None:
    for connector in (at_axis, in_folder):
        remote_id = await sends(connector, http, edition(1))
        assert await sends(connector, http, withdrawal(2), remote_id) == ""
        await sends(connector, http, edition(3), IDENTITY)
    assert [one.business.type for one in axis.messages()] == ["0", "1", "0"]


async def test_a_document_whose_text_was_purged_is_taken_back_by_its_identity(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    remote_id = await sends(at_axis, http, edition(1))
    payload = at_axis.present(withdrawal(2), last=None)
    assert payload.key == ""
    await at_axis.withdraw(http, payload, key="k", remote_id=remote_id)
    message = axis.messages()[-1]
    assert (message.header.subject, message.header.document_id) == ("Thu hồi văn bản số 575/QĐ-UBND", IDENTITY)
    assert (message.header.promulgation.date, message.header.code.number) == ("2026/03/01", "575")
    etree.XMLSchema(etree.parse(XSD)).assertValid(etree.fromstring(edxml.build(message)))


async def test_where_nothing_tells_which_document_it_was_a_person_is_told(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    payload = at_axis.present(withdrawal(2), last=None)
    assert (await at_axis.withdraw(http, payload, key="k")).note == "already gone"
    with pytest.raises(RejectedError, match="which document") as refused:
        await at_axis.withdraw(http, payload, key="k", remote_id="x@")
    assert refused.value.code == "identity_lost"


async def test_a_take_back_that_may_have_been_sent_is_looked_for(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    remote_id = await sends(at_axis, http, edition(1))
    axis.faults_of["sendEdoc"] = [Fault(committed=True, reset=True)]
    with pytest.raises(UnconfirmedError):
        await sends(at_axis, http, withdrawal(2), remote_id)
    found = await at_axis.find(http, at_axis.present(withdrawal(2), last=edition(1)), remote_id=remote_id)
    assert found == Found(remote_id=f"vxp-0002@{IDENTITY}", revision=2, withdrawn=True)
    assert await sends(at_axis, http, withdrawal(2), remote_id) == ""
    assert [one.business.type for one in axis.messages()] == ["0", "1"]


# --------------------------------------------------------------------------------------------------------- the axis


async def test_an_axis_that_shows_no_message_of_ours_cannot_be_believed_either_way(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    await sends(at_axis, http, edition(1))
    axis.mute = True
    with pytest.raises(UnconfirmedError) as caught:
        await at_axis.find(http, at_axis.present(edition(1)))
    assert caught.value.code == "cannot_tell"
    await sends(at_axis, http, withdrawal(2), IDENTITY)
    assert axis.messages()[-1].business.type == BusinessType.REVOKE, "a take-back is sent in any case"


async def test_an_older_message_says_nothing_while_a_newer_one_cannot_be_read(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    remote_id = await sends(at_axis, http, edition(1))
    await sends(at_axis, http, edition(2), remote_id)
    axis.unshown = {list(axis.sent)[-1]}
    with pytest.raises(UnconfirmedError) as caught:
        await at_axis.find(http, at_axis.present(edition(2)), remote_id=remote_id)
    assert caught.value.code == "cannot_tell"
    found = await at_axis.find(http, at_axis.present(edition(1)), remote_id=remote_id)
    assert found is not None
    assert found.revision == 1  # what is asked for is there, whatever the other message is


async def test_what_the_office_sent_by_itself_is_not_the_hubs(axis: FakeAxis, at_axis: Connector, http: Http) -> None:
    await sends(at_axis, http, edition(1))
    [[doc_id, lying]] = axis.sent.items()
    body = lying.body.replace(" (phiên bản 1)".encode(), b"")
    axis.sent[doc_id] = type(lying)(doc_id, lying.kind, lying.sender, lying.receivers, body)
    found = await at_axis.find(http, at_axis.present(edition(1)))
    assert found == Found(remote_id=f"{doc_id}@{IDENTITY}", revision=0)


@pytest.mark.parametrize(
    ("codes", "error", "code"),
    [({}, RejectedError, "axis_refused"), ({"97": "later"}, TransientError, "call_refused"),
     ({"97": "blocked"}, BlockedError, "account_refused")],
)  # fmt: skip
async def test_an_error_code_inside_a_good_answer_is_what_settings_say(
    axis: FakeAxis, http: Http, codes: dict[str, str], error: type[Exception], code: str
) -> None:
    connector = straight(axis, account={"error_codes": codes})
    axis.codes["sendEdoc"] = "97"
    with pytest.raises(error) as caught:
        await sends(connector, http, edition(1))
    assert type(caught.value) is error
    assert getattr(caught.value, "code", "") == code
    assert axis.sent == {}


async def test_a_page_in_place_of_an_answer_leaves_it_open(axis: FakeAxis, at_axis: Connector, http: Http) -> None:
    axis.faults_of["sendEdoc"] = [Fault(committed=True, html=True)]
    with pytest.raises(UnconfirmedError):
        await sends(at_axis, http, edition(1))
    found = await at_axis.find(http, at_axis.present(edition(1)))
    assert found is not None
    assert found.revision == 1


async def test_each_call_is_signed_and_names_sender_and_receivers(
    axis: FakeAxis, at_axis: Connector, http: Http, clock: Clock
) -> None:
    await sends(at_axis, http, edition(1))
    [headers] = axis.headers
    said = {name: headers[f"XroadVnpt-{name}"] for name in ("servicetype", "messagetype", "from", "to")}
    assert said == {
        "servicetype": "eDoc", "messagetype": "edoc", "from": "000.00.01.H52",
        "to": json.dumps(["000.00.02.H52", "000.00.03.H52"]),
    }  # fmt: skip
    assert headers["Content-Type"] == "application/octet-stream"
    assert datetime.strptime(headers["XroadVnpt-timestamp"], "%d%m%YT%H%M%S%z") == clock.now().replace(microsecond=0)
    assert axis.secret not in str(headers)


async def test_a_message_larger_than_the_axis_takes_is_refused_and_not_repeated(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    axis.largest = 500
    with pytest.raises(RejectedError) as refused:
        await sends(at_axis, http, edition(1))
    assert "413" in refused.value.sentence


# --------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "config",
    [{}, {"folder": "/srv/di", "axis": {"url": "https://truc.vn/", "system_id": "a", "secret": "b"}},
     {"folder": "/srv/di", "receivers": []}, {"folder": "di"}, {"axis": {"url": "https://truc.vn/", "system_id": "a"}}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({**OFFICES, **config})
