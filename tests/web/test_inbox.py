"""Members push to their inbox: signed, once, bounded; and what is not taken is told in two languages."""

import asyncio
import gzip
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from connectors.base import Capture
from connectors.errors import TransientError
from hub.app import Hub
from hub.commands.pause import pause
from hub.stages.harvest import Harvest
from hub.stages.normalise import Normalise
from hub.store import receiving
from hub.store.unit import Store
from hub.web.problems import _REFUSALS
from hub.web.server import serve
from tests.clock import Clock
from tests.docs.pages import REFERENCE, blocks
from tests.docs.pages import rows as table_rows
from tests.province import MEMBER, Province, events, row, rows, turn
from tests.store.interruption import cancel_everywhere

KEY, NEXT = "khoa-cua-so-y-te-2026", "khoa-moi-cua-so-y-te-"
PAGE = REFERENCE / "inbox-protocol.md"
SOURCE = "hop-nhan"


def items(*guids: str, **more: Any) -> bytes:
    listed = [{"guid": guid, "title": f"Tin {guid} của Sở Y tế"} for guid in guids]
    return json.dumps({"items": listed, **more}).encode()


class Door:
    """The inbox as a member meets it."""

    def __init__(self, hub: Hub, clock: Clock, address: str) -> None:
        self.hub, self.clock, self.address = hub, clock, address

    async def send(
        self, body: bytes, *, key: str = KEY, source: str = SOURCE, at: str = "", signature: str = "",
        headers: dict[str, str] | None = None, method: str = "POST",
    ) -> tuple[int, dict[str, Any], dict[str, str]]:  # fmt: skip
        """Sign and send; `at` and `signature` win over the right ones. Returns status, body and headers."""
        at = at or str(int(self.clock.now().timestamp()))
        digest = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        said = {"X-Hub-Timestamp": at, "X-Hub-Signature": signature or f"sha256={digest}"}
        said = {name: value for name, value in (said | (headers or {})).items() if value != "-"}
        url = f"{self.address}/inbox/{source}"
        async with ClientSession() as http, http.request(method, url, data=BytesIO(body), headers=said) as response:
            return response.status, json.loads(await response.read()), dict(response.headers)

    async def read(self) -> int:
        return await turn(Normalise(self.hub.engine))


@pytest.fixture
def opened(province: Province) -> Callable[..., Any]:
    """Opens the hub with its inbox; again after it was closed."""
    province._add(
        "source", name=SOURCE, member=MEMBER, connector="inbox", secret=KEY, next_secret=NEXT, per_minute=10,
        url="https://soyte.tinhmau.gov.vn/",
    )  # fmt: skip
    province._top["web"] = {"port": 0}

    @asynccontextmanager
    async def open_door(change: Callable[[Any], Any] = lambda engine: engine) -> AsyncIterator[Door]:
        async with province.open() as hub, serve(change(hub.engine), hub.settings) as address:
            yield Door(hub, province.clock, address)

    return open_door


@pytest.fixture
async def door(opened: Callable[..., Any]) -> AsyncIterator[Door]:
    async with opened() as door:
        yield door


async def test_what_a_member_sends_becomes_items(door: Door) -> None:
    status, said, headers = await door.send(items("a", "b"))
    capture = await row(door.hub, "capture")
    assert (status, said) == (202, {"capture": capture["id"]})
    assert headers["Cache-Control"] == "no-store"
    assert await door.read() == 1
    assert [item["guid"] for item in await rows(door.hub, "item")] == ["a", "b"]
    assert (await events(door.hub))[0] == "captured"


async def test_withdrawn_items_are_taken_back_and_others_stay(door: Door) -> None:
    await door.send(items("a", "b"))
    await door.read()
    await door.send(json.dumps({"withdrawn": [{"guid": "a"}]}).encode())
    await door.read()
    assert [(one["guid"], one["state"]) for one in await rows(door.hub, "item")] == [("a", "withdrawn"), ("b", "live")]


async def test_there_is_nothing_to_poll_and_nothing_alarms(door: Door) -> None:
    await door.send(items("a"))
    await door.read()
    for _ in range(3):
        door.clock.advance(days=30)
        assert await turn(Harvest(door.hub.engine)) == 1
        assert await door.read() == 0
    source = await row(door.hub, "source")
    assert (source["failures"], source["fault_code"], source["state"]) == (0, "", "active")


async def test_what_holds_no_items_is_shown_at_the_source_until_a_good_push(door: Door) -> None:
    assert (await door.send(b'{"danh_sach": []}'))[0] == 202
    await door.read()
    assert (await row(door.hub, "source"))["fault_code"] == "not_items"
    await turn(Harvest(door.hub.engine))
    assert (await row(door.hub, "source"))["fault_code"] == "not_items", "a poll of nothing says nothing"
    await door.send(items("a"))
    await door.read()
    assert (await row(door.hub, "source"))["fault_code"] == ""


# ------------------------------------------------------------------------------------------------ who may send


async def refused(door: Door, code: str, body: bytes = b"{}", **how: Any) -> dict[str, Any]:
    status, said, headers = await door.send(body, **how)
    assert (said["code"], status) == (code, _REFUSALS[code][0])
    assert headers["Content-Type"].startswith("application/problem+json")
    assert (said["status"], said["type"]) == (status, f"urn:provincial-hub:problem:{code}")
    assert said["title"].endswith(".")
    assert said["detail"].endswith(".")
    assert await rows(door.hub, "capture") == []
    return said


async def test_both_keys_of_the_member_are_taken_while_it_changes(door: Door) -> None:
    for key in (KEY, NEXT):
        assert (await door.send(items(key), key=key))[0] == 202


async def test_a_wrong_key_and_an_inbox_that_does_not_exist_look_alike(door: Door) -> None:
    wrong = await refused(door, "bad_signature", key="khoa-cua-nguoi-khac")
    assert await refused(door, "bad_signature", source="hop-nhan-khac") == wrong
    assert await refused(door, "bad_signature", source="hop-nhan-khac", key="khoa-cua-nguoi-khac") == wrong


async def test_the_log_keeps_who_could_not_prove_to_be_the_member(door: Door) -> None:
    with capture_logs() as logs:
        await refused(door, "bad_signature", key="khoa-cua-nguoi-khac")
        await refused(door, "bad_signature", source="hop-nhan-khac")
        await refused(door, "clock_skew", at="1")
    told = [(each["code"], each["source"]) for each in logs if each["event"] == "a push was refused"]
    assert told == [("bad_signature", SOURCE), ("bad_signature", ""), ("clock_skew", SOURCE)]
    assert all(each["address"] for each in logs if each["event"] == "a push was refused")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Hub-Signature": "-"}, {"X-Hub-Timestamp": "-"}, {"X-Hub-Timestamp": "hôm nay".encode().decode("latin-1")},
        {"X-Hub-Timestamp": "-5"}, {"X-Hub-Timestamp": "1" * 13}, {"X-Hub-Signature": "sha256="},
        {"X-Hub-Signature": "sha1=" + "0" * 40}, {"X-Hub-Signature": "\xe9"},
    ],
)  # fmt: skip
async def test_a_request_that_is_not_signed_is_refused(door: Door, headers: dict[str, str]) -> None:
    await refused(door, "bad_signature", headers=headers)


async def test_the_signature_covers_the_time_and_every_byte(door: Door) -> None:
    at = str(int(door.clock.now().timestamp()))
    right = hmac.new(KEY.encode(), f"{at}.{{}}".encode(), hashlib.sha256).hexdigest()
    await refused(door, "bad_signature", b"{ }", at=at, signature=f"sha256={right}")
    await refused(door, "bad_signature", at=str(int(at) + 1), signature=f"sha256={right}")


async def test_clocks_may_differ_by_five_minutes(door: Door) -> None:
    for minutes, code in ((-5.1, "clock_skew"), (5.1, "clock_skew")):
        at = str(int((door.clock.now() + timedelta(minutes=minutes)).timestamp()))
        await refused(door, code, at=at)
        await refused(door, code, at=at, source="hop-nhan-khac")
    for minutes in (-4.9, 4.9):
        at = str(int((door.clock.now() + timedelta(minutes=minutes)).timestamp()))
        assert (await door.send(items(at), at=at))[0] == 202


async def test_the_same_request_is_taken_once_also_after_a_restart(opened: Callable[..., Any]) -> None:
    body = items("a")
    async with opened() as door:
        [capture] = [said["capture"] for status, said, _ in [await door.send(body)] if status == 202]
        at = str(int(door.clock.now().timestamp()))
    async with opened() as door:
        digest = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        for written in ("", f"SHA256={digest.upper()}"):
            status, said, _ = await door.send(body, at=at, signature=written)
            assert (status, said["code"], said["capture"]) == (409, "repeated", capture)
        door.clock.advance(seconds=1)
        assert (await door.send(body))[0] == 202, "signed anew it is a new word"
        while await door.read():
            continue
        assert [item["revision"] for item in await rows(door.hub, "item")] == [1], "which changes nothing"


async def test_signatures_are_forgotten_only_long_after_their_time(door: Door) -> None:
    await door.send(items("a"))
    store = door.hub.engine.store
    assert await receiving.forget_pushes(store, older_than=store.now()) == 0
    door.clock.advance(days=1, seconds=1)
    assert await receiving.forget_pushes(store, older_than=store.now() - timedelta(days=1)) == 1


# --------------------------------------------------------------------------------------------------- how much


async def test_compressed_bodies_are_taken_and_signed_as_they_travel(door: Door) -> None:
    assert (await door.send(gzip.compress(items("a")), headers={"Content-Encoding": "gzip"}))[0] == 202
    assert (await row(door.hub, "capture"))["size"] == len(items("a"))


@pytest.mark.parametrize(
    ("body", "coding", "code"),
    [
        (b" " * (4 * 1024 * 1024 + 1), "", "too_large"),
        (gzip.compress(b" " * (9 * 1024 * 1024), mtime=0), "gzip", "too_large"),
        (gzip.compress(b" " * (7 * 1024 * 1024), mtime=0), "gzip", "too_large"),  # a bomb by its ratio
        (gzip.compress(items("a"), mtime=0)[:-9], "gzip", "bad_coding"),
        (b"\x1f\x8bxxxxxxxx", "gzip", "bad_coding"),
        (items("a"), "zstd", "bad_coding"),
        (items("a"), "gzip, gzip", "bad_coding"),
        (b"", "", "empty_body"),
        (b" \r\n", "", "empty_body"),
    ],
    ids=["wire", "decoded", "ratio", "cut", "corrupt", "zstd", "twice", "nothing", "blank"],
)
async def test_a_body_beyond_the_bounds_is_not_taken(door: Door, body: bytes, coding: str, code: str) -> None:
    await refused(door, code, body, headers={"Content-Encoding": coding or "-"})


async def test_a_long_body_is_refused_before_it_is_read_whoever_sends_it(door: Door) -> None:
    host, _, port = door.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    at = int(door.clock.now().timestamp())
    writer.write(
        f"POST /inbox/khong-co HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nX-Hub-Timestamp: {at}\r\n"
        f"X-Hub-Signature: sha256=00\r\n\r\n".encode()
    )
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_body_that_is_cut_off_is_not_taken(door: Door) -> None:
    host, _, port = door.address.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    body, at = items("a"), int(door.clock.now().timestamp())
    digest = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    head = f"POST /inbox/{SOURCE} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nX-Hub-Timestamp: {at}\r\n"
    writer.write(f"{head}X-Hub-Signature: sha256={digest}\r\n\r\n".encode() + body[:-5])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await door.send(body))[0] == 202, "the same request, whole"
    assert len(await rows(door.hub, "capture")) == 1


async def test_those_who_send_slowly_hold_up_nobodys_push(door: Door) -> None:
    # Sixteen were once all that could send at a time; whoever held these places needed no key.
    host, _, port = door.address.removeprefix("http://").partition(":")
    at, slow = int(door.clock.now().timestamp()), []
    head = f"POST /inbox/{SOURCE} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\nX-Hub-Timestamp: {at}\r\n"
    for size in [10] * 20 + [200_000] * 8:
        slow.append((await asyncio.open_connection(host, int(port), local_addr=("127.0.0.2", 0)))[1])
        slow[-1].write(f"{head}X-Hub-Signature: sha256=00\r\n\r\n".encode() + b"x" * size)
        await slow[-1].drain()
    try:
        async with asyncio.timeout(8):
            assert (await door.send(items("a")))[0] == 202
            assert (await door.send(items("b", "x" * 300_000)))[0] == 202, "a long one"
    finally:
        for writer in slow:
            writer.transport.abort()


async def test_so_many_a_minute_are_taken_and_further_ones_are_told_when_to_come_back(door: Door) -> None:
    for number in range(10):
        assert (await door.send(items(str(number))))[0] == 202
        door.clock.advance(seconds=2)
    status, said, headers = await door.send(items("x"))
    assert (status, said["code"], headers["Retry-After"]) == (429, "too_often", "40")
    door.clock.advance(seconds=40)
    assert (await door.send(items("x")))[0] == 202


async def test_only_post_is_taken(door: Door) -> None:
    for method in ("GET", "PUT", "DELETE"):
        await refused(door, "wrong_method", method=method)
    async with ClientSession() as http, http.head(f"{door.address}/inbox/{SOURCE}") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")


# ---------------------------------------------------------------------------------------------------- not now


async def test_a_paused_inbox_takes_nothing(door: Door) -> None:
    await pause(door.hub.engine, "source", SOURCE, who="an")
    status, said, headers = await door.send(items("a"))
    assert (status, said["code"], headers["Retry-After"]) == (503, "paused", "3600")
    assert await rows(door.hub, "push") == []


async def test_a_full_disk_takes_nothing(opened: Callable[..., Any]) -> None:
    async with opened(lambda engine: replace(engine, has_room=lambda: False)) as door:
        await refused(door, "no_room", items("a"))


async def test_a_database_that_is_away_is_told_as_such(opened: Callable[..., Any]) -> None:
    class Away(Store):
        @asynccontextmanager
        async def unit(self) -> AsyncIterator[Any]:
            raise TransientError("the database is away")
            yield

    def without(engine: Any) -> Any:
        return replace(engine, store=Away(engine.store.database, engine.store.broker, engine.store.clock))

    async with opened(without) as door:
        with capture_logs() as logs:
            said = await refused(door, "busy", items("a"))
        assert "một phút" in said["detail"]
        assert KEY not in repr(logs)


async def test_a_hub_without_inboxes_has_no_such_address(province: Province) -> None:
    province._top["web"] = {"port": 0}
    async with (
        province.open() as hub,
        serve(hub.engine, hub.settings) as address,
        ClientSession() as http,
        http.post(f"{address}/inbox/{SOURCE}", data=b"{}") as response,
    ):
        assert response.status == 404


async def test_nothing_that_was_sent_or_shared_is_logged(door: Door) -> None:
    with capture_logs() as logs:
        await door.send(items("a"))
        await door.send(items("a"))
        await door.send(items("b"), key="khoa-cua-nguoi-khac")
        await door.send(b'{"items": "TUYETMAT"}')
        await door.read()
        await door.read()
    told = repr(logs)
    assert not any(word in told for word in (KEY, NEXT, "sha256=", "TUYETMAT", "Tin a"))
    assert KEY not in repr(door.hub.settings)


# ------------------------------------------------------------------------------------------------ interruptions


async def test_a_push_that_is_cut_off_anywhere_is_kept_with_its_signature_or_not_at_all(door: Door) -> None:
    store, numbers = door.hub.engine.store, iter(range(1_000))

    async def take() -> None:
        number = next(numbers)
        door.clock.advance(seconds=7)
        capture = Capture(url="", content_type="", body=items(str(number)), fetched_at=store.now())
        for _ in range(2):  # cut off or not: the member repeats it
            await receiving.pushed(store, SOURCE, capture, signature=f"{number:064}", per_minute=10)

    async def check() -> None:
        kept, signed = await rows(door.hub, "capture"), await rows(door.hub, "push")
        assert [one["id"] for one in kept] == [one["capture"] for one in signed], "one capture for each signature"

    assert await cancel_everywhere(take, check, 1) > 4


async def test_whoever_dies_before_the_answer_has_kept_it_or_takes_it_the_next_time(
    opened: Callable[..., Any],
) -> None:
    """Killed between commit and answer: the member hears nothing, sends the same bytes again, and hears 409."""

    class Dies(Store):
        @asynccontextmanager
        async def unit(self) -> AsyncIterator[Any]:
            async with super().unit() as unit:
                yield unit
            raise RuntimeError("killed after the commit")

    def dying(engine: Any) -> Any:
        return replace(engine, store=Dies(engine.store.database, engine.store.broker, engine.store.clock))

    body = items("a")
    async with opened(dying) as door:
        url = f"{door.address}/inbox/{SOURCE}"
        at = str(int(door.clock.now().timestamp()))
        digest = hmac.new(KEY.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Timestamp": at, "X-Hub-Signature": f"sha256={digest}"}
        async with ClientSession() as http, http.post(url, data=body, headers=headers) as response:
            assert response.status == 500
    async with opened() as door:
        status, said, _ = await door.send(body, at=at)
        assert (status, said["capture"]) == (409, (await row(door.hub, "capture"))["id"])
        await door.read()
        assert len(await rows(door.hub, "item")) == 1


# ------------------------------------------------------------------------------------------------ the protocol


async def run(program: list[str], text: str, **environment: str) -> str:
    """A program of the page, run as a member would."""
    done = await asyncio.to_thread(
        subprocess.run, program, input=text, env=os.environ | environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return str(done.stdout)


SHELLS = [["bash", "-s"]] if all(map(shutil.which, ("bash", "curl", "openssl"))) else []


@pytest.mark.parametrize(("language", "program"), [("python", [sys.executable, "-"]), *(("sh", one) for one in SHELLS)])
async def test_the_examples_of_the_protocol_work_as_they_are_shown(
    opened: Callable[..., Any], clock: Clock, language: str, program: list[str]
) -> None:
    [example] = blocks(PAGE, language)
    now = datetime.now(UTC)
    clock.advance(seconds=(now - clock.now()).total_seconds())
    async with opened() as door:
        said = await run(program, example, KEY=KEY, INBOX=f"{door.address}/inbox/{SOURCE}")
        assert f'{{"capture": {(await row(door.hub, "capture"))["id"]}}}' in said
        await door.read()
        assert [item["title"] for item in await rows(door.hub, "item")] == ["Thông báo lịch tiếp công dân tháng 12"]


async def test_the_body_of_the_protocol_is_read_as_it_is_shown(door: Door) -> None:
    body, problem = blocks(PAGE, "json")
    assert (await door.send(body.encode()))[0] == 202
    await door.read()
    item = json.loads((await row(door.hub, "edition"))["body"])
    shown = json.loads(body)["items"][0]
    assert set(shown) <= set(item)
    assert {key: item[key] for key in ("guid", "url", "title", "tags", "image")} == {
        key: shown[key] for key in ("guid", "url", "title", "tags", "image")
    }
    status, sentence, title = _REFUSALS["clock_skew"]
    assert json.loads(problem) == {
        "type": "urn:provincial-hub:problem:clock_skew", "status": status, "title": title, "detail": sentence,
        "code": "clock_skew",
    }  # fmt: skip


def test_the_protocol_names_every_answer() -> None:
    named = {
        (int(cells[0]), code.strip("` "))
        for cells in table_rows(PAGE, "Answers")
        if cells[0].isdigit()
        for code in cells[1].split(",")
    }
    assert named == {(status, code) for code, (status, _, _) in _REFUSALS.items()}
