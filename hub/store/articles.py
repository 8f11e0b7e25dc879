"""Claims and records of the enrich stage: items that wait for their own page or files, and pages that are watched.

A page is kept as a capture about its item, in one transaction with the files that belong to it and the row's next
look; the normalise stage makes the edition of it. If the process dies before that the page is asked again, and a file
that was put away without its row is found again by its checksum.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from connectors.base import Capture, Cursor, Hints
from hub.broker.base import ENRICH, NORMALISE
from hub.rules.wholeness import GONE, NOT_ASKED
from hub.screened import MARKED, FileLayer
from hub.store import harvesting
from hub.store.captures import HAS_BODY
from hub.store.database import Row, marks
from hub.store.instants import maybe_micros, maybe_moment, micros, moment
from hub.store.states import ArticleState, CaptureState, Origin
from hub.store.unit import Store, Unit
from schemas.item import ITEM, ItemBase


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An item that waits for its own page or files."""

    content_id: UUID
    item: ItemBase  #: as the list has it
    digest: str
    pointer: str
    remarks: tuple[str, ...]
    host: str
    page: bool  #: its page too, not only its files


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file of an item as it was found: where its bytes are, what is in it."""

    url: str
    sha256: str = ""  #: empty = not kept, `note` says why
    type: str = ""
    size: int = 0
    readable: bool = False
    note: str = ""
    text: str = field(default="", repr=False)
    cursor: Cursor = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """What is known of an item beside its page."""

    content_id: UUID
    item: ItemBase
    pointer: str
    remarks: tuple[str, ...]
    files: Mapping[str, KeptFile]  #: by address; without their texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleClaim:
    """An item's page that is ours to fetch until the lease ends."""

    teaser: Teaser
    source: str
    resting: bool  #: the source is paused or blocked: nothing is asked, the item goes out as it is
    host: str
    url: str
    page: bool
    state: ArticleState
    seen: bool  #: the page was there once
    cursor: Cursor
    body_sha256: str
    misses: int
    missed_since: datetime | None
    wanted_at: datetime
    attempts: int
    token: str


async def known(store: Store, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The digests of the teasers for which a page was already wanted, by content id."""
    found: dict[UUID, str] = {}
    unique = list(dict.fromkeys(map(str, ids)))
    for start in range(0, len(unique), 900):
        part = unique[start : start + 900]
        rows = await store.fetch(
            f"SELECT content_id, teaser_digest FROM article WHERE content_id IN ({marks(len(part))})", *part
        )
        found |= {UUID(row["content_id"]): row["teaser_digest"] for row in rows}
    return found


async def want(unit: Unit, source: str, articles: Sequence[NewArticle], *, replay: bool) -> None:
    """Let items wait for their pages. A replay asks nobody: a page that is kept is read again instead."""
    if not articles:
        return
    await unit.tx.execute_many(
        "INSERT INTO article (content_id, source, host, url, teaser, teaser_digest, pointer, remarks, page, state,"
        " wanted_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'wanted', ?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET url = excluded.url, host = excluded.host, teaser = excluded.teaser,"
        " teaser_digest = excluded.teaser_digest, pointer = excluded.pointer, remarks = excluded.remarks,"
        " page = excluded.page, state = 'wanted', wanted_at = excluded.wanted_at, due_at = excluded.due_at,"
        # The new teaser needs an edition though its page may be as it was.
        " cursor = '{}', body_sha256 = '', misses = 0, missed_since = NULL, attempts = 0, lease_until = NULL,"
        " lease_token = ''",
        [
            (str(a.content_id), source, a.host, a.item.url, a.item.model_dump_json(exclude_defaults=False), a.digest,
             a.pointer[:300], orjson.dumps(list(a.remarks)).decode(), int(a.page), unit.at, unit.at)
            for a in articles
        ],
    )  # fmt: skip
    for article in articles:
        if replay and await _read_again(unit, article.content_id):
            continue
        unit.ring(ENRICH, str(article.content_id))


async def _read_again(unit: Unit, content_id: UUID) -> bool:
    """Read the kept page of an item again; False when none is kept."""
    rows = await unit.tx.fetch(
        "UPDATE capture SET state = 'new', replay = 1, attempts = 0, due_at = ? WHERE id ="
        f" (SELECT max(c.id) FROM capture c WHERE c.about = ? AND {HAS_BODY} AND c.state IN ('done', 'new'))"
        " RETURNING id",
        unit.at, str(content_id),
    )  # fmt: skip
    for row in rows:
        unit.ring(NORMALISE, row["id"])
    if rows:
        await unit.tx.execute(
            "UPDATE article SET state = 'watched', due_at = ? WHERE content_id = ?", unit.at, str(content_id)
        )
    return bool(rows)


async def unite(unit: Unit, waiting: UUID, item: UUID) -> None:
    """What waited under a name of its own is an item that is held: one row goes on, with the newer teaser.

    Two would take turns: each would make an edition of its own teaser whenever the page is not to the byte as it was.
    """
    rows = await unit.tx.fetch(
        "SELECT content_id FROM article WHERE content_id IN (?, ?) ORDER BY wanted_at DESC, content_id",
        str(waiting), str(item),
    )  # fmt: skip
    if not rows or rows[0]["content_id"] == str(item):
        # The item made of the older teaser just now needs the newer one again.
        await unit.tx.execute("DELETE FROM article WHERE content_id = ?", str(waiting))
        await unit.tx.execute(
            "UPDATE article SET state = 'wanted', due_at = ?, cursor = '{}', body_sha256 = '', attempts = 0,"
            " lease_until = NULL, lease_token = '' WHERE content_id = ?",
            unit.at, str(item),
        )  # fmt: skip
        unit.ring(ENRICH, str(item))
        return
    await unit.tx.execute("DELETE FROM article WHERE content_id = ?", str(item))
    await unit.tx.execute("UPDATE article SET content_id = ? WHERE content_id = ?", str(item), str(waiting))
    await unit.tx.execute(
        "DELETE FROM file WHERE content_id = ? AND url IN (SELECT url FROM file WHERE content_id = ?)",
        str(item), str(waiting),
    )  # fmt: skip
    await unit.tx.execute("UPDATE file SET content_id = ? WHERE content_id = ?", str(item), str(waiting))


async def forget(unit: Unit, ids: Sequence[UUID]) -> None:
    """The source took these back: nobody waits for their pages any more, also those that are on their way."""
    await unit.tx.execute_many("DELETE FROM article WHERE content_id = ?", [(str(one),) for one in ids])


async def claim(
    store: Store, keys: Sequence[str] | None, *, limit: int, lease: timedelta, per_host: int,
    patience: timedelta, until: datetime | None = None,
) -> list[ArticleClaim]:  # fmt: skip
    """Take up to `limit` pages that are due, `per_host` at most of one host, polls and walks under way counted.

    Of a source that is paused or blocked only items that waited for `patience`. Items that wait come before pages that
    are only watched; of those `until` leaves out what became due after it.
    """
    now, token = store.now(), secrets.token_hex(16)
    at = micros(now)
    looks = min(at, micros(until)) if until else at
    chosen = f" AND a.content_id IN ({marks(len(keys))})" if keys is not None else ""
    async with store.database.transaction() as tx:
        if store.database.dialect == "postgres":
            await tx.fetch("SELECT pg_advisory_xact_lock(7203003)")
        rows = await tx.fetch(
            f"""
            UPDATE article SET attempts = attempts + 1, lease_token = ?, lease_until = ?
             WHERE content_id IN (
               SELECT content_id FROM (
                 SELECT a.content_id, a.state, a.due_at,
                        row_number() OVER (PARTITION BY a.host ORDER BY CASE a.state WHEN 'wanted' THEN 0 ELSE 1 END,
                                           a.due_at, a.content_id) + coalesce(b.busy, 0) AS place
                   FROM article a
                   JOIN source s ON s.name = a.source AND (s.state = 'active'
                        OR (s.state IN ('paused', 'blocked') AND a.state = 'wanted' AND a.wanted_at <= ?))
                   LEFT JOIN ({harvesting.BUSY_HOSTS}) b ON b.host = a.host
                  WHERE a.state IN ('wanted', 'watched')
                    AND a.due_at <= CASE a.state WHEN 'wanted' THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END
                    AND (a.lease_until IS NULL OR a.lease_until < ?){chosen}
               ) AS due WHERE place <= ?
                ORDER BY CASE state WHEN 'wanted' THEN 0 ELSE 1 END, due_at, content_id LIMIT ?)
            RETURNING *, (SELECT s.state <> 'active' FROM source s WHERE s.name = article.source) AS resting
            """,
            token, micros(now + lease), micros(now - patience), at, at, at, at, looks, at,
            *(keys or ()), per_host, limit,
        )  # fmt: skip
        files = await _files(tx.fetch, [row["content_id"] for row in rows])
    return [
        ArticleClaim(
            teaser=_teaser(row, files.get(row["content_id"], {})), source=row["source"],
            resting=bool(row["resting"]), host=row["host"], url=row["url"], seen=row["fetched_at"] is not None,
            page=bool(row["page"]), state=ArticleState(row["state"]), cursor=orjson.loads(row["cursor"]),
            body_sha256=row["body_sha256"], misses=row["misses"], missed_since=maybe_moment(row["missed_since"]),
            wanted_at=moment(row["wanted_at"]), attempts=row["attempts"], token=token,
        )
        for row in rows
    ]  # fmt: skip


async def teaser(store: Store, content_id: str) -> Teaser | None:
    """What is known of an item whose page was kept; None when nobody waits for it any more."""
    rows = await store.fetch("SELECT * FROM article WHERE content_id = ?", content_id)
    files = await _files(store.fetch, [content_id]) if rows else {}
    return _teaser(rows[0], files.get(content_id, {})) if rows else None


async def texts(store: Store, content_id: str) -> list[str]:
    """The texts of the files of an item, as far as they could be read, in the order in which it names them."""
    rows = await store.fetch(
        "SELECT text FROM file WHERE content_id = ? AND readable = 1 AND text <> '' ORDER BY id", content_id
    )
    return [row["text"] for row in rows]


async def layers(store: Store, content_id: str) -> list[FileLayer]:
    """Every file of an item with its text layer, in the order in which it names them."""
    rows = await store.fetch(
        "SELECT url, type, readable, note, text FROM file WHERE content_id = ? ORDER BY id", content_id
    )  # fmt: skip
    return [FileLayer(**{**row, "readable": bool(row["readable"])}) for row in rows]


async def whole(store: Store, content_id: str) -> ItemBase | None:
    """What was last made of an item with its page; None when that never was."""
    rows = await store.fetch(
        "SELECT body FROM edition WHERE content_id = ? AND body IS NOT NULL AND why NOT LIKE '%\"without_page:%'"
        " AND origin <> 'person'"
        " ORDER BY revision DESC LIMIT 1",
        content_id,
    )
    return ITEM.validate_json(rows[0]["body"]) if rows else None


def _teaser(row: Row, files: Mapping[str, KeptFile]) -> Teaser:
    return Teaser(
        content_id=UUID(row["content_id"]), item=ITEM.validate_json(row["teaser"]), pointer=row["pointer"],
        remarks=tuple(orjson.loads(row["remarks"])), files=files,
    )  # fmt: skip


async def _files(fetch: harvesting.Fetch, ids: Sequence[str]) -> dict[str, dict[str, KeptFile]]:
    if not ids:
        return {}
    rows = await fetch(
        "SELECT content_id, url, sha256, type, size, readable, note, cursor FROM file"
        f" WHERE content_id IN ({marks(len(ids))})",
        *ids,
    )
    found: dict[str, dict[str, KeptFile]] = {}
    for row in rows:
        found.setdefault(row["content_id"], {})[row["url"]] = KeptFile(
            url=row["url"], sha256=row["sha256"], type=row["type"], size=row["size"], readable=bool(row["readable"]),
            note=row["note"], cursor=orjson.loads(row["cursor"]),
        )  # fmt: skip
    return found


_FENCE = " WHERE content_id = ? AND attempts = ? AND lease_token = ?"
_SETTLE = "UPDATE article SET attempts = 0, lease_until = NULL, lease_token = '', fault_code = ?, state = ?, due_at = ?"


async def fetched(
    unit: Unit, claim: ArticleClaim, page: Capture | None, files: Sequence[KeptFile], *, look: datetime | None
) -> None:  # fmt: skip
    """Keep the page and what was found in its files; None where only the files were wanted. `look` None ends the watch.

    A page of the same bytes with the same files says nothing new, unless the item waits for it.
    """
    digest = sha256(page.body).hexdigest() if page else ""
    news = await _put(unit, claim, files)
    await _settled(
        unit, claim, look=look, more=", cursor = ?, body_sha256 = ?, fetched_at = ?, misses = 0, missed_since = NULL",
        values=(orjson.dumps(dict(page.cursor) if page else {}).decode(), digest, unit.at),
    )  # fmt: skip
    if news or digest != claim.body_sha256 or claim.state is ArticleState.WANTED:
        await _keep(unit, claim, page, "" if page else NOT_ASKED)


async def unchanged(unit: Unit, claim: ArticleClaim, *, look: datetime | None) -> None:
    """The page is as it was."""
    await _settled(unit, claim, look=look, more=", misses = 0, missed_since = NULL")


async def without_page(
    unit: Unit, claim: ArticleClaim, fault: str, *, look: datetime | None, files: Sequence[KeptFile] = ()
) -> None:  # fmt: skip
    """There is no page for now: a waiting item goes out with what the list said."""
    await _put(unit, claim, files)
    await _settled(unit, claim, look=look, fault=fault)
    if claim.state is ArticleState.WANTED:
        await _keep(unit, claim, None, fault)


async def neighbours(unit: Unit, source: str, *, since: datetime) -> tuple[int, int]:
    """How many pages of a source went missing after `since`, and how many there are with those that are watched."""
    [row] = await unit.tx.fetch(
        "SELECT count(*) AS watched, coalesce(sum(CASE WHEN missed_since >= ? THEN 1 ELSE 0 END), 0) AS missing"
        " FROM article WHERE source = ? AND fetched_at IS NOT NULL AND (state = 'watched' OR missed_since >= ?)",
        micros(since), source, micros(since),
    )  # fmt: skip
    return int(row["missing"]), int(row["watched"])


async def missing(
    unit: Unit, claim: ArticleClaim, *, misses: int, since: datetime, look: datetime | None, code: str, gone: bool,
    braked: bool = False,
) -> None:  # fmt: skip
    """A watched page was not there; `gone` when that has been so for long enough: the item is withdrawn.

    `braked` when it would be, but too many others are missing too.
    """
    await _settled(
        unit, claim, look=None if gone else look, fault=code, more=", misses = ?, missed_since = ?",
        values=(misses, maybe_micros(since)),
    )  # fmt: skip
    if gone:
        await _keep(unit, claim, None, GONE)
    elif braked:
        unit.tell("withdrawal_braked", source=claim.source, content_id=claim.teaser.content_id, why={"code": code})
    elif misses == 1:
        unit.tell("page_missing", source=claim.source, content_id=claim.teaser.content_id, why={"code": code})


async def later(unit: Unit, claim: ArticleClaim, *, due_at: datetime, fault: str, counts: bool) -> None:
    """Ask again at `due_at`; an attempt that does not count is given back."""
    await unit.fenced(
        "UPDATE article SET due_at = ?, fault_code = ?, attempts = attempts - ?, lease_until = NULL, lease_token = ''"
        + _FENCE,
        micros(due_at), fault, 0 if counts else 1, str(claim.teaser.content_id), claim.attempts, claim.token,
    )  # fmt: skip


async def _settled(
    unit: Unit, claim: ArticleClaim, *, look: datetime | None, fault: str = "", more: str = "",
    values: Sequence[int | str | None] = (),
) -> None:  # fmt: skip
    state = ArticleState.WATCHED if look else ArticleState.DONE
    await unit.fenced(
        _SETTLE + more + _FENCE,
        fault, state, micros(look) if look else unit.at, *values,
        str(claim.teaser.content_id), claim.attempts, claim.token,
    )  # fmt: skip


async def _keep(unit: Unit, claim: ArticleClaim, page: Capture | None, fault: str) -> None:
    nothing = Capture(url=claim.url, content_type="", body=b"", fetched_at=moment(unit.at), hints=Hints())
    await harvesting.keep(
        unit, claim.source, page or nothing, Origin.ARTICLE, about=str(claim.teaser.content_id), fault=fault
    )


async def _put(unit: Unit, claim: ArticleClaim, files: Sequence[KeptFile]) -> bool:
    """Record what was found in the files. Returns whether anything about them is new."""
    before = claim.teaser.files
    new = [
        one
        for one in files
        if (old := before.get(one.url)) is None or old.sha256 != one.sha256
        or (one.note.startswith(MARKED) and old.note != one.note)
    ]  # fmt: skip
    await unit.tx.execute_many(
        "INSERT INTO file (content_id, source, url, sha256, type, size, readable, note, text, cursor, fetched_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (content_id, url) DO UPDATE SET"
        " sha256 = excluded.sha256, type = excluded.type, size = excluded.size, readable = excluded.readable,"
        " note = excluded.note, text = excluded.text, cursor = excluded.cursor, fetched_at = excluded.fetched_at",
        [
            (str(claim.teaser.content_id), claim.source, f.url, f.sha256, f.type, f.size, int(f.readable), f.note,
             f.text, orjson.dumps(dict(f.cursor)).decode(), unit.at)
            for f in new
        ],
    )  # fmt: skip
    return bool(new)


async def unread(unit: Unit, capture: int, attempts: int, token: str, fault: str) -> None:
    """The page of an item cannot be read: let its teaser do."""
    await unit.fenced(
        "UPDATE capture SET state = ?, fault = ?, attempts = 0, due_at = ?, lease_until = NULL, lease_token = ''"
        " WHERE id = ? AND attempts = ? AND lease_token = ?",
        CaptureState.NEW, fault, unit.at, capture, attempts, token,
    )  # fmt: skip
    unit.ring(NORMALISE, capture)
