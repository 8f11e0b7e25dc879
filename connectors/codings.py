"""Undo content codings in small steps, so that a bomb is seen before it has grown.

aiohttp can decode by itself, but its `read()` has no ceiling: 1 MB of gzip became 1 GiB of memory. Here a decoder gives
pieces of at most `PIECE` bytes, and whoever reads them counts.
"""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]

#: Most bytes a decoder gives at once.
PIECE: Final = 256 * 1024

#: What we ask for; zstd is left out because Python reads it only from 3.14 on.
ACCEPT_ENCODING: Final = "gzip, deflate, br"

#: Members of one gzip body. Real ones have one; each further one copies the rest of the chunk, so a crowd is an attack.
_MEMBERS: Final = 64


class BadCoding(ValueError):
    """The body is not what its Content-Encoding says."""


class Decoder(Protocol):
    """Undoes one coding; fed in order, never again after an error."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` adds to the decoded body, lazily. Raises BadCoding."""

    @property
    def whole(self) -> bool:
        """Whether the body may end here."""


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder for a Content-Encoding header. Raises BadCoding for one we did not ask for."""
    coding = content_encoding.strip().lower()
    match coding:
        case "" | "identity" | "none" | "utf-8":  # the last two are no codings, but IIS modules send them
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(gzip=True)
        case "deflate":
            return _Zlib(gzip=False)
        case "br":
            return _Brotli()
    raise BadCoding("unknown content coding")


class _Plain:
    whole = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip, and deflate in its two readings: RFC 9110 means zlib, many servers send the raw stream."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._head = b""  #: the first bytes, until they tell what the body is
        self._inflate: zlib._Decompress | None = None
        self._plain = False  #: the header lied: the body was never coded
        self._members = 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None and not self._plain:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            self._recognise(data)
        if self._plain:
            yield data
            return
        try:
            yield from self._inflated(data)
        except zlib.error:
            raise BadCoding("corrupt compressed body") from None

    def _recognise(self, data: bytes) -> None:
        if not self._gzip:
            zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        elif data[:2] == b"\x1f\x8b":
            self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        else:
            self._plain = True

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        assert self._inflate is not None
        while data:
            if self._inflate.eof:
                if not (self._gzip and data[:1] == b"\x1f"):
                    return  # padding after the last member is ignored, as gzip itself does
                self._members += 1
                if self._members > _MEMBERS:
                    raise BadCoding("too many compressed members")
                self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
            if piece := self._inflate.decompress(data, PIECE):
                yield piece
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    @property
    def whole(self) -> bool:
        if self._inflate is None:
            return self._plain or not self._head
        return self._inflate.eof


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        try:
            piece = self._decoder.process(data, output_buffer_limit=PIECE)
            while piece:
                yield piece
                # It may hold back output while it says that it can take more: only an empty piece means that it is dry.
                piece = b"" if self._decoder.is_finished() else self._decoder.process(b"", output_buffer_limit=PIECE)
        except brotli.error:
            raise BadCoding("corrupt compressed body") from None

    @property
    def whole(self) -> bool:
        return not self._begun or bool(self._decoder.is_finished())
