"""What changed for a reader between two states of an item: nothing, a trifle, or something worth an alert.

    digest     which content is this? equal digests mean that no new edition is needed
    compare    how much changed? a minor change is delivered and alerts nobody

Minor: punctuation, letter case, spacing, markup, tags, authors, images, addresses, the time of publication, and text in
which fewer than 3 % of the words differ. Major, however small: a number or the word after it (5 triệu, 5 tỷ), a word of
the title, an attachment, a linked file, the kind, and any field that this file does not know.

Weak, and said so: one inserted "không" in a long text is minor.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

from connectors.parse.text import clean_text
from connectors.parse.url import canonical_url
from schemas.edition import UpdateType
from schemas.item import Attachment, ItemBase

#: Changes when the serialisation below changes; then every item gets one new digest, and `compare` calls it SAME.
DIGEST_VERSION = "hub-item-1"
#: Share of words that may differ in a minor change of summary or content.
MINOR_SHARE = 0.03

#: Identity and housekeeping, not content.
_UNSEEN = {"guid", "updated"}
_TRIFLES = {"url", "tags", "authors", "published", "image", "language"}

#: Made once: an encoder of its own for every value costs half as much again as the digest.
_as_json: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

_BLOCK = re.compile(
    r"<(?:/?(?:p|div|br|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|pre|hr|figure|section)\b)[^>]*>", re.I
)
_TAG = re.compile(r"<[^>]*>")
_HREF = re.compile(r"""\bhref\s*=\s*["']([^"']*)""", re.I)
_FILE = re.compile(r"[^/?#]+\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z)(?=$|[?#])", re.I)
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(\d+(?:[.,/:\-]\d+)*)(?:\W*([^\W\d_]+))?")
_PARTS = re.compile(r"\d+")


class ChangeKind(StrEnum):
    """How far an item is from what we hold of it."""

    NEW = "new"
    SAME = "same"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed, and why that is called minor or major."""

    kind: ChangeKind
    fields: tuple[str, ...] = ()  #: that differ, in alphabetical order
    reason: str = ""  #: technical, short; quotes no text of the item

    @property
    def update_type(self) -> UpdateType:
        """What the edition is announced as."""
        return UpdateType.MINOR if self.kind in (ChangeKind.MINOR, ChangeKind.SAME) else UpdateType.MAJOR


def digest(item: ItemBase) -> bytes:
    """16 bytes over everything a reader sees; the same in every process, for ever, while DIGEST_VERSION stands.

    BLAKE2b over `name:length` and value of each field that differs from its default, sorted by name, so that a field
    added later changes no digest. Text is UTF-8, the rest JSON with sorted keys; times are UTC; tags and attachments
    are sorted, because sources shuffle them. `guid` and `updated` are left out.
    """
    content = blake2b(digest_size=16, person=DIGEST_VERSION.encode())
    for name, value in sorted(_seen(item).items()):
        text = value if isinstance(value, str) else _as_json(value)
        data = text.encode("utf-8", "surrogatepass")
        content.update(b"%b:%d\n%b\n" % (name.encode(), len(data), data))
    return content.digest()


def _seen(item: ItemBase) -> dict[str, Any]:
    seen = item.model_dump(mode="json", exclude=_UNSEEN, exclude_defaults=True)
    seen["kind"] = getattr(item, "kind", "")
    if item.published is not None:
        seen["published"] = item.published.astimezone(UTC).isoformat()
    if item.tags:
        seen["tags"] = sorted(set(item.tags))
    if item.attachments:
        seen["attachments"] = sorted(seen["attachments"], key=lambda a: json.dumps(a, sort_keys=True))
    return seen


def compare(old: ItemBase | None, new: ItemBase) -> Change:
    """What a reader of `old` would notice in `new`."""
    if old is None:
        return Change(kind=ChangeKind.NEW, reason="first edition")
    before, after = _seen(old), _seen(new)
    fields = tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))
    if not fields:
        return Change(kind=ChangeKind.SAME, reason="nothing a reader sees differs")
    for name in fields:
        if reason := _major(name, old, new):
            return Change(kind=ChangeKind.MAJOR, fields=fields, reason=f"{name}: {reason}")
    return Change(kind=ChangeKind.MINOR, fields=fields, reason="no number, title word or file differs")


def _major(name: str, old: ItemBase, new: ItemBase) -> str:
    """Why a change of field `name` deserves an alert; empty when it does not."""
    if name in _TRIFLES:
        return ""
    match name:
        case "title":
            return _text_major(old.title, new.title, allowed=0.0)
        case "summary":
            return _text_major(old.summary, new.summary, allowed=MINOR_SHARE)
        case "content_html":
            if _files(old.content_html) != _files(new.content_html):
                return "the linked files differ"
            return _text_major(_plain(old.content_html), _plain(new.content_html), allowed=MINOR_SHARE)
        case "attachments":
            return "" if _attached(old.attachments) == _attached(new.attachments) else "the files differ"
        case _:
            return "differs"


def _text_major(old: str, new: str, *, allowed: float) -> str:
    old, new = clean_text(old).casefold(), clean_text(new).casefold()
    if _numbers(old) != _numbers(new):
        return "a number, or the word after it, differs"
    share = _share(_WORD.findall(old), _WORD.findall(new))
    return f"{share:.0%} of the words differ" if share > allowed else ""


def _numbers(text: str) -> list[tuple[tuple[int, ...], str]]:
    """Numbers in reading order with the word that follows: 1.200 and 1,200 are one number, 05/11 and 5/11 one date."""
    return [(tuple(int(part[:18]) for part in _PARTS.findall(n)), unit) for n, unit in _NUMBER.findall(text)]


def _share(old: list[str], new: list[str]) -> float:
    """Share of words that were replaced, added, dropped or moved; a moved paragraph costs only its seams."""
    if old == new:
        return 0.0
    words = _differing(Counter(old), Counter(new))
    # A word in another place breaks the pairs on both of its sides.
    pairs = _differing(Counter(pairwise(["", *old, ""])), Counter(pairwise(["", *new, ""])))
    return max(words, pairs / 2) / max(len(old), len(new), 1)


def _differing(before: Counter[Any], after: Counter[Any]) -> int:
    return max((before - after).total(), (after - before).total())


def _plain(fragment: str) -> str:
    """Text of sanitised HTML: an inline element joins its neighbours, a block stands apart."""
    return html.unescape(_TAG.sub("", _BLOCK.sub(" ", fragment)))


def _files(fragment: str) -> set[str]:
    """Names of files that the text links to; the folder may change with the site's software."""
    return {found[0].casefold() for href in _HREF.findall(fragment) if (found := _FILE.search(html.unescape(href)))}


def _attached(attachments: Iterable[Attachment]) -> dict[str, int | None]:
    """Files by canonical address with their length, where a length says something."""
    return {canonical_url(a.url) or a.url: a.length or None for a in attachments}
