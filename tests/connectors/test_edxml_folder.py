"""Messages for the axis through a folder: each once, whole, in order; their files; and the reports that come back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Found, Holding
from connectors.destinations.edxml import Connector
from connectors.errors import TransientError
from connectors.http import Http
from connectors.parse import edxml
from connectors.parse.edxml import Organ, ResponseFor, Status
from connectors.parse.edxml.reports import held_of, joined
from schemas.item import Attachment
from tests.connectors.office import (
    ID,
    IDENTITY,
    PDF,
    acts,
    edition,
    folder,
    lying,
    message_in,
    read_from,
    sends,
    straight,
    withdrawal,
)
from tests.fakes.axis import FakeAxis
from tests.fakes.site import Site

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


async def pages(connector: Connector, http: Http) -> list[Holding]:
    """All pages of a run, joined as the hub does."""
    found: dict[str, Holding] = {}
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
