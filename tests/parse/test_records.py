"""Cutting raw bytes at record borders: never fooled by what only looks like a border, and stable piece by piece."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parse.records import FINGERPRINT_SIZE, Cut, cut, fingerprint, fingerprints, without


def pieces(data: bytes, name: bytes = b"item") -> list[bytes]:
    return [data[start:end] for start, end in cut(data, name).spans]


def test_records_are_cut_at_their_borders() -> None:
    data = b'<rss><item>1</item>\n<item id="2">2</item><item/></rss>'
    assert pieces(data) == [b"<item>1</item>", b'<item id="2">2</item>', b"<item/>"]


@pytest.mark.parametrize(
    "inside",
    [
        b"<![CDATA[</item><item>]]>",
        b"<!-- </item> <item> -->",
        b"<?php echo '<item>' ?>",
        b"<media:item>x</media:item>",
        b"<items>x</items>",
        b"<item2>x</item2>",
        b"<itemref/>",
        b"<item>nested</item>",
        b"<item at=\">\" b='/>'></item>",
        b"&lt;/item&gt;",
        b"<item/>",
    ],
)
def test_what_only_looks_like_a_border_is_none(inside: bytes) -> None:
    record = b"<item>" + inside + b"</item>"
    assert pieces(b"<rss>" + record + b"<item>next</item></rss>") == [record, b"<item>next</item>"]


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><item>1</item><item>2",
        b"<rss><item>1</item><item ",
        b'<rss><item>1</item><item a="',
        b"<rss><item>1</item><!-- never ends <item>",
        b"<rss><item>1</item><item><![CDATA[ never ends </item>",
    ],
)
def test_a_record_that_was_cut_off_is_left_out_and_said(data: bytes) -> None:
    found = cut(data, b"item")
    assert [data[a:b] for a, b in found.spans] == [b"<item>1</item>"]
    assert found.open


def test_a_stray_end_tag_opens_nothing() -> None:
    assert cut(b"<rss></item><item>1</item></rss>", b"item") == Cut(spans=((12, 26),), open=False)


def test_a_prefix_is_part_of_the_name() -> None:
    assert pieces(b"<a:feed><a:entry>1</a:entry><entry>2</entry></a:feed>", b"a:entry") == [b"<a:entry>1</a:entry>"]


def test_many_openings_without_an_end_cost_no_more_than_one() -> None:
    assert not cut(b'<item "' * 200_000, b"item").spans
    assert not cut(b"<!--" * 200_000, b"item").spans
    assert not cut(b"<![CDATA[" * 200_000, b"item").spans


texts = st.text(st.characters(codec="utf-8", exclude_characters="<>&\x00")).map(str.encode)
decoys = st.sampled_from(
    [b"<![CDATA[<item>]]>", b"<!--</item>-->", b"<b>x</b>", b"<item/>", b"&lt;item&gt;", b"<?x <item>?>"]
)
bodies = st.lists(texts | decoys, max_size=4).map(b"".join)


@given(st.lists(bodies, max_size=6), st.lists(bodies.filter(lambda gap: b"<item/>" not in gap), min_size=7, max_size=7))
def test_cutting_finds_exactly_the_records_that_were_put_in(records: list[bytes], gaps: list[bytes]) -> None:
    written = [b"<item>" + record + b"</item>" for record in records]
    data = b"<rss>" + b"".join(gap + one for gap, one in zip(gaps, written, strict=False)) + gaps[-1] + b"</rss>"
    assert pieces(data) == written
    rest = without(data, cut(data, b"item").spans)
    assert not pieces(rest)
    assert len(rest) == len(data) - sum(map(len, written))


@given(st.lists(bodies, max_size=5), st.lists(bodies, max_size=5), st.randoms())
def test_a_document_whose_records_are_partly_known_is_cut_as_any_other(
    before: list[bytes], new: list[bytes], chance: Random
) -> None:  # fmt: skip
    known = {b"<item>" + record + b"</item>" for record in before}
    records = [*known, *(b"<item>" + record + b"</item>" for record in new), b"<item/>"]
    chance.shuffle(records)
    data = b"<rss>" + b" ".join(records) + b"</rss>"
    assert cut(data, b"item", lambda start, end: data[start:end] in known) == cut(data, b"item")


@pytest.mark.parametrize(
    "data", [b"<rss><item>2<item>1</item></item></rss>", b"<rss><x><![CDATA[<item>1</item>]]></x></rss>"]
)
def test_a_known_record_inside_of_something_else_is_none_of_its_own(data: bytes) -> None:
    assert cut(data, b"item", lambda start, end: data[start:end] == b"<item>1</item>") == cut(data, b"item")


def test_what_is_known_is_stepped_over() -> None:
    data = b"<rss><item>1</item><item>2</item><item>3</item></rss>"
    assert cut(data, b"item", lambda start, end: True).spans == ((5, 19), (19, 33), (33, 47))
    broken = b"<rss><item><!-- never ends </item></rss>"
    assert cut(broken, b"item", lambda start, end: True) == Cut(spans=((5, 34),), open=False)


def test_each_end_is_asked_for_once_however_many_records_it_may_end() -> None:
    data, asked = b"<rss>" + b"<item/>" * 50 + b"<item>1</item><item>2</item>" + b"<item/>" * 50 + b"</rss>", [0]

    def is_known(start: int, end: int) -> bool:
        asked[0] += 1
        return False

    assert len(cut(data, b"item", is_known).spans) == 102
    assert asked == [2]


def test_a_piece_has_its_fingerprint_wherever_it_stands_but_not_in_another_context() -> None:
    first, second = b"<rss><item>1</item><item>2</item></rss>", b"<rss>new<item>0</item><item>2</item></rss>"
    marks = [fingerprints(data, cut(data, b"item").spans, b"root") for data in (first, second)]
    assert marks[0][1] == marks[1][1]
    assert marks[0][0] != marks[1][0]
    assert fingerprints(first, cut(first, b"item").spans, b"other root")[1] != marks[0][1]
    assert {len(mark) for mark in (*marks[0], fingerprint(b"x"))} == {FINGERPRINT_SIZE}


def test_what_is_left_is_the_document_without_the_pieces() -> None:
    data = b"<rss><item>1</item> <item>2</item></rss>"
    spans = cut(data, b"item").spans
    assert without(data, spans[:1]) == b"<rss> <item>2</item></rss>"
    assert without(data, spans) == b"<rss> </rss>"
    assert without(data, ()) == data


def test_parts_of_a_fingerprint_do_not_run_into_each_other() -> None:
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc")
    assert fingerprint(b"", b"a") != fingerprint(b"a", b"")
