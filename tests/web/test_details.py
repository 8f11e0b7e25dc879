"""What readers see of the own fields of procedures and documents: pages, feeds, and hostile texts in every field."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html
from pydantic import BaseModel

from hub.gate import outgoing
from hub.sample.portal import SamplePortal
from hub.sheets.details import SENTENCE_LIMIT, sections, summary
from hub.sheets.facts import Facts, dong, table
from hub.sheets.procedures import fee_text, time_text
from schemas.document import Action, Announced, Document, Relation, Signer, Validity
from schemas.edition import PublishedItem, UpdateType
from schemas.item import ITEM, ITEM_TYPES, ItemBase, Kind
from schemas.procedure import Dossier, Fee, FeeKind, LegalBasis, Paper, Procedure, Steps, TimeLimit, TimeUnit, Way
from schemas.shapes import Coded, Shape
from tests.web.press import Press, id_of, news

Client = TestClient[web.Request, web.Application]
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\nHàng hai"


def example(name: str) -> ItemBase:
    item: ItemBase = ITEM.validate_json((EXAMPLES / f"{name}.json").read_bytes())
    return item


def published(item: ItemBase, **fields: Any) -> PublishedItem:
    made = PublishedItem.of(
        item, item.kind, content_id=UUID(int=1), revision=1, update_type=UpdateType.MAJOR, member="H52.12",
        member_name="Sở Tư pháp", source="nguon",
    )  # fmt: skip
    return made.model_copy(update=fields)


async def page(client: Client, item: ItemBase) -> html.HtmlElement:
    async with client.get(f"/items/{id_of(item.guid)}") as response:
        assert response.status == 200
        return html.document_fromstring(await response.text())


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def facts_of(shown: html.HtmlElement) -> dict[str, str]:
    return {text(row.find("dt")): text(row.find("dd")) for row in shown.xpath("//dl[@class='facts']/div")}


def rows_of(shown: html.HtmlElement, heading: str) -> list[list[str]]:
    [found] = [part for part in shown.find_class("details") if text(part.find("h2")) == heading]
    return [[text(cell) for cell in row] for row in found.findall(".//tr")]


# Pages


async def test_a_procedure_is_shown_in_the_order_of_the_national_pages(client: Client, press: Press) -> None:
    item = example("procedure")
    await press.publish(item)
    shown = await page(client, item)
    assert [text(part.find("h2")) for part in shown.find_class("details")] == [
        "Thông tin chung", "Trình tự thực hiện", "Cách thức thực hiện", "Thành phần hồ sơ",
        "Đối tượng, cơ quan thực hiện và kết quả", "Căn cứ pháp lý", "Yêu cầu, điều kiện thực hiện", "Thông tin thêm",
    ]  # fmt: skip
    facts = facts_of(shown)
    assert list(facts)[:3] == ["Mã thủ tục", "Số quyết định", "Tên thủ tục"]
    assert facts["Mã thủ tục"] == "1.004194.000.00.00.H52"
    assert facts["Đối tượng thực hiện"] == "Công dân Việt Nam Người nước ngoài"
    assert "Cơ quan được ủy quyền" not in facts
    assert rows_of(shown, "Cách thức thực hiện") == [
        ["Hình thức nộp", "Thời hạn giải quyết", "Phí, lệ phí", "Mô tả"],
        ["Trực tiếp", "1 ngày làm việc", "Lệ phí: Không", "Tiếp nhận trong giờ hành chính."],
        ["Trực tuyến", "8 giờ làm việc", "Lệ phí: Không", ""],
        ["Dịch vụ bưu chính", "Theo thời gian của dịch vụ bưu chính",
         "Phí: 25.000 đồng (Cước gửi một bộ hồ sơ)", ""],
    ]  # fmt: skip
    assert rows_of(shown, "Căn cứ pháp lý")[1] == ["68/2020/QH14", "Luật Cư trú", "13/11/2020", "Quốc hội"]
    [form] = shown.xpath("//table//a")
    assert (form.text, form.get("href")) == ("CT01.docx", "https://dichvucong.tinhmau.gov.vn/bieu-mau/CT01.docx")
    assert [text(step) for step in shown.xpath("//ol[@class='steps']/li")][1].startswith("Cơ quan đăng ký cư trú tiếp")


async def test_a_document_shows_its_attributes_relations_and_files(client: Client, press: Press) -> None:
    item = example("document")
    await press.publish(item)
    shown = await page(client, item)
    facts = facts_of(shown)
    assert {
        "Số ký hiệu": "15/2024/QĐ-UBND", "Loại văn bản": "Quyết định",
        "Cơ quan ban hành": "Ủy ban nhân dân tỉnh Mẫu", "Người ký": "Nguyễn Văn Mẫu, Phó Chủ tịch (ký thay)",
        "Ngày ban hành": "20/11/2024", "Ngày có hiệu lực": "01/12/2024",
        "Tình trạng hiệu lực": "Hết hiệu lực một phần", "Lĩnh vực": "Tiếp công dân", "Trích yếu": item.title,
    }.items() <= facts.items()  # fmt: skip
    assert "Ngày hết hiệu lực" not in facts
    assert rows_of(shown, "Văn bản liên quan")[1:] == [
        ["Căn cứ", "42/2013/QH13", "Luật Tiếp công dân", "Quốc hội", "25/11/2013"],
        ["Thay thế", "3/2019/QĐ-UBND", "", "Ủy ban nhân dân tỉnh Mẫu", ""],
    ]
    assert "15.signed.pdf" in text(shown.find_class("files")[0])


@pytest.mark.parametrize("name", ["document-title-only", "procedure-title-only"])
async def test_a_bare_title_is_no_table(name: str, client: Client, press: Press) -> None:
    item = example(name)
    await press.publish(item)
    shown = await page(client, item)
    assert shown.findtext(".//h1") == item.title
    assert facts_of(shown) == {}
    assert not shown.find_class("details")


def test_both_signers_and_numbers_of_a_joint_document_are_shown() -> None:
    [attributes] = sections(published(example("document-joint")))
    assert isinstance(attributes, Facts)
    rows = {label: [line.text for line in lines] for label, lines in attributes.rows}
    assert rows["Số ký hiệu"] == ["01/2015/TTLT-BTP-BNG", "02/2015/TTLT-BTP-BNG"]
    assert rows["Người ký"] == ["Trần Văn Một", "Lê Thị Hai"]


def test_a_decision_shows_the_procedures_that_it_announces() -> None:
    new = Announced(action=Action.NEW, code="1.004194", name="Thông báo lưu trú", fee="Không", basis=" ")
    other = Announced(action=Action.REPLACED, name="Đăng ký", replaces=(Coded(code="1.0", name="Cũ"),))
    item = Document(guid="g", title="t", announces=(new, other, Announced(action=Action.ABOLISHED)))
    [shown] = sections(published(item))
    [(_, rows)] = shown.cases  # type: ignore[union-attr, misc]
    assert [[[line.text for line in cell] for cell in row] for row in rows] == [
        [["Mới ban hành"], ["1.004194"], ["Thông báo lưu trú"], ["Phí, lệ phí: Không"]],
        [["Thay thế"], [], ["Đăng ký", "Thay thế: 1.0 – Cũ"], []],
    ]


def test_steps_that_count_themselves_are_not_counted_twice() -> None:
    def numbered(*steps: str) -> bool:
        [shown] = sections(published(Procedure(guid="g", title="t", steps=(Steps(steps=steps),))))
        [case] = shown.cases  # type: ignore[union-attr]
        return bool(case.numbered)  # type: ignore[union-attr]

    assert numbered("Nộp hồ sơ", "Nhận kết quả")
    assert not numbered("Bước 1: Nộp hồ sơ", "Bước 2: Nhận kết quả")
    assert not numbered("a) Nộp hồ sơ", "b) Nhận kết quả")
    assert not numbered("Nộp hồ sơ")


# How sums and times are written


@pytest.mark.parametrize(
    ("fee", "said"),
    [
        (Fee(amount=1_500_000), "1.500.000 đồng"),
        (Fee(kind=FeeKind.CHARGE, amount=15_000, unit="Đồng/hồ sơ"), "Lệ phí: 15.000 đồng/hồ sơ"),
        (Fee(kind=FeeKind.FEE, amount=15_000, unit="hồ sơ"), "Phí: 15.000 đồng (hồ sơ)"),
        (Fee(kind=FeeKind.FEE, text="Theo quy định", description="Trả một lần."), "Phí: Theo quy định (Trả một lần)"),
        (Fee(kind=FeeKind.FEE), ""),
        (Fee(description="Miễn cho hộ nghèo."), "Miễn cho hộ nghèo."),
    ],
)
def test_fees_are_written_as_offices_write_them(fee: Fee, said: str) -> None:
    assert fee_text(fee) == said


def test_times_have_their_unit_and_words_stay_words() -> None:
    assert time_text(TimeLimit(value=10, unit=TimeUnit.WORKING_DAY, unit_name="Ngày LV")) == "10 ngày làm việc"
    assert time_text(TimeLimit(value=2, unit_name="phiên")) == "2 phiên"
    assert time_text(TimeLimit(text="Trong ngày")) == "Trong ngày"
    assert time_text(TimeLimit()) == ""


@given(st.integers(0, 10**15), st.text(max_size=20))
def test_a_sum_can_be_read_back(amount: int, unit: str) -> None:
    said = dong(amount, unit)
    assert int(said.split(" đồng")[0].replace(".", "")) == amount
    assert re.match(r"[0-9]{1,3}(\.[0-9]{3})* đồng", said)


cells = st.text(alphabet="a \n", max_size=3)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=4))
def test_a_table_keeps_every_text_and_no_empty_row_or_column(rows: list[list[str]]) -> None:
    shown = table("Bảng", ("A", "B", "C"), [("", rows)])
    kept = [line.text for part in shown for _, lines in part.cases for row in lines for cell in row for line in cell]  # type: ignore[union-attr]
    assert kept == [cell for row in rows for cell in row if cell.strip()]
    for part in shown:
        [(_, lines)] = part.cases  # type: ignore[union-attr]
        assert all(any(row) for row in lines)
        assert all(any(column) for column in zip(*lines, strict=True))


# Hostile texts


def shapes_of(model: type[BaseModel]) -> Iterator[tuple[str, Shape | None]]:
    """Each field of a kind, at every depth, with how its text is cleaned."""
    for name, field in model.model_fields.items():
        if name in ItemBase.model_fields and issubclass(model, ItemBase):
            continue
        stated = [meta for meta in field.metadata if isinstance(meta, Shape)]
        inner = field.annotation
        while get_origin(inner) is tuple:
            inner = get_args(inner)[0]
        if hasattr(inner, "__metadata__"):
            stated += [meta for meta in inner.__metadata__ if isinstance(meta, Shape)]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from shapes_of(inner)
        else:
            yield name, stated[0] if stated else None


@pytest.mark.parametrize("kind", [Kind.DOCUMENT, Kind.PROCEDURE])
def test_names_of_fields_tell_the_gate_what_they_hold(kind: Kind) -> None:
    found = list(shapes_of(ITEM_TYPES[kind]))
    assert {Shape.ADDRESS, Shape.PROSE, Shape.LINE} <= {shape for _, shape in found}
    for name, shape in found:
        assert (shape is Shape.ADDRESS) == (name == "url" or name.endswith("_url")), name
        assert (shape is Shape.HTML) == name.endswith("_html"), name


#: Fields whose texts are short.
SHORT = ("number", "kind", "further_numbers")


def hostile(model: type[BaseModel]) -> dict[str, Any]:
    """A hostile text in every field that takes one, at every depth."""
    filled: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name in ItemBase.model_fields and issubclass(model, ItemBase):
            continue
        inner, many = field.annotation, False
        while get_origin(inner) is tuple:
            inner, many = get_args(inner)[0], True
        inner = get_args(inner)[0] if hasattr(inner, "__metadata__") else inner
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            value: Any = hostile(inner)
        elif field.is_required():
            value = next(iter(inner))  # type: ignore[call-overload]  # of an enumeration
        elif inner is str:
            address = name == "url" or name.endswith("_url")
            value = "javascript:alert(3)" if address else HOSTILE[:40] if name in SHORT else HOSTILE
        else:
            continue
        filled[name] = [value] if many else value
    return filled


@pytest.mark.parametrize("kind", [Kind.DOCUMENT, Kind.PROCEDURE])
async def test_hostile_texts_in_every_field_are_shown_as_texts(kind: Kind, client: Client, press: Press) -> None:
    item = ITEM_TYPES[kind].model_validate({"guid": "g", "title": HOSTILE, **hostile(ITEM_TYPES[kind])})
    await press.publish(item)
    for path in (f"/items/{id_of('g')}", "/"):
        async with client.get(path) as response:
            shown = html.document_fromstring(await response.text())
            assert "style-src 'self'" in response.headers["Content-Security-Policy"]
        assert not shown.xpath("//script | //style | //*[@style] | //main//img[@src]")
        assert not [name for node in shown.iter() for name in node.attrib if name.startswith("on")]
        assert [a.get("href") for a in shown.iter("a") if "javascript" in (a.get("href") or "")] == []
        assert "{{ 7*7 }}" in text(shown.find(".//main"))
    assert len(shown.find_class("summary")) == 1
    for ending in ("atom", "rss", "json"):
        async with client.get(f"/feeds/all.{ending}") as response:
            body = await response.read()
        assert b"javascript:" not in body
        if ending == "json":
            assert "alert(1)" not in json.loads(body)["items"][0]["_hub"]["details"].get("conditions_html", "")


async def test_the_sample_portal_shows_the_same_sections(tmp_path: Path) -> None:
    item = published(example("procedure"))
    unreadable = published(example("document"), content_id=UUID(int=2), details={"number": ["lạ"], "of_tomorrow": 1})
    async with SamplePortal(tmp_path, name="Cổng mẫu", token="t") as portal:
        headers = {"Authorization": "Bearer t", "Content-Type": "application/json"}
        async with ClientSession(headers=headers) as session:
            for one in (item, unreadable):
                key = {"Idempotency-Key": str(one.content_id)}
                async with session.put(
                    f"{portal.base_url}/items/{one.content_id}", data=one.model_dump_json(), headers=key
                ) as answer:
                    assert answer.status < 300
            async with session.get(f"{portal.page_url}tin/{item.content_id}") as answer:
                shown = html.document_fromstring(await answer.text())
            async with session.get(f"{portal.page_url}tin/{unreadable.content_id}") as answer:
                plain = html.document_fromstring(await answer.text())
    assert facts_of(shown)["Mã thủ tục"] == "1.004194.000.00.00.H52"
    assert rows_of(shown, "Thành phần hồ sơ")[1][-1] == "CT01.docx"
    assert plain.findtext(".//h1") == unreadable.title
    assert facts_of(plain) == {}


# What travels


def test_the_own_fields_travel_and_defaults_do_not() -> None:
    item = Document(guid="g", title="t", number="1/QĐ", validity=Validity.IN_FORCE, signer=Signer(name="A"))
    assert published(item).details == {"number": "1/QĐ", "validity": "in_force", "signer": {"name": "A"}}
    assert published(Document(guid="g", title="t")).details == {}
    assert published(news("a")).details == {}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_nothing_of_an_example_is_lost_on_the_way(path: Path) -> None:
    item = example(path.stem)
    sent = PublishedItem.model_validate_json(published(item).model_dump_json())
    base = {name: getattr(item, name) for name in ItemBase.model_fields}
    assert ITEM_TYPES[item.kind].model_validate(base | sent.details) == item


def test_the_gate_cleans_addresses_and_html_in_details() -> None:
    bad = LegalBasis(title="Luật", url="javascript:alert(1)")
    paper = Paper(name="Đơn", form_url="https://a.vn/mẫu đơn.docx")
    item = Procedure(
        guid="g", title="t", legal_basis=(bad,), dossiers=(Dossier(papers=(paper,)),),
        conditions_html='<p onclick="x()">Điều <b>kiện</b></p><script>1</script>',
    )  # fmt: skip
    details = outgoing(published(item)).details
    assert details["legal_basis"] == [{"title": "Luật", "url": ""}]
    assert details["conditions_html"] == "<p>Điều <b>kiện</b></p>"
    assert "https://a.vn/m%E1%BA%ABu%20%C4%91%C6%A1n.docx" in json.dumps(details)


# Feeds


def test_a_document_without_a_text_is_cited_in_a_sentence() -> None:
    assert summary(published(example("document"))) == (
        "Quyết định số 15/2024/QĐ-UBND ngày 20/11/2024 của Ủy ban nhân dân tỉnh Mẫu, có hiệu lực từ ngày 01/12/2024,"
        " tình trạng: hết hiệu lực một phần."
    )
    assert summary(published(Document(guid="g", title="t", issued=date(2026, 1, 2)))) == "Văn bản ngày 02/01/2026."
    assert summary(published(Document(guid="g", title="t", relations=(Relation(title="x"),)))) == ""


def test_a_procedure_without_a_text_is_told_in_a_sentence() -> None:
    assert summary(published(example("procedure"))) == (
        "Thủ tục hành chính, mã số: 1.004194.000.00.00.H52; lĩnh vực: Đăng ký, quản lý cư trú; cấp thực hiện: Cấp xã;"
        " cơ quan thực hiện: Công an cấp xã; thời hạn giải quyết: 1 ngày làm việc (trực tiếp), 8 giờ làm việc"
        " (trực tuyến), Theo thời gian của dịch vụ bưu chính (dịch vụ bưu chính); lệ phí: Không; phí: 25.000 đồng"
        " (Cước gửi một bộ hồ sơ)."
    )
    long = Procedure(guid="g", title="t", sectors=tuple(Coded(name=f"Lĩnh vực {n}") for n in range(200)))
    assert len(summary(published(long))) <= SENTENCE_LIMIT
    assert summary(published(Procedure(guid="g", title="t", ways=(Way(),)))) == ""


async def test_feeds_tell_the_sentence_only_where_there_is_no_text(client: Client, press: Press) -> None:
    told = example("document")
    own = Document(guid="own", title="Quyết định", number="2/QĐ-UBND", summary="Lời của cơ quan.")
    content = Document(guid="content", title="Toàn văn", number="3/QĐ-UBND", content_html="<p>Điều 1.</p>")
    await press.publish(told, own, content)
    async with client.get("/feeds/all.json") as response:
        items = {one["title"]: one for one in (await response.json(content_type=None))["items"]}
    assert items[told.title]["summary"].startswith("Quyết định số 15/2024/QĐ-UBND ngày 20/11/2024")
    assert items[told.title]["_hub"]["details"]["issued"] == "2024-11-20"
    assert items["Quyết định"]["summary"] == "Lời của cơ quan."
    assert "summary" not in items["Toàn văn"]
    async with client.get("/feeds/all.rss") as response:
        channel = etree.fromstring(await response.read())
    descriptions = {one.findtext("title"): one.findtext("description") for one in channel.iter("item")}
    assert (descriptions[told.title] or "").startswith("Quyết định số 15/2024/QĐ-UBND")
    assert descriptions["Toàn văn"] is None
