"""The way through an index of sitemaps: which are read in which order, kept in a cursor between polls.

    at rest    mark                                    the newest change that the last finished round knew of
    on the way queue, at, rest, pages, seen, missed    one sitemap a poll; the index again when the queue is empty
    at rest    mark = the newest change when the round began

The sitemaps that changed last come first. A round reads at most so many; what it leaves out is told by `rest`, and what
could not be read by `missed`. A sitemap that was read in this round is not read in it again, so an index that names
itself, or two that name each other, end; `loops` tells of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Self

from connectors.base import Cursor
from connectors.freshness import validators_of
from connectors.parse.dates import parse_date
from connectors.parse.pages.sitemaps import Child
from connectors.parse.url import origin_of, web_url

#: How far before the mark a change counts as new: clocks are wrong, and days stand without an hour.
OVERLAP: Final = timedelta(days=1)
#: Characters of the queue in a cursor; and sitemaps that a round remembers having read, 6 characters each.
_QUEUE: Final = 1_000
SEEN_LIMIT: Final = 100
#: Sitemaps of one walk.
WALK_LIMIT: Final = 10_000


def short(address: str) -> str:
    """What is remembered of an address that was read."""
    return blake2b(address.encode("utf-8", "replace"), digest_size=3).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """Where a source stands on its way through its sitemaps."""

    mark: str = ""  #: ISO instant; what changed before it was read in an earlier round
    next_mark: str = ""  #: the mark of the next round
    queue: tuple[str, ...] = ()  #: addresses to be read, those of the index's own origin without it
    at: int = 0  #: sitemaps of the index that were queued in this round
    rest: int = 0  #: … that are not queued yet
    pages: int = 0  #: read in this round
    seen: tuple[str, ...] = ()
    missed: int = 0  #: could not be read
    loops: int = 0  #: were read before in this round
    since: str = ""  #: of a walk: the day before which nothing is wanted
    validators: Mapping[str, str] = field(default_factory=dict)  #: of the index

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """What a cursor stands for."""
        seen = cursor.get("seen", "")
        return cls(
            mark=cursor.get("mark", ""),
            next_mark=cursor.get("next_mark", ""),
            queue=tuple(filter(None, cursor.get("queue", "").split("\n"))),
            at=_number(cursor.get("at")),
            rest=_number(cursor.get("rest")),
            pages=_number(cursor.get("pages")),
            seen=tuple(seen[i : i + 6] for i in range(0, len(seen), 6)),
            missed=_number(cursor.get("missed")),
            loops=_number(cursor.get("loops")),
            since=cursor.get("since", ""),
            validators=validators_of(cursor),
        )

    def cursor(self, *, on: bool) -> dict[str, str]:
        """The cursor to be kept: of a round that goes on, or of its end.

        What was left out stays at the end too: `split` tells it then. So does `since`.
        """
        counts = {"rest": self.rest, "missed": self.missed, "loops": self.loops}
        told = {"since": self.since, **{key: str(count or "") for key, count in counts.items()}}
        if on:
            way = {
                "mark": self.mark, "next_mark": self.next_mark, "queue": "\n".join(self.queue),
                "at": str(self.at), "pages": str(self.pages), "seen": "".join(self.seen),
            }  # fmt: skip
        else:
            way = {"mark": self.next_mark or self.mark}
        return {key: value for key, value in {**self.validators, **way, **told}.items() if value}

    @property
    def begins(self) -> bool:
        """Whether the index is to be asked for what changed, as at the beginning of a round."""
        return not self.pages

    def fresh(self) -> Self:
        """A new round."""
        return type(self)(mark=self.mark, since=self.since, validators=self.validators)

    def read(self, address: str) -> Self:
        """One more sitemap was read."""
        return replace(self, pages=self.pages + 1, seen=(*self.seen, short(address))[-SEEN_LIMIT:])

    def unfinished(self) -> Self:
        """The next round begins where this one did: something could not be read that may be readable then."""
        return replace(self, next_mark=self.mark, validators={})

    def popped(self, root: str) -> tuple[str, Self]:
        """The next address that was not read yet, or "", and the way without it."""
        way = self
        while way.queue:
            address = web_url(way.queue[0], root)
            way = replace(way, queue=way.queue[1:])
            if short(address) not in way.seen:
                return address, way
            way = replace(way, loops=way.loops + 1)
        return "", way

    def with_index(self, children: Sequence[Child], root: str, now: datetime) -> Self:
        """The way on from the index itself, fetched at `now`: the next of its children that fit into the queue."""
        due = self._due([child for child in children if child.address != root])
        queued = _fitting((_brief(child.address, root) for child in due[self.at :]), "")
        # A date from the future must not hide what comes before it.
        stamps = [min(at, now).isoformat() for child in children if (at := instant(child.lastmod))]
        # A sitemap without a date is read in every round, which an unchanged index must not prevent.
        dated = all(instant(child.lastmod) for child in children)
        return replace(
            self,
            queue=queued,
            at=self.at + len(queued),
            rest=max(0, len(due) - self.at - len(queued)),
            loops=self.loops + (not self.at and any(child.address == root for child in children)),
            next_mark=self.next_mark or max([*stamps, self.mark], key=_order),
            validators=self.validators if dated else {},
        )

    def with_inner(self, children: Sequence[Child], root: str) -> Self:
        """The way on from an index inside the index: its children come first, those that fit."""
        due = self._due(children)
        fresh = [brief for child in due if short(child.address) not in self.seen
                 and (brief := _brief(child.address, root)) not in self.queue]  # fmt: skip
        queued = _fitting(fresh, "\n".join(self.queue))
        loops = sum(short(child.address) in self.seen for child in children)
        return replace(
            self, queue=(*queued, *self.queue), rest=self.rest + len(fresh) - len(queued), loops=self.loops + loops
        )

    def _due(self, children: Sequence[Child]) -> list[Child]:
        """The children to be read, newest change first; behind them those without a date. A high number is young."""
        mark = instant(self.since or self.mark)
        floor = mark - OVERLAP if mark else None
        due = [
            (at.timestamp() if at else 0.0, len(child.address), child.address, child)
            for child in children
            if (at := instant(child.lastmod)) is None or floor is None or at >= floor
        ]
        return [child for *_, child in sorted(due, reverse=True)]


def instant(lastmod: str) -> datetime | None:
    """When a sitemap or page changed, as written; None where nothing certain is."""
    return parse_date(lastmod) if lastmod else None


def _order(mark: str) -> float:
    at = instant(mark)
    return at.timestamp() if at else 0.0


def _brief(address: str, root: str) -> str:
    """An address without the origin that it shares with the index."""
    origin = origin_of(root)
    return address[len(origin) :] if address.startswith(f"{origin}/") else address


def _fitting(addresses: Iterable[str], taken: str) -> tuple[str, ...]:
    """As many addresses as fit into a cursor beside those that are `taken`."""
    room, fitting = _QUEUE - len(taken), []
    for address in addresses:
        room -= len(address) + 1
        if room < 0:
            break
        fitting.append(address)
    return tuple(fitting)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
