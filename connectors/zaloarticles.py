"""Articles of a Zalo Official Account: what one says, and what the hub remembers of it.

    (nothing) ─> CREATING ─> MAKING ─> HIDDEN ─> SHOWING ─> SHOWN ─> GONE

Zalo makes articles when it has time: a call gives a token, and the token, later, the id. An article is made hidden and
then shown, so that a lost answer leaves at worst one that nobody sees. Each step is remembered before its call.
"""

import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

import orjson

from connectors.base import Memory, Payload
from connectors.parse.html import clean
from connectors.presentation.text import fit, plain_lines

#: Zalo names 150, 300 and 50 characters, and was seen to refuse titles and descriptions of just that length.
TITLE_LIMIT, DESCRIPTION_LIMIT, AUTHOR_LIMIT = 140, 280, 48
#: Longest text of an article, in characters: what is longer is read where the link leads.
BODY_LIMIT: Final = 30_000

_IMAGE: Final = re.compile(r'<img\b[^<>]*?\ssrc="([^"<>]*)"[^<>]*>')


class Step(StrEnum):
    """How far an article came."""

    NOTHING = "nothing"
    CREATING = "creating"  #: a hidden article was asked for; no token came
    MAKING = "making"  #: Zalo is at it: there is a token, and no id yet
    HIDDEN = "hidden"  #: it is there, and nobody sees it
    SHOWING = "showing"  #: it was asked to be shown, or changed
    SHOWN = "shown"
    GONE = "gone"


class Told(StrEnum):
    """Whether followers were told of an article; never twice, so what may have happened counts."""

    NO = ""
    ASKED = "asked"  #: no answer came
    SENT = "sent"
    NOT = "not"  #: it was night, or Zalo refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one article."""

    step: Step = Step.NOTHING
    id: str = ""
    token: str = ""  #: of a call that Zalo is still at
    title: str = ""  #: under which it was asked for
    bare: bool = False  #: Zalo cannot load its pictures: it goes without
    told: Told = Told.NO
    key: str = ""  #: as `Holding.key` names it


NOTHING: Final = Remembered()


class Articles:
    """The articles of one account, by the marker in their last block."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def recall(self, mark: str) -> Remembered:
        """What is remembered under a marker; `NOTHING` when nothing is."""
        value = await self._memory.recall(f"article:{mark}")
        if value is None:
            return NOTHING
        fields: dict[str, Any] = orjson.loads(value)
        return Remembered(**{**fields, "step": Step(fields["step"]), "told": Told(fields["told"])})

    async def remember(self, mark: str, known: Remembered, **changes: Any) -> Remembered:
        """Keep what changed; durable when this returns."""
        known = replace(known, **changes)
        await self._memory.remember(f"article:{mark}", orjson.dumps(asdict(known)).decode())
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as it is sent; the body of a payload."""

    title: str
    description: str
    author: str
    link: str
    blocks: tuple[Mapping[str, str], ...]  #: as Zalo takes them; the last one holds the link
    picture: str = ""  #: of the cover; empty: that of the settings
    cut: tuple[str, ...] = ()  #: what had to be shortened

    def texts(self) -> tuple[str, ...]:
        """What readers read, in order."""
        return texts_of({"title": self.title, "description": self.description, "body": self.blocks})

    @property
    def has_pictures(self) -> bool:
        """Whether it has a picture of its own."""
        return bool(self.picture) or any("url" in one for one in self.blocks)

    def fields(self, cover: str, *, shown: bool, comments: bool, bare: bool = False) -> dict[str, Any]:
        """The fields of a call; a `bare` article has no pictures of its own."""
        photo = cover if bare else self.picture or cover
        status = {True: "show", False: "hide"}
        return {
            "type": "normal", "title": self.title, "author": self.author, "description": self.description,
            "cover": {"cover_type": "photo", "photo_url": photo, "status": status[bool(self.picture) and not bare]},
            "body": [dict(one) for one in self.blocks if not (bare and one["type"] == "image")],
            "status": status[shown], "comment": status[comments],
        }  # fmt: skip


def article_of(payload: Payload) -> Article | None:
    """What a payload says; None for a withdrawal."""
    if not payload.body:
        return None
    fields: dict[str, Any] = orjson.loads(payload.body)
    return Article(**{**fields, "blocks": tuple(fields["blocks"]), "cut": tuple(fields["cut"])})


def texts_of(detail: Mapping[str, Any]) -> tuple[str, ...]:
    """Title, description and texts of an article as Zalo tells it; forms of blanks do not count."""
    body = detail.get("body")
    blocks = [one for one in body if isinstance(one, dict)] if isinstance(body, Sequence) else []
    texts = [detail.get("title"), detail.get("description"), *(one.get("content") for one in blocks)]
    return tuple(" ".join(one.split()) for one in texts if isinstance(one, str))


def blocks_of(html: str, pictures: Sequence[str], link: str) -> tuple[tuple[dict[str, str], ...], bool]:
    """The blocks of an article: its texts, those of its pictures that are wanted, and the link; and whether it was cut.

    Texts are plain, a line for each block of the source: how Zalo treats markup in them is not documented.
    """
    blocks: list[dict[str, str]] = []
    left, shortened = BODY_LIMIT, False
    for text, picture in _pieces(clean(html)):
        fitting = fit(text, left)
        shortened |= fitting != text
        left -= len(fitting)
        if fitting:
            blocks.append({"type": "text", "content": fitting})
        if shortened:
            break
        if picture in pictures and all(one.get("url") != picture for one in blocks):
            blocks.append({"type": "image", "url": picture})
    return (*blocks, {"type": "text", "content": f"Xem chi tiết: {link}"}), shortened


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """Each text with the address of the picture behind it."""
    parts = _IMAGE.split(html)
    for position in range(0, len(parts), 2):
        picture = entities.unescape(parts[position + 1]) if position + 1 < len(parts) else ""
        yield plain_lines(parts[position]), picture
