"""Puts everything Vietnamese of the corpus through the screens, and the project's own forms and decoys.

Nothing in the corpus is a state secret: each purge is a false one, and so is nearly each hold. Printed are the counts
by rule, and which records they are; the text that matched is not.
"""

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from connectors.base import SourceContext
from connectors.errors import HubError
from connectors.parse.charset import decode
from connectors.parse.entry import Entry
from connectors.parse.feeds.reader import read_feed
from connectors.parse.files.file import read_file
from connectors.parse.html import clean, plain
from connectors.parse.item import make_item
from hub.rules.screen.screen import FileText, screen, screen_around
from hub.rules.screen.terms import Terms
from hub.rules.screen.verdict import Verdict
from hub.screening import screening_terms
from schemas.item import ItemBase, Kind, News
from tests.screens.decoys import decoys
from tests.screens.forms import forms
from tests.screens.office import Sample

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONTEXT = SourceContext(name="rss", kind=Kind.NEWS, url="https://example.vn/rss")
#: Records of one part that are named.
_SHOWN = 15
#: Pages as sites serve them, menus and all.
_PAGES = ("vi/html", "html-extract")
SEED, SAMPLES = 20261120, 2_000


@dataclass
class Screened:
    """What the screens said of one part of the corpus."""

    name: str
    texts: int = 0
    characters: int = 0
    seconds: float = 0.0
    purged: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    hits: list[str] = field(default_factory=list)

    def take(self, identity: str, item: ItemBase, terms: Terms, *files: FileText) -> None:
        """Screen one record."""
        began = time.process_time()
        verdict = screen(item, files=files, terms=terms)
        self._said(identity, verdict, len(item.content_html) + sum(len(file.text) for file in files), began)

    def take_page(self, identity: str, html: str, terms: Terms) -> None:
        """Screen a whole page, as it stands around an item."""
        began = time.process_time()
        self._said(identity, screen_around({"page": html}, terms), len(html), began)

    def _said(self, identity: str, verdict: Verdict, characters: int, began: float) -> None:
        self.seconds += time.process_time() - began
        self.texts += 1
        self.characters += characters
        if verdict.findings:
            (self.purged if verdict.purge else self.held).update((*verdict.rules, "all"))
            self.hits.append(f"{identity}: {', '.join(verdict.rules)}")

    @property
    def held_share(self) -> float:
        """Texts that wait for a person, in per cent."""
        return 100 * self.held["all"] / max(1, self.texts)

    def lines(self) -> Iterator[str]:
        """The counts for the note."""
        each = 1e6 * self.seconds / max(1, self.texts)
        size = self.characters // max(1, self.texts)
        yield (
            f"{self.name}: {self.texts} texts of {size} characters, {each:.0f} µs each;"
            f" purged {dict(self.purged)}, held {dict(self.held)}"
        )
        yield from (f"    {hit}" for hit in self.hits[:_SHOWN])


def check(corpus: Path) -> list[Screened]:
    """Every part of the corpus with Vietnamese texts."""
    terms = screening_terms()
    whole = [_articles(corpus, terms), _feeds(corpus, terms), _register(corpus, terms)]
    return [*whole, *_records(corpus, terms)]


def samples() -> tuple[int, float]:
    """Forms that were missed, in the text or in the file; and decoys that were held or purged, in per cent."""
    terms = screening_terms()
    missed = sum(
        any(not _is_right(sample, verdict) for verdict in _ways(sample, terms)) for sample in forms(SEED, SAMPLES)
    )
    hit = sum(any(verdict.findings for verdict in _ways(sample, terms)) for sample in decoys(SEED, SAMPLES))
    return missed, 100 * hit / SAMPLES


def _ways(sample: Sample, terms: Terms) -> Iterator[Verdict]:
    yield screen(_news(sample.name, sample.title, clean(sample.html)), terms=terms)
    file = FileText("https://example.vn/a.pdf", sample.file_text)
    yield screen(_news(sample.name, sample.title, clean(sample.clean_html)), files=[file], terms=terms)


def _is_right(sample: Sample, verdict: Verdict) -> bool:
    return bool(verdict.findings) and verdict.purge == (sample.outcome == "purge")


def _news(identity: str, title: str, html: str) -> News:
    return News(guid=identity[:2_000] or "-", title=plain(title)[:1_900] or "-", content_html=html)


def _articles(corpus: Path, terms: Terms) -> Screened:
    part = Screened("articles")
    folder = corpus / "vi" / "articles"
    found: list[dict[str, Any]] = [
        one
        for name in ("cafefduoc", "baodautu", "baocao")
        for one in json.loads((folder / f"{name}.json").read_text("utf-8"))
    ]
    found += json.loads((folder / "docbao" / "article_data.json").read_text("utf-8"))["article_list"]
    for i, record in enumerate(found):
        title = str(record.get("title") or record.get("topic") or "-")
        body = record.get("content_html") or "\n".join(f"<p>{line}</p>" for line in _strings(record))
        part.take(f"{i} {title[:60]}", _news(str(i), title, clean(str(body))), terms)
    return part


def _feeds(corpus: Path, terms: Terms) -> Screened:
    part = Screened("feeds")
    for path in sorted((corpus / "vi").rglob("*")):
        if path.suffix in (".rss", ".xml") and "edxml" not in path.parts:
            try:
                read = read_feed(path.read_bytes(), url=CONTEXT.url, now=NOW)
            except HubError:
                continue
            for record in read.split.records:
                try:
                    made = make_item(cast(Entry, record.fields), CONTEXT, base=CONTEXT.url, pointer=record.pointer)
                except HubError:
                    continue
                part.take(f"{path.name} {made.item.title[:60]}", made.item, terms)
    return part


def _register(corpus: Path, terms: Terms) -> Screened:
    part = Screened("documents")
    with (corpus / "vi" / "legal" / "binhduong.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            said = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in row.items())
            item = _news(str(row.get("so_ky_hieu")), str(row.get("trich_yeu")), clean(f"<table>{said}</table>"))
            part.take(str(row.get("so_ky_hieu")), item, terms)
    return part


def _records(corpus: Path, terms: Terms) -> Iterator[Screened]:
    """Procedures as their dumps have them, pages, messages of the axis, and files."""
    procedures = Screened("procedures")
    for path in sorted((corpus / "vi" / "procedures").rglob("*.json")):
        read = json.loads(path.read_text("utf-8-sig"))
        for i, record in enumerate(read if isinstance(read, list) else [read]):
            html = "\n".join(f"<p>{line}</p>" for line in _strings(record))
            procedures.take(f"{path.name} {i}", _news(path.name, path.stem, clean(html)), terms)
    pages = Screened("pages")
    for path in sorted((corpus / "vi" / "html").rglob("*.htm*")):
        pages.take(path.name, _news(path.name, path.stem, clean(path.read_text("utf-8", "replace"))), terms)
    around = Screened("whole pages")
    for path in (one for folder in _PAGES for one in sorted((corpus / folder).rglob("*.htm*"))):
        around.take_page(path.name, decode(path.read_bytes())[0], terms)
    files = Screened("files")
    for path in sorted((corpus / "vi").rglob("*")):
        if path.suffix.lower() in (".xlsx", ".xls", ".pdf", ".docx", ".doc", ".csv"):
            facts = read_file(path.read_bytes(), name=path.name)
            file = FileText(path.name, facts.text, facts.readable)
            files.take(path.name, _news(path.name, path.stem, ""), terms, file)
    yield from (procedures, pages, around, files)


def _strings(record: object) -> Iterator[str]:
    if isinstance(record, str):
        yield record
    elif isinstance(record, dict):
        for value in record.values():
            yield from _strings(value)
    elif isinstance(record, list):
        for value in record:
            yield from _strings(value)


if __name__ == "__main__":
    for screened in check(Path(sys.argv[1])):
        print("\n".join(screened.lines()))
    print("forms missed, decoys hit in per cent:", *samples())
