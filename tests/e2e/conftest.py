"""A browser, an office, and people in front of it: at a desk and with a telephone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.conftest import do_without
from tests.e2e.office import Office
from tests.e2e.person import Person, person
from tests.servers import MissingServerError, Servers
from tests.servers.browser import ARGUMENTS

#: Width and height in CSS pixels.
DESK, TELEPHONE = (1280, 900), (390, 844)
#: Milliseconds for one act of the browser, on a machine that has much else to do.
PATIENCE = 20_000
#: Opens the console as one of office.PEOPLE; `size` is DESK or TELEPHONE.
Sits = Callable[..., Awaitable[Person]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(servers: Servers) -> AsyncIterator[Browser]:
    try:
        program = servers.browser()
    except MissingServerError as error:
        do_without(error)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder: Path = tmp_path_factory.mktemp("office")
    async with Office(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def contexts(browser: Browser) -> AsyncIterator[dict[object, BrowserContext]]:
    """A browser's memory for each person, size and way: what a page needs is fetched once."""
    kept: dict[object, BrowserContext] = {}
    yield kept
    for context in kept.values():
        await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def sits(browser: Browser, office: Office, contexts: dict[object, BrowserContext]) -> AsyncIterator[Sits]:
    pages: list[Person] = []
    strangers: list[BrowserContext] = []

    async def opened(size: tuple[int, int], scripts: bool) -> BrowserContext:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="vi-VN", java_script_enabled=scripts
        )
        context.set_default_timeout(PATIENCE)
        return context

    async def sit(login: str, *, size: tuple[int, int] = DESK, scripts: bool = True) -> Person:
        context = contexts.get((login, size, scripts))
        if context is None:
            context = await opened(size, scripts)
            if login:
                await office.sign_in(context, login)
                contexts[login, size, scripts] = context
            else:
                strangers.append(context)
        pages.append(await person(context, office.url, scripts=scripts))
        return pages[-1]

    yield sit
    for page in pages:
        page.silent()
    for page in pages:
        await page.page.close()
    for context in strangers:
        await context.close()
