"""A provincial portal as a real server: fenced or not, with faults to order, and a ledger of every effect.

As a child process: `python -m tests.fakes.portal --port 0 --ledger FILE [--unfenced]` prints its address, appends every
effect to FILE as one line of JSON, takes faults by `POST /faults` and tells its ledger by `GET /ledger`.
"""

import argparse
import asyncio
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

from tests.fakes.server import FakeServer, Fault


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of what the portal shows."""

    action: str  #: put, delete
    content_id: str
    version: int
    key: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the portal holds under one id."""

    version: int
    body: dict[str, Any] | None  #: None = a tombstone


class Portal(FakeServer):
    """The portal protocol. `fenced` refuses versions older than what it holds; without it the last write wins."""

    def __init__(
        self, *, fenced: bool = True, token: str = "", version_field: str = "revision", ledger: TextIO | None = None
    ) -> None:
        super().__init__()
        self.fenced = fenced
        self.held: dict[str, Held] = {}
        self.effects: list[Effect] = []
        self.requests: list[tuple[str, str]] = []  #: method and idempotency key of all that came
        self.arrived = asyncio.Event()
        self._token = token
        self._version_field = version_field
        self._ledger = ledger
        add = self.app.router.add_route
        add("PUT", "/portal/items/{id}", self._handle)
        add("DELETE", "/portal/items/{id}", self._handle)
        add("GET", "/portal/items/{id}", self._handle)
        add("GET", "/portal/items", self._handle)
        add("GET", "/ledger", self._tell)
        add("POST", "/faults", self._order)

    @property
    def base_url(self) -> str:
        """What settings.toml calls `base_url`."""
        return f"{self.origin}/portal"

    def shown(self) -> dict[str, int]:
        """What a visitor sees: version by id."""
        return {content_id: held.version for content_id, held in self.held.items() if held.body is not None}

    def doubled(self) -> list[tuple[str, int]]:
        """Ids and versions that took effect more than once."""
        seen = Counter((effect.content_id, effect.version) for effect in self.effects)
        return [pair for pair, times in seen.items() if times > 1]

    def stale(self) -> list[Effect]:
        """Effects that put something older over something newer."""
        newest: dict[str, int] = {}
        late = []
        for effect in self.effects:
            if effect.version < newest.get(effect.content_id, 0):
                late.append(effect)
            newest[effect.content_id] = max(effect.version, newest.get(effect.content_id, 0))
        return late

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.method, request.headers.get("Idempotency-Key", "")))
        self.arrived.set()
        fault = self.next_fault()
        if fault is None:
            return self._act(request, body)
        if fault.wait is not None:
            await fault.wait.wait()
        spared = not (fault.status or fault.reset or fault.hang or fault.html)
        answer = self._act(request, body) if fault.committed or spared else web.Response()
        return await self.strike(request, fault, answer)

    def _act(self, request: web.Request, body: bytes) -> web.Response:
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.json_response({"error": "token"}, status=401)
        content_id = request.match_info.get("id", "")
        match request.method:
            case "GET" if content_id:
                return self._show(content_id)
            case "GET":
                return web.json_response([self._entry(content_id) for content_id in self.held])
            case "DELETE":
                version = request.headers.get("X-Version", "")
                if not version.isdigit():
                    return web.json_response({"error": "X-Version"}, status=400)
                return self._change(request, content_id, int(version), None)
        try:
            item = json.loads(body)
            version = item[self._version_field]
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "body"}, status=422)
        if item.get("content_id") != content_id or not isinstance(version, int) or not item.get("title"):
            return web.json_response({"error": "fields"}, status=422)
        return self._change(request, content_id, version, item)

    def _change(self, request: web.Request, content_id: str, version: int, item: dict[str, Any] | None) -> web.Response:
        held = self.held.get(content_id)
        if self.fenced and held is not None and version <= held.version:
            repeated = version == held.version and (held.body is None) == (item is None)
            return web.json_response(self._entry(content_id), status=200 if repeated else 409)
        if item is None and not self.fenced and held is None:
            return web.json_response({"error": "unknown"}, status=404)
        if item is None and not self.fenced:
            del self.held[content_id]
        else:
            self.held[content_id] = Held(version, item)
        key = request.headers.get("Idempotency-Key", "")
        action = "delete" if item is None else "put"
        self._note(Effect(action, content_id, version, key, item.get("title", "") if item else ""))
        return web.json_response({"id": content_id, "version": version}, status=201 if held is None else 200)

    def _note(self, effect: Effect) -> None:
        self.effects.append(effect)
        if self._ledger is not None:
            self._ledger.write(json.dumps(asdict(effect), ensure_ascii=False) + "\n")
            self._ledger.flush()

    def _entry(self, content_id: str) -> dict[str, Any]:
        held = self.held[content_id]
        return {"id": content_id, "version": held.version} | ({"withdrawn": True} if held.body is None else {})

    def _show(self, content_id: str) -> web.Response:
        held = self.held.get(content_id)
        if held is None:
            return web.json_response({"error": "unknown"}, status=404)
        return web.json_response(self._entry(content_id), status=410 if held.body is None else 200)

    async def _tell(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"effects": [asdict(effect) for effect in self.effects], "shown": self.shown(),
             "doubled": self.doubled(), "stale": [asdict(effect) for effect in self.stale()]}
        )  # fmt: skip

    async def _order(self, request: web.Request) -> web.Response:
        self.fail_next(*(Fault(**fault) for fault in await request.json()))
        return web.Response(status=204)


async def _serve(options: argparse.Namespace, ledger: TextIO) -> None:
    portal = Portal(fenced=not options.unfenced, token=options.token, ledger=ledger)
    await portal.start(options.port)
    print(portal.base_url, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await portal.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--unfenced", action="store_true")
    arguments = parser.parse_args()
    with Path(arguments.ledger).open("a", encoding="utf-8") as file:
        asyncio.run(_serve(arguments, file))
