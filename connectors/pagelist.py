"""The list of the posts that readers of a page see, and which of them carry our marker."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from connectors.errors import Fault, ThrottledError, TransientError
from connectors.graph import Graph
from connectors.pageposts import POST_ID
from connectors.presentation.link import marker, markers_in

if TYPE_CHECKING:
    from connectors.http import Http

#: What is read of a post.
FIELDS: Final = "id,message,created_time,is_published,attachments{unshimmed_url}"
#: Posts that one page of the list holds, and pages that a search reads: a month of the most that the brake lets out.
_PAGE, _PAGES = 100, 100
#: How often one page is asked for: with three answers in ten lost, a search through twenty pages would never end.
_TRIES: Final = 4


class PageList:
    """The published posts of one page, newest first."""

    def __init__(self, name: str, graph: Graph, page_id: str) -> None:
        self._name, self._graph, self._page_id = name, graph, page_id

    async def search(
        self, http: "Http", content_id: UUID, since: datetime, until: datetime | None = None, without: str = ""
    ) -> str:
        """The id of the oldest visible post of these times with the marker of this item; "" when there is none."""
        oldest = ""
        async for one in self._listed(http, int(since.timestamp()), int(until.timestamp()) if until else 0):
            if marker(content_id) in markers_of(one) and one["id"] != without:
                oldest = one["id"]  # the list begins with the newest
        return oldest

    async def _listed(self, http: "Http", since: int, until: int) -> AsyncIterator[Mapping[str, Any]]:
        after = ""
        for _ in range(_PAGES):
            posts, after = await self._page_in_the_end(http, since, after, until)
            for one in posts:
                yield one
            if not after:
                return
        raise TransientError(f"{self._name}: the list of posts does not end", code="endless", fault=Fault.MEMBER,
                             sentence=_ENDLESS)  # fmt: skip

    async def _page_in_the_end(
        self, http: "Http", since: int, after: str, until: int
    ) -> tuple[Sequence[Mapping[str, Any]], str]:
        """As `page`, asked again at once where an answer is lost: a read may be repeated, a told wait is heeded."""
        for _ in range(_TRIES - 1):
            try:
                return await self.page(http, since, after, until)
            except ThrottledError:
                raise
            except TransientError:
                continue
        return await self.page(http, since, after, until)

    async def page(
        self, http: "Http", since: int, after: str, until: int = 0
    ) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Some posts between two times (0: open), and where the next ones begin; "" at the end. Raises as a read."""
        asked = {"since": str(since or ""), "until": str(until or ""), "after": after}
        parameters = {"fields": FIELDS, "limit": str(_PAGE)} | {name: value for name, value in asked.items() if value}
        answer = await self._graph.get(http, f"{self._page_id}/published_posts", **parameters)
        data, paging = answer.get("data"), answer.get("paging")
        if not isinstance(data, list):
            raise TransientError(f"{self._name}: a list without data", code="unreadable", fault=Fault.MEMBER,
                                 sentence=_ENDLESS)  # fmt: skip
        posts = [one for one in data if isinstance(one, dict) and POST_ID.fullmatch(str(one.get("id")))]
        cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
        following = cursors.get("after") if isinstance(cursors, dict) else None
        return posts, following if isinstance(following, str) else ""


_ENDLESS: Final = "Facebook trả lời không đúng quy cách khi được hỏi danh sách bài đăng. Hệ thống sẽ tự hỏi lại."


def markers_of(post: Mapping[str, Any]) -> frozenset[str]:
    """The markers that a post carries: in its text, or in what its attachments lead to; empty: it is not ours."""
    attachments = post.get("attachments")
    data = attachments.get("data") if isinstance(attachments, dict) else None
    links = [one.get("unshimmed_url") for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    return markers_in(*(text for text in (post.get("message"), *links) if isinstance(text, str)))
