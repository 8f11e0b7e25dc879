"""Content systems whose reads fall behind their writes: what we wrote last is there, whether reads show it or not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.cms.portal import CmsPortal
from connectors.http import Http
from connectors.registry import destination_connector
from schemas.edition import WithdrawalKind
from tests.connectors.cmsdesk import ID, deliver, find, item, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME, CmsServer
from tests.fakes.drupal import DrupalSite
from tests.fakes.liferay import SITE, STRUCTURE, LiferaySite
from tests.fakes.wordpress import WordPressSite

PASSWORD = "mat-khau"
PLACES: dict[str, tuple[type[CmsServer], dict[str, Any]]] = {
    "wordpress": (WordPressSite, {}),
    "drupal": (DrupalSite, {"revision_field": "field_hub_revision"}),
    "liferay": (LiferaySite, {"site": SITE, "structure": STRUCTURE, "revision_field": "HubRevision"}),
}


@pytest.fixture(params=PLACES)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[tuple[CmsPortal, CmsServer]]:
    make, keys = PLACES[request.param]
    module = destination_connector(request.param)
    async with make(PASSWORD) as site:
        config = {"url": site.origin, "username": USERNAME, "password": PASSWORD, "allow_private": site.doors} | keys
        yield module.Connector("trang", module.Config.model_validate(config)), site


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT) as http:
        yield http


async def test_an_edit_right_after_the_creation_changes_the_same_article(
    place: tuple[CmsPortal, CmsServer], http: Http
) -> None:
    portal, site = place
    site.lag()
    first = await deliver(portal, http, item(1))
    second = await deliver(portal, http, item(2), first.remote_id)
    assert second.remote_id == first.remote_id
    assert len(site.kept) == 1
    assert site.shown() == {str(ID): 2}


@pytest.mark.parametrize("kind", [WithdrawalKind.GONE, WithdrawalKind.VANISH, WithdrawalKind.NOTICE])
async def test_a_withdrawal_right_after_the_creation_takes_it_off(
    place: tuple[CmsPortal, CmsServer], http: Http, kind: WithdrawalKind
) -> None:
    portal, site = place
    site.lag()
    receipt = await deliver(portal, http, item(1))
    await deliver(portal, http, withdrawal(2, kind), receipt.remote_id)
    assert site.shown() == {}


async def test_what_is_gone_in_truth_is_made_anew_or_left_alone(
    place: tuple[CmsPortal, CmsServer], http: Http
) -> None:  # fmt: skip
    portal, site = place
    receipt = await deliver(portal, http, item(1))
    site.kept.clear()
    assert await find(portal, http, item(1), receipt.remote_id) is None
    receipt = await deliver(portal, http, item(2), receipt.remote_id)
    assert site.shown() == {str(ID): 2}
    site.kept.clear()
    await deliver(portal, http, withdrawal(3), receipt.remote_id)
    await deliver(portal, http, withdrawal(4, WithdrawalKind.NOTICE), receipt.remote_id)
    assert site.shown() == {}
