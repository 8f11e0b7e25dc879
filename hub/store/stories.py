"""Copies find their origin: `tally.story` of everything public, without comparing all with all.

A row whose story is empty was not compared yet. It is compared with what was published within ten days and has the two
rarest of its facts; whatever is alike belongs together, across any number of members, and is named after
the one who told it first. A row that changes leaves its story, and whoever was in it is compared again: so the outcome
does not depend on the order in which things came, and counting again gives the same.
"""

import asyncio
import time
from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from heapq import nsmallest
from operator import or_
from typing import Final

from hub.rules.stories import KEYS, NAMELESS, SHORT_FACTS, WITHIN, Likeness, Told, alike, origin
from hub.store.database import Transaction, marks
from hub.store.unit import Store, Unit

#: Rows that are compared at once.
BATCH: Final = 5_000
#: Seconds for which the interpreter's lock is given away after each text, which takes a millisecond: who polls
#: meanwhile would wait five for it. Long enough for another thread to wake up.
_BREATH: Final = 0.0002
_WITHIN_DAYS: Final = WITHIN.days


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Rows that had no story, and who tells the same as they do, as it was when they were read."""

    wanted: Sequence[str]
    texts: "_Texts"
    together: "_Together"


async def compared(store: Store, limit: int = BATCH) -> Compared | None:
    """Compare up to `limit` rows that were not compared yet; None when there are none. Nothing is written.

    In a large hub it takes seconds, in a thread; whoever writes meanwhile waits for nothing.
    """
    first = await store.fetch("SELECT min(day) AS day FROM tally WHERE story = ''")
    if first[0]["day"] is None:
        return None
    fresh = await store.fetch(
        "SELECT content_id, day FROM tally WHERE story = '' AND day <= ? ORDER BY day, content_id LIMIT ?",
        first[0]["day"] + _WITHIN_DAYS, limit,
    )  # fmt: skip
    if not fresh:  # somebody else has named them just now
        return None
    texts, wanted = _Texts(), [row["content_id"] for row in fresh]
    for day in range(fresh[0]["day"] - _WITHIN_DAYS, fresh[-1]["day"] + _WITHIN_DAYS + 1):
        # A day at a time, for who reads meanwhile; a row that moves from day to day is noticed by `named`.
        await store.database.each(
            "SELECT content_id, source, day, story, likeness FROM tally"
            " WHERE state = 'public' AND likeness IS NOT NULL AND day = ?", day, take=texts.add,
        )  # fmt: skip
    together = _Together()
    for one, other in await asyncio.to_thread(_pairs, wanted, texts):
        together.join(texts.ids[one], texts.ids[other])
    for content_id, story in zip(texts.ids, texts.stories, strict=True):
        if story:
            together.join(content_id, story)
    return Compared(wanted=wanted, texts=texts, together=together)


async def named(unit: Unit, compared: Compared) -> bool:
    """Give rows that were compared their story. False when one of them, or of those who tell the same, has changed
    since it was read: then nothing is written, and they are compared again.

    Who was not there yet, or has changed among the others, has no story and will be compared with these.
    """
    return await _name(unit.tx, compared.wanted, compared.texts, compared.together)


class _Texts:
    """What is public within some days, in columns, for there may be 100,000; each goes by its place in them.

    Two bits tell most texts apart before they are unpacked: of 64, those that the keys of a text have, and those that
    none of its facts has. Where the two meet, a key of the one does not stand in the other.
    """

    def __init__(self) -> None:
        self.ids = list[str]()
        self.stories = list[str]()  #: empty: not compared yet
        self.keys, self.lacks = array("Q"), array("Q")
        self._days, self._sources = array("i"), array("I")
        self._numbers = dict[str, int]()  #: of the sources
        self._kept, self._ends = bytearray(), array("Q", [0])  #: likenesses, one behind the other

    def add(self, content_id: str, source: str, day: int, story: str, kept: bytes) -> None:
        """One more; to be called in any thread, one at a time."""
        facts = Likeness.glance(kept)[1]
        bits = [1 << (fact & 63) for fact in facts]
        self.ids.append(content_id)
        self.stories.append(content_id if story == content_id else story)
        self.keys.append(reduce(or_, bits[:KEYS], 0))
        self.lacks.append(~reduce(or_, bits, 0) & _ALL_BITS)
        self._days.append(day)
        self._sources.append(self._numbers.setdefault(source, len(self._numbers)))
        self._kept += kept
        self._ends.append(len(self._kept))

    def kept(self, place: int) -> bytes:
        return bytes(self._kept[self._ends[place] : self._ends[place + 1]])

    def likeness(self, place: int) -> Likeness:
        return Likeness.from_bytes(self.kept(place))

    def are_still(self, looked_at: Collection[str], now: "Mapping[str, _Text]") -> bool:
        """Whether these are as they were when they were read, or as silent."""
        found = {content_id: place for place, content_id in enumerate(self.ids) if content_id in looked_at}
        return found.keys() == now.keys() and all(
            (text.story, text.day, text.likeness) == (self.stories[place], self._days[place], self.kept(place))
            for content_id, place in found.items()
            for text in (now[content_id],)
        )

    def may_be_copies(self, one: int, other: int) -> bool:
        return (
            self._sources[one] != self._sources[other]
            and abs(self._days[one] - self._days[other]) <= _WITHIN_DAYS
        )  # fmt: skip


_ALL_BITS: Final = (1 << 64) - 1


def _pairs(wanted: Sequence[str], texts: _Texts) -> list[tuple[int, int]]:
    """Those of `wanted` with everything that tells the same, by their places."""
    chosen = set(wanted)
    places = [place for place, content_id in enumerate(texts.ids) if content_id in chosen]
    known = _Known.of(texts, places)
    asked, found = bytearray(len(texts.ids)), list[tuple[int, int]]()
    for one in places:
        time.sleep(_BREATH)
        # Whoever is alike finds the other, whichever is asked first.
        asked[one] = True
        others = [other for other in known.possible(one) if not asked[other] and texts.may_be_copies(one, other)]
        if others:
            own = texts.likeness(one)
            found += ((one, other) for other in others if alike(own, texts.likeness(other)))
    return found


@dataclass(slots=True)
class _Known:
    """Who may tell the same as whom, by what a copy and its longer text must share.

    Every fact of the shorter of two copies stands in the longer one, so both have the two rarest of its keys: what
    shares only the words of a form is not even looked at. How rare a key is decides about time only, not about who
    is found.
    """

    texts: _Texts
    #: of those who are wanted, their two rarest keys
    rarest: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: everybody by the rarest key, where one who is wanted has it among its facts
    shorter: dict[int, list[int]] = field(default_factory=dict)
    #: who has both keys of somebody who is wanted
    longer: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[bytes, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, texts: _Texts, wanted: Sequence[int]) -> "_Known":
        known, chosen = cls(texts), set(wanted)
        # Counted in a table of fixed size: two keys in one place of it are taken for commoner than they are.
        counts = array("I", bytes(4 * _COUNTED))
        for place in range(len(texts.ids)):
            for key in Likeness.glance(texts.kept(place))[1][:KEYS]:
                counts[key % _COUNTED] += 1
        for place in wanted:
            known.shorter.update((fact, []) for fact in Likeness.glance(texts.kept(place))[1])
        for place in range(len(texts.ids)):
            name, facts = Likeness.glance(texts.kept(place))
            if name != NAMELESS:
                known.by_name[name].append(place)
            if len(facts) < SHORT_FACTS:
                continue  # too few for a copy, and for all facts of one to stand here
            [(_, one), (_, other)] = nsmallest(2, ((counts[key % _COUNTED], key) for key in facts[:KEYS]))
            if one in known.shorter:
                known.shorter[one].append(place)
            if place in chosen:
                known.rarest[place] = one, other
        known._find_longer()
        return known

    def _find_longer(self) -> None:
        others = defaultdict[int, set[int]](set)
        for one, other in self.rarest.values():
            others[one].add(other)
        for place in range(len(self.texts.ids)):
            facts = set(Likeness.glance(self.texts.kept(place))[1])
            for one in facts & others.keys():
                for other in facts & others[one]:
                    self.longer[one, other].append(place)

    def possible(self, place: int) -> set[int]:
        """Who may tell the same as one who is wanted, itself too."""
        name, facts = Likeness.glance(self.texts.kept(place))
        found = set(self.by_name.get(name, ()))
        if place in self.rarest:
            keys, lacks = self.texts.keys, self.texts.lacks
            own_keys, own_lacks = keys[place], lacks[place]
            found.update(other for other in self.longer[self.rarest[place]] if not own_keys & lacks[other])
            for fact in facts:
                found.update(other for other in self.shorter[fact] if not keys[other] & own_lacks)
        return found


#: places of the table in which keys are counted
_COUNTED: Final = 1 << 18


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


async def _name(tx: Transaction, wanted: Sequence[str], texts: _Texts, together: _Together) -> bool:
    """Name the stories of `wanted` after their origins, with everybody in them, also from before the window."""
    heads = {together.head(content_id) for content_id in wanted}
    members: dict[str, list[str]] = defaultdict(list)
    touched: dict[str, str] = {}
    for content_id, story in zip(texts.ids, texts.stories, strict=True):
        if (head := together.head(content_id)) in heads:
            members[head].append(content_id)
            if story:
                touched[story] = head
    groups: dict[str, dict[str, _Text]] = defaultdict(dict)
    several = {head: ids for head, ids in members.items() if len(ids) > 1 or head in touched.values()}
    looked_at = {content_id for ids in several.values() for content_id in ids}.union(wanted)
    now = {text.content_id: text for text in await _fetched(tx, "content_id", sorted(looked_at))}
    if not texts.are_still(looked_at, now):
        return False
    for text in now.values():
        if (head := together.head(text.content_id)) in several:
            groups[head][text.content_id] = text
    for text in await _fetched(tx, "story", list(touched)):
        groups[touched[text.story]].setdefault(text.content_id, text)
    named = [(content_id, content_id) for content_id in wanted if together.head(content_id) not in several]
    for group in groups.values():
        story = origin([text.told() for text in group.values()])
        named += [(story, text.content_id) for text in group.values() if text.story != story]
    await tx.execute_many("UPDATE tally SET story = ? WHERE content_id = ?", sorted(named, key=lambda one: one[1]))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A row as it is now, with what says who was first."""

    content_id: str
    member: str
    day: int
    at: int
    first_seen: int
    story: str
    likeness: bytes

    def told(self) -> Told:
        return Told(
            content_id=self.content_id, member=self.member, at=self.at, first_seen=self.first_seen,
            credit=Likeness.from_bytes(self.likeness).credit,
        )  # fmt: skip


async def _fetched(tx: Transaction, column: str, values: Sequence[str]) -> list[_Text]:
    found = list[_Text]()
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        rows = await tx.fetch(
            "SELECT content_id, member, day, coalesce(published, first_seen) AS at, first_seen, story, likeness"
            f" FROM tally WHERE likeness IS NOT NULL AND {column} IN ({marks(len(part))})",
            *part,
        )
        found += [_Text(**{**row, "likeness": bytes(row["likeness"])}) for row in rows]
    return found
