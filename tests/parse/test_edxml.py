"""Messages of the document exchange axis: every variant is read, and what we write says the same when read again."""

import base64
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.base import SourceContext
from connectors.errors import RejectedError
from connectors.parse import edxml
from connectors.parse.edxml import Attachment, BusinessType, Message, Organ, Status, StatusCode
from connectors.parse.edxml.message import ATTACHMENTS_LIMIT
from connectors.parse.item import make_item
from connectors.parse.text import clean_text
from schemas.document import Document, Relation
from schemas.item import Kind
from schemas.shapes import Coded

XSD = Path(__file__).parents[2] / "schemas" / "xsd"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CONTEXT = SourceContext(name="truc", kind=Kind.DOCUMENT, url="https://truc.example.vn/")
PDF = b"%PDF-1.4\n%%EOF"
SENDER = Organ(organ_id="000.00.01.H52", name="UBND tỉnh", in_charge="UBND tỉnh", email="vanthu@example.vn")
RECEIVERS = (Organ(organ_id="000.00.02.H52", name="Sở Y tế"), Organ(organ_id="000.00.03.H52", name="Sở Nội vụ"))

FILE = """<{p}Attachment><{p}ContentId>{cid}</{p}ContentId><{p}AttachmentName>{name}</{p}AttachmentName>
  <{p}ContentType>{type}</{p}ContentType>
  <{p}ContentTransferEncoded>{body}</{p}ContentTransferEncoded></{p}Attachment>"""
MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<{p}edXML xmlns{c}="{ns}"><{p}edXMLEnvelope><{p}edXMLHeader><{p}MessageHeader>
  <{p}From><{p}OrganId>000.00.01.H52</{p}OrganId><{p}OrganName>UBND tỉnh</{p}OrganName></{p}From>
  <{p}To><{p}OrganId>000.00.02.H52</{p}OrganId></{p}To><{p}To><{p}OrganId>000.00.03.H52</{p}OrganId></{p}To>
  <{p}DocumentId>000.00.01.H52,2026/11/20,575/QĐ-UBND</{p}DocumentId>
  <{p}Code><{p}CodeNumber>575</{p}CodeNumber><{p}CodeNotation>QĐ-UBND</{p}CodeNotation></{p}Code>
  <{p}PromulgationInfo><{p}Place>Tỉnh Mẫu</{p}Place><{p}PromulgationDate>2026/11/20</{p}PromulgationDate></{p}PromulgationInfo>
  <{p}DocumentType><{p}Type>2</{p}Type><{p}TypeDetail>2</{p}TypeDetail></{p}DocumentType>
  <{p}Subject>V/v giao đất</{p}Subject><{p}Content>Giao đất cho Trường Mầm non</{p}Content>
  <{p}SignerInfo><{p}Competence>KT.</{p}Competence><{p}Position>Phó Chủ tịch</{p}Position><{p}FullName>Nguyễn Văn A</{p}FullName></{p}SignerInfo>
  <{p}ResponseFor><{p}OrganId>000.00.02.H52</{p}OrganId><{p}Code>12/TTr-SYT</{p}Code><{p}PromulgationDate>2026/11/02</{p}PromulgationDate></{p}ResponseFor>
  <{p}OtherInfo><{p}SphereOfPromulgation>{sphere}</{p}SphereOfPromulgation></{p}OtherInfo></{p}MessageHeader>
 <{p}TraceHeaderList><{p}TraceHeader><{p}OrganId>000.00.01.H52</{p}OrganId><{p}Timestamp>2026/11/20 10:00:00</{p}Timestamp></{p}TraceHeader>
  <{p}Bussiness>{acts}<{p}StaffInfo><{p}Staff>Trần Thị B</{p}Staff><{p}Mobile>84900000000</{p}Mobile></{p}StaffInfo></{p}Bussiness></{p}TraceHeaderList>
 <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference URI=""/></SignedInfo></Signature></{p}edXMLHeader>
 <{p}edXMLBody><{p}edXMLManifest version="1.0">{listed}</{p}edXMLManifest></{p}edXMLBody></{p}edXMLEnvelope>
 <{p}AttachmentEncoded>{files}</{p}AttachmentEncoded></{p}edXML>"""  # noqa: E501


def written(
    *, prefix: str = "edXML:", namespace: str = "http://www.mic.gov.vn/TBT/QCVN_102_2016", acts: str = "",
    listed: str = "", files: str = "", sphere: str = "",
) -> bytes:  # fmt: skip
    values = {"p": prefix, "c": f":{prefix[:-1]}" if prefix else "", "ns": namespace, "sphere": sphere}
    return MESSAGE.format(acts=acts, listed=listed, files=files, **values).encode()


def file(cid: str = "cid:7", name: str = "575.pdf", type: str = "application/pdf", body: bytes | str = PDF) -> str:
    text = body if isinstance(body, str) else base64.b64encode(body).decode()
    return FILE.format(p="edXML:", cid=cid, name=name, type=type, body=text)


def message(body: bytes) -> Message:
    read = edxml.parse(body)
    assert isinstance(read, Message)
    return read


def document_of(read: Message) -> Document:
    item = make_item(edxml.entry_of(read), CONTEXT, base=CONTEXT.url, pointer="message").item
    assert isinstance(item, Document)
    return item


def valid(body: bytes, schema: str) -> None:
    etree.XMLSchema(etree.parse(XSD / schema)).assertValid(etree.fromstring(body))


# ------------------------------------------------------------------------------------------------------- reading


def test_a_message_becomes_a_document() -> None:
    item = document_of(message(written()))
    assert item.guid == "000.00.01.H52,2026/11/20,575/QĐ-UBND"
    assert (item.number, item.issued, item.title) == ("575/QĐ-UBND", date(2026, 11, 20), "V/v giao đất")
    assert (item.document_type.code, item.issuer.code, item.issuer.name) == ("QĐ", "000.00.01.H52", "UBND tỉnh")
    assert (item.signer.competence, item.signer.position) == ("KT.", "Phó Chủ tịch")
    assert [(one.kind, one.number) for one in item.relations] == [("responds_to", "12/TTr-SYT")]
    assert item.published == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert "Trần Thị B" not in item.model_dump_json(), "who sent it is nobody's business"


@pytest.mark.parametrize("prefix", ["edXML:", "", "ns2:"])
@pytest.mark.parametrize("namespace", ["http://www.mic.gov.vn/TBT/QCVN_102_2016", "http://www.e-doc.vn/Schema/"])
def test_prefixes_and_namespaces_are_all_the_same(prefix: str, namespace: str) -> None:
    assert message(written(prefix=prefix, namespace=namespace)).header == message(written()).header


def test_junk_before_the_declaration_and_prefixes_that_nobody_declares_are_mended() -> None:
    body = b"1212" + written(listed='<edXML:Reference xlink:href="cid:7"/>', files=file())
    body = body.replace(b' xmlns:edXML="http', b' xmlns:other="http')
    assert message(body).attachments[0].body == PDF


@pytest.mark.parametrize(
    "listed",
    [
        "<edXML:Reference><edXML:ContentId>cid:7</edXML:ContentId></edXML:Reference>",
        "<edXML:Reference><edXML:ContentId>7</edXML:ContentId></edXML:Reference>",
        '<edXML:Reference xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="cid:7"><edXML:AttachmentName>575.pdf'
        "</edXML:AttachmentName></edXML:Reference>",
        "<edXML:Reference><edXML:AttachmentName>575.pdf</edXML:AttachmentName></edXML:Reference>",
        "",
    ],
)
def test_a_file_is_found_however_the_manifest_names_it(listed: str) -> None:
    [one] = message(written(listed=listed, files=file())).attachments
    assert (one.content_id, one.name, one.body) == ("7", "575.pdf", PDF)


def test_files_keep_their_names_when_there_are_several() -> None:
    listed = "".join(f"<edXML:Reference><edXML:ContentId>cid:{n}</edXML:ContentId></edXML:Reference>" for n in (2, 1))
    files = file("1", "a.pdf") + file("2", "b.txt", "text/plain", b"hai")
    assert [(one.name, one.body) for one in message(written(listed=listed, files=files)).attachments] == [
        ("b.txt", b"hai"), ("a.pdf", PDF),
    ]  # fmt: skip


def test_a_file_that_is_not_what_it_says_is_told() -> None:
    read = message(written(files=file(body=b"<html><body>Loi</body></html>")))
    assert read.remarks == ("attachment_mistyped",)
    assert message(written(files=file())).remarks == ()


@pytest.mark.parametrize("text", ["${__File(a.txt)}", "không phải base64", "A", "====", "A" * 9 + "="])
def test_what_is_no_base64_is_a_remark_and_the_document_stays(text: str) -> None:
    read = message(written(files=file(body=text)))
    assert read.attachments[0].body is None
    assert read.remarks == ("attachment_broken",)
    assert document_of(read).number == "575/QĐ-UBND"


def test_a_file_that_the_manifest_names_and_nobody_sent_is_told() -> None:
    listed = "<edXML:Reference><edXML:ContentId>cid:9</edXML:ContentId></edXML:Reference>"
    read = message(written(listed=listed))
    assert read.remarks == ("attachment_missing",)


def test_a_zipped_file_is_taken_out_under_its_own_name() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tam/abc.tmp", PDF)
    [one] = message(written(files=file(type="application/zip", body=packed.getvalue()))).attachments
    assert edxml.unpacked(one) == [("575.pdf", PDF)]
    assert edxml.unpacked(replace(one, name="ho-so.zip")) == [("ho-so.zip", packed.getvalue())]
    assert edxml.unpacked(replace(one, body=packed.getvalue()[:40])) == [("575.pdf", packed.getvalue()[:40])]
    assert edxml.unpacked(replace(one, body=None)) == []


def test_a_bomb_stays_packed() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x", "w") as member:
        for _ in range(ATTACHMENTS_LIMIT // 2**20 + 1):
            member.write(bytes(2**20))
    bomb = Attachment(name="x.pdf", body=packed.getvalue())
    assert edxml.unpacked(bomb) == [("x.pdf", packed.getvalue())]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "empty_body"), (b"<html><body>Loi</body></html>", ""), (b"<a/>", "not_edxml"), (b"<edXML><Mess", "bad_xml")],
)
def test_what_is_no_message_is_refused_by_name(body: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        edxml.parse(body)
    assert refused.value.sentence
    assert not code or refused.value.code == code


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2_500))
def test_a_damaged_message_is_read_or_refused(junk: bytes, at: int) -> None:
    body = written(files=file())
    refused = refusal(body[:at] + junk + body[at + len(junk) :])
    assert refused is None or refused.sentence


def refusal(body: bytes) -> RejectedError | None:
    try:
        edxml.parse(body)
    except RejectedError as refused:
        return refused
    return None


# ---------------------------------------------------------------------------------------------- what it does


def acts(kind: str, *more: str) -> str:
    return f"<edXML:BussinessDocType>{kind}</edXML:BussinessDocType>" + "".join(more)


OTHER = "000.00.01.H52,2026/10/01,500/QĐ-UBND"
OF_OTHER = f"<edXML:DocumentId>{OTHER}</edXML:DocumentId>"


def test_a_new_document_is_known_by_its_own_identity() -> None:
    read = message(written(acts=acts("0", OF_OTHER)))
    assert document_of(read).guid == "000.00.01.H52,2026/11/20,575/QĐ-UBND"
    assert edxml.gone(read) == ""


def test_a_take_back_names_the_document_that_goes() -> None:
    assert edxml.gone(message(written(acts=acts("1", OF_OTHER)))) == OTHER
    assert edxml.gone(message(written(acts=acts("1")))) == "000.00.01.H52,2026/11/20,575/QĐ-UBND"


def test_an_update_is_a_newer_state_of_the_document_it_names() -> None:
    assert document_of(message(written(acts=acts("2", OF_OTHER)))).guid == OTHER


def test_a_replacement_is_a_document_of_its_own_beside_those_it_replaces() -> None:
    replaced = (
        f"<edXML:ReplacementInfoList><edXML:ReplacementInfo>{OF_OTHER}<edXML:OrganIdList><edXML:OrganId>000.00.02.H52"
        "</edXML:OrganId></edXML:OrganIdList></edXML:ReplacementInfo></edXML:ReplacementInfoList>"
    )
    item = document_of(message(written(acts=acts("3", replaced))))
    assert item.guid == "000.00.01.H52,2026/11/20,575/QĐ-UBND"
    [other] = [one for one in item.relations if one.kind == "replaces"]
    assert (other.id, other.number, other.issued) == (OTHER, "500/QĐ-UBND", date(2026, 10, 1))


def test_what_stays_inside_the_administration_is_told() -> None:
    made = make_item(
        edxml.entry_of(message(written(sphere="Lưu hành nội bộ"))), CONTEXT, base=CONTEXT.url, pointer="message"
    )
    assert made.remarks == ("internal_only",)


# ------------------------------------------------------------------------------------------------------- writing


def document(**more: Any) -> Document:
    said: dict[str, Any] = {
        "guid": "1", "title": "Quyết định giao đất", "number": "575/QĐ-UBND", "issued": date(2026, 11, 20),
        "document_type": Coded(code="QĐ", name="Quyết định"), "language": "vi",
        "issuer": Coded(code=SENDER.organ_id, name=SENDER.name),
    }  # fmt: skip
    return Document(**{**said, **more})


def sent(
    item: Document, business: BusinessType = BusinessType.NEW, *, replaced: Sequence[str] = (), files: bool = True
) -> Message:
    attached = (Attachment(content_id="a1", name="575.pdf", type="application/pdf", body=PDF),) if files else ()
    return edxml.message_of(
        item, sender=SENDER, receivers=RECEIVERS, place="Tỉnh Mẫu", now=NOW, business=business, replaced=replaced,
        attachments=attached,
    )  # fmt: skip


@pytest.mark.parametrize("business", BusinessType)
def test_what_we_write_is_valid_and_says_the_same_when_read(business: BusinessType) -> None:
    made = sent(document(), business, replaced=[OTHER] if business is BusinessType.REPLACE else ())
    body = edxml.build(made)
    valid(body, "edxml-document.xsd")
    assert edxml.parse(body) == made
    assert edxml.build(edxml.parse(body)) == body


def test_a_document_comes_back_from_the_axis_as_it_went() -> None:
    item = document()
    back = document_of(message(edxml.build(sent(item))))
    own = {"number", "issued", "document_type", "issuer", "signer", "title", "language"}
    assert back.model_dump(include=own) == item.model_dump(include=own)


def test_the_contents_of_a_document_and_what_it_answers_go_with_it() -> None:
    answered = Relation(
        kind="responds_to", number="7816/VPCP-TTĐT", issuer="000.00.00.G22", issued=date(2026, 10, 1), id=OTHER
    )
    item = document(summary="Giao 2.500 m² đất tại phường Mẫu.", relations=(answered,))
    back = document_of(message(edxml.build(sent(item))))
    assert (back.summary, back.relations) == (item.summary, item.relations)


def test_a_number_that_nobody_could_read_goes_out_as_it_is_written() -> None:
    back = document_of(message(edxml.build(sent(document(number="", number_given="74fass22/VPCP-TTĐT")))))
    assert (back.number, back.number_given) == ("", "74fass22/VPCP-TTĐT")


def test_a_normative_document_stands_in_the_other_group() -> None:
    assert sent(document()).header.document_type.group == "2"
    normative = sent(document(number="15/2026/QĐ-UBND")).header.document_type
    assert (normative.group, normative.detail) == ("1", "8")
    unknown = sent(document(document_type=Coded(name="Sổ tay"), number="1/ST-UBND")).header.document_type
    assert (unknown.group, unknown.name) == ("", "Sổ tay")


LINES = st.text(max_size=30).map(clean_text)


@settings(deadline=None)
@given(LINES, LINES, LINES, st.lists(LINES.filter(bool), max_size=3), st.binary(max_size=50))
def test_whatever_the_texts_are_nothing_is_lost(
    subject: str, number: str, phone: str, places: list[str], body: bytes
) -> None:
    made = sent(document())
    header = replace(
        made.header, subject=subject or "x", code=replace(made.header.code, number=number), places=tuple(places),
        sender=replace(made.header.sender, telephone=phone),
    )  # fmt: skip
    files = (Attachment(content_id="a", name="a.bin", body=body or b"0"),)
    made = replace(made, header=header, attachments=files)
    assert edxml.parse(edxml.build(made)) == made


@pytest.mark.parametrize("code", StatusCode)
def test_reports_of_status_go_out_and_come_back(code: StatusCode) -> None:
    status = Status(
        sender=SENDER, code=code.value, description="Đã nhận", timestamp="2026/11/20 10:00:00",
        response_for=edxml.ResponseFor(organ_id="000.00.00.G22", code="7816/VPCP-TTĐT", document_id="x"),
        staff=edxml.Staff(department="Văn thư", staff="Trần Thị B"),
    )  # fmt: skip
    body = edxml.build(status)
    valid(body, "edxml-status.xsd")
    assert edxml.parse(body) == status


def test_a_status_that_is_not_known_yet_is_read_all_the_same() -> None:
    read = edxml.parse(edxml.build(Status(sender=SENDER, code="27")))
    assert isinstance(read, Status)
    assert read.code == "27"
