"""Loads articles, procedures and documents of the corpus into both databases, and searches for what is there.

    PYTHONPATH=. .venv/bin/python bench/score_search.py CORPUS

Queries are made of the items by a fixed rule: pieces of titles and texts, numbers, codes, as people type them. What has
the same title as the sought item is as good: the corpus has many things twice.
"""

import asyncio
import csv
import json
import random
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from bench.score_documents import NOW
from bench.score_procedures import CONTEXT, URL, _json, _jsons, _of_7sins, _of_dvc, _of_qp
from connectors.errors import RejectedError
from connectors.parse.html import plain
from connectors.parse.item import make_item
from connectors.parse.text import fold
from hub.broker import connect
from hub.clock import SystemClock
from hub.queries.search import Audience, parse, search
from hub.store import searching
from hub.store.database import Database
from hub.store.instants import micros
from hub.store.unit import Store
from schemas.base import ItemBase
from schemas.item import Document, News, Procedure
from tests.servers import PostgresServer

SEED = 20_261_122
EACH = 40  #: queries of a kind
FIRST = 3
BATCH = 500


@dataclass(frozen=True, slots=True)
class Sought:
    """A query, and what it seeks."""

    kind: str
    words: str
    item: ItemBase


@dataclass(frozen=True, slots=True)
class Score:
    """How many queries of a kind find what they seek in the first three."""

    kind: str
    asked: int
    found: int
    missed: tuple[str, ...]


def items(corpus: Path) -> list[ItemBase]:
    """Everything of the corpus that has a title, each guid once."""
    found: dict[str, ItemBase] = {}
    for item in (*_articles(corpus), *_procedures(corpus), *_documents(corpus)):
        found.setdefault(item.guid, item)
    return list(found.values())


def _articles(corpus: Path) -> Iterator[ItemBase]:
    folder = corpus / "vi" / "articles"
    for path in (folder / "baodautu.json", folder / "cafefduoc.json"):
        for number, one in enumerate(_json(path)):
            yield _news(f"{path.stem}-{number}", one["title"], one.get("summary", ""), one.get("content", ""))
    told = json.loads((folder / "docbao" / "article_data.json").read_text("utf-8"))["article_list"]
    for number, one in enumerate(told):
        yield _news(f"docbao-{number}", one["topic"], one.get("sapo", ""), one.get("feature_text", ""))


def _news(guid: str, title: str, summary: Any, content: Any) -> ItemBase:
    return News(guid=guid, title=plain(str(title))[:500] or guid, summary=plain(str(summary)),
                content_html=plain(str(content)), published=NOW)  # fmt: skip


def _procedures(corpus: Path) -> Iterator[ItemBase]:
    folder = corpus / "vi" / "procedures"
    shapes = (
        (_json(folder / "7sins" / "data.json"), _of_7sins), (_jsons(folder / "qp"), _of_qp),
        (_jsons(folder / "dvc"), _of_dvc),
    )  # fmt: skip
    for records, entry_of in shapes:
        for number, record in enumerate(records):
            try:
                yield make_item(entry_of(record), CONTEXT, base=URL, pointer=str(number)).item
            except RejectedError:
                continue


def _documents(corpus: Path) -> Iterator[ItemBase]:
    body = (corpus / "vi" / "legal" / "binhduong.csv").read_text("utf-8-sig")
    for number, row in enumerate(csv.DictReader(body.splitlines())):
        said = "".join(unicodedata.normalize("NFC", row["so_ky_hieu"]).split())
        issued = datetime.strptime(row["ngay_ban_hanh"], "%d/%m/%Y").replace(tzinfo=UTC).date()
        if title := plain(row["trich_yeu"])[:2_000]:
            yield Document(guid=f"van-ban-{number}", title=title, number=said[:100], issued=issued)


def queries(found: list[ItemBase]) -> list[Sought]:
    """Of every kind as many as there are items for, at most EACH."""
    rng = random.Random(SEED)
    long = [one for one in found if len(one.title.split()) >= 8]
    texts = {one.guid: " ".join(searching.texts_of(json.loads(one.model_dump_json()))[:1]) for one in found}
    with_text = [one for one in found if len(texts[one.guid].split()) > 30]
    numbered = [one for one in found if isinstance(one, Document) and re.search(r"\d/", one.number)]
    coded = [one for one in found if isinstance(one, Procedure) and one.code]

    def some(of: list[ItemBase] | list[Document] | list[Procedure]) -> list[Any]:
        return rng.sample(of, min(EACH, len(of)))

    made = [Sought("a whole title", one.title, one) for one in some(long)]
    made += [Sought("a title without marks", fold(one.title), one) for one in some(long)]
    made += [Sought("eight words of a title", _run(rng, one.title, 8), one) for one in some(long)]
    made += [Sought("the same, decomposed, capitals", _spoilt(_run(rng, one.title, 8)), one) for one in some(long)]
    made += [Sought("a number", one.number, one) for one in some(numbered)]
    made += [Sought("a number in small letters", fold(one.number), one) for one in some(numbered)]
    made += [Sought("a number with spaces", f"Số: {one.number.replace('/', ' / ')}", one) for one in some(numbered)]
    made += [Sought("a code", one.code, one) for one in some(coded)]
    made += [Sought("ten words of a text", _run(rng, texts[one.guid], 10), one) for one in some(with_text)]
    made += [
        Sought("a phrase without marks", f'"{fold(_run(rng, texts[one.guid], 8))}"', one) for one in some(with_text)
    ]
    return made


def _run(rng: random.Random, text: str, count: int) -> str:
    words = re.findall(r"[^\W_]+", text)
    start = rng.randrange(max(len(words) - count, 1))
    return " ".join(words[start : start + count])


def _spoilt(text: str) -> str:
    return unicodedata.normalize("NFD", text.upper())


async def load(store: Store, found: list[ItemBase]) -> dict[UUID, ItemBase]:
    """Write the items as approved."""
    known = {uuid5(NAMESPACE_URL, one.guid): one for one in found}
    pairs = list(known.items())
    for start in range(0, len(pairs), BATCH):
        part = pairs[start : start + BATCH]
        async with store.unit() as unit:
            at = micros(NOW)
            await unit.tx.execute_many(
                "INSERT INTO item (content_id, source, guid, kind, member, title, revision, approved_revision, digest,"
                " state, first_seen, changed_at, public_at) VALUES (?, 'corpus', ?, ?, 'H52', ?, 1, 1, '', 'live',"
                " ?, ?, ?)",
                [(str(key), one.guid, one.kind, one.title, at, at, at) for key, one in part],  # type: ignore[attr-defined]
            )
            await unit.tx.execute_many(
                "INSERT INTO edition (content_id, revision, digest, update_type, state, body, seen_at)"
                " VALUES (?, 1, '', 'major', 'approved', ?, ?)",
                [(str(key), one.model_dump_json(), at) for key, one in part],
            )
            await searching.added(unit, "H52", [(key, 1, one, True, None) for key, one in part])
    await searching.caught_up(store)
    return known


async def answers(url: str, found: list[ItemBase], asked: list[Sought]) -> list[list[ItemBase]]:
    """What each query finds, the first ten."""
    async with await Database.open(url) as database:
        store = Store(database, connect(""), SystemClock())
        known = await load(store, found)
        shown = [await search(store, parse(one.words), audience=Audience.PUBLIC, limit=10) for one in asked]
        return [[known[hit.content_id] for hit in one.hits] for one in shown]


def check(corpus: Path) -> tuple[dict[str, list[Score]], bool]:
    """Scores by database, and whether both gave the same order to every query."""
    found = items(corpus)
    asked = queries(found)
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        urls = {"sqlite": f"sqlite://{folder}/search.db", "postgres": server.create_database()}
        given = {name: asyncio.run(answers(url, found, asked)) for name, url in urls.items()}
    scores = {name: list(_scored(asked, each)) for name, each in given.items()}
    orders = [[[one.guid for one in each] for each in found] for found in given.values()]
    return scores, orders[0] == orders[1]


def _scored(asked: list[Sought], given: list[list[ItemBase]]) -> Iterator[Score]:
    for kind in dict.fromkeys(one.kind for one in asked):
        missed, count = [], 0
        for one, hits in zip(asked, given, strict=True):
            if one.kind == kind:
                count += 1
                if not any(_same(one.item, hit) for hit in hits[:FIRST]):
                    missed.append(one.words)
        yield Score(kind, count, count - len(missed), tuple(missed))


def _same(sought: ItemBase, hit: ItemBase) -> bool:
    if hit.guid == sought.guid or fold(hit.title) == fold(sought.title):
        return True
    # Two documents of one number are told apart by their day alone, which nobody typed.
    return isinstance(sought, Document) and isinstance(hit, Document) and sought.number == hit.number


if __name__ == "__main__":
    scores, is_same = check(Path(sys.argv[1]))
    for name, each in scores.items():
        for score in each:
            print(f"{name:9} {score.kind:32} {score.found:4} of {score.asked}", *score.missed[:5], sep="\n      ")
    print("the same order on both:", is_same)
