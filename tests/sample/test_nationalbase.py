"""The sample's national base: its protocol row by row, what it held before us, who works in it, and what it shows."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.sample.announcing import record
from hub.sample.baseshelf import Counters
from hub.sample.nationalbase import DSTCODE, PUBLISH, UNIT, USER, WITHDRAW, SampleBase
from hub.sample.procedures import Entry, first_entries
from hub.sample.province import load_province

PROVINCE = load_province()
ENTRIES = [entry for member in PROVINCE.members[:3] for entry in first_entries(2026, member, PROVINCE.code)]
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is told otherwise."""

    at = NOON

    def __call__(self) -> datetime:
        return self.at


class Caller:
    """Speaks the session protocol."""

    def __init__(self, base: SampleBase, http: aiohttp.ClientSession) -> None:
        self.base, self.http, self.session = base, http, ""

    async def post(self, path: str, said: Any, *, dstcode: str = DSTCODE) -> dict[str, Any]:
        async with self.http.post(f"{self.base.url}/{path}", json=said, headers={"dstcode": dstcode}) as answer:
            assert answer.status == 200, "the base says what is wrong inside"
            found: dict[str, Any] = await answer.json()
            return found

    async def login(self, **changes: str) -> dict[str, Any]:
        answer = await self.post("adapter/login", {"username": USER, "password": "mat-khau"} | changes)
        self.session = answer["session"]
        return answer

    async def call(self, service: str, **said: Any) -> dict[str, Any]:
        return await self.post(
            "adapter/g", {"session": self.session, "madonvi": UNIT, "service": service} | said
        )  # fmt: skip

    async def codes(self) -> set[str]:
        return {row["MATTHC"] for row in (await self.call("LayDanhSachTTHC"))["result"]}

    async def page(self, path: str = "/") -> tuple[int, str]:
        async with self.http.get(self.base.url + path) as answer:
            return answer.status, await answer.text()


Open = Callable[[], Any]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def opened(tmp_path: Path, clock: Clock) -> AsyncIterator[Open]:
    """Opens the base of this test, each time as a new start over the same folder."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())

        class Opened:
            async def __aenter__(self) -> Caller:
                self.base = SampleBase(tmp_path / "csdl", PROVINCE, password="mat-khau", now=clock, seed=2026)
                caller = Caller(await self.base.__aenter__(), http)
                await caller.login()
                return caller

            async def __aexit__(self, *_: object) -> None:
                await self.base.__aexit__(None, None, None)

        yield Opened


@pytest.fixture
async def base(opened: Open) -> AsyncIterator[Caller]:
    async with opened() as caller:
        yield caller


def rows(*entries: Entry, **changes: Any) -> list[dict[str, Any]]:
    return [record(entry) | changes for entry in entries]


async def test_a_wrong_account_gets_no_session(base: Caller) -> None:
    for changes in ({"username": "khac"}, {"password": "sai"}, {"password": "mật khẩu"}):
        assert await base.login(**changes) == {"session": "", "error_code": "01"}
    said = {"username": USER, "password": "mat-khau"}
    assert (await base.post("adapter/login", said, dstcode="VN:GOV:khac"))["error_code"] == "01"
    assert (await base.post("adapter/login", ["mat-khau"]))["error_code"] == "01"


async def test_what_is_published_is_listed_and_read_back_with_the_keys_of_the_base(base: Caller) -> None:
    first, second = ENTRIES[:2]
    answer = await base.call(PUBLISH, data=rows(first, second))
    assert [(row["MATTHC"], row["error_code"]) for row in answer["result"]] == [(first.code, "00"), (second.code, "00")]
    assert await base.codes() > {first.code, second.code}
    [held] = (await base.call("LayThuTuc", maTTHC=first.code))["result"]
    assert (held["TENTTHC"], held["TRANGTHAI"]) == (first.name, 1)
    assert held["ID"]
    assert (await base.call("LayThuTuc", maTTHC="1.999999"))["error_code"] == "05"
    assert base.base.counters == Counters(received=2)


async def test_one_row_is_answered_by_an_object_and_not_by_a_list(base: Caller) -> None:
    answer = await base.call(PUBLISH, data=rows(ENTRIES[0]))
    assert answer == {
        "error_code": "00", "result": {"MATTHC": ENTRIES[0].code, "error_code": "00", "message": ""}
    }  # fmt: skip


async def test_a_good_answer_holds_a_result_for_each_row_also_for_refused_ones(base: Caller) -> None:
    one, two, three, four = ENTRIES[:4]
    data = [
        *rows(one), *rows(two, CACHTHUCTHUCHIEN=[]), *rows(three, LINHVUCTHUCHIEN=None),
        *rows(four, MATTHC="TTHC-1"), "gì đó",
    ]  # fmt: skip
    answer = await base.call(PUBLISH, data=data)
    assert [row["error_code"] for row in answer["result"]] == ["00", "13", "12", "11", "11"]
    assert all(row["message"] for row in answer["result"][1:])
    assert base.base.counters == Counters(received=1, refused=4)


async def test_the_same_record_again_changes_nothing(base: Caller) -> None:
    await base.call(PUBLISH, data=rows(ENTRIES[0]))
    await base.call(PUBLISH, data=rows(ENTRIES[0]))
    await base.call(PUBLISH, data=rows(ENTRIES[0], DIACHITIEPNHAN="Quầy số 4"))
    assert base.base.counters == Counters(received=1, repeated=1, updated=1)


async def test_what_is_withdrawn_stays_and_says_so(base: Caller) -> None:
    await base.call(PUBLISH, data=rows(ENTRIES[0]))
    for code, expected in ((ENTRIES[0].code, "00"), (ENTRIES[0].code, "00"), ("1.999999", "05")):
        answer = await base.call(WITHDRAW, data=[{"MATTHC": code, "TRANGTHAI": "0"}])
        assert answer["result"]["error_code"] == expected
    [held] = (await base.call("LayThuTuc", maTTHC=ENTRIES[0].code))["result"]
    assert held["TRANGTHAI"] == 0
    assert base.base.counters == Counters(received=1, withdrawn=1, repeated=1, unknown=1)


async def test_a_session_ends_after_a_while_and_with_the_next_login(base: Caller) -> None:
    for _ in range(60):
        assert (await base.call("LayDanhSachTTHC"))["error_code"] == "00"
    assert (await base.call("LayDanhSachTTHC"))["error_code"] == "09"
    await base.login()
    old = base.session
    await base.login()
    assert (await base.call("LayDanhSachTTHC", session=old))["error_code"] == "09"
    assert (await base.call("LayDanhSachTTHC", madonvi="H53"))["error_code"] == "09"
    assert (await base.call("KhongCo"))["error_code"] == "04"


async def test_it_held_something_that_nobody_took_back(base: Caller) -> None:
    before = await base.codes()
    assert len(before) == 2
    assert not before & {entry.code for entry in ENTRIES}
    assert (await base.page())[1].count("đã hợp nhất") == 2


async def test_officers_change_records_by_hand_while_time_passes(base: Caller, clock: Clock) -> None:
    await base.call(PUBLISH, data=rows(*ENTRIES))
    clock.at += timedelta(minutes=21)
    held = [(await base.call("LayThuTuc", maTTHC=entry.code))["result"][0] for entry in ENTRIES]
    changed = [row for row, entry in zip(held, ENTRIES, strict=True) if row["DIACHITIEPNHAN"] != entry.place]
    assert 1 <= len(changed) <= 4
    assert "cán bộ nhập tay" in (await base.page())[1]


async def test_a_restart_keeps_records_and_counters(opened: Open) -> None:
    async with opened() as first:
        await first.call(PUBLISH, data=rows(ENTRIES[0]))
        codes = await first.codes()
    async with opened() as second:
        assert await second.codes() == codes
        assert second.base.counters == Counters(received=1)


async def test_a_person_sees_what_is_there(base: Caller) -> None:
    entry = ENTRIES[3]
    await base.call(PUBLISH, data=rows(entry, TENTTHC="Cấp <b>giấy</b>"))
    status, page = await base.page()
    assert (status, "3 thủ tục đang công khai" in page, "Cấp &lt;b&gt;giấy&lt;/b&gt;" in page) == (200, True, True)
    status, page = await base.page(f"/thu-tuc/{entry.code}")
    assert status == 200
    for said in (entry.field, entry.papers[0].name, entry.laws[0].title, f"{entry.days} ngày làm việc"):
        assert said in page
    assert (await base.page("/thu-tuc/1.999999"))[0] == 404
