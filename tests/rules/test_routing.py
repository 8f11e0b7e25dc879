"""Where an item goes, and what each route says about it."""

import json
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.routing import Facts, Route, Window, pattern, route
from schemas.item import Kind, News

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=ZONE)
FACTS = Facts(member="H52.12", source="so-y-te-tin", kind=Kind.NEWS)
ITEM = News(
    guid="g",
    title="Họp báo phòng dịch",
    summary="Sở Y tế họp báo.",
    content_html="<p>Kinh phí <b>5</b> triệu &amp; hơn</p>",
    tags=("Y tế", "Phòng dịch"),
)


def one(**conditions: Any) -> Route:
    return Route(name="r", to=("portal",), **conditions)


@pytest.mark.parametrize(
    ("conditions", "matched"),
    [
        ({}, True),
        ({"kinds": (Kind.NEWS,)}, True),
        ({"kinds": (Kind.DOCUMENT, Kind.NEWS)}, True),
        ({"kinds": (Kind.DOCUMENT,)}, False),
        ({"members": ("H52.12",)}, True),
        ({"members": ("H52.*",)}, True),
        ({"members": ("H5",)}, False),
        ({"sources": ("*-tin",)}, True),
        ({"sources": ("so-xay-dung-*",)}, False),
        ({"tags": ("y te",)}, True),
        ({"tags": ("PHÒNG *",)}, True),
        ({"tags": ("giáo dục",)}, False),
        ({"title": (pattern("họp báo"),)}, True),
        ({"title": (pattern("hộp báo"),)}, False),
        ({"title": (pattern("^phòng"), pattern("dịch$"))}, True),
        ({"text": (pattern(r"kinh phí\s+5\s+triệu & hơn"),)}, True),
        ({"text": (pattern("<b>"),)}, False),
        ({"kinds": (Kind.NEWS,), "members": ("H53",)}, False),
        ({"kinds": (Kind.NEWS,), "members": ("H53", "H52.1?"), "tags": ("y tế",)}, True),
    ],
)
def test_a_route_matches_when_all_its_conditions_hold(conditions: dict[str, Any], matched: bool) -> None:
    answer = route(ITEM, FACTS, [one(**conditions)], NOON)

    assert answer.destinations == (("portal",) if matched else ())
    assert answer.explanation[0].matched is matched
    assert len(answer.explanation[0].checks) == len(conditions)


def test_every_route_says_what_it_wanted_and_what_it_got() -> None:
    routes = [one(kinds=(Kind.DOCUMENT,)), Route(name="all", to=("portal", "hook"), title=(pattern("dịch"),))]

    explanation = [json.loads(json.dumps(reason.as_json())) for reason in route(ITEM, FACTS, routes, NOON).explanation]

    assert explanation[0]["checks"] == [{"field": "kind", "wanted": ["document"], "got": ["news"], "holds": False}]
    assert explanation[1] == {
        "route": "all",
        "matched": True,
        "to": ["portal", "hook"],
        "checks": [{"field": "title", "wanted": ["dịch"], "got": ["dịch"], "holds": True}],
        "not_before": "",
    }


def test_an_explanation_never_quotes_the_text() -> None:
    answer = route(ITEM, FACTS, [one(text=(pattern("triệu.*"),), title=(pattern("xyz"),))], NOON)

    assert "hơn" not in json.dumps([reason.as_json() for reason in answer.explanation], ensure_ascii=False)


def test_destinations_of_several_routes_are_joined_once_in_order() -> None:
    routes = [
        Route(name="1", to=("a", "b")),
        Route(name="2", to=("b", "c")),
        Route(name="3", to=("d",), kinds=(Kind.NOTICE,)),
    ]

    assert route(ITEM, FACTS, routes, NOON).destinations == ("a", "b", "c")
    assert route(ITEM, FACTS, [], NOON).destinations == ()


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        (Window(time(8), time(17)), time(12), None),
        (Window(time(8), time(17)), time(8), None),
        (Window(time(8), time(17)), time(17), (1, 8)),
        (Window(time(8), time(17)), time(3), (0, 8)),
        (Window(time(22), time(6)), time(23), None),
        (Window(time(22), time(6)), time(5, 59), None),
        (Window(time(22), time(6)), time(6), (0, 22)),
        (Window(time(0), time(0)), time(13), None),
    ],
)
def test_a_window_delays_until_it_opens(window: Window, now: time, opens: tuple[int, int] | None) -> None:
    at = datetime.combine(NOON.date(), now, tzinfo=ZONE)
    answer = route(ITEM, FACTS, [one(window=window)], at)

    assert answer.destinations == ("portal",)
    wanted = {} if opens is None else {"portal": datetime(2026, 5, 4 + opens[0], opens[1], tzinfo=ZONE)}
    assert answer.not_before == wanted
    assert answer.explanation[0].not_before == ("" if opens is None else wanted["portal"].isoformat())


def test_two_routes_to_one_destination_let_it_go_as_soon_as_one_does() -> None:
    early, late = Window(time(14), time(15)), Window(time(16), time(17))
    always = one()

    assert route(ITEM, FACTS, [one(window=late), one(window=early)], NOON).not_before["portal"].hour == 14
    assert route(ITEM, FACTS, [one(window=late), always], NOON).not_before == {}
    assert route(ITEM, FACTS, [always, one(window=late)], NOON).not_before == {}


@given(
    st.builds(Window, st.times(), st.times()),
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)),
)
def test_a_window_is_open_at_the_time_it_names_and_within_a_day(window: Window, now: datetime) -> None:
    local = now.replace(tzinfo=ZONE)
    opens = window.opens(local)

    assert opens is None or (local < opens <= local + timedelta(days=1) and window.opens(opens) is None)
    assert opens is None or opens.astimezone(UTC) > local.astimezone(UTC)


def test_patterns_see_a_bounded_text() -> None:
    long = ITEM.model_copy(update={"content_html": "a" * 200_000 + " cuối"})

    assert route(long, FACTS, [one(text=(pattern("cuối"),))], NOON).destinations == ()


def test_a_pattern_in_decomposed_letters_matches_and_a_broken_one_is_refused() -> None:
    assert route(ITEM, FACTS, [one(title=(pattern("HO\u0323P"),))], NOON).destinations == ("portal",)
    with pytest.raises(re.error):
        pattern("(")
