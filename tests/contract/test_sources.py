"""What every source promises, checked for each module of connectors/sources against its folder of cases.

A case is a pair of files: `tests/cases/<source>/NAME.xml` (or .json, .html) as it came, and `NAME.expected.json` with
what it must become. To add a source, add a folder with at least one case; nothing is listed here.
"""

import importlib
import json
import pickle
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.sources
from connectors.base import Capture, Normalised, Record, Source, SourceContext, Split
from connectors.errors import RejectedError
from schemas.item import ITEM, Kind

CASES = Path(__file__).parent.parent / "cases"
#: When every case was fetched.
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOURCES = [module.name for module in pkgutil.iter_modules(connectors.sources.__path__)]

ERROR_PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"


@dataclass(frozen=True)
class Case:
    """One saved answer of a source and what it must become."""

    source: str
    path: Path

    @property
    def expected(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.path.with_suffix("").with_suffix(".expected.json").read_text("utf-8"))
        return read

    def connector(self) -> Source:
        module = importlib.import_module(f"connectors.sources.{self.source}")
        expected = self.expected
        context = SourceContext(name="mau", kind=Kind(expected.get("kind", "news")), url=expected["url"])
        made: Source = module.Connector(context, module.Config(**expected.get("config", {})))
        return made

    def capture(self, body: bytes | None = None, content_type: str | None = None) -> Capture:
        expected = self.expected
        return Capture(
            url=expected["url"],
            content_type=expected["content_type"] if content_type is None else content_type,
            body=self.path.read_bytes() if body is None else body,
            fetched_at=NOW,
        )


def cases(source: str) -> list[Case]:
    found = sorted((CASES / source).glob("*")) if (CASES / source).is_dir() else []
    return [Case(source, path) for path in found if not path.name.endswith(".expected.json")]


ALL = [case for source in SOURCES for case in cases(source)]
READ = [case for case in ALL if "refused" not in case.expected]


def name(case: Case) -> str:
    return f"{case.source}-{case.path.stem}"


each_case = pytest.mark.parametrize("case", ALL, ids=name)
each_case_that_is_read = pytest.mark.parametrize("case", READ, ids=name)
each_case_that_is_refused = pytest.mark.parametrize("case", [case for case in ALL if case not in READ], ids=name)


def items(connector: Source, split: Split, capture: Capture) -> Iterator[tuple[Record, Normalised | RejectedError]]:
    for record in split.records:
        try:
            yield record, connector.normalise(record, capture)
        except RejectedError as rejected:
            yield record, rejected


def split_or_refusal(case: Case, capture: Capture) -> Split | RejectedError:
    try:
        return case.connector().split(capture, frozenset(), NOW)
    except RejectedError as refused:
        return refused


def survive(case: Case, body: bytes, content_type: str | None = None) -> Split | None:
    """Take a damaged body through the source: it ends in items, rejections or a named refusal, and nothing else."""
    connector, capture = case.connector(), case.capture(body, content_type)
    split = split_or_refusal(case, capture)
    if isinstance(split, RejectedError):
        assert split.code != "rejected", "name the refusal with a code of its own"
        assert split.sentence.endswith("."), "tell the clerk in a sentence what happened"
        return None
    for record, outcome in items(connector, split, capture):
        if isinstance(outcome, RejectedError):
            assert outcome.pointer == record.pointer, "a rejection names the record it is about"
        else:
            assert ITEM.validate_json(outcome.item.model_dump_json()) == outcome.item
            for at in (outcome.item.published, outcome.item.updated):
                assert at is None or at.tzinfo is not None, "dates come out aware"
    return split


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_a_case_and_every_case_says_what_is_expected(source: str) -> None:
    found = cases(source)
    assert found, f"add at least one case to tests/cases/{source}/"
    for case in found:
        assert case.expected["url"], case.path.name


@each_case_that_is_refused
def test_what_is_no_answer_of_this_source_is_refused_by_name(case: Case) -> None:
    refused = split_or_refusal(case, case.capture())
    assert isinstance(refused, RejectedError)
    assert refused.code == case.expected["refused"]


@each_case_that_is_read
def test_a_case_becomes_what_its_expectation_says(case: Case) -> None:
    expected, connector, capture = case.expected, case.connector(), case.capture()
    split = connector.split(capture, frozenset(), NOW)
    made, rejections = [], [{"pointer": one.pointer, "code": one.code} for one in split.fallen]
    for _, outcome in items(connector, split, capture):
        if isinstance(outcome, RejectedError):
            rejections.append({"pointer": outcome.pointer, "code": outcome.code})
        else:
            item = outcome.item.model_dump(mode="json", exclude_defaults=True)
            made.append(item | ({"remarks": list(outcome.remarks)} if outcome.remarks else {}))
    assert made == expected["items"]
    assert rejections == expected.get("rejections", [])
    stones = [{"guid": one.guid, "at": one.at.isoformat() if one.at else None} for one in split.tombstones]
    assert stones == expected.get("tombstones", [])
    date = split.document_date.isoformat() if split.document_date else None
    said = {"format": split.format, "title": split.title, "home": split.home, "ttl": split.ttl, "document_date": date}
    said["truncated"] = split.truncated or None
    assert {key: value for key, value in said.items() if value not in (None, "")} == expected["split"]


@each_case_that_is_read
def test_the_same_bytes_give_the_same_records_and_items(case: Case) -> None:
    connector, capture = case.connector(), case.capture()
    first, second = (connector.split(capture, frozenset(), NOW) for _ in range(2))
    assert first == second
    assert pickle.loads(pickle.dumps(first)) == first, "a split crosses a process border"
    outcomes = [str(outcome) for _, outcome in items(connector, first, capture)]
    assert outcomes == [str(outcome) for _, outcome in items(connector, first, capture)]
    assert first == second, "normalise leaves the record as it was"


@each_case_that_is_read
def test_known_pieces_are_left_out_and_nothing_else(case: Case) -> None:
    connector, capture = case.connector(), case.capture()
    whole = connector.split(capture, frozenset(), NOW)
    again = connector.split(capture, frozenset(whole.fingerprints), NOW)
    assert not again.records
    assert again.fingerprints == whole.fingerprints
    for record in whole.records:
        others = frozenset(whole.fingerprints) - {record.fingerprint}
        assert list(connector.split(capture, others, NOW).records) == [
            one for one in whole.records if one.fingerprint == record.fingerprint
        ]


@each_case
def test_a_body_cut_off_anywhere_ends_in_our_own_words(case: Case) -> None:
    body = case.path.read_bytes()
    whole = None if "refused" in case.expected else survive(case, body)
    for length in {0, 1, *range(0, len(body), max(1, len(body) // 40))}:
        part = survive(case, body[:length])
        if whole is not None and part is not None:
            assert len(part.records) <= len(whole.records)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("page", [ERROR_PAGE, b"", b"   \r\n", b"\0" * 2_000, b"Service Unavailable", b"{}", b"[]"])
def test_an_error_page_or_an_empty_body_is_refused_and_not_an_empty_list(source: str, page: bytes) -> None:
    assert survive(cases(source)[0], page) is None


@each_case
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "shift_jis", "cp037", "cp1252"])
def test_a_foreign_encoding_ends_in_our_own_words(case: Case, encoding: str) -> None:
    text = case.path.read_bytes().decode("utf-8", "replace")
    survive(case, text.encode(encoding, "replace"), "text/xml; charset=utf-8")


@each_case_that_is_read
def test_a_wrong_charset_header_loses_nothing(case: Case) -> None:
    connector = case.connector()
    usual = connector.split(case.capture(), frozenset(), NOW)
    odd = connector.split(case.capture(content_type="text/xml; charset=no-such-charset"), frozenset(), NOW)
    assert [record.fields for record in odd.records] == [record.fields for record in usual.records]
