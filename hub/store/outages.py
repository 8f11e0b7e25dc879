"""When a source could not be read, or was not asked: rows of `outage`, out of the account of what happened.

    source_failing ──> fault ──source_recovered──> ended          source_blocked ──> blocked ┐
                         └──source_blocked──> blocked             source_paused  ──> paused  ├─source_active,
    a source has one open outage at most: whoever ends or        source_removed ──> removed ┘ source_added,
    replaces it says when                                                                      source_returned──> ended

A source that was never asked has none: there was nothing that could have been read.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from hub.store.database import Row, marks
from hub.store.unit import Unit

#: `outage.why` that each event begins.
_BEGINS: Final[Mapping[str, str]] = {
    "source_failing": "fault",
    "source_blocked": "blocked",
    "source_paused": "paused",
    "source_removed": "removed",
}
#: These end whatever stands: the source is asked from now on.
_ENDS: Final = frozenset({"source_active", "source_added", "source_returned"})
_RECOVERED: Final = "source_recovered"
#: What each one takes the place of: a person's word is not replaced by what a poll under way still finds.
_REPLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "fault": ("",),
    "blocked": ("", "fault"),
    "paused": ("", "fault", "blocked"),
    "removed": ("", "fault", "blocked", "paused"),
}
#: What a clerk reads of outages that are no fault of anybody's.
_SENTENCES: Final[Mapping[str, str]] = {
    "paused": "Nguồn tạm dừng theo quyết định của người vận hành nên hệ thống không thu tin.",
    "removed": "Nguồn đã được bỏ khỏi hệ thống nên không còn được thu tin.",
}


async def followed(unit: Unit, events: Sequence[Row]) -> None:
    """Open and close outages as these events say, in their order."""
    told = [row for row in events if row["what"] in _BEGINS or row["what"] in _ENDS or row["what"] == _RECOVERED]
    if not told:
        return
    sources = sorted({row["source"] for row in told})
    standing = {
        row["source"]: row["why"]
        for row in await unit.tx.fetch(
            f"SELECT source, why FROM outage WHERE until IS NULL AND source IN ({marks(len(sources))})", *sources
        )
    }
    for event in told:
        source, what, why = event["source"], event["what"], standing.get(event["source"], "")
        begins = _BEGINS.get(what, "")
        if what in _ENDS or (what == _RECOVERED and why == "fault"):
            await _end(unit, event)
            standing.pop(source, None)
        elif begins and begins == why:
            await _again(unit, event)
        elif begins and why in _REPLACES[begins]:
            await _end(unit, event)
            await _begin(unit, event, begins)
            standing[source] = begins


async def emptied(unit: Unit) -> None:
    """Begin anew: the account is read from its first event."""
    await unit.tx.execute("DELETE FROM outage")


async def _begin(unit: Unit, event: Row, why: str) -> None:
    said = orjson.loads(event["why"])
    await unit.tx.execute(
        "INSERT INTO outage (source, since, why, code, side, sentence) VALUES (?, ?, ?, ?, ?, ?)",
        event["source"], event["at"], why, *_of(said, why),
    )  # fmt: skip


async def _again(unit: Unit, event: Row) -> None:
    """It stands already: what it is called is what was found last."""
    said = orjson.loads(event["why"])
    if "code" in said:
        await unit.tx.execute(
            "UPDATE outage SET code = ?, side = ?, sentence = ? WHERE source = ? AND until IS NULL",
            *_of(said, ""), event["source"],
        )  # fmt: skip


async def _end(unit: Unit, event: Row) -> None:
    await unit.tx.execute(
        "UPDATE outage SET until = ? WHERE source = ? AND until IS NULL", event["at"], event["source"]
    )


def _of(said: Mapping[str, Any], why: str) -> tuple[str, str, str]:
    """Code, side and sentence of an outage."""
    if why in _SENTENCES:
        return "", "person", _SENTENCES[why]
    return said.get("code", ""), said.get("side", ""), said.get("sentence", "")
