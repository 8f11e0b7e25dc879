"""The passage of a capture that speaks of one item: of feeds, JSON, pages, and of what is none of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.passage import LIMIT, passage

RSS = """<rss><channel><title>Trang</title>
<item><guid>1</guid><title>Tin một</title><description>&lt;p&gt;Mưa &amp;amp; gió&lt;/p&gt;</description></item>
<item><guid>tag:2</guid><title>Tin hai</title><description><![CDATA[<p>Nắng <b>to</b></p>]]></description></item>
</channel></rss>"""
FEED = {"title": "Trang", "items": [
    {"id": "1", "title": "Tin một", "content_html": "<p>Mưa</p><p>Gió</p>"},
    {"id": "2", "title": "Tin hai", "authors": [{"name": "An"}], "url": "http://x.vn/2"},
]}  # fmt: skip


def test_an_entry_of_a_feed_is_read_without_its_neighbours() -> None:
    assert passage(RSS, ("tag:2",), page=False) == "tag:2\nTin hai\nNắng to"
    assert passage(RSS, ("<guid>1<",), page=False) == "1\nTin một\nMưa & gió"


def test_an_object_of_json_is_read_without_its_neighbours() -> None:
    body = json.dumps(FEED, ensure_ascii=False)
    assert passage(body, ("1",), page=False) == "1\nTin một\nMưa\nGió"
    assert passage(body, ("", "http://x.vn/2"), page=False) == "2\nTin hai\nhttp://x.vn/2"
    assert passage(body, ("3",), page=False) == ""


def test_a_page_is_read_as_a_whole() -> None:
    assert passage("<body><h1>Tin</h1><script>x</script><p>Chữ</p></body>", (), page=True) == "Tin\nChữ"


@pytest.mark.parametrize("body", ["", "[" * 100_000, '{"a": ', "<item>" * 100_000, "\x00\x01", "tin " * 1_000_000])
def test_what_cannot_be_read_gives_little_and_no_fault(body: str) -> None:
    assert len(passage(body, ("a", "tin"), page=False)) <= LIMIT


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_is_survived(body: str, name: str) -> None:
    assert isinstance(passage(body, (name,), page=False), str)


def test_a_short_guid_leads_to_no_other_entry() -> None:
    other, own = "<item><guid>15</guid><p>Có 5 người, ngày 5/9</p></item>", "<item><guid>5</guid> http://x.vn/5</item>"
    body = f"<rss>{other}{own}</rss>"
    assert "người" not in passage(body, ("5", "http://x.vn/5"), page=False)
    assert "người" in passage(body, ("15", "http://x.vn/1"), page=False)
    assert passage(body, ("http://x.vn", "1"), page=False) != ""
    assert passage(body, ("1",), page=False) == ""
