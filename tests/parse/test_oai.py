"""Answers of OAI-PMH: whole records from broken documents, errors by name, Dublin Core with many values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectedError
from connectors.parse.data.oai import BrokenRecordError, glance, granularity, read_answer

ROOT = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'


def record(number: int, inside: str = "<dc:title>Sách</dc:title>") -> str:
    return (
        f"<record><header><identifier>s{number}</identifier><datestamp>2026-11-18</datestamp></header>"
        f"<metadata><dc>{inside}</dc></metadata></record>"
    )


def document(*records: str, end: str = "</ListRecords></OAI-PMH>") -> bytes:
    return f"{ROOT}<responseDate>2026-11-19T08:00:00Z</responseDate><ListRecords>{''.join(records)}{end}".encode()


def test_records_before_the_cut_are_whole_and_the_answer_says_that_it_is_cut() -> None:
    answer = read_answer(document(record(1), record(2), "<record><header><ident", end=""), "text/xml")
    assert [answer.record(place).identifier for place in range(2)] == ["s1", "s2"]
    assert answer.cut_short


def test_a_broken_record_costs_itself_and_a_raw_ampersand_nothing() -> None:
    answer = read_answer(
        document(record(1, "<dc:title>A & B</dc:title>"), record(2, "<dc:title>A</dc:date>"), record(3)), "text/xml"
    )
    assert answer.record(0).all("title") == ["A & B"]
    with pytest.raises(BrokenRecordError):
        answer.record(1)
    assert answer.record(2).identifier == "s3"


def test_a_record_without_identifier_is_no_record() -> None:
    answer = read_answer(document("<record><header><datestamp>2026</datestamp></header></record>"), "text/xml")
    with pytest.raises(BrokenRecordError):
        answer.record(0)


def test_values_come_without_repetition_and_ours_before_others() -> None:
    inside = (
        '<dc:title xml:lang="en">Gazette</dc:title><dc:title xml:lang="vi-VN">Công báo</dc:title>'
        "<dc:subject>Luật</dc:subject><dc:subject>Luật</dc:subject><dc:description>Số\n  41</dc:description>"
    )
    read = read_answer(document(record(1, inside)), "text/xml").record(0)
    assert read.all("title", "vi") == ["Công báo", "Gazette"]
    assert read.all("title") == ["Gazette", "Công báo"]
    assert read.all("subject") == ["Luật"]
    assert read.all("description") == ["Số 41"]


def test_a_glance_finds_the_way_on_and_an_empty_token_is_the_end() -> None:
    token = '<resumptionToken cursor="0">a&amp;b|100</resumptionToken>'
    seen = glance(document(record(1), token))
    assert (seen.error, seen.token, seen.response_date) == ("", "a&b|100", "2026-11-19T08:00:00Z")
    for end in (
        "<resumptionToken/>",
        "<resumptionToken></resumptionToken>",
        '<resumptionToken cursor="100"> </resumptionToken>',
    ):
        assert not glance(document(record(1), end)).token
    assert glance(f'{ROOT}<error code="badResumptionToken"/></OAI-PMH>'.encode()).error == "badResumptionToken"


def test_a_token_in_the_text_of_a_record_leads_nowhere() -> None:
    inside = "<dc:description>&lt;resumptionToken&gt;x&lt;/resumptionToken&gt;</dc:description>"
    assert not glance(document(record(1, inside))).token


@pytest.mark.parametrize(
    ("code", "ours"),
    [("badArgument", "oai_bad_argument"), ("badVerb", "oai_bad_verb"), ("noSetHierarchy", "oai_no_sets"),
     ("idDoesNotExist", "oai_unknown_record"), ("noMetadataFormats", "oai_no_such_format"), ("moi", "oai_error")],
)  # fmt: skip
def test_errors_of_the_protocol_have_names_of_ours(code: str, ours: str) -> None:
    with pytest.raises(RejectedError) as refused:
        read_answer(f'{ROOT}<responseDate>2026-11-19</responseDate><error code="{code}"/></OAI-PMH>'.encode(), "")
    assert refused.value.code == ours


@pytest.mark.parametrize(
    ("said", "exact"), [("YYYY-MM-DD", "YYYY-MM-DD"), ("YYYY-MM-DDThh:mm:ssZ",) * 2, ("theo ngày", "")]
)
def test_how_exact_dates_are_is_read_from_identify(said: str, exact: str) -> None:
    assert granularity(f"{ROOT}<Identify><granularity>{said}</granularity></Identify></OAI-PMH>".encode()) == exact


@given(st.binary(max_size=60), st.integers(0, 400))
def test_damage_anywhere_ends_in_records_or_a_named_refusal(junk: bytes, place: int) -> None:
    body = document(record(1), record(2))
    damaged = body[:place] + junk + body[place:]
    glance(damaged)
    refusal = None
    try:
        answer = read_answer(damaged, "text/xml")
        for number in range(len(answer.pieces)):
            answer.record(number)
    except BrokenRecordError:
        pass
    except RejectedError as refused:
        refusal = refused
    assert refusal is None or (refusal.code != "rejected" and refusal.sentence.endswith("."))
