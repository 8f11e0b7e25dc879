"""What may never happen to the readers of foreign bytes, one function each: `target(data)` raises AssertionError.

Every target is called with whatever bytes there are. Beside its own promise each has three of all of them: no error but
those of connectors/errors.py, an answer within a second of processor time, and the same answer to the same bytes.
"""

import functools
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from time import process_time
from types import MappingProxyType
from typing import Final

import html5lib
from aiohttp.test_utils import make_mocked_request
from lxml import etree
from multidict import CIMultiDict

from connectors.addresses import Gate
from connectors.base import Capture, SourceContext
from connectors.errors import HubError
from connectors.parse.dates import parse_date
from connectors.parse.html import clean, plain
from connectors.parse.pages.page import PageConfig, read_page
from connectors.parse.selectors import compiled, select, texts
from connectors.parse.url import canonical_url, host_of, web_url
from connectors.sources.feed import Config as FeedConfig
from connectors.sources.feed import Connector as FeedConnector
from connectors.sources.inbox import Config as InboxConfig
from connectors.sources.inbox import Connector as InboxConnector
from hub.access import tickets
from hub.rules.screen.canonical import canonical
from hub.rules.screen.screen import screen_texts
from hub.screening import screening_terms
from hub.store.memory import Cipher
from hub.web.api.cursors import cursor, parts_of
from hub.web.api.problems import Refused
from hub.web.api.reading import json_of
from schemas.item import Kind
from tests.contract.clean import assert_clean
from tests.hostile.judges import faults_of_fragment

NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
BASE: Final = "https://soyte.example.gov.vn/tin/1.html"
#: Seconds of processor time for one input, of at most LONGEST bytes.
PATIENCE: Final = 1.0
LONGEST: Final = 32_768
CONTEXT: Final = SourceContext(name="tin", kind=Kind.NEWS, url=BASE)
_MARKED: Final = "<p>TỐI MẬT</p><p>Kế hoạch của đơn vị</p>"
#: The only errors that foreign bytes may end in.
FAMILY: Final = (HubError, Refused)

Target = Callable[[bytes], None]


def _text(data: bytes) -> str:
    """The bytes as text: the first says whether faults in UTF-8 become half characters, or signs, or it is Latin-1."""
    errors = "surrogateescape" if data[:1] < b"\x40" else "replace"
    return data[1:].decode("latin-1") if data[:1] >= b"\x80" else data[1:].decode(errors=errors)


def feed_bytes(data: bytes) -> None:
    """A feed of any kind: the items are clean, and reading it again makes the same of it."""
    _read(FeedConnector(CONTEXT, FeedConfig()), data, "application/rss+xml")


def inbox_json(data: bytes) -> None:
    """What a member pushed."""
    _read(InboxConnector(CONTEXT, InboxConfig(secret="a-key-of-the-tests")), data, "application/json")  # type: ignore[arg-type]


def _read(source: FeedConnector | InboxConnector, data: bytes, content_type: str) -> None:
    capture = Capture(url=BASE, content_type=content_type, body=data, fetched_at=NOW)
    cut = source.split(capture, frozenset(), NOW)
    assert len(cut.fingerprints) >= len(cut.records)
    assert source.split(capture, frozenset(cut.fingerprints), NOW).records == (), "what is known is not read again"
    for record in cut.records:
        try:
            made = source.normalise(record, capture)
        except HubError:
            continue
        assert_clean(made.item)
        assert faults_of_fragment(made.item.content_html) == []


def page_html(data: bytes) -> None:
    """The page of an article."""
    entry = read_page(data, url=BASE, content_type="text/html", config=PageConfig(), context=CONTEXT, now=NOW)
    content = entry.get("content")
    if content is not None:
        assert faults_of_fragment(clean(content.value, BASE)) == []


def sanitiser(data: bytes) -> None:
    """HTML: nothing active is left, cleaning twice is cleaning once, and so is what a browser makes of it."""
    html = _text(data)
    cleaned = clean(html, BASE)
    assert faults_of_fragment(cleaned) == []
    assert clean(cleaned, BASE) == cleaned, "cleaning twice changed something"
    assert faults_of_fragment(_serialised(cleaned)) == [], "a browser's own writing of it is active"
    flat = plain(html)
    assert list(html5lib.parseFragment(flat, treebuilder="etree")) == [], "plain text holds markup"
    assert flat == " ".join(flat.split())
    flat.encode()


def _serialised(html: str) -> str:
    written: str = html5lib.serialize(
        html5lib.parseFragment(html, treebuilder="etree"), tree="etree", quote_attr_values="always",
        omit_optional_tags=False,
    )  # fmt: skip
    return written


def address_gate(data: bytes) -> None:
    """The gate for addresses: what passes once passes unchanged, is http(s) with a host, and is dialled as it reads."""
    text, _, base = _text(data).partition("\n")
    for url in (web_url(text), web_url(text, base), web_url(text, BASE)):
        canonical_url(url)
        if not url:
            continue
        assert web_url(url) == url, "what passed does not pass again, or as something else"
        assert url.isascii()
        assert url.startswith(("http://", "https://"))
        assert not set(url) & set(" \\\"'<>`\t\r\n") - {"'"}, "it leaves the quotes that it stands in"
        host = host_of(url)
        assert host
        assert "@" not in re.split("[/?#]", url, maxsplit=3)[2], "user names"
        assert Gate().admits_host(host, 80) in (True, False)


def dates(data: bytes) -> None:
    """Any words as a date: aware, within bounds, not in the future."""
    text = _text(data)
    found = parse_date(text, now=NOW)
    for moment in (found, parse_date(text, day_first=False)):
        if moment is not None:
            assert moment.utcoffset() is not None
            assert 1970 <= moment.year <= 2100
    if found is not None:
        assert (found - NOW).total_seconds() <= 86_400 * 2
        assert parse_date(found.isoformat()) == found, "its own writing is another date"


def screens(data: bytes) -> None:
    """The screens: a mark is seen whatever stands before it in the text, or in another one."""
    text = _text(data)
    assert "\r" not in canonical(text)
    screen_texts({"text": text}, _terms())
    for said in ({"title": text, "text": _MARKED}, {"text": f"{escape(text)}{_MARKED}"}):
        assert screen_texts(said, _terms()).purge, "a mark was not seen"


def selectors(data: bytes) -> None:
    """A selector typed by a person: refused with a reason, or applied to a page within its time."""
    text = _text(data)
    try:
        compiled.__wrapped__(text)
    except ValueError:
        return
    try:
        for one in select(_page(), text):
            assert isinstance(one.tag, str)
        for each in texts(_page(), text):
            assert "root:" not in each, "a file of this machine was read"
    except etree.XPathEvalError:
        pass  # what only shows when it is applied: the run is refused, with the selector named
    compiled.cache_clear()


def api_json(data: bytes) -> None:
    """A body sent to the API: an object of JSON, or refused."""
    assert json_of(data) is not Ellipsis


def cookies(data: bytes) -> None:
    """Cookies, tickets and cursors that nobody gave out: nothing of it is taken for ours."""
    raw = data.decode("latin-1").translate({0: None, 10: None, 13: None})
    request = make_mocked_request("GET", "/console/", headers=CIMultiDict({"Cookie": raw}))
    for value in (*request.cookies.values(), raw):
        assert tickets.read(_cipher(), "step", value, NOW) is None, "a forged ticket was taken"
    good = tickets.written(_cipher(), "step", {"account": 1}, NOW)
    place = int.from_bytes(data[:2]) % len(good)
    bent = good[:place] + raw[:1] + good[place + 1 :]
    if bent != good:
        assert tickets.read(_cipher(), "step", bent, NOW) is None, "a bent ticket was taken"
    try:
        parts = parts_of(raw, "a" * 12, "items", count=1)
    except Refused:
        return
    assert cursor("a" * 12, "items", *parts) == raw


@functools.cache
def _terms():  # type: ignore[no-untyped-def]
    return screening_terms()


@functools.cache
def _cipher() -> Cipher:
    return Cipher("a key of the tests, long enough for it")


@functools.cache
def _page() -> etree._Element:
    rows = "".join(f"<li class='tin' id='t{n}'><a href='/t/{n}'>Tin {n}</a><b>2{n}/02/2026</b></li>" for n in range(9))
    return etree.fromstring(f"<html><body><div id='a'><ul>{rows}</ul></div></body></html>")


def checked(target: Target, data: bytes, *, patience: float = PATIENCE) -> None:
    """Call a target as its promises say: our own errors are an answer, another one or a long wait is a fault."""
    data = data[:LONGEST]
    began = process_time()
    with suppress(*FAMILY):
        target(data)
    took = process_time() - began
    assert took < patience, f"{target.__name__} took {took:.2f} s"


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            feed_bytes, inbox_json, page_html, sanitiser, address_gate, dates, screens, selectors, api_json, cookies,
        )
    }
)  # fmt: skip
