"""Items at random from the schemas, at every depth, with texts that XML, Word and Excel stumble over."""

from datetime import date
from typing import Any, get_args, get_origin
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel

from hub.gate import outgoing
from schemas.document import Document
from schemas.edition import PublishedItem
from schemas.item import ITEM_TYPES, ItemBase, Kind
from schemas.procedure import Procedure

NASTY = [
    "", " ", "Không", "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.", "a\x00b\x0bc\x1fd", "\ufffe\uffff", "dòng\r\nhai",
    "]]>", "<b>&amp;</b>", "=1+1", "{{ 7*7 }}", "\u202eđảo", "\U0001f600", "1.004194.000.00.00.H52", "../../x",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=8))
MARKUP = st.one_of(
    TEXTS,
    st.sampled_from([
        "<p>Điều <b>kiện</b> <a href='https://a.vn/x'>mẫu</a></p><ul><li>một<li>hai<ol><li>trong</ol></ul>",
        "<table><tr><th colspan=2>A<tr><td rowspan=3>1<td>2<tr><td>3<table><tr><td>lồng</table></table>",
        "chữ<br>trần<h3>Mục</h3><pre> a\n  b</pre>",
            "<blockquote>trích<img src='https://a.vn/i.png' alt='ảnh'></blockquote>",
        "<table><tr></tr></table><table><tr><td colspan=900 rowspan=0></table><td>lạc", "<a href='javascript:x'>x</a>",
    ]),
)  # fmt: skip
ADDRESSES = st.sampled_from([
    "", "https://dichvucong.tinhmau.gov.vn/mẫu đơn.docx", "javascript:alert(1)", "http://a.vn/?a=1&b=\"2\"", "x\x00",
    "file:///etc/passwd",
])  # fmt: skip
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(date.isoformat)


def _value(name: str, shape: Any) -> st.SearchStrategy[Any]:
    if get_origin(shape) is tuple:
        return st.lists(_value(name, get_args(shape)[0]), max_size=2)
    if hasattr(shape, "__metadata__"):
        return _value(name, get_args(shape)[0])
    if options := [one for one in get_args(shape) if one is not type(None)]:
        return st.one_of(st.none(), _value(name, options[0]))
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return fields_of(shape)
    if shape is str:
        return ADDRESSES if name == "url" or name.endswith("_url") else MARKUP if name.endswith("_html") else TEXTS
    if shape in (date, int):
        return DAYS if shape is date else st.integers(0, 10**6)
    return st.sampled_from([str(one) for one in shape])


def fields_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the fields of a type, as JSON values; of an item only those of its kind."""
    own = {
        name: field
        for name, field in model.model_fields.items()
        if not (issubclass(model, ItemBase) and name in ItemBase.model_fields)
    }
    values = {name: _value(name, field.annotation) for name, field in own.items()}
    needed = {name: values.pop(name) for name, field in own.items() if field.is_required()}
    return st.fixed_dictionaries(needed, optional=values)


def _published(kind: Kind, title: str, details: dict[str, Any], content: str) -> PublishedItem:
    read = ITEM_TYPES[kind].model_validate({**details, "guid": "g", "title": title})
    kept = read.model_dump(mode="json", exclude_defaults=True, exclude={"guid", "title", "kind"})
    return outgoing(
        PublishedItem(
            content_id=UUID(int=1), revision=1, kind=kind, title=title, content_html=content, member="H52.12",
            member_name="Sở Tư pháp", source="s", details=kept,
        )
    )  # fmt: skip


TITLES = TEXTS.map(lambda text: f"Thủ tục {text}")
PROCEDURES = st.builds(_published, st.just(Kind.PROCEDURE), TITLES, fields_of(Procedure), MARKUP)
DOCUMENTS = st.builds(_published, st.just(Kind.DOCUMENT), TITLES, fields_of(Document), MARKUP)
