"""Pictures of a post of a page: fetched, made small enough, uploaded unseen, each once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from connectors.base import Capture
from connectors.bodies import Limits
from connectors.errors import HubError
from connectors.graph import File, Graph
from connectors.pageposts import Post, Upload
from connectors.presentation.picture import Picture, PictureLimits, sized

if TYPE_CHECKING:
    from connectors.http import Http

#: Facebook shows pictures at most 2,048 pixels wide, and takes 4 MB.
LIMITS: Final = PictureLimits(bytes=4_000_000, longest=2_048, least_width=400, least_height=210)
_FETCHED: Final = 20 * 1024 * 1024
#: Seconds; what no post has used for a day is dropped by Facebook.
_KEPT: Final = 20 * 3_600.0


class PagePictures:
    """Uploads for one page."""

    def __init__(self, graph: Graph, page_id: str, timeout: float) -> None:
        self._graph, self._page_id, self._timeout = graph, page_id, timeout

    async def uploaded(
        self, http: "Http", post: Post, before: Mapping[str, Upload],
        keep: Callable[[Mapping[str, Upload]], Awaitable[None]],
    ) -> list[str]:  # fmt: skip
        """The ids of the pictures of a post, in order; those that cannot be used are left out.

        `before` are earlier uploads; `keep` makes each new one durable before the next is begun.
        """
        now = http.now().timestamp()
        fresh = {url: one for url, one in before.items() if now - one.at < _KEPT}
        for url, alt in zip(post.pictures, post.alts, strict=True):
            if url not in fresh and (picture := await self._picture(http, url)) is not None:
                name = "anh.png" if picture.content_type == "image/png" else "anh.jpg"
                fields = {"published": "false", "alt_text_custom": alt}
                file = File(name, picture.content_type, picture.body)
                made = await self._graph.create(http, f"{self._page_id}/photos", fields, file)
                fresh[url] = Upload(id=made, at=now)
                await keep(fresh)
        return [fresh[url].id for url in post.pictures if url in fresh]

    async def _picture(self, http: "Http", url: str) -> Picture | None:
        limits = Limits(wire=_FETCHED, decoded=_FETCHED, total=self._timeout)
        try:
            answer = await http.get(url, limits=limits, accept="image/jpeg, image/png, image/*;q=0.8")
        except HubError:
            return None  # a post is worth more than its picture
        picture = await sized(answer.body, LIMITS) if isinstance(answer, Capture) else None
        return picture if isinstance(picture, Picture) else None
