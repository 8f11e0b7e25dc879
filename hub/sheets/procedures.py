"""A procedure as citizens read it, in the order of the national database's own pages (csdl.dichvucong.gov.vn)."""

import re
from collections.abc import Iterator
from typing import Final

from connectors.parse.text import fold
from hub.sheets.facts import (
    Case,
    Cases,
    Cell,
    Line,
    Prose,
    Section,
    coded_names,
    day,
    dong,
    facts,
    grouped,
    link,
    names,
    table,
)
from schemas.procedure import Channel, Fee, FeeKind, Procedure, Status, TimeLimit, TimeUnit, Way

CHANNELS: Final = {
    Channel.IN_PERSON: "Trực tiếp",
    Channel.ONLINE: "Trực tuyến",
    Channel.POST: "Dịch vụ bưu chính",
}
UNITS: Final = {
    TimeUnit.MINUTE: "phút",
    TimeUnit.HOUR: "giờ",
    TimeUnit.WORKING_HOUR: "giờ làm việc",
    TimeUnit.DAY: "ngày",
    TimeUnit.WORKING_DAY: "ngày làm việc",
    TimeUnit.WEEK: "tuần",
    TimeUnit.MONTH: "tháng",
    TimeUnit.QUARTER: "quý",
    TimeUnit.YEAR: "năm",
}
FEES: Final = {FeeKind.FEE: "Phí", FeeKind.CHARGE: "Lệ phí"}
STATUSES: Final = {Status.IN_FORCE: "Đang áp dụng", Status.WITHDRAWN: "Không còn áp dụng"}

#: Where a field stands on the page, for officers who are told that it differs.
FIELDS: Final = {
    "code": "Mã thủ tục", "title": "Tên thủ tục", "decision": "Số quyết định", "status": "Tình trạng",
    "announced_by": "Cơ quan công bố", "levels": "Cấp thực hiện", "procedure_type": "Loại thủ tục",
    "sectors": "Lĩnh vực", "steps": "Trình tự thực hiện", "ways": "Cách thức thực hiện",
    "ways.time_limits": "Thời hạn giải quyết", "ways.fees": "Phí, lệ phí", "dossiers": "Thành phần hồ sơ",
    "subjects": "Đối tượng thực hiện", "subjects_text": "Đối tượng thực hiện", "results": "Kết quả thực hiện",
    "executing_agencies": "Cơ quan thực hiện", "executing_text": "Cơ quan thực hiện",
    "competent_agencies": "Cơ quan có thẩm quyền", "competent_text": "Cơ quan có thẩm quyền",
    "delegated_agencies": "Cơ quan được ủy quyền", "coordinating_agencies": "Cơ quan phối hợp",
    "place_of_receipt": "Địa chỉ tiếp nhận hồ sơ", "legal_basis": "Căn cứ pháp lý", "description": "Mô tả",
    "conditions_html": "Yêu cầu, điều kiện thực hiện", "keywords": "Từ khóa", "related": "Thủ tục liên quan",
    "connected": "Thủ tục liên thông",
}  # fmt: skip

#: How steps begin that count themselves: Bước 1, 1., a), -, +.
_COUNTED: Final = re.compile(r"buoc\b|[0-9]{1,2}[.):]|[a-z][.)]|[-+*•–]")


def sections(item: Procedure) -> list[Section]:
    """Everything that the procedure says, top to bottom."""
    return [*_heading(item), *_steps(item), *_ways(item), *_dossiers(item), *_around(item), *_basis(item)]


def sentence(item: Procedure) -> str:
    """What it is in one sentence, for where there is room for no more; empty when it says nothing of itself."""
    limits = [(way, text) for way in item.ways for limit in way.time_limits if (text := time_text(limit))]
    several = len({text for _, text in limits}) > 1
    times = [f"{text} ({channel_text(way).lower()})" if several and channel_text(way) else text for way, text in limits]
    fees = [fee for way in item.ways for limit in way.time_limits for fee in limit.fees if fee_text(fee)]
    parts = (
        ("mã số", [item.code]),
        ("lĩnh vực", names(item.sectors)),
        ("cấp thực hiện", list(item.levels)),
        ("cơ quan thực hiện", names(item.executing_agencies)),
        ("thời hạn giải quyết", times),
    )
    stated = [(label, ", ".join(dict.fromkeys(filter(None, some)))) for label, some in parts]
    told = [f"{label}: {text}" for label, text in stated if text]
    paid = [fee_text(fee) if fee.kind else f"phí, lệ phí: {fee_text(fee)}" for fee in fees]
    told += dict.fromkeys(text[0].lower() + text[1:] for text in paid)
    return f"Thủ tục hành chính, {'; '.join(told)}." if told else ""


def _heading(item: Procedure) -> list[Section]:
    rows: list[tuple[str, Cell]] = [
        ("Mã thủ tục", item.code),
        ("Số quyết định", item.decision),
        ("Tên thủ tục", item.title),
        ("Cơ quan công bố", item.announced_by_name),
        ("Cấp thực hiện", item.levels),
        ("Loại thủ tục", item.procedure_type),
        ("Lĩnh vực", names(item.sectors)),
        ("Tình trạng", STATUSES[item.status] if item.status else item.source_status),
    ]
    told = facts("Thông tin chung", rows)
    # The name stands above the page: alone it is no table.
    return told if told and any(row for label, row in rows if label != "Tên thủ tục") else []


def _steps(item: Procedure) -> Iterator[Section]:
    cases = []
    for one in item.steps:
        steps = tuple(step for step in one.steps if step.strip())
        if steps or one.case.strip():
            counted = any(_COUNTED.match(fold(step.lstrip()[:40])) for step in steps)
            cases.append(Case(one.case, steps, numbered=len(steps) > 1 and not counted))
    if cases:
        yield Cases("Trình tự thực hiện", tuple(cases))


def _ways(item: Procedure) -> list[Section]:
    rows = [
        (
            channel_text(way), time_text(limit), [link(fee_text(fee), fee.url) for fee in limit.fees],
            limit.description,
        )
        for way in item.ways
        for limit in way.time_limits or (TimeLimit(),)
    ]  # fmt: skip
    columns = ("Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả")
    return table("Cách thức thực hiện", columns, [("", rows)])


def _dossiers(item: Procedure) -> list[Section]:
    cases = [
        (
            one.case,
            [
                (
                    paper.name or paper.code, _count(paper.originals, paper.originals_text),
                    _count(paper.copies, paper.copies_text), link(paper.form_name, paper.form_url),
                )
                for paper in one.papers
            ],
        )
        for one in item.dossiers
    ]  # fmt: skip
    return table("Thành phần hồ sơ", ("Tên giấy tờ", "Bản chính", "Bản sao", "Mẫu đơn, tờ khai"), cases)


def _around(item: Procedure) -> list[Section]:
    results: list[Line] = []
    for result in item.results:
        results.append(Line(result.name or result.code))
        if result.url or result.file_name:
            results.append(link(result.file_name, result.url))
    return facts(
        "Đối tượng, cơ quan thực hiện và kết quả",
        [
            ("Đối tượng thực hiện", [*names(item.subjects), item.subjects_text]),
            ("Cơ quan thực hiện", [*names(item.executing_agencies), item.executing_text]),
            ("Cơ quan có thẩm quyền", [*names(item.competent_agencies), item.competent_text]),
            ("Địa chỉ tiếp nhận hồ sơ", item.place_of_receipt),
            ("Cơ quan được ủy quyền", names(item.delegated_agencies)),
            ("Cơ quan phối hợp", names(item.coordinating_agencies)),
            ("Kết quả thực hiện", results),
        ],
    )


def _basis(item: Procedure) -> Iterator[Section]:
    rows = [
        (one.number, link(one.title, one.url), day(one.issued), one.issuer)
        for one in item.legal_basis
    ]  # fmt: skip
    yield from table("Căn cứ pháp lý", ("Số ký hiệu", "Trích yếu", "Ngày ban hành", "Cơ quan ban hành"), [("", rows)])
    if item.conditions_html.strip():
        yield Prose("Yêu cầu, điều kiện thực hiện", item.conditions_html)
    yield from facts(
        "Thông tin thêm",
        [
            ("Mô tả", item.description if item.description != item.summary else ""),
            ("Từ khóa", ", ".join(item.keywords)),
            ("Thủ tục liên quan", coded_names(item.related)),
            ("Thủ tục liên thông", coded_names(item.connected)),
        ],
    )


def field_name(field: str) -> str:
    """What a field, or a part of one, is called on the page; its own name where it has none."""
    while field not in FIELDS and "." in field:
        field = field.rpartition(".")[0]
    return FIELDS.get(field, field)


def channel_text(way: Way) -> str:
    """How the dossier is handed in."""
    return CHANNELS[way.channel] if way.channel else way.channel_name


def time_text(limit: TimeLimit) -> str:
    """1 ngày làm việc; what is no number as it was stated."""
    if limit.value is None:
        return limit.text
    unit = UNITS[limit.unit] if limit.unit else limit.unit_name
    return f"{grouped(limit.value)} {unit}".strip()


def fee_text(fee: Fee) -> str:
    """Phí: 25.000 đồng (cước gửi một bộ hồ sơ)."""
    if fee.amount is None:
        told = fee.text
    elif fee.amount == 0:
        told = "Không"
    else:
        told = dong(fee.amount, fee.unit)
        told = f"{told}, {fee.text}" if fee.text and fee.text != told else told
    described = f" ({fee.description.rstrip('. ')})" if fee.description and told else fee.description
    kind = FEES[fee.kind] if fee.kind else ""
    return ": ".join(filter(None, (kind, f"{told}{described}"))) if told or described else ""


def _count(number: int | None, text: str) -> str:
    return text if number is None else grouped(number)
