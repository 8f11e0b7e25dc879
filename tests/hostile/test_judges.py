"""Each judge of the tables fails where there is a hole: one that has not been seen to fail proves nothing."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest

from connectors.addresses import Gate
from tests.hostile import archives, bodies, judges, ssrf, xss
from tests.hostile.addresses import Form, forms
from tests.hostile.bombs import Measured
from tests.hostile.counts import Table
from tests.hostile.planting import Page
from tests.hostile.vectors import Vector
from tests.hostile.ways import Way

ACT = "window.hacked=1"


@pytest.mark.parametrize(
    "hole",
    [
        f"<script>{ACT}</script>", f"<img src=x onerror={ACT}>", f"<a href='javascript:{ACT}'>x</a>",
        "<style>p{}</style>",
        f"<a href=' java\tscript:{ACT}'>x</a>", "<iframe src=//a></iframe>", "<p style='color:red'>x</p>",
        "<base href=//a>",
        f"<svg onload={ACT}>", "<form action=//a><input></form>", "<object data=x></object>",
    ],
)  # fmt: skip
def test_the_judges_of_html_see_what_acts(hole: str) -> None:
    assert judges.faults_of_fragment(f"<p>a</p>{hole}")
    if "<form" not in hole:
        assert judges.faults_of_page(f"<!doctype html><html><head></head><body><p>a</p>{hole}</body></html>")


def test_the_judge_of_pages_lets_ours_pass() -> None:
    page = "<!doctype html><script src=/console/static/console.js></script><form method=post action=/console/x></form>"
    assert judges.faults_of_page(page) == []
    assert judges.faults_of_page("<!doctype html><form action=//evil.example></form>") == []
    assert judges.faults_of_page("<!doctype html><form action=https://evil.example></form>")


@pytest.mark.parametrize(
    ("judge", "hole"),
    [
        (judges.faults_of_xml, b"<rss><channel><link>javascript:x</link></channel></rss>"),
        (judges.faults_of_xml, b"<rss><item><description type='html'>&lt;script&gt;</description></item></rss>"),
        (judges.faults_of_xml, b"<rss><item></rss>"),
        (judges.faults_of_json, b'{"items": [{"content_html": "<script>x</script>"}]}'),
        (judges.faults_of_json, b'{"items": [{"url": "javascript:x"}]}'),
        (judges.faults_of_json, b"{"),
        (xss.formulas_of_csv, b"a;b\r\n=1+1;c\r\n"),
        (xss.formulas_of_csv, b'a,b\r\n"@SUM(1)",c\r\n'),
    ],
)
def test_the_judges_of_data_see_what_acts(judge, hole: bytes) -> None:  # type: ignore[no-untyped-def]
    assert judge(hole)


def test_text_that_was_lost_is_seen() -> None:
    vector = Vector(7, "<b>x</b>")
    assert xss.lost(vector, vector.before) == [f"{vector.behind} of '<b>x</b>'"]
    assert xss.lost(vector, vector.text) == []
    assert xss.lost(Vector(7, "<!--"), "truoc00007x") == [], "what no browser shows is not lost"


def test_an_answer_without_a_policy_is_seen() -> None:
    good = {"Content-Security-Policy": "default-src 'none'; script-src 'self'", "X-Content-Type-Options": "nosniff"}
    assert xss.unguarded(Page("/", 200, good, b"")) == []
    for bad in (
        {}, good | {"Content-Security-Policy": "default-src *"}, good | {"X-Content-Type-Options": ""},
        good | {"Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-inline'"},
    ):  # fmt: skip
        assert xss.unguarded(Page("/", 200, bad, b""))


async def test_the_listener_counts_whoever_gets_through() -> None:
    counts = Table("")
    async with ssrf.listening() as inside:
        spelled = [each for each in forms(inside.port) if each.url == f"http://127.0.0.1:{inside.port}/"]
        http = ssrf.client(ssrf.Names("127.0.0.1"), inside.port)
        async with http:
            # A hole in the wall: the table of inside networks is empty, and loopback is none of our addresses.
            http._gate = lambda *_: _Open()  # type: ignore[method-assign]
            await ssrf._try(counts, "feed", lambda http, url: http.get(url), spelled, http, inside)
        await asyncio.sleep(0)
    assert len(counts.faults) == 1


async def test_a_dial_is_seen_where_nobody_listens() -> None:
    async def dials(http: object, url: str) -> None:
        with suppress(OSError):
            await asyncio.open_connection("127.0.0.1", 9)

    counts = Table("")
    ssrf.watch_dials()
    async with ssrf.listening() as inside, ssrf.client(ssrf.Names("127.0.0.1"), inside.port) as http:
        await ssrf._try(counts, "feed", dials, [Form("dotted", "x")], http, inside)
    assert len(counts.faults) == 1
    assert "('127.0.0.1', 9)" in counts.faults[0]


async def test_a_way_that_never_asks_proves_nothing() -> None:
    async def idle(http: object, url: str) -> None:
        """Asks nobody."""

    counts = Table("")
    async with ssrf.listening() as inside:
        asks = Way("asks", lambda http, url: http.get(url))
        await ssrf._controls(counts, [asks, Way("idle", idle), Way("known idle", idle, asks=False)], inside)
    assert counts.faults == ["idle: asked through an open door: False"]


class _Open(Gate):
    def open_socket(self, info: Any) -> socket.socket:
        made = socket.socket(info[0], socket.SOCK_STREAM)
        made.setblocking(False)
        return made

    def admits(self, address: str, port: int) -> bool:
        return True

    def admits_host(self, host: str, port: int) -> bool:
        return True


def test_a_reader_that_resolves_entities_is_seen(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from lxml import etree

    path = tmp_path / "canary.txt"
    path.write_text(bodies.CANARY)
    careless = etree.XMLParser(resolve_entities=True, load_dtd=True)
    read = [
        etree.tostring(etree.fromstring(f"{declared}<r>&x;</r>".encode(), careless), encoding="unicode", method="text")
        for kind, declared in bodies.asking(path)
        if kind == "external entity" and f'SYSTEM "file://{path}' in declared
    ]
    assert bodies.CANARY in read


def test_what_a_hub_does_under_bombs_is_judged() -> None:
    assert Measured(most=100 << 20, lag=0.01, honest=30).faults() == []
    for bad in (
        Measured(most=700 << 20, honest=30), Measured(lag=0.06, honest=30), Measured(honest=0),
        Measured(honest=30, unanswered=1), Measured(honest=30, ended=True), Measured(honest=30, untouched=["x"]),
    ):  # fmt: skip
        assert len(bad.faults()) == 1


@pytest.mark.parametrize("kind", ["docx", "pptx", "odt", "xlsx", "zip"])
def test_a_sound_package_is_read_so_that_an_odd_one_could_be(kind: str) -> None:
    readers = dict(archives.READERS)
    body = archives._packed(kind, [])
    said = readers["file of a message" if kind == "zip" else "file of an item"](body)
    assert "TEXT" in said.split()
    assert kind != "xlsx" or "TEXT" in readers["table of a source"](body)


def test_what_a_reader_writes_reads_in_part_or_leads_elsewhere_is_seen(tmp_path) -> None:  # type: ignore[no-untyped-def]
    def unpacks(body: bytes) -> str:
        (tmp_path / "ra.txt").write_bytes(body)
        return "LEADS ../ra.txt"

    assert len(list(archives._faults(unpacks, "member that climbs", b"x"))) == 2
    assert list(archives._faults(lambda body: "TEXT", "two members of one name", b"x"))
    assert list(archives._faults(lambda body: bytes(100 << 20).decode(), "bomb", b"x"))
    assert list(archives._faults(lambda body: str(1 / 0), "cut off", b"x"))
    assert list(archives._faults(lambda body: "TEXT", "member that climbs", b"x")) == []
