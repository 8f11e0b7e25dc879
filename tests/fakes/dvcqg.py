"""The share interface of the national base as a real server: sessions that end, rows in every shape, errors inside 200.

POST /adapter/login            {username, password}           -> {session, error_code}
POST /adapter/share            {session, madonvi, service, …} -> {error_code, result}
GET  /lgsp/LayDanhSachTTHC     and /lgsp/LayThuTuc?maTTHC=    -> {message: "<JSON as a string>"}
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.server import FakeServer, Fault, drop

USERNAME, PASSWORD, DSTCODE = "tinhmau", "mat-khau-thu", "VN:GOV:000.00.00.G22:dvcqg"
LIST, RECORD = "LayDanhSachTTHC", "LayThuTuc"


class NationalBase(FakeServer):
    """Procedures by code, as records of LayThuTuc; what was asked is in `calls`."""

    def __init__(self) -> None:
        super().__init__()
        self.procedures: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []  #: service and code, in order; a login is ("login", "")
        self.headers: list[Mapping[str, str]] = []
        self.success: object = 0  #: how success is written: 0, "0", "00"
        self.session_calls = 0  #: calls after which a session ends; 0: it never does
        self.refused: dict[str, int] = {}  #: code -> times its record is refused inside a good answer; -1: always
        self.shape: Callable[[dict[str, Any]], Any] = lambda record: [record]  #: what `result` holds
        self.fixed: dict[str, dict[str, Any]] = {}  #: service -> its answer, whatever was asked
        self.faults_of: dict[str, list[Fault]] = {}  #: code -> how its next calls go wrong
        self._session, self._left = "", 0
        self.app.router.add_post("/adapter/login", self._login)
        self.app.router.add_post("/adapter/share", self._share)
        self.app.router.add_get("/lgsp/{service}", self._lgsp)

    def publish(self, code: str, title: str = "", **fields: object) -> None:
        """Put a record into the base, or replace it."""
        self.procedures[code] = {"MATTHC": code, "TENTTHC": title or f"Thủ tục {code}", "TRANGTHAI": 1, **fields}

    def end_session(self) -> None:
        """The session that was given last is unknown from now on."""
        self._session = ""

    def asked_for(self, service: str) -> list[str]:
        """Codes for which a service was called, in order."""
        return [code for name, code in self.calls if name == service]

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self._note(request, "login", "")
        if (fault := self._fault("")) is not None:
            return await self._go_wrong(request, fault)
        said = await request.json()
        if (said.get("username"), said.get("password")) != (USERNAME, PASSWORD):
            return web.json_response({"session": "", "error_code": 1})
        if request.headers.get("dstcode") != DSTCODE:
            return web.json_response({"session": "", "error_code": 9})
        self._session, self._left = f"phien-{len(self.calls)}", self.session_calls
        return web.json_response({"session": self._session, "error_code": self.success})

    async def _share(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        service, code = said.get("service", ""), said.get("maTTHC", "")
        self._note(request, service, code)
        if (fault := self._fault(code)) is not None:
            return await self._go_wrong(request, fault)
        if not self._session or said.get("session") != self._session:
            return web.json_response({"error_code": "05", "result": None})
        answer = self._answer(service, code)
        if self.session_calls:
            self._left -= 1
            if self._left <= 0:
                self._session = ""
        return web.json_response(answer)

    async def _lgsp(self, request: web.Request) -> web.StreamResponse:
        service, code = request.match_info["service"], request.query.get("maTTHC", "")
        self._note(request, service, code)
        if (fault := self._fault(code)) is not None:
            return await self._go_wrong(request, fault)
        return web.json_response({"message": json.dumps(self._answer(service, code), ensure_ascii=False)})

    def _answer(self, service: str, code: str) -> dict[str, Any]:
        if service in self.fixed:
            return self.fixed[service]
        if service == LIST:
            rows = [{"MATTHC": one["MATTHC"], "TENTTHC": one["TENTTHC"]} for one in self.procedures.values()]
            return {"error_code": self.success, "result": rows}
        if self.refused.get(code):
            self.refused[code] -= 1
            return {"error_code": "17", "result": []}
        record = self.procedures.get(code)
        return {"error_code": self.success, "result": self.shape(record) if record else []}

    def _note(self, request: web.Request, service: str, code: str) -> None:
        self.calls.append((service, code))
        self.headers.append(dict(request.headers))

    def _fault(self, code: str) -> Fault | None:
        waiting = self.faults_of.get(code)
        if waiting:
            return waiting.pop(0)
        return self.faults.popleft() if self.faults else None

    async def _go_wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.reset:
            drop(request)
        if fault.hang:
            await self.closing.wait()
        if fault.html:
            return web.Response(text="<html><body>Service Unavailable</body></html>", content_type="text/html")
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        return web.Response(status=fault.status or 500, headers=headers)
