"""Cross-site scripting: vectors through the sanitiser, the pages of a hub that is full of them, and what leaves it."""

import csv
import io
import random
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import html5lib

from connectors.base import Capture, SourceContext
from connectors.parse.html import clean, plain
from connectors.sources.feed import Config, Connector
from hub.gate import outgoing
from hub.mailing.compose import Masthead, compose
from hub.rules.digests import Digest, Period
from schemas.base import Attachment, Author, Kind
from schemas.edition import PublishedItem, UpdateType
from tests.clock import Clock
from tests.contract.receivers import PLACES
from tests.hostile import judges
from tests.hostile.counts import Table
from tests.hostile.planting import House, Page, planted
from tests.hostile.vectors import Vector, made
from tests.province import Story, rss
from tests.web.press import id_of, news

BASE: Final = "https://soyte.example.gov.vn/tin/1.html"
#: Vectors in one text of the database; in one field of an item; items between two looks at the pages that list them.
BATCH: Final = 100
TOGETHER: Final = 5
LISTED: Final = 20
_ADDRESS: Final = "javascript:window.hacked=1"
_FORMATS: Final = ("rss", "atom", "json")
#: Names of SVG and MathML, which ammonia takes wherever they stand, and what readers of HTML differ in: NUL in names,
#: templates in tables, elements in a `select`; `isindex`, which no element around it could end while it existed.
_FOREIGN: Final = re.compile(
    r"\x00|<[^a-z]*(?:svg|math|template|select|animate|set|use|image|foreignobject|mtext|mi|maction|annotation|isindex)",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(r"(?:^|; )(?:sandbox; )?default-src 'none'")


async def tables(folder: Path, count: int, seed: int) -> list[Table]:
    """All of it, with so many vectors."""
    vectors = made(count, random.Random(seed))
    async with planted(folder) as house:
        return [
            sanitised(vectors), *await full_database(house, vectors), await items(house, vectors),
            await payloads(vectors),
        ]  # fmt: skip


# -------------------------------------------------------------------------------------------------- the sanitiser


def sanitised(vectors: Sequence[Vector]) -> Table:
    """Every vector through the one sanitiser and the way to plain text."""
    table, gone = Table("XSS, the sanitiser"), 0
    for vector in vectors:
        cleaned = clean(vector.text, BASE)
        table.count("nothing active is left", *judges.faults_of_fragment(cleaned))
        table.count("clean(clean(x)) == clean(x)", *_if(clean(cleaned, BASE) != cleaned, vector.html))
        written = cleaned
        for _ in range(3):
            written = html5lib.serialize(html5lib.parseFragment(written), quote_attr_values="always")
        table.count("three rounds through a browser's parser", *judges.faults_of_fragment(written))
        missing = lost(vector, cleaned)
        if _FOREIGN.search(vector.html):
            # The sanitiser takes foreign content with all that browsers disagree about; so much goes with it.
            gone += len(missing)
            table.count("the same around foreign content", note=f"{gone} words went with it")
        else:
            table.count("what a reader saw before is seen after", *missing)
        text = plain(vector.text)
        table.count("plain text holds no element", *_if(bool(list(html5lib.parseFragment(text))), vector.html))
        table.count("plain text begins as it did", *_if(vector.before not in text, vector.html))
    return table


def lost(vector: Vector, cleaned: str) -> list[str]:
    """Of the two words around a vector those that a browser shows of the raw text, and not of the cleaned one."""
    raw, left = judges.shown(vector.text), judges.shown(cleaned)
    return [f"{word} of {vector.html!r}" for word in (vector.before, vector.behind) if word in raw and word not in left]


def _if(wrong: bool, what: str) -> list[str]:
    return [repr(what)] if wrong else []


# ------------------------------------------------------------------------------------------- texts of the database


async def full_database(house: House, vectors: Sequence[Vector]) -> list[Table]:
    """Every free text of the database holds vectors, and every page that can be read is read."""
    shown = await _shown(house)
    sinks = Table(f"XSS, {len(shown)} places (a text of the database x a page that shows it)")
    policies = Table("A policy on every answer", what="without")
    for start in range(0, len(vectors), BATCH):
        batch = vectors[start : start + BATCH]
        await house.plant(lambda column, batch=batch: f"{_mark(column)}{''.join(each.text for each in batch)}")  # type: ignore[misc]
        for page in await house.pages():
            policies.count(part_of(page.route), *unguarded(page))
            columns = [column for route, column in shown if route == page.route]
            if columns or start == 0:
                words = words_of(page) if columns else ""
                missing = [f"{column} is not shown" for column in columns if _mark(column) not in words]
                found = [*active(page), *missing, *_if(page.status >= 500, str(page.status))]
                sinks.count(part_of(page.route), *(f"{page.route} {each}" for each in found),
                            tried=max(1, len(columns)) * len(batch))  # fmt: skip
    await house.plant(_mark)
    return [sinks, policies]


async def _shown(house: House) -> set[tuple[str, str]]:
    """Which page shows which column of an honest hub."""
    await house.plant(_mark)
    pages = await house.pages()
    columns = [f"{table}.{column}" for table, column in house.columns]
    words = {page.route: words_of(page) for page in pages}
    return {(route, each) for route, shown in words.items() for each in columns if _mark(each) in shown}


def _mark(column: str) -> str:
    return f"q{re.sub('[^a-z]', 'q', column)}q"


def part_of(route: str) -> str:
    """The part of the product that a route belongs to."""
    first = "/".join(route.partition("?")[0].split("/")[:3])
    return f"/{first.split('/')[1]}" if not first.startswith(("/console", "/api")) else first


def words_of(page: Page) -> str:
    """What somebody reads of an answer."""
    return judges.shown_on_page(page.text) if page.content_type == "text/html" else page.text


def active(page: Page) -> list[str]:
    """What acts in an answer, by what it is."""
    match page.content_type:
        case "text/html":
            return judges.faults_of_page(page.text, frames=True)
        case "application/json" | "application/feed+json" | "application/problem+json":
            return judges.faults_of_json(page.body)
        case "application/rss+xml" | "application/atom+xml" | "application/xml" | "image/svg+xml":
            return judges.faults_of_xml(page.body)
        case "text/csv":
            return formulas_of_csv(page.body)
        case kind if kind.startswith("application/vnd.openxmlformats") or kind == "application/zip":
            return faults_of_package(page.body)
        case _:
            return []


def unguarded(page: Page) -> list[str]:
    """What an answer lacks of the headers that keep a page what it is."""
    policy = page.headers.get("Content-Security-Policy", "")
    scripts = re.search(r"script-src ([^;]*)", policy)
    found = []
    if not _POLICY.search(policy):
        found.append(f"{page.route} has no policy: {policy!r}")
    if scripts and "unsafe-inline" in scripts[1]:
        found.append(f"{page.route} lets any script run")
    if page.headers.get("X-Content-Type-Options") != "nosniff":
        found.append(f"{page.route} may be taken for something else")
    return found


def formulas_of_csv(body: bytes) -> list[str]:
    """Cells that a spreadsheet would take for formulas."""
    head = body.partition(b"\n")[0]  # the headings are ours; what stands below them may have any sign
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";" if b";" in head else ",")
    return [f"formula {cell[:40]!r}" for row in rows for cell in row if judges.is_formula(cell)]


def faults_of_package(body: bytes) -> list[str]:
    """Formulas, macros, outside references and scripts in a Word or Excel file."""
    found = []
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        for name in package.namelist():
            data = package.read(name)
            if name.startswith(("/", "..")) or ".." in name.split("/") or name.endswith((".bin", ".vbs", ".exe")):
                found.append(f"part {name}")
            if name.endswith((".xml", ".rels")):
                found += [f"{name} {each}" for each in judges.faults_of_xml(data) if each.startswith("not well")]
            if name.startswith("xl/worksheets/") and (hit := re.search(rb"<f>(?!SUM\(|SUBTOTAL\()[^<]*", data)):
                found.append(f"{name} {hit[0][:60]!r}")
            for target in re.findall(rb'Target="([^"]*)"[^>]*TargetMode="External"', data):
                if not target.startswith((b"http://", b"https://")):
                    found.append(f"{name} leads to {target[:60]!r}")
            found += [
                f"{name} has a field {each!r}" for each in re.findall(rb"<w:instrText[^>]*>\s*(DDE|INCLUDE)", data)
            ]
    return found


# ------------------------------------------------------------------------------------------------------ whole items


async def items(house: House, vectors: Sequence[Vector]) -> Table:
    """Items whose every field is a vector, stored as no intake would: pages of theirs, lists, feeds, API and files."""
    table = Table("XSS, items that no intake has cleaned")
    groups = [vectors[start : start + TOGETHER] for start in range(0, len(vectors), TOGETHER)]
    for start in range(0, len(groups), LISTED):
        listed = groups[start : start + LISTED]
        for group in listed:
            await house.press.publish(item_of(group, "dau"))
            await house.press.publish(item_of(group, "sau"), held=True)
        for group in listed:
            for name, path in pages_of(group):
                page = await house.ask(path)
                found = [*active(page), *_if(page.status != 200, str(page.status))]
                if name != "console, history":
                    found += _if(group[0].before not in words_of(page), f"{group[0].before} is not shown")
                table.count(name, *(f"{each} of {group[0].html!r}" for each in found), tried=len(group))
        for name, path in _LISTS:
            page = await house.ask(path)
            words = words_of(page)
            known = [group for group in listed if group[0].before in words]
            missing = _if(len(known) < len(listed) and name != "sitemap", f"{len(known)} of {len(listed)} are shown")
            table.count(name, *active(page), *missing, tried=sum(map(len, listed)))
        letter = await _letter(house)
        table.count("mail digest", *judges.faults_of_mail(letter.html), tried=sum(map(len, listed)))
        table.count("mail digest, headers", *_if("\n" in letter.subject or "\r" in letter.subject, letter.subject))
        await house.clear_the_queue()  # its first page is what is looked at
    return table


def _guid(group: Sequence[Vector]) -> str:
    return f"v{group[0].number}"


def item_of(group: Sequence[Vector], state: str) -> Any:
    """An item whose every field is one of these vectors, or all of them."""
    text = " ".join(each.text for each in group)
    return news(
        _guid(group), title=f"{text[:1_900]} {state}", summary=text, content_html=f"<p>{state}</p>{text}",
        tags=(*(each.text[:190] for each in group), "x"), image=_ADDRESS, url=_ADDRESS,
        authors=tuple(Author(name=each.text[:300], email=each.text[:300], url=_ADDRESS) for each in group),
        attachments=(
            *(Attachment(url="https://a.example.vn/x.pdf", title=each.text, type=each.text[:200]) for each in group),
            Attachment(url=_ADDRESS, title=text[:1_900]),
        ),
    )  # fmt: skip


def pages_of(group: Sequence[Vector]) -> list[tuple[str, str]]:
    """Where such an item is shown, by name."""
    content_id = id_of(_guid(group))
    return [
        ("public page", f"/items/{content_id}"), ("public JSON", f"/items/{content_id}.json"),
         ("API", f"/api/v1/items/{content_id}"),
        ("console, item with its frame", f"/console/items/{content_id}"),
        ("console, difference", f"/console/queue/{content_id}/2"),
        ("console, edit", f"/console/items/{content_id}/edit"),
        ("console, history", f"/console/items/{content_id}/versions"),
    ]  # fmt: skip


_LISTS: Final = (
    ("public list", "/"), *((f"feed, {form}", f"/feeds/all.{form}") for form in _FORMATS), ("sitemap", "/sitemap.xml"),
    ("console, queue", "/console/queue"), ("console, items", "/console/items"), ("API, list", "/api/v1/items"),
    ("API, queue", "/api/v1/admin/queue"),
)  # fmt: skip


async def _letter(house: House) -> Any:
    hub = house.hub
    masthead = Masthead(site="Cổng", base="https://tin.tinhmau.gov.vn", zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    digest = Digest(name="tin", title="Bản tin", to=("a@b.vn",), at=datetime.min.time(), days=frozenset())
    now = hub.engine.store.now()
    period = Period(datetime(2020, 1, 1, tzinfo=UTC), now)
    letter = await compose(hub.engine.store, masthead, digest, period)
    assert letter is not None
    return letter


# -------------------------------------------------------------------------------------------------- what is pushed


async def payloads(vectors: Sequence[Vector]) -> Table:
    """What each destination would be sent of an item that came in by a feed, and of one that no intake has cleaned."""
    table = Table("XSS, what is sent to destinations")
    for name, make in [(name, each) for places in PLACES.values() for name, each in places.items()]:
        place = await make(Clock())
        try:
            for vector in vectors:
                for way, item in (("", _came(vector)), (", stored unclean", _stored(vector))):
                    payload = place.connector.present(outgoing(_as(item, place.edition(1))))
                    table.count(f"{name}{way}", *(f"{each} of {vector.html!r}" for each in faults_of_payload(
                        name, payload.content_type, payload.body, titles=not way)))  # fmt: skip
        finally:
            await place.server.close()
    return table


def faults_of_payload(name: str, content_type: str, body: bytes, *, titles: bool) -> list[str]:
    """What acts in a payload. `titles`: those of content systems are judged as HTML, for their themes show them so."""
    if "xml" in content_type:
        return judges.faults_of_xml(body)
    keys = {"content_html", "html"} | ({"title", "summary"} if titles else set())
    return judges.faults_of_json(body, frozenset(keys))


def _as(item: PublishedItem, honest: PublishedItem) -> PublishedItem:
    """The item as one of the kind that a place takes."""
    return item.model_copy(update={
        "kind": honest.kind, "details": honest.details, "member": honest.member, "content_id": honest.content_id,
    })  # fmt: skip


def _came(vector: Vector) -> PublishedItem:
    """What the intake makes of a vector in every field of a feed."""
    source = Connector(SourceContext(name="tin", kind=Kind.NEWS, url=BASE), Config())
    story = Story(guid="1", title=vector.text, text=vector.text, link="http://a.example.vn/1", tags=(vector.text,))
    text = "".join(
        each for each in rss(story).decode() if each in "\t\n\r" or (each >= " " and each not in "\ufffe\uffff")
    )
    now = datetime(2026, 3, 2, tzinfo=UTC)
    capture = Capture(url=BASE, content_type="application/rss+xml; charset=utf-8", body=text.encode(), fetched_at=now)
    [record] = source.split(capture, frozenset(), now).records
    return _published(source.normalise(record, capture).item)


def _stored(vector: Vector) -> PublishedItem:
    return _published(item_of([vector], ""))


def _published(item: Any) -> PublishedItem:
    return PublishedItem.of(
        item, Kind.NEWS, content_id=UUID(int=1), revision=1, update_type=UpdateType.MAJOR, member="H52.12",
        member_name="Sở Y tế", source="tin",
    )  # fmt: skip
