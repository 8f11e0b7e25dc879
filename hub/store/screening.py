"""What the secrecy screen found: the text leaves every table in the transaction that records the hit.

    hit ─> rejection (rule, fingerprint, address) · alarm, once per text and source · recognised later by HMACs
        ─> of an item that is here: withdrawal everywhere, and `purge_item`: no text of it stays in any table
    commit ─> `scrub`: kept files and what the database still has on disk; the schedule role ends what a crash left

docs/adr/031 says what stays (addresses, identifiers, the chain of events) and what is let go.
"""

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import structlog

from connectors.errors import TransientError
from hub.files.base import Files
from hub.screened import FileLayer, KeptText
from hub.store import editions, searching, tallying
from hub.store.captures import CAPTURE_HAS_BODY, drop_bodies
from hub.store.database import Row, Transaction, marks
from hub.store.unit import ENGINE, Store, Unit
from schemas.edition import Withdrawal, WithdrawalKind
from schemas.item import Kind

#: Code of a record, a delivery and a file that the secrecy screen stopped.
SECRECY: Final = "secrecy"
#: Who withdrew an item that the screen found; `item.withdrawn_by`.
SCREEN: Final = "screen"
#: Under which a hub without `[hub] secret_key` keeps the key of its fingerprints.
KEY_FACT: Final = "screen_key"
#: Where text may stand, so that what is left on disk is overwritten there.
SCRUBBED: Final = (
    "capture", "capture_body", "edition", "item", "item_key", "item_tag", "item_number", "article", "file", "rejection",
    "delivery", "attempt", "task", "holding", "difference", "announcement", "digest_run", "source", "draft",
    "draft_photo", "repeatable", "tally", "report_item",
)  # fmt: skip
#: Those whose indexes have words of titles. SQLite overwrites what it deletes, but not the copy that stays where an
#: entry once moved to another page: these indexes are made anew, on pages that are overwritten as a whole.
WORDED: Final = ("item_key", "item_tag", "item_number")
#: Tables in which no text of an item ever stands. A table that is neither here nor in SCRUBBED fails a test: whoever
#: makes one decides whether `purge_item` has to clear it.
TEXTLESS: Final = frozenset(
    {
        "member", "walk", "subscription", "push", "destination", "memory", "reconciliation", "mail", "event", "fact",
        "code_version", "code_entry", "code_rejection", "account", "account_grant", "session", "login_delay", "device",
        "recovery_code", "alarm", "recognised", "recall", "planned", "proposal", "consumer", "consumer_use",
        "submission", "outage", "report", "reminder", "visit", "counter",
    }
)  # fmt: skip

Gate = Literal["reading", "sending", "again"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHit:
    """A text with a mark of a state secret, as it is recorded: without the text."""

    found: Gate = "reading"
    source: str
    member: str
    url: str
    rules: tuple[str, ...]
    fingerprint: str
    texts: tuple[str, ...] = ()  #: fingerprints that are purged at sight from now on, beside `fingerprint`
    names: tuple[str, ...] = ()  #: HMACs of the names of the item: what comes under one later needs a person
    content_ids: tuple[UUID, ...] = ()  #: of the item, known or not; more than one where two turned out to be one
    capture: int | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Which of some fingerprints and names a source is known for."""

    texts: frozenset[str] = frozenset()  #: purged at sight
    names: frozenset[str] = frozenset()  #: of items that were hit
    released: frozenset[str] = frozenset()  #: a person let these texts go on


NOTHING_KNOWN: Final = Recognised()


async def fingerprint_key(store: Store, secret_key: str, *, writes: bool = True) -> bytes:
    """The key of fingerprints: from the oldest `[hub] secret_key`, else one that this database made for itself.

    The oldest, because it stays when a new one is put in front of it. Without `writes`, where there is none yet, one
    that is forgotten.
    """
    if secret_key.strip():
        from cryptography.hazmat.primitives.hashes import SHA256  # 6 MB, for who has such a key
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        oldest = secret_key.split(",")[-1].strip()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"provincial-hub fingerprints").derive(
            oldest.encode()
        )
    rows = await store.fetch("SELECT value FROM fact WHERE key = ?", KEY_FACT)
    if not rows and not writes:
        return secrets.token_bytes(32)
    if not rows:
        async with store.unit() as unit:
            made = base64.b64encode(secrets.token_bytes(32)).decode()
            await unit.tx.execute(
                "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = fact.value",
                KEY_FACT, made,
            )  # fmt: skip
        rows = await store.fetch("SELECT value FROM fact WHERE key = ?", KEY_FACT)
    return base64.b64decode(rows[0]["value"])


async def recognised(store: Store, source: str, values: Collection[str]) -> Recognised:
    """What a source is known for among these fingerprints and names."""
    found: dict[str, set[str]] = {"text": set(), "name": set(), "released": set()}
    unique = sorted({value for value in values if value})
    for start in range(0, len(unique), 900):
        part = unique[start : start + 900]
        rows = await store.fetch(
            f"SELECT what, value FROM recognised WHERE source = ? AND value IN ({marks(len(part))})", source, *part
        )
        for row in rows:
            found[row["what"]].add(row["value"])
    return Recognised(
        texts=frozenset(found["text"]), names=frozenset(found["name"]), released=frozenset(found["released"])
    )


async def is_known(store: Store, source: str) -> bool:
    """Whether a source is known for anything."""
    return bool(await store.fetch("SELECT 1 AS one FROM recognised WHERE source = ? LIMIT 1", source))


async def remember(
    unit: Unit, source: str, what: Literal["text", "name", "released"], values: Sequence[str], *,
    content_id: UUID | str = "", who: str = ENGINE, why: str = "",
) -> None:  # fmt: skip
    """Recognise these from now on."""
    await unit.tx.execute_many(
        "INSERT INTO recognised (source, what, value, content_id, at, decided_by, why) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, value, what) DO UPDATE SET content_id = excluded.content_id",
        [(source, what, value, str(content_id), unit.at, who, why) for value in sorted(set(values)) if value],
    )


async def hit(unit: Unit, new: NewHit) -> bool:
    """Record a text that may be kept nowhere, and take back what was shown of its item. Returns whether it is news.

    Of an item that is here all editions go; so do the bodies of the captures in which it came.
    """
    rule, content_id = ",".join(new.rules)[:200], str(new.content_ids[0]) if new.content_ids else ""
    if new.capture is not None:
        await unit.tx.execute(
            "INSERT INTO rejection (capture, source, pointer, code, detail, rule, fingerprint, url, at)"
            " VALUES (?, ?, ?, ?, '', ?, ?, ?, ?)",
            new.capture, new.source, new.pointer[:300], SECRECY, rule, new.fingerprint, new.url, unit.at,
        )  # fmt: skip
    await remember(unit, new.source, "text", (new.fingerprint, *new.texts), content_id=content_id)
    await remember(unit, new.source, "name", new.names, content_id=content_id)
    shown, files = list[Mapping[str, object]](), set[str]()
    for one in new.content_ids:
        shown += await _taken_back(unit, one)
        files |= await purge_item(unit, one)
    return await _alarm(unit, new, rule, shown, files)


async def _alarm(
    unit: Unit, new: NewHit, rule: str, shown: Sequence[Mapping[str, object]], files: Collection[str]
) -> bool:
    """One alarm per text and source; what comes again is only counted, and has to leave the disk again.

    What no rule hit was purged at sight: it belongs to the alarm of its item.
    """
    content_id = str(new.content_ids[0]) if new.content_ids else ""
    at_sight = content_id if not new.rules else "-"
    again = await unit.tx.fetch(
        "SELECT id, shown, files FROM alarm WHERE source = ? AND (fingerprint = ? OR content_id = ?)"
        " ORDER BY id LIMIT 1",
        new.source, new.fingerprint, at_sight,
    )  # fmt: skip
    if again:
        await unit.tx.execute(
            "UPDATE alarm SET last_at = ?, times = times + 1, shown = ?, files = ?, scrubbed_at = NULL WHERE id = ?",
            unit.at, _json([*orjson.loads(again[0]["shown"]), *shown]),
            _json(sorted({*orjson.loads(again[0]["files"]), *files})), again[0]["id"],
        )  # fmt: skip
        return False
    [row] = await unit.tx.fetch(
        "INSERT INTO alarm (at, last_at, found, source, member, url, rule, fingerprint, content_id, capture, shown,"
        " files) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        unit.at, unit.at, new.found, new.source, new.member, new.url, rule, new.fingerprint, content_id, new.capture,
        _json(shown), _json(sorted(files)),
    )  # fmt: skip
    unit.tell(
        "secrecy_found", content_id=content_id, source=new.source,
        why={"alarm": row["id"], "rule": rule, "capture": new.capture, "found": new.found, "shown": bool(shown)},
    )  # fmt: skip
    return True


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _taken_back(unit: Unit, content_id: UUID) -> list[Mapping[str, object]]:
    """Withdraw an item that is here, and demand proof of it. Returns where readers could see it, and since when."""
    rows = await unit.tx.fetch("SELECT * FROM item WHERE content_id = ?", str(content_id))
    if not rows:
        return []
    [item] = rows
    shown = await _shown(unit, item)
    if item["state"] != "withdrawn":
        withdrawal = Withdrawal(
            content_id=content_id, revision=item["revision"] + 1, kind=WithdrawalKind.VANISH,
            item_kind=Kind(item["kind"]), at=unit.now,
        )  # fmt: skip
        revision = await editions.withdraw(unit, content_id, item["revision"], withdrawal, by=SCREEN)
        if shown:
            await demand(unit, content_id, revision, who=ENGINE, reason=SECRECY)
    return shown


async def _shown(unit: Unit, item: Row) -> list[Mapping[str, object]]:
    """Where readers could see an item until now."""
    content_id = item["content_id"]
    shown = list[Mapping[str, object]]()
    if item["public_at"] is not None and item["state"] != "withdrawn":
        [first] = await unit.tx.fetch(
            "SELECT min(decided_at) AS at FROM edition WHERE content_id = ? AND state IN ('approved', 'superseded')",
            content_id,
        )
        shown.append({"place": "", "from": first["at"] or item["public_at"], "to": unit.at})
    rows = await unit.tx.fetch(
        "SELECT d.destination, (SELECT min(e.at) FROM event e WHERE e.content_id = d.content_id"
        " AND e.destination = d.destination AND e.what = 'delivered') AS at FROM delivery d"
        " WHERE d.content_id = ? AND d.sent_revision > 0 ORDER BY d.destination",
        content_id,
    )
    shown += [{"place": row["destination"], "from": row["at"], "to": unit.at} for row in rows if shown or row["at"]]
    return shown if item["state"] != "withdrawn" else []


async def demand(unit: Unit, content_id: UUID, revision: int, *, who: str, reason: str) -> None:
    """Let every place prove that an item is gone (hub/queries/recalls.py)."""
    await unit.tx.execute(
        "INSERT INTO recall (content_id, revision, at, by, reason) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET revision = excluded.revision, reason = excluded.reason",
        str(content_id), revision, unit.at, who, reason,
    )  # fmt: skip


async def purge_item(unit: Unit, content_id: UUID) -> set[str]:
    """Let go of every text of an item, in every table. Returns the checksums of kept files that are nobody's now.

    Whoever adds a table that keeps text of items clears it here, or calls what clears it.
    """
    tx, one = unit.tx, str(content_id)
    titles = await tx.fetch("SELECT title FROM item WHERE content_id = ? AND title <> ''", one)
    places = await tx.fetch("SELECT id, destination, key, remote_id FROM delivery WHERE content_id = ?", one)
    await _purge_captures(unit, one)
    await tx.execute(
        "UPDATE edition SET body = NULL, digest = '', why = '{}', pointer = '' WHERE content_id = ?"
        " AND withdrawal IS NULL",
        one,
    )
    await tx.execute("UPDATE item SET title = '', digest = '', pointer = '', restricted = 0 WHERE content_id = ?", one)
    await _purge_names(tx, one)
    await tx.execute("DELETE FROM item_tag WHERE content_id = ?", one)
    await tx.execute("DELETE FROM article WHERE content_id = ?", one)
    files = {row["sha256"] for row in await tx.fetch("DELETE FROM file WHERE content_id = ? RETURNING sha256", one)}
    await tx.execute("UPDATE delivery SET receipt = '{}', error_sentence = '' WHERE content_id = ?", one)
    await tx.execute(
        "UPDATE attempt SET detail = '' WHERE delivery IN (SELECT id FROM delivery WHERE content_id = ?)", one
    )
    await tx.execute("UPDATE task SET title = '', why = '' WHERE content_id = ? OR subject LIKE ?", one, f"%:{one}:%")
    await tx.execute("DELETE FROM announcement WHERE decision = ?", one)
    await tx.execute("UPDATE difference SET title = '', fields = '[]', why = '' WHERE content_id = ?", one)
    for place in places:
        keys = [key for key in (one, place["key"], place["remote_id"]) if key]
        await tx.execute(
            f"UPDATE holding SET title = '', record = '{{}}' WHERE destination = ? AND key IN ({marks(len(keys))})",
            place["destination"], *keys,
        )  # fmt: skip
        await tx.execute(
            f"UPDATE difference SET title = '', fields = '[]', why = '' WHERE destination = ?"
            f" AND key IN ({marks(len(keys))})",
            place["destination"], *keys,
        )  # fmt: skip
    for title in titles:  # what was refused because of this item quotes it
        await tx.execute(
            "UPDATE delivery SET error_sentence = '' WHERE error_code = 'key_taken' AND error_sentence LIKE ?",
            f"%{title['title'][:60].replace('%', '_')}%",
        )
    await tx.execute("UPDATE digest_run SET text = '', html = '' WHERE items LIKE ?", f"%{one}%")
    await tx.execute("DELETE FROM item_number WHERE content_id = ?", one)
    await tx.execute("DELETE FROM repeatable WHERE body LIKE ?", f"%{one}%")
    files |= await _purge_draft(unit, one)
    await searching.forgotten(unit, [content_id], had_text=bool(titles))
    await tallying.forgotten(unit, [content_id])
    return await _unused(unit, files)


async def _purge_names(tx: Transaction, content_id: str) -> None:
    """The names that have words of its title. They are its source's, and an item has one source for ever; one that is
    neither kept nor waits for its page has names all the same, which are looked for everywhere.
    """
    rows = await tx.fetch(
        "SELECT source FROM item WHERE content_id = ? UNION SELECT source FROM article WHERE content_id = ?",
        content_id, content_id,
    )  # fmt: skip
    sources = [row["source"] for row in rows]
    of_source = f"source IN ({marks(len(sources))}) AND " if sources else ""
    await tx.execute(
        f"DELETE FROM item_key WHERE {of_source}content_id = ? AND (key LIKE 't:%' OR key LIKE 't#%')",
        *sources, content_id,
    )  # fmt: skip


async def _purge_draft(unit: Unit, content_id: str) -> set[str]:
    """What a contributor wrote of it, with its photos, whose checksums are returned."""
    rows = await unit.tx.fetch(
        "UPDATE draft SET title = '', summary = '', content = '', tags = '[]', remark = '' WHERE content_id = ?"
        " RETURNING id",
        content_id,
    )
    photos = list[Row]()
    for row in rows:
        photos += await unit.tx.fetch("DELETE FROM draft_photo WHERE draft = ? RETURNING sha256", row["id"])
    return {photo["sha256"] for photo in photos}


async def _purge_captures(unit: Unit, content_id: str) -> None:
    """The bodies in which an item came, or was listed: its own page, and whatever the source said since it was seen."""
    tx = unit.tx
    first = await tx.fetch(
        "SELECT min(c.id) AS first, c.source FROM capture c WHERE c.id IN"
        " (SELECT capture FROM edition WHERE content_id = ? AND capture IS NOT NULL) GROUP BY c.source",
        content_id,
    )
    wanted = await tx.fetch("SELECT source, wanted_at FROM article WHERE content_id = ?", content_id)
    chosen = list[tuple[str, Sequence[Any]]]([("about = ?", [content_id])])
    chosen += [("source = ? AND id >= ? AND about = ''", (row["source"], row["first"])) for row in first]
    chosen += [("source = ? AND settled_at >= ? AND about = ''", (row["source"], row["wanted_at"])) for row in wanted]
    for which, values in chosen:
        purged = await tx.fetch(
            "UPDATE capture SET headers = '{}', state = CASE WHEN state = 'held' THEN 'rejected' ELSE 'purged' END"
            f" WHERE {which} AND state IN ('done', 'rejected', 'dead', 'held') AND {CAPTURE_HAS_BODY} RETURNING id",
            *values,
        )
        await drop_bodies(tx, [row["id"] for row in purged])
    for source in {row["source"] for row in (*first, *wanted)}:
        # Its piece is read again at the next poll: skipped as known, its text would stay in that body unseen. Whoever
        # reads one now has the older list of pieces, and loses it.
        await forget_pieces(unit, source, UUID(content_id))
        await tx.execute(
            "UPDATE capture SET lease_token = '', lease_until = 0 WHERE source = ? AND state = 'working'", source
        )


async def forget_pieces(unit: Unit, source: str, content_id: UUID) -> None:
    """Let the source be known no more to have the pieces of an item (hub/store/normalising.py says how they lie)."""
    rows = await unit.tx.fetch("SELECT known FROM source WHERE name = ?", source)
    known = bytes(rows[0]["known"] or b"") if rows else b""
    pieces = [known[start : start + 32] for start in range(0, len(known), 32)]
    kept = [piece for piece in pieces if piece[16:] != content_id.bytes]
    if len(kept) < len(pieces):
        await unit.tx.execute("UPDATE source SET known = ? WHERE name = ?", b"".join(kept), source)


async def _unused(unit: Unit, files: Collection[str]) -> set[str]:
    """Those of these kept files that no other item has."""
    names = sorted(name for name in files if name)
    if not names:
        return set()
    used = await unit.tx.fetch(f"SELECT sha256 FROM file WHERE sha256 IN ({marks(len(names))})", *names)
    return set(names) - {row["sha256"] for row in used}


async def kept_texts(store: Store, *, after: int, limit: int) -> list[KeptText]:
    """Editions whose text is kept, in the order in which they came; `after` is the id of the last one that was read."""
    rows = await store.fetch(
        "SELECT e.id, e.content_id, e.revision, e.state, e.body, e.restricted, i.source, i.member, i.url,"
        " i.revision AS last FROM edition e JOIN item i ON i.content_id = e.content_id"
        " WHERE e.id > ? AND e.body IS NOT NULL ORDER BY e.id LIMIT ?",
        after, limit,
    )  # fmt: skip
    ids = sorted({row["content_id"] for row in rows})
    files: dict[str, list[FileLayer]] = {}
    for row in await store.fetch(f"SELECT * FROM file WHERE content_id IN ({marks(len(ids))}) ORDER BY id", *ids):
        files.setdefault(row["content_id"], []).append(
            FileLayer(
                url=row["url"], text=row["text"], readable=bool(row["readable"]), type=row["type"], note=row["note"]
            )
        )
    return [
        KeptText(
            id=row["id"], content_id=UUID(row["content_id"]), revision=row["revision"], source=row["source"],
            member=row["member"], url=row["url"], state=row["state"], newest=row["revision"] == row["last"],
            restricted=bool(row["restricted"]), body=row["body"], files=tuple(files.get(row["content_id"], ())),
        )
        for row in rows
    ]  # fmt: skip


async def scrub(store: Store, files: Files, *, thorough: bool = False) -> int:
    """Let what was purged leave the disk too: kept files, and what the database still has of it. Returns how many.

    Right after a purge only what costs nothing; `thorough`, for the schedule role, also what takes minutes on a large
    database. While something is busy it is left to the next call.
    """
    rows = await store.fetch("SELECT id, files, last_at, content_id FROM alarm WHERE scrubbed_at IS NULL ORDER BY id")
    if not rows:
        return 0
    try:
        for row in rows:
            for name in orjson.loads(row["files"]):
                await files.remove(name)
        done = await _scrubbed(store, rows, thorough=thorough)
    except TransientError as error:
        log.info("what was purged leaves the disk later", code=error.code)
        return 0
    async with store.unit() as unit:
        for row in done:
            await unit.tx.execute(
                "UPDATE alarm SET scrubbed_at = ?, files = '[]' WHERE id = ? AND last_at = ?",
                unit.at, row["id"], row["last_at"],
            )  # fmt: skip
    return len(done)


async def _scrubbed(store: Store, rows: Sequence[Row], *, thorough: bool) -> Sequence[Row]:
    """Those of these alarms of which nothing is left on disk now."""
    ids = [row["content_id"] for row in rows if row["content_id"]]
    found = await store.fetch(f"SELECT content_id FROM item WHERE content_id IN ({marks(len(ids))})", *ids)
    indexed = {row["content_id"] for row in found}  # only items were ever found by a search
    if store.database.dialect == "sqlite":
        if thorough:
            for table in WORDED:
                async with store.database.transaction() as tx:
                    await tx.execute(f'REINDEX "{table}"')
        await store.database.scrub(SCRUBBED[0])
        if thorough and indexed:
            await searching.scrub(store)
        return rows if thorough else []
    if not thorough:
        return []
    for table in SCRUBBED:
        await store.database.scrub(table)
    if indexed:
        await searching.scrub(store)
    return rows


async def untold(store: Store) -> bool:
    """Whether there are alarms of which no mail was written."""
    return bool(await store.fetch("SELECT id FROM alarm WHERE mailed_at IS NULL AND seen_at IS NULL LIMIT 1"))


async def told(unit: Unit) -> list[int]:
    """Take the alarms of which no mail was written: one is, in this transaction. Returns their numbers."""
    rows = await unit.tx.fetch(
        "UPDATE alarm SET mailed_at = ? WHERE mailed_at IS NULL AND seen_at IS NULL RETURNING id", unit.at
    )
    return sorted(row["id"] for row in rows)


async def seen(unit: Unit, alarm: int, *, who: str) -> bool:
    """Somebody looked at an alarm; False when there is none of this number that nobody had seen."""
    rows = await unit.tx.fetch(
        "UPDATE alarm SET seen_by = ?, seen_at = ? WHERE id = ? AND seen_at IS NULL RETURNING source, content_id",
        who, unit.at, alarm,
    )  # fmt: skip
    for row in rows:
        unit.tell("alarm_seen", who=who, source=row["source"], content_id=row["content_id"], why={"alarm": alarm})
    return bool(rows)
