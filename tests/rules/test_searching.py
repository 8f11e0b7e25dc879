"""What typed words mean and the tokens of a text: bounded, whatever comes, and the same for every way of typing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.ranking import Candidate, Ranking
from hub.rules.searching import (
    DEMANDED,
    TOKENS_LIMIT,
    WORDS_LIMIT,
    Entry,
    Tier,
    key_of,
    number_keys,
    parse,
    spelling,
    steps,
    tokens,
)

TEXTS = st.text(max_size=300)


def entry(title: str, *texts: str) -> Entry:
    return Entry(
        title=title, texts=texts, numbers=(), member="H52.1", kind="news"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("thúy", "thuý"), ("khỏe", "khoẻ"), ("Ủy", "uỷ"), ("ĐƯỜNG", "đường"), ("ðường", "đường")],
)
def test_a_word_is_spelt_alike_however_it_is_written(one: str, other: str) -> None:
    assert spelling(one) == spelling(other) == spelling(unicodedata.normalize("NFD", one))


def test_words_that_differ_in_their_marks_share_what_is_left_without_them() -> None:
    assert spelling("hộ").folded == spelling("hồ").folded == spelling("ho").folded == "ho"
    assert len({spelling(word).exact for word in ("hộ", "hồ", "hô", "hơ", "ho")}) == 5


@pytest.mark.parametrize(
    "written",
    ["15/2024/QĐ-UBND", "15/2024/qd-ubnd", "15 / 2024 / QĐ - UBND", "Số: 15/2024/QĐ–UBND", "015/2024/QĐUBND"],
)
def test_a_number_has_one_key(written: str) -> None:
    assert "15.2024.qdubnd" in number_keys(written)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("148/2025/QH15", "148.2025.qh15"),
        ("66.13/2026/NQ-CP", "66.13.2026.nqcp"),
        ("2732/UBND-KGVX", "2732.ubndkgvx"),
        ("1.012345.000.00.00.H52", "1.012345.000.00.00.h52"),
    ],
)
def test_keys_of_other_numbers(written: str, key: str) -> None:
    assert key_of(written) == key
    assert key in parse(f"tìm {written} giúp tôi").numbers


@given(TEXTS)
def test_a_query_is_never_an_error_and_never_without_bounds(typed: str) -> None:
    query = parse(typed, is_typing=True)
    assert len(query.words) <= WORDS_LIMIT
    for step in steps(query):
        assert all(token.isascii() and not set(token) & set("'\"\\*/ \x00") for group in step.groups for token in group)
    assert bool(query) == bool(steps(query))


@given(TEXTS, TEXTS)
def test_tokens_are_plain_and_each_stands_once(title: str, text: str) -> None:
    found = tokens(entry(title, text))
    assert len(found) == len(set(found))
    assert all(token.isascii() and token.isprintable() and not set(token) & set("'\"\\*/ ") for token in found)


@pytest.mark.parametrize(
    ("text", "neighbours"),
    [("", set()), ("Dân", set()), ("Nhân dân", {"_nhan_dan"}), ("QĐ-UBND, xã", {"_qd_ubnd", "_ubnd_xa"})],
)
def test_neighbours_are_two_words_of_one_text(text: str, neighbours: set[str]) -> None:
    assert {token for token in tokens(entry("Tin", text)) if token.startswith("_")} == neighbours


def test_a_long_text_of_few_words_does_not_keep_others_out() -> None:
    assert "kenh" in tokens(entry("Tin", "nhân dân " * TOKENS_LIMIT, "kênh"))


WORDS = st.sampled_from(["hòa", "thủy", "12", "đường", "UBND", "xã", "漢", "ß", "naïve"])


@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
def test_every_run_of_words_of_a_text_finds_it_with_marks_and_without(words: list[str], data: st.DataObject) -> None:
    found = set(tokens(entry("Tin", " ".join(words))))
    start = data.draw(st.integers(0, len(words) - 1))
    part = " ".join(words[start : data.draw(st.integers(start + 1, len(words)))])
    for typed in (part, f'"{part}"', part.upper(), unicodedata.normalize("NFD", part)):
        for step in steps(parse(typed)):
            if step.tier in (Tier.WORDS, Tier.PHRASE, Tier.EXACT):
                assert all(found & set(group) for group in step.groups), (typed, step)


@given(st.lists(st.text(alphabet="aàáđ hoồ.-/1\n", max_size=40), max_size=6), TEXTS)
def test_marks_of_a_snippet_are_pieces_of_the_text(texts: list[str], typed: str) -> None:
    ranking = Ranking(parse(typed))
    for text in texts:
        assert "".join(one.text for one in ranking.highlighted(text)) == unicodedata.normalize("NFC", text)
        shown = "".join(one.text for one in ranking.snippet(text)).strip("… ")
        assert shown in unicodedata.normalize("NFC", text)


def test_the_order_is_by_title_then_by_text_and_ties_fall_to_the_newer() -> None:
    def candidate(number: int, title: str) -> Candidate:
        return Candidate(
            id=number, content_id=str(number), revision=1, member="", kind="news", at=number, title=title,
            tiers=frozenset({Tier.WORDS}),
        )  # fmt: skip

    ranking = Ranking(parse("giá đất"))
    ranked = ranking.first_look(
        [candidate(1, "Tin"), candidate(2, "Tin"), candidate(3, "Giá đất"), candidate(4, "Già")]
    )
    assert [each.id for _, each in ranked] == [3, 4, 2, 1]
    closer = ranking.closer_look(ranked, {1: "bảng giá đất", 2: "giá vé, đất đai"})
    assert [each.id for _, each in closer] == [3, 1, 2, 4]


def test_a_hyphen_excludes_only_in_front_of_a_word() -> None:
    assert parse("giá -đất").excluded == (("dat",),)
    assert parse("QĐ-UBND 15/2024/QĐ -UBND giá - đất").excluded == ()


def test_of_a_sentence_the_longest_words_are_demanded_and_of_a_usual_query_all() -> None:
    usual = parse("thủ tục cấp giấy phép xây dựng nhà ở riêng")
    assert {step.tier: len(step.groups) for step in steps(usual)}[Tier.WORDS] == len(usual.words) == 10
    sentence = parse("từ sáng nay trung tâm phục vụ hành chính công của tỉnh mở cửa cả ngày thứ bảy")
    [words] = [step for step in steps(sentence) if step.tier is Tier.WORDS]
    assert len(words.groups) == DEMANDED
    assert ("trung",) in words.groups
    assert ("vu",) not in words.groups
    unfinished = parse("từ sáng nay trung tâm phục vụ hành chính công của tỉnh mở cửa cả ngày thứ b", is_typing=True)
    [words] = [step for step in steps(unfinished) if step.tier is Tier.WORDS]
    assert any(group[0] == "b" for group in words.groups), "what is being typed is always looked for"
