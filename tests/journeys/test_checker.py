"""The checker must have been seen to fail: each test breaks one thing in a history that was sound, and names it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.store.unit import event_hash
from tests.journeys.checker import PORTALS, check
from tests.journeys.findings import Article, Effect, HubState, Ledgers
from tests.journeys.newsroom import mark, said

NEWS, GONE = "http://127.0.1.10:80/tin-1.html", "http://127.0.1.10:80/tin-2.html"


def effect(
    action: str, content_id: str, version: int, *, portal: str = "portal", url: str = "", article: int = 0
) -> Effect:
    return Effect(portal=portal, action=action, content_id=content_id, version=version, url=url, article=article)


def sound_ledgers() -> Ledgers:
    """Two articles: one was corrected once, the other was withdrawn."""
    effects = []
    for portal in PORTALS:
        effects += [
            effect("put", "a", 1, portal=portal, url=NEWS, article=1),
            effect("put", "b", 1, portal=portal, url=GONE, article=1),
            effect("put", "a", 2, portal=portal, url=NEWS, article=2),
            effect("delete", "b", 2, portal=portal),
        ]
    return Ledgers(
        articles={
            NEWS: Article(source="s0", version=2, gone=False),
            GONE: Article(source="s0", version=1, gone=True),
        },
        served={NEWS: frozenset({1, 2}), GONE: frozenset({1})}, named_gone=frozenset({GONE}),
        garbage=frozenset({"bad"}), effects=effects,
    )  # fmt: skip


def sound_hub() -> HubState:
    events: list[dict[str, Any]] = []
    previous = ""
    told = [(portal, content_id, 2) for portal in PORTALS for content_id in ("a", "b")]
    for number, (portal, content_id, revision) in enumerate(told, 1):
        event: dict[str, Any] = {
            "id": number, "sequence": number, "at": number, "who": "hub", "source": "", "why": "{}",
            "what": "delivered" if content_id == "a" else "withdrawn_at", "content_id": content_id,
            "revision": revision, "destination": portal, "previous_hash": previous,
        }  # fmt: skip
        event["hash"] = previous = event_hash(previous, event)
        events.append(event)
    return HubState(
        captures=[
            {"id": 1, "source": "s0", "state": "done", "sha256": "good", "lease_until": None},
            {"id": 2, "source": "s0", "state": "rejected", "sha256": "bad", "lease_until": None},
        ],
        deliveries=[
            {"content_id": content_id, "destination": portal, "state": "done", "wanted_revision": 2,
             "sent_revision": 2, "error_code": "", "lease_until": None}
            for portal, content_id, _ in told
        ],
        sources=[{"name": "s0", "state": "active", "lease_until": None}],
        articles=[{"content_id": "a", "state": "watched", "lease_until": None}],
        rejections=[{"capture": 2, "code": "bad_json", "sha256": "bad"}],
        events=events,
        editions=[
            edition("a", 1, NEWS, 1), edition("b", 1, GONE, 1), edition("a", 2, NEWS, 2), edition("b", 2, GONE, 0),
        ],
    )  # fmt: skip


def edition(content_id: str, revision: int, url: str, version: int) -> dict[str, Any]:
    """An exported edition; version 0 is a withdrawal."""
    content = {"tags": [mark(version)]} if version else None
    return {
        "content_id": content_id, "revision": revision, "source": "s0", "guid": content_id, "url": url,
        "content": content,
    }  # fmt: skip


def found(ledgers: Ledgers | None = None, hub: HubState | None = None, **options: Any) -> Mapping[str, int]:
    return check(ledgers or sound_ledgers(), hub or sound_hub(), **options).counts


def with_effects(*more: Effect, drop: tuple[int, ...] = ()) -> Ledgers:
    ledgers = sound_ledgers()
    kept = [effect for place, effect in enumerate(ledgers.effects) if place not in drop]
    return replace(ledgers, effects=[*kept, *more])


def test_a_sound_history_gives_nothing() -> None:
    assert found() == {}


def test_an_article_that_no_portal_shows_is_lost() -> None:
    assert found(with_effects(drop=(0, 2)))["lost"] == 1


def test_an_article_that_is_shown_in_an_earlier_version_is_lost() -> None:
    assert found(with_effects(drop=(2,)))["lost"] == 1


def test_a_last_version_that_was_never_asked_for_is_lost_at_both_portals() -> None:
    ledgers = replace(sound_ledgers(), served={NEWS: frozenset({1})})
    assert found(ledgers)["lost"] == 2


def test_an_article_that_no_complete_answer_ever_showed_is_nobodys_loss() -> None:
    ledgers = with_effects()
    articles = {**ledgers.articles, "http://127.0.1.10:80/tin-3.html": Article(source="s0", version=1, gone=False)}
    assert found(replace(ledgers, articles=articles)) == {}


def test_a_withdrawn_article_that_is_still_there_is_named() -> None:
    assert found(with_effects(drop=(3,)))["withdrawn but shown"] == 1


def test_two_objects_for_one_article_are_a_double() -> None:
    assert found(with_effects(effect("put", "c", 1, url=NEWS, article=2)))["doubled"] == 1


def test_one_effect_that_came_twice_is_a_double() -> None:
    assert found(with_effects(effect("put", "a", 2, url=NEWS, article=2)))["doubled"] == 1


def test_an_older_revision_over_a_newer_one_is_named_though_the_newest_is_shown_in_the_end() -> None:
    late = (effect("put", "a", 1, url=NEWS, article=1), effect("put", "a", 3, url=NEWS, article=2))
    assert found(with_effects(*late))["older over newer"] == 2  # by the hub's number, and by the site's


def test_an_older_text_under_a_newer_number_is_named_too() -> None:
    assert found(with_effects(effect("put", "a", 3, url=NEWS, article=1)))["older over newer"] == 1


def test_an_article_shown_again_after_its_withdrawal_is_named_though_it_is_withdrawn_in_the_end() -> None:
    again = (effect("put", "b", 3, url=GONE, article=1), effect("delete", "b", 4))
    assert found(with_effects(*again))["shown again"] == 1


def test_an_effect_that_no_site_ever_served_is_invented() -> None:
    assert found(with_effects(effect("put", "x", 1, url="http://elsewhere/", article=1)))["invented"] == 1


def test_a_state_that_the_hub_has_no_event_for_is_named() -> None:
    assert found(with_effects(effect("put", "a", 3, url=NEWS, article=2)))["effects unrecorded"] == 1


@pytest.mark.parametrize(
    ("table", "change", "kind"),
    [
        ("captures", {"state": "working"}, "captures open"),
        ("captures", {"state": "held"}, "captures open"),
        ("captures", {"state": "rejected"}, "captures refused"),
        ("captures", {"state": "dead"}, "captures refused"),
        ("captures", {"lease_until": 5}, "leases left"),
        ("rejections", {"sha256": "good"}, "records refused"),
        ("deliveries", {"state": "ready", "sent_revision": 1}, "deliveries open"),
        ("deliveries", {"sent_revision": 1}, "deliveries open"),
        ("deliveries", {"state": "parked"}, "deliveries open"),
        ("deliveries", {"lease_until": 5}, "leases left"),
        ("articles", {"state": "wanted"}, "pages open"),
        ("articles", {"lease_until": 5}, "leases left"),
        ("sources", {"lease_until": 5}, "leases left"),
        ("sources", {"state": "blocked"}, "leases left"),
    ],
)
def test_a_row_that_has_not_ended_as_it_should_is_named(table: str, change: dict[str, Any], kind: str) -> None:
    hub = sound_hub()
    first, *others = getattr(hub, table)
    assert found(hub=replace(hub, **{table: [first | change, *others]})) == {kind: 1}


def test_a_destination_whose_server_was_away_may_be_behind() -> None:
    hub = sound_hub()
    behind = {**hub.deliveries[0], "destination": "events", "state": "ready"}
    hub = replace(hub, deliveries=[*hub.deliveries, behind])
    assert found(hub=hub, waived=frozenset({"events"})) == {}
    assert found(hub=hub) == {"deliveries open": 1}


@pytest.mark.parametrize(
    ("editions", "kind"),
    [
        ([edition("a", 1, NEWS, 1), edition("a", 3, NEWS, 2)], "export differs"),  # a revision is missing
        ([edition("a", 1, NEWS, 2), edition("a", 2, NEWS, 2)], "export differs"),  # one version stored twice
        ([edition("a", 1, NEWS, 1)], "export differs"),  # the last version is missing
        ([edition("a", 1, NEWS, 2), edition("c", 1, NEWS, 2)], "two ids"),
        ([edition("a", 1, NEWS, 2), edition("a", 2, NEWS, 3)], "invented"),
        ([edition("a", 1, NEWS, 2), edition("x", 1, "http://elsewhere/", 1)], "invented"),
    ],
)
def test_editions_that_do_not_agree_with_what_was_served_are_named(editions: list[dict[str, Any]], kind: str) -> None:
    ledgers = sound_ledgers()
    ledgers = replace(ledgers, articles={NEWS: ledgers.articles[NEWS]}, served={NEWS: frozenset({1, 2})})
    assert found(ledgers, replace(sound_hub(), editions=editions))[kind] >= 1


@pytest.mark.parametrize(("text", "behind"), [(said(2), 0), (said(1), 1), ("", 1)])
def test_a_text_that_stands_on_a_page_must_be_that_of_the_last_version(text: str, behind: int) -> None:
    ledgers, hub = sound_ledgers(), sound_hub()
    articles = {**ledgers.articles, NEWS: replace(ledgers.articles[NEWS], teaser=True)}
    last = next(e for e in hub.editions if (e["content_id"], e["revision"]) == ("a", 2))
    last["content"]["content_html"] = f"<p>{text}</p>"
    assert found(replace(ledgers, articles=articles), hub)["pages behind"] == behind


def test_a_withdrawal_that_no_site_asked_for_is_invented() -> None:
    hub = sound_hub()
    assert found(hub=replace(hub, editions=[*hub.editions, edition("a", 3, NEWS, 0)]))["invented"] == 1


def test_a_revision_that_is_recorded_as_delivered_twice_is_named() -> None:
    hub = sound_hub()
    assert found(hub=replace(hub, events=[*hub.events, hub.events[0]]))["settled twice"] == 1


@pytest.mark.parametrize("change", [{"what": "other"}, {"hash": "0"}, {"sequence": None}, {"sequence": 7}])
def test_a_changed_event_breaks_the_chain(change: dict[str, Any]) -> None:
    hub = sound_hub()
    first, second, *others = hub.events
    assert found(hub=replace(hub, events=[first, {**second, **change}, *others]))["chain broken"] >= 1


def test_a_dropped_event_breaks_the_chain() -> None:
    hub = sound_hub()
    assert found(hub=replace(hub, events=[hub.events[0], *hub.events[2:]]))["chain broken"] >= 1
