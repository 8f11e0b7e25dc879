"""Where two descriptions of a procedure differ, field by field, in what a citizen would understand.

Compared is what a record of the national base says of the procedure. What the base sets itself (its keys), what the hub
derives (parts of the code, tags) and whether it is in force are left to others.
"""

from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from typing import Final

from connectors.base import Difference
from connectors.parse.codes import read_unit, written_amount
from connectors.parse.differences import Aspect, Detail, a_text, coded, compact, differences, line, texts
from schemas.procedure import (
    Channel,
    Fee,
    FeeKind,
    LegalBasis,
    Paper,
    Procedure,
    Result,
    Steps,
    TimeLimit,
    Way,
)

_CHANNELS: Final = {Channel.IN_PERSON: "Trực tiếp", Channel.ONLINE: "Trực tuyến", Channel.POST: "Bưu chính"}
_FEE_KINDS: Final = {FeeKind.FEE: "Phí", FeeKind.CHARGE: "Lệ phí"}
#: Units of money that say nothing beside a sum in dong.
_DONG: Final = frozenset({"", "đồng", "đ", "vnđ", "vnd", "việt nam đồng", "đồng việt nam"})


def procedure_differences(
    ours: Procedure, theirs: Procedure, *, ignore: Collection[str] = ()
) -> tuple[Difference, ...]:  # fmt: skip
    """Where they differ; none: they say the same. A record of another agency is a conflict, whatever else it says.

    `ignore` are names of fields that are not compared. Where we name no agency the base does by our account.
    """
    found = differences(ours, theirs, ASPECTS, ignore if ours.announced_by else {*ignore, "announced_by"})
    return tuple(
        replace(one, conflict=bool(theirs.announced_by)) if one.field == "announced_by" else one for one in found
    )


def _announced_by(item: Procedure) -> list[Detail]:
    return [Detail(compact(item.announced_by), item.announced_by)] if item.announced_by else []


def _steps(item: Procedure) -> Iterator[Detail]:
    for one in item.steps:
        yield from _of_steps(one)


def _of_steps(one: Steps) -> Iterator[Detail]:
    case = line(one.case)
    for step in filter(None, map(line, one.steps)):
        yield Detail((case, step), f"{case} – {step}" if case else step)
    if case and not any(map(line, one.steps)):
        yield Detail((case, ""), case)


def _ways(item: Procedure) -> Iterator[Detail]:
    for way in item.ways:
        where = _channel(way)
        if not way.time_limits:
            yield Detail((where, None), where)
        for limit in way.time_limits:
            meaning, words = _limit(limit)
            yield Detail((where, meaning), f"{where} {words}".strip())


def _fees(item: Procedure) -> Iterator[Detail]:
    for way in item.ways:
        for limit in way.time_limits:
            for fee in limit.fees:
                meaning, words = _fee(fee)
                if meaning is not None:
                    yield Detail((_channel(way), meaning), f"{_channel(way)} {words}".strip())


def _channel(way: Way) -> str:
    return _CHANNELS[way.channel] if way.channel else line(way.channel_name)


def _limit(limit: TimeLimit) -> tuple[Hashable, str]:
    unit = limit.unit or read_unit(limit.unit_name)
    count = line(limit.text) if limit.value is None else str(limit.value)
    stated = f"{count} {line(limit.unit_name)}".strip()
    return (count, unit or line(limit.unit_name), line(limit.description)), stated


def _fee(fee: Fee) -> tuple[Hashable, str]:
    """What a payment means, None for one that says nothing; 1.500.000 đồng and 1500000 are one sum."""
    kind = _FEE_KINDS[fee.kind] if fee.kind else line(fee.kind_code)
    unit = "" if fee.amount is not None and line(fee.unit).casefold() in _DONG else line(fee.unit)
    said = line(fee.text) if fee.amount is None else written_amount(fee.amount)
    meaning = (kind, said, unit, line(fee.description), fee.url)
    sum_of_money = "miễn phí" if fee.amount == 0 else f"{said} {unit or 'đồng'}" if fee.amount else f"{said} {unit}"
    words = " ".join(filter(None, (kind, sum_of_money.strip(), line(fee.description), fee.url)))
    return (meaning if any(meaning) else None), words


def _dossiers(item: Procedure) -> Iterator[Detail]:
    for dossier in item.dossiers:
        case = line(dossier.case)
        for paper in dossier.papers:
            meaning, words = _paper(paper)
            yield Detail((case, meaning), f"{case} – {words}" if case else words)
        if case and not dossier.papers:
            yield Detail((case, None), case)


def _paper(paper: Paper) -> tuple[Hashable, str]:
    originals = str(paper.originals) if paper.originals is not None else line(paper.originals_text)
    copies = str(paper.copies) if paper.copies is not None else line(paper.copies_text)
    name = line(paper.name)
    meaning = (paper.code, name, originals, copies, line(paper.form_name), paper.form_url, paper.replaced_by)
    counts = ", ".join(
        filter(None, (f"bản chính {originals}" if originals else "", f"bản sao {copies}" if copies else ""))
    )
    form = ", ".join(filter(None, (line(paper.form_name), paper.form_url, paper.replaced_by)))
    return meaning, " ".join(filter(None, (name or paper.code, f"({counts})" if counts else "", form)))


def _results(item: Procedure) -> Iterator[Detail]:
    for one in item.results:
        yield Detail(_result(one), " ".join(filter(None, _result(one))))


def _result(one: Result) -> tuple[str, ...]:
    return (line(one.name), one.code, line(one.file_name), one.url)


def _legal_basis(item: Procedure) -> Iterator[Detail]:
    for one in item.legal_basis:
        yield Detail(_basis(one), " ".join(filter(None, _basis(one))))


def _basis(one: LegalBasis) -> tuple[str, ...]:
    days = tuple(f"{day:%d/%m/%Y}" if day else "" for day in (one.issued, one.effective))
    return (line(one.number), line(one.title), *days, line(one.issuer), one.url)


#: In the order of the page that people know.
ASPECTS: Final[tuple[Aspect[Procedure], ...]] = (
    Aspect("announced_by", "Cơ quan công bố", _announced_by),
    Aspect("decision", "Quyết định công bố", lambda item: a_text(item.decision)),
    Aspect("title", "Tên thủ tục", lambda item: a_text(item.title)),
    Aspect("levels", "Cấp thực hiện", lambda item: texts(item.levels)),
    Aspect("procedure_type", "Loại thủ tục", lambda item: a_text(item.procedure_type)),
    Aspect("sectors", "Lĩnh vực", lambda item: coded(item.sectors)),
    Aspect("steps", "Trình tự thực hiện", _steps, ordered=True),
    Aspect("ways", "Cách thức thực hiện", _ways),
    Aspect("ways.fees", "Phí, lệ phí", _fees),
    Aspect("dossiers", "Thành phần hồ sơ", _dossiers),
    Aspect("subjects", "Đối tượng thực hiện", lambda item: coded(item.subjects)),
    Aspect("subjects_text", "Mô tả đối tượng thực hiện", lambda item: a_text(item.subjects_text)),
    Aspect("executing_agencies", "Cơ quan thực hiện", lambda item: coded(item.executing_agencies)),
    Aspect("executing_text", "Mô tả cơ quan thực hiện", lambda item: a_text(item.executing_text)),
    Aspect("competent_agencies", "Cơ quan có thẩm quyền", lambda item: coded(item.competent_agencies)),
    Aspect("competent_text", "Mô tả cơ quan có thẩm quyền", lambda item: a_text(item.competent_text)),
    Aspect("place_of_receipt", "Địa chỉ tiếp nhận", lambda item: a_text(item.place_of_receipt)),
    Aspect("delegated_agencies", "Cơ quan được uỷ quyền", lambda item: coded(item.delegated_agencies)),
    Aspect("coordinating_agencies", "Cơ quan phối hợp", lambda item: coded(item.coordinating_agencies)),
    Aspect("results", "Kết quả thực hiện", _results),
    Aspect("legal_basis", "Căn cứ pháp lý", _legal_basis),
    Aspect("conditions_html", "Yêu cầu, điều kiện", lambda item: a_text(item.conditions_html)),
    Aspect("description", "Mô tả", lambda item: a_text(item.description)),
    Aspect("keywords", "Từ khoá", lambda item: texts(item.keywords)),
    Aspect("related", "Thủ tục liên quan", lambda item: coded(item.related)),
    Aspect("connected", "Thủ tục liên thông", lambda item: coded(item.connected)),
)

#: Names that settings may leave out of the comparison.
FIELDS: Final = frozenset(aspect.field for aspect in ASPECTS)
