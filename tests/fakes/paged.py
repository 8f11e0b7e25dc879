"""A member site whose answers depend on the query: pages are kept by path with query, else by path."""

from dataclasses import replace
from urllib.parse import unquote_plus

from aiohttp import web

from tests.fakes.site import Page, Site


class PagedSite(Site):
    """Serves `/api?page=2` where that was given, else what `/api` answers. Keys are written without escapes."""

    async def _page(self, request: web.Request) -> web.StreamResponse:
        exact = self.pages.get(unquote_plus(request.path_qs))
        if exact is None:
            return await super()._page(request)
        usual = self.pages.get(request.path)
        self.pages[request.path] = exact
        try:
            return await super()._page(request)
        finally:
            if usual is None:
                del self.pages[request.path]
            else:
                self.pages[request.path] = usual

    def break_down(self, path: str, status: int) -> Page:
        """Let one address fail, and return what it answered until now."""
        before = self.pages[path]
        self.pages[path] = replace(before, status=status)
        return before

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [unquote_plus(asked.path) for asked in self.asked]
