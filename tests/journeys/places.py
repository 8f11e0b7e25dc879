"""The destinations of the campaign of pushes, an entry each: its server, its settings, its items, what readers see.

A new destination is one function more in `PLACES`.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

from connectors.parse import edxml
from connectors.parse.edxml.message import BusinessType, Message
from connectors.parse.edxml.outgoing import revision_of
from schemas.item import Document, ItemBase, Procedure
from tests.clock import START, Clock
from tests.fakes import cmsportals, documentbase, liferay
from tests.fakes.axis import FakeAxis
from tests.fakes.cmsportals import CmsServer
from tests.fakes.documentbase import DocumentBase
from tests.fakes.drupal import DrupalSite
from tests.fakes.dvcqg import NationalBase
from tests.fakes.liferay import LiferaySite
from tests.fakes.portal import Portal
from tests.fakes.webhook import Subscriber
from tests.fakes.wordpress import WordPressSite
from tests.journeys import basework
from tests.journeys.author import mark_in
from tests.journeys.judge import Change, Seen
from tests.journeys.pages import PAGES
from tests.journeys.place import SECRET, Numbers, Place, seen_in


def _portal(clock: Clock, folder: Path, *, fenced: bool) -> Place:
    server = Portal(fenced=fenced, token=SECRET)
    return Place(
        server=server, landing=600 if fenced else 45,
        settings=lambda: {"connector": "portal", "base_url": server.base_url, "token": SECRET, "fenced": fenced},
        changes=lambda start, number: [
            Change(one.action, number(one.content_id), one.version) for one in server.effects[start:]
        ],
        look=lambda number: seen_in(held.body["title"] for held in server.held.values() if held.body is not None),
    )  # fmt: skip


def _webhook(clock: Clock, folder: Path) -> Place:
    server = Subscriber(SECRET, clock.now)

    def look(number: Numbers) -> list[Seen]:
        last = {one.content_id: one for one in server.told}
        return seen_in(one.body["item"]["title"] for one in last.values() if one.event == "published")

    return Place(
        server=server, landing=200, announces=True, look=look,
        settings=lambda: {"connector": "webhook", "url": server.url, "secret": SECRET},
        changes=lambda start, number: [
            Change("put" if one.event == "published" else "delete", number(one.content_id), one.revision)
            for one in server.told[start:]
        ],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ national bases


def _writes_rows(request: web.Request, body: bytes) -> bool:
    return request.path == "/adapter/integrate"


def procedure(number: int, title: str) -> ItemBase:
    """A procedure of the n-th code."""
    details: dict[str, Any] = {
        "code": basework.code_of(number), "announced_by": "H52", "decision": f"{100 + number}/QĐ-UBND",
        "levels": ["Cấp tỉnh"], "steps": [{"steps": ["Nộp hồ sơ", "Nhận kết quả"]}],
    }  # fmt: skip
    return Procedure.model_validate({"guid": f"tthc-{number}", "title": title, **details})


def _procedures(clock: Clock, folder: Path) -> Place:
    base = NationalBase(basework.PASSWORD)
    base.session_calls = 61

    def number(code: str) -> int:
        return int(code.split(".")[1]) - 100_000

    def changes(start: int, numbers: Numbers) -> list[Change]:
        return [_row(one.action, number(one.code), one.record["TENTTHC"]) for one in base.effects[start:]]

    return Place(
        server=base, make=procedure, writes=_writes_rows, batched=True, changes=changes,
        settings=lambda: basework.base_settings(base) | {"settling": "60s"},
        look=lambda numbers: seen_in(
            one["TENTTHC"] for one in base.procedures.values() if str(one["TRANGTHAI"]) == "1"
        ),
    )  # fmt: skip


def document(number: int, title: str) -> ItemBase:
    """A document of the n-th number."""
    details: dict[str, Any] = {
        "number": f"{number}/QĐ-UBND", "issuer": {"name": "UBND tỉnh Mẫu", "code": "H52"},
        "issued": (START - timedelta(days=number % 300)).date().isoformat(), "validity": "in_force",
        "document_type": {"code": "QĐ", "name": "Quyết định"},
        "signer": {"name": "Lê Văn Mẫu", "position": "Chủ tịch"},
    }  # fmt: skip
    return Document.model_validate({"guid": f"vb-{number}", "title": title, **details})


def _row(action: str, number: int, title: str) -> Change:
    """What a row did; one that takes back tells the title of what was public before, and no revision of its own."""
    mark = mark_in(title)
    return Change(action, number, mark[1] if mark and action == "put" else 0)


def _documents(clock: Clock, folder: Path) -> Place:
    base = DocumentBase(basework.PASSWORD)
    base.session_calls = 61

    def settings() -> dict[str, Any]:
        settings = basework.base_settings(base, connector="documents")
        push = settings["push"] | {"publish": documentbase.PUBLISH, "withdraw": documentbase.WITHDRAW}
        services = {"list_service": documentbase.LIST, "record_service": documentbase.RECORD}
        return settings | {"settling": "60s", "push": push, **services}

    return Place(
        server=base, make=document, writes=_writes_rows, batched=True, settings=settings,
        changes=lambda start, numbers: [
            _row(one.action, int(one.code.partition("/")[0]), str(one.record.get("Title", "")))
            for one in base.effects[start:]
        ],
        look=lambda numbers: seen_in(str(one["Title"]) for one in base.documents.values() if not one.get("gone")),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------- the axis

_OFFICES: dict[str, Any] = {
    "sender": {"id": "000.00.01.H52", "name": "Uỷ ban nhân dân tỉnh Mẫu"}, "place": "Tỉnh Mẫu",
    "receivers": [{"id": "000.00.02.H52", "name": "Sở Y tế"}, {"id": "000.00.03.H52", "name": "Sở Nội vụ"}],
}  # fmt: skip


class Inbox:
    """A receiver's inbox: what arrived, and what of it is in force."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.standing: dict[int, Seen] = {}

    def take(self, body: bytes) -> None:
        """A message arrived."""
        message = edxml.parse(body)
        assert isinstance(message, Message)
        mark = mark_in(message.header.subject)
        number = mark[0] if mark else int(message.header.code.number or 0)
        gone = message.business.type == BusinessType.REVOKE
        self.changes.append(Change("delete" if gone else "put", number, revision_of(message)))
        if gone:
            self.standing.pop(number, None)
        elif mark:
            self.standing[number] = Seen(*mark)


def _axis(clock: Clock, folder: Path) -> Place:
    axis, inbox = FakeAxis(SECRET), Inbox()

    def changes(start: int, numbers: Numbers) -> list[Change]:
        for one in list(axis.sent.values())[len(inbox.changes) :]:
            inbox.take(one.body)
        return inbox.changes[start:]

    return Place(
        server=axis, make=document, announces=True, changes=changes,
        writes=lambda request, body: request.path.endswith("/sendEdoc"),
        look=lambda numbers: list(inbox.standing.values()),
        settings=lambda: {"connector": "edxml", **_OFFICES, "axis": {"url": axis.url, **axis.account()}},
    )  # fmt: skip


def _folder(clock: Clock, folder: Path) -> Place:
    """Another program takes messages away, now and then, in the order in which they came: so receivers read them."""
    outbox, inbox = folder / "edxml", Inbox()
    outbox.mkdir()
    lying: set[Path] = set()
    chance = Random(1)

    def carry() -> None:
        there = sorted(outbox.glob("*.edxml"), key=lambda one: (one.stat().st_mtime_ns, one.name))
        for path in there:
            if path not in lying:
                inbox.take(path.read_bytes())
                lying.add(path)
        if chance.random() < 0.3:
            for path in there:
                path.unlink()
            lying.clear()

    return Place(
        make=document, announces=True, each_turn=carry, landing=0,
        changes=lambda start, numbers: inbox.changes[start:],
        look=lambda numbers: list(inbox.standing.values()),
        settings=lambda: {"connector": "edxml", **_OFFICES, "folder": str(outbox)},
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- content systems


def _cms(connector: str, server: CmsServer, texts: Callable[[], Iterator[str]], **keys: Any) -> Place:
    def lag(begins: bool) -> None:
        (server.lag if begins else server.catch_up)()

    return Place(
        server=server, lag=lag, look=lambda numbers: seen_in(texts()),
        settings=lambda: {"connector": connector, "url": server.origin, "username": cmsportals.USERNAME,
                          "password": SECRET, "pictures": False, **keys},
        changes=lambda start, number: [
            Change(action, number(content_id), revision) for action, content_id, revision in server.effects[start:]
        ],
    )  # fmt: skip


def _wordpress(clock: Clock, folder: Path) -> Place:
    site = WordPressSite(SECRET)
    return _cms("wordpress", site, lambda: (one["title"] for one in site.posts() if one["status"] == "publish"))


def _drupal(clock: Clock, folder: Path) -> Place:
    site = DrupalSite(SECRET)
    return _cms(
        "drupal", site, revision_field="field_hub_revision",
        texts=lambda: (one["attributes"]["title"] for one in site.nodes() if one["attributes"]["status"]),
    )  # fmt: skip


def _liferay(clock: Clock, folder: Path) -> Place:
    site = LiferaySite(SECRET)
    return _cms(
        "liferay", site, site=liferay.SITE, structure=liferay.STRUCTURE, revision_field="HubRevision",
        texts=lambda: (one["title"] for one in site.contents()),
    )  # fmt: skip


PLACES: dict[str, Callable[[Clock, Path], Place]] = {
    "portal": lambda clock, folder: _portal(clock, folder, fenced=True),
    "portal-unfenced": lambda clock, folder: _portal(clock, folder, fenced=False),
    "webhook": _webhook,
    "procedures": _procedures,
    "documents": _documents,
    "edxml": _axis,
    "edxml-folder": _folder,
    "wordpress": _wordpress,
    "drupal": _drupal,
    "liferay": _liferay,
    **PAGES,
}
