"""Takes the legal documents of the corpus the product's own way, and counts what becomes of each record and field.

    binhduong.csv    a register of a province, through the connector csv
    vbpl, phapdien   pages of the national bases, through read_page
    edxml            messages of the document exchange axis, through connectors/parse/edxml

Every record becomes a typed item or a rejection with a reason; what a register writes must stand in the item, compared
here with a look that uses none of our readers.
"""

import csv
import re
import sys
import unicodedata
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from bench.score_tally import Tally
from connectors.base import Capture, Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse import edxml
from connectors.parse.item import make_item
from connectors.parse.nationaldocument import read_document, write_document
from connectors.parse.pages.page import PageConfig, read_page
from connectors.sources.csv import Config, Connector
from schemas.document import Document, Validity
from schemas.item import ItemBase, Kind

NOW = datetime(2026, 11, 20, tzinfo=UTC)
URL = "https://www.example.vn/"
_OWN = sorted(set(Document.model_fields) - set(ItemBase.model_fields))
CONTEXT = SourceContext(name="vb", kind=Kind.DOCUMENT, url=URL)
#: Fields that come back from the axis; a document gets its identity there from its sender, day and number.
SAME = ("title", "summary", "published", *_OWN)
#: Fields that come back from the national base; it has no place for the number as it was written.
SAME_IN_THE_BASE = ("title", "content_html", "attachments", *(name for name in _OWN if name != "number_given"))
_COLUMNS = {
    "so_ky_hieu": "number", "ngay_ban_hanh": "issued", "hieu_luc": "validity", "trich_yeu": "title",
    "pdf": "attachments",
}  # fmt: skip
_STATES = {
    "Văn bản đang có hiệu lực": Validity.IN_FORCE, "Văn bản hết hiệu lực": Validity.EXPIRED,
    "Văn bản còn hiệu lực một phần": Validity.PARTLY_EXPIRED, "": Validity.UNKNOWN,
}  # fmt: skip


def check(corpus: Path) -> list[Tally]:
    """Every part of the corpus that holds documents."""
    return [_register(corpus), _pages(corpus), _messages(corpus)]


def _take(tally: Tally, made: Normalised, given: Collection[str] = ()) -> Document:
    """Count one item."""
    document = cast(Document, made.item)
    tally.take(document.guid, _filled(document), given=given, remarks=made.remarks)
    return document


def _lost_in_the_base(document: Document) -> list[str]:
    """Fields that say something else after the document was written as the national base has it, and read again."""
    again = make_item(read_document(write_document(document), document.guid), CONTEXT, base=URL, pointer="again").item
    return [name for name in SAME_IN_THE_BASE if getattr(again, name) != getattr(document, name)]


def _filled(document: Document) -> set[str]:
    said = document.model_dump(exclude_defaults=True)
    return {name for name in (*_OWN, "title", "summary", "attachments", "content_html") if name in said}


def _refuse(tally: Tally, refused: RejectedError) -> None:
    tally.rejected[f"{refused.code}: {refused.sentence}"] += 1


def _register(corpus: Path) -> Tally:
    tally = Tally("binhduong.csv")
    config = Config.model_validate({
        "fields": {
            "id": "{so_ky_hieu}/{ngay_ban_hanh}/{pdf}", "title": "trich_yeu", "attachments": "pdf",
            "details": {
                "number": "so_ky_hieu", "issued": "ngay_ban_hanh", "validity": "hieu_luc",
                "issuer": "'Ủy ban nhân dân tỉnh Bình Dương'",
            },
        },
        "max_items": 10_000,
    })  # fmt: skip
    source = Connector(CONTEXT, config)
    body = (corpus / "vi" / "legal" / "binhduong.csv").read_bytes()
    capture = Capture(url=URL, content_type="text/csv", body=body, fetched_at=NOW)
    split = source.split(capture, frozenset(), NOW)
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    tally.records = len(rows)
    tally.rejected.update(f"{one.code}: {one.detail}" for one in split.fallen)
    for record, row in zip(split.records, rows, strict=True):
        try:
            made = source.normalise(record, capture)
        except RejectedError as refused:
            _refuse(tally, refused)
            continue
        item = _take(tally, made, {name for column, name in _COLUMNS.items() if row[column].strip()})
        tally.wrong += [f"{row['so_ky_hieu']}: {what}" for what in _wrong(item, row)]
        tally.went_round(item.guid, _filled(item).intersection(SAME_IN_THE_BASE), _lost_in_the_base(item))
    return tally


def _wrong(item: Document, row: dict[str, str]) -> Iterator[str]:
    written = "".join(unicodedata.normalize("NFC", row["so_ky_hieu"]).split())
    if _bare(item.number) != _bare(written):
        yield f"number {item.number}"
    day, month, year = row["ngay_ban_hanh"].split("/")
    if not item.issued or (item.issued.day, item.issued.month, item.issued.year) != (int(day), int(month), int(year)):
        yield f"issued {item.issued}"
    if item.validity is not _STATES[row["hieu_luc"]]:
        yield f"validity {item.validity}"
    letters = re.match(r"\d+[A-Z]?/(?:\d{4}/)?(QĐ|KH|TB|CT|NQ|BC|GM)-", written)
    if letters and item.document_type.code != letters[1]:
        yield f"type {item.document_type}"
    if not item.attachments or not item.issuer.name or not item.title:
        yield "attachment, issuer or title missing"


def _bare(number: str) -> str:
    return number.upper().replace("Đ", "D").replace("Ð", "D")


def _pages(corpus: Path) -> Tally:
    tally = Tally("pages of vbpl and phapdien")
    folder = corpus / "vi" / "html"
    for path in sorted([*folder.glob("vbpl/*/*.html"), *folder.glob("phapdien/*.html")]):
        tally.records += 1
        url = f"{URL}{path.stem}"
        try:
            entry = read_page(
                path.read_bytes(), url=url, content_type="text/html", config=PageConfig(), context=CONTEXT, now=NOW
            )
            made = make_item(entry, CONTEXT, base=url, pointer="page")
        except RejectedError as refused:
            _refuse(tally, refused)
            continue
        item = _take(tally, made)
        tally.went_round(path.name, _filled(item).intersection(SAME_IN_THE_BASE), _lost_in_the_base(item))
        if "property" in path.parts:
            tally.wrong += _wrong_page(item)
    return tally


def _wrong_page(item: Document) -> list[str]:
    said = (
        item.number, str(item.issued), str(item.effective), item.document_type.name, item.issuer.name,
        item.signer.name, item.signer.position, item.scope, item.validity.value, str(item.gazette_date),
    )  # fmt: skip
    expected = (
        "21-LCT/HDNN8", "1989-06-30", "1989-07-11", "Luật", "Quốc hội", "Lê Quang Đạo", "Chủ tịch Quốc hội",
        "Toàn quốc", "in_force", "1992-01-15",
    )  # fmt: skip
    return [f"page: {one} is not {other}" for one, other in zip(said, expected, strict=True) if one != other]


def _messages(corpus: Path) -> Tally:
    """Bytes to message to bytes, and message to document to message: neither may change anything."""
    tally = Tally("edxml")
    for path in sorted((corpus / "vi" / "edxml").rglob("*.edxml")):
        tally.records += 1
        try:
            message = edxml.parse(path.read_bytes())
            changed = ["message"] if edxml.parse(edxml.build(message)) != message else []
            if isinstance(message, edxml.Status):
                tally.take(path.name, {f"status {message.code}"})
                tally.went_round(path.name, {f"status {message.code}"}, changed)
                continue
            made = make_item(edxml.entry_of(message), CONTEXT, base=URL, pointer=path.name)
        except RejectedError as refused:
            _refuse(tally, refused)
            continue
        document = _take(tally, made)
        again = _sent_again(document, message)
        changed += [name for name in SAME if getattr(again, name) != getattr(document, name)]
        changed += [f"{name} in the base" for name in _lost_in_the_base(document)]
        tally.went_round(path.name, _filled(document).intersection(SAME), changed)
    return tally


def _sent_again(document: Document, message: edxml.Message) -> Document:
    """The document after the sender sent it once more."""
    header, business = message.header, message.business
    sent = edxml.message_of(
        document, sender=header.sender, receivers=header.receivers, place=header.promulgation.place,
        now=document.published or NOW, replaced=[one.document_id for one in business.replacements],
    )  # fmt: skip
    received = edxml.parse(edxml.build(sent))
    assert isinstance(received, edxml.Message)
    return cast(Document, make_item(edxml.entry_of(received), CONTEXT, base=URL, pointer="again").item)


if __name__ == "__main__":
    print("\n".join(line for tally in check(Path(sys.argv[1])) for line in tally.lines()))
