"""Marks of state secrets and handling notes: what purges, what holds, and the words that only look so."""

from dataclasses import replace

import pytest

from hub.rules.screen.screen import FileText, screen, screen_around, screen_texts
from hub.rules.screen.terms import Listed, Terms
from hub.rules.screen.verdict import Outcome, Verdict
from hub.screening import screening_terms
from schemas.item import Attachment, Author, Document, News, Procedure
from schemas.shapes import Coded
from tests.screens.decoys import decoys
from tests.screens.disguises import PLAIN
from tests.screens.forms import forms
from tests.screens.office import Sample

TERMS = screening_terms()


def screened(html: str, terms: Terms = TERMS) -> Verdict:
    return screen(News(guid="1", title="Báo cáo tình hình", content_html=html), terms=terms)


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("MẬT", "stamp"),
        ("TỐI MẬT", "stamp"),
        ("[TUYỆT MẬT]", "stamp"),
        ("(Mật)", "stamp"),
        ("*** MẬT ***", "stamp"),
        ("M Ậ T", "stamp"),
        ("T Ố I&nbsp;M Ậ T", "stamp"),
        ("M.Ậ.T", "stamp"),
        ("TỐI MẬT – 10 năm", "stamp"),
        ("HỎA TỐC - TỐI MẬT", "stamp"),
        ("MẬT Số: 12/BC-UBND", "stamp"),
        ("Số: 12/BC-UBND  TỐI MẬT", "stamp"),
        ("TUYET MAT", "stamp"),
        ("Toi mat", "stamp"),
        ("MÂT", "stamp"),
        ("TỐI MÂT", "stamp"),
        ("mËt", "stamp"),
        ("Độ mật: Mật", "field"),
        ("Số 1. Độ mật : Tối  mật. Khẩn", "field"),
        ("Độ mật | Mật", "field"),
        ("Mức độ mật của tài liệu: mật", "field"),
        ("Do mat: Mat", "field"),
        ("doMat: mật, khẩn", "field"),
        ("Đ ộ m ậ t : M ậ t", "field"),
        ("S ố: 1 . Đ ộ  m ậ t : M ậ t . K h ẩ n", "field"),
        ("Độ mật: Mật. Độ khẩn: Thường", "field"),
        ("Số 1. Độ mật.......: “Tối mật”; số trang: 2", "field"),
        ("Số 1. Độ mật là: mật; số trang: 2", "field"),
        ("Số 1; độ mật∶ mật", "field"),
        ("Số: 12/BC – UBND (M)", "number_suffix"),
        ("Số: 12/BC‑UBND【M】", "number_suffix"),
        ("M🔒Ậ🔒T", "stamp"),
        ("M<br>Ậ<br>T", "stamp"),
        ("Số: 12/BC-UBND(M)", "number_suffix"),
        ("12-BC/TU (TM) ngày 3", "number_suffix"),
        ("12/QĐ(M)", "number_suffix"),
        ("12/bc-ubnd(m)", "number_suffix"),
        ("số 15/2026/BC-UBND [Tối mật]", "number_suffix"),
        ("Số: 12/QĐ (M)", "number_suffix"),
        ("Tài liệu thu hồi", "envelope"),
        ("CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ", "envelope"),
        ("T À I  L I Ệ U  T H U  H Ồ I", "envelope"),
        ("TAI LIEU THU HOI", "envelope"),
    ],
)
def test_a_mark_of_a_state_secret_purges(block: str, rule: str) -> None:
    verdict = screened(f"<p>Kính gửi các đơn vị</p><p>{block}</p><p>Nơi nhận: như trên</p>")
    assert verdict.purge
    assert rule in verdict.rules


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("Lưu hành nội bộ", "circulation"),
        ("Tài liệu này lưu hành nội bộ trong ngành.", "circulation"),
        ("L Ư U  H À N H  N Ộ I  B Ộ", "circulation"),
        ("Tài liệu này lưu hành n ộ i bộ.", "circulation"),
        ("Phạm vi lưu hành: các sở", "circulation"),
        ("Không phổ biến", "circulation"),
        ("BẢN SỐ: 03", "circulation"),
        ("B Ả N  S Ố : 3", "circulation"),
        ("Bì ghi chỉ người có tên mới được bóc bì.", "circulation"),
        ("Luu hanh noi bo", "circulation"),
        ("GIẢI MẬT", "declassified"),
        ("GIẢI MẬT Từ: 12/3/2024", "declassified"),
        ("MAT", "stamp_without_marks"),
        ("[MẬT] Kế hoạch phòng thủ", "stamp_beside"),
        ("Kế hoạch (TỐI MẬT)", "stamp_beside"),
        ("Độ mật: Thường, Mật, Tối mật, Tuyệt mật", "field_choices"),
        ("TUYỆT MẬT, TỐI MẬT, MẬT", "field_choices"),
        ("Độ mật: ☐ Tuyệt mật ☐ Tối mật ☒ Mật", "field_choices"),
    ],
)
def test_what_is_not_surely_a_level_waits_for_a_person(block: str, rule: str) -> None:
    verdict = screened(f"<p>Kính gửi các đơn vị</p><p>{block}</p>")
    assert verdict.hold
    assert rule in verdict.rules


@pytest.mark.parametrize(
    "disguise", ["Cyrillic", "Cyrillic, composed", "Greek", "Greek, composed", "wide", "mathematical", "decomposed"]
)
@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("LƯU HÀNH NỘI BỘ", "circulation"),
        ("Tài liệu này lưu hành nội bộ trong ngành.", "circulation"),
        ("PHẠM VI LƯU HÀNH: CÁC SỞ", "circulation"),
        ("Phạm vi lưu hành: các sở", "circulation"),
        ("KHÔNG PHỔ BIẾN", "circulation"),
        ("CẤM SAO CHỤP", "circulation"),
        ("BẢN SỐ: 03", "circulation"),
        ("GIẢI MẬT", "declassified"),
        ("Đã giải mật", "declassified"),
        ("TÀI LIỆU THU HỒI", "envelope"),
        ("Chỉ người có tên mới được bóc bì", "envelope"),
        ("TUYỆT MẬT", "stamp"),
        ("Độ mật: Tối mật", "field"),
    ],
)
def test_a_phrase_in_letters_of_another_script_is_the_phrase(block: str, rule: str, disguise: str) -> None:
    assert rule in screened(f"<p>Kính gửi các đơn vị</p><p>{PLAIN[disguise](block)}</p>").rules


@pytest.mark.parametrize(
    "text",
    [
        "bí mật nhà nước",
        "trừ văn bản mật",
        "thông tin mật",
        "bảo mật",
        "mật khẩu",
        "mật mã",
        "cơ mật",
        "mật ong",
        "mật độ",
        "mật thiết",
        "thân mật",
        "mật vụ",
        "Bộ Công an giải mật hồ sơ",
        "Hồ sơ tuyệt mật của điệp viên",
        "Độ mật: Thường",
        "tài liệu thu hồi đất",
        "HỘI NGHỊ VỀ BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "BẢO MẬT THÔNG TIN",
        "MẬT ONG RỪNG",
        "MẬT ĐỘ DÂN SỐ",
        "gồm ba độ mật: tuyệt mật, tối mật và mật theo luật",
        "Độ mật: mật khẩu",
        "Mắt",
        "MẶT",
        "Mất",
        "MẠT",
        "mat na",
        "Tôi mất",
        "bệnh này không phổ biến",
        "văn bản số: 12",
        "biên bản số 5",
        "Bản số hoá",
        "Cao trình 12/MNDBT (m)",
        "khổ 12/45 (M)",
        "12/BC-UBND (MTTQ)",
        "trừ trường hợp thông tin thuộc bí mật nhà nước",
        "TOI MATCH",
        "phạm vi lưu hành của thuốc",
        "không để lộ, lọt bí mật Nhà nước",
        "Độ khẩn: Khẩn",
        "A",
        "Nhóm (m)",
        "tối mắt tối mũi",
    ],
)
def test_words_decide_and_syllables_do_not(text: str) -> None:
    for html in (f"<p>{text}</p>", f"<h1>{text}</h1>", f"<table><tr><td>{text}</td></tr></table>"):
        assert not screened(html).findings


def test_a_headline_in_capitals_is_no_stamp() -> None:
    for text in (
        "bảo mật thông tin",
        "mật ong rừng",
        "mật độ dân số",
        "hội nghị bảo vệ bí mật nhà nước",
        "trao đổi thân mật",
    ):
        assert not screened(f"<h1>{text.upper()}</h1>").findings


def test_cells_and_pairs_carry_the_level_by_themselves() -> None:
    for html in (
        "<table><tr><td>Độ mật</td><td>Mật</td></tr></table>", 
        "<table><tr><th>Độ mật</th></tr><tr><td>Tối mật</td></tr></table>",
        "<dl><dt>Độ mật</dt><dd>Mật</dd></dl>", "<div>M</div><div>Ậ</div><div>T</div>", "<p>Xem<br>MẬT<br>hết</p>",
    ):  # fmt: skip
        assert screened(html).purge


def test_an_envelope_letter_counts_only_beside_another_mark() -> None:
    assert not screened("<p>A</p><p>B</p>").findings
    assert "envelope_letter" in screened("<p>BẢN SỐ: 3</p><p>B</p>").rules


def test_every_text_of_an_item_is_read_and_the_place_is_named() -> None:
    stamp = "Tối mật"
    where = {
        "title": News(guid="1", title=stamp),
        "summary": News(guid="1", title="a", summary=f"Báo cáo\n{stamp}"),
        "content_html": News(guid="1", title="a", content_html=f"<i>{stamp}</i>"),
        "tags": News(guid="1", title="a", tags=("tin", stamp)),
        "authors": News(guid="1", title="a", authors=(Author(name=stamp),)),
        "image": News(guid="1", title="a", image="https://a.vn/anh/Toi%20mat.png"),
        "https://a.vn/TOI_MAT.pdf": News(
            guid="1", title="a", attachments=(Attachment(url="https://a.vn/TOI_MAT.pdf"),)
        ),
        "https://a.vn/1.pdf": News(
            guid="1", title="a", attachments=(Attachment(url="https://a.vn/1.pdf", title="12/BC-UBND(M)"),)
        ),
        "details.number_given": Document(guid="1", title="a", number_given="12/BC-UBND(M)"),
        "details.sectors": Document(guid="1", title="a", sectors=(Coded(name="Nội vụ"), Coded(name=stamp))),
        "details.conditions_html": Procedure(guid="1", title="a", conditions_html="<p>T<b>ố</b>i mật</p>"),
        "details.description": Procedure(guid="1", title="a", description=f"Mô tả\nĐộ mật: {stamp}"),
    }  # fmt: skip
    for place, item in where.items():
        verdict = screen(item, terms=TERMS)
        assert verdict.purge, place
        assert {finding.where for finding in verdict.findings} == {place}


def test_files_are_read_by_lines_and_what_has_no_text_is_held() -> None:
    item = News(guid="1", title="a")
    url = "https://a.vn/1.pdf"
    assert screen(item, files=[FileText(url, "UBND TỈNH\nMẬT\nBÁO CÁO")], terms=TERMS).purge
    assert not screen(item, files=[FileText(url, "Quyết định\nvề mật độ xây dựng")], terms=TERMS).findings
    scan = screen(item, files=[FileText(url, readable=False)], terms=TERMS)
    assert (scan.hold, scan.rules, scan.findings[0].where) == (True, ("no_text_layer",), url)
    part = screen(item, files=[FileText(url, "Quyết định", whole=False)], terms=TERMS)
    assert (part.hold, part.rules, part.findings[0].where) == (True, ("read_in_part",), url)
    assert screen(item, files=[FileText(url, "MẬT", whole=False)], terms=TERMS).purge


@pytest.mark.parametrize(
    ("name", "value", "purged"),
    [
        ("doMat", "Mật", True),
        ("DoMat", "2", True),
        ("do_mat", "Tối mật", True),
        ("secretLevel", "1", True),
        ("Độ mật", "MẬT", True),
        ("BaoMat", "true", True),
        ("doMat", "Thường", False),
        ("doMat", "", False),
        ("doMat", "0", False),
        ("DOMAT", " thuong ", False),
        ("secretLevel", "none", False),
        ("doKhan", "2", False),
        ("trangThai", "1", False),
        ("ghiChu", "Độ mật: Mật", True),
    ],
)
def test_a_field_of_the_record_says_the_level(name: str, value: str, purged: bool) -> None:
    assert screen(News(guid="1", title="a"), terms=TERMS, metadata={name: value}).purge is purged


def test_the_last_gate_looks_for_secrets_only() -> None:
    assert screen_texts({"message": "Báo cáo\nTỐI MẬT"}, TERMS).purge
    assert screen_texts({"content": "<p>M<b>Ậ</b>T</p>"}, TERMS).purge
    assert not screen_texts({"content": "<p>Lưu hành nội bộ</p><p>GIẢI MẬT</p>"}, TERMS).findings


@pytest.mark.parametrize(
    ("block", "rule"),
    [
        ("Lưu hành nội bộ", "circulation"),
        ("BẢN SỐ: 3", "circulation"),
        ("GIẢI MẬT", "declassified"),
        ("Kế hoạch (TỐI MẬT)", "stamp_beside"),
        ("Độ mật: Thường, Mật, Tối mật, Tuyệt mật", "field_choices"),
        ("MAT", "stamp_without_marks"),
    ],
)
def test_a_note_on_handling_around_an_item_holds_it(block: str, rule: str) -> None:
    assert screen_around({"page": f"<header>Sở Y tế</header><aside>{block}</aside>"}, TERMS).rules == (rule,)


def test_around_an_item_a_mark_purges_and_an_envelope_letter_is_told() -> None:
    assert screen_around({"page": "<aside>TỐI MẬT</aside>"}, TERMS).purge
    assert screen_around({"page": "<p>BẢN SỐ: 3</p><p>B</p>"}, TERMS).rules == ("circulation", "envelope_letter")


def test_around_an_item_neither_persons_nor_listed_words_hold() -> None:
    phones = "".join(f"<p>Ông Nguyễn Văn Thử: 0912 345 67{n}</p>" for n in range(9))
    frame = f"<footer>Căn cước 066301001234, số tài khoản 1234567890, dự án Sao Hôm{phones}</footer>"
    terms = replace(TERMS, words=(Listed("dự án sao hôm"),))
    assert screened(frame, terms).hold
    assert not screen_around({"page": frame}, terms).findings
    strict = replace(TERMS, words=(Listed("dự án sao hôm", Outcome.PURGE),))
    assert screen_around({"page": frame}, strict).rules == ("listed_word",)


def test_a_verdict_tells_the_kind_and_the_place_and_never_the_text() -> None:
    verdict = screened("<p>Tối mật</p><p>Số: 4711/BC-UBND(TM)</p><p>Lưu hành nội bộ</p>")
    assert verdict.purge
    assert not verdict.hold
    assert verdict.rules == ("stamp", "number_suffix", "circulation")
    assert "content_html" in verdict.sentence
    for told in (verdict.sentence, repr(verdict)):
        assert "4711" not in told
        assert "Tối mật" not in told
    held = screened("<p>Lưu hành nội bộ</p>")
    assert held.hold
    assert "hạn chế phạm vi lưu hành" in held.sentence
    assert (Verdict().sentence, Verdict().purge, Verdict().hold) == ("", False, False)


def _ways(sample: Sample) -> list[Verdict]:
    page = News(guid="1", title=sample.title, summary=sample.summary, content_html=sample.html)
    cover = News(guid="1", title=sample.title, summary=sample.summary, content_html=sample.clean_html)
    return [
        screen(page, terms=TERMS),
        screen(cover, terms=TERMS, files=[FileText("https://a.vn/1.pdf", sample.file_text)]),
    ]


def test_no_form_is_missed() -> None:
    for sample in forms(seed=1, n=500):
        for verdict in _ways(sample):
            assert verdict.findings, sample.name
            assert verdict.purge is (sample.outcome is Outcome.PURGE), sample.name
            assert sample.needle not in repr(verdict) + verdict.sentence


def test_no_decoy_is_stopped() -> None:
    for sample in decoys(seed=1, n=500):
        assert not any(verdict.findings for verdict in _ways(sample)), sample.name
