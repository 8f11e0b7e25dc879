"""Reading feeds: both readers agree, refusals have names, limits hold. Oddities have cases in tests/cases/feed."""

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Fault, RejectedError
from connectors.parse.feeds import fallback
from connectors.parse.feeds.reader import BODY_LIMIT, RECORD_LIMIT, Feed, read_feed

NOW = datetime(2026, 11, 20, tzinfo=UTC)
URL = "https://soyte.tinhmau.gov.vn/rss"


def read(body: str | bytes, **more: Any) -> Feed:
    return read_feed(body.encode() if isinstance(body, str) else body, url=URL, now=NOW, **more)


def rss(*items: str, head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>Tin</title>{head}{"".join(items)}</channel></rss>'


def refusal(body: str | bytes, **more: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        read(body, **more)
    return caught.value


# ------------------------------------------------------------------------------------ the two readers agree


def looks_encoded_twice(text: str) -> bool:
    """Whether feedparser would take the letters for bytes: `Âª` becomes `ª`."""
    try:
        return text.encode("iso-8859-1").decode() != text
    except UnicodeError:
        return False


words = (
    st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: text and not looks_encoded_twice(text))
)
dates = st.sampled_from(["Wed, 18 Nov 2026 08:30:00 +0700", "2026-11-18T01:30:00Z", "18/11/2026 08:30", "không rõ"])


@st.composite
def rss_items(draw: st.DrawFn) -> str:
    fields = [f"<title>{escape(draw(words))}</title>", f"<guid isPermaLink='false'>{draw(words)}</guid>"]
    if draw(st.booleans()):
        fields.append(f"<link>https://soyte.tinhmau.gov.vn/tin/{draw(st.integers(0, 999))}</link>")
    if draw(st.booleans()):
        fields.append(f"<description>{escape('<p>' + draw(words) + '</p>')}</description>")
    if draw(st.booleans()):
        fields.append(f"<content:encoded><![CDATA[<p>{draw(words)}</p>]]></content:encoded>")
    if draw(st.booleans()):
        fields.append(f"<pubDate>{draw(dates)}</pubDate>")
    fields += [f"<category>{term}</category>" for term in draw(st.lists(words, max_size=3))]
    if draw(st.booleans()):
        fields.append(f"<dc:creator>{draw(words)}</dc:creator>")
    if draw(st.booleans()):
        fields.append('<enclosure url="https://soyte.tinhmau.gov.vn/a.pdf" type="application/pdf" length="9"/>')
    return "<item>" + "".join(draw(st.permutations(fields))) + "</item>"


@st.composite
def atom_entries(draw: st.DrawFn) -> str:
    fields = [f"<title>{escape(draw(words))}</title>", f"<id>urn:{draw(st.integers(0, 999))}</id>"]
    if draw(st.booleans()):
        fields.append(f'<link rel="alternate" href="https://soyte.tinhmau.gov.vn/tin/{draw(st.integers(0, 999))}"/>')
    if draw(st.booleans()):
        fields.append(f'<summary type="html">{escape("<p>" + draw(words) + "</p>")}</summary>')
    if draw(st.booleans()):
        fields.append(f'<content type="html">{escape("<b>" + draw(words) + "</b>")}</content>')
    if draw(st.booleans()):
        fields.append(f"<published>{draw(dates)}</published>")
    if draw(st.booleans()):
        fields.append(f"<updated>{draw(dates)}</updated>")
    if draw(st.booleans()):
        fields.append(f"<author><name>{draw(words)}</name><email>a@tinhmau.gov.vn</email></author>")
    fields += [f'<category term="{escape(term)}"/>' for term in draw(st.lists(words, max_size=3))]
    return "<entry>" + "".join(draw(st.permutations(fields))) + "</entry>"


rss_feeds = st.lists(rss_items(), max_size=4).map(
    lambda items: (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Tin</title>' + "".join(items) + "</channel></rss>"
    )
)
atom_feeds = st.lists(atom_entries(), max_size=4).map(
    lambda entries: '<feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title>' + "".join(entries) + "</feed>"
)


def essence(entry: Any) -> dict[str, Any]:
    """What both readers must say alike: texts by their words, for feedparser alone names spaces and text types."""
    said = {key: entry.get(key) for key in ("id", "link", "published", "updated", "authors", "categories")}
    texts = {key: " ".join(entry[key].value.split()) for key in ("title", "summary", "content") if key in entry}
    files = [(file.href, file.type, file.length) for file in entry.get("enclosures", ())]
    lists = {"categories": sorted(map(str.strip, said.pop("categories") or ()))}
    return {key: value for key, value in (said | texts | lists).items() if value} | {"files": files}


@given(rss_feeds | atom_feeds)
def test_the_fast_path_reads_what_feedparser_reads(document: str) -> None:
    feed = read(document)
    assert feed.reader == "fast"
    _, _, entries = fallback.read(document.encode(), URL, "", NOW, "Asia/Ho_Chi_Minh")
    mine = [essence(record.fields) for record in feed.split.records]
    theirs = [essence(entry) for entry in entries]
    for ours, other in zip(mine, theirs, strict=True):
        if "summary" not in ours:
            other.pop("summary", None)  # feedparser fills a missing summary from the content
        if "link" not in ours:
            other.pop("link", None)  # and a missing link from the id
        assert ours == other


@given(rss_feeds | atom_feeds)
def test_a_feed_read_piece_by_piece_is_the_feed_read_at_once(document: str) -> None:
    whole = read(document).split
    marks = set(whole.fingerprints)
    apart = [
        record
        for mark in dict.fromkeys(whole.fingerprints)
        for record in read(document, known=marks - {mark}).split.records
    ]
    assert sorted(apart, key=lambda one: int(one.pointer.split()[1])) == list(whole.records)


@settings(deadline=None)  # the first odd bytes import charset-normalizer
@given(
    st.binary(max_size=300)
    | st.binary(max_size=200).map(lambda junk: b"<rss><channel><item>" + junk + b"</item></channel></rss>")
)
def test_any_bytes_end_in_a_feed_or_a_named_refusal(body: bytes) -> None:
    try:
        said = read(body).split.format
    except RejectedError as refused:
        said = refused.sentence
    assert said


# ---------------------------------------------------------------------------------------- which path reads it


@pytest.mark.parametrize(
    ("body", "reader"),
    [
        (rss("<item><title>a</title></item>"), "fast"),
        (rss("<item><title>a &nbsp; & b</title></item>"), "fast"),
        (rss("<item><title>a</title></item>") + "junk", "fast"),
        (rss("<item><title>a</title></item>")[:-10], "fast"),
        (rss("<item><dc:title>a</dc:title></item>"), "fast"),
        (rss("<item><title>a</description></item>"), "fast"),
        (rss("<item><description>a<br>b</description></item>"), "feedparser"),
        (rss("<item a=b><title>a</title></item>"), "feedparser"),
        ('<channel><item href="https://a.vn/1"><title>a</title></item></channel>', "feedparser"),
        ('{"version":"https://jsonfeed.org/version/1","items":[{"id":"1"}]}', "json"),
    ],
)
def test_each_document_goes_to_the_reader_that_understands_it(body: str, reader: str) -> None:
    feed = read(body)
    assert feed.reader == reader
    assert len(feed.split.records) == 1


def test_a_form_feed_which_xml_cannot_carry_is_read_as_white_space() -> None:
    item = "<item><guid>1</guid><title>Họp\x0cbáo</title><description>x</description></item>"
    [entry] = read(rss(item)).split.records
    assert "Họp báo" in repr(entry)


def test_a_sound_record_keeps_its_fingerprint_when_a_neighbour_breaks() -> None:
    sound = "<item><title>a</title></item>"
    before, after = read(rss(sound)), read(rss("<item><title>b &nbsp; c</title></item>", sound))
    assert before.split.fingerprints[0] == after.split.fingerprints[1]


def test_another_namespace_around_it_makes_a_record_new() -> None:
    entry = "<entry><title>a</title><id>1</id><link href='b'/></entry>"
    feeds = [
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://{host}/">{entry}</feed>'
        for host in ("a.gov.vn", "b.gov.vn")
    ]
    assert read(feeds[0]).split.fingerprints != read(feeds[1]).split.fingerprints


def test_a_changed_date_of_the_feed_leaves_its_records_known() -> None:
    item = "<item><title>a</title></item>"
    monday, tuesday = (
        rss(item, head=f"<lastBuildDate>{day} Nov 2026 08:00:00 +0700</lastBuildDate>") for day in (16, 17)
    )
    feed = read(tuesday, known=frozenset(read(monday).split.fingerprints))
    assert not feed.split.records
    assert feed.split.document_date is not None
    assert feed.split.document_date.day == 17


# ------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty_body"),
        ("\ufeff \n", "empty_body"),
        ("Service Unavailable", "not_a_feed"),
        ("Access Denied. Support ID is 123", "block_page"),
        ("<html><body>Lỗi 500</body></html>", "html_page"),
        ("<!DOCTYPE html><html><body>Trang chủ</body></html>", "html_page"),
        ("<html><input type='password'></html>", "login_page"),
        ("<html><title>Attention Required! | Cloudflare</title></html>", "block_page"),
        ("<html><p>Yêu cầu của bạn đã bị chặn</p></html>", "block_page"),
        ("<opml version='2.0'><body/></opml>", "not_a_feed"),
        ("{", "bad_json"),
        ('{"items": "none"}', "not_a_feed"),
        ("[" * 100_000, "bad_json"),
        ('{"items":[' * 5_000, "bad_json"),
        ("<!DOCTYPE rss SYSTEM 'http://evil.example/x.dtd'><rss><channel/></rss>", "doctype"),
        ("<!DOCTYPE rss [<!ENTITY % a '<!ENTITY b \"c\">'> %a;]><rss><channel/></rss>", "doctype"),
        ("<!DOCTYPE rss [<!ENTITY a '&b;'><!ENTITY b 'c'>]><rss><channel/></rss>", "doctype"),
        ("<!DOCTYPE rss [<!ENTITY a 'xx'>]><rss><channel>" + "&a;" * 5_000 + "</channel></rss>", "doctype"),
        ("<rss><channel><item a=b><!DOCTYPE rss [<!ENTITY a 'b'>]></item></channel></rss>", "doctype"),
        ("<rss>" + "<b>" * 200_000, "too_deep"),
        (rss("<item>" + "<b>" * 300 + "</b>" * 300 + "</item>"), "too_deep"),
        ("<rss a=b>" + "<b>" * 200_000, "too_deep"),
        (rss("<item a=b><title>a</title></height></item>"), "bad_xml"),
    ],
)
def test_what_is_no_feed_is_refused_by_name(body: str, code: str) -> None:
    refused = refusal(body)
    assert refused.code == code
    assert refused.fault is Fault.MEMBER


def test_a_record_that_ends_the_tolerant_parser_costs_no_other() -> None:
    """feedparser 6.0.14 raises TypeError at an end tag of a picture's height that was never opened."""
    sound, broken = "<item a=b><title>{}</title></item>", "<item><title>b</title></height></item>"
    split = read(rss(sound.format("a"), broken, sound.format("c"))).split
    assert [record.pointer for record in split.records] == ["item 1", "item 3"]
    assert [(one.pointer, one.code) for one in split.fallen] == [("item 2", "bad_xml")]
    again = read(rss(sound.format("a"), broken, sound.format("c")), known=frozenset(split.fingerprints)).split
    assert not again.records
    assert not again.fallen


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    refused = refusal("<html><body>TUYỆT MẬT</body></html>")
    assert "MẬT" not in f"{refused} {refused.sentence}"


def test_a_body_over_the_limit_is_not_read() -> None:
    assert refusal(b"<rss>" + b" " * BODY_LIMIT).code == "too_large"


def test_an_empty_list_is_a_feed() -> None:
    assert read(rss()).split.records == ()


# --------------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize("broken", [False, True], ids=["fast", "feedparser"])
def test_records_beyond_the_limit_fall_together_and_stay_unknown(broken: bool) -> None:
    items = [f"<item><title>{i}</title><guid>{i}</guid></item>" for i in range(RECORD_LIMIT + 3)]
    if broken:
        items[0] = "<item a=b><title>0</title><guid>0</guid></item>"
    split = read(rss(*items)).split
    assert len(split.records) == RECORD_LIMIT
    [fallen] = split.fallen
    assert (fallen.code, fallen.pointer) == ("too_many", f"item {RECORD_LIMIT + 1} to {RECORD_LIMIT + 3}")
    assert len(split.fingerprints) == RECORD_LIMIT


def test_the_limit_is_the_callers() -> None:
    items = ["<item><title>a</title></item>", "<item><title>b</title></item>"]
    assert len(read(rss(*items), limit=1).split.records) == 1


def test_a_title_of_a_million_characters_is_read() -> None:
    feed = read(rss(f"<item><title>{'chữ ' * 250_000}</title></item>"))
    assert len(feed.split.records[0].fields["title"].value) > 900_000


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3_600.0),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>99999999999</ttl>", None),
        ("<ttl>một giờ</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86_400.0),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600.0),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
    ],
)
def test_a_feed_says_when_it_wants_to_be_read_again(head: str, seconds: float | None) -> None:
    assert read(rss(head=head)).split.ttl == seconds


# -------------------------------------------------------------------------------------------------- headers


def test_content_location_is_the_base_of_relative_links() -> None:
    body = rss("<item><title>a</title><link>tin/1</link></item>")
    feed = read(body, headers={"content-location": "/vi/rss"})
    assert feed.split.records[0].fields["link"] == "https://soyte.tinhmau.gov.vn/vi/tin/1"


def test_a_content_location_of_another_scheme_is_ignored() -> None:
    body = rss("<item><title>a</title><link>tin/1</link></item>")
    feed = read(body, headers={"content-location": "javascript:alert(1)"})
    assert feed.split.records[0].fields["link"] == "https://soyte.tinhmau.gov.vn/tin/1"


def test_content_language_holds_where_the_feed_names_none() -> None:
    body = rss("<item><title>a</title></item>")
    assert read(body, headers={"content-language": "en, vi"}).split.records[0].fields["language"] == "en"
    named = rss("<item><title>a</title></item>", head="<language>vi</language>")
    assert read(named, headers={"content-language": "en"}).split.records[0].fields["language"] == "vi"
