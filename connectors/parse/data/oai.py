"""Reads answers of OAI-PMH 2.0: cuts whole records out of a document, reads Dublin Core, names its errors.

    body -> UTF-8 -> records cut (connectors/parse/records.py) -> each parsed by itself -> header, Dublin Core

A record is parsed alone, inside the root's start tag: where one is broken, or the document ends too early, the whole
ones are read all the same. `glance` finds what a fetch needs, by expressions that look at bytes only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from lxml import etree

from connectors.errors import Fault, RejectedError
from connectors.parse import records, xml
from connectors.parse.charset import decode
from connectors.parse.data.nodata import refuse_data, what_came_instead
from connectors.parse.feeds.reader import BODY_LIMIT
from connectors.parse.refusals import looks_like_html

#: code -> technical cause, whose fault, sentence for a clerk. The first six are errors of the protocol itself.
_REFUSALS: Final = {
    "oai_bad_argument": (
        "badArgument: the repository does not take our question", Fault.HUB,
        "Kho dữ liệu không chấp nhận yêu cầu thu thập. Bộ phận kỹ thuật cần kiểm tra lại địa chỉ kho và các khoá"
        " prefix, set của nguồn.",
    ),
    "oai_bad_verb": (
        "badVerb: this is no complete interface of OAI-PMH", Fault.MEMBER,
        "Kho dữ liệu không hỗ trợ lệnh liệt kê bản ghi. Đề nghị đơn vị quản trị kho kiểm tra lại dịch vụ OAI-PMH.",
    ),
    "oai_no_such_format": (
        "cannotDisseminateFormat: the repository does not know `prefix`", Fault.HUB,
        "Kho dữ liệu không cung cấp định dạng đã khai báo. Bộ phận kỹ thuật cần sửa khoá prefix của nguồn; định dạng"
        " chung cho mọi kho là oai_dc.",
    ),
    "oai_no_sets": (
        "noSetHierarchy: the repository has no sets", Fault.HUB,
        "Kho dữ liệu không phân chia theo bộ sưu tập. Bộ phận kỹ thuật cần bỏ khoá set của nguồn.",
    ),
    "oai_token_expired": (
        "badResumptionToken: the repository forgot where we were", Fault.MEMBER,
        "Kho dữ liệu đã huỷ lượt thu thập đang thực hiện dở. Hệ thống sẽ tự thu thập lại từ đầu; nếu lặp lại nhiều lần,"
        " đề nghị đơn vị quản trị kho tăng thời hạn của resumptionToken.",
    ),
    "oai_unknown_record": (
        "idDoesNotExist: the repository does not know the record", Fault.MEMBER,
        "Kho dữ liệu không có bản ghi được yêu cầu. Đề nghị đơn vị quản trị kho kiểm tra lại.",
    ),
    "oai_error": (
        "an error that the protocol does not know", Fault.MEMBER,
        "Kho dữ liệu báo một lỗi nằm ngoài quy định của giao thức OAI-PMH. Đề nghị đơn vị quản trị kho kiểm tra lại.",
    ),
    "oai_other_answer": (
        "an answer of OAI-PMH that lists no records", Fault.HUB,
        "Địa chỉ nguồn trả về thông tin khác của kho dữ liệu chứ không phải danh sách bản ghi. Bộ phận kỹ thuật cần"
        " khai báo địa chỉ gốc của dịch vụ OAI-PMH, không kèm tham số.",
    ),
    "not_oai": (
        "XML, but not OAI-PMH", Fault.HUB,
        "Nội dung nhận được không phải là phản hồi của dịch vụ OAI-PMH. Bộ phận kỹ thuật cần kiểm tra lại địa chỉ"
        " nguồn.",
    ),
}  # fmt: skip

_ERRORS: Final = {
    "badArgument": "oai_bad_argument", "badVerb": "oai_bad_verb", "cannotDisseminateFormat": "oai_no_such_format",
    "noSetHierarchy": "oai_no_sets", "badResumptionToken": "oai_token_expired", "idDoesNotExist": "oai_unknown_record",
    "noMetadataFormats": "oai_no_such_format",
}  # fmt: skip
#: Not an error: nothing changed in the window.
NO_RECORDS: Final = "noRecordsMatch"
TOKEN_EXPIRED: Final = "badResumptionToken"

_NAME: Final = rb"<(?:[A-Za-z][\w.-]{0,40}:)?"
_ERROR: Final = re.compile(_NAME + rb"error\s[^>]{0,200}?code\s*=\s*[\"']([A-Za-z]{1,40})[\"']")
_DATE: Final = re.compile(_NAME + rb"responseDate[^>]{0,200}>\s*([0-9TZ:.+-]{10,40})\s*<")
_BEGINNING: Final = re.compile(_NAME + rb"OAI-PMH[\s>]")
_END: Final = re.compile(rb"</(?:[A-Za-z][\w.-]{0,40}:)?OAI-PMH\s*>")
_TOKEN: Final = re.compile(_NAME + rb"resumptionToken(?:\s[^>]{0,500})?>([^<]{1,1500})<")
_GRANULARITY: Final = re.compile(_NAME + rb"granularity\s*>\s*(YYYY-MM-DD(?:Thh:mm:ssZ)?)\s*<")
_START: Final = re.compile(rb"""(<[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"'/]*)*)/?>""")
#: In an answer to ListIdentifiers only the headers of records stand there.
_RECORD: Final = re.compile(rb"<((?:[A-Za-z][\w.-]{0,40}:)?(?:record|header))[\s>]")

#: Elements of Dublin Core, simple and qualified, by the name that is read.
_ELEMENTS: Final = MappingProxyType({
    "abstract": "description", "tableOfContents": "description", "alternative": "title", "issued": "date",
    "created": "date", "available": "date", "modified": "changed", "isPartOf": "relation", "hasPart": "relation",
    "references": "relation", "isReferencedBy": "relation", "bibliographicCitation": "relation", "spatial": "subject",
    "temporal": "subject",
} | {name: name for name in (
    "title", "creator", "contributor", "subject", "description", "date", "identifier", "language", "relation",
    "publisher", "rights", "type", "format", "source", "coverage",
)})  # fmt: skip
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
#: Values of one element that are read.
_VALUES_LIMIT: Final = 200


class BrokenRecordError(Exception):
    """A record that not even a mended parser reads, or one without an identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document of OAI-PMH, its records not parsed yet."""

    pieces: tuple[bytes, ...]  #: each record as it stands
    head: bytes  #: the root's start tag: its namespaces hold for every record
    root: bytes
    response_date: str
    token: str  #: of the next part; empty after the last
    cut_short: bool  #: the document ends too early

    def fingerprints(self) -> list[bytes]:
        """One of each record."""
        return [records.fingerprint(self.head + piece) for piece in self.pieces]

    def record(self, place: int) -> "DublinCore":
        """Parse one record. Raises BrokenRecordError."""
        data = self.head + self.pieces[place] + b"</" + self.root + b">"
        for mend in (bytes, xml.mend):
            try:
                return _dublin_core(xml.parse(mend(data))[0])
            except (xml.NotWellFormedError, IndexError):
                continue
            except RejectedError as refused:  # nested too deep: that is this record's fault and no other's
                raise BrokenRecordError(str(refused)) from None
        raise BrokenRecordError("not well-formed")


class Value(NamedTuple):
    """One statement of Dublin Core."""

    text: str
    language: str  #: xml:lang in lower case, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class DublinCore:
    """One record: its header, and what its metadata say; every element may stand there many times."""

    identifier: str
    datestamp: str
    deleted: bool
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def all(self, name: str, language: str = "") -> list[str]:
        """The texts of an element without repetitions, in document order; those in `language` before the others."""
        found = self.values.get(name, ())
        first = [value for value in found if language and value.language.startswith(language)]
        return list(dict.fromkeys(value.text for value in (*first, *found)))


@dataclass(frozen=True, slots=True)
class Glance:
    """What a fetch needs of an answer."""

    whole: bool  #: it begins and ends as an answer does
    error: str  #: code of the protocol
    response_date: str
    token: str

    @property
    def ends_well(self) -> bool:
        """Whether a list without a token is at its end; an error or a page in place of a list is none."""
        return self.whole and self.error in ("", NO_RECORDS)


def glance(body: bytes) -> Glance:
    """Look at the bytes only; a repository that answers in UTF-16 is read by its first page."""
    error, date, tokens = _ERROR.search(body[:5_000]), _DATE.search(body[:5_000]), _TOKEN.findall(body[-5_000:])
    return Glance(
        _BEGINNING.search(body[:2_000]) is not None and _END.search(body[-2_000:]) is not None,
        error[1].decode() if error else "",
        date[1].decode() if date else "",
        _plain(tokens[-1].decode("utf-8", "replace").strip()) if tokens else "",
    )


def granularity(body: bytes) -> str:
    """The finest dates that a repository understands, as its answer to Identify says; "" when it does not."""
    found = _GRANULARITY.search(body)
    return found[1].decode() if found else ""


def read_answer(body: bytes, content_type: str) -> Answer:
    """Cut an answer into its records.

    Raises RejectedError: one of the codes above, or of connectors/parse/data/nodata.py for what is no XML at all.
    """
    if len(body) > BODY_LIMIT:
        raise refuse_data("too_large")
    document = xml.document(body, content_type)
    if document is None or document.root.rpartition(b":")[2] != b"OAI-PMH":
        text = decode(body[:100_000], content_type)[0]
        raise what_came_instead(text, "bad_xml") if document is None or looks_like_html(text) else refuse("not_oai")
    data = document.data
    found = _RECORD.search(data)
    cut = records.cut(data, found[1]) if found else records.Cut((), open=False)
    error = _ERROR.search(data[: cut.spans[0][0]] if cut.spans else data)
    if error and error[1].decode() != NO_RECORDS:
        raise refuse(_ERRORS.get(error[1].decode(), "oai_error"))
    complete = b"</" + document.root in data[cut.spans[-1][1] if cut.spans else 0 :]
    if not cut.spans and not error:
        if not complete:
            raise refuse_data("bad_xml")
        raise refuse("oai_other_answer")
    around = _around(data, cut.spans)
    seen = glance(around)
    return Answer(
        pieces=tuple(data[start:end] for start, end in cut.spans), head=_start_tag(data), root=document.root,
        response_date=seen.response_date, token=seen.token, cut_short=cut.open or not complete or document.cut_short,
    )  # fmt: skip


def refuse(code: str) -> RejectedError:
    """Make the error for one of the codes above."""
    message, fault, sentence = _REFUSALS[code]
    return RejectedError(message, code=code, fault=fault, sentence=sentence)


def _around(data: bytes, spans: tuple[tuple[int, int], ...]) -> bytes:
    return data[: spans[0][0]] + data[spans[-1][1] :] if spans else data


def _start_tag(data: bytes) -> bytes:
    tag = _START.match(data)
    return tag[1] + b">" if tag else b""


def _plain(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: etree._Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _dublin_core(record: etree._Element) -> DublinCore:
    header = record if _local(record) == "header" else next((one for one in record if _local(one) == "header"), None)
    if header is None:
        raise BrokenRecordError("no header")
    said = {_local(one): _text(one) for one in header}
    if not said.get("identifier"):
        raise BrokenRecordError("no identifier")
    values: dict[str, list[Value]] = {}
    metadata = next((one for one in record if _local(one) == "metadata"), None)
    for element in metadata.iter() if metadata is not None else ():
        name, text = _ELEMENTS.get(_local(element)), _text(element)
        if name and text and len(values.setdefault(name, [])) < _VALUES_LIMIT:
            values[name].append(Value(text, element.get(_LANGUAGE, "").lower()))
    return DublinCore(
        identifier=said["identifier"], datestamp=said.get("datestamp", ""), deleted=header.get("status") == "deleted",
        values={name: tuple(texts) for name, texts in values.items()},
    )  # fmt: skip
