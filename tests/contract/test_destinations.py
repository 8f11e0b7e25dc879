"""The promises of connectors/base.py:Destination, over every destination module there is.

A new destination is found by itself and fails here until `PLACES` has a server to try it against.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from connectors.base import Destination, Found, Payload, Receipt, Remembering
from connectors.errors import (
    BlockedError,
    HubError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnconfirmedError,
)
from connectors.http import Http
from connectors.parse.edxml import BusinessType
from connectors.parse.edxml.outgoing import revision_of
from connectors.registry import ConnectorModule, destination_connector, known
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
from tests.fakes.server import FakeServer, Fault
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


def _all() -> Iterable[str]:
    return [place for module in known().destinations for place in PLACES.get(module, {module: None})]


@pytest.fixture(params=_all())
async def place(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Place]:
    make = next((places[request.param] for places in PLACES.values() if request.param in places), None)
    assert make is not None, f"connectors/destinations/{request.param}.py has no entry in PLACES: give it a fake server"
    place = await make(clock)
    yield place
    await place.server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(clock: Clock) -> AsyncIterator[Http]:
    async with Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)", clock=clock.now) as http:
        yield http


async def deliver(place: Place, http: Http, what: PublishedItem | Withdrawal) -> Receipt:
    payload = place.present(what)
    call = place.connector.withdraw if isinstance(what, Withdrawal) else place.connector.send
    return await call(http, payload, key=place.key(what.revision), remote_id="")


async def failing(place: Place, http: Http, what: PublishedItem | Withdrawal) -> HubError:
    with pytest.raises(HubError) as caught:
        await deliver(place, http, what)
    return caught.value


async def test_what_is_sent_is_shown_and_the_receipt_says_so(place: Place, http: Http) -> None:
    receipt = await deliver(place, http, place.edition(3))
    assert place.shown() == {str(ID): 3}
    assert receipt.revision == 3
    assert place.is_named(receipt.remote_id)
    assert 200 <= receipt.status < 300


async def test_the_payload_is_the_published_item_and_the_same_each_time(place: Place) -> None:
    payload = place.present(place.edition(3))
    if place.item is not None:
        assert PublishedItem.model_validate(place.item(payload.body)) == place.edition(3)
    assert place.present(place.edition(3)) == payload
    assert (payload.content_id, payload.revision, payload.content_type) == (ID, 3, place.content_type)


async def test_the_same_key_twice_has_one_effect_where_repeating_is_promised(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    if place.connector.repeatable:
        assert place.effects() == [("put", str(ID), 1)]


async def test_a_newer_revision_takes_the_place_of_the_older(place: Place, http: Http) -> None:
    for revision in (1, 2, 5):
        await deliver(place, http, place.edition(revision))
    assert place.shown() == {str(ID): 5}


async def test_an_older_revision_never_covers_a_newer_where_repeating_is_promised(place: Place, http: Http) -> None:
    if not place.connector.repeatable:
        assert place.connector.settling >= 0  # such a place needs one call in flight and a look: the stage's part
        return
    await deliver(place, http, place.edition(5))
    receipt = await deliver(place, http, place.edition(4))
    assert place.shown() == {str(ID): 5}
    assert receipt.note == "newer"
    assert receipt.revision >= 4


async def test_a_withdrawn_item_is_gone_and_withdrawing_again_is_success(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, withdrawal(2))
    assert place.shown() == {}
    await deliver(place, http, withdrawal(2))
    assert place.effects() == [("put", str(ID), 1), ("delete", str(ID), 2 if place.tells_when else 0)]


async def test_withdrawing_what_was_never_there_is_success(place: Place, http: Http) -> None:
    await deliver(place, http, withdrawal(2))
    assert place.shown() == {}


async def test_a_late_edition_does_not_come_back_after_the_withdrawal(place: Place, http: Http) -> None:
    await deliver(place, http, place.edition(1))
    await deliver(place, http, withdrawal(3))
    if place.connector.repeatable:
        receipt = await deliver(place, http, place.edition(2))
        assert receipt.note == "newer"
    assert place.shown() == {}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(committed=True, reset=True),
        Fault(committed=True, status=500),
        Fault(committed=True, status=502, html=True),
        Fault(committed=True, hang=True),
        Fault(reset=True),
        Fault(status=503),
        Fault(hang=True),
    ],
    ids=repr,
)
async def test_after_an_unknown_outcome_the_item_is_there_once(place: Place, http: Http, fault: Fault) -> None:
    place.server.fail_next(fault)
    error = await failing(place, http, place.edition(1))
    assert type(error) is UnconfirmedError, "the call may have happened: nothing else lets the stage be careful"
    assert error.sentence
    if place.told_by_people:
        return await is_asked_about(place, http, there=fault.committed)
    found = await place.find(http)
    if place.connector.repeatable or found is None:
        await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    assert place.effects() == [("put", str(ID), 1)]


async def is_asked_about(place: Place, http: Http, *, there: bool) -> None:
    """Nobody but a person can tell; whoever says that it is not there has it sent again."""
    with pytest.raises(UnconfirmedError) as caught:
        await place.find(http)
    assert (caught.value.code, bool(caught.value.sentence)) == ("untold", True)
    assert len(place.effects()) == there
    if not there:
        await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}
    assert place.effects() == [("put", str(ID), 1)]


async def test_a_call_thought_dead_that_lands_late_is_found(place: Place, http: Http) -> None:
    late = asyncio.Event()
    place.server.fail_next(Fault(wait=late))
    assert type(await failing(place, http, place.edition(1))) is UnconfirmedError
    assert place.shown() == {}
    late.set()
    async with asyncio.timeout(5):
        while not place.effects():  # noqa: ASYNC110 - the server acts when nobody waits for it any more
            await asyncio.sleep(0.01)
    if place.told_by_people:
        return await is_asked_about(place, http, there=True)
    found = await place.find(http)
    assert (found is not None) == place.can_be_asked
    if found is not None:
        assert (place.is_named(found.remote_id), found.revision, found.withdrawn) == (True, 1, False)


async def test_find_tells_nothing_something_and_withdrawn_apart(place: Place, http: Http) -> None:
    assert await place.find(http) is None
    await deliver(place, http, place.edition(4))
    if not place.can_be_asked:
        assert await place.find(http) is None
        return
    found = await place.find(http, 4)
    assert found is not None
    assert (place.is_named(found.remote_id), found.revision, found.withdrawn) == (True, 4, False)
    await deliver(place, http, withdrawal(5))
    found = await place.find(http)
    assert found is None or found.withdrawn


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=400), RejectedError), (Fault(status=422), RejectedError), (Fault(status=413), RejectedError),
        (Fault(status=401), BlockedError), (Fault(status=403), BlockedError),
        (Fault(status=429, retry_after="30"), ThrottledError), (Fault(status=503, retry_after="30"), ThrottledError),
        (Fault(status=408), TransientError),
    ],
    ids=repr,
)  # fmt: skip
async def test_a_refusal_is_not_an_outage(place: Place, http: Http, fault: Fault, error: type[HubError]) -> None:
    place.server.fail_next(fault)
    caught = await failing(place, http, place.edition(1))
    assert type(caught) is error
    assert caught.sentence
    if isinstance(caught, ThrottledError):
        assert caught.retry_after == 30
    assert place.effects() == []


async def test_an_outage_is_transient_and_passes(place: Place, http: Http) -> None:
    await place.server.close()
    caught = await failing(place, http, place.edition(1))
    assert type(caught) is TransientError
    await place.server.start()
    await deliver(place, http, place.edition(1))
    assert place.shown() == {str(ID): 1}


async def test_a_place_inside_the_network_needs_its_allowance(place: Place, http: Http) -> None:
    config = place.config.model_copy(update={"allow_private": frozenset()})
    shut = type(place.connector)(place.name, config)
    if isinstance(place.connector, Remembering):
        shut.memory = place.connector.memory
    with pytest.raises(RejectedError) as caught:
        await shut.send(http, place.present(place.edition(1)), key=place.key(1))
    assert caught.value.code == "address_refused"
    assert place.effects() == []


async def test_secrets_stay_out_of_everything_that_is_printed(place: Place, http: Http) -> None:
    place.server.fail_next(Fault(status=401), Fault(reset=True), Fault(status=422, html=True))
    printed = [repr(place.config), str(place.config), repr(place.connector), repr(vars(place.connector))]
    for _ in range(3):
        error = await failing(place, http, place.edition(1))
        printed += [repr(error), str(error), error.sentence, repr(error.__cause__)]
    assert SECRET not in "".join(printed)


async def test_an_unknown_key_in_the_settings_is_an_error(place: Place) -> None:
    fields = place.config.model_dump() | {"bsae_url": "http://a.vn/"}
    with pytest.raises(ValidationError, match="bsae_url"):
        type(place.config)(**fields)


def test_every_destination_module_defines_the_two_names() -> None:
    for name in known().destinations:
        module: ConnectorModule = destination_connector(name)
        assert module.Connector.__name__ == "Connector"
        assert module.Config.model_config["extra"] == "forbid"
        assert module.Config.model_config["frozen"]
        assert set(PLACES) >= {name}, f"give {name} a place in this suite"
