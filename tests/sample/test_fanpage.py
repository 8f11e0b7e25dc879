"""The sample fanpage: the interface call by call, its bad moments, and what citizens see of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from lxml import html as lxml_html

from connectors.addresses import parse_allowance
from connectors.destinations.facebook import Config, Connector
from connectors.errors import UnconfirmedError
from connectors.http import Http
from hub.sample.fanpage import PAGE_ID, VERSION, SampleFanpage
from hub.sample.fanpage_cards import card_of
from hub.sample.fanpage_shelf import Card, Counters
from schemas.edition import PublishedItem
from tests.fakes.memory import FakeMemory

STORY = UUID("0b96caa8-e678-5b6d-a3dc-aeb4db938b6f")
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SHOWN = {"published": "true"}


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class Portal:
    """The site to which posts lead; knows what it is told."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        app = web.Application()
        app.router.add_get("/{rest:.*}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path not in self.pages:
            raise web.HTTPNotFound
        return web.Response(text=self.pages[request.path], content_type="text/html")

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))


class Caller:
    """Calls the interface as an application would, and opens the page as anybody would."""

    def __init__(self, page: SampleFanpage, session: aiohttp.ClientSession) -> None:
        self.page, self._session = page, session
        self.usage = ""

    async def call(self, method: str, path: str, *, token: str = "bi-mat", **form: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.page.url}/{VERSION}/{path}"
        async with self._session.request(method, url, headers=headers, data=form or None) as answer:
            self.usage = answer.headers.get("X-Page-Usage", "")
            return answer.status, await answer.json()

    async def post(self, message: str, **form: str) -> str:
        status, made = await self.call("POST", f"{PAGE_ID}/feed", message=message, **form)
        assert status == 200
        return str(made["id"])

    async def listed(self, query: str = "") -> Any:
        return (await self.call("GET", f"{PAGE_ID}/published_posts{query}"))[1]

    async def open(self, path: str = "/") -> tuple[int, lxml_html.HtmlElement]:
        async with self._session.get(self.page.url + path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            return answer.status, lxml_html.document_fromstring(await answer.text())

    async def articles(self, path: str = "/") -> list[lxml_html.HtmlElement]:
        return list((await self.open(path))[1].xpath("//article"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    portal = Portal()
    await portal.server.start_server()
    yield portal
    await portal.server.close()


Opened = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def opened(tmp_path: Path, clock: Clock, portal: Portal) -> Opened:
    """Opens the page of this test, each time as a new start over the same folder; it has no bad moments by itself."""

    @asynccontextmanager
    async def open_page(**keys: Any) -> AsyncIterator[Caller]:
        calm: dict[str, Any] = {"loses": 0, "fails": 0, "lag": timedelta(), "now": clock}
        page = SampleFanpage(tmp_path / "trang", name="Tỉnh Mẫu", token="bi-mat", portal=portal.url, **(calm | keys))
        async with page, aiohttp.ClientSession() as session:
            yield Caller(page, session)

    return open_page


@pytest.fixture
async def page(opened: Opened) -> AsyncIterator[Caller]:
    async with opened() as caller:
        yield caller


# ------------------------------------------------------------------------------------------------------ the interface


async def test_a_draft_is_seen_by_nobody_before_it_is_shown(page: Caller) -> None:
    post = await page.post("Lịch tiêm chủng tháng 12", published="false")
    assert (await page.call("GET", post))[1]["is_published"] is False
    assert (await page.listed())["data"] == await page.articles() == []
    assert await page.call("POST", post, is_published="true") == (200, {"success": True})
    assert await page.call("POST", post, is_published="true") == (200, {"success": True})
    assert [one["id"] for one in (await page.listed())["data"]] == [post]
    assert len(await page.articles()) == 1
    assert page.page.counters == Counters(made=1, looked=2)


async def test_only_what_readers_had_seen_is_marked_as_edited(page: Caller) -> None:
    post = await page.post("Lịch tiêm", published="false")
    await page.call("POST", post, message="Lịch tiêm chủng")
    await page.call("POST", post, is_published="true")
    await page.call("POST", post, message="Lịch tiêm chủng")
    [article] = await page.articles()
    assert not article.xpath(".//*[@class='edited']")
    await page.call("POST", post, message="Lịch tiêm chủng tháng 12")
    [article] = await page.articles()
    assert [mark.text for mark in article.xpath(".//*[@class='edited']")] == ["Đã chỉnh sửa"]
    assert "tháng 12" in article.text_content()
    assert page.page.counters == Counters(made=1, edited=1)


async def test_what_was_removed_is_there_for_nobody(page: Caller) -> None:
    post = await page.post("Bài sai", **SHOWN)
    assert await page.call("DELETE", post) == (200, {"success": True})
    gone = {"code": 100, "error_subcode": 33}
    for method, form in (("DELETE", {}), ("GET", {}), ("POST", {"message": "lại"}), ("POST", {"is_published": "true"})):
        status, answer = await page.call(method, post, **form)
        assert (status, {name: answer["error"][name] for name in gone}) == (400, gone)
    assert await page.articles() == []
    assert (await page.open(f"/bai/{post.partition('_')[2]}"))[0] == 404
    assert page.page.counters == Counters(made=1, removed=1)


@pytest.mark.parametrize("token", ["", "sai", "bí mật"])
async def test_nothing_is_done_or_told_without_the_token(page: Caller, token: str) -> None:
    post = await page.post("Có thật", **SHOWN)
    for method, path in (("POST", f"{PAGE_ID}/feed"), ("GET", post), ("DELETE", post), ("POST", post)):
        status, answer = await page.call(method, path, token=token.encode().decode("latin-1"), message="x")
        assert (status, answer["error"]["code"]) == (400, 190)
    assert page.page.counters == Counters(made=1)


async def test_a_link_that_is_no_address_of_a_page_is_refused(page: Caller) -> None:
    status, answer = await page.call("POST", f"{PAGE_ID}/feed", message="Bài", link="javascript:alert(1)", **SHOWN)
    assert (status, answer["error"]["code"]) == (400, 100)
    assert await page.articles() == []


async def test_a_post_without_words_is_refused(page: Caller) -> None:
    status, answer = await page.call("POST", f"{PAGE_ID}/feed", message=" ", published="true")
    assert (status, answer["error"]["code"]) == (400, 100)
    post = await page.post("Có chữ", **SHOWN)
    assert (await page.call("POST", post, message=" "))[1]["error"]["code"] == 100


@pytest.mark.parametrize("path", ["999_1", f"{PAGE_ID}_", f"{PAGE_ID}_9", f"{PAGE_ID}_²", PAGE_ID])
async def test_ids_of_others_are_unknown(page: Caller, path: str) -> None:
    await page.post("Bài một", **SHOWN)
    assert (await page.call("GET", path))[1]["error"]["code"] == 100


async def test_the_list_is_behind_and_gives_pages(opened: Opened, clock: Clock) -> None:
    async with opened(lag=timedelta(seconds=2)) as page:
        for n in range(5):
            await page.post(f"Bài {n}", link=f"https://tinh-mau.example/tin/{n}", **SHOWN)
        assert (await page.listed())["data"] == []
        clock.at += timedelta(seconds=2)
        first = await page.listed("?limit=3")
        assert [one["message"] for one in first["data"]] == ["Bài 4", "Bài 3", "Bài 2"]
        assert first["data"][0]["attachments"]["data"][0]["unshimmed_url"] == "https://tinh-mau.example/tin/4"
        rest = await page.listed(f"?limit=3&after={first['paging']['cursors']['after']}")
        assert [one["message"] for one in rest["data"]] == ["Bài 1", "Bài 0"]
        assert "next" in first["paging"]
        assert "next" not in rest["paging"]
        assert (await page.listed(f"?since={int(clock.at.timestamp())}"))["data"] == []


async def test_headers_tell_what_is_used_of_the_hour(opened: Opened, clock: Clock) -> None:
    async with opened(budget=4) as page:
        for _ in range(4):
            await page.post("Một bài", **SHOWN)
        assert '"call_count":100' in page.usage
        status, answer = await page.call("POST", f"{PAGE_ID}/feed", message="Bài quá mức", published="true")
        assert (status, answer["error"]["code"]) == (400, 32)
        clock.at += timedelta(hours=1)
        await page.post("Bài giờ sau", **SHOWN)
        assert page.page.counters.made == 5


# ----------------------------------------------------------------------------------------------------- its bad moments


async def test_an_answer_that_is_lost_comes_after_the_deed(opened: Opened) -> None:
    async with opened(loses=2) as page:
        await page.post("Bài một", **SHOWN)
        with pytest.raises(aiohttp.ClientError):
            await page.post("Bài hai", **SHOWN)
        assert len(await page.articles()) == 2
        assert page.page.counters == Counters(made=2, lost=1)


async def test_a_failure_comes_before_the_deed(opened: Opened) -> None:
    async with opened(fails=1) as page:
        with pytest.raises(aiohttp.ContentTypeError):
            await page.post("Bài một", **SHOWN)
        assert await page.articles() == []
        assert page.page.counters == Counters(failed=1)


async def test_who_repeats_without_looking_is_counted(page: Caller) -> None:
    for link in ("https://tinh-mau.example/tin/1", "https://tinh-mau.example/tin/2", "https://tinh-mau.example/tin/1"):
        await page.post("Bài", link=link, **SHOWN)
    assert page.page.doubled == 1
    told = (await page.open())[1].xpath("//aside//dt[. = 'bài bị trùng']/following-sibling::dd")
    assert [one.text for one in told] == ["1"]


async def test_the_hub_finds_its_post_after_a_lost_answer(opened: Opened, portal: Portal, clock: Clock) -> None:
    async with opened(loses=1) as page, Http(user_agent="hub/1 (+mailto:a@b.vn)", clock=clock) as http:
        connector = connected(page.page, portal)
        payload = connector.present(item())
        with pytest.raises(UnconfirmedError):
            await connector.send(http, payload, key="k")
        found = await connector.find(http, payload)
        assert found is not None
        assert found.revision == 1
        assert (page.page.counters.made, page.page.doubled) == (1, 0)


def connected(page: SampleFanpage, portal: Portal) -> Connector:
    connector = Connector("fanpage", Config.model_validate({
        "page_id": PAGE_ID, "token": "bi-mat", "base_url": page.url, "version": VERSION, "drafts": False,
        "link": f"{portal.url}tin/{{content_id}}", "allow_private": [str(parse_allowance(page.door))],
    }))  # fmt: skip
    connector.memory = FakeMemory()
    return connector


def item(**fields: Any) -> PublishedItem:
    return PublishedItem.model_validate({
        "content_id": STORY, "revision": 1, "kind": "news", "title": "Khám sức khỏe cho người cao tuổi",
        "member": "H52.12", "member_name": "Sở Y tế", "source": "so-y-te-tin", "tags": ["Y tế"],
        "summary": "Tại trạm y tế các xã.",
    } | fields)  # fmt: skip


# ------------------------------------------------------------------------------------------------ what citizens see


async def test_a_post_is_seen_as_it_was_meant(page: Caller, portal: Portal) -> None:
    connector = connected(page.page, portal)
    async with Http(user_agent="hub/1 (+mailto:a@b.vn)") as http:
        await connector.send(http, connector.present(item()), key="k")
    portal.pages[f"/tin/{STORY}"] = (
        '<meta property="og:title" content="Khám sức khỏe"><meta property="og:site_name" content="Cổng Tỉnh Mẫu">'
        '<meta property="og:image" content="http://127.0.0.1:1/anh.png">'
    )
    [article] = await page.articles()
    assert "Sở Y tế" in article.text_content()
    assert [tag.text for tag in article.xpath(".//*[@class='hashtag']")] == ["#YTế"]
    [card] = article.xpath(".//a[contains(@class, 'card')]")
    assert card.get("href") == f"{portal.url}tin/{STORY}"
    assert card.xpath(".//img/@src") == ["http://127.0.0.1:1/anh.png"]
    assert [said.text for said in card.xpath(".//*[@class='said']/span")] == ["Cổng Tỉnh Mẫu", "Khám sức khỏe"]


async def test_the_newest_stands_first_and_time_passes(page: Caller, clock: Clock) -> None:
    for passed in (timedelta(), timedelta(hours=3), timedelta(minutes=5), timedelta(seconds=20)):
        clock.at += passed
        await page.post(f"Bài sau {passed}", **SHOWN)
    times = [time.text for article in await page.articles() for time in article.xpath(".//time")]
    assert times == ["Vừa xong", "Vừa xong", "5 phút", "3 giờ"]
    clock.at += timedelta(days=2)
    [article] = await page.articles("/bai/1")
    assert article.xpath(".//time")[0].text == "22/11/2026 12:00"


async def test_a_card_is_read_once_its_page_is_there(page: Caller, portal: Portal) -> None:
    await page.post("Bài", link=f"{portal.url}tin/1", **SHOWN)
    [article] = await page.articles()
    assert "Xem trên cổng thông tin" in article.text_content()
    portal.pages["/tin/1"] = '<meta property="og:title" content="Tin một">'
    for _ in range(2):
        [article] = await page.articles()
        assert "Tin một" in article.text_content()
    assert portal.asked == ["/tin/1", "/tin/1"]


async def test_addresses_elsewhere_are_not_asked(page: Caller, portal: Portal) -> None:
    await page.post("Bài", link=portal.url.replace("127.0.0.1", "localhost") + "tin/1", **SHOWN)
    await page.articles()
    assert portal.asked == []


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("<title>Tin</title>", None),
        ('<meta property="og:title" content="">', None),
        ('<meta property="og:title" content="A"><meta property="og:title" content="B">', ("A", "")),
        ('<meta property="og:title" content="A"><meta property="og:image" content="javascript:x">', ("A", "")),
        ('<meta property="og:title"><meta><meta property="og:title" content="A">', None),
        ('<meta property="og:title" content="A &lt;b&gt;"><meta property="og:image" content="https://a/b.png">',
         ("A <b>", "https://a/b.png")),
    ],
)  # fmt: skip
def test_a_card_says_what_the_page_says_of_itself(said: str, card: tuple[str, str] | None) -> None:
    assert card_of(said) == (Card(title=card[0], summary="", image=card[1], site="") if card else None)


async def test_markup_in_a_post_stays_text(page: Caller) -> None:
    hostile = '<script>alert(1)</script> http://a.example/"onclick=x #thẻ<b> & javascript:x'
    await page.post(hostile, **SHOWN)
    _, seen = await page.open()
    assert seen.xpath("//script | //*[@onclick] | //b") == []
    assert hostile in seen.xpath("//article")[0].text_content().replace("a.example/", "http://a.example/")
    assert [link for link in seen.xpath("//a/@href") if link.startswith("javascript")] == []


async def test_a_long_post_is_folded_at_a_line(page: Caller) -> None:
    lines = [f"Dòng thứ {n}: nội dung thông báo của Ủy ban nhân dân xã." for n in range(30)]
    await page.post("\n".join(lines), **SHOWN)
    [article] = await page.articles()
    [rest] = article.xpath(".//details")
    assert [one.text for one in rest.xpath("./summary")] == ["Xem thêm"]
    seen = article.xpath(".//*[@class='text']/text()")[0].split("\n")
    told = (rest.xpath("./summary")[0].tail or "").split("\n")
    assert seen + told == lines
    assert 240 <= len("\n".join(seen)) <= 480


async def test_older_posts_are_on_other_pages(page: Caller) -> None:
    for n in range(12):
        await page.post(f"Bài {n}", **SHOWN)
    assert [len(await page.articles(path)) for path in ("/", "/?page=2", "/?page=3", "/?page=x", "/?page=-1")] == [
        10, 2, 0, 10, 10,
    ]  # fmt: skip
    refreshed = [(await page.open(path))[1].xpath("//meta[@http-equiv]") for path in ("/", "/?live=0", "/?page=2")]
    assert [len(one) for one in refreshed] == [1, 0, 0]


async def test_what_stands_there_outlives_a_restart(opened: Opened) -> None:
    async with opened() as page:
        post = await page.post("Bài còn lại", **SHOWN)
    async with opened() as page:
        assert (await page.call("GET", post))[1]["message"] == "Bài còn lại"
        assert page.page.counters.made == 1
        for path in ("/static/fanpage.css", "/static/fanpage-cover.svg", "/static/portal.svg"):
            assert (await page.open(path))[0] == 200
        assert (await page.open("/static/portal_pages.py"))[0] == 404
