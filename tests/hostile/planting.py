"""A hub in whose database every free text is what a table wants it to be, and the pages that show it to somebody.

    async with planted(folder) as house:
        await house.plant(lambda column: f"<script>{column}</script>")
        for answer in await house.pages(): ...

The pages are read off the routers of console, public site and API, so a new page is there without a word here.
"""

import itertools
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from hub.app import Hub, open_hub
from hub.commands.make_report import make_report
from hub.rules.access import Grant, Role
from hub.settings import load_settings
from hub.store import accounts, consumers, people
from hub.web.api.app import operations
from tests.clock import Clock
from tests.web.conftest import BASE, SETTINGS
from tests.web.console.test_roles import DESTINATION, DUTY, GETS, PARAMETERS
from tests.web.desk import Desk, Visitor
from tests.web.press import Press, id_of, news

#: Columns that hold what somebody wrote or answered: people, sites, destinations, browsers. JSON ones hold a text.
PLANTED: Final[Mapping[str, Sequence[str]]] = {
    "account": ("name", "email", "created_by"),
    "account_grant": ("granted_by",),
    "alarm": ("url", "rule", "seen_by"),
    "announcement": ("code", "name"),
    "attempt": ("key", "detail"),
    "capture": ("url", "content_type", "note"),
    "code_rejection": ("file", "code", "sentence"),
    "consumer": ("name", "created_by", "ended_by"),
    "delivery": ("remote_id", "error_code", "error_sentence"),
    "destination": ("fault_code", "fault_sentence"),
    "difference": ("key", "title", "decided_by", "why"),
    "digest_run": ("title", "subject", "text"),
    "draft": ("title", "summary", "content", "remark", "remark_by"),
    "edition": ("pointer", "decided_by", "author", "remark"),
    "event": ("who",),
    "file": ("url", "type", "note", "text"),
    "holding": ("title", "owner", "key"),
    "item": ("title", "url", "guid", "pointer"),
    "item_tag": ("tag",),
    "mail": ("recipient", "answer", "error_code", "error_sentence"),
    "member": ("name", "home"),
    "outage": ("code", "sentence"),
    "planned": ("who", "why", "note", "sentence"),
    "proposal": ("who", "why", "ended_by"),
    "recall": ("by", "reason"),
    "reconciliation": ("note", "asked_by"),
    "rejection": ("pointer", "code", "detail", "url"),
    "reminder": ("made_by", "ended_by"),
    "report": ("number", "made_by", "signed_by", "signer"),
    "search_entry": ("title",),
    "session": ("address", "agent"),
    "source": ("url", "host", "fault_code", "fault_sentence", "rhythm_reason"),
    "tally": ("author",),
    "task": ("title", "subject", "closed_by", "why"),
    "visit": ("path", "loaded_by"),
    "walk": ("note", "asked_by"),
}  # fmt: skip
#: Rows of tables that a small hub leaves empty, with what pages ask of them.
_ROWS: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    ("delivery", {"destination": "portal", "wanted_revision": 1, "state": "parked", "receipt": "{}"}),
    ("attempt", {"delivery": 1, "revision": 1, "outcome": "refused"}),
    ("rejection", {"capture": 1, "source": "so-y-te-tin", "code": "no_text"}),
    ("task", {"destination": "portal", "what": "publish", "state": "open"}),
    ("difference", {"destination": "portal", "kind": "conflict", "reason": "changed_there", "state": "open",
                    "fields": "[]", "claimants": "[]"}),
    ("holding", {"destination": "portal", "record": "{}"}),
    ("outage", {"source": "so-y-te-tin", "why": "fault", "side": "member"}),
    ("planned", {"state": "waiting"}),
    ("recall", {}),
    ("alarm", {"found": "reading", "source": "so-y-te-tin", "member": "H52.12", "shown": "[]", "files": "[]"}),
    ("reconciliation", {"destination": "portal", "state": "failed", "counts": "{}", "unread": "[]", "cursor": "{}"}),
    ("file", {"source": "so-y-te-tin", "cursor": "{}"}),
    ("draft", {"author": "moi-vai", "member": "H52.12", "kind": "news", "state": "returned", "tags": "[]"}),
    ("mail", {"state": "parked"}),
    ("visit", {"site": "portal"}),
)  # fmt: skip
#: What stands in paths here, beside what it stands for in the tests of roles.
_HERE: Final[Mapping[str, str]] = {
    "/drafts/{draft}": "1", "/tasks/{task}": "1", "/items/{content_id}": str(id_of("public")), "/keys/{name}": "k",
    "/queue/{content_id}": str(id_of("public")), "/queue/{content_id}/{revision}": "2",
    "/screen/alarms/{alarm}": "1",
}  # fmt: skip
_LOGIN: Final = "moi-vai"


@dataclass(frozen=True, slots=True)
class Page:
    """What one route answered."""

    route: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass(slots=True)
class House:
    """The hub with everything in it, and somebody who may see all of it."""

    hub: Hub
    desk: Desk
    press: Press
    visitor: Visitor
    key: str
    columns: list[tuple[str, str]] = field(default_factory=list)

    async def plant(self, text: Callable[[str], str]) -> None:
        """Write `text(table.column)` into every planted column."""
        async with self.hub.engine.store.unit() as unit:
            for table, column in self.columns:
                value = text(f"{table}.{column}")
                # Some are unique, or what the row is found by: those keep a number behind the text.
                unique = f" || {_ROWID}" if (table, column) in _UNIQUE else ""
                await unit.tx.execute(f"UPDATE {table} SET {column} = ?{unique}", value)

    async def clear_the_queue(self) -> None:
        """Nothing waits for anybody any more."""
        async with self.hub.engine.store.unit() as unit:
            await unit.tx.execute("UPDATE edition SET state = 'rejected' WHERE state = 'held'")

    def paths(self) -> list[str]:
        """Every page that can be read: of the console, the public site and the API."""
        found = [f"/console{_console_path(route.path)}" for route in GETS]
        found += PUBLIC
        found += [f"/api/v1{_api_path(each.path)}" for each in operations() if each.method == "GET"]
        return [path for path in dict.fromkeys(found) if not path.endswith(_WAITING)]

    async def ask(self, path: str) -> Page:
        """One page, with the rights that it asks for."""
        headers = {"Authorization": f"Bearer {self.key}"} if path.startswith("/api/") else {}
        if path.startswith("/console"):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.visitor.cookies.items())
        async with self.desk.client.request("GET", path, headers=headers, allow_redirects=False) as answer:
            return Page(path, answer.status, answer.headers, await answer.read())

    async def pages(self) -> list[Page]:
        """All of them."""
        return [await self.ask(path) for path in self.paths()]


#: Routes that wait for something to happen.
_WAITING: Final = ("/events", "/stream", "/wait")
_ROWID: Final = "rowid"
_UNIQUE: Final = frozenset({
    ("consumer", "name"), ("item", "guid"), ("item_tag", "tag"), ("difference", "key"), ("holding", "key"),
    ("visit", "path"), ("mail", "recipient"), ("announcement", "code"), ("file", "url"), ("digest_run", "title"),
})  # fmt: skip
_ID: Final = str(id_of("public"))
#: The public site. `all_public` of test_tables.py compares it with the router.
PUBLIC: Final = [
    "/", "/?kind=news", "/?member=H52.12", "/search?q=tin", "/coverage", "/sitemap.xml", "/robots.txt", "/healthz",
    "/readyz", "/metrics", f"/items/{_ID}", *(f"/items/{_ID}.{form}" for form in ("docx", "xml", "json")),
    *(f"/feeds/all.{form}" for form in ("rss", "atom", "json")), "/feeds/member/H52.12.rss", "/feeds/tag/x.atom",
    "/khong-co", "/static/hub.css", f"/files/{'0' * 64}", f"/websub/{'x' * 32}", "/console", "/api/v1",
]  # fmt: skip


def _console_path(path: str) -> str:
    made, known = "", ""
    for part in re.split(r"({\w+})", re.sub(r"{(\w+):(?:[^{}]|{[^{}]*})*}", r"{\1}", path)):
        known += part
        made += _HERE.get(known, PARAMETERS[known].own) if part.startswith("{") else part
    return made


def _api_path(path: str) -> str:
    values = {"content_id": _ID, "name": "so-y-te-tin", "code": "H52.12", "guid": "public"}
    made = re.sub(r"\{(\w+)[^}]*\}", lambda found: values[found[1]], path)
    return f"{made}?q=tin" if made == "/search" else made


@asynccontextmanager
async def planted(folder: Path) -> AsyncIterator[House]:
    """A hub on SQLite with one of everything; nothing hostile in it yet."""
    text = SETTINGS.format(base=BASE).replace("port = 0", 'port = 0\nmetrics_for = ["127.0.0.0/8"]')
    text += DESTINATION + DUTY + "[reports]\npublic = true\nplace = 'Tỉnh Mẫu'\n[web.api]\nper_minute = 1000000\n"
    (folder / "settings.toml").write_text(text, "utf-8")
    clock = Clock()
    settings = load_settings(folder / "settings.toml", database={"url": f"sqlite://{folder / 'hub.db'}"})
    async with open_hub(settings, clock=clock) as hub, Desk(hub) as desk:
        press = Press(hub, clock)
        await press.publish(news("public", tags=("x",)), news("own"))
        await press.publish(news("public", title="Tin public sửa", tags=("x",)), held=True)
        await make_report(hub.engine, "2026", who="test")
        visitor, key = await _everybody(hub, desk)
        house = House(hub, desk, press, visitor, key)
        await _fill(hub)
        house.columns = [(table, column) for table, columns in PLANTED.items() for column in columns]
        yield house


async def _everybody(hub: Hub, desk: Desk) -> tuple[Visitor, str]:
    store = hub.engine.store
    grants = [Grant(role) for role in Role if role is not Role.CONTRIBUTOR] + [Grant(Role.CONTRIBUTOR, "H52.12")]
    async with store.unit() as unit:
        account = await accounts.add_account(
            unit, login=_LOGIN, name="Người mọi vai", password_hash="", grants=grants, by="test"
        )
        token = await people.begin_session(unit, account, strength="totp", address="127.0.0.1")
        key = await consumers.add(unit, name="k", grants=grants, member="", per_minute=1_000_000, by="test")
    signed = await people.signed_in(store, token)
    assert signed is not None
    return Visitor(desk, token, signed.csrf), key


async def _fill(hub: Hub) -> None:
    """The rows of _ROWS; what they do not say is empty, or now."""
    numbers = itertools.count(1)
    async with hub.engine.store.unit() as unit:
        for table, said in _ROWS:
            columns = await unit.tx.fetch(f"PRAGMA table_info({table})")
            given = {}
            for column in columns:
                name, kind = column["name"], column["type"]
                if name in said:
                    given[name] = said[name]
                elif name == "content_id":
                    given[name] = _ID
                elif name == "id" or not column["notnull"]:
                    continue
                elif kind.startswith(("TEXT", "VARCHAR")):
                    given[name] = f"{name}-{next(numbers)}" if name in ("key", "url", "path") else ""
                else:
                    given[name] = unit.at if name.endswith("_at") else 1
            names = ", ".join(given)
            marks = ", ".join("?" for _ in given)
            await unit.tx.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *given.values())
        why = orjson.dumps({"reason": "x"}).decode()
        await unit.tx.execute("UPDATE event SET why = ?", why)
