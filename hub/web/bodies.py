"""What others send us: bodies counted while they are read, by the same bounds as what we fetch."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

from connectors.bodies import CHUNK, BrokenAnswer, Limits, whole_body
from connectors.outcomes import CameBack
from hub.rules.delays import place_of
from hub.web.bodyplaces import Bounds, Places
from hub.web.remote import address_of


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
    """Reads request bodies; hub/web/bodyplaces.py says how many at a time."""

    limits: Limits
    whose: Callable[[web.Request], str] = address_of
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(Bounds(whole=self.limits.wire), time.monotonic)

    async def read(self, request: web.Request) -> bytes:
        """The body as it travels, coded as it is: what a signature covers.

        Raises UnfitBody; TimeoutError when it came slowly, and others wait.
        """
        if (request.content_length or 0) > self.limits.wire:
            raise UnfitBody(Unfit.TOO_LARGE)
        body = bytearray()
        async with self.places.loan(place_of(self.whose(request))) as loan:
            while chunk := await self._chunk(request):
                if len(body) + len(chunk) > self.limits.wire:
                    raise UnfitBody(Unfit.TOO_LARGE)
                await self.places.grow(loan, len(chunk))
                body += chunk
        return bytes(body)

    async def _chunk(self, request: web.Request) -> bytes:
        try:
            return await asyncio.wait_for(request.content.read(CHUNK), self.limits.idle)
        except (TimeoutError, ConnectionError, web.RequestPayloadError, web.PayloadAccessError) as error:
            raise UnfitBody(Unfit.CUT_OFF) from error

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
