"""Under which names an item may come back, and whether a source's names can be trusted; rules.matching uses both.

    content_id   UUIDv5 of (source, guid): given once, never changed
    keys_of      the names of an item: guid, canonical link, folded title with date
    soundness    guid while guids are sound, else link, else link with title and date

Why so, and what was left out: docs/adr/003-identity-from-source-and-guid.md.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

from connectors.parse.text import fold, words
from connectors.parse.url import canonical_url
from schemas.item import ItemBase

#: UUIDv5 of the DNS name `content.provincial-hub`. Never change it: it would double every item ever stored.
NAMESPACE = UUID("78479e68-ed4b-51d4-95de-1e9030137b85")
#: Longest key in characters; a longer name is stood for by its SHA-256.
KEY_LIMIT = 180
#: Share of bad names at which a kind of name is given up.
BAD_SHARE = 0.05
#: Captures in a row in which all guids were new to known items: then they are made up at each request.
CHURN_LIMIT = 3

_WEB_GUID = re.compile(r"^https?://(?:www\.)?([^/?#:@]+)(?::\d+)?(?=[/?#]|$)", re.IGNORECASE)
_PORT = re.compile(r"^([^/?]*[^/?:\]]|\[[^\]]*\]):\d+(?=[/?]|$)")
#: What site software writes where it has no guid.
_EMPTY_GUIDS = frozenset({"0", "-1", "null", "none", "nil", "undefined", "nan", "n/a", str(UUID(int=0))})


def is_empty(guid: str) -> bool:
    """Whether `guid` is what software writes in place of one."""
    return guid.strip().casefold() in _EMPTY_GUIDS


class Mode(StrEnum):
    """Which names of a source are believed; from best to worst."""

    GUID = "guid"
    LINK = "link"
    LINK_TITLE_DATE = "link+title+date"


_WORST = {mode: place for place, mode in enumerate(Mode)}


def content_id(source: str, guid: str) -> UUID:
    """Identity in the hub of what `source` calls `guid`."""
    return uuid5(NAMESPACE, f"{source}\n{guid}")


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The names of one item as kept in `item_key`, each of at most 180 characters; one it does not have is empty."""

    guid: str  #: `g:` and the guid; of a web address only host, path and query, so that http, https and ports are one
    link: str  #: `l:` and the canonical link without its port
    title: str  #: `t:` and the folded title, `|`, the time of publication in UTC
    moment: str  #: `m:` link and time of publication: finds one of many items that share a link
    whole_link: str  #: `link_of` and `title_of` the item, in full; these two are no keys
    whole_title: str

    def __iter__(self) -> Iterator[str]:
        """Those it has."""
        return (key for key in (self.guid, self.link, self.title, self.moment) if key)


def keys_of(item: ItemBase) -> Keys:
    """The names of `item`."""
    link, title = link_of(item.url), title_of(item.title)
    published = item.published.astimezone(UTC).isoformat() if item.published else ""
    return Keys(
        guid=guid_key(item.guid),
        link=_key("l", link) if link else "",
        title=_key("t", f"{title}|{published}"),
        moment=_key("m", f"{link}|{published}") if link and published else "",
        whole_link=link,
        whole_title=title,
    )


def guid_key(guid: str) -> str:
    """The key of an item's guid: where a tombstone, or a person who asks, finds it."""
    return _key("g", _WEB_GUID.sub(lambda m: m[1].lower(), guid.strip(), count=1))


def keys_of_address(address: str) -> tuple[str, ...]:
    """The keys under which an item may be found by an address or guid that somebody typed."""
    link = link_of(address)
    return (guid_key(address), _key("l", link)) if link else (guid_key(address),)


def link_of(url: str) -> str:
    """`url` for comparing: canonical, and without any port; empty when it is no web address."""
    return _PORT.sub(r"\1", canonical_url(url))


def title_of(title: str) -> str:
    """`title` for comparing: folded words, without punctuation where words remain."""
    return " ".join(words(title)) or fold(title)


def _key(letter: str, name: str) -> str:
    key = f"{letter}:{name}"
    return key if len(key) <= KEY_LIMIT else f"{letter}#{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the hub holds of an item, as far as identity asks: one per content_id, found under each of its keys."""

    content_id: UUID
    guid: str  #: of the item's row; never changes
    link: str  #: `link_of` its present url
    title: str  #: `title_of` its present title
    published: datetime | None

    @classmethod
    def of(cls, content_id: UUID, *, guid: str, url: str, title: str, published: datetime | None) -> "Known":
        """From the columns of an item's row."""
        return cls(content_id=content_id, guid=guid, link=link_of(url), title=title_of(title), published=published)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """Which names to believe from now on, and why."""

    mode: Mode
    reason: str  #: technical, short
    sentence: str = ""  #: for a clerk; empty while guids are sound


def soundness(
    items: Sequence[ItemBase], keys: Sequence[Keys] | None = None, *, before: Mode = Mode.GUID, unread: int = 0,
    churns: int = 0,
) -> Soundness:  # fmt: skip
    """Whether this capture's guids, then its links, tell items apart: at most 5 % missing or shared by stories.

    `keys` are the `keys_of` the items where somebody has them, `unread` counts pieces of the capture that were not
    parsed again, `churns` the captures in a row that renamed every item (`Resolution.moved`). A mode once left is not
    returned to by itself (`before`): a source whose names are bad in one poll in ten must not change its items'
    identity in the other nine. A person resets it.

    A connector stands in the link for a missing guid, so that a missing guid is exactly as good as its link.
    """
    keys = list(map(keys_of, items)) if keys is None else keys
    stories = {_story(own): (item, own) for item, own in zip(items, keys, strict=True)}.values()
    total = len(stories) + unread
    guids = ["" if is_empty(item.guid) else own.guid for item, own in stories]
    links = [own.link for _, own in stories]
    bad_guids, bad_links = _bad(guids), _bad(links)
    now, reason = Mode.GUID, f"{bad_guids} of {total} guids are missing or shared"
    if bad_guids > BAD_SHARE * total:
        now = Mode.LINK
    elif churns >= CHURN_LIMIT:
        now, reason = Mode.LINK, f"all guids were new in {churns} captures in a row"
    if _WORST[max(now, before, key=_WORST.__getitem__)] and bad_links > BAD_SHARE * total:
        now, reason = Mode.LINK_TITLE_DATE, f"{reason}; {bad_links} of {total} links are missing or shared"
    if _WORST[before] > _WORST[now]:
        now, reason = before, "found earlier"
    return Soundness(mode=now, reason=reason, sentence=_SENTENCES[now])


_SENTENCES = {
    Mode.GUID: "",
    Mode.LINK: "Mã định danh (guid) của nguồn bị thiếu hoặc trùng nhau, nên hệ thống nhận diện tin theo đường dẫn. "
    "Đề nghị đơn vị quản trị cổng thành viên sửa để mỗi tin có một mã riêng, không đổi.",
    Mode.LINK_TITLE_DATE: "Mã định danh và đường dẫn của nguồn bị thiếu hoặc trùng nhau, nên hệ thống nhận diện tin "
    "theo đường dẫn, tiêu đề và ngày đăng. Đề nghị đơn vị quản trị cổng thành viên sửa để mỗi tin có một mã riêng.",
}


def _story(keys: Keys) -> Hashable:
    return keys.guid, keys.link, keys.title


def _bad(names: Sequence[str]) -> int:
    """How many of `names` are empty or stand more than once."""
    count: defaultdict[str, int] = defaultdict(int)
    for name in names:
        count[name] += 1
    return sum(n for name, n in count.items() if not name or n > 1)
