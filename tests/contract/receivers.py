"""A server of each kind of destination and the connector pointed at it: what the contract is tried against."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from connectors.base import Destination, Found, Payload
from connectors.http import Http
from connectors.parse.edxml import BusinessType
from connectors.parse.edxml.outgoing import revision_of
from connectors.registry import destination_connector
from schemas.edition import PublishedItem, Withdrawal
from schemas.item import Kind
from tests.clock import Clock
from tests.fakes import cmsportals, documentbase
from tests.fakes.axis import FakeAxis
from tests.fakes.drupal import DrupalSite
from tests.fakes.dvcqg import DSTCODE, PUBLISH, USERNAME, WITHDRAW, NationalBase
from tests.fakes.graph import PAGE, Graph
from tests.fakes.liferay import SITE, STRUCTURE, LiferaySite
from tests.fakes.memory import FakeMemory
from tests.fakes.portal import Portal
from tests.fakes.server import FakeServer
from tests.fakes.telegram import CHANNEL, OPERATORS, TelegramChannel
from tests.fakes.webhook import Subscriber
from tests.fakes.wordpress import WordPressSite
from tests.fakes.zalo import APP_ID, FIRST_REFRESH, Shown, ZaloAccount

SECRET = "Chuoi-Bi-Mat-Dung-De-Thu"
ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")


def edition(revision: int = 1) -> PublishedItem:
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.NEWS, title="Lịch tiêm chủng tháng ba", member="H52.12",
        source="so-y-te", content_html="<p>Trạm y tế phường</p>",
        published=datetime(2026, 3, 2, tzinfo=UTC), tags=("y tế",), details={"signer": {"name": "Lê Văn Mẫu"}},
    )  # fmt: skip


CODE = "1.004194.000.00.00.H52"


def procedure(revision: int = 1) -> PublishedItem:
    """A procedure whose decision tells its revision: its base keeps none."""
    details: dict[str, Any] = {
        "code": CODE, "announced_by": "H52", "decision": f"{revision}/QĐ-UBND", "levels": ["Cấp xã"],
        "steps": [{"steps": ["Nộp hồ sơ", "Nhận kết quả"]}],
        "ways": [{"channel": "online", "time_limits": [{"value": 5, "unit": "working_day", "unit_name": "Ngày làm việc",
                                                        "fees": [{"kind": "fee", "amount": 1_500_000}]}]}],
    }  # fmt: skip
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.PROCEDURE, title="Thông báo lưu trú", member="H52",
        source="tthc", details=details,
    )  # fmt: skip


NUMBER_KEY = "15/2024/QĐ-UBND ngày 20/11/2024 – uy ban nhan dan tinh mau"


def registered(revision: int = 1) -> PublishedItem:
    """A document whose gazette tells its revision."""
    details: dict[str, Any] = {
        "number": "15/2024/QĐ-UBND", "issuer": {"name": "UBND tỉnh Mẫu", "code": "H52"}, "issued": "2024-11-20",
        "document_type": {"code": "QĐ", "name": "Quyết định"}, "signer": {"name": "Lê Văn Mẫu", "position": "Chủ tịch"},
        "gazette": f"Công báo số {revision}", "validity": "in_force", "procedures": [CODE],
    }  # fmt: skip
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.DOCUMENT, title="Quy định mức thu học phí", member="H52",
        source="van-ban", details=details,
    )  # fmt: skip


def withdrawal(revision: int) -> Withdrawal:
    return Withdrawal(content_id=ID, revision=revision, at=datetime(2026, 3, 3, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Place:
    """One destination with a server that plays it."""

    name: str
    connector: Destination
    config: Any
    server: FakeServer
    shown: Callable[[], dict[str, int]]  #: revision by content_id, as a visitor sees it
    effects: Callable[[], list[tuple[str, str, int]]]  #: action, content_id, revision, in order
    item: Callable[[bytes], Any] | None  #: the published item inside a payload; None: a form that holds less
    can_be_asked: bool = True  #: `find` knows the answer
    told_by_people: bool = False  #: after an unknown outcome `find` raises, and a person is asked
    edition: Callable[[int], PublishedItem] = edition  #: an item that this place takes
    remote_id: str = str(ID)  #: how the item is called there; empty: as the place likes
    content_type: str = "application/json"
    tells_when: bool = True  #: a withdrawal in `effects` has its revision; else 0

    def key(self, revision: int) -> str:
        """The idempotency key as the deliver stage makes it."""
        return f"{ID}:{revision}:{self.name}"

    def present(self, what: PublishedItem | Withdrawal) -> Payload:
        """What would be sent; before a withdrawal the first edition was public."""
        return self.connector.present(what, last=self.edition(1) if isinstance(what, Withdrawal) else None)

    async def find(self, http: Http, revision: int = 1) -> Found | None:
        """What the place holds of the item."""
        return await self.connector.find(http, self.present(self.edition(revision)))

    def is_named(self, remote_id: str) -> bool:
        return remote_id == self.remote_id if self.remote_id else bool(remote_id)


async def _portal(clock: Clock, *, fenced: bool) -> Place:
    server = await Portal(fenced=fenced, token=SECRET, version_field="version").start()
    module = destination_connector("portal")
    config = module.Config.model_validate(
        {
            "base_url": server.base_url,
            "token": SECRET,
            "version_field": "version",
            "fenced": fenced,
            "timeout": "500ms",
            "settling": 0,
            "allow_private": [str(server.allowance)],
        }
    )

    def item(body: bytes) -> Any:
        fields = json.loads(body)
        return fields | {"revision": fields.pop("version")}

    return Place(
        name="portal", connector=module.Connector("portal", config), config=config, server=server, shown=server.shown,
        effects=lambda: [(effect.action, effect.content_id, effect.version) for effect in server.effects], item=item,
    )  # fmt: skip


async def _webhook(clock: Clock) -> Place:
    server = Subscriber(SECRET, clock.now)
    await server.start()
    module = destination_connector("webhook")
    config = module.Config.model_validate(
        {"url": server.url, "secret": SECRET, "timeout": "500ms", "allow_private": [str(server.allowance)]}
    )

    def shown() -> dict[str, int]:
        last = {told.content_id: told for told in server.told}
        return {content_id: told.revision for content_id, told in last.items() if told.event == "published"}

    return Place(
        name="webhook", connector=module.Connector("webhook", config), config=config, server=server, shown=shown,
        effects=lambda: [
            ("put" if told.event == "published" else "delete", told.content_id, told.revision) for told in server.told
        ],
        item=lambda body: json.loads(body)["item"], can_be_asked=False,
    )  # fmt: skip


async def _base(name: str, base: NationalBase, **keys: Any) -> tuple[Destination, Any]:
    base.faults_at_writes = True
    await base.start()
    module = destination_connector(name)
    config = module.Config.model_validate(
        {
            "url": f"{base.origin}/adapter", "timeout": "500ms", "settling": 0, "not_found": ["44"],
            "allow_private": [str(base.allowance)],
            "session": {"username": USERNAME, "password": SECRET, "login_path": "login", "call_path": "share",
                        "dstcode": DSTCODE},
            **keys,
        }
    )  # fmt: skip
    return module.Connector(name, config), config


async def _documents(clock: Clock) -> Place:
    base = documentbase.DocumentBase(SECRET)
    connector, config = await _base(
        "documents", base, list_service=documentbase.LIST, record_service=documentbase.RECORD,
        push={"publish": documentbase.PUBLISH, "withdraw": documentbase.WITHDRAW, "path": "integrate", "wait": 0},
    )  # fmt: skip

    def revision(record: Any) -> int:
        return int(record["VBPQNguontrich"].rpartition(" ")[2])

    return Place(
        name="documents", connector=connector, config=config, server=base, item=None, edition=registered,
        remote_id=NUMBER_KEY, tells_when=False,
        shown=lambda: {str(ID): revision(one) for one in base.documents.values() if not one.get("gone")},
        effects=lambda: [
            (one.action, str(ID), revision(one.record) if one.action == "put" else 0) for one in base.effects
        ],
    )  # fmt: skip


async def _procedures(clock: Clock) -> Place:
    base = NationalBase(SECRET)
    push = {"publish": PUBLISH, "withdraw": WITHDRAW, "path": "integrate", "wait": 0}
    connector, config = await _base("procedures", base, push=push)

    def revision(record: Any) -> int:
        return int(record["QUYETDINH"].partition("/")[0])

    return Place(
        name="procedures", connector=connector, config=config, server=base, item=None,
        edition=procedure, remote_id=CODE, tells_when=False,
        shown=lambda: {str(ID): revision(one) for one in base.procedures.values() if str(one["TRANGTHAI"]) == "1"},
        effects=lambda: [
            (one.action, str(ID), revision(one.record) if one.action == "put" else 0) for one in base.effects
        ],
    )  # fmt: skip


def document(revision: int = 1) -> PublishedItem:
    return PublishedItem(
        content_id=ID, revision=revision, kind=Kind.DOCUMENT, title="Quyết định giao đất", member="H52.12",
        source="van-ban", published=datetime(2026, 3, 2, tzinfo=UTC),
        details={"number": "575/QĐ-UBND", "issued": "2026-03-01", "signer": {"name": "Lê Văn Mẫu"}},
    )  # fmt: skip


async def _axis(clock: Clock) -> Place:
    server = FakeAxis(SECRET)
    await server.start()
    module = destination_connector("edxml")
    config = module.Config.model_validate(
        {
            "sender": {"id": "000.00.01.H52", "name": "Uỷ ban nhân dân tỉnh Mẫu"},
            "receivers": [{"id": "000.00.02.H52", "name": "Sở Y tế"}, {"id": "000.00.03.H52", "name": "Sở Nội vụ"}],
            "place": "Tỉnh Mẫu", "axis": {"url": server.url, **server.account()}, "timeout": "500ms", "settling": 0,
            "allow_private": [str(server.allowance)],
        }
    )  # fmt: skip

    def effects() -> list[tuple[str, str, int]]:
        gone = BusinessType.REVOKE
        return [
            ("delete" if one.business.type == gone else "put", str(ID), revision_of(one)) for one in server.messages()
        ]

    def shown() -> dict[str, int]:
        return {str(ID): revision for action, _, revision in effects()[-1:] if action == "put"}

    return Place(
        name="edxml", connector=module.Connector("edxml", config), config=config, server=server, shown=shown,
        effects=effects, item=None, edition=document, remote_id="", content_type="application/xml; charset=utf-8",
    )  # fmt: skip


async def _cms(name: str, server: cmsportals.CmsServer, **keys: Any) -> Place:
    """A content system: it keeps articles, not items, and ids of its own."""
    await server.start()
    module = destination_connector(name)
    keys |= {"username": cmsportals.USERNAME, "password": SECRET, "url": server.origin}
    config = module.Config.model_validate(
        {"timeout": "500ms", "settling": 0, "allow_private": [str(server.allowance)], **keys}
    )
    return Place(
        name=name, connector=module.Connector(name, config), config=config, server=server, item=None,
        shown=server.shown, effects=lambda: server.effects, remote_id="", tells_when=False,
    )  # fmt: skip


def story(revision: int = 1) -> PublishedItem:
    """News whose title tells its revision: a post of a page keeps none."""
    return edition(revision).model_copy(update={"title": f"Lịch tiêm chủng tháng ba (bản {revision})"})


async def _facebook(clock: Clock, *, drafts: bool) -> Place:
    # What may go wrong goes wrong where it matters: at the call that makes a post visible.
    page = Graph(SECRET, clock.now, faults_at=("show", "edit", "delete") if drafts else ())
    await page.start()
    module = destination_connector("facebook")
    config = module.Config.model_validate(
        {
            "page_id": PAGE, "token": SECRET, "base_url": page.origin, "link": "https://tinh-mau.vn/tin/{content_id}",
            "drafts": drafts, "misses_apart": 0, "settling": 0, "timeout": "500ms",
            "allow_private": [str(page.allowance)],
        }
    )  # fmt: skip
    connector = module.Connector("facebook", config)
    connector.memory = FakeMemory()

    def revision(message: str) -> int:
        return int(message.partition("(bản ")[2].partition(")")[0])

    return Place(
        name="facebook", connector=connector, config=config, server=page, item=None, edition=story, remote_id="",
        tells_when=False, shown=lambda: {str(ID): revision(post.message) for post in page.visible()},
        effects=lambda: [
            (one.action, str(ID), revision(one.message) if one.action == "put" else 0) for one in page.effects
        ],
    )  # fmt: skip


async def _telegram(clock: Clock, *, look_chat: str) -> Place:
    channel = TelegramChannel(f"110201543:{SECRET}", clock.now)
    await channel.start()
    module = destination_connector("telegram")
    config = module.Config.model_validate(
        {
            "chat": CHANNEL, "token": channel.token, "base_url": channel.origin, "look_chat": look_chat,
            "link": "https://tinh-mau.vn/tin/{content_id}", "settling": 0, "timeout": "500ms",
            "allow_private": [str(channel.allowance)],
        }
    )  # fmt: skip
    connector = module.Connector("telegram", config)
    connector.memory = FakeMemory()
    await connector.memory.remember("last", str(channel.by_hand().id))  # something was posted there before
    return Place(
        name="telegram", connector=connector, config=config, server=channel, item=None, edition=story, remote_id="",
        tells_when=False, shown=channel.shown, effects=lambda: channel.effects, told_by_people=not look_chat,
    )  # fmt: skip


async def _zalo(clock: Clock) -> Place:
    # What may go wrong goes wrong where it matters: at the call that lets followers see an article, or not any more.
    account = ZaloAccount(SECRET, clock.now, faults_at=("update", "remove"))
    await account.start()
    module = destination_connector("zalo")
    config = module.Config.model_validate(
        {
            "app_id": APP_ID, "app_secret": SECRET, "refresh_token": FIRST_REFRESH, "base_url": account.origin,
            "oauth_url": f"{account.origin}/v4/oa/access_token", "cover": "https://tinh-mau.vn/bieu-trung.png",
            "link": "https://tinh-mau.vn/tin/{content_id}", "settling": 0, "timeout": "500ms", "poll": "10ms",
            "allow_private": [str(account.allowance)],
        }
    )  # fmt: skip
    connector = module.Connector("zalo", config)
    connector.memory = FakeMemory()

    def revision(article: Shown) -> int:
        return int(article.fields["title"].partition("(bản ")[2].partition(")")[0])

    return Place(
        name="zalo", connector=connector, config=config, server=account, item=None, edition=story, remote_id="",
        tells_when=False, shown=lambda: {str(ID): revision(one) for one in account.visible()},
        effects=lambda: [
            (action, str(ID), revision(article) if action == "put" else 0) for action, article in account.effects
        ],
    )  # fmt: skip


#: A place to try each destination module at, by the module's name; a module may have several.
PLACES: dict[str, dict[str, Callable[[Clock], Awaitable[Place]]]] = {
    "portal": {
        "portal": lambda clock: _portal(clock, fenced=True),
        "portal-unfenced": lambda clock: _portal(clock, fenced=False),
    },
    "webhook": {"webhook": _webhook},
    "zalo": {"zalo": _zalo},
    "telegram": {
        "telegram": lambda clock: _telegram(clock, look_chat=""),
        "telegram-looked-at": lambda clock: _telegram(clock, look_chat=OPERATORS),
    },
    "facebook": {
        "facebook": lambda clock: _facebook(clock, drafts=True),
        "facebook-without-drafts": lambda clock: _facebook(clock, drafts=False),
    },
    "edxml": {"edxml": _axis},
    "procedures": {"procedures": _procedures},
    "documents": {"documents": _documents},
    "drupal": {
        "drupal": lambda clock: _cms("drupal", DrupalSite(SECRET), revision_field="field_hub_revision"),
    },
    "liferay": {
        "liferay": lambda clock: _cms(
            "liferay", LiferaySite(SECRET), site=SITE, structure=STRUCTURE, revision_field="HubRevision"
        ),
        "liferay-blogs": lambda clock: _cms(
            "liferay", LiferaySite(SECRET), site=SITE, content="blog-postings", revision_field="HubRevision"
        ),
    },
    "wordpress": {"wordpress": lambda clock: _cms("wordpress", WordPressSite(SECRET))},
}
