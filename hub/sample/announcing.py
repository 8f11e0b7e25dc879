"""How members announce their procedures: the one-stop system's records, a JSON list, pages with tables, a spreadsheet.

    share   LayDanhSachTTHC and LayThuTuc of the one-stop system, with what provinces put around it (onestop.py)
    json    /api/thu-tuc-hanh-chinh     names and words of a developer; what is withdrawn stays, and says so
    pages   /thu-tuc-hanh-chinh         a list and a page for each; what is withdrawn is gone
    table   /tai-lieu/danh-muc-tthc.csv as Excel saves it: semicolons, a byte order mark, a title above the headings

Whatever is read by machines, people read the same pages.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.sample.pages import TEMPLATES
from hub.sample.procedures import Entry, Law, Paper
from hub.sample.province import SampleMember
from hub.sample.register import Register

PAGES: Final = "/thu-tuc-hanh-chinh"
JSON: Final = "/api/thu-tuc-hanh-chinh"
TABLE: Final = "/tai-lieu/danh-muc-tthc.csv"
HEADINGS: Final = (
    "STT", "Mã TTHC", "Tên thủ tục hành chính", "Lĩnh vực", "Cấp thực hiện", "Cơ quan thực hiện", "Đối tượng",
    "Thời hạn giải quyết", "Phí, lệ phí", "Thành phần hồ sơ", "Kết quả", "Căn cứ pháp lý", "Quyết định công bố",
    "Tình trạng", "Địa chỉ",
)  # fmt: skip
#: channel: code in the base, words of an office
CHANNELS: Final = (("1", "Trực tiếp"), ("2", "Trực tuyến"), ("3", "Dịch vụ bưu chính"))
IN_FORCE, GONE = "Đang áp dụng", "Bãi bỏ"


# ------------------------------------------------------------------------------------------------- the base's form


def record(entry: Entry, *, in_force: bool = True, forms: str = "") -> dict[str, Any]:
    """The record as the share service LayThuTuc gives it; `forms` is where its forms stand."""
    office = [{"MADONVI": f"000.00.{_digits(entry.member)}.H52", "TENDONVI": entry.member.office}]
    return {
        "MATTHC": entry.code, "TENTTHC": entry.name, "MACOQUANCONGBO": "000.00.00.H52",
        "LOAITTHC": "TTHC được luật giao quy định chi tiết", "TRANGTHAI": 1 if in_force else 0,
        "QUYETDINH": entry.decision, "CAPTHUCHIEN": [{"CAPTHUCHIEN": entry.level}],
        "LINHVUCTHUCHIEN": {"MALINHVUC": entry.field_code, "TENLINHVUC": entry.field},  # one, and so no list
        "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": step} for step in entry.steps]}],
        "CACHTHUCTHUCHIEN": [
            {
                "KENH": code,
                "THOIGIAN": [{
                    "THOIGIANGIAIQUYET": str(entry.days), "DONVITINH": "Ngày làm việc",
                    "MOTA": "Kể từ ngày nhận đủ hồ sơ hợp lệ.", "PHILEPHI": _payments(entry, code),
                }],
            }
            for code, _ in CHANNELS
        ],
        "THANHPHANHOSO": [
            {"TRUONGHOP": "", "GIAYTO": [_paper(one, n, forms) for n, one in enumerate(entry.papers, 1)]}
        ],
        "DOITUONGTHUCHIEN": [{"TENDOITUONG": one} for one in entry.subjects],
        "COQUANTHUCHIEN": office, "COQUANCOTHAMQUYEN": office, "DIACHITIEPNHAN": entry.place,
        "KETQUATHUCHIEN": [{"MAKETQUA": f"KQ.{entry.national}", "TENKETQUA": entry.result}],
        "CANCUPHAPLY": [_law(one) for one in entry.laws],
        "YEUCAU": "".join(f"<p>- {one}</p>" for one in entry.conditions) or "Không",
        "TUKHOA": entry.field.lower(), "COQUANPHOIHOP": None,
    }  # fmt: skip


def _digits(member: SampleMember) -> str:
    return f"{int(member.code.rpartition('.')[2]):02d}"


def _paper(paper: Paper, number: int, forms: str) -> dict[str, Any]:
    return {
        "MAGIAYTO": f"GT{number:02d}", "TENGIAYTO": paper.name, "SOBANCHINH": str(paper.originals),
        "SOBANSAO": str(paper.copies), "TENMAUDON": f"{paper.form}.docx" if paper.form else "",
        "URL": f"{forms}/{number}.docx" if paper.form and forms else "",
    }  # fmt: skip


def _law(law: Law) -> dict[str, str]:
    return {
        "SOVANBAN": law.number, "TENVANBAN": law.title, "COQUANBANHANH": law.issuer,
        "NGAYBANHANH": f"{law.issued:%d/%m/%Y}", "NGAYHIEULUC": "0001-01-01T00:00:00",
    }  # fmt: skip


def _payments(entry: Entry, channel: str) -> list[dict[str, str]]:
    """Sums with dots; a stray quote behind the kind, as the base has it."""
    note = entry.fee_note
    paid = [
        {"MAPHILEPHI": kind, "SOTIEN": _dong(amount), "DONVI": "Đồng", "MOTA": note, "URL": ""}
        for kind, amount in (("1'", sum_of(entry, channel, entry.fee)), ("2'", sum_of(entry, channel, entry.charge)))
        if amount
    ]
    return paid or [{"MAPHILEPHI": "1'", "SOTIEN": "Không", "DONVI": "", "MOTA": "", "URL": ""}]


def sum_of(entry: Entry, channel: str, amount: int) -> int:
    """What is paid on this way."""
    return amount * entry.online_share // 100 if channel == "2" else amount


def _dong(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


# ------------------------------------------------------------------------------------------- in the words of an office


def paid(entry: Entry, channel: str = "1") -> str:
    """`Phí: 150.000 Đồng (mỗi hồ sơ)`, a line for each."""
    lines = [
        f"{word}: {_dong(sum_of(entry, channel, amount))} Đồng" + (f" ({entry.fee_note})" if entry.fee_note else "")
        for word, amount in (("Phí", entry.fee), ("Lệ phí", entry.charge))
        if amount
    ]
    return "\n".join(lines) or "Không"


def limit(entry: Entry) -> str:
    """`07 Ngày làm việc`."""
    return f"{entry.days:02d} Ngày làm việc"


def as_json(register: Register, member: SampleMember, base: str) -> bytes:
    """The list of a member's own interface."""
    rows = [_row(entry, base, IN_FORCE) for entry in register.announced(member)]
    rows += [_row(entry, base, GONE) for entry in register.withdrawn(member)]
    document = {"donVi": member.name, "tongSo": len(rows), "danhSach": rows}
    return json.dumps(document, ensure_ascii=False).encode()


def _row(entry: Entry, base: str, status: str) -> dict[str, Any]:
    return {
        "maSo": entry.code, "ten": entry.name, "duongDan": f"{base}{PAGES}/{entry.path}", "trangThai": status,
        "capThucHien": entry.level, "linhVuc": {"ma": entry.field_code, "ten": entry.field},
        "coQuanThucHien": entry.member.office, "noiTiepNhan": entry.place, "doiTuong": list(entry.subjects),
        "trinhTu": list(entry.steps),
        "cachThuc": [
            {"hinhThuc": words, "thoiHan": limit(entry), "phiLePhi": paid(entry, code)} for code, words in CHANNELS
        ],
        "hoSo": [
            {"ten": one.name, "soLuong": f"Bản chính: {one.originals} - Bản sao: {one.copies}", "mauDon": one.form}
            for one in entry.papers
        ],
        "ketQua": [entry.result], "yeuCau": "".join(f"<p>- {one}</p>" for one in entry.conditions),
        "canCu": [
            {"so": law.number, "ten": law.title, "coQuan": law.issuer, "ngay": f"{law.issued:%d/%m/%Y}"}
            for law in entry.laws
        ],
        "quyetDinhCongBo": entry.decision,
    }  # fmt: skip


def as_table(register: Register, member: SampleMember, base: str) -> bytes:
    """The spreadsheet of a member."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["DANH MỤC THỦ TỤC HÀNH CHÍNH"])
    writer.writerow([f"thuộc thẩm quyền giải quyết của {member.office}"])
    writer.writerow(HEADINGS)
    rows = [(entry, IN_FORCE) for entry in register.announced(member)]
    rows += [(entry, GONE) for entry in register.withdrawn(member)]
    for number, (entry, status) in enumerate(rows, 1):
        writer.writerow([
            number, entry.code, entry.name, entry.field, entry.level, member.office, "; ".join(entry.subjects),
            limit(entry), paid(entry).replace("\n", "; "), "; ".join(one.name for one in entry.papers), entry.result,
            "; ".join(f"{law.title} số {law.number}" for law in entry.laws), entry.decision, status,
            f"{base}{PAGES}/{entry.path}",
        ])  # fmt: skip
    return b"\xef\xbb\xbf" + text.getvalue().encode()


# ------------------------------------------------------------------------------------------------------------- pages


def list_page(entries: Sequence[Entry], *, office: str, base: str, path: str = PAGES) -> str:
    """The list that people read."""
    rows = [
        {"entry": one, "url": f"{base}{path}/{one.path}", "limit": limit(one), "paid": paid(one)} for one in entries
    ]
    return _drawn("procedures.html", office=office, base=base, rows=rows)


def entry_page(entry: Entry, *, office: str, base: str, path: str = PAGES) -> str:
    """The page of one procedure."""
    ways = [{"name": words, "limit": limit(entry), "paid": paid(entry, code)} for code, words in CHANNELS]
    return _drawn("procedure.html", office=office, base=base, entry=entry, ways=ways, list_url=f"{base}{path}")


def _drawn(template: str, **values: Any) -> str:
    return TEMPLATES.get_template(template).render(values)


def found(register: Register, path: str) -> tuple[Entry, bool] | None:
    """The procedure whose page has this address, and whether it is in force."""
    return register.find(path.rpartition("/")[2].replace("-", ".").upper())


# ---------------------------------------------------------------------------------------- what a clerk would have typed

_JSON_DETAILS: Final[Mapping[str, str]] = {
    "code": "maSo", "levels": "capThucHien", "sectors": "to_string([{code: linhVuc.ma, name: linhVuc.ten}])",
    "executing_agencies": "coQuanThucHien", "competent_agencies": "coQuanThucHien", "place_of_receipt": "noiTiepNhan",
    "subjects": "doiTuong", "steps": "to_string([{steps: trinhTu}])",
    "ways": "to_string(cachThuc[].{channel: hinhThuc, time_limit: thoiHan, fee: phiLePhi})",
    "dossiers": "to_string([{papers: hoSo[].{name: ten, quantity: soLuong, form_name: mauDon}}])",
    "results": "ketQua", "conditions_html": "yeuCau", "decision": "quyetDinhCongBo", "status": "trangThai",
    "legal_basis": "to_string(canCu[].{number: so, title: ten, issuer: coQuan, issued: ngay})",
    "announced_by": "'000.00.00.H52'",
}  # fmt: skip
_TABLE_DETAILS: Final[Mapping[str, str]] = {
    "code": "Mã TTHC", "sectors": "Lĩnh vực", "levels": "Cấp thực hiện", "executing_agencies": "Cơ quan thực hiện",
    "subjects": "Đối tượng", "time_limit": "Thời hạn giải quyết", "fee": "Phí, lệ phí", "papers": "Thành phần hồ sơ",
    "results": "Kết quả", "legal_basis": "Căn cứ pháp lý", "decision": "Quyết định công bố", "status": "Tình trạng",
    "announced_by": "'000.00.00.H52'",
}  # fmt: skip
#: connector, path below the site's base, and the connector's own keys, by the way of announcing
CONNECTIONS: Final[Mapping[str, tuple[str, str, Mapping[str, Any]]]] = {
    "json": ("json", JSON, {
        "items": "danhSach", "withdrawn_values": [GONE],
        "fields": {
            "id": "maSo", "link": "duongDan", "title": "ten", "withdrawn": "trangThai", "details": _JSON_DETAILS,
        },
    }),
    "table": ("csv", TABLE, {
        "withdrawn_values": [GONE],
        "fields": {
            "id": "Mã TTHC", "link": "Địa chỉ", "title": "Tên thủ tục hành chính", "withdrawn": "Tình trạng",
            "details": _TABLE_DETAILS,
        },
    }),
    "pages": ("listing", PAGES, {
        "items": "table.ds-tthc tbody tr", "link": "td.ten a",
        "details": {
            "code": "td.ma", "sectors": "td.linh-vuc", "levels": "td.cap", "executing_agencies": "td.co-quan",
            "time_limit": "td.thoi-han", "fee": "td.phi", "decision": "td.quyet-dinh",
        },
        "article": {"content": "article.tthc", "remove": ["article.tthc h1", "table.thuoc-tinh", "section.cach-thuc"]},
    }),
}  # fmt: skip
