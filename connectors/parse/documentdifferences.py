"""Where two descriptions of a document differ, field by field, in what a register says of it.

Issuer, number and day of issue are its key: where they differ it is another document. Files and full text are left out,
for a base keeps copies of its own.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from connectors.base import Difference
from connectors.parse.differences import Aspect, Detail, a_text, coded, differences, line, texts
from connectors.parse.documentkey import office_key
from connectors.parse.documentwords import VALIDITY_WORDS
from connectors.parse.numbers import number_key
from schemas.document import Document, Relation, Validity
from schemas.shapes import Coded


def document_differences(ours: Document, theirs: Document, *, ignore: Collection[str] = ()) -> tuple[Difference, ...]:
    """Where they differ; none: they say the same. `ignore` are names of fields that are not compared."""
    return differences(ours, theirs, ASPECTS, ignore)


def _numbers(item: Document) -> list[Detail]:
    return [Detail(number_key(one), one) for one in (item.number, *item.further_numbers) if one]


def _issuers(item: Document) -> Iterator[Detail]:
    for one in (item.issuer, *item.further_issuers):
        if office := office_key(one):
            yield Detail(office, one.name or one.code)


def _signers(item: Document) -> Iterator[Detail]:
    for one in (item.signer, *item.further_signers):
        said = (line(one.competence), line(one.position), line(one.name))
        if any(said):
            yield Detail(said, " ".join(filter(None, said)))


def _kind(item: Document) -> list[Detail]:
    return coded((item.document_type,)) if item.document_type != Coded() else []


def _day(day: date | None) -> list[Detail]:
    return [Detail(day, f"{day:%d/%m/%Y}")] if day else []


def _validity(item: Document) -> list[Detail]:
    return [Detail(item.validity, VALIDITY_WORDS[item.validity])] if item.validity is not Validity.UNKNOWN else []


def _abstract(item: Document) -> list[Detail]:
    return a_text(item.abstract or item.title)


def _relations(item: Document) -> Iterator[Detail]:
    for one in item.relations:
        said = _relation(one)
        yield Detail((one.kind, said), " ".join(filter(None, said)))


def _relation(one: Relation) -> tuple[str, ...]:
    day = f"{one.issued:%d/%m/%Y}" if one.issued else ""
    return (one.number, line(one.title), line(one.issuer), day, one.url, one.id)


ASPECTS: Final[tuple[Aspect[Document], ...]] = (
    Aspect("number", "Số, ký hiệu", _numbers),
    Aspect("issuer", "Cơ quan ban hành", _issuers),
    Aspect("issued", "Ngày ban hành", lambda item: _day(item.issued)),
    Aspect("abstract", "Trích yếu", _abstract),
    Aspect("document_type", "Loại văn bản", _kind),
    Aspect("signer", "Người ký", _signers),
    Aspect("effective", "Ngày có hiệu lực", lambda item: _day(item.effective)),
    Aspect("expired", "Ngày hết hiệu lực", lambda item: _day(item.expired)),
    Aspect("partly_expired", "Ngày hết hiệu lực một phần", lambda item: _day(item.partly_expired)),
    Aspect("validity", "Tình trạng hiệu lực", _validity),
    Aspect("validity_reason", "Lý do, phần hết hiệu lực", lambda item: a_text(item.validity_reason)),
    Aspect("sectors", "Ngành, lĩnh vực", lambda item: coded(item.sectors)),
    Aspect("scope", "Phạm vi điều chỉnh", lambda item: a_text(item.scope)),
    Aspect("gazette", "Nguồn trích, số công báo", lambda item: a_text(item.gazette)),
    Aspect("gazette_date", "Ngày đăng công báo", lambda item: _day(item.gazette_date)),
    Aspect("relations", "Văn bản liên quan", _relations),
    Aspect("procedures", "Thủ tục hành chính liên quan", lambda item: texts(item.procedures)),
)

#: Names that settings may leave out of the comparison.
FIELDS: Final = frozenset(aspect.field for aspect in ASPECTS)
