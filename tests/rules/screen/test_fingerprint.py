"""The fingerprint: the same words are recognised in other markup, other words are not."""

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.screen.fingerprint import fingerprint
from schemas.item import Attachment, Document, News

KEY = b"k" * 32
PAPER = Attachment(url="https://a.vn/bao-cao.pdf")


def news(html: str, **changes: str) -> News:
    return News.model_validate({"guid": "1", "title": "Báo cáo tháng 3", "content_html": html, **changes})


def test_markup_identity_and_layout_do_not_count() -> None:
    first = fingerprint(news("<p>TỐI MẬT</p><p>Nội dung  thử.</p>"), KEY)
    for other in (
        news("<div>Tối <b>m</b>ật</div>\n<div>Nội dung&nbsp;thử</div>"),
        news("<p>TỐI MẬT<br>Nội dung thử.</p>", guid="2", url="https://a.vn/2"),
        news("<p>TỐI MA\u0323\u0302T</p><p>nội dung thử</p>"),
    ):
        assert fingerprint(other, KEY) == first


def test_words_their_order_and_the_key_count() -> None:
    first = fingerprint(news("<p>MẬT</p>"), KEY)
    others = [
        fingerprint(news("<p>TỐI MẬT</p>"), KEY), fingerprint(news("<p>MẬT</p>", title="Báo cáo tháng 4"), KEY),
        fingerprint(news("<p>MẬT</p>"), b"another"), fingerprint(news("<p>MẬT</p>", summary="Tóm tắt"), KEY),
        fingerprint(Document(guid="1", title="Báo cáo tháng 3", abstract="MẬT", scope="Toàn tỉnh"), KEY),
        fingerprint(news("<p>MẬT</p>").model_copy(update={"attachments": (PAPER,)}), KEY),
    ]  # fmt: skip
    assert first not in others
    assert len(set(others)) == len(others)
    assert len(first) == 64


@given(st.text(), st.text())
def test_any_text_has_one(title: str, html: str) -> None:
    item = News(guid="1", title=title or "-", content_html=html)
    assert fingerprint(item, KEY) == fingerprint(item.model_copy(), KEY)
