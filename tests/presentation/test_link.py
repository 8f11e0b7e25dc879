"""Where posts lead, and how they are recognised."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.errors import RejectedError
from connectors.presentation.link import LinkRule, link_of, marker, markers_in
from tests.presentation.builders import ID, published

OWN = "https://hue.example.vn/tin/{content_id}"


@pytest.mark.parametrize("rule", ["source", OWN, "http://10.0.0.1:8080/items?id={content_id}&a=b"])
def test_rules_that_hold(rule: str) -> None:
    assert TypeAdapter(LinkRule).validate_python(rule) == rule


@pytest.mark.parametrize(
    "rule",
    ["", "nguồn", "https://hue.example.vn/", "ftp://a.vn/{content_id}", "javascript:{content_id}", "https://{content_id}/",
     "https://a.vn/{content_id}/{content_id}", "https://a.vn/{content_id}/{title}", "https://u:p@a.vn/{content_id}"],
)  # fmt: skip
def test_rules_that_do_not_hold(rule: str) -> None:
    with pytest.raises(ValidationError, match="must be"):
        TypeAdapter(LinkRule).validate_python(rule)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://syt.example.vn/tin/12", "https://syt.example.vn/tin/12?hubref=5f0c8a546a3c5d0b"),
        ("https://syt.example.vn/?id=12&lang=vi", "https://syt.example.vn/?id=12&lang=vi&hubref=5f0c8a546a3c5d0b"),
        ("https://syt.example.vn/tin#doc", "https://syt.example.vn/tin?hubref=5f0c8a546a3c5d0b#doc"),
        (
            "https://syt.example.vn/tiêm chủng",
            "https://syt.example.vn/ti%C3%AAm%20ch%E1%BB%A7ng?hubref=5f0c8a546a3c5d0b",
        ),
    ],
)
def test_a_page_of_a_member_gets_the_marker(url: str, link: str) -> None:
    assert link_of(published(url=url), "source") == link


def test_a_page_of_our_own_has_the_item_in_its_address() -> None:
    assert link_of(published(url=""), OWN) == f"https://hue.example.vn/tin/{ID}"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://a.vn/" + "x" * 2_030])
def test_an_item_without_a_page_has_no_link(url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        link_of(published(url=url), "source")
    assert caught.value.code == "no_link"
    assert caught.value.sentence


@given(st.uuids(version=5))
def test_a_post_is_recognised_by_its_link_alone(content_id: UUID) -> None:
    item = published(content_id=content_id)
    for rule in ("source", OWN):
        link = link_of(item, rule)
        assert markers_in(f"Xem chi tiết: {link}\n#YTế") == {marker(content_id)}
        assert markers_in(link.replace("https://hue", "HTTPS://HUE") + "&fbclid=IwAR1") == {marker(content_id)}


def test_a_marker_is_seen_through_a_redirector() -> None:
    quoted = "https://l.facebook.com/l.php?u=https%3A%2F%2Fsyt.example.vn%2Ftin%2F12%3Fhubref%3D5f0c8a546a3c5d0b&h=AT1"
    assert markers_in(quoted) == {marker(ID)}


@pytest.mark.parametrize(
    "text", ["", "5f0c8a546a3c5d0b", "?hubref=5f0c", "hubref=zz", "https://a.vn/5f0c8a54-6a3c-5d0b"]
)
def test_strangers_have_none(text: str) -> None:
    assert markers_in(text) == frozenset()
