"""What does the database say of the hub's health? Facts for hub.rules.doctor, which judges them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import orjson

from connectors.errors import ConfigError
from hub.queries.audit import chain
from hub.rules.access import Role
from hub.rules.doctor import HELD, LATE, DestinationSeen, Ledger, People, SourceSeen, Work
from hub.store.database import Row
from hub.store.instants import maybe_moment, micros
from hub.store.memory import Cipher
from hub.store.restored import WAITS
from hub.store.unit import Store
from hub.store.witness import Witness

#: Links at the end of the chain that are checked, newest public items that are looked for in the search, encrypted
#: values that are opened.
LINKS: Final = 2_000
ITEMS: Final = 500
VALUES: Final = 20


async def ledger(store: Store, witness: Witness) -> Ledger:
    """Clock, witness, chain and index."""
    await store.measure_skew()
    now = store.now()
    links = await chain(store, newest=LINKS)
    [row] = await store.fetch(
        "SELECT (SELECT min(at) FROM event WHERE sequence IS NULL) AS unsealed, (SELECT count(*) FROM ("
        "SELECT content_id, approved_revision FROM item WHERE public_at IS NOT NULL AND state = 'live'"
        " AND approved_revision > 0 ORDER BY public_at DESC LIMIT ?) i WHERE NOT EXISTS (SELECT 1 FROM edition e"
        " JOIN search_entry s ON s.edition = e.id"
        " WHERE e.content_id = i.content_id AND e.revision = i.approved_revision)) AS unfound",
        ITEMS,
    )
    unsealed, written = maybe_moment(row["unsealed"]), witness.written_at()
    return Ledger(
        skew=store.skew, put_back=not await witness.believes(store),
        witness_age=now - written if written is not None else None, broken_at=links.broken_at, broken_why=links.why,
        unsealed_age=now - unsealed if unsealed is not None else timedelta(), unfound=row["unfound"],
    )  # fmt: skip


async def work(store: Store) -> Work:
    """Destinations, sources, and what waits between them."""
    now, fetch = store.now(), store.fetch
    late = micros(now - LATE)
    [ones] = await fetch(
        """
        SELECT (SELECT count(*) FROM capture c WHERE c.state IN ('new', 'working') AND c.due_at < ?
                   AND NOT EXISTS (SELECT 1 FROM capture h WHERE h.source = c.source AND h.state = 'held')) AS waiting,
               (SELECT count(*) FROM capture WHERE state = 'dead') AS dead,
               (SELECT count(*) FROM alarm WHERE seen_at IS NULL) AS alarms,
               (SELECT count(*) FROM mail WHERE state = 'unknown') AS mails
        """,
        late,
    )
    held = await fetch(
        "SELECT id, source FROM capture WHERE state = 'held' AND fetched_at < ? ORDER BY id", micros(now - HELD)
    )
    return Work(
        now=now, destinations=await _destinations(store, late), sources=await _sources(store), waiting=ones["waiting"],
        dead=ones["dead"], held=[(row["id"], row["source"]) for row in held], alarms=ones["alarms"],
        mails=ones["mails"],
    )  # fmt: skip


async def _destinations(store: Store, late: int) -> list[DestinationSeen]:
    behind = await store.fetch(
        "SELECT destination AS name, sum(CASE WHEN state = 'parked' THEN 1 ELSE 0 END) AS parked,"
        " sum(CASE WHEN state <> 'parked' AND wanted_at < ? THEN 1 ELSE 0 END) AS late FROM delivery"
        " WHERE state IN ('ready', 'sending', 'parked') GROUP BY destination",
        late,
    )
    counts = {row["name"]: row for row in behind}
    ends = {
        row["destination"]: datetime.fromisoformat(row["value"])
        for row in await store.fetch(
            "SELECT destination, value FROM memory WHERE key = 'token_ends' AND secret = 0 AND value IS NOT NULL"
        )
    }
    rows = await store.fetch(
        f"SELECT name, state, fault_sentence, CASE WHEN {WAITS} THEN 1 ELSE 0 END AS restored FROM destination"
        " WHERE state <> 'removed' ORDER BY name"
    )
    found = list[DestinationSeen]()
    for row in rows:
        name, count = row["name"], counts.get(row["name"])
        goes = row["state"] == "active" and not row["restored"]  # else it is late for the reason that is told
        found.append(
            DestinationSeen(
                name=name, state=row["state"], restored=bool(row["restored"]), fault=row["fault_sentence"],
                access_ends=ends.get(name), late=int(count["late"]) if count and goes else 0,
                parked=int(count["parked"]) if count else 0,
            )
        )  # fmt: skip
    return found


async def _sources(store: Store) -> list[SourceSeen]:
    read = (
        "FROM capture c WHERE c.source = s.name AND c.about = '' AND c.released >= 0"
        " AND c.state IN ('done', 'rejected')"
    )
    rows = await store.fetch(
        "SELECT s.name, s.state, s.fault_sentence, s.polled_at, s.answered_at, s.due_at,"
        f" (SELECT c.state {read} ORDER BY c.id DESC LIMIT 1) AS became,"
        f" (SELECT c.counts {read} ORDER BY c.id DESC LIMIT 1) AS counts"
        " FROM source s WHERE s.state <> 'removed' ORDER BY s.name"
    )
    return [
        SourceSeen(
            name=row["name"], state=row["state"], fault=row["fault_sentence"], polled=row["polled_at"] is not None,
            answered=row["answered_at"] is not None, due_at=maybe_moment(row["due_at"]),
            rejects_all=_rejects_all(row["became"], row["counts"]),
        )
        for row in rows
    ]  # fmt: skip


def _rejects_all(became: str | None, counts: str | None) -> bool:
    """Whether nothing of the newest capture that was read became an item."""
    if became == "rejected":
        return True
    said = orjson.loads(counts or "{}")
    return said.get("rejected", 0) > 0 and not any(n for what, n in said.items() if what != "rejected")


async def people(store: Store, *, two_factor_for: Iterable[Role], cipher: Cipher, key: bool) -> People:
    """Who can come in, and whether the key opens what is kept encrypted."""
    wanted = {str(role) for role in two_factor_for}
    rows = await store.fetch(
        "SELECT a.login, a.password_hash, a.totp_secret, g.role, g.member FROM account a"
        " JOIN account_grant g ON g.account = a.id WHERE a.state = 'active' ORDER BY a.login"
    )
    kept = await store.fetch("SELECT destination AS name, value FROM memory WHERE secret = 1 AND value IS NOT NULL")
    kept += await store.fetch("SELECT login AS name, totp_secret AS value FROM account WHERE totp_secret <> ''")
    return People(
        administrators=sum(row["role"] == Role.ADMINISTRATOR and not row["member"] for row in rows),
        # Whoever has no password comes in by the province's single sign-on, which asks for a second factor itself.
        without_factor=sorted(
            {row["login"] for row in rows if row["role"] in wanted and row["password_hash"] and not row["totp_secret"]}
        ),
        factor_wanted=any(row["role"] in wanted and row["password_hash"] for row in rows), key=key,
        encrypted=len(kept), unopened=_unopened(kept[-VALUES:], cipher) if key else "",
    )  # fmt: skip


def _unopened(kept: Iterable[Row], cipher: Cipher) -> str:
    for row in kept:
        try:
            cipher.decrypt(row["value"])
        except ConfigError:
            return str(row["name"])
    return ""


async def kept_files(store: Store, most: int) -> list[str]:
    """Checksums of files that have to be in the store of files, the newest ones."""
    rows = await store.fetch("SELECT sha256 FROM file WHERE sha256 <> '' ORDER BY id DESC LIMIT ?", most)
    return sorted({row["sha256"] for row in rows})
