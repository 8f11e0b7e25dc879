"""A recorded site as a real server: what it answers, how it goes wrong, and what it was asked."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from tests.contract.subjects import SiteCase
from tests.fakes.server import FakeServer, drop

_NUMBER = "{n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How one request goes wrong."""

    status: int = 0
    retry_after: str = ""
    reset: bool = False  #: the connection is dropped without an answer
    hang: bool = False  #: no answer until the server closes
    cut: bool = False  #: half of the body, and then nothing
    page: bytes = b""  #: this page with status 200 in place of the answer
    to: str = ""  #: a redirect


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came, and how it was answered."""

    path: str  #: with query, decoded: as in the case
    headers: Mapping[str, str] = field(repr=False)
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    etag: str = ""


class Recorded(FakeServer):
    """The site of one case. Every body has an ETag, and a matching conditional GET gets 304, unless told otherwise."""

    def __init__(self, case: SiteCase, *, frozen: bool = True) -> None:
        """`frozen`: it stays as it was at the first request, else answers follow each other as recorded."""
        super().__init__()
        self.case = case
        self.asked: list[Asked] = []
        self.trouble: dict[int, Trouble] = {}  #: by number of the request, from 0 on
        self.validators = True
        self.named = ""  #: origin that bodies name; empty: our own
        self.only_first = False  #: every request gets the answer of the first one
        self._frozen = frozen
        self._turns: Counter[str] = Counter()
        self._first = ""
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    @property
    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [one.path for one in self.asked]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(status=404)
        path = unquote_plus(request.path_qs)
        trouble = self.trouble.pop(len(self.asked), None)
        found, number = self._recorded(self._first or path) if self.only_first else self._recorded(path)
        self._first = self._first or path
        needs = self.case.said.get("needs", {})
        if any(request.headers.get(name) != value for name, value in needs.items()):
            found = {"status": 401}
        if found is None:
            return self._note(path, request, web.Response(status=404, text=f"not recorded: {path}"))
        body, etag = self._body(found, number), ""
        headers = {"Content-Type": found.get("content_type") or self.case.said.get("content_type", "text/plain")}
        headers |= {name: value.replace("{site}", self.origin) for name, value in found.get("headers", {}).items()}
        if self.validators and "status" not in found:
            etag = headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        answer = web.Response(status=found.get("status", 200), body=body, headers=headers)
        if etag and request.headers.get("If-None-Match") == etag:
            answer = web.Response(status=304, headers={"ETag": etag})
        if trouble is not None:
            return await self._go_wrong(path, request, trouble, answer)
        return self._note(path, request, answer)

    def _note(self, path: str, request: web.Request, answer: web.Response) -> web.Response:
        body = answer.body if isinstance(answer.body, bytes) else b""
        self.asked.append(
            Asked(path=path, headers=dict(request.headers), status=answer.status, body=body,
                  etag=answer.headers.get("ETag", ""))
        )  # fmt: skip
        return answer

    def _recorded(self, path: str) -> tuple[dict[str, Any] | None, str]:
        """The answer to a path, and the number that stands in the place of {n}."""
        answers = self.case.said["answers"]
        for key in answers:
            wanted = re.escape(key.replace("{site}", self.origin)).replace(re.escape(_NUMBER), r"(\d+)", 1)
            if match := re.fullmatch(wanted, path):
                several = answers[key] if isinstance(answers[key], list) else [answers[key]]
                turn = 0 if self._frozen else min(self._turns[key], len(several) - 1)
                self._turns[key] += 1
                return several[turn], match[1] if match.groups() else ""
        return None, ""

    def _body(self, answer: Mapping[str, Any], number: str) -> bytes:
        if "file" in answer:
            text = (self.case.path.parent / answer["file"]).read_text("utf-8")
        elif "json" in answer:
            text = json.dumps(answer["json"], ensure_ascii=False)
        else:
            text = "\n".join(answer.get("text", []))
        if number:
            text = text.replace("{n}", number).replace("{n+1}", str(int(number) + 1))
        whole: str = text.replace("{site}", self.named or self.origin)
        return whole.encode()

    async def _go_wrong(
        self, path: str, request: web.Request, trouble: Trouble, answer: web.Response
    ) -> web.StreamResponse:  # fmt: skip
        if trouble.page:
            page = {"Content-Type": "text/html; charset=utf-8", "ETag": '"page"'}
            return self._note(path, request, web.Response(body=trouble.page, headers=page))
        if trouble.status or trouble.to:
            headers = {"Retry-After": trouble.retry_after} if trouble.retry_after else {}
            headers |= {"Location": trouble.to} if trouble.to else {}
            return self._note(path, request, web.Response(status=trouble.status, text="-", headers=headers))
        self._note(path, request, web.Response(status=500))
        if trouble.hang:
            await self.closing.wait()
        if trouble.cut and isinstance(answer.body, bytes):
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(answer.body) + 10}\r\n\r\n"
            assert request.transport is not None
            request.transport.write(head.encode() + answer.body[: len(answer.body) // 2])
            request.transport.close()
        else:
            drop(request)
        return web.Response()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What the recorded case expects of one round of polls."""

    asked: Sequence[str]
    new: Sequence[str]
    gone: Sequence[str] = ()
    unchanged: bool = False
