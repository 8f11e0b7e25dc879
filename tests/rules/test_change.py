"""What readers are alerted about, and what digests are equal."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.change import ChangeKind, compare, digest
from schemas.edition import UpdateType
from schemas.item import Attachment, Author, Document, News

AT = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
LONG = " ".join(f"chữ{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200))


def news(**fields: Any) -> News:
    return News.model_validate(
        {
            "guid": "g1",
            "title": "Họp báo về dịch sốt xuất huyết",
            "url": "https://soyte.example.vn/tin/1",
            "content_html": f"<p>{LONG}. Tổng kinh phí 5 triệu đồng, từ ngày 5/11/2026.</p>",
            "published": AT,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("fields", "kind", "changed"),
    [
        ({}, ChangeKind.SAME, ()),
        ({"guid": "another"}, ChangeKind.SAME, ()),
        ({"updated": AT + timedelta(days=1)}, ChangeKind.SAME, ()),
        ({"published": AT.astimezone(timezone(timedelta(hours=7)))}, ChangeKind.SAME, ()),
        ({"title": "HỌP BÁO, về dịch “sốt xuất huyết”."}, ChangeKind.MINOR, ("title",)),
        ({"title": "Họp báo về dịch sởi"}, ChangeKind.MAJOR, ("title",)),
        ({"title": "Hợp báo về dịch sốt xuất huyết"}, ChangeKind.MAJOR, ("title",)),
        ({"tags": ("y tế",)}, ChangeKind.MINOR, ("tags",)),
        ({"authors": (Author(name="An"),)}, ChangeKind.MINOR, ("authors",)),
        ({"language": "vi"}, ChangeKind.MINOR, ("language",)),
        ({"image": "https://soyte.example.vn/a.jpg"}, ChangeKind.MINOR, ("image",)),
        ({"published": AT + timedelta(hours=1)}, ChangeKind.MINOR, ("published",)),
        ({"url": "https://soyte.example.vn/tin/1?utm_source=rss"}, ChangeKind.MINOR, ("url",)),
        ({"summary": "Một câu mới."}, ChangeKind.MAJOR, ("summary",)),
        ({"attachments": (Attachment(url="https://soyte.example.vn/a.pdf"),)}, ChangeKind.MAJOR, ("attachments",)),
    ],
)
def test_a_changed_field_is_weighed(fields: dict[str, Any], kind: ChangeKind, changed: tuple[str, ...]) -> None:
    change = compare(news(), news(**fields))

    assert (change.kind, change.fields) == (kind, changed), change.reason
    assert change.reason
    assert (digest(news()) == digest(news(**fields))) == (kind is ChangeKind.SAME)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("kinh phí 5 triệu đồng", "kinh phí 6 triệu đồng", ChangeKind.MAJOR),
        ("kinh phí 5 triệu đồng", "kinh phí 5 tỷ đồng", ChangeKind.MAJOR),
        ("5 nam, 3 nữ", "3 nam, 5 nữ", ChangeKind.MAJOR),
        ("ngày 5/11/2026", "ngày 05-11-2026", ChangeKind.MINOR),
        ("ngày 5/11/2026", "ngày 6/11/2026", ChangeKind.MAJOR),
        ("1.200 người", "1,200 người", ChangeKind.MINOR),
        ("mười người", "mười  người , ", ChangeKind.MINOR),
        ("thông tin", "<b>th</b>ông <em>tin</em>", ChangeKind.MINOR),
        ("một từ sai", "một từ đúng", ChangeKind.MINOR),
        ("a b", "</p><p>a b", ChangeKind.MINOR),
        ('<a href="/x?utm_source=a">xem</a>', '<a href="/x">xem</a>', ChangeKind.MINOR),
        ('<a href="/d/QD-1.pdf">tải</a>', '<a href="/d/QD-2.pdf">tải</a>', ChangeKind.MAJOR),
        ('<a href="http://a.vn/d/QD-1.pdf">tải</a>', '<a href="https://b.vn/f/QD-1.PDF?x=1">tải</a>', ChangeKind.MINOR),
        ("", "năm từ mới hoàn toàn khác lạ thường ngày", ChangeKind.MAJOR),
    ],
)
def test_a_correction_in_a_long_text_is_minor_unless_a_number_or_a_file_differs(
    old: str, new: str, kind: ChangeKind
) -> None:
    change = compare(news(content_html=f"<p>{LONG} {old}</p>"), news(content_html=f"<p>{LONG} {new}</p>"))

    assert change.kind is kind, change.reason


def test_words_in_another_order_count_as_changed() -> None:
    change = compare(news(summary="đội đỏ thắng đội xanh"), news(summary="đội xanh thắng đội đỏ"))

    assert change.kind is ChangeKind.MAJOR


def test_a_replaced_file_is_major_and_a_renamed_label_is_minor() -> None:
    first = news(attachments=(Attachment(url="https://a.vn/f.pdf", length=10, title="Quyết định"),))

    replaced = news(attachments=(Attachment(url="https://a.vn/f.pdf", length=11, title="Quyết định"),))
    renamed = news(attachments=(Attachment(url="http://a.vn/f.pdf", length=10, title="QĐ"),))
    assert compare(first, replaced).kind is ChangeKind.MAJOR
    assert compare(first, renamed).kind is ChangeKind.MINOR


def test_another_kind_is_major_and_another_digest() -> None:
    document = Document.model_validate(news().model_dump(exclude={"kind"}))

    assert compare(news(), document).fields == ("kind",)
    assert compare(news(), document).update_type is UpdateType.MAJOR
    assert digest(news()) != digest(document)


def test_the_first_edition_is_new_and_major() -> None:
    assert compare(None, news()).kind is ChangeKind.NEW
    assert compare(None, news()).update_type is UpdateType.MAJOR
    assert compare(news(), news(tags=("a",))).update_type is UpdateType.MINOR


def test_the_digest_is_pinned_so_that_no_release_changes_it_unnoticed() -> None:
    item = News(guid="g", title="Tiêu đề", published=AT, tags=("b", "a"))

    assert digest(item).hex() == "05c3754c0b0be497ece20c8ba38bdcd3"


def test_the_digest_is_the_same_in_another_process() -> None:
    code = (
        "from hub.rules.change import digest; from schemas.item import News; "
        "print(digest(News(guid='g', title='Đỏ')).hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )

    assert done.stdout.strip() == digest(News(guid="other", title="Đỏ")).hex()


@given(st.permutations(["a", "b", "c"]), st.permutations([1, 2, 3]))
def test_the_order_of_tags_and_attachments_says_nothing(tags: list[str], files: list[int]) -> None:
    attachments = tuple(Attachment(url=f"https://a.vn/{n}.pdf", length=n) for n in files)
    item = news(tags=tuple(tags), attachments=attachments)

    sorted_item = news(tags=("a", "b", "c"), attachments=tuple(sorted(attachments, key=lambda a: a.url)))
    assert digest(item) == digest(sorted_item)
    assert compare(item, sorted_item).kind is ChangeKind.SAME


@given(st.text(min_size=1, max_size=60), st.text(max_size=200), st.text(min_size=1, max_size=60), st.text(max_size=200))
def test_equal_digests_and_same_are_one_thing(title: str, text: str, other_title: str, other_text: str) -> None:
    old, new = news(title=title, content_html=text), news(title=other_title, content_html=other_text)

    assert (digest(old) == digest(new)) == (compare(old, new).kind is ChangeKind.SAME)
    assert compare(old, old).kind is ChangeKind.SAME
