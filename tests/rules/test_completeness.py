"""What a record lacks: by the list that is shipped, by lists of a board, and by random records."""

import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.completeness import Severity, omissions, read_requirements
from schemas.base import Attachment, Frozen
from schemas.document import Document, Signer
from schemas.item import ITEM_TYPES, Kind
from schemas.procedure import Dossier, Fee, Paper, Procedure, Steps, TimeLimit, TimeUnit, Way
from schemas.shapes import Coded

SHIPPED = tomllib.loads(resources.files("hub").joinpath("data", "completeness.toml").read_text("utf-8"))
OF_PROCEDURES = read_requirements(SHIPPED["procedure"], Procedure)


def lacking(item: Frozen, *stated: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    requirements = read_requirements(stated, type(item)) if stated else OF_PROCEDURES
    return [(omission.requirement.code, omission.places) for omission in omissions(item, requirements)]


def asked(code: str = "x", **entry: Any) -> dict[str, Any]:
    return {"code": code, "severity": "must", "sentence": "Thiếu.", "reason": "Cần có."} | entry


def test_a_bare_title_lacks_everything_that_makes_a_procedure() -> None:
    found = omissions(Procedure(guid="g", title="t"), OF_PROCEDURES)
    must = [omission.requirement.code for omission in found if omission.requirement.severity is Severity.MUST]
    assert must == [
        "code", "decision", "steps", "ways", "dossiers", "subjects", "executing_agencies", "results",
    ]  # fmt: skip
    assert [omission.requirement.severity for omission in found] == sorted(
        omission.requirement.severity for omission in found
    )


def test_each_part_is_looked_at_and_named_by_its_number() -> None:
    ways = (
        Way(channel_name="Tại nhà", time_limits=(TimeLimit(value=3), TimeLimit(value=3, unit=TimeUnit.DAY))),
        Way(time_limits=(TimeLimit(text="Ngay", fees=(Fee(),)),)),
        Way(channel_name="Qua mạng"),
    )
    found = dict(lacking(Procedure(guid="g", title="t", ways=ways)))
    assert found["time_unit"] == ("1.1",)
    assert found["channel"] == ("2",)
    assert found["fee"] == ("2.1.1",)
    assert found["time_limits"] == ("3",)
    assert found["fees"] == ("1.1", "1.2", "2.1")
    assert not {"ways", "time_limit"} & found.keys()


def test_a_form_is_asked_for_only_where_one_is_named() -> None:
    papers = (Paper(name="Đơn", form_name="Mẫu 1"), Paper(name="Ảnh", copies=0), Paper(form_url="https://a.vn/x"))
    found = dict(lacking(Procedure(guid="g", title="t", dossiers=(Dossier(papers=papers),))))
    assert found["form"] == ("1.1",)
    assert found["paper"] == ("1.3",)
    assert found["paper_count"] == ("1.1", "1.3")


def test_nought_is_said_and_blanks_are_not() -> None:
    asks = asked(has=["amount", "text"])
    assert lacking(Fee(amount=0), asks) == []
    assert lacking(Fee(text=" \n"), asks) == [("x", ())]
    assert lacking(Procedure(guid="g", title="t", subjects=(Coded(), Coded())), asked(has=["subjects"])) == [("x", ())]
    assert lacking(Procedure(guid="g", title="t", steps=(Steps(steps=("", "Nộp")),)), asked(has=["steps"])) == []
    assert lacking(Document(guid="g", title="t", signer=Signer(position="PCT")), asked(part="signer", has=["name"]))


def test_a_document_is_measured_by_its_own_list() -> None:
    asks = read_requirements(SHIPPED["document"], Document)
    bare = {omission.requirement.code for omission in omissions(Document(guid="g", title="t"), asks)}
    assert bare == {one.code for one in asks}
    filed = Document(guid="g", title="t", number="1/QĐ", attachments=(Attachment(url="https://a.vn/1.pdf"),))
    assert bare - {omission.requirement.code for omission in omissions(filed, asks)} == {"number", "text"}


def test_many_places_are_counted() -> None:
    papers = tuple(Paper() for _ in range(9))
    [found] = omissions(
        Procedure(guid="g", title="t", dossiers=(Dossier(papers=papers),)),
        read_requirements([asked(part="dossiers.papers", has=["name"])], Procedure),
    )
    assert found.sentence == "Thiếu. (Mục 1.1, 1.2, 1.3, 1.4, 1.5 và 4 mục khác.)"


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (asked(has=["nummer"]), "nummer"),
        (asked(has=["steps"], part="ways.time"), "time"),
        (asked(has=["steps"], part="title"), "title"),
        (asked(has=[]), "has"),
        (asked(has="code"), "has"),
        (asked(has=["code"], sentence=" "), "sentence"),
        (asked(has=["code"], severity="may"), "may"),
        (asked(has=["code"], wen=["code"]), "wen"),
        ({"code": "x", "severity": "must", "sentence": "S", "reason": "R"}, "has"),
        ("text", "1: "),
    ],
)
def test_a_list_with_a_typing_error_is_refused_by_name(entry: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_requirements([entry], Procedure)


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="x: stated twice"):
        read_requirements([asked(has=["code"]), asked(has=["title"])], Procedure)


@pytest.mark.parametrize("kind", [Kind.PROCEDURE, Kind.DOCUMENT])
def test_the_shipped_list_can_be_read_and_speaks_to_a_clerk(kind: Kind) -> None:
    for one in read_requirements(SHIPPED[kind], ITEM_TYPES[kind]):
        assert one.sentence.endswith("."), one.code
        assert one.reason.endswith("."), one.code


texts = st.sampled_from(["", " ", "Có"])
fees = st.builds(Fee, text=texts, description=texts)
limits = st.builds(TimeLimit, text=texts, value=st.sampled_from([None, 0, 5]), fees=st.lists(fees).map(tuple))
ways = st.builds(Way, channel_name=texts, time_limits=st.lists(limits, max_size=3).map(tuple))


@given(st.lists(ways, max_size=3).map(tuple), texts)
def test_a_gap_is_where_nothing_is_said_and_nowhere_else(given_ways: tuple[Way, ...], code: str) -> None:
    item = Procedure(guid="g", title="t", ways=given_ways, national_code=code)
    found = dict(lacking(item))
    assert ("code" in found) == (not code.strip())
    assert found.get("time_limits", ()) == tuple(
        str(n) for n, way in enumerate(given_ways, 1) if not any(_told(one) for one in way.time_limits)
    )
    assert found.get("time_limit", ()) == tuple(
        f"{n}.{m}"
        for n, way in enumerate(given_ways, 1)
        for m, one in enumerate(way.time_limits, 1)
        if one.value is None and not one.text.strip()
    )


def _told(limit: TimeLimit) -> bool:
    return (
        limit.value is not None
        or bool(limit.text.strip())
        or any(fee.text.strip() or fee.description.strip() for fee in limit.fees)
    )
