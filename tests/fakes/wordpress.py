"""The REST interface of WordPress as a real server, as wp-includes/rest-api answers: posts and media."""

import json
import re
from html import escape
from math import ceil
from typing import Any

from aiohttp import web

from tests.fakes.cmsportals import CmsServer

_SLUG = re.compile(r"hub-([0-9a-f]{32})")
_COMMENT = re.compile(r'<p class="hub-withdrawn">')


class WordPressSite(CmsServer):
    """A site. Numbers are given in order, and a repeated POST makes a second post: nothing here is idempotent."""

    def __init__(self, password: str) -> None:
        super().__init__(password)
        self.registered = {"hub_content_id": "", "hub_revision": 0}  #: meta keys and what they are without a value
        self.rights = {"create", "publish", "edit", "delete", "upload"}
        self.authors = {1, 7}
        self.trash = True
        self.notices_of_php = False
        self._number = 100

    def shown(self) -> dict[str, int]:
        """Revision by content_id of what readers see, notices left out."""
        return {
            _content_id(post): post["meta"].get("hub_revision") or -1 for post in self.posts()
            if post["status"] == "publish" and not _COMMENT.match(post["content"])
        }  # fmt: skip

    def posts(self) -> list[dict[str, Any]]:
        """All posts, those in the bin too."""
        return [one for one in self.kept.values() if one["type"] == "post"]

    def media(self) -> list[dict[str, Any]]:
        """All pictures."""
        return [one for one in self.kept.values() if one["type"] == "attachment"]

    def add(self, **fields: Any) -> dict[str, Any]:
        """Something that an editor made."""
        self._number += 1
        made = {"id": self._number, "type": "post", "slug": f"bai-{self._number}", "status": "publish", "title": "",
                "content": "", "excerpt": "", "meta": dict(self.registered), "featured_media": 0} | fields  # fmt: skip
        self.kept[str(self._number)] = made
        return made

    def _answer(self, request: web.Request, body: bytes) -> web.Response:
        answer = self._acted(request, body)
        if self.notices_of_php and answer.body:
            notice = b"<br />\n<b>Notice</b>: Undefined index: x in <b>plugin.php</b><br />\n"
            assert isinstance(answer.body, bytes)
            return web.Response(
                status=answer.status, body=notice + answer.body, content_type="application/json", charset="utf-8"
            )
        return answer

    def _acted(self, request: web.Request, body: bytes) -> web.Response:
        path = request.path
        if not path.startswith("/wp-json/wp/v2/"):
            return _error(404, "rest_no_route", "No route was found matching the URL and request method.")
        if not self.knows(request):
            return _error(401, "incorrect_password", "The provided password is an invalid application password.")
        match path.removeprefix("/wp-json/wp/v2/").split("/"):
            case ["posts"] if request.method == "GET":
                return self._list(request)
            case ["posts"]:
                return self._create(json.loads(body))
            case ["posts", number] if request.method == "GET":
                return self._get(number)
            case ["posts", number] if request.method == "DELETE":
                return self._delete(number, force=request.query.get("force") == "true")
            case ["posts", number]:
                return self._update(number, json.loads(body))
            case ["media"] if request.method == "GET":
                slug = request.query.get("slug")
                found = [one for one in self.seen.values() if one["type"] == "attachment" and one["slug"] == slug]
                return web.json_response([_media(one) for one in found])
            case ["media"]:
                return self._upload(request, body)
            case ["media", number]:
                self.kept[number]["alt_text"] = json.loads(body).get("alt_text", "")
                return web.json_response(_media(self.kept[number]))
        return _error(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _list(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("context") != "edit":
            return _error(401, "rest_forbidden_context", "Sorry.")
        per_page, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if per_page > 100:
            return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page", params={"per_page": "1 to 100"})
        states = query.get("status", "publish").split(",")
        slugs = query["slug"].split(",") if "slug" in query else None
        posts = [
            one for one in sorted(self.seen.values(), key=lambda one: int(one["id"]))
            if one["type"] == "post" and one["status"] in states and (slugs is None or one["slug"] in slugs)
        ]  # fmt: skip
        pages = ceil(len(posts) / per_page)
        if page > max(pages, 1):
            return _error(400, "rest_post_invalid_page_number", "The page number requested is larger than the number.")
        shown = [_post(one) for one in posts[(page - 1) * per_page : page * per_page]]
        headers = {"X-WP-Total": str(len(posts)), "X-WP-TotalPages": str(pages)}
        return web.json_response(shown, headers=headers)

    def _get(self, number: str) -> web.Response:
        post = self.seen.get(number)
        if post is None or post["type"] != "post":
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        return web.json_response(_post(post))

    def _create(self, fields: dict[str, Any]) -> web.Response:
        if "create" not in self.rights:
            return _error(403, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
        if refused := self._refused(fields):
            return refused
        return self._saved(self.add(status="draft", slug=self._free(fields.get("slug", ""))), fields, 201)

    def _update(self, number: str, fields: dict[str, Any]) -> web.Response:
        post = self.kept.get(number)
        if post is None:
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        if "edit" not in self.rights:
            return _error(403, "rest_cannot_edit", "Sorry, you are not allowed to edit this post.")
        return self._refused(fields) or self._saved(post, fields, 200)

    def _refused(self, fields: dict[str, Any]) -> web.Response | None:
        if fields.get("status") == "publish" and "publish" not in self.rights:
            return _error(403, "rest_cannot_publish", "Sorry, you are not allowed to publish posts in this post type.")
        if fields.get("author", 1) not in self.authors:
            return _error(400, "rest_invalid_author", "Invalid author ID.")
        if not isinstance(fields.get("categories", []), list):
            return _error(400, "rest_invalid_param", "Invalid parameter(s): categories", params={"categories": "bad"})
        if "title" in fields and not any(fields.get(name) for name in ("title", "content", "excerpt")):
            return _error(400, "empty_content", "Content, title, and excerpt are empty.")
        return None

    def _saved(self, post: dict[str, Any], fields: dict[str, Any], status: int) -> web.Response:
        texts = {name: fields[name] for name in ("content", "excerpt") if name in fields}
        others = {
            name: fields[name] for name in ("status", "author", "categories", "tags", "date_gmt") if name in fields
        }
        post |= texts | others
        if "title" in fields:
            post["title"] = escape(fields["title"], quote=False)  # kses writes & as a reference
        post["meta"] |= {key: value for key, value in fields.get("meta", {}).items() if key in self.registered}
        revision = post["meta"].get("hub_revision") or -1
        private = fields.get("status") == "private"
        self.effects.append(("delete", _content_id(post), 0) if private else ("put", _content_id(post), revision))
        media = fields.get("featured_media", post["featured_media"])
        if media and self.kept.get(str(media), {}).get("type") != "attachment":
            # As in WordPress: the post is written before its picture is looked at.
            return _error(400, "rest_invalid_featured_media", "Invalid featured media ID.")
        post["featured_media"] = media
        return web.json_response(_post(post), status=status)

    def _free(self, slug: str) -> str:
        taken = {one["slug"] for one in self.kept.values()}
        number, free = 1, slug
        while free in taken:
            number += 1
            free = f"{slug}-{number}"
        return free

    def _delete(self, number: str, *, force: bool) -> web.Response:
        post = self.kept.get(number)
        if post is None:
            return _error(404, "rest_post_invalid_id", "Invalid post ID.")
        if "delete" not in self.rights:
            return _error(403, "rest_cannot_delete", "Sorry, you are not allowed to delete this post.")
        if not force and not self.trash:
            return _error(501, "rest_trash_not_supported", "The post does not support trashing. Set 'force=true'.")
        if not force and post["status"] == "trash":
            return _error(410, "rest_already_trashed", "The post has already been deleted.")
        self.effects.append(("delete", _content_id(post), 0))
        if force:
            del self.kept[number]
            return web.json_response({"deleted": True, "previous": _post(post)})
        post |= {"status": "trash", "slug": f"{post['slug']}__trashed"}
        return web.json_response(_post(post))

    def _upload(self, request: web.Request, body: bytes) -> web.Response:
        name = re.search(r'filename="([^"]+)"', request.headers.get("Content-Disposition", ""))
        if "upload" not in self.rights:
            return _error(400, "rest_upload_sideload_error", "Sorry, you are not allowed to upload this file type.")
        if name is None:
            return _error(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
        if not body:
            return _error(400, "rest_upload_no_data", "No data supplied.")
        self.uploads += 1
        made = self.add(type="attachment", slug=self._free(name[1].partition(".")[0]), status="inherit", alt_text="")
        made["source_url"] = f"{self.origin}/wp-content/uploads/{name[1]}"
        return web.json_response(_media(made), status=201)


def _content_id(post: dict[str, Any]) -> str:
    found = _SLUG.match(post["slug"])
    text = found[1] if found else str(post["meta"].get("hub_content_id", "")).replace("-", "")
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _post(post: dict[str, Any]) -> dict[str, Any]:
    texts = {name: {"raw": post[name], "rendered": f"{post[name]}\n"} for name in ("title", "content", "excerpt")}
    return {name: post[name] for name in ("id", "slug", "status", "featured_media")} | texts | {
        "meta": post["meta"] or [],  # PHP
    }  # fmt: skip


def _media(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "slug", "source_url", "alt_text")}


def _error(status: int, code: str, message: str, **data: Any) -> web.Response:
    return web.json_response({"code": code, "message": message, "data": {"status": status, **data}}, status=status)
