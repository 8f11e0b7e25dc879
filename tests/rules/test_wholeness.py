"""When an item's page is fetched, how often it is looked at again, and when it is gone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.wholeness import (
    FIRST_LOOK,
    MISSES,
    MISSING_FOR,
    TEASER_LIMIT,
    Fetch,
    Plan,
    is_gone,
    is_poorer,
    is_teaser,
    leads_elsewhere,
    next_look,
)
from schemas.item import Attachment, ItemBase, News

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LONG = "Nội dung bài viết. " * 40


def item(**changes: object) -> ItemBase:
    return News.model_validate({"guid": "1", "title": "Tin", "url": "http://syt.gov.vn/1", **changes})


@pytest.mark.parametrize(
    ("changes", "teaser"),
    [
        ({}, True),
        ({"summary": "Ngắn."}, True),
        ({"summary": "a" * (TEASER_LIMIT - 1)}, True),
        ({"summary": "a" * TEASER_LIMIT}, False),
        ({"summary": LONG + "…"}, True),
        ({"summary": LONG + "[...]"}, True),
        ({"content_html": f"<p>{LONG}</p>"}, False),
        ({"content_html": f"<p>{LONG} ...</p>"}, True),
        ({"content_html": "<p><img src='http://a.vn/1.png'>" + "<b></b>" * 500 + "</p>"}, True),
    ],
)
def test_a_teaser_is_told_by_its_text(changes: dict[str, str], teaser: bool) -> None:
    assert is_teaser(item(**changes)) is teaser


@pytest.mark.parametrize(
    ("fetch", "whole", "wants"),
    [
        (Fetch.NEVER, False, False),
        (Fetch.TEASER, False, True),
        (Fetch.TEASER, True, False),
        (Fetch.ALWAYS, False, True),
        (Fetch.ALWAYS, True, True),
    ],
)
def test_the_settings_say_which_pages_are_wanted(fetch: Fetch, whole: bool, wants: bool) -> None:
    one = item(summary=LONG if whole else "Ngắn.")
    assert Plan(fetch=fetch).wants_page(one) is wants
    assert Plan(fetch=fetch).wants_page(one.model_copy(update={"url": ""})) is False, "it has no page"


def test_files_are_wanted_of_items_that_have_some() -> None:
    with_file = item(attachments=(Attachment(url="http://syt.gov.vn/1.pdf"),))
    assert Plan(files=True).wants_files(with_file)
    assert not Plan(files=True).wants_files(item())
    assert not Plan().wants_files(with_file)


def test_looks_at_a_page_grow_apart_and_end() -> None:
    now, looks = NOW, []
    while (look := next_look(wanted_at=NOW, now=now, watch=timedelta(days=30))) is not None:
        looks.append(look - NOW)
        now = look
    assert [one.total_seconds() / 3600 for one in looks] == [6, 12, 24, 48, 96, 192, 384]


@given(st.timedeltas(timedelta(), timedelta(days=90)), st.timedeltas(timedelta(), timedelta(days=60)))
def test_no_look_comes_sooner_than_the_first_or_after_the_watch(watched: timedelta, watch: timedelta) -> None:
    look = next_look(wanted_at=NOW, now=NOW + watched, watch=watch)
    if look is not None:
        assert look - (NOW + watched) >= FIRST_LOOK
        assert look - NOW <= watch


@pytest.mark.parametrize(
    ("misses", "over", "gone"),
    [
        (MISSES, MISSING_FOR, True),
        (MISSES - 1, MISSING_FOR * 9, False),
        (MISSES * 9, MISSING_FOR - timedelta(seconds=1), False),
        (1, timedelta(), False),
    ],
)
def test_a_page_is_gone_when_it_was_missing_often_and_long(misses: int, over: timedelta, gone: bool) -> None:
    assert is_gone(misses=misses, missed_since=NOW - over, now=NOW) is gone


@pytest.mark.parametrize(
    ("asked", "came", "elsewhere"),
    [
        ("/tin/1.html", "/", True),
        ("/tin/1.html", "/vi/index.html", True),
        ("/tin/1.html", "/Default.aspx", True),
        ("/tin/1.html", "/trang-chu", True),
        ("/tin/1.html", "/tin/1", False),
        ("/?p=7", "/?p=7", False),
        ("/tin/1.html", "/?p=7", False),
        ("/", "/", False),
    ],
)
def test_a_site_that_answers_with_its_front_page_does_not_have_the_page(asked: str, came: str, elsewhere: bool) -> None:
    assert leads_elsewhere(f"http://syt.gov.vn{asked}", f"https://syt.gov.vn{came}") is elsewhere


@pytest.mark.parametrize(("before", "now", "poorer"), [(3, 1, False), (5, 1, True), (5, 0, True), (1, 0, True)])
def test_a_text_of_which_little_is_left_is_poorer(before: int, now: int, poorer: bool) -> None:
    long, short = (item(content_html=f"<p>{LONG * times}</p>" if times else "") for times in (before, now))
    assert is_poorer(long, short) is poorer


def test_of_a_short_text_nothing_can_be_told() -> None:
    assert not is_poorer(item(content_html="<p>Ngắn.</p>"), item())
