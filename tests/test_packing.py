"""What is kept packed stays readable by any zlib, and what any zlib packed by us."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isal import isal_zlib

from hub.packing import pack, unpack


@given(st.binary(max_size=5_000), st.integers(0, 50))
def test_both_ways(content: bytes, times: int) -> None:
    long = content * times
    assert unpack(pack(long)) == zlib.decompress(pack(long)) == unpack(zlib.compress(long)) == long


def test_it_saves_room() -> None:
    text = "Ủy ban nhân dân tỉnh ban hành quyết định. ".encode() * 1_000
    assert len(pack(text)) < len(text) / 50


def test_damaged_bytes_are_told() -> None:
    kept = bytearray(pack(b"text " * 100))
    kept[-1] ^= 1  # the checksum
    for damaged in (bytes(kept), bytes(kept[:-6]), b"not zlib"):
        with pytest.raises(isal_zlib.error):
            unpack(damaged)
