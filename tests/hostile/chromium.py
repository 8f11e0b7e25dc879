"""A sample of the vectors in a real browser: pages of a hub that is full of them are opened, and nothing runs.

Each page is opened as it is, and once more without its policy and the sandboxes of its frames, so that it is the
escaping which is judged and not the policy behind it. Nothing leaves the browser: every request is answered from the
hub's own server in this process, or counted and refused.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Dialog, Page, Route, async_playwright

from tests.hostile import xss
from tests.hostile.counts import Table
from tests.hostile.planting import House
from tests.hostile.vectors import Vector
from tests.servers.browser import ARGUMENTS, find_browser
from tests.web.conftest import BASE

_HOST: Final = urlsplit(BASE).netloc
#: Vectors of one text of the database, and of one item.
_BATCH, _TOGETHER = 100, 20
#: Milliseconds for one page, on a machine that has much else to do.
_PATIENCE: Final = 30_000
#: Pages that wait for something to happen.
_WAITING: Final = ("/events", "/stream", "/wait")
#: What may be fetched from elsewhere: pictures and sounds of articles run nothing.
_SHOWN: Final = frozenset({"image", "media", "font"})
#: Runs before anything of a page, in each of its frames: whatever a vector does is told.
_HOOK: Final = """
(() => {
    let told = false;
    const tell = what => window.toldOfAVector && window.toldOfAVector(what + ' at ' + location.href.slice(0, 80));
    Object.defineProperty(window, 'hacked', {set(value) { tell('ran'); }, get() { return undefined; }});
    for (const name of ['alert', 'prompt', 'confirm']) window[name] = () => tell(name);
})();
"""
#: What a person would do: everything that has a handler is used, every address of a script is told.
_USE: Final = r"""
() => {
    const found = [];
    for (const element of document.querySelectorAll('*')) {
        for (const {name, value} of [...element.attributes]) {
            if (/^on/i.test(name)) {
                found.push(element.tagName + ' ' + name);
                element.dispatchEvent(new Event(name.slice(2).toLowerCase()));
            }
            if (/^(href|src|action|formaction|data|xlink:href|srcdoc|poster|background|ping)$/i.test(name)) {
                let scheme = '';
                try { scheme = new URL(value, document.baseURI).protocol; } catch { continue; }
                if (/^(javascript|vbscript|data):$/.test(scheme)) {
                    found.push(element.tagName + ' ' + name + '=' + value.slice(0, 60));
                    if (element.click && scheme === 'javascript:') element.click();
                }
            }
        }
    }
    return found;
}
"""
_SETTLED: Final = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)))"
#: Pages that show most of what strangers write.
PAGES: Final = (
    "/console/items", "/console/queue", "/console/drafts", "/console/aside", "/console/sources", "/console/screen",
    "/console/destinations", "/console/audit", "/", "/search?q=tin", "/coverage", "/items/",
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What happened in the browser since somebody looked last."""

    what: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        """All of it, once."""
        found, self.what = self.what, []
        return found


class Window:
    """One page of the browser that is answered by the hub of a house; `policy` says whether it keeps its policy."""

    def __init__(self, house: House, page: Page, seen: Seen, *, policy: bool) -> None:
        self._house, self._page, self._seen, self._policy = house, page, seen, policy

    async def open(self, path: str) -> list[str]:
        """Open a page of the hub, use what it has, and tell what ran."""
        return await self._looked_at(lambda: self._page.goto(BASE + path, wait_until="load", timeout=_PATIENCE))

    async def show(self, html: str) -> list[str]:
        """The same with HTML that no hub has touched."""
        await self._page.goto(f"{BASE}/nothing", timeout=_PATIENCE)
        self._seen.taken()
        return await self._looked_at(lambda: self._page.set_content(html, wait_until="load", timeout=_PATIENCE))

    async def _looked_at(self, go: Callable[[], Awaitable[object]]) -> list[str]:
        self._seen.taken()
        await go()
        found: list[str] = []
        for frame in self._page.frames:
            try:
                found += await frame.evaluate(_USE)
            except Exception as error:  # a frame that a vector led away, or that may run nothing
                if frame is self._page.main_frame:
                    found.append(f"the page is gone: {error}"[:100])
        await self._page.evaluate(_SETTLED)
        return [*self._seen.taken(), *found]

    async def answer(self, route: Route) -> None:
        """Of the hub what it says; from elsewhere nothing, and it is counted."""
        request = route.request
        address = urlsplit(request.url)
        if address.netloc != _HOST:
            if request.resource_type not in _SHOWN:
                self._seen.what.append(f"{request.resource_type} asked for {request.url[:80]}")
            return await route.abort()
        if address.path == "/nothing":
            return await route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>x</title>")
        if request.method != "GET" or address.path.endswith(_WAITING):
            return await route.abort()
        said = await self._house.ask(f"{address.path}?{address.query}" if address.query else address.path)
        for _ in range(3):  # a redirect that is handed to the browser would be followed past us
            if "Location" in said.headers and (there := urlsplit(said.headers["Location"])).netloc in ("", _HOST):
                said = await self._house.ask(there.path)
        headers, body = dict(said.headers), said.body
        if not self._policy:
            headers.pop("Content-Security-Policy", None)
            body = body.replace(b"sandbox", b"data-was-a-box") if said.content_type == "text/html" else body
        await route.fulfill(status=said.status, headers=_plain(headers), body=body)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
    }


async def table(
    house: House, vectors: Sequence[Vector], *, pages: Sequence[str] = PAGES, policies: Sequence[bool] = (True, False)
) -> Table:  # fmt: skip
    """The sample: the texts of the database on these pages, and items whose every field is a vector on theirs."""
    counts = Table("XSS, in Chromium", what="ran")
    program = find_browser()
    if program is None:
        counts.count("not tried", "no Chromium; install the package chromium", tried=0)
        return counts
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            for policy in policies:
                await _sampled(counts, browser, house, vectors, pages, policy=policy)
            await _control(counts, browser, house, vectors)
        finally:
            await browser.close()
    return counts


async def _sampled(
    counts: Table, browser: Browser, house: House, vectors: Sequence[Vector], pages: Sequence[str], *, policy: bool
) -> None:  # fmt: skip
    name = "" if policy else ", no policy"
    window = await _window(browser, house, policy=policy)
    await house.plant(lambda column: "x")
    chosen = [
        path for path in house.paths()
        if _is_chosen(path, pages) and (await house.ask(path)).content_type == "text/html"
    ]  # fmt: skip
    for start in range(0, len(vectors), _BATCH):
        batch = vectors[start : start + _BATCH]
        await house.plant(lambda column, batch=batch: "".join(each.text for each in batch))  # type: ignore[misc]
        for path in chosen:
            found = await window.open(path)
            counts.count(f"{xss.part_of(path)}{name}", *(f"{path} {each}" for each in found), tried=len(batch))
    await house.plant(lambda column: "x")
    for start in range(0, len(vectors), _TOGETHER):
        group = vectors[start : start + _TOGETHER]
        for shown, path in await _item_pages(house, group):
            found = await window.open(path)
            faults = [f"{path} {each} of {group[0].html!r}" for each in found]
            counts.count(f"an item, {shown}{name}", *faults, tried=len(group))


def _is_chosen(path: str, pages: Sequence[str]) -> bool:
    return any(path == each or (len(each) > 1 and path.startswith(f"{each}/")) for each in pages) or path.startswith(
        "/items/"
    )


async def _item_pages(house: House, group: Sequence[Vector]) -> list[tuple[str, str]]:
    """Make an item of these vectors; where it is shown."""
    await house.press.publish(xss.item_of(group, "dau"))
    await house.press.publish(xss.item_of(group, "sau"), held=True)
    lists = [("queue", "/console/queue"), ("list", "/console/items"), ("public list", "/")]
    return [*lists, *((name, path) for name, path in xss.pages_of(group) if "JSON" not in name and "API" not in name)]


async def _control(counts: Table, browser: Browser, house: House, vectors: Sequence[Vector]) -> None:
    """The same vectors where nobody escapes them: a browser in which none runs would prove nothing."""
    window = await _window(browser, house, policy=False)
    told = [await window.show(each.text) for each in vectors]
    ran = sum(any(each.startswith("ran ") for each in one) for one in told)
    seen = sum(map(bool, told))
    counts.count("the vectors themselves, in an empty page", *([] if ran * 5 > len(vectors) else ["hardly any runs"]),
                 tried=0, note=f"{ran} of {len(vectors)} run, {seen} are seen")  # fmt: skip


async def _window(browser: Browser, house: House, *, policy: bool) -> Window:
    context: BrowserContext = await browser.new_context(locale="vi-VN")
    seen = Seen()
    await context.expose_binding("toldOfAVector", lambda source, what: seen.what.append(str(what)))
    await context.add_init_script(_HOOK)
    page = await context.new_page()
    window = Window(house, page, seen, policy=policy)
    await context.route("**/*", window.answer)

    async def refused(dialog: Dialog) -> None:
        seen.what.append(f"dialog {dialog.message[:40]}")
        await dialog.dismiss()

    page.on("dialog", refused)
    return window
