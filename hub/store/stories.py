"""Copies find their origin: `tally.story` of everything public, without comparing all with all.

A row whose story is empty was not compared yet. It is compared with what was published within ten days and has the two
rarest of its facts; whatever is alike belongs together, across any number of members, and is named after
the one who told it first. A row that changes leaves its story, and whoever was in it is compared again: so the outcome
does not depend on the order in which things came, and counting again gives the same.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from hub.rules.stories import KEYS, NAMELESS, WITHIN, Likeness, Told, alike, origin
from hub.store.database import Row, Transaction, marks
from hub.store.unit import Store, Unit

#: Rows that are compared in one transaction.
BATCH: Final = 5_000
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
    texts = {
        row["content_id"]: _Text.of(row)
        for row in await unit.tx.fetch(
            f"SELECT {_COLUMNS} FROM tally WHERE state = 'public' AND likeness IS NOT NULL AND day >= ? AND day <= ?",
            fresh[0]["day"] - _WITHIN_DAYS, fresh[-1]["day"] + _WITHIN_DAYS,
        )
    }  # fmt: skip
    wanted = [row["content_id"] for row in fresh]
    together = _Together()
    # Beside the loop, for in a large hub it is seconds; what is read here may not change meanwhile.
    for one, other in await asyncio.to_thread(_pairs, wanted, texts):
        together.join(one, other)
    for text in texts.values():
        if text.story:
            together.join(text.content_id, text.story)
    await _name(unit.tx, wanted, texts, together)
    return len(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A row with what is known of its text, as it is kept: unpacked it is ten times as large."""

    content_id: str
    source: str
    member: str
    day: int
    at: int
    first_seen: int
    story: str
    likeness: bytes

    @classmethod
    def of(cls, row: Row) -> "_Text":
        return cls(**{**row, "likeness": bytes(row["likeness"])})

    def told(self) -> Told:
        return Told(
            content_id=self.content_id, member=self.member, at=self.at, first_seen=self.first_seen,
            credit=Likeness.from_bytes(self.likeness).credit,
        )  # fmt: skip


def _pairs(wanted: Sequence[str], texts: Mapping[str, _Text]) -> list[tuple[str, str]]:
    """Those of `wanted` with everything that tells the same."""
    known = _Known.of(texts, [content_id for content_id in wanted if content_id in texts])
    unpacked = lru_cache(maxsize=UNPACKED)(lambda content_id: Likeness.from_bytes(texts[content_id].likeness))
    asked, found = set[str](), list[tuple[str, str]]()
    for content_id in known.rarest:
        asked.add(content_id)
        text, own = texts[content_id], unpacked(content_id)
        # Whoever is alike finds the other, whichever is asked first.
        for other in known.possible(content_id, own) - asked:
            if _may_be_copies(text, texts[other]) and alike(own, unpacked(other)):
                found.append((content_id, other))
    return found


#: Texts that are held unpacked: each takes 7 kB.
UNPACKED: Final = 4_096


@dataclass(slots=True)
class _Known:
    """Who may tell the same as whom, by what a copy and its longer text must share.

    Every fact of the shorter of two copies stands in the longer one, so both have the two rarest of its keys: what
    shares only the words of a form is not even looked at. How rare a key is decides about time only, not about who
    is found.
    """

    #: of those who are wanted, their two rarest keys
    rarest: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: the same of everybody: by the one key, the other with who has them
    shorter: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    #: who has both keys of somebody who is wanted
    longer: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, texts: Mapping[str, _Text], wanted: Iterable[str]) -> "_Known":
        known, chosen = cls(), dict.fromkeys(wanted)
        counts = Counter[int]()
        for text in texts.values():
            counts.update(Likeness.glance(text.likeness)[1][:KEYS])
        for content_id, text in texts.items():
            name, facts = Likeness.glance(text.likeness)
            if name != NAMELESS:
                known.by_name[name].append(content_id)
            keys = sorted(facts[:KEYS], key=counts.__getitem__)[:2]
            if keys:
                known.shorter[keys[0]].append((keys[-1], content_id))
            if content_id in chosen:
                chosen[content_id] = (keys[0], keys[-1]) if keys else _KEYLESS
        known.rarest = {content_id: pair or _KEYLESS for content_id, pair in chosen.items()}
        known._find_longer(texts)
        return known

    def _find_longer(self, texts: Mapping[str, _Text]) -> None:
        others = defaultdict[int, set[int]](set)
        for one, other in self.rarest.values():
            others[one].add(other)
        for content_id, text in texts.items():
            facts = set(Likeness.glance(text.likeness)[1])
            for one in facts & others.keys():
                for other in facts & others[one]:
                    self.longer[one, other].append(content_id)

    def possible(self, content_id: str, likeness: Likeness) -> set[str]:
        """Who may tell the same as one who is wanted, itself too."""
        found = {*self.longer.get(self.rarest[content_id], ()), *self.by_name.get(likeness.name, ())}
        facts = likeness.all_facts
        for one in facts & self.shorter.keys():
            found.update(shorter for other, shorter in self.shorter[one] if other in facts)
        return found


_KEYLESS: Final = (-1, -1)


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
