"""Tell a subscriber what was published or withdrawn: one signed POST for each edition.

Headers of a call:

    Hub-Signature    t=1763769600,v1=9f86d0...   hexadecimal HMAC-SHA256 of "{t}.{body}" under the shared secret
    Hub-Event        published | withdrawn
    Idempotency-Key  the same whenever the same edition is sent again
    Content-Type     application/json

Body: `event`, `content_id`, `revision`, and `item` (schemas.edition.PublishedItem) or `withdrawal` (Withdrawal).

A receiver checks the signature with `verify` (or as it does: a time within the window, then a comparison in constant
time), ignores a key it has had, and ignores a revision not above the one it holds. It answers any 2xx, or 409 when it
holds something newer; a web page in place of an answer counts as none. `t` is the time of this attempt; the key stays.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

import orjson
from pydantic import field_validator

from connectors.base import ConnectorConfig, Found, Payload, Receipt
from connectors.fields import Allowances, HeaderSecret, Seconds, WebAddress
from connectors.outcomes import CameBack, Purpose, error_for
from schemas.edition import PublishedItem, Withdrawal

if TYPE_CHECKING:
    from pydantic import SecretStr

    from connectors.http import Http

SIGNATURE: Final = "Hub-Signature"
EVENT: Final = "Hub-Event"

#: Seconds by which a receiver's clock and ours may differ, and for which a recorded call could be played again.
WINDOW: Final = 300.0

_SHORTEST_SECRET: Final = 16
#: How a web page begins; receivers may answer with any other body, whatever they call its type.
_PAGES: Final = (b"<!doctype", b"<html")


class Config(ConnectorConfig):
    """Keys of a webhook in settings.toml."""

    url: WebAddress  #: where each call goes
    secret: HeaderSecret  #: shared with the receiver; at least 16 characters
    timeout: Seconds = 30.0  #: seconds for one call
    allow_private: Allowances = frozenset()

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, secret: "SecretStr") -> "SecretStr":
        if len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"must have at least {_SHORTEST_SECRET} characters")
        return secret


class Connector:
    """A subscriber's address as a destination. The same call made twice has one effect there: key and revision tell."""

    repeatable = True
    settling = 0.0

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self._config = config

    def present(self, edition: PublishedItem | Withdrawal, *, last: PublishedItem | None = None) -> Payload:
        """The event of one edition."""
        event, part = ("withdrawn", "withdrawal") if isinstance(edition, Withdrawal) else ("published", "item")
        body = {
            "event": event,
            "content_id": str(edition.content_id),
            "revision": edition.revision,
            part: edition.model_dump(mode="json"),
        }
        return Payload(content_id=edition.content_id, revision=edition.revision, body=orjson.dumps(body))

    async def send(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Announce a published edition."""
        return await self._post(http, payload, key, "published")

    async def withdraw(self, http: "Http", payload: Payload, *, key: str, remote_id: str = "") -> Receipt:
        """Announce that the item is gone."""
        return await self._post(http, payload, key, "withdrawn")

    async def find(self, http: "Http", payload: Payload, *, remote_id: str = "") -> Found | None:
        """A subscriber cannot be asked: None, always. What was sent may be sent again instead."""
        return None

    async def _post(self, http: "Http", payload: Payload, key: str, event: str) -> Receipt:
        secret = self._config.secret.get_secret_value()
        answer = await http.send(
            "POST",
            self._config.url,
            body=payload.body,
            headers={
                "Content-Type": payload.content_type,
                "Idempotency-Key": key,
                EVENT: event,
                SIGNATURE: sign(secret, payload.body, http.now()),
            },
            timeout=self._config.timeout,
            allow=self._config.allow_private,
            repeatable=True,
            accept_status=frozenset({409}),
        )
        if answer.body.lstrip()[:20].lower().startswith(_PAGES):
            # A challenge or a login page with status 200 stands before the receiver, who has heard nothing.
            raise error_for(CameBack.UNREADABLE, Purpose.SEND, f"{self.name}: POST answered with a page")
        note = "newer" if answer.status == 409 else ""
        return Receipt(remote_id=str(payload.content_id), revision=payload.revision, status=answer.status, note=note)


def sign(secret: str, body: bytes, now: datetime) -> str:
    """The value of the signature header for a body sent now."""
    at = int(now.timestamp())
    return f"t={at},v1={_digest(secret, at, body)}"


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, window: float = WINDOW) -> bool:
    """Whether a call came from the hub less than `window` seconds ago: for receivers, who may copy it as it stands.

    `headers` are the request's, in any case; `body` is the bytes as received, before any parsing. Further `v1` parts
    are accepted, so that a secret can be changed without a gap.
    """
    header = next((value for name, value in headers.items() if name.lower() == SIGNATURE.lower()), "")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        return False
    at = int(times[0])
    if abs(now.timestamp() - at) > window:
        return False
    expected = _digest(secret, at, body).encode()
    return any(hmac.compare_digest(expected, value.encode()) for name, _, value in parts if name == "v1")


def _digest(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
