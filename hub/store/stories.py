"""Copies find their origin: `tally.story` of everything public, without comparing all with all.

A row whose story is empty was not compared yet. It is compared with what was published within ten days and has the
rarest of its facts; whatever is alike belongs together, across any number of members, and is named after
the one who told it first. A row that changes leaves its story, and whoever was in it is compared again: so the outcome
does not depend on the order in which things came, and counting again gives the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.rules.stories import NAMELESS, WITHIN, Likeness, Told, alike, origin
from hub.store.database import Row, Transaction, marks
from hub.store.unit import Store, Unit

#: Rows that are compared in one transaction.
BATCH: Final = 2_000
_WITHIN_DAYS: Final = WITHIN.days
_COLUMNS: Final = "content_id, source, member, day, coalesce(published, first_seen) AS at, first_seen, story, likeness"


async def wanting(store: Store) -> bool:
    """Whether anything public was not compared yet."""
    return bool(await store.fetch("SELECT 1 AS one FROM tally WHERE story = '' LIMIT 1"))


async def dissolved(tx: Transaction, content_ids: Sequence[str]) -> None:
    """These change or go: whoever is in a story with them is compared again."""
    chosen = marks(len(content_ids))
    await tx.execute(
        "UPDATE tally SET story = '' WHERE story IN"
        f" (SELECT story FROM tally WHERE content_id IN ({chosen}) AND story <> '')",
        *content_ids,
    )


async def told(unit: Unit, limit: int = BATCH) -> int:
    """Give up to `limit` rows that were not compared their story. Returns how many they were."""
    first = await unit.tx.fetch("SELECT min(day) AS day FROM tally WHERE story = ''")
    if first[0]["day"] is None:
        return 0
    fresh = await unit.tx.fetch(
        "SELECT content_id, day FROM tally WHERE story = '' AND day <= ? ORDER BY day, content_id LIMIT ?",
        first[0]["day"] + _WITHIN_DAYS, limit,
    )  # fmt: skip
    rows = await unit.tx.fetch(
        f"SELECT {_COLUMNS} FROM tally WHERE state = 'public' AND likeness IS NOT NULL AND day >= ? AND day <= ?",
        fresh[0]["day"] - _WITHIN_DAYS, fresh[-1]["day"] + _WITHIN_DAYS,
    )  # fmt: skip
    texts = {row["content_id"]: _Text.of(row) for row in rows}
    wanted = [row["content_id"] for row in fresh]
    together = _Together()
    for one, other in _pairs(wanted, texts):
        together.join(one, other)
    for text in texts.values():
        if text.story:
            together.join(text.content_id, text.story)
    await _name(unit.tx, wanted, texts, together)
    return len(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A row with what is known of its text."""

    content_id: str
    source: str
    member: str
    day: int
    at: int
    first_seen: int
    story: str
    likeness: Likeness

    @classmethod
    def of(cls, row: Row) -> "_Text":
        return cls(**{**row, "likeness": Likeness.from_bytes(bytes(row["likeness"]))})

    def told(self) -> Told:
        return Told(
            content_id=self.content_id, member=self.member, at=self.at, first_seen=self.first_seen,
            credit=self.likeness.credit,
        )  # fmt: skip


def _pairs(wanted: Sequence[str], texts: Mapping[str, _Text]) -> Iterator[tuple[str, str]]:
    """Those of `wanted` with everything that tells the same.

    Every fact of the shorter of two copies stands in the longer one, so both have the rarest of its facts: what shares
    only the words of a form is not even looked at.
    """
    by_fact, by_name = defaultdict[int, list[str]](list), defaultdict[bytes, list[str]](list)
    for content_id, text in texts.items():
        for fact in text.likeness.facts:
            by_fact[fact].append(content_id)
        if text.likeness.name != NAMELESS:
            by_name[text.likeness.name].append(content_id)
    rarest = {
        content_id: min(text.likeness.keys, key=lambda fact: (len(by_fact[fact]), fact), default=-1)
        for content_id, text in texts.items()
    }
    by_rarest = defaultdict[int, list[str]](list)
    for content_id, fact in rarest.items():
        by_rarest[fact].append(content_id)
    asked = set[str]()
    for content_id in wanted:
        if content_id not in texts:
            continue
        asked.add(content_id)
        text = texts[content_id]
        found = {*by_fact.get(rarest[content_id], ()), *by_name.get(text.likeness.name, ())}
        for fact in text.likeness.facts:
            found.update(by_rarest.get(fact, ()))
        for other in found - asked:  # whoever is alike finds the other, whichever is asked first
            if _may_be_copies(text, texts[other]) and alike(text.likeness, texts[other].likeness):
                yield content_id, other


def _may_be_copies(one: _Text, other: _Text) -> bool:
    return one.source != other.source and abs(one.day - other.day) <= _WITHIN_DAYS


class _Together:
    """What belongs together, as it becomes known pair by pair."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        one, other = self.head(one), self.head(other)
        if one != other:
            self._above[max(one, other)] = min(one, other)

    def head(self, one: str) -> str:
        while (above := self._above.get(one, one)) != one:
            one = above
        return one


async def _name(tx: Transaction, wanted: Sequence[str], texts: Mapping[str, _Text], together: _Together) -> None:
    """Name the stories of `wanted` after their origins, with everybody in them, also from before the window."""
    heads = {together.head(content_id) for content_id in wanted}
    members: dict[str, list[_Text]] = defaultdict(list)
    touched: dict[str, str] = {}
    for content_id, text in texts.items():
        if (head := together.head(content_id)) in heads:
            members[head].append(text)
            if text.story:
                touched[text.story] = head
    for text in await _of_stories(tx, list(touched)):
        if text.content_id not in texts:
            members[touched[text.story]].append(text)
    named = list[tuple[str, str]]()
    for group in members.values():
        story = origin([text.told() for text in group])
        named += [(story, text.content_id) for text in group if text.story != story]
    named += [(content_id, content_id) for content_id in wanted if content_id not in texts]
    await tx.execute_many("UPDATE tally SET story = ? WHERE content_id = ?", sorted(named, key=lambda one: one[1]))


async def _of_stories(tx: Transaction, stories: Sequence[str]) -> list[_Text]:
    found = list[_Text]()
    for start in range(0, len(stories), 500):
        part = stories[start : start + 500]
        rows = await tx.fetch(
            f"SELECT {_COLUMNS} FROM tally WHERE likeness IS NOT NULL AND story IN ({marks(len(part))})", *part
        )
        found += map(_Text.of, rows)
    return found
