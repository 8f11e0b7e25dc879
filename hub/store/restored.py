"""After a restore or a copy: nothing is sent before each destination was compared with what the hub believes.

A database that was put back does not know what went out since. The mark is a time in every destination's row:

    restored_at   the hub's knowledge ends somewhere before; claims give nothing while it is not `checked`
    checked_at    a comparison that began later has ended, or a person said that the destination may go on

A restored hub fetches again what it lost, under the same identities. So even afterwards, what existed before the
restore is looked for at places that would show it twice, before it is sent for the first time.

Editions are numbered from where no number can have been given before: a place that keeps the highest one would take a
correction for what it has.

`hub restore` sets the mark, and so does the witness (hub/store/witness.py) where files were copied by hand.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hub.store.unit import Store, Unit

RESTORED: Final = "restored"  #: code of the fault of destinations that wait
SENTENCE: Final = (
    "Dữ liệu vừa được khôi phục hoặc sao chép nên hệ thống không biết nơi nhận này đã nhận những gì từ sau bản sao"
    " lưu. Hãy đối soát (hub reconcile) rồi hệ thống sẽ gửi tiếp; nếu nơi nhận không đối soát được, hãy kiểm tra trang"
    " rồi cho chạy tiếp."
)
#: Under which this condition stands in claims and in status: sending is off.
WAITS: Final = "restored_at IS NOT NULL AND (checked_at IS NULL OR checked_at < restored_at)"


#: Fact of the database: every edition that comes has a higher number.
_NUMBERED_FROM: Final = "revisions_from"
#: SQL of that number; 0 in a hub that was never restored.
NUMBERED_FROM: Final = f"coalesce((SELECT CAST(value AS BIGINT) FROM fact WHERE key = '{_NUMBERED_FROM}'), 0)"
#: The number after a restore counts the minutes since then: whoever restores the same backup twice has edited no item
#: once a minute between.
_FIRST_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def numbered_from(unit: Unit) -> int:
    """Every edition that is written now has a higher number; 0 in a hub that was never restored."""
    rows = await unit.tx.fetch("SELECT value FROM fact WHERE key = ?", _NUMBERED_FROM)
    return int(rows[0]["value"]) if rows else 0


def may_be_known(unit: Unit, floor: int, said: datetime | None) -> bool:
    """Whether readers may have met, before the restore, an item that is new here now; `said`: when it was published.

    Of one without a time nobody knows: it may for a day.
    """
    at = _FIRST_DAY + timedelta(minutes=floor)
    return floor > 0 and (said if said is not None else unit.now - timedelta(days=1)) < at


async def mark_restored(unit: Unit, *, who: str, why: Mapping[str, Any]) -> None:
    """Nothing is sent from now on; mails that may be with their readers already are for a person to decide."""
    await unit.tx.execute(
        "UPDATE destination SET restored_at = ?, checked_at = NULL, fault_code = ?, fault_sentence = ?, fault_since = ?"
        " WHERE state <> 'removed'",
        unit.at, RESTORED, SENTENCE, unit.at,
    )  # fmt: skip
    await unit.tx.execute(
        "UPDATE mail SET state = 'unknown', settled_at = ?, error_code = ?, error_sentence = ?, lease_token = '',"
        " lease_until = NULL WHERE state IN ('ready', 'sending')",
        unit.at, RESTORED, "Thư này có thể đã gửi trước khi dữ liệu được khôi phục. Hãy hỏi người nhận trước khi gửi.",
    )  # fmt: skip
    floor = max(await numbered_from(unit), (unit.now - _FIRST_DAY) // timedelta(minutes=1))
    await unit.tx.execute(
        "INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        _NUMBERED_FROM, str(floor),
    )  # fmt: skip
    # Who is reading a capture took that number with it: he loses his lease, and it is read again.
    await unit.tx.execute(
        "UPDATE capture SET lease_token = '', lease_until = ? WHERE state IN ('new', 'working') AND state = 'working'",
        unit.at,
    )
    unit.tell("restored", who=who, why=why)


async def checked(unit: Unit, destination: str, *, since: int | None = None) -> None:
    """The destination may be sent to again; `since`: only if what was looked at began after the restore."""
    began, args = ("", ()) if since is None else (" AND restored_at <= ?", (since,))
    await unit.tx.execute(
        "UPDATE destination SET checked_at = ?, fault_code = '', fault_sentence = '', fault_since = NULL"
        f" WHERE name = ? AND {WAITS}{began}",
        unit.at, destination, *args,
    )  # fmt: skip


async def waits(store: Store, destination: str) -> bool:
    """Whether nothing is sent to this destination because the database was restored."""
    return bool(await store.fetch(f"SELECT 1 AS one FROM destination WHERE name = ? AND {WAITS}", destination))


async def any_waits(store: Store) -> bool:
    """Whether some destination still waits for its comparison."""
    return bool(await store.fetch(f"SELECT 1 AS one FROM destination WHERE {WAITS} LIMIT 1"))
