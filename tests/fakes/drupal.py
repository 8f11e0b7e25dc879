"""JSON:API of Drupal as a real server, as core/modules/jsonapi answers: nodes, files, media."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from aiohttp import web

from tests.fakes.cmsportals import CmsServer

MEDIA_TYPE = "application/vnd.api+json"
_FIELDS = {"title", "body", "status", "langcode", "created", "field_hub_revision", "field_nguon", "field_tom_tat",
           "moderation_state"}  # fmt: skip
_REFERENCES = {"field_image", "field_tags", "field_media_image"}


class DrupalSite(CmsServer):
    """A site with one type of nodes. Clients give nodes their UUIDs; a second POST of one is a conflict."""

    def __init__(self, password: str) -> None:
        super().__init__(password)
        self.read_only = False
        self.forbidden: set[str] = set()  #: fields that this account may not write
        self.formats = {"basic_html"}
        self.hidden: set[str] = set()  #: ids that this account may not see
        self._number = 0

    def shown(self) -> dict[str, int]:
        """Revision by content_id of what readers see, notices left out; -1 where none is kept."""
        return {
            node["id"]: node["attributes"].get("field_hub_revision") or -1 for node in self.nodes()
            if node["attributes"]["status"] and not node["attributes"]["body"]["value"].startswith('<p class="hub-')
        }  # fmt: skip

    def nodes(self) -> list[dict[str, Any]]:
        """All nodes, in the order in which they were made."""
        return [one for one in self.kept.values() if one["type"] == "node--article"]

    def add(self, title: str, id: str = "") -> dict[str, Any]:
        """What an editor made."""
        made = {"type": "node--article", "id": id or str(uuid4()), "relationships": {},
                "attributes": {"title": title, "status": True, "body": {"value": "<p>Bài riêng</p>"}}}  # fmt: skip
        self.kept[made["id"]] = made
        return made

    def _answer(self, request: web.Request, body: bytes) -> web.Response:
        if not request.path.startswith("/jsonapi/"):
            return web.Response(
                status=404, text="<!doctype html><title>Page not found</title>", content_type="text/html"
            )
        if not self.knows(request):
            return _error(401, "No authentication credentials provided.")
        if self.read_only and request.method != "GET":
            return _error(405, "JSON:API is configured to accept only read operations.")
        parts = request.path.removeprefix("/jsonapi/").split("/")
        match request.method, parts:
            case "GET", ["node", "article"]:
                return self._list(request)
            case "GET", ["file", "file"]:
                name = request.query.get("filter[filename]")
                return _document([one for one in self.kept.values() if one["attributes"].get("filename") == name])
            case "GET", [_, _, id]:
                return self._get(id)
            case "POST", ["node", "article", field] | ["media", "image", field]:
                return self._file(request, body, field)
            case "POST", ["node", "article"] | ["media", "image"]:
                return self._create(request, body, f"{parts[0]}--{parts[1]}")
            case "PATCH", ["node", "article", id]:
                return self._change(request, body, id)
            case "DELETE", ["node", "article", id]:
                if id not in self.kept:
                    return _error(404, "The requested resource was not found.")
                del self.kept[id]
                self.effects.append(("delete", id, 0))
                return web.Response(status=204)
        return _error(404, "No route found.")

    def _list(self, request: web.Request) -> web.Response:
        query = dict(parse_qsl(request.query_string))
        limit, offset = int(query.get("page[limit]", "50")), int(query.get("page[offset]", "0"))
        if limit > 50:
            return _error(400, "The page limit is too large.")
        nodes = [one for one in self.seen.values() if one["type"] == "node--article"]
        if query.get("filter[ours][condition][operator]") == "IS NOT NULL":
            path = query["filter[ours][condition][path]"]
            nodes = [one for one in nodes if one["attributes"].get(path) is not None]
        page = nodes[offset : offset + limit]
        links = {"self": {"href": str(request.url)}}
        if len(nodes) > offset + limit:
            links["next"] = {"href": "http://proxy.noi-bo/jsonapi/node/article?page[offset]=50"}
        meta = {"omitted": {"detail": "Some resources have been omitted."}} if self.hidden else {}
        return _document([one for one in page if one["id"] not in self.hidden], links=links, meta=meta)

    def _get(self, id: str) -> web.Response:
        if id in self.hidden:
            return _error(403, "The current user is not allowed to GET the selected resource.", "/data")
        one = self.seen.get(id)
        if one is None:
            return _error(404, 'The "entity" parameter was not converted for the path.')
        target = one["relationships"].get("field_media_image", {}).get("data", {}).get("id")
        return _document(one, included=[self.kept[target]] if target else [])

    def _create(self, request: web.Request, body: bytes, kind: str) -> web.Response:
        resource, refused = self._resource(request, body, kind)
        if refused is not None:
            return refused
        id = resource.get("id") or str(uuid4())
        if id in self.kept:
            return _error(409, "Conflict: Entity already exists.")
        made = {"type": kind, "id": id, "attributes": {"status": True} | resource.get("attributes", {}),
                "relationships": resource.get("relationships", {})}  # fmt: skip
        self.kept[id] = made
        self._note(made)
        return _document(made, status=201)

    def _change(self, request: web.Request, body: bytes, id: str) -> web.Response:
        if id not in self.kept:
            return _error(404, "The requested resource was not found.")
        resource, refused = self._resource(request, body, "node--article")
        if refused is not None:
            return refused
        if resource.get("id") != id:
            return _error(400, "The selected entity does not match the ID in the payload.")
        node = self.kept[id]
        node["attributes"] |= resource.get("attributes", {})
        node["relationships"] |= resource.get("relationships", {})
        self._note(node)
        return _document(node)

    def _note(self, node: dict[str, Any]) -> None:
        if not node["type"].startswith("node"):
            return
        state = node["attributes"].get("moderation_state")
        if state:
            node["attributes"]["status"] = state == "published"
        revision = node["attributes"].get("field_hub_revision") or -1
        self.effects.append(
            ("put", node["id"], revision) if node["attributes"]["status"] else ("delete", node["id"], 0)
        )

    def _resource(self, request: web.Request, body: bytes, kind: str) -> tuple[dict[str, Any], web.Response | None]:
        if request.headers.get("Content-Type") != MEDIA_TYPE:
            return {}, _error(415, 'No route found that matches "Content-Type".')
        resource: dict[str, Any] = json.loads(body)["data"]
        if resource["type"] != kind:
            return {}, _error(409, "The provided type does not match.")
        if "id" in resource:
            UUID(resource["id"])
        if kind.startswith("node"):
            for field in resource.get("attributes", {}):
                if field in self.forbidden:
                    detail = f"The current user is not allowed to POST the selected field ({field})."
                    return {}, _error(403, detail, f"/data/attributes/{field}")
                if field not in _FIELDS:
                    return {}, _error(422, f"The attribute {field} does not exist on the node--article resource type.")
            text = resource.get("attributes", {}).get("body")
            if text and text.get("format") not in self.formats:
                return {}, _error(422, "body.0.format: The value you selected is not a valid choice.",
                                  "/data/attributes/body/format")  # fmt: skip
            if len(resource.get("attributes", {}).get("title", "")) > 255:
                return {}, _error(422, "title: may not be longer than 255 characters.", "/data/attributes/title")
            for field, value in resource.get("relationships", {}).items():
                targets = value["data"] if isinstance(value["data"], list) else [value["data"]]
                missing = [
                    one for one in targets if one and "taxonomy" not in one["type"] and one["id"] not in self.kept
                ]
                if field not in _REFERENCES or missing:
                    return {}, _error(422, "The referenced entity does not exist.", f"/data/relationships/{field}")
        return resource, None

    def _file(self, request: web.Request, body: bytes, field: str) -> web.Response:
        name = re.search(r'file; filename="([^"]+)"', request.headers.get("Content-Disposition", ""))
        if name is None or request.headers.get("Content-Type") != "application/octet-stream":
            return _error(400, '"Content-Disposition" header is required.')
        if field in self.forbidden:
            return _error(403, "The current user is not permitted to upload a file for this field.")
        self.uploads += 1
        uri = {"value": f"public://{name[1]}", "url": f"/sites/default/files/{name[1]}"}
        made = {"type": "file--file", "id": str(uuid4()), "relationships": {},
                "attributes": {"filename": name[1], "uri": uri, "filesize": len(body)}}  # fmt: skip
        self.kept[made["id"]] = made
        return _document(made, status=201)


def _document(data: Any, status: int = 200, **more: Any) -> web.Response:
    return web.json_response(
        {"jsonapi": {"version": "1.0"}, "data": data, **more}, status=status, content_type=MEDIA_TYPE
    )


def _error(status: int, detail: str, pointer: str = "") -> web.Response:
    error = {"title": "Error", "status": str(status), "detail": detail}
    source = {"source": {"pointer": pointer}} if pointer else {}
    return web.json_response({"errors": [error | source]}, status=status, content_type=MEDIA_TYPE)
