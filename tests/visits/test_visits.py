"""Visits from a file and from a counter into the numbers of a report; on both databases."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from connectors.errors import HubError
from hub.app import Hub
from hub.commands.load_visits import LoadedVisits, load_visits
from hub.commands.read_counters import read_counters
from hub.control import execute
from hub.queries.visits import most_read, readers, sites
from hub.rules.access import Scope
from hub.visits.counting import count
from hub.visits.reading import VisitsRefusedError
from tests.clock import Clock
from tests.fakes.site import Site
from tests.province import MEMBER, Province, events, rows

HEAD = "Ngày,Đường dẫn,Lượt truy cập\n"
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
ITEM = "11111111-1111-5111-8111-111111111111"


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    async with province.open() as hub:
        yield hub


async def load(hub: Hub, folder: Path, text: str, site: str = "syt", member: str | None = MEMBER) -> LoadedVisits:
    file = folder / "visits.csv"
    file.write_text(text, encoding="utf-8")
    return await load_visits(hub.engine, str(file), site=site, member=member, who="lan")


async def put_item(hub: Hub, url: str, title: str) -> None:
    async with hub.engine.store.unit() as unit:
        await unit.tx.execute(
            "INSERT INTO item (content_id, source, guid, kind, member, title, url, revision, digest, state, first_seen,"
            " changed_at, public_at) VALUES (?, 'tin', '1', 'news', ?, ?, ?, 1, '', 'live', ?, ?, ?)",
            ITEM, MEMBER, title, url, unit.at, unit.at, unit.at,
        )  # fmt: skip


async def test_the_same_file_twice_changes_nothing_and_a_later_one_replaces_its_days(hub: Hub, tmp_path: Path) -> None:
    text = HEAD + "30/01/2026,,10\n31/01/2026,,20\n31/01/2026,/a,5\n"
    first = await load(hub, tmp_path, text)
    assert (first.rows, first.visits, first.new, first.replaced, first.unchanged) == (3, 35, 2, 0, 0)
    stored = await rows(hub, "visit")
    again = await load(hub, tmp_path, text)
    assert (again.new, again.replaced, again.unchanged) == (0, 0, 2)
    assert await rows(hub, "visit") == stored
    assert (await events(hub)).count("visits_loaded") == 1

    later = await load(hub, tmp_path, HEAD + "31/01/2026,/b,7\n01/02/2026,,1\n")
    assert (later.new, later.replaced, list(later.replaced_days)) == (1, 1, [date(2026, 1, 31)])
    left = {(row["day"], row["path"]): row["visits"] for row in await rows(hub, "visit")}
    assert sorted(left.values()) == [1, 7, 10, 20], "the total of the day stays, its pages are those of the new file"


async def test_a_page_is_joined_to_the_item_that_it_shows(hub: Hub, tmp_path: Path) -> None:
    await put_item(hub, "http://www.syt.gov.vn/tin/1.html?b=2&a=1", "Tiêm chủng đợt 1")
    loaded = await load(hub, tmp_path, HEAD + "31/01/2026,/tin/1.html?a=1&b=2&utm_source=zalo,5\n31/01/2026,/khac,9\n")
    assert (loaded.pages, loaded.joined) == (2, 1)
    found = await most_read(hub.engine.store, *JANUARY)
    assert [(one.path, one.visits, one.content_id, one.title) for one in found] == [
        ("/khac", 9, "", ""), ("/tin/1.html?a=1&b=2", 5, ITEM, "Tiêm chủng đợt 1"),
    ]  # fmt: skip
    assert [one.path for one in await most_read(hub.engine.store, *JANUARY, under="/tin/")] == [found[1].path]
    portal = await load(hub, tmp_path, HEAD + f"31/01/2026,/items/{ITEM},3\n31/01/2026,/items,4\n", "cong", None)
    assert (portal.pages, portal.joined) == (2, 1)


@pytest.mark.parametrize(
    ("text", "name", "member", "code"),
    [
        (HEAD + "31/01/2026,,5\n", " ", MEMBER, "visits_site"),
        (HEAD + "31/01/2026,,5\n", "syt", "H52.99", "unknown_member"),
        (HEAD + "31/01/2026,,5\n", "cong", MEMBER, "visits_other_member"),
        ("Tên,Tuổi\nLan,5\n", "syt", MEMBER, "visits_no_columns"),
    ],
    ids=["name", "member", "owner", "file"],
)
async def test_a_load_that_is_refused_stores_nothing(
    hub: Hub, tmp_path: Path, text: str, name: str, member: str, code: str
) -> None:
    await load(hub, tmp_path, HEAD + "01/01/2026,,1\n", "cong", None)
    with pytest.raises(HubError) as refused:
        await load(hub, tmp_path, text, name, member)
    assert (refused.value.code, bool(refused.value.sentence)) == (code, True)
    assert len(await rows(hub, "visit")) == 1
    with pytest.raises(VisitsRefusedError) as missing:
        await load_visits(hub.engine, str(tmp_path / "none.csv"), site="x", who="lan")
    assert missing.value.code == "visits_not_found"


async def test_readers_tell_sums_and_what_is_odd(hub: Hub, tmp_path: Path) -> None:
    day, lines = date(2025, 11, 1), list[str]()
    while day <= JANUARY[1]:
        visits = 3 if day == date(2026, 1, 15) else 100
        if day != date(2026, 1, 20):
            lines.append(f"{day:%d/%m/%Y},,{visits}\n")
        day += timedelta(days=1)
    await load(hub, tmp_path, HEAD + "".join(lines))
    await load(hub, tmp_path, HEAD + "31/01/2026,/a,5\n", "cong", None)
    portal, site = await readers(hub.engine.store, *JANUARY)
    assert (portal.site, portal.member, portal.now, portal.before, portal.days) == ("cong", "", 5, None, 1)
    assert portal.remarks == (
        "Không có số liệu: 30 ngày (01/01, 02/01, 03/01, …).",
        "Tính bằng tổng lượt xem các trang: ngày 31/01/2026.",
    )
    assert (site.name, site.now, site.before, site.days) == ("Sở Y tế", 29 * 100 + 3, 31 * 100, 30)
    assert site.remarks == (
        "Không có số liệu: ngày 20/01/2026.",
        "Lượt truy cập giảm mạnh (dưới 1/5 mức thường thấy của cùng thứ trong tuần): ngày 15/01/2026.",
    )
    [shown] = await sites(hub.engine.store, scope=Scope(frozenset({MEMBER})))
    assert (shown.site, shown.first, shown.last, shown.days) == ("syt", date(2025, 11, 1), JANUARY[1], 91)
    assert await readers(hub.engine.store, date(2026, 1, 2), date(2026, 1, 1)) is not None


@pytest.fixture
async def counting(province: Province, site: Site) -> AsyncIterator[Hub]:
    """A hub that reads a counter; the page says nothing yet."""
    province._add("counter", name="cong", url=f"{site.origin}/trang", selector="#dem b", every="1d")
    async with province.open() as hub:
        yield hub


def show(site: Site, number: str) -> None:
    page = f"<html><body><div id='dem'>Lượt truy cập: <b>{number}</b></div></body></html>"
    site.serve("/trang", page.encode(), content_type="text/html; charset=utf-8")


async def test_two_readings_of_a_counter_make_a_days_visits(counting: Hub, site: Site, clock: Clock) -> None:
    show(site, "3.910.575")
    [first] = await count(counting.engine)
    assert (first.reading, first.visits) == (3_910_575, None)
    assert await count(counting.engine) == [], "it was read today"
    show(site, "3.911.575")
    clock.advance(days=1)
    [second] = await count(counting.engine)
    assert (second.visits, second.fault) == (1_000, "")
    [reader] = await readers(counting.engine.store, date(2026, 3, 2), date(2026, 3, 2))
    assert (reader.site, reader.now, reader.days, reader.remarks) == ("cong", 1_000, 1, ())


async def test_a_counter_that_runs_backwards_begins_anew(counting: Hub, site: Site, clock: Clock) -> None:
    for number in ("1.000", "500", "620"):
        show(site, number)
        last = await count(counting.engine)
        clock.advance(days=1)
    assert [(one.visits, one.fault) for one in last] == [(120, "")]
    [reader] = await readers(counting.engine.store, date(2026, 3, 2), date(2026, 3, 3))
    assert (reader.now, reader.days) == (120, 1)
    assert reader.remarks == (
        "Không có số liệu: ngày 02/03/2026.", "Bộ đếm chạy lùi, bắt đầu đếm lại: ngày 02/03/2026.",
    )  # fmt: skip
    [told] = [row for row in await rows(counting, "event") if row["what"] == "counter_began_again"]
    assert orjson.loads(told["why"]) == {"site": "cong", "code": "ran_backwards", "before": 1_000, "now": 500}


async def test_a_counter_that_jumps_is_not_believed(counting: Hub, site: Site, clock: Clock) -> None:
    for day in range(9):
        show(site, str(1_000 + 100 * day))
        await count(counting.engine)
        clock.advance(days=1)
    show(site, "9.000.000")
    [jumped] = await count(counting.engine)
    assert (jumped.visits, jumped.fault) == (None, "jumped")
    assert "50 lần" in jumped.sentence
    assert sum(row["visits"] for row in await rows(counting, "visit")) == 800


async def test_a_counter_that_cannot_be_read_is_told_once_and_tried_again_later(
    counting: Hub, site: Site, clock: Clock
) -> None:
    show(site, "Đang bảo trì")
    for _ in range(3):
        [one] = await count(counting.engine, due=False)
        assert (one.reading, one.fault) == (None, "unreadable")
    assert (await events(counting)).count("counter_unread") == 1
    assert await count(counting.engine) == [], "not before half an hour"
    clock.advance(minutes=31)
    show(site, "70")
    assert [one.reading for one in await count(counting.engine)] == [70]
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    clock.advance(days=2)
    [refused] = await count(counting.engine)
    assert refused.reading is None
    assert refused.sentence
    assert [row["fault"] for row in await counting.engine.store.fetch("SELECT fault FROM counter")] == ["unreadable"]


async def test_the_counters_are_asked_for_by_name_and_a_file_may_not_speak_for_one(
    counting: Hub, site: Site, tmp_path: Path
) -> None:
    show(site, "12")
    answer = await execute(counting.engine, "read_counters", {"name": "cong"})
    assert answer["counters"][0]["reading"] == 12
    with pytest.raises(HubError) as unknown:
        await read_counters(counting.engine, name="khác")
    assert unknown.value.code == "unknown_counter"
    with pytest.raises(VisitsRefusedError) as refused:
        await load(counting, tmp_path, HEAD + "31/01/2026,,5\n", "cong", None)
    assert refused.value.code == "visits_site"
