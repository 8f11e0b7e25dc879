"""Content systems as real servers: articles behind the JSON interface of each product, with its own way of paging."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.server import FakeServer


@dataclass(kw_only=True)
class Article:
    """What an editor wrote."""

    number: int
    published: datetime
    changed: datetime

    @property
    def title(self) -> str:
        return f"Tin số {self.number}"


@dataclass(frozen=True)
class Asked:
    """One question that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Oddities:
    """What is wrong with this installation."""

    deaf_to_paging: bool = False  #: every page is the first one
    deaf_to_filters: bool = False
    validators: bool = False  #: answers with an ETag and honours it
    next_origin: str = ""  #: what the links to the next page begin with
    garbled_pages: set[int] = field(default_factory=set)  #: requests, counted from 1, answered with a page of errors


class Cms(FakeServer):
    """A site with articles. `before` is called with the number of each request before it is answered."""

    #: parameters that even a site which is deaf to paging reads
    kept: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[Article] = []
        self.asked: list[Asked] = []
        self.odd = Oddities()
        self.before: Callable[[int], None] = lambda number: None
        self.app.router.add_get("/{path:.*}", self._answer)

    def write(self, number: int, published: datetime, changed: datetime | None = None) -> Article:
        article = Article(number=number, published=published, changed=changed or published)
        self.articles.append(article)
        return article

    def remove(self, number: int) -> None:
        self.articles = [article for article in self.articles if article.number != number]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.path, dict(request.query), dict(request.headers)))
        self.before(len(self.asked))
        if len(self.asked) in self.odd.garbled_pages:
            return web.Response(
                text="<!doctype html><title>Bảo trì</title><body>Đang bảo trì", content_type="text/html"
            )
        if (fault := self.next_fault()) is not None:
            return await self.strike(request, fault, web.Response())
        query = {key: value for key, value in request.query.items() if not self.odd.deaf_to_paging or key in self.kept}
        answer = self.page(request.path, query)
        if self.odd.validators and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            answer.headers["ETag"] = tag = f'"{hash(answer.body)}"'
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers={"ETag": tag})
        return answer

    def page(self, path: str, query: dict[str, str]) -> web.Response:
        raise AssertionError("each product answers in its own way")

    def since(self, kind: str, moment: datetime | None, *, by: str) -> list[Article]:
        """The articles from a moment on, the newest first."""
        if moment is None or self.odd.deaf_to_filters:
            shown = self.articles
        else:
            shown = [one for one in self.articles if getattr(one, kind) >= moment]
        return sorted(shown, key=lambda one: (getattr(one, by), one.number), reverse=True)


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class WordPress(Cms):
    """`/wp-json/wp/v2/posts`"""

    kept = ("orderby", "modified_after", "after", "per_page")

    def page(self, path: str, query: dict[str, str]) -> web.Response:
        if path != "/wp-json/wp/v2/posts" and query.get("rest_route") != "/wp/v2/posts":
            return web.json_response({"code": "rest_no_route", "message": "", "data": {"status": 404}}, status=404)
        by = "changed" if query["orderby"] == "modified" else "published"
        wanted = query.get("modified_after") or query.get("after")
        kind = "changed" if "modified_after" in query else "published"
        shown = self.since(kind, datetime.fromisoformat(wanted) if wanted else None, by=by)
        size, number = int(query["per_page"]), int(query.get("page", "1"))
        pages = -(-len(shown) // size)
        if number > max(1, pages):
            error = {"code": "rest_post_invalid_page_number", "message": "", "data": {"status": 400}}
            return web.json_response(error, status=400)
        body = [self._post(article) for article in shown[(number - 1) * size : number * size]]
        return web.json_response(body, headers={"X-WP-Total": str(len(shown)), "X-WP-TotalPages": str(pages)})

    def _post(self, article: Article) -> dict[str, Any]:
        return {
            "id": article.number, "guid": {"rendered": str(article.number)}, "status": "publish",
            "date_gmt": stamp(article.published)[:-1], "modified_gmt": stamp(article.changed)[:-1],
            "link": f"{self.origin}/{article.number}/", "title": {"rendered": article.title},
            "content": {"rendered": "<p>Nội dung.</p>", "protected": False},
        }  # fmt: skip


class Drupal(Cms):
    """`/jsonapi/node/article`"""

    kept = ("sort", "page[limit]", "filter[since][condition][path]", "filter[since][condition][value]")

    def page(self, path: str, query: dict[str, str]) -> web.Response:
        by = {"-changed": "changed", "-created": "published"}[query["sort"]]
        value = query.get("filter[since][condition][value]")
        kind = "changed" if query.get("filter[since][condition][path]") == "changed" else "published"
        shown = self.since(kind, datetime.fromtimestamp(int(value), UTC) if value else None, by=by)
        size, offset = min(50, int(query["page[limit]"])), int(query.get("page[offset]", "0"))
        links = {"self": {"href": self.origin + path}}
        if offset + size < len(shown) or self.odd.deaf_to_paging:
            further = {**query, "page[offset]": str(offset + size)}
            links["next"] = {"href": f"{self.odd.next_origin or self.origin}{path}?{urlencode(further)}"}
        return web.json_response({"data": [self._node(one) for one in shown[offset : offset + size]], "links": links})

    def _node(self, article: Article) -> dict[str, Any]:
        return {
            "type": "node--article", "id": str(article.number),
            "attributes": {
                "drupal_internal__nid": article.number, "status": True, "title": article.title,
                "created": article.published.isoformat(), "changed": article.changed.isoformat(),
            },
        }  # fmt: skip


class Liferay(Cms):
    """`/o/headless-delivery/v1.0/sites/20117/structured-contents`; behind its last page it shows that page again."""

    kept = ("sort", "filter", "pageSize")

    def page(self, path: str, query: dict[str, str]) -> web.Response:
        field, _, moment = query.get("filter", "dateModified ge ").partition(" ge ")
        names = {"dateModified": "changed", "dateCreated": "published"}
        since = datetime.fromisoformat(moment) if moment else None
        shown = self.since(names[field], since, by=names[query["sort"].partition(":")[0]])
        size = int(query["pageSize"])
        last = max(1, -(-len(shown) // size))
        number = min(int(query.get("page", "1")), last)
        items = [self._content(one) for one in shown[(number - 1) * size : number * size]]
        return web.json_response(
            {"items": items, "lastPage": last, "page": number, "pageSize": size, "totalCount": len(shown)}
        )

    def _content(self, article: Article) -> dict[str, Any]:
        return {
            "id": article.number, "title": article.title, "friendlyUrlPath": f"tin-so-{article.number}",
            "dateCreated": stamp(article.published), "datePublished": stamp(article.published),
            "dateModified": stamp(article.changed), "contentFields": [],
        }  # fmt: skip


class SharePoint(Cms):
    """`/_api/web/lists/getbytitle('Tin tức')/items`; the next link names the last item shown."""

    kept = ("$orderby", "$filter", "$top")

    def page(self, path: str, query: dict[str, str]) -> web.Response:
        field, _, moment = query.get("$filter", "Modified ge ").partition(" ge ")
        names = {"Modified": "changed", "Created": "published"}
        since = datetime.fromisoformat(moment.removeprefix("datetime").strip("'")) if moment else None
        shown: Sequence[Article] = self.since(names[field], since, by="changed" if field == "Modified" else "published")
        if token := query.get("$skiptoken"):
            by, number = token.split("|")
            shown = [one for one in shown if (stamp(getattr(one, names[field])), one.number) < (by, int(number))]
        size = int(query["$top"])
        value: dict[str, Any] = {"value": [self._item(one) for one in shown[:size]]}
        if len(shown) > size:
            last = shown[size - 1]
            further = {**query, "$skiptoken": f"{stamp(getattr(last, names[field]))}|{last.number}"}
            value["odata.nextLink"] = f"{self.odd.next_origin or self.origin}{path}?{urlencode(further)}"
        return web.json_response(value)

    def _item(self, article: Article) -> dict[str, Any]:
        return {
            "ID": article.number, "Title": article.title, "Created": stamp(article.published),
            "Modified": stamp(article.changed), "FileRef": f"/Pages/{article.number}.aspx",
        }  # fmt: skip
