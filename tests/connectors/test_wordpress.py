"""WordPress gives ids itself: what makes each item one post all the same, and what it says when it refuses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid5

import pytest
from pydantic import ValidationError

from connectors.cms.refusals import WORDPRESS
from connectors.destinations.wordpress import Config, Connector
from connectors.errors import BlockedError, HubError, RejectedError, TransientError, UnconfirmedError
from connectors.http import Http
from schemas.edition import WithdrawalKind
from tests.connectors.cmsdesk import ID, deliver, find, item, listed, with_picture, withdrawal
from tests.connectors.conftest import AGENT
from tests.fakes.cmsportals import USERNAME
from tests.fakes.memory import FakeMemory
from tests.fakes.server import Fault
from tests.fakes.wordpress import WordPressSite

PASSWORD = "abcd EFGH 1234 ijkl"
SLUG = f"hub-{ID.hex}"


@pytest.fixture
async def site() -> AsyncIterator[WordPressSite]:
    async with WordPressSite(PASSWORD.replace(" ", "")) as site:
        yield site


@pytest.fixture
async def http(site: WordPressSite) -> AsyncIterator[Http]:
    async with Http(user_agent=AGENT, allow_private=site.doors) as http:
        yield http


def portal(site: WordPressSite, **keys: Any) -> Connector:
    config = {"url": site.origin, "username": USERNAME, "password": PASSWORD, "timeout": "1s"} | keys
    made = Connector("cong-tinh", Config.model_validate(config))
    made.memory = FakeMemory()
    return made


async def test_a_post_has_the_item_and_our_marks(site: WordPressSite, http: Http) -> None:
    desk = portal(site, categories={"y te": 5, "news": 9}, other_category=1, tags={"Y tế": 31}, author=7)
    receipt = await deliver(desk, http, item(3))
    [post] = site.posts()
    assert receipt.remote_id == str(post["id"])
    assert (post["slug"], post["status"], post["date_gmt"]) == (SLUG, "publish", "2026-03-02T01:00:00")
    assert post["meta"] == {"hub_content_id": str(ID), "hub_revision": 3}
    assert (post["categories"], post["tags"], post["author"]) == ([5, 9], [31], 7)
    assert post["excerpt"] == "Các trạm y tế mở cửa cả thứ bảy."
    assert post["content"].endswith('<p>Nguồn: <a href="https://syt.example.vn/tin/12">Sở Y tế</a></p>')


async def test_what_no_table_names_goes_to_the_other_category(site: WordPressSite, http: Http) -> None:
    await deliver(portal(site, categories={"thể thao": 5}, other_category=4), http, item())
    assert site.posts()[0]["categories"] == [4]


async def test_a_post_whose_id_never_arrived_is_found_and_not_made_again(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    site.fail_next(Fault(committed=True, status=502, html=True))
    with pytest.raises(UnconfirmedError):
        await deliver(desk, http, item(1))
    found = await find(desk, http, item(1))
    assert found is not None
    assert (found.revision, found.withdrawn) == (1, False)
    await deliver(desk, http, item(2))
    assert site.shown() == {str(ID): 2}
    assert len(site.posts()) == 1


async def test_a_double_from_a_call_that_landed_late_is_deleted_with_the_next_write(
    site: WordPressSite, http: Http
) -> None:
    desk, late = portal(site, timeout="100ms"), asyncio.Event()
    site.fail_next(Fault(wait=late))
    with pytest.raises(UnconfirmedError):
        await deliver(desk, http, item(1))
    await deliver(desk, http, item(1))  # sooner than the stage would
    late.set()
    async with asyncio.timeout(5):
        while len(site.posts()) < 2:  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.01)
    await deliver(desk, http, item(2))
    assert [post["slug"] for post in site.posts()] == [SLUG]
    assert site.shown() == {str(ID): 2}


async def test_a_replica_that_lags_shows_nothing_and_later_the_post(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    site.lag()
    await deliver(desk, http, item(1))
    assert await find(desk, http, item(1)) is None
    site.catch_up()
    found = await find(desk, http, item(1))
    assert found is not None
    assert found.revision == 1


async def test_an_editor_may_change_the_slug(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    first = await deliver(desk, http, item(1))
    site.kept[first.remote_id]["slug"] = "tiem-chung-thang-ba"
    await deliver(desk, http, item(2), first.remote_id)
    assert len(site.posts()) == 1
    assert [held.key for page in await listed(desk, http) for held in page.held] == [str(ID)]


async def test_an_id_that_is_somebody_elses_is_not_written_to(site: WordPressSite, http: Http) -> None:
    theirs = site.add(title="Bài của ban biên tập", content="<p>Giữ nguyên</p>")
    receipt = await deliver(portal(site), http, item(1), str(theirs["id"]))
    assert receipt.remote_id != str(theirs["id"])
    assert theirs["content"] == "<p>Giữ nguyên</p>"


async def test_an_older_revision_does_not_cover_a_newer(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, item(5))
    receipt = await deliver(desk, http, item(4))
    assert (receipt.note, receipt.revision) == ("newer", 5)
    assert site.shown() == {str(ID): 5}
    assert (await deliver(desk, http, withdrawal(4))).note == "newer"


async def test_without_registered_meta_texts_are_compared(site: WordPressSite, http: Http) -> None:
    site.registered = {}
    desk = portal(site)
    await deliver(desk, http, item(2))
    same, other = await find(desk, http, item(2)), await find(desk, http, item(3, content_html="<p>Sửa</p>"))
    assert same is not None
    assert other is not None
    assert (same.revision, other.revision) == (2, 0)


async def test_where_editors_decide_an_update_leaves_their_decision(site: WordPressSite, http: Http) -> None:
    desk = portal(site, status="draft")
    receipt = await deliver(desk, http, item(1))
    assert site.kept[receipt.remote_id]["status"] == "draft"
    site.kept[receipt.remote_id]["status"] = "publish"
    await deliver(desk, http, item(2), receipt.remote_id)
    assert site.shown() == {str(ID): 2}


@pytest.mark.parametrize("kind", WithdrawalKind)
async def test_each_kind_of_withdrawal_leaves_what_it_says(
    site: WordPressSite, http: Http, kind: WithdrawalKind
) -> None:
    desk = portal(site)
    await deliver(desk, http, item(1))
    gone = withdrawal(2, kind, reason="Sai ngày & giờ", redirect_to="https://hue.example.vn/moi")
    await deliver(desk, http, gone)
    assert site.shown() == {}
    left = site.posts()
    match kind:
        case WithdrawalKind.NOTICE | WithdrawalKind.REDIRECT:
            assert left[0]["status"] == "publish"
            assert left[0]["meta"]["hub_revision"] == 2
            assert "04/03/2026" in left[0]["content"]
            assert "Sai ngày &amp; giờ" in left[0]["content"]
            assert ('href="https://hue.example.vn/moi"' in left[0]["content"]) == (kind is WithdrawalKind.REDIRECT)
            assert "Trạm y tế" not in left[0]["content"]
            found = await find(desk, http, gone)
            assert found is not None
            assert found.withdrawn
        case WithdrawalKind.GONE:
            assert [post["status"] for post in left] == ["trash"]
        case WithdrawalKind.VANISH:
            assert left == []
    assert (await deliver(desk, http, gone)).revision == 2


async def test_a_purged_item_leaves_not_even_its_title(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, item(1))
    await deliver(desk, http, withdrawal(2, WithdrawalKind.NOTICE), last=False)
    assert site.posts()[0]["title"] == "Nội dung đã được gỡ"


async def test_what_was_withdrawn_to_the_bin_is_published_anew(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    first = await deliver(desk, http, item(1))
    await deliver(desk, http, withdrawal(2), first.remote_id)
    await deliver(desk, http, item(3), first.remote_id)
    assert site.shown() == {str(ID): 3}


async def test_withdrawn_may_mean_private(site: WordPressSite, http: Http) -> None:
    desk = portal(site, removal="private")
    await deliver(desk, http, item(1))
    await deliver(desk, http, withdrawal(2))
    assert [post["status"] for post in site.posts()] == ["private"]
    assert (await deliver(desk, http, withdrawal(2))).note == "already gone"
    [page] = await listed(desk, http)
    assert [held.withdrawn for held in page.held] == [True]


async def test_a_picture_is_uploaded_once_and_described(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    await deliver(desk, http, with_picture(site, 2))
    [media] = site.media()
    assert site.uploads == 1
    assert media["alt_text"] == "Tiêm chủng & phòng bệnh tháng ba"
    assert media["slug"].startswith("hub-")
    assert site.posts()[0]["featured_media"] == media["id"]


async def test_a_picture_is_found_again_without_a_memory(site: WordPressSite, http: Http) -> None:
    await deliver(portal(site), http, with_picture(site, 1))
    await deliver(portal(site), http, with_picture(site, 2))
    assert site.uploads == 1


async def test_a_picture_deleted_there_is_uploaded_again(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    del site.kept[str(site.media()[0]["id"])]
    await deliver(desk, http, with_picture(site, 2))
    assert site.uploads == 2
    assert site.posts()[0]["featured_media"] == site.media()[0]["id"]
    assert site.shown() == {str(ID): 2}


async def test_a_picture_that_cannot_be_had_never_holds_the_item_up(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    missing = await deliver(desk, http, item(1, image=f"{site.origin}/khong-co.png"))
    assert missing.note == "without 1 of its pictures"
    site.rights.discard("upload")
    refused = await deliver(desk, http, with_picture(site, 2))
    assert refused.note == "without 1 of its pictures"
    assert site.shown() == {str(ID): 2}


async def test_a_picture_that_the_item_lost_is_taken_away(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    await deliver(desk, http, with_picture(site, 1))
    await deliver(desk, http, item(2))
    assert site.posts()[0]["featured_media"] == 0


async def test_pictures_in_the_text_are_uploaded_where_settings_say_so(site: WordPressSite, http: Http) -> None:
    text = f'<p><img src="{site.origin}/anh.png" alt="Trạm"></p>'
    await deliver(portal(site), http, item(1, content_html=text))
    assert f"{site.origin}/anh.png" in site.posts()[0]["content"]
    desk = portal(site, inline_images=True)
    await deliver(desk, http, item(2, content_html=text))
    assert f'src="{site.origin}/wp-content/uploads/hub-' in site.posts()[0]["content"]
    [page] = await listed(desk, http)
    assert desk.differences(item(2, content_html=text), page.held[0]) == []


async def test_a_comparison_lists_ours_alone_and_says_what_differs(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    for number in range(60):
        site.add(title=f"Bài {number}")
    await deliver(desk, http, item(2))
    await deliver(desk, http, item(1, content_id=uuid5(ID, "khac"), title="Khác"))
    pages = await listed(desk, http)
    held = {one.key: one for page in pages for one in page.held}
    assert len(pages) == 2
    assert all(page.whole for page in pages)
    assert set(held) == {str(ID), str(uuid5(ID, "khac"))}
    assert desk.differences(item(2), held[str(ID)]) == []
    post = next(post for post in site.posts() if post["slug"] == SLUG)
    post |= {"title": "Bị sửa", "content": "<p>Khác hẳn</p>", "status": "draft"}
    [edited] = [one for page in await listed(desk, http) for one in page.held if one.key == str(ID)]
    found = desk.differences(item(3), edited)
    assert [one.field for one in found] == ["title", "content_html", "status", "revision"]
    assert (found[0].theirs, found[1].theirs, found[3].theirs) == ("Bị sửa", "Khác hẳn", "2")


async def test_notices_of_php_before_the_json_are_stepped_over(site: WordPressSite, http: Http) -> None:
    site.notices_of_php = True
    await deliver(portal(site), http, item(1))
    await deliver(portal(site), http, item(2))
    assert site.shown() == {str(ID): 2}


async def test_a_firewalls_page_is_no_answer(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    site.challenge = True
    with pytest.raises(TransientError):
        await find(desk, http, item(1))
    site.challenge = False
    site.fail_next(Fault(committed=True, html=True))
    with pytest.raises(UnconfirmedError) as caught:
        await deliver(desk, http, item(1))
    assert caught.value.code == "unreadable"
    site.fail_next(Fault(html=True, status=403))
    with pytest.raises(BlockedError) as blocked:
        await deliver(desk, http, item(1))
    assert blocked.value.code == "forbidden"  # nothing about rights of the account


@pytest.mark.parametrize(
    ("right", "code"), [("create", "cms_right"), ("publish", "cms_right")],
)  # fmt: skip
async def test_a_missing_right_pauses_the_portal(site: WordPressSite, http: Http, right: str, code: str) -> None:
    site.rights.discard(right)
    with pytest.raises(BlockedError) as caught:
        await deliver(portal(site), http, item(1))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("keys", "fields", "error", "code"),
    [
        ({"password": "sai"}, {}, BlockedError, "cms_login"),
        ({"author": 99}, {}, BlockedError, "cms_setting"),
        ({"post_type": "tin-tuc"}, {}, BlockedError, "cms_interface"),
        ({"source_line": False}, {"title": "", "summary": "", "content_html": ""}, RejectedError, "cms_empty"),
    ],
)
async def test_refusals_go_by_their_codes(
    site: WordPressSite, http: Http, keys: dict[str, Any], fields: dict[str, Any], error: type[HubError], code: str
) -> None:
    with pytest.raises(error) as caught:
        await deliver(portal(site, **keys), http, item(1, **fields))
    assert caught.value.code == code
    assert caught.value.sentence
    assert PASSWORD.replace(" ", "") not in str(caught.value)


@pytest.mark.parametrize("code", WORDPRESS)
async def test_every_row_of_the_table_is_what_it_says(code: str, site: WordPressSite) -> None:
    meant = WORDPRESS[code]
    data = {"code": code, "message": "<b>không in ra</b>", "data": {"status": 400, "params": {"categories": "x"}}}
    said = Connector("a", Config(url=site.origin, username="a", password="b"))._system.said("POST", 400, data)
    error = meant.raised("cause", said.pointer)
    assert type(error) is meant.error
    assert (error.code, error.fault) == (meant.code, meant.fault)
    assert "categories" in error.sentence
    assert "không in ra" not in error.sentence


async def test_a_post_deleted_between_look_and_write_is_looked_for_again(site: WordPressSite, http: Http) -> None:
    desk = portal(site)
    receipt = await deliver(desk, http, item(1))
    site.lag()
    del site.kept[receipt.remote_id]
    with pytest.raises(TransientError):
        await deliver(desk, http, item(2), receipt.remote_id)
    site.catch_up()
    await deliver(desk, http, item(2), receipt.remote_id)
    assert site.shown() == {str(ID): 2}


def test_a_face_is_the_post_as_readers_see_it(site: WordPressSite) -> None:
    desk = portal(site)
    face = desk.face(desk.present(item(1, content_html='<p><img src="https://syt.example.vn/a.jpg"></p>')))
    assert face.text.startswith("Tiêm chủng & phòng bệnh tháng ba\n")
    assert "https://syt.example.vn/a.jpg" in face.html
    assert len(face.notes) == 2


def test_settings_refuse_what_could_not_work(site: WordPressSite) -> None:
    for keys in ({"slug_prefix": ""}, {"status": "publik"}, {"removal": "burn"}, {"password": "  "}):
        with pytest.raises(ValidationError):
            portal(site, **keys)
