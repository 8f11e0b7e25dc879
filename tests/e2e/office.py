"""An editorial office on one morning: a hub as its own process, with a member site, a portal, and people signed in.

Before the process starts, the hub has worked once in this one: feeds were read, some items approved, one withdrawn,
the rest waits for the board.
"""

import asyncio
import os
import re
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from playwright.async_api import BrowserContext

from hub.app import open_hub
from hub.commands.approve import approve
from hub.commands.edit import edit
from hub.commands.make_report import make_report
from hub.commands.pause import pause, resume
from hub.commands.schedule import schedule
from hub.queries.held import held
from hub.rules.access import Grant, Role
from hub.rules.editing import Changes
from hub.store import accounts, people
from hub.store.instants import micros
from hub.store.unit import Store
from tests.clock import Clock
from tests.e2e import morning
from tests.fakes.portal import Portal
from tests.fakes.site import Site
from tests.province import MEMBER, Province

#: Seconds in which the hub does what was asked of it, on a machine that has much else to do.
SOON: Final = 20
#: login, role, member
PEOPLE: Sequence[tuple[str, Role, str]] = (
    ("bien-tap", Role.EDITOR, ""),
    ("truong-ban", Role.CHIEF_EDITOR, ""),
    ("ky-thuat", Role.TECHNICIAN, ""),
    ("truc-ban", Role.DUTY_OFFICER, ""),
    ("quan-tri", Role.ADMINISTRATOR, ""),
    ("cong-tac-vien", Role.CONTRIBUTOR, MEMBER),
    ("xem", Role.VIEWER, ""),
)
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class Office:
    """`async with Office(folder) as office`; `office.url` is where the hub answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site, self.portal = Site(), Portal()
        self.url = ""
        self._settings = Path()
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
            url = f"sqlite://{self.folder / 'hub.db'}"
            province = Province(self.folder, url, self.site, self.portal, Clock())
            morning.prepare(province)
            await self._work_once(province)
            self._settings = province.write(web={"port": 0})
            await self._start()
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

    async def _work_once(self, province: Province) -> None:
        month_ago = Clock(datetime.now(UTC) - timedelta(days=30))
        async with open_hub(province.settings(), clock=month_ago) as hub:  # since then members owe something
            await pause(hub.engine, "source", "so-y-te-la", who="truong-ban")
            await resume(hub.engine, "source", "so-y-te-la", who="truong-ban")
        async with open_hub(province.settings()) as hub:
            await hub.once()
            async with hub.engine.store.unit() as unit:  # one that was read for a month, and showed nothing
                await unit.tx.execute(
                    "UPDATE capture SET fetched_at = ? WHERE source = 'so-tu-phap-tin'", micros(month_ago.now())
                )
            waiting = {each.title: each.content_id for each in await held(hub.engine.store, limit=100)}
            for title in morning.PUBLIC:
                await approve(hub.engine, waiting[title], who="truong-ban")
            changes = Changes(title=morning.BETTER, summary="", content_html="<p>Đợt 3 bắt đầu từ tháng 12.</p>")
            await edit(hub.engine, waiting[morning.READ], changes, seen=1, approve=True, who="truong-ban")
            tomorrow = hub.engine.store.now() + timedelta(days=1)
            await schedule(hub.engine, waiting[morning.UNPLANNED], at=tomorrow, who="truong-ban")
            await hub.once()
            await make_report(hub.engine, "2026", who="truong-ban")
            for login, role, member in PEOPLE:
                self._tokens[login] = await _signed_in(hub.engine.store, login, role, member)

    async def _start(self) -> None:
        self._process = await self._begin("--json", "run", stdout=DEVNULL, stderr=PIPE)
        listening = asyncio.Event()
        self._log = asyncio.create_task(self._read_log(listening))
        async with asyncio.timeout(30):
            await listening.wait()
        assert self.url, "\n".join(self.lines[-20:])

    async def _begin(self, *words: str, **streams: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from hub.cli import main; main()", "--settings", str(self._settings), *words,
            env=os.environ | {"NO_COLOR": "1"}, **streams,
        )  # fmt: skip

    async def command(self, *words: str, typed: str = "") -> None:
        """`hub …` beside the running hub, with something typed into it."""
        process = await self._begin(*words, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        said, _ = await asyncio.wait_for(process.communicate(typed.encode()), 60)
        assert process.returncode == 0, said.decode()

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
        connection = sqlite3.connect(f"file:{self.folder / 'hub.db'}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def value(self, sql: str, *values: Any) -> Any:
        """The one value of a question; None without a row."""
        found = self.query(sql, *values)
        return found[0][0] if found else None

    async def until(self, sql: str, *values: Any) -> Any:
        """Wait until the one value of a question is neither null, zero nor empty; returns it."""
        for _ in range(SOON * 20):
            if found := self.value(sql, *values):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {SOON} seconds: {sql} {values}")

    def item(self, title: str) -> str:
        """The id of the item that is called so."""
        return str(self.value("SELECT content_id FROM item WHERE title = ?", title))

    def events(self, who: str, **where: Any) -> list[str]:
        """What somebody did, in order."""
        conditions = " AND ".join(f"{name} = ?" for name in ("who", *where))
        found = self.query(f"SELECT what FROM event WHERE {conditions} ORDER BY id", who, *where.values())
        return [what for (what,) in found]

    async def delivered(self, content_id: str, *, gone: bool = False) -> None:
        """Wait until the portal shows an item, or does not show it any more, and the hub has its receipt."""
        await self.until(
            "SELECT 1 FROM delivery WHERE content_id = ? AND state = 'done' AND sent_revision = wanted_revision"
            " AND wanted_revision = (SELECT max(revision) FROM edition e WHERE e.content_id = delivery.content_id"
            " AND e.state IN ('approved', 'withdrawn'))",
            content_id,
        )
        assert (content_id in self.portal.shown()) is not gone


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
