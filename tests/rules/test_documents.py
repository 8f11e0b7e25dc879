"""Two descriptions of one document: what must agree, and what is left open."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.documents import Sameness, document_key, same_document
from schemas.document import Document
from schemas.shapes import Coded

DAY = date(2024, 11, 20)


def document(number: str = "15/2024/QĐ-UBND", issuer: str = "UBND tỉnh Mẫu", issued: date | None = DAY, code: str = "",
             further: tuple[str, ...] = ()) -> Document:  # fmt: skip
    office = Coded(name=issuer, code=code)
    return Document(guid="1", title="x", number=number, issuer=office, issued=issued, further_numbers=further)


SAME = document()


@pytest.mark.parametrize(
    ("other", "sameness"),
    [
        (document(), Sameness.SAME),
        (document(number="15/2024/QD-UBND"), Sameness.SAME),
        (document(issuer="Ủy ban nhân dân tỉnh Mẫu"), Sameness.SAME),
        (document(issuer="ỦY BAN NHÂN DÂN  TỈNH MẪU"), Sameness.SAME),
        (document(number="2/KH", further=("15/2024/QĐ-UBND",)), Sameness.SAME),
        (document(number="16/2024/QĐ-UBND"), Sameness.OTHER),
        (document(issued=date(2023, 11, 20)), Sameness.OTHER),
        (document(issuer="UBND tỉnh Khác"), Sameness.OTHER),
        (document(issuer="UBND tỉnh"), Sameness.OPEN),
        (document(issuer=""), Sameness.OPEN),
        (document(issued=None), Sameness.OPEN),
        (document(number=""), Sameness.OPEN),
    ],
)
def test_issuer_number_and_day_decide(other: Document, sameness: Sameness) -> None:
    assert same_document(SAME, other) is sameness
    assert same_document(other, SAME) is sameness


def test_identifiers_decide_where_names_differ() -> None:
    ours = document(issuer="Sở Y tế", code="H52.07")
    assert same_document(ours, document(issuer="SYT", code="H52.07")) is Sameness.SAME
    assert same_document(ours, document(issuer="SYT", code="H53.07")) is Sameness.OTHER


def test_there_is_no_key_while_one_of_the_three_is_missing() -> None:
    spelt_out = document(number="15 /2024/qđ-ubnd", issuer="Ủy ban nhân dân tỉnh Mẫu")
    assert document_key(document()) == document_key(spelt_out)
    for missing in (document(number=""), document(issuer=""), document(issued=None)):
        assert document_key(missing) is None


@given(
    st.sampled_from(["1/QĐ-UBND", "2/QĐ-UBND", ""]), st.sampled_from(["UBND tỉnh", "Sở Y tế", ""]),
    st.sampled_from([DAY, date(2023, 1, 1), None]),
)  # fmt: skip
def test_equal_keys_are_never_of_different_documents(number: str, issuer: str, issued: date | None) -> None:
    other = document(number, issuer, issued)
    assert same_document(other, other) is not Sameness.OTHER
    if document_key(other) is not None and document_key(other) == document_key(SAME):
        assert same_document(other, SAME) is Sameness.SAME
