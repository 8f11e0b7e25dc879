"""Hashtags of a post: made from the tags and the kind of an item, by rule."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import Field

from connectors.base import ConnectorConfig
from connectors.parse.text import clean_text, fold
from schemas.edition import PublishedItem
from schemas.item import Kind

#: Longest hashtag, in characters: a longer tag is a sentence and gives none.
HASHTAG_LIMIT: Final = 40

_WORD: Final = re.compile(r"[^\W_]+")
_STRUCK: Final = str.maketrans("đĐ", "dD")


class HashtagRule(ConnectorConfig):
    """Which hashtags a post has: those of every post first, then those of its kind, then those of its tags."""

    always: tuple[str, ...] = ()  #: words of every post: `["Thành phố Huế"]` gives #ThànhPhốHuế
    by_kind: Mapping[Kind, tuple[str, ...]] = Field(default_factory=dict)  #: words of the posts of a kind
    from_tags: bool = True  #: make some of the item's own tags
    marks: bool = True  #: keep Vietnamese marks: #YTế, else #YTe
    most: int = Field(default=3, ge=0, le=30)  #: of one post; 0: none


def hashtags(item: PublishedItem, rule: HashtagRule) -> tuple[str, ...]:
    """The hashtags of an item, each with its `#`, none twice; marks and letter case tell none apart."""
    words = (*rule.always, *rule.by_kind.get(item.kind, ()), *(item.tags if rule.from_tags else ()))
    made: dict[str, str] = {}
    for hashtag in _made(words, marks=rule.marks):
        made.setdefault(fold(hashtag), hashtag)
    return tuple(made.values())[: rule.most]


def _made(texts: Iterable[str], *, marks: bool) -> Iterable[str]:
    for text in texts:
        text = clean_text(text)
        joined = "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text if marks else _bare(text)))
        # Platforms link no hashtag of digits only.
        if joined and len(joined) < HASHTAG_LIMIT and not joined.isnumeric():
            yield f"#{joined}"


def _bare(text: str) -> str:
    """`text` without marks, its letter case kept."""
    apart = unicodedata.normalize("NFD", text.translate(_STRUCK))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))
