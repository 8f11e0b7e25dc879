"""A Facebook Page behind the Graph API, as a real server: drafts, lists that lag, usage headers, errors inside JSON.

POST   /vNN.N/{page}/feed              message, link | attached_media[n], published -> {id}
POST   /vNN.N/{page}/photos            multipart source, published                  -> {id, post_id}
POST   /vNN.N/{post}                   message | is_published                       -> {success}
DELETE /vNN.N/{post}                                                                -> {success}
GET    /vNN.N/{post}?fields=                                                        -> the post
GET    /vNN.N/{page}/published_posts   fields, since, until, limit, after                  -> {data, paging}
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from math import inf
from typing import Any

from aiohttp import web
from PIL import Image

from tests.fakes.server import FakeServer, Fault

PAGE = "102030405060"


@dataclass(slots=True)
class Post:
    """A post of the page, a draft too."""

    id: str
    message: str
    created: datetime
    link: str = ""
    media: list[str] = field(default_factory=list)
    published: bool = True
    by_officer: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that was uploaded."""

    id: str
    size: tuple[int, int]
    format: str
    alt: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of what readers see."""

    action: str  #: put, delete
    id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One call that ends in an error of the API."""

    code: int
    subcode: int = 0
    status: int = 400
    at: str = ""  #: what it strikes: feed, photos, show, edit, delete, read, list; empty: whatever comes next
    committed: bool = False  #: it took effect all the same
    is_transient: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Graph(FakeServer):
    """One page. `lag` is how much later than a write the list shows it."""

    def __init__(self, token: str, clock: Callable[[], datetime], *, faults_at: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.token, self.clock, self.faults_at = token, clock, faults_at
        self.posts: dict[str, Post] = {}
        self.photos: dict[str, Photo] = {}
        self.effects: list[Effect] = []
        self.calls: list[str] = []  #: what was asked, in order: feed, show, edit, delete, read, list, photos
        self.addresses: list[str] = []  #: every path and query that was asked for
        self.refusals: deque[Refusal] = deque()
        self.lag = timedelta()
        self.usage: dict[str, str] = {}  #: headers of every answer
        self.refuses_twins = False  #: a text that a visible post has is refused with 506
        self.page_size = 100
        self._numbers = iter(range(1, 1_000_000))
        self.app.router.add_route("*", "/{version:v[0-9]+[.]0}/{rest:.+}", self._handle)

    def refuse_next(self, *refusals: Refusal) -> None:
        """The next calls that fit end in these errors, in this order."""
        self.refusals.extend(refusals)

    def visible(self) -> list[Post]:
        """What readers see."""
        return [post for post in self.posts.values() if post.published]

    def drafts(self) -> list[Post]:
        """What nobody sees."""
        return [post for post in self.posts.values() if not post.published]

    def add(self, message: str, *, link: str = "", published: bool = True, by_officer: bool = True) -> Post:
        """Put a post there that did not come through the API."""
        post = Post(
            f"{PAGE}_{next(self._numbers)}", message, self.clock(), link, published=published, by_officer=by_officer
        )
        self.posts[post.id] = post
        return post

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.addresses.append(request.path_qs)
        form = dict(await request.post()) if request.method == "POST" else {}
        what = self._what(request, form)
        self.calls.append(what)
        struck = not self.faults_at or what in self.faults_at
        fault = self.next_fault() if struck else None
        if fault is not None and fault.wait is not None:
            await fault.wait.wait()
        refusal = self._refusal(what)
        spared = fault is None or not (fault.status or fault.reset or fault.hang or fault.html)
        acts = (spared or (fault is not None and fault.committed)) and (refusal is None or refusal.committed)
        answer = self._act(what, request, form) if acts else web.Response()
        if refusal is not None:
            answer = _error(refusal.code, refusal.subcode, refusal.status, is_transient=refusal.is_transient)
            answer.headers.update(refusal.headers)
        answer.headers.update(self.usage)
        return answer if fault is None else await self.strike(request, fault, answer)

    def _refusal(self, what: str) -> Refusal | None:
        fits = next((one for one in self.refusals if one.at in ("", what)), None)
        if fits is not None:
            self.refusals.remove(fits)
        return fits

    def _what(self, request: web.Request, form: Mapping[str, Any]) -> str:
        rest = request.match_info["rest"]
        if rest.startswith(f"{PAGE}/"):
            edge = rest.removeprefix(f"{PAGE}/")
            return "list" if edge == "published_posts" else edge
        if request.method == "POST":
            return "show" if "is_published" in form else "edit"
        return "delete" if request.method == "DELETE" else "read"

    def _act(self, what: str, request: web.Request, form: Mapping[str, Any]) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _error(190, 463)
        match what:
            case "feed":
                return self._create(form)
            case "photos":
                return self._upload(form)
            case "list":
                return self._list(request)
        post = self.posts.get(request.match_info["rest"])
        if post is None:
            return _error(100, 33)
        match what:
            case "show":
                if not post.published:
                    post.published, post.created = True, self.clock()
                    self.effects.append(Effect("put", post.id, post.message))
            case "edit":
                post.message = str(form["message"]).strip()
                if post.published:
                    self.effects.append(Effect("put", post.id, post.message))
            case "delete":
                del self.posts[post.id]
                if post.published:
                    self.effects.append(Effect("delete", post.id, post.message))
            case _:
                return web.json_response(_shown(post))
        return web.json_response({"success": True})

    def _create(self, form: Mapping[str, Any]) -> web.Response:
        message, link = str(form.get("message", "")).strip(), str(form.get("link", ""))
        media = [
            json.loads(str(value))["media_fbid"] for name, value in form.items() if name.startswith("attached_media[")
        ]
        if not message or (link and media) or any(one not in self.photos for one in media):
            return _error(100)
        if self.refuses_twins and any(post.message == message for post in self.visible()):
            return _error(506)
        post = self.add(message, link=link, published=form.get("published") == "true", by_officer=False)
        post.media = media
        if post.published:
            self.effects.append(Effect("put", post.id, message))
        return web.json_response({"id": post.id})

    def _upload(self, form: Mapping[str, Any]) -> web.Response:
        source = form["source"]
        if form.get("published") != "false":
            return _error(100)
        with Image.open(BytesIO(source.file.read())) as image:
            photo = Photo(
                str(next(self._numbers)), image.size, image.format or "", str(form.get("alt_text_custom", ""))
            )
        self.photos[photo.id] = photo
        return web.json_response({"id": photo.id})

    def _list(self, request: web.Request) -> web.Response:
        since, until = int(request.query.get("since", "0")), int(request.query.get("until", "0"))
        seen = [
            post for post in reversed(self.visible())
            if since <= post.created.timestamp() <= (until or inf) and post.created + self.lag <= self.clock()
        ]  # fmt: skip
        size = min(int(request.query.get("limit", "25")), self.page_size)
        start = int(request.query.get("after") or 0)
        part = seen[start : start + size]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + size)}}
        if start + size < len(seen):
            paging["next"] = f"{self.origin}{request.path}?access_token=..."
        return web.json_response({"data": [_shown(post) for post in part], "paging": paging})


def _shown(post: Post) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": post.id, "message": post.message, "is_published": post.published,
        "created_time": post.created.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }  # fmt: skip
    if post.link:
        shown["attachments"] = {"data": [{"unshimmed_url": post.link}]}
    return shown


def _error(code: int, subcode: int = 0, status: int = 400, *, is_transient: bool = False) -> web.Response:
    error = {
        "message": f"(#{code}) a text that nobody may see", "type": "OAuthException", "code": code,
        "error_user_title": "Một tiêu đề", "error_user_msg": "Một câu", "fbtrace_id": "Axyz",
        "is_transient": is_transient,
    }  # fmt: skip
    return web.json_response({"error": error | ({"error_subcode": subcode} if subcode else {})}, status=status)


__all__ = ["PAGE", "Effect", "Fault", "Graph", "Photo", "Post", "Refusal"]
