"""Somebody in front of a page, who presses what can be seen and fills in what a form asks.

A step is a link, a button or a key that is pressed; opening the menu of a telephone belongs to the entry that is chosen
in it, and typing into a form belongs to the button that sends it. A task begins on the page «Today» and has at most
MOST steps. Texts are named in English, as in the code, and looked for in the person's language.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import BrowserContext, Dialog, Locator, Page

from hub.locale import texts_in
from tests.e2e.watched import Watched

MOST: Final = 5


class Person(Watched):
    """A watched page with hands."""

    def __init__(self, page: Page, base: str, *, scripts: bool = True) -> None:
        super().__init__(page, base)
        self.texts = texts_in("vi")
        self.steps = 0
        self._scripts = scripts
        page.on("dialog", self._agree)

    async def begin(self) -> None:
        """Sit down: the page «Today», and no step made."""
        assert await self.open("/") == 200
        self.steps = 0

    async def go(self, entry: str) -> None:
        """Choose an entry of the bar, or of the menu on a telephone."""
        menu = self.page.locator("details.menu.narrow > summary")
        if await menu.is_visible():
            await menu.click()
        link = self.page.locator("nav a:visible").filter(has_text=_exactly(self.texts(entry)))
        async with self._leads():
            await link.click()

    def speaks(self, language: str) -> None:
        """Look for texts in another language from now on."""
        self.texts = texts_in(language)

    async def follow(self, text: str, *, translate: bool = True, whole: bool = True) -> None:
        """Press the link with this text, or with this text in it."""
        async with self._leads():
            await self._seen("main a", self.texts(text) if translate else text, whole=whole).last.click()

    async def press(self, text: str, *, within: Locator | None = None) -> None:
        """Press a button that leads to a page."""
        async with self._leads():
            await self._seen("button", self.texts(text), within=within).first.click()

    async def unfold(self, text: str) -> None:
        """Open what is folded under this text."""
        self._step()
        await self._seen("summary", self.texts(text)).first.click()

    async def key(self, key: str, *, leads: bool = True) -> None:
        """Press a key. `leads`: another page follows."""
        if not leads:
            self._step()
            await self.page.keyboard.press(key)
            return
        async with self._leads():
            await self.page.keyboard.press(key)

    async def fill(self, label: str, value: str) -> None:
        """Type into the field that is called so; what stood there is replaced."""
        await (await self.field(label)).fill(value)

    async def choose(self, label: str, value: str) -> None:
        """Choose in the list that is called so; `value` is its code."""
        await (await self.field(label)).select_option(value)

    async def tick(self, label: str) -> None:
        """Tick the box or the choice that is called so."""
        await (await self.field(label)).check()

    async def field(self, label: str) -> Locator:
        """The field that is called so, or begins so and goes on with its choices or a hint, where it can be seen."""
        text = self.texts(label)
        exact = self.page.get_by_label(text, exact=True).locator("visible=true")
        if await exact.count():
            return exact.first
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(text)}")).locator("visible=true").first

    def _seen(self, what: str, text: str, *, whole: bool = True, within: Locator | None = None) -> Locator:
        named = _exactly(text) if whole else re.compile(re.escape(text))
        return (within or self.page).locator(f"{what}:visible").filter(has_text=named)

    @asynccontextmanager
    async def _leads(self) -> AsyncIterator[None]:
        """A step after which the page that it leads to stands there."""
        self._step()
        async with self.page.expect_navigation(wait_until="load" if self._scripts else "domcontentloaded") as reached:
            yield
        answer = await reached.value
        assert answer is None or answer.status < 400, f"{answer.status}: {await self.page.inner_text('main')}"

    async def _agree(self, dialog: Dialog) -> None:
        self._step()
        await dialog.accept()

    def _step(self) -> None:
        self.steps += 1
        assert self.steps <= MOST, f"more than {MOST} steps at {self.page.url}"


def _exactly(text: str) -> re.Pattern[str]:
    """A text alone, or with the letter of its key or a number behind it."""
    return re.compile(rf"^\s*{re.escape(text)}(\s+(\w|\d+))?\s*$")


async def person(context: BrowserContext, base: str, *, scripts: bool = True) -> Person:
    """A new page of a browser."""
    return Person(await context.new_page(), base, scripts=scripts)
