"""A Telegram channel behind the Bot API: messages, photos, edits, deletions within 48 hours, and its refusals.

As in the real one the token stands in the path, numbers of a chat rise, markup is read strictly, lengths are counted
in UTF-16 units after that, and a bot can only edit what it sent itself.
"""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.fakes.server import FakeServer, Fault

CHANNEL = "@tinhmau"
#: The chat that only operators are in.
OPERATORS = "-1009876543210"

_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler", "a"}
_MARKUP = re.compile(r"<(/?)([a-z-]*)([^<>]*)>|&(#?\w*);?|[<>]", re.IGNORECASE)
_ENTITIES = {"lt", "gt", "amp", "quot"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REVISION = re.compile(r"\(bản (\d+)\)")
_WRITES = ("sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "deleteMessage")


@dataclass(slots=True, kw_only=True)
class Posted:
    """One message."""

    id: int
    text: str  #: as readers see it
    markup: str  #: as it was sent
    photo: bytes = b""
    at: datetime
    ours: bool = True  #: this bot sent it
    preview: str = ""


class ChannelRefusal(Exception):
    """An answer with ok false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.body = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class TelegramChannel(FakeServer):
    """One channel, and the chat of its operators."""

    def __init__(self, token: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.weather: Callable[[], Fault | None] = lambda: None  #: faults of calls for which none was ordered
        self.underway = 0  #: calls that are being answered
        self.token, self.now = token, now
        self.messages: dict[int, Posted] = {}
        self.copies: dict[int, Posted] = {}  #: in the chat of the operators
        self.forwarded = 0
        self.rights = {"post", "edit", "delete"}
        self.protected = False  #: the channel forbids to forward
        self.takes_photos = True
        self.refuse: ChannelRefusal | None = None  #: said to every call
        self.told_until: datetime | None = None  #: a wait that was told
        self.calls: list[str] = []
        self.too_early = 0  #: calls within a told wait
        self.effects: list[tuple[str, str, int]] = []
        self._next = 1
        self.pictures: dict[str, bytes] = {}  #: what the site of a member has, by name
        self.app.router.add_post("/{bot}/{method}", self._called)
        self.app.router.add_get("/anh/{name}", self._picture)

    # ------------------------------------------------------------------------------------------- for tests

    def shown(self) -> dict[str, int]:
        """Revision by content_id, as a reader sees it."""
        found = {}
        for message in self.messages.values():
            if one := _uuid(message.text):
                found[one] = _revision(message.text)
        return found

    def posted(self) -> list[Posted]:
        """The messages of the channel, in order."""
        return [self.messages[id] for id in sorted(self.messages)]

    def by_hand(self, text: str = "Chào mừng bạn đến với kênh") -> Posted:
        """Somebody else posts."""
        return self._keep(text, html.escape(text), ours=False)

    def remove_by_hand(self, id: int) -> None:
        """Somebody deletes a message."""
        del self.messages[id]

    def throttle(self, seconds: int) -> None:
        """Answer 429 for so long."""
        self.told_until = self.now() + timedelta(seconds=seconds)

    # -------------------------------------------------------------------------------------------- requests

    async def _picture(self, request: web.Request) -> web.Response:
        body = self.pictures.get(request.match_info["name"])
        return web.Response(body=body, content_type="image/jpeg") if body else web.Response(status=404)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        self.underway += 1
        try:
            return await self._handled(request)
        finally:
            self.underway -= 1

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        method, fields, photo = request.match_info["method"], *await _fields(request)
        self.calls.append(method)
        fault = (self.next_fault() or self.weather()) if method in _WRITES else None
        if fault is None:
            return self._answer(request.match_info["bot"], method, fields, photo)
        if fault.wait is not None:
            await fault.wait.wait()
        answer = web.json_response({})
        if fault.committed or fault.wait is not None:
            answer = self._answer(request.match_info["bot"], method, fields, photo)
        return await self.strike(request, fault, answer)

    def _answer(self, bot: str, method: str, fields: dict[str, Any], photo: bytes) -> web.Response:
        try:
            if bot != f"bot{self.token}":
                raise ChannelRefusal(401, "Unauthorized")
            if self.told_until is not None and self.now() < self.told_until:
                self.too_early += 1
                left = int((self.told_until - self.now()).total_seconds())
                raise ChannelRefusal(429, f"Too Many Requests: retry after {left}", retry_after=left)
            if self.refuse is not None:
                raise self.refuse
            result = self._done(method, fields, photo)
        except ChannelRefusal as refusal:
            return web.json_response(refusal.body, status=int(str(refusal.body["error_code"])))
        return web.json_response({"ok": True, "result": result})

    def _done(self, method: str, fields: dict[str, Any], photo: bytes) -> Any:
        chat = fields.get("chat_id")
        if method == "deleteMessage" and chat == OPERATORS:
            return bool(self.copies.pop(fields["message_id"], None))
        if chat not in (CHANNEL, OPERATORS):
            raise ChannelRefusal(400, "Bad Request: chat not found")
        match method:
            case "sendMessage":
                return self._send(fields, "text", 4_096, b"")
            case "sendPhoto":
                if not photo or not self.takes_photos:
                    raise ChannelRefusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
                return self._send(fields, "caption", 1_024, photo)
            case "editMessageText":
                return self._edit(fields, "text", 4_096)
            case "editMessageCaption":
                return self._edit(fields, "caption", 1_024)
            case "deleteMessage":
                return self._delete(fields["message_id"])
            case "forwardMessage":
                return self._forward(fields)
        raise ChannelRefusal(404, "Not Found: method not found")

    def _send(self, fields: dict[str, Any], field: str, limit: int, photo: bytes) -> dict[str, Any]:
        self._may("post", "need administrator rights in the channel chat")
        text = _read(fields, field, limit)
        message = self._keep(text, fields[field], photo=photo, preview=fields.get("link_preview_options", {}))
        self._note("put", text)
        return _shown(message)

    def _edit(self, fields: dict[str, Any], field: str, limit: int) -> dict[str, Any]:
        self._may("edit", "not enough rights to edit messages in the chat")
        message = self.messages.get(fields["message_id"])
        if message is None:
            raise ChannelRefusal(400, "Bad Request: message to edit not found")
        if not message.ours:
            raise ChannelRefusal(400, "Bad Request: message can't be edited")
        if bool(message.photo) != (field == "caption"):
            raise ChannelRefusal(400, f"Bad Request: there is no {field} in the message to edit")
        text = _read(fields, field, limit)
        if text == message.text:
            raise ChannelRefusal(400, "Bad Request: message is not modified: specified new message content is the same")
        gone = _uuid(message.text) if not _uuid(text) else ""
        message.text, message.markup = text, fields[field]
        message.preview = fields.get("link_preview_options", {}).get("url", "")
        if gone:
            self.effects.append(("delete", gone, 0))
        else:
            self._note("put", text)
        return _shown(message)

    def _delete(self, id: int) -> bool:
        self._may("delete", "not enough rights to delete messages in the chat")
        message = self.messages.get(id)
        if message is None:
            raise ChannelRefusal(400, "Bad Request: message to delete not found")
        if self.now() - message.at > timedelta(hours=48):
            raise ChannelRefusal(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[id]
        self.effects.append(("delete", _uuid(message.text), 0))
        return True

    def _forward(self, fields: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get(fields["message_id"]) if fields["from_chat_id"] == CHANNEL else None
        if message is None:
            raise ChannelRefusal(400, "Bad Request: message to forward not found")
        if self.protected:
            raise ChannelRefusal(400, "Bad Request: message can't be forwarded")
        self.forwarded += 1
        copy = Posted(id=1_000 + self.forwarded, text=message.text, markup="", photo=message.photo, at=self.now())
        self.copies[copy.id] = copy
        return _shown(copy)

    def _may(self, right: str, words: str) -> None:
        if right not in self.rights:
            raise ChannelRefusal(400, f"Bad Request: {words}")

    def _keep(self, text: str, markup: str, *, photo: bytes = b"", ours: bool = True, preview: Any = None) -> Posted:
        made = Posted(
            id=self._next, text=text, markup=markup, photo=photo, at=self.now(), ours=ours,
            preview=(preview or {}).get("url", ""),
        )  # fmt: skip
        self._next += 1
        self.messages[made.id] = made
        return made

    def _note(self, action: str, text: str) -> None:
        self.effects.append((action, _uuid(text), _revision(text)))


async def _fields(request: web.Request) -> tuple[dict[str, Any], bytes]:
    if request.content_type == "application/json":
        return await request.json(), b""
    form = await request.post()
    fields: dict[str, Any] = {}
    photo = b""
    for name, value in form.items():
        if isinstance(value, web.FileField):
            photo = value.file.read()
        else:
            assert isinstance(value, str)
            fields[name] = json.loads(value) if value in ("true", "false") or value[:1] == "{" else value
    return fields, photo


def _read(fields: dict[str, Any], field: str, limit: int) -> str:
    markup = fields.get(field, "")
    if fields.get("parse_mode") != "HTML":
        raise ChannelRefusal(400, "Bad Request: unsupported parse_mode")
    text = _parsed(markup).strip()
    if not text:
        raise ChannelRefusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > limit:
        raise ChannelRefusal(400, "Bad Request: message is too long")
    return text


def _parsed(markup: str) -> str:
    """The text of a message; anything that Telegram would not read is refused."""
    opened: list[str] = []

    def one(found: re.Match[str]) -> str:
        closes, tag, attributes, entity = found.groups()
        if entity is not None:
            if entity not in _ENTITIES:
                raise ChannelRefusal(400, f"Bad Request: can't parse entities: unsupported entity {entity}")
            return html.unescape(found[0])
        if tag not in _TAGS or (attributes and tag != "a") or (closes and (not opened or opened.pop() != tag)):
            raise ChannelRefusal(400, f"Bad Request: can't parse entities: unsupported start tag {tag!r}")
        if not closes:
            opened.append(tag)
        return ""

    text = _MARKUP.sub(one, markup)
    if opened:
        raise ChannelRefusal(400, "Bad Request: can't parse entities: can't find end tag")
    return text


def _shown(message: Posted) -> dict[str, Any]:
    field = "caption" if message.photo else "text"
    return {"message_id": message.id, "date": int(message.at.timestamp()), field: message.text}


def _uuid(text: str) -> str:
    found = _UUID.search(text)
    return found[0] if found else ""


def _revision(text: str) -> int:
    found = _REVISION.search(text)
    return int(found[1]) if found else 0
