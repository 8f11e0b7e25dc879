"""What was screened clean is not screened again; what is new, or stood in a body that was not clean, always is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.base import Capture, SourceContext, Split
from connectors.registry import source_connector
from hub.pieces import REMEMBERED, Pieces, unpacked
from hub.reading import Job, Reading, read
from hub.screened import Screens
from schemas.item import Kind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT = SourceContext(name="s", kind=Kind.NEWS, url="https://soyte.example.vn/rss")
#: what belongs to no record of ours: a field that no reader knows
MARK = "<giaiphap>TUYỆT MẬT</giaiphap>"


def feed(*items: str, beside: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>t</title>{beside}{''.join(items)}</channel></rss>".encode()


def item(n: int, more: str = "") -> str:
    return f"<item><title>Tin số {n}</title><link>https://soyte.example.vn/{n}</link>{more}</item>"


def job(body: bytes, clean: bytes = b"") -> Job:
    return Job(
        connector="feed", context=CONTEXT, config=source_connector("feed").Config(),
        capture=Capture(url=CONTEXT.url, content_type="application/rss+xml", body=body, fetched_at=NOW),
        known=frozenset(), screening=Screens(key=b"k" * 32).of("H00"), clean=clean,
    )  # fmt: skip


def after(*bodies: bytes) -> Reading:
    """The last of these bodies, read one after the other."""
    reading, clean = None, b""
    for body in bodies:
        reading = read(job(body, clean))
        clean = reading.clean
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    "text", ["<![CDATA[TUYỆT MẬT]]>", "<![CDATA[<script>x</script><p>TUYỆT MẬT</p>]]>", "&lt;p>TUYỆT MẬT&lt;/p>"]
)
def test_a_mark_is_found_however_its_text_is_written(text: str) -> None:
    assert after(feed(item(1, f"<giaiphap>{text}</giaiphap>"))).stray


def test_pieces_of_a_clean_body_are_told() -> None:
    reading = after(feed(item(1), item(2)))
    assert not reading.stray
    assert len(unpacked(reading.clean)) == 2


@pytest.mark.parametrize(
    "body",
    [feed(item(1), item(2, MARK)), feed(item(2, MARK), item(1)), feed(item(1), item(2), beside=MARK)],
    ids=["in a new piece", "in a changed piece", "beside the pieces"],
)
def test_a_mark_that_was_not_there_before_is_found(body: bytes) -> None:
    reading = after(feed(item(1), item(2)), body)
    assert reading.stray
    assert not reading.clean


def test_a_body_with_a_mark_vouches_for_none_of_its_pieces() -> None:
    marked = feed(item(1), item(2, MARK))
    assert after(marked, marked).stray
    assert after(feed(item(1)), marked, marked).stray


def test_only_what_was_seen_is_left_out() -> None:
    body = feed(item(1), item(2))
    pieces = Pieces.of(body)
    assert pieces.unseen(body, frozenset()) == body
    assert pieces.unseen(body, {pieces.marks[0]}) == feed(item(2))


def split(body: bytes) -> Split:
    connector = source_connector("feed")
    split: Split = connector.Connector(CONTEXT, connector.Config()).split(job(body).capture, frozenset(), NOW)
    return split


PROLOG = b"<?xml version='1.0' encoding='utf-8'?>\n<!-- <item>x</item> -->"


def test_a_body_is_cut_once_for_reading_and_for_the_screen() -> None:
    body = PROLOG + feed(item(1), item(2))
    read = split(body)
    pieces = Pieces.where_cut(body, read)
    assert pieces.marks == read.fingerprints
    assert pieces.unseen(body, {pieces.marks[0]}) == PROLOG + feed(item(2))


@pytest.mark.parametrize("body", [feed(item(3), item(4)), feed(item(1), item(2)) + b" ", b""], ids=str)
def test_what_was_not_cut_for_reading_is_cut_for_the_screen(body: bytes) -> None:
    assert Pieces.where_cut(body, split(feed(item(1), item(2)))) == Pieces.of(body)


@pytest.mark.parametrize(
    "body",
    [b'{"items": [{"title": "<item>"}]}', b"<rss><channel><item><title>never closed",
     feed(item(1)).decode().encode("utf-16"), b""],
    ids=["json", "cut off", "another encoding", "empty"],
)  # fmt: skip
def test_what_cannot_be_cut_is_screened_whole(body: bytes) -> None:
    assert Pieces.of(body).packed() == b""


def test_a_child_does_not_take_more_than_is_remembered() -> None:
    body = feed(*map(item, range(REMEMBERED + 50)))
    assert len(unpacked(Pieces.of(body).packed())) == REMEMBERED
    assert replace(job(body), clean=Pieces.of(body).packed()).clean
