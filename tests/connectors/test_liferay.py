"""Liferay creates or replaces by our reference code: contents and blogs, pictures, tokens, refusals."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid5

import pytest
from pydantic import ValidationError

from connectors.cms.refusals import LIFERAY
from connectors.destinations.liferay import Config, Connector
from connectors.errors import BlockedError, HubError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from schemas.edition import WithdrawalKind
from tests.clock import Clock
from tests.connectors.cmsdesk import ID, deliver, find, item, listed, with_picture, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME
from tests.fakes.liferay import CLIENT, SITE, STRUCTURE, LiferaySite
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault

PASSWORD = "Mat-khau-cua-cong"
BLOGS: dict[str, Any] = {"content": "blog-postings", "structure": None, "image_field": "", "source_field": ""}
CLIENT_LOGIN = {"username": "", "password": None, "client_id": CLIENT, "client_secret": PASSWORD}


@pytest.fixture
async def site() -> AsyncIterator[LiferaySite]:
    async with LiferaySite(PASSWORD) as site:
        yield site


@pytest.fixture
async def http(site: LiferaySite, clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=site.doors, clock=clock.now) as http:
        yield http


def portal(server: LiferaySite, **keys: Any) -> Connector:
    config = {"url": server.origin, "username": USERNAME, "password": PASSWORD, "timeout": "1s", "site": SITE,
              "structure": STRUCTURE, "revision_field": "HubRevision", "image_field": "AnhDaiDien"} | keys  # fmt: skip
    made = Connector("cong-tinh", Config.model_validate(config))
    made.memory = FakeMemory()
    return made


def values(site: LiferaySite) -> dict[str, Any]:
    [content] = site.contents()
    return {field["name"]: field["contentFieldValue"] for field in content["contentFields"]}


async def test_web_content_has_the_item_in_the_fields_of_the_structure(site: LiferaySite, http: Http) -> None:
    desk = portal(site, source_field="NguonTin", categories={"H52.12": 5, "y tế": 7}, keywords=True)
    receipt = await deliver(desk, http, item(3))
    [content] = site.contents()
    assert receipt.remote_id == str(content["id"])
    assert content["externalReferenceCode"] == str(ID)
    assert (content["title"], content["description"]) == (item().title, "Các trạm y tế mở cửa cả thứ bảy.")
    assert content["datePublished"] == "2026-03-02T01:00:00Z"
    assert (content["taxonomyCategoryIds"], content["keywords"]) == ([7, 5], ["Y tế"])
    assert values(site)["Content"]["data"].startswith("<p>Trạm y tế phường <b>Kim Long</b></p>")
    assert values(site)["NguonTin"] == {"data": "https://syt.example.vn/tin/12"}
    assert values(site)["HubRevision"] == {"data": "3"}
    assert set(site.languages) == {"vi-VN"}


async def test_an_item_may_become_a_blog(site: LiferaySite, http: Http) -> None:
    desk = portal(site, **BLOGS)
    await deliver(desk, http, with_picture(site, 2))
    [blog] = site.contents()
    assert (blog["headline"], blog["description"]) == (item().title, "Các trạm y tế mở cửa cả thứ bảy.")
    assert blog["customFields"] == [{"name": "HubRevision", "customValue": {"data": "2"}}]
    assert blog["image"]["caption"] == item().title
    found = await find(desk, http, item(2))
    assert found is not None
    assert found.revision == 2


@pytest.mark.parametrize("keys", [{}, BLOGS], ids=["web content", "blogs"])
async def test_two_calls_at_once_make_one_content(site: LiferaySite, http: Http, keys: dict[str, Any]) -> None:
    late = asyncio.Event()
    site.fail_next(Fault(wait=late))
    with pytest.raises(UnconfirmedError):
        await deliver(portal(site, timeout="100ms", **keys), http, item(1))
    await deliver(portal(site, **keys), http, item(1))
    late.set()
    async with asyncio.timeout(5):
        while len(site.effects) < 2:  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.01)
    assert site.shown() == {str(ID): 1}


async def test_an_older_revision_does_not_cover_a_newer(site: LiferaySite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, item(5))
    assert (await deliver(desk, http, item(4))).note == "newer"
    assert site.shown() == {str(ID): 5}


async def test_without_a_field_for_it_texts_are_compared(site: LiferaySite, http: Http) -> None:
    desk = portal(site, revision_field="")
    await deliver(desk, http, item(2))
    same, other = await find(desk, http, item(2)), await find(desk, http, item(3, title="Khác"))
    assert same is not None
    assert other is not None
    assert (same.revision, other.revision) == (2, 0)


@pytest.mark.parametrize("kind", WithdrawalKind)
async def test_each_kind_of_withdrawal_leaves_what_it_says(site: LiferaySite, http: Http, kind: WithdrawalKind) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    gone = withdrawal(2, kind, redirect_to="https://hue.example.vn/moi")
    await deliver(desk, http, gone)
    assert site.shown() == {}
    if kind in (WithdrawalKind.NOTICE, WithdrawalKind.REDIRECT):
        assert "04/03/2026" in values(site)["Content"]["data"]
        assert "AnhDaiDien" not in values(site)
    else:
        assert site.contents() == []
    found = await find(desk, http, gone)
    assert found is None or found.withdrawn


async def test_a_picture_is_a_document_with_a_code_of_its_own(site: LiferaySite, http: Http) -> None:
    await deliver(portal(site), http, with_picture(site, 1))
    await deliver(portal(site, document_folder=77), http, with_picture(site, 2))  # another memory
    assert site.uploads == 1
    image = values(site)["AnhDaiDien"]["image"]
    [document] = [one for one in site.kept.values() if one["of"] == "documents"]
    assert image == {"id": document["id"], "description": item().title}
    assert document["externalReferenceCode"].startswith("hub-")
    assert (document["description"], document["viewableBy"]) == (item().title, "Anyone")
    assert document["size"] > 50


async def test_pictures_in_the_text_are_uploaded_where_settings_say_so(site: LiferaySite, http: Http) -> None:
    await deliver(portal(site, inline_images=True), http, item(1, content_html=f'<img src="{site.origin}/anh.png">'))
    assert f'src="{site.origin}/documents/d/guest/hub-' in values(site)["Content"]["data"]


async def test_a_picture_deleted_there_is_uploaded_again(site: LiferaySite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    del site.kept[next(code for code in site.kept if code.startswith("hub-"))]
    await deliver(desk, http, with_picture(site, 2))
    assert site.uploads == 2
    assert site.shown() == {str(ID): 2}


async def test_what_is_replaced_keeps_a_picture_that_its_source_does_not_give_now(
    site: LiferaySite, http: Http
) -> None:
    for keys in ({}, BLOGS):
        desk = portal(site, **keys)
        site.kept.clear()
        await deliver(desk, http, with_picture(site, 1))
        await deliver(desk, http, item(2, image=f"{site.origin}/khong-co.png"))
        [content] = site.contents()
        kept = content["image"]["imageId"] if keys else values(site)["AnhDaiDien"]["image"]["id"]
        assert any(one["id"] == kept for one in site.kept.values() if one["of"] == "documents")


async def test_a_comparison_tells_ours_from_those_of_the_editors(site: LiferaySite, http: Http) -> None:
    desk = portal(site)
    for number in range(60):
        site.add(f"Bài {number}")
    await deliver(desk, http, item(2))
    await deliver(desk, http, item(1, content_id=uuid5(ID, "khac"), title="Khác"))
    pages = await listed(desk, http)
    held = {one.key: one for page in pages for one in page.held}
    assert len(pages) == 2
    assert set(held) == {str(ID), str(uuid5(ID, "khac"))}
    assert desk.differences(item(2), held[str(ID)]) == []
    site.kept[str(ID)]["title"] = "Bị sửa"
    [edited] = [one for page in await listed(desk, http) for one in page.held if one.key == str(ID)]
    assert [one.field for one in desk.differences(item(3), edited)] == ["title", "revision"]


async def test_a_token_is_asked_for_once_and_again_before_it_ends(site: LiferaySite, http: Http, clock: Clock) -> None:
    desk = portal(site, **CLIENT_LOGIN)
    await asyncio.gather(deliver(desk, http, item(1)), deliver(desk, http, item(1, content_id=uuid5(ID, "khac"))))
    assert site.tokens == ["khoa-1"]
    clock.advance(seconds=site.lifetime - 10)
    await deliver(desk, http, item(2))
    assert site.tokens == ["khoa-1", "khoa-2"]
    assert site.shown()[str(ID)] == 2


async def test_a_token_that_was_revoked_is_replaced_in_the_same_call(site: LiferaySite, http: Http) -> None:
    desk = portal(site, **CLIENT_LOGIN)
    await deliver(desk, http, item(1))
    site.tokens.append("khoa-cua-nguoi-khac")
    await deliver(desk, http, item(2))
    assert site.shown() == {str(ID): 2}
    assert len(site.tokens) == 3


async def test_a_client_that_is_refused_pauses_the_portal(site: LiferaySite, http: Http) -> None:
    desk = portal(site, **(CLIENT_LOGIN | {"client_secret": "khoa-sai"}))
    with pytest.raises(BlockedError) as caught:
        await deliver(desk, http, item(1))
    assert caught.value.code == "cms_login"
    assert "khoa-sai" not in f"{caught.value!r} {caught.value} {vars(desk)!r}"


@pytest.mark.parametrize("fault", [Fault(reset=True), Fault(html=True), Fault(status=500), Fault(hang=True)], ids=repr)
async def test_a_token_that_does_not_come_leaves_nothing_in_doubt(site: LiferaySite, http: Http, fault: Fault) -> None:
    site.fail_next(fault)
    desk = portal(site, **CLIENT_LOGIN, timeout="200ms")
    with pytest.raises(TransientError):
        await deliver(desk, http, item(1))
    assert site.effects == []


@pytest.mark.parametrize(
    ("change", "keys", "error", "code"),
    [
        ({}, {"password": "sai"}, BlockedError, "cms_login"),
        ({"allowed": False}, {}, BlockedError, "cms_right"),
        ({}, {"site": "999"}, BlockedError, "cms_interface"),
        ({}, {"body_field": "NoiDung"}, RejectedError, "cms_field"),
        ({}, {"structure": 1}, RejectedError, "cms_field"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_refusals_say_what_to_do(
    site: LiferaySite, http: Http, change: dict[str, Any], keys: dict[str, Any], error: type[HubError], code: str
) -> None:
    for name, value in change.items():
        setattr(site, name, value)
    with pytest.raises(error) as caught:
        await deliver(portal(site, **keys), http, item(1))
    assert caught.value.code == code
    assert site.effects == []


@pytest.mark.parametrize("row", LIFERAY)
def test_every_row_of_the_table_is_what_it_says(row: str, site: LiferaySite) -> None:
    method, _, status = row.rpartition(" ")
    said = portal(site)._system.said(method or "DELETE", int(status), {"title": "không in ra"})
    assert said.key == row
    error = LIFERAY[said.key].raised("cause")
    assert (type(error), error.code) == (LIFERAY[row].error, LIFERAY[row].code)
    assert error.sentence


async def test_a_reference_code_that_something_else_has_is_refused(site: LiferaySite, http: Http) -> None:
    await deliver(portal(site), http, item(1))
    with pytest.raises(HubError) as caught:
        await deliver(portal(site, **BLOGS), http, item(1))
    assert isinstance(caught.value, RejectedError)


def test_settings_refuse_what_could_not_work(site: LiferaySite) -> None:
    for keys in ({"structure": None}, {"content": "blog-postings"}, {"locale": "tiếng Việt"}, {"site": ""}):
        with pytest.raises(ValidationError):
            portal(site, **keys)
