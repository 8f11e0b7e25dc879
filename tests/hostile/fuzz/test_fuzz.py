"""A short, repeatable part of the fuzzing: seeds bent by chance, and what longer runs have found."""

from time import process_time

import pytest

from tests.hostile.fuzz import seeds
from tests.hostile.fuzz.__main__ import NAMES
from tests.hostile.fuzz.targets import TARGETS, checked

#: Inputs for each target; feeds and pages cost a hundred times what an address does.
_COUNTS = {"feed_bytes": 40, "page_html": 25, "cookies": 100}
#: Seconds of processor time: how long an input takes on a busy machine is asked by the command, not here.
FOREVER = 60.0
#: Inputs that broke a promise once: how the first differed from what was meant stands in the commit that mended it.
FOUND = (
    ("sanitiser", b"A<<>bA&\x03\x00\x00\x00\x00\x00\x00\x00#6A<s><img src=x\xe0s>"),
    ("page_html", b"<html><body><article><p>a<script>x</script>b\x01c</p><img data-src='/a&#1;.jpg'></article></body>"),
    ("page_html", b"<html><body><article><p>a<style>x</style>&#xFFFE;c &#011 d</p></article></body></html>"),
)


def test_every_target_is_run_by_its_command() -> None:
    assert tuple(TARGETS) == NAMES
    assert all(list(seeds.of(name)) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_bent_seeds_break_no_promise(name: str) -> None:
    for data in seeds.bent(name, _COUNTS.get(name, 250), seed=1):
        checked(TARGETS[name], data, patience=FOREVER)


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_once_breaks_no_promise(name: str, data: bytes) -> None:
    checked(TARGETS[name], data, patience=FOREVER)


def test_a_target_that_breaks_a_promise_is_seen() -> None:
    def broken(data: bytes) -> None:
        raise ZeroDivisionError

    def slow(data: bytes) -> None:
        end = process_time() + 1.1
        while process_time() < end:
            pass

    with pytest.raises(ZeroDivisionError):
        checked(broken, b"")
    with pytest.raises(AssertionError, match="slow took"):
        checked(slow, b"")
