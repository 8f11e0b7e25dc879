"""What the sample fanpage holds: its posts and the cards of their links, in one SQLite file.

A post is a draft or shown, then gone; what is gone keeps its row, so that the page can tell how often that happened.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS post (
    number INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL, link TEXT NOT NULL,
    created REAL NOT NULL, shown REAL, edited REAL, gone REAL
);
CREATE INDEX IF NOT EXISTS post_shown ON post (shown DESC) WHERE gone IS NULL;
CREATE TABLE IF NOT EXISTS card (link TEXT PRIMARY KEY, title TEXT, summary TEXT, image TEXT, site TEXT);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Counted(StrEnum):
    """What is counted."""

    MADE = "made"  #: readers see it
    EDITED = "edited"
    REMOVED = "removed"
    LOOKED = "looked"  #: the list of posts was asked for
    LOST = "lost"  #: done, and the answer lost
    FAILED = "failed"  #: nothing done, a failure answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How often, since the folder was new."""

    made: int = 0
    edited: int = 0
    removed: int = 0
    looked: int = 0
    lost: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a link shows of the page behind it; empty where that page does not say."""

    title: str
    summary: str
    image: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One post."""

    number: int
    message: str
    link: str
    created: datetime
    shown: datetime | None  #: None: a draft
    edited: datetime | None  #: after it was shown
    card: Card | None  #: None while the page behind the link was not read


class FanpageShelf:
    """The file. Every call is one short statement on the caller's thread."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")
        known = {field.name for field in fields(Counters)}
        self._counts = {n: v for n, v in self._db.execute("SELECT name, value FROM counter") if n in known}

    def close(self) -> None:
        """Let go of the file; `counters` can still be read."""
        self._db.close()

    @property
    def counters(self) -> Counters:
        """What was counted."""
        return Counters(**self._counts)

    def count(self, what: Counted) -> None:
        """Once more."""
        self._counts[what.value] = self._counts.get(what.value, 0) + 1
        self._db.execute("INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1", (what.value,))

    def add(self, message: str, link: str, *, shown: bool) -> int:
        """Put a post there, or a draft; gives its number."""
        at = self._at()
        if shown:
            self.count(Counted.MADE)
        return self._db.execute(
            "INSERT INTO post (message, link, created, shown) VALUES (?, ?, ?, ?)",
            (message, link, at, at if shown else None),
        ).lastrowid or 0  # fmt: skip

    def show(self, number: int) -> bool:
        """Let readers see a draft; False when there is no such post."""
        changed = self._db.execute(
            "UPDATE post SET shown = ? WHERE number = ? AND gone IS NULL AND shown IS NULL", (self._at(), number)
        )
        if changed.rowcount:
            self.count(Counted.MADE)
        return self.find(number) is not None

    def edit(self, number: int, message: str) -> bool:
        """Give a post another text; False when there is no such post. The same text is no edit."""
        changed = self._db.execute(
            "UPDATE post SET message = ?, edited = iif(shown IS NULL, NULL, ?)"
            " WHERE number = ? AND gone IS NULL AND message <> ? RETURNING shown",
            (message, self._at(), number, message),
        ).fetchone()  # fmt: skip
        if changed is not None and changed["shown"] is not None:
            self.count(Counted.EDITED)
        return self.find(number) is not None

    def remove(self, number: int) -> bool:
        """Take a post away; False when there is none."""
        gone = self._db.execute(
            "UPDATE post SET gone = ? WHERE number = ? AND gone IS NULL RETURNING shown", (self._at(), number)
        ).fetchone()
        if gone is not None and gone["shown"] is not None:
            self.count(Counted.REMOVED)
        return gone is not None

    def find(self, number: int) -> Kept | None:
        """A post that is there, a draft too."""
        row = self._db.execute(f"{_SELECT} WHERE number = ? AND gone IS NULL", (number,)).fetchone()
        return _kept(row) if row else None

    def shown(
        self, *, skip: int = 0, limit: int, since: float = 0, lag: timedelta = timedelta()
    ) -> Sequence[Kept]:  # fmt: skip
        """What readers see, the newest first; `lag` leaves out what is younger."""
        rows = self._db.execute(
            f"{_SELECT} WHERE gone IS NULL AND shown IS NOT NULL AND shown >= ? AND shown <= ?"
            " ORDER BY shown DESC, number DESC LIMIT ? OFFSET ?",
            (since, self._at() - lag.total_seconds(), limit, skip),
        )
        return [_kept(row) for row in rows]

    def keep_card(self, link: str, card: Card) -> None:
        """Remember what a link shows."""
        values = (link, card.title, card.summary, card.image, card.site)
        self._db.execute("INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?)", values)

    @property
    def standing(self) -> int:
        """How many posts readers see."""
        return int(self._db.execute(f"SELECT count(*) {_SEEN}").fetchone()[0])

    @property
    def doubled(self) -> int:
        """How many posts stand there beside another one that leads to the same page."""
        return int(
            self._db.execute(f"SELECT count(*) - count(DISTINCT link) {_SEEN} AND link <> ''").fetchone()[0]
        )  # fmt: skip

    def _at(self) -> float:
        return self._now().timestamp()


_SELECT: Final = (
    "SELECT post.*, card.title, card.summary, card.image, card.site, card.link IS NOT NULL AS carded"
    " FROM post LEFT JOIN card USING (link)"
)
_SEEN: Final = "FROM post WHERE gone IS NULL AND shown IS NOT NULL"


def _kept(row: sqlite3.Row) -> Kept:
    return Kept(
        number=row["number"], message=row["message"], link=row["link"],
        created=datetime.fromtimestamp(row["created"], UTC), shown=_moment(row["shown"]), edited=_moment(row["edited"]),
        card=Card(title=row["title"], summary=row["summary"], image=row["image"], site=row["site"])
        if row["carded"] else None,
    )  # fmt: skip


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
