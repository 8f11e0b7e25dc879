"""Edits and withdrawals while every fourth write goes wrong: no article twice, none old, none after its withdrawal.

The loop does what the deliver stage does: after an unknown outcome it lets calls land, looks, and only then writes.
`CMS_PUSHES=10000 pytest --timeout=0 tests/connectors/test_cms_storms.py` makes it long.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID, uuid5

import pytest

from connectors.cms.portal import CmsPortal
from connectors.errors import TransientError, UnconfirmedError
from connectors.http import Http
from connectors.registry import destination_connector
from schemas.edition import PublishedItem, Withdrawal
from tests.connectors.cmsdesk import ID, deliver, find, item, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME, CmsServer
from tests.fakes.drupal import DrupalSite
from tests.fakes.liferay import SITE, STRUCTURE, LiferaySite
from tests.fakes.server import Fault
from tests.fakes.wordpress import WordPressSite

PASSWORD = "mat-khau"
PUSHES = int(os.environ.get("CMS_PUSHES", "120"))
PLACES: dict[str, tuple[Callable[[str], CmsServer], dict[str, Any]]] = {
    "wordpress": (WordPressSite, {}),
    "drupal": (DrupalSite, {"revision_field": "field_hub_revision"}),
    "liferay": (LiferaySite, {"site": SITE, "structure": STRUCTURE, "revision_field": "HubRevision"}),
}


class Storm:
    """What goes wrong at writes: a quarter of them, most after they took effect."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.late: list[asyncio.Event] = []  #: calls that land when the hub thinks them dead
        self.struck: Counter[str] = Counter()

    def __call__(self) -> Fault | None:
        drawn = self.chance.random()
        if drawn < 0.03:
            self.late.append(asyncio.Event())
            return self._note("late", Fault(wait=self.late[-1]))
        if drawn < 0.18:
            lost = [Fault(committed=True, reset=True), Fault(committed=True, status=500),
                    Fault(committed=True, status=502, html=True), Fault(committed=True, html=True)]  # fmt: skip
            return self._note("lost", self.chance.choice(lost))
        if drawn < 0.25:
            refused = [Fault(reset=True), Fault(status=503, retry_after="1"), Fault(status=408), Fault(html=True)]
            return self._note("nothing happened", self.chance.choice(refused))
        return None

    def _note(self, kind: str, fault: Fault) -> Fault:
        self.struck[kind] += 1
        return fault


@pytest.mark.parametrize("name", PLACES)
async def test_in_a_storm_each_item_is_there_once_and_as_it_should_be(name: str) -> None:
    make, keys = PLACES[name]
    chance = Random(20260302)
    storm = Storm(chance)
    async with make(PASSWORD) as site, Http(user_agent=AGENT, allow_private=site.doors) as http:
        module = destination_connector(name)
        config = {"url": site.origin, "username": USERNAME, "password": PASSWORD, "timeout": 0.25} | keys
        portal = module.Connector(name, module.Config.model_validate(config))
        site.weather = storm
        wanted: dict[UUID, int] = {}
        revisions: Counter[UUID] = Counter()
        for _ in range(PUSHES):
            content_id = uuid5(ID, str(chance.randrange(min(PUSHES // 6 + 1, 200))))
            revisions[content_id] += 1
            revision = revisions[content_id]
            gone = chance.random() < 0.2
            edition: PublishedItem | Withdrawal = (
                withdrawal(revision).model_copy(update={"content_id": content_id}) if gone
                else item(revision, content_id=content_id)
            )  # fmt: skip
            await _pushed(portal, http, site, storm, edition)
            if gone:
                wanted.pop(content_id, None)
            else:
                wanted[content_id] = revision
            assert site.shown() == {str(each): number for each, number in wanted.items()}
        assert sum(storm.struck.values()) >= PUSHES // 5
        if isinstance(site, WordPressSite):  # the others cannot have two
            public = Counter(post["slug"][:36] for post in site.posts() if post["status"] == "publish")
            assert all(times == 1 for times in public.values())


async def _pushed(
    portal: CmsPortal, http: Http, site: CmsServer, storm: Storm, edition: PublishedItem | Withdrawal
) -> None:  # fmt: skip
    """Deliver one edition, as hub/stages/deliver.py does."""
    gone, in_doubt = isinstance(edition, Withdrawal), False
    for _ in range(60):
        try:
            if in_doubt:
                await _settled(site, storm)
                found = await find(portal, http, edition)
                there = found is not None and not found.withdrawn
                if gone and not there:
                    return
                if not gone and found is not None and there and (found.revision or 0) >= edition.revision:
                    return
            # Now and then the process is killed in the middle of a delivery.
            async with asyncio.timeout(0.004 if storm.chance.random() < 0.05 else 30):
                await deliver(portal, http, edition)
            if in_doubt:
                found = await find(portal, http, edition)
                if (found is not None and not found.withdrawn) == gone:
                    continue
            return
        except (UnconfirmedError, TimeoutError):
            in_doubt = True
        except TransientError:
            pass
    raise AssertionError("it never ended")


async def _settled(site: CmsServer, storm: Storm) -> None:
    """Whatever is under way lands."""
    for late in storm.late:
        late.set()
    storm.late.clear()
    async with asyncio.timeout(5):
        while site.underway:  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.001)
