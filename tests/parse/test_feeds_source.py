"""From a record to an item: every field is cleaned, what is missing is mended or rejected by name."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Capture, Cursor, Normalised, Record, SourceContext, Unchanged
from connectors.errors import RejectedError
from connectors.parse.item import LIST_LIMIT, MADE_TITLE_LIMIT
from connectors.sources.feed import Config, Connector
from schemas.item import ADDRESS_LIMIT, ITEM, TITLE_LIMIT, Kind, Procedure

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONTEXT = SourceContext(name="so-y-te-tin", kind=Kind.NEWS, url="https://soyte.tinhmau.gov.vn/rss")
CONNECTOR = Connector(CONTEXT, Config())


def capture(*items: str) -> Capture:
    body = f'<rss version="2.0"><channel><title>Tin</title>{"".join(items)}</channel></rss>'
    return Capture(url=CONTEXT.url, content_type="text/xml", body=body.encode("utf-8", "replace"), fetched_at=NOW)


def only_record(*fields: str) -> tuple[Record, Capture]:
    got = capture(f"<item>{''.join(fields)}</item>")
    return CONNECTOR.split(got, frozenset(), NOW).records[0], got


def normalise(*fields: str) -> Normalised:
    return CONNECTOR.normalise(*only_record(*fields))


class Site:
    """The way to a member site: answers what the test laid out and remembers the question."""

    def __init__(self, answer: Capture | Unchanged) -> None:
        self.answer, self.asked = answer, list[tuple[str, Cursor]]()

    async def get(self, url: str, *, cursor: Cursor, **_: Any) -> Capture | Unchanged:
        self.asked.append((url, cursor))
        return self.answer


async def test_fetch_is_one_conditional_request() -> None:
    site = Site(Unchanged())
    assert await CONNECTOR.fetch(site, {"etag": "abc"}) == Unchanged()  # type: ignore[arg-type]
    assert site.asked == [(CONTEXT.url, {"etag": "abc"})]


hostile = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;svg/onload=x&gt;",
        "javascript:alert(1)",
        "<!-- ",
        "<![CDATA[",
        "\u202e",
        "//evil.example/x",
        "http://a@b/",
        "<iframe src='//x'>",
    ]
)
FIELDS = ("title", "link", "guid", "description", "pubDate", "author", "category", "comments", "source", "image")


@given(st.dictionaries(st.sampled_from(FIELDS), hostile, min_size=1))
def test_whatever_a_feed_says_becomes_a_clean_item_or_a_rejection(said: dict[str, str]) -> None:
    got = capture("<item>" + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in said.items()) + "</item>")
    for record in CONNECTOR.split(got, frozenset(), NOW).records:
        try:
            item = CONNECTOR.normalise(record, got).item
        except RejectedError as rejected:
            assert rejected.code in ("no_identity", "no_text")  # noqa: PT017
            continue
        assert ITEM.validate_json(item.model_dump_json()) == item
        for address in (item.url, item.image):
            assert not address or address.startswith(("http://", "https://"))
        for text in (item.title, item.summary, *item.tags, *(author.name for author in item.authors)):
            assert text == " ".join(text.split())
            assert "<script" not in text.lower()
        assert "<script" not in item.content_html.lower()


def test_an_item_is_of_the_kind_of_its_source() -> None:
    context = SourceContext(name="tthc", kind=Kind.PROCEDURE, url=CONTEXT.url)
    made = Connector(context, Config()).normalise(*only_record("<title>Cấp phép</title>"))
    assert isinstance(made.item, Procedure)


def test_a_title_is_made_from_the_text_and_said_so() -> None:
    made = normalise("<guid>1</guid>", f"<description>{'lời ' * 100}</description>")
    assert made.item.title.endswith("…")
    assert len(made.item.title) <= MADE_TITLE_LIMIT
    assert made.remarks == ("title_from_text",)


def test_a_title_over_the_limit_is_cut_at_a_word_and_said_so() -> None:
    made = normalise(f"<title>{'chữ ' * 250_000}</title>")
    assert len(made.item.title) <= TITLE_LIMIT
    assert made.item.title.endswith("chữ…")
    assert made.remarks == ("title_cut",)


@pytest.mark.parametrize("date", ["Mon, 01 Jan 0001 00:00:00 GMT", "01/01/2999", "hôm qua", "2026-11-22T00:00:01Z"])
def test_a_date_that_cannot_be_is_none_and_said_so(date: str) -> None:
    made = normalise("<title>a</title>", f"<pubDate>{date}</pubDate>")
    assert made.item.published is None
    assert made.remarks == ("date_refused",)


def test_an_item_without_a_date_has_none_and_nothing_is_said() -> None:
    made = normalise("<title>a</title>")
    assert made.item.published is None
    assert made.remarks == ()


def test_the_guid_is_the_id_else_the_link_else_the_file_else_title_and_date() -> None:
    link, file = "<link>https://a.vn/1</link>", '<enclosure url="https://a.vn/1.pdf" type="application/pdf"/>'
    title, date = "<title>Tin</title>", "<pubDate>2026-11-16T00:00:00Z</pubDate>"
    assert normalise('<guid isPermaLink="false">g</guid>', link, title).item.guid == "g"
    assert normalise(link, title, file).item.guid == "https://a.vn/1"
    assert normalise(title, file).item.guid == "https://a.vn/1.pdf"
    assert normalise(title, date).item.guid == "urn:hub:2026-11-16T00:00:00+00:00:Tin"
    assert normalise(title, date).item.guid == normalise(date, title).item.guid


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("<pubDate>2026-11-16</pubDate>", "no_identity"),
        (f"<guid>{'x' * (ADDRESS_LIMIT + 1)}</guid><title>a</title>", "no_identity"),
        ("<guid>1</guid>", "no_text"),
        ("<link>https://a.vn/1</link>", "no_text"),
    ],
)
def test_what_nobody_could_find_or_read_is_rejected_with_its_pointer(fields: str, code: str) -> None:
    record, got = only_record(fields)
    with pytest.raises(RejectedError) as caught:
        CONNECTOR.normalise(record, got)
    assert (caught.value.code, caught.value.pointer) == (code, "item 1")
    assert caught.value.sentence


def test_the_first_picture_of_the_text_is_the_image_where_none_is_named() -> None:
    picture = escape('<p><img alt="x" src="/a.jpg?b=1&c=2"></p>')
    made = normalise("<title>a</title>", f"<description>{picture}</description>")
    assert made.item.image == "https://soyte.tinhmau.gov.vn/a.jpg?b=1&c=2"


def test_lists_are_bounded() -> None:
    tags = "".join(f"<category>thẻ {i}</category>" for i in range(5_000))
    assert len(normalise("<title>a</title>", tags).item.tags) == LIST_LIMIT


def test_lines_of_plain_content_stay_lines() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1","items":[{"title":"a","content_text":"m\\u1ed9t\\n\\n2 < 3"}]}'
    got = Capture(url=CONTEXT.url, content_type="application/json", body=body, fetched_at=NOW)
    record = CONNECTOR.split(got, frozenset(), NOW).records[0]
    assert CONNECTOR.normalise(record, got).item.content_html == "một<br>2 &lt; 3"


def test_the_limit_of_records_is_a_setting() -> None:
    connector = Connector(CONTEXT, Config(max_items=1))
    split = connector.split(capture("<item><title>a</title></item>", "<item><title>b</title></item>"), frozenset(), NOW)
    assert len(split.records) == 1
    assert [fallen.code for fallen in split.fallen] == ["too_many"]
