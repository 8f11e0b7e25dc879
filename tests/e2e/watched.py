"""A page that is watched: messages of the console, reports of the content policy, failed requests, and axe."""

import json
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

AXE: Final = Path(__file__).with_name("axe-4.14.1.min.js").read_text("utf-8")
#: WCAG 2.1 AA, as axe names its parts.
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


class Watched:
    """A page with what went wrong on it."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))

    def _heard(self, kind: str, text: str) -> None:
        # A refused form answers 4xx on purpose; the browser calls that an error of the console.
        if (
            kind in ("error", "warning")
            and "Failed to load resource: the server responded with a status of 4" not in text
        ):
            self.complaints.append(f"{kind}: {text}")

    def _failed(self, url: str, why: str) -> None:
        if "net::ERR_ABORTED" not in why:
            self.complaints.append(f"not loaded: {url} {why}")

    async def open(self, path: str) -> int:
        """Open a page of the console; returns the status."""
        answer = await self.page.goto(f"{self.base}/console{path}")
        assert answer is not None
        return answer.status

    async def accessible(self, *sizes: tuple[int, int]) -> None:
        """Fails with what axe finds against WCAG 2.1 AA on the page as it stands, and for a page that is too wide.

        With sizes it is looked at in each of them, and keeps the last.
        """
        await self.page.evaluate(AXE)
        for size in sizes or [None]:
            if size is not None:
                await self.page.set_viewport_size({"width": size[0], "height": size[1]})
            found: dict[str, Any] = await self.page.evaluate(
                "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
                list(TAGS),
            )
            violations = [
                f"{each['id']}: {each['help']}: " + json.dumps([node["target"] for node in each["nodes"]][:5])
                for each in found["violations"]
            ]
            assert not violations, f"{self.page.url} {size}\n" + "\n".join(violations)
            assert await self.narrow(), f"{self.page.url} is too wide {size}"

    async def narrow(self) -> bool:
        """Whether the page is no wider than the screen."""
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return bool(wide <= 0)

    def silent(self) -> None:
        """Fails with what the browser complained about."""
        assert not self.complaints, self.complaints
