"""Loads every administrative procedure of the corpus, and counts what became of each record, field by field.

    7sins      an older dump of the national portal, texts under Vietnamese headings
    qp         another dump: metadata, texts and tables
    dvc        pages of the national portal flattened to text, tables without borders among it
    dvc-lists  official lists as XLSX, read by the connector `csv`
    daklak     pages of a provincial office

A shape is brought to an entry here, as a mapping would; from there on it is the way of the hub itself: make_item, and
for the round trip write_national and read_national. `python -m bench.score_procedures CORPUS` prints the counts.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from lxml import html

from bench.score_tally import Tally
from connectors.base import Capture, SourceContext
from connectors.errors import RejectedError
from connectors.parse.entry import Entry, Text
from connectors.parse.item import make_item
from connectors.parse.nationalprocedure import read_national, write_national
from connectors.parse.text import fold
from connectors.sources import csv
from schemas.base import ItemBase, Kind
from schemas.procedure import Procedure

NOW = datetime(2026, 11, 20, tzinfo=UTC)
URL = "https://dvc.example.vn/"
CONTEXT = SourceContext(name="tthc", kind=Kind.PROCEDURE, url=URL)
#: Fields that the national record does not hold: they stay behind by design.
BESIDE = frozenset(ItemBase.model_fields) - {"title"} | {"announced_by_name"}
SAME = [name for name in Procedure.model_fields if name not in BESIDE]
OWN = [name for name in Procedure.model_fields if name not in ItemBase.model_fields]
#: Details that are a part of another field.
PARTS = {"papers": "dossiers", "time_limit": "ways"}
#: What these pages put where there is nothing.
NOTHING = frozenset({"không có thông tin", "chưa có thông tin"})

_FORM = "https://csdl.dichvucong.gov.vn/web/jsp/download_file.jsp?ma="


def check(corpus: Path) -> list[Tally]:
    """The counts of each shape."""
    folder = corpus / "vi" / "procedures"
    return [
        _counted("7sins", _json(folder / "7sins" / "data.json"), _of_7sins),
        _counted("qp", _jsons(folder / "qp"), _of_qp),
        _counted("dvc", _jsons(folder / "dvc"), _of_dvc),
        _lists("dvc-lists", folder / "dvc-lists"),
        _counted("daklak", _pages(corpus / "vi" / "html" / "tthc-daklak"), _of_daklak),
    ]


def _json(path: Path) -> Iterator[Any]:
    yield from json.loads(path.read_text("utf-8-sig"))


def _jsons(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.rglob("*.json")):
        yield json.loads(path.read_text("utf-8-sig"))


def _pages(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.glob("*.html")):
        yield path.stem, html.fromstring(path.read_bytes().decode())


def _counted(name: str, records: Iterator[Any], entry_of: Callable[[Any], Entry]) -> Tally:
    tally = Tally(name)
    for number, record in enumerate(records, start=1):
        _add(tally, entry_of(record), f"record {number}")
    return tally


def _add(tally: Tally, entry: Entry, pointer: str) -> None:
    tally.records += 1
    try:
        made = make_item(entry, CONTEXT, base=URL, pointer=pointer)
    except RejectedError as rejected:
        tally.rejected[f"{rejected.code}: {rejected.sentence}"] += 1
        return
    item = cast(Procedure, made.item)
    kept = {"title"} | {name for name in OWN if getattr(item, name)}
    tally.take(item.guid, kept, given=_given(entry), remarks=made.remarks)
    tally.wrong += [f"{item.guid}: {what}" for what in _miscounted(entry, item)]
    again = make_item(read_national(write_national(item)), CONTEXT, base=URL, pointer=pointer).item
    tally.went_round(
        item.guid, kept.intersection(SAME), [name for name in SAME if getattr(item, name) != getattr(again, name)]
    )


def _given(entry: Entry) -> set[str]:
    """Fields in which a record says something: a text somewhere that is more than what pages put for nothing."""
    return {PARTS.get(name, name) for name, value in entry["details"].items() if any(map(_speaks, _texts(value)))} | {
        "title"
    }


def _miscounted(entry: Entry, item: Procedure) -> Iterator[str]:
    """Papers of which the item counts other originals or copies than the record's words say."""
    said = [paper.get("quantity", "") for case in entry["details"].get("dossiers", ()) for paper in case["papers"]]
    kept = [paper for case in item.dossiers for paper in case.papers]
    for words, paper in zip(said, kept, strict=True) if len(said) == len(kept) else ():
        counts = (_QUANTITY["chính"].search(words), _QUANTITY["sao"].search(words))
        wanted = tuple(int(found[1] or found[2]) if found else None for found in counts)
        if wanted != (paper.originals, paper.copies):
            yield f"{words!r} is read as {paper.originals} and {paper.copies}"


_QUANTITY = {which: re.compile(rf"Bản {which}: (\d+)|(?<!: )(?<!\d)(\d+) bản {which}") for which in ("chính", "sao")}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (Mapping, list)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)


def _speaks(text: str) -> bool:
    return any(sign.isalnum() for sign in text) and text.strip(" .").casefold() not in NOTHING


# ----------------------------------------------------------------------------------------------- the official lists


def _lists(name: str, folder: Path) -> Tally:
    """Through the connector that a province would use."""
    config = csv.Config.model_validate(
        {
            "fields": {
                "id": "Mã số",
                "title": "Tên",
                "details": {
                    "code": "Mã số", "announced_by_name": "Cơ quan ban hành",
                    "executing_agencies": "Cơ quan thực hiện", "sectors": "Lĩnh vực",
                },
            },
            "max_items": 10_000,
        }
    )  # fmt: skip
    source, tally = csv.Connector(CONTEXT, config), Tally(name)
    for path in sorted(folder.glob("*.xlsx")):
        capture = Capture(url=URL, content_type="", body=path.read_bytes(), fetched_at=NOW)
        split = source.split(capture, frozenset(), NOW)
        for fallen in split.fallen:
            tally.records += 1
            tally.rejected[f"{fallen.code}: {fallen.detail}"] += 1
        for record in split.records:
            _add(tally, cast(Entry, record.fields), record.pointer)
    return tally


# ------------------------------------------------------------------------------------------------------- the shapes


def _of_7sins(record: Mapping[str, Any]) -> Entry:
    ways = [
        {"channel": one["Hình thức nộp"], "time_limit": one["Thời hạn giải quyết"], "fee": one["Phí, lệ phí"],
         "description": one["Mô tả"]}
        for one in record["Cách thức thực hiện"]
    ]  # fmt: skip
    papers = [
        {"name": one["Tên giấy tờ"], "quantity": one["Số lượng - bản chính"],
         "form_url": "" if one["Mẫu đơn, tờ khai"] == _FORM else one["Mẫu đơn, tờ khai"]}
        for one in record["Thành phần hồ sơ"]
    ]  # fmt: skip
    details = {
        "steps": record["Trình tự thực hiện"], "ways": ways, "dossiers": [{"papers": papers}],
        "executing_agencies": record["Cơ quan thực hiện"],
    }  # fmt: skip
    return {"id": record["_id"]["$oid"], "title": Text(record["title"], False), "details": details}


def _of_qp(record: Mapping[str, Any]) -> Entry:
    said, texts, tables = record["metadata"], record["content"], record["tables"]
    details = {
        "code": said["mã_thủ_tục"], "decision": said["số_quyết_định"], "levels": said["cấp_thực_hiện"],
        "procedure_type": said["loại_thủ_tục"], "sectors": said["lĩnh_vực"],
        "steps": texts["trình_tự_thực_hiện"], "subjects": texts["đối_tượng_thực_hiện"],
        "executing_agencies": texts["cơ_quan_thực_hiện"], "competent_agencies": texts["cơ_quan_có_thẩm_quyền"],
        "delegated_agencies": texts["cơ_quan_được_ủy_quyền"], "coordinating_agencies": texts["cơ_quan_phối_hợp"],
        "place_of_receipt": texts["địa_chỉ_tiếp_nhận_hs"], "results": texts["kết_quả_thực_hiện"],
        "conditions_html": texts["yêu_cầu_điều_kiện_thực_hiện"], "keywords": texts["từ_khóa"],
        "description": texts["mô_tả"],
        "ways": [
            {"channel": one["hinh_thuc"], "time_limit": one["thoi_han_giai_quyet"], "fee": one["phi_le_phi"],
             "description": one["mo_ta"]}
            for one in tables["hinh_thuc_nop"]
        ],
        "dossiers": [{"papers": [
            {"name": one["ten_giay_to"], "form_name": one["so_luong"], "quantity": one["ghi_chu"]}
            for one in tables["thanh_phan_ho_so"]
        ]}],
        "legal_basis": [
            {"number": one["so_ky_hieu"], "title": one["trich_yeu"], "issued": one["ngay_ban_hanh"],
             "issuer": one.get("co_quan_ban_hanh", "")}
            for one in tables["can_cu_phap_ly"]
        ],
    }  # fmt: skip
    return {"id": said["mã_thủ_tục"], "title": Text(said["tên_thủ_tục"], False), "details": details}


#: Tables of the portal whose cells were run together: what begins a row, and what stands in its cells.
_WAY = re.compile(
    r"(Trực tiếp|Trực tuyến|Dịch vụ bưu chính)(?=\d|Không|Theo|Trong|Ngay|Miễn|Phí|Lệ phí|$)"
    r"(\d+ (?:Ngày làm việc|Giờ làm việc|Ngày|Giờ|Tháng|Tuần|Năm|Phút))?"
    r"(Miễn phí|Không có thông tin|[\d,.]+ Việt Nam Đồng)?(\([^()]*(?:\([^()]*\)[^()]*)*\))?"
)
#: The name of a paper may end in digits: `…/TT-BTC ngày 01/01/2020` and `1 bản chính` come as `20201 bản chính`.
_PAPER = re.compile(
    r"(.*?)((?:(?<!\d)\d{1,2}|(?<=\d)\d) bản (?:chính|sao)(?:\s*,?\s*\d+ bản (?:chính|sao))*)", re.DOTALL
)
_PAPERS_HEAD = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
_BASIS = re.compile(r"(.*?)(\d+(?:\.\d+)?/(?:\d{4}/)?[A-ZĐ][\wĐđ-]*(?:-[A-ZĐ\d]+)*(?=[A-ZĐ][a-zà-ỹ]|$))", re.DOTALL)
_RESULT = re.compile(r"(.*?)Mã: ((?:KQ\.[A-Z]\d{2}\.\d{6})|[A-Z]+)", re.DOTALL)


def _of_dvc(record: Mapping[str, str]) -> Entry:
    details = {
        "code": record["ma_thu_tuc"], "decision": record["so_quyet_dinh"], "levels": record["cap_thuc_hien"],
        "procedure_type": record["loai_thu_tuc"], "sectors": record["linh_vuc"],
        "subjects": record["doi_tuong_thuc_hien"], "competent_agencies": record["co_quan_co_tham_quyen"],
        "executing_agencies": record["co_quan_thuc_hien"], "delegated_agencies": record["co_quan_duoc_uy_quyen"],
        "coordinating_agencies": record["co_quan_phoi_hop"], "place_of_receipt": record["dia_chi_tiep_nhan"],
        "related": _unless_nothing(record["thu_tuc_lien_quan"]), "steps": record["trinh_tu_thuc_hien"],
        "conditions_html": record["yeu_cau_dieu_kien"], "ways": list(_ways(record["cach_thuc_thuc_hien"])),
        "dossiers": list(_dossiers(record["thanh_phan_ho_so"])),
        "legal_basis": list(_bases(record["can_cu_phap_ly"].removeprefix("Tên văn bản pháp lýMã văn bản"))),
        "results": list(_results(record["ket_qua_xu_ly"])),
    }  # fmt: skip
    return {
        "id": record["ma_thu_tuc"],
        "link": record["detail_url"],
        "title": Text(record["ten_thu_tuc"], False),
        "details": details,
    }


def _unless_nothing(text: str) -> str:
    return "" if text == "Không có thông tin" else text


def _ways(text: str) -> Iterator[dict[str, str]]:
    starts = list(_WAY.finditer(text))
    for one, following in zip(starts, [*starts[1:], None], strict=True):
        rest = text[one.end() : following.start() if following else len(text)]
        yield {"channel": one[1], "time_limit": one[2] or "", "fee": (one[3] or "") + (one[4] or ""),
               "description": rest.strip()}  # fmt: skip


def _dossiers(text: str) -> Iterator[dict[str, Any]]:
    """Cases are separated by the head of their table, which follows the name of the case."""
    before, *tables = text.split(_PAPERS_HEAD)
    for table in tables:
        rows = list(_PAPER.finditer(table))
        papers = [{"name": row[1], "quantity": row[2]} for row in rows]
        rest = table[rows[-1].end() :] if rows else table
        if not rows and rest:
            papers, rest = [{"name": rest, "quantity": ""}], ""
        yield {"case": before.strip(" -"), "papers": papers}
        before = rest


def _bases(text: str) -> Iterator[dict[str, str]]:
    end = 0
    for one in _BASIS.finditer(text):
        yield {"title": one[1], "number": one[2]}
        end = one.end()
    if text[end:].strip():
        yield {"title": text[end:], "number": ""}


def _results(text: str) -> Iterator[dict[str, str]]:
    found = list(_RESULT.finditer(text))
    for one in found:
        yield {"name": one[1], "code": one[2]}
    if not found and (name := text.partition("Từ khóa")[0].strip()):
        yield {"name": name, "code": ""}


#: Headings of the provincial pages -> detail.
_HEADINGS = {
    "yeu cau": "conditions_html", "quy trinh": "steps", "ho so": "papers", "doi tuong thuc hien": "subjects_text",
    "co quan giai quyet": "executing_text", "can cu phap ly": "legal_basis", "noi nop ho so": "place_of_receipt",
}  # fmt: skip


def _of_daklak(named: tuple[str, Any]) -> Entry:
    name, page = named
    details: dict[str, Any] = {"code": name}
    for heading in page.iter("h2", "h3"):
        said = fold(" ".join(heading.text_content().split()))
        key = next((key for words, key in _HEADINGS.items() if words in said), "")
        around = next((one for one in heading.iterancestors("section", "div") if len(one.text_content()) > 80), None)
        if around is None:
            continue
        lines = [" ".join(one.text_content().split()) for one in around.iter("li", "p", "h4")]
        if said.endswith("thoi gian giai quyet"):
            details["time_limit"] = lines[0].rstrip(".") if lines else ""
        elif key in ("papers", "legal_basis"):
            details[key] = [{"name" if key == "papers" else "title": line} for line in lines if line]
        elif key and lines:
            details[key] = "\n".join(lines)
    title = page.findtext(".//title") or page.findtext(".//h1") or ""
    return {"id": name, "title": Text(title, False), "details": details}


if __name__ == "__main__":
    print("\n".join(line for tally in check(Path(sys.argv[1])) for line in tally.lines()))
