"""A Facebook Page: what a post says and shows, and how its pictures come there."""

import json
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from connectors.base import Payload, Reconcilable, Remembering, Showing
from connectors.errors import (
    RejectedError,
)
from connectors.http import Http
from schemas.edition import PublishedItem
from tests.clock import Clock
from tests.connectors.facebook.page import (
    ID,
    LINK,
    connect,
    failing,
    gone,
    item,
    send,
)
from tests.fakes.graph import Graph, Refusal
from tests.fakes.server import FakeServer


def test_a_payload_is_the_text_with_its_link_and_the_key_of_its_story(page: Graph) -> None:
    payload = connect(page).present(item())
    body = json.loads(payload.body)
    assert body["message"] == (
        "Lịch tiêm chủng tháng ba (bản 1)\n\nTại các trạm y tế.\n\nNguồn: Sở Y tế\n"
        f"Xem chi tiết: {LINK}\n\n#YTế"
    )  # fmt: skip
    assert body["link"] == LINK
    assert payload.key == "2026-03-02 lich tiem chung thang ba ban 1"
    assert payload.title == "Lịch tiêm chủng tháng ba (bản 1)"
    assert connect(page, one_per_story=False).present(item()).key == ""
    assert connect(page).present(gone(2)) == Payload(content_id=ID, revision=2, body=b"")


def test_a_text_mentions_nobody_by_accident(page: Graph) -> None:
    body = json.loads(connect(page).present(item(title="Gửi @[4:Mark] và a@b.vn")).body)
    assert "@[" not in body["message"]
    assert "a@b.vn" in body["message"]


def test_an_item_without_a_page_of_its_own_is_refused_where_posts_lead_to_the_source(page: Graph) -> None:
    with pytest.raises(RejectedError) as caught:
        connect(page, link="source").present(item(url=""))
    assert caught.value.code == "no_link"


def test_a_preview_shows_the_post_and_says_what_an_editor_should_know(page: Graph) -> None:
    connector = connect(page, photos=2, limit=300)
    face = connector.face(connector.present(item(summary="Nội dung rất dài. " * 50, image="https://a.vn/1.jpg")))
    assert face.text.startswith("Lịch tiêm chủng")
    assert (face.link, face.images, face.alt) == (LINK, ("https://a.vn/1.jpg",), item().title)
    assert face.notes == ["Đã rút gọn tóm tắt cho vừa độ dài."]
    plain = connect(page).face(connect(page).present(item(summary="Nội dung rất dài. " * 50)))
    assert any("Xem thêm" in note for note in plain.notes)
    assert any("Ảnh xem trước" in note for note in plain.notes)
    assert connector.face(connector.present(gone(2))).notes


def test_the_connector_remembers_shows_and_can_be_compared(page: Graph) -> None:
    connector = connect(page)
    assert isinstance(connector, Remembering)
    assert isinstance(connector, Showing)
    assert isinstance(connector, Reconcilable)


@pytest.mark.parametrize(
    "keys",
    [{"page_id": "tinh-mau"}, {"version": "25"}, {"token": "có dấu"}, {"link": "https://a.vn/"}, {"photos": 11},
     {"limit": 70_000}, {"templates": {"news": "{{ title }}"}}, {"hashtags": {"most": 99}}],
    ids=str,
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(page: Graph, keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(keys))):
        connect(page, **keys)


class Pictures(FakeServer):
    """A member's site with pictures; what was fetched is in `fetched`."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.app.router.add_get("/{name}", self._picture)

    async def _picture(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.fetched.append(name)
        if name == "gone.jpg":
            return web.Response(status=404)
        if name == "page.jpg":
            return web.Response(text="<html>", content_type="text/html")
        made = BytesIO()
        Image.new("RGB", (8, 8) if name == "tiny.jpg" else (1_600, 900)).save(
            made, "PNG" if name.endswith("png") else "JPEG"
        )
        return web.Response(body=made.getvalue(), content_type="image/jpeg")


@pytest.fixture
async def site() -> AsyncIterator[Pictures]:
    async with Pictures() as site:
        yield site


@pytest.fixture
async def fetching(clock: Clock, page: Graph, site: Pictures) -> AsyncIterator[Http]:
    async with Http(user_agent="hub (+mailto:a@b.vn)", clock=clock.now, allow_private=site.doors | page.doors) as http:
        yield http


@pytest.fixture
def pictured(site: Pictures) -> Callable[..., PublishedItem]:
    def make(*names: str, revision: int = 1) -> PublishedItem:
        html = "".join(f'<p><img src="{site.origin}/{name}" alt="Ảnh {name[0]} của buổi lễ"></p>' for name in names)
        return item(revision, content_html=html)

    return make


async def test_pictures_are_uploaded_unseen_and_attached_in_order(
    page: Graph, fetching: Http, pictured: Callable[..., PublishedItem]
) -> None:
    await send(connect(page, photos=3), fetching, pictured("1.jpg", "2.png", "3.jpg", "4.jpg"))
    assert page.calls == ["photos", "photos", "photos", "feed", "show"]
    (post,) = page.visible()
    photos = [page.photos[one] for one in post.media]
    assert [(photo.alt, photo.format) for photo in photos] == [
        ("Ảnh 1 của buổi lễ", "JPEG"), ("Ảnh 2 của buổi lễ", "PNG"), ("Ảnh 3 của buổi lễ", "JPEG"),
    ]  # fmt: skip
    assert (post.link, photos[0].size) == ("", (1_600, 900))
    assert LINK in post.message


async def test_each_picture_is_uploaded_once_however_often_its_post_is_tried(
    page: Graph, fetching: Http, pictured: Callable[..., PublishedItem], clock: Clock
) -> None:
    connector = connect(page, photos=2)
    for _ in range(2):
        page.refuse_next(Refusal(code=32, at="feed"))
        await failing(connector, fetching, pictured("1.jpg", "2.jpg"))
    assert len(page.photos) == 2
    clock.advance(hours=21)  # Facebook has dropped them by now
    await send(connector, fetching, pictured("1.jpg", "2.jpg"))
    assert len(page.photos) == 4


async def test_pictures_that_cannot_be_used_are_left_out_and_without_any_the_link_is_shown(
    page: Graph, fetching: Http, pictured: Callable[..., PublishedItem]
) -> None:
    connector = connect(page, photos=4)
    payload = connector.present(pictured("gone.jpg", "tiny.jpg", "page.jpg"))
    receipt = await connector.send(fetching, payload, key="k")
    assert receipt.note == "without some of its pictures"
    (post,) = page.visible()
    assert (post.media, post.link) == ([], LINK)


async def test_a_link_post_fetches_no_picture(
    page: Graph, fetching: Http, site: Pictures, pictured: Callable[..., PublishedItem]
) -> None:
    await send(connect(page), fetching, pictured("1.jpg"))
    assert site.fetched == []
