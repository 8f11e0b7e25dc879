"""The inbox: members push to us. The protocol stands in docs/reference/inbox-protocol.md.

    POST /inbox/{source}   signature over time and bytes ─> body decoded, bounded ─> kept ─commit─> 202 {"capture": 17}

An inbox that does not exist and a key that is wrong are answered alike, after the same work. Nothing of what was sent
is logged: neither keys, nor signatures, nor bytes.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from connectors.base import Capture
from connectors.errors import HubError
from connectors.sources.inbox import SIGNATURE, TIMESTAMP, Config, signature_of
from hub.settings import Settings
from hub.store import receiving
from hub.store.receiving import Kept, PutOff, Repeated
from hub.web.bodies import Bodies, UnfitBody
from hub.web.problems import problem
from hub.web.remote import address_of
from hub.web.site import SITE

log = structlog.get_logger(__name__)

#: Seconds by which a member's clock may differ from ours.
SKEW: Final = 300.0
#: Seconds after which a request is given up; less than the web role gives any request.
PATIENCE: Final = 15.0
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Inbox:
    """One member's inbox as the settings have it."""

    config: Config
    base: str  #: what relative links are relative to; may be empty


@dataclass(slots=True, kw_only=True)
class Inboxes:
    """All inboxes of the settings."""

    by_source: Mapping[str, Inbox]
    bodies: Bodies
    nobody: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)  #: the key of those that are none

    def keys(self, source: str) -> tuple[str, ...]:
        """The keys of an inbox; one that does not exist has a key that nobody knows."""
        inbox = self.by_source.get(source)
        return tuple(inbox.config.keys()) if inbox else (self.nobody,)


INBOXES = web.AppKey("inboxes", Inboxes)


def inboxes(settings: Settings, bodies: Bodies) -> Inboxes:
    """The inboxes that are open."""
    return Inboxes(
        by_source={
            source.name: Inbox(source.connector_config, source.url)
            for source in settings.sources
            if source.enabled and isinstance(source.connector_config, Config)
        },
        bodies=bodies,
    )


async def inbox(request: web.Request) -> web.Response:
    """202 with the number of the capture once it is kept, else a problem."""
    if request.method != "POST":
        return problem("wrong_method")
    try:
        async with asyncio.timeout(PATIENCE):
            return await _take(request, request.match_info["source"])
    except UnfitBody as error:
        return problem(error.why)
    except (HubError, TimeoutError) as error:
        log.warning("a push could not be kept", cause=repr(error))
        return problem("busy")


async def _take(request: web.Request, source: str) -> web.Response:
    engine, doors = request.app[SITE].engine, request.app[INBOXES]
    timestamp, header = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if not _TIMESTAMP.fullmatch(timestamp) or not header:
        return _unproved(request, source, "bad_signature")
    if abs(engine.store.now().timestamp() - int(timestamp)) > SKEW:
        return _unproved(request, source, "clock_skew")
    sent = await doors.bodies.read(request)
    signature = signature_of(iter(doors.keys(source)), timestamp, sent, header)
    if not signature:
        return _unproved(request, source, "bad_signature")
    if not engine.has_room():
        return problem("no_room")
    body = await doors.bodies.decoded(request, sent)
    if not body.strip():
        return problem("empty_body")
    inbox = doors.by_source[source]
    capture = Capture(
        url=inbox.base, content_type=request.headers.get("Content-Type", ""), body=body, fetched_at=engine.store.now()
    )
    taken = await receiving.pushed(
        engine.store, source, capture, signature=signature, per_minute=inbox.config.per_minute
    )  # fmt: skip
    match taken:
        case Kept(number):
            return web.json_response({"capture": number}, status=202, headers={"Cache-Control": "no-store"})
        case Repeated(number):
            log.warning("a push came twice", source=source, address=address_of(request))
            return problem("repeated", capture=number)
        case PutOff(seconds, paused=paused):
            return problem("paused" if paused else "too_often", retry_after=seconds)


def _unproved(request: web.Request, source: str, code: str) -> web.Response:
    """The refusal of who did not prove to be the member; the log is told the inbox only if there is one."""
    known = source if source in request.app[INBOXES].by_source else ""
    log.warning("a push was refused", code=code, source=known, address=address_of(request))
    return problem(code)
