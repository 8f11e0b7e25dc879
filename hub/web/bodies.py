"""What others send us: bodies counted while they are read, by the same bounds as what we fetch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

from connectors.bodies import CHUNK, BrokenAnswer, Limits, whole_body
from connectors.outcomes import CameBack

#: Bodies that are read at once in this process: so much memory strangers can make us use.
AT_ONCE = 16


class Unfit(StrEnum):
    """Why a body is not taken; the names are codes of docs/reference/errors.md."""

    TOO_LARGE = "too_large"
    BAD_CODING = "bad_coding"
    CUT_OFF = "cut_off"


class UnfitBody(Exception):
    """A body that breaks a bound, ends early or does not decode."""

    def __init__(self, why: Unfit) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(slots=True)
class Bodies:
    """Reads request bodies, a few at a time."""

    limits: Limits
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def read(self, request: web.Request) -> bytes:
        """The body as it travels, coded as it is: what a signature covers. Raises UnfitBody."""
        if (request.content_length or 0) > self.limits.wire:
            raise UnfitBody(Unfit.TOO_LARGE)
        body = bytearray()
        async with self._places:
            try:
                while chunk := await asyncio.wait_for(request.content.read(CHUNK), self.limits.idle):
                    body += chunk
                    if len(body) > self.limits.wire:
                        raise UnfitBody(Unfit.TOO_LARGE)
            except (TimeoutError, ConnectionError, web.RequestPayloadError, web.PayloadAccessError) as error:
                raise UnfitBody(Unfit.CUT_OFF) from error
        return bytes(body)

    async def decoded(self, request: web.Request, body: bytes) -> bytes:
        """The body without its Content-Encoding. Raises UnfitBody."""
        coding = ", ".join(request.headers.getall("Content-Encoding", ()))
        try:
            return await whole_body(_pieces(body), coding, self.limits)
        except BrokenAnswer as error:
            large = error.what in (CameBack.TOO_LARGE, CameBack.BOMB)
            raise UnfitBody(Unfit.TOO_LARGE if large else Unfit.BAD_CODING) from error


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]
