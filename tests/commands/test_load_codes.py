"""Loading lists of codes: versions that stay, all or nothing, and what is in force; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import orjson
import pytest

from connectors.errors import HubError
from hub.app import Hub
from hub.codes.rows import CodesRefusedError
from hub.commands.load_codes import LoadedList, load_codes
from hub.control import execute
from hub.queries import codes as query
from hub.rules.codes import Code, Outcome, Successor
from tests.province import Province, events, rows

TODAY = date(2026, 11, 22)
HEAD = "mã,tên,từ ngày,đến ngày,mã kế thừa,xác nhận,ghi chú\n"
PHUONG = (
    HEAD + "00004,Phường Trúc Bạch,,30/06/2025,00004 (một phần); 00008,,\n00004,Phường Ba Đình,01/07/2025,,,chưa,mới\n"
)


@pytest.fixture
async def hub(province: Province) -> AsyncIterator[Hub]:
    async with province.open() as hub:
        yield hub


async def load(hub: Hub, folder: Path, text: str, name: str = "communes", *, shrinks: bool = False) -> LoadedList:
    """Load one list that stands in a file of its name."""
    file = folder / f"{name}.csv"
    file.write_text(text, encoding="utf-8")
    [one] = (await load_codes(hub.engine, [str(file)], who="lan", shrinks=shrinks)).lists
    return one


async def test_what_was_loaded_is_what_comes_out_to_the_last_field(hub: Hub, tmp_path: Path) -> None:
    loaded = await load(hub, tmp_path, PHUONG + "00008,Phường Ngọc Hà,,,,,\n9,,,,,,\n")
    assert (loaded.version, loaded.rows, loaded.entries, loaded.rejected) == (1, 4, 3, 1)
    assert list(await query.in_force(hub.engine.store, "communes")) == [
        Code(
            code="00004", name="Phường Trúc Bạch", valid_until=date(2025, 6, 30),
            successors=(Successor(code="00004", part=True), Successor(code="00008")),
        ),
        Code(
            code="00004", name="Phường Ba Đình", valid_from=date(2025, 7, 1), confirmed=False,
            attributes={"note": "mới"},
        ),
        Code(code="00008", name="Phường Ngọc Hà"),
    ]  # fmt: skip
    [event] = [row for row in await rows(hub, "event") if row["what"] == "codes_loaded"]
    assert event["who"] == "lan"
    assert orjson.loads(event["why"]) == {
        "list": "communes", "version": 1, "rows": 4, "entries": 3, "rejected": 1, "mended": 0
    }  # fmt: skip


async def test_each_change_is_a_version_and_the_same_again_is_none(hub: Hub, tmp_path: Path) -> None:
    assert (await load(hub, tmp_path, "mã,tên\n1,A\n")).version == 1
    again = await load(hub, tmp_path, "name;code\nA;00001\n")
    assert (again.version, again.unchanged) == (1, True)
    changed = await load(hub, tmp_path, "mã,tên\n1,A\n2,B\n")
    assert (changed.version, changed.unchanged) == (2, False)
    assert (await load(hub, tmp_path, "mã,tên\n1,A\n")).version == 3
    assert [one.version for one in await query.history(hub.engine.store, "communes")] == [3, 2, 1]
    assert len(await query.in_force(hub.engine.store, "communes", version=2)) == 2
    assert len(await query.in_force(hub.engine.store, "communes")) == 1
    assert (await events(hub)).count("codes_loaded") == 3


async def test_two_loads_at_once_stand_in_line(hub: Hub, tmp_path: Path) -> None:
    files = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "fields.csv").write_text(f"mã,tên\nA{number},Lĩnh vực {number}\n")
        files.append(str(folder))
    done = await asyncio.gather(*(load_codes(hub.engine, [file], who="lan") for file in files))
    assert sorted(one.lists[0].version for one in done) == [1, 2, 3, 4]


async def test_a_list_does_not_lose_most_of_its_codes_by_accident(hub: Hub, tmp_path: Path) -> None:
    many = "mã,tên\n" + "".join(f"{n},Xã {n}\n" for n in range(1, 31))
    await load(hub, tmp_path, many)
    with pytest.raises(CodesRefusedError) as refused:
        await load(hub, tmp_path, "mã,tên\n1,Xã 1\n")
    assert (refused.value.code, "1 trên 30" in refused.value.sentence) == ("codes_shrunk", True)
    assert (await load(hub, tmp_path, "mã,tên\n1,Xã 1\n", shrinks=True)).version == 2


async def test_of_several_lists_all_are_stored_or_none(hub: Hub, tmp_path: Path) -> None:
    await load(hub, tmp_path, "mã,tên\n" + "".join(f"{n},Xã {n}\n" for n in range(1, 31)))
    (tmp_path / "fields.csv").write_text("mã,tên\nG03-GD10,Giáo dục\n")
    (tmp_path / "communes.csv").write_text("mã,tên\n1,Xã 1\n")
    with pytest.raises(CodesRefusedError):
        await load_codes(hub.engine, [str(tmp_path)], who="lan")
    assert await query.history(hub.engine.store, "fields") == []
    assert len(await query.in_force(hub.engine.store, "communes")) == 30


async def test_a_folder_is_loaded_with_everything_in_it_that_is_a_list(hub: Hub, tmp_path: Path) -> None:
    below = tmp_path / "codes" / "2026"
    below.mkdir(parents=True)
    (below / "fields.csv").write_text("mã,tên\nG03-GD10,Giáo dục\n")
    (below / ".fields.csv").write_text("hỏng")
    (below / "README.txt").write_text("không phải danh mục")
    (below.parent / "holidays.toml").write_text('[[entry]]\ncode = 2027-01-01\nname = "Tết Dương lịch"\n')
    done = await load_codes(hub.engine, [str(below.parent)], who="lan")
    assert [one.list for one in done.lists] == ["fields", "holidays"]
    assert not (await query.calendar(hub.engine.store)).is_working(date(2027, 1, 1))


@pytest.mark.parametrize("path", ["khong-co.csv", "empty"])
async def test_what_is_not_there_is_named(hub: Hub, tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CodesRefusedError) as refused:
        await load_codes(hub.engine, [str(tmp_path / path)], who="lan")
    assert (refused.value.code, bool(refused.value.sentence)) == ("codes_not_found", True)


async def test_until_a_board_loads_its_own_the_lists_of_the_program_are_in_force(hub: Hub, tmp_path: Path) -> None:
    store = hub.engine.store
    before = {one.list: (one.version, one.entries > 0) for one in await query.overview(store)}
    assert before["provinces"] == (0, True)
    assert before["communes"] == (0, False)
    found = await query.resolve(store, "prefixes", "h02", on=TODAY)
    assert (found.outcome, found.present[0].code) == (Outcome.REPLACED, "H05")
    [province] = (await query.places(store)).provinces.resolve("15", on=TODAY).present
    assert province.name == "Tỉnh Lào Cai"
    await load(hub, tmp_path, "mã,tên\nH52,UBND Tỉnh Sơn La\n", "prefixes")
    assert (await query.resolve(store, "prefixes", "H02", on=TODAY)).outcome is Outcome.UNKNOWN
    assert len(await query.in_force(store, "prefixes", version=0)) == 71


async def test_a_place_is_found_by_its_old_code_and_by_its_name(hub: Hub, tmp_path: Path) -> None:
    await load(hub, tmp_path, PHUONG + "00008,Phường Ngọc Hà,,,,,\n")
    await load(hub, tmp_path, "mã,tên,đến ngày\n001,Quận Ba Đình,30/06/2025\n", "districts")
    for what, outcome in (
        ("Trúc Bạch", Outcome.SPLIT), ("Xã Lạ", Outcome.UNKNOWN), ("8.0", Outcome.IN_FORCE),
        ("phuong ba dinh", Outcome.IN_FORCE),
    ):  # fmt: skip
        assert (await query.resolve(hub.engine.store, "communes", what, on=TODAY)).outcome is outcome, what
    assert (await query.resolve(hub.engine.store, "provinces", "Yên Bái", on=TODAY)).present[0].code == "15"
    district = await query.resolve(hub.engine.store, "districts", "1", on=TODAY)
    assert (district.outcome, "chưa ghi xã, phường kế thừa" in district.sentence) == (Outcome.CLOSED, True)


async def test_what_a_board_should_look_at_is_listed_with_the_rows_that_fell(hub: Hub, tmp_path: Path) -> None:
    await load(hub, tmp_path, PHUONG + "9,,,,,,\n")
    await load(hub, tmp_path, "mã,tên,mã cấp trên\n001,Quận Ba Đình,99\n", "districts")
    found = {one.list: one for one in await query.check(hub.engine.store)}
    assert [(row.file, row.row, row.code) for row in found["communes"].refused] == [("communes.csv", 4, "no_name")]
    assert [one.reason for one in found["communes"].weaknesses] == ["unknown_successor", "unconfirmed"]
    assert [one.reason for one in found["districts"].weaknesses] == ["unknown_parent"]
    assert [one.list for one in await query.check(hub.engine.store, "fields")] == ["fields"]


async def test_an_unknown_list_version_or_code_is_refused_with_a_sentence(hub: Hub) -> None:
    store = hub.engine.store
    for ask in (
        query.history(store, "xa"), query.in_force(store, "communes", version=7),
        query.resolve(store, "organisations", "không phải mã", on=TODAY), query.check(store, "xa"),
    ):  # fmt: skip
        with pytest.raises(HubError) as refused:
            await ask
        assert refused.value.sentence


async def test_the_process_at_work_loads_what_it_is_asked_to(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "fields.csv").write_text("mã,tên\n" + "".join(f"{n},\n" for n in range(900)) + "A1,Lĩnh vực\n")
    answer = await execute(hub.engine, "load_codes", {"paths": [str(tmp_path / "fields.csv")], "who": "lan"})
    assert (answer["lists"][0]["entries"], answer["lists"][0]["rejected"]) == (1, 900)
    assert len(orjson.dumps(answer)) < 64 * 1024, "an answer must fit the socket, however many rows fell"
    [listed] = await query.check(hub.engine.store, "fields")
    assert len(listed.refused) == 900
