"""The sample portal: the protocol row by row, the fence, what stays over a restart, and pages that trust nobody."""

import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from connectors.addresses import parse_allowance
from connectors.base import Payload
from connectors.destinations.portal import Config, Connector
from connectors.errors import ConfigError
from connectors.http import Http
from hub.sample.portal import BODY_LIMIT, SamplePortal
from hub.sample.portal_shelf import Counters, Outcome, judge
from schemas.edition import PublishedItem
from schemas.item import TITLE_LIMIT

STORY = UUID("0b96caa8-e678-5b6d-a3dc-aeb4db938b6f")
OTHER = UUID("7c1f5a52-9d0e-5c7b-8a54-0f3f7f1d2c3b")
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def item(content_id: UUID = STORY, revision: int = 1, **fields: Any) -> dict[str, Any]:
    made = {
        "content_id": str(content_id), "revision": revision, "kind": "news",
        "title": "Khám sức khỏe miễn phí cho người cao tuổi", "member": "H52.12", "member_name": "Sở Y tế",
        "source": "so-y-te-tin",
    }  # fmt: skip
    return made | fields


class Caller:
    """Speaks to a portal as the hub would, and as somebody else would."""

    def __init__(self, portal: SamplePortal, session: aiohttp.ClientSession) -> None:
        self.portal = portal
        self._session = session

    async def call(
        self, method: str, path: str = f"/items/{STORY}", *, token: str = "bi-mat", **options: Any
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        async with self._session.request(method, self.portal.base_url + path, headers=headers, **options) as answer:
            return answer.status, await answer.json(content_type=None)

    async def put(self, body: dict[str, Any], key: str = "") -> tuple[int, Any]:
        key = key or f"{body['content_id']}:{body['revision']}:portal"
        return await self.call("PUT", f"/items/{body['content_id']}", json=body, headers={"Idempotency-Key": key})

    async def delete(self, revision: int | str, content_id: UUID = STORY) -> tuple[int, Any]:
        headers = {"Idempotency-Key": f"{content_id}:{revision}:portal", "X-Version": str(revision)}
        return await self.call("DELETE", f"/items/{content_id}", headers=headers)

    async def page(self, path: str = "") -> tuple[int, str]:
        async with self._session.get(self.portal.page_url + path) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            return answer.status, await answer.text()


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


Open = Callable[[], Any]


@pytest.fixture
async def opened(tmp_path: Path, clock: Clock) -> AsyncIterator[Open]:
    """Opens the portal of this test, each time as a new start over the same folder."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        class Opened:
            async def __aenter__(self) -> Caller:
                self.portal = SamplePortal(tmp_path / "cong", name="Tỉnh Mẫu", token="bi-mat", now=clock)
                return Caller(await self.portal.__aenter__(), session)

            async def __aexit__(self, *_: object) -> None:
                await self.portal.__aexit__(None, None, None)

        yield Opened


@pytest.fixture
async def portal(opened: Open) -> AsyncIterator[Caller]:
    async with opened() as caller:
        yield caller


async def test_an_item_arrives_and_can_be_read_back(portal: Caller) -> None:
    assert await portal.put(item()) == (201, {"content_id": str(STORY), "revision": 1})
    assert await portal.call("GET") == (200, {"content_id": str(STORY), "revision": 1})
    assert await portal.call("GET", "/items") == (200, [{"content_id": str(STORY), "revision": 1}])
    assert await portal.call("GET", f"/items/{OTHER}") == (
        404,
        {"status": 404, "detail": "Nothing is held under this id."},
    )


async def test_a_newer_revision_replaces_and_an_older_one_is_refused(portal: Caller) -> None:
    await portal.put(item(revision=2))
    assert await portal.put(item(revision=3, title="Bản mới")) == (200, {"content_id": str(STORY), "revision": 3})
    assert await portal.put(item(revision=2)) == (409, {"content_id": str(STORY), "revision": 3})
    assert portal.portal.counters == Counters(received=1, updated=1, stale=1)
    assert "Bản mới" in (await portal.page())[1]


async def test_what_is_older_than_a_withdrawal_stays_out(portal: Caller) -> None:
    await portal.put(item(revision=1))
    gone = {"content_id": str(STORY), "revision": 3, "withdrawn": True}
    assert await portal.delete(3) == (200, gone)
    assert await portal.put(item(revision=2)) == (409, gone)
    assert await portal.call("GET") == (410, gone)
    assert await portal.call("GET", "/items") == (200, [gone])
    assert await portal.delete(2) == (409, gone)
    assert await portal.put(item(revision=4)) == (200, {"content_id": str(STORY), "revision": 4})


async def test_a_withdrawal_that_comes_before_its_item_is_kept(portal: Caller) -> None:
    assert (await portal.delete(2))[0] == 200
    assert (await portal.put(item(revision=1)))[0] == 409


async def test_the_same_call_again_succeeds_and_changes_nothing(portal: Caller, clock: Clock) -> None:
    await portal.put(item())
    clock.at += timedelta(hours=1)
    assert (await portal.put(item()))[0] == 200
    await portal.delete(2)
    assert (await portal.delete(2))[0] == 200
    assert portal.portal.counters == Counters(received=1, withdrawn=1, repeated=2)


async def test_a_key_that_stood_for_another_change_is_refused(portal: Caller) -> None:
    await portal.put(item(), key="mot")
    status, problem = await portal.put(item(revision=2), key="mot")
    assert (status, problem["detail"]) == (422, "Idempotency-Key: it was used for another change before")
    assert (await portal.call("GET"))[1]["revision"] == 1
    assert portal.portal.counters == Counters(received=1)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
async def test_nothing_is_done_or_told_without_the_token(portal: Caller, method: str) -> None:
    await portal.put(item())
    headers = {"Idempotency-Key": "khac", "X-Version": "9"}
    for token in ("", "sai", "bi-mat-hon", "bí mật"):
        status, problem = await portal.call(method, token=token, json=item(revision=9), headers=headers)
        assert status == 401
        assert str(STORY) not in str(problem)
    assert portal.portal.counters == Counters(received=1)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (item(title=""), "title"),
        (item(title="a" * (TITLE_LIMIT + 1)), "title"),
        (item(revision=0), "revision"),
        (item(revision="1"), "revision"),
        (item(revision=2**63), "revision"),
        (item(kind="poem"), "kind"),
        (item(published="2026-11-20T08:30:00"), "published"),
        (item(content_id=str(OTHER)), "content_id"),
        (item(attachments=[{"url": 7}]), "attachments.0.url"),
    ],
)
async def test_a_body_that_is_no_item_is_refused_with_its_field(portal: Caller, body: Any, named: str) -> None:
    sent = {"data": body} if isinstance(body, bytes) else {"json": body}
    status, problem = await portal.call("PUT", headers={"Idempotency-Key": "mot"}, **sent)
    assert (status, problem["detail"].partition(":")[0]) == (400, named)
    assert portal.portal.counters == Counters()


async def test_a_body_beyond_the_limit_is_refused(portal: Caller) -> None:
    body = io.BytesIO(b'{"title": "' + b"a" * BODY_LIMIT + b'"}')
    status, _ = await portal.call("PUT", data=body, headers={"Idempotency-Key": "mot"})
    assert status == 413


@pytest.mark.parametrize("version", ["", "0", "-1", "1.0", "²", "9" * 30])
async def test_a_withdrawal_needs_a_revision(portal: Caller, version: str) -> None:
    status, problem = await portal.call("DELETE", headers={"Idempotency-Key": "mot", "X-Version": version})
    assert (status, problem["detail"].partition(":")[0]) == (400, "X-Version")


async def test_a_change_needs_an_id_and_a_key(portal: Caller) -> None:
    assert (await portal.call("PUT", json=item()))[0] == 400
    assert (await portal.call("PUT", "/items/tin-1", json=item(), headers={"Idempotency-Key": "mot"}))[0] == 400
    assert (await portal.call("POST", json=item()))[0] == 405


async def test_fields_of_later_releases_are_ignored(portal: Caller) -> None:
    assert (await portal.put(item(mood="cheerful")))[0] == 201


async def test_a_restart_keeps_items_withdrawals_keys_and_counters(opened: Open) -> None:
    async with opened() as first:
        await first.put(item(), key="mot")
        await first.put(item(OTHER))
        await first.delete(2, OTHER)
    async with opened() as second:
        assert second.portal.counters == Counters(received=2, withdrawn=1)
        assert (await second.call("GET"))[1]["revision"] == 1
        assert (await second.put(item(OTHER)))[0] == 409
        assert (await second.put(item(revision=2), key="mot"))[0] == 422
        assert "Khám sức khỏe miễn phí" in (await second.page())[1]
    assert second.portal.counters.stale == 1  # can be read when the portal is closed


async def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    async with SamplePortal(tmp_path / "a", name="Tỉnh Mẫu", token="bi-mat") as first:
        port = int(first.page_url.rstrip("/").rpartition(":")[2])
        with pytest.raises(ConfigError, match="cannot listen") as caught:
            await SamplePortal(tmp_path / "b", name="Tỉnh Mẫu", token="bi-mat", port=port).__aenter__()
        assert str(port) in caught.value.sentence


async def test_the_hubs_own_connector_is_served(portal: Caller) -> None:
    door = parse_allowance(portal.portal.page_url.removeprefix("http://").rstrip("/"))
    config = Config(base_url=portal.portal.base_url, token="bi-mat", allow_private=frozenset({door}))
    connector = Connector("portal", config)
    edition = PublishedItem.model_validate(item())
    async with Http(user_agent="provincial-hub/0.1 (+mailto:a@b.vn)") as http:
        payload = connector.present(edition)
        assert isinstance(payload, Payload)
        receipt = await connector.send(http, payload, key=f"{STORY}:1:portal")
        assert (receipt.status, receipt.revision) == (201, 1)
        assert [held.record for held in (await connector.holdings(http, {})).held] == [{"revision": 1}]


async def test_a_hostile_title_is_text_and_the_content_is_cleaned_again(portal: Caller) -> None:
    await portal.put(
        item(
            title="<script>alert(1)</script>", member_name='"><img src=x>', tags=["<b>"],
            content_html='<p onclick="x()">Nội dung</p><script>alert(2)</script><a href="javascript:alert(3)">đây</a>',
            url="javascript:alert(4)", image="data:text/html,x", attachments=[{"url": "file:///etc/passwd"}],
        )
    )  # fmt: skip
    for path in ("", f"tin/{STORY}"):
        status, page = await portal.page(path)
        assert status == 200
        assert "&lt;script&gt;alert(1)" in page
        for danger in ("<script", "onclick", "javascript:", 'src="data:', "file:", "<img src=x", "<b>"):
            assert danger not in page
    assert "<p>Nội dung</p>" in page


async def test_a_page_shows_content_files_and_the_way_to_the_source(portal: Caller) -> None:
    files = [{"url": "https://soyte.tinhmau.gov.vn/tep/kh.pdf", "length": 52_114, "title": "Kế hoạch"}]
    await portal.put(
        item(
            content_html="<p>Từ ngày 25/11.</p>", url="https://soyte.tinhmau.gov.vn/tin/1", attachments=files,
            published="2026-11-20T01:30:00Z", tags=["y tế"],
        )
    )  # fmt: skip
    _, page = await portal.page(f"tin/{STORY}")
    for shown in (
        "<p>Từ ngày 25/11.</p>",
        "Kế hoạch</a>",
        "PDF, 51\xa0KB",
        "tại soyte.tinhmau.gov.vn",
        "20/11/2026 08:30",
    ):
        assert shown in page


async def test_a_withdrawn_item_is_shown_no_more(portal: Caller) -> None:
    await portal.put(item())
    await portal.delete(2)
    status, page = await portal.page(f"tin/{STORY}")
    assert (status, "đã được gỡ" in page, "Khám sức khỏe" in page) == (410, True, False)
    assert "Khám sức khỏe" not in (await portal.page())[1]


async def test_the_list_shows_the_latest_change_first_and_can_be_narrowed(portal: Caller) -> None:
    await portal.put(item(title="Một"))
    await portal.put(item(OTHER, title="Hai", kind="notice", member="H52.3", member_name="Sở Nội vụ"))
    await portal.put(item(revision=2, title="Một, đã sửa"))
    assert titles(await portal.page()) == ["Một, đã sửa", "Hai"]
    assert titles(await portal.page("?member=H52.3")) == ["Hai"]
    assert titles(await portal.page("?kind=news")) == ["Một, đã sửa"]
    assert titles(await portal.page("?kind=news&member=H52.3")) == []
    assert titles(await portal.page("?kind=poem&page=x")) == ["Một, đã sửa", "Hai"]


async def test_the_list_turns_its_pages(portal: Caller) -> None:
    for number in range(21):
        await portal.put(item(UUID(int=number), title=f"Tin {number}"))
    assert titles(await portal.page())[0] == "Tin 20"
    assert titles(await portal.page("?page=2")) == ["Tin 0"]
    assert titles(await portal.page("?page=3")) == []


async def test_the_list_loads_itself_again_until_told_not_to(portal: Caller) -> None:
    assert '<meta http-equiv="refresh" content="5">' in (await portal.page())[1]
    assert "refresh" not in (await portal.page("?live=0"))[1]
    assert "refresh" not in (await portal.page("?page=2"))[1]


async def test_the_counters_stand_on_the_page(portal: Caller) -> None:
    await portal.put(item(revision=2))
    await portal.put(item(revision=2))
    await portal.put(item(revision=1))
    _, page = await portal.page()
    counted = re.findall(r"<li><strong>(\d+)</strong> <span>([^<]+)", page)
    assert counted == [
        ("1", "tin đã nhận"), ("0", "lần cập nhật"), ("0", "tin đã gỡ"), ("1", "bản trùng đã từ chối"),
        ("1", "bản cũ đã từ chối"),
    ]  # fmt: skip


async def test_a_wrong_address_gets_a_page_that_helps(portal: Caller) -> None:
    for path in ("khong-co", "tin/khong-phai-ma", f"tin/{OTHER}", "static/..%2Fportal.py"):
        status, page = await portal.page(path)
        assert (status, "Không tìm thấy trang" in page) == (404, True)


@pytest.mark.parametrize("withdraws", [True, False])
def test_nothing_held_is_never_stale(withdraws: bool) -> None:
    assert judge(None, 1, withdraws=withdraws) is (Outcome.WITHDRAWN if withdraws else Outcome.NEW)


def titles(answer: tuple[int, str]) -> list[str]:
    assert answer[0] == 200
    return re.findall(r'<h2><a href="/tin/[^"]+">([^<]+)</a></h2>', answer[1])
