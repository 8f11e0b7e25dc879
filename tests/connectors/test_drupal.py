"""Drupal takes our identity as a node's own: what that makes safe, and what it says when it refuses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid5

import pytest
from pydantic import ValidationError

from connectors.cms.refusals import DRUPAL
from connectors.destinations.drupal import Config, Connector
from connectors.errors import BlockedError, HubError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from schemas.edition import WithdrawalKind
from tests.connectors.cmsdesk import ID, deliver, find, item, listed, with_picture, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME
from tests.fakes.drupal import DrupalSite
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault

PASSWORD = "Mat-khau-cua-cong"
TERM, OTHER_TERM = UUID(int=5), UUID(int=6)


@pytest.fixture
async def site() -> AsyncIterator[DrupalSite]:
    async with DrupalSite(PASSWORD) as site:
        yield site


@pytest.fixture
async def http(site: DrupalSite) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=site.doors) as http:
        yield http


def portal(site: DrupalSite, **keys: Any) -> Connector:
    config = {"url": site.origin, "username": USERNAME, "password": PASSWORD, "timeout": "1s",
              "revision_field": "field_hub_revision"} | keys  # fmt: skip
    made = Connector("cong-so", Config.model_validate(config))
    made.memory = FakeMemory()
    return made


async def test_a_node_has_the_item_in_the_fields_of_the_settings(site: DrupalSite, http: Http) -> None:
    desk = portal(
        site, category_field="field_tags", categories={"y tế": str(TERM)}, source_field="field_nguon",
        date_field="created", langcode="vi", format="basic_html",
    )  # fmt: skip
    receipt = await deliver(desk, http, item(3))
    assert receipt.remote_id == str(ID)
    [node] = site.nodes()
    attributes = node["attributes"]
    assert node["id"] == str(ID)
    assert attributes["title"] == "Tiêm chủng & phòng bệnh tháng ba"
    assert attributes["body"]["summary"] == "Các trạm y tế mở cửa cả thứ bảy."
    assert attributes["body"]["format"] == "basic_html"
    assert attributes["field_nguon"] == {"uri": "https://syt.example.vn/tin/12", "title": "Sở Y tế"}
    assert (attributes["created"], attributes["langcode"]) == ("2026-03-02T01:00:00+00:00", "vi")
    assert (attributes["status"], attributes["field_hub_revision"]) == (True, 3)
    assert node["relationships"]["field_tags"] == {"data": [{"type": "taxonomy_term--tags", "id": str(TERM)}]}


async def test_the_summary_may_have_a_field_of_its_own(site: DrupalSite, http: Http) -> None:
    await deliver(portal(site, summary_field="field_tom_tat"), http, item())
    attributes = site.nodes()[0]["attributes"]
    assert attributes["field_tom_tat"] == "Các trạm y tế mở cửa cả thứ bảy."
    assert "summary" not in attributes["body"]


async def test_a_node_that_a_dead_call_made_meanwhile_is_overwritten(site: DrupalSite, http: Http) -> None:
    desk = portal(site, timeout="100ms")
    late = asyncio.Event()
    site.fail_next(Fault(wait=late))
    with pytest.raises(UnconfirmedError):
        await deliver(desk, http, item(1))
    site.lag()  # the look does not see it yet
    late.set()
    async with asyncio.timeout(5):
        while not site.nodes():  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.01)
    await deliver(portal(site), http, item(2))
    assert site.shown() == {str(ID): 2}
    assert site.effects == [("put", str(ID), 1), ("put", str(ID), 2)]


async def test_an_older_revision_does_not_cover_a_newer(site: DrupalSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, item(5))
    assert (await deliver(desk, http, item(4))).note == "newer"
    assert site.shown() == {str(ID): 5}


async def test_without_a_field_for_it_texts_are_compared(site: DrupalSite, http: Http) -> None:
    desk = portal(site, revision_field="")
    await deliver(desk, http, item(2))
    same, other = await find(desk, http, item(2)), await find(desk, http, item(3, title="Khác"))
    assert same is not None
    assert other is not None
    assert (same.revision, other.revision) == (2, 0)


@pytest.mark.parametrize("kind", WithdrawalKind)
async def test_each_kind_of_withdrawal_leaves_what_it_says(site: DrupalSite, http: Http, kind: WithdrawalKind) -> None:
    desk = portal(site)
    await deliver(desk, http, item(1))
    gone = withdrawal(2, kind, redirect_to="https://hue.example.vn/moi")
    await deliver(desk, http, gone)
    assert site.shown() == {}
    match kind:
        case WithdrawalKind.NOTICE | WithdrawalKind.REDIRECT:
            assert site.nodes()[0]["attributes"]["status"]
            assert "04/03/2026" in site.nodes()[0]["attributes"]["body"]["value"]
        case WithdrawalKind.GONE:
            assert not site.nodes()[0]["attributes"]["status"]
        case WithdrawalKind.VANISH:
            assert site.nodes() == []
    found = await find(desk, http, gone)
    assert found is None or found.withdrawn
    await deliver(desk, http, gone)
    await deliver(desk, http, item(3))
    assert site.shown() == {str(ID): 3}


async def test_moderated_nodes_go_from_state_to_state(site: DrupalSite, http: Http) -> None:
    desk = portal(site, moderation_state="published", withdrawn_state="archived")
    await deliver(desk, http, item(1))
    assert site.shown() == {str(ID): 1}
    await deliver(desk, http, withdrawal(2))
    assert site.nodes()[0]["attributes"]["moderation_state"] == "archived"
    assert site.shown() == {}


async def test_where_editors_decide_an_update_leaves_their_decision(site: DrupalSite, http: Http) -> None:
    desk = portal(site, published=False, removal="delete")
    await deliver(desk, http, item(1))
    assert site.shown() == {}
    found = await find(desk, http, item(1))
    assert found is not None
    assert not found.withdrawn
    site.nodes()[0]["attributes"]["status"] = True
    await deliver(desk, http, item(2))
    assert site.shown() == {str(ID): 2}


async def test_a_picture_is_a_file_that_is_uploaded_once(site: DrupalSite, http: Http) -> None:
    await deliver(portal(site), http, with_picture(site, 1))
    await deliver(portal(site), http, with_picture(site, 2))  # another memory
    assert site.uploads == 1
    image = site.nodes()[0]["relationships"]["field_image"]["data"]
    assert image["meta"] == {"alt": "Tiêm chủng & phòng bệnh tháng ba"}
    assert site.kept[image["id"]]["attributes"]["filename"].startswith("hub-")


async def test_a_picture_may_be_a_medium(site: DrupalSite, http: Http) -> None:
    for revision in (1, 2):
        text = f'<img src="{site.origin}/anh.png">'
        desk = portal(site, media="image", inline_images=True)
        await deliver(desk, http, with_picture(site, revision, content_html=text))
    assert site.uploads == 1
    image = site.nodes()[0]["relationships"]["field_image"]["data"]
    assert image["type"] == "media--image"
    file = site.kept[image["id"]]["relationships"]["field_media_image"]["data"]
    assert file["meta"] == {"alt": "Tiêm chủng & phòng bệnh tháng ba"}
    assert f'src="{site.origin}/sites/default/files/hub-' in site.nodes()[0]["attributes"]["body"]["value"]


async def test_a_picture_deleted_there_is_uploaded_again(site: DrupalSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    del site.kept[site.nodes()[0]["relationships"]["field_image"]["data"]["id"]]
    await deliver(desk, http, with_picture(site, 2))
    assert site.uploads == 2
    assert site.shown() == {str(ID): 2}


async def test_a_picture_that_the_item_lost_is_taken_away(site: DrupalSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    await deliver(desk, http, item(2))
    assert site.nodes()[0]["relationships"]["field_image"] == {"data": None}


@pytest.mark.parametrize("revision_field", ["field_hub_revision", ""])
async def test_a_comparison_tells_ours_from_those_of_the_editors(
    site: DrupalSite, http: Http, revision_field: str
) -> None:
    desk = portal(site, revision_field=revision_field)
    for number in range(60):
        site.add(f"Bài {number}")
    await deliver(desk, http, item(2))
    await deliver(desk, http, item(1, content_id=uuid5(ID, "khac"), title="Khác"))
    pages = await listed(desk, http)
    held = {one.key: one for page in pages for one in page.held}
    assert len(pages) == (1 if revision_field else 2)  # the site filters, where it has what to filter by
    assert set(held) == {str(ID), str(uuid5(ID, "khac"))}
    assert all(page.whole for page in pages)
    assert desk.differences(item(2), held[str(ID)]) == []
    node = site.kept[str(ID)]["attributes"]
    node |= {"title": "Bị sửa", "status": False}
    [edited] = [one for page in await listed(desk, http) for one in page.held if one.key == str(ID)]
    assert edited.withdrawn
    assert [one.field for one in desk.differences(item(2), edited)] == ["title", "status"]


async def test_what_the_account_may_not_see_is_not_called_missing(site: DrupalSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, item(1))
    site.hidden.add(str(ID))
    [page] = await listed(desk, http)
    assert not page.held
    assert not page.whole
    with pytest.raises(BlockedError) as caught:
        await deliver(desk, http, item(2))
    assert caught.value.code == "cms_right"


@pytest.mark.parametrize(
    ("change", "keys", "error", "code", "pointer"),
    [
        ({"read_only": True}, {}, BlockedError, "cms_read_only", ""),
        ({}, {"password": "sai"}, BlockedError, "cms_login", ""),
        ({"forbidden": {"created"}}, {"date_field": "created"}, BlockedError, "cms_right", "created"),
        ({}, {"bundle": "tin"}, BlockedError, "cms_interface", ""),
        ({}, {"format": "full_html"}, RejectedError, "cms_field", "body/format"),
        ({}, {"revision_field": "field_khong_co"}, RejectedError, "cms_field", ""),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_refusals_say_what_to_do(
    site: DrupalSite, http: Http, change: dict[str, Any], keys: dict[str, Any], error: type[HubError], code: str,
    pointer: str,
) -> None:  # fmt: skip
    for name, value in change.items():
        setattr(site, name, value)
    with pytest.raises(error) as caught:
        await deliver(portal(site, **keys), http, item(1))
    assert caught.value.code == code
    assert pointer in caught.value.sentence
    assert site.effects == []


@pytest.mark.parametrize("row", DRUPAL)
def test_every_row_of_the_table_is_what_it_says(row: str, site: DrupalSite) -> None:
    method, _, status = row.rpartition(" ")
    data = {"errors": [{"detail": "không in ra", "source": {"pointer": "/data/attributes/title"}}]}
    said = portal(site)._system.said(method or "PATCH", int(status), data)
    error = DRUPAL[said.key].raised("cause", said.pointer)
    assert said.key == row
    assert "title" in error.sentence
    assert "không in ra" not in error.sentence


async def test_a_site_without_json_api_answers_with_a_page(site: DrupalSite, http: Http) -> None:
    with pytest.raises(BlockedError) as caught:
        await deliver(portal(site, url=f"{site.origin}/sub"), http, item(1))
    assert caught.value.code == "cms_interface"
    site.challenge = True
    with pytest.raises(TransientError):
        await deliver(portal(site), http, item(1))


async def test_a_title_is_cut_to_what_the_site_takes(site: DrupalSite, http: Http) -> None:
    desk, long = portal(site), item(1, title="Thông báo " * 60)
    await deliver(desk, http, long)
    assert len(site.nodes()[0]["attributes"]["title"]) <= 255
    [page] = await listed(desk, http)
    assert desk.differences(long, page.held[0]) == []


def test_settings_refuse_what_could_not_work(site: DrupalSite) -> None:
    for keys in (
        {"published": False},
        {"moderation_state": "published"},
        {"username": ""},
        {"client_id": "hub", "client_secret": "bi-mat"},
    ):
        with pytest.raises(ValidationError):
            portal(site, **keys)
