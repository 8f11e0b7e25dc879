"""Content codings are undone in bounded steps, and what is not whole is not taken for whole."""

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.codings import PIECE, BadCoding, decoder_for

TEXT = "Sở Y tế thông báo lịch tiêm chủng tháng ba. ".encode() * 500


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "GZIP ": gzip.compress(TEXT) + b"\0" * 20,
    "deflate": zlib.compress(TEXT),
    "Deflate": _raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "identity": TEXT,
    "": TEXT,
}


def undo(coding: str, *chunks: bytes) -> tuple[bytes, bool]:
    decoder = decoder_for(coding)
    out = bytearray()
    for chunk in chunks:
        for piece in decoder.pieces(chunk):
            assert len(piece) <= max(2 * PIECE, len(chunk))
            out += piece
    return bytes(out), decoder.whole


@pytest.mark.parametrize("coding", CODED)
def test_a_coded_body_is_decoded_whole(coding: str) -> None:
    assert undo(coding, CODED[coding]) == (TEXT, True)


@pytest.mark.parametrize("coding", CODED)
def test_it_does_not_matter_how_the_body_is_cut_into_chunks(coding: str) -> None:
    body = CODED[coding]
    assert undo(coding, *(body[i : i + 1] for i in range(len(body)))) == (TEXT, True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br"])
@pytest.mark.parametrize("kept", [1, 5, -9, -1])
def test_a_body_that_ends_early_is_not_whole(coding: str, kept: int) -> None:
    assert undo(coding, CODED[coding][:kept])[1] is False


def test_a_body_that_only_claims_to_be_gzip_is_taken_as_it_is() -> None:
    assert undo("gzip", b"<", b"rss version='2.0'/>") == (b"<rss version='2.0'/>", True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_an_empty_body_is_whole_whatever_its_coding(coding: str) -> None:
    assert undo(coding, b"") == (b"", True)


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_body_that_grows_a_thousand_times_comes_in_small_pieces(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(bytes(3_000_000))
    assert len(packed) < 5_000
    assert undo(coding, packed) == (bytes(3_000_000), True)


def test_a_wrong_checksum_is_corrupt() -> None:
    body = bytearray(CODED["gzip"])
    body[-6] ^= 0xFF
    with pytest.raises(BadCoding):
        undo("gzip", bytes(body))


def test_a_crowd_of_tiny_members_is_refused() -> None:
    with pytest.raises(BadCoding, match="members"):
        undo("gzip", gzip.compress(b"x") * 2_000)


@pytest.mark.parametrize("coding", ["zstd", "compress", "gzip, gzip", "gzip, br"])
def test_a_coding_that_was_not_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(BadCoding):
        decoder_for(coding)


@given(st.sampled_from(["gzip", "deflate", "br"]), st.binary(max_size=400))
def test_any_bytes_end_as_a_body_or_as_corrupt(coding: str, data: bytes) -> None:
    try:
        out, _ = undo(coding, data)
    except BadCoding:
        return
    assert len(out) <= 1100 * len(data) + 64
