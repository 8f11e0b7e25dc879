"""The frame of every page, in a real browser: who may enter, what the bar shows, and that every page can be used."""

import pytest

from tests.e2e.conftest import DESK, TELEPHONE, Sits
from tests.e2e.office import PEOPLE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_chief_editor_finds_every_page_of_the_bar_in_order(sits: Sits) -> None:
    desk = await sits("truong-ban")
    assert await desk.open("/") == 200
    links = await desk.page.locator("nav.pages a").evaluate_all("all => all.map(each => each.pathname)")
    for path in links:
        assert await desk.open(path.removeprefix("/console")) == 200, path
        await desk.accessible()


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("login", [login for login, _, _ in PEOPLE])
async def test_everybody_sees_the_pages_of_the_own_bar(sits: Sits, login: str, size: tuple[int, int]) -> None:
    page = await sits(login, size=size)
    await page.open("/")
    links = await page.page.locator("nav.pages a").evaluate_all("all => all.map(each => each.pathname)")
    assert links
    for path in links:
        assert await page.open(path.removeprefix("/console")) == 200, path
        await page.accessible()
