"""Takes the legal documents of the corpus the product's own way, and counts what becomes of each record and field.

    binhduong.csv    a register of a province, through the connector csv
    vbpl, phapdien   pages of the national bases, through read_page
    edxml            messages of the document exchange axis, through connectors/parse/edxml.py

Every record becomes a typed item or a rejection with a reason; what a register writes must stand in the item, compared
here with a look that uses none of our readers.
"""

import csv
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.base import Capture, SourceContext
from connectors.errors import RejectedError
from connectors.parse import edxml
from connectors.parse.item import make_item
from connectors.parse.pages.page import PageConfig, read_page
from connectors.sources.csv import Config, Connector
from schemas.document import Document, Validity
from schemas.item import ItemBase, Kind

NOW = datetime(2026, 11, 20, tzinfo=UTC)
URL = "https://www.example.vn/"
#: Least share of records that become items.
ITEMS_LEAST = 0.98
_OWN = sorted(set(Document.model_fields) - set(ItemBase.model_fields))
_STATES = {
    "Văn bản đang có hiệu lực": Validity.IN_FORCE, "Văn bản hết hiệu lực": Validity.EXPIRED,
    "Văn bản còn hiệu lực một phần": Validity.PARTLY_EXPIRED, "": Validity.UNKNOWN,
}  # fmt: skip


@dataclass
class Tally:
    """What became of the records of one part of the corpus."""

    name: str
    records: int = 0
    items: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, nearly everything is an item, and nothing is wrong."""
        accounted = self.items + sum(self.rejected.values()) == self.records
        return accounted and not self.wrong

    def take(self, document: ItemBase, remarks: tuple[str, ...]) -> None:
        """Count one item."""
        self.items += 1
        self.remarks.update(remarks)
        said = document.model_dump(exclude_defaults=True)
        self.filled.update(name for name in (*_OWN, "title", "attachments", "content_html") if name in said)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.records} records, {self.items} items, rejected {dict(self.rejected)}"]
        lines += [f"    {name:20} {count:6}" for name, count in sorted(self.filled.items())]
        lines += [f"    remark {name:13} {count:6}" for name, count in sorted(self.remarks.items())]
        lines += [f"    WRONG {one}" for one in self.wrong[:20]]
        return "\n".join(lines)


def check(corpus: Path) -> list[Tally]:
    """Every part of the corpus that holds documents."""
    return [_register(corpus), _pages(corpus), _messages(corpus)]


def holds(tallies: list[Tally]) -> bool:
    """Whether every part holds, and enough of all records are items."""
    return all(one.holds for one in tallies) and sum(one.items for one in tallies) >= ITEMS_LEAST * sum(
        one.records for one in tallies
    )


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
    context = SourceContext(name="vb", kind=Kind.DOCUMENT, url=URL)
    source = Connector(context, config)
    body = (corpus / "vi" / "legal" / "binhduong.csv").read_bytes()
    capture = Capture(url=URL, content_type="text/csv", body=body, fetched_at=NOW)
    split = source.split(capture, frozenset(), NOW)
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    tally.records = len(rows)
    tally.rejected.update(one.code for one in split.fallen)
    for record, row in zip(split.records, rows, strict=True):
        try:
            made = source.normalise(record, capture)
        except RejectedError as refused:
            tally.rejected[refused.code] += 1
            continue
        tally.take(made.item, made.remarks)
        assert isinstance(made.item, Document)
        tally.wrong += [f"{row['so_ky_hieu']}: {what}" for what in _wrong(made.item, row)]
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
    context = SourceContext(name="vb", kind=Kind.DOCUMENT, url=URL)
    folder = corpus / "vi" / "html"
    for path in sorted([*folder.glob("vbpl/*/*.html"), *folder.glob("phapdien/*.html")]):
        tally.records += 1
        url = f"{URL}{path.stem}"
        try:
            entry = read_page(
                path.read_bytes(), url=url, content_type="text/html", config=PageConfig(), context=context, now=NOW
            )
            made = make_item(entry, context, base=url, pointer="page")
        except RejectedError as refused:
            tally.rejected[refused.code] += 1
            continue
        tally.take(made.item, made.remarks)
        if "property" in path.parts:
            tally.wrong += _wrong_page(made.item)
    return tally


def _wrong_page(item: ItemBase) -> list[str]:
    assert isinstance(item, Document)
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
    tally = Tally("edxml")
    context = SourceContext(name="vb", kind=Kind.DOCUMENT, url=URL)
    for path in sorted((corpus / "vi" / "edxml").rglob("*.edxml")):
        tally.records += 1
        try:
            message = edxml.parse(path.read_bytes())
            again = edxml.parse(edxml.build(message))
        except RejectedError as refused:
            tally.rejected[refused.code] += 1
            continue
        if again != message:
            tally.wrong.append(f"{path.name}: built and parsed again it says something else")
        if isinstance(message, edxml.Status):
            tally.items += 1
            tally.filled[f"status {message.code}"] += 1
            continue
        made = make_item(edxml.entry_of(message), context, base=URL, pointer=path.name)
        tally.take(made.item, made.remarks)
    return tally


if __name__ == "__main__":
    tallies = check(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/corpus"))
    print("\n".join(map(str, tallies)))
    sys.exit(0 if holds(tallies) else 1)
