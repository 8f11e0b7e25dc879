"""A document exchange axis as a real server: signed calls, messages that wait until they are acknowledged, a ledger.

POST /VXP/{method}, parameters in headers XroadVnpt-*; errors come with HTTP 200, status FAIL and an ErrorCode. Whoever
asks is known by system and secret. What is sent to an organisation waits for it as `edoc`, or as `status`.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from connectors.parse import edxml
from tests.fakes.server import FakeServer, Fault

SYSTEM, SECRET = "000.00.01.H52", "khoa-cua-so"
PREFIX = "XroadVnpt-"
#: What one gateway takes, in bytes.
LARGEST = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lying:
    """A message at the axis."""

    doc_id: str
    kind: str  #: edoc, status
    sender: str
    receivers: tuple[str, ...]
    body: bytes


class FakeAxis(FakeServer):
    """An axis for one system, and for everybody who writes to it."""

    def __init__(self, secret: str = SECRET) -> None:
        super().__init__()
        self.secret = secret
        self.waiting: dict[str, Lying] = {}  #: what was received for the system, by docId
        self.sent: dict[str, Lying] = {}  #: what the system sent, in order
        self._listed: dict[str, list[dict[str, str]]] = {}  #: the rows of each, made when they are first asked for
        self.done: set[str] = set()  #: acknowledged
        self.forgetful = False  #: shows what was acknowledged as if it had not been
        self.shows_done = False  #: shows it with its state
        self.mute = False  #: gives no sent message back
        self.unshown: set[str] = set()  #: sent messages that it does not give back
        self.codes: dict[str, str] = {}  #: method -> ErrorCode of its next calls
        self.largest = LARGEST
        self.calls: list[tuple[str, str]] = []  #: method and docId or messagetype, in order
        self.headers: list[Mapping[str, str]] = []
        self.faults_of: dict[str, list[Fault]] = {}  #: method -> how its next calls go wrong
        self.arrived = asyncio.Event()
        self._count = 0
        self.app.router.add_post("/VXP/{method}", self._handle)

    @property
    def url(self) -> str:
        """What settings.toml calls `url`."""
        return f"{self.origin}/VXP"

    def account(self, **more: Any) -> dict[str, Any]:
        """What settings.toml calls `account`."""
        return {"system_id": SYSTEM, "secret": self.secret, **more}

    def receive(self, body: bytes, *, kind: str = "edoc", doc_id: str = "") -> str:
        """Let a message wait for the system; returns its identity at the axis."""
        lying = Lying(doc_id or self._next(), kind, "000.00.00.G22", (SYSTEM,), body)
        self.waiting[lying.doc_id] = lying
        return lying.doc_id

    def messages(self) -> list[edxml.Message]:
        """What the system sent, read."""
        read = [edxml.parse(one.body) for one in self.sent.values()]
        return [one for one in read if isinstance(one, edxml.Message)]

    def asked(self, method: str) -> list[str]:
        """What a method was asked for, in order."""
        return [what for name, what in self.calls if name == method]

    def _next(self) -> str:
        self._count += 1
        return f"vxp-{self._count:04}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        method = request.match_info["method"]
        said = {name[len(PREFIX) :]: text for name, text in request.headers.items() if name.startswith(PREFIX)}
        self.calls.append((method, said.get("docId") or said.get("messagetype", "")))
        self.headers.append(request.headers)
        self.arrived.set()
        waiting = self.faults_of.get(method)
        fault = waiting.pop(0) if waiting else self.next_fault()
        if fault is None:
            return self._act(method, said, body)
        if fault.wait is not None:
            await fault.wait.wait()
        spared = not (fault.status or fault.reset or fault.hang or fault.html)
        answer = self._act(method, said, body) if fault.committed or spared else web.Response()
        return await self.strike(request, fault, answer)

    def _act(self, method: str, said: Mapping[str, str], body: bytes) -> web.Response:
        if not self._is_signed(said):
            return _fail("401")
        if code := self.codes.pop(method, ""):
            return _fail(code)
        match method:
            case "getReceivedEdocList":
                return _ok(data=[self._row(one) for one in self.waiting.values() if self._is_shown(one, said)])
            case "getSentEdocList":
                return _ok(data=[row for one in self.sent.values() for row in self._sent(one)])
            case "getEdoc":
                kept = {} if self.mute or said["docId"] in self.unshown else self.sent
                found = self.waiting.get(said["docId"]) or kept.get(said["docId"])
                return _ok(data=base64.b64encode(found.body).decode()) if found else _fail("17")
            case "updateStatus":
                known = said["docId"] in self.waiting
                self.done |= {said["docId"]} if known and said["status"] == "done" else set()
                return _ok() if known else _fail("17")
            case "sendEdoc":
                return self._take(said, body)
        return _fail("404")

    def _sent(self, one: Lying) -> list[dict[str, str]]:
        if one.doc_id not in self._listed:
            self._listed[one.doc_id] = _sent_rows(one)
        return self._listed[one.doc_id]

    def _take(self, said: Mapping[str, str], body: bytes) -> web.Response:
        if len(body) > self.largest:
            return _fail("413")
        if said.get("hash-file") != "".join(f"{byte:x}" for byte in hashlib.sha256(body).digest()):
            return _fail("hash")
        lying = Lying(self._next(), said["messagetype"], said["from"], tuple(json.loads(said["to"])), body)
        self.sent[lying.doc_id] = lying
        return _ok(DocId=lying.doc_id)

    def _is_signed(self, said: Mapping[str, str]) -> bool:
        text = said.get("sign-header", "")
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        signed = json.loads(text or "{}")
        named = all(signed.get(PREFIX + name) == said.get(name) for name in said.get("sign-header-key", "").split(";"))
        return hmac.compare_digest(digest, said.get("hash-header", "")) and named and said.get("systemid") == SYSTEM

    def _is_shown(self, one: Lying, said: Mapping[str, str]) -> bool:
        return one.kind == said["messagetype"] and (self.forgetful or self.shows_done or one.doc_id not in self.done)

    def _row(self, one: Lying) -> dict[str, str]:
        return {
            "docId": one.doc_id, "serviceType": "eDoc", "messageType": one.kind, "from": one.sender, "to": SYSTEM,
            "status": "done" if self.shows_done and one.doc_id in self.done else "initial",
            "created_time": "2026-11-20 09:00:00",
        }  # fmt: skip


def _sent_rows(one: Lying) -> list[dict[str, str]]:
    """A row for each receiver, as the axis shows what was sent: by number and subject, not by DocumentId."""
    message = edxml.parse(one.body)
    assert isinstance(message, edxml.Message)
    code, subject = message.header.code, message.header.subject
    return [
        {"senderDocId": one.doc_id, "receiverDocId": f"{one.doc_id}-{receiver}", "toCode": receiver,
         "fromCode": one.sender, "notation": f"{code.number}/{code.notation}", "title": subject, "messageType": "edoc",
         "serviceType": "eDoc", "sendStatus": "done", "receiveStatus": "initial"}
        for receiver in one.receivers
    ]  # fmt: skip


def _ok(**more: Any) -> web.Response:
    return web.json_response({"status": "OK", "ErrorCode": "0", "ErrorDesc": "Success", **more})


def _fail(code: str) -> web.Response:
    return web.json_response({"status": "FAIL", "ErrorCode": code, "ErrorDesc": "Khong thanh cong", "DocId": ""})
