"""Whole articles in the form that the scoring tools call, and the expected detail pages: `python bench/score_pages.py`.

Both go the product's own way: read_page, then make_item with its cleaning.
"""

import gzip
import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Normalised, SourceContext
from connectors.errors import RejectedError
from connectors.parse.html import plain
from connectors.parse.item import make_item
from connectors.parse.pages.page import PageConfig, read_page
from connectors.parse.text import clean_text
from schemas.item import Kind

#: Stands in for the address of a page that has none.
NOWHERE = "http://nowhere.invalid/"


def article(body: bytes, url: str, config: PageConfig | None = None) -> Normalised:
    """The item that the product would make of one page alone."""
    url = url or NOWHERE
    context = SourceContext(name="bench", kind=Kind.NEWS, url=url)
    entry = read_page(
        body, url=url, content_type="text/html", config=config or PageConfig(), context=context, now=datetime.now(UTC)
    )  # fmt: skip
    return make_item(entry, context, base=url, pointer="page")


def extract(body: bytes, url: str) -> dict[str, str]:
    """For check_misc extract; a page that we refuse by name has no text."""
    try:
        item = article(body, url).item
    except RejectedError:
        return {"title": "", "text": ""}
    return {"title": item.title, "text": plain(item.content_html)}


def expected_pages(corpus: Path) -> Iterator[tuple[str, list[str]]]:
    """Every detail page of vi/html with the names of the expected values that do not hold."""
    for page in json.loads((corpus / "vi" / "html" / "expected.json").read_text("utf-8")):
        if page["kind"] not in ("detail", "document"):
            continue
        body, expect = (corpus / page["file"]).read_bytes(), page["expect"]
        try:
            item = article(body, expect.get("link", "")).item
        except RejectedError as refused:
            yield page["file"], [refused.code]
            continue
        check = _missed_values if page["kind"] == "document" else _missed_fields
        yield page["file"], list(check(item, expect))


def _missed_fields(item: Any, expect: dict[str, Any]) -> Iterator[str]:
    said = {
        "title": item.title == expect["title"],
        "link": item.url == expect["link"],
        "published": item.published == datetime.fromisoformat(expect["published"]),
        "author": [one.name for one in item.authors] == [expect["author"]],
        "categories": list(item.tags) == [clean_text(term) for term in expect["categories"]],
        # The expected summary keeps the last letter of the place that stands before it.
        "summary": item.summary == expect["summary"].removeprefix("M"),
        "body": len(plain(item.content_html)) > 500,
    }
    yield from (name for name, holds in said.items() if not holds)


def _missed_values(item: Any, expect: dict[str, str]) -> Iterator[str]:
    """An attribute table: every name and value must stand in the text."""
    text = plain(item.content_html)
    yield from (name for name, value in expect.items() if name not in text or value not in text)


def milliseconds(corpus: Path) -> list[float]:
    """Processor time of each page of the extraction corpora, after a warm-up."""
    bodies = [gzip.decompress(path.read_bytes()) for path in sorted((corpus / "html-extract" / "aeb").rglob("*.gz"))]
    bodies += [path.read_bytes() for path in sorted((corpus / "html-extract" / "readability").glob("*/source.html"))]
    extract(bodies[0], "")
    times = []
    for body in bodies:
        started = time.process_time()
        extract(body, "")
        times.append((time.process_time() - started) * 1_000)
    return times


def main() -> int:
    """Print which expected pages hold, and the time of a page over the extraction corpora."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "corpus"
    results = list(expected_pages(corpus))
    for file, missed in results:
        print(f"{file}: {'ok' if not missed else 'missed ' + ', '.join(missed)}")
    print(f"vi/html: {sum(not missed for _, missed in results)} of {len(results)}")
    times = milliseconds(corpus)
    print(f"{len(times)} pages: median {statistics.median(times):.0f} ms, at most {max(times):.0f} ms a page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
