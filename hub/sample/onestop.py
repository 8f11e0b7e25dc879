"""The province's one-stop system: departments enter their procedures there, and its share service passes them on.

GET /AGENCY/LayDanhSachTTHC             codes and names, JSON inside a string, as some provinces have it
GET /AGENCY/LayThuTuc?maTTHC=CODE       one record; what is withdrawn says TRANGTHAI 0
GET /thu-tuc-hanh-chinh, .../CODE       pages that a person can read; ?co-quan=AGENCY
GET /bieu-mau/CODE/NUMBER.docx          the form for a paper of a procedure

The account of one agency is locked. Its calls are answered with 200 and the login page: nothing says that they failed.
"""

import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from hub.sample import announcing
from hub.sample.files import DOCX, docx
from hub.sample.pages import TEMPLATES
from hub.sample.procedures import Entry
from hub.sample.province import Province, SampleMember
from hub.sample.register import Register

NAME = "Hệ thống thông tin một cửa điện tử tỉnh Mẫu"


class OneStop:
    """The system as a server on an address of its own."""

    def __init__(self, province: Province, register: Register, *, host: str = "127.0.2.1") -> None:
        self._agencies = {member.slug: member for member in province.members if member.announces == "share"}
        self._register = register
        self._host = host
        self._runner: web.AppRunner | None = None
        self.door = ""  #: `host:port`

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._list)
        app.router.add_get(announcing.PAGES, self._list)
        app.router.add_get(f"{announcing.PAGES}/{{code}}", self._entry)
        app.router.add_get("/bieu-mau/{code}/{number:[0-9]{1,2}}.docx", self._form)
        app.router.add_get("/{agency}/LayDanhSachTTHC", self._codes)
        app.router.add_get("/{agency}/LayThuTuc", self._record)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, 0).start()
        except OSError:  # a system with one loopback address
            self._host = "127.0.0.1"
            await web.TCPSite(self._runner, self._host, 0).start()
        self.door = f"{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address without its last slash."""
        return f"http://{self.door}"

    def service(self, member: SampleMember) -> str:
        """Where the share service stands for an agency."""
        return f"{self.url}/{member.slug}"

    @property
    def page(self) -> str:
        """The page of a procedure, with {code}."""
        return f"{self.url}{announcing.PAGES}/{{code}}"

    def listing(self, member: SampleMember) -> str:
        """Where people find the procedures of an agency."""
        return f"{self.url}{announcing.PAGES}?co-quan={member.slug}"

    # ------------------------------------------------------------------------------------------------ the service

    async def _codes(self, request: web.Request) -> web.Response:
        agency = self._agency(request)
        if agency.locked:
            return _login()
        entries = [*self._register.announced(agency), *self._register.withdrawn(agency)]
        return _answer([{"MATTHC": entry.code, "TENTTHC": entry.name} for entry in entries])

    async def _record(self, request: web.Request) -> web.Response:
        agency = self._agency(request)
        if agency.locked:
            return _login()
        found = self._register.find(request.query.get("maTTHC", ""))
        if found is None or found[0].member.slug != agency.slug:
            return _answer([], code="05")
        entry, in_force = found
        forms = f"{self.url}/bieu-mau/{entry.code}"
        return _answer([announcing.record(entry, in_force=in_force, forms=forms)])

    def _agency(self, request: web.Request) -> SampleMember:
        agency = self._agencies.get(request.match_info["agency"])
        if agency is None:
            raise web.HTTPNotFound
        return agency

    # --------------------------------------------------------------------------------------------------- the pages

    async def _list(self, request: web.Request) -> web.Response:
        asked = self._agencies.get(request.query.get("co-quan", ""))
        agencies = [asked] if asked else self._agencies.values()
        shown = [entry for agency in agencies for entry in self._register.announced(agency)]
        return _html(announcing.list_page(shown, office=asked.office if asked else NAME, base=""))

    async def _entry(self, request: web.Request) -> web.Response:
        code = request.match_info["code"]
        found = self._register.find(code) or announcing.found(self._register, code)
        if found is None:
            raise web.HTTPNotFound
        entry, in_force = found
        if not in_force:
            return web.Response(status=410, text="Thủ tục hành chính này đã bị bãi bỏ.")
        return _html(announcing.entry_page(entry, office=NAME, base=""))

    async def _form(self, request: web.Request) -> web.Response:
        found, number = self._register.find(request.match_info["code"]), int(request.match_info["number"])
        if found is None or not 0 < number <= len(found[0].papers) or not found[0].papers[number - 1].form:
            raise web.HTTPNotFound
        entry = found[0]
        return web.Response(body=docx(entry.papers[number - 1].name, _lines(entry)), content_type=DOCX)


def _lines(entry: Entry) -> tuple[str, ...]:
    """What has to be filled in."""
    return (
        f"Kính gửi: {entry.member.office}",
        "Tên tổ chức, cá nhân đề nghị: ........................................................",
        "Địa chỉ liên hệ, điện thoại: .........................................................",
        f"Nội dung đề nghị: {entry.name} (mã thủ tục {entry.code}).",
        "Tôi cam đoan các thông tin trên là đúng và chịu trách nhiệm trước pháp luật.",
    )


def _answer(rows: list[dict[str, Any]], *, code: str = "00") -> web.Response:
    """The answer as a string inside an object."""
    inner = json.dumps({"error_code": code, "result": rows}, ensure_ascii=False)
    return web.json_response({"message": inner}, dumps=lambda said: json.dumps(said, ensure_ascii=False))


def _login() -> web.Response:
    return _html(TEMPLATES.get_template("login.html").render())


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")
