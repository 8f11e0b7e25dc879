"""What an officer enters a record from: its files, and a note that says what is lacking and what else is needed.

thu-tuc-1.004194.000.00.00.H52/
    kiem-tra.txt                              what to do, by when, what is lacking, which files go with it
    thu-tuc-1.004194.000.00.00.H52.docx       to read and to type from, in the order of the national page
    thu-tuc-1.004194.000.00.00.H52.xml        the national record, checked against schemas/xsd/procedure.xsd
    thu-tuc-1.004194.000.00.00.H52.json       the edition as the hub publishes it
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from hub.rules.completeness import Omission, Severity, omissions
from hub.sheets import xml
from hub.sheets.details import typed
from hub.sheets.downloads import FORMS, stem
from hub.sheets.requirements import Requirements
from schemas.edition import PublishedItem
from schemas.item import Document, Procedure

NOTE: Final = "kiem-tra.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The files for one item."""

    name: str  #: of its folder
    files: Mapping[str, bytes]
    omissions: tuple[Omission, ...]
    fault: str  #: where its XML breaks the schema and was left out, for us; empty: nowhere

    def count(self, severity: Severity) -> int:
        """How much of this severity is lacking."""
        return sum(omission.requirement.severity is severity for omission in self.omissions)


def package(item: PublishedItem, asked: Requirements, zone: ZoneInfo, *, task: str = "") -> Package:
    """The package of an item that has passed the gate. `task` is what is to be done, in lines for the officer."""
    name, record = stem(item), typed(item)
    files = {f"{name}.{ending}": form.make(item, zone) for ending, form in FORMS.items() if form.suits(item)}
    fault = xml.fault(files[f"{name}.xml"]) if f"{name}.xml" in files else ""
    if fault:
        del files[f"{name}.xml"]
    lacking = omissions(record, asked.get(item.kind, ())) if record else ()
    lines = _note(item, record, lacking, fault, task)
    # With a byte order mark and the ends of lines of Windows, where officers open it.
    files[NOTE] = "\r\n".join(lines).encode("utf-8-sig")
    return Package(name=name, files=files, omissions=lacking, fault=fault)


def _note(
    item: PublishedItem, record: Procedure | Document | None, lacking: tuple[Omission, ...], fault: str, task: str
) -> Iterator[str]:  # fmt: skip
    yield item.title
    if number := record.code if isinstance(record, Procedure) else record.number if record else "":
        yield f"Mã, số ký hiệu: {number}"
    yield f"Đơn vị: {item.member_name or item.member}"
    yield f"Mã nội dung: {item.content_id}, phiên bản {item.revision}"
    if task:
        yield from ("", *task.splitlines())
    if record is None:
        yield from ("", "Phiên bản phần mềm này không đọc được các trường riêng; tệp DOCX chỉ có phần chung.")
    for severity, heading in (
        (Severity.MUST, "CÒN THIẾU, PHẢI BỔ SUNG TRƯỚC KHI NHẬP"),
        (Severity.SHOULD, "NÊN BỔ SUNG"),
    ):
        found = [omission for omission in lacking if omission.requirement.severity is severity]
        if found:
            yield from ("", heading)
        for omission in found:
            yield f"- {omission.sentence}"
            yield f"  Lý do: {omission.requirement.reason}"
    if record is not None and not lacking:
        yield from ("", "Đủ nội dung theo danh mục kiểm tra.")
    if fault:
        yield from ("", "Không lập được tệp XML theo lược đồ; lỗi của hệ thống, đề nghị báo bộ phận kỹ thuật.")
    if forms := list(_forms(item, record)):
        yield from ("", "TỆP PHẢI TẢI VỀ VÀ ĐĂNG KÈM", *forms)


def _forms(item: PublishedItem, record: Procedure | Document | None) -> Iterator[str]:
    """Files that the record names, each once."""
    named: dict[str, str] = {}
    if isinstance(record, Procedure):
        for paper in (paper for case in record.dossiers for paper in case.papers if paper.form_url):
            named.setdefault(paper.form_url, paper.form_name or paper.name)
        for result in (one for one in record.results if one.url):
            named.setdefault(result.url, result.file_name or result.name)
    for file in item.attachments:
        named.setdefault(file.url, file.title)
    for address, name in named.items():
        yield f"- {' '.join(name.split())}: {address}" if name.strip() else f"- {address}"
