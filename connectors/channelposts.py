"""Messages of a Telegram channel: what one says, and what the hub remembers of it.

    (nothing) ─> CREATING ─> SHOWN ─> GONE        deleted
                             SHOWN ─> NOTICE      too old to be deleted: edited to a notice of withdrawal

A step is remembered before the call that it announces. CREATING without an id leaves open whether readers see
something: Telegram lists no messages, so that only a person can tell, or a look through another chat (channellook.py).
"""

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson

from connectors.base import Memory, Payload
from connectors.presentation.link import marker

#: Longest message and longest caption of a photo, in UTF-16 units after its markup is read.
TEXT_LIMIT, CAPTION_LIMIT = 4_096, 1_024


class Step(StrEnum):
    """How far a message came."""

    NOTHING = "nothing"
    CREATING = "creating"  #: a message was asked for
    SHOWN = "shown"
    NOTICE = "notice"  #: the message is there and says that the item was withdrawn
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one message."""

    step: Step = Step.NOTHING
    id: str = ""  #: message_id
    gone: str = ""  #: message_id of the one before, which is there no more
    photo: bool = False  #: it is a photo with a caption
    digest: str = ""  #: of the text that was sent last
    after: int = 0  #: highest message_id known when it was asked for; 0: none
    asked: int = 0  #: revision about which a person was asked; 0: nobody was


NOTHING: Final = Remembered()


class Messages:
    """The messages of one channel, by the marker in their link."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def recall(self, content_id: UUID) -> Remembered:
        """What is remembered of an item's message; `NOTHING` when nothing is."""
        value = await self._memory.recall(f"post:{marker(content_id)}")
        if value is None:
            return NOTHING
        fields: dict[str, Any] = orjson.loads(value)
        return Remembered(**{**fields, "step": Step(fields["step"])})

    async def remember(self, content_id: UUID, known: Remembered, **changes: Any) -> Remembered:
        """Keep what changed; durable when this returns."""
        known = replace(known, **changes)
        await self._memory.remember(f"post:{marker(content_id)}", orjson.dumps(asdict(known)).decode())
        return known

    async def last(self) -> int:
        """The highest message_id that the channel is known to have given; 0: none."""
        return int(await self._memory.recall("last") or 0)

    async def seen(self, id: str) -> None:
        """The channel has given this message_id."""
        if int(id) > await self.last():
            await self._memory.remember("last", id)


class Withdrawing(StrEnum):
    """What becomes of the message of a withdrawn item."""

    DELETE = "delete"  #: the notice is for messages that cannot be deleted
    KEEP = "keep"  #: it says the notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is sent; the body of a payload. Texts are plain: markup is made when one is sent."""

    text: str
    caption: str = ""  #: the same within the limit of captions, for what stands there as a photo
    title: str = ""
    link: str = ""
    picture: str = ""  #: address; only where the caption says all that the text says
    alt: str = ""
    cut: tuple[str, ...] = ()  #: what had to be shortened
    withdrawal: Withdrawing | None = None  #: the text is the notice of one

    def digest(self, *, photo: bool) -> str:
        """Of what readers see."""
        return sha256((self.caption if photo else self.text).encode()).hexdigest()

    def html(self, *, photo: bool) -> str:
        """The text for parse_mode HTML, its title in bold. Only `<b>`, `&amp;`, `&lt;`, `&gt;` are used."""
        text = self.caption if photo else self.text
        before, title, after = text.partition(self.title) if self.title else (text, "", "")
        bold = f"<b>{_escaped(title)}</b>" if title else ""
        return f"{_escaped(before)}{bold}{_escaped(after)}"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def message_of(payload: Payload) -> Message:
    """What a payload says."""
    fields: Mapping[str, Any] = orjson.loads(payload.body)
    withdrawal = Withdrawing(fields["withdrawal"]) if fields["withdrawal"] else None
    return Message(**{**fields, "cut": tuple(fields["cut"]), "withdrawal": withdrawal})
