"""How a destination is, as all hosts see it: well, left alone for a while, told us to wait, or refusing us.

Any success ends a pause of ours; a wait that the destination named stands. Its work keeps its place meanwhile.
"""

from datetime import datetime, timedelta

from connectors.errors import ThrottledError
from hub.store.instants import micros, moment
from hub.store.unit import Store, Unit

#: outcomes in a row that were unknown or not-now before a destination is left alone for a while
BREAKER_AFTER = 5
#: the longest pause ends soon enough for a destination that is well again to be up to date within five minutes
BREAKER_FIRST, BREAKER_LONGEST = timedelta(seconds=30), timedelta(minutes=4)
#: within this time what failed at a destination is tried again, once something succeeded there
SOON = timedelta(minutes=1)
#: the destination itself named the time: no success and no failure of another call changes that
_TOLD = "fault_code = ? AND coalesce(open_until, 0) > ?"


async def answered(unit: Unit, name: str) -> None:
    """It answered, which ends a pause of ours, whichever call showed it. A wait that we were told stands.

    Rows whose own patience grew long while it was away come back within SOON, not after a quarter of an hour.
    """
    recovered = await unit.tx.execute(
        "UPDATE destination SET failures = 0, open_until = NULL, fault_code = '', fault_sentence = '',"
        f" fault_since = NULL WHERE name = ? AND state = 'active' AND NOT ({_TOLD})"
        " AND (failures > 0 OR fault_code <> '' OR open_until IS NOT NULL)",
        name, ThrottledError.code, unit.at,
    )  # fmt: skip
    if recovered:
        soon = micros(unit.now + SOON)
        await unit.tx.execute(
            "UPDATE delivery SET due_at = ? WHERE destination = ? AND due_at > ? AND state = 'ready'"
            " AND state IN ('ready', 'sending')"  # said again: it names the partial index
            " AND error_code NOT IN ('', 'settling', ?)",
            soon, name, soon, ThrottledError.code,
        )  # fmt: skip


async def wait_until(unit: Unit, name: str, *, until: datetime, code: str, sentence: str) -> None:
    """The whole destination waits until then: it told us to, or the breaker opened. Its work keeps its place."""
    await unit.tx.execute(
        "UPDATE destination SET open_until = CASE WHEN coalesce(open_until, 0) > ? THEN open_until ELSE ? END,"
        " fault_code = ?, fault_sentence = ?, fault_since = coalesce(fault_since, ?) WHERE name = ?",
        micros(until), micros(until), code, sentence, unit.at, name,
    )  # fmt: skip


async def told_until(store: Store, name: str) -> datetime | None:
    """Until when the destination asked to be left alone; None: it did not, or that is over."""
    rows = await store.fetch(
        f"SELECT open_until FROM destination WHERE name = ? AND {_TOLD}", name, ThrottledError.code, micros(store.now())
    )  # fmt: skip
    return moment(rows[0]["open_until"]) if rows else None


async def count_failure(unit: Unit, name: str, *, code: str, sentence: str) -> None:
    """An unknown or not-now outcome; enough of them in a row open the breaker, longer each time.

    What was under way when a pause began makes it no longer: it tells nothing that the pause does not know.
    """
    [row] = await unit.tx.fetch(
        "UPDATE destination SET failures = failures + CASE WHEN coalesce(open_until, 0) > ? THEN 0 ELSE 1 END,"
        f" fault_code = CASE WHEN {_TOLD} THEN fault_code ELSE ? END,"
        f" fault_sentence = CASE WHEN {_TOLD} THEN fault_sentence ELSE ? END,"
        " fault_since = coalesce(fault_since, ?) WHERE name = ? RETURNING failures, open_until",
        unit.at, ThrottledError.code, unit.at, code, ThrottledError.code, unit.at, sentence, unit.at, name,
    )  # fmt: skip
    over = row["failures"] - BREAKER_AFTER
    if over >= 0 and (row["open_until"] or 0) <= unit.at:
        pause = min(BREAKER_FIRST * 2 ** min(over, 10), BREAKER_LONGEST)
        await wait_until(unit, name, until=unit.now + pause, code=code, sentence=sentence)
        if over == 0:
            unit.tell("destination_failing", destination=name, why={"code": code})


async def block(unit: Unit, name: str, *, code: str, sentence: str) -> None:
    """The destination refuses us: pause it once, with an alarm; its work waits."""
    changed = await unit.tx.execute(
        "UPDATE destination SET state = 'blocked', fault_code = ?, fault_sentence = ?, fault_since = ?"
        " WHERE name = ? AND state = 'active'",
        code, sentence, unit.at, name,
    )  # fmt: skip
    if changed:
        unit.tell("destination_blocked", destination=name, why={"code": code})
