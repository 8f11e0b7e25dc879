"""The word diff: both texts can be read out of it again, it ends in time, and it says what a person would say."""

import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.textdiff import LIMIT, Piece, PieceKind, changes, compare, paragraphs, shortened
from schemas.item import Attachment, News

SAME, ADDED, REMOVED, LEFT_OUT = PieceKind.SAME, PieceKind.ADDED, PieceKind.REMOVED, PieceKind.LEFT_OUT

TEXTS = st.lists(st.sampled_from(["một", "hai", "Hai", "ba", ",", "\n", " ", "\u202e", "<b>", "é"]), max_size=30)


def side(pieces: list[Piece], without: PieceKind) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not without)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_the_difference(old: list[str], new: list[str]) -> None:
    pieces = compare("".join(old), "".join(new))
    assert side(pieces, ADDED) == "".join(old)
    assert side(pieces, REMOVED) == "".join(new)
    assert all(piece.text for piece in pieces)
    assert all(a.kind is not b.kind for a, b in pairwise(pieces))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Giá 5 triệu", "Giá 5 tỷ", [(SAME, "Giá 5 "), (REMOVED, "triệu"), (ADDED, "tỷ")]),
        ("họp ngày mai", "không họp ngày mai", [(ADDED, "không "), (SAME, "họp ngày mai")]),
        ("a\nb\nc", "a\nc", [(SAME, "a\n"), (REMOVED, "b\n"), (SAME, "c")]),
        ("như nhau", "như nhau", [(SAME, "như nhau")]),
        ("", "mới", [(ADDED, "mới")]),
        ("", "", []),
    ],
)
def test_it_says_what_a_person_would_say(old: str, new: str, expected: list[tuple[PieceKind, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in compare(old, new)] == expected


def test_a_rewritten_passage_is_shown_whole_and_not_as_confetti() -> None:
    old, new = "Hôm qua trời mưa rất to ở đây.", "Ngày mai, nắng đẹp khắp nơi; gió nhẹ."
    assert [piece.kind for piece in compare(old, new)] == [REMOVED, ADDED]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 40_000, "b a " * 40_000),
        ("x\n" * 90_000, "y\nx\n" * 45_000),
        (" ".join(str(n) for n in range(30_000)), " ".join(str(n) for n in range(30_000, 0, -1))),
        ("a" * 3_000_000, "b" * 3_000_000),
    ],
    ids=["words", "lines", "backwards", "long"],
)
def test_hostile_texts_end_in_time(old: str, new: str) -> None:
    began = time.process_time()
    pieces = compare(old, new)
    assert time.process_time() - began < 5
    assert side(pieces, ADDED) == old[:LIMIT]
    assert side(pieces, REMOVED) == new[:LIMIT]


def test_long_unchanged_text_is_left_out_but_for_the_words_around_a_change() -> None:
    text = "chữ " * 1_000
    pieces = shortened(compare(text + "cũ", text + "mới"), around=20)
    assert [piece.kind for piece in pieces] == [LEFT_OUT, SAME, REMOVED, ADDED]
    assert pieces[1].text == " chữ chữ chữ chữ "  # no half word
    assert len(shortened(compare("x" * 900 + " cũ", "x" * 900 + " mới"), around=20)[1].text) <= 20


def test_blocks_become_lines_and_inline_markup_goes() -> None:
    assert paragraphs("<h2>Một</h2><p>Hai <b>ba</b><br>bốn</p><ul><li>năm</li></ul>") == "Một\nHai ba\nbốn\nnăm"


def test_every_field_that_a_reader_sees_is_compared() -> None:
    old = News(guid="1", title="Tin cũ", content_html="<p>Một</p>", tags=("a",))
    new = old.model_copy(
        update={
            "title": "Tin mới", "tags": ("a", "b"), "published": datetime(2026, 1, 2, tzinfo=UTC),
            "attachments": (Attachment(url="http://x.vn/a.pdf", title="Quyết định"),),
        }
    )  # fmt: skip
    assert [change.field for change in changes(old, new)] == ["title", "tags", "published", "attachments"]
    assert [change.field for change in changes(None, old)] == ["title", "content_html", "tags"]
    assert changes(old, old) == []
