"""XML by a mapping: namespaces, paging by what the document says, expressions that may not run, hostile documents."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from time import process_time
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Capture, Cursor, SourceContext, Split, Unchanged
from connectors.errors import RejectedError
from connectors.http import Http
from connectors.sources.xml import Config, Connector
from schemas.item import Kind
from tests.fakes.paged import PagedSite

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS = {"id": "@ma", "title": "ten", "published": "ngay"}


@pytest.fixture
async def site() -> AsyncIterator[PagedSite]:
    async with PagedSite() as site:
        yield site


def connector(url: str = "https://stp.tinhmau.gov.vn/xuat", **config: Any) -> Connector:
    settings = Config.model_validate({"fields": FIELDS, "items": "/ds/tin"} | config)
    return Connector(SourceContext(name="mau", kind=Kind.NEWS, url=url), settings)


def body(*ids: int, more: str = "") -> bytes:
    rows = "".join(f'<tin ma="{one}"><ten>Tin số {one}</ten><ngay>{one}/11/2026</ngay></tin>' for one in ids)
    return f"<ds>{rows}{more}</ds>".encode()


def split(data: bytes | str, known: frozenset[bytes] = frozenset(), **config: Any) -> Split:
    raw = data.encode() if isinstance(data, str) else data
    source = connector(**config)
    capture = Capture(url=source.context.url, content_type="text/xml", body=raw, fetched_at=NOW)
    return source.split(capture, known, NOW)


def titles(made: Split) -> list[str]:
    return [record.fields["title"].value for record in made.records]


async def pages(source: Connector, http: Http) -> list[list[str]]:
    """Poll until the round ends."""
    found: list[list[str]] = []
    cursor: Cursor = {}
    for _ in range(20):
        answer = await source.fetch(http, cursor)
        assert isinstance(answer, Capture)
        found.append([record.fields["id"] for record in source.split(answer, frozenset(), NOW).records])
        cursor = answer.cursor
        if not answer.hints.more:
            return found
    raise AssertionError("the round does not end")


async def test_one_page_is_asked_for_conditionally(site: PagedSite, http: Http) -> None:
    source = connector(site.serve("/xuat", body(1), last_modified="Fri, 20 Nov 2026 00:00:00 GMT"))
    answer = await source.fetch(http, {})
    assert isinstance(answer, Capture)
    assert isinstance(await source.fetch(http, answer.cursor), Unchanged)
    assert site.asked[0].headers["Accept"].startswith("application/xml")


@pytest.mark.parametrize(
    ("paging", "more", "second"),
    [
        ({"by": "cursor", "parameter": "the", "next": "string(/ds/tiep/@the)"}, '<tiep the="b"/>', "/xuat?the=b"),
        ({"by": "link", "next": "//tiep"}, "<tiep>/xuat?p=2</tiep>", "/xuat?p=2"),
        ({"by": "keyset", "parameter": "sau"}, "", "/xuat?sau=8"),
        ({"by": "keyset", "parameter": "sau", "next": "ngay"}, "", "/xuat?sau=8/11/2026"),
        ({"by": "page", "parameter": "p", "first": 0}, "", "/xuat?p=1"),
        ({"by": "offset", "parameter": "bo", "size": 2}, "", "/xuat?bo=2"),
    ],
)
async def test_the_next_page_is_found_in_every_way(
    site: PagedSite, http: Http, paging: dict[str, Any], more: str, second: str
) -> None:
    url = site.serve("/xuat", body(9, 8, more=more))
    site.serve(second, body(7))
    if paging["by"] in ("page", "keyset"):
        site.serve("/xuat?p=2", body())
        site.serve("/xuat?sau=7", body())
        site.serve("/xuat?sau=7/11/2026", body())
    found = await pages(connector(url, paging=paging), http)
    assert [page for page in found if page] == [["9", "8"], ["7"]]
    assert site.paths[1] == second


async def test_a_walk_ends_behind_the_day_that_is_wanted(site: PagedSite, http: Http) -> None:
    url = site.serve("/xuat", body())
    site.serve("/xuat?p=1", body(19, 18))
    site.serve("/xuat?p=2", body(5, 4))
    source = connector(url, paging={"by": "page", "parameter": "p"})
    first = await source.walk(http, {}, date(2026, 11, 10))
    assert first.hints.more
    assert not (await source.walk(http, first.cursor, date(2026, 11, 10))).hints.more


def test_prefixes_are_those_of_the_settings_and_a_default_namespace_needs_one() -> None:
    data = '<a:ds xmlns:a="urn:x" xmlns="urn:y"><tin ma="1"><ten>Một</ten></tin></a:ds>'
    config = {"namespaces": {"k": "urn:x", "y": "urn:y"}, "items": "/k:ds/y:tin"}
    assert titles(split(data, fields={"id": "@ma", "title": "y:ten"}, **config)) == ["Một"]


def test_expressions_give_texts_of_elements_attributes_numbers_and_truth() -> None:
    data = '<ds nam="2026"><tin ma="7"><ten>A <b>đậm</b></ten><so>12</so></tin></ds>'
    cases = {"ten": "A đậm", "@ma": "7", "count(*)": "2", "so * 2": "24", "so > 3": "true", "so div 0": "",
             "concat(@ma, '/', ../@nam)": "7/2026", "ten/text()": "A", "khong_co": ""}  # fmt: skip
    for expression, text in cases.items():
        [record] = split(data, fields={"id": "@ma", "title": expression}).records
        assert record.fields["title"].value.strip() == text if text else "title" not in record.fields, expression


def test_a_record_that_says_the_same_in_another_frame_is_read_again_where_the_mapping_looks_there() -> None:
    first, second = ('<ds nam="2025"><tin ma="7"/></ds>', '<ds nam="2026"><tin ma="7"/></ds>')
    for expression, again in (("../@nam", 1), ("@ma", 0)):
        fields = {"id": "@ma", "title": expression}
        known = frozenset(split(first, fields=fields).fingerprints)
        assert len(split(second, known, fields=fields).records) == again


def test_records_inside_records_are_read_until_it_is_too_much() -> None:
    began = process_time()
    deep = "<tin>" * 200 + "<id>1</id>" * 20_000 + "</tin>" * 200
    made = split(f"<ds>{deep}</ds>", items="//tin", fields={"id": ".//id", "title": ".//id"})
    assert process_time() - began < 10
    assert len(made.records) == 25
    assert [(one.pointer, one.code) for one in made.fallen] == [("item 26 to 200", "too_many")]


def test_records_behind_max_items_are_named() -> None:
    made = split(body(*range(1, 10_001)), max_items=2)
    assert titles(made) == ["Tin số 1", "Tin số 2"]
    assert [(one.pointer, one.code) for one in made.fallen] == [("item 3 to 10000", "too_many")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("<ds>" + "<a>" * 300 + "</a>" * 300 + "</ds>", "too_deep"),
        ("<!DOCTYPE ds [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><ds><tin>&b;</tin></ds>", "doctype"),
        ("<ds><tin></ds>", "bad_xml"),
        ("<loi>x</loi>", "items_missing"),
        ("<html><body><table/></body></html>", "html_page"),
        (b"<ds>" + b" " * (8 * 1024 * 1024) + b"</ds>", "too_large"),
        ('{"items": []}', "bad_xml"),
    ],
)
def test_what_holds_no_records_is_refused_by_name(data: bytes | str, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        split(data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("config", "place", "says"),
    [
        ({"items": "/ds/tin["}, "items", "wrong at character 8"),
        ({"items": "//a//b//c//d//e//f//g"}, "items", "more than 6 searches"),
        ({"items": "/x:ds/x:tin"}, "items", "prefix x of /x:ds/x:tin must be declared"),
        ({"fields": FIELDS | {"title": "x:ten"}}, "namespaces", "prefix x of x:ten must be declared"),
        ({"fields": FIELDS | {"title": "ten["}}, "fields", "wrong at character 4"),
        ({"fields": FIELDS | {"title": "//ten"}}, "fields", "write .//"),
        ({"fields": FIELDS | {"title": "document('/etc/passwd')"}}, "fields", "no function of XPath 1.0: document()"),
        ({"fields": FIELDS | {"title": "re:test(ten, '(a+)+')"}}, "fields", "no function of XPath 1.0: re:test()"),
        ({"fields": FIELDS | {"title": "unparsed-text('x')"}}, "fields", "no function of XPath 1.0"),
        ({"fields": FIELDS | {"link": "https://x.vn/{ma[}"}}, "fields", "in the hole {ma[}"),
        ({"namespaces": {"1x": "urn:x"}}, "namespaces", "each prefix is a name"),
        ({"paging": {"by": "link", "next": "a:b"}}, "paging", "prefix a of a:b must be declared"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(config: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Config.model_validate({"items": "/ds/tin", "fields": FIELDS} | config)
    fault = refused.value.errors()[0]
    assert fault["loc"][0] == place
    assert says in fault["msg"]
