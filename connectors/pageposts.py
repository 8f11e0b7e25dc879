"""Posts of a page: what one says, and what the hub remembers of it: how far it came, under which id, its uploads.

    (nothing) ─> DRAFTING ─> DRAFT ─> SHOWN ─> GONE        a draft first, shown by a second call
    (nothing) ─> CREATING ──────────> SHOWN                visible at once; unless an answer is lost
                 CREATING ─> TWICE                         the page says that it has it, and it cannot be found

Each step is remembered before the call that it announces, so that after a lost answer, or a kill, nobody has to guess
what was asked. Only CREATING leaves open whether readers see something.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson

from connectors.base import Memory, Payload
from connectors.presentation.link import marker

#: How posts of a page are named; the stage also hands over the key of a story, which is none.
POST_ID: Final = re.compile(r"\d{1,32}(?:_\d{1,32})?")


class Step(StrEnum):
    """How far a post came."""

    NOTHING = "nothing"
    DRAFTING = "drafting"  #: a draft was asked for; nobody sees it, whatever happened
    DRAFT = "draft"  #: it is there, and nobody sees it
    CREATING = "creating"  #: a visible post was asked for
    TWICE = "twice"  #: the page refused it as a double, and none of ours was found
    SHOWN = "shown"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A picture that waits at the page for its post."""

    id: str
    at: float  #: unix time


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one post; times are unix times, 0: never."""

    step: Step = Step.NOTHING
    id: str = ""
    at: float = 0.0  #: of the call that began this step
    digest: str = ""  #: of the text that was sent last
    key: str = ""  #: as `Held.key` names the post
    uploads: Mapping[str, Upload] = field(default_factory=dict)  #: by the picture's address
    unscraped_at: float = 0.0  #: when the page behind the link could not be read first
    missed_at: float = 0.0  #: when the post was looked for first, and not found

    @property
    def began(self) -> datetime:
        """When this step began."""
        return datetime.fromtimestamp(self.at, UTC)


NOTHING: Final = Remembered()


class Posts:
    """The posts of one page, by the marker that they carry."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def recall(self, mark: str) -> Remembered:
        """What is remembered under a marker; `NOTHING` when nothing is."""
        value = await self._memory.recall(f"post:{mark}")
        return _read(orjson.loads(value)) if value else NOTHING

    async def remember(self, content_id: UUID, known: Remembered, **changes: Any) -> Remembered:
        """Keep what changed; durable when this returns."""
        known = replace(known, **changes)
        await self._memory.remember(f"post:{marker(content_id)}", orjson.dumps(asdict(known)).decode())
        return known


def _read(fields: dict[str, Any]) -> Remembered:
    uploads = {url: Upload(**upload) for url, upload in fields.pop("uploads").items()}
    return Remembered(**fields | {"step": Step(fields["step"]), "uploads": uploads})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as it is sent; the body of a payload."""

    message: str
    link: str
    pictures: tuple[str, ...] = ()  #: addresses
    alts: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()  #: what had to be shortened

    @property
    def digest(self) -> str:
        """Of what an edit can change."""
        return sha256(self.message.encode()).hexdigest()


def post_of(payload: Payload) -> Post | None:
    """What a payload says; None for a withdrawal."""
    if not payload.body:
        return None
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in orjson.loads(payload.body).items()
    }
    return Post(**fields)


def comparable(text: object) -> str:
    """A text as it is compared: platforms change blanks and forms of letters."""
    return " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""
