"""What is said between a WebSub hub and its subscriber (W3C Recommendation of 23 January 2018); we are the subscriber.

    discovery      a feed names its hub and the topic under which the hub knows it, in Link headers or in itself
    request        POST to the hub, form-encoded: mode, topic, callback, secret, lease
    intent         the hub asks the callback by GET whether it was we who asked; a challenge is echoed
    distribution   the hub posts the feed to the callback, signed by HMAC under the secret

Pure. Who asked what, and when, is kept by hub.store.subscribing.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from connectors.parse.entry import Link
from connectors.parse.feeds.relative import join
from connectors.parse.url import web_url

SUBSCRIBE: Final = "subscribe"
UNSUBSCRIBE: Final = "unsubscribe"
DENIED: Final = "denied"

Mode = Literal["subscribe", "unsubscribe"]

#: Characters of a Link header that are looked at.
HEADER_LIMIT: Final = 8 * 1024
#: The methods that the Recommendation names; the hub chooses.
_METHODS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})

_LINK = re.compile(r'<([^<>]{0,2048})>((?:\s*;\s*[\w-]+\*?(?:\s*=\s*(?:"[^"]*"|[^",;\s]*))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advertised:
    """Where a feed says that it can be subscribed to; empty where it says nothing."""

    hub: str = ""
    topic: str = ""


def advertised(header: str, links: Sequence[Link], base: str) -> Advertised:
    """The first hub of a feed, and its topic there: what the Link header of its answer says wins over the feed itself.

    `links` are the feed's own, `base` is what relative ones are relative to.
    """
    said = [*_in_header(header[:HEADER_LIMIT]), *((link.rel.lower(), link.href) for link in links)]
    hub = _first("hub", said, base)
    return Advertised(hub=hub, topic=_first("self", said, base)) if hub else Advertised()


def _in_header(header: str) -> Iterator[tuple[str, str]]:
    """Each relation of a Link header (RFC 8288) with its target."""
    for target, parameters in _LINK.findall(header):
        if rel := _REL.search(parameters):  # the first counts, says the RFC
            for one in (rel[1] or rel[2] or "").lower().split():
                yield one, target


def _first(rel: str, said: Sequence[tuple[str, str]], base: str) -> str:
    addresses = (web_url(join(base, target.strip())) for name, target in said if name == rel and target.strip())
    return next((address.partition("#")[0] for address in addresses if address), "")


def request(mode: Mode, *, topic: str, callback: str, secret: str, lease: int) -> bytes:
    """The form that asks a hub to begin pushing a topic to us for `lease` seconds, or to stop."""
    form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    if mode == SUBSCRIBE:
        form |= {"hub.secret": secret, "hub.lease_seconds": str(lease)}
    return urlencode(form).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a hub asks at the callback."""

    mode: str
    topic: str
    challenge: str  #: empty where it denies
    lease: int | None  #: seconds; None where it names none


def read_intent(query: Mapping[str, str]) -> Intent | None:
    """The question of a hub, or None when it is none: a mode that nobody knows, no challenge, an impossible lease."""
    mode, challenge, lease = (query.get(f"hub.{key}", "") for key in ("mode", "challenge", "lease_seconds"))
    if mode not in (SUBSCRIBE, UNSUBSCRIBE, DENIED) or (mode != DENIED and not challenge):
        return None
    # Hubs of the older PubSubHubbub name no lease; a number that is none is a fault.
    if lease and not (lease.isascii() and lease.isdigit() and len(lease) <= 12 and int(lease)):
        return None
    return Intent(mode=mode, topic=query.get("hub.topic", ""), challenge=challenge, lease=int(lease) if lease else None)


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether `X-Hub-Signature` says that whoever knows the secret sent this body; compared in constant time."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    wanted = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(wanted.encode(), digest.strip().lower().encode("utf-8", "replace"))


def new_digest(hub: str, topic: str) -> str:
    """A short name for this pair of addresses, which are too long for an index."""
    return hashlib.blake2b(f"{hub}\n{topic}".encode(), digest_size=16).hexdigest()
