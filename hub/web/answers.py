"""Answers that can be asked about again: validators, 304, compression (RFC 9110), and the headers of every page."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import Payload, web
from aiohttp.abc import AbstractStreamWriter

from hub.web.site import SITE, Site

#: On every answer: a page does and loads nothing that we did not write into it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' https: http:; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "Server": "hub",
}
#: On every page of the console: scripts and fonts of ours from a file, never in a page; forms lead to us.
CONSOLE_HEADERS = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src"
    " 'self'; img-src 'self' data: https: http:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Seconds for which caches may keep a page: so late may a withdrawal reach a reader behind one.
FRESH = 60
#: A change is settled when no other one can still be dated as early: a transaction is dated when it begins, and
#: Last-Modified knows whole seconds only. An unsettled change has an ETag and no Last-Modified.
SETTLED = timedelta(seconds=60)
#: Bytes from which an answer goes out in portions, each when the one before was taken. As a whole it would be copied
#: for each reader, and hundreds that take nothing of what they asked for held more than a gigabyte.
IN_PORTIONS = 128 * 1024
PORTION = 64 * 1024
#: Bytes from which compressing pays.
WORTH_COMPRESSING = 1_024

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


class Portions(Payload):
    """A body of which each reader has a portion in hand, and nobody a copy."""

    _value: bytes
    _autoclose = True

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._size = len(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Portion by portion; each waits until the one before was taken."""
        whole = memoryview(self._value)
        for start in range(0, len(whole), PORTION):
            await writer.write(whole[start : start + PORTION])


def transport_headers(site: Site) -> dict[str, str]:
    """On every answer of a hub that the outside reaches by https: for a year a browser comes by nothing else.

    Names below the hub's own are left out: where it stands under the province's main name, these are sites of others.
    """
    return {"Strict-Transport-Security": f"max-age={365 * 86_400}"} if site.encrypted else {}


def answer(
    request: web.Request, body: bytes, content_type: str, *, changed: datetime | None = None, fresh: int = FRESH,
    packed: bool = False,
) -> web.Response:  # fmt: skip
    """200 with validators, or 304 when the reader has this very page.

    `changed` is when its content last did; without it only the ETag speaks. `packed` is compressed in itself.
    """
    etag = hashlib.sha256(body).hexdigest()[:32]
    # Weak: the same page goes out compressed or not.
    headers = {"ETag": f'W/"{etag}"', "Cache-Control": f"public, max-age={fresh}"}
    modified = None
    if changed is not None:
        site = request.app[SITE]
        modified = max(changed, site.started).astimezone(UTC).replace(microsecond=0)
        if modified + SETTLED <= site.engine.store.now():
            headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    if _has_already(request, etag, modified):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = content_type
    if not packed and len(body) >= WORTH_COMPRESSING and _GZIP.search(request.headers.get("Accept-Encoding", "")):
        response = web.Response(body=body, headers=headers)
        response.enable_compression(web.ContentCoding.gzip)
        return response
    return web.Response(body=body if len(body) < IN_PORTIONS else Portions(body), headers=headers)


def size_of(response: web.StreamResponse) -> int:
    """Bytes of its body, as they are before compression; 0 where they come bit by bit."""
    body = response.body if isinstance(response, web.Response) else None
    return len(body) if isinstance(body, bytes) else body.size or 0 if isinstance(body, Payload) else 0


def _has_already(request: web.Request, etag: str, modified: datetime | None) -> bool:
    """If-None-Match decides; If-Modified-Since only speaks without it (RFC 9110, 13.2.2)."""
    if request.if_none_match is not None:
        return any(tag.value in (etag, "*") for tag in request.if_none_match)
    since = request.if_modified_since
    if since is None or modified is None:
        return False
    # Either our own Last-Modified comes back, or a time by which the change was settled.
    return since == modified or modified + SETTLED <= since
