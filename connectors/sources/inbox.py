"""An inbox: nothing is fetched, the member sends. The protocol stands in docs/reference/inbox-protocol.md.

fetch     nothing to ask for: what came was kept by the web role when it came
split     connectors/parse/feeds: pushed.py for items, reader.py for whole feeds; what is missing says nothing
normalise connectors/parse/item.py, as for every source

    POST {base_url}/inbox/{source}
    X-Hub-Timestamp: 1795334400
    X-Hub-Signature: sha256=…       hexadecimal HMAC-SHA256 of "{timestamp}." and the body as it is sent
"""

import hashlib
import hmac
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from pydantic import Field, SecretStr, field_validator

from connectors.base import (
    Capture,
    ConnectorConfig,
    Cursor,
    Normalised,
    Record,
    SourceContext,
    Split,
    Unchanged,
)
from connectors.fields import HeaderSecret
from connectors.parse.entry import Entry
from connectors.parse.feeds import pushed
from connectors.parse.feeds.reader import RECORD_LIMIT, read_feed
from connectors.parse.item import make_item

if TYPE_CHECKING:
    from connectors.http import Http

TIMESTAMP: Final = "X-Hub-Timestamp"
SIGNATURE: Final = "X-Hub-Signature"
METHOD: Final = "sha256"

_SHORTEST_SECRET: Final = 16


class Config(ConnectorConfig):
    """Settings of an inbox."""

    addressed: ClassVar[bool] = False

    secret: HeaderSecret  #: the member's key; at least 16 characters, another one for each inbox
    next_secret: HeaderSecret | None = None  #: a second key that is taken too, while the member changes its own
    reads: Literal["items", "feed"] = "items"  #: items of the inbox protocol, or an RSS, Atom or JSON feed
    per_minute: int = Field(default=60, ge=1, le=6_000)  #: requests taken in a minute; further ones are put off
    max_items: int = Field(default=RECORD_LIMIT, ge=1, le=10_000)  #: records of one body that are read

    @field_validator("secret", "next_secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"must have at least {_SHORTEST_SECRET} characters")
        return secret

    def keys(self) -> Iterator[str]:
        """The member's keys, the present one first."""
        for secret in (self.secret, self.next_secret):
            if secret is not None:
                yield secret.get_secret_value()


class Connector:
    """What one member sends. The address of the settings, if there is one, is what relative links are relative to."""

    def __init__(self, context: SourceContext, config: Config) -> None:
        self.context = context
        self.config = config

    async def fetch(self, http: "Http", cursor: Cursor) -> Capture | Unchanged:
        """Nothing: the member sends."""
        return Unchanged()

    def split(self, capture: Capture, known: Container[bytes], now: datetime) -> Split:
        """Cut and parse. Raises RejectedError: `not_items`, `bad_json`, or as a feed does."""
        context, limit = self.context, self.config.max_items
        if self.config.reads == "items":
            return pushed.read_items(capture.body, capture.content_type, context, known=known, now=now, limit=limit)
        feed = read_feed(
            capture.body, url=context.url, now=now, content_type=capture.content_type, known=known,
            timezone=context.timezone, limit=limit,
        )  # fmt: skip
        # A push is the member's newest word, whatever date the document bears.
        return replace(feed.split, incremental=True, document_date=None, hub="", topic="")

    def normalise(self, record: Record, capture: Capture) -> Normalised:
        """Clean every field. Raises RejectedError: `no_identity` for what nobody could find again, `no_text`."""
        return make_item(cast(Entry, record.fields), self.context, base=self.context.url, pointer=record.pointer)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal signature of a body sent at this time."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def signature_of(keys: Iterator[str], timestamp: str, body: bytes, header: str) -> str:
    """The signature of a request, if one of the keys made it, else ""; compared in constant time.

    It is ours, not the text of the header, which may be written in two ways: it is remembered against repetition.
    """
    method, _, given = header.strip().partition("=")
    right = ""
    for key in keys:  # all of them: the time taken tells nothing
        wanted = sign(key, timestamp, body)
        if hmac.compare_digest(wanted.encode(), given.strip().lower().encode("utf-8", "replace")):
            right = wanted
    return right if method.lower() == METHOD else ""
