"""A mapping of the settings: templates, texts as HTML or plain, files with titles, withdrawn records, limits."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Capture, Fallen, SourceContext, Split
from connectors.parse.data.mapping import Fields, Find, Mapped, Piece, dates_of, read_entry, read_pieces
from connectors.parse.entry import Entry, Link, Person
from connectors.parse.item import make_item
from connectors.parse.records import fingerprint
from schemas.item import Kind

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BASE = "https://stp.tinhmau.gov.vn/api"
CONTEXT = SourceContext(name="mau", kind=Kind.NEWS, url=BASE)


class Named(Fields):
    """The simplest language: an expression is a name."""

    @classmethod
    def check(cls, expression: str) -> None:
        """A name has no blanks."""
        if " " in expression:
            raise ValueError("wrong at character 2")


class Config(Mapped):
    fields: Named


def config(fields: Mapping[str, str], **more: Any) -> Config:
    return Config.model_validate({"fields": {"id": "id"} | dict(fields)} | more)


def finder(**found: str | Sequence[str]) -> Find:
    def find(expression: str, *, markup: bool = False) -> Sequence[str]:
        value = found.get(expression, ())
        return [value] if isinstance(value, str) else value

    return find


def entry(
    fields: Mapping[str, str], *, settings: Mapping[str, Any] | None = None, **found: str | Sequence[str]
) -> Entry:
    made = config(fields, **(settings or {}))
    return read_entry(made, finder(**found), base=BASE, now=NOW, timezone="Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("https://x.vn/tin/{id}", "https://x.vn/tin/7"),
        ("https://x.vn/{slug}-{id}.html?a={id}", "https://x.vn/hop-bao-7.html?a=7"),
        ("/tin/{so}", "/tin/12/Q%C4%90%20%26%3F%23"),
        ("https://x.vn/{missing}", None),
        ("https://x.vn/{id}/{missing}", None),
        ("slug", "hop-bao"),
    ],
)
def test_a_template_makes_an_address_of_what_its_holes_find_or_none(template: str, link: str | None) -> None:
    made = entry({"link": template}, id="7", slug=" hop-bao ", so="12/QĐ &?#")
    assert made.get("link") == link


def test_a_template_makes_as_many_addresses_as_its_holes_find() -> None:
    made = entry({"attachments": "/tep/{ten}"}, ten=["a.pdf", "b.pdf"])
    assert [link.href for link in made["enclosures"]] == ["/tep/a.pdf", "/tep/b.pdf"]


def test_a_text_is_html_only_where_it_shows_it() -> None:
    for value, html in {
        "<p>a</p>": True, "a &amp; b": True, "a&#7871;": True, "<!-- x -->": True,
        "a < b & c": False, "dòng 1\ndòng 2": False, "R&D; x": False, "5 <6": False,
    }.items():  # fmt: skip
        assert entry({"content": "c"}, c=value)["content"].html is html, value


def test_titles_of_files_are_used_only_where_there_are_as_many_as_addresses() -> None:
    fields = {"attachments": "u", "attachment_titles": "t"}
    assert entry(fields, u=["/a", "/b"], t=["A", "B"])["enclosures"] == [
        Link("/a", "enclosure", title="A"), Link("/b", "enclosure", title="B"),
    ]  # fmt: skip
    assert [link.title for link in entry(fields, u=["/a", "/b"], t=["B"])["enclosures"]] == ["", ""]


def test_a_separator_splits_people_tags_and_files_and_nothing_else() -> None:
    fields = {"authors": "a", "tags": "t", "attachments": "f", "title": "n"}
    made = entry(fields, settings={"separator": ";"}, a="An; Bình (b@x.vn);", t="x;y ; x", f="/1;/2", n="a;b")
    assert made["authors"] == [Person("An"), Person("Bình", "b@x.vn")]
    assert (made["categories"], [link.href for link in made["enclosures"]]) == (["x", "y"], ["/1", "/2"])
    assert made["title"].value == "a;b"
    assert entry(fields, a="An; Bình")["authors"] == [Person("An; Bình")]


def test_the_order_of_day_and_month_is_a_setting_and_a_refused_date_is_kept_as_it_was_written() -> None:
    fields = {"published": "p", "updated": "u"}
    for order, month in (("dmy", 11), ("mdy", 5)):
        made = entry(fields, settings={"date_order": order}, p="05/11/2026", u="hôm qua")
        assert made["published"] is not None
        assert made["published"].month == month
        assert (made["updated"], made["updated_raw"]) == (None, "hôm qua")


def test_nothing_found_is_nothing_said() -> None:
    every = {name: name for name in Named.model_fields if name != "details"}
    assert entry(every) == {"base": BASE}
    assert entry(every, **dict.fromkeys(every, " \n")) == {"base": BASE}


def test_a_mapping_that_finds_thousands_of_values_is_bounded() -> None:
    made = entry({"tags": "t", "title": "n"}, t=[str(n) for n in range(10_000)], n="x" * 5_000_000)
    assert (len(made["categories"]), len(made["title"].value)) == (100, 2_000_000)


def test_dates_of_records_are_those_of_publication_else_of_change() -> None:
    finders = [finder(p="01/11/2026", u="02/11/2026"), finder(p="?"), finder(p="03/11/2026")]
    assert [at.day for at in dates_of(config({"published": "p", "updated": "u"}), finders, "Asia/Ho_Chi_Minh")] == [
        1,
        3,
    ]
    assert [at.day for at in dates_of(config({"updated": "u"}), finders, "Asia/Ho_Chi_Minh")] == [2]
    assert dates_of(config({}), finders, "Asia/Ho_Chi_Minh") == []


# ---------------------------------------------------------------------------------------------------- the split


def split(made: Config, *pieces: Piece, known: frozenset[bytes] = frozenset(), total: int | None = None) -> Split:
    capture = Capture(url=BASE, content_type="", body=b"", fetched_at=NOW)
    return read_pieces(
        pieces, made, CONTEXT, capture, known, NOW, total=len(pieces) if total is None else total, format="test"
    )  # fmt: skip


def piece(number: int, **found: str) -> Piece:
    return Piece(pointer=f"item {number}", fingerprint=fingerprint(str(number).encode()), find=finder(**found))


@pytest.mark.parametrize(
    ("value", "gone"), [("DaGo", True), (" đago ", False), ("dago", True), ("", False), ("x", False)]
)
def test_a_record_is_withdrawn_by_one_of_the_values_and_by_nothing_else(value: str, gone: bool) -> None:
    made = config({"withdrawn": "w", "updated": "u"}, withdrawn_values=["DaGo", "thu hoi"])
    result = split(made, piece(1, id="a", w=value, u="19/11/2026"))
    assert ([one.guid for one in result.tombstones], len(result.records)) == ((["a"], 0) if gone else ([], 1))
    if gone:
        assert result.tombstones[0].at is not None
        assert result.tombstones[0].fingerprint == result.fingerprints[0]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"id": "id", "link": "l"}, {"id": " a\u200b1 ", "l": "/x"}),
        ({"link": "l", "id": ""}, {"l": "/tin/1"}),
        ({"link": "l", "id": "", "attachments": "f"}, {"f": "tep/1.pdf"}),
    ],
)
def test_a_tombstone_has_the_identity_that_the_item_had(fields: dict[str, str], found: dict[str, str]) -> None:
    made = config({**fields, "title": "t", "withdrawn": "w"})
    [record] = split(made, piece(1, t="Tin", **found)).records
    item = make_item(record.fields, CONTEXT, base=BASE, pointer="item 1").item  # type: ignore[arg-type]
    [stone] = split(made, piece(1, t="Tin", w="true", **found)).tombstones
    assert stone.guid == item.guid


def test_a_withdrawn_record_without_identity_falls() -> None:
    result = split(config({"withdrawn": "w"}), piece(1, w="true"), piece(2, w="true", id="x" * 3_000))
    assert [(one.pointer, one.code) for one in result.fallen] == [("item 1", "no_identity"), ("item 2", "no_identity")]


def test_known_pieces_are_not_read_whatever_they_are() -> None:
    pieces = (piece(1, id="a"), piece(2, id="b", w="true"), piece(3, w="true"))
    broken = Piece(
        pointer="item 4", fingerprint=b"4" * 16, find=finder(), fault=Fallen(pointer="item 4", code="x", detail="")
    )
    made = config({"withdrawn": "w"})
    whole = split(made, *pieces, broken)
    assert [len(part) for part in (whole.records, whole.tombstones, whole.fallen, whole.fingerprints)] == [1, 1, 2, 4]
    again = split(made, *pieces, broken, known=frozenset(whole.fingerprints))
    assert [len(part) for part in (again.records, again.tombstones, again.fallen, again.fingerprints)] == [0, 0, 0, 4]


def test_what_stands_behind_the_limit_is_named() -> None:
    result = split(config({}), piece(1, id="a"), total=10_000)
    assert [(one.pointer, one.code) for one in result.fallen] == [("item 2 to 10000", "too_many")]


@given(st.dictionaries(st.sampled_from(sorted(Named.model_fields.keys() - {"details"})), st.text(max_size=60)))
def test_whatever_is_found_becomes_an_entry(found: dict[str, str]) -> None:
    every = {name: name for name in Named.model_fields if name != "details"}
    made = entry(every, settings={"separator": ";"}, **found)
    assert set(made) <= set(Entry.__annotations__)


# ------------------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: config({"title": "a b"}), "wrong at character 2"),
        (lambda: config({"link": "https://x.vn/{a b}"}), "in the hole {a b}: wrong at character 2"),
        (lambda: Config.model_validate({"fields": {"title": "t"}}), "id or link must be given"),
        (lambda: config({"title": "x" * 1_001}), "at most 1000"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(build: Callable[[], Config], says: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*") as refused:
        build()
    assert says in str(refused.value)


def test_details_are_found_under_the_names_of_the_kind() -> None:
    made = entry(
        {"details": {"number": "so", "sectors": "linh_vuc", "issuer": "'UBND tỉnh'", "scope": "pham_vi"}},  # type: ignore[dict-item]
        settings={"separator": ";"}, id="1", so="1/QĐ-UBND; 2/QĐ-UBND", linh_vuc="Đất đai; Nhà ở", pham_vi="",
    )  # fmt: skip
    assert made["details"] == {
        "number": "1/QĐ-UBND; 2/QĐ-UBND", "issuer": "UBND tỉnh", "sectors": ["Đất đai", "Nhà ở"],
    }  # fmt: skip


def test_a_detail_that_no_kind_has_is_a_fault_that_names_the_others() -> None:
    with pytest.raises(ValidationError, match=r"no kind of item has the field so_hieu; there are .*number"):
        config({"details": {"so_hieu": "so"}})  # type: ignore[dict-item]
    with pytest.raises(ValidationError, match="wrong at character 2"):
        config({"details": {"number": "a b"}})  # type: ignore[dict-item]
