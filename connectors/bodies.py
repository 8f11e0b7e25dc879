"""Read a body while counting it: bytes on the wire, bytes decoded, and their ratio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from connectors.codings import BadCoding, decoder_for
from connectors.outcomes import CameBack

#: Most bytes asked of the connection at once: small, so that a bomb shows its ratio before it meets the size limit.
CHUNK: Final = 16 * 1024
#: The same of a body that is as it is: nothing in it can grow, and each piece costs the loop 20 µs.
PLAIN_CHUNK: Final = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one fetch; reaching one is an error of the tree, never a crash."""

    wire: int = 4 * 1024 * 1024  #: bytes of body as received
    decoded: int = 8 * 1024 * 1024  #: bytes of body after content codings
    ratio: int = 200  #: decoded to wire
    ratio_from: int = 256 * 1024  #: decoded bytes below which the ratio says nothing
    total: float = 30.0  #: seconds for the whole fetch, redirects included, waiting for the host's turn not
    idle: float = 10.0  #: seconds without a byte
    headers: int = 64  #: response headers
    redirects: int = 5  #: hops


class BrokenAnswer(Exception):
    """An answer that ends as this row of the outcome table."""

    def __init__(self, what: CameBack) -> None:
        super().__init__(what.value)
        self.what = what


async def whole_body(chunks: AsyncIterable[bytes], coding: str, limits: Limits) -> bytes:
    """The body decoded by its Content-Encoding. Raises BrokenAnswer when it is not whole or breaks a limit."""
    body = bytearray()
    async with aclosing(_pieces(chunks, coding, limits.wire)) as pieces:
        async for wire, piece in pieces:
            body += piece
            if len(body) > limits.ratio_from and len(body) > limits.ratio * wire:
                raise BrokenAnswer(CameBack.BOMB)
            if len(body) > limits.decoded:
                raise BrokenAnswer(CameBack.TOO_LARGE)
    return bytes(body)


async def first_bytes(chunks: AsyncIterable[bytes], coding: str, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of the decoded body, and whether there was more. Raises BrokenAnswer when it is corrupt."""
    body = bytearray()
    async with aclosing(_pieces(chunks, coding, 2 * limit + CHUNK)) as pieces:
        async for _, piece in pieces:
            body += piece
            if len(body) > limit:
                return bytes(body[:limit]), True
    return bytes(body), False


async def _pieces(chunks: AsyncIterable[bytes], coding: str, wire_limit: int) -> AsyncGenerator[tuple[int, bytes]]:
    """The decoded body in small pieces, each with the bytes that had come over the wire by then."""
    wire = 0
    try:
        decoder = decoder_for(coding)
        async for chunk in chunks:
            wire += len(chunk)
            if wire > wire_limit:
                raise BrokenAnswer(CameBack.TOO_LARGE)
            for piece in decoder.pieces(chunk):
                yield wire, piece
                if coding:
                    await asyncio.sleep(0)  # decoding costs a millisecond a piece: others may run in between
    except BadCoding:
        raise BrokenAnswer(CameBack.TRUNCATED) from None
    if not decoder.whole:
        raise BrokenAnswer(CameBack.TRUNCATED)
