"""The words of the screens: what ships, and what a province adds."""

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from hub.rules.screen.screen import screen
from hub.rules.screen.terms import Terms, read_terms
from hub.rules.screen.verdict import Outcome
from hub.screening import screening_terms
from schemas.item import Author, Document, News
from schemas.shapes import Coded

OURS = """
suffixes = ["BM"]
alone = ["Khu vực cấm"]
[[word]]
text = "Dự án Sao Băng"
[[word]]
text = "chiến dịch X9"
outcome = "purge"
[[issuer]]
text = "Phòng Cơ yếu"
[[addressee]]
text = "Bộ Chỉ huy Quân sự tỉnh"
[personal]
rows = 2
"""


def ours(tmp_path: Path) -> Terms:
    path = tmp_path / "screen.toml"
    path.write_text(OURS, "utf-8")
    return screening_terms(path)


def test_a_provinces_words_come_beside_ours(tmp_path: Path) -> None:
    terms = ours(tmp_path)
    assert set(screening_terms().suffixes) < set(terms.suffixes)
    assert (terms.personal.rows, terms.personal.contacts) == (2, screening_terms().personal.contacts)
    for html, outcome in {
        "<p>Số: 12/BC-UBND(BM)</p>": Outcome.PURGE, "<p>KHU VỰC CẤM</p>": Outcome.PURGE, "<p>MẬT</p>": Outcome.PURGE,
        "<p>Tiến độ DỰ  ÁN <b>Sao</b> Băng</p>": Outcome.HOLD, "<p>chiến dịch X9</p>": Outcome.PURGE,
        "<p>Nơi nhận:</p><p>- Bộ Chỉ huy Quân sự tỉnh;</p>": Outcome.HOLD,
    }.items():  # fmt: skip
        findings = screen(News(guid="1", title="a", content_html=html), terms=terms).findings
        assert [finding.outcome for finding in findings] == [outcome], html
    for html in ("<p>Bộ Chỉ huy Quân sự tỉnh thăm dân</p>", "<p>dự án Sao Băng2</p>", "<p>Phòng Cơ yếu</p>"):
        assert not screen(News(guid="1", title="a", content_html=html), terms=terms).findings


def test_an_issuer_is_looked_for_where_issuers_stand(tmp_path: Path) -> None:
    terms = ours(tmp_path)
    document = Document(guid="1", title="a", issuer=Coded(name="Phòng cơ yếu, Văn phòng"))
    assert screen(document, terms=terms).rules == ("listed_issuer",)
    assert screen(News(guid="1", title="a", authors=(Author(name="Phòng Cơ yếu"),)), terms=terms).hold


def test_a_file_can_make_the_screens_stricter_and_never_weaker() -> None:
    known = screening_terms()
    terms = read_terms({"suffixes": [], "personal": {"rows": 99, "contacts": 1, "surnames": []}}, known)
    assert terms.suffixes == known.suffixes
    assert (terms.personal.rows, terms.personal.contacts) == (known.personal.rows, 1)
    assert terms.personal.surnames == known.personal.surnames


@pytest.mark.parametrize(
    "text",
    [
        "sufixes = []",
        'suffixes = "M"',
        "suffixes = [1]",
        "[[word]]\noutcome = 'hold'",
        "[[word]]\ntext = ' '",
        "[[word]]\ntext = 'a'\noutcome = 'shred'",
        "[[word]]\ntext = 'a'\nrule = 1",
        "personal = 1",
        "[personal]\nrow = 1",
        "[personal]\nrows = 0",
        "[personal]\nrows = true",
        "contacts = 1",
        "[contacts]\na = 'b'",
        "word = [1]",
        "not toml",
        "\x00",
    ],
)
def test_a_wrong_file_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        screening_terms(path)
    assert refused.value.code == "bad_screen_terms"
    assert "ours.toml" in refused.value.sentence


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        screening_terms(tmp_path / "none.toml")
