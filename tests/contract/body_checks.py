"""What every source promises about a body: split and normalise are pure, lose nothing, and end in our own words.

Each function is one promise; it is called with a connector and one of its cases, and raises AssertionError.
"""

import json
import pickle
import time
from datetime import datetime
from itertools import chain, count, islice

from connectors.base import Fallen, Record, Tombstone
from connectors.errors import RejectedError
from tests.contract import witness
from tests.contract.clean import assert_clean
from tests.contract.elsewhere import digests
from tests.contract.shapes import with_text
from tests.contract.subjects import (
    NOW,
    Case,
    Reading,
    Subject,
    digest,
    normalise,
    read,
    read_or_refusal,
    split,
)

#: A time before anything in the cases was written.
LONG_AGO = datetime(1990, 1, 1, tzinfo=NOW.tzinfo)
#: Seconds that reading a large body may take.
PATIENCE = 20.0

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">Xem</a>'
    "<iframe src=//ac.vn></iframe><svg onload=alert(1)><style>*{}</style><p style='x:y' onclick=x()>Tin</p>",
    "Tin\x00\x08\x1b\u202evn.gov\u202c\u2066x\ufeff\u200b a\u0301 \x85 b",
    "javascript:alert(document.domain)",
    '//ac.example/x y"><b>',
    "\ud800 Tin \udfff",
)
LONG = "Tin " * 250_000
#: What may stand where something else is meant; values of one document that are replaced by it.
ODD: tuple[object, ...] = (None, True, -1, 1e308, "", [], {}, [[]], {"": {}}, [None, 3, "x"], 10**30)
ODD_PLACES = 60


# ------------------------------------------------------------------------------------------------ what it becomes


def what_is_no_answer_of_this_source_is_refused_by_name(subject: Subject, case: Case) -> None:
    refused = read_or_refusal(case.connector(subject), case.capture())
    assert isinstance(refused, RejectedError), "it was read as if it were data"
    assert refused.code == case.expected["refused"]
    assert refused.sentence.endswith("."), "tell the clerk in a sentence what happened"


def a_case_becomes_what_its_expectation_says(subject: Subject, case: Case) -> None:
    expected, reading = case.expected, read(case.connector(subject), case.capture())
    cut = reading.split
    made, rejections = [], [{"pointer": one.pointer, "code": one.code} for one in cut.fallen]
    for one in reading.outcomes:
        if one.rejected:
            rejections.append({"pointer": one.rejected.pointer, "code": one.rejected.code})
        elif one.made:
            item = one.made.item.model_dump(mode="json", exclude_defaults=True)
            made.append(item | ({"remarks": list(one.made.remarks)} if one.made.remarks else {}))
    assert made == expected["items"]
    assert rejections == expected.get("rejections", [])
    stones = [{"guid": one.guid, "at": one.at.isoformat() if one.at else None} for one in cut.tombstones]
    assert stones == expected.get("tombstones", [])
    date = cut.document_date.isoformat() if cut.document_date else None
    said = {"format": cut.format, "title": cut.title, "home": cut.home, "ttl": cut.ttl, "document_date": date}
    said["truncated"] = cut.truncated or None
    assert {key: value for key, value in said.items() if value not in (None, "")} == expected["split"]


def everything_that_comes_out_is_clean_and_whole(subject: Subject, case: Case) -> None:
    reading = read(case.connector(subject), case.capture())
    for made in reading.made:
        assert_clean(made.item)
    cut = reading.split
    moments = [cut.document_date, *(stone.at for stone in cut.tombstones)]
    moments += [at for made in reading.made for at in (made.item.published, made.item.updated)]
    assert all(at is None or at.tzinfo is not None for at in moments), "dates come out aware"
    things: list[Record | Tombstone | Fallen] = [*cut.records, *cut.tombstones, *cut.fallen]
    assert all(one.pointer for one in things), "a person is told where it stands"
    assert len({one.pointer for one in things}) == len(things), "a pointer names one place"
    assert all(stone.guid for stone in cut.tombstones), "a tombstone names what is gone"
    assert all(one.code and one.detail for one in cut.fallen), "a fallen record says why"
    assert all(one.rejected is None or one.rejected.pointer == one.record.pointer for one in reading.outcomes)
    assert cut.format, "a split says what it read"


# ---------------------------------------------------------------------------------------------------- fingerprints


def every_piece_has_a_fingerprint(subject: Subject, case: Case) -> None:
    cut = split(case.connector(subject), case.capture())
    assert all(isinstance(mark, bytes) and len(mark) == 16 for mark in cut.fingerprints), "16 bytes each"
    marks = list(cut.fingerprints)
    for record in cut.records:
        assert record.fingerprint in marks, f"{record.pointer} is not among the fingerprints: it is read for ever"
    places = [marks.index(record.fingerprint) for record in cut.records]
    assert places == sorted(places), "fingerprints stand in document order"
    by_mark: dict[bytes, Record] = {}
    for record in cut.records:
        other = by_mark.setdefault(record.fingerprint, record)
        assert other.fields == record.fields, "two records that differ have one fingerprint: one of them is never read"


def known_pieces_are_left_out_and_nothing_else(subject: Subject, case: Case) -> None:
    source, capture = case.connector(subject), case.capture()
    whole = split(source, capture)
    again = split(source, capture, frozenset(whole.fingerprints))
    assert not again.records, "what is known is not read again"
    assert again.fingerprints == whole.fingerprints, "known pieces are still named"
    for record in whole.records:
        others = frozenset(whole.fingerprints) - {record.fingerprint}
        assert list(split(source, capture, others).records) == [
            one for one in whole.records if one.fingerprint == record.fingerprint
        ]


# ---------------------------------------------------------------------------------------------------------- purity


def the_same_bytes_give_the_same_records_and_items(subject: Subject, case: Case) -> None:
    source, capture = case.connector(subject), case.capture()
    first, second = read(source, capture), read(source, capture)
    assert first.split == second.split
    assert first.made == second.made
    assert read(case.connector(subject), case.capture()).made == first.made, "another connector makes the same"
    assert digest(case.connector(subject), capture) == digest(source, capture)
    again = [normalise(source, one.record, capture) for one in first.outcomes]
    assert [str(one.made) for one in again] == [str(one.made) for one in first.outcomes]
    assert first.split == second.split, "normalise leaves the record as it was"


def everything_crosses_a_process_border(subject: Subject, case: Case) -> None:
    source, capture = case.connector(subject), case.capture()
    cut = split(source, capture)
    for value in (cut, capture, source.context, source.config):  # type: ignore[attr-defined]  # both are kept by every source
        try:
            copy = pickle.loads(pickle.dumps(value))
        except Exception as error:
            raise AssertionError(f"{type(value).__name__} does not cross a process border: {error}") from error
        assert copy == value


def results_are_the_same_in_another_process(subject: Subject, case: Case) -> None:
    there = digests(subject)[case.path.name]
    assert digest(case.connector(subject), case.capture()) == there, "it depends on the process: hash(), id(), the zone"


def neither_clock_nor_network_nor_chance_is_touched(subject: Subject, case: Case) -> None:
    source, capture = case.connector(subject), case.capture()
    read(source, capture)  # what is imported on the first use is not counted
    with witness.watching() as seen:
        read(source, capture)
    assert not seen, f"a pure function called {', '.join(sorted(seen))}"


# --------------------------------------------------------------------------------------------------- damaged bodies


def survive(subject: Subject, case: Case, body: bytes, content_type: str | None = None) -> Reading | None:
    """Take a damaged body through the source: it ends in items, rejections or a named refusal, and nothing else."""
    reading = read_or_refusal(case.connector(subject), case.capture(body, content_type))
    if isinstance(reading, RejectedError):
        assert reading.code != "rejected", "name the refusal with a code of its own"
        assert reading.sentence.endswith("."), "tell the clerk in a sentence what happened"
        return None
    for one in reading.outcomes:
        if one.rejected:
            assert one.rejected.pointer == one.record.pointer, "a rejection names the record it is about"
        elif one.made:
            assert_clean(one.made.item)
    return reading


def a_body_cut_off_anywhere_ends_in_our_own_words(subject: Subject, case: Case) -> None:
    whole = None if "refused" in case.expected else survive(subject, case, case.body)
    for length in sorted({0, 1, *range(0, len(case.body), max(1, len(case.body) // 40))}):
        part = survive(subject, case, case.body[:length])
        if whole is not None and part is not None:
            assert len(part.split.records) <= len(whole.split.records)


def a_foreign_encoding_ends_in_our_own_words(subject: Subject, case: Case) -> None:
    text = case.body.decode("utf-8", "replace")
    for encoding in ("utf-16", "utf-32", "utf-7", "shift_jis", "cp037", "cp1252"):
        survive(subject, case, text.encode(encoding, "replace"), "text/xml; charset=utf-8")


def a_wrong_charset_header_loses_nothing(subject: Subject, case: Case) -> None:
    source = case.connector(subject)
    usual = split(source, case.capture())
    odd = split(source, case.capture(content_type="text/xml; charset=no-such-charset"))
    assert [record.fields for record in odd.records] == [record.fields for record in usual.records]


def hostile_texts_come_out_clean(subject: Subject, case: Case) -> None:
    for text in HOSTILE:
        for body in with_text(case.body, text):
            survive(subject, case, body)


def texts_of_a_megabyte_are_cut(subject: Subject, case: Case) -> None:
    titles = {item["title"] for item in case.expected["items"]}
    for body in islice(chain(with_text(case.body, LONG, titles), with_text(case.body, LONG)), 4):
        survive(subject, case, body)


def what_has_not_happened_yet_is_no_date(subject: Subject, case: Case) -> None:
    usual = read(case.connector(subject), case.capture())
    early = read(case.connector(subject), case.capture(), now=LONG_AGO)
    dated = {one.record.fingerprint for one in usual.outcomes if one.made and one.made.item.published}
    for one in early.outcomes:
        if one.made is not None:
            assert one.made.item.published is None, "a date in the future is refused"
            assert one.made.item.updated is None, "a date in the future is refused"
            assert one.record.fingerprint not in dated or "date_refused" in one.made.remarks, "and the refusal is told"
    assert all(stone.at is None for stone in early.split.tombstones), "nothing was withdrawn in the future"
    assert early.split.document_date is None, "a document from the future is no fence"


# ----------------------------------------------------------------------------------- once for each connector


def pages_in_place_of_data_are_refused(subject: Subject, case: Case) -> None:
    for page in PAGES:
        assert survive(subject, case, page) is None, f"{page[:60]!r} was read as if it were data"
        assert survive(subject, case, page, "text/html; charset=utf-8") is None, f"{page[:60]!r} was read as data"


def a_body_of_many_megabytes_ends_in_our_own_words(subject: Subject, case: Case) -> None:
    usual = read(case.connector(subject), case.capture())
    for size in (5, 10):
        began = time.monotonic()
        reading = survive(subject, case, case.body + b" " * (size * 1_000_000))
        assert time.monotonic() - began < PATIENCE, "it takes too long"
        if reading is not None and size == 5:
            assert len(reading.split.records) >= len(usual.split.records) - 1, "blanks behind it cost records"


def odd_values_end_in_our_own_words(subject: Subject, case: Case) -> None:
    """Each value of a JSON document is another kind of thing than it should be."""
    text = case.body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return
    for place in islice(count(), ODD_PLACES):
        for turn in range(3):
            damaged, changed = _replaced(document, place, ODD[(place + turn * 4) % len(ODD)])
            if not changed:
                return
            survive(subject, case, json.dumps(damaged).encode())


def _replaced(document: object, place: int, odd: object) -> tuple[object, bool]:
    """The document with its value number `place` replaced, and whether there was one."""
    count = -1
    found = False

    def walk(value: object) -> object:
        nonlocal count, found
        count += 1
        if count == place:
            found = True
            return odd
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    return walk(document), found


PAGES = (
    b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>",
    b"", b"   \r\n", b"\0" * 2_000, b"Service Unavailable", b"{}", b"[]",
    "<!doctype html><title>Xác minh</title><p>Bạn không phải là người máy?<div class=g-recaptcha></div>".encode(),
    b"<html><head><title>Just a moment...</title></head><body><script src=/cdn-cgi/challenge-platform/x.js></script>",
    "<html><title>Đăng nhập</title><form action=/login><input type=password name=p></form></html>".encode(),
    b"<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Your support ID is: 7",
    b'{"error": {"code": 500, "message": "Internal Server Error"}}',
)  # fmt: skip
