"""The gates fail closed: a screen that breaks holds what it was to judge, and nothing leaves that nobody judged."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from connectors.base import Payload
from hub.app import Hub
from hub.engine import Engine
from hub.rules.screen.terms import Terms
from hub.screened import FAILED, Screening, Screens, screened, stray_rules
from hub.secondgate import texts_of
from hub.stages.deliver import Deliver
from schemas.edition import PublishedItem, UpdateType
from schemas.item import Kind, News
from tests.province import Province, row, rows, rss, story, turn
from tests.stages.sending import delivery
from tests.stages.test_normalise import show

#: What children are given in place of the lists: each question to it raises.
DAMAGED = pickle.dumps(None)
CANARY = "BONGHOAXUONGRONG"


@dataclass(frozen=True)
class DamagedScreens(Screens):
    """Screens whose lists cannot be used where something is read."""

    def of(self, member: str, *, recognises: bool = True) -> Screening:
        return replace(super().of(member, recognises=recognises), packed=DAMAGED)


def without_lists(engine: Engine) -> Engine:
    """The same hub, its gate before sending broken."""
    return replace(engine, screens=replace(engine.screens, terms=cast(Terms, object())))


async def test_a_screen_that_breaks_holds_the_item(province: Province, hub: Hub) -> None:
    broken = Hub(hub.settings, replace(hub.engine, screens=DamagedScreens(hub.engine.screens.terms, key=b"k" * 32)))
    await show(province, broken, rss(story(1)))
    edition = await row(hub, "edition")
    assert (edition["state"], edition["restricted"]) == ("held", 1)
    assert FAILED in edition["why"]
    assert await rows(hub, "delivery") == []


def test_a_body_that_nobody_can_judge_is_not_called_clean() -> None:
    assert stray_rules(b"<rss/>", Screening(key=b"k" * 32, packed=DAMAGED)) == (FAILED,)
    found = screened(News(guid="1", title="Tin"), Screening(key=b"k" * 32, packed=DAMAGED))
    assert (found.hold, found.rules) == (True, (FAILED,))


async def test_a_gate_that_breaks_sends_nothing(province: Province, hub: Hub) -> None:
    await show(province, hub, rss(story(1)))
    await turn(Deliver(without_lists(hub.engine), "portal"))
    refused = await delivery(hub)
    assert (refused["state"], refused["error_code"]) == ("refused", FAILED)
    assert province.portal.requests == []
    assert await rows(hub, "alarm") == [], "nothing was found, and nothing is purged"


def test_the_gate_reads_what_a_destination_made_of_the_edition() -> None:
    edition = PublishedItem.of(
        News(guid="1", title="Tin"), Kind.NEWS, content_id=UUID(int=1), revision=1, update_type=UpdateType.MAJOR,
        member="m", member_name="", source="tin",
    )  # fmt: skip
    for body in (b'{"post": [{"text": "%b"}]}' % CANARY.encode(), f"<post>{CANARY}</post>".encode()):
        assert CANARY in said(texts_of(edition, payload(body=body)))
    assert CANARY in said(texts_of(edition, payload(title=CANARY)))


def payload(**what: Any) -> Payload:
    return Payload(**{"content_id": UUID(int=1), "revision": 1, "body": b"{}", "title": "", **what})


def said(texts: Mapping[str, str]) -> str:
    return "\n".join(texts.values())
