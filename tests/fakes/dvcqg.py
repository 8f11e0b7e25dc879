"""The share interface of the national base as a real server: sessions that end, rows in every shape, errors inside 200.

POST /adapter/login            {username, password}           -> {session, error_code}
POST /adapter/share            {session, madonvi, service, …} -> {error_code, result}
POST /adapter/integrate        {session, …, data: [record, …]} -> {error_code, result: [{MATTHC, error_code, message}]}
GET  /lgsp/LayDanhSachTTHC     and /lgsp/LayThuTuc?maTTHC=    -> {message: "<JSON as a string>"}
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.server import FakeServer, Fault, drop

USERNAME, PASSWORD, DSTCODE = "tinhmau", "mat-khau-thu", "VN:GOV:000.00.00.G22:dvcqg"
LIST, RECORD = "LayDanhSachTTHC", "LayThuTuc"
PUBLISH, WITHDRAW = "CongBoTTHC", "HuyCongBoTTHC"


@dataclass(frozen=True, slots=True)
class Effect:
    """One record that was written."""

    action: str  #: put, delete
    code: str
    record: Mapping[str, Any]


class NationalBase(FakeServer):
    """Procedures by code, as records of LayThuTuc; what was asked is in `calls`."""

    asked_by = "maTTHC"  #: parameter of one record
    known_by = "MATTHC"  #: field by which results of rows are known

    def __init__(self, password: str = PASSWORD) -> None:
        super().__init__()
        self._password = password
        self.procedures: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []  #: service and code, in order; a login is ("login", "")
        self.headers: list[Mapping[str, str]] = []
        self.success: object = 0  #: how success is written: 0, "0", "00"
        self.session_calls = 0  #: calls after which a session ends; 0: it never does
        self.refused: dict[str, int] = {}  #: code -> times its record is refused inside a good answer; -1: always
        self.shape: Callable[[dict[str, Any]], Any] = lambda record: [record]  #: what `result` holds
        self.fixed: dict[str, dict[str, Any]] = {}  #: service -> its answer, whatever was asked
        self.faults_of: dict[str, list[Fault]] = {}  #: code -> how its next calls go wrong
        self.effects: list[Effect] = []
        self.batches: list[list[str]] = []  #: codes of the rows of each call that was taken
        self.row_errors: dict[str, tuple[object, str]] = {}  #: code -> error code and message of its row
        self.silent: set[str] = set()  #: codes whose rows are written and get no result
        self.refused_calls: Callable[[list[str]], bool] = lambda codes: False  #: calls that are refused as a whole
        self.row_shape: Callable[[list[dict[str, Any]]], Any] = lambda results: results
        self.faults_at_writes = False  #: ordered faults wait for calls that write
        self._session, self._left = "", 0
        self.app.router.add_post("/adapter/login", self._login)
        self.app.router.add_post("/adapter/share", self._share)
        self.app.router.add_post("/adapter/integrate", self._integrate)
        self.app.router.add_get("/lgsp/{service}", self._lgsp)
        self.app.router.add_post("/lgsp/{service}", self._lgsp_write)

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
        if (said.get("username"), said.get("password")) != (USERNAME, self._password):
            return web.json_response({"session": "", "error_code": 1})
        if request.headers.get("dstcode") != DSTCODE:
            return web.json_response({"session": "", "error_code": 9})
        self._session, self._left = f"phien-{len(self.calls)}", self.session_calls
        return web.json_response({"session": self._session, "error_code": self.success})

    async def _share(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        service, code = said.get("service", ""), said.get(self.asked_by, "")
        self._note(request, service, code)
        if (fault := self._fault(code)) is not None:
            return await self._go_wrong(request, fault)
        if not self._session or said.get("session") != self._session:
            return web.json_response({"error_code": "05", "result": None})
        answer = self.answer(service, code)
        if self.session_calls:
            self._left -= 1
            if self._left <= 0:
                self._session = ""
        return web.json_response(answer)

    async def _integrate(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        good = bool(self._session) and said.get("session") == self._session
        return await self._written(request, said, good=good)

    async def _lgsp_write(self, request: web.Request) -> web.StreamResponse:
        return await self._written(request, await request.json(), good=True)

    async def _written(self, request: web.Request, said: dict[str, Any], *, good: bool) -> web.StreamResponse:
        service, rows = said.get("service", ""), said.get("data", [])
        codes = [row.get(self.known_by, "") for row in rows]
        self._note(request, service, ",".join(codes))
        fault = self._fault("", writes=True)
        if fault is not None and fault.wait is not None:
            await fault.wait.wait()
        if fault is not None and not fault.committed and fault.wait is None:
            return await self._go_wrong(request, fault)
        if not good:
            return web.json_response({"error_code": "05", "result": None})
        if self.refused_calls(codes):
            return web.json_response({"error_code": "98", "result": []})
        self.batches.append(codes)
        results = [self.write(service, row) for row in rows]
        if fault is not None and fault.committed:
            return await self._go_wrong(request, fault)
        told = self.row_shape([one for one in results if one[self.known_by] not in self.silent])
        if self.session_calls:
            self._left -= 1
            if self._left <= 0:
                self._session = ""
        return web.json_response({"error_code": self.success, "result": told})

    def write(self, service: str, row: dict[str, Any]) -> dict[str, Any]:
        """Do what one row asks, and tell its result."""
        code = row.get("MATTHC", "")
        if code in self.row_errors:
            error, message = self.row_errors[code]
            return {"MATTHC": code, "error_code": error, "message": message}
        held = self.procedures.get(code)
        if service == WITHDRAW and held is None:
            return {"MATTHC": code, "error_code": "44", "message": "Không tồn tại"}
        gone = service == WITHDRAW or str(row.get("TRANGTHAI")) != "1"
        if not gone:
            self.procedures[code] = {**row, "ID": (held or {}).get("ID", 7000 + len(self.procedures))}
        elif held is not None:
            was_gone = str(held["TRANGTHAI"]) != "1"
            self.procedures[code] = {**held, "TRANGTHAI": 0}
            if was_gone:
                return {"MATTHC": code, "error_code": self.success, "message": ""}
        self.effects.append(Effect("delete" if gone else "put", code, row))
        return {"MATTHC": code, "error_code": self.success, "message": ""}

    async def _lgsp(self, request: web.Request) -> web.StreamResponse:
        service, code = request.match_info["service"], request.query.get(self.asked_by, "")
        self._note(request, service, code)
        if (fault := self._fault(code)) is not None:
            return await self._go_wrong(request, fault)
        return web.json_response({"message": json.dumps(self.answer(service, code), ensure_ascii=False)})

    def answer(self, service: str, code: str) -> dict[str, Any]:
        """What a service says about a code, or at all."""
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

    def _fault(self, code: str, *, writes: bool = False) -> Fault | None:
        waiting = self.faults_of.get(code)
        if waiting:
            return waiting.pop(0)
        return self.faults.popleft() if self.faults and (writes or not self.faults_at_writes) else None

    async def _go_wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.reset:
            drop(request)
        if fault.hang:
            await self.closing.wait()
        if fault.html:
            page = "<html><body>Service Unavailable</body></html>"
            return web.Response(status=fault.status or 200, text=page, content_type="text/html")
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        return web.Response(status=fault.status or 500, headers=headers)
