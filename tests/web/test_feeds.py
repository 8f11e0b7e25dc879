"""The feed writers: what they write is valid, and our own reader gets the same items back out of it."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import feedparser
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.base import Capture, SourceContext
from connectors.parse.html import clean, plain
from connectors.parse.text import clean_text
from connectors.sources.feed import Config, Connector
from hub.store.publishing import PublicEdition
from hub.web.feeds import FORMATS, FeedPage, identifier
from schemas.edition import PublishedItem, Withdrawal, WithdrawalKind
from schemas.item import Attachment, Author, ItemBase, Kind
from tests.web.requirements import atom_faults, json_faults, rss_faults

FAULTS = {"atom": atom_faults, "rss": rss_faults, "json": json_faults}
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ICT = timezone(timedelta(hours=7))
every_format = pytest.mark.parametrize("ending", FORMATS)


def published(**fields: object) -> PublishedItem:
    given: dict[str, object] = {
        "content_id": uuid4(), "revision": 1, "kind": Kind.NEWS, "title": "Tiêm chủng mở rộng", "member": "H52.12",
        "member_name": "Sở Y tế", "source": "so-y-te-tin", "url": "http://soyte.example.vn/tin/1", "language": "vi",
    }  # fmt: skip
    return PublishedItem.model_validate(given | fields)


def page(*editions: PublishedItem | Withdrawal, next: str = "") -> FeedPage:
    return FeedPage(
        title="Tỉnh Mẫu", description="Tin", author="Tỉnh Mẫu", home="https://tin.vn/", items="https://tin.vn/items/",
        address="https://tin.vn/feeds/all", first="https://tin.vn/feeds/all", next=next, language="vi",
        updated=NOW if editions else None,
        entries=[PublicEdition(edition=one, public_at=NOW, place=NOW) for one in editions],
    )  # fmt: skip


def read_back(ending: str, body: bytes) -> tuple[list[ItemBase], list[tuple[str, datetime | None]]]:
    """Items and tombstones as our own feed source reads them."""
    connector = Connector(SourceContext(name="hub", kind=Kind.NEWS, url="https://tin.vn/feeds/all"), Config())
    capture = Capture(
        url="https://tin.vn/feeds/all", content_type=FORMATS[ending].content_type, body=body, fetched_at=NOW, cursor={},
        headers={},
    )  # fmt: skip
    split = connector.split(capture, frozenset(), NOW)
    assert not split.fallen
    assert not split.truncated
    items = [connector.normalise(record, capture).item for record in split.records]
    return items, [(stone.guid, stone.at) for stone in split.tombstones]


FULL = published(
    title="Quyết định 12/QĐ-UBND: “thí điểm” <một cửa> & liên thông",
    summary="Từ 01/3, hồ sơ < 5 trang được giải quyết trong ngày.",
    content_html='<p><img src="https://soyte.example.vn/a.jpg"> và <a href="https://x.vn/?a=1&amp;b=2">số liệu</a></p>',
    published=datetime(2026, 3, 1, 7, 30, tzinfo=ICT),
    tags=("Y tế/Dự phòng", "R&D", "100%"),
    authors=(Author(name="Lê Minh"), Author(email="an@example.vn")),
    image="https://soyte.example.vn/a.jpg",
    attachments=(
        Attachment(url="https://soyte.example.vn/1.pdf", type="application/pdf", length=1_024, title="Quyết định"),
        Attachment(url="https://soyte.example.vn/2.docx"),
    ),
)
BARE = published(title="Chỉ có tiêu đề", url="", authors=(), member_name="")


@every_format
def test_an_item_comes_back_as_it_was(ending: str) -> None:
    full = FULL.model_copy(update={"title": "Quyết định 12/QĐ-UBND: “thí điểm” & liên thông"})
    [item], _ = read_back(ending, FORMATS[ending].write(page(full)))
    assert (item.guid, item.title, item.url) == (identifier(full), full.title, full.url)
    assert item.summary == full.summary
    assert item.content_html == clean(full.content_html)
    assert item.published == full.published
    assert item.updated == NOW
    assert item.tags == full.tags
    assert [author.name for author in item.authors] == ["Lê Minh"]
    assert [file.url for file in item.attachments] == [file.url for file in full.attachments]
    assert item.attachments[0].length == 1_024
    assert item.image == full.image
    assert item.language == "vi"


texts = st.text(max_size=60).map(lambda text: plain(clean_text(text))).filter(lambda text: plain(text) == text)
fragments = st.lists(
    st.one_of(
        texts.map(lambda t: f"<p>{t}</p>"), st.text(max_size=30), st.just('<a href="/x">y</a><script>z</script>')
    ),
    max_size=4,
).map("".join)
dates = st.datetimes(datetime(2001, 1, 1), datetime(2026, 1, 1), timezones=st.sampled_from([UTC, ICT]))


@every_format
@given(title=texts.filter(bool), summary=texts, html=fragments, at=dates)
def test_any_text_comes_back_in_a_valid_feed(ending: str, title: str, summary: str, html: str, at: datetime) -> None:
    at = at.replace(microsecond=0)
    one = published(title=title, summary=summary, content_html=html, published=at)
    body = FORMATS[ending].write(page(one))
    assert FAULTS[ending](body) == []
    [item], _ = read_back(ending, body)
    assert (item.guid, item.title, item.url, item.published) == (identifier(one), title, one.url, at)
    if clean(html).strip():
        assert item.content_html == clean(clean(html).strip())


@every_format
@pytest.mark.parametrize("editions", [(), (FULL,), (FULL, BARE)], ids=["empty", "full", "bare"])
def test_every_document_meets_its_specification(ending: str, editions: tuple[PublishedItem, ...]) -> None:
    body = FORMATS[ending].write(page(*editions, next="https://tin.vn/feeds/all?before=1"))
    assert FAULTS[ending](body) == []


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_feedparser_finds_no_fault(ending: str) -> None:
    gone = Withdrawal(content_id=uuid4(), revision=2, at=NOW)
    found = feedparser.parse(FORMATS[ending].write(page(FULL, BARE, gone)))
    assert found.bozo == 0
    assert [entry.id for entry in found.entries] == [identifier(FULL), identifier(BARE)]
    assert found.entries[0].title == FULL.title


@every_format
def test_characters_that_xml_forbids_are_left_out(ending: str) -> None:
    odd = published(title="a\x00b\x01c\ufffed", tags=("x\x01",), summary="\x08s", member_name="Sở\x1f Y tế")
    body = FORMATS[ending].write(page(odd))
    assert FAULTS[ending](body) == []
    [item], _ = read_back(ending, body)
    assert item.title == "abcd"


def test_a_withdrawn_item_is_a_tombstone_in_atom_and_json() -> None:
    gone = Withdrawal(content_id=uuid4(), revision=2, kind=WithdrawalKind.NOTICE, reason="Sai số liệu", at=NOW)
    items, stones = read_back("atom", FORMATS["atom"].write(page(gone)))
    assert (items, stones) == ([], [(identifier(gone), NOW)])
    told = orjson.loads(FORMATS["json"].write(page(gone)))
    assert told["items"] == []
    assert told["_hub"]["withdrawn"] == [{"id": identifier(gone), "at": NOW.isoformat(), "reason": "Sai số liệu"}]
    assert b"Sai" not in FORMATS["rss"].write(page(gone))


@every_format
def test_of_what_shall_vanish_no_reason_is_told(ending: str) -> None:
    gone = Withdrawal(content_id=uuid4(), revision=2, kind=WithdrawalKind.VANISH, reason="Chuyện riêng", at=NOW)
    assert "Chuyện riêng" not in FORMATS[ending].write(page(gone)).decode()


@every_format
def test_what_a_careless_connector_stored_does_not_leave(ending: str) -> None:
    bad = published(
        content_html="<p>x</p><script>alert(1)</script>", url="javascript:alert(2)", image="data:text/html,alert(3)",
        attachments=(Attachment(url="file:///etc/passwd"),),
    )  # fmt: skip
    body = FORMATS[ending].write(page(bad)).decode()
    assert FAULTS[ending](body.encode()) == []
    for trace in ("alert", "passwd", "script>"):
        assert trace not in body


def test_an_item_without_an_address_is_linked_to_our_own_page() -> None:
    feed = etree.fromstring(FORMATS["rss"].write(page(BARE)))
    assert feed.findtext("channel/item/link") == f"https://tin.vn/items/{BARE.content_id}"


def test_an_empty_feed_has_not_changed_since_ever() -> None:
    feed = etree.fromstring(FORMATS["atom"].write(page()))
    assert feed.findtext("{http://www.w3.org/2005/Atom}updated") == "1970-01-01T00:00:00+00:00"
