"""A little province for tests: one member site, one portal, and a hub between them, opened from a real settings file.

province.source("tin", rss(story(1), story(2)))
async with province.open() as hub:
    await hub.once()
    assert province.portal.shown()
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from hub.app import Hub, open_hub
from hub.clock import Clock
from hub.reader import Reader
from hub.reading import AnyJob, Job, Reading, perform, read
from hub.settings import Settings, load_settings
from hub.store.database import Row
from hub.worker import Stage
from tests.fakes.portal import Portal
from tests.fakes.site import Site

MEMBER = "H52.12"
TOKEN = "ma-truy-cap-thu-nghiem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One entry of a feed."""

    guid: str
    title: str
    text: str = "Nội dung của tin."
    link: str = ""
    published: str = "Mon, 02 Mar 2026 07:30:00 +0700"
    tags: tuple[str, ...] = ()


def story(number: int, **changes: Any) -> Story:
    """The n-th story of a site; each has its own guid, title, link and minute."""
    return replace(
        Story(
            guid=f"tin-{number}", title=f"Tin thứ {number} của Sở Y tế", link=f"http://syt.gov.vn/tin/{number}.html",
            published=f"Sun, 01 Mar 2026 {number // 60 % 24:02}:{number % 60:02}:00 +0700",
        ),
        **changes,
    )  # fmt: skip


def rss(*stories: Story, built: str = "") -> bytes:
    """A feed as a member site writes it; `built` is its own date."""
    date = f"<lastBuildDate>{built}</lastBuildDate>" if built else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title>'
        f"<link>http://syt.gov.vn/</link>{date}{''.join(map(_item, stories))}</channel></rss>"
    ).encode()


def _item(entry: Story) -> str:
    tags = "".join(f"<category>{escape(tag)}</category>" for tag in entry.tags)
    return (
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.link)}</link>"
        f'<guid isPermaLink="false">{escape(entry.guid)}</guid><pubDate>{entry.published}</pubDate>{tags}'
        f"<description>{escape(entry.text)}</description></item>"
    )


def atom(*stories: Story, gone: Sequence[str] = (), at: str = "2026-03-02T00:30:00Z") -> bytes:
    """An Atom feed; `gone` are guids with a tombstone (RFC 6721)."""
    entries = "".join(
        f"<entry><id>{escape(e.guid)}</id><title>{escape(e.title)}</title><link href='{escape(e.link)}'/>"
        f"<published>2026-03-01T00:30:00Z</published><updated>2026-03-01T00:30:00Z</updated>"
        f"<summary>{escape(e.text)}</summary></entry>"
        for e in stories
    )
    stones = "".join(f"<at:deleted-entry ref='{escape(guid)}' when='{at}'/>" for guid in gone)
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>urn:syt</id><title>Tin</title>{entries}{stones}</feed>'
    ).encode()


class NearReader(Reader):
    """Reads in this process, at once, and keeps what it was asked. The child has tests of its own (test_reading.py)."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[Job] = []
        self.readings: list[Reading] = []

    async def read(self, job: Job) -> Reading:
        self.jobs.append(job)
        self.readings.append(read(job))
        return self.readings[-1]

    async def _perform(self, job: AnyJob) -> Any:
        return perform(job)


class Province:
    """Settings in the making, with the servers they speak of."""

    def __init__(self, folder: Path, database_url: str, site: Site, portal: Portal, clock: Clock) -> None:
        self.site, self.portal, self.clock = site, portal, clock
        self.reader = NearReader()
        self._folder = folder
        self._top = {"hub": {"name": "Tỉnh Mẫu", "testing": True}, "database": {"url": database_url},
                     "fetch": {"allow_private": [f"127.0.0.1:{site.port}"], "timeout": 5,
                               "page_pause": "1ms"}}  # fmt: skip
        self._tables: list[tuple[str, Mapping[str, Any]]] = []
        self._add("member", code=MEMBER, name="Sở Y tế", kind="department")

    def member(self, code: str, name: str, kind: str = "department", **keys: Any) -> str:
        """A further member; the first one is MEMBER. Returns the code."""
        self._add("member", code=code, name=name, kind=kind, **keys)
        return code

    def source(
        self, name: str, body: bytes = b"", *, path: str = "", page: Mapping[str, Any] | None = None, **keys: Any
    ) -> str:
        """A source of the site, which shows `body` from now on. Returns its path."""
        path = path or f"/{name}.rss"
        self.site.serve(path, body, **(page or {}))
        url, member = keys.pop("url", self.site.origin + path), keys.pop("member", MEMBER)
        self._add("source", name=name, member=member, url=url, **{"connector": "feed", "every": "10m"} | keys)
        return path

    def destination(self, name: str = "portal", portal: Portal | None = None, **keys: Any) -> str:
        """A portal as destination; the one of the province by default. Returns the name."""
        portal = portal or self.portal
        self._add(
            "destination", name=name, connector="portal", base_url=portal.base_url, token=TOKEN,
            allow_private=[f"127.0.0.1:{portal.port}"], **{"rate": "500/s", "timeout": 5} | keys,
        )  # fmt: skip
        return name

    def route(self, *to: str, **when: Any) -> None:
        """A route to these destinations."""
        self._add("route", to=list(to), **({"when": when} if when else {}))

    def mails(self, port: int, **keys: Any) -> None:
        """The mail server of the hub, on loopback."""
        self._top["mail"] = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "hub@tinhmau.gov.vn",
                             "timeout": 2} | keys  # fmt: skip

    def alarms(self, *to: str) -> None:
        """The duty officers."""
        self._top["screen"] = {"alarm_to": list(to)}

    def duty(self, name: str, **keys: Any) -> str:
        """Something that members owe. Returns the name."""
        self._add("duty", name=name, **keys)
        return name

    def reports(self, **keys: Any) -> None:
        """What reports say, and who gets them."""
        self._top["reports"] = keys

    def digest(self, name: str, *to: str, **keys: Any) -> str:
        """A digest for these readers. Returns the name."""
        self._add("digest", name=name, to=list(to), **{"title": "Bản tin Tỉnh Mẫu"} | keys)
        return name

    def _add(self, table: str, **keys: Any) -> None:
        self._tables.append((table, keys))

    def without(self, table: str, name: str) -> None:
        """Take a source or destination out of the settings."""
        self._tables = [(t, keys) for t, keys in self._tables if t != table or keys["name"] != name]

    def without_member(self, code: str) -> None:
        """Take a member out of the settings."""
        self._tables = [(t, keys) for t, keys in self._tables if t != "member" or keys["code"] != code]

    def settings(self) -> Settings:
        """The settings, written to a file and loaded as the hub loads them."""
        return load_settings(self.write())

    def write(self, **sections: Mapping[str, Any]) -> Path:
        """Write settings.toml; `sections` are added to or replace what stands alone."""
        lines = []
        for name, keys in {**self._top, **sections}.items():
            lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
        for name, keys in self._tables:
            lines += [f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
        path = self._folder / "settings.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    @asynccontextmanager
    async def open(self, *, chance: Callable[[], float] = lambda: 0.0) -> AsyncIterator[Hub]:
        """The hub with these settings, its captures read in this process."""
        async with open_hub(self.settings(), clock=self.clock, chance=chance) as hub:
            yield Hub(hub.settings, replace(hub.engine, reader=self.reader))


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
        case _:
            return str(value)


async def turn(stage: Stage, limit: int = 100) -> int:
    """One turn of a stage as the worker gives it, one row after the other. Returns how many rows there were."""
    claims = await stage.claim(None, limit)
    for claim in claims:
        try:
            await stage.handle(claim)
        except Exception as error:
            await stage.failed(claim, error)
    return len(claims)


async def rows(hub: Hub, table: str, **where: Any) -> list[Row]:
    """Rows of a table, oldest first."""
    order = {
        "source": "name",
        "destination": "name",
        "item": "first_seen, guid",
        "member": "code",
        "article": "content_id",
        "walk": "source",
    }.get(table, "id")
    conditions = " AND ".join(f"{name} = ?" for name in where) or "1 = 1"
    return await hub.engine.store.fetch(f"SELECT * FROM {table} WHERE {conditions} ORDER BY {order}", *where.values())


async def row(hub: Hub, table: str, **where: Any) -> Row:
    """The one row of a table that these values name."""
    [found] = await rows(hub, table, **where)
    return found


async def events(hub: Hub, **where: Any) -> list[str]:
    """What happened, in order."""
    return [event["what"] for event in await rows(hub, "event", **where)]
