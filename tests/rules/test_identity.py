"""Names of items, and when a source's names are no longer believed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.identity import KEY_LIMIT, Mode, content_id, guid_key, keys_of, keys_of_address, soundness
from schemas.item import News

AT = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


def news(n: int = 1, **fields: Any) -> News:
    default = {"guid": f"g{n}", "title": f"Tin số {n}", "url": f"https://a.vn/tin/{n}", "published": AT}
    return News.model_validate({**default, **fields})


def test_a_content_id_never_changes() -> None:
    assert str(content_id("so-y-te-tin", "https://soyte.example.vn/?p=1")) == "37bb6b9d-3f87-5987-9e63-514a87b6574c"
    assert content_id("a", "b") != content_id("b", "a")
    assert content_id("a", "bc") != content_id("ab", "c")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"guid": "http://a.vn/?p=1"}, {"guid": "https://www.A.vn:8443/?p=1"}),
        ({"url": "http://a.vn:8080/tin/1/?utm_source=rss"}, {"url": "https://www.a.vn/tin/1"}),
        ({"title": "HỌP BÁO: “Đỏ”"}, {"title": "Hop bao do"}),
        ({"published": AT}, {"published": AT.astimezone(timezone(timedelta(hours=7)))}),
    ],
)
def test_names_survive_what_a_site_changes_without_meaning_it(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert keys_of(news(**one)) == keys_of(news(**other))


@pytest.mark.parametrize(
    "other",
    [
        {"guid": "https://a.vn/?p=2"},
        {"guid": "https://a.vn/?p=1#2"},
        {"url": "https://a.vn/tin/2"},
        {"title": "Tin khác"},
    ],
)
def test_names_of_different_stories_differ(other: dict[str, Any]) -> None:
    assert keys_of(news(guid="https://a.vn/?p=1")) != keys_of(news(**{"guid": "https://a.vn/?p=1", **other}))


def test_an_item_without_link_or_date_has_fewer_names() -> None:
    bare = keys_of(news(url="", published=None))

    assert list(bare) == ["g:g1", "t:tin so 1|"]


def test_an_item_is_found_by_an_address_or_guid_that_somebody_typed() -> None:
    keys = keys_of(news(guid="tag:a.vn,2026:1", url="https://a.vn/tin/1"))

    assert keys.link in keys_of_address("http://www.a.vn:8080/tin/1?utm_source=zalo")
    assert keys_of_address("tag:a.vn,2026:1") == (keys.guid,) == (guid_key("tag:a.vn,2026:1"),)


@given(st.text(min_size=1, max_size=2_000), st.text(min_size=1, max_size=1_000))
def test_no_name_is_longer_than_its_column(guid: str, title: str) -> None:
    keys = keys_of(news(guid=guid, title=title, url="https://a.vn/" + "x" * 1_900))

    assert all(0 < len(key) <= KEY_LIMIT for key in keys)


@pytest.mark.parametrize(
    ("items", "mode"),
    [
        ([news(n) for n in range(20)], Mode.GUID),
        ([], Mode.GUID),
        ([news(n) for n in range(39)] + [news(39), news(39)], Mode.GUID),  # said twice is not shared
        ([news(n, guid="same") for n in range(20)], Mode.LINK),
        ([news(n, guid="0" if n else "g") for n in range(20)], Mode.LINK),
        ([news(1, guid="null")], Mode.LINK),
        ([news(n, guid="same" if n < 2 else f"g{n}") for n in range(20)], Mode.LINK),
        ([news(n, guid="same" if n < 2 else f"g{n}") for n in range(40)], Mode.GUID),
        ([news(n, url="https://a.vn") for n in range(20)], Mode.GUID),
        ([news(n, guid="https://a.vn", url="https://a.vn") for n in range(20)], Mode.LINK_TITLE_DATE),
        ([news(n, guid="same", url="") for n in range(20)], Mode.LINK_TITLE_DATE),
    ],
)
def test_identity_degrades_when_more_than_one_name_in_twenty_is_bad(items: list[News], mode: Mode) -> None:
    answer = soundness(items)

    assert answer.mode is mode, answer.reason
    assert bool(answer.sentence) == (mode is not Mode.GUID)


def test_unread_pieces_count_as_sound() -> None:
    two = [news(1, guid="same"), news(2, guid="same")]

    assert soundness(two).mode is Mode.LINK
    assert soundness(two, unread=38).mode is Mode.GUID


def test_a_mode_once_left_is_not_returned_to() -> None:
    sound = [news(n) for n in range(20)]

    assert soundness(sound, before=Mode.LINK).mode is Mode.LINK
    assert soundness(sound, before=Mode.LINK_TITLE_DATE).mode is Mode.LINK_TITLE_DATE
    shared_links = [news(n, url="https://a.vn") for n in range(20)]
    assert soundness(shared_links, before=Mode.LINK).mode is Mode.LINK_TITLE_DATE


def test_guids_made_up_at_each_request_are_given_up() -> None:
    assert soundness([news(1)], churns=2).mode is Mode.GUID
    assert soundness([news(1)], churns=3).mode is Mode.LINK
