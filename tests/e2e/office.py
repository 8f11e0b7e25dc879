"""An editorial office on one morning: a hub as its own process, with a member site, a portal, and people signed in.

Before the process starts, the hub has worked once in this one: feeds were read, some items approved, one withdrawn,
the rest waits for the board.
"""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from playwright.async_api import BrowserContext

from hub.app import open_hub
from hub.commands.approve import approve
from hub.queries.held import held
from hub.rules.access import Grant, Role
from hub.store import accounts, people
from hub.store.unit import Store
from tests.clock import Clock
from tests.fakes.portal import Portal
from tests.fakes.site import Site
from tests.province import Province, rss, story

COMMUNE = "H52.30"
#: login, role, member
PEOPLE: Sequence[tuple[str, Role, str]] = (
    ("bien-tap", Role.EDITOR, ""),
    ("truong-ban", Role.CHIEF_EDITOR, ""),
    ("ky-thuat", Role.TECHNICIAN, ""),
    ("truc-ban", Role.DUTY_OFFICER, ""),
    ("quan-tri", Role.ADMINISTRATOR, ""),
    ("cong-tac-vien", Role.CONTRIBUTOR, "H52.12"),
    ("xem", Role.VIEWER, ""),
)
#: Titles as a department and a commune write them; the first four are public when the morning begins.
TITLES: Sequence[str] = (
    "Sở Y tế triển khai chiến dịch tiêm chủng mở rộng đợt 2 năm 2026",
    "Kiểm tra an toàn thực phẩm tại các bếp ăn tập thể",
    "Hội nghị sơ kết công tác phòng, chống dịch bệnh 9 tháng đầu năm",
    "Bệnh viện đa khoa tỉnh đưa vào sử dụng khu điều trị mới",
    "Khám sức khỏe miễn phí cho người cao tuổi xã Hạ Liễu",
    "Thông báo lịch tiếp công dân tháng 12 năm 2026",
    "Tập huấn sử dụng dịch vụ công trực tuyến cho cán bộ xã",
    "Ra quân vệ sinh môi trường, diệt bọ gậy phòng sốt xuất huyết",
    "Công bố đường dây nóng tiếp nhận phản ánh về y tế",
    "Tuyên dương người hiến máu tình nguyện tiêu biểu năm 2026",
    "Giám sát chất lượng nước sinh hoạt nông thôn",
    "Kế hoạch khám tuyển nghĩa vụ quân sự năm 2027",
)
PUBLIC = 4
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class Office:
    """`async with Office(folder) as office`; `office.url` is where the hub answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site, self.portal = Site(), Portal()
        self.url = ""
        self._tokens: dict[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._log: asyncio.Task[None] | None = None
        self._open = AsyncExitStack()
        self.lines: list[str] = []  #: what the hub wrote to its log

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.site)
            await stack.enter_async_context(self.portal)
            stack.push_async_callback(self._stop)
            province = self._province()
            await self._work_once(province)
            await self._start(province.write(web={"port": 0}))
            self._open = stack.pop_all()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._open.aclose()

    async def _stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), 20)
        if self._log is not None:
            await self._log  # ends with the process

    def _province(self) -> Province:
        url = f"sqlite://{self.folder / 'hub.db'}"
        province = Province(self.folder, url, self.site, self.portal, Clock())
        province.member(COMMUNE, "Xã Hạ Liễu", "commune")
        text = "Sáng nay, đơn vị đã tổ chức hoạt động với sự tham gia của đông đảo cán bộ và người dân địa phương. "
        stories = [
            story(number, title=title, text=text * 3, published=f"Sat, 21 Nov 2026 {8 + number // 4:02}:15:00 +0700")
            for number, title in enumerate(TITLES, 1)
        ]
        province.source("so-y-te-tin", rss(*stories[:9]), review="hold", every="1h")
        province.source("xa-ha-lieu-tin", rss(*stories[9:]), review="hold", every="1h", member=COMMUNE)
        province.source("trang-hong", path="/hong.rss", page={"status": 404}, member=COMMUNE, every="1h")
        province.route(province.destination("cong-tinh"))
        return province

    async def _work_once(self, province: Province) -> None:
        async with open_hub(province.settings()) as hub:
            await hub.once()
            waiting = {each.title: each for each in await held(hub.engine.store)}
            for title in TITLES[:PUBLIC]:
                await approve(hub.engine, waiting[title].content_id, who="truong-ban")
            await hub.once()
            for login, role, member in PEOPLE:
                self._tokens[login] = await _signed_in(hub.engine.store, login, role, member)

    async def _start(self, settings: Path) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from hub.cli import main; main()", "--json", "--settings", str(settings), "run",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=os.environ | {"NO_COLOR": "1"},
        )  # fmt: skip
        listening = asyncio.Event()
        self._log = asyncio.create_task(self._read_log(listening))
        async with asyncio.timeout(30):
            await listening.wait()
        assert self.url, "\n".join(self.lines[-20:])

    async def _read_log(self, listening: asyncio.Event) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            self.lines.append(text)
            if not self.url and "listening" in text and (found := _LISTENING.search(text)):
                self.url = found[0]
                listening.set()
        listening.set()

    async def sign_in(self, context: BrowserContext, login: str) -> None:
        """Give a browser the session of one of PEOPLE."""
        await context.add_cookies([{"name": "hub", "value": self._tokens[login], "url": self.url, "httpOnly": True}])

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the hub's database, beside the hub."""
        import sqlite3

        connection = sqlite3.connect(f"file:{self.folder / 'hub.db'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


async def _signed_in(store: Store, login: str, role: Role, member: str) -> str:
    async with store.unit() as unit:
        account = await accounts.add_account(
            unit, login=login, name=NAMES[login], password_hash="", grants=[Grant(role, member)], by="test",
            password_at=store.now(),
        )  # fmt: skip
        return await people.begin_session(unit, account, strength="totp", address="127.0.0.1", agent="test")


NAMES = {
    "bien-tap": "Nguyễn Thị Biên", "truong-ban": "Trần Văn Trưởng", "ky-thuat": "Lê Văn Kỹ",
    "truc-ban": "Phạm Thị Trực", "quan-tri": "Hoàng Văn Quản", "cong-tac-vien": "Vũ Thị Cộng", "xem": "Đỗ Văn Xem",
}  # fmt: skip
