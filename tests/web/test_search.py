"""The search page of the public: what it finds, what it never shows, and what it says when there is nothing."""

from urllib.parse import quote

from aiohttp import web
from aiohttp.test_utils import TestClient
from lxml import html

from tests.web.press import Press, id_of, news

Client = TestClient[web.Request, web.Application]


async def page(client: Client, path: str, status: int = 200) -> html.HtmlElement:
    async with client.get(path) as response:
        assert response.status == status
        return html.document_fromstring(await response.text())


def texts(shown: html.HtmlElement, tag: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in shown.iter(tag)]


async def test_what_is_public_is_found_marked_and_led_to(client: Client, press: Press) -> None:
    await press.publish(news("a", title="Lịch tiêm chủng <b>mới</b>", content_html="<p>Trẻ em tiêm tại trạm xá.</p>"))
    await press.publish(news("b", title="Tiêm chủng chưa duyệt"), held=True)
    shown = await page(client, f"/search?q={quote('tiem chung')}")
    assert texts(shown, "mark") == ["tiêm chủng", "tiêm"]
    [link] = [one for one in shown.iter("a") if one.getparent().tag == "h2"]
    assert (link.get("href"), link.text_content()) == (f"/items/{id_of('a')}", "Lịch tiêm chủng <b>mới</b>")
    assert shown.xpath("//meta[@name='robots']/@content") == ["noindex, follow"]


async def test_every_page_has_a_box_that_its_policy_lets_send(client: Client, press: Press) -> None:
    async with client.get("/") as response:
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]
        [form] = html.document_fromstring(await response.text()).iter("form")
    assert (form.get("action"), form.get("method")) == ("/search", "get")


async def test_filters_stay_in_the_form_and_in_the_link_to_further_hits(client: Client, press: Press) -> None:
    await press.publish(*(news(f"n{number}", title=f"Giá đất kỳ {number}") for number in range(25)))
    shown = await page(client, f"/search?q={quote('giá đất')}&kind=news&member=H52.12&from=1990-01-01&to=x")
    assert shown.xpath("//option[@selected]/@value") == ["news", "H52.12"]
    [further] = shown.xpath("//a[@rel='next']/@href")
    rest = await page(client, further)
    first, second = ([one.get("href") for one in each.xpath("//h2/a")] for each in (shown, rest))
    assert (len(first), len(second), set(first) & set(second)) == (20, 5, set())


async def test_nothing_found_and_nothing_asked_say_what_to_do(client: Client) -> None:
    assert "Không tìm thấy" in (await page(client, "/search?q=zzz")).text_content()
    assert "Hãy gõ" in (await page(client, "/search?q=%22-*")).text_content()
    assert not (await page(client, "/search")).find_class("list")
    await page(client, f"/search?q={'x' * 900}&kind=nope&member=%00&from=9999-12-31&to=9999-12-31")
    await page(client, "/search?q=a&after=nowhere", status=404)
