"""Which known item does each record of a capture continue, and which records are new stories.

    fold     records of one capture that say the same are one story
    name     a story takes the known item that bears its own name (what is its own name depends on the Mode)
    adopt    a story nobody knows takes over an item that lost its name: link and title agree
    move     most stories are unknown: the site renamed everything, so weaker agreement is believed
    new      whatever is left

One story takes one item and one item goes to one story, best agreement first, so that the order of records says
nothing. Newness is decided by names alone: a back-dated story is as new as any other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from uuid import UUID

from hub.rules.agreement import Agreement, Match, after_a_move, by_name
from hub.rules.change import digest
from hub.rules.identity import Keys, Known, Mode, content_id, is_empty, keys_of
from schemas.item import ItemBase, last_change

#: Items that keep a name they share; more would only make every poll of such a source slower.
SHARED_LIMIT = 20
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which item one record is."""

    index: int  #: of the record in `items`
    content_id: UUID
    guid: str  #: for the item's row; of a new one `content_id(source, guid)`, of a known one unchanged
    matched_by: Match
    agrees: tuple[str, ...] = ()  #: which of guid, link, title, date agree with the known item
    adopted: bool = False  #: the item was known under another name
    duplicate_of: int | None = None  #: index of the record whose content is taken instead of this one's
    keys: tuple[str, ...] = ()  #: names to add to `item_key`


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What the records of a capture are."""

    assignments: tuple[Assignment, ...]  #: one for each record, in their order
    stories: int  #: different stories of the capture, unread pieces included
    unknown: int  #: of them, those whose own name nobody knew
    adopted: int  #: of those, known after all
    moved: bool  #: the source renamed most of what it shows


def resolve(
    source: str,
    items: Sequence[ItemBase],
    known: Mapping[str, Sequence[Known]],
    *,
    mode: Mode,
    present: Collection[UUID],
    keys: Sequence[Keys] | None = None,
) -> Resolution:
    """Say of each item of one capture of `source` which stored item it is.

    `known` holds for every key of every item (`keys_of`) all items that bear it. `present` are the items of those
    pieces of the capture that were not parsed again because they are unchanged: they count as known, and nobody adopts
    them. Leaving them out makes a source that reuses one link for all its stories lose stories. `keys` are the
    `keys_of` the items where somebody has them.
    """
    stories = _stories(items, list(map(keys_of, items)) if keys is None else keys, mode)
    matching = _Matching(stories, known, frozenset(present))
    matching.take(lambda a: by_name(mode, a))
    total, unknown = len(stories) + len(matching.present), len(stories) - len(matching.taken)
    matching.adopt(lambda a: Match.LINK if a.same_page else None)
    if unknown * 2 > total:
        matching.adopt(after_a_move)

    used = {k.content_id for holders in known.values() for k in holders} | matching.present
    assignments: dict[int, Assignment] = {}
    for place in sorted(range(len(stories)), key=lambda p: stories[p].order):
        story = stories[place]
        if (taken := matching.taken.get(place)) is not None:
            identity, guid = taken.known.content_id, taken.known.guid
        else:
            guid = next(g for g in _new_guids(story, matching, mode) if content_id(source, g) not in used)
            identity = content_id(source, guid)
        used.add(identity)
        for index, names in story.names.items():
            repeats = index != story.leader
            assignments[index] = Assignment(
                index=index,
                content_id=identity,
                guid=guid,
                matched_by=Match.CONTENT if repeats else taken.match if taken else Match.NEW,
                agrees=taken.agreement.names if taken else (),
                adopted=taken is not None and taken.adopted,
                duplicate_of=story.leader if repeats else None,
                keys=tuple(matching.keys_to_add(names, identity, new=taken is None, mode=mode)),
            )
    adopted = sum(taken.adopted for taken in matching.taken.values())
    return Resolution(
        assignments=tuple(assignments[index] for index in range(len(items))),
        stories=total,
        unknown=unknown,
        adopted=adopted,
        moved=adopted * 2 > total,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """Records of one capture that are one story; the leader's content counts."""

    leader: int
    names: Mapping[int, Keys]  #: of each of its records, by index
    item: ItemBase
    keys: Keys
    link: str  #: `link_of` and `title_of` the leader
    title: str
    guids: Mapping[str, str]  #: guid by guid key: a repeated record may bear another one

    @property
    def order(self) -> tuple[str, ...]:
        """For a stable choice between equals, whatever the order of records."""
        return self.keys.title, self.keys.link, self.keys.guid


def _stories(items: Sequence[ItemBase], keys: Sequence[Keys], mode: Mode) -> list[_Story]:
    """Fold records with the same names, and those with the same link and the same content under two guids."""
    first: dict[Hashable, int] = {}
    groups: dict[int, list[int]] = {}
    bearers = Counter(name for k in keys for name in (k.link, k.title))
    # A digest costs as much as the rest of matching: only records that share a name may be the same.
    digests = [
        digest(item) if bearers[k.link] > 1 or bearers[k.title] > 1 else b""
        for item, k in zip(items, keys, strict=True)
    ]
    for i in sorted(range(len(items)), key=lambda i: (keys[i].title, keys[i].link, keys[i].guid, digests[i])):
        guid = keys[i].guid if mode is Mode.GUID else ""
        marks: list[Hashable] = [(guid, keys[i].link, keys[i].title)]
        if keys[i].link and digests[i]:
            marks.append(digests[i])
        group = next((first[mark] for mark in marks if mark in first), i)
        groups.setdefault(group, []).append(i)
        for mark in marks:
            first.setdefault(mark, group)
    stories = []
    for indexes in groups.values():
        # The newest content counts; among equals the choice must be the same at every poll.
        leader = max(indexes, key=lambda i: (last_change(items[i]) or _LONG_AGO, digests[i]))
        guids = {keys[i].guid: items[i].guid for i in indexes if not is_empty(items[i].guid)}
        stories.append(
            _Story(
                leader=leader,
                names={i: keys[i] for i in indexes},
                item=items[leader],
                keys=keys[leader],
                link=keys[leader].whole_link,
                title=keys[leader].whole_title,
                guids=guids,
            )
        )
    return stories


@dataclass(frozen=True, slots=True)
class _Taken:
    """A story's item, and why."""

    known: Known
    match: Match
    agreement: Agreement
    adopted: bool


class _Matching:
    """One story, one item: the best agreement first."""

    def __init__(
        self, stories: Sequence[_Story], known: Mapping[str, Sequence[Known]], present: frozenset[UUID]
    ) -> None:
        self.present = present
        self.taken: dict[int, _Taken] = {}
        self._stories = stories
        self._known = known
        self._holders = {key: frozenset(k.content_id for k in holders) for key, holders in known.items()}
        self._bearers = Counter(key for story in stories for key in (*story.guids, story.keys.link, story.keys.title))
        self._candidates = [self._agreements(story) for story in stories]

    def take(self, rule: Callable[[Agreement], Match | None]) -> None:
        """Give each story the item that bears its name by `rule`."""
        self._greedily(rule, adopted=False)

    def adopt(self, rule: Callable[[Agreement], Match | None]) -> None:
        """Give stories without an item one that lost its name: no record of the capture, read or unread, bears it."""
        self._greedily(rule, adopted=True)

    def shared(self, key: str) -> bool:
        """Whether more than one story bears this name, now or earlier."""
        return self._bearers[key] > 1 or len(self._holders.get(key, ())) > 1

    def keys_to_add(self, keys: Keys, identity: UUID, *, new: bool, mode: Mode) -> Iterator[str]:
        """Names to store, so that what a source does with its names cannot fill the table."""
        for key in keys:
            holders = self._holders.get(key, frozenset())
            if identity in holders:
                continue
            if key == keys.guid and not new and mode is not Mode.GUID:
                continue  # guids that are made up at each request would be stored at each poll
            if key in (keys.guid, keys.link) and len(holders) >= SHARED_LIMIT:
                continue
            if key == keys.moment and not self.shared(keys.link):
                continue  # the link alone finds it
            yield key

    def _greedily(self, rule: Callable[[Agreement], Match | None], *, adopted: bool) -> None:
        spent = {taken.known.content_id for taken in self.taken.values()}
        found = []
        for place, candidates in enumerate(self._candidates):
            if place in self.taken:
                continue
            for k, a in candidates:
                if k.content_id in self.present and (adopted or not a.same_story):
                    continue
                if match := rule(a):
                    found.append((-len(a.names), self._stories[place].order, str(k.content_id), place, k, match, a))
        for _, _, _, place, k, match, a in sorted(found, key=lambda pair: pair[:4]):
            if place not in self.taken and k.content_id not in spent:
                self.taken[place] = _Taken(k, match, a, adopted)
                spent.add(k.content_id)

    def _agreements(self, story: _Story) -> list[tuple[Known, Agreement]]:
        keys = (*story.guids, *story.keys)
        found = {k.content_id: k for key in keys for k in self._known.get(key, ())}
        return [(k, self._agreement(story, k)) for k in found.values()]

    def _agreement(self, story: _Story, k: Known) -> Agreement:
        item, keys, link = story.item, story.keys, story.link
        guids = [key for key in story.guids if k.content_id in self._holders.get(key, ())]
        page = any(k.content_id in self._holders.get(key, ()) for key in (keys.link, keys.moment) if key)
        same_link = bool(link) and (page or link == k.link)
        title_date = k.content_id in self._holders.get(keys.title, ())
        same_date = item.published is not None and (title_date or item.published == k.published)
        return Agreement(
            guid=bool(guids),
            guid_shared=all(map(self.shared, guids)),
            link=same_link,
            link_shared=self.shared(keys.link),
            links_differ=bool(link and k.link) and not same_link,
            title=title_date or story.title == k.title,
            date=same_date,
            dates_differ=None not in (item.published, k.published) and not same_date,
            precise=item.published is not None and bool(item.published.minute or item.published.second),
            alone=not self.shared(keys.title),
        )


def _new_guids(story: _Story, matching: _Matching, mode: Mode) -> Iterator[str]:
    """Identities for a story nobody knows, best first: its guid, its link, all its names, all it says."""
    if mode is Mode.GUID:
        yield from sorted(guid for key, guid in story.guids.items() if not matching.shared(key))
    if mode is not Mode.LINK_TITLE_DATE and story.keys.link and not matching.shared(story.keys.link):
        yield story.keys.link
    names = f"{story.keys.link}\n{story.keys.title}"
    yield f"s#{sha256(names.encode('utf-8', 'surrogatepass')).hexdigest()}"
    for attempt in count():
        yield f"c#{story.keys.guid}#{digest(story.item).hex()}#{attempt}"
