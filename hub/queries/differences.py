"""What do a destination and the hub not agree about? The first differences of a place, and how many there are.

The first comparison with a place that the hub never wrote to finds a difference for each item that there is.
"""

from dataclasses import dataclass

from hub.rules.reconciliation import DifferenceKind
from hub.store.differing import KnownDifference, known_difference
from hub.store.states import DifferenceState
from hub.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """The differences of one destination."""

    first: tuple[KnownDifference, ...] = ()  #: by kind and key
    count: int = 0  #: of all
    undecided: tuple[DifferenceKind, ...] = ()  #: kinds of which some wait for a decision


async def differences(store: Store, destination: str, *, limit: int = 100) -> Differences:
    """As the last comparison left them."""
    counted = await store.fetch(
        "SELECT kind, state, count(*) AS n FROM difference WHERE destination = ? GROUP BY kind, state", destination
    )
    undecided = {row["kind"] for row in counted if row["state"] == DifferenceState.OPEN}
    first = list[KnownDifference]()
    for kind in sorted({row["kind"] for row in counted}):  # one after the other: the keys of each stand in an index
        rows = await store.fetch(
            "SELECT * FROM difference WHERE destination = ? AND kind = ? ORDER BY key LIMIT ?",
            destination, kind, limit - len(first),
        )  # fmt: skip
        first += [known_difference(row) for row in rows]
    return Differences(
        first=tuple(first), count=sum(row["n"] for row in counted),
        undecided=tuple(kind for kind in DifferenceKind if kind in undecided),
    )  # fmt: skip
