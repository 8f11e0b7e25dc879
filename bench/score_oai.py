"""Takes every OAI-PMH sample of the corpus through the connector's own split, and compares with an independent look.

The look is lxml without any code of ours: how many records, how many of them deleted, which error. A document that is
not well-formed, or none of OAI-PMH, must be refused by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from connectors.base import Capture, SourceContext
from connectors.errors import RejectedError
from connectors.parse.data.oai import granularity
from connectors.sources.oai_pmh import Config, Connector
from schemas.item import Kind

NAMESPACE = "{http://www.openarchives.org/OAI/2.0/}"
URL = "https://kho.example.vn/oai"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """What lxml finds in a sample."""

    live: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    titled: int = 0
    error: str = ""
    granularity: str = ""
    listing: bool = False


def check(corpus: Path) -> list[tuple[str, bool, str]]:
    """Every sample: its name, whether it came out as expected, and what came out."""
    folder = corpus / "protocols" / "oai-pmh"
    return [
        (path.relative_to(folder).as_posix(), *_checked(path.read_bytes())) for path in sorted(folder.rglob("*.xml"))
    ]


def _checked(body: bytes) -> tuple[bool, str]:
    source = Connector(SourceContext(name="kho", kind=Kind.DOCUMENT, url=URL), Config(max_items=10_000))
    capture = Capture(url=URL, content_type="text/xml", body=body, fetched_at=NOW)
    seen = _look(body)
    try:
        split = source.split(capture, frozenset(), NOW)
    except RejectedError as refused:
        expected = seen is None or (not seen.listing and seen.error != "noRecordsMatch")
        exactness = seen is None or not seen.granularity or granularity(body) == seen.granularity
        return expected and exactness and refused.code != "rejected" and bool(
            refused.sentence
        ), f"refused: {refused.code}"
    live = tuple(record.fields["id"] for record in split.records)
    deleted = tuple(stone.guid for stone in split.tombstones)
    items = 0
    for record in split.records:
        try:
            items += bool(source.normalise(record, capture).item.title)
        except RejectedError:
            continue
    note = f"{len(live)} records, {items} items, {len(deleted)} deleted"
    right = seen is not None and (live, deleted, items) == (seen.live, seen.deleted, seen.titled) and not split.fallen
    return right, note


def _look(body: bytes) -> Seen | None:
    """None for what is not well-formed or no OAI-PMH."""
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return None
    if root.tag != f"{NAMESPACE}OAI-PMH":
        return None
    headers = list(root.iter(f"{NAMESPACE}header"))
    by_state: dict[bool, list[str]] = {True: [], False: []}
    for header in headers:
        by_state[header.get("status") == "deleted"].append((header.findtext(f"{NAMESPACE}identifier") or "").strip())
    error = root.find(f"{NAMESPACE}error")
    return Seen(
        live=tuple(by_state[False]), deleted=tuple(by_state[True]), titled=sum(_titles(root)),
        error=(error.get("code") or "") if error is not None else "",
        granularity=root.findtext(f".//{NAMESPACE}granularity") or "", listing=bool(headers),
    )  # fmt: skip


def _titles(root: etree._Element) -> Iterator[bool]:
    """For each record whether its metadata hold a title or a description."""
    for record in root.iter(f"{NAMESPACE}record"):
        names = {
            etree.QName(one).localname for one in record.iter() if isinstance(one.tag, str) and (one.text or "").strip()
        }
        yield not names.isdisjoint({"title", "description"})
