"""An S3-compatible store as a real server: objects by key, only for requests that are signed with its key."""

import hashlib
import re

from aiohttp import web

from tests.fakes.server import FakeServer

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/\d{8}/[^/]+/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?"
    r"Signature=[0-9a-f]{64}"
)
#: What a signature must cover, or it would not stand for this request.
_COVERED = {"host", "x-amz-content-sha256", "x-amz-date"}


class Bucket(FakeServer):
    """One bucket at `/NAME/…`; faults can be ordered as of every fake server."""

    def __init__(self, name: str, access_key: str) -> None:
        super().__init__()
        self.name, self.access_key = name, access_key
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []  #: method and key
        self.unsigned = 0  #: requests that were refused for their signature
        self.app.router.add_route("*", f"/{name}/{{key:.+}}", self._answer)
        self.app.router.add_route("POST", f"/{name}", self._answer)  # ?delete, with the keys in the body

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        key, body = request.match_info.get("key", ""), await request.read()
        self.asked.append((request.method, key))
        if not self._is_signed(request, body):
            self.unsigned += 1
            return web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
        answer = self._carry_out(request.method, key, body)
        fault = self.next_fault()
        return await self.strike(request, fault, answer) if fault else answer

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        found = _SIGNED.fullmatch(request.headers.get("Authorization", ""))
        if found is None or found[1] != self.access_key or not set(found[2].split(";")) >= _COVERED:
            return False
        return request.headers["x-amz-content-sha256"] in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD")

    def _carry_out(self, method: str, key: str, body: bytes) -> web.Response:
        if method == "PUT":
            self.objects[key] = body
            return web.Response(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})
        if method == "POST":
            keys = re.findall(r"<Key>([^<]+)</Key>", body.decode())
            for each in keys:
                self.objects.pop(each, None)
            deleted = "".join(f"<Deleted><Key>{each}</Key></Deleted>" for each in keys)
            return web.Response(text=f"<DeleteResult>{deleted}</DeleteResult>", content_type="application/xml")
        if key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        found = self.objects[key]
        headers = {"ETag": '"1"', "Last-Modified": "Fri, 20 Nov 2026 00:00:00 GMT", "Content-Length": str(len(found))}
        return web.Response(body=found, headers=headers)
