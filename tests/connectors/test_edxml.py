"""An axis as a destination in its corners; what every destination must do is in tests/contract/test_destinations.py."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from connectors.base import Found, Held, Payload
from connectors.destinations.edxml import Config, Connector
from connectors.errors import BlockedError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import BusinessType, Message, Organ, ResponseFor, Status
from connectors.parse.edxml.reports import held_of, joined
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Attachment, Kind
from tests.clock import Clock
from tests.fakes.axis import FakeAxis
from tests.fakes.server import Fault
from tests.fakes.site import Site

ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
XSD = Path(__file__).parents[2] / "schemas" / "xsd" / "edxml-document.xsd"
IDENTITY = "000.00.01.H52,2026/03/01,575/QĐ-UBND"
PDF = b"%PDF-1.4\n%%EOF"
OFFICES: dict[str, Any] = {
    "sender": {"id": "000.00.01.H52", "name": "Uỷ ban nhân dân tỉnh Mẫu", "email": "vanthu@tinhmau.gov.vn"},
    "receivers": [{"id": "000.00.02.H52", "name": "Sở Y tế"}, {"id": "000.00.03.H52", "name": "Sở Nội vụ"}],
    "place": "Tỉnh Mẫu",
}


@pytest.fixture
async def axis() -> AsyncIterator[FakeAxis]:
    async with FakeAxis() as axis:
        yield axis


@pytest.fixture
def at_axis(axis: FakeAxis) -> Connector:
    return straight(axis)


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    (tmp_path / "di").mkdir()
    return tmp_path / "di"


@pytest.fixture
def in_folder(outbox: Path) -> Connector:
    return folder(outbox)


def straight(axis: FakeAxis, *, account: dict[str, Any] | None = None, **config: Any) -> Connector:
    settings = {"axis": {"url": axis.url, **axis.account(), **(account or {})}, "allow_private": axis.doors}
    return Connector("truc", Config.model_validate({**OFFICES, **settings, **config}))


def folder(path: Path, **config: Any) -> Connector:
    return Connector("truc", Config.model_validate({**OFFICES, "folder": str(path), **config}))


def edition(revision: int = 1, *, attachments: tuple[Attachment, ...] = (), **details: Any) -> PublishedItem:
    said = {"number": "575/QĐ-UBND", "issued": "2026-03-01", "document_type": {"code": "QĐ", "name": "Quyết định"}}
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.DOCUMENT, title="Quyết định giao đất", member="H52", source="vb",
        published=datetime(2026, 3, 2, 1, tzinfo=UTC), attachments=attachments, details=said | details,
    )  # fmt: skip


def withdrawal(revision: int, reason: str = "") -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, reason=reason, at=datetime(2026, 3, 9, 2, tzinfo=UTC))


def message_in(payload: Payload) -> Message:
    message = edxml.parse(payload.body)
    assert isinstance(message, Message)
    return message


def acts(messages: list[Message]) -> list[tuple[str, str, str]]:
    return [(one.business.type, one.business.document_id, one.business.reason) for one in messages]


def lying(outbox: Path) -> list[Path]:
    """What lies in the folder for the other program."""
    return sorted(outbox.glob("*.edxml"))


def read_from(outbox: Path) -> list[Message]:
    read = [edxml.parse(one.read_bytes()) for one in lying(outbox)]
    return [one for one in read if isinstance(one, Message)]


async def sends(
    connector: Connector, http: Http, what: PublishedItem | Withdrawal, remote_id: str = "", key: str = ""
) -> str:
    """Send or withdraw as the stage does; the remote id of the receipt."""
    last = edition(1) if isinstance(what, Withdrawal) else None
    payload = connector.present(what, last=last)
    call = connector.withdraw if isinstance(what, Withdrawal) else connector.send
    key = key or f"{ID}:{what.revision}:truc"
    return (await call(http, payload, key=key, remote_id=remote_id)).remote_id


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


# ------------------------------------------------------------------------------------------------------- the folder


async def test_a_message_comes_once_even_when_it_was_taken_away(in_folder: Connector, outbox: Path, http: Http) -> None:
    remote_id = await sends(in_folder, http, edition(1))
    name = f"{ID}-1.edxml"
    assert remote_id == f"{name}@{IDENTITY}"
    assert [one.name for one in lying(outbox)] == [name]
    (outbox / name).unlink()  # the other program sent it
    receipt = await in_folder.send(http, in_folder.present(edition(1)), key=f"{ID}:1:truc")
    assert receipt.note == "already there"
    assert not lying(outbox)


async def test_an_older_revision_does_not_follow_a_newer(in_folder: Connector, outbox: Path, http: Http) -> None:
    await sends(in_folder, http, edition(4))
    receipt = await in_folder.send(http, in_folder.present(edition(3)), key="k")
    assert (receipt.note, receipt.revision) == ("newer", 4)
    await sends(in_folder, http, withdrawal(6))
    late = await in_folder.send(http, in_folder.present(edition(5)), key="k")
    assert (late.note, late.revision) == ("newer", 6)
    assert len(lying(outbox)) == 2
    payload = in_folder.present(withdrawal(6), last=edition(4))
    assert (await in_folder.withdraw(http, payload, key="k")).note == "already gone"
    assert await in_folder.find(http, payload) == Found(
        remote_id=f"{ID}-6.edxml@{IDENTITY}", revision=6, withdrawn=True
    )


async def test_a_message_that_was_on_its_way_when_the_hub_died_comes_into_the_folder(
    in_folder: Connector, outbox: Path, http: Http
) -> None:
    await sends(in_folder, http, edition(1))
    name = f"{ID}-1.edxml"
    (outbox / name).rename(outbox / ".hub" / name)  # the ledger was written, the message not moved
    receipt = await in_folder.send(http, in_folder.present(edition(1)), key=f"{ID}:1:truc")
    assert receipt.note == "already there"
    assert [one.name for one in lying(outbox)] == [name]


async def test_half_a_message_is_never_in_the_folder(in_folder: Connector, outbox: Path, http: Http) -> None:
    (outbox / ".hub").mkdir()
    (outbox / ".hub" / f"{ID}-1.edxml").write_bytes(b"<edXML>")  # the hub died while it wrote
    assert await in_folder.find(http, in_folder.present(edition(1))) is None
    await sends(in_folder, http, edition(1))
    assert acts(read_from(outbox)) == [("0", "", "Văn bản mới (phiên bản 1)")]


async def test_a_repair_of_the_same_revision_is_a_message_of_its_own(
    in_folder: Connector, outbox: Path, http: Http
) -> None:
    await sends(in_folder, http, edition(1))
    await sends(in_folder, http, edition(1), key=f"{ID}:1:truc:1")
    assert [one.name for one in lying(outbox)] == [f"{ID}-1-1.edxml", f"{ID}-1.edxml"]


async def test_a_folder_that_is_not_there_is_ours_to_mend(tmp_path: Path, http: Http) -> None:
    connector = folder(tmp_path / "khong-co")
    with pytest.raises(TransientError) as caught:
        await sends(connector, http, edition(1))
    assert caught.value.code == "outbox_unwritable"
    damaged = tmp_path / "di"
    (damaged / ".hub").mkdir(parents=True)
    (damaged / ".hub" / f"{ID}.json").write_text("{}")
    with pytest.raises(TransientError):
        await sends(folder(damaged), http, edition(1))


# ------------------------------------------------------------------------------------------------------------ files


def file(url: str, title: str = "", type: str = "") -> Attachment:
    return Attachment(url=url, title=title, type=type)


async def test_files_go_inside_the_message_and_what_does_not_is_named(outbox: Path, http: Http, site: Site) -> None:
    site.serve("/575.pdf", PDF, content_type="application/pdf")
    site.serve("/lon.pdf", PDF + bytes(4_000), content_type="application/pdf")
    site.serve("/trang.pdf", b"<!doctype html><html><body>Loi</body></html>", content_type="text/html")
    paths = ("/575.pdf", "/lon.pdf", "/trang.pdf", "/khong-co.pdf")
    files = tuple(file(f"{site.origin}{path}", "Quyết định" if path == "/575.pdf" else "") for path in paths)
    await sends(folder(outbox, attach_limit=1_000), http, edition(1, attachments=files))
    [message] = read_from(outbox)
    assert [(one.name, one.type, one.body) for one in message.attachments] == [("575.pdf", "application/pdf", PDF)]
    for path in paths[1:]:
        assert f"{path[1:]} ({site.origin}{path})" in message.header.content


async def test_a_site_that_is_away_puts_the_document_off(outbox: Path, http: Http, site: Site) -> None:
    site.serve("/575.pdf", b"", status=503)
    with pytest.raises(TransientError):
        await sends(folder(outbox), http, edition(1, attachments=(file(f"{site.origin}/575.pdf"),)))
    assert not lying(outbox)


async def test_no_file_is_fetched_from_where_only_the_hub_may_go(axis: FakeAxis, http: Http) -> None:
    at = file(f"{axis.origin}/bi-mat.pdf")
    await sends(straight(axis), http.scoped(allow=axis.doors), edition(1, attachments=(at,)))
    assert [method for method, _ in axis.calls] == ["sendEdoc"]
    assert "bi-mat.pdf" in axis.messages()[0].header.content


def test_without_files_their_addresses_are_named(outbox: Path) -> None:
    at = file("https://tinhmau.gov.vn/tep/ph%E1%BB%A5-l%E1%BB%A5c.pdf", "Phụ lục")
    message = message_in(folder(outbox, attach=False).present(edition(attachments=(at,))))
    assert message.attachments == ()
    assert message.header.content.endswith(f"Tệp không gửi kèm trong gói tin: phụ-lục.pdf ({at.url}).")


# ------------------------------------------------------------------------------------------- what receivers report

SOHEALTH = Organ(organ_id="000.00.02.H52", name="Sở Y tế")
SOHOME = Organ(organ_id="000.00.03.H52", name="Sở Nội vụ")


def report(code: str, at: str = "2026/03/03 08:00:00", organ: Organ = SOHEALTH, said: str = "") -> Status:
    about = ResponseFor(organ_id="000.00.01.H52", code="575/QĐ-UBND", date="2026/03/01", document_id=IDENTITY)
    return Status(sender=organ, code=code, timestamp=at, description=said, response_for=about)


async def pages(connector: Connector, http: Http) -> list[Held]:
    """All pages of a run, joined as the hub does."""
    found: dict[str, Held] = {}
    cursor: dict[str, str] = {}
    for _ in range(20):
        page = await connector.holdings(http, cursor)
        assert not page.whole, "silence says nothing"
        for held in page.held:
            found[held.key] = connector.merged(found[held.key], held) if held.key in found else held
        if not page.more:
            return list(found.values())
        cursor = dict(page.cursor)
    raise AssertionError("the pages do not end")


async def test_reports_come_from_the_axis_and_are_acknowledged_by_the_next_page(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    for number in range(25):
        axis.receive(edxml.build(report("01", f"2026/03/03 08:00:{number:02}")), kind="status")
    first = await at_axis.holdings(http, {})
    assert axis.done == set()
    assert len(first.held[0].record["statuses"]) == 20
    [held] = await pages(at_axis, http)
    assert held.key == IDENTITY
    assert len(held.record["statuses"]) == 25
    assert axis.done == set(axis.waiting)


async def test_a_report_that_comes_twice_or_cannot_be_read_harms_nothing(
    axis: FakeAxis, at_axis: Connector, http: Http
) -> None:
    axis.forgetful = True
    for code in ("01", "03", "03"):
        axis.receive(edxml.build(report(code)), kind="status")
    axis.receive(b"<khong/>", kind="status")
    [held] = await pages(at_axis, http)
    assert [one["code"] for one in held.record["statuses"]] == ["01", "03"]
    assert await pages(at_axis, http) == [held]


async def test_reports_lie_in_a_folder_of_their_own(in_folder: Connector, outbox: Path, http: Http) -> None:
    assert await pages(in_folder, http) == []
    receipts = outbox.parent / "di-receipts"
    receipts.mkdir()
    for number in range(3):
        (receipts / f"{number}.edxml").write_bytes(
            edxml.build(report(f"0{number + 1}", f"2026/03/0{number + 3} 08:00:00"))
        )
    (receipts / "rac.edxml").write_bytes(b"\0")
    (receipts / "lien-ket.edxml").symlink_to("/etc/passwd")
    [held] = await pages(in_folder, http)
    assert [one["code"] for one in held.record["statuses"]] == ["01", "02", "03"]


async def test_many_reports_in_a_folder_come_page_by_page(outbox: Path, http: Http) -> None:
    receipts = outbox.parent / "bien-nhan"
    receipts.mkdir()
    for number in range(1_001):
        (receipts / f"{number:04}.edxml").write_bytes(
            edxml.build(report("01", f"2026/03/03 08:{number // 60:02}:{number % 60:02}"))
        )
    connector = folder(outbox, receipts=str(receipts))
    [held] = await pages(connector, http)
    assert len(held.record["statuses"]) == 1_001


@pytest.mark.parametrize(
    ("reports", "who"),
    [
        ([report("01"), report("03", "2026/03/03 09:00:00")], []),
        ([report("02", said="Sai thẩm quyền")], ["Sở Y tế từ chối tiếp nhận văn bản: Sai thẩm quyền"]),
        ([report("02"), report("03", "2026/03/04 09:00:00")], []),
        ([report("03", "2026/03/04 09:00:00"), report("02")], []),
        ([report("03"), report("16", "2026/03/04 09:00:00", said="Đã xử lý xong")],
         ["Sở Y tế không đồng ý cập nhật hoặc thu hồi văn bản: Đã xử lý xong"]),
        ([report("03"), report("02", organ=SOHOME)], ["Sở Nội vụ từ chối tiếp nhận văn bản"]),
    ],
)  # fmt: skip
def test_the_last_word_of_each_receiver_counts(in_folder: Connector, reports: list[Status], who: list[str]) -> None:
    [held] = held_of(reports)
    found = in_folder.differences(edition(1), held)
    assert [one.theirs for one in found] == who
    assert all(one.conflict and one.field == "status" and one.ours == "đã gửi văn bản 575/QĐ-UBND" for one in found)


STATUSES = st.builds(
    report, st.sampled_from(["01", "02", "03", "16"]), st.sampled_from([f"2026/03/03 08:00:0{n}" for n in range(5)]),
    st.sampled_from([SOHEALTH, SOHOME]),
)  # fmt: skip


@given(st.lists(STATUSES, min_size=2), st.integers(1, 20))
def test_pages_may_be_cut_anywhere_and_come_twice(statuses: list[Status], at: int) -> None:
    at = min(at, len(statuses) - 1)
    [whole], [first], [second] = held_of(statuses), held_of(statuses[:at]), held_of(statuses[at:])
    assert joined(first, second).record == joined(second, first).record == whole.record
    assert joined(whole, first).record == whole.record


# --------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "config",
    [{}, {"folder": "/srv/di", "axis": {"url": "https://truc.vn/", "system_id": "a", "secret": "b"}},
     {"folder": "/srv/di", "receivers": []}, {"folder": "di"}, {"axis": {"url": "https://truc.vn/", "system_id": "a"}}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({**OFFICES, **config})
