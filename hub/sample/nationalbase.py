"""A small national base of procedures to push to and to compare with: the session protocol, and pages for a person.

POST /adapter/login   {username, password}                        -> {session, error_code}
POST /adapter/g       {session, madonvi, service, ...}            -> {error_code, result}
                      LayDanhSachTTHC, LayThuTuc maTTHC           what there is
                      CapNhatThuTuc data, HuyCongBoThuTuc data    a result for each row
GET  /                what it holds        GET /thu-tuc/CODE      one record

As outside: a session ends after some calls, one row is no list, and a good answer may hold rows that were refused. The
base held something before the hub came: two procedures of an office that was closed. And people work in it: every few
minutes an officer changes a record by hand. Comparing finds both.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from connectors.errors import ConfigError
from connectors.parse.codes import read_code
from hub.sample.announcing import record
from hub.sample.baseshelf import BaseShelf, Counters, Kept, Outcome
from hub.sample.pages import TEMPLATES
from hub.sample.procedures import first_entries
from hub.sample.province import Province

log = structlog.get_logger(__name__)

USER: Final = "tinhmau"
DSTCODE: Final = "VN:GOV:000.00.00.G22:csdltthc-mau"
UNIT: Final = "H52"
LOGIN: Final = "adapter/login"
CALL: Final = "adapter/g"
PUBLISH, WITHDRAW = "CapNhatThuTuc", "HuyCongBoThuTuc"
NOT_FOUND: Final = "05"
#: What outcomes are called where they are counted.
COUNTED: Final = {
    "received": "thủ tục mới", "updated": "lần cập nhật", "withdrawn": "thủ tục hủy công khai",
    "repeated": "lần gửi lặp", "refused": "bản ghi bị từ chối",
}  # fmt: skip
#: Calls that one session lasts.
_SESSION_CALLS: Final = 60
#: Between two changes that officers make by hand.
_BY_HAND: Final = timedelta(minutes=5)
#: Longest body, in bytes.
_BODY_LIMIT: Final = 8 * 1024 * 1024
_NO_SESSION, _BAD_CODE, _NO_FIELD, _NO_LIMIT, _NO_SERVICE = "09", "11", "12", "13", "04"
_SAID: Final = {
    _NO_SESSION: "Phiên làm việc không hợp lệ hoặc đã hết hạn.",
    _BAD_CODE: "MATTHC không đúng cấu trúc.",
    _NO_FIELD: "Thiếu lĩnh vực thực hiện.",
    _NO_LIMIT: "Thiếu thời hạn giải quyết.",
    _NO_SERVICE: "Không có dịch vụ này.",
    NOT_FOUND: "Không tìm thấy thủ tục.",
}
#: Who follows the office that was closed.
_HEIR: Final = "so-tai-chinh"
_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_HUB, _OFFICER = "kết nối của tỉnh", "cán bộ nhập tay"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Server": "csdl-mau",
}


class SampleBase:
    """The base as a server, up between `__aenter__` and `__aexit__`; `counters` can be read afterwards too."""

    def __init__(
        self, folder: Path, province: Province, *, password: str, now: Callable[[], datetime], seed: int,
        host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        self._folder, self._province, self._password = folder, province, password
        self._now, self._seed, self._host = now, seed, host
        self._sessions: dict[str, int] = {}
        self._runner: web.AppRunner | None = None
        self._edits, self._next_edit = 0, now() + _BY_HAND
        self._shelf: BaseShelf
        self.door = ""  #: `host:port`

    async def __aenter__(self) -> Self:
        """Open the file and listen. Raises ConfigError when the address is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._shelf = BaseShelf(self._folder / "national-base.db", self._now)
        if not self._shelf.all():
            self._begin()
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.add_routes([
            web.post(f"/{LOGIN}", self._login), web.post(f"/{CALL}", self._call),
            web.get("/", self._list), web.get("/thu-tuc/{code}", self._record),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, 0).start()
        except OSError as error:
            await self.__aexit__(None, None, None)
            raise ConfigError(
                f"sample base: cannot listen on {self._host}: {error.strerror or error}",
                sentence="Không mở được cổng cho cơ sở dữ liệu quốc gia mẫu trên máy này.",
            ) from error
        self.door = f"{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._shelf.close()

    @property
    def url(self) -> str:
        """The address without its last slash."""
        return f"http://{self.door}"

    @property
    def counters(self) -> Counters:
        """What became of everything that came, since the folder was new."""
        return self._shelf.counters

    def _begin(self) -> None:
        """What an office that was closed left behind: nobody has taken it back."""
        heir = next(member for member in self._province.members if member.slug == _HEIR)
        closed = replace(heir, name="Sở Kế hoạch và Đầu tư (đã hợp nhất)")
        for entry in first_entries(self._seed + 1, closed, self._province.code)[:2]:
            self._shelf.put(record(entry), by="cơ quan cũ")

    # ------------------------------------------------------------------------------------------------ the protocol

    async def _login(self, request: web.Request) -> web.Response:
        said = await _said(request)
        password = str(said.get("password", "")).encode("utf-8", "surrogateescape")
        known = said.get("username") == USER and request.headers.get("dstcode") == DSTCODE
        if not known or not hmac.compare_digest(password, self._password.encode()):
            return web.json_response({"session": "", "error_code": "01"})
        session = secrets.token_urlsafe(18)
        self._sessions = {session: _SESSION_CALLS}  # one session of an account at a time
        return web.json_response({"session": session, "error_code": 0})

    async def _call(self, request: web.Request) -> web.Response:
        said = await _said(request)
        session = str(said.get("session", ""))
        left = self._sessions.get(session, 0)
        if not left or request.headers.get("dstcode") != DSTCODE or said.get("madonvi") != UNIT:
            return _refused(_NO_SESSION)
        self._sessions[session] = left - 1
        self._catch_up()
        match said.get("service"):
            case "LayDanhSachTTHC":
                return _answer([{"MATTHC": code, "TENTTHC": name} for code, name in self._shelf.codes()])
            case "LayThuTuc":
                kept = self._shelf.find(str(said.get("maTTHC", "")))
                return _answer([_whole(kept)]) if kept else _refused(NOT_FOUND)
            case service if service in (PUBLISH, WITHDRAW):
                rows = said.get("data")
                results = [self._take(row, service == PUBLISH) for row in (rows if isinstance(rows, list) else [rows])]
                return _answer(results[0] if len(results) == 1 else results)
        return _refused(_NO_SERVICE)

    def _take(self, row: Any, publishes: bool) -> dict[str, str]:
        """Write one row; what is wrong with it is said in its own result."""
        row = row if isinstance(row, Mapping) else {}
        code = str(row.get("MATTHC", ""))
        fault = _fault(row) if publishes else ""
        if fault:
            outcome = Outcome.REFUSED
        else:
            outcome = self._shelf.put(row, by=_HUB) if publishes else self._shelf.withdraw(code, by=_HUB)
            fault = NOT_FOUND if outcome is Outcome.UNKNOWN else ""
        self._shelf.count(outcome)
        return {"MATTHC": code, "error_code": fault or "00", "message": _SAID.get(fault, "")}

    def _catch_up(self) -> None:
        """Let officers change what they have changed by now."""
        now = self._now()
        if now - self._next_edit > 100 * _BY_HAND:
            self._next_edit = now
        while self._next_edit <= now:
            self._next_edit += _BY_HAND
            self._edits += 1
            rng = Random(f"{self._seed}/officer/{self._edits}")
            if ours := [kept for kept in self._shelf.all() if kept.in_force and kept.by == _HUB]:
                kept = rng.choice(ours)
                changed = {"DIACHITIEPNHAN": f"Bộ phận Một cửa, tầng {rng.randint(1, 3)}, trụ sở tiếp công dân tỉnh"}
                self._shelf.put({**kept.body, **changed}, by=_OFFICER)

    # --------------------------------------------------------------------------------------------------- the pages

    async def _list(self, _: web.Request) -> web.Response:
        counters = [(label, getattr(self._shelf.counters, name)) for name, label in COUNTED.items()]
        return _page("base_list.html", kept=self._shelf.all(), counters=counters)

    async def _record(self, request: web.Request) -> web.Response:
        kept = self._shelf.find(request.match_info["code"])
        if kept is None:
            raise web.HTTPNotFound
        return _page("base_record.html", kept=kept, record=kept.body)


def _fault(row: Mapping[str, Any]) -> str:
    """Why the base does not take a row; empty: it does."""
    if not read_code(row.get("MATTHC", "")).national or not row.get("TENTTHC"):
        return _BAD_CODE
    if not row.get("LINHVUCTHUCHIEN"):
        return _NO_FIELD
    ways = row.get("CACHTHUCTHUCHIEN") or ()
    return "" if any(way.get("THOIGIAN") for way in ways if isinstance(way, Mapping)) else _NO_LIMIT


def _whole(kept: Kept) -> dict[str, Any]:
    return {"ID": kept.id, **kept.body, "TRANGTHAI": 1 if kept.in_force else 0}


async def _said(request: web.Request) -> Mapping[str, Any]:
    """The body of a call; one that is no object says nothing."""
    try:
        said = json.loads(await request.read())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _answer(result: Any) -> web.Response:
    return web.json_response({"error_code": "00", "result": result})


def _refused(code: str) -> web.Response:
    return web.json_response({"error_code": code, "message": _SAID[code]})


def _page(template: str, **values: Any) -> web.Response:
    def moment(at: datetime) -> str:
        return f"{at.astimezone(_ZONE):%H:%M:%S %d/%m/%Y}"

    text = TEMPLATES.get_template(template).render(moment=moment, **values)
    return web.Response(text=text, content_type="text/html", headers=_HEADERS)
