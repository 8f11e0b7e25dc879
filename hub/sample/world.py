"""The world behind the member sites: stories appear, are corrected and are withdrawn while the clock runs.

    clock ─▶ catch_up: one event every `pace` seconds ─▶ window(feed): what the site shows now
                                                            │ a site serves it
                                                            ▼
                                      note_served ─▶ truth(): everything a source has ever said

Same seed, same clock, same world. What happened is kept in a small state file, so that a restart goes on where it was.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from random import Random

from hub.sample.prose import compose, revise
from hub.sample.province import Feed, Province
from hub.sample.story import STORIES, Story
from schemas.item import Kind

HANOI = timezone(timedelta(hours=7), "ICT")  # no daylight saving
#: Longest run of events that is caught up at once; a longer gap (a laptop asleep) is skipped.
LONGEST_GAP = 2_000
#: Tombstones that a feed goes on showing.
TOMBSTONES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A story that its member withdrew."""

    story: Story
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a feed shows at one moment: its newest stories, newest first, and what it withdrew."""

    feed: Feed
    stories: tuple[Story, ...]
    gone: tuple[Gone, ...]
    changed: datetime  #: when anything in it last changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One line of the ledger: what a source has said about one story, as far as anybody was told."""

    source: str
    guid: str  #: as it stood in the feed; empty where the site gives none
    url: str  #: absolute address of the article
    title: str  #: as last served
    revision: int  #: how many different versions were served; a shown withdrawal counts too
    withdrawn: bool  #: a tombstone was served


@dataclass(slots=True, kw_only=True)
class _Slot:
    """The life of one story as the state file keeps it; its text follows from the seed."""

    published: datetime
    updated: datetime
    version: int = 1
    gone: datetime | None = None


@dataclass(slots=True)
class _FeedLife:
    size: int  #: stories in the window
    slots: list[_Slot] = field(default_factory=list)


class World:
    """Everything the member sites show, as a function of a seed and a clock."""

    def __init__(
        self,
        province: Province,
        *,
        seed: int,
        clock: Callable[[], datetime],
        pace: float = 3.0,
        tombstone_feeds: Iterable[str] = (),
        state: Path | None = None,
    ) -> None:
        """`pace` is seconds between two events; `tombstone_feeds` names the feeds that say what they withdraw."""
        self.province = province
        self._seed = seed
        self._clock = clock
        self._pace = timedelta(seconds=pace)
        self._tombstones = frozenset(tombstone_feeds)
        self._state = state
        self._well = tuple(feed for feed in province.feeds if not feed.member.sick)
        self._feeds = {feed.serial: feed for feed in province.feeds}
        self._turn = 0
        self._next = clock() + self._pace
        self._lives: dict[str, _FeedLife] = {}
        self._ledger: dict[tuple[str, int], tuple[int, Served]] = {}
        self._story = lru_cache(maxsize=4_096)(self._tell)
        if state is None or not state.exists() or not self._load(state):
            self._begin(clock().astimezone(HANOI))

    # ------------------------------------------------------------------------------------------- what is seen

    @property
    def now(self) -> datetime:
        """The time there, as its clocks on the wall show it."""
        return self._clock().astimezone(HANOI)

    def window(self, feed: Feed) -> Window:
        """What `feed` shows now."""
        self.catch_up()
        life = self._lives[feed.name]
        alive = [n for n, slot in enumerate(life.slots) if slot.gone is None][-life.size :]
        stories = tuple(self._current(feed, number) for number in reversed(alive))
        gone: tuple[Gone, ...] = ()
        if feed.name in self._tombstones:
            marks = [(slot.gone, n) for n, slot in enumerate(life.slots) if slot.gone is not None]
            marks.sort(reverse=True)
            gone = tuple(Gone(story=self._current(feed, n), at=at) for at, n in marks[:TOMBSTONES_SHOWN])
        changed = max([story.updated for story in stories] + [mark.at for mark in gone])
        return Window(feed=feed, stories=stories, gone=gone, changed=changed)

    def archive(self, feed: Feed) -> tuple[Story, ...]:
        """Everything under this heading that was not withdrawn, newest first: what list pages show."""
        self.catch_up()
        slots = self._lives[feed.name].slots
        return tuple(self._current(feed, n) for n in reversed(range(len(slots))) if slots[n].gone is None)

    def find(self, story_id: int) -> Story | Gone | None:
        """The story with this number as it is now, or that it is gone, or None."""
        self.catch_up()
        feed, number = self._feeds.get(story_id // STORIES), story_id % STORIES
        if feed is None or number >= len(self._lives[feed.name].slots):
            return None
        story, gone = self._current(feed, number), self._lives[feed.name].slots[number].gone
        return story if gone is None else Gone(story=story, at=gone)

    # --------------------------------------------------------------------------------------------- what happens

    def catch_up(self) -> None:
        """Let happen what the clock says has happened by now."""
        now = self._clock()
        if now - self._next > LONGEST_GAP * self._pace:
            self._next = now
        while self._next <= now:
            self._live(self._next.astimezone(HANOI))
            self._next += self._pace

    def _live(self, at: datetime) -> None:
        """One event: a story appears (3 in 5), is corrected (3 in 10) or is withdrawn (1 in 10)."""
        self._turn += 1
        rng = Random(f"{self._seed}/turn/{self._turn}")
        lot, feed = rng.random(), rng.choice(self._well)
        if 0.9 <= lot < 0.97 and self._tombstones:  # most withdrawals happen where a feed can say so
            feed = rng.choice([candidate for candidate in self._well if candidate.name in self._tombstones])
        life = self._lives[feed.name]
        shown = [slot for slot in life.slots if slot.gone is None][-life.size :]
        if lot < 0.6 or len(shown) < 6:
            life.slots.append(_Slot(published=at, updated=at))
        elif lot < 0.9:
            slot = rng.choice(shown[-4:])  # what is wrong is mostly found soon
            slot.version, slot.updated = slot.version + 1, at
        else:
            rng.choice(shown[:-2]).gone = at

    def _begin(self, now: datetime) -> None:
        """The first morning: every feed has a window of stories from its past."""
        for feed in self.province.feeds:
            rng = Random(f"{self._seed}/{feed.name}")
            life = _FeedLife(size=rng.randint(12, 20))
            cadence = timedelta(hours=rng.uniform(3, 40))
            for back in range(life.size, 0, -1):
                moment = _office_hours(now - cadence * back * rng.uniform(0.97, 1.0), rng)
                life.slots.append(_Slot(published=moment, updated=moment))
            life.slots.sort(key=lambda slot: slot.published)
            self._lives[feed.name] = life

    # ------------------------------------------------------------------------------------------------- telling

    def _current(self, feed: Feed, number: int) -> Story:
        slot = self._lives[feed.name].slots[number]
        return self._story(feed, number, slot.version, slot.published, slot.updated)

    def _tell(self, feed: Feed, number: int, version: int, published: datetime, updated: datetime) -> Story:
        rng = Random(f"{self._seed}/{feed.name}/{number}")
        draft = compose(rng, self.province, feed.member, feed.kind, published.date())
        pictured = feed.kind is Kind.NEWS and rng.random() < 0.6
        for edit in range(2, version + 1):
            editor = Random(f"{self._seed}/{feed.name}/{number}/{edit}")
            draft = revise(editor, draft, f"{updated:%H:%M ngày %d/%m/%Y}" if edit == version else f"lần {edit - 1}")
        return Story(
            feed=feed,
            number=number,
            version=version,
            published=published,
            updated=updated,
            draft=draft,
            pictured=pictured,
        )

    # ------------------------------------------------------------------------------------------------- the ledger

    def note_served(self, window: Window, address: Callable[[Story], tuple[str, str]]) -> None:
        """Enter what was just served in full; `address` gives the guid and the url of a story on its site."""
        for story in window.stories:
            self._enter(story, story.version, address, withdrawn=False)
        for gone in window.gone:
            key = (window.feed.name, gone.story.number)
            if key in self._ledger:  # a tombstone for something never shown withdraws nothing
                self._enter(gone.story, -1, address, withdrawn=True)

    def _enter(
        self, story: Story, version: int, address: Callable[[Story], tuple[str, str]], *, withdrawn: bool
    ) -> None:
        key = (story.feed.name, story.number)
        seen, line = self._ledger.get(key, (0, None))
        if seen == version and line is not None:
            return
        guid, url = address(story)
        self._ledger[key] = (
            version,
            Served(
                source=story.feed.name,
                guid=guid,
                url=url,
                title=line.title if withdrawn and line is not None else story.draft.title,
                revision=1 if line is None else line.revision + 1,
                withdrawn=withdrawn,
            ),
        )

    def truth(self) -> tuple[Served, ...]:
        """What each source has ever served, in order of source and number."""
        return tuple(line for _, (_, line) in sorted(self._ledger.items(), key=lambda entry: entry[0]))

    # ------------------------------------------------------------------------------------------------- the state

    def save(self) -> None:
        """Write the state file, if there is one; a kill between two saves forgets only what happened since."""
        if self._state is None:
            return
        lives = {
            name: {
                "size": life.size,
                "slots": [
                    [
                        slot.published.isoformat(),
                        slot.updated.isoformat(),
                        slot.version,
                        slot.gone.isoformat() if slot.gone else "",
                    ]
                    for slot in life.slots
                ],
            }
            for name, life in self._lives.items()
        }
        ledger = [
            [name, number, version, line.guid, line.url, line.title, line.revision, line.withdrawn]
            for (name, number), (version, line) in self._ledger.items()
        ]
        data = {"seed": self._seed, "turn": self._turn, "feeds": lives, "ledger": ledger}
        self._state.parent.mkdir(parents=True, exist_ok=True)
        draft = self._state.with_suffix(".new")
        draft.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        draft.replace(self._state)

    def _load(self, path: Path) -> bool:
        """Take up the state; False when it belongs to another seed or another roster."""
        data = json.loads(path.read_text("utf-8"))
        if data["seed"] != self._seed or set(data["feeds"]) != {feed.name for feed in self.province.feeds}:
            return False
        self._turn = data["turn"]
        moment = datetime.fromisoformat
        for name, life in data["feeds"].items():
            slots = [
                _Slot(
                    published=moment(published),
                    updated=moment(updated),
                    version=version,
                    gone=moment(gone) if gone else None,
                )
                for published, updated, version, gone in life["slots"]
            ]
            self._lives[name] = _FeedLife(size=life["size"], slots=slots)
        for name, number, version, guid, url, title, revision, withdrawn in data["ledger"]:
            line = Served(source=name, guid=guid, url=url, title=title, revision=revision, withdrawn=withdrawn)
            self._ledger[name, number] = (version, line)
        return True


def _office_hours(moment: datetime, rng: Random) -> datetime:
    """Much the same time, but between 7:30 and 16:59 and never later than asked."""
    if moment.hour < 8:
        moment -= timedelta(days=1)
        return moment.replace(hour=rng.randint(13, 16), minute=rng.randint(0, 59), second=0, microsecond=0)
    if moment.hour >= 17:
        return moment.replace(hour=rng.randint(8, 16), minute=rng.randint(0, 59), second=0, microsecond=0)
    return moment.replace(minute=rng.randint(0, moment.minute), second=0, microsecond=0)
