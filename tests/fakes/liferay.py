"""Headless delivery of Liferay as a real server: contents by external reference code, documents, OAuth 2."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from aiohttp import web

from tests.fakes.cmsportals import CmsServer

CLIENT = "id-hub-tiep-nhan"
SITE, STRUCTURE = "20117", 34_001
_ROOT = "/o/headless-delivery/v1.0/"
_BY_CODE = re.compile(rf"sites/{SITE}/(structured-contents|blog-postings|documents)/by-external-reference-code/(\S+)")
_LISTS = {f"content-structures/{STRUCTURE}/structured-contents": "structured-contents",
          f"sites/{SITE}/blog-postings": "blog-postings"}  # fmt: skip
_DOCUMENTS = re.compile(rf"(?:sites/{SITE}|document-folders/\d+)/documents")


class LiferaySite(CmsServer):
    """A site. PUT by reference code creates or replaces; a code is unique over contents and documents."""

    def __init__(self, password: str) -> None:
        super().__init__(password)
        self.fields = {"Content", "AnhDaiDien", "NguonTin", "HubRevision"}
        self.allowed = True
        self.tokens: list[str] = []  #: handed out; the last one is good
        self.lifetime = 600
        self.languages: list[str] = []
        self._number = 40_000

    def shown(self) -> dict[str, int]:
        """Revision by content_id of what readers see, notices left out; -1 where none is kept."""
        return {one["externalReferenceCode"]: _revision(one) for one in self.contents()
                if not _text(one).startswith('<p class="hub-')}  # fmt: skip

    def contents(self) -> list[dict[str, Any]]:
        """Web content and blogs, in the order in which they were made."""
        return [one for one in self.kept.values() if one["of"] != "documents"]

    def add(self, title: str) -> dict[str, Any]:
        """What an editor made; Liferay gives it a reference code of its own."""
        return self._keep(str(uuid4()), {"of": "structured-contents", "title": title, "contentFields": []})

    def _keep(self, code: str, content: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        made = {"id": self.kept.get(code, {}).get("id", self._number), **content, "externalReferenceCode": code}
        self.kept[code] = made
        return made

    def _answer(self, request: web.Request, body: bytes) -> web.Response:
        if request.path == "/o/oauth2/token":
            form = dict(parse_qsl(body.decode()))
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, self.password):
                return web.json_response({"error": "invalid_client"}, status=401)
            self.tokens.append(f"khoa-{len(self.tokens) + 1}")
            return web.json_response(
                {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.lifetime}
            )
        if not request.path.startswith(_ROOT):
            return web.Response(status=404, text="<!doctype html><title>Not found</title>", content_type="text/html")
        token = f"Bearer {self.tokens[-1]}" if self.tokens else ""
        if not self.knows(request) and request.headers.get("Authorization", "-") != token:
            return web.Response(status=401)
        if not self.allowed:
            return web.json_response({}, status=403)
        self.languages.append(request.headers.get("Accept-Language", ""))
        path = request.path.removeprefix(_ROOT)
        if found := _BY_CODE.fullmatch(path):
            return self._by_code(request.method, found[1], found[2], body)
        if path in _LISTS and request.method == "GET":
            return self._list(_LISTS[path], request)
        if _DOCUMENTS.fullmatch(path) and request.method == "POST":
            return self._upload(request, body)
        return _error(404, "NOT_FOUND")

    def _by_code(self, method: str, of: str, code: str, body: bytes) -> web.Response:
        one = (self.seen if method == "GET" else self.kept).get(code)
        if one is not None and one["of"] != of:
            return _error(409, "CONFLICT", "Duplicate external reference code")
        match method:
            case "GET":
                return _error(404, "NOT_FOUND", f"No entry exists with {code}") if one is None else _content(one)
            case "DELETE":
                if one is None:
                    return _error(404, "NOT_FOUND")
                del self.kept[code]
                self.effects.append(("delete", code, 0))
                return web.Response(status=204)
        return self._put(of, code, json.loads(body))

    def _put(self, of: str, code: str, content: dict[str, Any]) -> web.Response:
        if of == "structured-contents":
            if content.get("contentStructureId") != STRUCTURE or not content.get("title"):
                return _error(400, "BAD_REQUEST", "contentStructureId")
            for field in content["contentFields"]:
                if field["name"] not in self.fields:
                    return _error(400, "BAD_REQUEST", f"Unable to find the content structure field {field['name']}")
                image = field["contentFieldValue"].get("image")
                if image and not self._has_document(image["id"]):
                    return _error(404, "NOT_FOUND", "No FileEntry exists with the key")
        elif not content.get("headline") or not content.get("articleBody"):
            return _error(400, "BAD_REQUEST", "headline")
        elif "image" in content and not self._has_document(content["image"]["imageId"]):
            return _error(404, "NOT_FOUND", "No FileEntry exists with the key")
        made = self._keep(code, {"of": of} | content)
        self.effects.append(("put", code, _revision(made)))
        return _content(made)

    def _has_document(self, id: int) -> bool:
        return any(one["of"] == "documents" and one["id"] == id for one in self.kept.values())

    def _list(self, of: str, request: web.Request) -> web.Response:
        size = int(request.query["pageSize"])
        found = [one for one in self.seen.values() if one["of"] == of]
        last = max(1, -(-len(found) // size))
        number = min(int(request.query.get("page", "1")), last)
        items = [_shown(one) for one in found[(number - 1) * size : number * size]]
        return web.json_response(
            {"items": items, "lastPage": last, "page": number, "pageSize": size, "totalCount": len(found)}
        )

    def _upload(self, request: web.Request, body: bytes) -> web.Response:
        boundary = request.headers.get("Content-Type", "").partition("boundary=")[2]
        parts = [part.partition(b"\r\n\r\n") for part in body.split(f"--{boundary}".encode())[1:-1]]
        named = {re.search(rb'name="(\w+)"', head)[1]: content[:-2] for head, _, content in parts}  # type: ignore[index]
        if set(named) != {b"document", b"file"}:
            return _error(400, "BAD_REQUEST", "No file found in body")
        document = json.loads(named[b"document"])
        code = document["externalReferenceCode"]
        if code in self.kept:
            return _error(409, "CONFLICT", "Duplicate external reference code")
        self.uploads += 1
        address = f"/documents/d/guest/{document['title']}"
        return _content(
            self._keep(code, {"of": "documents", "contentUrl": address, "size": len(named[b"file"])} | document)
        )


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in ("of", "viewableBy", "taxonomyCategoryIds")}


def _content(one: dict[str, Any]) -> web.Response:
    return web.json_response(_shown(one))


def _fields(one: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field["contentFieldValue"] for field in one.get("contentFields", [])}


def _text(one: dict[str, Any]) -> str:
    return str(one.get("articleBody") or _fields(one).get("Content", {}).get("data", ""))


def _revision(one: dict[str, Any]) -> int:
    customs = {field["name"]: field["customValue"] for field in one.get("customFields", [])}
    return int((_fields(one) | customs).get("HubRevision", {}).get("data", -1))


def _error(status: int, name: str, title: str = "") -> web.Response:
    return web.json_response({"status": name, "title": title}, status=status)
