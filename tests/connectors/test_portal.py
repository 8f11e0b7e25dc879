"""The portal's protocol in its corners; what every destination must do is in tests/contract/test_destinations.py."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from connectors.base import Found, Payload, Receipt
from connectors.destinations.portal import Config, Connector
from connectors.errors import TransientError, UnconfirmedError
from connectors.http import Http
from tests.fakes.portal import Held, Portal
from tests.fakes.server import Fault
from tests.fakes.site import Site

ID = UUID("5f0c8a54-6a3c-5d0b-9f0e-3a4b5c6d7e8f")
ASKED = Payload(content_id=ID, revision=1, body=b"")
JSON = "application/json"


def payload(revision: int = 3) -> Payload:
    body = {"content_id": str(ID), "revision": revision, "title": "Thông báo"}
    return Payload(content_id=ID, revision=revision, body=json.dumps(body).encode())


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    async with Portal() as portal:
        yield portal


@pytest.fixture
def connector(portal: Portal) -> Connector:
    return Connector("portal", Config(base_url=portal.base_url, allow_private=portal.doors))


def at(site: Site, **more: object) -> Connector:
    """A connector to a portal that answers whatever the test wants."""
    return Connector("portal", Config(base_url=site.origin, allow_private=site.doors, **more))  # type: ignore[arg-type]


async def test_a_409_is_a_receipt_of_the_newer_revision(http: Http, portal: Portal, connector: Connector) -> None:
    portal.held[str(ID)] = Held(9, {})
    assert await connector.send(http, payload(), key="k") == Receipt(
        remote_id=str(ID), revision=9, status=409, note="newer"
    )
    portal.held[str(ID)] = Held(8, None)
    assert (await connector.send(http, payload(), key="k")).revision == 8
    assert portal.effects == []


async def test_a_409_with_nothing_newer_behind_it_is_not_believed(
    http: Http, portal: Portal, connector: Connector
) -> None:
    portal.fail_next(Fault(status=409))
    with pytest.raises(TransientError, match="nothing newer"):
        await connector.send(http, payload(), key="k")
    portal.held[str(ID)] = Held(2, {})
    portal.fail_next(Fault(status=409))
    with pytest.raises(TransientError):
        await connector.withdraw(http, payload(), key="k")


async def test_a_409_for_what_is_already_as_wanted_is_done(http: Http, portal: Portal, connector: Connector) -> None:
    portal.held[str(ID)] = Held(3, {})
    portal.fail_next(Fault(status=409))
    assert (await connector.send(http, payload(), key="k")).note == "already there"
    portal.held.clear()
    portal.fail_next(Fault(status=409))
    assert (await connector.withdraw(http, payload(), key="k")).note == "already gone"


@pytest.mark.parametrize("status", [404, 410])
async def test_deleting_what_is_gone_is_done(http: Http, site: Site, status: int) -> None:
    site.serve(f"/items/{ID}", status=status)
    receipt = await at(site).withdraw(http, payload(4), key="k")
    assert (receipt.revision, receipt.status, receipt.note) == (4, status, "already gone")
    assert (site.asked[0].method, site.asked[0].headers["X-Version"]) == ("DELETE", "4")


@pytest.mark.parametrize("fenced", [True, False])
async def test_a_page_with_status_200_is_no_receipt(http: Http, site: Site, fenced: bool) -> None:
    site.serve(f"/items/{ID}", b"<html>verify you are human</html>", content_type="text/html")
    connector = at(site, fenced=fenced)
    for call in (connector.send, connector.withdraw):
        with pytest.raises(UnconfirmedError) as caught:
            await call(http, payload(), key="k")
        assert caught.value.code == "unreadable"
    with pytest.raises(TransientError):
        await connector.find(http, ASKED)


async def test_a_token_and_a_key_travel_with_every_change(http: Http, site: Site) -> None:
    site.serve(f"/items/{ID}", b"{}", content_type=JSON)
    await at(site, token="abc.def").send(http, payload(), key="a:1:portal")
    asked = site.asked[0]
    assert asked.headers["Authorization"] == "Bearer abc.def"
    assert asked.headers["Idempotency-Key"] == "a:1:portal"
    assert asked.headers["Content-Type"] == JSON


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"id": "x", "version": 4}, Found(remote_id=str(ID), revision=4)),
        ({"content_id": "x", "revision": 4}, Found(remote_id=str(ID), revision=4)),
        ({"id": "x", "so_phien_ban": "7", "version": 4}, Found(remote_id=str(ID), revision=7)),
        ({"id": "x"}, Found(remote_id=str(ID), revision=None)),
        ({"id": "x", "version": 10**12}, Found(remote_id=str(ID), revision=None)),
        ({"id": "x", "version": "9" * 400}, Found(remote_id=str(ID), revision=None)),
        ({"id": "x", "version": -1}, Found(remote_id=str(ID), revision=None)),
        ({"id": "x", "version": True}, Found(remote_id=str(ID), revision=None)),
        ({"id": "x", "version": 5, "withdrawn": True}, Found(remote_id=str(ID), revision=5, withdrawn=True)),
        ({"id": "x", "version": 5, "deleted": False}, Found(remote_id=str(ID), revision=5)),
    ],
)
async def test_what_is_there_is_read_under_any_usual_name(http: Http, site: Site, answer: object, found: Found) -> None:
    site.serve(f"/items/{ID}", json.dumps(answer).encode(), content_type=JSON)
    assert await at(site, version_field="so_phien_ban").find(http, ASKED) == found


async def test_a_tombstone_is_found_with_or_without_a_body(http: Http, site: Site) -> None:
    site.serve(f"/items/{ID}", status=410)
    assert await at(site).find(http, ASKED) == Found(remote_id=str(ID), revision=None, withdrawn=True)
    site.serve(f"/items/{ID}", b'{"version": 6}', status=410)
    assert await at(site).find(http, ASKED) == Found(remote_id=str(ID), revision=6, withdrawn=True)


async def test_the_list_tells_everything_that_is_there(http: Http, portal: Portal, connector: Connector) -> None:
    ids = [str(uuid4()) for _ in range(2_000)]
    portal.held = {content_id: Held(n, {} if n % 2 else None) for n, content_id in enumerate(ids)}
    page = await connector.holdings(http, {})
    assert [one.key for one in page.held] == ids
    assert (page.held[4].record, page.held[4].withdrawn, page.more, page.whole) == ({"revision": 4}, True, False, True)


async def test_the_list_may_be_wrapped_and_skips_what_has_no_id(http: Http, site: Site) -> None:
    site.serve("/items", b'{"items": [{"id": 7, "version": 1}, {"version": 2}, 3]}', content_type=JSON)
    [held] = (await at(site).holdings(http, {})).held
    assert (held.key, held.record) == ("7", {"revision": 1})


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": []}', b"[" + b'{"id": "x"},' * 2_000_000])
async def test_a_list_that_is_not_whole_is_an_error_and_not_an_empty_portal(
    http: Http, site: Site, body: bytes
) -> None:
    site.serve("/items", body, content_type=JSON)
    with pytest.raises(TransientError):
        await at(site).holdings(http, {})


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ({"base_url": "portal.vn"}, "base_url"),
        ({"base_url": "http://u:p@portal.vn/"}, "base_url"),
        ({"base_url": "http://portal.vn/?a=1"}, "no query"),
        ({"base_url": "http://portal.vn/", "version_field": "title"}, "another field"),
        ({"base_url": "http://portal.vn/", "version_field": "a b"}, "version_field"),
        ({"base_url": "http://portal.vn/", "token": "a\r\nX: b"}, "token"),
        ({"base_url": "http://portal.vn/", "token": ""}, "token"),
        ({"base_url": "http://portal.vn/", "timeout": "soon"}, "timeout"),
        ({"base_url": "http://portal.vn/", "timeout": 0}, "timeout"),
        ({"base_url": "http://portal.vn/", "allow_private": ["127.0.0.1"]}, "ADDRESS:PORT"),
        ({"base_url": "http://portal.vn/", "allow_private": "127.0.0.1:80"}, "allow_private"),
        ({}, "base_url"),
    ],
)
def test_wrong_settings_are_named(keys: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong) as caught:
        Config.model_validate(keys)
    assert all("token" not in error["loc"] or "X: b" not in error["msg"] for error in caught.value.errors())


def test_settings_are_read_as_people_write_them() -> None:
    config = Config.model_validate(
        {"base_url": "HTTP://Portal.vn/api/", "timeout": "2m", "settling": "0s", "allow_private": ["10.0.0.0/8:80"]}
    )
    assert (config.base_url, config.timeout, config.settling) == ("http://portal.vn/api", 120.0, 0.0)
    assert config.model_dump(mode="json")["allow_private"] == ["10.0.0.0/8:80"]
