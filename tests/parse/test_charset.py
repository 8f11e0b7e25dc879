"""Bytes become the text that was written, whatever the sender declared."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.parse.charset import declared_encoding, decode
from connectors.parse.legacy import ENCODINGS, decode_legacy, vietnamese_share

TEXT = """Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân định kỳ tháng 11 năm 2026 tại trụ sở; đề nghị các xã, phường
niêm yết tại nơi dễ thấy, đồng thời phổ biến trên hệ thống truyền thanh cơ sở để người dân biết và thực hiện."""

#: Real syllables with every letter and tone, from which any sentence may be made.
SYLLABLES = """
    ủy ban nhân dân tỉnh quyết định về việc phê duyệt kế hoạch phát triển kinh tế xã hội đường bộ cầu vượt nước sạch
    ở vùng núi khẩn trương kiểm tra rà soát hồ sơ thủ tục hành chính người trẻ già yếu nghèo khó mẫu giáo trường học
    bệnh viện chợ quê lũ lụt hạn hán gió bão sửa chữa mở rộng nghĩa trang liệt sĩ tưởng niệm đẵn gỗ kỹ thuật ngã ba
    ruộng lúa thuở trước vẫn giữ"""
sentences = st.lists(st.sampled_from(sorted(set(SYLLABLES.split()))), min_size=25, max_size=60, unique=True).map(
    lambda words: " ".join(words).capitalize()
)


def encoded(text: str, encoding: str) -> bytes:
    """`text` in a legacy encoding, letter by letter through the decoder, so that no second table can be wrong alike."""
    if encoding == "windows-1258":
        return b"".join(_1258(c) for c in text)
    table: dict[str, bytes] = {}
    codes = [bytes([n]) for n in (10, *range(0x20, 0x7F), *range(0x80, 0x100), *range(1, 7), *range(17, 31))]
    if encoding == "vni":  # a base letter and its mark come before what either means alone
        codes = [bytes([a, b]) for a in b"AEIOUYaeiouy\xd4\xd6\xf4\xf6" for b in range(0xC0, 0x100)] + codes
    for code in codes:
        table.setdefault(decode_legacy(code, encoding), code)
    return b"".join(table[c] for c in text)


def _1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        bare, tone = unicodedata.normalize("NFD", letter), ""
        tone = next(c for c in bare if c in "\u0300\u0301\u0303\u0309\u0323")
        return (unicodedata.normalize("NFC", bare.replace(tone, "")) + tone).encode("cp1258")


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=sentences)
def test_legacy_vietnamese_is_known_by_its_syllables(encoding: str, text: str) -> None:
    assert decode(encoded(text, encoding)) == (text, encoding)


@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii", "nonsense"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_wrong_declaration_does_not_win_against_the_bytes(encoding: str, wrong: str) -> None:
    assert decode(encoded(TEXT, encoding), f"text/html; charset={wrong}")[0] == TEXT
    assert decode(TEXT.encode(), f"text/html; charset={wrong}") == (TEXT, "utf-8")


@pytest.mark.parametrize("declared", ["windows-1258", "tcvn3", "viscii", "gb2312"])
def test_utf8_declared_as_something_else_stays_utf8(declared: str) -> None:
    assert decode(TEXT.encode(), f"text/xml; charset={declared}") == (TEXT, "utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_single_word_is_read_as_declared(encoding: str) -> None:
    assert decode(encoded("Quyết định", encoding), f"text/html; charset={encoding}") == ("Quyết định", encoding)


@given(st.text())
def test_utf8_is_read_as_it_is(text: str) -> None:
    assume(not text.startswith("\ufeff") and "\x00" not in text and "\x1b" not in text)
    assume(decode(text.encode())[1] == "utf-8")
    assert decode(text.encode())[0] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_beats_the_header(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "text/html; charset=iso-8859-1")[0] == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_are_known_without_a_mark(encoding: str) -> None:
    assert decode(f"<p>{TEXT}".encode(encoding)) == (f"<p>{TEXT}", encoding)


@pytest.mark.parametrize("through", ["latin-1", "cp1252"])
def test_utf8_encoded_twice_is_mended(through: str) -> None:
    text = "Sở Y tế thông báo tiêm chủng mở rộng cho trẻ em"
    once = text.encode().decode(through, "ignore" if through == "latin-1" else "strict")
    assert decode(once.encode()) == (text, "utf-8-double")


@pytest.mark.parametrize("text", ["Café «Ân» – “cá”", "Âu “Á” Ã", "naïve Ångström"])
def test_honest_western_letters_are_not_mended(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")


def test_a_few_broken_characters_do_not_change_the_encoding() -> None:
    body = TEXT.encode()
    assert decode(body[:-3] + b"\xff" + body[-3:])[1] == "utf-8"
    text, encoding = decode(body[: body.index("ỳ".encode()) + 2])
    assert encoding == "utf-8"
    assert text.startswith("Ủy ban nhân dân tỉnh")


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        ("Größe und Maß – schön", "cp1252", "iso-8859-1"),
        ("Новости области", "koi8-r", "koi8-r"),
        ("Новости области", "cp1251", "windows-1251"),
        ("政府新闻发布", "gbk", "gb2312"),
        ("県からのお知らせ", "cp932", "shift_jis"),
        ("県からのお知らせ", "iso2022_jp", ""),
        ("경기도 소식", "cp949", "euc-kr"),
        ("ข่าวจังหวัด", "cp874", "tis-620"),
    ],
)
def test_other_languages_are_read_as_declared(text: str, encoding: str, declared: str) -> None:
    assert decode(text.encode(encoding), f"text/html; charset={declared}" if declared else "")[0] == text


def test_undeclared_text_of_another_language_is_guessed_last() -> None:
    text = "Администрация области сообщает о начале приёма граждан и публикует расписание на ноябрь. " * 3
    assert decode(text.encode("cp1251"))[0] == text


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        (b"", 'text/html; charset="UTF-8"', "utf-8"),
        (b"", "text/html;charset = windows-1258", "windows-1258"),
        (b"<?xml version='1.0' encoding='TCVN-5712'?>", "", "tcvn3"),
        (b"<?xml version='1.0' encoding='koi8-r'?>", "text/xml; charset=utf-8", "utf-8"),
        (b"<html><head><META charset=viscii>", "text/html", "viscii"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "", "windows-1252"),
        (b"<?xml version='1.0' encoding='utf-16'?>", "", ""),
        (b"<?xml version='1.0' encoding='utf-7'?>", "", ""),
        (b"<?xml version='1.0' encoding='unicode_escape'?>", "", ""),
        (b"<meta charset=base64>", "text/html; charset=zlib", ""),
        (b"<meta charset=../../x>", "", ""),
        (b" " * 5_000 + b"<meta charset=viscii>", "", ""),
    ],
)
def test_a_declaration_is_found_and_checked(body: bytes, content_type: str, name: str) -> None:
    assert declared_encoding(body, content_type) == name


@settings(deadline=None)  # the first odd bytes import charset-normalizer
@given(
    st.binary(max_size=300),
    st.sampled_from(["", *ENCODINGS, "utf-8", "gb2312", "iso-2022-jp", "utf-7", "idna", "\x00"]),
)
def test_any_bytes_give_text(body: bytes, declared: str) -> None:
    text, encoding = decode(body, f"text/html; charset={declared}")
    assert isinstance(text, str)
    assert encoding


def test_the_share_of_syllables_tells_vietnamese_from_other_languages() -> None:
    assert vietnamese_share(TEXT)[0] == 1.0
    assert vietnamese_share("déjà été naïve façade élève où hôtel garçon")[0] < 0.5
    assert vietnamese_share(encoded(TEXT, "tcvn3").decode("cp1252", "replace"))[0] < 0.5
    assert vietnamese_share("plain") == (0.0, 0)
