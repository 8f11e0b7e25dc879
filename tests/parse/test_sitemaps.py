"""Sitemaps in all their forms: whatever their namespaces, gzipped, cut off, of plain text; and what is none."""

import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.parse.pages.sitemaps import SITEMAP_LIMIT, form_of, read_sitemap, unzipped

URL = "https://tinhmau.gov.vn/sitemap.xml"


def urlset(*places: str, head: str = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"') -> bytes:
    urls = "".join(f"<url>{place}</url>" for place in places)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {head}>{urls}</urlset>'.encode()


def loc(path: str, more: str = "") -> str:
    return f"<loc>https://tinhmau.gov.vn{path}</loc>{more}"


@pytest.mark.parametrize(
    "head",
    ["", 'xmlns="http://www.google.com/schemas/sitemap/0.84"', 'xmlns="https://www.sitemaps.org/schemas/sitemap/0.9/"'],
)
def test_namespaces_are_not_looked_at(head: str) -> None:
    made = read_sitemap(urlset(loc("/a", "<lastmod> 2026-11-01 </lastmod>"), head=head), url=URL)
    assert [(one.address, one.lastmod) for one in made.places] == [("https://tinhmau.gov.vn/a", "2026-11-01")]


def test_prefixes_are_read_declared_or_not() -> None:
    body = b"<s:urlset><s:url><s:loc>/a</s:loc><news:news><news:title>T</news:title></news:news></s:url></s:urlset>"
    [place] = read_sitemap(body, url=URL).places
    assert (place.address, place.title) == ("https://tinhmau.gov.vn/a", "T")


def test_what_the_extensions_say_of_a_place_is_read() -> None:
    news = (
        "<n:news xmlns:n='x'><n:publication><n:name>Báo</n:name><n:language>vi</n:language></n:publication>"
        "<n:publication_date>2026-11-01</n:publication_date><n:title>A &amp; B</n:title><n:keywords>a, b,</n:keywords>"
        "</n:news><i:image xmlns:i='y'><i:loc>/a.jpg</i:loc></i:image>"
    )
    [place] = read_sitemap(urlset(loc("/a", news)), url=URL).places
    assert (place.title, place.published, place.language) == ("A & B", "2026-11-01", "vi")
    assert (place.keywords, place.image) == (("a", "b"), "https://tinhmau.gov.vn/a.jpg")


def test_an_index_names_its_children_once_each() -> None:
    body = (
        b"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026</lastmod></sitemap><sitemap><loc>/a.xml</loc></sitemap>"
        b"<sitemap><loc>javascript:1</loc></sitemap></sitemapindex>"
    )
    made = read_sitemap(body, url=URL)
    assert (made.form, [child.address for child in made.children]) == ("sitemapindex", ["https://tinhmau.gov.vn/a.xml"])


def test_a_list_of_addresses_is_a_sitemap_and_any_other_text_is_none() -> None:
    made = read_sitemap(b"https://a.vn/1\r\n\r\nhttps://a.vn/2\nxem them", url=URL)
    assert (made.form, [one.address for one in made.places]) == ("text", ["https://a.vn/1", "https://a.vn/2"])
    assert made.bad == 1
    with pytest.raises(RejectedError) as caught:
        read_sitemap("https://a.vn/1\nTin tức".encode(), url=URL)
    assert caught.value.code == "not_a_sitemap"


def test_known_places_are_left_out_and_keep_their_fingerprints() -> None:
    body = urlset(loc("/a"), loc("/b"), loc("/c"))
    whole = read_sitemap(body, url=URL)
    known = {whole.places[1].fingerprint}
    rest = read_sitemap(body, url=URL, known=known)
    assert [one.number for one in rest.places] == [1, 3]
    assert rest.fingerprints == whole.fingerprints


def test_a_place_that_changed_has_another_fingerprint() -> None:
    before, after = (read_sitemap(urlset(loc("/a", f"<lastmod>{day}</lastmod>")), url=URL) for day in ("1", "2"))
    assert before.fingerprints != after.fingerprints


def test_a_sitemap_that_was_cut_off_gives_its_whole_places() -> None:
    body = urlset(loc("/a"), loc("/b"))
    made = read_sitemap(body[: body.index(b"/b<")], url=URL)
    assert ([one.address[-2:] for one in made.places], made.cut_off) == (["/a"], True)


def test_capitals_and_comments_do_not_fool_the_reader() -> None:
    body = b"<URLSET><URL><LOC>https://a.vn/1</LOC></URL><!-- <url><loc>https://a.vn/2</loc></url> --></URLSET>"
    assert [one.address for one in read_sitemap(body, url=URL).places] == ["https://a.vn/1"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"), (b" \r\n\0", "empty_body"), (b"{}", "not_a_sitemap"), (b"<a/>", "not_a_sitemap"),
        (b"<html><title>503</title>Service Unavailable</html>", "error_page"), (b"<urlset><url>", "ok"),
        (b"<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset/>", "doctype"),
        (b"<urlset>" + b"<a>" * 300 + b"</urlset>", "too_deep"),
        (b"<urlset>" + b" " * SITEMAP_LIMIT + b"</urlset>", "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_sitemap_is_refused_by_name(body: bytes, code: str) -> None:
    try:
        read_sitemap(body, url=URL)
        answered = "ok"
    except RejectedError as refused:
        answered = refused.code
    assert answered == code


def test_gzip_is_known_by_its_bytes_and_bounded() -> None:
    body = urlset(loc("/a"))
    assert unzipped(gzip.compress(body)) == body
    assert unzipped(body) == body
    assert unzipped(gzip.compress(body)[:12] + b"\0" * 20) == b""
    with pytest.raises(RejectedError) as caught:
        unzipped(gzip.compress(b" " * (SITEMAP_LIMIT + 1)))
    assert caught.value.code == "too_large"


def test_a_feed_is_told_from_a_sitemap() -> None:
    assert form_of(b"<?xml version='1.0'?><rss version='2.0'/>", "") == "feed"
    assert form_of(b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "") == "feed"
    assert form_of(urlset(), "") == "urlset"
    assert form_of(b"<html>", "") == ""


def test_fifty_thousand_places_are_read_in_a_few_seconds() -> None:
    began = time.process_time()
    made = read_sitemap(urlset(*(loc(f"/tin/{n}", "<lastmod>2026-11-01</lastmod>") for n in range(50_001))), url=URL)
    assert (len(made.places), made.total) == (50_000, 50_001)
    assert time.process_time() - began < 8


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_it_fail_in_another_way(body: bytes) -> None:
    for whole in (body, b"<urlset><url><loc>" + body):
        try:
            read_sitemap(unzipped(whole), url=URL)
            form_of(whole, "")
        except RejectedError as refused:
            named = refused.code != "rejected"
        else:
            named = True
        assert named
