"""Every page, in a real browser: who may enter, what the bar shows, and that each one can be used by everybody."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest

from tests.e2e.conftest import DESK, TELEPHONE, Sits
from tests.e2e.morning import LOOKED_UP, PERSONAL, READ, SILENT, UNPLANNED
from tests.e2e.office import PEOPLE, Office
from tests.province import MEMBER

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Pages below those of the bar, by who opens them.
PAGES: Final[Mapping[str, Callable[[Office], Sequence[str]]]] = {
    "": lambda office: ["/login"],
    "truong-ban": lambda office: [
        f"/queue/{office.item(LOOKED_UP)}/1", f"/queue/{office.item(UNPLANNED)}/1", f"/items/{_read(office)}",
        f"/items/{_read(office)}/versions", f"/items/{_read(office)}/trace", f"/items/{_read(office)}/deliveries",
        "/items?q=tiem%20chung", "/items?q=khong%20co", "/plans", "/proposals", "/posts", "/posts/unconfirmed",
        "/late", "/tasks", f"/duties/dau-thau/{SILENT}", "/reminders", "/numbers?period=2026",
        "/numbers/list?first=2026-01-01&last=2026-12-31", "/reports/1", "/reports/1/words", "/reports/1/sign",
        "/ledger?period=2026", "/visits", "/no-such-page",
    ],
    "bien-tap": lambda office: [f"/items/{_read(office)}/edit", f"/items/{office.item(UNPLANNED)}/schedule"],
    "ky-thuat": lambda office: [
        "/sources/so-y-te-tin", "/sources/trang-hong", "/sources/so-y-te-tin/preview", "/sources/new",
        "/destinations/cong-tinh", f"/members/{MEMBER}", "/aside?part=captures", "/aside?part=records",
        "/aside?part=runs", f"/aside/{office.value('SELECT min(id) FROM capture')}",
    ],
    "quan-tri": lambda office: [
        f"/accounts/{office.value('SELECT min(id) FROM account')}", "/account", "/account/password",
        "/account/second-factor",
    ],
    "truc-ban": lambda office: [f"/screen/holds/{office.item(PERSONAL)}"],
    "cong-tac-vien": lambda office: ["/drafts/new"],
}  # fmt: skip
#: Entries of the bar that look alike for everybody who sees them are read as one of these.
READERS: Final[Mapping[str, Sequence[str]]] = {
    "truong-ban": ("/", "/queue", "/drafts", "/items", "/duties", "/reports", "/audit"),
    "ky-thuat": ("/", "/members", "/sources", "/destinations", "/aside", "/settings"),
    "quan-tri": ("/accounts", "/keys"),
    "truc-ban": ("/", "/screen"),
}


def _read(office: Office) -> str:
    return str(office.value("SELECT content_id FROM edition WHERE json_extract(body, '$.title') = ?", READ))


@pytest.mark.parametrize("login", [login for login, _, _ in PEOPLE])
async def test_everybody_opens_the_pages_of_the_own_bar(sits: Sits, login: str) -> None:
    page = await sits(login)
    await page.open("/")
    links = await page.page.locator("nav.pages a").evaluate_all("all => all.map(each => each.pathname)")
    paths = [path.removeprefix("/console") for path in links]
    assert set(READERS.get(login, ())) <= set(paths)
    for path in paths[1:]:
        assert await page.open(path) == 200, path


@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "nobody")
async def test_a_page_keeps_to_the_guidelines_at_a_desk_and_on_a_telephone(
    sits: Sits, office: Office, login: str
) -> None:
    page = await sits(login)
    for path in (*READERS.get(login, ()), *PAGES[login](office)):
        assert await page.open(path) == (404 if path == "/no-such-page" else 200), path
        await page.accessible(TELEPHONE, DESK)
